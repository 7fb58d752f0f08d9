/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of services and workloads, with what the picture says about them.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/topology/graph.h"
#include "tui/canvas.h"
#include "tui/figure.h"
#include "tui/health.h"
#include "tui/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"

#define WORKLOADS_MAX 64

struct sums {
	double in, errors, out;
	enum health health;
};

static void
add_node(struct sums *sums, const struct graph_node *n)
{
	sums->in += n->in_rate;
	sums->errors += n->in_error_rate;
	sums->out += n->out_rate;
	sums->health = n->health > sums->health ? n->health : sums->health;
}

static struct sums
sum_workload(const struct graph *g, const char *ns, const char *workload)
{
	struct sums sums = { 0, 0, 0, HEALTH_NA };

	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		if (strcmp(n->ns, ns) == 0 && strcmp(n->workload, workload) == 0)
			add_node(&sums, n);
	}
	return sums;
}

/* Of the service's node, or of its workloads when the picture has none. */
static struct sums
sum_service(const struct graph *g, const struct mesh_service *s)
{
	const struct mesh_workload *workloads[WORKLOADS_MAX];
	size_t count = mesh_service_workloads(s, workloads, WORKLOADS_MAX);
	struct sums sums = { 0, 0, 0, HEALTH_NA };

	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		if (n->kind == NODE_SERVICE && strcmp(n->ns, s->ns) == 0 &&
		    strcmp(n->service, s->name) == 0) {
			add_node(&sums, n);
			return sums;
		}
	}
	for (size_t i = 0; i < count && i < WORKLOADS_MAX; i++) {
		struct sums one = sum_workload(g, workloads[i]->ns, workloads[i]->name);

		sums.in += one.in;
		sums.errors += one.errors;
		sums.health = one.health > sums.health ? one.health : sums.health;
	}
	return sums;
}

static void
put_sums(struct table_row *r, size_t column, const struct sums *sums)
{
	struct buf b = BUF_INIT;

	figure_rate(&b, sums->in);
	table_text(r, column, STYLE_PLAIN, "%s", buf_str(&b));
	buf_clear(&b);
	figure_percent(&b, sums->in > 0 ? sums->errors / sums->in : -1);
	table_text(r, column + 1, sums->errors > 0 ? STYLE_BAD : STYLE_DIM, "%s", buf_str(&b));
	table_text(r, column + 2, health_style(sums->health), "%s%s", health_mark(sums->health),
		   health_text(sums->health));
	buf_fini(&b);
}

static void
fill_services(struct table *t, struct model *m)
{
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->service_count; i++) {
		const struct mesh_service *s = m->mesh->services[i];
		struct sums sums;
		struct table_row *r;
		struct buf ports = BUF_INIT;

		if (!model_has_namespace(m, s->ns))
			continue;
		r = table_add(t);
		sums = sum_service(m->graph, s);
		for (size_t p = 0; p < s->port_count; p++)
			buf_printf(&ports, "%s%u", p > 0 ? "," : "", s->ports[p].number);
		table_text(r, 0, STYLE_PLAIN, "%s", s->name);
		table_text(r, 1, STYLE_DIM, "%s", s->ns);
		table_text(r, 2, STYLE_DIM, "%s", buf_str(&ports));
		table_text(r, 3, STYLE_PLAIN, "%zu", s->instance_count);
		put_sums(r, 4, &sums);
		r->open = xasprintf("select %s.%s", s->name, s->ns);
		r->yaml = xasprintf("yaml %s %s.%s", s->is_entry ? "serviceentry" : "service",
				    s->name, s->ns);
		r->wizards = xasprintf("wizards %s.%s", s->name, s->ns);
		r->actions = xasprintf("actions %s.%s", s->name, s->ns);
		r->edit = xasprintf("edit %s %s.%s", s->is_entry ? "serviceentry" : "service",
				    s->name, s->ns);
		buf_fini(&ports);
	}
}

static void
fill_workloads(struct table *t, struct model *m)
{
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++) {
		const struct mesh_workload *w = m->mesh->workloads[i];
		struct sums sums;
		struct table_row *r;

		if (!model_has_namespace(m, w->ns))
			continue;
		r = table_add(t);
		sums = sum_workload(m->graph, w->ns, w->name);
		table_text(r, 0, STYLE_PLAIN, "%s", w->name);
		table_text(r, 1, STYLE_DIM, "%s", w->ns);
		table_text(r, 2, STYLE_DIM, "%s", w->version != NULL ? w->version : "");
		table_text(r, 3, w->instance_count < w->desired ? STYLE_WARN : STYLE_PLAIN,
			   "%zu/%u", w->instance_count, w->desired);
		put_sums(r, 4, &sums);
		r->open = xasprintf("select %s.%s", w->name, w->ns);
		r->actions = xasprintf("actions %s.%s", w->name, w->ns);
		if (w->object != NULL) {
			r->yaml = xasprintf("yaml %s %s.%s", w->object->kind_name,
					    w->object->name, w->object->ns);
			r->edit = xasprintf("edit %s", r->yaml + strlen("yaml "));
		}
	}
}

static const struct table_spec services_spec = {
	.name = "Services",
	.empty = "no service in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter show in the picture\tw wizards\ta actions\ty YAML\t/ find\tq back",
	.columns = {
		{ "SERVICE", 16, true, false }, { "NAMESPACE", 16, false, false },
		{ "PORTS", 10, false, false }, { "PODS", 4, false, true },
		{ "IN", 6, false, true }, { "ERR", 4, false, true }, { "HEALTH", 10, false, false },
	},
	.column_count = 7,
	.fill = fill_services,
};

static const struct table_spec workloads_spec = {
	.name = "Workloads",
	.empty = "no workload in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter show in the picture\ta actions\ty YAML\t/ find\tq back",
	.columns = {
		{ "WORKLOAD", 16, true, false }, { "NAMESPACE", 16, false, false },
		{ "VERSION", 10, false, false }, { "PODS", 5, false, true },
		{ "IN", 6, false, true }, { "ERR", 4, false, true }, { "HEALTH", 10, false, false },
	},
	.column_count = 7,
	.fill = fill_workloads,
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
