/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures over time; see metrics.h. */
#include "src/telemetry/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/telemetry/series.h"

#define GROUPS_MAX 24u		/* more become one: "others" */
#define NAMESPACES_MAX 250u	/* of a line each: they take 20 MiB while they are read */
#define OTHERS "others"
#define THINNED_STEP_MS 15000	/* steps of the store's past */
#define THINNED_AFTER_MS (10 * 60 * 1000)

/* What was added to one group in one step. */
struct step_sum {
	double requests, errors, duration_ms;
	double request_bytes, response_bytes;
	double opened, closed, sent, received;
	double durations[METRIC_BUCKETS];
	double request_sizes[METRIC_BUCKETS], response_sizes[METRIC_BUCKETS];
	uint32_t fine[LOGHIST_BUCKETS];
};

struct group {
	const char *name;
	struct step_sum *steps;		/* the last one is the whole window */
};

struct reading {
	const struct metrics_query *query;
	enum metrics_reporter reporter;
	struct metrics *out;
	VEC(struct group) groups;
	struct strmap places;		/* name -> place in groups + 1 */
	size_t told;			/* groups that another reporter has told of already */
};

static const struct {
	const char *title;
	enum metric_unit unit;
	size_t counter;			/* offsets in struct step_sum */
	double factor;
	size_t buckets, sum;
	bool is_histogram, has_fine;
} charts[METRIC_CHARTS] = {
#define COUNT(field, factor) offsetof(struct step_sum, field), factor, 0, 0, false, false
#define HISTOGRAM(buckets, sum) \
	0, 0, offsetof(struct step_sum, buckets), offsetof(struct step_sum, sum), true, false
#define DURATIONS \
	0, 0, offsetof(struct step_sum, durations), offsetof(struct step_sum, duration_ms), true, true
#define METRIC_CHART(id, title, unit, source) \
	[METRIC_CHART_##id] = { title, unit, source },
#include "src/telemetry/charts.tbl"
#undef METRIC_CHART
#undef COUNT
#undef HISTOGRAM
#undef DURATIONS
};

static const struct {
	const char *word, *title;
	enum metric_label inbound, outbound;
} groups[METRIC_GROUPS] = {
#define METRIC_GROUP(id, word, title, inbound, outbound) \
	[GROUP_BY_##id] = { word, title, inbound, outbound },
#include "src/telemetry/groups.tbl"
#undef METRIC_GROUP
};

static const struct {
	const char *name;
	double q;			/* 0: the average */
	bool is_estimate;
} stats[METRIC_STATS] = {
	[STAT_AVG] = { "avg", 0, false },
	[STAT_P50] = { "p50", 0.5, false },
	[STAT_P95] = { "p95", 0.95, false },
	[STAT_P99] = { "p99", 0.99, false },
	[STAT_P999] = { "p99.9", 0.999, false },
	[STAT_EST_P50] = { "p50 est", 0.5, true },
	[STAT_EST_P95] = { "p95 est", 0.95, true },
	[STAT_EST_P99] = { "p99 est", 0.99, true },
	[STAT_EST_P999] = { "p99.9 est", 0.999, true },
};

static const char *const unit_names[UNIT_COUNT] = {
	[UNIT_REQUESTS] = "requests/s", [UNIT_TIME] = "time", [UNIT_BYTES] = "bytes",
	[UNIT_BITS] = "bit/s", [UNIT_CONNECTIONS] = "connections/s",
};

const char *
metric_chart_title(enum metric_chart_id id)
{
	ASSERT((unsigned)id < METRIC_CHARTS);
	return charts[id].title;
}

enum metric_unit
metric_chart_unit(enum metric_chart_id id)
{
	ASSERT((unsigned)id < METRIC_CHARTS);
	return charts[id].unit;
}

const char *
metric_unit_name(enum metric_unit u)
{
	ASSERT((unsigned)u < UNIT_COUNT);
	return unit_names[u];
}

const char *
metric_stat_name(enum metric_stat s)
{
	ASSERT((unsigned)s < METRIC_STATS);
	return stats[s].name;
}

const char *
metric_group_word(enum metric_group g)
{
	ASSERT((unsigned)g < METRIC_GROUPS);
	return groups[g].word;
}

const char *
metric_group_title(enum metric_group g)
{
	ASSERT((unsigned)g < METRIC_GROUPS);
	return groups[g].title;
}

enum metric_label
metric_group_label(enum metric_group g, bool is_outbound)
{
	ASSERT((unsigned)g < METRIC_GROUPS);
	return is_outbound ? groups[g].outbound : groups[g].inbound;
}

bool
metric_group_fits(enum metric_group g, bool is_outbound)
{
	return metric_group_label(g, is_outbound) != LABEL_COUNT;
}

bool
metric_code_is_error(const char *code)
{
	return code[0] == '4' || code[0] == '5' || code[0] == '-' || code[0] == '0';
}

/* The smallest readable step with at most the wanted number of points. */
static int64_t
choose_step(int64_t window_ms, size_t points)
{
	static const int64_t steps_s[] = {
		2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
	};
	int64_t least = window_ms > THINNED_AFTER_MS ? THINNED_STEP_MS : 0;

	for (size_t i = 0; i < ARRAY_LEN(steps_s); i++) {
		int64_t step = steps_s[i] * 1000;

		if (step >= least && step * (int64_t)points >= window_ms)
			return step;
	}
	return window_ms / (int64_t)points + 1;
}

struct metrics *
metrics_new(int64_t from_ms, int64_t to_ms, size_t points)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	if (to_ms <= from_ms)
		from_ms = to_ms - 1000;
	m->arena = arena_new();
	m->step_ms = choose_step(to_ms - from_ms, points > 0 ? points : 50);
	to_ms -= to_ms % m->step_ms;
	m->count = (size_t)((to_ms - from_ms + m->step_ms - 1) / m->step_ms);
	m->count = m->count > 0 ? m->count : 1;
	m->from_ms = to_ms - m->step_ms * (int64_t)m->count;
	return m;
}

void
metrics_free(struct metrics **mp)
{
	struct metrics *m = *mp;

	*mp = NULL;
	if (m == NULL)
		return;
	for (unsigned c = 0; c < METRIC_CHARTS; c++)
		vec_fini(&m->charts[c].lines);
	vec_fini(&m->sums);
	arena_free(&m->arena);
	free(m);
}

/* A proxy that refuses a call itself does not know the service's namespace, but
 * the host says it. */
static bool
label_is(const char *const *labels, enum metric_label l, const char *want)
{
	return strcmp(labels[l], want) == 0 ||
	       (l == LABEL_DESTINATION_SERVICE_NAMESPACE &&
		slice_is(metric_service_namespace(labels), want));
}

static bool
is_subject(const struct metrics_query *q, const char *const *labels)
{
	static const struct { enum metric_label ns, name; } in[] = {
		[METRICS_OF_WORKLOAD] = { LABEL_DESTINATION_WORKLOAD_NAMESPACE, LABEL_DESTINATION_WORKLOAD },
		[METRICS_OF_APP] = { LABEL_DESTINATION_WORKLOAD_NAMESPACE,
				     LABEL_DESTINATION_CANONICAL_SERVICE },
		[METRICS_OF_SERVICE] = { LABEL_DESTINATION_SERVICE_NAMESPACE,
					 LABEL_DESTINATION_SERVICE_NAME },
		[METRICS_OF_NAMESPACE] = { LABEL_DESTINATION_WORKLOAD_NAMESPACE, LABEL_COUNT },
	}, out[] = {
		[METRICS_OF_WORKLOAD] = { LABEL_SOURCE_WORKLOAD_NAMESPACE, LABEL_SOURCE_WORKLOAD },
		[METRICS_OF_APP] = { LABEL_SOURCE_WORKLOAD_NAMESPACE, LABEL_SOURCE_CANONICAL_SERVICE },
		[METRICS_OF_SERVICE] = { LABEL_DESTINATION_SERVICE_NAMESPACE,
					 LABEL_DESTINATION_SERVICE_NAME },
		[METRICS_OF_NAMESPACE] = { LABEL_SOURCE_WORKLOAD_NAMESPACE, LABEL_COUNT },
	};
	enum metric_label ns, name;

	if (q->subject == METRICS_OF_ALL)
		return true;
	ns = q->is_outbound ? out[q->subject].ns : in[q->subject].ns;
	name = q->is_outbound ? out[q->subject].name : in[q->subject].name;
	return label_is(labels, ns, q->ns) &&
	       (name == LABEL_COUNT || strcmp(labels[name], q->name) == 0);
}

static bool
holds(const struct metric_filter *f, const char *const *labels)
{
	return label_is(labels, f->label, f->value) ||
	       (labels[f->label][0] == '\0' && strcmp(f->value, "-") == 0);
}

static bool
is_first_of_label(const struct metrics_query *q, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (q->filters[i].label == q->filters[at].label)
			return false;
	return true;
}

static bool
passes(const struct metrics_query *q, const char *const *labels)
{
	for (size_t i = 0; i < q->filter_count; i++) {
		bool any = false;

		if (!is_first_of_label(q, i))
			continue;
		for (size_t k = i; k < q->filter_count && !any; k++)
			any = q->filters[k].label == q->filters[i].label && holds(&q->filters[k], labels);
		if (!any)
			return false;
	}
	return true;
}

static bool
is_wanted(const struct series_delta *d, void *arg)
{
	const struct reading *r = arg;
	const struct metrics_query *q = r->query;
	const char *reporter = r->reporter == REPORTER_SOURCE ? "source" :
			       r->reporter == REPORTER_DESTINATION ? "destination" :
			       q->is_outbound ? "source" : "destination";

	return (r->reporter == REPORTER_BOTH || strcmp(d->labels[LABEL_REPORTER], reporter) == 0) &&
	       is_subject(q, d->labels) && passes(q, d->labels);
}

static void
put_group_name(const struct metrics_query *q, const struct series_delta *d, struct buf *out)
{
	if (q->by_namespace) {
		buf_puts(out, d->labels[q->is_outbound ? LABEL_SOURCE_WORKLOAD_NAMESPACE :
					LABEL_DESTINATION_WORKLOAD_NAMESPACE]);
		return;
	}
	if (q->reporter == REPORTER_BOTH)
		buf_puts(out, d->labels[LABEL_REPORTER]);
	for (unsigned g = 0; g < METRIC_GROUPS; g++) {
		enum metric_label l = metric_group_label(g, q->is_outbound);

		if ((q->group_by & 1u << g) == 0 || l == LABEL_COUNT)
			continue;
		buf_printf(out, "%s%s", out->len > 0 ? ", " : "",
			   d->labels[l][0] != '\0' ? d->labels[l] : "-");
	}
}

/* SIZE_MAX: there is none. */
static size_t
find_group(const struct reading *r, const char *name)
{
	return (size_t)(uintptr_t)strmap_find(&r->places, slice_of(name)) - 1;
}

static size_t
add_group(struct reading *r, const char *name)
{
	struct group g = { arena_strdup(r->out->arena, name), NULL };

	g.steps = xcalloc(r->out->count + 1, sizeof(*g.steps));
	vec_push(&r->groups, g);
	*strmap_put(&r->places, slice_of(g.name)) = (void *)(uintptr_t)r->groups.len;
	return r->groups.len - 1;
}

static struct group *
group_of(struct reading *r, const struct series_delta *d)
{
	bool is_full = r->groups.len >= (r->query->by_namespace ? NAMESPACES_MAX : GROUPS_MAX);
	struct buf name = BUF_INIT;
	size_t at;

	put_group_name(r->query, d, &name);
	at = find_group(r, buf_str(&name));
	if (at == SIZE_MAX && is_full)
		at = find_group(r, OTHERS);
	if (at == SIZE_MAX)
		at = add_group(r, is_full ? OTHERS : buf_str(&name));
	buf_fini(&name);
	return &r->groups.items[at];
}

static void
add_delta(struct step_sum *to, const struct series_delta *d)
{
	to->requests += d->requests;
	if (!d->is_tcp && metric_code_is_error(d->labels[LABEL_RESPONSE_CODE]))
		to->errors += d->requests;
	to->duration_ms += d->duration_sum_ms;
	to->request_bytes += d->request_bytes;
	to->response_bytes += d->response_bytes;
	to->opened += d->opened;
	to->closed += d->closed;
	to->sent += d->sent;
	to->received += d->received;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		to->durations[i] += d->duration_buckets[i];
		to->request_sizes[i] += d->request_sizes[i];
		to->response_sizes[i] += d->response_sizes[i];
	}
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		to->fine[i] += d->fine[i];
}

static void
on_step(const struct series_delta *d, size_t step, void *arg)
{
	struct reading *r = arg;
	struct group *g = group_of(r, d);

	if ((size_t)(g - r->groups.items) < r->told)
		return;
	add_delta(&g->steps[step], d);
	add_delta(&g->steps[r->out->count], d);
}

static double
field(const struct step_sum *s, size_t offset)
{
	return *(const double *)(const void *)((const char *)s + offset);
}

static double
stat_of(const struct step_sum *s, enum metric_chart_id chart, enum metric_stat stat)
{
	const double *buckets = (const double *)(const void *)((const char *)s +
							      charts[chart].buckets);
	double v;

	if (!(s->requests > 0))
		return (double)NAN;
	if (stat == STAT_AVG)
		return field(s, charts[chart].sum) / s->requests;
	if (charts[chart].has_fine && !stats[stat].is_estimate)
		v = fine_quantile_ms(s->fine, stats[stat].q);
	else
		v = bucket_quantile(buckets, stats[stat].q);
	return v < 0 ? (double)NAN : v;
}

static struct metric_line *
add_line(struct metrics *m, enum metric_chart_id chart, const char *name, const char *stat)
{
	struct metric_line line = { .name = name, .stat = stat };

	line.values = arena_alloc(m->arena, m->count * sizeof(double));
	vec_push(&m->charts[chart].lines, line);
	return &m->charts[chart].lines.items[m->charts[chart].lines.len - 1];
}

static void
add_counter(struct metrics *m, enum metric_chart_id chart, const struct group *g, size_t offset,
	    const char *stat)
{
	double per_s = charts[chart].factor * 1000.0 / (double)m->step_ms;
	struct metric_line *line;

	if (!(field(&g->steps[m->count], offset) > 0))
		return;
	line = add_line(m, chart, g->name, stat);
	line->weight = field(&g->steps[m->count], offset);
	for (size_t i = 0; i < m->count; i++)
		line->values[i] = field(&g->steps[i], offset) * per_s;
}

/* Sizes have no fine counts: what is asked as a true quantile is estimated. */
static bool
stat_applies(enum metric_chart_id chart, enum metric_stat stat, unsigned wanted)
{
	if ((wanted & 1u << stat) == 0)
		return false;
	return charts[chart].has_fine || !stats[stat].is_estimate;
}

static void
add_histogram(struct metrics *m, enum metric_chart_id chart, const struct group *g,
	      unsigned wanted)
{
	if (!(g->steps[m->count].requests > 0))
		return;
	for (enum metric_stat s = 0; s < METRIC_STATS; s++) {
		struct metric_line *line;

		if (!stat_applies(chart, s, wanted))
			continue;
		if (isnan(stat_of(&g->steps[m->count], chart, s)))
			continue;	/* an engine that does not count sizes in buckets */
		line = add_line(m, chart, g->name, stats[s].name);
		line->weight = g->steps[m->count].requests;
		for (size_t i = 0; i < m->count; i++)
			line->values[i] = stat_of(&g->steps[i], chart, s);
	}
}

static void
add_sum(struct metrics *m, const struct group *g)
{
	const struct step_sum *all = &g->steps[m->count];
	struct metric_sum sum = {
		.name = g->name, .requests = all->requests, .errors = all->errors,
		.avg_ms = all->requests > 0 ? all->duration_ms / all->requests : -1,
		.opened = all->opened, .sent = all->sent, .received = all->received,
	};

	sum.p50_ms = fine_quantile_ms(all->fine, 0.5);
	sum.p95_ms = fine_quantile_ms(all->fine, 0.95);
	sum.p99_ms = fine_quantile_ms(all->fine, 0.99);
	sum.p999_ms = fine_quantile_ms(all->fine, 0.999);
	vec_push(&m->sums, sum);
}

static int
compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

struct metrics *
metrics_read(const struct series_store *s, const struct metrics_query *q)
{
	struct metrics *m = metrics_new(q->from_ms, q->to_ms, q->points);
	struct reading r = { .query = q, .reporter = q->reporter, .out = m,
			     .places = STRMAP_INIT };

	series_steps(s, m->from_ms, m->step_ms, m->count, is_wanted, on_step, &r);
	r.told = r.groups.len;
	if (q->or_source && !q->is_outbound && (r.told == 0 || q->by_namespace)) {
		r.reporter = REPORTER_SOURCE;
		series_steps(s, m->from_ms, m->step_ms, m->count, is_wanted, on_step, &r);
	}
	if (r.groups.len > 0)
		qsort(r.groups.items, r.groups.len, sizeof(*r.groups.items), compare_groups);
	for (size_t g = 0; g < r.groups.len; g++) {
		for (enum metric_chart_id c = 0; c < METRIC_CHARTS; c++) {
			if (charts[c].is_histogram)
				add_histogram(m, c, &r.groups.items[g], q->stats);
			else
				add_counter(m, c, &r.groups.items[g], charts[c].counter, "");
		}
		if (q->group_by == 0 && !q->by_namespace)
			add_counter(m, METRIC_CHART_REQUESTS, &r.groups.items[g],
				    offsetof(struct step_sum, errors), "errors");
		add_sum(m, &r.groups.items[g]);
		free(r.groups.items[g].steps);
	}
	strmap_fini(&r.places);
	vec_fini(&r.groups);
	return m;
}
