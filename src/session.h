/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A console with engine and platform behind it: what demo, open, replay and
 * the tour share.
 */
#ifndef MESHTOP_SESSION_H
#define MESHTOP_SESSION_H

#include "tui/console/console.h"

struct error;
struct supervisor;

struct session {
	const char *dir;
	struct supervisor *supervisor;
};

/* The console's view of the supervisor and the demo's extras. */
struct feed_supervisor session_hooks(struct session *s);

/* Calls fn with a demo in a temporary directory that is gone afterwards;
 * fn's result, or -1 with err. */
int scratch_demo(int (*fn)(void *arg, const char *dir, struct error *err), void *arg,
		 struct error *err);

#endif
