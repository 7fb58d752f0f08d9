/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A rectangle of character cells: what drawing produces and screens copy.
 *
 * Knows no terminal and no mesh.  A style is a role, which the theme turns
 * into colours.
 */
#ifndef MESHTOP_TOPOLOGY_GRID_H
#define MESHTOP_TOPOLOGY_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"

struct buf;

enum grid_style {
	STYLE_PLAIN, STYLE_DIM, STYLE_BOLD, STYLE_GOOD, STYLE_WARN, STYLE_BAD,
	STYLE_TCP, STYLE_MIRROR, STYLE_SERVICE, STYLE_ACCENT, STYLE_SELECTED,
	STYLE_TITLE, STYLE_KEY, STYLE_COUNT,
};

#define GRID_NO_OWNER UINT32_MAX
#define GRID_OWNER_EDGE 0x80000000u	/* owner = this bit | edge index, else node index */

struct grid_cell {
	uint32_t glyph;		/* code point; 0: second half of a wide glyph */
	uint32_t owner;		/* what this cell belongs to */
	uint8_t style;		/* enum grid_style */
	uint8_t marks;		/* combining marks on the glyph, see grid_marks() */
};

#define GRID_MOST_MARKS 4	/* on one glyph; text_sanitize() lets no more pass */

struct grid_mark {
	size_t cell;
	uint32_t glyph;
};

struct grid {
	unsigned cols, rows;
	struct grid_cell *cells;	/* rows * cols, row by row */
	VEC(struct grid_mark) marks;	/* in the order of writing */
};

struct grid *grid_new(unsigned cols, unsigned rows);	/* blanks */
void grid_free(struct grid **gp);
static inline struct grid_cell *
grid_at(struct grid *g, unsigned col, unsigned row)
{
	return &g->cells[(size_t)row * g->cols + col];
}
/* Clipped, from a place that may be outside; half a wide glyph is a blank.
 * The text must be sanitized. */
void grid_text(struct grid *g, int col, int row, const char *text, enum grid_style style,
	       uint32_t owner);
/* Combining marks of a cell; returns how many. */
unsigned grid_marks(const struct grid *g, unsigned col, unsigned row,
		    uint32_t out[GRID_MOST_MARKS]);
/* UTF-8, one line per row, trailing blanks removed, empty last rows too. */
void grid_emit_text(const struct grid *g, struct buf *out);

#endif
