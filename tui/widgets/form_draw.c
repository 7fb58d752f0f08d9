/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing a form: fields in lines, the focus in sight; see form.h. */
#include "tui/widgets/form_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"

#define BAR_CELLS 20u
#define TEXT_LEAST_CELLS 10u
#define WRAPPED_COL 4u	/* of a line that goes on below */

/* Bytes to characters. */
static size_t
count_chars(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t at = 0; at < len; at = form_char_after(text, len, at))
		count++;
	return count;
}

static unsigned
draw_text(const struct form *f, const struct form_field *field, struct area row, unsigned col,
	  bool is_focused)
{
	const char *value = buf_str(&field->value), *from;
	size_t cursor = f->cursor;
	struct buf stars = BUF_INIT;
	unsigned style = is_focused ? UI_FIELD_ON : UI_FIELD;
	unsigned cells = col + field->cells < row.cols ? field->cells :
		row.cols > col + 1 ? row.cols - col - 1 : 1;
	struct area box = area_sub(row, col, 0, cells, 1);

	if (field->is_masked) {
		buf_fill(&stars, '*', count_chars(value, field->value.len));
		cursor = count_chars(value, is_focused ? f->cursor : 0);
		value = buf_str(&stars);
	}
	from = value;
	area_blank(box, style);
	if (is_focused) {	/* the cursor stays in sight */
		while (text_width(from, (size_t)(value + cursor - from)) >= cells &&
		       from < value + cursor)
			from += form_char_after(from, strlen(from), 0);
	}
	area_put(box, 0, 0, style, from);
	if (is_focused)
		area_cursor(box, (unsigned)text_width(from, (size_t)(value + cursor - from)), 0);
	buf_fini(&stars);
	return cells;
}

static unsigned
draw_weight(const struct form *f, const struct form_field *field, struct area row, unsigned col,
	    bool is_focused)
{
	enum glyph_level level = row.canvas->glyphs;
	unsigned from = col, value = (unsigned)strtoul(buf_str(&field->value), NULL, 10);
	unsigned full = (value > 100 ? 100 : value) * BAR_CELLS / 100;

	col += draw_text(f, field, row, col, is_focused);
	col += area_put(row, col, 0, STYLE_PLAIN, "%  ");
	for (unsigned i = 0; i < BAR_CELLS && row.cols > 60; i++)
		col += area_put(row, col, 0, i < full ? STYLE_ACCENT : UI_BORDER,
				glyph(level, i < full ? GLYPH_BAR : GLYPH_TRACK));
	if (field->is_on)
		col += area_put(row, col, 0, STYLE_WARN, "  locked");
	return col - from;
}

static unsigned
draw_choice(const struct form_field *field, struct area row, unsigned col, bool is_focused)
{
	const char *word = field->choice < field->choice_count ? field->choices[field->choice] : "";

	return area_printf(row, col, 0, is_focused ? UI_FIELD_ON : UI_FIELD, "< %s >", word);
}

static unsigned
draw_value(const struct form *f, const struct form_field *field, struct area row, unsigned col,
	   bool is_focused)
{
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_INTEGER: return draw_text(f, field, row, col, is_focused);
	case FIELD_WEIGHT: return draw_weight(f, field, row, col, is_focused);
	case FIELD_CHOICE: return draw_choice(field, row, col, is_focused);
	case FIELD_TOGGLE:
		return area_put(row, col, 0, is_focused ? UI_FIELD_ON : STYLE_PLAIN,
				field->is_on ? "[x]" : "[ ]");
	case FIELD_BUTTON:
		return area_printf(row, col, 0, is_focused ? UI_FIELD_ON :
				   field->is_disabled ? STYLE_DIM : STYLE_KEY, "[ %s ]", field->label);
	default: return 0;
	}
}

/* One field from col on; returns the column behind it. */
static unsigned
draw_field(const struct form *f, size_t index, struct area row, unsigned col)
{
	const struct form_field *field = &f->fields.items[index];
	bool is_focused = index == f->focus && field_takes_focus(field);

	if (field->kind == FIELD_HEADING)
		return col + area_put_cut(row, col, 0, row.cols - col, STYLE_TITLE, field->label);
	if (field->kind == FIELD_NOTE)
		return col + area_put_cut(row, col, 0, row.cols - col,
					  field->note_style != 0 ? field->note_style : STYLE_DIM,
					  field->label);
	if (field->kind != FIELD_BUTTON && !field->is_inline) {
		area_put_cut(row, col, 0, f->label_cells - 1,
			     is_focused ? STYLE_BOLD : STYLE_PLAIN, field->label);
		col += f->label_cells;
	}
	col += draw_value(f, field, row, col, is_focused);
	if (field->note != NULL && field->error == NULL)
		col += area_put(row, col + 2, 0, field->note_style, field->note) + 2;
	if (field->error != NULL)	/* soft while typing, strict behind */
		col += area_printf(row, col + 1, 0, is_focused ? STYLE_WARN : STYLE_BAD, "x %s",
				   field->error) + 1;
	return col;
}

/* Columns that a field takes from its value on. */
static unsigned
field_cells(const struct form_field *field)
{
	const char *word = field->kind == FIELD_BUTTON ? field->label :
		field->choice < field->choice_count ? field->choices[field->choice] : "";
	const char *behind = field->error != NULL ? field->error : field->note != NULL ? field->note : "";
	size_t cells = field->kind == FIELD_BUTTON || field->kind == FIELD_CHOICE ?
		text_width(word, strlen(word)) + 4 : field->kind == FIELD_TOGGLE ? 3 : field->cells;

	return (unsigned)(cells + (behind[0] != '\0' ? text_width(behind, strlen(behind)) + 3 : 0));
}

struct place {
	size_t line;
	unsigned col, end;
};

/* On the line of the field before when it belongs there and there is room; a
 * text may get less room than it wants. */
static struct place
place_behind(const struct form *f, size_t index, const struct place *before, unsigned cols)
{
	const struct form_field *field = &f->fields.items[index];
	bool has_label = field->kind != FIELD_BUTTON && !field->is_inline;
	unsigned cells = field_cells(field), least = cells;
	struct place p = { before->line, before->end + 1, 0 };

	if (field_is_textual(field) && least > TEXT_LEAST_CELLS)
		least = TEXT_LEAST_CELLS;
	if (index == 0 || !field->is_inline) {
		p.line += index > 0;
		p.col = 0;
	} else if (p.col + least >= cols) {
		p.line++;
		p.col = WRAPPED_COL;
	}
	p.end = p.col + (has_label ? f->label_cells : 0) + cells;
	return p;
}

static size_t
line_of(const struct form *f, size_t index, unsigned cols)
{
	struct place p = { 0, 0, 0 };

	for (size_t i = 0; i <= index && i < f->fields.len; i++)
		p = place_behind(f, i, &p, cols);
	return p.line;
}

void
form_draw(struct form *f, struct area a)
{
	size_t focus = line_of(f, f->focus, a.cols);
	struct place p = { 0, 0, 0 };

	if (focus < f->top + 1)
		f->top = focus > 1 ? focus - 1 : 0;
	if (focus + 2 > f->top + a.rows)
		f->top = focus + 2 - a.rows;
	for (size_t i = 0; i < f->fields.len; i++) {
		p = place_behind(f, i, &p, a.cols);
		if (p.line >= f->top && p.line < f->top + a.rows) {
			struct area row = area_sub(a, 0, (unsigned)(p.line - f->top), a.cols, 1);
			unsigned end = draw_field(f, i, row, p.col);

			area_hit(area_sub(row, p.col, 0, end - p.col, 1), (unsigned)i);
		}
	}
}
