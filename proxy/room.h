/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Room for new connections when descriptors run out (descriptors.h): what
 * nobody is using gives way.
 */
#ifndef MESHTOP_PROXY_ROOM_H
#define MESHTOP_PROXY_ROOM_H

#include <stdbool.h>

struct worker;

/* Closes idle connections to endpoints but for the last of each, or else the
 * clients' that have been idle longest, or else those last ones; not too
 * often.  False: nothing was closed. */
bool room_make(struct worker *w);

#endif
