/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page of lines with a style each: what a side panel shows, and as plain
 * text what "describe" shows.
 */
#ifndef MESHTOP_TUI_WIDGETS_SHEET_H
#define MESHTOP_TUI_WIDGETS_SHEET_H

#include "src/base/vec.h"
#include "tui/term/canvas.h"

struct buf;

struct sheet_line {
	unsigned style;
	char *text;
	char *right;		/* stands at the right end; NULL */
};

struct sheet {
	VEC(struct sheet_line) lines;
};

void sheet_fini(struct sheet *s);
void sheet_line(struct sheet *s, unsigned style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Broken at blanks into lines of at most cells, each indented. */
void sheet_paragraph(struct sheet *s, unsigned style, unsigned indent, unsigned cells,
		     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* A name, cut where needed, and figures at the right end. */
void sheet_row(struct sheet *s, unsigned style, const char *name, const char *right);
/* Draws from line top; returns the lines that did not fit. */
size_t sheet_draw(const struct sheet *s, struct area a, size_t top);
/* Plain text, figures at column cells. */
void sheet_text(const struct sheet *s, unsigned cells, struct buf *out);

#endif
