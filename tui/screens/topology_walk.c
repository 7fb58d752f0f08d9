/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The selection and how keys move it along the picture.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/screens/topology_priv.h"

void
selection_clear(struct selection *s)
{
	free(s->node);
	free(s->from);
	free(s->to);
	*s = (struct selection){ .node = NULL };
}

void
selection_set_node(struct topology *t, size_t node)
{
	char *id = xstrdup(t->shown->nodes.items[node].id);

	selection_clear(&t->selection);
	t->selection.node = id;
	t->wants_sight = true;
	t->is_panned = false;
}

void
selection_set_edge(struct topology *t, size_t edge)
{
	const struct graph_edge *e = &t->shown->edges.items[edge];
	char *home = t->selection.node;

	t->selection.node = NULL;
	selection_clear(&t->selection);
	t->selection.node = home;
	t->selection.from = xstrdup(t->shown->nodes.items[e->from].id);
	t->selection.to = xstrdup(t->shown->nodes.items[e->to].id);
	t->selection.protocol = e->protocol;
	t->selection.is_mirrored = e->is_mirrored;
	t->wants_sight = true;
	t->is_panned = false;
}

size_t
selected_node(const struct topology *t)
{
	if (t->selection.node == NULL || t->selection.from != NULL)
		return SIZE_MAX;
	return graph_find(t->shown, t->selection.node);
}

size_t
selected_edge(const struct topology *t)
{
	const struct selection *s = &t->selection;

	if (s->from == NULL)
		return SIZE_MAX;
	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if (e->protocol == s->protocol && e->is_mirrored == s->is_mirrored &&
		    strcmp(t->shown->nodes.items[e->from].id, s->from) == 0 &&
		    strcmp(t->shown->nodes.items[e->to].id, s->to) == 0)
			return i;
	}
	return SIZE_MAX;
}

bool
topology_is_top_down(const struct topology *t)
{
	struct layout_rect from, to;
	int down = 0;

	for (size_t i = 0; t->layout != NULL && i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];

		if (e->from == e->to || !layout_node_rect(t->layout, e->from, &from) ||
		    !layout_node_rect(t->layout, e->to, &to))
			continue;
		if (to.row >= from.row + from.rows)
			down++;
		if (to.col >= from.col + from.cols)
			down--;
	}
	return down > 0;
}

static int
middle(const struct topology *t, size_t node, bool of_rows)
{
	struct layout_rect r;

	if (t->layout == NULL || !layout_node_rect(t->layout, node, &r))
		return 0;
	return of_rows ? (int)(r.row + r.rows / 2) : (int)(r.col + r.cols / 2);
}

/* The neighbour along an edge that stands nearest across the flow. */
static size_t
neighbour(const struct topology *t, size_t node, bool caller)
{
	bool of_rows = !topology_is_top_down(t);
	size_t best = SIZE_MAX;
	int best_distance = 0;

	for (size_t i = 0; i < t->shown->edges.len; i++) {
		const struct graph_edge *e = &t->shown->edges.items[i];
		size_t other = caller ? e->from : e->to;
		int distance;

		if ((caller ? e->to : e->from) != node || other == node)
			continue;
		distance = abs(middle(t, other, of_rows) - middle(t, node, of_rows));
		if (best == SIZE_MAX || distance < best_distance) {
			best = other;
			best_distance = distance;
		}
	}
	return best;
}

/* The node whose place in the same layer is one further. */
static size_t
sibling(const struct topology *t, size_t node, int step)
{
	unsigned layer, order, l, o;
	size_t best = SIZE_MAX;
	unsigned best_order = 0;

	if (t->layout == NULL || !layout_node_place(t->layout, node, &layer, &order))
		return SIZE_MAX;
	for (size_t i = 0; i < t->shown->nodes.len; i++) {
		if (!layout_node_place(t->layout, i, &l, &o) || l != layer || i == node)
			continue;
		if (step > 0 ? o <= order : o >= order)
			continue;
		if (best == SIZE_MAX || (step > 0 ? o < best_order : o > best_order)) {
			best = i;
			best_order = o;
		}
	}
	return best;
}

/* The first (or last) node in reading order of the picture. */
static size_t
end_node(const struct topology *t, bool last)
{
	unsigned layer, order, best_layer = 0, best_order = 0;
	size_t best = SIZE_MAX;

	for (size_t i = 0; t->layout != NULL && i < t->shown->nodes.len; i++) {
		bool is_before;

		if (!layout_node_place(t->layout, i, &layer, &order))
			continue;
		is_before = layer < best_layer || (layer == best_layer && order < best_order);
		if (best == SIZE_MAX || is_before != last) {
			best = i;
			best_layer = layer;
			best_order = order;
		}
	}
	return best;
}

static bool
walk_along(struct topology *t, bool caller)
{
	size_t edge = selected_edge(t), node = selected_node(t), to;

	if (edge != SIZE_MAX) {
		const struct graph_edge *e = &t->shown->edges.items[edge];

		selection_set_node(t, caller ? e->from : e->to);
		return true;
	}
	to = node == SIZE_MAX ? end_node(t, false) : neighbour(t, node, caller);
	if (to != SIZE_MAX)
		selection_set_node(t, to);
	else
		app_say(t->screen.app, SEVERITY_INFO, caller ? "nothing calls this" :
			"this calls nothing");
	return true;
}

static bool
walk_across(struct topology *t, int step)
{
	size_t node = selected_node(t), to;

	if (selected_edge(t) != SIZE_MAX)
		node = graph_find(t->shown, t->selection.to);
	to = node == SIZE_MAX ? end_node(t, step < 0) : sibling(t, node, step);
	if (to != SIZE_MAX)
		selection_set_node(t, to);
	return true;
}

/* Steps through the edges that touch the node the selection came from. */
static bool
walk_edges(struct topology *t, int step)
{
	size_t n = t->shown->edges.len, edge = selected_edge(t);
	size_t home = t->selection.node != NULL ? graph_find(t->shown, t->selection.node) : SIZE_MAX;
	size_t at = edge != SIZE_MAX ? edge : step > 0 ? n - 1 : 0;

	for (size_t i = 0; i < n; i++) {
		const struct graph_edge *e;

		at = (at + n + (size_t)step) % n;
		e = &t->shown->edges.items[at];
		if (home == SIZE_MAX || e->from == home || e->to == home) {
			selection_set_edge(t, at);
			return true;
		}
	}
	app_say(t->screen.app, SEVERITY_INFO, "no edge here");
	return true;
}

/* Nodes, then edges, in error or warning, round and round. */
static bool
walk_errors(struct topology *t, int step)
{
	size_t nodes = t->shown->nodes.len, n = nodes + t->shown->edges.len;
	size_t node = selected_node(t), edge = selected_edge(t);
	size_t at = node != SIZE_MAX ? node : edge != SIZE_MAX ? nodes + edge : step > 0 ? n - 1 : 0;

	for (size_t i = 0; i < n; i++) {
		at = (at + n + (size_t)step) % n;
		if (at < nodes && t->shown->nodes.items[at].health > HEALTH_HEALTHY) {
			selection_set_node(t, at);
			return true;
		}
		if (at >= nodes && t->shown->edges.items[at - nodes].health > HEALTH_HEALTHY) {
			selection_set_edge(t, at - nodes);
			return true;
		}
	}
	app_say(t->screen.app, SEVERITY_INFO, "nothing is in error or warning");
	return true;
}

static bool
walk_end(struct topology *t, bool last)
{
	size_t node = end_node(t, last);

	if (node != SIZE_MAX)
		selection_set_node(t, node);
	return true;
}

bool
topology_walk(struct topology *t, enum command_id id)
{
	switch (id) {
	case CMD_CALLER: return walk_along(t, true);
	case CMD_CALLEE: return walk_along(t, false);
	case CMD_NEXT: return walk_across(t, 1);
	case CMD_PREVIOUS: return walk_across(t, -1);
	case CMD_EDGE: return walk_edges(t, 1);
	case CMD_EDGE_BACK: return walk_edges(t, -1);
	case CMD_NEXT_ERROR: return walk_errors(t, 1);
	case CMD_PREV_ERROR: return walk_errors(t, -1);
	case CMD_FIRST: return walk_end(t, false);
	case CMD_LAST: return walk_end(t, true);
	default: return false;
	}
}

static bool
choose_edge(struct topology *t, size_t edge)
{
	bool was_chosen = selected_edge(t) == edge;

	if (!was_chosen)
		selection_set_edge(t, edge);
	return was_chosen;
}

static bool
choose_node(struct topology *t, size_t node)
{
	bool was_chosen = selected_node(t) == node;

	if (!was_chosen)
		selection_set_node(t, node);
	return was_chosen;
}

bool
topology_click(struct screen *s, unsigned what, unsigned col, unsigned row)
{
	struct topology *t = (struct topology *)s;
	uint32_t owner;

	if (what >= TOPOLOGY_HIT_EDGE)
		return choose_edge(t, what - TOPOLOGY_HIT_EDGE);
	if (t->grid == NULL || col >= t->grid->cols || row >= t->grid->rows)
		return false;
	owner = grid_at(t->grid, col, row)->owner;
	if (owner == GRID_NO_OWNER)
		return false;
	return (owner & GRID_OWNER_EDGE) != 0 ? choose_edge(t, owner & ~GRID_OWNER_EDGE) :
	       choose_node(t, owner);
}
