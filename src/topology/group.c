/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of nodes; see group.h. */
#include "src/topology/group.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/topology/graph.h"

static const char *const kind_words[GROUP_KINDS] = {
	[GROUP_CLUSTER] = "cluster", [GROUP_NAMESPACE] = "namespace", [GROUP_APP] = "app",
};

/* CLUSTER| in front of an id; nothing: home. */
static struct slice
cluster_of(const struct graph_node *n)
{
	const char *bar = strchr(n->id, '|'), *colon = strchr(n->id, ':');

	if (bar == NULL || (colon != NULL && colon < bar))
		return (struct slice){ "", 0 };
	return (struct slice){ n->id, (size_t)(bar - n->id) };
}

/* Folded namespaces stand for themselves. */
static bool
has_namespace(const struct graph_node *n)
{
	return n->kind != NODE_UNKNOWN && n->ns[0] != '\0' && strcmp(n->ns, "unknown") != 0 &&
	       !(n->folded > 0 && n->app[0] == '\0');
}

static bool
has_app(const struct graph_node *n)
{
	return has_namespace(n) && n->app[0] != '\0' && n->folded == 0 &&
	       (n->kind == NODE_VERSION || n->kind == NODE_WORKLOAD);
}

static bool
is_member(const struct graph_node *n, enum graph_group_kind kind)
{
	return kind == GROUP_APP ? has_app(n) : has_namespace(n);
}

/* Of two members of such groups: are they in the same one? */
static bool
same_group(const struct graph_node *a, const struct graph_node *b, enum graph_group_kind kind)
{
	return slice_eq(cluster_of(a), cluster_of(b)) &&
	       (kind == GROUP_CLUSTER || strcmp(a->ns, b->ns) == 0) &&
	       (kind != GROUP_APP || strcmp(a->app, b->app) == 0);
}

static const char *
title_of(const struct graph *g, const struct graph_node *n, enum graph_group_kind kind)
{
	struct slice cluster = cluster_of(n);
	const char *text = kind == GROUP_APP ? n->app : n->ns;
	size_t len = strlen(text);
	struct buf clean = BUF_INIT;
	const char *title;

	if (kind == GROUP_CLUSTER) {
		text = cluster.len > 0 ? cluster.ptr : "home cluster";
		len = cluster.len > 0 ? cluster.len : strlen(text);
	}
	text_sanitize(&clean, text, len);
	title = arena_strdup(g->arena, buf_str(&clean));
	buf_fini(&clean);
	return title;
}

/* First node of the group that the node is in, and how many there are. */
static size_t
first_of_group(const struct graph *g, size_t node, enum graph_group_kind kind, size_t *members)
{
	size_t first = node;

	*members = 0;
	for (size_t i = g->nodes.len; i-- > 0;) {
		if (!is_member(&g->nodes.items[i], kind) ||
		    !same_group(&g->nodes.items[i], &g->nodes.items[node], kind))
			continue;
		first = i;
		++*members;
	}
	return first;
}

/* Puts all members of the kind into groups; outer kinds first. */
static void
add_groups(struct graph_groups *gs, const struct graph *g, enum graph_group_kind kind)
{
	uint32_t before = gs->count, *group_of = xmalloc((g->nodes.len + 1) * sizeof(*group_of));

	for (size_t i = 0; i < g->nodes.len; i++) {
		size_t members, first;

		group_of[i] = GROUP_NONE;
		if (!is_member(&g->nodes.items[i], kind))
			continue;
		first = first_of_group(g, i, kind, &members);
		if (first < i) {
			group_of[i] = group_of[first];
		} else if (kind != GROUP_APP || members >= 2) {
			group_of[i] = gs->count;
			gs->items[gs->count++] = (struct graph_group){
				kind, title_of(g, &g->nodes.items[i], kind), gs->of[i] };
		}
	}
	if (kind != GROUP_APP && gs->count - before < 2) {
		gs->count = before;
		free(group_of);
		return;
	}
	for (size_t i = 0; i < g->nodes.len; i++)
		gs->of[i] = group_of[i] != GROUP_NONE ? group_of[i] : gs->of[i];
	free(group_of);
}

struct graph_groups *
graph_groups_new(const struct graph *g, unsigned kinds)
{
	struct graph_groups *gs = xcalloc(1, sizeof(*gs));

	gs->items = xcalloc(GROUP_KINDS * g->nodes.len + 1, sizeof(*gs->items));
	gs->of = xmalloc((g->nodes.len + 1) * sizeof(*gs->of));
	for (size_t i = 0; i < g->nodes.len; i++)
		gs->of[i] = GROUP_NONE;
	for (int kind = 0; kind < GROUP_KINDS && g->nodes.len <= GROUPS_MOST_NODES; kind++)
		if (kinds & (1u << kind))
			add_groups(gs, g, (enum graph_group_kind)kind);
	return gs;
}

void
graph_groups_free(struct graph_groups **gp)
{
	if (*gp == NULL)
		return;
	free((*gp)->items);
	free((*gp)->of);
	free(*gp);
	*gp = NULL;
}

unsigned
graph_groups_default(const struct graph *g)
{
	bool has_versions = strcmp(g->type, "versionedApp") == 0 || strcmp(g->type, "input") == 0;

	return has_versions ? GROUPS_ALL : GROUPS_ALL & ~(1u << GROUP_APP);
}

bool
graph_groups_parse(const char *words, unsigned *kinds)
{
	unsigned all = 0;

	if (strcmp(words, "none") == 0) {
		*kinds = 0;
		return true;
	}
	for (const char *p = words; ; p++) {
		size_t len = strcspn(p, ",");
		int kind = 0;

		while (kind < GROUP_KINDS && !slice_is((struct slice){ p, len }, kind_words[kind]))
			kind++;
		if (kind == GROUP_KINDS)
			return false;
		all |= 1u << kind;
		p += len;
		if (*p == '\0')
			break;
	}
	*kinds = all;
	return true;
}
