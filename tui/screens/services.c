/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of services and workloads, with what the window says about them.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/graph.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"

static void
add_service(struct table *t, struct page_checks *checks, const struct mesh_service *s,
	    struct page_totals *totals)
{
	struct page_sums sums = page_totals_service(totals, s);
	struct table_row *r = table_add(t);
	struct buf ports = BUF_INIT;

	for (size_t p = 0; p < s->port_count; p++)
		buf_printf(&ports, "%s%u", p > 0 ? "," : "", s->ports[p].number);
	table_text(r, 0, STYLE_PLAIN, "%s", s->name);
	table_text(r, 1, STYLE_DIM, "%s", s->ns);
	table_text(r, 2, STYLE_DIM, "%s", buf_str(&ports));
	table_number(r, 3, STYLE_PLAIN, (double)s->instance_count);
	page_put_sums(r, 4, &sums);
	page_put_check(r, 7, page_checks_service(checks, s));
	r->open = xasprintf("service %s.%s", s->name, s->ns);
	r->picture = xasprintf("select %s.%s", s->name, s->ns);
	r->versions = xasprintf("service %s.%s versions", s->name, s->ns);
	r->yaml = xasprintf("yaml %s %s.%s", s->is_entry ? "serviceentry" : "service", s->name, s->ns);
	r->edit = xasprintf("edit %s", r->yaml + strlen("yaml "));
	r->wizards = xasprintf("wizards %s.%s", s->name, s->ns);
	r->actions = xasprintf("actions %s.%s", s->name, s->ns);
	buf_fini(&ports);
}

static void
fill_services(struct table *t, struct model *m)
{
	struct page_totals *totals = page_totals_new(page_graph(t->app, GRAPH_WORKLOAD, true));
	struct page_checks *checks = page_checks_new(m);

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->service_count; i++) {
		if (model_has_namespace(m, m->mesh->services[i]->ns))
			add_service(t, checks, m->mesh->services[i], totals);
	}
	page_checks_free(&checks);
	page_totals_free(&totals);
}

static void
add_workload(struct table *t, struct page_checks *checks, const struct mesh_workload *w,
	     const struct mesh_service *s, struct page_totals *totals)
{
	struct page_sums sums = page_totals_workload(totals, w);
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_PLAIN, "%s", w->name);
	table_text(r, 1, STYLE_DIM, "%s", w->ns);
	table_text(r, 2, STYLE_DIM, "%s", w->version != NULL ? w->version : "");
	table_text(r, 3, w->instance_count < w->desired ? STYLE_WARN : STYLE_PLAIN, "%zu/%u",
		   w->instance_count, w->desired);
	page_put_sums(r, 4, &sums);
	if (sums.is_known)
		table_rate(r, 7, sums.out > 0 ? STYLE_PLAIN : STYLE_DIM, sums.out);
	table_text(r, 8, w->has_proxy ? STYLE_DIM : STYLE_WARN, "%s", w->is_gateway ? "gateway" :
		   w->has_proxy ? "proxy" : "! no proxy");
	page_put_check(r, 9, w->object != NULL ? page_checks_object(checks, w->object) : NULL);
	r->open = xasprintf("workload %s.%s", w->name, w->ns);
	r->picture = xasprintf("select %s.%s", w->name, w->ns);
	r->versions = xasprintf("app %s.%s versions", w->canonical_service, w->ns);
	if (s != NULL)
		r->wizards = xasprintf("wizards %s.%s", s->name, s->ns);
	r->actions = xasprintf("actions %s.%s", w->name, w->ns);
	if (w->object != NULL) {
		r->yaml = xasprintf("yaml %s %s.%s", w->object->kind_name, w->object->name,
				    w->object->ns);
		r->edit = xasprintf("edit %s", r->yaml + strlen("yaml "));
	}
}

static void
fill_workloads(struct table *t, struct model *m)
{
	const struct graph *g = page_graph(t->app, GRAPH_WORKLOAD, true);
	const struct mesh_service **services;
	struct page_checks *checks;
	struct page_totals *totals;

	if (m->mesh == NULL)
		return;
	services = page_services_of_workloads(m->mesh);
	checks = page_checks_new(m);
	totals = page_totals_new(g);
	for (size_t i = 0; i < m->mesh->workload_count; i++) {
		if (model_has_namespace(m, m->mesh->workloads[i]->ns))
			add_workload(t, checks, m->mesh->workloads[i], services[i], totals);
	}
	free(services);
	page_checks_free(&checks);
	page_totals_free(&totals);
}

static const struct table_spec services_spec = {
	.name = "Services",
	.empty = "no service in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter page\tw wizards\ta actions\tV versions\tp picture\ts S I sort\t/ filter\tSpace v mark",
	.columns = {
		{ "SERVICE", 11, true, false, 0 }, { "NAMESPACE", 14, false, false, 0 },
		{ "PORTS", 5, false, false, 0 }, { "PODS", 4, false, true, 0 },
		{ "IN", 7, false, true, 0 }, { "ERR", 4, false, true, 0 },
		{ "HEALTH", 9, false, false, 0 }, { "CONFIG", 9, false, false, 76 },
	},
	.column_count = 8,
	.fill = fill_services,
	.several = SEVERAL_NAMES | SEVERAL_YAML | SEVERAL_ROUTING,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
};

static const struct table_spec workloads_spec = {
	.name = "Workloads",
	.empty = "no workload in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter page\tw wizards\ta actions\tV versions\tp picture\ts S I sort\t/ filter\tSpace v mark",
	.columns = {
		{ "WORKLOAD", 14, true, false, 0 }, { "NAMESPACE", 14, false, false, 0 },
		{ "VERSION", 8, false, false, 0 }, { "PODS", 5, false, true, 0 },
		{ "IN", 7, false, true, 0 }, { "ERR", 4, false, true, 0 },
		{ "HEALTH", 10, false, false, 0 }, { "OUT", 7, false, true, 96 },
		{ "PROXY", 10, false, false, 96 }, { "CONFIG", 9, false, false, 108 },
	},
	.column_count = 10,
	.fill = fill_workloads,
	.several = SEVERAL_NAMES | SEVERAL_YAML,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
};

struct screen *
services_open(struct app *a)
{
	return table_open(a, &services_spec);
}

struct screen *
workloads_open(struct app *a)
{
	return table_open(a, &workloads_spec);
}
