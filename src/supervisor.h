/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts and looks after the engine and the platform of a mesh directory.
 *
 * Whoever opens a directory first starts both as processes of their own
 * (own session, output to .meshtop/engine.log and platform.log); whoever
 * comes later attaches.  Each child has the end of a pipe that tells it when
 * its parent is gone; every console holds the shared lock of
 * .meshtop/attached, so that the children stay until the last one leaves
 * (src/base/leash.h).  A child that ends is restarted once within a minute.
 */
#ifndef MESHTOP_SUPERVISOR_H
#define MESHTOP_SUPERVISOR_H

#include <stdbool.h>

struct buf;
struct error;
struct supervisor;

struct supervisor_options {
	double pace;			/* of the platform's portals; 1 */
	unsigned ready_timeout_ms;	/* 0: 15 s */
	bool with_log;			/* access log lines to .meshtop/access.log */
};

/*
 * Attaches, and starts what does not run.  Returns once the engine serves and
 * the platform's pods do.  NULL and err when the directory cannot be used or
 * a process did not start (its last words are in the message).
 */
struct supervisor *supervisor_open(const char *dir, const struct supervisor_options *options,
				   struct error *err);
/* Lets go: children of ours drain and end, at most about 1.5 s, unless another
 * console is attached. */
void supervisor_close(struct supervisor **sp);

bool supervisor_owns(const struct supervisor *s);	/* did we start the engine? */

enum supervisor_news { SUPERVISOR_NOTHING, SUPERVISOR_RESTARTED, SUPERVISOR_GAVE_UP };
/* To be called about once a second: notices ended children, restarts each once
 * within a minute.  Appends a line for people when something happened. */
enum supervisor_news supervisor_check(struct supervisor *s, struct buf *notice);

#endif
