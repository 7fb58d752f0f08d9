/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of rows and columns: life and commands of a table; see table.h. */
#include "tui/screens/table.h"

#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/table_priv.h"
#include "tui/widgets/list.h"

struct table_screen {
	struct screen screen;
	struct table table;
};

void
table_init(struct table *t, struct app *a, const struct table_spec *spec, void *arg)
{
	*t = (struct table){ .app = a, .spec = spec, .arg = arg };
}

void
table_fini(struct table *t)
{
	table_clear(t);
	vec_fini(&t->head);
	vec_fini(&t->rows);
	vec_fini(&t->shown);
	free(t->filter);
	free(t->range);
	t->filter = t->range = NULL;
}

const struct table_row *
table_chosen(const struct table *t)
{
	return t->list.chosen < t->shown.len ? &t->rows.items[t->shown.items[t->list.chosen]] : NULL;
}

/* A first row that is chosen in a table that follows stays the first. */
static struct table_row_name
what_stays_chosen(const struct table *t)
{
	if (t->spec->follows && t->list.chosen == 0)
		return (struct table_row_name){ NULL, 0 };
	return table_chosen_name(t);
}

void
table_take(struct table *t, struct table *from)
{
	struct table_row_name chosen = what_stays_chosen(t);
	struct table old = *t;

	t->head = from->head;
	t->rows = from->rows;
	t->texts = from->texts;
	from->head = old.head;
	from->rows = old.rows;
	from->texts = old.texts;
	table_clear(from);
	table_arrange(t, &chosen);
}

void
table_update(struct table *t, unsigned changes)
{
	struct table_row_name chosen;
	struct table_marks *marks;

	if (t->spec->changes != 0 && (changes & t->spec->changes) == 0)
		return;
	chosen = what_stays_chosen(t);
	marks = table_marks_take(t);
	table_clear(t);
	t->spec->fill(t, app_model(t->app));
	table_marks_give(t, &marks);
	table_arrange(t, &chosen);
}

void
table_filter(struct table *t, const char *text)
{
	struct table_row_name chosen = table_chosen_name(t);

	free(t->filter);
	t->filter = text[0] != '\0' ? xstrdup(text) : NULL;
	table_arrange(t, &chosen);
}

static bool
run_line(struct table *t, const char *line)
{
	char *copy;

	if (line == NULL || line[0] == '\0')
		return false;
	copy = xstrdup(line);	/* the rows may be filled anew meanwhile */
	app_run(t->app, copy);
	free(copy);
	return true;
}

static bool
show_detail(struct table *t, const struct table_row *r)
{
	struct viewer *v = viewer_new(t->spec->name);

	viewer_add(v, "detail", r->detail, TEXT_TITLED);
	app_push(t->app, viewer_screen(v));
	return true;
}

static bool
act_on_row(struct table *t, enum command_id id, const struct table_row *r)
{
	switch (id) {
	case CMD_DESCRIBE:
	case CMD_OPEN: return r->detail != NULL ? show_detail(t, r) : run_line(t, r->open);
	case CMD_YAML: return run_line(t, r->yaml);
	case CMD_WIZARDS: return run_line(t, r->wizards);
	case CMD_ACTIONS: return run_line(t, r->actions != NULL ? r->actions : r->wizards);
	case CMD_EDIT: return run_line(t, r->edit);
	case CMD_UNDO: return run_line(t, r->undo);
	case CMD_DIFF: return run_line(t, r->diff);
	case CMD_SHOW: return run_line(t, r->picture);
	case CMD_VERSIONS: return run_line(t, r->versions);
	case CMD_EXPLAIN: return run_line(t, r->explain);
	case CMD_COPY:
		app_copy(t->app, table_row_text(r, 0));
		return true;
	default: return false;
	}
}

/* The state is said by a column's style. */
static bool
is_in_error(const struct table *t, const struct table_row *r)
{
	for (size_t c = 0; !r->is_heading && c < t->spec->column_count; c++)
		if (r->styles[c] == STYLE_BAD || r->styles[c] == STYLE_WARN)
			return true;
	return false;
}

/* Round and round. */
static void
next_error(struct table *t, bool is_back)
{
	size_t n = t->shown.len;

	for (size_t i = 1; i <= n; i++) {
		size_t at = (t->list.chosen + (is_back ? n - i : i)) % n;

		if (is_in_error(t, &t->rows.items[t->shown.items[at]])) {
			t->list.chosen = at;
			return;
		}
	}
	app_say(t->app, SEVERITY_INFO, "nothing is in error or warning");
}

bool
table_command(struct table *t, enum command_id id, const char *args)
{
	const struct table_row *r;

	if (list_command(&t->list, id)) {
		if (t->shown.len > 0)
			table_skip_headings(t, id == CMD_UP || id == CMD_PAGE_UP || id == CMD_BOTTOM);
		return true;
	}
	if (table_marks_command(t, id, args))
		return true;
	switch (id) {
	case CMD_SORT_NEXT: table_sort_next(t, 1); return true;
	case CMD_SORT_PREV: table_sort_next(t, t->spec->column_count); return true;
	case CMD_SORT_INVERT:
		table_sort_by(t, t->is_sorted ? t->sort_column : 0, !t->is_inverted);
		return true;
	case CMD_NEXT_ERROR: next_error(t, false); return true;
	case CMD_PREV_ERROR: next_error(t, true); return true;
	case CMD_SORT:
		if (!table_sort_named(t, args))
			app_say(t->app, SEVERITY_ERROR, "no column begins with \"%s\"", args + (args[0] == '-'));
		return true;
	case CMD_BACK:
		if (t->filter == NULL)
			return false;
		table_filter(t, "");
		return true;
	default: break;
	}
	r = table_chosen(t);
	return r != NULL && args[0] == '\0' && act_on_row(t, id, r);
}

bool
table_find(struct table *t, const char *text, int direction)
{
	size_t n = t->shown.len, from = t->list.chosen;

	for (size_t i = direction == 0 ? 0 : 1; i < n + (direction != 0); i++) {
		size_t at = direction < 0 ? (from + n - i % n) % n : (from + i) % n;
		const struct table_row *r = &t->rows.items[t->shown.items[at]];

		if (!r->is_heading && (t->filter != NULL || table_row_matches(t, r, text))) {
			t->list.chosen = at;
			return true;
		}
	}
	return false;
}

static struct table *
table_of(struct screen *s)
{
	return &((struct table_screen *)s)->table;
}

static void
screen_update(struct screen *s, unsigned changes)
{
	table_of(s)->app = s->app;
	table_update(table_of(s), changes);
}

static void
screen_draw(struct screen *s, struct area a)
{
	table_draw(table_of(s), a);
}

static bool
screen_command(struct screen *s, enum command_id id, const char *args)
{
	return table_command(table_of(s), id, args);
}

static bool
screen_find(struct screen *s, const char *text, int direction)
{
	return table_find(table_of(s), text, direction);
}

static void
screen_filter(struct screen *s, const char *text)
{
	table_filter(table_of(s), text);
}

static void
screen_save(struct screen *s, struct buf *lines)
{
	table_save(table_of(s), lines);
}

static void
screen_hint(struct screen *s, struct buf *out)
{
	buf_puts(out, table_of(s)->spec->hint);
}

static void
screen_free(struct screen *s)
{
	table_fini(table_of(s));
	free(s);
}

static const struct screen_ops table_ops = {
	.name = "list",
	.scope = SCOPE_LIST,
	.update = screen_update,
	.draw = screen_draw,
	.command = screen_command,
	.find = screen_find,
	.filter = screen_filter,
	.hint = screen_hint,
	.save = screen_save,
	.free = screen_free,
};

struct screen *
table_open(struct app *a, const struct table_spec *spec)
{
	struct table_screen *t = xcalloc(1, sizeof(*t));

	table_init(&t->table, a, spec, NULL);
	t->screen.ops = &table_ops;
	t->screen.app = a;
	t->screen.name = spec->name;
	return &t->screen;
}
