/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Istio's metric vocabulary and the records in which telemetry travels from
 * an engine to a series store.
 *
 * Wire form (GET /telemetry?since=G on the admin socket, and one line of the
 * ring file .meshtop/telemetry each second): one JSON object
 *
 *   {"engine": "ID",        changes when the engine restarts: counters begin anew
 *    "generation": N,       pass as since= next time
 *    "time_ms": T,          Unix time of the reading
 *    "series": [...]}       those that changed since G
 *
 * with a series, all figures cumulative since the engine's start:
 *
 *   {"id": 7, "type": "http", "mirrored": false,
 *    "labels": ["source", "voyages", ...],   order of metrics.tbl; only the first
 *                                            time after G (or in the file)
 *    "requests": 120,
 *    "duration": {"sum": 1234.5, "buckets": [..20 plain counts..], "fine": [[index, count], ...]},
 *    "request_bytes": {"sum": 70800}, "response_bytes": {"sum": 384000},
 *    "request_sizes": [..20..], "response_sizes": [..20..]}
 *   {"id": 9, "type": "tcp", "labels": [...], "opened": 3, "closed": 2,
 *    "sent": 5000, "received": 300}
 *
 * duration.sum is in milliseconds; fine counts use loghist.h over
 * microseconds; bucket arrays are per bucket (not cumulative), the last one
 * +Inf, absent when all zero.
 */
#ifndef MESHTOP_MODEL_METRICS_H
#define MESHTOP_MODEL_METRICS_H

#include <stdbool.h>

#include "src/base/slice.h"

enum metric_label {
#define METRIC_LABEL(id, name, on_tcp) LABEL_##id,
#include "src/model/metrics.tbl"
#undef METRIC_LABEL
	LABEL_COUNT,
};

/* Upper bounds of Istio's histograms; the 20th bucket is +Inf. */
#define METRIC_BOUNDS 19
#define METRIC_BUCKETS (METRIC_BOUNDS + 1)
extern const double metric_bounds[METRIC_BOUNDS];

const char *metric_label_name(enum metric_label l);
bool metric_label_on_tcp(enum metric_label l);
/* Of the service that was called; what its own label does not know, the host
 * NAME.NS.svc... says, else "unknown".  Borrowed from the labels. */
struct slice metric_service_namespace(const char *const *labels);
/* Bucket of a value: index of the first bound >= v, METRIC_BOUNDS above all. */
unsigned metric_bucket(double v);

#endif
