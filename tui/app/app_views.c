/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saved views and expressions: a view is the command lines that lead to it.
 * Both are kept in a file of the console's state, apart from the person's own
 * configuration, which no program writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/topology/find.h"
#include "tui/app/app_priv.h"
#include "tui/config/config.h"
#include "tui/feed/display.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/screens.h"
#include "tui/widgets/figure.h"

static bool
is_name(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= 60 && text_width(s, len) > 0 && strpbrk(s, "\n\t:#") == NULL;
}

static void
put_texts(struct arena *a, struct value *root, const struct model *m)
{
	struct value *finds = value_ensure_map(a, root, "finds");
	struct value *views = value_ensure_map(a, root, "views");

	for (size_t i = 0; i < m->saved.rows.len; i++)
		value_set_string(a, finds, m->saved.rows.items[i].name, m->saved.rows.items[i].text);
	for (size_t i = 0; i < m->views.rows.len; i++) {
		struct value *list = value_new_list(a);

		for (const char *s = m->views.rows.items[i].text; *s != '\0';) {
			size_t len = strcspn(s, "\n");

			value_append(list, value_new_string(a, arena_strndup(a, s, len)));
			s += len + (s[len] == '\n');
		}
		value_set(a, views, m->views.rows.items[i].name, list);
	}
}

/* A new file takes the old one's place whole. */
static int
write_saved(const struct app *a, struct error *err)
{
	struct arena *arena = arena_new();
	struct value *root = value_new_map(arena);
	char *temporary = xasprintf("%s.new", a->saved_file);
	struct buf text = BUF_INIT;
	int status = 0, fd;
	FILE *f;

	put_texts(arena, root, a->model);
	buf_puts(&text, "# Kept by meshtop: :save, :save-find\n");
	yaml_emit(&text, root);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL || fwrite(text.data, 1, text.len, f) != text.len || fflush(f) != 0 ||
	    fsync(fd) < 0)
		status = error_errnof(err, "%s", temporary);
	if (f != NULL)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	if (status == 0 && rename(temporary, a->saved_file) < 0)
		status = error_errnof(err, "%s", a->saved_file);
	buf_fini(&text);
	free(temporary);
	arena_free(&arena);
	return status;
}

static void
keep_saved(struct app *a)
{
	struct error err = ERROR_INIT;

	if (a->saved_is_broken)
		app_say(a, SEVERITY_ERROR, "not kept: %s cannot be read; mend or remove it, then start anew",
			a->saved_file);
	else if (a->saved_file != NULL && write_saved(a, &err) < 0)
		app_say_error(a, &err);
}

void
app_take_config(struct app *a, const struct config *c)
{
	for (size_t i = 0; i < c->finds.len; i++)
		model_save_find(a->model, c->finds.items[i].name, c->finds.items[i].text);
	for (size_t i = 0; i < c->views.len; i++)
		model_save_view(a->model, c->views.items[i].name, c->views.items[i].text);
}

void
app_load_saved(struct app *a)
{
	struct error err = ERROR_INIT;
	struct config c;

	if (a->saved_file == NULL || access(a->saved_file, F_OK) < 0)
		return;
	if (config_load(&c, a->saved_file, &err) < 0) {
		a->saved_is_broken = true;
		app_say_error(a, &err);
		return;
	}
	app_take_config(a, &c);
	config_fini(&c);
}

/* "NAME EXPRESSION"; NAME alone forgets it. */
static void
save_find(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *name = xstrndup(args, word);
	struct error err = ERROR_INIT;
	struct find *f = args[skip] != '\0' ? shown_find(a->model, args + skip, &err) : NULL;

	if (err.code != ERROR_NONE) {
		app_say(a, SEVERITY_ERROR, "column %u: %s", err.col, err.msg);
	} else if (!is_name(name)) {
		app_say(a, SEVERITY_ERROR, "under which name? write NAME EXPRESSION");
	} else {
		model_save_find(a->model, name, args + skip);
		app_say(a, SEVERITY_INFO, f != NULL ? "@%s stands for it in find and hide" :
			"@%s is forgotten", name);
		keep_saved(a);
	}
	find_free(&f);
	free(name);
}

static void
put_line(struct buf *lines, const char *line)
{
	buf_printf(lines, "%s%s", lines->len > 0 ? "\n" : "", line);
}

static void
put_question(const struct model *m, struct buf *lines)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "namespace ");
	for (size_t i = 0; i < m->query.namespaces.len; i++)
		buf_printf(&b, "%s%s", i > 0 ? "," : "", m->query.namespaces.items[i]);
	buf_puts(&b, m->query.namespaces.len == 0 ? "all" : "");
	put_line(lines, buf_str(&b));
	buf_clear(&b);
	buf_printf(&b, "type %s\nlabels ", graph_type_name(m->query.type));
	edge_labels_put(m->query.labels, &b);
	buf_puts(&b, "\nsince ");
	figure_window(&b, m->query.window_s);
	buf_printf(&b, "\nhide%s%s", m->query.hide != NULL ? " " : "",
		   m->query.hide != NULL ? m->query.hide : "");
	put_line(lines, buf_str(&b));
	for (size_t i = 0; display_name(i) != NULL; i++) {
		if (!display_can_change(i))
			continue;
		buf_clear(&b);
		buf_printf(&b, "set %s %s", display_name(i), display_value(m, i));
		put_line(lines, buf_str(&b));
	}
	buf_fini(&b);
}

/* The order and filter of the page that lies over the picture. */
static void
put_page(const struct app *a, struct buf *lines)
{
	for (size_t i = a->stack.len; i > 1; i--) {
		struct screen *s = a->stack.items[i - 1];

		if (s->ops->save == NULL)
			continue;
		s->ops->save(s, lines);
		return;
	}
}

static void
save_view(struct app *a, const char *name)
{
	struct screen *picture = a->stack.items[0];
	struct buf lines = BUF_INIT;

	if (!is_name(name)) {
		app_say(a, SEVERITY_ERROR, "under which name? :save NAME");
		return;
	}
	put_line(&lines, "graph");
	put_question(a->model, &lines);
	if (picture->ops->save != NULL)
		picture->ops->save(picture, &lines);
	if (strcmp(a->views.items[a->view], "graph") != 0) {
		put_line(&lines, a->views.items[a->view]);
		put_page(a, &lines);
	}
	model_save_view(a->model, name, buf_str(&lines));
	app_say(a, SEVERITY_INFO, ":view %s comes back to this", name);
	keep_saved(a);
	buf_fini(&lines);
}

static void
choose_view(struct app *a)
{
	struct menu *menu = menu_new("Views");

	for (size_t i = 0; i < a->model->views.rows.len; i++) {
		char *line = xasprintf("view %s", a->model->views.rows.items[i].name);

		menu_add(menu, a->model->views.rows.items[i].name, NULL, line);
		free(line);
	}
	app_push(a, menu_screen(menu));
}

void
app_go_on_with_view(struct app *a)
{
	char *line;

	while (a->view_rest != NULL && a->on_answer == NULL && app_is_settled(a)) {
		line = strsep(&a->view_rest, "\n");
		if (strncmp(line, "view", 4) != 0)	/* no view inside a view */
			app_run(a, line);
		if (a->on_answer != NULL)		/* what follows is not run behind a question */
			a->view_rest = NULL;
	}
	if (a->view_rest == NULL && a->is_opening_view) {
		a->is_opening_view = false;
		if (a->severity == SEVERITY_INFO)	/* what its lines say is not news */
			a->has_message = false;
	}
}

void
app_run_when_settled(struct app *a, const char *lines)
{
	char *all = a->view_rest != NULL ? xasprintf("%s\n%s", lines, a->view_rest) : xstrdup(lines);

	free(a->view_lines);
	a->view_lines = a->view_rest = all;
	app_go_on_with_view(a);
}

static void
run_view(struct app *a, const char *name)
{
	const char *text = model_saved_view(a->model, name);

	if (text == NULL && name[0] == '\0' && a->model->views.rows.len > 0) {
		choose_view(a);
		return;
	}
	if (text == NULL) {
		app_say(a, SEVERITY_ERROR, name[0] == '\0' ? "no view is saved: :save NAME keeps one" :
			"no view is saved as \"%s\"", name);
		return;
	}
	if (!app_may_pop_all(a))
		return;
	a->view_rest = NULL;		/* of another view that is still under way */
	a->is_opening_view = true;
	app_run_when_settled(a, text);
}

bool
app_view_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_SAVE_FIND: save_find(a, args); return true;
	case CMD_SAVE: save_view(a, args); return true;
	case CMD_VIEW: run_view(a, args); return true;
	default: return false;
	}
}
