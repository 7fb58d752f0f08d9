/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a table share: rows are filled in table_rows.c, sorted and
 * chosen in table_order.c, left out in table_filter.c, marked in table_marks.c, drawn in table_draw.c;
 * table.c obeys commands.
 */
#ifndef MESHTOP_TUI_SCREENS_TABLE_PRIV_H
#define MESHTOP_TUI_SCREENS_TABLE_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/screens/table.h"

struct table_marks;

/* Borrowed; "" where the column is blank. */
const char *table_row_text(const struct table_row *r, size_t column);
/* The object that its YAML would be of; NULL: none. */
const struct object *table_row_object(const struct table *t, const struct table_row *r);
/* Marking rows, and what is done to all that are marked; false: another command. */
bool table_marks_command(struct table *t, enum command_id id, const char *args);
size_t table_marks_count(const struct table *t);
/* What was marked stays so when the rows are filled anew: take before, give after,
 * which frees. */
struct table_marks *table_marks_take(const struct table *t);
void table_marks_give(struct table *t, struct table_marks **mp);
/* Whether what is typed (src/base/search.h) is true of the row. */
bool table_row_matches(const struct table *t, const struct table_row *r, const char *text);
/* By the table's filter. */
bool table_row_is_shown(const struct table *t, const struct table_row *r);

/* A row by what it says: its first texts, and how many before it say the same. */
struct table_row_name {
	char *text;		/* NULL: no row */
	size_t before;
};

/* Of the row that is chosen.  The caller owns text, or gives it to table_arrange(). */
struct table_row_name table_chosen_name(const struct table *t);
/* Sorts and filters, chooses what has that name, and frees the name. */
void table_arrange(struct table *t, struct table_row_name *chosen);
/* Onto a row that can be chosen, in the direction of the last step. */
void table_skip_headings(struct table *t, bool is_up);
/* A column that there is not: in the order in which they were filled. */
void table_sort_by(struct table *t, size_t column, bool is_inverted);
/* "[-]COLUMN", by its title, the beginning of it or its number; "": as filled.  false:
 * there is no such column. */
bool table_sort_named(struct table *t, const char *words);
/* Steps round the columns and the order in which they were filled. */
void table_sort_next(struct table *t, size_t step);

#endif
