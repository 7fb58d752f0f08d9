/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of graphs, what stands around a node, folded groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/topology/graph.h"
#include "src/topology/part.h"

/* shop: web -> back: api v1, api v2 -> db (TCP); api v1 -> api v2. */
static struct graph *
sample(void)
{
	static const struct {
		const char *id, *ns, *app, *version;
		enum health health;
	} nodes[] = {
		{ "version:back/api@v1", "back", "api", "v1", HEALTH_HEALTHY },
		{ "version:back/api@v2", "back", "api", "v2", HEALTH_FAILURE },
		{ "version:back/db@v1", "back", "db", "v1", HEALTH_HEALTHY },
		{ "version:shop/web@v1", "shop", "web", "v1", HEALTH_HEALTHY },
	};
	static const struct {
		size_t from, to;
		enum edge_protocol protocol;
		double rate, errors;
	} edges[] = {
		{ 3, 0, EDGE_HTTP, 6, 0 }, { 3, 1, EDGE_HTTP, 2, 1 }, { 0, 1, EDGE_HTTP, 1, 0 },
		{ 0, 2, EDGE_TCP, 100, 0 }, { 1, 2, EDGE_TCP, 50, 0 },
	};
	struct graph *g = graph_new();

	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		size_t at = graph_add_node(g, NODE_VERSION, nodes[i].id);
		struct graph_node *n = &g->nodes.items[at];

		n->ns = nodes[i].ns;
		n->app = nodes[i].app;
		n->version = nodes[i].version;
		n->health = nodes[i].health;
	}
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		struct graph_edge *e = graph_add_edge(g, edges[i].from, edges[i].to,
						      edges[i].protocol);

		e->rate = edges[i].rate;
		e->errors = edges[i].errors;
		e->share = edges[i].protocol == EDGE_TCP ? -1 : 0.5;
		e->times.p95 = 10;
		e->health = edges[i].errors > 0 ? HEALTH_FAILURE : HEALTH_HEALTHY;
	}
	graph_finish(g);
	return g;
}

static void
check_text(const struct graph *g, const char *want)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		buf_printf(&b, "%s", n->label);
		if (n->folded_edges > 0)
			buf_printf(&b, "[%u]", n->folded_edges);
		if (n->beyond > 0)
			buf_printf(&b, "+%u", n->beyond);
		buf_putc(&b, ';');
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		buf_printf(&b, "%s>%s %g/%g/%g;", g->nodes.items[e->from].label,
			   g->nodes.items[e->to].label, e->rate, e->errors, e->share);
	}
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

static void
test_part__keeps_what_is_wanted(void **state)
{
	struct graph *g = sample(), *part;
	bool nodes[4] = { true, true, false, true };

	(void)state;
	part = graph_part(g, NULL, NULL);
	assert_int_equal(part->nodes.len, 4);
	assert_int_equal(part->edges.len, 5);
	graph_free(&part);
	part = graph_part(g, nodes, NULL);
	check_text(part, "api v1+1;api v2+1;web v1;api v1>api v2 1/0/0.5;web v1>api v1 6/0/0.5;"
		   "web v1>api v2 2/1/0.5;");
	graph_free(&part);
	graph_free(&g);
}

static void
test_around__counts_hops_in_both_directions(void **state)
{
	struct graph *g = sample();
	bool nodes[4] = { true, true, true, true };

	(void)state;
	graph_around(g, graph_find(g, "version:back/db@v1"), 1, nodes);
	assert_true(nodes[0] && nodes[1] && nodes[2] && !nodes[3]);
	memset(nodes, true, sizeof(nodes));
	graph_around(g, 2, 2, nodes);
	assert_true(nodes[3]);
	memset(nodes, true, sizeof(nodes));
	graph_around(g, 2, 0, nodes);
	assert_true(!nodes[0] && !nodes[1] && nodes[2] && !nodes[3]);
	graph_free(&g);
}

static bool
is_back(void *arg, const char *group)
{
	(void)arg;
	return strcmp(group, "namespace:back") == 0;
}

static void
test_fold__groups_add_up(void **state)
{
	struct graph *g = sample(), *folded;

	(void)state;
	folded = graph_fold(g, FOLD_APP, NULL, NULL);
	check_text(folded, "api (2)[1];db v1;web v1;api (2)>db v1 150/0/-1;"
		   "web v1>api (2) 8/1/1;");
	assert_int_equal(folded->nodes.items[0].health, HEALTH_FAILURE);
	assert_int_equal(folded->edges.items[1].health, HEALTH_FAILURE);
	assert_int_equal(folded->edges.items[1].folded, 1);
	assert_true(folded->edges.items[1].times.p95 < 0);
	assert_true(folded->nodes.items[0].in_rate > 7.9 && folded->nodes.items[0].in_rate < 8.1);
	graph_free(&folded);
	folded = graph_fold(g, FOLD_NAMESPACE, NULL, NULL);
	check_text(folded, "back (3)[3];web v1;web v1>back (3) 8/1/1;");
	graph_free(&folded);
	folded = graph_fold(g, FOLD_NAMESPACE, is_back, NULL);
	assert_int_equal(folded->nodes.len, 4);
	assert_int_equal(folded->edges.len, 5);
	graph_free(&folded);
	folded = graph_fold(g, FOLD_NONE, NULL, NULL);
	assert_int_equal(folded->nodes.len, 4);
	graph_free(&folded);
	graph_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_part__keeps_what_is_wanted),
		cmocka_unit_test(test_around__counts_hops_in_both_directions),
		cmocka_unit_test(test_fold__groups_add_up),
	};

	return cmocka_run_group_tests_name("part", tests, NULL, NULL);
}
