/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The screen as plain data: a rectangle of cells that screens draw into.
 *
 * Knows no terminal.  tui/term/draw.c copies it to curses; tests and tapes read it
 * as text.  Drawing text is the second gate against unsafe characters (the
 * first is text_sanitize() where the model is filled): an unsafe code point
 * is drawn as a visible mark.
 */
#ifndef MESHTOP_TUI_CANVAS_H
#define MESHTOP_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"

struct buf;

/* Roles of cells: those of a drawing (enum grid_style), then the screen's. */
enum ui_style {
	UI_BAR = STYLE_COUNT,	/* status line */
	UI_BAR_STRONG,		/* what the status line wants noticed */
	UI_BORDER,		/* frames and rules */
	UI_TAB, UI_TAB_ON,
	UI_FIELD, UI_FIELD_ON,	/* a field's value, and with the focus */
	UI_ROW_ON,		/* the chosen row of a list */
	UI_HINT,		/* key hints */
	UI_MARK,		/* stands for a character that must not be shown */
	UI_BANNER,		/* frozen, connection lost */
	UI_ADDED, UI_REMOVED,	/* lines of a difference */
	UI_STYLE_COUNT,
};

#define CELL_MARKS 4		/* combining marks on one base */

struct cell {
	uint32_t glyph;		/* code point; 0: second half of a wide glyph */
	uint32_t marks[CELL_MARKS];
	uint8_t style;		/* enum grid_style or ui_style */
	uint8_t pad[3];		/* always 0: cells are compared as bytes */
};

struct list;

/* Where a click means something to the screen that drew it. */
struct hit {
	unsigned col, row, cols, rows, what;
	struct list *list;	/* what is a row of it; NULL */
};

struct canvas {
	unsigned cols, rows;
	struct cell *cells;
	bool has_cursor;
	unsigned cursor_col, cursor_row;
	enum glyph_level glyphs;
	VEC(struct hit) hits;	/* of the top screen */
	bool is_wide_terminal;	/* ambiguous characters take two cells there */
};

/* Largest canvas; a terminal that claims more is drawn in this corner. */
#define CANVAS_MAX_COLS 1000u
#define CANVAS_MAX_ROWS 500u

struct canvas *canvas_new(unsigned cols, unsigned rows);
void canvas_free(struct canvas **cp);
void canvas_resize(struct canvas *c, unsigned cols, unsigned rows);	/* blanks it */
void canvas_clear(struct canvas *c);
bool canvas_equal(const struct canvas *a, const struct canvas *b);
void canvas_copy(struct canvas *to, const struct canvas *from);
static inline struct cell *
canvas_at(const struct canvas *c, unsigned col, unsigned row)
{
	return &c->cells[(size_t)row * c->cols + col];
}
/* UTF-8, one line a row, trailing blanks removed; exactly rows lines. */
void canvas_text(const struct canvas *c, struct buf *out);

/* A rectangle of a canvas that a widget may draw into; everything outside is
 * cut off.  Passed by value. */
struct area {
	struct canvas *canvas;
	unsigned col, row, cols, rows;
};

struct area canvas_area(struct canvas *c);
/* Cut to a's bounds; cols or rows UINT_MAX: the rest. */
struct area area_sub(struct area a, unsigned col, unsigned row, unsigned cols, unsigned rows);
/* Clicks in the area are told to the screen that draws, with what. */
void area_hit(struct area a, unsigned what);
/* Clicks choose the row of a list that lives as long as the screen. */
void area_hit_row(struct area a, struct list *list, size_t row);
#define HIT_TAB 0x10000u /* + number of the tab, from 0: opened by CMD_TAB */
void area_blank(struct area a, unsigned style);
/* Draws text at a cell of the area; returns the cells it took. */
unsigned area_put(struct area a, unsigned col, unsigned row, unsigned style, const char *text);
unsigned area_printf(struct area a, unsigned col, unsigned row, unsigned style,
		     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Cut in the middle to at most cols cells; returns the cells it took. */
unsigned area_put_cut(struct area a, unsigned col, unsigned row, unsigned cols,
		      unsigned style, const char *text);
/* Ends at column end (exclusive); returns the column where it begins. */
unsigned area_put_right(struct area a, unsigned end, unsigned row, unsigned style,
			const char *text);
void area_style_row(struct area a, unsigned col, unsigned row, unsigned cols, unsigned style);
void area_rule(struct area a, unsigned row);		/* horizontal line */
void area_column_rule(struct area a, unsigned col);	/* vertical line */
/* Frame with a title; returns the inside. */
struct area area_frame(struct area a, const char *title);
void area_cursor(struct area a, unsigned col, unsigned row);
/* Copies the part of a grid whose top left cell is (from_col, from_row). */
void area_grid(struct area a, const struct grid *g, unsigned from_col, unsigned from_row);

/* Glyphs that differ between the levels. */
enum ui_glyph {
	GLYPH_HLINE, GLYPH_VLINE, GLYPH_TOP_LEFT, GLYPH_TOP_RIGHT, GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT, GLYPH_CUT, GLYPH_POINTER, GLYPH_DONE, GLYPH_DOT, GLYPH_UP,
	GLYPH_DOWN, GLYPH_ON, GLYPH_OFF, GLYPH_ARROW, GLYPH_BAR, GLYPH_TRACK,
	GLYPH_LEFT, GLYPH_RIGHT, GLYPH_ABOVE, GLYPH_BELOW,	/* where the picture goes on */
	GLYPH_TICK, GLYPH_DASHED,	/* of a chart */
	GLYPH_COUNT,
};
const char *glyph(enum glyph_level level, enum ui_glyph g);

#endif
