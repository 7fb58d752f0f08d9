/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames hold their members and nothing else, and no edge is lost to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/topology/graph.h"
#include "src/topology/group.h"
#include "src/topology/layout.h"
#include "tests/lib/drawing_check.h"
#include "tests/lib/graph_samples.h"

/* Nodes of the graph fall into namespaces, and some of them into apps. */
static void
scatter(struct graph *g, unsigned namespaces, unsigned apps, struct rng *rng)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];

		if (rng_below(rng, 8) == 0)
			continue;
		n->ns = arena_printf(g->arena, "ns-%u", (unsigned)rng_below(rng, namespaces));
		if (rng_below(rng, 2) == 0)
			n->app = arena_printf(g->arena, "application-%u",
					      (unsigned)rng_below(rng, apps));
	}
}

static bool
is_inside(const struct layout_rect *r, const struct layout_rect *frame)
{
	return r->col > frame->col && r->row > frame->row &&
	       r->col + r->cols < frame->col + frame->cols &&
	       r->row + r->rows < frame->row + frame->rows;
}

static bool
is_apart(const struct layout_rect *a, const struct layout_rect *b)
{
	return a->col + a->cols <= b->col || b->col + b->cols <= a->col ||
	       a->row + a->rows <= b->row || b->row + b->rows <= a->row;
}

static bool
is_in_group(const struct graph_groups *gs, uint32_t group, uint32_t of)
{
	while (group != GROUP_NONE && group != of)
		group = gs->items[group].parent;
	return group == of;
}

static void
assert_frames_hold(const struct graph *g, const struct graph_groups *gs, const struct layout *l,
		   const char *what)
{
	for (uint32_t f = 0; f < gs->count; f++) {
		struct layout_rect frame, r;

		assert_true(layout_frame_rect(l, f, &frame));
		for (size_t i = 0; i < g->nodes.len; i++) {
			bool is_member = is_in_group(gs, gs->of[i], f);

			assert_true(layout_node_rect(l, i, &r));
			if (is_member ? !is_inside(&r, &frame) : !is_apart(&r, &frame))
				fail_msg("%s: %s is %s %s\n%s", what, g->nodes.items[i].label,
					 is_member ? "not in" : "in", gs->items[f].title,
					 drawing_text(l, GLYPHS_UNICODE));
		}
		for (uint32_t k = 0; k < f; k++) {
			assert_true(layout_frame_rect(l, k, &r));
			assert_true(is_in_group(gs, f, k) ? is_inside(&frame, &r) :
				    is_apart(&frame, &r));
		}
	}
}

static const struct { const char *name; struct layout_options o; bool labels; } ways[] = {
	{ "left right", { .form = LAYOUT_LEFT_RIGHT }, false },
	{ "top down", { .form = LAYOUT_TOP_DOWN }, false },
	{ "left right, labels", { .form = LAYOUT_LEFT_RIGHT }, true },
	{ "top down, labels", { .form = LAYOUT_TOP_DOWN }, true },
	{ "auto", { .form = LAYOUT_AUTO }, true },
};

static void
check_frames(const struct graph *g, const char *name)
{
	struct graph_groups *gs = graph_groups_new(g, GROUPS_ALL);
	const char **labels = calloc(g->edges.len + 1, sizeof(*labels));

	for (size_t i = 0; i < g->edges.len; i++)
		labels[i] = "{}";
	for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
		struct layout_options o = ways[w].o;
		struct layout *l, *again;
		char what[200];

		o.edge_labels = ways[w].labels ? labels : NULL;
		o.groups = gs;
		o.insists_on_groups = true;
		snprintf(what, sizeof(what), "%s, %s", name, ways[w].name);
		l = layout_new(g, &o, NULL, NULL);
		assert_frames_hold(g, gs, l, what);
		assert_reads_back(g, l, GLYPHS_UNICODE, what);
		assert_reads_back(g, l, GLYPHS_ASCII, what);
		again = layout_new(g, &o, l, NULL);
		assert_frames_hold(g, gs, again, what);
		assert_reads_back(g, again, GLYPHS_UNICODE, what);
		layout_free(&again);
		layout_free(&l);
	}
	free(labels);
	graph_groups_free(&gs);
}

static void
test_layout_new__frames_hold_their_members_and_no_others(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 11);
	for (uint64_t seed = 0; seed < 16; seed++) {
		struct sample_wish wish = { .nodes = 3 + (unsigned)(seed * 7 % 30), .seed = seed };
		struct graph *g;
		char name[64];

		wish.edges = wish.nodes * (seed % 3 + 2) / 2;
		wish.loops = seed % 2 ? wish.nodes / 8 + 1 : 0;
		snprintf(name, sizeof(name), "random %u", (unsigned)seed);
		g = sample_random(&wish);
		scatter(g, 1 + (unsigned)(seed % 5), 1 + (unsigned)(seed % 7), &rng);
		check_frames(g, name);
		graph_free(&g);
	}
}

/* Pairs all over a dense graph: too many groups to try each in each place. */
static void
test_layout_new__many_frames_in_a_dense_graph_read_back(void **state)
{
	struct graph *g = sample_dense(60, 400, 3);
	struct layout_options o = { .insists_on_groups = true };
	struct graph_groups *gs;
	struct layout *l;

	(void)state;
	for (size_t i = 0; i < g->nodes.len; i++) {
		g->nodes.items[i].ns = "store";
		g->nodes.items[i].app = arena_printf(g->arena, "app-%zu", i / 2);
	}
	o.groups = gs = graph_groups_new(g, GROUPS_ALL);
	assert_int_equal(gs->count, 30);
	l = layout_new(g, &o, NULL, NULL);
	assert_frames_hold(g, gs, l, "dense");
	assert_reads_back(g, l, GLYPHS_UNICODE, "dense");
	layout_free(&l);
	graph_groups_free(&gs);
	graph_free(&g);
}

static struct graph *
two_namespaces(void)
{
	struct graph *g = sample_parse("gate shop-v1;gate shop-v2;gate shop-v3;shop-v1 db;"
				       "shop-v2 db;shop-v3 db");

	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];

		n->ns = strncmp(n->id, "gate", 4) == 0 ? "edge" : "store";
		n->app = strncmp(n->id, "shop", 4) == 0 ? "shop" : n->id;
	}
	return g;
}

static void
test_graph_groups_new__boxes_what_kiali_boxes(void **state)
{
	struct graph *g = two_namespaces();
	struct graph_groups *gs = graph_groups_new(g, GROUPS_ALL);

	(void)state;
	assert_int_equal(gs->count, 3);		/* one cluster and apps of one are none */
	for (uint32_t i = 0; i < gs->count; i++) {
		assert_string_equal(gs->items[i].title, i == 0 ? "store" : i == 1 ? "edge" : "shop");
		assert_int_equal(gs->items[i].kind, i < 2 ? GROUP_NAMESPACE : GROUP_APP);
	}
	assert_int_equal(gs->items[2].parent, 0);
	assert_int_equal(gs->of[graph_find(g, "shop-v2")], 2);
	assert_int_equal(gs->of[graph_find(g, "db")], 0);
	assert_int_equal(gs->of[graph_find(g, "gate")], 1);
	graph_groups_free(&gs);
	for (size_t i = 0; i < g->nodes.len; i++)
		g->nodes.items[i].ns = "store";
	gs = graph_groups_new(g, 1u << GROUP_NAMESPACE);
	assert_int_equal(gs->count, 0);
	graph_groups_free(&gs);
	graph_free(&g);
}

static void
test_graph_groups_parse__knows_its_words(void **state)
{
	static const struct { const char *words; bool ok; unsigned kinds; } rows[] = {
		{ "none", true, 0 }, { "app", true, 1u << GROUP_APP },
		{ "namespace,cluster", true, 1u << GROUP_NAMESPACE | 1u << GROUP_CLUSTER },
		{ "app,", false, 0 }, { "apps", false, 0 }, { "", false, 0 },
		{ "app,none", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned kinds = 0;

		assert_int_equal(graph_groups_parse(rows[i].words, &kinds), rows[i].ok);
		assert_int_equal(kinds, rows[i].kinds);
	}
}

/* Titles stand on the frame; without room there is no frame at all. */
static void
test_layout_new__frames_yield_where_there_is_no_room(void **state)
{
	struct graph *g = two_namespaces();
	struct graph_groups *gs = graph_groups_new(g, GROUPS_ALL);

	(void)state;
	for (unsigned cols = 20; cols <= 120; cols++) {
		struct layout_options o = { .cols = cols, .rows = 24, .groups = gs };
		struct layout_options without = { .cols = cols, .rows = 24 };
		struct layout *l = layout_new(g, &without, NULL, NULL);
		struct layout_stats s;
		struct layout_rect r;
		unsigned plain_rows;
		char *text;

		layout_get_stats(l, &s);
		plain_rows = s.height;
		layout_free(&l);
		l = layout_new(g, &o, NULL, NULL);
		layout_get_stats(l, &s);
		text = drawing_text(l, GLYPHS_UNICODE);
		assert_true(s.width <= cols);
		if (layout_frame_rect(l, 0, &r))
			assert_true(s.height <= 24 || plain_rows > 48);
		if (cols >= 80) {
			assert_true(layout_frame_rect(l, 0, &r));
			assert_non_null(strstr(text, " edge "));
			assert_non_null(strstr(text, " store "));
			assert_non_null(strstr(text, " shop "));
		}
		free(text);
		layout_free(&l);
	}
	graph_groups_free(&gs);
	graph_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graph_groups_new__boxes_what_kiali_boxes),
		cmocka_unit_test(test_graph_groups_parse__knows_its_words),
		cmocka_unit_test(test_layout_new__frames_hold_their_members_and_no_others),
		cmocka_unit_test(test_layout_new__many_frames_in_a_dense_graph_read_back),
		cmocka_unit_test(test_layout_new__frames_yield_where_there_is_no_room),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
