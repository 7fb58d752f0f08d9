/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time as a parameter: the system's clock, or a test's.
 */
#ifndef MESHTOP_BASE_CLOCK_H
#define MESHTOP_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	uint64_t (*mono_ns)(const struct clock *c);	/* monotonic; never 0 */
	int64_t (*wall_ms)(const struct clock *c);	/* Unix time, milliseconds */
};

extern const struct clock clock_system;

static inline uint64_t
clock_mono_ns(const struct clock *c)
{
	return c->mono_ns(c);
}

static inline int64_t
clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c);
}

#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull

/* ISO 8601 UTC with milliseconds: 2026-11-25T15:04:05.123Z; 25 bytes with NUL. */
#define CLOCK_ISO_BYTES 25
void clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_BYTES]);
/* Reads it back, with or without milliseconds; 0 for anything else and NULL. */
int64_t clock_parse_iso(const char *text);

#endif
