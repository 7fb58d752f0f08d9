/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The graph of who calls whom: plain data between the builder (telemetry to
 * graph), the layout, the screens and the output formats.
 */
#ifndef MESHTOP_TOPOLOGY_GRAPH_H
#define MESHTOP_TOPOLOGY_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"

struct arena;

enum node_kind {
	NODE_WORKLOAD, NODE_SERVICE, NODE_APP, NODE_VERSION, NODE_SERVICE_ENTRY,
	NODE_UNKNOWN, NODE_KIND_COUNT,
};

enum edge_protocol { EDGE_HTTP, EDGE_GRPC, EDGE_TCP, EDGE_PROTOCOL_COUNT };

/* Kiali's states in rank order (spec/kiali.md 4): combining takes the worst. */
enum health { HEALTH_NA, HEALTH_HEALTHY, HEALTH_NOT_READY, HEALTH_DEGRADED, HEALTH_FAILURE };

enum graph_badge {		/* bits; rows in badges.tbl */
#define BADGE(id, bit, letters, text) BADGE_##id = 1u << (bit),
#include "src/topology/badges.tbl"
#undef BADGE
};

enum {
	GRAPH_BADGES = 0
#define BADGE(id, bit, letters, text) + 1
#include "src/topology/badges.tbl"
#undef BADGE
};

/* What a badge is called: in a box, and in words. */
struct graph_badge_name {
	enum graph_badge badge;
	const char *letters, *text;
};
extern const struct graph_badge_name graph_badges[GRAPH_BADGES];

struct graph_node {
	const char *id;		/* design.md 4: KIND:NAMESPACE/NAME */
	const char *label;	/* text on the name's line of the drawing */
	enum node_kind kind;
	const char *ns, *workload, *service, *app, *version; /* "" where unknown */
	enum health health;
	double in_rate, out_rate;	/* requests per second */
	double in_error_rate;
	double in_bytes, out_bytes;	/* TCP bytes per second, Kiali's "sent" */
	unsigned badges;		/* enum graph_badge */
	bool is_root;		/* outgoing edges, no incoming */
	bool is_outside;	/* its namespace is not selected */
	bool is_inaccessible;
	bool is_idle;
	/* Of smaller graphs (part.h): the nodes and inner edges that this one
	 * stands for, and edges that lead out of the graph. */
	unsigned folded, folded_edges, beyond;
};

/* One response code and flag set of an edge, with its part of the requests. */
struct graph_response {
	const char *code;	/* "200", "-" when nothing was sent */
	const char *flags;	/* "-" or "UO,URX" */
	const char *host;	/* destination_service */
	double share;		/* 0..1 of the edge's requests */
};

#define GRAPH_NO_TIME (-1.0)

struct graph_times {		/* milliseconds; GRAPH_NO_TIME when not known */
	double avg, p50, p95, p99;		/* true quantiles */
	double est_p50, est_p95, est_p99;	/* interpolated in Istio's buckets */
};

struct graph_edge {
	size_t from, to;	/* indices into nodes; equal for a self call */
	enum edge_protocol protocol;
	bool is_mirrored;
	double rate;		/* requests/s; TCP: bytes/s */
	double errors;		/* failed requests/s */
	double share;		/* of the source's outgoing requests; -1 for TCP */
	double request_bytes, response_bytes;	/* throughput, bytes/s */
	struct graph_times times;
	double mtls;		/* share of traffic with mTLS, 0..1; -1 not known */
	/* Who the destination's proxy was called by and answered as with mTLS:
	 * "spiffe://...", several with commas between; "" when nobody is known. */
	const char *source_principal, *destination_principal;
	enum health health;
	bool is_idle;
	unsigned folded;	/* further edges that this one stands for (part.h) */
	struct graph_response *responses;
	size_t response_count;
};

/* Everything inside lives in arena. Nodes are in canonical order: by id. Edges
 * by (from id, to id, protocol, is_mirrored). */
struct graph {
	struct arena *arena;
	VEC(struct graph_node) nodes;
	VEC(struct graph_edge) edges;
	double window_s;
	const char *type;	/* "workload", "app", "versionedApp", "service", "input" */
};

struct graph *graph_new(void);
void graph_free(struct graph **gp);
/* Returned index stays valid until graph_finish().  The label is set there. */
size_t graph_add_node(struct graph *g, enum node_kind kind, const char *id);
struct graph_edge *graph_add_edge(struct graph *g, size_t from, size_t to,
				  enum edge_protocol protocol);
/* Sorts into canonical order, fixes indices, computes labels that are unique
 * (NAME, NAME.NS where two would be equal, "svc NAME.NS" if still equal). */
void graph_finish(struct graph *g);
/* Index of the node with that id, SIZE_MAX when there is none. */
size_t graph_find(const struct graph *g, const char *id);

#endif
