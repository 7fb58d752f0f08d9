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
	bool takes_tried;		/* endpoints that were tried are as good as others */
	bool leaves_priorities;		/* every second try leaves those that were tried */
	uint32_t attempts;		/* additional tries */
	uint32_t on;			/* bits RETRY_ON_* */
	const uint16_t *codes;		/* retriable-status-codes */
	size_t code_count;
	const struct http_head *asked_by; /* whose fields list more codes, and names of
					 * retriable-headers; NULL: nobody's */
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
	RETRY_GRPC_UNAVAILABLE = 1 << 13, RETRY_RATE_LIMITED = 1 << 14,
	RETRY_GRPC = RETRY_GRPC_CANCELLED | RETRY_GRPC_DEADLINE | RETRY_GRPC_INTERNAL |
		     RETRY_GRPC_EXHAUSTED | RETRY_GRPC_UNAVAILABLE,
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
	bool has_stat_prefix;		/* see http_rule_stat_prefix() */
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
	struct slice made_id;		/* x-request-id that the proxy gives it; ptr NULL: its own */
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
	const struct http_rule *extras;	/* the rule, unless it is plain; NULL */
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

/* One tcp or tls rule of a VirtualService, or a generated one. */
struct tcp_rule {
	const struct object *object;	/* NULL: generated */
	size_t index;			/* in spec.tcp or spec.tls */
	struct route_destination *destinations;
	size_t count;
	uint32_t total_weight;
};

/* One way on from a port that looks at server names, as Envoy's filter chains. */
struct route_tls_chain {
	const struct route_tls_chain *next;
	const char *const *names;	/* lower case, "*.x" too */
	size_t name_count;		/* 0: any, and connections without a name */
	const struct value *subnets;	/* of the address dialled; NULL: any */
	const struct tcp_rule *rule;	/* NULL: a gateway that ends TLS, not to be had yet */
};

/* A connection: by dialled service and port, where the port wants it by the
 * server name in the ClientHello. */
struct tcp_request {
	const struct mesh_service *service;	/* NULL: unknown, or at a gateway */
	uint16_t port;			/* of the service; at a gateway the server's */
	const struct address *to;	/* dialled; NULL: unknown */
	struct slice server_name;	/* lower case; empty: none */
};

enum tcp_outcome {
	TCP_FOUND,			/* rule and destination are set */
	TCP_ALLOW_ANY,			/* no rule: to where it was going, PassthroughCluster */
	TCP_BLOCKED,			/* no rule, REGISTRY_ONLY: closed */
	TCP_NO_RULE,			/* no rule at a gateway: closed, NR */
	TCP_ENDS_TLS,			/* a gateway would have to end TLS */
};

struct tcp_decision {
	enum tcp_outcome outcome;
	const struct tcp_rule *rule;	/* NULL unless TCP_FOUND */
	const struct route_destination *destination;	/* cluster may be NULL: NC */
};

void route_tcp(const struct route_table *t, const struct tcp_request *r, struct rng *rng,
	       struct tcp_decision *out);
/* Must the server name be known before route_tcp()? */
bool route_wants_server_name(const struct route_table *t, const struct mesh_service *service,
			     uint16_t port);
/* In the order in which they were made; NULL for a port that looks at no names. */
const struct route_tls_chain *route_tls_chains(const struct route_table *t,
					       const struct mesh_service *service,
					       uint16_t port);

/* What a gateway (mesh_workload.is_gateway) listens on at its own address, by
 * number. */
struct route_gateway_port {
	uint16_t number;
	enum port_protocol protocol;
	bool has_tls;			/* its servers are HTTPS or TLS */
};
const struct route_gateway_port *route_gateway_ports(const struct route_table *t,
						     size_t *count);

/* Which clusters its proxies have, by index (to be freed): those that rules lead
 * to, and those of what the caller sees.  Of several with one name only those
 * under the DestinationRule that the caller obeys. */
bool *route_table_clusters(const struct route_table *t);

/* "dynamic_route_configs": [...] of Envoy's RoutesConfigDump.  t NULL: none. */
void route_table_put_json(const struct route_table *t, struct json_writer *w);

/* Path normalisation (spec/dataplane.md 6.4) into scratch (as large as path);
 * returns path itself when nothing changes. False: refuse with 400. */
bool route_normalize(const struct mesh_settings *s, struct slice path, char *scratch,
		     struct slice *out);

/* Explanations: one entry per rule tried. */
struct route_trace *route_trace_new(void);
void route_trace_free(struct route_trace **tp);
/* Of the objects whose rules may apply to the connection. */
void route_trace_tcp(struct route_trace *t, const struct route_table *table,
		     const struct tcp_request *r, const struct tcp_decision *d);
/* "rules": [{namespace, name, section, index, matched, failed: {field, want, got}|null}] */
void route_trace_put_json(const struct route_trace *t, struct json_writer *w);
/* "NOT_FOUND" of route_fault's abort_grpc. */
const char *route_grpc_status_name(int status);
/* Route name as access logs have it: NAME or NAME.MATCHNAME; "" for none. */
const char *http_rule_log_name(const struct http_rule *rule, int match);
/* Under which Envoy counts what takes the match, beside its cluster; NULL: it does not. */
const char *http_rule_stat_prefix(const struct http_rule *rule, int match);
#define ROUTE_HOST_BYTES 256
/* The virtual host that takes a Host, by the name that route_table_put_json() gives it,
 * without its port: a name of the configuration, never more of them than it has.  In
 * text, or of the mesh; empty: none takes it. */
struct slice route_host_name(const struct route_table *t, struct slice authority, uint16_t port,
			     char text[ROUTE_HOST_BYTES]);
/* Text that the match's uri.prefix took from the path, for rewrite.uri and
 * redirects with prefixRewrite; "/" for a rule without uri condition.  False
 * for exact and regex: the whole path is replaced then. */
bool http_match_prefix(const struct http_rule *rule, int match, struct slice *prefix);
/* The match in Istio's words, for request records: "headers[portal] exact travels.uk". */
void http_match_text(const struct http_rule *rule, int match, struct buf *out);

#endif
