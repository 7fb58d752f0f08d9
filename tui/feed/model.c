/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model's own bookkeeping: the question, and names for completion.
 */
#include "tui/feed/model.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/topology/graph.h"

void
model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->query.type = GRAPH_VERSIONED_APP;
	m->query.labels = EDGE_LABEL_RATE;
	m->query.window_s = 60;
	m->window_s = 60;
	m->graph = graph_new();
}

static void
clear_namespaces(struct model *m)
{
	for (size_t i = 0; i < m->query.namespaces.len; i++)
		free(m->query.namespaces.items[i]);
	m->query.namespaces.len = 0;
}

static void texts_fini(struct model_texts *t);

static void
drop_pages(struct model *m)
{
	for (unsigned type = 0; type < GRAPH_TYPES; type++)
		for (unsigned with = 0; with < 2; with++)
			graph_free(&m->pages[type][with].graph);
}

void
model_fini(struct model *m)
{
	drop_pages(m);
	clear_namespaces(m);
	vec_fini(&m->query.namespaces);
	free(m->query.hide);
	texts_fini(&m->saved);
	texts_fini(&m->views);
	graph_free(&m->graph);
	problems_fini(&m->problems);
	if (m->mesh != NULL)
		mesh_put(&m->mesh);
}

void
model_set_graph(struct model *m, struct graph *g)
{
	graph_free(&m->graph);
	m->graph = g;
	drop_pages(m);
}

void
model_set_page(struct model *m, enum graph_type type, bool with_service_nodes, struct graph *g)
{
	struct model_page *p = &m->pages[type][with_service_nodes];

	graph_free(&p->graph);
	*p = (struct model_page){ .graph = g };
}

bool
model_lacks_page(const struct model *m)
{
	for (unsigned type = 0; type < GRAPH_TYPES; type++)
		for (unsigned with = 0; with < 2; with++)
			if (m->pages[type][with].is_wanted && m->pages[type][with].graph == NULL)
				return true;
	return false;
}

struct graph_options
model_graph_options(const struct model *m, int64_t to_ms)
{
	const struct model_query *q = &m->query;

	return (struct graph_options){
		.type = q->type, .tcp = (enum graph_tcp)q->tcp, .no_http = q->hides_http, .no_grpc = q->grpc == GRAPH_GRPC_NONE,
		.no_service_nodes = q->no_service_nodes,
		.with_idle_edges = !q->hides_idle_edges, .with_idle_nodes = q->shows_idle_nodes,
		.namespaces = q->namespaces.len > 0 ? (const char *const *)q->namespaces.items : NULL,
		.namespace_count = q->namespaces.len,
		.from_ms = to_ms - (int64_t)q->window_s * 1000, .to_ms = to_ms,
	};
}

struct graph_options
model_page_options(const struct model *m, enum graph_type type, bool with_service_nodes)
{
	struct graph_options o = {
		.type = type, .no_service_nodes = !with_service_nodes, .with_idle_edges = true,
		.from_ms = m->data_ms - (int64_t)m->query.window_s * 1000, .to_ms = m->data_ms,
	};

	if (m->change_ms > o.from_ms && m->change_ms < o.to_ms)
		o.from_ms = m->change_ms;		/* as the picture does */
	return o;
}

void
model_choose_namespaces(struct model *m, const char *words)
{
	clear_namespaces(m);
	for (const char *s = words; *s != '\0';) {
		size_t len = strcspn(s, ", ");

		if (len == 3 && strncmp(s, "all", 3) == 0) {
			clear_namespaces(m);
			return;
		}
		if (len > 0) {
			struct buf clean = BUF_INIT;

			text_sanitize(&clean, s, len);
			vec_push(&m->query.namespaces, buf_steal(&clean));
		}
		s += len;
		s += strspn(s, ", ");
	}
}

bool
model_has_namespace(const struct model *m, const char *ns)
{
	for (size_t i = 0; i < m->query.namespaces.len; i++) {
		if (strcmp(m->query.namespaces.items[i], ns) == 0)
			return true;
	}
	return m->query.namespaces.len == 0 && strcmp(ns, "istio-system") != 0 &&
	       strncmp(ns, "kube-", 5) != 0;
}

void
model_set_hide(struct model *m, const char *text)
{
	free(m->query.hide);
	m->query.hide = text[0] != '\0' ? text_clean(text) : NULL;
}

/* Adds, replaces, or with "" removes. */
static void
save_text(struct model_texts *t, const char *name, const char *text)
{
	struct model_saved row = { xstrdup(name), xstrdup(text) };

	for (size_t i = 0; i < t->rows.len; i++) {
		if (strcmp(t->rows.items[i].name, row.name) != 0)
			continue;
		free(t->rows.items[i].name);
		free(t->rows.items[i].text);
		vec_remove(&t->rows, i);
		break;
	}
	if (text[0] != '\0') {
		vec_push(&t->rows, row);
		return;
	}
	free(row.name);
	free(row.text);
}

static const char *
saved_text(const struct model_texts *t, const char *name)
{
	for (size_t i = 0; i < t->rows.len; i++)
		if (strcmp(t->rows.items[i].name, name) == 0)
			return t->rows.items[i].text;
	return NULL;
}

static void
texts_fini(struct model_texts *t)
{
	while (t->rows.len > 0)
		save_text(t, t->rows.items[0].name, "");
	vec_fini(&t->rows);
}

void
model_save_find(struct model *m, const char *name, const char *text)
{
	save_text(&m->saved, name, text);
}

void
model_save_view(struct model *m, const char *name, const char *text)
{
	save_text(&m->views, name, text);
}

const char *
model_saved_find(const struct model *m, const char *name)
{
	return saved_text(&m->saved, name);
}

const char *
model_saved_view(const struct model *m, const char *name)
{
	return saved_text(&m->views, name);
}

/* Names told once each, sorted: few enough for a plain array. */
struct names {
	VEC(char *) items;
};

static void
names_add(struct names *n, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	for (size_t i = 0; i < n->items.len; i++) {
		if (strcmp(n->items.items[i], name) == 0)
			return;
	}
	vec_push(&n->items, xstrdup(name));
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_tell(struct names *n, model_name_fn *fn, void *arg)
{
	if (n->items.len > 0)
		qsort(n->items.items, n->items.len, sizeof(*n->items.items), compare_names);
	for (size_t i = 0; i < n->items.len; i++) {
		fn(arg, n->items.items[i]);
		free(n->items.items[i]);
	}
	vec_fini(&n->items);
}

void
model_each_namespace(const struct model *m, model_name_fn *fn, void *arg)
{
	struct names n = { VEC_INIT };

	for (size_t i = 0; i < m->graph->nodes.len; i++)
		names_add(&n, m->graph->nodes.items[i].ns);
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->service_count; i++)
		names_add(&n, m->mesh->services[i]->ns);
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++)
		names_add(&n, m->mesh->workloads[i]->ns);
	names_tell(&n, fn, arg);
}

const struct mesh_service *
model_find_service(const struct model *m, const char *name)
{
	const struct mesh_service *found = NULL;
	const char *dot = strrchr(name, '.');
	char *first;

	if (m->mesh == NULL)
		return NULL;
	if (dot != NULL) {
		first = xstrndup(name, (size_t)(dot - name));
		found = mesh_find_service(m->mesh, dot + 1, first);
		free(first);
		return found;
	}
	for (size_t i = 0; i < m->mesh->service_count; i++) {
		const struct mesh_service *s = m->mesh->services[i];

		if (strcmp(s->name, name) != 0 || !model_has_namespace(m, s->ns))
			continue;
		if (found != NULL)
			return NULL;
		found = s;
	}
	return found;
}

void
model_each_service(const struct model *m, model_name_fn *fn, void *arg)
{
	struct names n = { VEC_INIT };
	struct buf b = BUF_INIT;

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->service_count; i++) {
		const struct mesh_service *s = m->mesh->services[i];

		buf_clear(&b);
		buf_printf(&b, "%s.%s", s->name, s->ns);
		names_add(&n, buf_str(&b));
	}
	for (size_t i = 0; m->mesh == NULL && i < m->graph->nodes.len; i++) {
		const struct graph_node *node = &m->graph->nodes.items[i];

		if (node->service[0] == '\0')
			continue;
		buf_clear(&b);
		buf_printf(&b, "%s.%s", node->service, node->ns);
		names_add(&n, buf_str(&b));
	}
	buf_fini(&b);
	names_tell(&n, fn, arg);
}

/* By NAME.NS; of_app: of the apps that they belong to. */
static void
each_workload(const struct model *m, bool of_app, model_name_fn *fn, void *arg)
{
	struct names n = { VEC_INIT };
	struct buf b = BUF_INIT;

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++) {
		const struct mesh_workload *w = m->mesh->workloads[i];

		buf_clear(&b);
		buf_printf(&b, "%s.%s", of_app ? w->canonical_service : w->name, w->ns);
		names_add(&n, buf_str(&b));
	}
	buf_fini(&b);
	names_tell(&n, fn, arg);
}

void
model_each_workload(const struct model *m, model_name_fn *fn, void *arg)
{
	each_workload(m, false, fn, arg);
}

void
model_each_app(const struct model *m, model_name_fn *fn, void *arg)
{
	each_workload(m, true, fn, arg);
}

void
model_each_object(const struct model *m, const char *kind_word, model_name_fn *fn, void *arg)
{
	struct names n = { VEC_INIT };
	struct buf b = BUF_INIT;
	const struct kind *kind = kind_by_word(kind_word, NULL);

	if (m->mesh == NULL || kind == NULL)
		return;
	SNAPSHOT_EACH(o, m->mesh->snapshot, kind->id) {
		buf_clear(&b);
		buf_printf(&b, "%s.%s", o->name, o->ns);
		names_add(&n, buf_str(&b));
	}
	buf_fini(&b);
	names_tell(&n, fn, arg);
}
