/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling the rows of a table; see table.h. */
#include "tui/screens/table_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/app/app.h"
#include "tui/widgets/figure.h"

void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->rows.len; i++) {
		struct table_row *r = &t->rows.items[i];
		char *const lines[] = {
			r->open, r->yaml, r->wizards, r->actions, r->edit, r->undo,
			r->diff, r->picture, r->versions, r->explain, r->detail,
		};

		for (size_t l = 0; l < ARRAY_LEN(lines); l++)
			free(lines[l]);
	}
	t->rows.len = 0;
	arena_free(&t->texts);
	while (t->head.len > 0)
		free(t->head.items[--t->head.len].text);
}

struct table_row *
table_add(struct table *t)
{
	struct table_row r = { .order = t->rows.len };

	if (t->texts == NULL)
		t->texts = arena_new();
	r.arena = t->texts;
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
	struct buf b = BUF_INIT;

	app_put_keys(t->app, text, &b);
	table_text(r, 0, STYLE_DIM, "  %s", buf_str(&b));
	r->is_heading = true;
	buf_fini(&b);
}

void
table_text(struct table_row *r, size_t column, unsigned style, const char *fmt, ...)
{
	struct buf clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&clean, fmt, ap);
	va_end(ap);
	r->texts[column] = arena_strndup(r->arena, buf_str(&clean), clean.len);
	r->styles[column] = (uint8_t)style;
	buf_fini(&clean);
}

void
table_put(struct table_row *r, size_t column, unsigned style, const char *text)
{
	struct buf clean = BUF_INIT;

	text_sanitize(&clean, text, strlen(text));
	r->texts[column] = arena_strndup(r->arena, buf_str(&clean), clean.len);
	r->styles[column] = (uint8_t)style;
	buf_fini(&clean);
}

static void
put_figure(struct table_row *r, size_t column, unsigned style, double value,
	   enum table_figure figure)
{
	r->texts[column] = NULL;
	r->keys[column] = value;
	r->figures[column] = (uint8_t)figure;
	r->styles[column] = (uint8_t)style;
}

void
table_rate(struct table_row *r, size_t column, unsigned style, double per_s)
{
	put_figure(r, column, style, per_s, FIGURE_RATE);
}

void
table_percent(struct table_row *r, size_t column, unsigned style, double share)
{
	put_figure(r, column, style, share, FIGURE_PERCENT);
}

void
table_time(struct table_row *r, size_t column, unsigned style, double ms)
{
	put_figure(r, column, style, ms, FIGURE_TIME);
}

void
table_number(struct table_row *r, size_t column, unsigned style, double n)
{
	put_figure(r, column, style, n, FIGURE_NUMBER);
}

static void
figure_number(struct buf *out, double n)
{
	buf_printf(out, "%.0f", n);
}

/* Kept: of thousands of rows only those in sight are ever read. */
static const char *
figure_text(struct table_row *r, size_t column)
{
	static void (*const figures[])(struct buf *out, double value) = {
		[FIGURE_RATE] = figure_rate, [FIGURE_PERCENT] = figure_percent,
		[FIGURE_TIME] = figure_time, [FIGURE_NUMBER] = figure_number,
	};
	struct buf b = BUF_INIT;

	figures[r->figures[column]](&b, r->keys[column]);
	r->texts[column] = arena_strndup(r->arena, buf_str(&b), b.len);
	buf_fini(&b);
	return r->texts[column];
}

const char *
table_row_text(const struct table_row *r, size_t column)
{
	if (r->texts[column] != NULL)
		return r->texts[column];
	if (r->figures[column] == FIGURE_NONE)
		return "";
	return figure_text((struct table_row *)(uintptr_t)r, column);
}
