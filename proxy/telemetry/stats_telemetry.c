/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readings for series stores: what changed since a generation, in the wire
 * form of src/model/metrics.h.
 *
 * A reading first looks which series moved since the one before it and
 * stamps those with the next generation.  Generations start at the time of
 * the first reading, so that none of an engine's is one of its predecessor's.
 */
#include <string.h>

#include "proxy/telemetry/stats_priv.h"
#include "src/base/json.h"

static uint64_t
activity(const struct stats_set *set, const struct series *one)
{
	uint64_t n = 0;

	for (unsigned w = 0; w < set->worker_count; w++) {
		const void *slot = atomic_load(&one->slots[w]);

		if (slot == NULL)
			continue;
		n += one->key.is_tcp ? counter_read(&((const struct tcp_counts *)slot)->reports)
				     : counter_read(&((const struct http_counts *)slot)->requests);
	}
	return n;
}

/* Under the lock. */
static void
look(struct stats_set *set, int64_t wall_ms)
{
	uint64_t next = set->generation + 1;
	bool any = false;

	if (set->generation == 0) {
		next = wall_ms > 0 ? (uint64_t)wall_ms : 1;
		any = true;
	}
	for (size_t i = 0; i < set->series.len; i++) {
		struct series *one = set->series.items[i];
		uint64_t now = activity(set, one);

		if (now == one->seen)
			continue;
		one->seen = now;
		one->changed = next;
		if (one->made == 0)
			one->made = next;
		any = true;
	}
	if (any)
		set->generation = next;
}

static void
put_labels(struct json_writer *w, const struct series *one)
{
	json_open(w, "labels", '[');
	for (unsigned l = 0; l < LABEL_COUNT; l++)
		json_string(w, NULL, one->key.labels[l]);
	json_close(w, ']');
}

static void
put_buckets(struct json_writer *w, const char *key, const uint64_t buckets[METRIC_BUCKETS])
{
	uint64_t any = 0;

	for (unsigned b = 0; b < METRIC_BUCKETS; b++)
		any |= buckets[b];
	if (any == 0)
		return;
	json_open(w, key, '[');
	for (unsigned b = 0; b < METRIC_BUCKETS; b++)
		json_uint(w, NULL, buckets[b]);
	json_close(w, ']');
}

static void
put_fine(struct json_writer *w, const uint32_t fine[LOGHIST_BUCKETS])
{
	json_open(w, "fine", '[');
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++) {
		if (fine[i] == 0)
			continue;
		json_open(w, NULL, '[');
		json_uint(w, NULL, i);
		json_uint(w, NULL, fine[i]);
		json_close(w, ']');
	}
	json_close(w, ']');
}

static void
put_sum(struct json_writer *w, const char *key, uint64_t sum)
{
	json_open(w, key, '{');
	json_uint(w, "sum", sum);
	json_close(w, '}');
}

static void
put_http(struct json_writer *w, const struct stats_set *set, const struct series *one)
{
	struct http_totals t;

	memset(&t, 0, sizeof(t));
	stats_sum_http(set, one, &t);
	json_uint(w, "requests", t.requests);
	json_open(w, "duration", '{');
	json_double(w, "sum", (double)t.sums[HIST_DURATION] / 1000.0, 3);
	put_buckets(w, "buckets", t.buckets[HIST_DURATION]);
	put_fine(w, t.fine);
	json_close(w, '}');
	put_sum(w, "request_bytes", t.sums[HIST_REQUEST_BYTES]);
	put_sum(w, "response_bytes", t.sums[HIST_RESPONSE_BYTES]);
	put_buckets(w, "request_sizes", t.buckets[HIST_REQUEST_BYTES]);
	put_buckets(w, "response_sizes", t.buckets[HIST_RESPONSE_BYTES]);
}

static void
put_tcp(struct json_writer *w, const struct stats_set *set, const struct series *one)
{
	struct tcp_totals t = { 0 };

	stats_sum_tcp(set, one, &t);
	json_uint(w, "opened", t.opened);
	json_uint(w, "closed", t.closed);
	json_uint(w, "sent", t.sent);
	json_uint(w, "received", t.received);
}

static void
put_series(struct json_writer *w, const struct stats_set *set, const struct series *one,
	   bool with_labels)
{
	json_open(w, NULL, '{');
	json_uint(w, "id", one->id);
	json_string(w, "type", one->key.is_tcp ? "tcp" : "http");
	json_bool(w, "mirrored", one->key.is_mirrored);
	if (with_labels)
		put_labels(w, one);
	if (one->key.is_tcp)
		put_tcp(w, set, one);
	else
		put_http(w, set, one);
	json_close(w, '}');
}

uint64_t
stats_put_telemetry(struct stats_set *set, uint64_t since, int64_t wall_ms, struct buf *out)
{
	struct json_writer w;
	uint64_t generation;

	pthread_mutex_lock(&set->lock);
	look(set, wall_ms);
	generation = set->generation;
	if (since > generation)
		since = 0;
	json_begin(&w, out, false);
	json_open(&w, NULL, '{');
	json_string(&w, "engine", set->engine_id);
	json_uint(&w, "generation", generation);
	json_int(&w, "time_ms", wall_ms);
	json_open(&w, "series", '[');
	for (size_t i = 0; i < set->series.len; i++) {
		const struct series *one = set->series.items[i];

		if (one->changed > since)
			put_series(&w, set, one, one->made > since);
	}
	json_close(&w, ']');
	json_close(&w, '}');
	pthread_mutex_unlock(&set->lock);
	return generation;
}
