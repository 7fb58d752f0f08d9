/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log-linear histogram: exact to 1/16 (6 %) over the whole range of uint32,
 * 464 buckets, one increment per sample.  Engine, telemetry and screens share
 * the bucket numbering, so that true quantiles survive the wire.
 */
#ifndef MESHTOP_BASE_LOGHIST_H
#define MESHTOP_BASE_LOGHIST_H

#include <stddef.h>
#include <stdint.h>

#define LOGHIST_SUB_BITS 4	/* 16 buckets per power of two */
#define LOGHIST_BUCKETS ((32 - LOGHIST_SUB_BITS + 1) << LOGHIST_SUB_BITS)

/* One bucket that is not empty; of a histogram in order of the index. */
struct fine_count {
	uint16_t index;
	uint32_t count;
};

static inline unsigned
loghist_index(uint32_t v)
{
	unsigned shift;

	if (v < (1u << LOGHIST_SUB_BITS))
		return v;
	shift = 31u - (unsigned)__builtin_clz(v) - LOGHIST_SUB_BITS;
	return ((shift + 1) << LOGHIST_SUB_BITS) + ((v >> shift) & ((1u << LOGHIST_SUB_BITS) - 1));
}

/* Smallest value of a bucket; the bucket ends before loghist_low(index + 1). */
static inline uint64_t
loghist_low(unsigned index)
{
	unsigned shift = index >> LOGHIST_SUB_BITS;
	uint64_t sub = index & ((1u << LOGHIST_SUB_BITS) - 1);

	if (shift == 0)
		return sub;
	return (sub + (1u << LOGHIST_SUB_BITS)) << (shift - 1);
}

#endif
