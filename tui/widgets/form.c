/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of a form and the focus among them; see form.h. */
#include "tui/widgets/form_priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/term/key.h"

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

bool
field_takes_focus(const struct form_field *field)
{
	return field->kind != FIELD_HEADING && field->kind != FIELD_NOTE && !field->is_disabled;
}

bool
field_is_textual(const struct form_field *field)
{
	return field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER ||
	       field->kind == FIELD_WEIGHT;
}

struct form_field *
form_focused(struct form *f)
{
	return f->focus < f->fields.len && field_takes_focus(&f->fields.items[f->focus]) ?
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

	if (field == NULL || !field_takes_focus(field))
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

		if (was->error != NULL && now != NULL && field_is_textual(was) && now->kind == was->kind) {
			field_set(now, buf_str(&was->value));
			field_error(now, was->error);
		}
		field_fini(was);
	}
	if (!old->has_focus || !form_focus(f, old->id, old->row, old->sub)) {
		size_t i = old->has_focus && form_focused(f) != NULL ? f->focus : 0;

		while (i < f->fields.len && !field_takes_focus(&f->fields.items[i]))
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
	struct buf clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&clean, fmt, ap);
	va_end(ap);
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
		if (field_takes_focus(&f->fields.items[at])) {
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
			if (field_takes_focus(&f->fields.items[i])) {
				set_focus(f, i);
				return FORM_MOVED;
			}
		}
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
	if (index >= f->fields.len || !field_takes_focus(&f->fields.items[index]) || index == f->focus)
		return FORM_IGNORED;
	set_focus(f, index);
	return FORM_MOVED;
}
