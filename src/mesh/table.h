/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compiled form of routes: what rule.c builds and route.c walks.  Nobody
 * outside this folder includes it.
 */
#ifndef MESHTOP_MESH_TABLE_H
#define MESHTOP_MESH_TABLE_H

#include "src/mesh/compile.h"
#include "src/mesh/route.h"

enum cond_field {
	COND_URI, COND_SCHEME, COND_METHOD, COND_AUTHORITY,
	COND_HEADER, COND_WITHOUT_HEADER, COND_QUERY,
	COND_FIELD_COUNT,
};

enum cond_kind { COND_PRESENT, COND_EXACT, COND_PREFIX, COND_REGEX };

/* Names under match.headers that are no fields of the head. */
enum cond_pseudo {
	PSEUDO_NONE, PSEUDO_METHOD, PSEUDO_SCHEME, PSEUDO_AUTHORITY, PSEUDO_PATH,
	PSEUDO_NEVER,			/* :status, @request.auth: never present */
};

struct match_cond {
	uint8_t field, kind, pseudo;
	bool ignores_case;
	uint16_t field_id;		/* enum http_field_id of name */
	struct slice name;		/* header (lower case) or query parameter */
	struct slice text;
	const struct regex *regex;
};

struct http_match {
	struct match_cond *conds;
	uint16_t count;
	uint16_t index;			/* in spec.http[].match */
	const char *log_name;
	const char *stat_prefix;	/* NULL: none */
};

/*
 * A run of rules that all ask for one value of the same header: found by
 * that value instead of tested one by one.  Slots hold the candidates of a
 * value in order of rules.
 */
struct rule_run {
	size_t first, end;		/* rules [first, end) */
	struct slice header;
	uint16_t field_id;
	struct strmap by_value;		/* -> struct rule_candidates */
};

struct rule_candidates {
	uint32_t *rules;
	size_t count;
};

struct http_rules {
	const struct object *object;	/* VirtualService; NULL: default route, or
					 * several at a gateway */
	struct http_rule *rules;
	size_t count;
	struct rule_run *runs;		/* in order, not overlapping */
	size_t run_count;
};

/* Addresses with an equal prefix. */
struct subnet {
	struct address net;
	unsigned bits;
};

/* The chains of one subnet, by server name. */
struct tls_names {
	struct tls_names *next;		/* shorter prefixes follow, "any" comes last */
	struct subnet subnet;		/* net unset: any address */
	struct host_index hosts;	/* -> struct route_tls_chain; "*": also no name */
};

/*
 * A port that looks at server names.  As in Envoy the narrowest subnet is
 * chosen first, then the narrowest name in it; there is no second try.
 */
struct tls_port {
	struct tls_port *next;		/* of route_table.shared_tls */
	uint16_t number;
	struct tls_names *subnets;
	struct route_tls_chain *first, *last;
	bool looks_at_names;		/* of any chain */
};

/* A VirtualService of which conditions on the caller leave nothing at a port. */
struct emptied {
	struct emptied *next;		/* one that comes after it */
	const struct mesh_service *service;
	uint16_t port;
	const struct object *object;
};

/* Hosts of a port that belong to no service; -> struct http_rules. */
struct extra_hosts {
	uint16_t port;
	struct host_index hosts;
	struct extra_hosts *next;
};

/* One port of a gateway, of all its servers. */
struct gateway_port {
	struct route_gateway_port face;	/* what the engine listens on */
	struct host_index hosts;	/* -> struct http_rules */
	const struct tcp_rule *tcp;	/* NULL: closed */
	struct tls_port *tls;		/* of HTTPS and TLS; NULL else */
};

struct route_table {
	const struct mesh *mesh;
	const char *ns;
	const struct value *labels;	/* of one of its callers */
	bool allow_any, is_gateway;
	const struct http_rules **http;	/* by slot; NULL: not seen, not HTTP */
	const struct tcp_rule **tcp;	/* by slot; NULL likewise */
	struct tls_port **tls;		/* by slot; NULL: looks at no names */
	struct tls_port *shared_tls;	/* of services without an address of their own */
	struct extra_hosts web;		/* port 80: hosts that match no service; behind it
					 * ports of services that such hosts stand beside */
	struct emptied *emptied, *last_emptied;	/* told when routing is explained */
	struct gateway_port *ports;	/* of a gateway, by number */
	size_t port_count;
	struct route_gateway_port *faces;
	struct http_rule allow_rule, block_rule;
	struct route_destination passthrough;
};

/* delegate.c: what spec.http says after delegates are put in. */
struct http_entry {
	const struct value *http;
	const struct object *object;	/* where it stands: the delegate's */
	size_t index;			/* in spec.http there */
};

struct http_entries {
	struct http_entry *items;
	size_t count;
};

const struct http_entries *compile_entries(struct compile *c, const struct object *vs);
/* rule.c.  NULL when nothing of the VirtualService is left for this caller
 * on this port. */
const struct http_rules *compile_http_rules(struct compile *c, struct view *v,
					    const struct object *vs, uint16_t port);
const struct http_rules *compile_default_rules(struct compile *c,
					       const struct mesh_cluster *cluster);
bool rule_takes_all(const struct http_rule *rule);
/* static_match.c: conditions that are settled per caller and port. */
bool static_match(const struct view *v, const struct value *match, uint16_t port,
		  bool is_http);
/* "a,b" */
const char *joined_texts(struct arena *a, const struct value *list);
/* Why it did not hold: field, wanted and given, into a. */
void static_match_why(struct arena *a, const char *ns, const struct value *labels,
		      const struct value *match, uint16_t port, const char **field,
		      const char **want, const char **got);
/* rule_parts.c */
struct destination_context {
	struct compile *c;
	struct view *v;
	const struct object *vs;
	uint16_t port;
	char path[64];			/* of the rule: "spec.http[0]" */
};

void compile_fault(struct destination_context *x, const struct value *fault,
		   struct route_fault *out);
/* Bit RETRY_* of a word of retryOn; 0: it is none. */
uint32_t retry_condition(struct slice word);
void compile_retries(struct destination_context *x, const struct value *retries,
		     struct route_retries *out);
void compile_mirrors(struct destination_context *x, const struct value *http,
		     struct http_rule *out);
/* {set, add, remove}; a Host that is set goes to *authority (may be NULL). */
void compile_header_ops(struct arena *a, const struct value *ops, struct header_ops *out,
			const char **authority);
void join_header_ops(struct arena *a, struct header_ops *rule,
		     const struct header_ops *destination);
uint64_t compile_duration(struct destination_context *x, const struct value *v,
			  const char *field);
/* Routes with weights; http and tcp alike. */
struct route_destination *compile_destinations(struct destination_context *x,
					       const struct value *routes, size_t *count,
					       uint32_t *total);
/* match.c */
void compile_match(struct destination_context *x, const struct value *match, size_t index,
		   const char *rule_name, struct http_match *out);
bool match_takes_all(const struct http_match *m);
/* run.c */
void compile_runs(struct compile *c, struct http_rules *rules);
const struct rule_candidates *run_find(const struct rule_run *run, struct slice value);

/* subnet.c */
bool subnet_read(const char *text, struct subnet *out);	/* "10.0.0.0/8", "10.1.2.3" */
bool subnet_holds(const struct subnet *s, const struct address *a);

/* tcp.c */
const struct tcp_rule *compile_tcp_rule(struct compile *c, struct view *v,
					const struct object *vs,
					const struct mesh_port *p);
/* spec.tcp[index] or spec.tls[index], whose conditions are judged elsewhere. */
const struct tcp_rule *compile_stream_rule(struct compile *c, struct view *v,
					   const struct object *vs, size_t index,
					   const struct value *entry, uint16_t port);
const struct tcp_rule *compile_tcp_default(struct compile *c,
					   const struct mesh_cluster *cluster);
/* tls.c */
/* The chains of a service's TLS port; NULL when only its address counts. */
struct tls_port *compile_tls_service(struct compile *c, struct view *v, struct route_table *t,
				     const struct mesh_service *s, const struct mesh_port *p);
struct tls_port *tls_port_new(struct compile *c, uint16_t number);
struct tls_build {
	struct compile *c;
	struct view *v;
	struct tls_port *out;
	const struct object *gateway;	/* NULL: of sidecars */
	const struct value *server;	/* of the gateway; NULL likewise */
};
/* Adds what a gateway's server stands for by itself, */
void compile_tls_server(const struct tls_build *b);
/* and the rules of one VirtualService bound to it. */
void compile_tls_bound(const struct tls_build *b, const struct object *vs);
bool tls_passes_through(const struct value *server);
const struct route_tls_chain *tls_find(const struct tls_port *p, const struct tcp_request *r);

/* table.c */
void compile_tables(struct compile *c);
void compile_fixed_rules(struct compile *c, struct route_table *t);
/* extra_hosts.c */
void compile_extra_hosts(struct compile *c, struct view *v, struct route_table *t);
/* NULL: the port has none. */
const struct host_index *extra_hosts_of(const struct route_table *t, uint16_t port);
/* gateway.c */
/* Does text, as a VirtualService of rules_ns writes it ("[NS/]NAME"), name that gateway? */
bool gateway_is_named(const char *text, const char *rules_ns, const struct object *gw);
/* "[ns/]host" of a server: the host when VirtualServices of vs_ns may bind, else NULL. */
const char *gateway_server_host(struct compile *c, const char *text, const char *gateway_ns,
				const char *vs_ns);
const struct route_table *compile_gateway(struct compile *c, const struct mesh_workload *w);

/* match_eval.c */
enum cond_result { COND_FAILED, COND_HELD, COND_LIMIT };
/* The header that was looked at last: rules mostly ask for the same one. */
struct header_memo {
	const char *name;		/* shared by all conditions on it; NULL: none yet */
	struct slice value;
	bool is_there, repeated;
};
/* failed: which condition did not hold; may be NULL. */
enum cond_result match_holds(const struct http_match *m, const struct route_request *r,
			     struct header_memo *memo, size_t *failed);
/* The first line of a header; false when absent.  *repeated: there are more. */
bool match_header_value(const struct route_request *r, const struct match_cond *cond,
		    struct slice *out, bool *repeated);
/* What the condition looks at, lines joined by ","; false when absent.
 * scratch takes HTTP_MAX_HEAD_BYTES. */
bool cond_value(const struct match_cond *cond, const struct route_request *r,
		char *scratch, struct slice *out);

/* vhost.c: the virtual host of a request (spec 2.2). */
struct vhost {
	const struct mesh_service *service;	/* NULL: of a VirtualService alone */
	const struct http_rules *rules;
	size_t suffix_len;		/* without service: what follows the "*" that took the
					 * Host; SIZE_MAX: it was taken as it is */
};
bool vhost_find(const struct route_table *t, const struct route_request *r,
		struct vhost *out);

/* trace.c: one row a rule up to the one that was taken (NULL: none). */
void trace_rules(struct route_trace *t, const struct route_table *table,
		 const struct vhost *host, const struct http_rule *taken,
		 const struct route_request *r);

#endif
