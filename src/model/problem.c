/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of problems and how they are printed; see problem.h. */
#include "src/model/problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/model/object.h"

#define PROBLEMS_MAX 10000	/* more rows than anyone reads */

static const char *const severity_names[] = {
	[SEVERITY_INFO] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error",
};

const char *
severity_name(enum severity s)
{
	return severity_names[s];
}

static const char *
keep(struct problems *p, const char *s)
{
	return s != NULL ? arena_strdup(p->arena, s) : "";
}

/* Takes the row with copies of its texts. */
static void
push_copy(struct problems *p, struct problem row)
{
	if (p == NULL || (p->rows.len >= PROBLEMS_MAX && row.severity != SEVERITY_ERROR))
		return;
	if (p->arena == NULL)
		p->arena = arena_new();
	row.message = keep(p, row.message);
	row.file = keep(p, row.file);
	row.kind = keep(p, row.kind);
	row.ns = keep(p, row.ns);
	row.name = keep(p, row.name);
	row.code = keep(p, row.code);
	row.path = keep(p, row.path);
	vec_push(&p->rows, row);
}

static void __attribute__((format(printf, 3, 0)))
push(struct problems *p, struct problem row, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT;

	buf_vprintf(&text, fmt, ap);
	row.message = buf_str(&text);
	push_copy(p, row);
	buf_fini(&text);
}

void
problems_append(struct problems *out, const struct problems *in)
{
	for (size_t i = 0; i < in->rows.len; i++)
		push_copy(out, in->rows.items[i]);
}

void
problem_add(struct problems *p, const struct object *o, const struct value *at,
	    const char *code, enum severity severity, const char *path, const char *fmt, ...)
{
	struct problem row = { .code = code, .severity = severity, .path = path };
	va_list ap;

	if (o != NULL) {
		row.file = o->file;
		row.line = o->line;
		row.col = o->line > 0 ? 1 : 0;
		row.kind = o->kind_name;
		row.ns = o->ns;
		row.name = o->name;
	}
	if (at != NULL && at->line > 0) {
		row.line = at->line;
		row.col = at->col;
	}
	va_start(ap, fmt);
	push(p, row, fmt, ap);
	va_end(ap);
}

void
problem_add_file(struct problems *p, const char *file, unsigned line, unsigned col,
		 const char *code, enum severity severity, const char *fmt, ...)
{
	struct problem row = { .file = file, .line = line, .col = col, .code = code,
			       .severity = severity };
	va_list ap;

	va_start(ap, fmt);
	push(p, row, fmt, ap);
	va_end(ap);
}

void
problems_fini(struct problems *p)
{
	arena_free(&p->arena);
	vec_fini(&p->rows);
}

bool
problems_have_errors(const struct problems *p)
{
	for (size_t i = 0; i < p->rows.len; i++)
		if (p->rows.items[i].severity == SEVERITY_ERROR)
			return true;
	return false;
}

static int
by_place(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (order == 0 && x->line != y->line)
		order = x->line < y->line ? -1 : 1;
	if (order == 0 && x->col != y->col)
		order = x->col < y->col ? -1 : 1;
	if (order == 0)
		order = strcmp(x->code, y->code);
	if (order == 0)
		order = strcmp(x->path, y->path);
	return order != 0 ? order : strcmp(x->message, y->message);
}

void
problems_sort(struct problems *p)
{
	if (p->rows.len > 1)
		qsort(p->rows.items, p->rows.len, sizeof(*p->rows.items), by_place);
}

static void
put_row(const struct problem *row, struct buf *out)
{
	const char *file = row->file[0] != '\0' ? row->file : "-";

	text_sanitize(out, file, strlen(file));
	buf_printf(out, ":%u:%u: %s: %s ", row->line, row->col, severity_name(row->severity),
		   row->code);
	if (row->kind[0] != '\0') {
		text_sanitize(out, row->kind, strlen(row->kind));
		buf_putc(out, ' ');
		text_sanitize(out, row->name, strlen(row->name));
		if (row->ns[0] != '\0') {
			buf_putc(out, '.');
			text_sanitize(out, row->ns, strlen(row->ns));
		}
		buf_putc(out, ' ');
	}
	if (row->path[0] != '\0') {
		text_sanitize(out, row->path, strlen(row->path));
		buf_puts(out, ": ");
	}
	text_sanitize(out, row->message, strlen(row->message));
	buf_putc(out, '\n');
}

void
problems_put_text(const struct problems *p, struct buf *out)
{
	for (size_t i = 0; i < p->rows.len; i++)
		put_row(&p->rows.items[i], out);
}

void
problems_put_json(const struct problems *p, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < p->rows.len; i++) {
		const struct problem *row = &p->rows.items[i];

		json_open(&w, NULL, '{');
		json_string(&w, "file", row->file);
		json_uint(&w, "line", row->line);
		json_uint(&w, "column", row->col);
		json_string(&w, "kind", row->kind);
		json_string(&w, "namespace", row->ns);
		json_string(&w, "name", row->name);
		json_string(&w, "code", row->code);
		json_string(&w, "severity", severity_name(row->severity));
		json_string(&w, "path", row->path);
		json_string(&w, "message", row->message);
		json_close(&w, '}');
	}
	json_close(&w, ']');
}
