/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures over time in one line of text.
 */
#ifndef MESHTOP_TUI_WIDGETS_SPARKLINE_H
#define MESHTOP_TUI_WIDGETS_SPARKLINE_H

#include <stddef.h>

#include "src/topology/layout.h"

struct buf;

/* Heights of one cell, in eighths: 0 a blank, 8 full. */
const char *eighth_glyph(enum glyph_level level, unsigned eighths);
/* Appends exactly cells cells: the newest values at the right end, the largest
 * one (at least top) full.  NAN is a gap. */
void sparkline_put(struct buf *out, enum glyph_level level, const double *values, size_t count,
		   size_t cells, double top);

#endif
