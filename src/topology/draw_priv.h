/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture and its glyphs: between draw.c, draw_box.c and draw_glyphs.c. */
#ifndef MESHTOP_TOPOLOGY_DRAW_PRIV_H
#define MESHTOP_TOPOLOGY_DRAW_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "src/topology/grid.h"
#include "src/topology/layout.h"

struct box;
struct frame;
struct net;
struct pin;

enum { ARM_NORTH = 1, ARM_EAST = 2, ARM_SOUTH = 4, ARM_WEST = 8, ARM_ALL = 15 };

struct wire {			/* lines in one cell */
	uint32_t horizontal, vertical;	/* bundle, UINT32_MAX: none */
	uint8_t arms;
	bool clash;		/* two lines on top of each other: never */
};

struct picture {
	const struct layout *l;
	struct layout_rect part;	/* of the whole picture */
	struct grid *grid;		/* that part */
	struct wire *wires;		/* one a cell of the grid */
	enum glyph_level glyphs;
};

/* draw_box.c; places are those of the whole picture.  NULL outside the part. */
struct grid_cell *picture_cell(const struct picture *c, int col, int row);
void picture_label(struct picture *c, const struct net *n, const struct pin *p, bool is_in);
void picture_text(struct picture *c, int col, int row, const char *text,
		  enum grid_style style, uint32_t owner);
void picture_box(struct picture *c, const struct box *b, uint32_t selected);
void picture_rect(const struct layout *l, const struct box *b, struct layout_rect *out);

/* draw_frame.c: leaves cells with wires alone. */
void picture_frame(struct picture *c, const struct frame *f);
void picture_frame_rect(const struct layout *l, const struct frame *f, struct layout_rect *out);

/* Kinds are struct line's; -1 where no line runs that way. */
uint32_t glyph_of_wire(const struct wire *w, int kind_horizontal, int kind_vertical,
		       enum glyph_level glyphs);
uint32_t glyph_of_head(int arm, enum glyph_level glyphs);
uint32_t glyph_of_frame(int arms, enum glyph_level glyphs);
uint32_t glyph_of_group(int arms, enum glyph_level glyphs);	/* of the frame around one */
const char *glyph_of_loop(enum glyph_level glyphs);

#endif
