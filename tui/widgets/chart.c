/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts.
 */
#include "tui/widgets/chart.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/sparkline.h"

#define AXIS_CELLS 7		/* figures and the axis itself */
#define TIME_GAP 6u		/* cells between times */
#define LETTER_EVERY 12		/* cells between the letters of a line */
#define FULL_ROWS 7		/* below: no times */

struct plot {
	const struct chart *chart;
	struct area area;	/* where figures are drawn, without axes */
	size_t shown;		/* lines drawn */
	double top;		/* value at the upper edge */
};

void
chart_figure(struct buf *out, enum metric_unit unit, double v)
{
	static const char *const suffixes[UNIT_COUNT] = {
		[UNIT_REQUESTS] = "/s", [UNIT_BYTES] = "B", [UNIT_BITS] = "b/s",
		[UNIT_CONNECTIONS] = "/s", [UNIT_TIME] = "",
	};
	struct buf b = BUF_INIT;

	if (unit == UNIT_TIME)
		figure_time(&b, v);
	else
		figure_put(&b, v);
	buf_puts(out, buf_str(&b) + strspn(buf_str(&b), " "));
	if (isfinite(v))
		buf_puts(out, suffixes[unit]);
	buf_fini(&b);
}

/* Clock time, in UTC as logs have it: "16:20:04". */
static void
chart_clock(struct buf *out, int64_t time_ms)
{
	time_t t = (time_t)(time_ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_printf(out, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

size_t
chart_points(unsigned cols)
{
	return cols > AXIS_CELLS + 10 ? cols - AXIS_CELLS : 10;
}

/* The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten. */
static double
round_up(double v)
{
	static const double steps[] = { 1, 1.5, 2, 3, 4, 5, 6, 8, 10 };
	double power;

	if (!(v > 0))
		return 1;
	power = pow(10, floor(log10(v)));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i] * power >= v * 0.999999)
			return steps[i] * power;
	}
	return v;
}

static double
largest(const struct chart *c, size_t lines)
{
	double most = 0;

	for (size_t l = 0; l < lines; l++) {
		for (size_t i = 0; i < c->count; i++)
			most = c->lines[l].values[i] > most ? c->lines[l].values[i] : most;
	}
	return most;
}

/* The steps behind column x of the plot: [*from, *to). */
static void
steps_of_column(const struct plot *p, unsigned x, size_t *from, size_t *to)
{
	*from = (size_t)x * p->chart->count / p->area.cols;
	*to = (size_t)(x + 1) * p->chart->count / p->area.cols;
	*to = *to > *from ? *to : *from + 1;
}

/* The first column that shows the step. */
static unsigned
column_of_step(const struct plot *p, size_t step)
{
	return (unsigned)((step * p->area.cols + p->chart->count - 1) / p->chart->count);
}

static double
value_at(const struct plot *p, const struct chart_line *line, unsigned x)
{
	size_t from, to, known = 0;
	double sum = 0;

	steps_of_column(p, x, &from, &to);
	for (size_t i = from; i < to && i < p->chart->count; i++) {
		if (isnan(line->values[i]))
			continue;
		sum += line->values[i];
		known++;
	}
	return known > 0 ? sum / (double)known : (double)NAN;
}

static unsigned
line_style(const struct chart *c, size_t line)
{
	static const unsigned styles[] = {
		STYLE_ACCENT, STYLE_GOOD, STYLE_WARN, STYLE_MIRROR, STYLE_TCP, STYLE_PLAIN,
		STYLE_SERVICE, STYLE_BOLD,
	};

	return c->lines[line].is_bad ? STYLE_BAD : styles[line % CHART_LINES];
}

static void
draw_bars(const struct plot *p)
{
	enum glyph_level level = p->area.canvas->glyphs;
	unsigned rows = p->area.rows;

	for (unsigned x = 0; x < p->area.cols; x++) {
		double v = value_at(p, &p->chart->lines[0], x);
		unsigned eighths;

		if (isnan(v) || !(v > 0))
			continue;
		eighths = (unsigned)(v / p->top * rows * 8 + 0.5);
		eighths = eighths == 0 ? 1 : eighths;
		for (unsigned row = 0; row < rows && eighths > 0; row++) {
			unsigned here = eighths > 8 ? 8 : eighths;

			area_put(p->area, x, rows - 1 - row, line_style(p->chart, 0),
				 eighth_glyph(level, here));
			eighths -= here;
		}
	}
}

static int
row_of_value(const struct plot *p, double v)
{
	int rows = (int)p->area.rows, row;

	if (isnan(v))
		return -1;
	row = rows - 1 - (int)(v / p->top * (rows - 1) + 0.5);
	return row < 0 ? 0 : row >= rows ? rows - 1 : row;
}

/* The turn from one row to another: the glyphs of a rounded line. */
static void
draw_turn(const struct plot *p, unsigned x, int before, int row, unsigned style)
{
	enum glyph_level level = p->area.canvas->glyphs;
	bool is_up = row < before;
	int low = is_up ? row : before, high = is_up ? before : row;

	for (int y = low + 1; y < high; y++)
		area_put(p->area, x, (unsigned)y, style, glyph(level, GLYPH_VLINE));
	area_put(p->area, x, (unsigned)before, style,
		 glyph(level, is_up ? GLYPH_BOTTOM_RIGHT : GLYPH_TOP_RIGHT));
	area_put(p->area, x, (unsigned)row, style,
		 glyph(level, is_up ? GLYPH_TOP_LEFT : GLYPH_BOTTOM_LEFT));
}

static void
draw_line(const struct plot *p, size_t line)
{
	unsigned style = line_style(p->chart, line);
	int before = -1;

	for (unsigned x = 0; x < p->area.cols; x++) {
		int row = row_of_value(p, value_at(p, &p->chart->lines[line], x));

		if (row >= 0 && before >= 0 && row != before)
			draw_turn(p, x, before, row, style);
		else if (row >= 0)
			area_put(p->area, x, (unsigned)row, style,
				 glyph(p->area.canvas->glyphs, GLYPH_HLINE));
		before = row;
	}
}

/* Letters stand where all lines are already drawn, each line's at columns of
 * its own, so that lines on top of each other show both. */
static void
draw_letters(const struct plot *p, size_t line)
{
	unsigned style = line_style(p->chart, line), end = p->area.cols;
	unsigned first = (unsigned)(line * LETTER_EVERY / p->shown);
	char letter[2] = { (char)('a' + line), '\0' };

	for (unsigned x = first; x < end; x += LETTER_EVERY) {
		int row = row_of_value(p, value_at(p, &p->chart->lines[line], x));

		if (row >= 0)
			area_put(p->area, x, (unsigned)row, style, letter);
	}
}

/* Letters alone; lines on top of each other take turns. */
static void
draw_ascii_lines(const struct plot *p)
{
	for (unsigned x = 0; x < p->area.cols; x++) {
		for (size_t i = 0; i < p->shown; i++) {
			size_t line = (i + x) % p->shown;
			int row = row_of_value(p, value_at(p, &p->chart->lines[line], x));
			char letter[2] = { (char)('a' + line), '\0' };

			if (row >= 0)
				area_put(p->area, x, (unsigned)row, line_style(p->chart, line), letter);
		}
	}
}

static void
draw_values(const struct plot *p)
{
	if (p->shown == 1) {
		draw_bars(p);
	} else if (p->area.canvas->glyphs == GLYPHS_ASCII) {
		draw_ascii_lines(p);
	} else {
		for (size_t l = p->shown; l > 0; l--)
			draw_line(p, l - 1);
		for (size_t l = 0; l < p->shown; l++)
			draw_letters(p, l);
	}
}

static bool
is_free(const struct plot *p, unsigned x, unsigned row)
{
	return canvas_at(p->area.canvas, p->area.col + x, p->area.row + row)->glyph == ' ';
}

static void
draw_upright(const struct plot *p, unsigned x, unsigned style, const char *text)
{
	for (unsigned row = 0; row < p->area.rows; row++) {
		if (is_free(p, x, row))
			area_put(p->area, x, row, style, text);
	}
}

/* The step in which the time lies, CHART_NO_CURSOR outside. */
static size_t
step_of_time(const struct chart *c, int64_t time_ms)
{
	int64_t at = time_ms - c->from_ms - 1;

	if (at < 0 || at / c->step_ms >= (int64_t)c->count)
		return CHART_NO_CURSOR;
	return (size_t)(at / c->step_ms);
}

/* The title has the unit; only times carry their own. */
static void
put_axis_figure(struct buf *out, enum metric_unit unit, double v)
{
	if (unit == UNIT_TIME)
		figure_time(out, v);
	else
		figure_put(out, v);
}

static void
draw_axes(const struct plot *p, struct area a, unsigned first)
{
	enum glyph_level level = a.canvas->glyphs;
	unsigned rows = p->area.rows;
	struct buf b = BUF_INIT;

	for (unsigned row = 0; row < rows; row++) {
		/* bars are read at their upper edges, lines at their rows */
		unsigned steps = p->shown == 1 ? rows : rows > 1 ? rows - 1 : 1;

		area_put(a, AXIS_CELLS - 1, first + row, UI_BORDER, glyph(level, GLYPH_TICK));
		if (row != 0 && !(row == rows / 2 && rows >= 5))
			continue;
		buf_clear(&b);
		put_axis_figure(&b, p->chart->unit, p->top * (double)(steps - row) / steps);
		area_put_right(a, AXIS_CELLS - 1, first + row, STYLE_DIM, buf_str(&b));
	}
	area_put_right(a, AXIS_CELLS - 1, first + rows, STYLE_DIM, "0");
	area_put(a, AXIS_CELLS - 1, first + rows, UI_BORDER, glyph(level, GLYPH_BOTTOM_LEFT));
	for (unsigned x = 0; x < p->area.cols; x++)
		area_put(a, AXIS_CELLS + x, first + rows, UI_BORDER, glyph(level, GLYPH_HLINE));
	buf_fini(&b);
}

static void
draw_times(const struct plot *p, struct area a, unsigned row)
{
	const struct chart *c = p->chart;
	unsigned end = a.cols;
	struct buf b = BUF_INIT;

	/* from the newest backwards, each at the end of its step */
	for (size_t step = c->count; step > 0; step--) {
		unsigned x = AXIS_CELLS + column_of_step(p, step);

		if (x + TIME_GAP > end && end != a.cols)
			continue;
		buf_clear(&b);
		chart_clock(&b, c->from_ms + c->step_ms * (int64_t)step);
		if (x < AXIS_CELLS + b.len)
			break;
		end = area_put_right(a, x < a.cols ? x : a.cols, row, STYLE_DIM, buf_str(&b));
	}
	buf_fini(&b);
}

static void
draw_marks(const struct plot *p, struct area a, unsigned axis_row)
{
	enum glyph_level level = a.canvas->glyphs;

	for (size_t i = 0; i < p->chart->mark_count; i++) {
		size_t step = step_of_time(p->chart, p->chart->marks[i].time_ms);
		unsigned x;

		if (step == CHART_NO_CURSOR)
			continue;
		x = column_of_step(p, step);
		x -= x == p->area.cols;
		draw_upright(p, x, STYLE_DIM, glyph(level, GLYPH_DASHED));
		area_put(a, AXIS_CELLS + x, axis_row, STYLE_ACCENT, glyph(level, GLYPH_UP));
	}
}

static void
draw_cursor(const struct plot *p)
{
	unsigned x, end;

	if (p->chart->cursor >= p->chart->count)
		return;
	x = column_of_step(p, p->chart->cursor);
	end = column_of_step(p, p->chart->cursor + 1);
	x -= x == p->area.cols;
	draw_upright(p, x, STYLE_BOLD, glyph(p->area.canvas->glyphs, GLYPH_VLINE));
	for (unsigned row = 0; row < p->area.rows; row++)
		area_style_row(p->area, x, row, end > x ? end - x : 1, UI_ROW_ON);
}

static void
draw_title(struct area a, const struct chart *c)
{
	unsigned end = a.cols, col = 0;
	struct buf b = BUF_INIT;

	if (c->cursor < c->count) {
		int64_t end_ms = c->from_ms + c->step_ms * (int64_t)c->count;
		int64_t at_ms = c->from_ms + c->step_ms * (int64_t)(c->cursor + 1);

		chart_clock(&b, at_ms);
		if (end_ms > at_ms) {
			buf_puts(&b, " (");
			figure_age(&b, end_ms - at_ms);
			buf_puts(&b, " ago)");
		}
		end = area_put_right(a, a.cols, 0, STYLE_BOLD, buf_str(&b));
	}
	if (c->is_chosen)
		col += area_put(a, 0, 0, STYLE_KEY, glyph(a.canvas->glyphs, GLYPH_POINTER)) + 1;
	col += area_put_cut(a, col, 0, end > col ? end - col : 0,
			    c->is_chosen ? STYLE_SELECTED : STYLE_TITLE, c->title) + 1;
	if (col < end)
		area_put_cut(a, col, 0, end - col - 1, STYLE_DIM, metric_unit_name(c->unit));
	buf_fini(&b);
}

/* The value at the cursor, else the newest that is known. */
static double
reading(const struct chart *c, const struct chart_line *line)
{
	if (c->cursor < c->count)
		return line->values[c->cursor];
	for (size_t i = c->count; i > 0 && c->count - i < 3; i--) {
		if (!isnan(line->values[i - 1]))
			return line->values[i - 1];
	}
	return (double)NAN;
}

static void
put_figure(struct buf *out, const struct chart *c, double v)
{
	if (isnan(v))
		buf_puts(out, "-");
	else
		chart_figure(out, c->unit, v);
}

/* What one line was: now or at the cursor, mean and most, as far as it fits. */
static void
put_summary(struct buf *out, const struct chart *c, const struct chart_line *line,
	    unsigned cells)
{
	static const char *const names[] = { "now ", "  mean ", "  most " };
	double sum = 0, values[3] = { reading(c, line), 0, 0 };
	size_t known = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (isnan(line->values[i]))
			continue;
		sum += line->values[i];
		values[2] = line->values[i] > values[2] ? line->values[i] : values[2];
		known++;
	}
	values[1] = known > 0 ? sum / (double)known : (double)NAN;
	for (size_t i = 0; i < 3; i++) {
		struct buf b = BUF_INIT;

		buf_puts(&b, i == 0 && c->cursor < c->count ? "here " : names[i]);
		put_figure(&b, c, values[i]);
		if (i == 0 || out->len + b.len <= cells)
			buf_puts(out, buf_str(&b));
		buf_fini(&b);
	}
}

static unsigned
legend_width(const struct chart *c, size_t line)
{
	struct buf b = BUF_INIT;
	unsigned cells;

	put_figure(&b, c, reading(c, &c->lines[line]));
	cells = (unsigned)(text_width(c->lines[line].name, strlen(c->lines[line].name)) + b.len) + 5;
	buf_fini(&b);
	return cells;
}

/* Rows that the legend of all lines takes, at least 1. */
static unsigned
legend_rows(const struct chart *c, size_t shown, unsigned cols)
{
	unsigned rows = 1, col = 0;

	for (size_t l = 0; l < shown && shown > 1; l++) {
		unsigned cells = legend_width(c, l);

		if (col > 0 && col + cells > cols) {
			rows++;
			col = 0;
		}
		col += cells;
	}
	return rows;
}

static void
draw_legend(struct area a, const struct chart *c, size_t shown)
{
	struct buf b = BUF_INIT;
	unsigned col = 0, row = 0;

	if (shown == 1) {
		if (c->lines[0].name[0] != '\0')
			buf_printf(&b, "%s: ", c->lines[0].name);
		put_summary(&b, c, &c->lines[0], a.cols);
		area_put_cut(a, 0, 0, a.cols, STYLE_PLAIN, buf_str(&b));
		buf_fini(&b);
		return;
	}
	for (size_t l = 0; l < shown; l++) {
		unsigned cells = legend_width(c, l);

		if (col > 0 && col + cells > a.cols) {
			row++;
			col = 0;
		}
		if (row >= a.rows)
			break;
		area_printf(a, col, row, line_style(c, l), "%c", (int)('a' + l));
		buf_clear(&b);
		put_figure(&b, c, reading(c, &c->lines[l]));
		if (col + 2 + b.len + 2 < a.cols)
			area_put_cut(a, col + 2, row, a.cols - col - 4 - (unsigned)b.len, STYLE_DIM,
				     c->lines[l].name);
		area_put(a, col + cells - 2 - (unsigned)b.len, row, STYLE_PLAIN, buf_str(&b));
		col += cells;
	}
	if (c->line_count > shown && row < a.rows)
		area_printf(a, col, row, STYLE_DIM, "+%zu more", c->line_count - shown);
	buf_fini(&b);
}

/* The change nearest to the cursor, within one step; NULL. */
static const struct chart_mark *
mark_at_cursor(const struct chart *c)
{
	for (size_t i = 0; c->cursor < c->count && i < c->mark_count; i++) {
		size_t step = step_of_time(c, c->marks[i].time_ms);

		if (step != CHART_NO_CURSOR && step + 1 >= c->cursor && step <= c->cursor + 1)
			return &c->marks[i];
	}
	return NULL;
}

static struct plot
make_plot(const struct chart *c, struct area a, unsigned rows)
{
	struct plot p = { .chart = c };

	p.area = area_sub(a, AXIS_CELLS, 1, a.cols > AXIS_CELLS ? a.cols - AXIS_CELLS : 0, rows);
	p.shown = c->line_count < CHART_LINES ? c->line_count : CHART_LINES;
	p.top = round_up(largest(c, p.shown));
	return p;
}

void
chart_draw(struct area a, const struct chart *c)
{
	size_t shown = c->line_count < CHART_LINES ? c->line_count : CHART_LINES;
	unsigned legend, times = a.rows >= FULL_ROWS, rows;
	const struct chart_mark *mark = mark_at_cursor(c);
	struct plot p;

	if (a.rows < 3 || a.cols < AXIS_CELLS + 4 || c->count == 0)
		return;
	draw_title(a, c);
	if (shown == 0) {
		area_put_cut(a, a.cols > 26 ? (a.cols - 22) / 2 : 0, a.rows / 2, a.cols, STYLE_DIM,
			     "nothing in this window");
		return;
	}
	legend = legend_rows(c, shown, a.cols);
	legend = legend > a.rows / 4 ? a.rows / 4 > 0 ? a.rows / 4 : 1 : legend;
	if (a.rows < 3 + legend + times)
		legend = times = 0;
	rows = a.rows - 2 - legend - times;
	p = make_plot(c, a, rows);
	draw_axes(&p, a, 1);
	draw_values(&p);
	draw_marks(&p, a, 1 + rows);
	draw_cursor(&p);
	if (times && mark != NULL)
		area_put_cut(a, AXIS_CELLS, 2 + rows, p.area.cols, STYLE_ACCENT, mark->text);
	else if (times)
		draw_times(&p, a, 2 + rows);
	if (legend > 0)
		draw_legend(area_sub(a, 0, a.rows - legend, a.cols, legend), c, shown);
}
