/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the graph to what is drawn: boxes and lines.
 *
 * Nodes that do not fit share a counted box; lines that then are between the
 * same boxes become one.  Self calls are marks, not lines.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/text.h"
#include "src/topology/layout_priv.h"

static const char *
text_at(const char *const *texts, size_t i)
{
	return texts != NULL && texts[i] != NULL && texts[i][0] != '\0' ? texts[i] : NULL;
}

static void
measure_box(const struct layout *l, struct box *b)
{
	unsigned cols = (unsigned)text_width(b->label, strlen(b->label));
	unsigned note = 0;

	if (b->mark != NULL)
		cols += (unsigned)text_width(b->mark, strlen(b->mark)) + 1;
	if (b->note != NULL && l->o.zoom == ZOOM_BOX)
		note = (unsigned)text_width(b->note, strlen(b->note));
	b->text_cols = cols > note ? cols : note;
	b->text_rows = 1 + (note > 0) + b->calls_itself;
}

static void
add_boxes(struct layout *l, const uint32_t *fold_of, uint32_t folds)
{
	const struct graph *g = l->g;
	size_t n = g->nodes.len;
	uint32_t *counts = arena_alloc(l->arena, (folds + 1) * sizeof(*counts));
	uint32_t *counted = arena_alloc(l->arena, (folds + 1) * sizeof(*counted));

	l->boxes = arena_alloc(l->arena, (n + 1) * sizeof(*l->boxes));
	l->box_of = arena_alloc(l->arena, (n + 1) * sizeof(*l->box_of));
	l->is_folded = arena_alloc(l->arena, (n + 1) * sizeof(*l->is_folded));
	for (size_t i = 0; i < n; i++) {
		uint32_t fold = fold_of != NULL ? fold_of[i] : NONE;
		struct box *b = &l->boxes[l->box_count];

		l->is_folded[i] = fold != NONE;
		if (fold != NONE && counts[fold]++ > 0) {
			l->box_of[i] = counted[fold];
			continue;
		}
		l->box_of[i] = l->box_count++;
		b->node = fold != NONE ? NONE : (uint32_t)i;
		b->first_node = (uint32_t)i;
		b->label = g->nodes.items[i].label;
		if (fold != NONE) {
			counted[fold] = l->box_of[i];
			continue;
		}
		b->note = text_at(l->o.node_notes, i);
		b->mark = text_at(l->o.node_marks, i);
	}
	for (uint32_t f = 0; f < folds; f++) {
		l->stats.hidden_nodes += counts[f];
		if (counts[f] > 0)
			l->boxes[counted[f]].label =
				arena_printf(l->arena, "+%u more", counts[f]);
	}
}

struct line_place {
	uint32_t from, to, kind, edge;
};

static int
compare_line_places(const void *a, const void *b)
{
	const struct line_place *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

static void
add_line(struct layout *l, const struct line_place *at, uint32_t member)
{
	const struct graph_edge *e = &l->g->edges.items[at->edge];
	struct line *last = l->line_count > 0 ? &l->lines[l->line_count - 1] : NULL;

	if (last == NULL || last->from != at->from || last->to != at->to ||
	    last->kind != at->kind) {
		last = &l->lines[l->line_count++];
		*last = (struct line){ .from = at->from, .to = at->to, .edge = at->edge,
				       .kind = (uint8_t)at->kind, .bundle = NONE,
				       .first = member,
				       .is_idle = true };
	}
	if (e->health > last->health)
		last->health = (uint8_t)e->health;
	last->is_idle = last->is_idle && e->is_idle;
	last->count++;
	l->members[member] = at->edge;
	l->line_of[at->edge] = l->line_count - 1;
}

static void
add_lines(struct layout *l)
{
	const struct graph *g = l->g;
	size_t m = g->edges.len, count = 0;
	struct line_place *places = xmalloc((m + 1) * sizeof(*places));

	l->lines = arena_alloc(l->arena, (m + 1) * sizeof(*l->lines));
	l->members = arena_alloc(l->arena, (m + 1) * sizeof(*l->members));
	l->line_of = arena_alloc(l->arena, (m + 1) * sizeof(*l->line_of));
	for (size_t i = 0; i < m; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		uint32_t from = l->box_of[e->from], to = l->box_of[e->to];

		l->line_of[i] = NONE;
		l->stats.hidden_edges += l->is_folded[e->from] || l->is_folded[e->to];
		if (from == to && !l->is_folded[e->from])
			l->boxes[from].calls_itself = true;
		if (from != to)
			places[count++] = (struct line_place){
				from, to, (uint32_t)e->protocol * 2 + e->is_mirrored,
				(uint32_t)i };
	}
	qsort(places, count, sizeof(*places), compare_line_places);
	for (size_t i = 0; i < count; i++)
		add_line(l, &places[i], (uint32_t)i);
	free(places);
}

void
fold_graph(struct layout *l, const uint32_t *fold_of, uint32_t folds)
{
	add_boxes(l, fold_of, folds);
	add_lines(l);
	for (uint32_t i = 0; i < l->box_count; i++)
		measure_box(l, &l->boxes[i]);
}
