/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sub-filters of a metrics page: only what has these values of the labels that
 * lines may be divided by (spec/kiali.md 3.1).
 */
#ifndef MESHTOP_TUI_SCREENS_DETAIL_FILTER_H
#define MESHTOP_TUI_SCREENS_DETAIL_FILTER_H

#include <stdbool.h>

#include "src/base/vec.h"
#include "src/telemetry/metrics.h"

struct app;
struct buf;
struct screen;

struct chart_filters {
	VEC(struct metric_filter) items;	/* values are owned */
	VEC(enum metric_group) groups;		/* of each */
};

void chart_filters_fini(struct chart_filters *f);
/* "code=503,flags=UO,URX": replaces what was there; "" for none.  False when a
 * word is no label; f is then untouched. */
bool chart_filters_parse(struct chart_filters *f, const char *words, bool is_outbound);
void chart_filters_apply(const struct chart_filters *f, struct metrics_query *q);
/* "code=503, flags=UO" */
void chart_filters_text(const struct chart_filters *f, struct buf *out);
/* All values that were seen of the labels in q->group_by (of every label when it is
 * 0), the chosen ones marked; answers "only = ...". */
struct screen *chart_filters_menu(const struct chart_filters *f, struct app *a,
				  const struct metrics_query *q);

#endif
