/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys and pasted text do inside a field; see form.h. */
#include "tui/widgets/form_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"
#include "tui/term/key.h"

#define VALUE_MAX 1024		/* bytes of one text */

static size_t
char_before(const char *s, size_t at)
{
	do {
		at--;
	} while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80);
	return at;
}

size_t
form_char_after(const char *s, size_t len, size_t at)
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
		f->cursor = char_before(v->data, f->cursor);
		return FORM_DONE;
	case K_RIGHT:
		if (f->cursor >= v->len)
			return FORM_IGNORED;
		f->cursor = form_char_after(v->data, v->len, f->cursor);
		return FORM_DONE;
	case K_HOME:
	case K_CTRL('a'): f->cursor = 0; return FORM_DONE;
	case K_END:
	case K_CTRL('e'): f->cursor = v->len; return FORM_DONE;
	case K_BACKSPACE:
		if (f->cursor == 0)
			return FORM_DONE;
		cut(f, field, char_before(v->data, f->cursor), f->cursor);
		return FORM_EDITED;
	case K_DELETE:
	case K_CTRL('d'):
		if (f->cursor >= v->len)
			return FORM_DONE;
		cut(f, field, f->cursor, form_char_after(v->data, v->len, f->cursor));
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

enum form_event
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

bool
form_paste(struct form *f, const char *text)
{
	struct form_field *field = form_focused(f);
	bool any = false;

	if (field == NULL || !field_is_textual(field))
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
