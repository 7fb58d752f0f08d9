/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells as an SVG picture: lines of boxes and edges as paths, so that they
 * are crisp at any size, text as text; colours for light and dark pages.
 */
#ifndef MESHTOP_TOPOLOGY_SVG_H
#define MESHTOP_TOPOLOGY_SVG_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct grid;

enum svg_attr { SVG_BOLD = 1, SVG_DIM = 2, SVG_REVERSE = 4, SVG_UNDERLINE = 8 };

struct svg_style {
	int colour;		/* 0..15 of a terminal's palette; -1: that of text */
	unsigned attrs;		/* enum svg_attr */
};

struct svg_cell {
	uint32_t glyph;		/* 0: second half of a wide glyph */
	uint32_t marks[4];	/* combining, 0 behind the last */
	unsigned style;		/* index into the styles */
};

struct svg_source {
	unsigned cols, rows;
	void (*cell)(void *arg, unsigned col, unsigned row, struct svg_cell *out);
	void *arg;
	const struct svg_style *styles;
	size_t style_count;
	const char *title;	/* for readers that hear the picture */
};

void svg_put(const struct svg_source *source, struct buf *out);
/* A drawing of the graph. */
void grid_put_svg(const struct grid *g, const char *title, struct buf *out);

#endif
