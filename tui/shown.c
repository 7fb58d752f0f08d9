/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying a graph without what is hidden.
 */
#include "tui/shown.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"

/* Texts come from outside; ids are names of ours and never drawn. */
static const char *
dup_text(struct graph *g, const char *s)
{
	struct buf clean = BUF_INIT;
	const char *copy;

	if (s == NULL || s[0] == '\0')
		return "";
	text_sanitize(&clean, s, strlen(s));
	copy = arena_strndup(g->arena, buf_str(&clean), clean.len);
	buf_fini(&clean);
	return copy;
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
	copy->responses = arena_alloc(to->arena, (e->response_count + 1) * sizeof(*e->responses));
	for (size_t i = 0; i < e->response_count; i++) {
		copy->responses[i] = e->responses[i];
		copy->responses[i].code = dup_text(to, e->responses[i].code);
		copy->responses[i].flags = dup_text(to, e->responses[i].flags);
		copy->responses[i].host = dup_text(to, e->responses[i].host);
	}
}

static bool
is_hidden(const struct graph_node *n, const char *hide)
{
	return hide != NULL && hide[0] != '\0' &&
	       (strcasestr(n->label, hide) != NULL || strcasestr(n->id, hide) != NULL ||
		strcasestr(n->ns, hide) != NULL);
}

struct graph *
graph_shown(const struct graph *g, const char *hide)
{
	struct graph *shown = graph_new();
	size_t *index = xcalloc(g->nodes.len + 1, sizeof(*index));

	shown->window_s = g->window_s;
	shown->type = g->type;
	for (size_t i = 0; i < g->nodes.len; i++) {
		index[i] = SIZE_MAX;
		if (is_hidden(&g->nodes.items[i], hide))
			continue;
		index[i] = shown->nodes.len;
		copy_node(shown, &g->nodes.items[i]);
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (index[e->from] != SIZE_MAX && index[e->to] != SIZE_MAX)
			copy_edge(shown, e, index[e->from], index[e->to]);
	}
	free(index);
	return shown;
}
