/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only user of curses' screen.
 *
 * curses writes each cursor jump by itself, so it gets a memory file instead
 * of the terminal and a frame is read from there.  The terminal's modes,
 * input and size are term.c's business.
 */
#include "tui/draw.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <curses.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/canvas.h"
#include "tui/theme.h"

#define PALETTE 17		/* default and sixteen */

struct draw {
	FILE *memory, *no_input;
	SCREEN *screen;
	struct canvas *last;	/* what the terminal shows */
	bool is_known;		/* last is true */
	bool has_colour, is_synchronized, is_utf8;
	enum theme theme;
	attr_t attrs[UI_STYLE_COUNT];
	short pairs[UI_STYLE_COUNT];
};

static FILE *
open_memory(struct error *err)
{
	int fd = memfd_create("meshtop-frame", MFD_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

	if (f == NULL) {
		error_errnof(err, "memory for frames");
		if (fd >= 0)
			close(fd);
	}
	return f;
}

static attr_t
look_attrs(const struct look *look)
{
	attr_t a = A_NORMAL;

	if ((look->attrs & ATTR_BOLD) != 0)
		a |= A_BOLD;
	if ((look->attrs & ATTR_DIM) != 0)
		a |= A_DIM;
	if ((look->attrs & ATTR_REVERSE) != 0)
		a |= A_REVERSE;
	if ((look->attrs & ATTR_UNDERLINE) != 0)
		a |= A_UNDERLINE;
	return a;
}

static void
set_up_looks(struct draw *d)
{
	short next = 1;

	for (unsigned style = 0; style < UI_STYLE_COUNT; style++) {
		struct look look = theme_look_in(d->theme, style, d->has_colour);

		d->attrs[style] = look_attrs(&look);
		d->pairs[style] = 0;
		if (!d->has_colour || (look.fg < 0 && look.bg < 0) || next >= COLOR_PAIRS)
			continue;
		if (look.fg >= COLORS)
			look.fg = (short)(look.fg % 8);
		init_pair(next, look.fg, look.bg);
		d->pairs[style] = next++;
	}
}

struct draw *
draw_new(const char *type, const struct draw_options *options, struct error *err)
{
	struct draw *d = xcalloc(1, sizeof(*d));

	d->memory = open_memory(err);
	d->no_input = d->memory == NULL ? NULL : fopen("/dev/null", "re");
	if (d->no_input != NULL)
		d->screen = newterm(type, d->memory, d->no_input);
	if (d->screen == NULL) {
		if (d->memory != NULL)
			error_setf(err, ERROR_USAGE, "terminal type \"%s\" is of no use to curses",
				   type);
		draw_free(&d);
		return NULL;
	}
	set_term(d->screen);
	typeahead(-1);
	nonl();
	leaveok(stdscr, FALSE);
	idlok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	d->has_colour = options->has_colour && has_colors() && start_color() == OK;
	if (d->has_colour)
		use_default_colors();
	d->is_synchronized = options->is_synchronized;
	d->is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	d->last = canvas_new(1, 1);
	set_up_looks(d);
	return d;
}

void
draw_set_theme(struct draw *d, enum theme theme)
{
	set_term(d->screen);
	d->theme = theme;
	set_up_looks(d);
	d->is_known = false;
}

void
draw_free(struct draw **dp)
{
	struct draw *d = *dp;

	if (d == NULL)
		return;
	if (d->screen != NULL) {
		endwin();		/* into memory: term.c restores the terminal */
		delscreen(d->screen);
	}
	if (d->memory != NULL)
		fclose(d->memory);
	if (d->no_input != NULL)
		fclose(d->no_input);
	canvas_free(&d->last);
	free(d);
	*dp = NULL;
}

void
draw_forget(struct draw *d)
{
	d->is_known = false;
}

void
draw_set_synchronized(struct draw *d, bool on)
{
	d->is_synchronized = on;
}

bool
draw_is_synchronized(const struct draw *d)
{
	return d->is_synchronized;
}

static void
put_cell(const struct draw *d, const struct canvas *c, unsigned col, unsigned row)
{
	const struct cell *cell = canvas_at(c, col, row);
	wchar_t text[CELL_MARKS + 2] = { 0 };
	size_t n = 0;
	cchar_t out;

	if (cell->glyph == 0)
		return;
	text[n++] = d->is_utf8 || cell->glyph < 0x7f ? (wchar_t)cell->glyph : L'?';
	for (size_t m = 0; d->is_utf8 && m < CELL_MARKS && cell->marks[m] != 0; m++)
		text[n++] = (wchar_t)cell->marks[m];
	if (setcchar(&out, text, d->attrs[cell->style], d->pairs[cell->style], NULL) == OK)
		mvadd_wch((int)row, (int)col, &out);
}

/* Hands curses the cells that differ from the last frame; a wide glyph goes
 * with both halves. */
static void
put_changes(struct draw *d, const struct canvas *c)
{
	for (unsigned row = 0; row < c->rows; row++) {
		for (unsigned col = 0; col < c->cols; col++) {
			const struct cell *now = canvas_at(c, col, row);
			bool is_wide = col + 1 < c->cols && canvas_at(c, col + 1, row)->glyph == 0;
			unsigned halves = is_wide ? 2 : 1;

			if (d->is_known && memcmp(now, canvas_at(d->last, col, row),
						  halves * sizeof(*now)) == 0)
				continue;
			put_cell(d, c, col, row);
		}
	}
}

/* Moves what curses wrote to out; false when it wrote nothing. */
static bool
take_memory(struct draw *d, struct buf *out)
{
	int fd = fileno(d->memory);
	off_t len;
	ssize_t got;

	fflush(d->memory);
	len = lseek(fd, 0, SEEK_CUR);
	if (len <= 0)
		return false;
	buf_reserve(out, (size_t)len);
	got = pread(fd, out->data + out->len, (size_t)len, 0);
	if (got > 0) {
		out->len += (size_t)got;
		out->data[out->len] = '\0';
	}
	if (lseek(fd, 0, SEEK_SET) < 0 || ftruncate(fd, 0) < 0)
		return false;
	return got > 0;
}

static void
resize_if_needed(struct draw *d, const struct canvas *c)
{
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	if (rows == (int)c->rows && cols == (int)c->cols)
		return;
	resizeterm((int)c->rows, (int)c->cols);
	d->is_known = false;
}

/* Curses begins with a scrolling region of the size that the terminal's type
 * names; the terminal may be larger.  Its cursor stays where it is. */
static void
put_whole_region(struct buf *out)
{
	const char *region = tigetstr("csr");

	if (region != NULL && region != (const char *)-1)
		buf_puts(out, "\0337\033[r\0338");
}

void
draw_frame(struct draw *d, const struct canvas *c, struct buf *out)
{
	struct buf frame = BUF_INIT;
	bool is_first;

	set_term(d->screen);
	resize_if_needed(d, c);
	is_first = !d->is_known;
	if (d->is_known && canvas_equal(c, d->last))
		return;
	if (!d->is_known)
		clearok(curscr, TRUE);
	put_changes(d, c);
	curs_set(c->has_cursor ? 1 : 0);
	if (c->has_cursor)
		move((int)c->cursor_row, (int)c->cursor_col);
	wnoutrefresh(stdscr);
	doupdate();
	canvas_copy(d->last, c);
	d->is_known = true;
	if (take_memory(d, &frame)) {
		if (d->is_synchronized)
			buf_puts(out, "\033[?2026h");
		buf_append(out, frame.data, frame.len);
		if (is_first)
			put_whole_region(out);
		if (d->is_synchronized)
			buf_puts(out, "\033[?2026l");
	}
	buf_fini(&frame);
}
