/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the stats share: series, their counters, label texts.
 * Private to proxy/stats*.c.
 *
 * A series exists once; each worker has a slot of counters for it.  Only its
 * worker writes a slot, with relaxed atomics; series are made under the
 * lock of the set.
 */
#ifndef MESHTOP_PROXY_STATS_PRIV_H
#define MESHTOP_PROXY_STATS_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "proxy/telemetry/stats.h"
#include "src/base/loghist.h"
#include "src/base/vec.h"
#include "src/model/metrics.h"

typedef _Atomic uint64_t counter;

/* Fine histograms are sparse: one block of counts for each power of two. */
#define FINE_BLOCK (1u << LOGHIST_SUB_BITS)
#define FINE_BLOCKS (LOGHIST_BUCKETS / FINE_BLOCK)

enum histogram { HIST_DURATION, HIST_REQUEST_BYTES, HIST_RESPONSE_BYTES, HIST_COUNT };

struct fine_block {
	_Atomic uint32_t counts[FINE_BLOCK];
};

struct http_counts {
	counter requests;
	counter sums[HIST_COUNT];		/* microseconds, bytes, bytes */
	counter buckets[HIST_COUNT][METRIC_BUCKETS];
	struct fine_block *_Atomic fine[FINE_BLOCKS];	/* of microseconds; NULL: zeros */
};

struct tcp_counts {
	counter opened, closed, sent, received;
	counter reports;			/* records counted */
};

/* What identifies a series: interned label texts and what it counts. */
struct series_key {
	const char *labels[LABEL_COUNT];	/* "" where TCP has no such label */
	uint64_t is_tcp, is_mirrored;
};

struct series {
	struct series_key key;
	unsigned id;				/* from 1, in order of creation */
	struct series *twin;			/* equal but for is_mirrored; NULL */
	uint64_t seen;				/* activity at the last reading */
	uint64_t before_reset;			/* requests; see stats_reset_http() */
	uint64_t made, changed;			/* generations */
	UT_hash_handle hh;
	void *_Atomic slots[];			/* by worker: struct http_counts or tcp_counts */
};

struct label_text {
	UT_hash_handle hh;
	char text[];
};

struct stats_set {
	char engine_id[17];
	unsigned worker_count;
	struct stats **workers;
	pthread_mutex_t lock;			/* of all below */
	struct label_text *texts;
	struct series *index;
	VEC(struct series *) series;		/* by id */
	unsigned host_count;			/* distinct Host values in labels */
	struct label_text *hosts;		/* them */
	const char *cluster_id, *trust_domain;	/* interned */
	uint64_t generation;			/* of the last change; 0: never read */
};

/* One copy of each text, sanitized, for the life of the set. */
const char *stats_intern(struct stats_set *set, const char *text, size_t len);

/* Fills in the labels by the rules of spec/dataplane.md 7.  Under the lock. */
void stats_labels(struct stats_set *set, const struct record *r, struct series_key *key);
/* What is counted when there are too many series. */
void stats_labels_overflow(struct stats_set *set, const struct record *r,
			   struct series_key *key);

/* Does the proxy "WORKLOAD.NS" report it? */
bool stats_series_is_of(const struct series *one, const char *proxy);

/* Sums of a series over all workers. */
struct http_totals {
	uint64_t requests, sums[HIST_COUNT], buckets[HIST_COUNT][METRIC_BUCKETS];
	uint32_t fine[LOGHIST_BUCKETS];
};
struct tcp_totals {
	uint64_t opened, closed, sent, received, reports;
};

/* Both add to out. */
void stats_sum_http(const struct stats_set *set, const struct series *one,
		    struct http_totals *out);
void stats_sum_tcp(const struct stats_set *set, const struct series *one,
		   struct tcp_totals *out);

static inline uint64_t
counter_read(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
