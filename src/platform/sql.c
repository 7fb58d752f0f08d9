/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statement text to result packets: words, a plan, nested loops over rows. */
#include "src/platform/sql.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/platform/data.h"
#include "src/platform/mysql.h"

#define MAX_WORDS 96
#define MAX_COLUMNS 16
#define MAX_CONDITIONS 8

enum word_kind { WORD_END, WORD_NAME, WORD_NUMBER, WORD_STRING, WORD_SIGN };

struct word {
	enum word_kind kind;
	struct slice text;	/* of a string: without quotes, doubled ones undone */
};

struct column_ref {
	int table, column;	/* table -1: COUNT(*) */
};

struct condition {
	struct column_ref left, right;
	struct slice literal;	/* when right.table is -1 */
};

struct plan {
	struct { const struct data_table *data; struct slice alias; } tables[2];
	int table_count;
	struct { struct column_ref ref; struct slice name; } columns[MAX_COLUMNS];
	int column_count;
	struct condition conditions[MAX_CONDITIONS];
	int condition_count;
	size_t limit;
};

struct reader {
	struct arena *arena;
	struct word words[MAX_WORDS + 1];
	unsigned at;
	unsigned error;			/* 0, or a server error number */
	const char *message;
};

/* Words */

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '@' || c == '$';
}

static const char *
read_quoted(struct reader *r, const char *p, const char *end, struct slice *out)
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

static bool
read_words(struct reader *r, struct slice text)
{
	const char *p = text.ptr, *end = p + text.len;
	unsigned n = 0;

	while (p != NULL && p < end && n < MAX_WORDS) {
		struct word *w = &r->words[n];
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

static const struct word *
peek(const struct reader *r)
{
	return &r->words[r->at];
}

static const struct word *
next(struct reader *r)
{
	const struct word *w = &r->words[r->at];

	if (w->kind != WORD_END)
		r->at++;
	return w;
}

static bool
accept_word(struct reader *r, const char *text)
{
	const struct word *w = peek(r);

	if ((w->kind != WORD_NAME && w->kind != WORD_SIGN) ||
	    !slice_eq_nocase(w->text, slice_of(text)))
		return false;
	r->at++;
	return true;
}

static bool
fail(struct reader *r, unsigned error, const char *message)
{
	if (r->error == 0) {
		r->error = error;
		r->message = message;
	}
	return false;
}

static bool
fail_syntax(struct reader *r)
{
	return fail(r, 1064, "this small database does not understand the statement");
}

/* SELECT ... FROM */

static bool
read_tables(struct reader *r, struct plan *p)
{
	do {
		const struct word *w = next(r);
		const struct data_table *t;

		if (w->kind != WORD_NAME || p->table_count == 2)
			return fail_syntax(r);
		if (accept_word(r, ".")) {	/* database.table */
			w = next(r);
			if (w->kind != WORD_NAME)
				return fail_syntax(r);
		}
		t = data_table_find(w->text);
		if (t == NULL)
			return fail(r, 1146, "no such table");
		(void)accept_word(r, "as");
		p->tables[p->table_count].data = t;
		p->tables[p->table_count].alias = w->text;
		w = peek(r);
		if (w->kind == WORD_NAME && !slice_eq_nocase(w->text, SLICE("where")) &&
		    !slice_eq_nocase(w->text, SLICE("limit")))
			p->tables[p->table_count].alias = next(r)->text;
		p->table_count++;
	} while (accept_word(r, ","));
	return true;
}

static bool
find_column(struct reader *r, const struct plan *p, struct slice table, struct slice name,
	    struct column_ref *out)
{
	for (int i = 0; i < p->table_count; i++) {
		int column;

		if (table.len > 0 && !slice_eq_nocase(table, p->tables[i].alias))
			continue;
		column = data_column_find(p->tables[i].data, name);
		if (column >= 0) {
			*out = (struct column_ref){ i, column };
			return true;
		}
	}
	return fail(r, 1054, "unknown column");
}

static bool
read_column(struct reader *r, const struct plan *p, struct column_ref *out, struct slice *name)
{
	const struct word *w = next(r);
	struct slice table = SLICE_NONE;

	if (w->kind != WORD_NAME)
		return fail_syntax(r);
	if (accept_word(r, ".")) {
		table = w->text;
		w = next(r);
		if (w->kind != WORD_NAME)
			return fail_syntax(r);
	}
	*name = w->text;
	return find_column(r, p, table, w->text, out);
}

static bool
add_all_columns(struct reader *r, struct plan *p)
{
	for (int t = 0; t < p->table_count; t++)
		for (size_t c = 0; c < p->tables[t].data->column_count; c++) {
			if (p->column_count == MAX_COLUMNS)
				return fail_syntax(r);
			p->columns[p->column_count].ref = (struct column_ref){ t, (int)c };
			p->columns[p->column_count++].name =
				slice_of(p->tables[t].data->columns[c].name);
		}
	return true;
}

static bool
read_columns(struct reader *r, struct plan *p)
{
	do {
		if (accept_word(r, "*")) {
			if (!add_all_columns(r, p))
				return false;
			continue;
		}
		if (p->column_count == MAX_COLUMNS)
			return fail_syntax(r);
		if (accept_word(r, "count")) {
			if (!accept_word(r, "(") || !accept_word(r, "*") || !accept_word(r, ")"))
				return fail_syntax(r);
			p->columns[p->column_count].ref = (struct column_ref){ -1, 0 };
			p->columns[p->column_count].name = SLICE("COUNT(*)");
		} else if (!read_column(r, p, &p->columns[p->column_count].ref,
					&p->columns[p->column_count].name)) {
			return false;
		}
		p->column_count++;
	} while (accept_word(r, ","));
	return true;
}

static bool
read_conditions(struct reader *r, struct plan *p)
{
	do {
		struct condition *c = &p->conditions[p->condition_count];
		struct slice name;

		if (p->condition_count == MAX_CONDITIONS)
			return fail_syntax(r);
		if (!read_column(r, p, &c->left, &name))
			return false;
		if (!accept_word(r, "="))
			return fail_syntax(r);
		c->right.table = -1;
		if (peek(r)->kind == WORD_STRING || peek(r)->kind == WORD_NUMBER)
			c->literal = next(r)->text;
		else if (!read_column(r, p, &c->right, &name))
			return false;
		p->condition_count++;
	} while (accept_word(r, "and"));
	return true;
}

/* The columns stand before the tables that explain them. */
static bool
read_select(struct reader *r, struct plan *p)
{
	unsigned columns_at = r->at, behind;

	while (peek(r)->kind != WORD_END && !accept_word(r, "from"))
		r->at++;
	if (!read_tables(r, p))
		return false;
	behind = r->at;
	r->at = columns_at;
	if (!read_columns(r, p))
		return false;
	if (!accept_word(r, "from"))
		return fail_syntax(r);
	r->at = behind;
	if (accept_word(r, "where") && !read_conditions(r, p))
		return false;
	p->limit = SIZE_MAX;
	if (accept_word(r, "limit")) {
		if (peek(r)->kind != WORD_NUMBER)
			return fail_syntax(r);
		p->limit = strtoul(next(r)->text.ptr, NULL, 10);
	}
	return peek(r)->kind == WORD_END || fail_syntax(r);
}

/* Running a plan */

static void
put_cell(struct buf *out, const struct plan *p, const size_t rows[2], struct column_ref c)
{
	data_put_cell(out, p->tables[c.table].data, rows[c.table], (size_t)c.column);
}

/* The innermost table that a condition looks at: it is judged there. */
static int
condition_level(const struct condition *c)
{
	return c->left.table > c->right.table ? c->left.table : c->right.table;
}

static bool
row_matches(const struct plan *p, const size_t rows[2], int level)
{
	struct buf left = BUF_INIT, right = BUF_INIT;
	bool matches = true;

	for (int i = 0; i < p->condition_count && matches; i++) {
		const struct condition *c = &p->conditions[i];
		struct slice want = c->literal;

		if (condition_level(c) != level)
			continue;
		buf_clear(&left);
		put_cell(&left, p, rows, c->left);
		if (c->right.table >= 0) {
			buf_clear(&right);
			put_cell(&right, p, rows, c->right);
			want = (struct slice){ right.data, right.len };
		}
		matches = slice_eq_nocase((struct slice){ left.data, left.len }, want);
	}
	buf_fini(&left);
	buf_fini(&right);
	return matches;
}

struct result {
	struct buf *out;
	struct buf cell;
	uint8_t seq;
	size_t rows;
};

static void
put_row(struct result *res, const struct plan *p, const size_t rows[2])
{
	size_t begin = mysql_begin(res->out, res->seq++);

	for (int i = 0; i < p->column_count; i++) {
		buf_clear(&res->cell);
		put_cell(&res->cell, p, rows, p->columns[i].ref);
		mysql_put_text(res->out, buf_str(&res->cell), res->cell.len);
	}
	mysql_end(res->out, begin);
}

static void
take_row(struct result *res, const struct plan *p, const size_t rows[2], bool counts)
{
	if (res->rows >= p->limit)
		return;
	res->rows++;
	if (!counts)
		put_row(res, p, rows);
}

static void
run_rows(struct result *res, const struct plan *p, bool counts)
{
	for (size_t a = 0; a < p->tables[0].data->row_count; a++) {
		size_t rows[2] = { a, 0 };

		if (!row_matches(p, rows, 0))
			continue;
		if (p->table_count == 1) {
			take_row(res, p, rows, counts);
			continue;
		}
		for (; rows[1] < p->tables[1].data->row_count; rows[1]++)
			if (row_matches(p, rows, 1))
				take_row(res, p, rows, counts);
	}
}

static void
put_columns(struct result *res, struct arena *a, const struct plan *p)
{
	size_t begin = mysql_begin(res->out, res->seq++);

	mysql_put_length(res->out, (uint64_t)p->column_count);
	mysql_end(res->out, begin);
	for (int i = 0; i < p->column_count; i++) {
		struct column_ref ref = p->columns[i].ref;
		struct slice name = p->columns[i].name;
		struct mysql_column c = { "", "", "", "", true };

		c.name = arena_strndup(a, name.ptr, name.len);
		if (ref.table >= 0) {
			const struct data_table *t = p->tables[ref.table].data;
			struct slice alias = p->tables[ref.table].alias;

			c.table = arena_strndup(a, alias.ptr, alias.len);
			c.org_table = t->name;
			c.org_name = t->columns[ref.column].name;
			c.is_number = t->columns[ref.column].is_number;
		}
		mysql_put_column(res->out, res->seq++, &c);
	}
	mysql_put_eof(res->out, res->seq++);
}

static bool
run_select(struct reader *r, struct buf *out, uint8_t seq)
{
	struct plan p = { .table_count = 0 };
	struct result res = { .out = out, .seq = seq };
	bool counts;

	if (!read_select(r, &p))
		return false;
	counts = p.columns[0].ref.table < 0;
	for (int i = 0; i < p.column_count; i++)
		if ((p.columns[i].ref.table < 0) != counts)
			return fail(r, 1140, "COUNT(*) beside columns is not supported");
	put_columns(&res, r->arena, &p);
	run_rows(&res, &p, counts);
	if (counts) {
		size_t begin = mysql_begin(out, res.seq++);

		for (int i = 0; i < p.column_count; i++) {
			buf_clear(&res.cell);
			buf_printf(&res.cell, "%zu", res.rows);
			mysql_put_text(out, buf_str(&res.cell), res.cell.len);
		}
		mysql_end(out, begin);
	}
	mysql_put_eof(out, res.seq);
	buf_fini(&res.cell);
	return true;
}

/* One column of given texts. */
static void
put_list(struct buf *out, uint8_t seq, const char *title, const char *const *texts, size_t count)
{
	struct mysql_column c = { "", "", title, "", false };
	size_t begin = mysql_begin(out, seq++);

	mysql_put_length(out, 1);
	mysql_end(out, begin);
	mysql_put_column(out, seq++, &c);
	mysql_put_eof(out, seq++);
	for (size_t i = 0; i < count; i++) {
		begin = mysql_begin(out, seq++);
		mysql_put_text(out, texts[i], strlen(texts[i]));
		mysql_end(out, begin);
	}
	mysql_put_eof(out, seq);
}

static bool
run_show(struct reader *r, struct buf *out, uint8_t seq)
{
	static const char *const databases[] = { "test" };
	const char *tables[8];

	if (accept_word(r, "databases")) {
		put_list(out, seq, "Database", databases, 1);
		return true;
	}
	if (!accept_word(r, "tables"))
		return fail_syntax(r);
	for (size_t i = 0; i < data_table_count(); i++)
		tables[i] = data_table_at(i)->name;
	put_list(out, seq, "Tables_in_test", tables, data_table_count());
	return true;
}

/* What clients ask of a server itself. */
static const struct { const char *name; bool is_function; const char *value; } facts[] = {
	{ "@@version_comment", false, "meshtop travel demo" },
	{ "@@version", false, MYSQL_VERSION },
	{ "@@max_allowed_packet", false, "65536" },
	{ "@@character_set_client", false, "utf8mb3" },
	{ "@@character_set_connection", false, "utf8mb3" },
	{ "@@character_set_server", false, "utf8mb3" },
	{ "@@character_set_database", false, "utf8mb3" },
	{ "version", true, MYSQL_VERSION },
	{ "database", true, "test" },
	{ "user", true, "root@localhost" },
	{ "current_user", true, "root@localhost" },
};

/* The fact that the next words name; NULL when they name none. */
static const char *
read_fact(struct reader *r, struct slice *title)
{
	const struct word *w = peek(r);

	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		unsigned begin = r->at;

		if (w->kind != WORD_NAME || !accept_word(r, facts[i].name))
			continue;
		*title = w->text;
		if (!facts[i].is_function)
			return facts[i].value;
		if (accept_word(r, "(") && accept_word(r, ")")) {
			title->len = (size_t)(r->words[r->at - 1].text.ptr + 1 - title->ptr);
			return facts[i].value;
		}
		r->at = begin;
	}
	if (w->kind != WORD_NUMBER && w->kind != WORD_STRING)
		return NULL;
	*title = next(r)->text;
	return arena_strndup(r->arena, w->text.ptr, w->text.len);
}

static void
put_facts(struct reader *r, struct buf *out, uint8_t seq, const char *const *values,
	  const struct slice *titles, size_t count)
{
	size_t begin = mysql_begin(out, seq++);

	mysql_put_length(out, count);
	mysql_end(out, begin);
	for (size_t i = 0; i < count; i++) {
		struct mysql_column c = { "", "", "", "", false };

		c.name = arena_strndup(r->arena, titles[i].ptr, titles[i].len);
		mysql_put_column(out, seq++, &c);
	}
	mysql_put_eof(out, seq++);
	begin = mysql_begin(out, seq++);
	for (size_t i = 0; i < count; i++)
		mysql_put_text(out, values[i], strlen(values[i]));
	mysql_end(out, begin);
	mysql_put_eof(out, seq);
}

/* SELECT without FROM; false and nothing read when it is another statement. */
static bool
run_facts(struct reader *r, struct buf *out, uint8_t seq)
{
	const char *values[MAX_COLUMNS];
	struct slice titles[MAX_COLUMNS];
	unsigned begin = r->at;
	size_t count = 0;

	do {
		if (count == MAX_COLUMNS || (values[count] = read_fact(r, &titles[count])) == NULL)
			goto other;
		count++;
	} while (accept_word(r, ","));
	if (accept_word(r, "limit") && next(r)->kind != WORD_NUMBER)
		goto other;
	if (peek(r)->kind != WORD_END)
		goto other;
	put_facts(r, out, seq, values, titles, count);
	return true;
other:
	r->at = begin;
	return false;
}

static bool
run(struct reader *r, struct buf *out, uint8_t seq)
{
	if (accept_word(r, "select"))
		return run_facts(r, out, seq) || run_select(r, out, seq);
	if (accept_word(r, "show"))
		return run_show(r, out, seq);
	if (accept_word(r, "set") || accept_word(r, "use")) {
		mysql_put_ok(out, seq);
		return true;
	}
	return fail_syntax(r);
}

void
sql_answer(struct buf *out, uint8_t seq, struct slice statement)
{
	struct reader r = { .arena = arena_new() };

	if (!(read_words(&r, statement) ? run(&r, out, seq) : fail_syntax(&r)))
		mysql_put_error(out, seq, r.error, r.error == 1064 ? "42000" : "42S02",
				r.message);
	arena_free(&r.arena);
}
