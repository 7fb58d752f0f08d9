/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a panel.
 */
#include "tui/widgets/sheet.h"

#include <stdarg.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"

void
sheet_fini(struct sheet *s)
{
	for (size_t i = 0; i < s->lines.len; i++) {
		free(s->lines.items[i].text);
		free(s->lines.items[i].right);
	}
	vec_fini(&s->lines);
}

void
sheet_line(struct sheet *s, unsigned style, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&text, fmt, ap);
	va_end(ap);
	vec_push(&s->lines, ((struct sheet_line){ style, buf_steal(&text), NULL }));
}

/* Bytes of s that go on a line: whole words, or as much of one as fits. */
static size_t
line_bytes(const char *s, size_t len, size_t cells)
{
	size_t fit = text_fit(s, len, cells), at = fit;

	if (fit == len)
		return len;
	while (at > 0 && s[at] != ' ')
		at--;
	return at > 0 ? at : fit > 0 ? fit : len;
}

void
sheet_paragraph(struct sheet *s, unsigned style, unsigned indent, unsigned cells,
		const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	unsigned more = 0;

	va_start(ap, fmt);
	text_vprintf(&text, fmt, ap);
	va_end(ap);
	for (const char *at = buf_str(&text); *at != '\0';) {
		unsigned room = cells > indent + more + 8 ? cells - indent - more : 8;
		size_t len = line_bytes(at, strlen(at), room);

		sheet_line(s, style, "%*s%.*s", (int)(indent + more), "", (int)len, at);
		at += len;
		at += strspn(at, " ");
		more = 2;
	}
	buf_fini(&text);
}

void
sheet_row(struct sheet *s, unsigned style, const char *name, const char *right)
{
	vec_push(&s->lines, ((struct sheet_line){ style, text_clean(name), text_clean(right) }));
}

size_t
sheet_draw(const struct sheet *s, struct area a, size_t top)
{
	size_t shown = 0;

	for (; shown < a.rows && top + shown < s->lines.len; shown++) {
		const struct sheet_line *line = &s->lines.items[top + shown];
		unsigned row = (unsigned)shown, end = a.cols;

		if (line->right != NULL) {
			unsigned style = line->style == STYLE_DIM ? STYLE_DIM : STYLE_PLAIN;

			end = area_put_right(a, a.cols, row, style, line->right);
			end = end > 0 ? end - 1 : 0;
		}
		area_put_cut(a, 0, row, end, line->style, line->text);
	}
	return s->lines.len - top - shown;
}

void
sheet_text(const struct sheet *s, unsigned cells, struct buf *out)
{
	for (size_t i = 0; i < s->lines.len; i++) {
		const struct sheet_line *line = &s->lines.items[i];
		size_t width = text_width(line->text, strlen(line->text));

		buf_puts(out, line->text);
		if (line->right != NULL) {
			size_t right = text_width(line->right, strlen(line->right));

			buf_fill(out, ' ', width + right < cells ? cells - width - right : 1);
			buf_puts(out, line->right);
		}
		buf_putc(out, '\n');
	}
}
