/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The travel demo as documents, a graph, pages and figures of a minute and a half. */
#include "tests/lib/fake_feed_priv.h"

#include <stdio.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/graph.h"

const char fake_town_documents[] =
	"apiVersion: v1\nkind: Service\nmetadata: {name: travels, namespace: travel-agency}\n"
	"spec:\n  selector: {app: travels}\n  ports: [{name: http, port: 8000}]\n---\n"
	"apiVersion: v1\nkind: Service\nmetadata: {name: hotels, namespace: travel-agency}\n"
	"spec:\n  selector: {app: hotels}\n  ports: [{name: http, port: 8000}]\n---\n"
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: travels-v1, namespace: travel-agency}\n"
	"spec:\n  selector: {matchLabels: {app: travels, version: v1}}\n  template:\n"
	"    metadata: {labels: {app: travels, version: v1}}\n"
	"    spec: {containers: [{name: travels, image: \"quay.io/kiali/demo_travels_travels:v1\"}]}\n"
	"---\n"
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: travels-v2, namespace: travel-agency}\n"
	"spec:\n  selector: {matchLabels: {app: travels, version: v2}}\n  template:\n"
	"    metadata: {labels: {app: travels, version: v2}}\n"
	"    spec: {containers: [{name: travels, image: \"quay.io/kiali/demo_travels_travels:v1\"}]}\n"
	"---\n"
	"apiVersion: networking.istio.io/v1\nkind: VirtualService\n"
	"metadata: {name: travels, namespace: travel-agency}\n"
	"spec:\n  hosts: [travels.travel-agency.svc.cluster.local]\n  http:\n"
	"  - route:\n    - destination: {host: travels.travel-agency.svc.cluster.local}\n";

static const struct {
	const char *ns, *app, *version;
} workloads[] = {
	{ "travel-control", "control", "v1" }, { "travel-portal", "voyages", "v1" },
	{ "travel-portal", "viaggi", "v1" }, { "travel-portal", "travels", "v1" },
	{ "travel-agency", "travels", "v1" }, { "travel-agency", "travels", "v2" },
	{ "travel-agency", "hotels", "v1" }, { "travel-agency", "cars", "v1" },
	{ "travel-agency", "flights", "v1" }, { "travel-agency", "insurances", "v1" },
	{ "travel-agency", "discounts", "v1" }, { "travel-agency", "mysqldb", "v1" },
};

static const struct {
	unsigned from, to;
	double rate;
	bool is_tcp;
} calls[] = {
	{ 0, 1, 0.2, false }, { 0, 2, 0.2, false }, { 0, 3, 0.2, false },
	{ 1, 4, 0.27, false }, { 2, 4, 0.27, false }, { 3, 4, 0.27, false },
	{ 1, 5, 0.13, false }, { 2, 5, 0.13, false }, { 3, 5, 0.13, false },
	{ 4, 6, 0.81, false }, { 4, 7, 0.81, false }, { 4, 8, 0.81, false }, { 4, 9, 0.81, false },
	{ 5, 6, 0.39, false }, { 5, 7, 0.39, false }, { 5, 8, 0.39, false }, { 5, 9, 0.39, false },
	{ 6, 10, 1.2, false }, { 7, 10, 1.2, false }, { 8, 10, 1.2, false }, { 9, 10, 1.2, false },
	{ 4, 10, 0.5, false }, { 5, 10, 0.4, false }, { 1, 6, 0.1, false }, { 2, 7, 0.1, false },
	{ 3, 8, 0.1, false }, { 0, 4, 0.1, false }, { 0, 5, 0.1, false }, { 1, 7, 0.1, false },
	{ 2, 8, 0.1, false }, { 3, 9, 0.1, false }, { 1, 9, 0.1, false },
	{ 6, 11, 5400, true }, { 7, 11, 5300, true }, { 8, 11, 5200, true }, { 9, 11, 5100, true },
};

/* Calls that only the dense graph has: 36 edges altogether. */
#define DENSE_FIRST 21
#define DENSE_END 32

static size_t
add_workload(struct graph *g, size_t i)
{
	char id[128], name[64];
	size_t at;
	struct graph_node *n;

	snprintf(name, sizeof(name), "%s-%s", workloads[i].app, workloads[i].version);
	snprintf(id, sizeof(id), "workload:%s/%s", workloads[i].ns, name);
	at = graph_add_node(g, NODE_WORKLOAD, id);
	n = &g->nodes.items[at];
	n->ns = arena_strdup(g->arena, workloads[i].ns);
	n->workload = arena_strdup(g->arena, name);
	n->app = arena_strdup(g->arena, workloads[i].app);
	n->version = arena_strdup(g->arena, workloads[i].version);
	n->service = "";
	n->health = HEALTH_HEALTHY;
	if (i == 4)
		n->badges = BADGE_VIRTUAL_SERVICE | BADGE_REQUEST_ROUTING;
	return at;
}

static void
add_call(struct fake_feed *f, struct graph *g, const size_t *nodes, size_t i)
{
	struct graph_edge *e = graph_add_edge(g, nodes[calls[i].from], nodes[calls[i].to],
					      calls[i].is_tcp ? EDGE_TCP : EDGE_HTTP);
	struct graph_node *from = &g->nodes.items[nodes[calls[i].from]];
	struct graph_node *to = &g->nodes.items[nodes[calls[i].to]];
	bool fails = f->is_broken && calls[i].to == 5;
	double wobble = 1 + 0.01 * (double)((f->step * 7 + i * 3) % 11);

	e->rate = calls[i].rate * wobble;
	e->errors = fails ? e->rate * 0.3 : 0;
	e->share = calls[i].is_tcp ? -1 : 0.25;
	e->health = fails ? HEALTH_FAILURE : HEALTH_HEALTHY;
	e->mtls = -1;
	e->times = (struct graph_times){ 12, 10, 42, 90, GRAPH_NO_TIME, GRAPH_NO_TIME,
					 GRAPH_NO_TIME };
	e->request_bytes = e->rate * 300;
	e->response_bytes = e->rate * 4000;
	e->responses = arena_alloc(g->arena, 2 * sizeof(*e->responses));
	e->responses[0] = (struct graph_response){ "200", "-", "svc.cluster.local",
						   fails ? 0.7 : 1 };
	e->response_count = 1;
	if (fails)
		e->responses[e->response_count++] = (struct graph_response){
			"503", "UO,URX", "svc.cluster.local", 0.3 };
	if (calls[i].is_tcp) {
		from->out_bytes += e->rate;
		to->in_bytes += e->rate;
	} else {
		from->out_rate += e->rate;
		to->in_rate += e->rate;
		to->in_error_rate += e->errors;
		to->health = fails ? HEALTH_FAILURE : to->health;
	}
}

static bool
is_chosen(const struct fake_feed *f, size_t workload)
{
	return model_has_namespace(f->feed.model, workloads[workload].ns);
}

/* From or to a chosen namespace, as an engine has it. */
static bool
is_call(const struct fake_feed *f, size_t i)
{
	return (f->is_dense || i < DENSE_FIRST || i >= DENSE_END) &&
	       (is_chosen(f, calls[i].from) || is_chosen(f, calls[i].to));
}

/* Chosen, or at the other end of a call. */
static bool
is_near(const struct fake_feed *f, size_t workload)
{
	bool is = is_chosen(f, workload);

	for (size_t i = 0; i < ARRAY_LEN(calls) && !is; i++)
		is = (calls[i].from == workload || calls[i].to == workload) && is_call(f, i);
	return is;
}

struct graph *
fake_town_graph(struct fake_feed *f)
{
	struct graph *g = graph_new();
	size_t nodes[ARRAY_LEN(workloads)];

	for (size_t i = 0; i < ARRAY_LEN(workloads); i++)
		nodes[i] = is_near(f, i) ? add_workload(g, i) : SIZE_MAX;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (is_call(f, i))
			add_call(f, g, nodes, i);
	g->window_s = f->feed.model->query.window_s;
	g->type = "workload";
	graph_finish(g);
	if (f->is_poisoned)
		fake_poison_graph(g);
	for (size_t i = 0; f->is_long && i < 2; i++) {
		g->nodes.items[i].label = fake_long_text(g->arena);
		g->edges.items[i].responses[0].host = fake_long_text(g->arena);
	}
	return g;
}

static const char requests_answer[] =
	"[{\"time\":\"2023-11-14T22:13:18.100Z\",\"source\":\"voyages-v1.travel-portal\",\"method\":\"GET\","
	"\"path\":\"/travels/Paris\",\"query\":null,\"host\":\"travels.travel-agency:8000\",\"id\":\"a-1\","
	"\"status\":200,\"flags\":[],\"details\":\"via_upstream\",\"service\":\"travels.travel-agency\","
	"\"rule\":{\"kind\":\"VirtualService\",\"namespace\":\"travel-agency\",\"name\":\"travels\","
	"\"index\":0,\"match\":\"any request\"},\"cluster\":\"outbound|8000||travels.travel-agency."
	"svc.cluster.local\",\"subset\":null,\"endpoint\":\"127.64.64.2:8000\",\"attempts\":[{\"endpoint\":"
	"\"127.64.64.2:8000\",\"status\":200,\"flags\":[],\"ms\":21.5}],\"duration_ms\":21.6,"
	"\"headers\":{\"content-type\":\"application/json\",\"server\":\"envoy\"},"
	"\"request_headers\":{\"host\":\"travels.travel-agency:8000\",\"portal\":\"voyages.fr\"},"
	"\"redacted\":[\"authorization\"],\"omitted\":0},"
	"{\"time\":\"2023-11-14T22:13:19.250Z\",\"source\":\"viaggi-v1.travel-portal\",\"method\":\"GET\","
	"\"path\":\"/travels/Rome\\u001b[2J\",\"query\":null,\"host\":\"travels.travel-agency:8000\",\"id\":\"a-2\","
	"\"status\":503,\"flags\":[\"UO\",\"URX\"],\"details\":\"overflow\",\"service\":\"travels.travel-agency\","
	"\"rule\":null,\"cluster\":\"outbound|8000||travels.travel-agency.svc.cluster.local\","
	"\"subset\":null,\"endpoint\":null,\"attempts\":[],\"duration_ms\":0.4,"
	"\"request_headers\":{\"host\":\"travels.travel-agency:8000\",\"portal\":\"viaggi.it\"},"
	"\"redacted\":[],\"omitted\":0}]";

static const char limits_answer[] =
	"[{\"namespace\":\"travel-agency\",\"pod\":\"travels-v1-0\",\"workload\":\"travels-v1\","
	"\"cluster\":\"outbound|8000|v1|hotels.travel-agency.svc.cluster.local\","
	"\"connections\":{\"used\":1,\"limit\":1},\"pending\":{\"used\":0,\"limit\":1},"
	"\"requests\":{\"used\":1,\"limit\":null},\"retries\":{\"used\":0,\"limit\":null},"
	"\"refused\":12,\"connections_refused\":0,\"retries_refused\":2,\"outlier_detection\":"
	"{\"consecutive_5xx\":5,\"ejected\":1,\"ejections\":3,\"held_back\":0,"
	"\"max_ejection_percent\":10,\"panic\":false},\"endpoints\":[{\"address\":\"127.64.64.1:8000\","
	"\"pod\":\"hotels-v1-0\",\"connections\":1,\"requests\":1,\"errors_in_a_row\":2,"
	"\"ejections\":0,\"ejected\":false},{\"address\":\"127.64.64.9:8000\",\"pod\":\"hotels-v1-1\","
	"\"connections\":0,\"requests\":0,\"errors_in_a_row\":0,\"ejections\":3,\"ejected\":true,"
	"\"ejected_for_ms\":61000}]}]";

static const char clusters_answer[] =
	"{\"cluster_statuses\":[{\"name\":\"outbound|8000|v1|hotels.travel-agency.svc.cluster.local\","
	"\"host_statuses\":[{\"address\":{\"socket_address\":{\"address\":\"127.64.64.1\","
	"\"port_value\":8000}},\"stats\":[{\"type\":\"GAUGE\",\"value\":\"1\",\"name\":\"cx_active\"},"
	"{\"value\":\"40\",\"name\":\"rq_total\"},{\"value\":\"2\",\"name\":\"rq_error\"}],"
	"\"health_status\":{\"eds_health_status\":\"HEALTHY\"}}],\"circuit_breakers\":{\"thresholds\":"
	"[{\"max_connections\":1,\"max_requests\":4294967295}]}}]}";

static const char listeners_answer[] =
	"{\"listener_statuses\":[{\"name\":\"outbound_127.64.0.1_80\",\"local_address\":{\"socket_address\":"
	"{\"address\":\"127.64.0.1\",\"port_value\":80}},\"kind\":\"outbound\",\"bound_port\":20080,"
	"\"is_open\":true,\"error\":null,\"service\":\"hotels.travel-agency\",\"connections\":3}]}";

/* One second of calls to travels, v1 and v2, as both sides report them. */
void
fake_town_second(struct series_store *s, int t, const char *only)
{
	static const struct { const char *version; double rate, ms; } versions[] = {
		{ "v1", 8, 20 }, { "v2", 3, 55 },
	};
	struct buf b = BUF_INIT;
	unsigned id = 0;

	buf_printf(&b, "{\"engine\":\"fake\",\"generation\":%d,\"time_ms\":%lld,\"series\":[", t + 1,
		   (long long)FAKE_NOW_MS - (FAKE_SECONDS - t) * 1000);
	for (size_t i = 0; t > 0 && i < 2 * ARRAY_LEN(versions); i++) {
		const char *version = versions[i / 2].version;
		long requests = (long)(versions[i / 2].rate * t) + t / 10 * 5;
		unsigned fine = loghist_index((uint32_t)(versions[i / 2].ms * 1000));
		const char *reporter = i % 2 == 0 ? "source" : "destination";

		if (only != NULL && strcmp(only, reporter) != 0)
			continue;
		buf_printf(&b, "%s{\"id\":%u,\"type\":\"http\",\"labels\":{\"reporter\":\"%s\","
			   "\"source_workload\":\"voyages-v1\",\"source_workload_namespace\":\"travel-portal\","
			   "\"source_canonical_service\":\"voyages\",\"destination_workload\":\"travels-%s\","
			   "\"destination_workload_namespace\":\"travel-agency\","
			   "\"destination_canonical_service\":\"travels\","
			   "\"destination_canonical_revision\":\"%s\",\"destination_service_name\":\"travels\","
			   "\"destination_service_namespace\":\"travel-agency\",\"response_code\":\"200\","
			   "\"response_flags\":\"-\"},\"requests\":%ld,\"duration\":{\"sum\":%.1f,"
			   "\"buckets\":[0,0,0,0,%ld],\"fine\":[[%u,%ld]]},\"request_bytes\":{\"sum\":%ld},"
			   "\"response_bytes\":{\"sum\":%ld}}", id > 0 ? "," : "", id + 1,
			   reporter, version, version, requests,
			   (double)requests * versions[i / 2].ms, requests, fine, requests,
			   requests * 300, requests * 2000);
		id++;
	}
	buf_puts(&b, "]}");
	series_feed(s, buf_str(&b), b.len, NULL);
	buf_fini(&b);
}

const char *
fake_town_answer(const char *path)
{
	static const struct { const char *path, *text; } answers[] = {
		{ "/requests", requests_answer }, { "/limits", limits_answer },
		{ "/clusters", clusters_answer }, { "/listeners", listeners_answer },
	};

	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (strncmp(path, answers[i].path, strlen(answers[i].path)) == 0)
			return answers[i].text;
	return NULL;
}
