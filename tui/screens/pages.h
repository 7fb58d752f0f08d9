/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pages share: figures of their own graph, the window of time,
 * changes as marks on a time axis, what is wrong with an object.
 */
#ifndef MESHTOP_TUI_SCREENS_PAGES_H
#define MESHTOP_TUI_SCREENS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/telemetry/metrics.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "tui/widgets/chart.h"

struct app;
struct arena;
struct buf;
struct mesh;
struct mesh_service;
struct mesh_workload;
struct model;
struct object;
struct page_checks;
struct page_totals;
struct problem;
struct table_row;
struct value;

/* The graph of the model's window whatever the picture shows; borrowed until the
 * model's next change.  NULL while it is being read: MODEL_GRAPH tells. */
const struct graph *page_graph(struct app *a, enum graph_type type, bool with_service_nodes);
/* Never NULL; caller frees. */
struct metrics *page_metrics(struct app *a, struct metrics_query *q);

struct page_marks {
	struct arena *arena;
	VEC(struct chart_mark) items;
};
/* The changes of the configuration since from_ms. */
void page_marks_read(struct page_marks *marks, const struct model *m, int64_t from_ms);
void page_marks_fini(struct page_marks *marks);

/* A chart of the lines; its arrays live in arena.  marks may be NULL. */
struct chart page_chart(struct arena *arena, const struct metrics *m, enum metric_chart_id id,
			const struct page_marks *marks);

/* What nodes add up to. */
struct page_sums {
	double in, errors, out, in_bytes, out_bytes;
	enum health health;
	bool is_known;			/* the graph has been read */
};
/* For all rows of a list; g may be NULL: nothing is known. */
struct page_totals *page_totals_new(const struct graph *g);
struct page_sums page_totals_workload(struct page_totals *t, const struct mesh_workload *w);
struct page_sums page_totals_service(struct page_totals *t, const struct mesh_service *s);
void page_totals_free(struct page_totals **tp);
void page_sums_add(struct page_sums *to, const struct page_sums *more);
/* Rate, share of errors and health into three columns; nothing while unknown. */
void page_put_sums(struct table_row *r, size_t column, const struct page_sums *sums);

/* The first service that selects the workload; NULL.  m may be NULL. */
const struct mesh_service *page_service_of(const struct mesh *m, const struct mesh_workload *w);
/* The same for all workloads, by their index; caller frees. */
const struct mesh_service **page_services_of_workloads(const struct mesh *m);
/* The gravest problem of an object, and of a service the gravest of those that
 * concern it; NULL when nothing is wrong.  Borrows the model. */
struct page_checks *page_checks_new(const struct model *m);
const struct problem *page_checks_object(struct page_checks *x, const struct object *o);
const struct problem *page_checks_service(struct page_checks *x, const struct mesh_service *s);
void page_checks_free(struct page_checks **xp);
/* "ok", "! KIA1107" into a column. */
void page_put_check(struct table_row *r, size_t column, const struct problem *p);
/* "UO: a circuit breaker is open (overflow); URX: ..."; "" for none. */
void page_put_flag_words(struct buf *out, const char *flags);
/* The text of a member of an engine's answer; other when it is absent or empty. */
const char *page_text_or(const struct value *map, const char *key, const char *other);
/* The line that opens the page of a node; NULL: it has none.  Caller frees. */
char *page_of_node(const struct graph_node *n);
/* Splits NAME.NS at the last dot; NULL without one.  Caller frees both. */
char *page_split_name(const char *word, char **ns);

#endif
