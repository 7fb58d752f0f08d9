/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in boxes under names, and beside rates on lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/topology/graph.h"
#include "src/topology/notes.h"

static const struct {
	struct graph_node node;
	struct note_options options;
	const char *want;		/* NULL: no line */
} rows[] = {
	{ { .badges = BADGE_ROOT }, { .has_badges = true }, NULL },
	{ { .badges = BADGE_VIRTUAL_SERVICE | BADGE_MIRRORING | BADGE_MISSING_SIDECAR },
	  { .has_badges = true }, "VS MI" },
	{ { .badges = BADGE_VIRTUAL_SERVICE | BADGE_MISSING_SIDECAR },
	  { .has_missing_sidecars = true }, "MS" },
	{ { .badges = BADGE_VIRTUAL_SERVICE }, { .has_ranks = true }, "#1" },
	{ { .badges = BADGE_CIRCUIT_BREAKER, .is_outside = true, .beyond = 2 },
	  { .has_badges = true, .has_ranks = true }, "CB outside #1 +2 more" },
	{ { .kind = NODE_SERVICE, .is_inaccessible = true }, { .has_badges = true }, "external" },
	{ { .kind = NODE_UNKNOWN, .is_inaccessible = true }, { .has_badges = true }, NULL },
	{ { .badges = BADGE_VIRTUAL_SERVICE, .folded_edges = 3 }, { .has_badges = true }, "VS, 3 inside" },
};

static void
test_graph_notes__rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct graph *g = graph_new();
		size_t at = graph_add_node(g, rows[i].node.kind, "a");
		struct graph_node *n = &g->nodes.items[at];
		const char *id = n->id, *got;

		*n = rows[i].node;
		n->id = id;
		got = graph_notes(g, &rows[i].options, g->arena)[0];
		if (got == NULL ? rows[i].want != NULL :
		    rows[i].want == NULL || strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: %s", i, got != NULL ? got : "nothing");
		graph_free(&g);
	}
}

static void
test_edge_signs__stand_behind_the_rate(void **state)
{
	struct graph_response responses[] = { { "200", "-", "api", 0.9 }, { "503", "UO,URX", "api", 0.1 } };
	struct graph_edge e = { .mtls = 0.5, .responses = responses, .response_count = 2 };
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "1.5");
	edge_security_put(&e, &b);
	edge_breaker_put(&e, &b);
	assert_string_equal(buf_str(&b), "1.5  50%mTLS UO");
	buf_clear(&b);
	e.mtls = 0;
	e.response_count = 1;
	edge_security_put(&e, &b);
	edge_breaker_put(&e, &b);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graph_notes__rows),
		cmocka_unit_test(test_edge_signs__stand_behind_the_rate),
	};

	return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
