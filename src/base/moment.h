/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moments of the past as people write them.
 */
#ifndef MESHTOP_BASE_MOMENT_H
#define MESHTOP_BASE_MOMENT_H

#include <stdint.h>

struct error;

/* "90s", "5m", "1.5h", "2h30m", "1d", "1w" in ms; 0 for anything else. */
int64_t moment_span_ms(const char *s);
/* The same as a window of time, in whole seconds; 0 for less than one, for more
 * than 30 days and for anything else. */
unsigned moment_window_s(const char *s);
/* "17:03", "17:03:20", with "2026-11-24T" before: local time as Unix ms; -1 for
 * anything else and for a date that is still to come.  A time of day that is
 * still to come was yesterday. */
int moment_of_day(const char *s, int64_t now_ms, int64_t *at_ms, struct error *err);
/* The same, or a span ago: "5m", "-5m", "5m ago". */
int moment_parse(const char *s, int64_t now_ms, int64_t *at_ms, struct error *err);

#endif
