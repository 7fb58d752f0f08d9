/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What belongs together in the picture: versions of one app, nodes of one
 * namespace, namespaces of one cluster (spec/kiali.md 2.5).  Groups form a
 * tree: cluster, namespace, app.
 */
#ifndef MESHTOP_TOPOLOGY_GROUP_H
#define MESHTOP_TOPOLOGY_GROUP_H

#include <stdbool.h>
#include <stdint.h>

struct graph;

enum graph_group_kind { GROUP_CLUSTER, GROUP_NAMESPACE, GROUP_APP, GROUP_KINDS };

#define GROUP_NONE UINT32_MAX
#define GROUPS_MOST_NODES 150	/* a larger graph has no groups */
#define GROUPS_ALL ((1u << GROUP_KINDS) - 1)

struct graph_group {
	enum graph_group_kind kind;
	const char *title;	/* sanitized */
	uint32_t parent;	/* a smaller index, or GROUP_NONE */
};

struct graph_groups {
	struct graph_group *items;
	uint32_t count;
	uint32_t *of;		/* node -> its innermost group, or GROUP_NONE */
};

/*
 * Groups of the wanted kinds (bits 1 << kind): apps of two versions or more,
 * namespaces and clusters where two or more of them are in the graph.  Texts
 * are borrowed from the graph's arena.
 */
struct graph_groups *graph_groups_new(const struct graph *g, unsigned kinds);
void graph_groups_free(struct graph_groups **gp);	/* accepts NULL inside */

/* The kinds that Kiali boxes in a graph of this type: apps only where
 * versions are told apart. */
unsigned graph_groups_default(const struct graph *g);
/* "app,namespace,cluster" or "none"; false: bad word. */
bool graph_groups_parse(const char *words, unsigned *kinds);

#endif
