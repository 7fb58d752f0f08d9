/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of applications: workloads of one canonical service and namespace.
 */
#include <string.h>

#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/topology/graph.h"
#include "tui/canvas.h"
#include "tui/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"

/* A workload stands for its app when no workload before it has the same. */
static bool
is_first_of_app(const struct mesh *m, size_t workload)
{
	const struct mesh_workload *w = m->workloads[workload];

	for (size_t i = 0; i < workload; i++) {
		if (strcmp(m->workloads[i]->ns, w->ns) == 0 &&
		    strcmp(m->workloads[i]->canonical_service, w->canonical_service) == 0)
			return false;
	}
	return true;
}

static void
add_app(struct table *t, const struct mesh *m, size_t first, const struct graph *g)
{
	const struct mesh_workload *w = m->workloads[first];
	struct page_sums sums = { 0, 0, 0, 0, 0, HEALTH_NA };
	struct table_row *r = table_add(t);
	struct buf versions = BUF_INIT;
	unsigned pods = 0, desired = 0;

	for (size_t i = first; i < m->workload_count; i++) {
		const struct mesh_workload *one = m->workloads[i];
		struct page_sums more;

		if (strcmp(one->ns, w->ns) != 0 ||
		    strcmp(one->canonical_service, w->canonical_service) != 0)
			continue;
		more = page_sum_workload(g, one);
		page_sums_add(&sums, &more);
		buf_printf(&versions, "%s%s", versions.len > 0 ? " " : "", one->canonical_revision);
		pods += (unsigned)one->instance_count;
		desired += one->desired;
	}
	table_text(r, 0, STYLE_PLAIN, "%s", w->canonical_service);
	table_text(r, 1, STYLE_DIM, "%s", w->ns);
	table_text(r, 2, STYLE_DIM, "%s", buf_str(&versions));
	table_text(r, 3, pods < desired ? STYLE_WARN : STYLE_PLAIN, "%u/%u", pods, desired);
	page_put_sums(r, 4, &sums);
	table_rate(r, 7, sums.out > 0 ? STYLE_PLAIN : STYLE_DIM, sums.out);
	r->open = xasprintf("app %s.%s", w->canonical_service, w->ns);
	r->picture = xasprintf("select %s.%s", w->canonical_service, w->ns);
	r->versions = xasprintf("app %s.%s versions", w->canonical_service, w->ns);
	buf_fini(&versions);
}

static void
fill(struct table *t, struct model *m)
{
	struct graph *g = page_graph(t->app, GRAPH_WORKLOAD, true);

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++) {
		if (model_has_namespace(m, m->mesh->workloads[i]->ns) && is_first_of_app(m->mesh, i))
			add_app(t, m->mesh, i, g);
	}
	graph_free(&g);
}

static const struct table_spec spec = {
	.name = "Applications",
	.empty = "no application in the chosen namespaces; `:namespace` shows others",
	.hint = "Enter page\tV versions\tp picture\ts S I sort\t/ filter\tq back",
	.columns = {
		{ "APPLICATION", 14, true, false, 0 }, { "NAMESPACE", 14, false, false, 0 },
		{ "VERSIONS", 9, false, false, 0 }, { "PODS", 5, false, true, 0 },
		{ "IN", 7, false, true, 0 }, { "ERR", 4, false, true, 0 },
		{ "HEALTH", 10, false, false, 0 }, { "OUT", 7, false, true, 90 },
	},
	.column_count = 8,
	.fill = fill,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
};

struct screen *
apps_open(struct app *a)
{
	return table_open(a, &spec);
}
