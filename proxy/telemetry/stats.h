/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of Istio's standard metrics and their readings.
 *
 * Each worker writes its own counters without locks; readings merge all
 * workers.  The cost of stats_add() is a hash probe and a few increments:
 * a small cache leads from the pointers of a record to its counters, and
 * only a new combination builds labels.  Series are made on first use, live
 * for the engine's life and are bounded (STATS_MAX_SERIES, STATS_MAX_HOSTS):
 * what would be one more is counted under labels that say "unknown".
 *
 * Envoy's cluster counters are figures of the engine, see cluster_stats.h.
 */
#ifndef MESHTOP_PROXY_STATS_H
#define MESHTOP_PROXY_STATS_H

#include <stdbool.h>
#include <stdint.h>

#define STATS_MAX_SERIES 16384	/* 5,000 edges, both reporters, some with errors */
#define STATS_MAX_HOSTS 512	/* destination_service taken from a Host field */

struct buf;
struct mesh;
struct record;
struct regex;
struct stats;
struct stats_set;

/* All workers' stats of one engine. */
struct stats_set *stats_set_new(unsigned workers);
void stats_set_free(struct stats_set **sp);
struct stats *stats_of_worker(struct stats_set *set, unsigned worker);
/* Differs from start to start; the "engine" of telemetry. */
const char *stats_engine_id(const struct stats_set *set);

/*
 * The worker takes a configuration over.  To be called each time: the cache
 * knows objects of the mesh by address, and addresses of a mesh that is gone
 * come back in a later one.  m is not kept.
 */
void stats_use_mesh(struct stats *s, const struct mesh *m);
/* Counts one finished exchange (or a TCP report, see is_interim).  The copy
 * of a mirrored request is not counted at its source, as in Istio. */
void stats_add(struct stats *s, const struct record *r);

/* Which metrics. */
struct stats_choice {
	const struct regex *filter;	/* of names; NULL: any */
	bool used_only;			/* counters that have counted */
	bool has_counters, has_gauges, has_histograms;
};
/* Readings, on the main worker. proxy: "WORKLOAD.NS" (only what that proxy
 * reports) or NULL for all summed; choice NULL: all metrics.  There are none
 * but used ones. */
void stats_put_prometheus(struct stats_set *set, const char *proxy,
			  const struct stats_choice *choice, struct buf *out);
/* Requests that have ended, as one workload's proxies report them. */
struct stats_http {
	bool is_outbound;
	const char *workload, *ns;	/* which */
	const char *code, *flags;	/* labels of the metric */
	uint64_t requests;
};
/* A reading of all; a workload comes as often as it has such labels. */
void stats_each_http(struct stats_set *set, void (*visit)(void *arg, const struct stats_http *r),
		     void *arg);
void stats_reset_http(struct stats_set *set);	/* the next ones count from now */
/* The telemetry object of src/model/metrics.h; returns its generation, which
 * is the since of the next reading and stays equal while nothing changes.  A
 * since of another engine's counts as 0. */
uint64_t stats_put_telemetry(struct stats_set *set, uint64_t since, int64_t wall_ms,
			     struct buf *out);

#endif
