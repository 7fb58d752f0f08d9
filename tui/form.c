/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Editing and drawing of fields.
 */
#include "tui/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/key.h"

#define VALUE_MAX 1024		/* bytes of one text */
#define BAR_CELLS 20u

struct form_old {
	VEC(struct form_field) fields;
	int id;
	size_t row, sub, cursor;
	bool has_focus;
};

void
form_init(struct form *f)
{
	memset(f, 0, sizeof(*f));
	f->label_cells = 22;
}

static void
field_fini(struct form_field *field)
{
	free(field->label);
	free(field->note);
	free(field->error);
	buf_fini(&field->value);
}

void
form_fini(struct form *f)
{
	for (size_t i = 0; i < f->fields.len; i++)
		field_fini(&f->fields.items[i]);
	vec_fini(&f->fields);
}

static bool
takes_focus(const struct form_field *field)
{
	return field->kind != FIELD_HEADING && field->kind != FIELD_NOTE && !field->is_disabled;
}

static bool
is_textual(const struct form_field *field)
{
	return field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER ||
	       field->kind == FIELD_WEIGHT;
}

struct form_field *
form_focused(struct form *f)
{
	return f->focus < f->fields.len && takes_focus(&f->fields.items[f->focus]) ?
		&f->fields.items[f->focus] : NULL;
}

struct form_field *
form_find(struct form *f, int id, size_t row, size_t sub)
{
	for (size_t i = 0; i < f->fields.len; i++) {
		struct form_field *field = &f->fields.items[i];

		if (field->id == id && field->row == row && field->sub == sub)
			return field;
	}
	return NULL;
}

static void
set_focus(struct form *f, size_t index)
{
	f->focus = index;
	f->is_fresh = true;
	f->cursor = index < f->fields.len ? f->fields.items[index].value.len : 0;
}

bool
form_focus(struct form *f, int id, size_t row, size_t sub)
{
	struct form_field *field = form_find(f, id, row, sub);

	if (field == NULL || !takes_focus(field))
		return false;
	set_focus(f, (size_t)(field - f->fields.items));
	return true;
}

struct form_old *
form_begin(struct form *f)
{
	struct form_old *old = xcalloc(1, sizeof(*old));
	struct form_field *focused = form_focused(f);

	if (focused != NULL) {
		old->has_focus = true;
		old->id = focused->id;
		old->row = focused->row;
		old->sub = focused->sub;
		old->cursor = f->cursor;
	}
	old->fields.items = f->fields.items;
	old->fields.len = f->fields.len;
	old->fields.cap = f->fields.cap;
	f->fields.items = NULL;
	f->fields.len = f->fields.cap = 0;
	return old;
}

void
form_end(struct form *f, struct form_old *old)
{
	for (size_t i = 0; i < old->fields.len; i++) {
		struct form_field *was = &old->fields.items[i];
		struct form_field *now = form_find(f, was->id, was->row, was->sub);

		if (was->error != NULL && now != NULL && is_textual(was) && now->kind == was->kind) {
			field_set(now, buf_str(&was->value));
			field_error(now, was->error);
		}
		field_fini(was);
	}
	if (!old->has_focus || !form_focus(f, old->id, old->row, old->sub)) {
		size_t i = old->has_focus && form_focused(f) != NULL ? f->focus : 0;

		while (i < f->fields.len && !takes_focus(&f->fields.items[i]))
			i++;
		set_focus(f, i);
	} else if (old->cursor <= f->fields.items[f->focus].value.len) {
		f->cursor = old->cursor;
	}
	vec_fini(&old->fields);
	free(old);
}

struct form_field *
form_add(struct form *f, enum field_kind kind, int id, const char *label)
{
	struct form_field field = { .kind = kind, .id = id, .label = xstrdup(label) };

	field.cells = kind == FIELD_INTEGER ? 6 : kind == FIELD_WEIGHT ? 4 : 30;
	vec_push(&f->fields, field);
	return &f->fields.items[f->fields.len - 1];
}

void
field_set(struct form_field *field, const char *value)
{
	buf_clear(&field->value);
	buf_puts(&field->value, value != NULL ? value : "");
}

void
field_note(struct form_field *field, unsigned style, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_sanitize(&clean, buf_str(&raw), raw.len);
	buf_fini(&raw);
	free(field->note);
	field->note = buf_steal(&clean);
	field->note_style = style;
}

void
field_error(struct form_field *field, const char *text)
{
	char *copy = text != NULL ? xstrdup(text) : NULL;

	free(field->error);
	field->error = copy;
}

bool
form_has_errors(const struct form *f)
{
	for (size_t i = 0; i < f->fields.len; i++) {
		if (f->fields.items[i].error != NULL)
			return true;
	}
	return false;
}

static enum form_event
move_focus(struct form *f, int step)
{
	size_t n = f->fields.len, at = f->focus;

	for (size_t i = 0; i < n; i++) {
		if (step > 0 ? at + 1 >= n : at == 0)
			return FORM_IGNORED;	/* at the end: the owner's step is next */
		at = step > 0 ? at + 1 : at - 1;
		if (takes_focus(&f->fields.items[at])) {
			set_focus(f, at);
			return FORM_MOVED;
		}
	}
	return FORM_IGNORED;
}

/* Up and down go by lines: past the other fields of this line. */
static enum form_event
move_line(struct form *f, int step)
{
	size_t n = f->fields.len, line = f->focus, at;

	if (n == 0)
		return FORM_DONE;
	if (line >= n)			/* no field takes the focus */
		line = n - 1;
	while (line > 0 && f->fields.items[line].is_inline)
		line--;
	at = line;
	for (;;) {
		if (step > 0) {
			do {
				at++;
			} while (at < n && f->fields.items[at].is_inline);
			if (at >= n)
				return FORM_DONE;
		} else {
			if (at == 0)
				return FORM_DONE;
			do {
				at--;
			} while (at > 0 && f->fields.items[at].is_inline);
		}
		for (size_t i = at; i < n && (i == at || f->fields.items[i].is_inline); i++) {
			if (takes_focus(&f->fields.items[i])) {
				set_focus(f, i);
				return FORM_MOVED;
			}
		}
	}
}

static size_t
before(const char *s, size_t at)
{
	do {
		at--;
	} while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80);
	return at;
}

static size_t
after(const char *s, size_t len, size_t at)
{
	do {
		at++;
	} while (at < len && ((unsigned char)s[at] & 0xc0) == 0x80);
	return at;
}

static void
cut(struct form *f, struct form_field *field, size_t from, size_t to)
{
	struct buf *v = &field->value;

	memmove(v->data + from, v->data + to, v->len - to);
	v->len -= to - from;
	v->data[v->len] = '\0';
	f->cursor = from;
}

static bool
insert(struct form *f, struct form_field *field, const char *bytes, size_t len)
{
	struct buf *v = &field->value;

	if (v->len + len > VALUE_MAX)
		return false;
	buf_reserve(v, len);
	memmove(v->data + f->cursor + len, v->data + f->cursor, v->len - f->cursor);
	memcpy(v->data + f->cursor, bytes, len);
	v->len += len;
	v->data[v->len] = '\0';
	f->cursor += len;
	return true;
}

static bool
accepts(const struct form_field *field, uint32_t key)
{
	if (field->kind == FIELD_TEXT)
		return key_is_text(key) && !text_cp_is_unsafe(key);
	return key >= '0' && key <= '9' && field->value.len < (field->kind == FIELD_WEIGHT ? 3 : 9);
}

static enum form_event
edit_keys(struct form *f, struct form_field *field, uint32_t key)
{
	struct buf *v = &field->value;
	size_t word;

	switch (key) {
	case K_LEFT:
		if (f->cursor == 0)
			return FORM_IGNORED;
		f->cursor = before(v->data, f->cursor);
		return FORM_DONE;
	case K_RIGHT:
		if (f->cursor >= v->len)
			return FORM_IGNORED;
		f->cursor = after(v->data, v->len, f->cursor);
		return FORM_DONE;
	case K_HOME:
	case K_CTRL('a'): f->cursor = 0; return FORM_DONE;
	case K_END:
	case K_CTRL('e'): f->cursor = v->len; return FORM_DONE;
	case K_BACKSPACE:
		if (f->cursor == 0)
			return FORM_DONE;
		cut(f, field, before(v->data, f->cursor), f->cursor);
		return FORM_EDITED;
	case K_DELETE:
	case K_CTRL('d'):
		if (f->cursor >= v->len)
			return FORM_DONE;
		cut(f, field, f->cursor, after(v->data, v->len, f->cursor));
		return FORM_EDITED;
	case K_CTRL('u'):
		if (v->len == 0)
			return FORM_DONE;
		cut(f, field, 0, v->len);
		return FORM_EDITED;
	case K_CTRL('w'):
		if (f->cursor == 0)
			return FORM_DONE;
		word = f->cursor;
		while (word > 0 && v->data[word - 1] == ' ')
			word--;
		while (word > 0 && v->data[word - 1] != ' ')
			word--;
		cut(f, field, word, f->cursor);
		return FORM_EDITED;
	default: return FORM_IGNORED;
	}
}

static enum form_event
text_key(struct form *f, struct form_field *field, uint32_t key)
{
	enum form_event event;
	char bytes[4];

	if (field->kind != FIELD_TEXT && key >= '0' && key <= '9' && f->is_fresh &&
	    field->value.len > 0)
		cut(f, field, 0, field->value.len);
	f->is_fresh = false;
	if (accepts(field, key)) {
		size_t len = text_encode(key, bytes);

		return insert(f, field, bytes, len) ? FORM_EDITED : FORM_DONE;
	}
	event = edit_keys(f, field, key);
	if (event == FORM_IGNORED && field->kind == FIELD_TEXT && key_is_text(key))
		return FORM_DONE;
	return event;
}

static enum form_event
weight_key(struct form *f, struct form_field *field, uint32_t key)
{
	long value = strtol(buf_str(&field->value), NULL, 10);
	char text[8];

	if (key != '+' && key != '-')
		return text_key(f, field, key);
	value = key == '+' ? value + 1 : value - 1;
	value = value < 0 ? 0 : value > 100 ? 100 : value;
	snprintf(text, sizeof(text), "%ld", value);
	field_set(field, text);
	f->cursor = field->value.len;
	return FORM_EDITED;
}

static enum form_event
choice_key(struct form_field *field, uint32_t key)
{
	size_t n = field->choice_count;

	if (n == 0 || (key != K_LEFT && key != K_RIGHT && key != K_SPACE))
		return FORM_IGNORED;
	field->choice = key == K_LEFT ? (field->choice + n - 1) % n : (field->choice + 1) % n;
	return FORM_CHANGED;
}

static enum form_event
field_key(struct form *f, struct form_field *field, uint32_t key)
{
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_INTEGER: return text_key(f, field, key);
	case FIELD_WEIGHT: return weight_key(f, field, key);
	case FIELD_CHOICE: return choice_key(field, key);
	case FIELD_TOGGLE:
		if (key != K_SPACE && key != K_ENTER)
			return FORM_IGNORED;
		field->is_on = !field->is_on;
		return FORM_CHANGED;
	case FIELD_BUTTON:
		return key == K_ENTER || key == K_SPACE ? FORM_PRESSED : FORM_IGNORED;
	default: return FORM_IGNORED;
	}
}

enum form_event
form_key(struct form *f, uint32_t key)
{
	struct form_field *field = form_focused(f);
	enum form_event event = FORM_IGNORED;

	if (field != NULL)
		event = field_key(f, field, key);
	if (event != FORM_IGNORED)
		return event;
	switch (key) {
	case K_TAB: return move_focus(f, 1);
	case K_ENTER:
		event = move_focus(f, 1);
		return event == FORM_IGNORED ? FORM_DONE : event;
	case K_BACK_TAB: return move_focus(f, -1);
	case K_DOWN: return move_line(f, 1);
	case K_UP: return move_line(f, -1);
	default: return FORM_IGNORED;
	}
}

enum form_event
form_click(struct form *f, size_t index)
{
	if (index >= f->fields.len || !takes_focus(&f->fields.items[index]) || index == f->focus)
		return FORM_IGNORED;
	set_focus(f, index);
	return FORM_MOVED;
}

bool
form_paste(struct form *f, const char *text)
{
	struct form_field *field = form_focused(f);
	bool any = false;

	if (field == NULL || !is_textual(field))
		return false;
	for (size_t i = 0, len = strlen(text); i < len;) {
		uint32_t cp;
		bool ok;
		size_t n = text_decode(text + i, len - i, &cp, &ok);

		if (cp != TEXT_MARK && accepts(field, cp))
			any = insert(f, field, text + i, n) || any;
		i += n;
	}
	return true;
}

static unsigned
draw_text(const struct form *f, const struct form_field *field, struct area row, unsigned col,
	  bool is_focused)
{
	const char *value = buf_str(&field->value), *from = value;
	unsigned style = is_focused ? UI_FIELD_ON : UI_FIELD;
	unsigned cells = col + field->cells < row.cols ? field->cells :
		row.cols > col + 1 ? row.cols - col - 1 : 1;
	struct area box = area_sub(row, col, 0, cells, 1);

	area_blank(box, style);
	if (is_focused) {	/* the cursor stays in sight */
		while (text_width(from, (size_t)(value + f->cursor - from)) >= cells &&
		       from < value + f->cursor)
			from += after(from, strlen(from), 0);
	}
	area_put(box, 0, 0, style, from);
	if (is_focused)
		area_cursor(box, (unsigned)text_width(from, (size_t)(value + f->cursor - from)), 0);
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
	bool is_focused = index == f->focus && takes_focus(field);

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

static size_t
line_of(const struct form *f, size_t index)
{
	size_t line = 0;

	for (size_t i = 1; i <= index && i < f->fields.len; i++)
		line += !f->fields.items[i].is_inline;
	return line;
}

void
form_draw(struct form *f, struct area a)
{
	size_t focus = line_of(f, f->focus), line = 0;
	unsigned col = 0;

	if (focus < f->top + 1)
		f->top = focus > 1 ? focus - 1 : 0;
	if (focus + 2 > f->top + a.rows)
		f->top = focus + 2 - a.rows;
	for (size_t i = 0; i < f->fields.len; i++) {
		if (i > 0 && !f->fields.items[i].is_inline)
			line++;
		col = f->fields.items[i].is_inline ? col + 1 : 0;
		if (line >= f->top && line < f->top + a.rows) {
			struct area row = area_sub(a, 0, (unsigned)(line - f->top), a.cols, 1);
			unsigned begin = col;

			col = draw_field(f, i, row, begin);
			area_hit(area_sub(row, begin, 0, col - begin, 1), (unsigned)i);
		}
	}
}
