/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kiali's graph rules: reporters, service nodes, refused calls, mirrors, types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/telemetry/series.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"

/* One series of the fixture: what was counted in 10 s. */
struct row {
	const char *reporter;
	const char *from, *to;		/* "NS/WORKLOAD/APP/VERSION" or "unknown" */
	const char *service, *service_ns;
	const char *protocol, *code, *flags;
	unsigned requests;		/* TCP: bytes sent */
	unsigned ms;			/* duration of each */
	bool mirrored;
	const char *caller, *called;	/* principals of mTLS; NULL: there is none */
};

#define WEB "shop/web/web/v1"
#define API(v) "back/api-" v "/api/" v
#define DB "back/db-v1/db/v1"

static const struct row all[] = {
	{ "source", WEB, API("v1"), "api", "back", "http", "200", "-", 60, 20, 0, NULL, NULL },
	{ "destination", WEB, API("v1"), "api", "back", "http", "200", "-", 60, 10, 0, NULL, NULL },
	{ "source", WEB, API("v2"), "api", "back", "http", "200", "-", 30, 20, 0, NULL, NULL },
	{ "destination", WEB, API("v2"), "api", "back", "http", "200", "-", 30, 10, 0, NULL, NULL },
	{ "source", WEB, "unknown", "api", "unknown", "http", "503", "UO", 10, 0, 0, NULL, NULL },
	{ "destination", WEB, API("v3"), "api", "back", "http", "200", "-", 20, 10, 1, NULL, NULL },
	{ "destination", "unknown", WEB, "web", "shop", "http", "200", "-", 40, 5, 0, NULL, NULL },
	{ "source", API("v1"), DB, "db", "back", "tcp", "", "-", 5000, 0, 0, NULL, NULL },
	{ "destination", API("v1"), DB, "db", "back", "tcp", "", "-", 5000, 0, 0, NULL, NULL },
};

static void
put_end(struct buf *b, const char *prefix, const char *end)
{
	char part[4][32] = { "unknown", "unknown", "unknown", "unknown" };

	sscanf(end, "%31[^/]/%31[^/]/%31[^/]/%31[^/]", part[0], part[1], part[2], part[3]);
	buf_printf(b, "\"%s_workload_namespace\":\"%s\",\"%s_workload\":\"%s\","
		   "\"%s_canonical_service\":\"%s\",\"%s_canonical_revision\":\"%s\",",
		   prefix, part[0], prefix, part[1], prefix, part[2], prefix, part[3]);
}

static void
put_row(struct buf *b, size_t id, const struct row *r, unsigned share)
{
	unsigned n = r->requests * share;
	bool tcp = strcmp(r->protocol, "tcp") == 0;

	buf_printf(b, "{\"id\":%zu,\"type\":\"%s\",\"mirrored\":%s,\"labels\":{\"reporter\":\"%s\",",
		   id, tcp ? "tcp" : "http", r->mirrored ? "true" : "false", r->reporter);
	put_end(b, "source", r->from);
	put_end(b, "destination", r->to);
	if (r->caller != NULL)
		buf_printf(b, "\"source_principal\":\"%s\",\"destination_principal\":\"%s\","
			   "\"connection_security_policy\":\"mutual_tls\",", r->caller, r->called);
	buf_printf(b, "\"destination_service\":\"%s.%s.svc.cluster.local\",", r->service,
		   strcmp(r->service_ns, "unknown") == 0 ? "back" : r->service_ns);
	buf_printf(b, "\"destination_service_name\":\"%s\",\"destination_service_namespace\":\"%s\","
		   "\"request_protocol\":\"%s\",\"response_code\":\"%s\",\"response_flags\":\"%s\"},",
		   r->service, r->service_ns, r->protocol, r->code, r->flags);
	if (tcp)
		buf_printf(b, "\"opened\":%u,\"closed\":%u,\"sent\":%u,\"received\":%u}", n, n, n, n / 3);
	else
		buf_printf(b, "\"requests\":%u,\"duration\":{\"sum\":%u,\"buckets\":[0,0,0,%u],"
			   "\"fine\":[[%u,%u]]},\"request_bytes\":{\"sum\":%u},"
			   "\"response_bytes\":{\"sum\":%u}}", n, n * r->ms, n,
			   loghist_index(r->ms * 1000), n, n * 100, n * 1000);
}

static struct series_store *
feed(const struct row *rows, size_t count)
{
	struct series_store *s = series_new();

	for (unsigned t = 0; t <= 10; t += 10) {
		struct buf b = BUF_INIT;
		struct error err = ERROR_INIT;

		buf_printf(&b, "{\"engine\":\"e\",\"generation\":%u,\"time_ms\":%u,\"series\":[", t + 1,
			   100000 + t * 1000);
		for (size_t i = 0; i < count; i++) {
			buf_puts(&b, i > 0 ? "," : "");
			put_row(&b, i, &rows[i], t / 10);
		}
		buf_puts(&b, "]}");
		if (series_feed(s, buf_str(&b), b.len, &err) < 0)
			fail_msg("%s", err.msg);
		buf_fini(&b);
	}
	return s;
}

static struct graph *
build(const struct row *rows, size_t count, struct graph_options *o)
{
	struct series_store *s = feed(rows, count);
	struct graph *g;

	o->from_ms = 0;
	o->to_ms = INT64_MAX;
	g = graph_build(s, NULL, o);
	series_free(&s);
	return g;
}

static const struct graph_edge *
edge(const struct graph *g, const char *from, const char *to)
{
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (strcmp(g->nodes.items[e->from].id, from) == 0 &&
		    strcmp(g->nodes.items[e->to].id, to) == 0)
			return e;
	}
	return NULL;
}

static void
assert_near(double got, double want)
{
	if (got < want - 1e-6 || got > want + 1e-6)
		fail_msg("%f is not %f", got, want);
}

static void
test_build__both_reporters_count_once(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true };
	struct graph *g = build(all, ARRAY_LEN(all), &o);
	const struct graph_edge *e = edge(g, "workload:shop/web", "workload:back/api-v1");

	(void)state;
	assert_non_null(e);
	assert_near(e->rate, 6);
	assert_near(e->share, 6.0 / 12);	/* 6 + 3 + 1 refused + 2 mirrored */
	assert_int_equal(e->health, HEALTH_HEALTHY);
	assert_near(g->window_s, 10);
	assert_true(e->times.p50 > 9 && e->times.p50 < 11);	/* the destination's word */
	graph_free(&g);
}

static void
test_build__reporter_may_be_chosen(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true,
				   .reporter = GRAPH_SOURCE };
	struct graph *g = build(all, ARRAY_LEN(all), &o);

	(void)state;
	assert_true(edge(g, "workload:shop/web", "workload:back/api-v1")->times.p50 > 18);
	assert_null(edge(g, "workload:shop/web", "workload:back/api-v3"));
	graph_free(&g);
	o.reporter = GRAPH_DESTINATION;
	g = build(all, ARRAY_LEN(all), &o);
	assert_non_null(edge(g, "workload:shop/web", "workload:back/api-v3"));
	assert_null(edge(g, "workload:shop/web", "service:back/api"));
	graph_free(&g);
}

static void
test_build__refused_call_ends_at_the_service(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true };
	struct graph *g = build(all, ARRAY_LEN(all), &o);
	const struct graph_edge *e = edge(g, "workload:shop/web", "service:back/api");

	(void)state;
	assert_non_null(e);
	assert_near(e->rate, 1);
	assert_near(e->errors, 1);
	assert_int_equal(e->health, HEALTH_FAILURE);
	assert_string_equal(e->responses[0].flags, "UO");
	graph_free(&g);
}

static void
test_build__service_nodes_stand_between(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD };
	struct graph *g = build(all, ARRAY_LEN(all), &o);
	const struct graph_edge *in = edge(g, "workload:shop/web", "service:back/api");
	const struct graph_edge *out = edge(g, "service:back/api", "workload:back/api-v1");

	(void)state;
	assert_near(in->rate, 10);		/* 6 + 3 + 1 refused, no mirrored copies */
	assert_near(in->errors, 1);
	assert_true(in->times.avg < 0);		/* no time into service nodes */
	assert_near(out->rate, 6);
	assert_true(out->times.avg > 0);
	assert_true(edge(g, "service:back/api", "workload:back/api-v3")->is_mirrored);
	assert_non_null(edge(g, "unknown:unknown/unknown", "service:shop/web"));
	assert_null(edge(g, "workload:shop/web", "workload:back/api-v1"));
	graph_free(&g);
}

static void
test_build__types(void **state)
{
	static const struct { enum graph_type type; const char *from, *to; double rate; } rows[] = {
		{ GRAPH_APP, "app:shop/web", "service:back/api", 10 },
		{ GRAPH_APP, "service:back/api", "app:back/api", 9 },
		{ GRAPH_VERSIONED_APP, "service:back/api", "version:back/api@v2", 3 },
		{ GRAPH_SERVICE, "service:shop/web", "service:back/api", 10 },
		{ GRAPH_SERVICE, "service:back/api", "service:back/db", 500 },
		{ GRAPH_SERVICE, "unknown:unknown/unknown", "service:shop/web", 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct graph_options o = { .type = rows[i].type };
		struct graph *g = build(all, ARRAY_LEN(all), &o);
		const struct graph_edge *e = edge(g, rows[i].from, rows[i].to);

		if (e == NULL)
			fail_msg("row %zu: no edge %s -> %s", i, rows[i].from, rows[i].to);
		assert_near(e->rate, rows[i].rate);
		graph_free(&g);
	}
}

static void
test_build__tcp_has_bytes_and_no_share(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true };
	struct graph *g = build(all, ARRAY_LEN(all), &o);
	const struct graph_edge *e = edge(g, "workload:back/api-v1", "workload:back/db-v1");

	(void)state;
	assert_int_equal(e->protocol, EDGE_TCP);
	assert_near(e->rate, 500);
	assert_true(e->share < 0);
	assert_int_equal(e->health, HEALTH_NA);
	assert_near(g->nodes.items[e->to].in_bytes, 500);
	graph_free(&g);
}

static void
test_build__traffic_is_chosen_by_protocol(void **state)
{
	static const struct { enum graph_tcp tcp; double rate; } rows[] = {
		{ GRAPH_TCP_SENT, 500 }, { GRAPH_TCP_RECEIVED, 166.6 }, { GRAPH_TCP_TOTAL, 666.6 },
		{ GRAPH_TCP_NONE, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true,
					   .tcp = rows[i].tcp, .no_http = i % 2 == 1 };
		struct graph *g = build(all, ARRAY_LEN(all), &o);
		const struct graph_edge *e = edge(g, "workload:back/api-v1", "workload:back/db-v1");

		assert_int_equal(e != NULL, rows[i].rate >= 0);
		if (e != NULL)
			assert_near(e->rate, rows[i].rate);
		assert_int_equal(edge(g, "workload:shop/web", "workload:back/api-v1") != NULL,
				 i % 2 == 0);
		graph_free(&g);
	}
}

static void
test_build__only_selected_namespaces(void **state)
{
	static const char *const only[] = { "shop" };
	struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true,
				   .namespaces = only, .namespace_count = 1 };
	struct graph *g = build(all, ARRAY_LEN(all), &o);

	(void)state;
	assert_non_null(edge(g, "workload:shop/web", "workload:back/api-v1"));
	assert_null(edge(g, "workload:back/api-v1", "workload:back/db-v1"));
	assert_true(g->nodes.items[graph_find(g, "workload:back/api-v1")].is_outside);
	assert_false(g->nodes.items[graph_find(g, "workload:shop/web")].is_outside);
	graph_free(&g);
}

static void
test_build__principals_of_all_callers(void **state)
{
	struct row rows[] = { all[1], all[1], all[1], all[6], all[8] };
	struct graph_options o = { .type = GRAPH_WORKLOAD, .tcp = GRAPH_TCP_TOTAL };
	const struct graph_edge *e;
	struct graph *g;

	(void)state;
	rows[0].from = "shop/cart/cart/v1";
	rows[0].caller = "spiffe://d/ns/shop/sa/cart";
	rows[2].caller = "spiffe://d/ns/shop/sa/aaa";
	rows[2].code = "503";
	rows[4].caller = "spiffe://d/ns/back/sa/api";
	rows[0].called = rows[2].called = rows[4].called = "spiffe://d/ns/back/sa/one";
	g = build(rows, ARRAY_LEN(rows), &o);
	e = edge(g, "service:back/api", "workload:back/api-v1");
	assert_string_equal(e->source_principal, "spiffe://d/ns/shop/sa/aaa,spiffe://d/ns/shop/sa/cart");
	assert_string_equal(e->destination_principal, "spiffe://d/ns/back/sa/one");
	assert_near(e->mtls, 120.0 / 180);
	assert_string_equal(edge(g, "workload:shop/cart", "service:back/api")->source_principal,
			    "spiffe://d/ns/shop/sa/cart");
	assert_string_equal(edge(g, "unknown:unknown/unknown", "service:shop/web")->source_principal, "");
	assert_near(edge(g, "workload:back/api-v1", "service:back/db")->mtls, 1);
	graph_free(&g);
}

static const struct { unsigned errors; const char *code; enum health want; } levels[] = {
	{ 0, "500", HEALTH_HEALTHY }, { 1, "500", HEALTH_DEGRADED }, { 10, "500", HEALTH_FAILURE },
	{ 9, "404", HEALTH_HEALTHY }, { 10, "404", HEALTH_DEGRADED }, { 20, "404", HEALTH_FAILURE },
	{ 1, "0", HEALTH_DEGRADED }, { 11, "0", HEALTH_FAILURE },
};

static void
test_build__health_by_tolerance(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		struct row rows[2] = { all[1], all[1] };
		struct graph_options o = { .type = GRAPH_WORKLOAD, .no_service_nodes = true };
		struct graph *g;

		rows[0].requests = 100 - levels[i].errors;
		rows[1].requests = levels[i].errors;
		rows[1].code = levels[i].code;
		g = build(rows, 2, &o);
		if (g->edges.items[0].health != levels[i].want)
			fail_msg("%u %% of %s: %d", levels[i].errors, levels[i].code,
				 (int)g->edges.items[0].health);
		graph_free(&g);
	}
}

static const struct {
	const char *words;
	double rate, errors, share, p95;
	bool tcp;
	const char *want;
} labels[] = {
	{ "rate", 0.27, 0, 1, 20, 0, "0.27" },
	{ "rate", 12.0, 0, 1, 20, 0, "12" },
	{ "rate", 0.0012, 0, 1, 20, 0, "0.0012" },
	{ "rate", 1, 0.08, 1, 20, 0, "1 8%err" },
	{ "rate", 65.4, 0, -1, -1, 1, "65bps" },
	{ "rate", 2048, 0, -1, -1, 1, "2kps" },
	{ "rate,distribution", 12.27, 0, 0.333, 20, 0, "12.27rps | 33.3%" },
	{ "rate,distribution", 12.27, 0, 1, 20, 0, "12.27rps" },
	{ "time:p95", 1, 0, 1, 42.4, 0, "42ms" },
	{ "time", 1, 0, 1, 9750, 0, "9.75s" },
	{ "distribution,time:p95,rate", 1, 0, 0.5, 42, 0, "1rps | 42ms | 50%" },
	{ "none", 1, 0, 0.5, 42, 0, "" },
};

static void
test_label__text_is_kialis(void **state)
{
	unsigned bits;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		struct graph_edge e = { .protocol = labels[i].tcp ? EDGE_TCP : EDGE_HTTP,
			.rate = labels[i].rate, .errors = labels[i].errors, .share = labels[i].share };
		struct buf b = BUF_INIT;

		e.times.p95 = labels[i].p95;
		assert_true(edge_labels_parse(labels[i].words, &bits));
		edge_label_text(&e, bits, false, &b);
		assert_string_equal(buf_str(&b), labels[i].want);
		buf_fini(&b);
	}
	assert_false(edge_labels_parse("rate,colour", &bits));
	assert_false(edge_labels_parse("", &bits));
}

static void
test_input__any_graph_or_a_message(void **state)
{
	const char *good = "{\"nodes\":[{\"id\":\"b\"},{\"id\":\"lonely\"}],"
			   "\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"protocol\":\"tcp\",\"rate\":null}]}";
	static const char *const bad[] = { "{}", "[1]", "{\"nodes\":[{}]}", "x",
		"{\"edges\":[{\"from\":\"a\"}]}",
		"{\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"protocol\":\"udp\"}]}",
		"{\"nodes\":\"a\",\"edges\":[]}", "{\"nodes\":[],\"edges\":{}}",
		"{\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"rate\":\"much\"}]}",
		"{\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"rate\":-1}]}",
		"{\"edges\":[{\"from\":\"a\",\"to\":\"b\",\"errors\":[]}]}" };
	struct error err = ERROR_INIT;
	struct graph *g = graph_of_input(good, strlen(good), &err);

	(void)state;
	assert_non_null(g);
	assert_int_equal(g->nodes.len, 3);
	assert_string_equal(g->nodes.items[0].label, "a");
	graph_free(&g);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err = ERROR_INIT;
		assert_null(graph_of_input(bad[i], strlen(bad[i]), &err));
		assert_int_equal(err.code, ERROR_SYNTAX);
	}
}

static void
test_input__a_second_entry_keeps_what_it_does_not_say(void **state)
{
	const char *json = "{\"nodes\":[{\"id\":\"a\",\"namespace\":\"n\",\"app\":\"x\"},"
			   "{\"id\":\"a\",\"app\":\"y\"}]}";
	struct graph *g = graph_of_input(json, strlen(json), NULL);

	(void)state;
	assert_non_null(g);
	assert_int_equal(g->nodes.len, 1);
	assert_string_equal(g->nodes.items[0].ns, "n");
	assert_string_equal(g->nodes.items[0].app, "y");
	graph_free(&g);
}

/* The caller puts it. */
static struct mesh *
mesh_of(const char *yaml)
{
	struct error err = ERROR_INIT;
	struct snapshot *snap = snapshot_of_text("t.yaml", yaml, NULL, &err);
	struct mesh *m;

	assert_non_null(snap);
	m = mesh_compile(snap, NULL, "/tmp", NULL);
	snapshot_put(&snap);
	return m;
}

/* Names that differ only in what is not shown are two nodes, not a self call. */
static void
test_input__names_that_look_alike_stay_apart(void **state)
{
	const char *json = "{\"edges\":[{\"from\":\"x\\u200b\",\"to\":\"x\\u200c\"},"
			   "{\"from\":\"x\\u202e\",\"to\":\"x\\u200b\"}],"
			   "\"nodes\":[{\"id\":\"x\\u200b\",\"namespace\":\"\\u001b[2J\",\"app\":\"\\n\"}]}";
	struct graph *g = graph_of_input(json, strlen(json), NULL);

	(void)state;
	assert_non_null(g);
	assert_int_equal(g->nodes.len, 3);
	assert_int_not_equal(g->edges.items[0].from, g->edges.items[0].to);
	for (size_t i = 0; i < 2; i++)
		assert_string_not_equal(g->nodes.items[i].label, g->nodes.items[i + 1].label);
	for (size_t i = 0; i < 3; i++) {		/* nothing of it is raw */
		assert_null(strchr(g->nodes.items[i].ns, '\033'));
		assert_null(strchr(g->nodes.items[i].app, '\n'));
	}
	graph_free(&g);
}

static void
test_decorate__badges_replicas_and_idle_nodes(void **state)
{
	const char *yaml =
		"apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: back}\n"
		"spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n"
		"apiVersion: v1\nkind: Service\nmetadata: {name: quiet, namespace: back}\n"
		"spec: {selector: {app: quiet}, ports: [{name: http, port: 80}]}\n---\n"
		"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"
		"metadata: {name: api-v1, namespace: back}\n"
		"spec: {address: 127.9.9.1, labels: {app: api, version: v1}}\n---\n"
		"apiVersion: networking.istio.io/v1\nkind: VirtualService\n"
		"metadata: {name: api, namespace: back}\nspec:\n  hosts: [api]\n  http:\n"
		"  - timeout: 2s\n    route: [{destination: {host: api}, weight: 50},"
		" {destination: {host: api, subset: v2}, weight: 50}]\n---\n"
		"apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
		"metadata: {name: api, namespace: back}\nspec:\n  host: api\n  subsets:\n"
		"  - {name: v1, labels: {version: v1}, trafficPolicy: {connectionPool:"
		" {tcp: {maxConnections: 1}}}}\n  - {name: v2, labels: {version: v2}}\n";
	struct graph_options o = { .type = GRAPH_WORKLOAD, .with_idle_nodes = true, .to_ms = INT64_MAX };
	struct series_store *s = feed(all, ARRAY_LEN(all));
	struct mesh *m = mesh_of(yaml);
	struct graph *g = graph_build(s, m, &o);
	const unsigned looked_at = BADGE_VIRTUAL_SERVICE | BADGE_TRAFFIC_SHIFTING |
		BADGE_REQUEST_TIMEOUT | BADGE_FAULT_INJECTION | BADGE_CIRCUIT_BREAKER;

	(void)state;
	assert_int_equal(g->nodes.items[graph_find(g, "service:back/api")].badges & looked_at,
			 BADGE_VIRTUAL_SERVICE | BADGE_TRAFFIC_SHIFTING | BADGE_REQUEST_TIMEOUT |
			 BADGE_CIRCUIT_BREAKER);
	assert_true(g->nodes.items[graph_find(g, "workload:back/api-v1")].badges & BADGE_CIRCUIT_BREAKER);
	assert_false(g->nodes.items[graph_find(g, "workload:back/api-v2")].badges & BADGE_CIRCUIT_BREAKER);
	assert_true(g->nodes.items[graph_find(g, "service:back/quiet")].is_idle);
	assert_true(g->nodes.items[graph_find(g, "workload:back/api-v2")].badges & BADGE_DEAD);
	assert_false(g->nodes.items[graph_find(g, "workload:back/api-v1")].badges & BADGE_DEAD);
	graph_free(&g);
	mesh_put(&m);
	series_free(&s);
}

/* Kiali also takes NAME.NS and NAME.NS.svc for a service. */
static void
test_decorate__rules_find_their_services(void **state)
{
	static const struct { const char *host, *ns; bool is_of_api; } rows[] = {
		{ "api", "back", true }, { "api", "front", false }, { "API", "back", true },
		{ "api.back", "front", true }, { "api.back.svc", "front", true },
		{ "api.back.svc.cluster.local", "front", true }, { "api.bac", "front", false },
		{ "api.back.svc.cluster", "front", true }, { "api.front", "back", false },
		{ "ap", "back", false }, { "*.back.svc.cluster.local", "back", false },
	};
	struct graph_options o = { .type = GRAPH_WORKLOAD, .with_idle_nodes = true, .to_ms = INT64_MAX };
	struct series_store *s = feed(NULL, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf yaml = BUF_INIT;
		struct mesh *m;
		struct graph *g;

		buf_printf(&yaml, "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: back}\n"
			   "spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n"
			   "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
			   "metadata: {name: r, namespace: %s}\nspec: {host: '%s', trafficPolicy: "
			   "{connectionPool: {tcp: {maxConnections: 1}}}}\n---\n"
			   "apiVersion: networking.istio.io/v1\nkind: VirtualService\n"
			   "metadata: {name: r, namespace: %s}\nspec: {hosts: ['a.b'], tcp: "
			   "[{route: [{destination: {host: '%s'}}]}]}\n",
			   rows[i].ns, rows[i].host, rows[i].ns, rows[i].host);
		m = mesh_of(buf_str(&yaml));
		g = graph_build(s, m, &o);
		if ((g->nodes.items[graph_find(g, "service:back/api")].badges &
		     (BADGE_CIRCUIT_BREAKER | BADGE_VIRTUAL_SERVICE)) !=
		    (rows[i].is_of_api ? BADGE_CIRCUIT_BREAKER | BADGE_VIRTUAL_SERVICE : 0u))
			fail_msg("%s in %s", rows[i].host, rows[i].ns);
		graph_free(&g);
		mesh_put(&m);
		buf_fini(&yaml);
	}
	series_free(&s);
}

static void
test_decorate__breakers_mark_all_workloads_of_a_service(void **state)
{
	struct graph_options o = { .type = GRAPH_WORKLOAD, .with_idle_nodes = true, .to_ms = INT64_MAX };
	struct series_store *s = feed(NULL, 0);
	struct buf yaml = BUF_INIT;
	unsigned broken = 0;
	struct mesh *m;
	struct graph *g;

	(void)state;
	buf_puts(&yaml, "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: back}\n"
		 "spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n"
		 "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
		 "metadata: {name: api, namespace: back}\nspec: {host: api, subsets: [{name: v1, labels: "
		 "{version: v1}, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}]}\n");
	for (unsigned i = 0; i < 100; i++)
		buf_printf(&yaml, "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"
			   "metadata: {name: api-%u, namespace: back}\n"
			   "spec: {address: 127.9.9.%u, labels: {app: api, version: v%u}}\n",
			   i, i + 1, i % 2 + 1);
	m = mesh_of(buf_str(&yaml));
	g = graph_build(s, m, &o);
	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		if (n->kind == NODE_WORKLOAD && (n->badges & BADGE_CIRCUIT_BREAKER) != 0) {
			assert_string_equal(n->version, "v1");
			broken++;
		}
	}
	assert_int_equal(broken, 50);
	graph_free(&g);
	mesh_put(&m);
	series_free(&s);
	buf_fini(&yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build__both_reporters_count_once),
		cmocka_unit_test(test_build__reporter_may_be_chosen),
		cmocka_unit_test(test_build__refused_call_ends_at_the_service),
		cmocka_unit_test(test_build__service_nodes_stand_between),
		cmocka_unit_test(test_build__types),
		cmocka_unit_test(test_build__tcp_has_bytes_and_no_share),
		cmocka_unit_test(test_build__traffic_is_chosen_by_protocol),
		cmocka_unit_test(test_build__only_selected_namespaces),
		cmocka_unit_test(test_build__principals_of_all_callers),
		cmocka_unit_test(test_build__health_by_tolerance),
		cmocka_unit_test(test_label__text_is_kialis),
		cmocka_unit_test(test_input__any_graph_or_a_message),
		cmocka_unit_test(test_input__names_that_look_alike_stay_apart),
		cmocka_unit_test(test_input__a_second_entry_keeps_what_it_does_not_say),
		cmocka_unit_test(test_decorate__badges_replicas_and_idle_nodes),
		cmocka_unit_test(test_decorate__rules_find_their_services),
		cmocka_unit_test(test_decorate__breakers_mark_all_workloads_of_a_service),
	};

	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
