/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames: boxes around the members of a group.
 *
 * All boxes have one order across the flow, their rank, in which the members
 * of each group stand together; in every layer boxes stand by rank.  Items
 * that pass through may stand anywhere, but those between two members stay in
 * their group.  Each side of a frame is an item in each layer that the frame
 * reaches, all of them at the same place across: so nothing but members and
 * lines can be inside.
 *
 *	frame_order.c	ranks, order in the layers
 *	frame.c		the sides, their places, titles
 *	draw_frame.c	cells
 */
#ifndef MESHTOP_TOPOLOGY_FRAME_PRIV_H
#define MESHTOP_TOPOLOGY_FRAME_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct layout;

/* Changes the order in the layers so that groups stand together.  With
 * search, their order is changed while that saves crossings. */
void frame_order(struct layout *l, bool search);
/* The last rank that the item stands for: a box its own, the side of a frame
 * that of its members, what passes through a group likewise; NONE: any. */
uint32_t frame_last_rank(const struct layout *l, uint32_t item);
/* Is the frame the group itself, or around it?  NONE is around everything. */
bool frame_is_around(const struct layout *l, uint32_t frame, uint32_t group);

#endif
