/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statements taken apart: words, and the plan of a SELECT.  For sql.c only.
 */
#ifndef MESHTOP_PLATFORM_SQL_PLAN_H
#define MESHTOP_PLATFORM_SQL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct arena;
struct data_table;

#define SQL_MAX_WORDS 96
#define SQL_MAX_COLUMNS 16
#define SQL_MAX_CONDITIONS 8

enum word_kind { WORD_END, WORD_NAME, WORD_NUMBER, WORD_STRING, WORD_SIGN };

struct sql_word {
	enum word_kind kind;
	struct slice text;	/* of a string: without quotes, doubled ones undone */
};

struct sql_column {
	int table, column;	/* table -1: COUNT(*) */
};

struct sql_condition {
	struct sql_column left, right;
	struct slice literal;	/* when right.table is -1 */
};

struct sql_plan {
	struct { const struct data_table *data; struct slice alias; } tables[2];
	int table_count;
	struct { struct sql_column ref; struct slice name; } columns[SQL_MAX_COLUMNS];
	int column_count;
	struct sql_condition conditions[SQL_MAX_CONDITIONS];
	int condition_count;
	size_t limit;
};

struct sql_reader {
	struct arena *arena;
	struct sql_word words[SQL_MAX_WORDS + 1];
	unsigned at;
	unsigned error;			/* 0, or a server error number */
	const char *message;
};

/* False when the text is no row of words: a quote is open, or there are too many. */
bool sql_read_words(struct sql_reader *r, struct slice text);
const struct sql_word *sql_peek(const struct sql_reader *r);
const struct sql_word *sql_next(struct sql_reader *r);	/* stays at the end */
/* Takes the next word when it is that one, in any case; never a string. */
bool sql_accept(struct sql_reader *r, const char *text);
/* What stands behind SELECT, to the end.  False with r->error. */
bool sql_read_select(struct sql_reader *r, struct sql_plan *p);
/* Sets r->error unless it is set; return false. */
bool sql_fail(struct sql_reader *r, unsigned error, const char *message);
bool sql_fail_syntax(struct sql_reader *r);

#endif
