/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From telemetry to the graph, by Kiali's rules (spec/kiali.md 2.2-2.5):
 * which reporter counts, service nodes, rates, shares, errors, health,
 * badges.
 */
#ifndef MESHTOP_TOPOLOGY_BUILD_H
#define MESHTOP_TOPOLOGY_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct graph;
struct mesh;
struct series_store;

enum graph_type { GRAPH_APP, GRAPH_VERSIONED_APP, GRAPH_WORKLOAD, GRAPH_SERVICE };
#define GRAPH_TYPES (GRAPH_SERVICE + 1)
enum graph_reporter { GRAPH_BOTH, GRAPH_SOURCE, GRAPH_DESTINATION };

/* Which TCP bytes make a rate; words of the metrics: what the server sent, received. */
enum graph_tcp { GRAPH_TCP_SENT, GRAPH_TCP_RECEIVED, GRAPH_TCP_TOTAL, GRAPH_TCP_NONE };

struct graph_options {
	enum graph_type type;
	enum graph_reporter reporter;
	enum graph_tcp tcp;
	bool no_http, no_grpc;
	bool no_service_nodes;
	bool with_idle_edges, with_idle_nodes;
	const char *const *namespaces;	/* NULL: all but istio-system and kube-* */
	size_t namespace_count;
	int64_t from_ms, to_ms;
};

/* m (may be NULL) gives badges, namespaces, idle nodes and replica health. */
struct graph *graph_build(const struct series_store *s, const struct mesh *m,
			  const struct graph_options *options);

bool graph_type_parse(const char *word, enum graph_type *out);	/* "versionedApp" */
const char *graph_type_name(enum graph_type t);

/* Label kinds that may stand on an edge; bits. */
enum {
	EDGE_LABEL_RATE = 1, EDGE_LABEL_DISTRIBUTION = 2, EDGE_LABEL_THROUGHPUT = 4,
	EDGE_LABEL_TIME_AVG = 8, EDGE_LABEL_TIME_P50 = 16, EDGE_LABEL_TIME_P95 = 32,
	EDGE_LABEL_TIME_P99 = 64, EDGE_LABEL_THROUGHPUT_OUT = 128,	/* of responses */
};
/* "rate,distribution,time:p95,throughput" or "none"; false: bad word. */
bool edge_labels_parse(const char *words, unsigned *bits);
void edge_labels_put(unsigned bits, struct buf *out);	/* as edge_labels_parse() reads */
struct graph_edge;
/* Kiali's text of 2.4: "0.27", "12.27rps | 9.75s"; fixed_width pads figures
 * so that a changed figure does not move the layout. */
void edge_label_text(const struct graph_edge *e, unsigned bits, bool fixed_width,
		     struct buf *out);

/* Output formats of `meshtop graph` (design.md section 4). */
void graph_put_json(const struct graph *g, struct buf *out);
void graph_put_dot(const struct graph *g, unsigned label_bits, struct buf *out);
void graph_put_mermaid(const struct graph *g, unsigned label_bits, struct buf *out);
/* {nodes: [{id}], edges: [{from, to, protocol, rate}]}. */
struct error;
struct graph *graph_of_input(const char *json, size_t len, struct error *err);

#endif
