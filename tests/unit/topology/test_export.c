/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture as SVG and the graph as Mermaid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/svg.h"

static void
test_svg__lines_are_paths_and_text_is_escaped(void **state)
{
	struct grid *g = grid_new(12, 2);
	struct buf out = BUF_INIT;

	(void)state;
	grid_text(g, 0, 0, "\xe2\x94\x80\xe2\x94\x80\xe2\x96\xb6 <a&b>", STYLE_GOOD, GRID_NO_OWNER);
	grid_text(g, 0, 1, "\xe2\x95\x90\xe2\x95\x90", STYLE_TCP, GRID_NO_OWNER);
	grid_put_svg(g, "x < y", &out);
	assert_non_null(strstr(buf_str(&out), "<title>x &lt; y</title>"));
	assert_non_null(strstr(buf_str(&out), ">&lt;a&amp;b&gt;</text>"));
	assert_non_null(strstr(buf_str(&out), "d=\"M12 21.5H30\""));	/* one run of two cells */
	assert_non_null(strstr(buf_str(&out), "d=\"M12 38.5H30M12 41.5H30\""));
	assert_null(strstr(buf_str(&out), "\xe2\x94\x80"));
	buf_fini(&out);
	grid_free(&g);
}

static void
test_svg__no_unsafe_glyph_passes(void **state)
{
	struct grid *g = grid_new(3, 1);
	struct buf out = BUF_INIT;

	(void)state;
	grid_at(g, 0, 0)->glyph = 0x1b;
	grid_at(g, 1, 0)->glyph = 0x202e;
	grid_put_svg(g, "t", &out);
	assert_null(strchr(buf_str(&out), 0x1b));
	assert_null(strstr(buf_str(&out), "\xe2\x80\xae"));
	buf_fini(&out);
	grid_free(&g);
}

static void
test_mermaid__nodes_edges_and_escapes(void **state)
{
	static const char want[] = "flowchart LR\n"
		"  n0([\"a#quot;b\"]):::good\n"
		"  n1([\"c\"]):::bad\n"
		"  n0 -->|\"2\"| n1\n"
		"  n0 ==>|\"512bps\"| n1\n"
		"  classDef good ";
	struct graph *g = graph_new();
	struct graph_edge *e;
	struct buf out = BUF_INIT;

	(void)state;
	g->type = "input";
	graph_add_node(g, NODE_WORKLOAD, "a\"b");
	graph_add_node(g, NODE_WORKLOAD, "c");
	g->nodes.items[0].health = HEALTH_HEALTHY;
	g->nodes.items[1].health = HEALTH_FAILURE;
	e = graph_add_edge(g, 0, 1, EDGE_HTTP);
	e->rate = 2;
	e->health = HEALTH_FAILURE;
	graph_add_edge(g, 0, 1, EDGE_TCP)->rate = 512;
	graph_finish(g);
	graph_put_mermaid(g, EDGE_LABEL_RATE, &out);
	if (strncmp(buf_str(&out), want, sizeof(want) - 1) != 0)
		fail_msg("got\n%s", buf_str(&out));
	assert_non_null(strstr(buf_str(&out), "  linkStyle 0 stroke:#cf222e\n"));
	assert_null(strstr(buf_str(&out), "linkStyle 1"));
	buf_fini(&out);
	graph_free(&g);
}

/* Names of all kinds become names of the format, never its syntax. */
static const struct { const char *name, *mermaid; } hostile[] = {
	{ "", "([\" \"])" }, { "%%{init: {}}%%", "([\"#37;#37;{init: {}}#37;#37;\"])" },
	{ "- list", "([\"#45; list\"])" }, { "1. list", "([\"#49;. list\"])" }, { "1.5", "([\"1.5\"])" },
	{ "<script>`x`</script>", "([\"#lt;script#gt;#96;x#96;#lt;/script#gt;\"])" },
	{ "\"])\\n", "([\"#quot;])#92;n\"])" },
};

static void
test_mermaid__names_are_never_syntax(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct graph *g = graph_new();
		struct buf out = BUF_INIT;

		g->type = "input";
		graph_add_node(g, NODE_WORKLOAD, hostile[i].name);
		graph_finish(g);
		graph_put_mermaid(g, EDGE_LABEL_RATE, &out);
		if (strstr(buf_str(&out), hostile[i].mermaid) == NULL)
			fail_msg("%s: %s", hostile[i].name, buf_str(&out));
		buf_fini(&out);
		graph_free(&g);
	}
}

/* No reader takes a text of 100 KiB. */
static void
test_exports__long_names_are_cut(void **state)
{
	struct graph *g = graph_new();
	struct buf out = BUF_INIT, name = BUF_INIT;

	(void)state;
	g->type = "input";
	buf_fill(&name, 'x', 100 << 10);
	graph_add_node(g, NODE_WORKLOAD, buf_str(&name));
	graph_add_node(g, NODE_WORKLOAD, "a\"\\b");
	graph_add_edge(g, 0, 1, EDGE_HTTP)->rate = 1;
	graph_finish(g);
	graph_put_mermaid(g, EDGE_LABEL_RATE, &out);
	assert_true(out.len < 2000);
	buf_clear(&out);
	graph_put_dot(g, EDGE_LABEL_RATE, &out);
	assert_true(out.len < 2000);
	assert_non_null(strstr(buf_str(&out), "n1 -> \"a\\\"\\\\b\" [label=\"1\""));
	buf_fini(&out);
	buf_fini(&name);
	graph_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_svg__lines_are_paths_and_text_is_escaped),
		cmocka_unit_test(test_svg__no_unsafe_glyph_passes),
		cmocka_unit_test(test_mermaid__nodes_edges_and_escapes),
		cmocka_unit_test(test_mermaid__names_are_never_syntax),
		cmocka_unit_test(test_exports__long_names_are_cut),
	};

	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
