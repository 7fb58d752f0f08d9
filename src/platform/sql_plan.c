/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statement text to words, and words to the plan of a SELECT. */
#include "src/platform/sql_plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/platform/data.h"

/* Words */

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '@' || c == '$';
}

static const char *
read_quoted(struct sql_reader *r, const char *p, const char *end, struct slice *out)
{
	char quote = *p++, *to = arena_alloc(r->arena, (size_t)(end - p) + 1);

	out->ptr = to;
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == quote && p + 1 < end && p[1] == quote)
			p++;
		else if (*p == quote)
			break;
		*to++ = *p;
	}
	out->len = (size_t)(to - out->ptr);
	return p < end ? p + 1 : NULL;
}

bool
sql_read_words(struct sql_reader *r, struct slice text)
{
	const char *p = text.ptr, *end = p + text.len;
	unsigned n = 0;

	while (p != NULL && p < end && n < SQL_MAX_WORDS) {
		struct sql_word *w = &r->words[n];
		const char *begin = p;

		if (strchr(" \t\r\n;", *p) != NULL) {
			p++;
			continue;
		}
		n++;
		w->kind = WORD_SIGN;
		if (*p == '\'' || *p == '"' || *p == '`') {
			w->kind = *p == '`' ? WORD_NAME : WORD_STRING;
			p = read_quoted(r, p, end, &w->text);
			continue;
		}
		if (is_name_char(*p)) {
			w->kind = *p >= '0' && *p <= '9' ? WORD_NUMBER : WORD_NAME;
			while (p < end && (is_name_char(*p) || (*begin == '@' && *p == '.')))
				p++;
		} else {
			p++;
		}
		w->text = (struct slice){ begin, (size_t)(p - begin) };
	}
	r->words[n].kind = WORD_END;
	return p == end;
}

const struct sql_word *
sql_peek(const struct sql_reader *r)
{
	return &r->words[r->at];
}

const struct sql_word *
sql_next(struct sql_reader *r)
{
	const struct sql_word *w = &r->words[r->at];

	if (w->kind != WORD_END)
		r->at++;
	return w;
}

bool
sql_accept(struct sql_reader *r, const char *text)
{
	const struct sql_word *w = sql_peek(r);

	if ((w->kind != WORD_NAME && w->kind != WORD_SIGN) ||
	    !slice_eq_nocase(w->text, slice_of(text)))
		return false;
	r->at++;
	return true;
}

bool
sql_fail(struct sql_reader *r, unsigned error, const char *message)
{
	if (r->error == 0) {
		r->error = error;
		r->message = message;
	}
	return false;
}

bool
sql_fail_syntax(struct sql_reader *r)
{
	return sql_fail(r, 1064, "this small database does not understand the statement");
}

/* SELECT ... FROM */

static bool
read_tables(struct sql_reader *r, struct sql_plan *p)
{
	do {
		const struct sql_word *w = sql_next(r);
		const struct data_table *t;

		if (w->kind != WORD_NAME || p->table_count == 2)
			return sql_fail_syntax(r);
		if (sql_accept(r, ".")) {	/* database.table */
			w = sql_next(r);
			if (w->kind != WORD_NAME)
				return sql_fail_syntax(r);
		}
		t = data_table_find(w->text);
		if (t == NULL)
			return sql_fail(r, 1146, "no such table");
		(void)sql_accept(r, "as");
		p->tables[p->table_count].data = t;
		p->tables[p->table_count].alias = w->text;
		w = sql_peek(r);
		if (w->kind == WORD_NAME && !slice_eq_nocase(w->text, SLICE("where")) &&
		    !slice_eq_nocase(w->text, SLICE("limit")))
			p->tables[p->table_count].alias = sql_next(r)->text;
		p->table_count++;
	} while (sql_accept(r, ","));
	return true;
}

static bool
find_column(struct sql_reader *r, const struct sql_plan *p, struct slice table, struct slice name,
	    struct sql_column *out)
{
	for (int i = 0; i < p->table_count; i++) {
		int column;

		if (table.len > 0 && !slice_eq_nocase(table, p->tables[i].alias))
			continue;
		column = data_column_find(p->tables[i].data, name);
		if (column >= 0) {
			*out = (struct sql_column){ i, column };
			return true;
		}
	}
	return sql_fail(r, 1054, "unknown column");
}

static bool
read_column(struct sql_reader *r, const struct sql_plan *p, struct sql_column *out,
	    struct slice *name)
{
	const struct sql_word *w = sql_next(r);
	struct slice table = SLICE_NONE;

	if (w->kind != WORD_NAME)
		return sql_fail_syntax(r);
	if (sql_accept(r, ".")) {
		table = w->text;
		w = sql_next(r);
		if (w->kind != WORD_NAME)
			return sql_fail_syntax(r);
	}
	*name = w->text;
	return find_column(r, p, table, w->text, out);
}

static bool
add_all_columns(struct sql_reader *r, struct sql_plan *p)
{
	for (int t = 0; t < p->table_count; t++)
		for (size_t c = 0; c < p->tables[t].data->column_count; c++) {
			if (p->column_count == SQL_MAX_COLUMNS)
				return sql_fail_syntax(r);
			p->columns[p->column_count].ref = (struct sql_column){ t, (int)c };
			p->columns[p->column_count++].name =
				slice_of(p->tables[t].data->columns[c].name);
		}
	return true;
}

static bool
read_columns(struct sql_reader *r, struct sql_plan *p)
{
	do {
		if (sql_accept(r, "*")) {
			if (!add_all_columns(r, p))
				return false;
			continue;
		}
		if (p->column_count == SQL_MAX_COLUMNS)
			return sql_fail_syntax(r);
		if (sql_accept(r, "count")) {
			if (!sql_accept(r, "(") || !sql_accept(r, "*") || !sql_accept(r, ")"))
				return sql_fail_syntax(r);
			p->columns[p->column_count].ref = (struct sql_column){ -1, 0 };
			p->columns[p->column_count].name = SLICE("COUNT(*)");
		} else if (!read_column(r, p, &p->columns[p->column_count].ref,
					&p->columns[p->column_count].name)) {
			return false;
		}
		p->column_count++;
	} while (sql_accept(r, ","));
	return true;
}

static bool
read_conditions(struct sql_reader *r, struct sql_plan *p)
{
	do {
		struct sql_condition *c = &p->conditions[p->condition_count];
		struct slice name;

		if (p->condition_count == SQL_MAX_CONDITIONS)
			return sql_fail_syntax(r);
		if (!read_column(r, p, &c->left, &name))
			return false;
		if (!sql_accept(r, "="))
			return sql_fail_syntax(r);
		c->right.table = -1;
		if (sql_peek(r)->kind == WORD_STRING || sql_peek(r)->kind == WORD_NUMBER)
			c->literal = sql_next(r)->text;
		else if (!read_column(r, p, &c->right, &name))
			return false;
		p->condition_count++;
	} while (sql_accept(r, "and"));
	return true;
}

/* The columns stand before the tables that explain them. */
bool
sql_read_select(struct sql_reader *r, struct sql_plan *p)
{
	unsigned columns_at = r->at, behind;

	while (sql_peek(r)->kind != WORD_END && !sql_accept(r, "from"))
		r->at++;
	if (!read_tables(r, p))
		return false;
	behind = r->at;
	r->at = columns_at;
	if (!read_columns(r, p))
		return false;
	if (!sql_accept(r, "from"))
		return sql_fail_syntax(r);
	r->at = behind;
	if (sql_accept(r, "where") && !read_conditions(r, p))
		return false;
	p->limit = SIZE_MAX;
	if (sql_accept(r, "limit")) {
		if (sql_peek(r)->kind != WORD_NUMBER)
			return sql_fail_syntax(r);
		p->limit = strtoul(sql_next(r)->text.ptr, NULL, 10);
	}
	return sql_peek(r)->kind == WORD_END || sql_fail_syntax(r);
}
