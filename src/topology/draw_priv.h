/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Glyphs for lines and boxes: between draw.c and draw_glyphs.c. */
#ifndef MESHTOP_TOPOLOGY_DRAW_PRIV_H
#define MESHTOP_TOPOLOGY_DRAW_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "src/topology/layout.h"

enum { ARM_NORTH = 1, ARM_EAST = 2, ARM_SOUTH = 4, ARM_WEST = 8, ARM_ALL = 15 };

struct wire {			/* lines in one cell */
	uint32_t horizontal, vertical;	/* bundle, UINT32_MAX: none */
	uint8_t arms;
	bool clash;		/* two lines on top of each other: never */
};

/* Kinds are struct line's; -1 where no line runs that way. */
uint32_t glyph_of_wire(const struct wire *w, int kind_horizontal, int kind_vertical,
		       enum glyph_level glyphs);
uint32_t glyph_of_head(int arm, enum glyph_level glyphs);
uint32_t glyph_of_frame(int arms, enum glyph_level glyphs);
const char *glyph_of_loop(enum glyph_level glyphs);

#endif
