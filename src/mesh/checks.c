/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a state and of a change of it; see checks.h. */
#include "src/mesh/checks.h"

#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/base/strmap.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/object.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"

/* Rows by what they say and of whom. */
struct row_set {
	struct arena *arena;
	struct strmap map;
};

static const char *
row_key(struct row_set *x, const struct problem *row)
{
	return arena_printf(x->arena, "%s\n%s\n%s\n%s\n%s\n%s\n%d", row->code, row->kind, row->ns,
			    row->name, row->path, row->message, (int)row->severity);
}

/* Of an object: everything under a code, or an error at a place. */
static const char *
code_key(struct row_set *x, const struct problem *row, const char *code)
{
	return arena_printf(x->arena, "%s\n%s\n%s\n%s\n%s", code, row->kind, row->ns, row->name,
			    strcmp(code, "MT2002") == 0 ? row->path : "");
}

static const char *
place_key(struct row_set *x, const struct problem *row)
{
	return arena_printf(x->arena, "%s:%u:%u", row->file, row->line, row->col);
}

static void
add_key(struct row_set *x, const char *key)
{
	*strmap_put(&x->map, slice_of(key)) = x;
}

static bool
has_key(const struct row_set *x, const char *key)
{
	return strmap_find(&x->map, slice_of(key)) != NULL;
}

/* Do the checks say what the compiled mesh says here?  They say it better. */
static bool
is_said(struct row_set *said, const struct problem *row)
{
	static const struct { const char *compiled, *checked; } pairs[] = {
		{ "MT2001", "KIA1106" }, { "MT2002", "MT2002" }, { "MT1005", "KIA0701" },
	};
	/* An error at the place says it. */
	static const char *const syntax[] = { "MT2003", "MT1002", "MT1008" };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strcmp(row->code, pairs[i].compiled) == 0)
			return has_key(said, code_key(said, row, pairs[i].checked));
	for (size_t i = 0; i < ARRAY_LEN(syntax); i++)
		if (strcmp(row->code, syntax[i]) == 0)
			return has_key(said, place_key(said, row));
	return false;
}

static void
add_row(struct problems *out, const struct problem *row)
{
	struct problems one = PROBLEMS_INIT;

	vec_push(&one.rows, *row);
	problems_append(out, &one);
	vec_fini(&one.rows);
}

/* What the compiled mesh reports beyond the checks. */
static void
add_compiled(struct problems *out, const struct problems *checked, const struct problems *compiled)
{
	struct row_set said = { arena_new(), STRMAP_INIT };

	for (size_t i = 0; i < checked->rows.len; i++) {
		const struct problem *row = &checked->rows.items[i];

		add_key(&said, code_key(&said, row, row->code));
		if (row->severity == SEVERITY_ERROR)
			add_key(&said, place_key(&said, row));
	}
	for (size_t i = 0; i < compiled->rows.len; i++)
		if (!is_said(&said, &compiled->rows.items[i]))
			add_row(out, &compiled->rows.items[i]);
	strmap_fini(&said.map);
	arena_free(&said.arena);
}

/* Of sorted rows. */
static void
drop_repeated(struct problems *rows)
{
	struct row_set seen = { arena_new(), STRMAP_INIT };
	size_t kept = 0;

	for (size_t i = 0; i < rows->rows.len; i++) {
		const struct problem *row = &rows->rows.items[i];
		const char *key = arena_printf(seen.arena, "%s\n%s", row_key(&seen, row),
					       place_key(&seen, row));

		if (has_key(&seen, key))
			continue;
		add_key(&seen, key);
		rows->rows.items[kept++] = *row;
	}
	rows->rows.len = kept;
	strmap_fini(&seen.map);
	arena_free(&seen.arena);
}

void
checks_join(const struct problems *checked, const struct problems *compiled, struct problems *out)
{
	problems_append(out, checked);
	add_compiled(out, checked, compiled);
	problems_sort(out);
	drop_repeated(out);
}

void
checks_run(struct snapshot *s, struct problems *out)
{
	struct problems checked = PROBLEMS_INIT, compiled = PROBLEMS_INIT;
	struct mesh *m = mesh_compile(s, NULL, NULL, &compiled);

	mesh_put(&m);
	check_all(s, &checked);
	checks_join(&checked, &compiled, out);
	problems_fini(&checked);
	problems_fini(&compiled);
}

/* The label of the gateways that Istio's installation brings. */
static bool
is_stock_gateway(const struct object *o)
{
	static const char *const names[] = { "ingressgateway", "egressgateway", "eastwestgateway" };
	const struct value *selector = o != NULL ? value_get(o->spec, "selector") : NULL;
	const char *name = value_get_text(selector, "istio");

	for (size_t i = 0; i < ARRAY_LEN(names) && name != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Does the object that counts stand in another file than the row's? */
static bool
is_elsewhere(const struct snapshot *s, const struct problem *row)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = s->objects[i];

		if (strcmp(o->name, row->name) == 0 && strcmp(o->ns, row->ns) == 0 &&
		    strcmp(o->kind_name, row->kind) == 0)
			return strcmp(o->file, row->file) != 0;
	}
	return false;
}

static bool
has_gateway_class(const struct snapshot *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->objects[i]->kind_name, "GatewayClass") == 0)
			return true;
	return false;
}

/* Of documents alone what is said of a mesh. */
static enum severity
severity_alone(const struct snapshot *s, const struct problem *row)
{
	if (strcmp(row->code, "MT1001") == 0 || strcmp(row->code, "MT0016") == 0)
		return SEVERITY_INFO;
	if (strcmp(row->code, "KIA0302") == 0 &&
	    is_stock_gateway(snapshot_find(s, KIND_GATEWAY, row->ns, row->name)))
		return SEVERITY_INFO;
	if ((strcmp(row->code, "MT0010") == 0 && is_elsewhere(s, row)) ||
	    (strcmp(row->code, "KIA1504") == 0 && !has_gateway_class(s)))
		return SEVERITY_WARNING;
	return row->severity;
}

void
checks_soften(const struct snapshot *s, struct problems *rows)
{
	for (size_t i = 0; i < rows->rows.len; i++)
		rows->rows.items[i].severity = severity_alone(s, &rows->rows.items[i]);
}

void
checks_new_rows(const struct problems *before, const struct problems *after,
		struct problems *out)
{
	struct row_set old = { arena_new(), STRMAP_INIT };

	for (size_t i = 0; i < before->rows.len; i++)
		add_key(&old, row_key(&old, &before->rows.items[i]));
	for (size_t i = 0; i < after->rows.len; i++)
		if (!has_key(&old, row_key(&old, &after->rows.items[i])))
			add_row(out, &after->rows.items[i]);
	strmap_fini(&old.map);
	arena_free(&old.arena);
}
