/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan run over the rows, and the packets of its result. */
#include "src/platform/sql.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/platform/data.h"
#include "src/platform/mysql.h"
#include "src/platform/sql_plan.h"

static void
put_cell(struct buf *out, const struct sql_plan *p, const size_t rows[2], struct sql_column c)
{
	data_put_cell(out, p->tables[c.table].data, rows[c.table], (size_t)c.column);
}

/* The innermost table that a condition looks at: it is judged there. */
static int
condition_level(const struct sql_condition *c)
{
	return c->left.table > c->right.table ? c->left.table : c->right.table;
}

static bool
row_matches(const struct sql_plan *p, const size_t rows[2], int level)
{
	struct buf left = BUF_INIT, right = BUF_INIT;
	bool matches = true;

	for (int i = 0; i < p->condition_count && matches; i++) {
		const struct sql_condition *c = &p->conditions[i];
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
put_row(struct result *res, const struct sql_plan *p, const size_t rows[2])
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
take_row(struct result *res, const struct sql_plan *p, const size_t rows[2], bool counts)
{
	if (res->rows >= p->limit)
		return;
	res->rows++;
	if (!counts)
		put_row(res, p, rows);
}

static void
run_rows(struct result *res, const struct sql_plan *p, bool counts)
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
put_columns(struct result *res, struct arena *a, const struct sql_plan *p)
{
	size_t begin = mysql_begin(res->out, res->seq++);

	mysql_put_length(res->out, (uint64_t)p->column_count);
	mysql_end(res->out, begin);
	for (int i = 0; i < p->column_count; i++) {
		struct sql_column ref = p->columns[i].ref;
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
run_select(struct sql_reader *r, struct buf *out, uint8_t seq)
{
	struct sql_plan p = { .table_count = 0 };
	struct result res = { .out = out, .seq = seq };
	bool counts;

	if (!sql_read_select(r, &p))
		return false;
	counts = p.columns[0].ref.table < 0;
	for (int i = 0; i < p.column_count; i++)
		if ((p.columns[i].ref.table < 0) != counts)
			return sql_fail(r, 1140, "COUNT(*) beside columns is not supported");
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
run_show(struct sql_reader *r, struct buf *out, uint8_t seq)
{
	static const char *const databases[] = { "test" };
	const char *tables[8];

	if (sql_accept(r, "databases")) {
		put_list(out, seq, "Database", databases, 1);
		return true;
	}
	if (!sql_accept(r, "tables"))
		return sql_fail_syntax(r);
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
read_fact(struct sql_reader *r, struct slice *title)
{
	const struct sql_word *w = sql_peek(r);

	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		unsigned begin = r->at;

		if (w->kind != WORD_NAME || !sql_accept(r, facts[i].name))
			continue;
		*title = w->text;
		if (!facts[i].is_function)
			return facts[i].value;
		if (sql_accept(r, "(") && sql_accept(r, ")")) {
			title->len = (size_t)(r->words[r->at - 1].text.ptr + 1 - title->ptr);
			return facts[i].value;
		}
		r->at = begin;
	}
	if (w->kind != WORD_NUMBER && w->kind != WORD_STRING)
		return NULL;
	*title = sql_next(r)->text;
	return arena_strndup(r->arena, w->text.ptr, w->text.len);
}

static void
put_facts(struct sql_reader *r, struct buf *out, uint8_t seq, const char *const *values,
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
run_facts(struct sql_reader *r, struct buf *out, uint8_t seq)
{
	const char *values[SQL_MAX_COLUMNS];
	struct slice titles[SQL_MAX_COLUMNS];
	unsigned begin = r->at;
	size_t count = 0;

	do {
		if (count == SQL_MAX_COLUMNS || (values[count] = read_fact(r, &titles[count])) == NULL)
			goto other;
		count++;
	} while (sql_accept(r, ","));
	if (sql_accept(r, "limit") && sql_next(r)->kind != WORD_NUMBER)
		goto other;
	if (sql_peek(r)->kind != WORD_END)
		goto other;
	put_facts(r, out, seq, values, titles, count);
	return true;
other:
	r->at = begin;
	return false;
}

static bool
run(struct sql_reader *r, struct buf *out, uint8_t seq)
{
	if (sql_accept(r, "select"))
		return run_facts(r, out, seq) || run_select(r, out, seq);
	if (sql_accept(r, "show"))
		return run_show(r, out, seq);
	if (sql_accept(r, "set") || sql_accept(r, "use")) {
		mysql_put_ok(out, seq);
		return true;
	}
	return sql_fail_syntax(r);
}

void
sql_answer(struct buf *out, uint8_t seq, struct slice statement)
{
	struct sql_reader r = { .arena = arena_new() };

	if (!(sql_read_words(&r, statement) ? run(&r, out, seq) : sql_fail_syntax(&r)))
		mysql_put_error(out, seq, r.error, r.error == 1064 ? "42000" : "42S02",
				r.message);
	arena_free(&r.arena);
}
