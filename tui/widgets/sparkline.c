/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sparklines.
 */
#include "tui/widgets/sparkline.h"

#include <math.h>

#include "src/base/buf.h"

const char *
eighth_glyph(enum glyph_level level, unsigned eighths)
{
	static const char *const unicode[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "#" };

	eighths = eighths > 8 ? 8 : eighths;
	return level != GLYPHS_UNICODE ? ascii[eighths] : unicode[eighths];
}

/* The mean of the values that fall into cell i of cells. */
static double
value_of_cell(const double *values, size_t count, size_t cells, size_t i)
{
	size_t from = i * count / cells, to = (i + 1) * count / cells, known = 0;
	double sum = 0;

	for (size_t v = from; v < (to > from ? to : from + 1) && v < count; v++) {
		if (isnan(values[v]))
			continue;
		sum += values[v];
		known++;
	}
	return known > 0 ? sum / (double)known : (double)NAN;
}

void
sparkline_put(struct buf *out, enum glyph_level level, const double *values, size_t count,
	      size_t cells, double top)
{
	size_t used = count < cells ? count : cells;

	for (size_t i = 0; i < used; i++) {
		double v = value_of_cell(values, count, used, i);

		top = v > top ? v : top;
	}
	buf_fill(out, ' ', cells - used);
	for (size_t i = 0; i < used; i++) {
		double v = value_of_cell(values, count, used, i);

		if (isnan(v) || !(v > 0) || !(top > 0))
			buf_puts(out, eighth_glyph(level, 0));
		else
			buf_puts(out, eighth_glyph(level, 1 + (unsigned)(v / top * 7)));
	}
}
