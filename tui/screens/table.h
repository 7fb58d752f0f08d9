/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Things in columns: a page of its own, or a part of one.  A list is its
 * columns and one function that fills the rows from the model; sorting,
 * filtering, finding and moving are the same for all.
 */
#ifndef MESHTOP_TUI_SCREENS_TABLE_H
#define MESHTOP_TUI_SCREENS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "tui/config/keymap.h"
#include "tui/term/canvas.h"
#include "tui/widgets/list.h"

struct app;
struct arena;
struct buf;
struct model;
struct screen;
struct table;

#define TABLE_COLUMNS 10

struct table_column {
	const char *title;
	unsigned cells;		/* width; the flexible one takes what is left, at least this */
	bool is_flexible, is_right;
	unsigned min_cols;	/* only shown in an area of at least this width */
};

/* What a column's text is made of when it is first wanted. */
enum table_figure { FIGURE_NONE, FIGURE_RATE, FIGURE_PERCENT, FIGURE_TIME, FIGURE_NUMBER };

struct table_row {
	struct arena *arena;		/* the table's, of texts */
	const char *texts[TABLE_COLUMNS];
	uint8_t figures[TABLE_COLUMNS];	/* enum table_figure, of the key */
	uint8_t styles[TABLE_COLUMNS];
	double keys[TABLE_COLUMNS];	/* sorted by these, largest first; NAN: by text */
	size_t order;			/* in which it was added */
	bool is_heading;		/* of the rows below: not chosen, never sorted away */
	bool is_seen;			/* has been in sight since it was filled */
	bool is_marked;			/* by the person; over refreshes by what it opens */
	/* Lines as typed behind `:` for the keys; "" where there is nothing to do.
	 * open: Enter; yaml: y; wizards: w; actions: a (NULL: as w); edit:
	 * Ctrl-E; undo: u; diff: D; picture: p; versions: V; explain: x. */
	char *open, *yaml, *wizards, *actions, *edit, *undo, *diff, *picture, *versions, *explain;
	char *detail;			/* text that Enter shows; NULL: open is run */
};

/* What can be done to marked rows; without a bit none can be marked. */
enum table_several {
	SEVERAL_NAMES = 1,		/* copy them */
	SEVERAL_YAML = 2,		/* show and write their documents */
	SEVERAL_DELETE = 4,		/* their objects */
	SEVERAL_ROUTING = 8,		/* delete the traffic routing of services */
};

struct table_spec {
	const char *name;		/* of the page */
	const char *empty;		/* shown when there is no row; keys as in app_tell() */
	const char *hint;		/* "key word" pairs of this list */
	struct table_column columns[TABLE_COLUMNS];
	size_t column_count;
	void (*fill)(struct table *t, struct model *m);	/* NULL: table_take() gives the rows */
	bool follows;			/* the first row stays chosen while it is */
	unsigned changes;		/* enum model_change bits that fill it anew; 0: all */
	bool has_no_titles;
	unsigned several;		/* enum table_several bits */
	/* Fills what is only wanted of rows in sight, before they are first drawn. */
	void (*sight)(struct table *t, struct table_row *const *rows, size_t count);
	/* Draws into what the rows leave free, if that is foot_rows at least. */
	void (*foot)(struct table *t, struct area a);
	unsigned foot_rows;
};

struct table_line {
	unsigned style;
	char *text;
};

struct table {
	struct app *app;
	const struct table_spec *spec;
	void *arg;			/* for fill and foot: whose part it is */
	struct list list;		/* over shown */
	VEC(struct table_line) head;	/* above the columns */
	VEC(struct table_row) rows;	/* in sorted order */
	struct arena *texts;		/* of the rows */
	VEC(size_t) shown;		/* rows that the filter leaves */
	size_t sort_column;
	bool is_sorted, is_inverted;
	char *range;			/* what the row opens where a range begins; NULL: none */
	char *filter;			/* as typed; NULL: none */
};

/* A page. */
struct screen *table_open(struct app *a, const struct table_spec *spec);

/* A part of a page. */
void table_init(struct table *t, struct app *a, const struct table_spec *spec, void *arg);
void table_fini(struct table *t);
void table_update(struct table *t, unsigned changes);
/* Takes head and rows over from a table that was filled elsewhere: by another
 * thread, say.  What is left of that is empty. */
void table_take(struct table *t, struct table *from);
/* Frees head and rows, as before they are filled anew. */
void table_clear(struct table *t);
void table_draw(struct table *t, struct area a);
bool table_command(struct table *t, enum command_id id, const char *args);
/* Appends the command lines that sort and filter it as it is (screen_ops.save). */
void table_save(const struct table *t, struct buf *lines);
bool table_find(struct table *t, const char *text, int direction);
void table_filter(struct table *t, const char *text);		/* "": all rows again */
const struct table_row *table_chosen(const struct table *t);	/* NULL: no row */

/* For fill: appends a row of blanks; valid until the next one. */
struct table_row *table_add(struct table *t);
/* Copied and sanitized. */
void table_text(struct table_row *r, size_t column, unsigned style, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void table_put(struct table_row *r, size_t column, unsigned style, const char *text);
void table_heading(struct table *t, const char *text);
/* For fill: one more line above the columns; sanitized. */
void table_head(struct table *t, unsigned style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A sentence instead of rows, over all columns; it may name keys as in app_tell(). */
void table_note(struct table *t, const char *text);
/* Figures that are sorted by their value. */
void table_rate(struct table_row *r, size_t column, unsigned style, double per_s);
void table_percent(struct table_row *r, size_t column, unsigned style, double share);
void table_time(struct table_row *r, size_t column, unsigned style, double ms);
void table_number(struct table_row *r, size_t column, unsigned style, double n);

#endif
