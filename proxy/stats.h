/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters: Istio's standard metrics, Envoy's cluster counters, and their
 * readings in all formats of the admin socket.
 *
 * One instance per worker, written without locks by that worker; readings
 * merge all workers.  The cost of stats_add() is a hash probe and a few
 * increments; series are made on first use and live for the engine's life.
 */
#ifndef MESHTOP_PROXY_STATS_H
#define MESHTOP_PROXY_STATS_H

#include <stdint.h>

struct buf;
struct mesh;
struct record;
struct slice;
struct stats;
struct stats_set;

/* All workers' stats of one engine. */
struct stats_set *stats_set_new(unsigned workers);
void stats_set_free(struct stats_set **sp);
struct stats *stats_of_worker(struct stats_set *set, unsigned worker);

/* Counts one finished exchange (or a TCP report, see is_interim). */
void stats_add(struct stats *s, const struct record *r);

/* Readings, on the main worker. proxy: "WORKLOAD.NS" or NULL for all summed. */
void stats_put_prometheus(struct stats_set *set, const struct mesh *m, const char *proxy,
			  struct buf *out);
/* The telemetry object of src/model/metrics.h; returns the new generation. */
uint64_t stats_put_telemetry(struct stats_set *set, uint64_t since, int64_t wall_ms,
			     struct buf *out);

#endif
