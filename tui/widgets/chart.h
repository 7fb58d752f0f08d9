/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chart of figures over time: axes with units, legend, marks where the
 * configuration changed, and a cursor that reads the figures.
 *
 * One line is drawn as bars, several as lines whose letters stand in the
 * legend and in the line, so that no colour is needed.  Draws into any area;
 * 40x8 is enough for all its parts.
 */
#ifndef MESHTOP_TUI_WIDGETS_CHART_H
#define MESHTOP_TUI_WIDGETS_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/telemetry/metrics.h"
#include "tui/term/canvas.h"

struct buf;

#define CHART_LINES 8		/* more are counted, not drawn */
#define CHART_NO_CURSOR SIZE_MAX

struct chart_line {
	const char *name;
	const double *values;	/* one a step; NAN is a gap */
	bool is_bad;		/* errors: in the style of what went wrong */
};

struct chart_mark {
	int64_t time_ms;
	const char *text;	/* "change 3: VirtualService travels" */
};

struct chart {
	const char *title;
	enum metric_unit unit;
	int64_t from_ms, step_ms;
	size_t count;		/* steps */
	const struct chart_line *lines;
	size_t line_count;
	const struct chart_mark *marks;
	size_t mark_count;
	size_t cursor;		/* step, or CHART_NO_CURSOR */
	bool is_chosen;		/* among several on a page */
};

/* Texts must be sanitized. */
void chart_draw(struct area a, const struct chart *c);
/* A figure with its unit, without padding: "0.27/s", "42ms", "1.2kb/s". */
void chart_figure(struct buf *out, enum metric_unit unit, double v);
/* Steps that a chart of that width can show apart: for the query. */
size_t chart_points(unsigned cols);

#endif
