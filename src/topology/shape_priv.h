/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shapes that a picture may have: its form, how tight it is, and whether boxes
 * that are alone in their layers stand under one another.  Those before are better.
 */
#ifndef MESHTOP_TOPOLOGY_SHAPE_PRIV_H
#define MESHTOP_TOPOLOGY_SHAPE_PRIV_H

#include "src/topology/layout.h"

enum { SHAPE_DOWN = 4, SHAPE_DOWN_TIGHT, SHAPES };

/* Places and routes it so; a draft is only placed. */
void shape_set(struct layout *l, unsigned shape);
/* Tries every shape that may be used; what is not tried fits nowhere. */
void shape_measure(struct layout *l, struct layout_stats sizes[SHAPES]);
bool layout_fits(const struct layout_stats *s, unsigned cols, unsigned rows);	/* 0: any */
/* First shape that fits; SHAPES when none does. */
unsigned shape_find(const struct layout_options *o, const struct layout_stats sizes[SHAPES],
		    unsigned cols, unsigned rows);
/* The shape of the earlier picture, while it fits; SHAPES when it does not. */
unsigned shape_keep(const struct layout_options *o, const struct layout_stats sizes[SHAPES],
		    const struct layout *previous);
/* With a width: the shape that was, or the first that fits; SHAPES: none does. */
unsigned shape_choose(struct layout *l, const struct layout *previous);

#endif
