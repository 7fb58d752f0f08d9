/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edges while they are built: link.c sums what readings say of them,
 * link_edges.c makes the graph's edges of them.  For build.c.
 */
#ifndef MESHTOP_TOPOLOGY_LINK_H
#define MESHTOP_TOPOLOGY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "src/base/loghist.h"
#include "src/base/vec.h"
#include "src/telemetry/series.h"
#include "src/topology/build_priv.h"
#include "src/topology/graph.h"

enum { SOURCE, DESTINATION, REPORTERS };

/* Durations as one reporter saw them: few of the fine counts are not 0. */
struct durations {
	double sum_ms;
	double buckets[METRIC_BUCKETS];
	VEC(struct fine_count) fine;	/* by index */
};

struct link {			/* an edge being built */
	size_t ends[4];		/* from, to, protocol, mirrored: the key */
	struct outcomes outcomes;
	double requests, tcp_bytes, mtls;
	double throughput[REPORTERS];	/* request bytes, response bytes */
	struct durations *durations[REPORTERS];
	struct principals principals[REPORTERS];	/* of the two ends */
	VEC(struct graph_response) responses;	/* share holds a count until the end */
	UT_hash_handle hh;
};

/* Totals of a node's edges. */
struct node_sums {
	struct outcomes in, out;
	double out_requests[EDGE_PROTOCOL_COUNT];
	bool has_in, has_out;
};

/* All counts of d, 0 as well. */
void durations_unfold(const struct durations *d, uint32_t out[LOGHIST_BUCKETS]);

/* reporter: SOURCE or DESTINATION. */
void link_add_durations(struct link *l, unsigned reporter, double sum_ms,
			const double buckets[METRIC_BUCKETS],
			const uint32_t fine[LOGHIST_BUCKETS]);
/* r->share is a count; the texts are borrowed. */
void link_add_response(struct link *l, const struct graph_response *r);
/* Adds so large a part (0 to 1) of l. */
void link_join(struct link *to, const struct link *l, double part);
double link_weight(const struct link *l);	/* above 0; requests, or bytes by the kB */
void link_free(struct link *l);

/* links are all, by uthash.  sums has one entry a node of the graph, all zero. */
void links_sum(struct link *links, struct node_sums *sums);
/* Edges, and rates of their nodes. */
void links_make_edges(struct link *links, const struct node_sums *sums, double window_s,
		      struct graph *g);
/* Nodes that only gave their name to a fact (a service that is not drawn, a
 * workload that was reduced away) have no edge and go.  traffic[i] gets the
 * health of what node i (of those that stay) takes and sends. */
void graph_drop_lonely(struct graph *g, const struct node_sums *sums, enum health *traffic);

#endif
