/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One gap while its segments are put into slots: route.c and channel.c. */
#ifndef MESHTOP_TOPOLOGY_ROUTE_PRIV_H
#define MESHTOP_TOPOLOGY_ROUTE_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/vec.h"

struct arena;
struct layout;
struct pin;

struct segment {		/* a line across the flow */
	uint32_t net;
	struct pin *pin;	/* the piece of this pin; NULL: the whole net */
	int *ins, *outs;	/* places where runs come from before, go behind */
	uint32_t in_count, out_count;
	bool has_spine;		/* the place spine is shared inside the net */
	int spine;
	int low, high;		/* reach, with via */
	uint32_t partner;	/* the other half, when split */
	bool is_second;		/* half behind the run at via */
	int via;
	int slot;
};

struct channel {
	struct layout *l;
	struct arena *arena;
	VEC(struct segment) segments;
	VEC(int) taken;		/* places of pins and vias */
	int slot_margin;	/* least distance of reaches in one slot */
	int pin_distance;	/* slots between runs that share a place */
};

/* Splits segments until no order is circular. */
void channel_untangle(struct channel *c);
/* Gives each segment its slot. */
void channel_assign(struct channel *c);

#endif
