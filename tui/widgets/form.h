/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forms: fields in rows, one with the focus.
 *
 * A form is a view.  It edits texts, choices and switches and tells its owner
 * what happened; what a value means, whether it is good and what follows from
 * it is the owner's business.  Leaving a field is always possible.
 */
#ifndef MESHTOP_TUI_FORM_H
#define MESHTOP_TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/vec.h"
#include "tui/term/canvas.h"

enum field_kind {
	FIELD_HEADING, FIELD_NOTE,	/* only read */
	FIELD_TEXT,			/* any text; durations, lists with commas */
	FIELD_INTEGER,			/* digits */
	FIELD_WEIGHT,			/* digits, + and -, a bar; is_on: locked */
	FIELD_CHOICE,			/* one of some words */
	FIELD_TOGGLE,
	FIELD_BUTTON,
};

struct form_field {
	enum field_kind kind;
	int id;				/* what it is to the owner */
	size_t row, sub;		/* and of which row */
	char *label;
	const char *spoken;		/* for line prompts, where the label says too little */
	struct buf value;
	const char *const *choices;	/* borrowed */
	size_t choice_count, choice;
	bool is_on;
	bool is_inline;			/* on the line of the field before */
	bool is_disabled;
	bool is_masked;			/* a secret: stars are drawn for it */
	unsigned cells;			/* width of the value */
	unsigned note_style;
	char *note;			/* behind the value; NULL */
	char *error;			/* what is wrong with it; NULL */
};

struct form {
	VEC(struct form_field) fields;
	size_t focus;			/* index; fields.len: none can have it */
	size_t cursor;			/* byte in the focused text */
	bool is_fresh;			/* the first digit replaces a number */
	size_t top;			/* first line in sight */
	unsigned label_cells;		/* width of the labels' column */
};

enum form_event {
	FORM_IGNORED,			/* the key is not the form's */
	FORM_MOVED,			/* the focus moved; form_left() is the field before */
	FORM_EDITED,			/* text of the focused field changed */
	FORM_CHANGED,			/* choice or switch of the focused field changed */
	FORM_PRESSED,			/* its button, or Enter on a text */
	FORM_DONE,			/* nothing happened, but the key is used up */
};

void form_init(struct form *f);
void form_fini(struct form *f);
/* Begins to fill the form anew; the focus, and the text of fields that are in
 * error, come back in form_end() where a field has the same id, row and sub. */
struct form_old;
struct form_old *form_begin(struct form *f);
void form_end(struct form *f, struct form_old *old);
/* Valid until the next one is added. */
struct form_field *form_add(struct form *f, enum field_kind kind, int id, const char *label);
void field_set(struct form_field *field, const char *value);
void field_note(struct form_field *field, unsigned style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void field_error(struct form_field *field, const char *text);	/* NULL: good */

struct form_field *form_focused(struct form *f);		/* NULL when none */
struct form_field *form_find(struct form *f, int id, size_t row, size_t sub);
/* Puts the focus there; false when there is no such field. */
bool form_focus(struct form *f, int id, size_t row, size_t sub);
enum form_event form_key(struct form *f, uint32_t key);
/* A click on the field of that number, as form_draw() tells it. */
enum form_event form_click(struct form *f, size_t index);
/* Sanitized text into the focused field; false when it takes none. */
bool form_paste(struct form *f, const char *text);
bool form_has_errors(const struct form *f);
void form_draw(struct form *f, struct area a);

#endif
