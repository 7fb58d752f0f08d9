/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of nodes, and cells with wide characters and marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"

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
	grid_text(g, 1, 1, "\xe6\x97\x85x", STYLE_BOLD, 7);
	grid_text(g, 5, 2, "\xe6\x97\x85", STYLE_PLAIN, 7);
	grid_text(g, 3, 2, "abcdef", STYLE_PLAIN, 7);
	grid_emit_text(g, &out);
	assert_string_equal(buf_str(&out), "\n \xe6\x97\x85x\n   abc\n");
	buf_clear(&out);
	grid_text(g, 0, 0, "e\xcc\x81\xcc\xa3x", STYLE_PLAIN, 7);	/* two combining marks */
	grid_text(g, 2, 0, "o\xcc\x81", STYLE_PLAIN, 7);
	grid_text(g, 2, 0, "u\xcc\x83", STYLE_PLAIN, 7);
	grid_text(g, -1, 3, "\xe6\x97\x85" "ab", STYLE_PLAIN, 7);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
