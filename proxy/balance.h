/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which endpoint of a cluster is next (spec/dataplane.md 4.1).
 */
#ifndef MESHTOP_PROXY_BALANCE_H
#define MESHTOP_PROXY_BALANCE_H

#include <stddef.h>

struct binding;
struct rng;

#define BALANCE_NONE ((size_t)-1)

/* Index into the cluster's endpoints; BALANCE_NONE when there is none. */
size_t balance_pick(const struct binding *b, struct rng *rng);

#endif
