/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The legend of the picture: lines, boxes and marks, then the badges that
 * occur in it.
 */
#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/text.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/topology_priv.h"

static const struct entry {
	const char *sign[GLYPHS_COUNT], *text;
	unsigned style;
	size_t when;		/* offset of a switch of the query; 0: always */
} entries[] = {
	{ { "──▶", "──>", "-->" }, "HTTP, gRPC", STYLE_GOOD, 0 },
	{ { "══▶", "══>", "==>" }, "TCP", STYLE_TCP, 0 },
	{ { "┄┄▶", "┄┄>", "-->" }, "mirrored", STYLE_MIRROR, 0 },
	{ { "!", "!", "!" }, "degraded", STYLE_WARN, 0 },
	{ { "x", "x", "x" }, "failing", STYLE_BAD, 0 },
	{ { "┌┐", "┌┐", "++" }, "service", STYLE_SERVICE, 0 },
	{ { "┌┈┐", "┌┈┐", "/~\\" }, "app, namespace, cluster", STYLE_DIM, 0 },
	{ { "──", "──", "--" }, "no traffic", STYLE_DIM, 0 },
	{ { "*", "*", "*" }, "found", STYLE_ACCENT, 0 },
	{ { "(9)", "(9)", "(9)" }, "nine nodes folded", STYLE_PLAIN, 0 },
	{ { "+3 more", "+3 more", "+3 more" }, "edges that lead on: f", STYLE_PLAIN, 0 },
	{ { "↺", "@", "@" }, "calls itself", STYLE_PLAIN, 0 },
	{ { "UO", "UO", "UO" }, "a breaker is open", STYLE_BAD, 0 },
	{ { "#1", "#1", "#1" }, "rank by edges", STYLE_PLAIN,
	  offsetof(struct model_query, shows_ranks) },
	{ { "9%mTLS", "9%mTLS", "9%mTLS" }, "part with mutual TLS", STYLE_PLAIN,
	  offsetof(struct model_query, shows_security) },
	{ { "•", "o", "o" }, "traffic", STYLE_GOOD, offsetof(struct model_query, shows_animation) },
	{ { "x", "x", "x" }, "failed traffic", STYLE_BAD,
	  offsetof(struct model_query, shows_animation) },
};

/* Puts an entry behind the last, on the next row when there is no room. */
static void
put(struct area a, unsigned *col, unsigned *row, const char *sign, unsigned style, const char *text)
{
	unsigned width = (unsigned)(text_width(sign, strlen(sign)) + 1 + strlen(text));

	if (*col > 1 && *col + width > a.cols) {
		*col = 1;
		++*row;
	}
	if (a.canvas == NULL) {		/* only measured */
		*col += width + 2;
		return;
	}
	*col += area_put(a, *col, *row, style, sign) + 1;
	*col += area_put(a, *col, *row, STYLE_DIM, text) + 2;
}

static bool
is_outside(const struct graph_node *n)
{
	return n->is_outside;
}

static bool
is_external(const struct graph_node *n)
{
	return n->is_inaccessible && n->kind != NODE_UNKNOWN;
}

static bool
has_inner_edges(const struct graph_node *n)
{
	return n->folded_edges > 0;
}

/* Notes of boxes: told while there is such a node. */
static const struct {
	bool (*applies)(const struct graph_node *n);
	const char *sign, *text;
} notes[] = {
	{ is_outside, "outside", "namespace not chosen" },
	{ is_external, "external", "no workload of the mesh" },
	{ has_inner_edges, "3 inside", "edges within a folded node" },
};

static bool
has_node(const struct graph *g, bool (*applies)(const struct graph_node *n))
{
	for (size_t i = 0; i < g->nodes.len; i++)
		if (applies(&g->nodes.items[i]))
			return true;
	return false;
}

unsigned
topology_legend(const struct topology *t, struct area a, enum glyph_level level)
{
	const struct model_query *q = &app_model(t->screen.app)->query;
	struct note_options shown;
	unsigned col = 1, row = 0, all = 0;

	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		if (entries[i].when == 0 || *(const bool *)((const char *)q + entries[i].when))
			put(a, &col, &row, entries[i].sign[level], entries[i].style, entries[i].text);
	topology_notes(q, &shown);
	for (size_t i = 0; i < t->shown->nodes.len; i++)
		all |= t->shown->nodes.items[i].badges;
	all &= note_badges(&shown);
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		if (has_node(t->shown, notes[i].applies))
			put(a, &col, &row, notes[i].sign, STYLE_PLAIN, notes[i].text);
	for (size_t i = 0; i < GRAPH_BADGES; i++)
		if ((all & graph_badges[i].badge) != 0)
			put(a, &col, &row, graph_badges[i].letters, STYLE_ACCENT, graph_badges[i].text);
	return row + 1;
}
