/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the layering that only layer.c uses. */
#ifndef MESHTOP_TOPOLOGY_LAYER_PRIV_H
#define MESHTOP_TOPOLOGY_LAYER_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct layout;
struct simplex;

/*
 * Network simplex (Gansner and others, "A technique for drawing directed
 * graphs", 1993): ranks that minimise the weighted sum of edge lengths, with
 * rank[head] - rank[tail] >= least.  The edges must connect all nodes and
 * have no directed cycle.
 */
struct simplex *simplex_new(uint32_t nodes);
void simplex_free(struct simplex **sp);
void simplex_add(struct simplex *s, uint32_t tail, uint32_t head, int weight, int least);
void simplex_solve(struct simplex *s);
int simplex_rank(const struct simplex *s, uint32_t node);	/* least rank is 0 */

/* Keeps the layers of an earlier layout; false when too much has changed. */
bool layer_keep(struct layout *l, const struct layout *previous);

#endif
