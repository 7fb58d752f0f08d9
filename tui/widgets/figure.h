/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures for a screen: always the same number of cells, so that a change
 * costs digits and never moves anything.
 */
#ifndef MESHTOP_TUI_FIGURE_H
#define MESHTOP_TUI_FIGURE_H

#include <stddef.h>
#include <stdint.h>

struct buf;

#define FIGURE_CELLS 4

/* Four cells: "0.27", "12.3", " 123", "1.2k", " 12k", "1.2M"; " n/a" for NaN
 * and infinities, "   0" for zero. */
void figure_put(struct buf *out, double v);
/* Requests per second: "0.27/s". */
void figure_rate(struct buf *out, double per_s);
/* Bytes per second in Kiali's words and steps of 1024, 6 cells: " 65bps",
 * "1.2kps". */
void figure_bytes(struct buf *out, double bytes_per_s);
/* Milliseconds, 6 cells: "  42ms", " 1.25s"; "   n/a" when negative or NaN. */
void figure_time(struct buf *out, double ms);
/* Four cells: "0.4%", " 12%", "100%"; "   -" when negative or NaN. */
void figure_percent(struct buf *out, double share);
/* Age for people: "3s", "2m05s", "4h12m". */
void figure_age(struct buf *out, int64_t ms);
/* Length of a time window: "1m", "90s", "2h". */
void figure_window(struct buf *out, unsigned seconds);

#endif
