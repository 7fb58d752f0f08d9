/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a picture show its graph, all of it and nothing else? */
#ifndef MESHTOP_TESTS_LIB_DRAWING_CHECK_H
#define MESHTOP_TESTS_LIB_DRAWING_CHECK_H

#include "src/topology/layout.h"

/* The picture as text; caller frees. */
char *drawing_text(const struct layout *l, enum glyph_level glyphs);

/* Fails with the picture when it does not show exactly the graph. */
void assert_reads_back(const struct graph *g, const struct layout *l, enum glyph_level glyphs,
		       const char *what);

#endif
