/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of namespaces and of apps: what is in them and how they fare.
 */
#include <stdlib.h>
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

/* Of the nodes that carry a workload: service nodes would count twice. */
struct sums {
	double rate, errors;
	enum health health;
	unsigned workloads, pods;
};

static void
add_traffic(struct sums *sums, const struct graph *g, const char *ns, const char *app)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		if (strcmp(n->ns, ns) != 0 || n->kind == NODE_SERVICE ||
		    (app != NULL && strcmp(n->app, app) != 0))
			continue;
		sums->rate += n->in_rate;
		sums->errors += n->in_error_rate;
		sums->health = n->health > sums->health ? n->health : sums->health;
	}
}

static void
count_workloads(struct sums *sums, const struct mesh *mesh, const char *ns, const char *app)
{
	for (size_t i = 0; mesh != NULL && i < mesh->workload_count; i++) {
		const struct mesh_workload *w = mesh->workloads[i];

		if (strcmp(w->ns, ns) != 0 ||
		    (app != NULL && (w->app == NULL || strcmp(w->app, app) != 0)))
			continue;
		sums->workloads++;
		sums->pods += (unsigned)w->instance_count;
	}
}

static void
put_sums(struct table_row *r, size_t column, const struct sums *sums)
{
	struct buf b = BUF_INIT;

	figure_rate(&b, sums->rate);
	table_text(r, column, STYLE_PLAIN, "%s", buf_str(&b));
	buf_clear(&b);
	figure_percent(&b, sums->rate > 0 ? sums->errors / sums->rate : -1);
	table_text(r, column + 1, sums->errors > 0 ? STYLE_BAD : STYLE_DIM, "%s", buf_str(&b));
	table_text(r, column + 2, health_style(sums->health), "%s%s", health_mark(sums->health),
		   health_text(sums->health));
	buf_fini(&b);
}

static void
put_problems(struct table_row *r, size_t column, const struct model *m, const char *ns)
{
	unsigned errors = 0, warnings = 0;

	for (size_t i = 0; i < m->problems.rows.len; i++) {
		const struct problem *p = &m->problems.rows.items[i];

		if (strcmp(p->ns, ns) != 0)
			continue;
		errors += p->severity == SEVERITY_ERROR;
		warnings += p->severity == SEVERITY_WARNING;
	}
	if (errors > 0)
		table_text(r, column, STYLE_BAD, "x %u", errors);
	else if (warnings > 0)
		table_text(r, column, STYLE_WARN, "! %u", warnings);
	else
		table_text(r, column, STYLE_GOOD, "ok");
}

struct filling {
	struct table *table;
	struct model *model;
};

static void
add_namespace(void *arg, const char *ns)
{
	struct filling *f = arg;
	struct sums sums = { 0, 0, HEALTH_NA, 0, 0 };
	unsigned services = 0;
	struct table_row *r = table_add(f->table);

	for (size_t i = 0; f->model->mesh != NULL && i < f->model->mesh->service_count; i++)
		services += strcmp(f->model->mesh->services[i]->ns, ns) == 0;
	add_traffic(&sums, f->model->graph, ns, NULL);
	count_workloads(&sums, f->model->mesh, ns, NULL);
	table_text(r, 0, STYLE_PLAIN, "%s", ns);
	table_text(r, 1, STYLE_PLAIN, "%u", services);
	table_text(r, 2, STYLE_PLAIN, "%u", sums.workloads);
	table_text(r, 3, STYLE_PLAIN, "%u", sums.pods);
	put_sums(r, 4, &sums);
	put_problems(r, 7, f->model, ns);
	r->open = xasprintf("graph %s", ns);
}

static void
fill_overview(struct table *t, struct model *m)
{
	struct filling f = { t, m };

	model_each_namespace(m, add_namespace, &f);
}

/* Each app once: at the first of its workloads. */
static bool
is_first_of_app(const struct mesh *mesh, size_t at)
{
	const struct mesh_workload *w = mesh->workloads[at];

	for (size_t i = 0; i < at; i++) {
		const struct mesh_workload *other = mesh->workloads[i];

		if (other->app != NULL && strcmp(other->app, w->app) == 0 &&
		    strcmp(other->ns, w->ns) == 0)
			return false;
	}
	return true;
}

static void
fill_apps(struct table *t, struct model *m)
{
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++) {
		const struct mesh_workload *w = m->mesh->workloads[i];
		struct sums sums = { 0, 0, HEALTH_NA, 0, 0 };
		struct table_row *r;

		if (w->app == NULL || !model_has_namespace(m, w->ns) || !is_first_of_app(m->mesh, i))
			continue;
		r = table_add(t);
		add_traffic(&sums, m->graph, w->ns, w->app);
		count_workloads(&sums, m->mesh, w->ns, w->app);
		table_text(r, 0, STYLE_PLAIN, "%s", w->app);
		table_text(r, 1, STYLE_DIM, "%s", w->ns);
		table_text(r, 2, STYLE_PLAIN, "%u", sums.workloads);
		table_text(r, 3, STYLE_PLAIN, "%u", sums.pods);
		put_sums(r, 4, &sums);
		r->open = xasprintf("select %s.%s", w->app, w->ns);
	}
}

static const struct table_spec overview_spec = {
	.name = "Overview",
	.empty = "nothing is known of any namespace yet",
	.hint = "Enter its picture\t/ find\tq back",
	.columns = {
		{ "NAMESPACE", 18, true, false }, { "SERVICES", 8, false, true },
		{ "WORKLOADS", 9, false, true }, { "PODS", 4, false, true },
		{ "IN", 6, false, true }, { "ERR", 4, false, true }, { "HEALTH", 10, false, false },
		{ "CONFIG", 6, false, false },
	},
	.column_count = 8,
	.fill = fill_overview,
};

static const struct table_spec apps_spec = {
	.name = "Apps",
	.empty = "no app in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter show in the picture\t/ find\tq back",
	.columns = {
		{ "APP", 16, true, false }, { "NAMESPACE", 16, false, false },
		{ "WORKLOADS", 9, false, true }, { "PODS", 4, false, true },
		{ "IN", 6, false, true }, { "ERR", 4, false, true }, { "HEALTH", 10, false, false },
	},
	.column_count = 7,
	.fill = fill_apps,
};

struct screen *
overview_open(struct app *a)
{
	return table_open(a, &overview_spec);
}

struct screen *
apps_open(struct app *a)
{
	return table_open(a, &apps_spec);
}
