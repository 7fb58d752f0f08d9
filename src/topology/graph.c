/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph of who calls whom: canonical order and unique labels; see graph.h. */
#include "src/topology/graph.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"

const struct graph_badge_name graph_badges[GRAPH_BADGES] = {
#define BADGE(id, bit, letters, text) { BADGE_##id, letters, text },
#include "src/topology/badges.tbl"
#undef BADGE
};

struct graph *
graph_new(void)
{
	struct graph *g = xcalloc(1, sizeof(*g));

	g->arena = arena_new();
	g->type = "workload";
	return g;
}

void
graph_free(struct graph **gp)
{
	if (*gp == NULL)
		return;
	arena_free(&(*gp)->arena);
	vec_fini(&(*gp)->nodes);
	vec_fini(&(*gp)->edges);
	free(*gp);
	*gp = NULL;
}

size_t
graph_add_node(struct graph *g, enum node_kind kind, const char *id)
{
	struct graph_node n = { .kind = kind, .ns = "", .workload = "", .service = "",
				.app = "", .version = "" };

	n.id = n.label = arena_strdup(g->arena, id);
	vec_push(&g->nodes, n);
	return g->nodes.len - 1;
}

struct graph_edge *
graph_add_edge(struct graph *g, size_t from, size_t to, enum edge_protocol protocol)
{
	const double none = GRAPH_NO_TIME;
	struct graph_edge e = { .from = from, .to = to, .protocol = protocol, .share = -1,
				.mtls = -1, .source_principal = "", .destination_principal = "",
				.times = { none, none, none, none, none, none, none } };

	ASSERT(from < g->nodes.len && to < g->nodes.len);
	vec_push(&g->edges, e);
	return &g->edges.items[g->edges.len - 1];
}

/* qsort_r() is not stable: the place before sorting decides between equals. */
struct place {
	const char *id;
	size_t index;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int by_id = strcmp(x->id, y->id);

	return by_id != 0 ? by_id : (x->index > y->index) - (x->index < y->index);
}

static void
sort_nodes(struct graph *g)
{
	size_t n = g->nodes.len;
	struct place *order = xmalloc((n + 1) * sizeof(*order));
	struct graph_node *nodes = xmalloc((n + 1) * sizeof(*nodes));
	size_t *place_of = xmalloc((n + 1) * sizeof(*place_of));

	for (size_t i = 0; i < n; i++)
		order[i] = (struct place){ g->nodes.items[i].id, i };
	qsort(order, n, sizeof(*order), compare_places);
	for (size_t i = 0; i < n; i++) {
		nodes[i] = g->nodes.items[order[i].index];
		place_of[order[i].index] = i;
	}
	free(g->nodes.items);
	g->nodes.items = nodes;
	g->nodes.cap = n + 1;
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].from = place_of[g->edges.items[i].from];
		g->edges.items[i].to = place_of[g->edges.items[i].to];
	}
	free(order);
	free(place_of);
}

struct edge_place {
	size_t from, to, index;
	unsigned kind;		/* protocol * 2 + is_mirrored */
};

static int
compare_edges(const void *a, const void *b)
{
	const struct edge_place *x = a, *y = b;
	size_t p[4] = { x->from, x->to, x->kind, x->index };
	size_t q[4] = { y->from, y->to, y->kind, y->index };

	for (int i = 0; i < 4; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

static void
sort_edges(struct graph *g)
{
	size_t n = g->edges.len;
	struct edge_place *order = xmalloc((n + 1) * sizeof(*order));
	struct graph_edge *edges = xmalloc((n + 1) * sizeof(*edges));

	for (size_t i = 0; i < n; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		order[i] = (struct edge_place){ e->from, e->to, i,
						(unsigned)e->protocol * 2 + e->is_mirrored };
	}
	qsort(order, n, sizeof(*order), compare_edges);
	for (size_t i = 0; i < n; i++)
		edges[i] = g->edges.items[order[i].index];
	free(order);
	free(g->edges.items);
	g->edges.items = edges;
	g->edges.cap = n + 1;
}

/* What stands behind KIND:NAMESPACE/ in an id, without the @ of versions. */
static const char *
name_of(struct graph *g, const struct graph_node *n)
{
	const char *colon = strchr(n->id, ':');
	const char *slash = colon != NULL ? strchr(colon, '/') : NULL;
	char *name, *at;

	if (slash == NULL || slash[1] == '\0' || strcmp(g->type, "input") == 0)
		return n->id;
	if (n->kind == NODE_VERSION && n->app[0] != '\0')
		return n->version[0] != '\0' ?
		       arena_printf(g->arena, "%s %s", n->app, n->version) : n->app;
	name = arena_strdup(g->arena, slash + 1);
	at = n->kind == NODE_VERSION ? strchr(name, '@') : NULL;
	if (at != NULL)
		*at = at[1] != '\0' ? ' ' : '\0';
	return name;
}

static const char *
namespace_of(struct graph *g, const struct graph_node *n)
{
	const char *colon = strchr(n->id, ':');
	const char *slash = colon != NULL ? strchr(colon, '/') : NULL;

	if (n->ns[0] != '\0' || slash == NULL)
		return n->ns;
	return arena_strndup(g->arena, colon + 1, (size_t)(slash - colon - 1));
}

/* Marks the nodes whose label another node has too; returns how many. */
static size_t
find_equal_labels(const struct graph *g, bool *is_equal)
{
	size_t n = g->nodes.len, found = 0;
	struct place *order = xmalloc((n + 1) * sizeof(*order));

	for (size_t i = 0; i < n; i++) {
		order[i] = (struct place){ g->nodes.items[i].label, i };
		is_equal[i] = false;
	}
	qsort(order, n, sizeof(*order), compare_places);
	for (size_t i = 1; i < n; i++)
		if (strcmp(order[i - 1].id, order[i].id) == 0)
			is_equal[order[i - 1].index] = is_equal[order[i].index] = true;
	for (size_t i = 0; i < n; i++)
		found += is_equal[i];
	free(order);
	return found;
}

static const char *
longer_label(struct graph *g, const struct graph_node *n, int round)
{
	const char *ns = namespace_of(g, n);

	switch (round) {
	case 0:
		return ns[0] != '\0' && strcmp(n->label, n->id) != 0 ?
		       arena_printf(g->arena, "%s.%s", n->label, ns) : n->label;
	case 1:
		return n->kind == NODE_SERVICE ? arena_printf(g->arena, "svc %s", n->label) :
		       n->label;
	default:
		return n->id;
	}
}

static void
label_nodes(struct graph *g)
{
	bool *is_equal = xcalloc(g->nodes.len + 1, sizeof(*is_equal));

	for (size_t i = 0; i < g->nodes.len; i++)
		g->nodes.items[i].label = name_of(g, &g->nodes.items[i]);
	for (int round = 0; round < 3 && find_equal_labels(g, is_equal) > 0; round++)
		for (size_t i = 0; i < g->nodes.len; i++)
			if (is_equal[i])
				g->nodes.items[i].label =
					longer_label(g, &g->nodes.items[i], round);
	free(is_equal);
}

void
graph_finish(struct graph *g)
{
	sort_nodes(g);
	sort_edges(g);
	label_nodes(g);
}

size_t
graph_find(const struct graph *g, const char *id)
{
	size_t low = 0, high = g->nodes.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(g->nodes.items[middle].id, id);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* Not in canonical order yet: graph_finish() has not run. */
	for (size_t i = 0; i < g->nodes.len; i++)
		if (strcmp(g->nodes.items[i].id, id) == 0)
			return i;
	return SIZE_MAX;
}
