/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Samples of one series, and their packed form.
 *
 * A packed sample of a quiet second takes about twenty bytes: numbers of
 * variable length, histograms as gaps and counts.
 */
#ifndef MESHTOP_TELEMETRY_PACK_H
#define MESHTOP_TELEMETRY_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/loghist.h"
#include "src/base/vec.h"
#include "src/model/metrics.h"

struct series_delta;
struct value;

/* Counters of the wire form; requests..received in this order when packed. */
enum sample_field {
	SAMPLE_REQUESTS, SAMPLE_DURATION_US, SAMPLE_REQUEST_BYTES, SAMPLE_RESPONSE_BYTES,
	SAMPLE_OPENED, SAMPLE_CLOSED, SAMPLE_SENT, SAMPLE_RECEIVED, SAMPLE_FIELDS,
};

struct sample {
	uint64_t field[SAMPLE_FIELDS];
	uint64_t buckets[METRIC_BUCKETS];		/* of durations */
	uint64_t request_sizes[METRIC_BUCKETS], response_sizes[METRIC_BUCKETS];
	VEC(struct fine_count) fine;	/* by index */
};

void sample_fini(struct sample *s);
void sample_read(struct sample *s, const struct value *series);	/* one of metrics.h */
/* *out = now - before; false when nothing was added.  A counter that went
 * back counts from zero. */
bool sample_subtract(struct sample *out, const struct sample *now, const struct sample *before);

struct packed {
	uint8_t *bytes;
	uint32_t len;
};

void packed_make(struct packed *p, const struct sample *s);
void sample_unpack(struct sample *s, const struct packed *p);	/* into an empty one */
void packed_fini(struct packed *p);
size_t packed_bytes(const struct packed *p);	/* memory it takes */
void packed_join(struct packed *to, const struct packed *more);
void packed_sum(const struct packed *p, struct series_delta *d);	/* adds to d */

#endif
