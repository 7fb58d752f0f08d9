/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console on the terminal it was started in, over a fake feed: what the
 * tests with a pseudo terminal run, and handy for looking.
 *
 *	fake_console [--live] [--broken] [--dense] [--ascii] [--script]
 *
 * With --live the figures change once a second, --dense has 36 of them, with
 * --script something plays that a key ends.  SIGURG fails an assertion,
 * SIGXFSZ lets the stack run over.
 */
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/tape/player.h"
#include "tests/lib/fake_feed.h"
#include "tui/app/app.h"
#include "tui/config/config.h"
#include "tui/console/console.h"

struct live {
	struct feed *feed;
	unsigned step;
	bool is_on;
};

static void
check(void *arg, struct buf *notice)
{
	struct live *live = arg;

	(void)notice;
	fake_feed_answer(live->feed);
	if (live->is_on)
		fake_feed_step(live->feed, ++live->step);
}

static struct player_host script_host;

static int
begin_script(void *arg, const struct player_host *host, struct error *err)
{
	(void)arg;
	(void)err;
	script_host = *host;
	script_host.caption(script_host.arg, "a script plays");
	return 0;
}

static bool
play_script(void *arg, uint64_t now_ns, uint64_t *next_ns, int *status)
{
	(void)arg;
	(void)status;
	script_host.send(script_host.arg, "j", 1);
	*next_ns = now_ns + 50 * NS_PER_MS;
	return true;
}

static void
fail_assertion(int sig)
{
	ASSERT(sig == 0);
}

/* Deep enough for any stack; the sum keeps the calls from being joined. */
static unsigned
overrun_stack(unsigned depth)
{
	volatile unsigned char ballast[4096] = { (unsigned char)depth };

	return depth == UINT32_MAX ? 0 : overrun_stack(depth + 1) + ballast[depth % sizeof(ballast)];
}

static void
on_overrun(int sig)
{
	overrun_stack((unsigned)sig);
}

int
main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct model model;
	struct live live = { fake_feed_open(&model), 0, false };
	struct console_parts parts = {
		.loop = loop_new(&clock_system, &err), .clock = &clock_system, .feed = live.feed,
		.model = &model, .supervisor = { .arg = &live, .check = check },
	};
	struct config config;
	struct console *c;
	int status;

	config_init(&config);
	parts.config = &config;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--live") == 0)
			live.is_on = true;
		else if (strcmp(argv[i], "--broken") == 0)
			fake_feed_break(live.feed, true);
		else if (strcmp(argv[i], "--dense") == 0)
			fake_feed_densify(live.feed);
		else if (strcmp(argv[i], "--ascii") == 0)
			config_set(&config, "glyphs", "ascii", &err);
		else if (strcmp(argv[i], "--script") == 0)
			parts.script = (struct console_script){ NULL, begin_script, play_script, true };
	}
	signal(SIGURG, fail_assertion);
	signal(SIGXFSZ, on_overrun);
	c = console_new(&parts, &err);
	if (c == NULL) {
		log_error(&err);
		parts.feed->ops->close(&parts.feed);
		config_fini(&config);
		model_fini(&model);
		loop_free(&parts.loop);
		return error_exit_status(&err);
	}
	status = console_run(c);
	console_free(&c);
	config_fini(&config);
	model_fini(&model);
	loop_free(&parts.loop);
	return status;
}
