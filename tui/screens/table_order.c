/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which rows of a table are shown, in what order, and which one is chosen: the
 * thing stays chosen, wherever its row goes.
 */
#include "tui/screens/table_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"

/* Figures fall, texts rise; those without a figure come last. */
static int
compare_rows(const void *va, const void *vb, void *table)
{
	const struct table_row *a = va, *b = vb;
	const struct table *t = table;
	size_t c = t->sort_column;
	int given = (a->order > b->order) - (a->order < b->order), order;

	if (!t->is_sorted)
		return given;
	if (isnan(a->keys[c]) && isnan(b->keys[c]))
		order = strcasecmp(table_row_text(a, c), table_row_text(b, c));
	else if (isnan(a->keys[c]) || isnan(b->keys[c]))
		order = isnan(a->keys[c]) ? 1 : -1;
	else
		order = a->keys[c] > b->keys[c] ? -1 : a->keys[c] < b->keys[c] ? 1 : 0;
	if (order == 0)
		return given;
	return t->is_inverted ? -order : order;
}

/* Stays within the rows between two headings. */
static void
sort_rows(struct table *t)
{
	size_t first = 0;

	for (size_t i = 0; i <= t->rows.len; i++) {
		if (i < t->rows.len && !t->rows.items[i].is_heading)
			continue;
		if (i > first + 1)
			qsort_r(&t->rows.items[first], i - first, sizeof(*t->rows.items),
				compare_rows, t);
		first = i + 1;
	}
}

void
table_skip_headings(struct table *t, bool is_up)
{
	size_t n = t->shown.len, at = t->list.chosen;

	for (size_t tries = 0; tries < 2 * n && t->rows.items[t->shown.items[at]].is_heading; tries++) {
		if (is_up && at == 0)
			is_up = false;
		else if (!is_up && at + 1 == n)
			is_up = true;
		at = is_up ? (at > 0 ? at - 1 : 0) : at + 1 < n ? at + 1 : at;
	}
	if (n > 0)
		t->list.chosen = at;
}

static bool
is_named(const struct table_row *r, const char *name)
{
	const char *first = table_row_text(r, 0);
	size_t len = strlen(first);

	return strncmp(name, first, len) == 0 && name[len] == '\n' &&
	       strcmp(name + len + 1, table_row_text(r, 1)) == 0;
}

struct table_row_name
table_chosen_name(const struct table *t)
{
	const struct table_row *r = table_chosen(t);
	struct table_row_name name = { NULL, 0 };

	if (r == NULL || r->is_heading)
		return name;
	name.text = xasprintf("%s\n%s", table_row_text(r, 0), table_row_text(r, 1));
	for (size_t i = 0; i < t->list.chosen; i++)
		name.before += is_named(&t->rows.items[t->shown.items[i]], name.text);
	return name;
}

/* Chooses the row of that name; when fewer say it now, the last that does. */
static void
choose_named(struct table *t, const struct table_row_name *name)
{
	size_t before = 0;

	for (size_t i = 0; name->text != NULL && i < t->shown.len && before <= name->before; i++) {
		const struct table_row *r = &t->rows.items[t->shown.items[i]];

		if (!r->is_heading && is_named(r, name->text)) {
			t->list.chosen = i;
			before++;
		}
	}
}

void
table_arrange(struct table *t, struct table_row_name *chosen)
{
	sort_rows(t);
	t->shown.len = 0;
	for (size_t i = 0; i < t->rows.len; i++) {
		if (table_row_is_shown(t, &t->rows.items[i]))
			vec_push(&t->shown, i);
	}
	if (t->list.chosen >= t->shown.len)
		t->list.chosen = t->shown.len > 0 ? t->shown.len - 1 : 0;
	choose_named(t, chosen);
	free(chosen->text);
	if (t->shown.len > 0)
		table_skip_headings(t, false);
}

void
table_sort_by(struct table *t, size_t column, bool is_inverted)
{
	struct table_row_name chosen = table_chosen_name(t);

	t->is_sorted = column < t->spec->column_count;
	t->sort_column = column;
	t->is_inverted = is_inverted;
	table_arrange(t, &chosen);
}

void
table_sort_next(struct table *t, size_t step)
{
	size_t round = t->spec->column_count + 1;
	size_t now = t->is_sorted ? t->sort_column : t->spec->column_count;

	table_sort_by(t, (now + step) % round, false);
}

/* SIZE_MAX: none. */
static size_t
column_named(const struct table_spec *spec, const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);
	size_t len = strlen(name);

	if (*end == '\0' && number >= 1 && number <= spec->column_count)
		return number - 1;
	for (size_t c = 0; c < spec->column_count; c++)
		if (strcasecmp(spec->columns[c].title, name) == 0)
			return c;
	for (size_t c = 0; c < spec->column_count; c++)
		if (strncasecmp(spec->columns[c].title, name, len) == 0)
			return c;
	return SIZE_MAX;
}

bool
table_sort_named(struct table *t, const char *words)
{
	bool is_inverted = words[0] == '-';
	size_t column = words[0] == '\0' ? t->spec->column_count : column_named(t->spec, words + is_inverted);

	if (column == SIZE_MAX)
		return false;
	table_sort_by(t, column, is_inverted);
	return true;
}

void
table_save(const struct table *t, struct buf *lines)
{
	const char *title = t->is_sorted ? t->spec->columns[t->sort_column].title : "";

	if (title[0] != '\0')
		buf_printf(lines, "\nsort %s%s", t->is_inverted ? "-" : "", title);
	else if (t->is_sorted)
		buf_printf(lines, "\nsort %s%zu", t->is_inverted ? "-" : "", t->sort_column + 1);
	if (t->filter != NULL)
		buf_printf(lines, "\nfilter %s", t->filter);
}
