/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an expression of find or hide is true of; see find.h.
 */
#include "src/topology/find.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/find_priv.h"
#include "src/topology/graph.h"

#define MOST_RANK 100u
#define ABSENT ((double)NAN)
#define EQUAL_WITHIN 0.005	/* figures are shown with two decimals */

/* What one node sends and takes, by protocol; NAN: nothing. */
struct node_rates {
	double in[EDGE_PROTOCOL_COUNT], out[EDGE_PROTOCOL_COUNT];
};

struct evaluation {
	const struct graph *g;
	const struct find_data *data;
	struct node_rates *rates;
	unsigned *ranks;
};

static const unsigned badge_of[FIND_ID_COUNT] = {
	[FIND_ID_CIRCUIT_BREAKER] = BADGE_CIRCUIT_BREAKER,
	[FIND_ID_DEAD] = BADGE_DEAD,
	[FIND_ID_FAULT_INJECTION] = BADGE_FAULT_INJECTION,
	[FIND_ID_GATEWAY] = BADGE_GATEWAY,
	[FIND_ID_MIRRORING] = BADGE_MIRRORING,
	[FIND_ID_OUT_OF_MESH] = BADGE_MISSING_SIDECAR,
	[FIND_ID_REQUEST_ROUTING] = BADGE_REQUEST_ROUTING,
	[FIND_ID_REQUEST_TIMEOUT] = BADGE_REQUEST_TIMEOUT,
	[FIND_ID_TCP_SHIFTING] = BADGE_TCP_SHIFTING,
	[FIND_ID_TRAFFIC_SHIFTING] = BADGE_TRAFFIC_SHIFTING,
	[FIND_ID_VIRTUAL_SERVICE] = BADGE_VIRTUAL_SERVICE,
	[FIND_ID_WORKLOAD_ENTRY] = BADGE_WORKLOAD_ENTRY,
};

static bool
test_text(const struct find_term *t, const char *value)
{
	size_t len = strlen(t->text), have = strlen(value);
	bool yes;

	switch (t->op) {
	case FIND_CONTAINS: yes = strstr(value, t->text) != NULL; break;
	case FIND_STARTS: yes = strncmp(value, t->text, len) == 0; break;
	case FIND_ENDS: yes = have >= len && strcmp(value + have - len, t->text) == 0; break;
	default: yes = strcmp(value, t->text) == 0; break;
	}
	return yes != t->is_negated;
}

/* NAN on either side means absent: equal to NAN only. */
static bool
test_number(const struct find_term *t, double value)
{
	bool yes;

	if (isnan(t->number) || isnan(value)) {
		yes = t->op == FIND_EQUAL && isnan(t->number) && isnan(value);
		return t->op == FIND_EQUAL ? yes != t->is_negated : false;
	}
	switch (t->op) {
	case FIND_LESS: yes = value < t->number; break;
	case FIND_LESS_EQUAL: yes = value <= t->number; break;
	case FIND_GREATER: yes = value > t->number; break;
	case FIND_GREATER_EQUAL: yes = value >= t->number; break;
	default: yes = fabs(value - t->number) < EQUAL_WITHIN; break;
	}
	return yes != t->is_negated;
}

/* True for any of the values; negated: for none. */
static bool
test_any(const struct find_term *t, const char *const *values, size_t count)
{
	struct find_term plain = *t;
	bool yes = false;

	plain.is_negated = false;
	for (size_t i = 0; i < count; i++)
		yes = yes || (values[i][0] != '\0' && test_text(&plain, values[i]));
	return yes != t->is_negated;
}

static const char *
or_unknown(const struct graph_node *n, const char *name)
{
	return name[0] == '\0' && n->kind == NODE_UNKNOWN ? "unknown" : name;
}

static bool
test_name(const struct find_term *t, const struct graph_node *n)
{
	const char *values[] = {
		or_unknown(n, n->app), or_unknown(n, n->service), or_unknown(n, n->workload), "",
	};

	if (n->app[0] == '\0' && n->service[0] == '\0' && n->workload[0] == '\0')
		values[3] = n->label;
	return test_any(t, values, ARRAY_LEN(values));
}

static bool
test_kind(const struct find_term *t, const struct graph_node *n)
{
	const char *word = "workload", *shorter = "wl";
	bool yes;

	switch (n->kind) {
	case NODE_APP: case NODE_VERSION: word = shorter = "app"; break;
	case NODE_SERVICE: case NODE_SERVICE_ENTRY: word = "service"; shorter = "svc"; break;
	case NODE_UNKNOWN: word = shorter = "unknown"; break;
	default: break;
	}
	yes = strcasecmp(t->text, word) == 0 || strcasecmp(t->text, shorter) == 0;
	return yes != t->is_negated;
}

static bool
test_cluster(const struct find_term *t, const struct graph_node *n)
{
	const char *bar = strchr(n->id, '|');
	char *cluster = bar != NULL ? xstrndup(n->id, (size_t)(bar - n->id)) : xstrdup("");
	bool yes = test_text(t, cluster);

	free(cluster);
	return yes;
}

static bool
test_label(const struct evaluation *e, const struct find_term *t, const struct graph_node *n)
{
	const char *value = e->data->label != NULL ?
		e->data->label(e->data->label_arg, n, t->label) : NULL;

	if (t->op == FIND_IS)
		return value != NULL;
	return test_text(t, value != NULL ? value : "");
}

static bool
node_flag(const struct find_term *t, const struct graph_node *n)
{
	switch (t->id) {
	case FIND_ID_HEALTHY: return n->health == HEALTH_HEALTHY;
	case FIND_ID_IDLE: return n->is_idle;
	case FIND_ID_INACCESSIBLE: return n->is_inaccessible || n->kind == NODE_UNKNOWN;
	case FIND_ID_OUTSIDE: return n->is_outside;
	case FIND_ID_ROOT: return n->is_root;
	case FIND_ID_SERVICE_ENTRY: return n->kind == NODE_SERVICE_ENTRY;
	case FIND_ID_SIDECAR:
		return n->kind != NODE_SERVICE && n->kind != NODE_SERVICE_ENTRY &&
		       n->kind != NODE_UNKNOWN && (n->badges & BADGE_MISSING_SIDECAR) == 0;
	default: return (n->badges & badge_of[t->id]) != 0;
	}
}

static bool
test_node(const struct evaluation *e, const struct find_term *t, size_t i)
{
	const struct graph_node *n = &e->g->nodes.items[i];
	const struct node_rates *r = &e->rates[i];

	switch (t->id) {
	case FIND_ID_APP: return test_text(t, or_unknown(n, n->app));
	case FIND_ID_CLUSTER: return test_cluster(t, n);
	case FIND_ID_GRPC_IN: return test_number(t, r->in[EDGE_GRPC]);
	case FIND_ID_GRPC_OUT: return test_number(t, r->out[EDGE_GRPC]);
	case FIND_ID_HTTP_IN: return test_number(t, r->in[EDGE_HTTP]);
	case FIND_ID_HTTP_OUT: return test_number(t, r->out[EDGE_HTTP]);
	case FIND_ID_TCP_IN: return test_number(t, r->in[EDGE_TCP]);
	case FIND_ID_TCP_OUT: return test_number(t, r->out[EDGE_TCP]);
	case FIND_ID_LABEL: return test_label(e, t, n);
	case FIND_ID_NAME: return test_name(t, n);
	case FIND_ID_NAMESPACE: return test_text(t, n->ns);
	case FIND_ID_NODE: return test_kind(t, n);
	case FIND_ID_OPERATION: return test_text(t, "");
	case FIND_ID_RANK: return test_number(t, e->ranks[i]);
	case FIND_ID_SERVICE: return test_text(t, or_unknown(n, n->service));
	case FIND_ID_VERSION: return test_text(t, n->version);
	case FIND_ID_WORKLOAD: return test_text(t, or_unknown(n, n->workload));
	default: return node_flag(t, n);
	}
}

static double
rate_of(const struct graph_edge *e, enum edge_protocol protocol)
{
	return e->protocol == protocol ? e->rate : ABSENT;
}

static double
percent_of(const struct graph_edge *e, enum edge_protocol protocol, double part, double whole)
{
	return e->protocol == protocol && whole > 0 && part >= 0 ? part * 100 / whole : ABSENT;
}

static double
response_time(const struct graph_edge *e, unsigned label)
{
	double ms = e->times.p95;

	switch (label) {
	case EDGE_LABEL_TIME_AVG: ms = e->times.avg; break;
	case EDGE_LABEL_TIME_P50: ms = e->times.p50 < 0 ? e->times.est_p50 : e->times.p50; break;
	case EDGE_LABEL_TIME_P99: ms = e->times.p99 < 0 ? e->times.est_p99 : e->times.p99; break;
	default: ms = ms < 0 ? e->times.est_p95 : ms; break;
	}
	return ms < 0 ? ABSENT : ms;
}

/* Any of the words that commas divide ("UO,URX"). */
static bool
test_words(const struct find_term *plain, const char *words)
{
	bool yes = false;

	for (const char *at = words; *at != '\0';) {
		size_t len = strcspn(at, ",");
		char *word = xstrndup(at, len);

		yes = yes || test_text(plain, word);
		free(word);
		at += len + (at[len] == ',');
	}
	return yes;
}

static bool
test_principals(const struct find_term *t, const char *names)
{
	struct find_term plain = *t;

	plain.is_negated = false;
	return (names[0] == '\0' ? test_text(&plain, "") : test_words(&plain, names)) !=
	       t->is_negated;
}

static bool
test_responses(const struct find_term *t, const struct graph_edge *e)
{
	struct find_term plain = *t;
	bool yes = false;

	plain.is_negated = false;
	for (size_t i = 0; i < e->response_count; i++) {
		const struct graph_response *r = &e->responses[i];

		if (r->share <= 0)
			continue;
		yes = yes || (t->id == FIND_ID_CODE ? test_text(&plain, r->code) :
			      test_words(&plain, r->flags));
	}
	return yes != t->is_negated;
}

static bool
test_edge(const struct evaluation *ev, const struct find_term *t, const struct graph_edge *e)
{
	static const char *const protocols[] = { "http", "grpc", "tcp" };

	switch (t->id) {
	case FIND_ID_CODE:
	case FIND_ID_RESPONSE_FLAG: return test_responses(t, e);
	case FIND_ID_DEST_PRINCIPAL: return test_principals(t, e->destination_principal);
	case FIND_ID_SOURCE_PRINCIPAL: return test_principals(t, e->source_principal);
	case FIND_ID_GRPC: return test_number(t, rate_of(e, EDGE_GRPC));
	case FIND_ID_HTTP: return test_number(t, rate_of(e, EDGE_HTTP));
	case FIND_ID_TCP: return test_number(t, rate_of(e, EDGE_TCP));
	case FIND_ID_GRPC_ERROR: return test_number(t, percent_of(e, EDGE_GRPC, e->errors, e->rate));
	case FIND_ID_HTTP_ERROR: return test_number(t, percent_of(e, EDGE_HTTP, e->errors, e->rate));
	case FIND_ID_GRPC_TRAFFIC: return test_number(t, percent_of(e, EDGE_GRPC, e->share, 1));
	case FIND_ID_HTTP_TRAFFIC: return test_number(t, percent_of(e, EDGE_HTTP, e->share, 1));
	case FIND_ID_PROTOCOL: return test_text(t, protocols[e->protocol]);
	case FIND_ID_RESPONSE_TIME:
		return test_number(t, response_time(e, ev->data->time_label));
	case FIND_ID_THROUGHPUT:
		return test_number(t, e->request_bytes > 0 ? e->request_bytes : ABSENT);
	case FIND_ID_MIRRORED: return e->is_mirrored;
	case FIND_ID_MTLS: return e->mtls > 0;
	case FIND_ID_TRAFFIC: return e->rate > 0;
	default: return false;
	}
}

/* True of node i (target FIND_NODES) or edge i? */
static bool
is_true(const struct evaluation *e, const struct find_term *t, unsigned target, size_t i)
{
	if ((t->targets & target) == 0)
		return false;
	switch (t->kind) {
	case TERM_NOT: return !is_true(e, t->left, target, i);
	case TERM_AND: return is_true(e, t->left, target, i) && is_true(e, t->right, target, i);
	case TERM_OR: return is_true(e, t->left, target, i) || is_true(e, t->right, target, i);
	case TERM_TEST: break;
	}
	return target == FIND_NODES ? test_node(e, t, i) : test_edge(e, t, &e->g->edges.items[i]);
}

static void
add_rate(double *sum, double rate)
{
	*sum = isnan(*sum) ? rate : *sum + rate;
}

static struct node_rates *
node_rates(const struct graph *g)
{
	struct node_rates *r = xcalloc(g->nodes.len + 1, sizeof(*r));

	for (size_t i = 0; i < g->nodes.len; i++)
		for (size_t p = 0; p < EDGE_PROTOCOL_COUNT; p++)
			r[i].in[p] = r[i].out[p] = ABSENT;
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (e->rate <= 0)
			continue;
		add_rate(&r[e->from].out[e->protocol], e->rate);
		add_rate(&r[e->to].in[e->protocol], e->rate);
	}
	return r;
}

void
find_mark(const struct find *f, const struct graph *g, const struct find_data *data,
	  bool *nodes, bool *edges)
{
	static const struct find_data none = { .rank_by = 0 };
	struct evaluation e = { .g = g, .data = data != NULL ? data : &none };

	e.rates = node_rates(g);
	e.ranks = xcalloc(g->nodes.len + 1, sizeof(*e.ranks));
	graph_ranks(g, e.data->rank_by, e.ranks);
	for (size_t i = 0; nodes != NULL && i < g->nodes.len; i++)
		nodes[i] = is_true(&e, f->root, FIND_NODES, i);
	for (size_t i = 0; edges != NULL && i < g->edges.len; i++)
		edges[i] = is_true(&e, f->root, FIND_EDGES, i);
	free(e.rates);
	free(e.ranks);
}

struct ranked {
	size_t score, node;
};

static int
compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->score < y->score) - (x->score > y->score);
}

void
graph_ranks(const struct graph *g, unsigned by, unsigned *ranks)
{
	struct ranked *order = xcalloc(g->nodes.len + 1, sizeof(*order));
	unsigned rank = 0;

	by = by == 0 ? RANK_BY_IN | RANK_BY_OUT : by;
	for (size_t i = 0; i < g->nodes.len; i++)
		order[i].node = i;
	for (size_t i = 0; i < g->edges.len; i++) {
		order[g->edges.items[i].to].score += (by & RANK_BY_IN) != 0;
		order[g->edges.items[i].from].score += (by & RANK_BY_OUT) != 0;
	}
	qsort(order, g->nodes.len, sizeof(*order), compare_ranked);
	for (size_t i = 0; i < g->nodes.len; i++) {
		if ((i == 0 || order[i].score != order[i - 1].score) && rank < MOST_RANK)
			rank++;
		ranks[order[i].node] = rank;
	}
	free(order);
}

void
find_keep(const struct graph *g, bool *nodes, bool *edges)
{
	bool *had_edges = xcalloc(g->nodes.len + 1, sizeof(*had_edges));
	bool *has_sight = xcalloc(g->nodes.len + 1, sizeof(*has_sight));

	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (edges[i])		/* hidden for itself */
			had_edges[e->from] = had_edges[e->to] = true;
		else
			has_sight[e->from] = has_sight[e->to] = true;
	}
	for (size_t i = 0; i < g->nodes.len; i++)
		nodes[i] = !nodes[i] && (!had_edges[i] || has_sight[i]);
	for (size_t i = 0; i < g->edges.len; i++)
		edges[i] = !edges[i] && nodes[g->edges.items[i].from] &&
			   nodes[g->edges.items[i].to];
	free(had_edges);
	free(has_sight);
}

static unsigned
sees(const struct find_term *t)
{
	static const uint8_t of_criteria[FIND_ID_COUNT] = {
		[FIND_ID_RESPONSE_TIME] = FIND_SEES_TIME, [FIND_ID_THROUGHPUT] = FIND_SEES_THROUGHPUT,
		[FIND_ID_MTLS] = FIND_SEES_SECURITY, [FIND_ID_DEST_PRINCIPAL] = FIND_SEES_SECURITY,
		[FIND_ID_SOURCE_PRINCIPAL] = FIND_SEES_SECURITY, [FIND_ID_RANK] = FIND_SEES_RANKS,
		[FIND_ID_IDLE] = FIND_SEES_IDLE, [FIND_ID_TRAFFIC] = FIND_SEES_IDLE,
		[FIND_ID_CIRCUIT_BREAKER] = FIND_SEES_BADGES, [FIND_ID_FAULT_INJECTION] = FIND_SEES_BADGES,
		[FIND_ID_MIRRORING] = FIND_SEES_BADGES, [FIND_ID_REQUEST_ROUTING] = FIND_SEES_BADGES,
		[FIND_ID_REQUEST_TIMEOUT] = FIND_SEES_BADGES, [FIND_ID_TCP_SHIFTING] = FIND_SEES_BADGES,
		[FIND_ID_TRAFFIC_SHIFTING] = FIND_SEES_BADGES, [FIND_ID_VIRTUAL_SERVICE] = FIND_SEES_BADGES,
		[FIND_ID_SIDECAR] = FIND_SEES_BADGES, [FIND_ID_OUT_OF_MESH] = FIND_SEES_BADGES,
		[FIND_ID_WORKLOAD_ENTRY] = FIND_SEES_BADGES, [FIND_ID_GATEWAY] = FIND_SEES_BADGES,
	};

	if (t == NULL)
		return 0;
	return t->kind == TERM_TEST ? of_criteria[t->id] : sees(t->left) | sees(t->right);
}

unsigned
find_sees(const struct find *f)
{
	return sees(f->root);
}
