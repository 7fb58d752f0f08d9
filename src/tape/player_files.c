/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files beside a tape: golden screens, screenshots, what Output names.
 */
#include "src/tape/player_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/file.h"
#include "src/base/xalloc.h"
#include "src/tape/tape.h"

#define GOLDEN_MAX (1u << 20)
#define FRAME_RULE "--------------------------------------------------------------------------------\n"

char *
player_path(const struct player *p, const char *file)
{
	const char *slash = strrchr(p->tape->file, '/');

	if (file[0] == '/' || slash == NULL)
		return xstrdup(file);
	return xasprintf("%.*s/%s", (int)(slash - p->tape->file), p->tape->file, file);
}

static int
write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "we");
	int bad;

	if (f == NULL)
		return -1;
	bad = fwrite(data, 1, len, f) != len;
	return fclose(f) != 0 || bad ? -1 : 0;
}

enum step
player_golden(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf screen = BUF_INIT, want = BUF_INIT;
	enum step result = STEP_DONE;
	char *path;

	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	path = player_path(p, c->text);
	p->host.screen(p->host.arg, &screen);
	if (p->options.update_goldens) {
		if (write_file(path, buf_str(&screen), screen.len) < 0)
			result = player_fail(p, c, "%s: %s", path, strerror(errno));
	} else if (file_read(path, GOLDEN_MAX, &want, NULL) < 0) {
		result = player_fail(p, c, "%s: %s (--update writes it)", path, strerror(errno));
	} else if (strcmp(buf_str(&screen), buf_str(&want)) != 0) {
		result = player_fail(p, c, "the screen differs from %s", path);
	}
	free(path);
	buf_fini(&screen);
	buf_fini(&want);
	return result;
}

static bool
ends_in(const char *file, const char *ending)
{
	size_t len = strlen(file), tail = strlen(ending);

	return len >= tail && strcmp(file + len - tail, ending) == 0;
}

enum step
player_screenshot(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf picture = BUF_INIT;
	enum step result = STEP_DONE;
	char *path;

	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	if (ends_in(c->text, ".txt") || ends_in(c->text, ".ascii"))
		p->host.screen(p->host.arg, &picture);
	else if (!ends_in(c->text, ".svg") || p->host.screen_svg == NULL ||
		 !p->host.screen_svg(p->host.arg, &picture))
		return STEP_DONE;	/* a picture format: noted, skipped */
	path = player_path(p, c->text);
	if (write_file(path, buf_str(&picture), picture.len) < 0)
		result = player_fail(p, c, "%s: %s", path, strerror(errno));
	free(path);
	buf_fini(&picture);
	return result;
}

static bool
wants_frames(const struct player *p)
{
	for (size_t i = 0; i < p->tape->outputs.len; i++)
		if (!ends_in(p->tape->outputs.items[i], ".cast"))
			return true;
	return false;
}

/* The text of each frame that differs from the one before, a rule between. */
void
player_capture_frame(struct player *p)
{
	struct buf screen = BUF_INIT;

	if (p->is_hidden || !wants_frames(p))
		return;
	p->host.screen(p->host.arg, &screen);
	if (strcmp(buf_str(&screen), buf_str(&p->last_frame)) != 0) {
		buf_append(&p->frames, buf_str(&screen), screen.len);
		buf_puts(&p->frames, FRAME_RULE);
		buf_fini(&p->last_frame);
		p->last_frame = screen;
		return;
	}
	buf_fini(&screen);
}

enum player_state
player_write_outputs(struct player *p, enum player_state state)
{
	for (size_t i = 0; i < p->tape->outputs.len; i++) {
		const char *file = p->tape->outputs.items[i];
		char *path;

		if (ends_in(file, ".cast"))
			continue;	/* the host writes what the terminal got */
		path = player_path(p, file);
		if (write_file(path, buf_str(&p->frames), p->frames.len) < 0 &&
		    state == PLAYER_PASSED) {
			buf_printf(&p->failure, "%s: %s: %s\n", p->tape->file, path, strerror(errno));
			state = PLAYER_FAILED;
		}
		free(path);
	}
	p->state = state;
	return state;
}
