/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided tour; see tour.h. */
#include "src/tour.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/datadir.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/session.h"
#include "src/supervisor.h"
#include "src/tape/player.h"
#include "src/tape/tape.h"
#include "tui/console/console.h"

/* The tapes in order; a row for each line of their copies. */
static const struct { const char *file, *line; } embedded[] = {
#include "src/tour_tapes.inc"
};

static const char *const files[] = {
	"01-request-routing.tape", "02-fault-injection.tape", "03-traffic-shifting.tape",
	"04-tcp-traffic-shifting.tape", "05-request-timeouts.tape", "06-circuit-breaking.tape",
	"07-mirroring.tape",
};
#define TAPES ARRAY_LEN(files)

struct tour {
	struct console_look look;
	struct tape *tapes[TAPES];
	size_t at;			/* the one being played, or the next one */
	struct player *player;		/* NULL: between two of them */
	struct player_host host;
	bool was_announced;
};

/* From the data folder, else the copy in the program. */
static struct tape *
read_tape(const char *file, struct error *err)
{
	char *name = xasprintf("tapes/%s", file), *path = datadir_find(name);
	struct buf text = BUF_INIT;
	struct tape *t;

	free(name);
	if (path != NULL) {
		t = tape_read(path, err);
		free(path);
		return t;
	}
	for (size_t i = 0; i < ARRAY_LEN(embedded); i++)
		if (strcmp(embedded[i].file, file) == 0)
			buf_puts(&text, embedded[i].line);
	t = tape_parse(file, buf_str(&text), text.len, err);
	buf_fini(&text);
	return t;
}

/* "02-fault-injection.tape" as "fault injection". */
static void
put_title(const char *file, struct buf *out)
{
	for (const char *c = strchr(file, '-') + 1; *c != '.'; c++)
		buf_putc(out, *c == '-' ? ' ' : *c);
}

static void
announce(struct tour *t)
{
	struct buf caption = BUF_INIT;

	buf_printf(&caption, "%zu of %zu: ", t->at + 1, TAPES);
	put_title(files[t->at], &caption);
	buf_puts(&caption, ". F10 plays it; until then the console is yours.");
	t->host.caption(t->host.arg, buf_str(&caption));
	buf_fini(&caption);
	t->was_announced = true;
}

/* Waits for the learner in front of each scenario, then begins it. */
static bool
begin(struct tour *t)
{
	const struct player_options options = { .speed = 1, .allow_write = true };

	if (!t->was_announced)
		announce(t);
	if (t->host.pause(t->host.arg))
		return false;
	t->was_announced = false;
	t->player = player_new(t->tapes[t->at], &t->host, &options);
	return true;
}

static int
on_start(void *arg, const struct player_host *host, struct error *err)
{
	(void)err;
	((struct tour *)arg)->host = *host;
	return 0;
}

/* The last words stay on the screen; the console goes on without us. */
static bool
end(struct tour *t, const char *why, int *status)
{
	t->host.caption(t->host.arg, why);
	*status = CONSOLE_GOES_ON;
	return false;
}

#define LOOK_NS 50000000ull

static bool
on_step(void *arg, uint64_t now_ns, uint64_t *next_ns, int *status)
{
	struct tour *t = arg;
	struct buf why = BUF_INIT;
	char *first;

	*next_ns = now_ns + LOOK_NS;
	if (t->player == NULL && !begin(t))
		return true;
	switch (player_step(t->player, now_ns, next_ns)) {
	case PLAYER_RUNNING:
		return true;
	case PLAYER_PASSED:
		player_free(&t->player);
		if (++t->at < TAPES)
			return true;
		return end(t, "That was the tour. The console is yours; q leaves.", status);
	case PLAYER_FAILED:
		break;
	}
	player_failure(t->player, &why);
	first = xstrndup(buf_str(&why), strcspn(buf_str(&why), "\n"));
	end(t, first, status);
	free(first);
	buf_fini(&why);
	return false;
}

static int
play_in(void *arg, const char *dir, struct error *err)
{
	struct tour *t = arg;
	const struct supervisor_options options = { .pace = t->tapes[0]->pace };
	struct session session = { dir, supervisor_open(dir, &options, err) };
	const struct console_options console = {
		.mesh_dir = dir,
		.owns_engine = true,
		.supervisor = session_hooks(&session),
		.script = { .arg = t, .start = on_start, .step = on_step, .is_yielding = true },
		.look = t->look,
	};
	int status;

	if (session.supervisor == NULL)
		return -1;
	status = console_main(&console);
	supervisor_close(&session.supervisor);
	return status;
}

int
tour_run(const char *dir, const struct console_look *look, struct error *err)
{
	struct tour t = { .look = *look };
	int status = 0;

	for (size_t i = 0; i < TAPES && status == 0; i++) {
		t.tapes[i] = read_tape(files[i], err);
		status = t.tapes[i] != NULL ? 0 : -1;
	}
	if (status == 0)
		status = dir != NULL ? play_in(&t, dir, err) : scratch_demo(play_in, &t, err);
	player_free(&t.player);
	for (size_t i = 0; i < TAPES; i++)
		tape_free(&t.tapes[i]);
	return status;
}
