/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a tape; see player.h.
 *
 * Each command has one step function, called until it says that it is done.
 * A key is only sent when the one before it has had its effect, so that
 * speed never changes the meaning of a tape.
 */
#include "src/tape/player_priv.h"

#include <stdarg.h>
#include <stdlib.h>

#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/tape/tape.h"

#define SETTLE_LIMIT_NS 10000000000ull	/* a screen that never settles is judged as it is */

struct player *
player_new(const struct tape *t, const struct player_host *host,
	   const struct player_options *options)
{
	struct player *p = xcalloc(1, sizeof(*p));

	p->tape = t;
	p->host = *host;
	p->options = *options;
	p->typing_ns = t->typing_ns;
	return p;
}

void
player_free(struct player **pp)
{
	struct player *p = *pp;

	if (p == NULL)
		return;
	buf_fini(&p->clipboard);
	buf_fini(&p->last_frame);
	buf_fini(&p->frames);
	buf_fini(&p->failure);
	free(p);
	*pp = NULL;
}

enum step
player_fail(struct player *p, const struct tape_command *c, const char *fmt, ...)
{
	struct buf screen = BUF_INIT;
	va_list ap;

	buf_printf(&p->failure, "%s:%u: ", p->tape->file, c->line);
	va_start(ap, fmt);
	buf_vprintf(&p->failure, fmt, ap);
	va_end(ap);
	buf_putc(&p->failure, '\n');
	p->host.screen(p->host.arg, &screen);
	text_sanitize_lines(&p->failure, buf_str(&screen), screen.len);
	buf_fini(&screen);
	return STEP_FAILED;
}

bool
player_is_settled(struct player *p, uint64_t now)
{
	return p->host.is_settled(p->host.arg) || now - p->begun_ns > SETTLE_LIMIT_NS;
}

enum step
player_again(struct player *p, uint64_t due_ns)
{
	p->due_ns = due_ns;
	return STEP_AGAIN;
}

static enum player_state
finish(struct player *p, enum player_state state)
{
	player_capture_frame(p);
	return player_write_outputs(p, state);
}

/* Whether the tape means nothing without it; keys and pauses may be left over
 * when a tape ends the console itself. */
static bool
is_claim(enum tape_op op)
{
	switch (op) {
	case TAPE_WAIT:
	case TAPE_EXPECT:
	case TAPE_EXPECT_EDGE:
	case TAPE_WAIT_EDGE:
	case TAPE_EXPECT_YAML:
	case TAPE_GOLDEN:
	case TAPE_APPLY:
	case TAPE_DEPLOY:
	case TAPE_UNDEPLOY:
	case TAPE_SCREENSHOT:
		return true;
	default:
		return false;
	}
}

enum player_state
player_end(struct player *p)
{
	if (p->state != PLAYER_RUNNING)
		return p->state;
	for (size_t i = p->at; i < p->tape->commands.len; i++) {
		const struct tape_command *c = &p->tape->commands.items[i];

		if (is_claim(c->op)) {
			buf_printf(&p->failure, "%s:%u: the console had ended before this line\n",
				   p->tape->file, c->line);
			return player_write_outputs(p, PLAYER_FAILED);
		}
	}
	return player_write_outputs(p, PLAYER_PASSED);
}

enum player_state
player_step(struct player *p, uint64_t now, uint64_t *next_ns)
{
	*next_ns = now;
	if (p->state != PLAYER_RUNNING)
		return p->state;
	while (p->at < p->tape->commands.len) {
		const struct tape_command *c = &p->tape->commands.items[p->at];

		if (!p->is_begun) {
			p->is_begun = true;
			p->begun_ns = p->due_ns = now;
			p->offset = 0;
		}
		if (now < p->due_ns) {
			*next_ns = p->due_ns;
			return PLAYER_RUNNING;
		}
		switch (player_steps[c->op](p, c, now)) {
		case STEP_FAILED:
			return finish(p, PLAYER_FAILED);
		case STEP_AGAIN:
			*next_ns = p->due_ns;
			if (p->due_ns > now)
				return PLAYER_RUNNING;
			/* Due at once: let the host do its work in between. */
			*next_ns = now;
			return PLAYER_RUNNING;
		case STEP_DONE:
			player_capture_frame(p);
			p->is_begun = false;
			p->at++;
		}
	}
	return finish(p, PLAYER_PASSED);
}

void
player_failure(const struct player *p, struct buf *out)
{
	buf_append(out, buf_str(&p->failure), p->failure.len);
}
