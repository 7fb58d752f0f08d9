/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of applications: workloads of one canonical service and namespace.
 */
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/strmap.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"

/* The workloads of one app, in the order of the mesh. */
struct application {
	const struct mesh_workload *first;
	struct page_sums sums;
	struct buf versions;
	unsigned pods, desired;
};

struct applications {
	VEC(struct application) rows;	/* in the order of their first workloads */
	struct strmap places;		/* "NS\nAPP" -> place in rows + 1 */
	struct arena *texts;
};

static struct application *
application_of(struct applications *a, const struct mesh_workload *w)
{
	const char *key = arena_printf(a->texts, "%s\n%s", w->ns, w->canonical_service);
	void **place = strmap_put(&a->places, slice_of(key));

	if (*place == NULL) {
		vec_push(&a->rows, ((struct application){ .first = w, .versions = BUF_INIT }));
		*place = (void *)(uintptr_t)a->rows.len;
	}
	return &a->rows.items[(uintptr_t)*place - 1];
}

static void
count_workload(struct applications *a, const struct mesh_workload *w, struct page_totals *totals)
{
	struct application *app = application_of(a, w);
	struct page_sums sums = page_totals_workload(totals, w);

	page_sums_add(&app->sums, &sums);
	buf_printf(&app->versions, "%s%s", app->versions.len > 0 ? " " : "", w->canonical_revision);
	app->pods += (unsigned)w->instance_count;
	app->desired += w->desired;
}

static void
add_app(struct table *t, const struct application *app)
{
	const struct mesh_workload *w = app->first;
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_PLAIN, "%s", w->canonical_service);
	table_text(r, 1, STYLE_DIM, "%s", w->ns);
	table_text(r, 2, STYLE_DIM, "%s", buf_str(&app->versions));
	table_text(r, 3, app->pods < app->desired ? STYLE_WARN : STYLE_PLAIN, "%u/%u", app->pods,
		   app->desired);
	page_put_sums(r, 4, &app->sums);
	if (app->sums.is_known)
		table_rate(r, 7, app->sums.out > 0 ? STYLE_PLAIN : STYLE_DIM, app->sums.out);
	r->open = xasprintf("app %s.%s", w->canonical_service, w->ns);
	r->picture = xasprintf("select %s.%s", w->canonical_service, w->ns);
	r->versions = xasprintf("app %s.%s versions", w->canonical_service, w->ns);
}

static void
fill(struct table *t, struct model *m)
{
	struct page_totals *totals = page_totals_new(page_graph(t->app, GRAPH_WORKLOAD, true));
	struct applications apps = { VEC_INIT, STRMAP_INIT, arena_new() };

	for (size_t i = 0; m->mesh != NULL && i < m->mesh->workload_count; i++) {
		if (model_has_namespace(m, m->mesh->workloads[i]->ns))
			count_workload(&apps, m->mesh->workloads[i], totals);
	}
	for (size_t i = 0; i < apps.rows.len; i++) {
		add_app(t, &apps.rows.items[i]);
		buf_fini(&apps.rows.items[i].versions);
	}
	vec_fini(&apps.rows);
	strmap_fini(&apps.places);
	arena_free(&apps.texts);
	page_totals_free(&totals);
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
	.several = SEVERAL_NAMES,
	.fill = fill,
	.changes = MODEL_GRAPH | MODEL_CONFIG,
};

struct screen *
apps_open(struct app *a)
{
	return table_open(a, &spec);
}
