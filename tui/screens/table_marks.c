/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Marked rows of a table: which they are, over refreshes, and what is done to
 * all of them at once.  Rows that the filter leaves out stay marked.
 */
#include "tui/screens/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/strmap.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/model/snapshot.h"
#include "tui/app/app.h"
#include "tui/app/export.h"
#include "tui/screens/screens.h"

/* By what they open. */
struct table_marks {
	VEC(char *) lines;
	struct strmap map;		/* of them */
};

static bool
is_markable(const struct table_row *r)
{
	return !r->is_heading && r->open != NULL;
}

size_t
table_marks_count(const struct table *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->rows.len; i++)
		count += t->rows.items[i].is_marked;
	return count;
}

struct table_marks *
table_marks_take(const struct table *t)
{
	struct table_marks *m;

	if (t->spec->several == 0 || table_marks_count(t) == 0)
		return NULL;
	m = xcalloc(1, sizeof(*m));
	for (size_t i = 0; i < t->rows.len; i++) {
		if (!t->rows.items[i].is_marked)
			continue;
		vec_push(&m->lines, xstrdup(t->rows.items[i].open));
		*strmap_put(&m->map, slice_of(m->lines.items[m->lines.len - 1])) = m;
	}
	return m;
}

void
table_marks_give(struct table *t, struct table_marks **mp)
{
	struct table_marks *m = *mp;

	if (m == NULL)
		return;
	for (size_t i = 0; i < t->rows.len; i++) {
		struct table_row *r = &t->rows.items[i];

		r->is_marked = is_markable(r) && strmap_find(&m->map, slice_of(r->open)) != NULL;
	}
	strmap_fini(&m->map);
	for (size_t i = 0; i < m->lines.len; i++)
		free(m->lines.items[i]);
	vec_fini(&m->lines);
	free(m);
	*mp = NULL;
}

static struct table_row *
shown_row(struct table *t, size_t at)
{
	return &t->rows.items[t->shown.items[at]];
}

static void
unmark_all(struct table *t)
{
	for (size_t i = 0; i < t->rows.len; i++)
		t->rows.items[i].is_marked = false;
}

/* And on to the next row, so that several keys mark several. */
static void
toggle(struct table *t)
{
	struct table_row *r = shown_row(t, t->list.chosen);

	if (!is_markable(r))
		return;
	r->is_marked = !r->is_marked;
	if (list_command(&t->list, CMD_DOWN))
		table_skip_headings(t, false);
}

/* From where the range began to the chosen row; a range that is marked already is
 * unmarked. */
static void
end_range(struct table *t)
{
	size_t first = t->list.chosen, last = t->list.chosen;
	bool is_marked = true;

	for (size_t i = 0; i < t->shown.len; i++) {
		const struct table_row *r = shown_row(t, i);

		if (is_markable(r) && strcmp(r->open, t->range) == 0) {
			first = i < first ? i : first;
			last = i > last ? i : last;
		}
	}
	for (size_t i = first; i <= last; i++)
		is_marked = is_marked && (!is_markable(shown_row(t, i)) || shown_row(t, i)->is_marked);
	for (size_t i = first; i <= last; i++)
		shown_row(t, i)->is_marked = is_markable(shown_row(t, i)) && !is_marked;
	free(t->range);
	t->range = NULL;
}

static void
range(struct table *t)
{
	const struct table_row *r = shown_row(t, t->list.chosen);

	if (t->range != NULL)
		end_range(t);
	else if (is_markable(r))
		t->range = xstrdup(r->open);
}

/* What stands behind the first word of the marked rows' lines, with commas between;
 * how many there are. */
static size_t
put_words(struct table *t, char *(*line_of)(const struct table_row *r), struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < t->rows.len; i++) {
		const struct table_row *r = &t->rows.items[i];
		const char *line = r->is_marked ? line_of(r) : NULL;
		const char *words = line != NULL ? strchr(line, ' ') : NULL;

		if (words == NULL)
			continue;
		buf_printf(out, "%s%s", count++ > 0 ? "," : "", words + 1);
	}
	return count;
}

static char *
yaml_of(const struct table_row *r)
{
	return r->yaml;
}

static char *
open_of(const struct table_row *r)
{
	return r->open;
}

/* A line with all of them behind it, if there is anything to put there: "Delete 3
 * objects". */
static void
add_line(struct table *t, struct menu *menu, const char *label, const char *what,
	 const char *command, char *(*line_of)(const struct table_row *r))
{
	struct buf line = BUF_INIT, text = BUF_INIT;
	size_t count;

	buf_printf(&line, "%s ", command);
	count = put_words(t, line_of, &line);
	buf_printf(&text, "%s %zu %s%s", label, count, what, count == 1 ? "" : "s");
	if (count > 0)
		menu_add(menu, buf_str(&text), "asks first", buf_str(&line));
	buf_fini(&text);
	buf_fini(&line);
}

static void
open_menu(struct table *t)
{
	size_t count = table_marks_count(t);
	char *title = xasprintf("%zu marked row%s", count, count == 1 ? "" : "s");
	struct menu *menu = menu_new(title);

	if ((t->spec->several & SEVERAL_NAMES) != 0)
		menu_add_key(menu, "Copy the names", CMD_COPY, "copy");
	if ((t->spec->several & SEVERAL_YAML) != 0) {
		menu_add_key(menu, "Their documents as YAML", CMD_YAML, "yaml");
		menu_add(menu, "Write their documents to a file", NULL, "export ");
	}
	if ((t->spec->several & SEVERAL_ROUTING) != 0)
		add_line(t, menu, "Delete the traffic routing of", "service", "delete-routing", open_of);
	if ((t->spec->several & SEVERAL_DELETE) != 0)
		add_line(t, menu, "Delete", "object", "delete", yaml_of);
	app_push(t->app, menu_screen(menu));
	free(title);
}

/* Of one that is not marked. */
static bool
open_row_menu(struct table *t)
{
	const struct table_row *r = shown_row(t, t->list.chosen);
	struct menu *menu;
	char *line;

	if ((t->spec->several & SEVERAL_DELETE) == 0 || r->yaml == NULL)
		return false;
	menu = menu_new(table_row_text(r, 0));
	menu_add_key(menu, "Configuration as YAML", CMD_YAML, r->yaml);
	if (r->edit != NULL)
		menu_add_key(menu, "Edit", CMD_EDIT, r->edit);
	line = xasprintf("delete%s", strchr(r->yaml, ' '));
	menu_add(menu, "Delete", "asks first", line);
	free(line);
	app_push(t->app, menu_screen(menu));
	return true;
}

static void
copy_names(struct table *t)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < t->rows.len; i++)
		if (t->rows.items[i].is_marked)
			buf_printf(&b, "%s%s", b.len > 0 ? "\n" : "", table_row_text(&t->rows.items[i], 0));
	app_copy(t->app, buf_str(&b));
	buf_fini(&b);
}

/* How many there are. */
static size_t
put_documents(struct table *t, struct buf *out)
{
	VEC(const struct object *) objects = VEC_INIT;
	size_t count;

	for (size_t i = 0; i < t->rows.len; i++) {
		const struct table_row *r = &t->rows.items[i];
		const struct object *o = r->is_marked ? table_row_object(t, r) : NULL;

		if (o != NULL)
			vec_push(&objects, o);
	}
	count = objects.len;
	if (count > 0)
		app_object_texts(app_model(t->app), objects.items, count, out);
	vec_fini(&objects);
	return count;
}

static void
show_documents(struct table *t)
{
	struct buf text = BUF_INIT;
	size_t count = put_documents(t, &text);
	char *title = xasprintf("%zu document%s", count, count == 1 ? "" : "s");
	struct viewer *v = viewer_new(title);

	viewer_add(v, "all", buf_str(&text), TEXT_YAML);
	app_push(t->app, viewer_screen(v));
	buf_fini(&text);
	free(title);
}

static void
write_documents(struct table *t, const char *path)
{
	struct buf text = BUF_INIT;

	put_documents(t, &text);
	export_write(t->app, path, &text);
	buf_fini(&text);
}

/* With nothing marked. */
static bool
mark(struct table *t, enum command_id id)
{
	switch (id) {
	case CMD_TOGGLE: toggle(t); return true;
	case CMD_RANGE: range(t); return true;
	case CMD_BACK:
		if (t->range == NULL)
			return false;
		free(t->range);
		t->range = NULL;
		return true;
	default: return false;
	}
}

static bool
act(struct table *t, enum command_id id, const char *args)
{
	bool has_documents = (t->spec->several & SEVERAL_YAML) != 0;

	switch (id) {
	case CMD_BACK: unmark_all(t); return true;
	case CMD_ACTIONS: open_menu(t); return true;
	case CMD_COPY: copy_names(t); return true;
	case CMD_YAML:
		if (has_documents)
			show_documents(t);
		return has_documents;
	case CMD_EXPORT:
		if (has_documents && args[0] != '\0')
			write_documents(t, args);
		return has_documents && args[0] != '\0';
	default: return false;
	}
}

bool
table_marks_command(struct table *t, enum command_id id, const char *args)
{
	if (t->spec->several == 0 || t->shown.len == 0)
		return false;
	if (mark(t, id))
		return true;
	if (id != CMD_EXPORT && args[0] != '\0')
		return false;
	if (table_marks_count(t) > 0)
		return act(t, id, args);
	return id == CMD_ACTIONS && open_row_menu(t);
}
