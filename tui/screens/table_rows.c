/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling the rows of a table; see table.h. */
#include "tui/screens/table_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/figure.h"

void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->rows.len; i++) {
		struct table_row *r = &t->rows.items[i];
		char *const lines[] = {
			r->open, r->yaml, r->wizards, r->actions, r->edit, r->undo,
			r->diff, r->picture, r->versions, r->explain, r->detail,
		};

		for (size_t c = 0; c < TABLE_COLUMNS; c++)
			free(r->texts[c]);
		for (size_t l = 0; l < ARRAY_LEN(lines); l++)
			free(lines[l]);
	}
	t->rows.len = 0;
	while (t->head.len > 0)
		free(t->head.items[--t->head.len].text);
}

struct table_row *
table_add(struct table *t)
{
	struct table_row r = { .order = t->rows.len };

	for (size_t c = 0; c < TABLE_COLUMNS; c++)
		r.keys[c] = (double)NAN;
	vec_push(&t->rows, r);
	return &t->rows.items[t->rows.len - 1];
}

void
table_head(struct table *t, unsigned style, const char *fmt, ...)
{
	struct buf clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&clean, fmt, ap);
	va_end(ap);
	vec_push(&t->head, ((struct table_line){ style, buf_steal(&clean) }));
}

void
table_heading(struct table *t, const char *text)
{
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_TITLE, "%s", text);
	r->is_heading = true;
}

void
table_note(struct table *t, const char *text)
{
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_DIM, "  %s", text);
	r->is_heading = true;
}

void
table_text(struct table_row *r, size_t column, unsigned style, const char *fmt, ...)
{
	struct buf clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&clean, fmt, ap);
	va_end(ap);
	free(r->texts[column]);
	r->texts[column] = buf_steal(&clean);
	r->styles[column] = (uint8_t)style;
}

static void
put_figure(struct table_row *r, size_t column, unsigned style, double value,
	   void (*figure)(struct buf *out, double value))
{
	struct buf b = BUF_INIT;

	figure(&b, value);
	table_text(r, column, style, "%s", buf_str(&b));
	r->keys[column] = value;
	buf_fini(&b);
}

void
table_rate(struct table_row *r, size_t column, unsigned style, double per_s)
{
	put_figure(r, column, style, per_s, figure_rate);
}

void
table_percent(struct table_row *r, size_t column, unsigned style, double share)
{
	put_figure(r, column, style, share, figure_percent);
}

void
table_time(struct table_row *r, size_t column, unsigned style, double ms)
{
	put_figure(r, column, style, ms, figure_time);
}

void
table_number(struct table_row *r, size_t column, unsigned style, double n)
{
	table_text(r, column, style, "%.0f", n);
	r->keys[column] = n;
}

const char *
table_row_text(const struct table_row *r, size_t column)
{
	return r->texts[column] != NULL ? r->texts[column] : "";
}
