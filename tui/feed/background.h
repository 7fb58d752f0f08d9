/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One piece of work beside the console, in a thread of its own, so that keys
 * never wait for it.  The work touches nothing that the console changes
 * meanwhile, and the console asks whether it is done.
 */
#ifndef MESHTOP_TUI_BACKGROUND_H
#define MESHTOP_TUI_BACKGROUND_H

#include <stdbool.h>

struct background;

/* NULL when there can be no thread: the caller does the work itself. */
struct background *background_start(void (*work)(void *arg), void *arg);
bool background_is_done(const struct background *b);
/* Waits for the end and frees; accepts NULL inside. */
void background_join(struct background **bp);

#endif
