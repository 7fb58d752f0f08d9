/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps of building a graph, shared between build.c, decorate.c, rules.c and health.c.
 */
#ifndef MESHTOP_TOPOLOGY_BUILD_PRIV_H
#define MESHTOP_TOPOLOGY_BUILD_PRIV_H

#include "src/topology/build.h"
#include "src/topology/graph.h"

/* Requests of one side of a node or of an edge, by how they ended. */
struct outcomes {
	double total[2], errors_5xx, errors_4xx, no_response[2], grpc_errors;	/* [0] http, [1] grpc */
};

enum { DIRECTION_IN = 1, DIRECTION_OUT = 2 };

/* Adds count requests with that code ("-": no response). */
void outcomes_add(struct outcomes *o, enum edge_protocol protocol, const char *code, double count);
double outcomes_errors(const struct outcomes *o);
/* Kiali's tolerances (spec/kiali.md 4); NA without requests. */
enum health outcomes_health(const struct outcomes *o);
enum health health_worse(enum health a, enum health b);
/* Of the replicas of a workload: desired against those that run. */
enum health replicas_health(unsigned desired, unsigned available);

/* Principals of one end of an edge, each once. */
struct principals {
	VEC(const char *) names;
};

/* Keeps a copy of the name in arena. */
void principals_add(struct principals *p, struct arena *arena, const char *name);
void principals_join(struct principals *to, const struct principals *p);	/* shares the names */
/* In order, with commas between; sorts p. */
const char *principals_text(struct principals *p, struct arena *arena);

/* Badges, replica health and what is outside: all that the mesh knows of the
 * nodes.  traffic[i] is the health of node i's requests. */
void graph_decorate(struct graph *g, const struct mesh *m, const struct graph_options *options,
		    const enum health *traffic);
/* Marks nodes of versions that have a breaker, and tells the badges of services
 * by their index; the caller frees them. */
unsigned *graph_mark_rules(struct graph *g, const struct mesh *m);
bool graph_namespace_is_selected(const struct graph_options *options, const char *ns);

#endif
