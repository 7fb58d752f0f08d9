/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of edges, and the dots that move along them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/topology/flow.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "tests/lib/graph_samples.h"

static bool
touches(const struct layout *l, size_t node, const struct layout_cell *c)
{
	struct layout_rect r;

	return layout_node_rect(l, node, &r) && c->col + 1 >= r.col && c->col <= r.col + r.cols &&
	       c->row + 1 >= r.row && c->row <= r.row + r.rows;
}

/* From the source's box to the target's, cell by cell, on drawn lines. */
static void
check_path(const struct layout *l, struct grid *grid, size_t edge, const struct graph *g)
{
	const struct graph_edge *e = &g->edges.items[edge];
	struct layout_path p = { VEC_INIT };

	layout_edge_path(l, edge, &p);
	if (e->from == e->to) {
		assert_int_equal(p.cells.len, 0);
		return;
	}
	assert_true(p.cells.len > 0);
	assert_true(touches(l, e->from, &p.cells.items[0]));
	assert_true(touches(l, e->to, &p.cells.items[p.cells.len - 1]));
	for (size_t i = 0; i < p.cells.len; i++) {
		const struct layout_cell *c = &p.cells.items[i];

		assert_true((grid_at(grid, c->col, c->row)->owner & GRID_OWNER_EDGE) != 0);
		if (i > 0)
			assert_int_equal(abs((int)c->col - (int)c[-1].col) +
					 abs((int)c->row - (int)c[-1].row), 1);
	}
	vec_fini(&p.cells);
}

static void
test_layout_edge_path__runs_from_box_to_box(void **state)
{
	static const enum layout_form forms[] = { LAYOUT_LEFT_RIGHT, LAYOUT_TOP_DOWN };

	(void)state;
	for (unsigned seed = 1; seed < 9; seed++) {
		const struct sample_wish wish = { 20 + seed, 30 + seed, seed % 3, seed };
		struct graph *g = sample_random(&wish);

		for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
			const struct layout_options o = { .form = forms[f] };
			struct error err = ERROR_INIT;
			struct layout *l = layout_new(g, &o, NULL, &err);
			struct grid *grid = layout_draw(l, GLYPHS_UNICODE, GRID_NO_OWNER);

			for (size_t i = 0; i < g->edges.len; i++)
				check_path(l, grid, i, g);
			grid_free(&grid);
			layout_free(&l);
		}
		graph_free(&g);
	}
}

static void
test_flow_delay_ms__is_kialis_rule(void **state)
{
	static const struct {
		enum edge_protocol protocol;
		double rate, scale, want;
	} rows[] = {
		{ EDGE_HTTP, 1, 1, 1000 }, { EDGE_HTTP, 4, 1, 250 }, { EDGE_HTTP, 4, 2, 500 },
		{ EDGE_HTTP, 1000, 1, 40 }, { EDGE_HTTP, 0.01, 1, 5000 }, { EDGE_HTTP, 0, 1, 0 },
		{ EDGE_GRPC, 2, 1, 500 }, { EDGE_TCP, 100, 1, 200 }, { EDGE_TCP, 0, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct graph_edge e = { .protocol = rows[i].protocol, .rate = rows[i].rate };

		assert_true(flow_delay_ms(&e, rows[i].scale) == rows[i].want);
	}
}

struct scene {
	struct graph *g;
	struct layout *l;
	struct flow *f;
	struct layout_rect all;
	size_t dots, errors;
};

static void
open_scene(struct scene *s, unsigned callers, double rate, double errors)
{
	const struct layout_options o = { .form = LAYOUT_LEFT_RIGHT };
	struct error err = ERROR_INIT;
	size_t to;

	*s = (struct scene){ .g = graph_new(), .f = flow_new(), .all = { 0, 0, 1000, 1000 } };
	to = graph_add_node(s->g, NODE_WORKLOAD, "workload:n/to");
	for (unsigned i = 0; i < callers; i++) {
		char id[40];
		struct graph_edge *e;

		snprintf(id, sizeof(id), "workload:n/from-%03u", i);
		e = graph_add_edge(s->g, graph_add_node(s->g, NODE_WORKLOAD, id), to, EDGE_HTTP);
		e->rate = rate;
		e->errors = errors;
	}
	graph_finish(s->g);
	s->l = layout_new(s->g, &o, NULL, &err);
	flow_set(s->f, s->l, s->g);
}

static void
close_scene(struct scene *s)
{
	flow_free(&s->f);
	layout_free(&s->l);
	graph_free(&s->g);
}

static void
count(void *arg, size_t edge, unsigned col, unsigned row, bool is_error)
{
	struct scene *s = arg;

	(void)edge;
	(void)col;
	(void)row;
	s->dots++;
	s->errors += is_error;
}

static void
test_flow_step__never_more_dots_than_the_most(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 60, 50, 0);
	for (unsigned i = 0; i < 200; i++) {
		assert_true(flow_step(s.f, s.g, &s.all));
		s.dots = 0;
		flow_each(s.f, count, &s);
		assert_true(s.dots <= FLOW_MOST_DOTS);
	}
	assert_true(s.dots > FLOW_MOST_DOTS / 3);
	close_scene(&s);
}

static void
test_flow_step__nothing_moves_without_traffic(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 3, 0, 0);
	assert_false(flow_step(s.f, s.g, &s.all));
	flow_each(s.f, count, &s);
	assert_int_equal(s.dots, 0);
	close_scene(&s);
	open_scene(&s, 3, 5, 0);
	s.all.col = 5000;		/* out of sight */
	assert_false(flow_step(s.f, s.g, &s.all));
	close_scene(&s);
}

static void
note_first(void *arg, size_t edge, unsigned col, unsigned row, bool is_error)
{
	struct scene *s = arg;
	struct layout_path p = { VEC_INIT };

	layout_edge_path(s->l, edge, &p);
	if (p.cells.items[0].col == col && p.cells.items[0].row == row) {
		s->dots++;
		s->errors += is_error;
	}
	vec_fini(&p.cells);
}

static void
test_flow_step__errors_have_their_share(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 1, 2, 0.5);		/* every fourth request fails */
	for (unsigned i = 0; i < 80000 / FLOW_FRAME_MS; i++) {
		flow_step(s.f, s.g, &s.all);
		flow_each(s.f, note_first, &s);
	}
	assert_in_range(s.dots, 150, 161);	/* two a second */
	assert_in_range(s.errors, s.dots / 4 - 1, s.dots / 4 + 1);
	close_scene(&s);
}

static void
test_flow_set__dots_of_the_same_lines_go_on(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, 2, 8, 0);
	for (unsigned i = 0; i < 6; i++)
		flow_step(s.f, s.g, &s.all);
	flow_each(s.f, count, &s);
	assert_true(s.dots > 0);
	flow_set(s.f, s.l, s.g);
	s.errors = s.dots;
	s.dots = 0;
	flow_each(s.f, count, &s);
	assert_int_equal(s.dots, s.errors);
	flow_set(s.f, NULL, s.g);
	s.dots = 0;
	flow_each(s.f, count, &s);
	assert_int_equal(s.dots, 0);
	close_scene(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_edge_path__runs_from_box_to_box),
		cmocka_unit_test(test_flow_delay_ms__is_kialis_rule),
		cmocka_unit_test(test_flow_step__never_more_dots_than_the_most),
		cmocka_unit_test(test_flow_step__nothing_moves_without_traffic),
		cmocka_unit_test(test_flow_step__errors_have_their_share),
		cmocka_unit_test(test_flow_set__dots_of_the_same_lines_go_on),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
