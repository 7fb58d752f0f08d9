/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures over time for charts: Kiali's metrics pages (spec/kiali.md 3.1) as
 * data, read from the series store.
 *
 * Pure: the same store and query give the same figures.
 */
#ifndef MESHTOP_TELEMETRY_METRICS_H
#define MESHTOP_TELEMETRY_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/model/metrics.h"

struct arena;
struct series_store;

enum metric_unit {
	UNIT_REQUESTS,		/* per second */
	UNIT_TIME,		/* milliseconds */
	UNIT_BYTES,
	UNIT_BITS,		/* per second */
	UNIT_CONNECTIONS,	/* per second */
	UNIT_COUNT,
};

enum metric_chart_id {
#define METRIC_CHART(id, title, unit, source) METRIC_CHART_##id,
#include "src/telemetry/charts.tbl"
#undef METRIC_CHART
	METRIC_CHARTS,
};

enum metric_group {		/* bits 1 << GROUP_BY_* in a query */
#define METRIC_GROUP(id, word, title, inbound, outbound) GROUP_BY_##id,
#include "src/telemetry/groups.tbl"
#undef METRIC_GROUP
	METRIC_GROUPS,
};

/* Of histograms; bits 1 << STAT_* in a query.  The first quantiles are true
 * ones (sizes have only the estimates), STAT_EST_* are interpolated in Istio's
 * buckets as Prometheus does it. */
enum metric_stat {
	STAT_AVG, STAT_P50, STAT_P95, STAT_P99, STAT_P999,
	STAT_EST_P50, STAT_EST_P95, STAT_EST_P99, STAT_EST_P999, METRIC_STATS,
};

enum metrics_subject { METRICS_OF_WORKLOAD, METRICS_OF_APP, METRICS_OF_SERVICE,
		       METRICS_OF_NAMESPACE, METRICS_OF_ALL };	/* what the filters leave */
/* Default: what the destination reports of inbound, the source of outbound
 * traffic.  Both: a line for each of them. */
enum metrics_reporter { REPORTER_DEFAULT, REPORTER_SOURCE, REPORTER_DESTINATION, REPORTER_BOTH };

/* Of several for one label any may hold; every label must. */
struct metric_filter {
	enum metric_label label;
	const char *value;		/* "-": absent, too */
};

struct metrics_query {
	enum metrics_subject subject;
	const char *ns, *name;		/* name is not used of a namespace, neither of all */
	bool is_outbound;		/* of what the subject sends, else what it gets */
	enum metrics_reporter reporter;
	bool or_source;			/* by default, too: where no destination reports, the callers */
	unsigned group_by;		/* 1 << GROUP_BY_* */
	bool by_namespace;		/* instead: of all, a line for each that is called (or calls); 250 */
	unsigned stats;			/* 1 << STAT_* */
	const struct metric_filter *filters;
	size_t filter_count;
	int64_t from_ms, to_ms;
	size_t points;			/* about as many steps; 0: 50 */
};

struct metric_line {
	const char *name;		/* values of the labels with commas; "" of all */
	const char *stat;		/* "p95", "errors"; "" for a plain rate */
	double *values;			/* one a step; NAN: nothing to show */
	double weight;			/* for choosing the important ones */
};

struct metric_lines {
	VEC(struct metric_line) lines;	/* by name, then stat */
};

/* All of one group over the whole window. */
struct metric_sum {
	const char *name;
	double requests, errors;	/* counts */
	double avg_ms, p50_ms, p95_ms, p99_ms, p999_ms;		/* -1: none */
	double opened, sent, received;	/* connections; bytes */
};

struct metrics {
	struct arena *arena;
	int64_t from_ms, step_ms;
	size_t count;			/* steps */
	struct metric_lines charts[METRIC_CHARTS];
	VEC(struct metric_sum) sums;	/* by name */
};

/* Never NULL.  Steps end at whole multiples of their length, so that figures
 * stay in place while time goes on: at least 2 s, for windows of which the
 * store may have thinned the past at least 15 s. */
struct metrics *metrics_read(const struct series_store *s, const struct metrics_query *q);
/* An empty one with that time axis: for those who fill it themselves. */
struct metrics *metrics_new(int64_t from_ms, int64_t to_ms, size_t points);
void metrics_free(struct metrics **mp);

const char *metric_chart_title(enum metric_chart_id id);
enum metric_unit metric_chart_unit(enum metric_chart_id id);
const char *metric_unit_name(enum metric_unit u);	/* "requests/s" */
const char *metric_stat_name(enum metric_stat s);	/* "p95", "p95 est" */
const char *metric_group_word(enum metric_group g);
const char *metric_group_title(enum metric_group g);
/* LABEL_COUNT when it does not fit. */
enum metric_label metric_group_label(enum metric_group g, bool is_outbound);
bool metric_group_fits(enum metric_group g, bool is_outbound);
/* Does a request with that response code count as failed? */
bool metric_code_is_error(const char *code);

#endif
