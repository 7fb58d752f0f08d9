/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawings are read back: every edge must be found, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/rng.h"
#include "src/base/text.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "tests/lib/drawing_check.h"
#include "tests/lib/drawing_reader.h"
#include "tests/lib/graph_samples.h"

static size_t
count_text(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		count++;
	}
	return count;
}

/* Edges whose label is their own: not parallel to another, no self call. */
static size_t
count_labelled(const struct graph *g, const char *const *labels)
{
	size_t count = 0;

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		bool same = false;

		for (size_t k = i > 0 ? i - 1 : 1; k <= i + 1 && k < g->edges.len; k += 2)
			same |= e->from == g->edges.items[k].from &&
				e->to == g->edges.items[k].to &&
				e->protocol == g->edges.items[k].protocol &&
				e->is_mirrored == g->edges.items[k].is_mirrored;
		count += labels[i] != NULL && e->from != e->to && !same;
	}
	return count;
}

/* No label may cover another one or fall away. */
static void
assert_labels_shown(const struct graph *g, const struct layout *l, const char *const *labels,
		    const char *what)
{
	char *text = drawing_text(l, GLYPHS_ASCII);

	if (count_text(text, "{}") != count_labelled(g, labels))
		fail_msg("%s: %zu labels of %zu\n%s", what, count_text(text, "{}"),
			 count_labelled(g, labels), text);
	free(text);
}

static const struct { const char *name; struct layout_options o; bool labels; } ways[] = {
	{ "auto", { .form = LAYOUT_AUTO }, false },
	{ "left right", { .form = LAYOUT_LEFT_RIGHT }, false },
	{ "top down", { .form = LAYOUT_TOP_DOWN }, false },
	{ "left right, no buses", { .form = LAYOUT_LEFT_RIGHT, .no_buses = true }, false },
	{ "top down, no buses", { .form = LAYOUT_TOP_DOWN, .no_buses = true }, false },
	{ "left right, labels", { .form = LAYOUT_LEFT_RIGHT, .sum_label = sample_sum_label }, true },
	{ "top down, labels", { .form = LAYOUT_TOP_DOWN, .sum_label = sample_sum_label }, true },
	{ "left right, own labels", { .form = LAYOUT_LEFT_RIGHT }, true },
	{ "top down, own labels", { .form = LAYOUT_TOP_DOWN }, true },
};

/* Every step-th way from the first on. */
static void
check_ways(const struct graph *g, const char *name, size_t first, size_t step)
{
	const char **labels = calloc(g->edges.len + 1, sizeof(*labels));

	for (size_t i = 0; i < g->edges.len; i++)
		labels[i] = i % 5 == 4 ? NULL : "{}";
	for (size_t w = first; w < ARRAY_LEN(ways); w += step) {
		struct layout_options o = ways[w].o;
		char what[200];
		struct layout *l;

		if (ways[w].labels)
			o.edge_labels = labels;
		l = layout_new(g, &o, NULL, NULL);
		assert_non_null(l);
		snprintf(what, sizeof(what), "%s, %s", name, ways[w].name);
		assert_reads_back(g, l, GLYPHS_UNICODE, what);
		assert_reads_back(g, l, GLYPHS_LIGHT, what);
		assert_reads_back(g, l, GLYPHS_ASCII, what);
		if (ways[w].labels && o.sum_label == NULL)
			assert_labels_shown(g, l, labels, what);
		layout_free(&l);
	}
	free(labels);
}

static void
test_layout_draw__known_graphs_read_back_exactly(void **state)
{
	const char *name;
	struct graph *g;

	(void)state;
	for (size_t i = 0; (g = sample_named(i, &name)) != NULL; i++) {
		check_ways(g, name, 0, 1);
		graph_free(&g);
	}
}

static void
test_layout_draw__small_random_graphs_read_back_exactly(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 150; seed++) {
		struct sample_wish wish = { .nodes = 4 + (unsigned)(seed % 40), .seed = seed };
		struct graph *g;
		char name[64];

		wish.edges = wish.nodes * (seed % 3 + 2) / 2;
		wish.loops = seed % 2 ? wish.nodes / 8 + 1 : 0;
		snprintf(name, sizeof(name), "random %u", (unsigned)seed);
		g = sample_random(&wish);
		check_ways(g, name, seed % 4, 4);
		graph_free(&g);
	}
}

static void
test_layout_draw__large_random_graphs_read_back_exactly(void **state)
{
	static const struct sample_wish wishes[] = {
		{ 100, 150, 0, 1 }, { 100, 150, 4, 2 }, { 200, 300, 0, 3 }, { 200, 300, 9, 4 },
		{ 500, 750, 0, 5 }, { 500, 750, 20, 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		struct graph *g = sample_random(&wishes[i]);
		struct layout_options o = {
			.form = i % 2 ? LAYOUT_LEFT_RIGHT : LAYOUT_TOP_DOWN };
		struct layout *l = layout_new(g, &o, NULL, NULL);

		assert_reads_back(g, l, GLYPHS_UNICODE, "large");
		assert_reads_back(g, l, GLYPHS_ASCII, "large");
		layout_free(&l);
		graph_free(&g);
	}
}

static void
test_layout_draw__dense_graphs_read_back_exactly(void **state)
{
	static const struct { unsigned nodes, edges; } sizes_of[] = {
		{ 20, 380 }, { 30, 180 }, { 80, 320 }, { 80, 960 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes_of); i++) {
		struct graph *g = sample_dense(sizes_of[i / 2].nodes, sizes_of[i / 2].edges, i);
		struct layout_options o = { .cols = i % 2 ? 120 : 0 };
		struct layout *l = layout_new(g, &o, NULL, NULL);
		struct layout_stats s;

		layout_get_stats(l, &s);
		assert_true(o.cols == 0 || s.width <= o.cols);
		if (s.hidden_nodes == 0)
			assert_reads_back(g, l, GLYPHS_UNICODE, "dense");
		layout_free(&l);
		graph_free(&g);
	}
}

#define LONG "aaaaaaaaaaaaaaaaaaaa"

/* In columns that are too few side by side: that box and b stand under one another. */
static const struct { const char *text; unsigned cols; bool labels; } stacked[] = {
	{ LONG " b;b c;b d;b e", 33, false },
	{ LONG " b;b c;b d;b e", 36, true },
	{ LONG " b tcp;b c;b d;b e;b f;c g;g h;h c", 62, true },
	{ "c " LONG ";d " LONG ";e " LONG ";" LONG " b", 36, true },
	{ "c " LONG ";d " LONG ";e " LONG ";" LONG " b;b f;b g;b h;b i", 50, true },
};

/* The line leads down from the first box to the second, and its label stands there. */
static void
assert_stacked(const struct graph *g, const struct layout *l)
{
	size_t upper = graph_find(g, LONG), lower = graph_find(g, "b"), edge = 0;
	struct layout_path path = { VEC_INIT };
	struct layout_rect a, b;
	unsigned col, row;

	assert_true(layout_node_rect(l, upper, &a) && layout_node_rect(l, lower, &b));
	assert_int_equal(a.col, b.col);
	assert_int_equal(a.cols, b.cols);
	assert_int_equal(b.row, a.row + a.rows + 2);
	while (g->edges.items[edge].from != upper)
		edge++;
	layout_edge_path(l, edge, &path);
	assert_int_equal(path.cells.len, 2);
	assert_true(layout_edge_anchor(l, edge, &col, &row));
	assert_int_equal(row, b.row - 1);
	assert_in_range(col, a.col, a.col + a.cols - 1);
	vec_fini(&path.cells);
}

static void
test_layout_draw__boxes_under_others_read_back_exactly(void **state)
{
	static const char *const labels[] = { "{}", "{}", "{}", "{}", "{}", "{}", "{}", "{}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stacked); i++) {
		struct graph *g = sample_parse(stacked[i].text);
		struct layout_options o = { .cols = stacked[i].cols,
					    .edge_labels = stacked[i].labels ? labels : NULL };
		struct layout *l = layout_new(g, &o, NULL, NULL);
		struct layout *again = layout_new(g, &o, l, NULL);

		assert_stacked(g, l);
		assert_stacked(g, again);
		for (int glyphs = 0; glyphs < GLYPHS_COUNT; glyphs++)
			assert_reads_back(g, l, (enum glyph_level)glyphs, stacked[i].text);
		if (stacked[i].labels)
			assert_labels_shown(g, l, labels, stacked[i].text);
		layout_free(&again);
		layout_free(&l);
		graph_free(&g);
	}
}

static const struct { const char *file, *sample; enum glyph_level glyphs; unsigned cols; }
goldens[] = {
	{ "travels.txt", "travels workload", GLYPHS_UNICODE, 100 },
	{ "travels.ascii", "travels workload", GLYPHS_ASCII, 100 },
	{ "bookinfo.txt", "bookinfo", GLYPHS_UNICODE, 80 },
	{ "bookinfo.ascii", "bookinfo", GLYPHS_ASCII, 80 },
};

static void
read_file(struct buf *out, const char *name)
{
	const char *top = getenv("MESHTOP_SRCDIR");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/data/topology/%s", top != NULL ? top : ".", name);
	if (file_read(path, 1u << 20, out, NULL) < 0)
		fail_msg("cannot read %s", path);
}

/* Set MESHTOP_UPDATE_GOLDEN to a folder to write the pictures there. */
static void
test_layout_draw__pictures_are_as_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		struct graph *g = sample_by_name(goldens[i].sample);
		struct layout_options o = { .cols = goldens[i].cols };
		struct layout *l = layout_new(g, &o, NULL, NULL);
		const char *update = getenv("MESHTOP_UPDATE_GOLDEN");
		char *text = drawing_text(l, goldens[i].glyphs);
		struct buf want = BUF_INIT;

		if (update != NULL) {
			char path[4096];
			FILE *f;

			snprintf(path, sizeof(path), "%s/%s", update, goldens[i].file);
			f = fopen(path, "w");
			assert_non_null(f);
			fputs(text, f);
			fclose(f);
		}
		read_file(&want, goldens[i].file);
		assert_string_equal(text, buf_str(&want));
		buf_fini(&want);
		free(text);
		layout_free(&l);
		graph_free(&g);
	}
}

static void
test_layout_draw__selected_edge_is_marked_from_end_to_end(void **state)
{
	struct graph *g = sample_by_name("travels workload");
	struct layout *l = layout_new(g, NULL, NULL, NULL);

	(void)state;
	for (uint32_t e = 0; e < g->edges.len; e++) {
		struct grid *grid = layout_draw(l, GLYPHS_UNICODE, GRID_OWNER_EDGE | e);
		unsigned col, row, marked = 0;

		for (size_t i = 0; i < (size_t)grid->cols * grid->rows; i++)
			marked += grid->cells[i].style == STYLE_SELECTED;
		assert_true(marked >= 2);
		assert_true(layout_edge_anchor(l, e, &col, &row));
		assert_int_equal(grid_at(grid, col, row)->style, STYLE_SELECTED);
		grid_free(&grid);
	}
	layout_free(&l);
	graph_free(&g);
}

static void
test_layout_draw__selected_box_is_marked(void **state)
{
	struct graph *g = sample_by_name("bookinfo");
	struct layout *l = layout_new(g, NULL, NULL, NULL);
	struct grid *grid = layout_draw(l, GLYPHS_ASCII, 2);
	struct layout_rect r;

	(void)state;
	assert_true(layout_node_rect(l, 2, &r));
	assert_int_equal(grid_at(grid, r.col, r.row)->style, STYLE_SELECTED);
	assert_int_equal(grid_at(grid, r.col, r.row)->owner, 2);
	assert_false(layout_node_rect(l, 99, &r));
	grid_free(&grid);
	layout_free(&l);
	graph_free(&g);
}

/* What a screen shows is the same as that part of the whole. */
static void
test_layout_draw_part__is_cut_from_the_whole(void **state)
{
	static const struct layout_rect parts[] = {
		{ 0, 0, 20, 10 }, { 7, 3, 31, 9 }, { 40, 8, 60, 40 }, { 500, 500, 5, 5 },
	};
	struct graph *g = sample_by_name("wide names");
	struct graph *h = sample_by_name("social network");

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(parts); i++) {
		const struct layout_rect *p = &parts[i / 2];
		struct layout *l = layout_new(i % 2 ? g : h, NULL, NULL, NULL);
		struct grid *all = layout_draw(l, GLYPHS_UNICODE, 3);
		struct grid *part = layout_draw_part(l, GLYPHS_UNICODE, 3, p);

		assert_int_equal(part->cols, p->cols);
		assert_int_equal(part->rows, p->rows);
		for (unsigned row = 0; row < p->rows; row++)
			for (unsigned col = 0; col < p->cols; col++) {
				struct grid_cell *a, *b = grid_at(part, col, row);

				if (p->col + col >= all->cols || p->row + row >= all->rows) {
					assert_int_equal(b->glyph, ' ');
					continue;
				}
				a = grid_at(all, p->col + col, p->row + row);
				if (a->glyph == 0 || text_cp_width(a->glyph) > 1)
					continue;	/* may be cut in half */
				assert_int_equal(a->glyph, b->glyph);
				assert_int_equal(a->style, b->style);
				assert_int_equal(a->owner, b->owner);
			}
		grid_free(&all);
		grid_free(&part);
		layout_free(&l);
	}
	graph_free(&g);
	graph_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_draw__known_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__small_random_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__large_random_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__dense_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__boxes_under_others_read_back_exactly),
		cmocka_unit_test(test_layout_draw__pictures_are_as_looked_at),
		cmocka_unit_test(test_layout_draw__selected_edge_is_marked_from_end_to_end),
		cmocka_unit_test(test_layout_draw__selected_box_is_marked),
		cmocka_unit_test(test_layout_draw_part__is_cut_from_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
