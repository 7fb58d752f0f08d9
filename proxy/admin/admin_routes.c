/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of routes that have a statPrefix, as a table by caller and name:
 * those of all workers together, with texts of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/telemetry/route_stats.h"
#include "src/base/arena.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"

struct route_stat_table {
	struct arena *texts;
	VEC(struct route_stat) rows;
};

static void
on_route(void *arg, const struct route_stat *r)
{
	struct route_stat_table *t = arg;
	struct route_stat kept = *r;

	kept.workload = arena_strdup(t->texts, r->workload);
	kept.ns = arena_strdup(t->texts, r->ns);
	kept.name = arena_strdup(t->texts, r->name);
	vec_push(&t->rows, kept);
}

static int
by_caller(const void *a, const void *b)
{
	const struct route_stat *x = a, *y = b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->workload, y->workload);
}

static int
by_caller_and_name(const void *a, const void *b)
{
	int order = by_caller(a, b);

	return order != 0 ? order : strcmp(((const struct route_stat *)a)->name,
					   ((const struct route_stat *)b)->name);
}

/* Several workers may have counted one. */
static void
add_up(struct route_stat_table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->rows.len; i++) {
		struct route_stat *row = &t->rows.items[i];

		if (kept > 0 && by_caller_and_name(&t->rows.items[kept - 1], row) == 0)
			route_counts_add(&t->rows.items[kept - 1].counts, &row->counts);
		else
			t->rows.items[kept++] = *row;
	}
	t->rows.len = kept;
}

struct route_stat_table *
route_stat_table_new(struct engine *e)
{
	struct route_stat_table *t = xcalloc(1, sizeof(*t));

	t->texts = arena_new();
	engine_each_route(e, on_route, t);
	if (t->rows.len > 0)
		qsort(t->rows.items, t->rows.len, sizeof(*t->rows.items), by_caller_and_name);
	add_up(t);
	return t;
}

void
route_stat_table_free(struct route_stat_table **tp)
{
	struct route_stat_table *t = *tp;

	if (t == NULL)
		return;
	arena_free(&t->texts);
	vec_fini(&t->rows);
	free(t);
	*tp = NULL;
}

const struct route_stat *
route_stat_table_find(const struct route_stat_table *t, const struct mesh_workload *w, size_t *count)
{
	const struct route_stat key = { .workload = w->name, .ns = w->ns };
	size_t first = 0, end = t->rows.len;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (by_caller(&t->rows.items[middle], &key) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	while (end < t->rows.len && by_caller(&t->rows.items[end], &key) == 0)
		end++;
	*count = end - first;
	return *count > 0 ? &t->rows.items[first] : NULL;
}
