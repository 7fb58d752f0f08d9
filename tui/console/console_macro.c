/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Macros: keys kept as a tape and played through the door they came in by.
 *
 * A macro holds keys alone, no waits and no times, so that it does the same
 * thing to whatever is on screen.  What a person writes into the file beyond
 * that (Wait, Expect) is obeyed.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/tape/player.h"
#include "src/tape/recorder.h"
#include "src/tape/tape.h"
#include "tui/app/app.h"
#include "tui/config/macros.h"
#include "tui/console/console_priv.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

void
console_macro_key(struct console *c, uint32_t key)
{
	struct buf bytes = BUF_INIT;

	if (c->macro.tape == NULL)
		return;
	key_encode(key, &bytes);
	recorder_key(c->macro.tape, 0, buf_str(&bytes), bytes.len, "",
		     console_key_place(c));
	buf_fini(&bytes);
}

void
console_macro_paste(struct console *c, const char *text, size_t len)
{
	char *copy;

	if (c->macro.tape == NULL || app_is_masked(c->app))
		return;
	copy = xstrndup(text, len);
	recorder_paste(c->macro.tape, 0, copy, "");
	free(copy);
}

void
console_drop_command(struct console *c, struct recorder *tape)
{
	if (c->last_key == K_ENTER)
		recorder_drop_line(tape);
	else
		recorder_drop_key(tape);
}

static void
forget_tape(struct console *c)
{
	recorder_free(&c->macro.tape);
	free(c->macro.name);
	c->macro.name = NULL;
}

static int
end_macro(struct console *c, struct buf *answer, struct error *err)
{
	struct buf text = BUF_INIT;
	int status;

	console_drop_command(c, c->macro.tape);
	recorder_put(c->macro.tape, &text);
	status = macro_write(c->macro.name, &text, err);
	if (status == 0)
		buf_printf(answer, "kept: \":play %s\" does it again", c->macro.name);
	forget_tape(c);
	buf_fini(&text);
	return status;
}

static int
begin_macro(struct console *c, const char *name, struct buf *answer, struct error *err)
{
	const struct canvas *canvas = app_canvas(c->app);

	if (macro_check_name(name, err) < 0)
		return -1;
	c->macro.tape = recorder_new(canvas->cols, canvas->rows, canvas->glyphs);
	c->macro.name = xstrdup(name);
	buf_puts(answer, "keys are kept from now on; :macro ends it");
	return 0;
}

bool
console_macro(void *arg, const char *name, struct buf *answer)
{
	struct console *c = arg;
	struct error err = ERROR_INIT;
	int status = c->macro.tape != NULL ? end_macro(c, answer, &err) :
		     begin_macro(c, name, answer, &err);

	if (status < 0)
		error_text(answer, &err);
	return status == 0;
}

static bool
step_macro(void *arg, uint64_t now_ns, uint64_t *next_ns, int *status)
{
	struct console *c = arg;
	struct buf why = BUF_INIT;
	enum player_state state = player_step(c->macro.player, now_ns, next_ns);

	if (state == PLAYER_RUNNING)
		return true;
	if (state == PLAYER_FAILED) {
		player_failure(c->macro.player, &why);
		app_say(c->app, SEVERITY_ERROR, "%.*s", (int)strcspn(buf_str(&why), "\n"), buf_str(&why));
		buf_fini(&why);
	}
	*status = CONSOLE_GOES_ON;
	return false;
}

bool
console_play(void *arg, const char *name, struct buf *answer)
{
	const struct player_options options = { .speed = 0, .allow_write = true };
	struct console *c = arg;
	struct error err = ERROR_INIT;
	struct tape *tape = NULL;
	struct player_host host;

	/* A macro that is being played may ask for one, too. */
	if (c->script.step != NULL)
		error_setf(&err, ERROR_REFUSED, "a tape is playing");
	else
		tape = macro_read(name, &err);
	if (tape == NULL) {
		error_text(answer, &err);
		return false;
	}
	/* What it presses is recorded, so that the tape stands alone. */
	if (c->macro.tape != NULL)
		console_drop_command(c, c->macro.tape);
	console_record_drop_command(c);
	console_player_host(c, &host);
	c->macro.played = tape;
	c->macro.player = player_new(tape, &host, &options);
	console_begin_script(c, &(struct console_script){ .arg = c, .step = step_macro,
							  .is_yielding = true });
	return true;
}

void
console_play_end(struct console *c)
{
	player_free(&c->macro.player);
	tape_free(&c->macro.played);
}

void
console_macro_free(struct console *c)
{
	console_play_end(c);
	forget_tape(c);
}
