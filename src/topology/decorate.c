/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the mesh knows of the graph's nodes: badges (spec/kiali.md 2.5; those of
 * rules are in rules.c), replicas, idle services and workloads.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/build_priv.h"

/* The workloads of the mesh in the order of their apps. */
struct apps {
	const struct mesh_workload **rows;
	size_t count;
};

static int
compare_to(const struct mesh_workload *w, const char *ns, const char *app)
{
	int by_ns = strcmp(w->ns, ns);

	return by_ns != 0 ? by_ns : strcmp(w->canonical_service, app);
}

static int
compare_apps(const void *a, const void *b)
{
	const struct mesh_workload *x = *(const struct mesh_workload *const *)a;
	const struct mesh_workload *y = *(const struct mesh_workload *const *)b;

	return compare_to(x, y->ns, y->canonical_service);
}

static void
apps_init(struct apps *apps, const struct mesh *m)
{
	apps->rows = xcalloc(m->workload_count + 1, sizeof(*apps->rows));
	apps->count = 0;
	for (size_t i = 0; i < m->workload_count; i++)
		if (m->workloads[i]->canonical_service != NULL)
			apps->rows[apps->count++] = m->workloads[i];
	qsort(apps->rows, apps->count, sizeof(*apps->rows), compare_apps);
}

static size_t
first_of_app(const struct apps *apps, const char *ns, const char *app)
{
	size_t low = 0, high = apps->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_to(apps->rows[middle], ns, app) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
decorate_workload(struct graph_node *n, const struct mesh_workload *w)
{
	n->health = health_worse(n->health,
				 replicas_health(w->desired, (unsigned)w->instance_count));
	n->badges |= w->has_proxy ? 0 : (unsigned)BADGE_MISSING_SIDECAR;
	n->badges |= w->is_gateway ? (unsigned)BADGE_GATEWAY : 0;
	if (w->object != NULL && w->object->kind != NULL &&
	    w->object->kind->id == KIND_WORKLOAD_ENTRY)
		n->badges |= BADGE_WORKLOAD_ENTRY;
	if (w->instance_count == 0)
		n->badges |= BADGE_DEAD;
}

/* Calls fn for each workload that stands behind the node; how many there are. */
static size_t
each_behind(struct graph_node *n, const struct mesh *m, const struct apps *apps,
	    void (*fn)(struct graph_node *n, const struct mesh_workload *w))
{
	const struct mesh_workload *w;
	size_t count = 0;

	if (n->kind != NODE_APP) {
		w = mesh_find_workload(m, n->ns, n->workload);
		if (w != NULL)
			fn(n, w);
		return w != NULL;
	}
	for (size_t i = first_of_app(apps, n->ns, n->app);
	     i < apps->count && compare_to(apps->rows[i], n->ns, n->app) == 0; i++, count++)
		fn(n, apps->rows[i]);
	return count;
}

static void
decorate_node(struct graph_node *n, const struct mesh *m, const struct apps *apps,
	      const unsigned *of_services)
{
	const struct mesh_service *service;

	if (n->kind == NODE_UNKNOWN || n->is_inaccessible)
		return;
	if (n->kind != NODE_SERVICE && n->kind != NODE_SERVICE_ENTRY) {
		if (each_behind(n, m, apps, decorate_workload) == 0)
			n->badges |= BADGE_DEAD;
		return;
	}
	service = mesh_find_service(m, n->ns, n->service);
	if (service != NULL && !n->is_outside)
		n->badges |= of_services[service->index];
}

/* What is drawn: the services, workloads and apps that nodes stand for. */
struct drawn {
	struct arena *texts;
	struct strmap names;
};

static void
drawn_add(struct drawn *d, const char *kind, const char *ns, const char *name)
{
	const char *text = arena_printf(d->texts, "%s:%s/%s", kind, ns, name);

	*strmap_put(&d->names, slice_of(text)) = d;
}

static bool
drawn_has(const struct drawn *d, const char *kind, const char *ns, const char *name)
{
	const char *text = arena_printf(d->texts, "%s:%s/%s", kind, ns, name);

	return strmap_find(&d->names, slice_of(text)) != NULL;
}

static void
drawn_add_node(struct drawn *d, const struct graph_node *n)
{
	switch (n->kind) {
	case NODE_SERVICE:
		drawn_add(d, "service", n->ns, n->service);
		break;
	case NODE_APP:
		drawn_add(d, "app", n->ns, n->app);
		break;
	default:
		drawn_add(d, "workload", n->ns, n->workload);
	}
}

static void
add_idle_services(struct graph *g, const struct mesh *m, const struct graph_options *options,
		  const struct drawn *drawn)
{
	for (size_t i = 0; i < m->service_count; i++) {
		const struct mesh_service *s = m->services[i];
		struct graph_node *n;
		size_t at;

		if (!graph_namespace_is_selected(options, s->ns) || s->is_entry ||
		    drawn_has(drawn, "service", s->ns, s->name))
			continue;
		at = graph_add_node(g, NODE_SERVICE,
				    arena_printf(drawn->texts, "service:%s/%s", s->ns, s->name));
		n = &g->nodes.items[at];
		n->ns = arena_strdup(g->arena, s->ns);
		n->service = arena_strdup(g->arena, s->name);
		n->is_idle = true;
	}
}

static size_t
add_workload(struct graph *g, const struct mesh_workload *w, enum graph_type type,
	     struct arena *texts)
{
	switch (type) {
	case GRAPH_APP:
		return graph_add_node(g, NODE_APP, arena_printf(texts, "app:%s/%s", w->ns,
								w->canonical_service));
	case GRAPH_VERSIONED_APP:
		return graph_add_node(g, NODE_VERSION,
			arena_printf(texts, "version:%s/%s@%s", w->ns, w->canonical_service,
				     w->canonical_revision));
	default:
		return graph_add_node(g, NODE_WORKLOAD,
				      arena_printf(texts, "workload:%s/%s", w->ns, w->name));
	}
}

static void
add_idle_workloads(struct graph *g, const struct mesh *m, const struct graph_options *options,
		   struct drawn *drawn)
{
	for (size_t i = 0; i < m->workload_count; i++) {
		const struct mesh_workload *w = m->workloads[i];
		struct graph_node *n;
		size_t at;

		if (!graph_namespace_is_selected(options, w->ns) ||
		    drawn_has(drawn, "workload", w->ns, w->name) ||
		    (w->canonical_service != NULL && drawn_has(drawn, "app", w->ns, w->canonical_service)))
			continue;
		at = add_workload(g, w, options->type, drawn->texts);	/* moves the nodes */
		n = &g->nodes.items[at];
		n->ns = arena_strdup(g->arena, w->ns);
		n->app = arena_strdup(g->arena, w->canonical_service);
		if (options->type != GRAPH_APP) {
			n->workload = arena_strdup(g->arena, w->name);
			n->version = arena_strdup(g->arena, w->canonical_revision);
		}
		n->is_idle = true;
		drawn_add_node(drawn, n);
	}
}

static void
add_idle(struct graph *g, const struct mesh *m, const struct graph_options *options)
{
	struct drawn drawn = { arena_new(), STRMAP_INIT };

	for (size_t i = 0; i < g->nodes.len; i++)
		drawn_add_node(&drawn, &g->nodes.items[i]);
	if (options->type == GRAPH_SERVICE || !options->no_service_nodes)
		add_idle_services(g, m, options, &drawn);
	if (options->type != GRAPH_SERVICE)
		add_idle_workloads(g, m, options, &drawn);
	strmap_fini(&drawn.names);
	arena_free(&drawn.texts);
}

/* After the idle nodes are there, and it is known who is outside. */
static void
decorate_nodes(struct graph *g, const struct mesh *m)
{
	unsigned *of_services = graph_mark_rules(g, m);
	struct apps apps;

	apps_init(&apps, m);
	for (size_t i = 0; i < g->nodes.len; i++)
		decorate_node(&g->nodes.items[i], m, &apps, of_services);
	free(apps.rows);
	free(of_services);
}

void
graph_decorate(struct graph *g, const struct mesh *m, const struct graph_options *options,
	       const enum health *traffic)
{
	size_t with_traffic = g->nodes.len;

	if (m != NULL && options->with_idle_nodes)
		add_idle(g, m, options);
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct graph_node *n = &g->nodes.items[i];

		n->health = i < with_traffic ? traffic[i] : HEALTH_NA;
		n->is_outside = n->ns[0] != '\0' && !graph_namespace_is_selected(options, n->ns);
		n->badges |= n->is_root ? (unsigned)BADGE_ROOT : 0;
	}
	if (m != NULL)
		decorate_nodes(g, m);
}
