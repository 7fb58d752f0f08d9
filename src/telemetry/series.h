/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The series store: cumulative readings of Istio's metrics over time, and
 * increases over a window.
 *
 * Fed with telemetry objects (src/model/metrics.h) from an engine's admin
 * socket or from the ring file; bounded: at most SERIES_MAX_BYTES, older
 * readings are thinned to 15 s steps, then dropped.  Texts of labels are
 * sanitized; of those beyond 1 KiB the middle is replaced by a hash.
 */
#ifndef MESHTOP_TELEMETRY_SERIES_H
#define MESHTOP_TELEMETRY_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/loghist.h"
#include "src/base/slice.h"
#include "src/model/metrics.h"

struct error;
struct series_store;

#define SERIES_MAX_BYTES (6u << 20)

struct series_store *series_new(void);
void series_free(struct series_store **sp);
/* Another maximum than SERIES_MAX_BYTES. */
void series_set_most(struct series_store *s, size_t bytes);

/* One telemetry object.  A changed engine id begins counters anew without a
 * negative increase.  -1 and err when it is not one; the store is unchanged.
 * Single series that cannot be read are left out. */
int series_feed(struct series_store *s, const char *json, size_t len, struct error *err);
/* The same in parts, between which others may read the store: until the last one
 * its newest reading stays the one before. */
struct telemetry {
	struct buf engine;
	int64_t time_ms, generation;
	struct slice series;		/* that are left; borrowed from the text */
	bool is_begun, is_baseline;
};
int telemetry_read(struct telemetry *t, const char *json, size_t len, struct error *err);
/* Feeds at most so many series; false: that was the last part, and t is gone. */
bool series_feed_part(struct series_store *s, struct telemetry *t, size_t most);
/* All lines of a ring file; torn lines are skipped. */
int series_feed_file(struct series_store *s, const char *path, struct error *err);
uint64_t series_generation(const struct series_store *s);	/* for since= */
int64_t series_newest_ms(const struct series_store *s);		/* 0: nothing yet */
int64_t series_oldest_ms(const struct series_store *s);
size_t series_count(const struct series_store *s);

/* Increase of one series over a window. */
struct series_delta {
	bool is_tcp, is_mirrored;
	const char *const *labels;		/* LABEL_COUNT texts; "" on TCP where absent */
	double requests;
	double duration_sum_ms;
	double duration_buckets[METRIC_BUCKETS];	/* Istio's, per bucket */
	uint32_t fine[LOGHIST_BUCKETS];		/* microseconds, see loghist.h */
	double request_bytes, response_bytes;
	double request_sizes[METRIC_BUCKETS], response_sizes[METRIC_BUCKETS];
	double opened, closed, sent, received;
};

/*
 * Calls back for every series with an increase between from_ms and to_ms
 * (interpolating nothing: readings at or before each end are taken), also
 * for those without one when with_idle.  *window_s gets the span that the
 * data really covers: never more than the mesh's life, and without the time
 * between an engine's last reading and the next engine's first.
 */
void series_window(const struct series_store *s, int64_t from_ms, int64_t to_ms,
		   bool with_idle, double *window_s,
		   void (*each)(const struct series_delta *d, void *arg), void *arg);

/*
 * The same in count steps of step_ms from from_ms on: a reading at T belongs
 * to the step that ends at or after T.  wanted is asked once a series, with
 * type and labels only; each is called for every step with an increase.
 */
void series_steps(const struct series_store *s, int64_t from_ms, int64_t step_ms, size_t count,
		  bool (*wanted)(const struct series_delta *d, void *arg),
		  void (*each)(const struct series_delta *d, size_t step, void *arg), void *arg);

/* True quantile q (0..1) in milliseconds from fine counts; -1 when empty. */
double fine_quantile_ms(const uint32_t fine[LOGHIST_BUCKETS], double q);
/* As Prometheus' histogram_quantile over Istio's buckets; -1 when empty. */
double bucket_quantile(const double buckets[METRIC_BUCKETS], double q);

#endif
