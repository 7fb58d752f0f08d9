/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The travel demo as a feed without traffic.
 */
#include "tests/lib/fake_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/checks.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/store/store.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/graph.h"

#define FAKE_SECONDS 90
#define POISON "\033[2J\033]0;x\007\r\n\t\b\302\233\342\200\256\342\200\213\377\355\240\200" \
	"a\314\200\314\200\314\200\314\200\314\200\314\200\342\201\246\356\200\200\363\240\201\201"
#define FAKE_LONG_BYTES 102400

struct feed_question {
	struct fake_feed *feed;
	char *path;
	feed_answer *fn;
	void *arg;
};

struct fake_feed {
	struct feed feed;
	struct series_store *series;
	VEC(struct feed_question *) questions;	/* answered at the next step */
	unsigned step;
	bool is_broken, is_dense, is_poisoned, is_long;
	struct buf poisoned;	/* the answer being given */
	struct history history;
	char last[200];
};

static const char documents[] =
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

static const char *
long_text(struct arena *a)
{
	struct buf b = BUF_INIT;
	const char *text;

	while (b.len < FAKE_LONG_BYTES)
		buf_puts(&b, "long " POISON);
	text = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

static void
poison_graph(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		g->nodes.items[i].label = arena_printf(g->arena, "%zu" POISON, i);
		g->nodes.items[i].ns = POISON;
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].responses[0].code = POISON;
		g->edges.items[i].responses[0].flags = POISON;
		g->edges.items[i].responses[0].host = POISON;
	}
}

static struct graph *
make_graph(struct fake_feed *f)
{
	struct graph *g = graph_new();
	size_t nodes[ARRAY_LEN(workloads)];

	for (size_t i = 0; i < ARRAY_LEN(workloads); i++) {
		nodes[i] = model_has_namespace(f->feed.model, workloads[i].ns) ?
			add_workload(g, i) : SIZE_MAX;
	}
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (!f->is_dense && i >= DENSE_FIRST && i < DENSE_END)
			continue;
		if (nodes[calls[i].from] != SIZE_MAX && nodes[calls[i].to] != SIZE_MAX)
			add_call(f, g, nodes, i);
	}
	g->window_s = f->feed.model->query.window_s;
	g->type = "workload";
	graph_finish(g);
	if (f->is_poisoned)
		poison_graph(g);
	for (size_t i = 0; f->is_long && i < 2; i++) {
		g->nodes.items[i].label = long_text(g->arena);
		g->edges.items[i].responses[0].host = long_text(g->arena);
	}
	return g;
}

static void
fill(struct fake_feed *f)
{
	model_set_graph(f->feed.model, make_graph(f));
}

static struct graph *
fake_build(struct feed *f, const struct graph_options *options)
{
	(void)options;
	return make_graph((struct fake_feed *)f);
}

static struct metrics *
fake_metrics(struct feed *f, const struct metrics_query *q)
{
	return metrics_read(((struct fake_feed *)f)->series, q);
}

static const char requests_answer[] =
	"[{\"time\":\"2023-11-14T22:13:18.100Z\",\"source\":\"voyages-v1.travel-portal\",\"method\":\"GET\","
	"\"path\":\"/travels/Paris\",\"query\":null,\"host\":\"travels.travel-agency:8000\",\"id\":\"a-1\","
	"\"status\":200,\"flags\":[],\"details\":\"via_upstream\",\"service\":\"travels.travel-agency\","
	"\"rule\":{\"kind\":\"VirtualService\",\"namespace\":\"travel-agency\",\"name\":\"travels\","
	"\"index\":0,\"match\":\"any request\"},\"cluster\":\"outbound|8000||travels.travel-agency."
	"svc.cluster.local\",\"subset\":null,\"endpoint\":\"127.64.64.2:8000\",\"attempts\":[{\"endpoint\":"
	"\"127.64.64.2:8000\",\"status\":200,\"flags\":[],\"ms\":21.5}],\"duration_ms\":21.6,"
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

static struct feed_question *
fake_ask(struct feed *feed, const char *path, feed_answer *fn, void *arg)
{
	struct fake_feed *f = (struct fake_feed *)feed;
	struct feed_question *q = xcalloc(1, sizeof(*q));

	*q = (struct feed_question){ f, xstrdup(path), fn, arg };
	vec_push(&f->questions, q);
	return q;
}

size_t
fake_feed_questions(const struct feed *f)
{
	return ((const struct fake_feed *)f)->questions.len;
}

static void
drop_question(struct feed_question *q)
{
	for (size_t i = 0; i < q->feed->questions.len; i++) {
		if (q->feed->questions.items[i] == q) {
			vec_remove(&q->feed->questions, i);
			break;
		}
	}
	free(q->path);
	free(q);
}

static void
fake_forget(struct feed *f, struct feed_question **qp)
{
	(void)f;
	if (*qp != NULL)
		drop_question(*qp);
	*qp = NULL;
}

/* Puts poison behind every text of an answer but the names that screens look
 * things up by; one of them is very long. */
static const char *
poison_answer(struct fake_feed *f, const char *text)
{
	static const char *const kept[] = { "service", "cluster", "workload", "namespace", "kind",
					    "name", "time", "eds_health_status", "type", "address" };
	static const char poison[] = "\\u001b[2J\\u001b]0;x\\u0007\\r\\n\\t\\b\\u009b\\u202e\\u200b\\u00ad"
		"a\\u0300\\u0300\\u0300\\u0300\\u0300\\u0300\\ue000\\u2028\\ufeff";
	const char *key = "";
	size_t key_len = 0;
	bool is_first = true;

	buf_clear(&f->poisoned);
	while (*text != '\0') {
		const char *end = *text == '"' ? strchr(text + 1, '"') : NULL;
		bool is_value = end != NULL && text[-1] == ':', is_kept = false;

		if (end == NULL) {
			buf_putc(&f->poisoned, *text++);
			continue;
		}
		if (end[1] == ':') {
			key = text + 1;
			key_len = (size_t)(end - key);
		}
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			is_kept |= strlen(kept[i]) == key_len && memcmp(kept[i], key, key_len) == 0;
		buf_append(&f->poisoned, text, (size_t)(end - text));
		if (is_value && !is_kept) {
			buf_puts(&f->poisoned, poison);
			buf_fill(&f->poisoned, 'A', is_first ? FAKE_LONG_BYTES : 0);
			is_first = false;
		}
		buf_putc(&f->poisoned, '"');
		text = end + 1;
	}
	return buf_str(&f->poisoned);
}

void
fake_feed_answer(struct feed *feed)
{
	static const struct { const char *path, *text; } answers[] = {
		{ "/requests", requests_answer }, { "/limits", limits_answer },
		{ "/clusters", clusters_answer }, { "/listeners", listeners_answer },
	};
	struct fake_feed *f = (struct fake_feed *)feed;

	while (f->questions.len > 0) {
		struct feed_question *q = f->questions.items[0];
		feed_answer *fn = q->fn;
		void *arg = q->arg;
		const char *text = NULL;

		for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
			if (strncmp(q->path, answers[i].path, strlen(answers[i].path)) == 0)
				text = answers[i].text;
		}
		drop_question(q);
		if (text != NULL && f->is_poisoned)
			text = poison_answer(f, text);
		fn(arg, text, text != NULL ? strlen(text) : 0, text != NULL ? NULL : "no such page");
	}
}

/* One second of calls to travels, v1 and v2, as both sides report them. */
static void
feed_second(struct series_store *s, int t)
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
			   i % 2 == 0 ? "source" : "destination", version, version, requests,
			   (double)requests * versions[i / 2].ms, requests, fine, requests,
			   requests * 300, requests * 2000);
		id++;
	}
	buf_puts(&b, "]}");
	series_feed(s, buf_str(&b), b.len, NULL);
	buf_fini(&b);
}
static void
tell(struct feed *f, unsigned changes)
{
	if (f->sink.on_change != NULL)
		f->sink.on_change(f->sink.arg, changes);
}

static void
fake_query(struct feed *f)
{
	if (!f->model->query.is_frozen)
		fill((struct fake_feed *)f);
	tell(f, MODEL_GRAPH);
}

static int
fake_undo(struct feed *f, uint64_t n, bool force, struct error *err)
{
	(void)force;
	(void)err;
	snprintf(((struct fake_feed *)f)->last, 200, "undo %llu", (unsigned long long)n);
	return 0;
}

static int
fake_apply(struct feed *f, const char *path, struct error *err)
{
	if (strcmp(path, "missing.yaml") == 0)
		return error_setf(err, ERROR_IO, "missing.yaml: no such file");
	snprintf(((struct fake_feed *)f)->last, 200, "apply %s", path);
	f->sink.on_committed(f->sink.arg, true, "1 object applied");
	return 0;
}

static int
fake_commit(struct feed *f, const struct transaction *t, struct error *err)
{
	(void)err;
	snprintf(((struct fake_feed *)f)->last, 200, "commit %zu %s", t->changes.len,
		 t->changes.len > 0 ? t->changes.items[0].name : "");
	f->sink.on_committed(f->sink.arg, true, "stored");
	return 0;
}

static void
fake_close(struct feed **fp)
{
	struct fake_feed *f = (struct fake_feed *)*fp;

	while (f->questions.len > 0)
		drop_question(f->questions.items[f->questions.len - 1]);
	vec_fini(&f->questions);
	buf_fini(&f->poisoned);
	if (f->history.arena != NULL) {
		f->feed.model->history = NULL;
		history_fini(&f->history);
	}
	series_free(&f->series);
	free(*fp);
	*fp = NULL;
}

static const struct feed_ops fake_ops = {
	.query = fake_query,
	.refresh = fake_query,
	.commit = fake_commit,
	.undo = fake_undo,
	.apply_file = fake_apply,
	.build = fake_build,
	.metrics = fake_metrics,
	.ask = fake_ask,
	.forget = fake_forget,
	.close = fake_close,
};

struct feed *
fake_feed_open(struct model *m)
{
	struct fake_feed *f = xcalloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", documents, NULL, &err);

	model_init(m);
	snprintf(m->title, sizeof(m->title), "travels");
	ASSERT(s != NULL);
	m->mesh = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	m->query.type = GRAPH_WORKLOAD;
	m->state = FEED_LIVE;
	m->data_ms = FAKE_NOW_MS;
	f->feed.ops = &fake_ops;
	f->feed.model = m;
	f->series = series_new();
	for (int t = 0; t <= FAKE_SECONDS; t++)
		feed_second(f->series, t);
	fill(f);
	return &f->feed;
}

void
fake_feed_step(struct feed *f, unsigned step)
{
	((struct fake_feed *)f)->step = step;
	f->ops->query(f);
}

void
fake_feed_break(struct feed *f, bool is_broken)
{
	((struct fake_feed *)f)->is_broken = is_broken;
	f->ops->query(f);
}

void
fake_feed_densify(struct feed *f)
{
	((struct fake_feed *)f)->is_dense = true;
	f->ops->query(f);
}

/* As the store would hand it out, with everything in it that a name's rules
 * do not forbid. */
#define YAML_POISON "\\e[2J\\e]0;x\\a\\r\\n\\t\\b\\x9b\\u202e\\u200b\\ua000a\\u0300\\u0300\\u0300\\u0300\\u0300\\u0300\\ue000"
static const char poisoned_documents[] =
	"---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
	"metadata:\n  name: hostile\n  namespace: travel-agency\n"
	"  labels: {team: \"" YAML_POISON "\"}\n  annotations: {note: \"" YAML_POISON "\"}\n"
	"spec:\n  hosts: [travels.travel-agency.svc.cluster.local, \"" YAML_POISON "\"]\n  http:\n"
	"  - name: \"" YAML_POISON "\"\n    match:\n    - uri: {exact: \"" YAML_POISON "\"}\n"
	"      headers: {\"" YAML_POISON "\": {regex: \"" YAML_POISON "\"}}\n"
	"    route:\n    - destination: {host: \"" YAML_POISON "\", subset: \"" YAML_POISON "\"}\n"
	"---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"
	"metadata: {name: hostile, namespace: travel-agency}\n"
	"spec:\n  selector: {\"" YAML_POISON "\": \"" YAML_POISON "\"}\n"
	"  servers: [{port: {number: 80, name: \"" YAML_POISON "\", protocol: HTTP}, hosts: [\"" YAML_POISON "\"]}]\n"
	"---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\n"
	"metadata: {name: hostile, namespace: travel-agency}\n"
	"spec: {hosts: [\"" YAML_POISON "\"], ports: [{number: 80, name: http, protocol: HTTP}]}\n"
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hostile-v1, namespace: travel-agency}\n"
	"spec:\n  selector: {matchLabels: {app: hostile}}\n  template:\n"
	"    metadata: {labels: {app: hostile, version: \"" YAML_POISON "\"}, annotations: {a: \"" YAML_POISON "\"}}\n"
	"    spec: {containers: [{name: a, image: \"" YAML_POISON "\", env: [{name: B, value: \"" YAML_POISON "\"}]}]}\n";

static void
poison_documents(struct fake_feed *f)
{
	struct model *m = f->feed.model;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s;

	buf_puts(&text, documents);
	buf_puts(&text, poisoned_documents);
	s = snapshot_of_text("mesh.yaml", buf_str(&text), NULL, &err);
	ASSERT(s != NULL);
	mesh_put(&m->mesh);
	m->mesh = mesh_compile(s, NULL, NULL, NULL);
	checks_run(s, &m->problems);
	snapshot_put(&s);
	buf_fini(&text);
}

static void
poison_history(struct fake_feed *f)
{
	struct history_change change = { .op = CHANGE_UPDATE, .group = "networking.istio.io",
		.kind = "VirtualService", .ns = "travel-agency", .name = "travels", .file = POISON,
		.before = "a: " POISON "\n", .after = "b: " POISON "\n" };
	struct history_entry entry = { .n = 1, .time_ms = FAKE_NOW_MS, .user = POISON, .note = POISON,
		.changes = VEC_INIT };

	f->history.arena = arena_new();
	vec_push(&entry.changes, change);
	vec_push(&f->history.entries, entry);
	f->feed.model->history = &f->history;
}

static struct value *
one_item(struct arena *a, struct value *item)
{
	struct value *list = value_new_list(a);

	value_append(list, item);
	return list;
}

void
fake_feed_poison(struct feed *feed)
{
	struct model *m = feed->model;
	struct arena *a = m->graph->arena;
	struct value *request;

	poison_graph(m->graph);
	problem_add_file(&m->problems, POISON, 1, 1, "MT0003", SEVERITY_ERROR, "%s", POISON);
	snprintf(m->state_text, sizeof(m->state_text), "%s", POISON);
	request = value_new_map(a);
	value_set_string(a, request, "service", "travels.travel-agency");
	value_set_string(a, request, "method", POISON);
	value_set_string(a, request, "path", POISON);
	value_set_string(a, request, "source", POISON);
	value_set_string(a, value_ensure_map(a, request, "request_headers"), POISON, POISON);
	m->requests = one_item(a, request);
	poison_documents((struct fake_feed *)feed);
	poison_history((struct fake_feed *)feed);
	((struct fake_feed *)feed)->is_poisoned = true;
	tell(feed, ~0u);
}

void
fake_feed_lengthen(struct feed *f)
{
	((struct fake_feed *)f)->is_long = true;
	f->ops->query(f);
}

void
fake_feed_lose(struct feed *f, const char *why)
{
	f->model->state = why != NULL ? FEED_LOST : FEED_LIVE;
	snprintf(f->model->state_text, sizeof(f->model->state_text), "%s", why != NULL ? why : "");
	tell(f, MODEL_STATE);
}

const char *
fake_feed_last(const struct feed *f)
{
	return ((const struct fake_feed *)f)->last;
}
