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
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/strmap.h"
#include "src/mesh/mesh.h"
#include "src/telemetry/series.h"
#include "src/topology/build_priv.h"
#include "src/topology/graph.h"

struct fine_count {
	uint32_t index, count;		/* of loghist.h */
};

/* Durations as one reporter saw them: few of the fine counts are not 0. */
struct durations {
	double sum_ms;
	double buckets[METRIC_BUCKETS];
	VEC(struct fine_count) fine;	/* by index */
};

enum { SOURCE, DESTINATION, REPORTERS };

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

/* Namespace of NAME.NS.svc... when the label does not know it: what was
 * refused by the caller's own proxy still belongs to the service's node. */
static const char *
service_namespace(struct builder *b, const struct series_delta *d)
{
	const char *host = d->labels[LABEL_DESTINATION_SERVICE];
	const char *dot = strchr(host, '.'), *end;

	if (is_known(d->labels[LABEL_DESTINATION_SERVICE_NAMESPACE]))
		return d->labels[LABEL_DESTINATION_SERVICE_NAMESPACE];
	end = dot != NULL ? strstr(dot + 1, ".svc") : NULL;
	if (end == NULL)
		return "unknown";
	return arena_strndup(b->arena, dot + 1, (size_t)(end - dot - 1));
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
is_asked_for(const struct builder *b, const struct series_delta *d, int reporter)
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
	       graph_namespace_is_selected(b->options, service_namespace((struct builder *)b, d));
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

/* All counts of d, 0 as well. */
static void
fine_unfold(const struct durations *d, uint32_t out[LOGHIST_BUCKETS])
{
	memset(out, 0, LOGHIST_BUCKETS * sizeof(*out));
	for (size_t i = 0; i < d->fine.len; i++)
		out[d->fine.items[i].index] = d->fine.items[i].count;
}

static void
durations_add(struct durations **to, double sum_ms, const double buckets[METRIC_BUCKETS],
	      const uint32_t fine[LOGHIST_BUCKETS])
{
	uint32_t sum[LOGHIST_BUCKETS];

	if (*to == NULL)
		*to = xcalloc(1, sizeof(**to));
	(*to)->sum_ms += sum_ms;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		(*to)->buckets[i] += buckets[i];
	fine_unfold(*to, sum);
	(*to)->fine.len = 0;
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		if (sum[i] + fine[i] > 0)
			vec_push(&(*to)->fine, ((struct fine_count){ i, sum[i] + fine[i] }));
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
			durations_add(&links[i]->durations[reporter], d->duration_sum_ms,
				      d->duration_buckets, d->fine);
		/* Request bytes as sent, response bytes as received: Kiali's choice. */
		links[i]->throughput[reporter] +=
			reporter == SOURCE ? d->request_bytes : d->response_bytes;
		add_principals(b, links[i], d);
	}
}

static void
response_add(struct link *l, const struct fact *f, double count)
{
	for (size_t i = 0; i < l->responses.len; i++) {
		struct graph_response *r = &l->responses.items[i];

		if (strcmp(r->code, f->code) == 0 && strcmp(r->flags, f->flags) == 0 &&
		    strcmp(r->host, f->host) == 0) {
			r->share += count;
			return;
		}
	}
	vec_push(&l->responses, ((struct graph_response){ f->code, f->flags, f->host, count }));
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
		response_add(l, f, f->protocol == EDGE_TCP ? 1 : f->requests[r]);
	}
}

static void
link_join(struct link *to, const struct link *l, double part)
{
	const double *from_outcomes = (const double *)(const void *)&l->outcomes;
	double *to_outcomes = (double *)(void *)&to->outcomes;
	uint32_t fine[LOGHIST_BUCKETS];

	to->requests += l->requests * part;
	to->tcp_bytes += l->tcp_bytes * part;
	to->mtls += l->mtls * part;
	for (size_t i = 0; i < sizeof(struct outcomes) / sizeof(double); i++)
		to_outcomes[i] += from_outcomes[i] * part;
	for (unsigned r = 0; r < REPORTERS; r++) {
		to->throughput[r] += l->throughput[r] * part;
		principals_join(&to->principals[r], &l->principals[r]);
		if (l->durations[r] == NULL)
			continue;
		fine_unfold(l->durations[r], fine);
		durations_add(&to->durations[r], l->durations[r]->sum_ms, l->durations[r]->buckets,
			      fine);
	}
	for (size_t i = 0; i < l->responses.len; i++) {
		const struct graph_response *p = &l->responses.items[i];
		const struct fact f = { .code = p->code, .flags = p->flags, .host = p->host };

		response_add(to, &f, p->share * part);
	}
}

static void
link_free(struct link *l)
{
	for (unsigned r = 0; r < REPORTERS; r++) {
		if (l->durations[r] != NULL)
			vec_fini(&l->durations[r]->fine);
		free(l->durations[r]);
		vec_fini(&l->principals[r].names);
	}
	vec_fini(&l->responses);
	free(l);
}

static double
link_weight(const struct link *l)
{
	return l->requests + l->tcp_bytes / 1000.0 + 1e-9;
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
set_times(struct graph_edge *e, const struct link *l)
{
	/* Kiali asks the destination first; options.reporter chooses otherwise. */
	const struct durations *d = l->durations[DESTINATION] != NULL ? l->durations[DESTINATION] :
				    l->durations[SOURCE];
	uint32_t fine[LOGHIST_BUCKETS];
	double count = 0;

	if (d == NULL)
		return;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		count += d->buckets[i];
	if (!(count > 0))
		return;
	e->times.avg = d->sum_ms / count;
	fine_unfold(d, fine);
	e->times.p50 = fine_quantile_ms(fine, 0.5);
	e->times.p95 = fine_quantile_ms(fine, 0.95);
	e->times.p99 = fine_quantile_ms(fine, 0.99);
	e->times.est_p50 = bucket_quantile(d->buckets, 0.5);
	e->times.est_p95 = bucket_quantile(d->buckets, 0.95);
	e->times.est_p99 = bucket_quantile(d->buckets, 0.99);
}

static int
compare_responses(const void *a, const void *b)
{
	const struct graph_response *x = a, *y = b;
	int c = strcmp(x->code, y->code);

	c = c != 0 ? c : strcmp(x->flags, y->flags);
	return c != 0 ? c : strcmp(x->host, y->host);
}

static void
set_responses(struct graph *g, struct graph_edge *e, struct link *l)
{
	double total = 0;

	for (size_t i = 0; i < l->responses.len; i++)
		total += l->responses.items[i].share;
	e->response_count = l->responses.len;
	e->responses = arena_alloc(g->arena, (l->responses.len + 1) * sizeof(*e->responses));
	for (size_t i = 0; i < l->responses.len; i++) {
		e->responses[i] = l->responses.items[i];
		e->responses[i].share = total > 0 ? e->responses[i].share / total : 0;
	}
	qsort(e->responses, e->response_count, sizeof(*e->responses), compare_responses);
}

/* Totals of a node's edges. */
struct node_sums {
	struct outcomes in, out;
	double out_requests[EDGE_PROTOCOL_COUNT];
	bool has_in, has_out;
};

static void
sum_nodes(const struct builder *b, struct node_sums *sums)
{
	const double *p;
	double *in, *out;
	struct link *l, *next;

	HASH_ITER(hh, b->links, l, next) {
		struct node_sums *from = &sums[l->ends[0]], *to = &sums[l->ends[1]];

		p = (const double *)(const void *)&l->outcomes;
		in = (double *)(void *)&to->in;
		out = (double *)(void *)&from->out;
		for (size_t i = 0; i < sizeof(struct outcomes) / sizeof(double); i++) {
			in[i] += p[i];
			out[i] += p[i];
		}
		from->out_requests[l->ends[2]] += l->requests;
		from->has_out |= l->ends[0] != l->ends[1];
		to->has_in |= l->ends[0] != l->ends[1];
	}
}

static void
make_edges(struct builder *b, const struct node_sums *sums, double window_s)
{
	struct link *l, *next;

	HASH_ITER(hh, b->links, l, next) {
		struct graph_edge *e = graph_add_edge(b->g, l->ends[0], l->ends[1], l->ends[2]);
		struct graph_node *from = &b->g->nodes.items[l->ends[0]];
		struct graph_node *to = &b->g->nodes.items[l->ends[1]];
		double all = l->ends[2] == EDGE_TCP ? l->tcp_bytes : l->requests;

		e->is_mirrored = l->ends[3];
		e->rate = all / window_s;
		e->errors = outcomes_errors(&l->outcomes) / window_s;
		e->is_idle = !(all > 0);
		e->request_bytes = l->throughput[SOURCE] / window_s;
		e->response_bytes = l->throughput[DESTINATION] / window_s;
		e->mtls = all > 0 ? l->mtls / all : -1;
		e->source_principal = principals_text(&l->principals[SOURCE], b->g->arena);
		e->destination_principal = principals_text(&l->principals[DESTINATION], b->g->arena);
		e->health = outcomes_health(&l->outcomes);
		set_times(e, l);
		set_responses(b->g, e, l);
		if (e->protocol == EDGE_TCP) {
			e->request_bytes = e->response_bytes = e->rate;
			from->out_bytes += e->rate;
			to->in_bytes += e->rate;
			continue;
		}
		if (sums[l->ends[0]].out_requests[l->ends[2]] > 0)
			e->share = l->requests / sums[l->ends[0]].out_requests[l->ends[2]];
		from->out_rate += e->rate;
		to->in_rate += e->rate;
		to->in_error_rate += e->errors;
	}
}

/* Nodes that only gave their name to a fact (a service that is not drawn, a
 * workload that was reduced away) have no edge and go. */
static void
drop_lonely_nodes(struct graph *g, const struct node_sums *sums, enum health *traffic)
{
	size_t *place = xmalloc((g->nodes.len + 1) * sizeof(*place)), kept = 0;
	bool *used = xcalloc(g->nodes.len + 1, sizeof(*used));

	for (size_t i = 0; i < g->edges.len; i++)
		used[g->edges.items[i].from] = used[g->edges.items[i].to] = true;
	for (size_t i = 0; i < g->nodes.len; i++) {
		place[i] = kept;
		if (!used[i])
			continue;
		g->nodes.items[i].is_root = sums[i].has_out && !sums[i].has_in;
		traffic[kept] = outcomes_health(&sums[i].in);
		if (g->nodes.items[i].kind != NODE_SERVICE && g->nodes.items[i].kind != NODE_SERVICE_ENTRY)
			traffic[kept] = health_worse(traffic[kept], outcomes_health(&sums[i].out));
		g->nodes.items[kept++] = g->nodes.items[i];
	}
	g->nodes.len = kept;
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].from = place[g->edges.items[i].from];
		g->edges.items[i].to = place[g->edges.items[i].to];
	}
	free(place);
	free(used);
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
	sum_nodes(&b, sums);
	make_edges(&b, sums, window_s > 0 ? window_s : 1);
	drop_lonely_nodes(b.g, sums, traffic);
	graph_decorate(b.g, m, options, traffic);
	graph_finish(b.g);
	free(sums);
	free(traffic);
	builder_fini(&b);
	return b.g;
}
