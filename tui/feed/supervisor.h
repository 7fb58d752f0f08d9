/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the console asks of the program that runs its mesh. */
#ifndef MESHTOP_TUI_SUPERVISOR_H
#define MESHTOP_TUI_SUPERVISOR_H

#include <stdbool.h>

struct buf;
struct error;

/* Whoever started engine and platform.  Each may be NULL. */
struct feed_supervisor {
	void *arg;
	/* Once a second: looks after its children; appends one line when people
	 * should know something. */
	void (*check)(void *arg, struct buf *notice);
	/* :deploy and :undeploy; -1 and err when refused. */
	int (*deploy)(void *arg, const char *name, bool undeploy, struct error *err);
	void (*each_extra)(void *arg, void (*fn)(void *to, const char *name), void *to);
};

#endif
