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
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/topology/graph.h"

struct fake_feed {
	struct feed feed;
	unsigned step;
	bool is_broken, is_dense;
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

static void
fill(struct fake_feed *f)
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
	model_set_graph(f->feed.model, g);
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
	free(*fp);
	*fp = NULL;
}

static const struct feed_ops fake_ops = {
	.query = fake_query,
	.refresh = fake_query,
	.commit = fake_commit,
	.undo = fake_undo,
	.apply_file = fake_apply,
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
	m->data_ms = 1;
	f->feed.ops = &fake_ops;
	f->feed.model = m;
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

#define POISON "\033[2J\033]0;x\007\r\n\t\b\302\233\342\200\256\342\200\213\377\355\240\200" \
	"a\314\200\314\200\314\200\314\200\314\200\314\200\342\201\246\356\200\200\363\240\201\201"

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
	struct graph *g = m->graph;
	struct arena *a = g->arena;
	struct value *request;

	for (size_t i = 0; i < g->nodes.len; i++) {
		g->nodes.items[i].label = arena_printf(a, "%zu" POISON, i);
		g->nodes.items[i].ns = POISON;
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].responses[0].code = POISON;
		g->edges.items[i].responses[0].flags = POISON;
		g->edges.items[i].responses[0].host = POISON;
	}
	problem_add_file(&m->problems, POISON, 1, 1, "MT0003", SEVERITY_ERROR, "%s", POISON);
	snprintf(m->state_text, sizeof(m->state_text), "%s", POISON);
	request = value_new_map(a);
	value_set_string(a, request, "service", "travels.travel-agency");
	value_set_string(a, request, "method", POISON);
	value_set_string(a, request, "path", POISON);
	value_set_string(a, request, "source", POISON);
	value_set_string(a, value_ensure_map(a, request, "request_headers"), POISON, POISON);
	m->requests = one_item(a, request);
	tell(feed, ~0u);
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
