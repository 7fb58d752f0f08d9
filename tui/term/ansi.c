/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A canvas as bytes; see ansi.h. */
#include "tui/term/ansi.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/term/canvas.h"
#include "tui/term/theme.h"

static void
put_style(unsigned style, struct buf *out)
{
	struct look look = theme_look(style, true);

	buf_puts(out, "\033[0");
	if ((look.attrs & ATTR_BOLD) != 0)
		buf_puts(out, ";1");
	if ((look.attrs & ATTR_DIM) != 0)
		buf_puts(out, ";2");
	if ((look.attrs & ATTR_UNDERLINE) != 0)
		buf_puts(out, ";4");
	if ((look.attrs & ATTR_REVERSE) != 0)
		buf_puts(out, ";7");
	if (look.fg != HUE_NONE)
		buf_printf(out, ";%d", 30 + look.fg);
	buf_putc(out, 'm');
}

static void
put_cell(const struct cell *c, struct buf *out)
{
	char bytes[4];

	if (c->glyph == 0)
		return;		/* second half of a wide glyph */
	buf_append(out, bytes, text_encode(c->glyph, bytes));
	for (size_t i = 0; i < CELL_MARKS && c->marks[i] != 0; i++)
		buf_append(out, bytes, text_encode(c->marks[i], bytes));
}

static bool
is_blank(const struct cell *c)
{
	return c->glyph == ' ' && c->marks[0] == 0 &&
	       (theme_look(c->style, true).attrs & (ATTR_REVERSE | ATTR_UNDERLINE)) == 0;
}

static void
put_row(const struct canvas *c, unsigned row, struct buf *out)
{
	unsigned end = c->cols, style = UI_STYLE_COUNT;

	while (end > 0 && is_blank(canvas_at(c, end - 1, row)))
		end--;
	buf_printf(out, "\033[%u;1H", row + 1);
	for (unsigned col = 0; col < end; col++) {
		const struct cell *cell = canvas_at(c, col, row);

		if (cell->style != style) {
			style = cell->style;
			put_style(style, out);
		}
		put_cell(cell, out);
	}
	buf_puts(out, "\033[0m");
	if (end < c->cols)
		buf_puts(out, "\033[K");
}

static bool
same_row(const struct canvas *a, const struct canvas *b, unsigned row)
{
	return memcmp(canvas_at(a, 0, row), canvas_at(b, 0, row), a->cols * sizeof(struct cell)) == 0;
}

void
canvas_put_ansi(const struct canvas *now, const struct canvas *before, struct buf *out)
{
	size_t begin = out->len;

	if (before != NULL && (before->cols != now->cols || before->rows != now->rows))
		before = NULL;
	if (before == NULL)
		buf_puts(out, "\033[?25l\033[0m\033[H\033[2J");
	for (unsigned row = 0; row < now->rows; row++) {
		if (before == NULL || !same_row(now, before, row))
			put_row(now, row, out);
	}
	if (now->has_cursor && (out->len > begin || before == NULL || !before->has_cursor ||
				before->cursor_col != now->cursor_col ||
				before->cursor_row != now->cursor_row))
		buf_printf(out, "\033[%u;%uH\033[?25h", now->cursor_row + 1, now->cursor_col + 1);
	else if (!now->has_cursor && before != NULL && before->has_cursor)
		buf_puts(out, "\033[?25l");
}
