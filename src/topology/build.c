/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From telemetry to the graph; see build.h.
 *
 * Three steps: readings become facts (one for each pair of ends, code and
 * flags; a fact that both proxies report counts once, the destination's word
 * first), facts become edges, edges give the nodes their rates.
 */
#include "src/topology/build.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/arena.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/telemetry/series.h"
#include "src/topology/build_priv.h"
#include "src/topology/graph.h"
#include "src/topology/link.h"

struct fact {
	char *key;
	bool is_seen[REPORTERS];
	double requests[REPORTERS], tcp_bytes[REPORTERS], mtls[REPORTERS];
	size_t from, to, service;	/* nodes; SIZE_MAX: none */
	enum edge_protocol protocol;
	bool is_mirrored;
	const char *code, *flags, *host;
	UT_hash_handle hh;
};

struct node_name {
	const char *id;
	size_t index;
	UT_hash_handle hh;
};

struct builder {
	struct graph *g;
	const struct mesh *mesh;
	const struct graph_options *options;
	struct arena *arena;
	struct fact *facts;
	struct link *links;
	struct node_name *names;
	struct strmap texts;		/* of the graph, each once */
};

static bool
is_known(const char *text)
{
	return text[0] != '\0' && strcmp(text, "unknown") != 0;
}

bool
graph_namespace_is_selected(const struct graph_options *options, const char *ns)
{
	if (options->namespaces == NULL)
		return is_known(ns) && strcmp(ns, "istio-system") != 0 &&
		       strncmp(ns, "kube-", 5) != 0;
	for (size_t i = 0; i < options->namespace_count; i++)
		if (strcmp(options->namespaces[i], ns) == 0)
			return true;
	return false;
}

/* The graph's own copy of a text. */
static const char *
keep(struct builder *b, const char *text)
{
	struct slice key = slice_of(text);
	void *kept = strmap_find(&b->texts, key);

	if (kept == NULL) {
		kept = arena_strndup(b->g->arena, text, key.len);
		*strmap_put(&b->texts, (struct slice){ kept, key.len }) = kept;
	}
	return kept;
}

static size_t
node_of_id(struct builder *b, enum node_kind kind, const char *id)
{
	struct node_name *n;

	HASH_FIND_STR(b->names, id, n);
	if (n == NULL) {
		n = arena_alloc(b->arena, sizeof(*n));
		n->index = graph_add_node(b->g, kind, id);
		n->id = b->g->nodes.items[n->index].id;
		HASH_ADD_KEYPTR(hh, b->names, n->id, strlen(n->id), n);
	}
	return n->index;
}

/* One end of a call as the labels name it. */
struct end {
	const char *ns, *workload, *app, *version;
};

static size_t
node_of_end(struct builder *b, const struct end *e)
{
	enum graph_type type = b->options->type;
	struct graph_node *n;
	const char *id;
	size_t index;

	if (!is_known(e->workload) && !is_known(e->app)) {
		index = node_of_id(b, NODE_UNKNOWN, "unknown:unknown/unknown");
		b->g->nodes.items[index].is_inaccessible = true;
		return index;
	}
	if (type == GRAPH_APP && is_known(e->app)) {
		id = arena_printf(b->arena, "app:%s/%s", e->ns, e->app);
		index = node_of_id(b, NODE_APP, id);
	} else if (type == GRAPH_VERSIONED_APP && is_known(e->app)) {
		id = arena_printf(b->arena, "version:%s/%s@%s", e->ns, e->app, e->version);
		index = node_of_id(b, NODE_VERSION, id);
	} else {
		id = arena_printf(b->arena, "workload:%s/%s", e->ns, e->workload);
		index = node_of_id(b, NODE_WORKLOAD, id);
	}
	n = &b->g->nodes.items[index];
	n->ns = keep(b, e->ns);
	n->app = keep(b, is_known(e->app) ? e->app : "");
	if (n->kind != NODE_APP) {
		n->workload = keep(b, is_known(e->workload) ? e->workload : "");
		n->version = keep(b, is_known(e->version) ? e->version : "");
	}
	return index;
}

/* What was refused by the caller's own proxy still belongs to the service's node. */
static const char *
service_namespace(struct builder *b, const struct series_delta *d)
{
	struct slice ns = metric_service_namespace(d->labels);

	return arena_strndup(b->arena, ns.ptr, ns.len);
}

static bool
is_passthrough(const char *name)
{
	return strcmp(name, "PassthroughCluster") == 0 || strcmp(name, "BlackHoleCluster") == 0 ||
	       strcmp(name, "InboundPassthroughCluster") == 0;
}

/* SIZE_MAX when the service is not known by name. */
static size_t
node_of_service(struct builder *b, const struct series_delta *d)
{
	const char *name = d->labels[LABEL_DESTINATION_SERVICE_NAME];
	const char *ns = service_namespace(b, d);
	const struct mesh_service *service;
	struct graph_node *n;
	enum node_kind kind = NODE_SERVICE;
	size_t index;

	if (!is_known(name))
		return SIZE_MAX;
	service = b->mesh != NULL ? mesh_service_of_host(b->mesh, d->labels[LABEL_DESTINATION_SERVICE])
				  : NULL;
	if (service != NULL && service->is_entry)
		kind = NODE_SERVICE_ENTRY;
	index = node_of_id(b, kind, arena_printf(b->arena, "%s:%s/%s",
		kind == NODE_SERVICE ? "service" : "serviceEntry", ns, name));
	n = &b->g->nodes.items[index];
	n->ns = keep(b, ns);
	n->service = keep(b, name);
	n->is_inaccessible = !is_known(ns) || is_passthrough(name);
	return index;
}

static enum edge_protocol
protocol_of(const struct series_delta *d)
{
	if (d->is_tcp)
		return EDGE_TCP;
	return strcmp(d->labels[LABEL_REQUEST_PROTOCOL], "grpc") == 0 ? EDGE_GRPC : EDGE_HTTP;
}

/* What stands as code on the edge: gRPC's status unless HTTP itself failed. */
static const char *
code_of(const struct series_delta *d)
{
	const char *code = d->labels[LABEL_RESPONSE_CODE];
	const char *grpc = d->labels[LABEL_GRPC_RESPONSE_STATUS];

	if (d->is_tcp || strcmp(code, "0") == 0 || code[0] == '\0')
		return "-";
	if (protocol_of(d) == EDGE_GRPC && code[0] != '4' && code[0] != '5')
		return grpc[0] != '\0' ? grpc : "0";
	return code;
}

static struct fact *
fact_of(struct builder *b, const struct series_delta *d)
{
	const struct end source = {
		d->labels[LABEL_SOURCE_WORKLOAD_NAMESPACE], d->labels[LABEL_SOURCE_WORKLOAD],
		d->labels[LABEL_SOURCE_CANONICAL_SERVICE], d->labels[LABEL_SOURCE_CANONICAL_REVISION],
	};
	const struct end dest = {
		d->labels[LABEL_DESTINATION_WORKLOAD_NAMESPACE], d->labels[LABEL_DESTINATION_WORKLOAD],
		d->labels[LABEL_DESTINATION_CANONICAL_SERVICE],
		d->labels[LABEL_DESTINATION_CANONICAL_REVISION],
	};
	size_t service = node_of_service(b, d), from, to;
	const char *code = code_of(d), *host = d->labels[LABEL_DESTINATION_SERVICE];
	struct fact *f;
	char *key;

	from = node_of_end(b, &source);
	to = is_known(dest.workload) || service == SIZE_MAX ? node_of_end(b, &dest) : service;
	key = arena_printf(b->arena, "%zu|%zu|%zu|%d|%d|%s|%s|%s", from, to, service,
			   protocol_of(d), d->is_mirrored, code,
			   d->labels[LABEL_RESPONSE_FLAGS], host);
	HASH_FIND_STR(b->facts, key, f);
	if (f != NULL)
		return f;
	f = arena_alloc(b->arena, sizeof(*f));
	f->key = key;
	f->from = from;
	f->to = to;
	f->service = service;
	f->protocol = protocol_of(d);
	f->is_mirrored = d->is_mirrored;
	f->code = keep(b, code);
	f->flags = keep(b, d->labels[LABEL_RESPONSE_FLAGS]);
	f->host = keep(b, host);
	HASH_ADD_KEYPTR(hh, b->facts, f->key, strlen(f->key), f);
	return f;
}

/* Does Kiali's set of queries ask for this series (spec/kiali.md 2.2)? */
static bool
is_asked_for(struct builder *b, const struct series_delta *d, int reporter)
{
	const char *source_ns = d->labels[LABEL_SOURCE_WORKLOAD_NAMESPACE];
	const char *dest_ns = d->labels[LABEL_DESTINATION_WORKLOAD_NAMESPACE];

	if (b->options->reporter == GRAPH_SOURCE && reporter != SOURCE)
		return false;
	if (b->options->reporter == GRAPH_DESTINATION && reporter != DESTINATION)
		return false;
	/* A caller that is named by nothing but its namespace cannot be drawn. */
	if (is_known(source_ns) && !is_known(d->labels[LABEL_SOURCE_WORKLOAD]) &&
	    !is_known(d->labels[LABEL_SOURCE_CANONICAL_SERVICE]))
		return false;
	if (reporter == DESTINATION)
		return graph_namespace_is_selected(b->options, dest_ns) ||
		       (b->options->reporter == GRAPH_DESTINATION &&
			graph_namespace_is_selected(b->options, source_ns));
	if (graph_namespace_is_selected(b->options, source_ns))
		return true;
	if (b->options->reporter == GRAPH_SOURCE)
		return graph_namespace_is_selected(b->options, dest_ns);
	return !is_known(dest_ns) &&
	       graph_namespace_is_selected(b->options, service_namespace(b, d));
}

static struct link *
link_of(struct builder *b, size_t from, size_t to, enum edge_protocol protocol, bool mirrored)
{
	size_t key[4] = { from, to, protocol, mirrored };
	struct link *l;

	HASH_FIND(hh, b->links, key, sizeof(key), l);
	if (l != NULL)
		return l;
	l = xcalloc(1, sizeof(*l));
	memcpy(l->ends, key, sizeof(key));
	HASH_ADD(hh, b->links, ends, sizeof(l->ends), l);
	return l;
}

static bool
has_service_nodes(const struct builder *b)
{
	return b->options->type == GRAPH_SERVICE || !b->options->no_service_nodes;
}

/* The links that a fact's traffic runs over: through the service's node
 * unless that is not wanted, not known or itself the end.  A mirror's copy
 * begins at the service: its caller never sent it. */
static unsigned
links_of_fact(struct builder *b, const struct fact *f, struct link *out[2])
{
	bool via = has_service_nodes(b) && f->service != SIZE_MAX && f->to != f->service &&
		   !b->g->nodes.items[f->service].is_inaccessible;
	unsigned n = 0;

	if (!via) {
		out[n++] = link_of(b, f->from, f->to, f->protocol, f->is_mirrored);
		return n;
	}
	if (!f->is_mirrored)
		out[n++] = link_of(b, f->from, f->service, f->protocol, false);
	out[n++] = link_of(b, f->service, f->to, f->protocol, f->is_mirrored);
	return n;
}

static bool
is_service_node(const struct builder *b, size_t node)
{
	enum node_kind k = b->g->nodes.items[node].kind;

	return k == NODE_SERVICE || k == NODE_SERVICE_ENTRY;
}

static bool
is_left_out(const struct graph_options *o, const struct series_delta *d)
{
	switch (protocol_of(d)) {
	case EDGE_HTTP: return o->no_http;
	case EDGE_GRPC: return o->no_grpc;
	default: return o->tcp == GRAPH_TCP_NONE;
	}
}

static double
tcp_bytes(const struct graph_options *o, const struct series_delta *d)
{
	return o->tcp == GRAPH_TCP_SENT ? d->sent : o->tcp == GRAPH_TCP_RECEIVED ? d->received :
	       d->sent + d->received;
}

static void
add_principals(struct builder *b, struct link *l, const struct series_delta *d)
{
	static const enum metric_label labels[REPORTERS] = {
		[SOURCE] = LABEL_SOURCE_PRINCIPAL, [DESTINATION] = LABEL_DESTINATION_PRINCIPAL,
	};

	for (unsigned end = 0; end < REPORTERS; end++)
		if (is_known(d->labels[labels[end]]))
			principals_add(&l->principals[end], b->g->arena, d->labels[labels[end]]);
}

static void
on_series(const struct series_delta *d, void *arg)
{
	struct builder *b = arg;
	int reporter = strcmp(d->labels[LABEL_REPORTER], "destination") == 0 ? DESTINATION : SOURCE;
	struct link *links[2];
	struct fact *f;
	unsigned n;

	if (!is_asked_for(b, d, reporter) || is_left_out(b->options, d))
		return;
	f = fact_of(b, d);
	f->is_seen[reporter] = true;
	f->requests[reporter] += d->requests;
	f->tcp_bytes[reporter] += tcp_bytes(b->options, d);
	if (strcmp(d->labels[LABEL_CONNECTION_SECURITY_POLICY], "mutual_tls") == 0)
		f->mtls[reporter] += d->is_tcp ? tcp_bytes(b->options, d) : d->requests;
	n = links_of_fact(b, f, links);
	for (unsigned i = 0; i < n; i++) {
		if (!d->is_tcp && !is_service_node(b, links[i]->ends[1]))
			link_add_durations(links[i], reporter, d->duration_sum_ms,
					   d->duration_buckets, d->fine);
		/* Request bytes as sent, response bytes as received: Kiali's choice. */
		links[i]->throughput[reporter] +=
			reporter == SOURCE ? d->request_bytes : d->response_bytes;
		add_principals(b, links[i], d);
	}
}

static void
count_fact(struct builder *b, const struct fact *f)
{
	int r = f->is_seen[DESTINATION] ? DESTINATION : SOURCE;
	struct link *links[2];
	unsigned n = links_of_fact(b, f, links);

	for (unsigned i = 0; i < n; i++) {
		struct link *l = links[i];

		l->requests += f->requests[r];
		l->tcp_bytes += f->tcp_bytes[r];
		l->mtls += f->mtls[DESTINATION];
		outcomes_add(&l->outcomes, f->protocol, f->code, f->requests[r]);
		link_add_response(l, &(const struct graph_response){
			f->code, f->flags, f->host, f->protocol == EDGE_TCP ? 1 : f->requests[r] });
	}
}

/* The service graph: what a workload calls is called by the services in front
 * of it, in proportion to what each sends there; workloads without such a
 * service (the roots) stay. */
static void
reduce_to_services(struct builder *b)
{
	size_t n = b->g->nodes.len;
	double *fed = xcalloc(n + 1, sizeof(*fed));
	struct link *l, *next, *old = b->links, *feeder, *feeder_next;

	b->links = NULL;
	HASH_ITER(hh, old, l, next)
		if (is_service_node(b, l->ends[0]) && !is_service_node(b, l->ends[1]))
			fed[l->ends[1]] += link_weight(l);
	HASH_ITER(hh, old, l, next) {
		if (is_service_node(b, l->ends[0]) && !is_service_node(b, l->ends[1]))
			continue;
		if (fed[l->ends[0]] <= 0) {
			link_join(link_of(b, l->ends[0], l->ends[1], l->ends[2], l->ends[3]), l, 1);
			continue;
		}
		HASH_ITER(hh, old, feeder, feeder_next)
			if (feeder->ends[1] == l->ends[0] && is_service_node(b, feeder->ends[0]))
				link_join(link_of(b, feeder->ends[0], l->ends[1], l->ends[2], l->ends[3]),
					  l, link_weight(feeder) / fed[l->ends[0]]);
	}
	HASH_ITER(hh, old, l, next) {
		HASH_DEL(old, l);
		link_free(l);
	}
	free(fed);
}

static void
builder_fini(struct builder *b)
{
	struct link *l, *next;

	HASH_CLEAR(hh, b->facts);
	HASH_CLEAR(hh, b->names);
	HASH_ITER(hh, b->links, l, next) {
		HASH_DEL(b->links, l);
		link_free(l);
	}
	strmap_fini(&b->texts);
	arena_free(&b->arena);
}

struct graph *
graph_build(const struct series_store *s, const struct mesh *m, const struct graph_options *options)
{
	struct builder b = { .g = graph_new(), .mesh = m, .options = options, .arena = arena_new() };
	struct node_sums *sums;
	enum health *traffic;
	struct fact *f, *next;
	double window_s = 0;

	b.g->type = graph_type_name(options->type);
	series_window(s, options->from_ms, options->to_ms, options->with_idle_edges, &window_s,
		      on_series, &b);
	b.g->window_s = window_s;
	HASH_ITER(hh, b.facts, f, next)
		count_fact(&b, f);
	if (options->type == GRAPH_SERVICE)
		reduce_to_services(&b);
	sums = xcalloc(b.g->nodes.len + 1, sizeof(*sums));
	traffic = xcalloc(b.g->nodes.len + 1, sizeof(*traffic));
	links_sum(b.links, sums);
	links_make_edges(b.links, sums, window_s > 0 ? window_s : 1, b.g);
	graph_drop_lonely(b.g, sums, traffic);
	graph_decorate(b.g, m, options, traffic);
	graph_finish(b.g);
	free(sums);
	free(traffic);
	builder_fini(&b);
	return b.g;
}
