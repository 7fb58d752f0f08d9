/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smaller graphs from a graph; see part.h. */
#include "src/topology/part.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"

static const char *
dup_text(struct graph *g, const char *s)
{
	return s != NULL && s[0] != '\0' ? arena_strdup(g->arena, s) : "";
}

static void
copy_node(struct graph *to, const struct graph_node *n)
{
	size_t at = graph_add_node(to, n->kind, n->id);
	struct graph_node *copy = &to->nodes.items[at];
	const char *id = copy->id;

	*copy = *n;
	copy->id = id;
	copy->label = dup_text(to, n->label);
	copy->ns = dup_text(to, n->ns);
	copy->workload = dup_text(to, n->workload);
	copy->service = dup_text(to, n->service);
	copy->app = dup_text(to, n->app);
	copy->version = dup_text(to, n->version);
}

static void
copy_edge(struct graph *to, const struct graph_edge *e, size_t from_index, size_t to_index)
{
	struct graph_edge *copy = graph_add_edge(to, from_index, to_index, e->protocol);

	*copy = *e;
	copy->from = from_index;
	copy->to = to_index;
	copy->source_principal = dup_text(to, e->source_principal);
	copy->destination_principal = dup_text(to, e->destination_principal);
	copy->responses = NULL;
	if (e->response_count == 0)
		return;
	copy->responses = arena_alloc(to->arena, e->response_count * sizeof(*e->responses));
	for (size_t i = 0; i < e->response_count; i++) {
		copy->responses[i] = e->responses[i];
		copy->responses[i].code = dup_text(to, e->responses[i].code);
		copy->responses[i].flags = dup_text(to, e->responses[i].flags);
		copy->responses[i].host = dup_text(to, e->responses[i].host);
	}
}

static struct graph *
new_like(const struct graph *g)
{
	struct graph *copy = graph_new();

	copy->window_s = g->window_s;
	copy->type = g->type;
	return copy;
}

struct graph *
graph_part(const struct graph *g, const bool *nodes, const bool *edges)
{
	struct graph *part = new_like(g);
	size_t *index = xcalloc(g->nodes.len + 1, sizeof(*index));

	for (size_t i = 0; i < g->nodes.len; i++) {
		index[i] = SIZE_MAX;
		if (nodes != NULL && !nodes[i])
			continue;
		index[i] = part->nodes.len;
		copy_node(part, &g->nodes.items[i]);
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		size_t from = index[e->from], to = index[e->to];

		if (from != SIZE_MAX && to != SIZE_MAX && (edges == NULL || edges[i])) {
			copy_edge(part, e, from, to);
			continue;
		}
		if (from != SIZE_MAX)
			part->nodes.items[from].beyond++;
		if (to != SIZE_MAX)
			part->nodes.items[to].beyond++;
	}
	vec_trim(&part->nodes);
	vec_trim(&part->edges);
	free(index);
	return part;
}

void
graph_around(const struct graph *g, size_t centre, unsigned hops, bool *nodes)
{
	unsigned *distance = xcalloc(g->nodes.len + 1, sizeof(*distance));

	distance[centre] = 1;		/* hops + 1; 0: not reached */
	for (unsigned round = 1; round <= hops; round++) {
		for (size_t i = 0; i < g->edges.len; i++) {
			const struct graph_edge *e = &g->edges.items[i];

			if (distance[e->from] == round && distance[e->to] == 0)
				distance[e->to] = round + 1;
			if (distance[e->to] == round && distance[e->from] == 0)
				distance[e->from] = round + 1;
		}
	}
	for (size_t i = 0; i < g->nodes.len; i++)
		nodes[i] = nodes[i] && distance[i] != 0;
	free(distance);
}

static const char *const fold_names[FOLD_COUNT] = {
	[FOLD_NONE] = "none", [FOLD_APP] = "app", [FOLD_NAMESPACE] = "namespace",
};

bool
graph_fold_parse(const char *word, enum graph_fold *out)
{
	for (size_t i = 0; i < FOLD_COUNT; i++) {
		if (strcmp(word, fold_names[i]) == 0) {
			*out = (enum graph_fold)i;
			return true;
		}
	}
	return false;
}

const char *
graph_fold_name(enum graph_fold fold)
{
	return fold_names[fold];
}

/* "NS" of the node, from its id where the field is empty (input graphs). */
static void
namespace_part(const struct graph_node *n, const char **ns, size_t *len)
{
	const char *colon = strchr(n->id, ':');
	const char *slash = colon != NULL ? strchr(colon, '/') : NULL;

	*ns = n->ns;
	*len = strlen(n->ns);
	if (*len == 0 && slash != NULL) {
		*ns = colon + 1;
		*len = (size_t)(slash - colon - 1);
	}
}

char *
graph_group_id(const struct graph *g, size_t node, enum graph_fold fold)
{
	const struct graph_node *n = &g->nodes.items[node];
	const char *ns, *name = n->app[0] != '\0' ? n->app : n->service;
	size_t len;

	namespace_part(n, &ns, &len);
	if (n->kind == NODE_UNKNOWN || fold == FOLD_NONE || len == 0 ||
	    (fold == FOLD_APP && name[0] == '\0'))
		return xstrdup(n->id);
	if (fold == FOLD_NAMESPACE)
		return xasprintf("namespace:%.*s", (int)len, ns);
	return xasprintf("app:%.*s/%s", (int)len, ns, name);
}

struct place {
	char *group;
	size_t node;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = strcmp(x->group, y->group);

	return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

/* One node for all of places[0 .. count). */
static void
add_group(struct graph *to, const struct graph *g, const struct place *places, size_t count,
	  enum graph_fold fold)
{
	size_t at = graph_add_node(to, NODE_APP, places[0].group);
	struct graph_node *n = &to->nodes.items[at];
	const struct graph_node *first = &g->nodes.items[places[0].node];
	const char *ns;
	size_t len;

	namespace_part(first, &ns, &len);
	n->ns = arena_strndup(to->arena, ns, len);
	n->app = fold == FOLD_APP ? dup_text(to, first->app[0] != '\0' ? first->app :
					     first->service) : "";
	n->label = arena_printf(to->arena, "%s (%zu)", fold == FOLD_APP ? n->app : n->ns, count);
	n->folded = (unsigned)count;
	n->is_idle = n->is_outside = true;
	for (size_t i = 0; i < count; i++) {
		const struct graph_node *m = &g->nodes.items[places[i].node];

		n->health = m->health > n->health ? m->health : n->health;
		n->badges |= m->badges & ~(unsigned)(BADGE_ROOT | BADGE_DEAD);
		n->is_idle = n->is_idle && m->is_idle;
		n->is_outside = n->is_outside && m->is_outside;
		n->beyond += m->beyond;
	}
}

static size_t *
add_folded_nodes(struct graph *to, const struct graph *g, enum graph_fold fold,
		 graph_is_open_fn *is_open, void *arg)
{
	size_t n = g->nodes.len;
	struct place *places = xcalloc(n + 1, sizeof(*places));
	size_t *index = xcalloc(n + 1, sizeof(*index));

	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){ graph_group_id(g, i, fold), i };
	qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && strcmp(places[i].group, places[end].group) == 0;)
			end++;
		if (end - i > 1 && (is_open == NULL || !is_open(arg, places[i].group))) {
			for (size_t k = i; k < end; k++)
				index[places[k].node] = to->nodes.len;
			add_group(to, g, places + i, end - i, fold);
			continue;
		}
		for (size_t k = i; k < end; k++) {
			index[places[k].node] = to->nodes.len;
			copy_node(to, &g->nodes.items[places[k].node]);
		}
	}
	for (size_t i = 0; i < n; i++)
		free(places[i].group);
	free(places);
	return index;
}

struct mapped {
	size_t from, to, edge;
	unsigned kind;
};

static int
compare_mapped(const void *a, const void *b)
{
	const struct mapped *x = a, *y = b;
	size_t p[4] = { x->from, x->to, x->kind, x->edge };
	size_t q[4] = { y->from, y->to, y->kind, y->edge };

	for (int i = 0; i < 4; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

static void
merge_edge(struct graph_edge *into, const struct graph_edge *e)
{
	const double none = GRAPH_NO_TIME;
	double both = into->rate + e->rate;

	if (into->mtls >= 0 && e->mtls >= 0 && both > 0)
		into->mtls = (into->mtls * into->rate + e->mtls * e->rate) / both;
	else
		into->mtls = -1;
	into->rate = both;
	into->errors += e->errors;
	into->request_bytes += e->request_bytes;
	into->response_bytes += e->response_bytes;
	into->health = e->health > into->health ? e->health : into->health;
	into->is_idle = into->is_idle && e->is_idle;
	into->times = (struct graph_times){ none, none, none, none, none, none, none };
	into->source_principal = into->destination_principal = "";
	into->response_count = 0;
	into->folded++;
}

static void
add_folded_edges(struct graph *to, const struct graph *g, const size_t *index)
{
	struct mapped *order = xcalloc(g->edges.len + 1, sizeof(*order));
	const struct mapped *last = NULL;

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		order[i] = (struct mapped){ index[e->from], index[e->to], i,
					    (unsigned)e->protocol * 2 + e->is_mirrored };
	}
	qsort(order, g->edges.len, sizeof(*order), compare_mapped);
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct mapped *m = &order[i];
		const struct graph_edge *e = &g->edges.items[m->edge];

		if (m->from == m->to && to->nodes.items[m->from].folded > 0) {
			to->nodes.items[m->from].folded_edges++;
			continue;
		}
		if (last != NULL && last->from == m->from && last->to == m->to &&
		    last->kind == m->kind)
			merge_edge(&to->edges.items[to->edges.len - 1], e);
		else
			copy_edge(to, e, m->from, m->to);
		last = m;
	}
	free(order);
}

/* What a group sends and takes is what passes its border. */
static void
sum_groups(struct graph *g)
{
	double *out = xcalloc(g->nodes.len + 1, EDGE_PROTOCOL_COUNT * sizeof(*out));

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];
		struct graph_node *from = &g->nodes.items[e->from], *to = &g->nodes.items[e->to];
		bool tcp = e->protocol == EDGE_TCP;

		out[e->from * EDGE_PROTOCOL_COUNT + e->protocol] += e->rate;
		if (from->folded > 0)
			*(tcp ? &from->out_bytes : &from->out_rate) += e->rate;
		if (to->folded > 0)
			*(tcp ? &to->in_bytes : &to->in_rate) += e->rate;
		if (to->folded > 0 && !tcp)
			to->in_error_rate += e->errors;
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		struct graph_edge *e = &g->edges.items[i];
		double all = out[e->from * EDGE_PROTOCOL_COUNT + e->protocol];

		if (e->protocol != EDGE_TCP && all > 0 &&
		    (e->folded > 0 || g->nodes.items[e->from].folded > 0))
			e->share = e->rate / all;
	}
	free(out);
}

/* Apps of one name in two namespaces are told apart. */
static void
tell_apart(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];
		bool is_equal = false;

		for (size_t k = 0; n->folded > 0 && k < g->nodes.len && !is_equal; k++)
			is_equal = k != i && g->nodes.items[k].folded > 0 &&
				   strcmp(g->nodes.items[k].app, n->app) == 0 && n->app[0] != '\0';
		if (is_equal)
			n->label = arena_printf(g->arena, "%s.%s (%u)", n->app, n->ns, n->folded);
	}
}

/* Canonical order, but the labels of the whole graph. */
static void
finish(struct graph *g)
{
	size_t n = g->nodes.len;
	const char **labels = xcalloc(n + 1, sizeof(*labels)), **ids = xcalloc(n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++) {
		labels[i] = g->nodes.items[i].label;
		ids[i] = g->nodes.items[i].id;
	}
	graph_finish(g);
	for (size_t i = 0; i < n; i++) {
		size_t at = graph_find(g, ids[i]);

		ASSERT(at != SIZE_MAX);
		g->nodes.items[at].label = labels[i];
	}
	free(labels);
	free(ids);
}

struct graph *
graph_fold(const struct graph *g, enum graph_fold fold, graph_is_open_fn *is_open, void *arg)
{
	struct graph *to = new_like(g);
	size_t *index = add_folded_nodes(to, g, fold, is_open, arg);

	add_folded_edges(to, g, index);
	sum_groups(to);
	tell_apart(to);
	finish(to);
	free(index);
	return to;
}
