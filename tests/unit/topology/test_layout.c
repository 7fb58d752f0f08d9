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

static const char *
sum_text(void *data, const size_t *edges, size_t count)
{
	(void)data;
	(void)edges;
	return count > 1 ? "125" : "1";
}

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
	{ "left right, labels", { .form = LAYOUT_LEFT_RIGHT, .sum_label = sum_text }, true },
	{ "top down, labels", { .form = LAYOUT_TOP_DOWN, .sum_label = sum_text }, true },
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

static struct graph *
sample_by_name(const char *wanted)
{
	const char *name;
	struct graph *g;

	for (size_t i = 0; (g = sample_named(i, &name)) != NULL; i++) {
		if (strcmp(name, wanted) == 0)
			return g;
		graph_free(&g);
	}
	fail_msg("no sample %s", wanted);
	return NULL;
}

static const struct { const char *name; unsigned cols, rows, crossings; bool labels; } sizes[] = {
	{ "travels workload", 100, 30, 0, true }, { "travels workload", 100, 30, 0, false },
	{ "bookinfo", 80, 16, 0, false }, { "bookinfo", 80, 24, 0, true },
	{ "online boutique", 100, 26, 3, false },
	{ "social network", 130, 40, 4, false },
	{ "travels versions", 100, 60, 24, false }, { "six by six", 100, 30, 0, false },
};

static void
test_layout_new__known_graphs_keep_to_their_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
		struct graph *g = sample_by_name(sizes[i / 2].name);
		struct layout_options o = { .cols = i % 2 ? sizes[i / 2].cols : 0 };
		const char **labels = calloc(g->edges.len + 1, sizeof(*labels));
		struct layout_stats s;
		struct layout *l;

		for (size_t e = 0; e < g->edges.len; e++)
			labels[e] = "27";
		if (sizes[i / 2].labels) {
			o.edge_labels = labels;
			o.sum_label = sum_text;
		}
		l = layout_new(g, &o, NULL, NULL);
		layout_get_stats(l, &s);
		if (s.width > sizes[i / 2].cols || s.height > sizes[i / 2].rows ||
		    s.crossings > sizes[i / 2].crossings || s.hidden_nodes > 0)
			fail_msg("%s (width %u): %ux%u, %u crossings, %u hidden",
				 sizes[i / 2].name, o.cols, s.width, s.height, s.crossings,
				 s.hidden_nodes);
		layout_free(&l);
		graph_free(&g);
		free(labels);
	}
}

static void
test_layout_new__is_the_same_every_time(void **state)
{
	struct sample_wish wish = { 60, 100, 5, 42 };
	struct graph *g = sample_random(&wish), *h = sample_random(&wish);
	struct layout *a = layout_new(g, NULL, NULL, NULL);
	struct layout *b = layout_new(h, NULL, NULL, NULL);
	char *x = drawing_text(a, GLYPHS_UNICODE), *y = drawing_text(b, GLYPHS_UNICODE);

	(void)state;
	assert_string_equal(x, y);
	free(x);
	free(y);
	layout_free(&a);
	layout_free(&b);
	graph_free(&g);
	graph_free(&h);
}

/* The same graph with one more edge. */
static struct graph *
with_edge(const struct graph *g, size_t from, size_t to)
{
	struct graph *h = graph_new();

	h->type = "input";
	for (size_t i = 0; i < g->nodes.len; i++)
		graph_add_node(h, NODE_WORKLOAD, g->nodes.items[i].id);
	for (size_t i = 0; i < g->edges.len; i++)
		graph_add_edge(h, g->edges.items[i].from, g->edges.items[i].to,
			       g->edges.items[i].protocol);
	graph_add_edge(h, from, to, EDGE_HTTP);
	graph_finish(h);
	return h;
}

/* Nodes that are in the same layer with the same neighbour before them. */
static size_t
count_unmoved(const struct layout *a, const struct layout *b, size_t nodes)
{
	size_t unmoved = 0;

	for (size_t i = 0; i < nodes; i++) {
		unsigned layer_a, layer_b, at_a, at_b, other_a, other_b, wrong = 0, same = 0;

		layout_node_place(a, i, &layer_a, &at_a);
		layout_node_place(b, i, &layer_b, &at_b);
		for (size_t k = 0; k < nodes && layer_a == layer_b; k++) {
			unsigned la, lb;

			layout_node_place(a, k, &la, &other_a);
			layout_node_place(b, k, &lb, &other_b);
			if (la != layer_a || lb != layer_b)
				continue;
			same++;
			wrong += (other_a < at_a) != (other_b < at_b);
		}
		unmoved += layer_a == layer_b && wrong == 0;
	}
	return unmoved;
}

static void
test_layout_new__one_edge_more_moves_few_nodes(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct graph *g = sample_random(&(struct sample_wish){ 50, 75, seed % 4, seed });
		size_t from = rng_below(&rng, 50), to = (from + 1 + rng_below(&rng, 49)) % 50;
		struct graph *h = with_edge(g, from, to);
		struct layout *a = layout_new(g, NULL, NULL, NULL);
		struct layout *b = layout_new(h, NULL, a, NULL);
		size_t unmoved = count_unmoved(a, b, 50);

		if (unmoved < 45)
			fail_msg("seed %u: %zu of 50 unmoved", (unsigned)seed, unmoved);
		assert_reads_back(h, b, GLYPHS_ASCII, "one edge more");
		layout_free(&a);
		layout_free(&b);
		graph_free(&g);
		graph_free(&h);
	}
}

/* A picture that is asked to be narrow is, and tells what it leaves out. */
static void
test_layout_new__folds_what_does_not_fit_and_counts_it(void **state)
{
	static const unsigned cols[] = { 200, 100, 80, 60, 40, 20 };

	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_LEN(cols); i++) {
		struct graph *g = sample_random(&(struct sample_wish){ 60, 100, i % 3, i });
		struct layout_options o = { .cols = cols[i / 4],
					    .form = i % 2 ? LAYOUT_TOP_DOWN : LAYOUT_AUTO };
		struct layout *l = layout_new(g, &o, NULL, NULL);
		char *text = drawing_text(l, GLYPHS_UNICODE);
		struct layout_stats s;
		struct drawing d;
		size_t counted = 0, hidden = 0, shown = 0;

		layout_get_stats(l, &s);
		drawing_read(&d, text);
		assert_true(s.width <= o.cols && d.cols <= o.cols);
		assert_int_equal(d.loose_ends, 0);
		for (size_t n = 0; n < d.nodes.len; n++)
			if (d.nodes.items[n].name[0] == '+')
				counted += strtoul(d.nodes.items[n].name + 1, NULL, 10);
			else
				shown++;
		for (size_t n = 0; n < g->nodes.len; n++)
			hidden += !layout_node_rect(l, n, &(struct layout_rect){ 0 });
		assert_int_equal(counted, s.hidden_nodes);
		assert_int_equal(hidden, s.hidden_nodes);
		assert_int_equal(shown + counted, g->nodes.len);
		drawing_fini(&d);
		free(text);
		layout_free(&l);
		graph_free(&g);
	}
}

/* A refresh shows the same nodes in the same places, folded ones too. */
static void
test_layout_new__folded_picture_stays_as_it_is(void **state)
{
	(void)state;
	for (unsigned cols = 40; cols <= 120; cols += 20) {
		struct graph *g = sample_random(&(struct sample_wish){ 60, 100, 2, cols });
		struct graph *h = with_edge(g, 5, 40);
		struct layout_options o = { .cols = cols };
		struct layout *a = layout_new(g, &o, NULL, NULL);
		struct layout *b = layout_new(h, &o, a, NULL);
		struct layout_stats s, t;
		size_t moved = 0;

		layout_get_stats(a, &s);
		layout_get_stats(b, &t);
		assert_true(t.width <= cols);
		assert_true(cols == 120 || s.hidden_nodes > 0);
		assert_true(t.hidden_nodes >= s.hidden_nodes);
		for (size_t i = 0; i < g->nodes.len; i++) {
			unsigned layer_a = 0, layer_b = 0, at;

			moved += layout_node_place(a, i, &layer_a, &at) !=
				 layout_node_place(b, i, &layer_b, &at) || layer_a != layer_b;
		}
		assert_true(s.hidden_nodes == 0 || moved <= 6);
		layout_free(&a);
		layout_free(&b);
		graph_free(&g);
		graph_free(&h);
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

static void
test_layout_new__too_large_a_graph_is_refused_with_a_word(void **state)
{
	struct graph *g = graph_new();
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 20001; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%d", i);
		graph_add_node(g, NODE_WORKLOAD, id);
	}
	assert_null(layout_new(g, NULL, NULL, &err));
	assert_non_null(strstr(err.msg, "20001 nodes"));
	graph_free(&g);
}

static void
test_graph_finish__labels_tell_nodes_apart(void **state)
{
	static const struct { enum node_kind kind; const char *id, *label; } nodes[] = {
		{ NODE_SERVICE, "service:a/cars", "svc cars.a" },
		{ NODE_VERSION, "version:a/shop@v1", "shop v1" },
		{ NODE_WORKLOAD, "workload:a/cars", "cars.a" },
		{ NODE_WORKLOAD, "workload:b/cars", "cars.b" },
		{ NODE_WORKLOAD, "workload:b/hotels", "hotels" },
	};
	struct graph *g = graph_new();

	(void)state;
	for (size_t i = ARRAY_LEN(nodes); i-- > 0;)
		graph_add_node(g, nodes[i].kind, nodes[i].id);
	graph_add_edge(g, 0, 1, EDGE_HTTP);
	graph_finish(g);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		assert_string_equal(g->nodes.items[i].id, nodes[i].id);
		assert_string_equal(g->nodes.items[i].label, nodes[i].label);
		assert_int_equal(graph_find(g, nodes[i].id), i);
	}
	assert_int_equal(g->edges.items[0].from, 4);
	assert_int_equal(g->edges.items[0].to, 3);
	assert_true(graph_find(g, "workload:b/cart") == SIZE_MAX);
	graph_free(&g);
}

static void
test_grid_emit_text__cuts_blanks_and_keeps_wide_glyphs(void **state)
{
	struct grid *g = grid_new(6, 4);
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(grid_text(g, 1, 1, "\xe6\x97\x85x", STYLE_BOLD, 7), 3);
	assert_int_equal(grid_text(g, 5, 2, "\xe6\x97\x85", STYLE_PLAIN, 7), 0);
	assert_int_equal(grid_text(g, 3, 2, "abcdef", STYLE_PLAIN, 7), 3);
	grid_emit_text(g, &out);
	assert_string_equal(buf_str(&out), "\n \xe6\x97\x85x\n   abc\n");
	buf_clear(&out);
	grid_text(g, 0, 0, "e\xcc\x81\xcc\xa3x", STYLE_PLAIN, 7);	/* two combining marks */
	grid_text(g, 2, 0, "o\xcc\x81", STYLE_PLAIN, 7);
	grid_text(g, 2, 0, "u\xcc\x83", STYLE_PLAIN, 7);
	grid_text_at(g, -1, 3, "\xe6\x97\x85" "ab", STYLE_PLAIN, 7);
	grid_emit_text(g, &out);
	assert_string_equal(buf_str(&out), "e\xcc\x81\xcc\xa3xu\xcc\x83\n \xe6\x97\x85x\n"
			    "   abc\n ab\n");
	assert_int_equal(grid_at(g, 1, 1)->owner, 7);
	buf_fini(&out);
	grid_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graph_finish__labels_tell_nodes_apart),
		cmocka_unit_test(test_grid_emit_text__cuts_blanks_and_keeps_wide_glyphs),
		cmocka_unit_test(test_layout_draw__known_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__small_random_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__large_random_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_draw__dense_graphs_read_back_exactly),
		cmocka_unit_test(test_layout_new__known_graphs_keep_to_their_size),
		cmocka_unit_test(test_layout_new__is_the_same_every_time),
		cmocka_unit_test(test_layout_new__one_edge_more_moves_few_nodes),
		cmocka_unit_test(test_layout_new__folds_what_does_not_fit_and_counts_it),
		cmocka_unit_test(test_layout_new__folded_picture_stays_as_it_is),
		cmocka_unit_test(test_layout_draw__pictures_are_as_looked_at),
		cmocka_unit_test(test_layout_draw__selected_edge_is_marked_from_end_to_end),
		cmocka_unit_test(test_layout_draw__selected_box_is_marked),
		cmocka_unit_test(test_layout_draw_part__is_cut_from_the_whole),
		cmocka_unit_test(test_layout_new__too_large_a_graph_is_refused_with_a_word),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
