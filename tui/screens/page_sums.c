/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What services and workloads add up to in a graph: looked up for all rows of
 * a list in one pass over the nodes; see pages.h.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/table.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

struct total {
	struct page_sums sums;
	size_t turn;		/* the last one that counted it */
};

struct page_totals {
	struct arena *arena;
	struct strmap workloads, services;	/* "NS\nNAME" -> struct total */
	bool is_known;
	size_t turn;
};

void
page_sums_add(struct page_sums *to, const struct page_sums *more)
{
	to->in += more->in;
	to->errors += more->errors;
	to->out += more->out;
	to->in_bytes += more->in_bytes;
	to->out_bytes += more->out_bytes;
	to->health = more->health > to->health ? more->health : to->health;
	to->is_known |= more->is_known;
}

static struct slice
key_of(struct page_totals *t, const char *ns, const char *name)
{
	return slice_of(arena_printf(t->arena, "%s\n%s", ns, name));
}

static struct total *
total_of(struct page_totals *t, struct strmap *m, const char *ns, const char *name)
{
	void **place = strmap_put(m, key_of(t, ns, name));

	if (*place == NULL)
		*place = arena_alloc(t->arena, sizeof(struct total));
	return *place;
}

static void
add_node(struct page_totals *t, const struct graph_node *n)
{
	const struct page_sums sums = {
		.in = n->in_rate, .errors = n->in_error_rate, .out = n->out_rate,
		.in_bytes = n->in_bytes, .out_bytes = n->out_bytes, .health = n->health,
		.is_known = true,
	};

	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY) {
		struct total *one = total_of(t, &t->services, n->ns, n->service);

		if (!one->sums.is_known)
			one->sums = sums;
	}
	if (n->workload[0] != '\0')
		page_sums_add(&total_of(t, &t->workloads, n->ns, n->workload)->sums, &sums);
}

struct page_totals *
page_totals_new(const struct graph *g)
{
	struct page_totals *t = xcalloc(1, sizeof(*t));

	t->arena = arena_new();
	t->is_known = g != NULL;
	for (size_t i = 0; g != NULL && i < g->nodes.len; i++)
		add_node(t, &g->nodes.items[i]);
	return t;
}

void
page_totals_free(struct page_totals **tp)
{
	struct page_totals *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	strmap_fini(&t->workloads);
	strmap_fini(&t->services);
	arena_free(&t->arena);
	free(t);
}

struct page_sums
page_totals_workload(struct page_totals *t, const struct mesh_workload *w)
{
	const struct total *found = strmap_find(&t->workloads, key_of(t, w->ns, w->name));

	return found != NULL ? found->sums : (struct page_sums){ .is_known = t->is_known };
}

/* Of the service's node, or of its workloads when the picture has none. */
struct page_sums
page_totals_service(struct page_totals *t, const struct mesh_service *s)
{
	const struct total *found = strmap_find(&t->services, key_of(t, s->ns, s->name));
	struct page_sums sums = { .is_known = t->is_known };

	if (found != NULL)
		return found->sums;
	t->turn++;
	for (size_t i = 0; i < s->instance_count; i++) {
		const struct mesh_workload *w = s->instances[i]->workload;
		struct total *one = strmap_find(&t->workloads, key_of(t, w->ns, w->name));

		if (one == NULL || one->turn == t->turn)
			continue;	/* a workload counts once, however many pods it has */
		one->turn = t->turn;
		page_sums_add(&sums, &one->sums);
	}
	sums.out = sums.out_bytes = 0;
	return sums;
}

void
page_put_sums(struct table_row *r, size_t column, const struct page_sums *sums)
{
	if (!sums->is_known)
		return;
	if (sums->in <= 0 && sums->in_bytes > 0) {
		struct buf b = BUF_INIT;

		figure_bytes(&b, sums->in_bytes);
		table_text(r, column, STYLE_TCP, "%s", buf_str(&b));
		r->keys[column] = 0;
		buf_fini(&b);
	} else {
		table_rate(r, column, sums->in > 0 ? STYLE_PLAIN : STYLE_DIM, sums->in);
	}
	table_percent(r, column + 1, sums->errors > 0 ? STYLE_BAD : STYLE_DIM,
		      sums->in > 0 ? sums->errors / sums->in : -1);
	table_text(r, column + 2, health_style(sums->health), "%s%s", health_mark(sums->health),
		   health_text(sums->health));
	r->keys[column + 2] = sums->health;
}

const struct mesh_service **
page_services_of_workloads(const struct mesh *m)
{
	const struct mesh_service **of = xcalloc(m->workload_count + 1, sizeof(*of));

	for (size_t i = 0; i < m->service_count; i++) {
		const struct mesh_service *s = m->services[i];

		for (size_t k = 0; k < s->instance_count; k++) {
			size_t w = s->instances[k]->workload->index;

			of[w] = of[w] != NULL ? of[w] : s;
		}
	}
	return of;
}

const struct mesh_service *
page_service_of(const struct mesh *m, const struct mesh_workload *w)
{
	for (size_t i = 0; m != NULL && i < m->service_count; i++)
		for (size_t k = 0; k < m->services[i]->instance_count; k++)
			if (m->services[i]->instances[k]->workload == w)
				return m->services[i];
	return NULL;
}
