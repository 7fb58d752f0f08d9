/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layouts: their size, what stays where it was, what is folded. */
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
#include "src/base/rng.h"
#include "src/base/text.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "tests/lib/drawing_check.h"
#include "tests/lib/drawing_reader.h"
#include "tests/lib/graph_samples.h"

static const struct { const char *name; unsigned cols, rows, crossings; bool labels; } sizes[] = {
	{ "travels workload", 100, 30, 0, true }, { "travels workload", 100, 30, 0, false },
	{ "bookinfo", 80, 16, 0, false }, { "bookinfo", 80, 16, 0, true },
	{ "online boutique", 100, 26, 3, false }, { "online boutique", 100, 26, 3, true },
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
			labels[e] = "1.27";
		if (sizes[i / 2].labels) {
			o.edge_labels = labels;
			o.sum_label = sample_sum_label;
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

/* Generated graphs that cross more often where lines are shortest; what crosses
 * at most when boxes have moved (the first: dot's number). */
static const struct { struct sample_wish wish; unsigned most; } tangled[] = {
	{ { 30, 45, 2, 7 }, 4 }, { { 30, 45, 2, 36 }, 5 }, { { 30, 45, 2, 20 }, 16 },
};

static unsigned
count_crossings(const struct layout *l)
{
	struct layout_stats s;

	layout_get_stats(l, &s);
	return s.crossings;
}

static void
test_layout_new__moves_boxes_where_fewer_lines_cross(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tangled); i++) {
		struct graph *g = sample_random(&tangled[i].wish);
		struct layout *l = layout_new(g, NULL, NULL, NULL);
		struct layout *again = layout_new(g, NULL, l, NULL);

		if (count_crossings(l) > tangled[i].most)
			fail_msg("graph %zu: %u crossings, not %u", i, count_crossings(l),
				 tangled[i].most);
		if (count_crossings(again) > count_crossings(l))
			fail_msg("graph %zu: %u crossings became %u", i, count_crossings(l),
				 count_crossings(again));
		layout_free(&again);
		layout_free(&l);
		graph_free(&g);
	}
}

/* Lines that pass each other in several gaps are one pair to the reader, and
 * fewer than the cells where something is passed.  (Without buses, since passing
 * behind the bar of one may be no crossing.) */
static void
test_layout_new__counts_the_crossings_of_the_picture(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		struct sample_wish wish = { 10 + i % 30, 15 + i % 30 * (3 + i % 4) / 2, i % 3, i };
		struct graph *g = sample_random(&wish);
		struct layout_options o = { .cols = i % 5 * 60, .no_buses = i % 2 };
		struct layout *l = layout_new(g, &o, NULL, NULL);
		char *text = drawing_text(l, GLYPHS_UNICODE);
		struct drawing d;

		drawing_read(&d, text);
		if (count_crossings(l) > d.crossings ||
		    (o.no_buses && count_crossings(l) < d.crossing_pairs))
			fail_msg("graph %u: %u crossings, but %zu pairs in %zu cells\n%s", i,
				 count_crossings(l), d.crossing_pairs, d.crossings, text);
		drawing_fini(&d);
		free(text);
		layout_free(&l);
		graph_free(&g);
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

/* Does a node that is in that layer of both stand on the same side of this one? */
static bool
is_passed(const struct layout *a, const struct layout *b, size_t node, size_t other)
{
	unsigned layer_a, layer_b, at_a, at_b, other_layer, other_a, other_b;

	layout_node_place(a, node, &layer_a, &at_a);
	layout_node_place(b, node, &layer_b, &at_b);
	return layout_node_place(a, other, &other_layer, &other_a) && other_layer == layer_a &&
	       layout_node_place(b, other, &other_layer, &other_b) && other_layer == layer_b &&
	       (other_a < at_a) != (other_b < at_b);
}

/* Nodes that are in the same layer with the same ones before them, or folded in both. */
static size_t
count_unmoved(const struct layout *a, const struct layout *b, size_t nodes)
{
	size_t unmoved = 0;

	for (size_t i = 0; i < nodes; i++) {
		unsigned layer_a = 0, layer_b = 0, at, passed = 0;
		bool in_a = layout_node_place(a, i, &layer_a, &at);
		bool in_b = layout_node_place(b, i, &layer_b, &at);

		for (size_t k = 0; k < nodes && in_a && in_b; k++)
			passed += is_passed(a, b, i, k);
		unmoved += in_a == in_b && layer_a == layer_b && passed == 0;
	}
	return unmoved;
}

static void
test_layout_new__one_edge_more_moves_few_nodes(void **state)
{
	static const unsigned cols[] = { 0, 80, 100, 140 };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (uint64_t i = 0; i < 20 * ARRAY_LEN(cols); i++) {
		uint64_t seed = i / ARRAY_LEN(cols);
		struct layout_options o = { .cols = cols[i % ARRAY_LEN(cols)] };
		struct graph *g = sample_random(&(struct sample_wish){ 50, 75, seed % 4, seed });
		size_t from = rng_below(&rng, 50), to = (from + 1 + rng_below(&rng, 49)) % 50;
		struct graph *h = with_edge(g, from, to);
		struct layout *a = layout_new(g, &o, NULL, NULL);
		struct layout *b = layout_new(h, &o, a, NULL);
		size_t unmoved = count_unmoved(a, b, 50);
		struct layout_stats s;

		layout_get_stats(b, &s);
		if (unmoved < 45 || (o.cols > 0 && s.width > o.cols))
			fail_msg("seed %u, %u columns: %zu of 50 unmoved, %u columns wide",
				 (unsigned)seed, o.cols, unmoved, s.width);
		if (s.hidden_nodes == 0)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_new__known_graphs_keep_to_their_size),
		cmocka_unit_test(test_layout_new__moves_boxes_where_fewer_lines_cross),
		cmocka_unit_test(test_layout_new__counts_the_crossings_of_the_picture),
		cmocka_unit_test(test_layout_new__is_the_same_every_time),
		cmocka_unit_test(test_layout_new__one_edge_more_moves_few_nodes),
		cmocka_unit_test(test_layout_new__folds_what_does_not_fit_and_counts_it),
		cmocka_unit_test(test_layout_new__folded_picture_stays_as_it_is),
		cmocka_unit_test(test_layout_new__too_large_a_graph_is_refused_with_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
