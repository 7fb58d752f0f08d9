/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The door where input enters: bytes of the terminal or of a tape become keys,
 * which are recorded, take over from a tour, or go to the app.
 */
#include "tui/console/console_priv.h"

#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "tui/app/app.h"
#include "tui/term/key.h"

#define ESCAPE_LOCAL_NS (25 * NS_PER_MS)
#define ESCAPE_REMOTE_NS (150 * NS_PER_MS)
#define REST_NS (2 * NS_PER_S)	/* an answer that goes on later than that never will */
#define ESCAPE_MAX_MS 60000

/* The person's own input while a script plays that yields: it ends the script
 * and does nothing else. */
static bool
takes_over(struct console *c)
{
	if (!c->is_own_input || c->script.step == NULL || !c->script.is_yielding || c->is_paused)
		return false;
	app_caption(c->app, "");
	app_say(c->app, SEVERITY_INFO, c->macro.player != NULL ? "the macro has stopped" :
		"the tour has stopped: the console is yours; q leaves");
	console_end_script(c);
	return true;
}

static void
on_key(void *arg, uint32_t key)
{
	struct console *c = arg;

	if (takes_over(c))
		return;
	if (c->is_paused && key == K_F10) {
		c->is_paused = false;
		app_say(c->app, SEVERITY_INFO, "the tape goes on");
		return;
	}
	c->last_key = key;
	console_record_key(c, key);
	console_macro_key(c, key);
	app_key(c->app, key);
}

static void
on_paste(void *arg, const char *text, size_t len)
{
	struct console *c = arg;

	if (takes_over(c))
		return;
	console_record_paste(c, text, len);
	console_macro_paste(c, text, len);
	app_paste(c->app, text, len);
}

/* Tapes have no mouse: what it does would be missing in a recording. */
static void
on_mouse(void *arg, const struct mouse_press *press)
{
	struct console *c = arg;

	if (c->script.step != NULL)
		return;
	if (c->recording != NULL)
		app_say(c->app, SEVERITY_INFO, "the mouse rests while the session is recorded");
	else
		app_mouse(c->app, press);
}

static void
on_escape(struct timer *t)
{
	key_decoder_timeout(CONTAINER_OF(t, struct console, escape)->decoder);
}

static void
feed(struct console *c, const char *bytes, size_t len)
{
	key_decoder_feed(c->decoder, bytes, len);
	if (key_decoder_is_waiting(c->decoder))
		loop_timer_set(c->loop, &c->escape, loop_exact_ns(c->loop) + c->escape_ns, on_escape);
	else if (key_decoder_is_amid(c->decoder))
		loop_timer_set(c->loop, &c->escape, loop_exact_ns(c->loop) + REST_NS, on_escape);
	else
		loop_timer_cancel(&c->escape);
}

void
console_feed_bytes(struct console *c, const char *bytes, size_t len)
{
	c->is_own_input = false;
	feed(c, bytes, len);
}

void
console_on_bytes(void *arg, const char *bytes, size_t len)
{
	struct console *c = arg;

	c->is_own_input = true;
	feed(c, bytes, len);
}

/* How long an ESC may be the begin of something: ncurses' ESCDELAY in
 * milliseconds, else what the line is likely to need. */
static uint64_t
escape_time_ns(void)
{
	const char *given = getenv("ESCDELAY");
	long ms = given != NULL ? strtol(given, NULL, 10) : 0;

	if (ms > 0 && ms <= ESCAPE_MAX_MS)
		return (uint64_t)ms * NS_PER_MS;
	return getenv("SSH_CONNECTION") != NULL ? ESCAPE_REMOTE_NS : ESCAPE_LOCAL_NS;
}

void
console_open_input(struct console *c)
{
	const struct key_sink keys = { on_key, on_mouse, console_on_answer, on_paste, c };

	c->escape_ns = escape_time_ns();
	c->decoder = key_decoder_new(&keys);
}
