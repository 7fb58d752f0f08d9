/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The person's editor as a process of its own, looked after by the loop.
 */
#ifndef MESHTOP_TUI_EDITOR_H
#define MESHTOP_TUI_EDITOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "src/base/loop.h"

struct error;

struct editor {
	struct loop *loop;
	struct timer timer;
	pid_t pid;			/* 0: none runs */
	/* It ended: its exit status, 128 + N for a signal. */
	void (*on_end)(void *arg, int status);
	void *arg;
};

/* Runs $VISUAL, else $EDITOR, else vi on the file.  Without a terminal it
 * reads and writes nothing but the file. */
int editor_start(struct editor *e, const char *path, bool has_terminal, struct error *err);
static inline bool
editor_is_running(const struct editor *e)
{
	return e->pid > 0;
}

#endif
