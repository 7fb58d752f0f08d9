/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Istio's standard metrics in Prometheus' text format 0.0.4.  A mirrored
 * request looks like any other there, as in Istio.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "proxy/telemetry/prometheus_text.h"
#include "proxy/telemetry/stats_priv.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/regex.h"

struct reading {
	const struct series *series;
	char *labels;			/* without braces */
	struct http_totals *http;	/* one of the two */
	struct tcp_totals tcp;
};

typedef VEC(struct reading) readings;

static const char *const histogram_names[HIST_COUNT] = {
	[HIST_DURATION] = "istio_request_duration_milliseconds",
	[HIST_REQUEST_BYTES] = "istio_request_bytes",
	[HIST_RESPONSE_BYTES] = "istio_response_bytes",
};

static char *
label_text(const struct series *one)
{
	struct buf b = BUF_INIT;

	for (unsigned l = 0; l < LABEL_COUNT; l++) {
		if (one->key.is_tcp && !metric_label_on_tcp(l))
			continue;
		if (b.len > 0)
			buf_putc(&b, ',');
		prometheus_put_label(&b, metric_label_name(l), one->key.labels[l]);
	}
	return buf_steal(&b);
}

static void
read_one(const struct stats_set *set, const struct series *one, struct reading *r)
{
	memset(r, 0, sizeof(*r));
	r->series = one;
	r->labels = label_text(one);
	if (one->key.is_tcp) {
		stats_sum_tcp(set, one, &r->tcp);
		if (one->twin != NULL)
			stats_sum_tcp(set, one->twin, &r->tcp);
		return;
	}
	r->http = xcalloc(1, sizeof(*r->http));
	stats_sum_http(set, one, r->http);
	if (one->twin != NULL)
		stats_sum_http(set, one->twin, r->http);
}

static bool
is_wanted(const struct stats_choice *choice, const char *name)
{
	return choice->filter == NULL || regex_search(choice->filter, name, strlen(name)) == REGEX_YES;
}

struct counter_metric {
	const char *name;
	bool is_tcp;
	uint64_t (*get)(const struct reading *);
};

static void
put_counter(struct buf *out, const readings *all, const struct counter_metric *m)
{
	bool any = false;

	for (size_t i = 0; i < all->len; i++) {
		const struct reading *r = &all->items[i];

		if ((r->http == NULL) != m->is_tcp)
			continue;
		if (!any)
			buf_printf(out, "# TYPE %s counter\n", m->name);
		any = true;
		buf_printf(out, "%s{%s} %" PRIu64 "\n", m->name, r->labels, m->get(r));
	}
}

static uint64_t get_requests(const struct reading *r) { return r->http->requests; }
static uint64_t get_opened(const struct reading *r) { return r->tcp.opened; }
static uint64_t get_closed(const struct reading *r) { return r->tcp.closed; }
static uint64_t get_sent(const struct reading *r) { return r->tcp.sent; }
static uint64_t get_received(const struct reading *r) { return r->tcp.received; }

static void
put_one_histogram(struct buf *out, const struct reading *r, enum histogram h)
{
	const char *name = histogram_names[h];
	uint64_t sum = r->http->sums[h], below = 0;

	for (unsigned b = 0; b < METRIC_BUCKETS; b++) {
		below += r->http->buckets[h][b];
		if (b < METRIC_BOUNDS)
			buf_printf(out, "%s_bucket{%s,le=\"%.10g\"} %" PRIu64 "\n", name, r->labels,
				   metric_bounds[b], below);
		else
			buf_printf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, r->labels,
				   below);
	}
	if (h == HIST_DURATION)
		buf_printf(out, "%s_sum{%s} %.15g\n", name, r->labels, (double)sum / 1000.0);
	else
		buf_printf(out, "%s_sum{%s} %" PRIu64 "\n", name, r->labels, sum);
	buf_printf(out, "%s_count{%s} %" PRIu64 "\n", name, r->labels, below);
}

static void
put_histogram(struct buf *out, const readings *all, enum histogram h)
{
	bool any = false;

	for (size_t i = 0; i < all->len; i++) {
		if (all->items[i].http == NULL)
			continue;
		if (!any)
			buf_printf(out, "# TYPE %s histogram\n", histogram_names[h]);
		any = true;
		put_one_histogram(out, &all->items[i], h);
	}
}

void
stats_put_prometheus(struct stats_set *set, const char *proxy, const struct stats_choice *choice,
		     struct buf *out)
{
	static const struct stats_choice any = { .has_counters = true, .has_gauges = true,
						 .has_histograms = true };
	static const struct counter_metric http = { "istio_requests_total", false, get_requests };
	static const struct counter_metric tcp[] = {
		{ "istio_tcp_connections_opened_total", true, get_opened },
		{ "istio_tcp_connections_closed_total", true, get_closed },
		{ "istio_tcp_sent_bytes_total", true, get_sent },
		{ "istio_tcp_received_bytes_total", true, get_received },
	};
	readings all = VEC_INIT;

	choice = choice != NULL ? choice : &any;
	pthread_mutex_lock(&set->lock);
	for (size_t i = 0; i < set->series.len; i++) {
		const struct series *one = set->series.items[i];
		struct reading r;

		/* A pair of twins shows once, where the first of them stands. */
		if ((one->twin != NULL && one->twin->id < one->id) ||
		    (proxy != NULL && !stats_series_is_of(one, proxy)))
			continue;
		read_one(set, one, &r);
		vec_push(&all, r);
	}
	pthread_mutex_unlock(&set->lock);
	if (choice->has_gauges && is_wanted(choice, "istio_build"))
		buf_puts(out, "# TYPE istio_build gauge\n"
			      "istio_build{component=\"proxy\",tag=\"" PACKAGE_VERSION "\"} 1\n");
	if (choice->has_counters && is_wanted(choice, http.name))
		put_counter(out, &all, &http);
	for (enum histogram h = 0; h < HIST_COUNT; h++)
		if (choice->has_histograms && is_wanted(choice, histogram_names[h]))
			put_histogram(out, &all, h);
	for (size_t i = 0; i < ARRAY_LEN(tcp); i++)
		if (choice->has_counters && is_wanted(choice, tcp[i].name))
			put_counter(out, &all, &tcp[i]);
	for (size_t i = 0; i < all.len; i++) {
		free(all.items[i].labels);
		free(all.items[i].http);
	}
	vec_fini(&all);
}
