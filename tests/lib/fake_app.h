/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An app over the fake feed, with a host that writes down what it is asked.
 * Aborts on failure.
 */
#ifndef MESHTOP_TESTS_LIB_FAKE_APP_H
#define MESHTOP_TESTS_LIB_FAKE_APP_H

#include <stdbool.h>

#include "src/base/buf.h"
#include "tests/lib/fake_feed.h"
#include "tests/lib/still_clock.h"
#include "tui/app/app.h"

struct fake_app {
	struct model model;
	struct feed *feed;
	struct app *app;
	struct still_clock clock;	/* for options that want one */
	/* What its host was asked for. */
	struct buf copied;
	char *edited;			/* the file that an editor was opened on */
	bool has_quit;
	unsigned repaints, suspends, polls, frames;
};

/* The feed and its model, to be changed before the app begins. */
struct fake_app *fake_app_new(void);
/* What options do not say is the fake's: feed, model, host (with work beside the
 * console, when has_background), and the system's clock. */
void fake_app_begin(struct fake_app *f, const struct app_options *options, bool has_background);
/* Both. */
struct fake_app *fake_app_open(const struct app_options *options);
void fake_app_close(struct fake_app **fp);

#endif
