/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Room for new connections when descriptors run out (descriptors.h): what
 * nobody is using gives way, in whichever worker.
 */
#ifndef MESHTOP_PROXY_ROOM_H
#define MESHTOP_PROXY_ROOM_H

#include <stdbool.h>

struct endpoint;
struct worker;

/* Others may ask this worker for room, and are asked; between the two. */
void room_open(struct worker *w);
void room_close(struct worker *w);	/* accepts one that is not open */

/* Closes idle connections to endpoints but for the last of each, or else the
 * clients' that have been idle longest, or else those last ones; not too
 * often.  False: nothing was closed.  Then the other workers have been asked:
 * acceptors that pause and requests that wait are told when one has closed
 * something, be it a connection that was just in use. */
bool room_make(struct worker *w);
/* Of a worker that owes room: is it still wanted?  Else the debt is gone. */
bool room_is_wanted(struct worker *w);
/* A connection to that endpoint has ended because room was owed: who waits
 * for one here lets others go first. */
void room_pay(struct worker *w, struct endpoint *ep);

#endif
