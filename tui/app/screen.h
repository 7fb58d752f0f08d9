/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A screen: private state behind a table of operations.  Each screen is one
 * file that ends in its table and offers one function to open it.
 */
#ifndef MESHTOP_TUI_SCREEN_H
#define MESHTOP_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/config/keymap.h"
#include "tui/term/canvas.h"

struct app;
struct buf;
struct screen;

struct screen_ops {
	const char *name;		/* for the status line and help */
	unsigned scope;			/* which keys apply: one of SCOPE_GRAPH ... */
	bool is_overlay;		/* drawn over the screen below */
	/* The model changed (enum model_change bits); what changes all the time is only
	 * told to screens in sight, and to others when they are.  May be NULL. */
	void (*update)(struct screen *s, unsigned changes);
	void (*draw)(struct screen *s, struct area a);
	/* A key before the keymap sees it; false: not taken.  May be NULL. */
	bool (*key)(struct screen *s, uint32_t key);
	/* Pasted text, sanitized; false: not taken.  May be NULL. */
	bool (*paste)(struct screen *s, const char *text);
	/* A command with its argument ("" for none); false: not its business. */
	bool (*command)(struct screen *s, enum command_id id, const char *args);
	/* "/" text: selects the next (1) or previous (-1) match, 0: the first from
	 * here; false when there is none.  May be NULL: nothing to find. */
	bool (*find)(struct screen *s, const char *text, int direction);
	/* "/" text as it is typed: leaves only what matches; "" shows all.  May be
	 * NULL: find is called instead. */
	void (*filter)(struct screen *s, const char *text);
	/* Does the field with the focus hold a secret?  Recordings leave out what
	 * is typed into it.  May be NULL: no. */
	bool (*is_masked)(const struct screen *s);
	/* A click on a place that was drawn with area_hit(), counted from its upper
	 * left corner: chooses what is there.  True when that was chosen before:
	 * it is opened then.  May be NULL. */
	bool (*click)(struct screen *s, unsigned what, unsigned col, unsigned row);
	/* Hints as "key word" pairs with tabs between: "w wizards\ty YAML". */
	void (*hint)(struct screen *s, struct buf *out);
	/* May it be closed now?  A screen that holds unsaved work answers false
	 * and asks (app_ask), then closes itself.  May be NULL: yes. */
	bool (*may_close)(struct screen *s);
	/* Appends command lines, each after a newline, that lead back to what is
	 * shown (:save).  May be NULL. */
	void (*save)(struct screen *s, struct buf *lines);
	void (*free)(struct screen *s);	/* frees s too */
};

/* First member of each screen's private struct. */
struct screen {
	const struct screen_ops *ops;
	struct app *app;
	const char *name;	/* NULL: that of ops */
	unsigned scope;		/* 0: that of ops */
	unsigned missed;	/* changes while others covered it */
};

static inline const char *
screen_name(const struct screen *s)
{
	return s->name != NULL ? s->name : s->ops->name;
}

static inline unsigned
screen_scope(const struct screen *s)
{
	return s->scope != 0 ? s->scope : s->ops->scope;
}

#endif
