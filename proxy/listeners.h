/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All listening sockets of an engine: which ones a mesh wants, which are
 * open, and why others are not.
 *
 * Addresses that stay keep their socket over a change of configuration.  What
 * cannot be bound is kept as a row with its reason and tried again, later and
 * later.
 */
#ifndef MESHTOP_PROXY_LISTENERS_H
#define MESHTOP_PROXY_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/engine.h"

struct crew;
struct listeners;
struct mesh;
struct problems;
struct worker;

/* Every worker gets an acceptor for every socket; the first one's loop has
 * the timer.  The array is borrowed. */
struct listeners *listeners_new(struct worker *const *workers, unsigned count);
/* Whoever has to be parked while acceptors change (NULL: nobody). */
void listeners_set_crew(struct listeners *l, struct crew *c);
void listeners_free(struct listeners **lp);	/* closes all */
/* Opens, keeps and closes what the mesh asks for, which is the workers'
 * present one; a row in problems (may be NULL) for each address that cannot
 * be had. */
void listeners_apply(struct listeners *l, struct mesh *m, struct problems *problems);
void listeners_close(struct listeners *l);	/* takes no more connections */
/* What is open, or will be, ends with its next answer; all, or inbound ones only.
 * After 45 s they stop, unless stays; what drains already keeps its time.  Without
 * effect when all that is meant drains. */
void listeners_drain(struct listeners *l, bool inbound_only, bool stays);
/* Closed for good, whatever later configurations say; what is open drains. */
void listeners_stop(struct listeners *l, bool inbound_only);

size_t listeners_count(const struct listeners *l);
void listeners_at(const struct listeners *l, size_t index, struct engine_listener *out);

#endif
