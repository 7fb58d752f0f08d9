/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each command of a tape does, a step function each: keys, time and
 * changes are here, claims and files beside it.
 */
#include "src/tape/player_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/tape/tape.h"

#define PAUSE_POLL_NS 10000000ull
#define CAPTION_NS_PER_BYTE 45000000ull

static uint64_t
scaled(const struct player *p, uint64_t ns)
{
	return p->options.speed > 0 ? (uint64_t)((double)ns / p->options.speed) : 0;
}

static enum step
step_type(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t gap = scaled(p, c->has_duration ? c->duration_ns : p->typing_ns);
	size_t left = strlen(c->text) - p->offset, len;
	uint32_t cp;
	bool ok;

	if (left == 0)
		return STEP_DONE;
	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	len = text_decode(c->text + p->offset, left, &cp, &ok);
	p->host.send(p->host.arg, c->text + p->offset, len);
	p->offset += len;
	return player_again(p, now + gap);
}

static enum step
step_key(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t gap = scaled(p, c->has_duration ? c->duration_ns : p->typing_ns);

	if (p->offset == c->count)
		return STEP_DONE;
	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	p->host.send(p->host.arg, c->bytes, strlen(c->bytes));
	p->offset++;
	return player_again(p, now + gap);
}

static enum step
step_sleep(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t end = p->begun_ns + scaled(p, c->duration_ns);

	return now >= end ? STEP_DONE : player_again(p, end);
}

static enum step
step_change(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct error err = ERROR_INIT;
	char *path;
	int result;

	(void)now;
	if (!p->options.allow_write)
		return player_fail(p, c, "this target is only written with --allow-apply");
	path = player_path(p, c->text);
	if (c->op == TAPE_APPLY)
		result = p->host.apply(p->host.arg, path, &err);
	else
		result = p->host.deploy(p->host.arg, c->text, c->op == TAPE_UNDEPLOY, &err);
	free(path);
	return result == 0 ? STEP_DONE : player_fail(p, c, "%s", err.msg);
}

static enum step
step_caption(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t end = p->begun_ns + scaled(p, strlen(c->text) * CAPTION_NS_PER_BYTE);

	if (p->offset == 0) {
		p->host.caption(p->host.arg, c->text);
		p->offset = 1;
	}
	return now >= end ? STEP_DONE : player_again(p, end);
}

static void
tell(struct player *p, enum player_event event, const char *text)
{
	if (p->options.on_event != NULL)
		p->options.on_event(p->options.event_arg, event, text);
}

static enum step
step_mark(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	tell(p, PLAYER_MARK, c->text);
	p->host.mark(p->host.arg, c->text);
	return STEP_DONE;
}

static enum step
step_pause(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)c;
	return p->host.pause(p->host.arg) ? player_again(p, now + PAUSE_POLL_NS) : STEP_DONE;
}

static enum step
step_resize(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	p->host.resize(p->host.arg, c->cols, c->rows);
	return STEP_DONE;
}

static enum step
step_capture(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	p->is_hidden = c->op == TAPE_HIDE;
	tell(p, p->is_hidden ? PLAYER_HIDE : PLAYER_SHOW, "");
	return STEP_DONE;
}

static enum step
step_copy(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	buf_clear(&p->clipboard);
	buf_puts(&p->clipboard, c->text);
	return STEP_DONE;
}

static enum step
step_paste(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf bytes = BUF_INIT;

	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	buf_puts(&bytes, "\033[200~");
	buf_puts(&bytes, c->text != NULL ? c->text : buf_str(&p->clipboard));
	buf_puts(&bytes, "\033[201~");
	p->host.send(p->host.arg, buf_str(&bytes), bytes.len);
	buf_fini(&bytes);
	return STEP_DONE;
}

static enum step
step_set(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	if (strcmp(c->text, "TypingSpeed") == 0)
		p->typing_ns = c->duration_ns;
	return STEP_DONE;
}

static enum step
step_nothing(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)p;
	(void)c;
	(void)now;
	return STEP_DONE;
}

player_step_fn *const player_steps[TAPE_OP_COUNT] = {
	[TAPE_TYPE] = step_type, [TAPE_KEY] = step_key, [TAPE_SLEEP] = step_sleep,
	[TAPE_WAIT] = player_wait, [TAPE_EXPECT] = player_expect, [TAPE_EXPECT_EDGE] = player_edge,
	[TAPE_WAIT_EDGE] = player_edge, [TAPE_EXPECT_YAML] = player_yaml,
	[TAPE_GOLDEN] = player_golden, [TAPE_APPLY] = step_change, [TAPE_DEPLOY] = step_change,
	[TAPE_UNDEPLOY] = step_change, [TAPE_CAPTION] = step_caption, [TAPE_MARK] = step_mark,
	[TAPE_PAUSE] = step_pause, [TAPE_RESIZE] = step_resize, [TAPE_HIDE] = step_capture,
	[TAPE_SHOW] = step_capture, [TAPE_SCREENSHOT] = player_screenshot, [TAPE_COPY] = step_copy,
	[TAPE_PASTE] = step_paste, [TAPE_SET] = step_set, [TAPE_OUTPUT] = step_nothing,
	[TAPE_REQUIRE] = step_nothing, [TAPE_ENV] = step_nothing, [TAPE_SOURCE] = step_nothing,
};
