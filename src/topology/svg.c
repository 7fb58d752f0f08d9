/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells as an SVG picture; see svg.h. */
#include "src/topology/svg.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/grid.h"

#define CELL_W 9u
#define CELL_H 18u
#define MARGIN 12u
#define BASELINE 13u

enum { UP = 1, RIGHT = 2, DOWN = 4, LEFT = 8 };
enum line_kind { LINE_LIGHT, LINE_DOUBLE_ACROSS, LINE_DOUBLE_DOWN, LINE_DOUBLE, LINE_DASHED };

static const struct line_glyph {
	uint32_t glyph;
	unsigned arms;
	enum line_kind kind;
} lines[] = {
	{ 0x2500, LEFT | RIGHT, LINE_LIGHT }, { 0x2502, UP | DOWN, LINE_LIGHT },
	{ 0x250c, RIGHT | DOWN, LINE_LIGHT }, { 0x2510, LEFT | DOWN, LINE_LIGHT },
	{ 0x2514, RIGHT | UP, LINE_LIGHT }, { 0x2518, LEFT | UP, LINE_LIGHT },
	{ 0x251c, UP | DOWN | RIGHT, LINE_LIGHT }, { 0x2524, UP | DOWN | LEFT, LINE_LIGHT },
	{ 0x252c, LEFT | RIGHT | DOWN, LINE_LIGHT }, { 0x2534, LEFT | RIGHT | UP, LINE_LIGHT },
	{ 0x253c, UP | DOWN | LEFT | RIGHT, LINE_LIGHT },
	{ 0x256d, RIGHT | DOWN, LINE_LIGHT }, { 0x256e, LEFT | DOWN, LINE_LIGHT },
	{ 0x256f, LEFT | UP, LINE_LIGHT }, { 0x2570, RIGHT | UP, LINE_LIGHT },
	{ 0x2504, LEFT | RIGHT, LINE_DASHED }, { 0x2506, UP | DOWN, LINE_DASHED },
	{ 0x2508, LEFT | RIGHT, LINE_DASHED }, { 0x250a, UP | DOWN, LINE_DASHED },
	{ 0x2550, LEFT | RIGHT, LINE_DOUBLE }, { 0x2551, UP | DOWN, LINE_DOUBLE },
	{ 0x2554, RIGHT | DOWN, LINE_DOUBLE }, { 0x2557, LEFT | DOWN, LINE_DOUBLE },
	{ 0x255a, RIGHT | UP, LINE_DOUBLE }, { 0x255d, LEFT | UP, LINE_DOUBLE },
	{ 0x2560, UP | DOWN | RIGHT, LINE_DOUBLE }, { 0x2563, UP | DOWN | LEFT, LINE_DOUBLE },
	{ 0x2566, LEFT | RIGHT | DOWN, LINE_DOUBLE }, { 0x2569, LEFT | RIGHT | UP, LINE_DOUBLE },
	{ 0x256c, UP | DOWN | LEFT | RIGHT, LINE_DOUBLE },
	{ 0x256a, UP | DOWN | LEFT | RIGHT, LINE_DOUBLE_ACROSS },
	{ 0x256b, UP | DOWN | LEFT | RIGHT, LINE_DOUBLE_DOWN },
};

/* What one style draws, collected over all cells. */
struct layer {
	struct buf light, dashed, heads, texts, backs;
};

static const struct line_glyph *
find_line(uint32_t glyph)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (lines[i].glyph == glyph)
			return &lines[i];
	return NULL;
}

static void
across(struct buf *b, unsigned x, unsigned y, unsigned arms, unsigned width)
{
	unsigned from = (arms & LEFT) != 0 ? x : x + CELL_W / 2;
	unsigned to = (arms & RIGHT) != 0 ? x + width : x + CELL_W / 2 + 1;

	if ((arms & (LEFT | RIGHT)) != 0)
		buf_printf(b, "M%u %u.5H%u", from, y, to);
}

static void
down(struct buf *b, unsigned x, unsigned y, unsigned arms)
{
	unsigned from = (arms & UP) != 0 ? y : y + CELL_H / 2;
	unsigned to = (arms & DOWN) != 0 ? y + CELL_H : y + CELL_H / 2 + 1;

	if ((arms & (UP | DOWN)) != 0)
		buf_printf(b, "M%u.5 %uV%u", x, from, to);
}

/* The lines of one cell; a run of plain dashes is one line of many cells. */
static void
put_line(struct layer *l, const struct line_glyph *g, unsigned col, unsigned row, unsigned run)
{
	unsigned x = MARGIN + col * CELL_W, y = MARGIN + row * CELL_H;
	unsigned mid_x = x + CELL_W / 2, mid_y = y + CELL_H / 2;
	struct buf *b = g->kind == LINE_DASHED ? &l->dashed : &l->light;
	bool twice_across = g->kind == LINE_DOUBLE || g->kind == LINE_DOUBLE_ACROSS;
	bool twice_down = g->kind == LINE_DOUBLE || g->kind == LINE_DOUBLE_DOWN;

	across(b, x, mid_y - (twice_across ? 1 : 0), g->arms, run * CELL_W);
	if (twice_across)
		across(b, x, mid_y + 2, g->arms, run * CELL_W);
	down(b, mid_x - (twice_down ? 1 : 0), y, g->arms);
	if (twice_down)
		down(b, mid_x + 2, y, g->arms);
}

static bool
put_head(struct layer *l, uint32_t glyph, unsigned col, unsigned row)
{
	unsigned x = MARGIN + col * CELL_W, y = MARGIN + row * CELL_H;

	switch (glyph) {
	case 0x25b6:		/* right */
		buf_printf(&l->heads, "M%u %ul%u 5l-%u 5z", x, y + 4, CELL_W, CELL_W);
		return true;
	case 0x25c0:		/* left */
		buf_printf(&l->heads, "M%u %ul-%u 5l%u 5z", x + CELL_W, y + 4, CELL_W, CELL_W);
		return true;
	case 0x25bc:		/* down */
		buf_printf(&l->heads, "M%u %uh8l-4 9z", x, y + 6);
		return true;
	case 0x25b2:		/* up */
		buf_printf(&l->heads, "M%u %uh8l-4-9z", x, y + 13);
		return true;
	default: return false;
	}
}

static void
put_glyph(struct buf *b, uint32_t cp)
{
	char bytes[4];

	switch (cp) {
	case '<': buf_puts(b, "&lt;"); return;
	case '>': buf_puts(b, "&gt;"); return;
	case '&': buf_puts(b, "&amp;"); return;
	case '"': buf_puts(b, "&quot;"); return;
	default: break;
	}
	if (text_cp_is_unsafe(cp))
		cp = 0xfffd;
	buf_append(b, bytes, text_encode(cp, bytes));
}

struct row_reader {
	const struct svg_source *source;
	struct layer *layers;
	unsigned row;
	struct svg_cell *cells;
};

static bool
is_text(const struct svg_cell *c)
{
	return c->glyph != ' ' && find_line(c->glyph) == NULL &&
	       !(c->glyph == 0x25b6 || c->glyph == 0x25c0 || c->glyph == 0x25bc ||
		 c->glyph == 0x25b2);
}

/* Cells of one style from col on as one text; returns the column behind. */
static unsigned
put_text(const struct row_reader *r, unsigned col)
{
	unsigned style = r->cells[col].style, end = col, last = col;
	struct buf *b = &r->layers[style].texts;

	/* Single blanks stay inside, so that a sentence is one text. */
	while (end < r->source->cols && r->cells[end].style == style &&
	       (is_text(&r->cells[end]) || (r->cells[end].glyph == ' ' && end > col &&
					    r->cells[end - 1].glyph != ' '))) {
		if (r->cells[end].glyph != ' ')
			last = end;
		end++;
	}
	buf_printf(b, "<text x=\"%u\" y=\"%u\" textLength=\"%u\">", MARGIN + col * CELL_W,
		   MARGIN + r->row * CELL_H + BASELINE, (last + 1 - col) * CELL_W);
	for (unsigned i = col; i <= last; i++) {
		if (r->cells[i].glyph == 0)
			continue;
		put_glyph(b, r->cells[i].glyph);
		for (size_t k = 0; k < 4 && r->cells[i].marks[k] != 0; k++)
			put_glyph(b, r->cells[i].marks[k]);
	}
	buf_puts(b, "</text>\n");
	return last + 1;
}

static void
put_backs(const struct row_reader *r)
{
	const struct svg_style *styles = r->source->styles;

	for (unsigned col = 0; col < r->source->cols;) {
		unsigned style = r->cells[col].style, end = col + 1;

		while (end < r->source->cols && r->cells[end].style == style)
			end++;
		if ((styles[style].attrs & SVG_REVERSE) != 0)
			buf_printf(&r->layers[style].backs, "M%u %uh%uv%uh-%uz", MARGIN + col * CELL_W,
				   MARGIN + r->row * CELL_H, (end - col) * CELL_W, CELL_H,
				   (end - col) * CELL_W);
		col = end;
	}
}

static void
put_row(const struct row_reader *r)
{
	unsigned col = 0;

	put_backs(r);
	while (col < r->source->cols) {
		const struct svg_cell *c = &r->cells[col];
		const struct line_glyph *line = find_line(c->glyph);
		unsigned run = 1;

		if (c->glyph == ' ' || c->glyph == 0 ||
		    put_head(&r->layers[c->style], c->glyph, col, r->row)) {
			col++;
			continue;
		}
		if (line == NULL) {
			col = put_text(r, col);
			continue;
		}
		while (line->arms == (LEFT | RIGHT) && col + run < r->source->cols &&
		       r->cells[col + run].glyph == c->glyph && r->cells[col + run].style == c->style)
			run++;
		put_line(&r->layers[c->style], line, col, r->row, run);
		col += run;
	}
}

/* Colours that can be read on white and on near black. */
static const struct {
	const char *light, *dark;
} palette[16] = {
	{ "#24292f", "#8b949e" }, { "#c21f2c", "#ff7b72" }, { "#116329", "#56d364" },
	{ "#8a5a00", "#e3b341" }, { "#0550ae", "#79c0ff" }, { "#8250df", "#d2a8ff" },
	{ "#0b6a75", "#56d4dd" }, { "#57606a", "#c9d1d9" }, { "#57606a", "#8b949e" },
	{ "#c21f2c", "#ff7b72" }, { "#116329", "#56d364" }, { "#8a5a00", "#e3b341" },
	{ "#0550ae", "#79c0ff" }, { "#8250df", "#d2a8ff" }, { "#0b6a75", "#56d4dd" },
	{ "#24292f", "#ffffff" },
};

#define TEXT_LIGHT "#1f2328"
#define TEXT_DARK "#e6edf3"
#define BACK_LIGHT "#ffffff"
#define BACK_DARK "#0d1117"

static const char *
colour_of(const struct svg_style *style, bool dark)
{
	if (style->colour < 0)
		return dark ? TEXT_DARK : TEXT_LIGHT;
	return dark ? palette[style->colour & 15].dark : palette[style->colour & 15].light;
}

/* The attributes of the elements are those of a light page, for viewers that
 * read no style sheet; the sheet turns them for a dark one. */
static void
put_css(const struct svg_source *s, struct buf *out)
{
	buf_puts(out, "<style>text{white-space:pre}\n@media (prefers-color-scheme:dark){"
		 ".bg{fill:" BACK_DARK "}");
	for (size_t i = 0; i < s->style_count; i++) {
		const char *c = colour_of(&s->styles[i], true);
		bool reverse = (s->styles[i].attrs & SVG_REVERSE) != 0;

		buf_printf(out, ".s%zu .b{fill:%s}.s%zu .l{stroke:%s}.s%zu .f{fill:%s}", i, c, i,
			   reverse ? BACK_DARK : c, i, reverse ? BACK_DARK : c);
	}
	buf_puts(out, "}</style>\n");
}

static void
put_layer(const struct svg_source *s, struct layer *l, size_t style, struct buf *out)
{
	const struct svg_style *look = &s->styles[style];
	const char *colour = colour_of(look, false);
	const char *ink = (look->attrs & SVG_REVERSE) != 0 ? BACK_LIGHT : colour;

	if (l->light.len + l->dashed.len + l->heads.len + l->texts.len + l->backs.len > 0) {
		buf_printf(out, "<g class=\"s%zu\"%s%s%s>\n", style,
			   (look->attrs & SVG_BOLD) != 0 ? " font-weight=\"bold\"" : "",
			   (look->attrs & SVG_DIM) != 0 ? " opacity=\".62\"" : "",
			   (look->attrs & SVG_UNDERLINE) != 0 ? " text-decoration=\"underline\"" : "");
		if (l->backs.len > 0)
			buf_printf(out, "<path class=\"b\" fill=\"%s\" d=\"%s\"/>\n", colour,
				   l->backs.data);
		if (l->light.len > 0)
			buf_printf(out, "<path class=\"l\" fill=\"none\" stroke=\"%s\"%s d=\"%s\"/>\n",
				   ink, (look->attrs & SVG_BOLD) != 0 ? " stroke-width=\"1.6\"" : "",
				   l->light.data);
		if (l->dashed.len > 0)
			buf_printf(out, "<path class=\"l\" fill=\"none\" stroke=\"%s\" "
				   "stroke-dasharray=\"3 3\" d=\"%s\"/>\n", ink, l->dashed.data);
		if (l->heads.len > 0)
			buf_printf(out, "<path class=\"f\" fill=\"%s\" d=\"%s\"/>\n", ink,
				   l->heads.data);
		if (l->texts.len > 0)
			buf_printf(out, "<g class=\"f\" fill=\"%s\">\n%s</g>\n", ink, l->texts.data);
		buf_puts(out, "</g>\n");
	}
	buf_fini(&l->light);
	buf_fini(&l->dashed);
	buf_fini(&l->heads);
	buf_fini(&l->texts);
	buf_fini(&l->backs);
}

static void
put_title(const char *title, struct buf *out)
{
	buf_puts(out, "<title>");
	for (size_t at = 0, len = strlen(title); at < len;) {
		uint32_t cp;
		bool ok;

		at += text_decode(title + at, len - at, &cp, &ok);
		put_glyph(out, ok ? cp : 0xfffd);
	}
	buf_puts(out, "</title>\n");
}

void
svg_put(const struct svg_source *s, struct buf *out)
{
	unsigned width = s->cols * CELL_W + 2 * MARGIN, height = s->rows * CELL_H + 2 * MARGIN;
	struct row_reader r = { .source = s };

	r.layers = xcalloc(s->style_count + 1, sizeof(*r.layers));
	r.cells = xcalloc(s->cols + 1, sizeof(*r.cells));
	for (r.row = 0; r.row < s->rows; r.row++) {
		for (unsigned col = 0; col < s->cols; col++) {
			memset(&r.cells[col], 0, sizeof(r.cells[col]));
			s->cell(s->arg, col, r.row, &r.cells[col]);
			ASSERT(r.cells[col].style < s->style_count);
		}
		put_row(&r);
	}
	buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		   "viewBox=\"0 0 %u %u\" role=\"img\" font-family=\"ui-monospace,Menlo,Consolas,"
		   "DejaVu Sans Mono,monospace\" font-size=\"15\">\n", width, height, width, height);
	put_title(s->title != NULL ? s->title : "meshtop", out);
	put_css(s, out);
	buf_printf(out, "<rect class=\"bg\" width=\"%u\" height=\"%u\" fill=\"" BACK_LIGHT "\"/>\n",
		   width, height);
	for (size_t i = 0; i < s->style_count; i++)
		put_layer(s, &r.layers[i], i, out);
	buf_puts(out, "</svg>\n");
	free(r.layers);
	free(r.cells);
}

static void
cell_of_grid(void *arg, unsigned col, unsigned row, struct svg_cell *out)
{
	struct grid *g = arg;
	const struct grid_cell *c = grid_at(g, col, row);
	uint32_t marks[GRID_MOST_MARKS];
	unsigned count = c->marks > 0 ? grid_marks(g, col, row, marks) : 0;

	out->glyph = c->glyph;
	out->style = c->style;
	for (unsigned i = 0; i < count && i < 4; i++)
		out->marks[i] = marks[i];
}

void
grid_put_svg(const struct grid *g, const char *title, struct buf *out)
{
	static const struct svg_style styles[STYLE_COUNT] = {
		[STYLE_PLAIN] = { -1, 0 }, [STYLE_DIM] = { -1, SVG_DIM }, [STYLE_BOLD] = { -1, SVG_BOLD },
		[STYLE_GOOD] = { 2, 0 }, [STYLE_WARN] = { 3, SVG_BOLD }, [STYLE_BAD] = { 1, SVG_BOLD },
		[STYLE_TCP] = { 4, 0 }, [STYLE_MIRROR] = { 5, 0 }, [STYLE_SERVICE] = { 6, 0 },
		[STYLE_ACCENT] = { 6, SVG_BOLD }, [STYLE_SELECTED] = { -1, SVG_REVERSE | SVG_BOLD },
		[STYLE_TITLE] = { -1, SVG_BOLD }, [STYLE_KEY] = { 6, SVG_BOLD },
	};
	const struct svg_source source = {
		.cols = g->cols, .rows = g->rows, .cell = cell_of_grid,
		.arg = (struct grid *)(uintptr_t)g, .styles = styles, .style_count = STYLE_COUNT,
		.title = title,
	};

	svg_put(&source, out);
}
