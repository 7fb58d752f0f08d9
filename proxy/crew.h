/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workers beyond the first, each in a thread of its own.
 *
 * They share nothing while they serve.  For a change of configuration and for
 * readings they are parked between two turns of their loops; the main thread
 * may then touch everything that is theirs.
 */
#ifndef MESHTOP_PROXY_CREW_H
#define MESHTOP_PROXY_CREW_H

struct crew;
struct error;
struct worker;

/* Starts a thread for each worker.  NULL and err when one cannot be had. */
struct crew *crew_start(struct worker *const *workers, unsigned count, struct error *err);
/* Ends and joins all threads; the workers are the caller's again. */
void crew_stop(struct crew **cp);

/* Returns when all stand still, between turns.  Calls nest; c may be NULL. */
void crew_park(struct crew *c);
void crew_resume(struct crew *c);

#endif
