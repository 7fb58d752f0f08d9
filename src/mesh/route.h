/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Routing: from a request head to a decision.  A pure function of the
 * compiled mesh, the caller and the request; engine, explain and forecast
 * all run this one.
 */
#ifndef MESHTOP_MESH_ROUTE_H
#define MESHTOP_MESH_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/slice.h"
#include "src/http/head.h"
#include "src/mesh/mesh.h"

struct buf;
struct http_match;			/* opaque: conditions of one spec.http[].match[] */
struct json_writer;
struct regex;
struct rng;
struct route_trace;

/* Header operations in the order they are applied (spec/dataplane.md 3.3). */
struct header_op {
	enum { HEADER_REMOVE, HEADER_SET, HEADER_ADD } op;
	const char *name;		/* lower case */
	const char *value;		/* may hold %OPERATORS%; NULL for remove */
};

struct header_ops {
	struct header_op *ops;
	size_t count;
};

struct route_destination {
	const struct mesh_cluster *cluster;	/* NULL: unknown (503 NC) */
	const char *host, *subset;
	uint16_t port;				/* 0: not given */
	uint32_t weight;
	const char *authority;		/* Host to send when the rule gives none; NULL */
	struct header_ops request, response;	/* empty for a single destination: its
						 * operations are then the rule's */
};

struct route_mirror {
	const struct mesh_cluster *cluster;	/* NULL: silently skipped */
	uint32_t per_million;
};

struct route_fault {
	bool has_delay, has_abort;
	uint32_t delay_per_million, abort_per_million;
	uint64_t delay_ns;
	unsigned abort_status;
	int abort_grpc;				/* -1: none */
};

struct route_retries {
	bool is_default;		/* Istio's policy: 2 attempts on connect-failure ... */
	uint32_t attempts;		/* additional tries */
	uint32_t on;			/* bits RETRY_ON_* */
	const uint16_t *codes;		/* retriable-status-codes */
	size_t code_count;
	uint64_t per_try_timeout_ns;	/* 0: none */
	uint64_t backoff_ns;		/* 25 ms */
};

enum {
	RETRY_5XX = 1 << 0, RETRY_GATEWAY_ERROR = 1 << 1, RETRY_RESET = 1 << 2,
	RETRY_CONNECT_FAILURE = 1 << 3, RETRY_REFUSED_STREAM = 1 << 4,
	RETRY_RETRIABLE_4XX = 1 << 5, RETRY_STATUS_CODES = 1 << 6,
	RETRY_RESET_BEFORE_REQUEST = 1 << 7, RETRY_RETRIABLE_HEADERS = 1 << 8,
	RETRY_GRPC_CANCELLED = 1 << 9, RETRY_GRPC_DEADLINE = 1 << 10,
	RETRY_GRPC_INTERNAL = 1 << 11, RETRY_GRPC_EXHAUSTED = 1 << 12,
	RETRY_GRPC_UNAVAILABLE = 1 << 13,
};

enum route_action { ROUTE_FORWARD, ROUTE_REDIRECT, ROUTE_DIRECT, ROUTE_NO_ACTION };

/* One http rule of a VirtualService, or a generated default route. */
struct http_rule {
	/* What every request needs stands first, in one line of the cache. */
	struct http_match *matches;	/* none: any request */
	size_t match_count;
	struct route_destination *destinations;
	size_t destination_count;
	uint32_t total_weight;
	enum route_action action;
	bool is_plain;			/* forwards, and all below has its default; of its
					 * destinations too */
	const struct object *object;	/* VirtualService; NULL for generated routes */
	size_t index;			/* in spec.http */
	const char *name;		/* "default", "allow_any", "block_all", or as given, "" */
	struct header_ops request, response;
	const char *rewrite_uri, *rewrite_authority;	/* NULL: none */
	const struct regex *rewrite_regex;
	const char *rewrite_regex_to;
	bool keeps_authority;		/* redirect: the request's, port and all */
	const struct value *redirect;	/* spec of the redirect */
	unsigned direct_status;
	struct slice direct_body;
	struct route_fault fault;
	uint64_t timeout_ns;		/* 0: none */
	struct route_retries retries;
	struct route_mirror *mirrors;
	size_t mirror_count;
	const struct value *cors;
};

/* What a caller sees of one dialled port, compiled for fast lookup. */
struct route_table;			/* opaque */

struct route_request {
	const struct http_head *head;
	struct slice path;		/* normalised, without query */
	struct slice query;
	struct slice authority;
	uint16_t port;			/* dialled */
	bool is_trusted;		/* mesh_trusts_client() */
};

/* The :scheme that Envoy gives a request of HTTP/1: of an absolute target, else what a
 * valid x-forwarded-proto says where the client is trusted (not at a gateway), else http. */
struct slice route_scheme(const struct http_head *head, bool is_trusted);

enum route_outcome {
	ROUTE_FOUND,			/* rule and (for forwarding) destination are set */
	ROUTE_NO_HOST,			/* no virtual host: 404 NR at gateways */
	ROUTE_NO_RULE,			/* virtual host without a matching rule: 404 NR */
	ROUTE_ALLOW_ANY,		/* unknown host: rule and destination are PassthroughCluster's */
	ROUTE_BLOCK_ALL,		/* unknown host, REGISTRY_ONLY: rule is a direct 502 */
	ROUTE_REGEX_LIMIT,		/* a regex hit its limit: 500, details regex_limit */
};

struct route_decision {
	enum route_outcome outcome;
	const struct http_rule *rule;
	int match;			/* index of the match that held; -1: rule has none */
	const struct mesh_service *service;	/* of the virtual host; NULL */
	const struct route_destination *destination;	/* drawn; cluster may be NULL */
};

/*
 * Routes one request of a caller.  One draw from rng when the rule has
 * several destinations, none else.  trace collects every rule with the
 * condition that failed; NULL on the hot path.
 */
void route_http(const struct route_table *t, const struct route_request *r,
		struct rng *rng, struct route_decision *out, struct route_trace *trace);

/* TCP: by dialled service and port.  At a gateway dialled is NULL and port the
 * server's. */
struct tcp_decision {
	const struct object *object;	/* VirtualService; NULL: default */
	size_t index;
	const struct route_destination *destination;	/* cluster may be NULL: NC */
	bool is_blocked;		/* REGISTRY_ONLY */
};
void route_tcp(const struct route_table *t, const struct mesh_service *dialled,
	       uint16_t port, struct rng *rng, struct tcp_decision *out);

/* What a gateway (mesh_workload.is_gateway) listens on at its own address, by
 * number.  A port with TLS cannot be served yet. */
struct route_gateway_port {
	uint16_t number;
	enum port_protocol protocol;
	bool has_tls;
};
const struct route_gateway_port *route_gateway_ports(const struct route_table *t,
						     size_t *count);

/* Path normalisation (spec/dataplane.md 6.4) into scratch (as large as path);
 * returns path itself when nothing changes. False: refuse with 400. */
bool route_normalize(const struct mesh_settings *s, struct slice path, char *scratch,
		     struct slice *out);

/* Explanations: one entry per rule tried. */
struct route_trace *route_trace_new(void);
void route_trace_free(struct route_trace **tp);
/* "rules": [{namespace, name, index, matched, failed: {field, want, got}|null}] */
void route_trace_put_json(const struct route_trace *t, struct json_writer *w);
/* Route name as access logs have it: NAME or NAME.MATCHNAME; "" for none. */
const char *http_rule_log_name(const struct http_rule *rule, int match);
/* Text that the match's uri.prefix took from the path, for rewrite.uri and
 * redirects with prefixRewrite; "/" for a rule without uri condition.  False
 * for exact and regex: the whole path is replaced then. */
bool http_match_prefix(const struct http_rule *rule, int match, struct slice *prefix);
/* The match in Istio's words, for request records: "headers[portal] exact travels.uk". */
void http_match_text(const struct http_rule *rule, int match, struct buf *out);

#endif
