/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which endpoint of a cluster is next (spec/dataplane.md 4.1).
 */
#ifndef MESHTOP_PROXY_BALANCE_H
#define MESHTOP_PROXY_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct binding;
struct mesh_cluster;
struct rng;

#define BALANCE_NONE ((size_t)-1)

/* Index into the cluster's endpoints; BALANCE_NONE when there is none. */
size_t balance_pick(const struct binding *b, struct rng *rng);
/* Leaves priorities out where that can be: see levels_choose(). */
size_t balance_pick_outside(const struct binding *b, uint64_t left_out, struct rng *rng);
/* Do weights of endpoints differ?  members: indexes, NULL for the first count. */
bool balance_has_weights(const struct mesh_cluster *c, const uint32_t *members, size_t count);
/* By outlier detection, be it looked at or not. */
bool balance_is_ejected(const struct binding *b, size_t index);
/* Are ejections looked at?  Not when so few are left that all are used.  Of a
 * binding without priorities (levels.h). */
bool balance_takes_ejected(const struct binding *b);
/* A choice is made without regard to ejections: counted where there are any. */
void balance_note_panic(const struct binding *b);

#endif
