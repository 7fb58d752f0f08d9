/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page that lists things in columns.  A list is its columns and one
 * function that fills the rows from the model.
 */
#ifndef MESHTOP_TUI_SCREENS_TABLE_H
#define MESHTOP_TUI_SCREENS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"

struct app;
struct model;
struct screen;
struct table;

#define TABLE_COLUMNS 8

struct table_column {
	const char *title;
	unsigned cells;		/* width; the flexible one takes what is left, at least this */
	bool is_flexible, is_right;
};

struct table_row {
	char *texts[TABLE_COLUMNS];
	uint8_t styles[TABLE_COLUMNS];
	/* Lines as typed behind `:` for the keys; "" where there is nothing to do.
	 * open: Enter; yaml: y; wizards: w; actions: a (NULL: as w); edit:
	 * Ctrl-E; undo: u; diff: D. */
	char *open, *yaml, *wizards, *actions, *edit, *undo, *diff;
	char *detail;			/* text that Enter shows; NULL: open is run */
};

struct table_spec {
	const char *name;		/* of the page */
	const char *empty;		/* shown when there is no row */
	const char *hint;		/* "key word" pairs of this list */
	struct table_column columns[TABLE_COLUMNS];
	size_t column_count;
	void (*fill)(struct table *t, struct model *m);
	bool follows;			/* the first row stays chosen while it is */
	unsigned changes;		/* enum model_change bits that fill it anew; 0: all */
};

struct screen *table_open(struct app *a, const struct table_spec *spec);

/* For fill: appends a row of blanks; valid until the next one. */
struct table_row *table_add(struct table *t);
/* Copied and sanitized. */
void table_text(struct table_row *r, size_t column, unsigned style, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
