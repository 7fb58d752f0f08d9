/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only user of curses' screen.
 *
 * curses writes each cursor jump by itself, so it gets a memory file instead
 * of the terminal and a frame is read from there.  The terminal's modes,
 * input and size are term.c's business.
 */
#include "tui/term/draw.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/term/canvas.h"
#include "tui/term/theme.h"

#define TONES_MIN_COLOURS 256
#define PALETTE_COLOURS 256	/* the largest palette; more are mixed */

struct draw {
	FILE *memory, *no_input;
	SCREEN *screen;
	struct canvas *last;	/* what the terminal shows */
	bool is_known;		/* last is true */
	bool has_colour, has_true_colour, is_synchronized, is_utf8;
	bool is_direct;		/* curses' colours are no palette but red, green and blue */
	enum theme theme;
	enum background background;
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

static bool
has_tones(const struct draw *d)
{
	return d->has_colour && d->theme != THEME_MONO && COLORS >= TONES_MIN_COLOURS &&
	       d->background != BACKGROUND_UNKNOWN;
}

static int
hue_colour(const struct draw *d, enum hue hue)
{
	struct tone tone;

	if (!has_tones(d))
		return (int)hue;
	tone = theme_tone(hue, d->background);
	return d->is_direct ? (int)tone.rgb : tone.index;
}

static void
set_up_looks(struct draw *d)
{
	short next = 1;

	for (unsigned style = 0; style < UI_STYLE_COUNT; style++) {
		struct look look = theme_look_in(d->theme, style, d->has_colour);

		if (has_tones(d) && look.fg == HUE_NONE && (look.attrs & ATTR_DIM) != 0) {
			look.fg = HUE_GREY;	/* many terminals do not know dim */
			look.attrs &= ~(unsigned)ATTR_DIM;
		}
		d->attrs[style] = look_attrs(&look);
		d->pairs[style] = 0;
		if (!d->has_colour || look.fg == HUE_NONE || next >= COLOR_PAIRS)
			continue;
		init_extended_pair(next, hue_colour(d, look.fg), -1);
		d->pairs[style] = next++;
	}
}

/* Terminfo's two ways of saying it (RGB; tmux's Tc). */
static bool
says_true_colour(void)
{
	const char *rgb = tigetstr("RGB");

	return tigetflag("Tc") > 0 || tigetflag("RGB") > 0 || tigetnum("RGB") > 0 ||
	       (rgb != NULL && rgb != (const char *)-1);
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
	d->has_true_colour = options->has_true_colour || says_true_colour();
	d->is_direct = d->has_colour && COLORS > PALETTE_COLOURS && says_true_colour();
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
draw_set_background(struct draw *d, enum background background)
{
	if (background == d->background)
		return;
	d->background = background;
	draw_set_theme(d, d->theme);
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

/* Curses counts cells by the C library's tables, which may be older than
 * ours: what they disagree about would shift the rest of the row. */
static bool
is_showable(const struct draw *d, uint32_t cp, unsigned cells)
{
	return cp < 0x7f || (d->is_utf8 && wcwidth((wchar_t)cp) == (int)cells);
}

/* Lines without UTF-8: those of the terminal's own character set; '?' for
 * anything else. */
static chtype
substitute(uint32_t cp)
{
	static const struct { uint32_t cp; chtype plain; char line; } lines[] = {
		{ 0x2500, 0, 'q' }, { 0x2502, 0, 'x' }, { 0x2504, 0, 'q' }, { 0x2506, 0, 'x' },
		{ 0x2508, '~', 0 }, { 0x250a, '!', 0 }, { 0x250c, 0, 'l' }, { 0x2510, 0, 'k' },
		{ 0x2514, 0, 'm' }, { 0x2518, 0, 'j' }, { 0x251c, 0, 't' }, { 0x2524, 0, 'u' }, { 0x252c, 0, 'w' },
		{ 0x2534, 0, 'v' }, { 0x253c, 0, 'n' }, { 0x2550, '=', 0 }, { 0x2551, ':', 0 },
		{ 0x2554, 0, 'l' }, { 0x2557, 0, 'k' }, { 0x255a, 0, 'm' }, { 0x255d, 0, 'j' },
		{ 0x2560, 0, 't' }, { 0x2563, 0, 'u' }, { 0x2566, 0, 'w' }, { 0x2569, 0, 'v' },
		{ 0x256a, 0, 'n' }, { 0x256b, 0, 'n' }, { 0x256c, 0, 'n' },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (lines[i].cp == cp)
			return lines[i].line != 0 ? NCURSES_ACS(lines[i].line) : lines[i].plain;
	}
	return '?';
}

static void
put_cell(const struct draw *d, const struct canvas *c, unsigned col, unsigned row, unsigned cells)
{
	const struct cell *cell = canvas_at(c, col, row);
	attr_t attrs = d->attrs[cell->style];
	short pair = d->pairs[cell->style];
	wchar_t text[CELL_MARKS + 2] = { 0 };
	size_t n = 0;
	cchar_t out;

	if (cell->glyph == 0)
		return;
	if (!is_showable(d, cell->glyph, cells)) {
		attr_set(attrs, pair, NULL);
		mvaddch((int)row, (int)col, substitute(cell->glyph));
		if (cells == 2)
			addch(' ');
		attr_set(A_NORMAL, 0, NULL);
		return;
	}
	text[n++] = (wchar_t)cell->glyph;
	for (size_t m = 0; m < CELL_MARKS && cell->marks[m] != 0; m++) {
		if (d->is_utf8 && wcwidth((wchar_t)cell->marks[m]) == 0)
			text[n++] = (wchar_t)cell->marks[m];
	}
	if (setcchar(&out, text, attrs, pair, NULL) == OK)
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
			unsigned cells = is_wide ? 2 : 1;

			if (d->is_known && memcmp(now, canvas_at(d->last, col, row),
						  cells * sizeof(*now)) == 0)
				continue;
			put_cell(d, c, col, row, cells);
		}
	}
}

/* Curses changes to the alternate screen by itself, which is term.c's business. */
static void
cut_entering(struct buf *frame)
{
	const char *enter = tigetstr("smcup");
	char *at = enter != NULL && enter != (const char *)-1 && enter[0] != '\0' ?
		   strstr(frame->data, enter) : NULL;
	size_t len = at != NULL ? strlen(enter) : 0;

	if (at == NULL)
		return;
	memmove(at, at + len, strlen(at + len) + 1);
	frame->len -= len;
}

/* Without UTF-8 curses lets the terminal repeat a character, which not all do
 * that say so, some only up to the margin: the characters themselves instead. */
static void
spell_out_repeats(struct buf *frame)
{
	struct buf out = BUF_INIT;
	const char *at = frame->data, *next;

	if (memchr(frame->data, '\0', frame->len) != NULL)	/* padding: an old terminal's */
		return;
	while ((next = strstr(at, "\033[")) != NULL) {
		char *end;
		unsigned long count = strtoul(next + 2, &end, 10);

		count = end == next + 2 ? 1 : count;
		buf_append(&out, at, (size_t)(next - at));
		if (*end == 'b' && out.len > 0) {
			buf_fill(&out, out.data[out.len - 1], count);
			at = end + 1;
		} else {
			buf_append(&out, next, 2);
			at = next + 2;
		}
	}
	buf_puts(&out, at);
	buf_fini(frame);
	*frame = out;
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

static const struct tone *
tone_of_index(const struct tone tones[HUE_COUNT], unsigned long index)
{
	for (size_t hue = HUE_RED; hue < HUE_COUNT; hue++) {
		if (tones[hue].index == index)
			return &tones[hue];
	}
	return NULL;
}

/* Curses knows palettes only: where it chose a tone of ours by its place among
 * 256 colours, the exact one is put instead. */
static void
put_true_colours(const struct draw *d, const struct buf *frame, struct buf *out)
{
	static const char choice[] = "\033[38;5;";
	struct tone tones[HUE_COUNT] = { { 0, 0 } };
	const char *at = buf_str(frame), *next;

	for (enum hue hue = HUE_RED; hue < HUE_COUNT; hue++)
		tones[hue] = theme_tone(hue, d->background);
	while ((next = strstr(at, choice)) != NULL) {
		char *end;
		const struct tone *tone = tone_of_index(tones, strtoul(next + sizeof(choice) - 1,
								       &end, 10));

		buf_append(out, at, (size_t)(next - at));
		if (tone != NULL)
			buf_printf(out, "\033[38;2;%u;%u;%u", tone->rgb >> 16,
				   tone->rgb >> 8 & 0xff, tone->rgb & 0xff);
		else
			buf_append(out, next, (size_t)(end - next));
		at = end;
	}
	buf_puts(out, at);
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
		if (is_first)
			cut_entering(&frame);
		if (!d->is_utf8)
			spell_out_repeats(&frame);
		if (d->is_synchronized)
			buf_puts(out, "\033[?2026h");
		if (d->has_true_colour && has_tones(d))
			put_true_colours(d, &frame, out);
		else
			buf_append(out, frame.data, frame.len);
		if (is_first)
			put_whole_region(out);
		if (d->is_synchronized)
			buf_puts(out, "\033[?2026l");
	}
	buf_fini(&frame);
}
