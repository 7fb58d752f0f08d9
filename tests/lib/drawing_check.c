/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a picture show its graph?  See drawing_check.h. */
#include "tests/lib/drawing_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "tests/lib/drawing_reader.h"

/* Frames and their titles, which belong to no node or edge. */
static void
take_frames_out(struct grid *grid)
{
	for (size_t i = 0; i < (size_t)grid->cols * grid->rows; i++)
		if (grid->cells[i].owner == GRID_NO_OWNER)
			grid->cells[i].glyph = ' ';
}

char *
drawing_text(const struct layout *l, enum glyph_level glyphs)
{
	struct grid *grid = layout_draw(l, glyphs, GRID_NO_OWNER);
	struct buf text = BUF_INIT;

	grid_emit_text(grid, &text);
	grid_free(&grid);
	return text.data != NULL ? buf_steal(&text) : strdup("");
}

void
assert_reads_back(const struct graph *g, const struct layout *l, enum glyph_level glyphs,
		  const char *what)
{
	struct grid *grid = layout_draw(l, glyphs, GRID_NO_OWNER);
	char *text = drawing_text(l, glyphs);
	struct buf bare = BUF_INIT;
	struct layout_rect r;
	struct drawing d;
	size_t shown = 0;

	if (layout_frame_rect(l, 0, &r))
		take_frames_out(grid);
	grid_emit_text(grid, &bare);
	grid_free(&grid);
	drawing_read(&d, buf_str(&bare));
	buf_fini(&bare);
	if (d.nodes.len != g->nodes.len || d.loose_ends > 0)
		fail_msg("%s: %zu boxes of %zu, %zu loose ends\n%s", what, d.nodes.len,
			 g->nodes.len, d.loose_ends, text);
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		size_t from = drawing_find(&d, g->nodes.items[e->from].label);
		size_t to = drawing_find(&d, g->nodes.items[e->to].label);

		if (e->from == e->to ? from == SIZE_MAX || !d.nodes.items[from].calls_itself :
		    from == SIZE_MAX || to == SIZE_MAX || !drawing_has_edge(&d, from, to))
			fail_msg("%s: %s -> %s is not in the picture\n%s", what,
				 g->nodes.items[e->from].label, g->nodes.items[e->to].label,
				 text);
		shown += e->from != e->to &&
			 (i == 0 || e[-1].from != e->from || e[-1].to != e->to);
	}
	if (d.edges.len != shown)
		fail_msg("%s: %zu edges are read, %zu are there\n%s", what, d.edges.len, shown,
			 text);
	drawing_fini(&d);
	free(text);
}
