/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a drawing of a graph back, as a person with a finger would: boxes,
 * then every line from a border to an arrow head.
 *
 * Knows the picture's rules (spec/drawing.md) and nothing of the drawer.
 */
#ifndef MESHTOP_TESTS_LIB_DRAWING_READER_H
#define MESHTOP_TESTS_LIB_DRAWING_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/vec.h"

struct drawing_node {
	char *name;
	unsigned col, row, cols, rows;	/* of the box */
	bool calls_itself;		/* a mark beside the name's line */
};

struct drawing_edge {
	size_t from, to;		/* nodes */
};

struct drawing {
	VEC(struct drawing_node) nodes;
	VEC(struct drawing_edge) edges;	/* each pair once, in reading order */
	size_t loose_ends;		/* lines that reach no arrow head, and heads
					   that touch no box */
	size_t crossings;		/* cells where two lines pass */
	size_t crossing_pairs;		/* of lines that do, what is joined being one line */
	unsigned cols, rows;
};

/* text: UTF-8, one line a row.  Never fails: what cannot be read is missing
 * or a loose end. */
void drawing_read(struct drawing *d, const char *text);
void drawing_fini(struct drawing *d);
/* Index of the node of that name, SIZE_MAX if there is none. */
size_t drawing_find(const struct drawing *d, const char *name);
bool drawing_has_edge(const struct drawing *d, size_t from, size_t to);

#endif
