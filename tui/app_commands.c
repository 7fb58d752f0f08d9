/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands that mean the same on every screen, and completion of the line.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/diff.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/topology/build.h"
#include "src/wizard/wizard.h"
#include "tui/app_priv.h"
#include "tui/canvas.h"
#include "tui/feed.h"
#include "tui/figure.h"
#include "tui/model.h"
#include "tui/prompt.h"
#include "tui/screens/screens.h"

#define VIEWS_MAX 50
#define WINDOW_MAX_S (30u * 86400)

void
app_remember_view(struct app *a, const char *line)
{
	if (a->is_going_back)
		return;
	if (a->views.len > 0 && strcmp(a->views.items[a->view], line) == 0)
		return;
	while (a->views.len > a->view + 1)
		free(a->views.items[--a->views.len]);
	if (a->views.len == VIEWS_MAX) {
		free(a->views.items[0]);
		vec_remove(&a->views, 0);
	}
	vec_push(&a->views, xstrdup(line));
	a->view = a->views.len - 1;
}

static void
go_to_view(struct app *a, size_t view)
{
	char *line = xstrdup(a->views.items[view]);

	a->view = view;
	a->is_going_back = true;
	app_run(a, line);
	a->is_going_back = false;
	free(line);
}

static void
open_page(struct app *a, const char *line, struct screen *(*open)(struct app *))
{
	app_pop_all(a);
	app_push(a, open(a));
	app_remember_view(a, line);
}

static void
go_to_graph(struct app *a, const char *namespaces)
{
	app_pop_all(a);
	app_remember_view(a, "graph");
	if (namespaces[0] == '\0')
		return;
	model_choose_namespaces(a->model, namespaces);
	app_query(a);
}

/* "90s", "1m", "2h", "1d"; 0 for anything else. */
static unsigned
parse_window(const char *s)
{
	char *end;
	unsigned long n;
	unsigned unit;

	errno = 0;
	n = strtoul(s, &end, 10);
	if (end == s || errno != 0 || s[0] == '-')
		return 0;
	unit = strcmp(end, "s") == 0 ? 1 : strcmp(end, "m") == 0 ? 60 :
	       strcmp(end, "h") == 0 ? 3600 : strcmp(end, "d") == 0 ? 86400 : 0;
	if (unit == 0 || n == 0 || n > WINDOW_MAX_S / unit)
		return 0;
	return (unsigned)n * unit;
}

static const char *const windows[] = {
	"1m", "2m", "5m", "10m", "30m", "1h", "3h", "6h", "12h", "1d", "7d", "30d",
};

static void
choose_window(struct app *a)
{
	struct menu *m = menu_new("Time window");

	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		char *line = xasprintf("since %s", windows[i]), *label = xasprintf("last %s", windows[i]);

		menu_add(m, label, NULL, line);
		if (parse_window(windows[i]) == a->model->query.window_s)
			menu_mark_last(m);
		free(line);
		free(label);
	}
	app_push(a, menu_screen(m));
}

struct namespace_menu {
	struct menu *menu;
	const struct model *model;
};

static void
add_namespace(void *arg, const char *name)
{
	struct namespace_menu *n = arg;

	menu_add(n->menu, name, NULL, "");
	if (model_has_namespace(n->model, name))
		menu_mark_last(n->menu);
}

static void
choose_namespaces(struct app *a)
{
	struct namespace_menu n = { menu_new("Namespaces"), a->model };

	menu_set_many(n.menu, "namespace");
	model_each_namespace(a->model, add_namespace, &n);
	app_push(a, menu_screen(n.menu));
}

static void
set_window(struct app *a, const char *args)
{
	unsigned s = parse_window(args);

	if (s == 0) {
		app_say(a, SEVERITY_ERROR, "\"%s\" is no time window; write 90s, 1m, 2h or 1d", args);
		return;
	}
	a->model->query.window_s = s;
	app_query(a);
}

static void
set_type(struct app *a, const char *args)
{
	enum graph_type type;

	if (!graph_type_parse(args, &type)) {
		app_say(a, SEVERITY_ERROR, "\"%s\" is no graph type; there are %s", args,
			command_args_text(ARG_TYPE));
		return;
	}
	a->model->query.type = type;
	app_query(a);
}

static void
set_labels(struct app *a, const char *args)
{
	unsigned bits;

	if (!edge_labels_parse(args, &bits)) {
		app_say(a, SEVERITY_ERROR, "\"%s\" names no labels; write %s", args,
			command_args_text(ARG_LABELS));
		return;
	}
	a->model->query.labels = bits;
	app_query(a);
}

static void
toggle_freeze(struct app *a)
{
	a->model->query.is_frozen = !a->model->query.is_frozen;
	app_query(a);
	app_say(a, SEVERITY_INFO, a->model->query.is_frozen ?
		"frozen: the figures stay; z goes on" : "live again");
}

/* "KIND NAME.NS" into an object; says what is wrong else. */
static const struct object *
find_object(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *kind_word = xstrndup(args, word);
	const char *name = args + skip, *dot = strrchr(name, '.');
	struct error err = ERROR_INIT;
	const struct kind *kind = kind_by_word(kind_word, &err);
	const struct object *o = NULL;

	free(kind_word);
	if (kind == NULL) {
		app_say_error(a, &err);
		return NULL;
	}
	if (a->model->mesh != NULL) {
		char *first = dot != NULL && kind->is_namespaced ?
			xstrndup(name, (size_t)(dot - name)) : xstrdup(name);

		o = snapshot_find(a->model->mesh->snapshot, kind->id,
				  !kind->is_namespaced ? "" : dot != NULL ? dot + 1 : "default", first);
		free(first);
	}
	if (o == NULL)
		app_say(a, SEVERITY_ERROR, "there is no %s \"%s\"", kind->name, name);
	return o;
}

void
app_object_text(const struct model *m, const struct object *o, struct buf *out)
{
	const struct snapshot *s = m->mesh->snapshot;

	for (size_t i = 0; i < snapshot_file_count(s); i++) {
		const struct source_file *f = snapshot_file(s, i);
		size_t len;
		const char *text = source_file_text(f, &len);

		if (strcmp(source_file_path(f), o->file) == 0 && o->end <= len) {
			buf_append(out, text + o->begin, o->end - o->begin);
			return;
		}
	}
}

static void
show_yaml(struct app *a, const char *args)
{
	const struct object *o = find_object(a, args);
	struct viewer *v;
	struct buf title = BUF_INIT, text = BUF_INIT;

	if (o == NULL)
		return;
	object_title(o, &title);
	app_object_text(a->model, o, &text);
	v = viewer_new(a, buf_str(&title));
	viewer_add(v, o->file, buf_str(&text), TEXT_YAML);
	app_push(a, viewer_screen(v));
	buf_fini(&title);
	buf_fini(&text);
}

static const struct history_entry *
find_change(struct app *a, const char *args)
{
	const struct history *h = a->model->history;
	unsigned long long n = strtoull(args, NULL, 10);

	if (h == NULL || h->entries.len == 0) {
		app_say(a, SEVERITY_INFO, "nothing has been changed yet");
		return NULL;
	}
	if (args[0] == '\0')
		return &h->entries.items[h->entries.len - 1];
	for (size_t i = 0; i < h->entries.len; i++) {
		if (h->entries.items[i].n == n)
			return &h->entries.items[i];
	}
	app_say(a, SEVERITY_ERROR, "there is no change %s; `:history` lists them", args);
	return NULL;
}

static void
show_diff(struct app *a, const char *args)
{
	const struct history_entry *e = find_change(a, args);
	struct viewer *v;
	char *title;

	if (e == NULL || e->changes.len == 0)
		return;
	title = xasprintf("Change %llu", (unsigned long long)e->n);
	v = viewer_new(a, title);
	free(title);
	for (size_t i = 0; i < e->changes.len; i++) {
		const struct history_change *c = &e->changes.items[i];
		struct buf text = BUF_INIT;

		diff_unified(&text, c->before != NULL ? c->before : "",
			     c->after != NULL ? c->after : "", c->before != NULL ? c->file : NULL,
			     c->after != NULL ? c->file : NULL, 3);
		title = xasprintf("%s %s", c->kind, c->name);
		viewer_add(v, title, buf_str(&text), TEXT_DIFF);
		free(title);
		buf_fini(&text);
	}
	app_push(a, viewer_screen(v));
}

static void
show_problem(struct app *a, const char *args)
{
	unsigned long n = strtoul(args, NULL, 10);
	const struct problem *p;
	struct viewer *v;
	struct buf b = BUF_INIT;

	if (n == 0 || n > a->model->problems.rows.len)
		return;
	p = &a->model->problems.rows.items[n - 1];
	buf_printf(&b, "%s %s\n\n", p->code, severity_name(p->severity));
	buf_printf(&b, "  %s\n\n", p->message);
	buf_printf(&b, "Where\n\n  %s:%u:%u\n", p->file, p->line, p->col);
	if (p->name[0] != '\0')
		buf_printf(&b, "  %s %s.%s\n", p->kind, p->name, p->ns);
	if (p->path[0] != '\0')
		buf_printf(&b, "  %s\n", p->path);
	v = viewer_new(a, p->code);
	viewer_add(v, "problem", buf_str(&b), TEXT_TITLED);
	app_push(a, viewer_screen(v));
	buf_fini(&b);
}

struct undo_ask {
	struct app *app;
	uint64_t n;
};

static void
undo_now(void *arg, bool yes)
{
	struct undo_ask *u = arg;
	struct error err = ERROR_INIT;

	if (yes && u->app->feed->ops->undo(u->app->feed, u->n, false, &err) < 0)
		app_say_error(u->app, &err);
	free(u);
}

static void
ask_undo(struct app *a, const char *args)
{
	const struct history_entry *e;
	struct undo_ask *u;
	char question[160];

	if (a->feed->ops->undo == NULL) {
		app_say(a, SEVERITY_WARNING, "nothing can be changed here");
		return;
	}
	e = find_change(a, args);
	if (e == NULL)
		return;
	u = xcalloc(1, sizeof(*u));
	u->app = a;
	u->n = e->n;
	snprintf(question, sizeof(question), "take change %llu back (%s %s%s)?",
		 (unsigned long long)e->n,
		 e->changes.len > 0 ? e->changes.items[0].kind : "",
		 e->changes.len > 0 ? e->changes.items[0].name : "",
		 e->changes.len > 1 ? " and more" : "");
	app_ask(a, question, undo_now, u);
}

struct delete_ask {
	struct app *app;
	char *group, *kind, *ns, *name;
	uint64_t hash;
};

static void
delete_now(void *arg, bool yes)
{
	struct delete_ask *d = arg;
	struct transaction t = { .via = VIA_DELETE };
	struct change c = {
		.op = CHANGE_DELETE, .group = d->group, .kind = d->kind, .ns = d->ns,
		.name = d->name, .has_precondition = true, .expected_hash = d->hash,
	};
	struct error err = ERROR_INIT;

	vec_push(&t.changes, c);
	if (yes && d->app->feed->ops->commit(d->app->feed, &t, &err) < 0)
		app_say_error(d->app, &err);
	vec_fini(&t.changes);
	free(d->group);
	free(d->kind);
	free(d->ns);
	free(d->name);
	free(d);
}

static void
ask_delete(struct app *a, const char *args)
{
	const struct object *o;
	struct delete_ask *d;
	struct buf question = BUF_INIT;

	if (a->feed->ops->commit == NULL) {
		app_say(a, SEVERITY_WARNING, "nothing can be changed here");
		return;
	}
	o = find_object(a, args);
	if (o == NULL)
		return;
	d = xcalloc(1, sizeof(*d));
	d->app = a;
	d->group = xstrdup(o->kind->group);
	d->kind = xstrdup(o->kind_name);
	d->ns = xstrdup(o->ns);
	d->name = xstrdup(o->name);
	d->hash = o->hash;
	buf_puts(&question, "delete ");
	object_title(o, &question);
	buf_puts(&question, "?");
	app_ask(a, buf_str(&question), delete_now, d);
	buf_fini(&question);
}

static void
apply_file(struct app *a, const char *path)
{
	struct error err = ERROR_INIT;

	if (path[0] == '\0')
		app_say(a, SEVERITY_ERROR, "apply which file?");
	else if (a->feed->ops->apply_file == NULL)
		app_say(a, SEVERITY_WARNING, "nothing can be changed here");
	else if (a->feed->ops->apply_file(a->feed, path, &err) < 0)
		app_say_error(a, &err);
}

static void
deploy(struct app *a, const char *name, bool undeploy)
{
	struct error err = ERROR_INIT;

	if (name[0] == '\0')
		app_say(a, SEVERITY_ERROR, "which one? Tab behind the word lists them");
	else if (a->feed->ops->deploy == NULL)
		app_say(a, SEVERITY_WARNING, "this mesh has no extras");
	else if (a->feed->ops->deploy(a->feed, name, undeploy, &err) < 0)
		app_say_error(a, &err);
}

static void
change_setting(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *name = xstrndup(args, word);
	const char *value = args + skip;
	struct buf answer = BUF_INIT;

	if (strcmp(name, "bytes") == 0) {
		a->shows_status = strcmp(value, "off") != 0;
	} else if (strcmp(name, "glyphs") == 0) {
		app_set_glyphs(a, strcmp(value, "ascii") == 0 ? GLYPHS_ASCII : GLYPHS_UNICODE);
	} else if (strcmp(name, "service-nodes") == 0) {
		a->model->query.no_service_nodes = strcmp(value, "off") == 0;
		app_query(a);
	} else if (a->host.set == NULL || !a->host.set(a->host.arg, name, value, &answer)) {
		app_say(a, SEVERITY_ERROR, "no setting \"%s\"; there are bytes, glyphs, "
			"service-nodes, sync", name);
	} else {
		app_say(a, SEVERITY_INFO, "%s", buf_str(&answer));
	}
	buf_fini(&answer);
	free(name);
}

static void
leave(void *arg, bool yes)
{
	struct app *a = arg;

	if (yes && a->host.quit != NULL)
		a->host.quit(a->host.arg);
}

/* Esc and q: out of the top screen; only q leaves at the root, after asking. */
static void
close_top(struct app *a, bool may_leave)
{
	struct screen *s = app_top(a);

	if (a->stack.len == 1) {
		if (may_leave)
			app_ask(a, "leave meshtop?", leave, a);
		return;
	}
	if (s->ops->may_close != NULL && !s->ops->may_close(s))
		return;
	app_pop(a, s);
	if (a->stack.len == 1)
		app_remember_view(a, "graph");
}

static void
find_again(struct app *a, int direction)
{
	struct screen *s = app_top(a);

	if (a->found == NULL || a->found[0] == '\0')
		app_say(a, SEVERITY_INFO, "/ finds something first");
	else if (s->ops->find == NULL || !s->ops->find(s, a->found, direction))
		app_say(a, SEVERITY_WARNING, "nothing here matches \"%s\"", a->found);
}

static void
find_text(struct app *a, const char *text)
{
	struct screen *s = app_top(a);

	free(a->found);
	a->found = xstrdup(text);
	if (text[0] != '\0' && (s->ops->find == NULL || !s->ops->find(s, text, 0)))
		app_say(a, SEVERITY_WARNING, "nothing here matches \"%s\"", text);
}

static void
open_line(struct app *a, char kind)
{
	if (kind == '/' && app_top(a)->ops->find == NULL)
		app_say(a, SEVERITY_INFO, "there is nothing to find on this screen");
	else
		prompt_open(a->prompt, kind, "");
}

static bool
page_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_GRAPH: go_to_graph(a, args); return true;
	case CMD_SERVICES: open_page(a, "services", services_open); return true;
	case CMD_WORKLOADS: open_page(a, "workloads", workloads_open); return true;
	case CMD_CONFIG: open_page(a, "config", config_open); return true;
	case CMD_VALIDATIONS: open_page(a, "validations", validations_open); return true;
	case CMD_REQUESTS: open_page(a, "requests", requests_open); return true;
	case CMD_HISTORY: open_page(a, "history", history_open); return true;
	case CMD_HELP:
		app_push(a, help_open(a, app_top(a)->ops->scope, screen_name(app_top(a))));
		return true;
	case CMD_VIEW_BACK:
		if (a->view > 0)
			go_to_view(a, a->view - 1);
		return true;
	case CMD_VIEW_FORWARD:
		if (a->view + 1 < a->views.len)
			go_to_view(a, a->view + 1);
		return true;
	case CMD_VIEW_LAST:
		go_to_view(a, a->view > 0 ? a->view - 1 : a->views.len - 1);
		return true;
	case CMD_SELECT:
		go_to_graph(a, "");
		return app_top(a)->ops->command(app_top(a), id, args);
	default: return false;
	}
}

static bool
query_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_NAMESPACE:
		model_choose_namespaces(a->model, args);
		app_query(a);
		return true;
	case CMD_NAMESPACES: choose_namespaces(a); return true;
	case CMD_SINCE: set_window(a, args); return true;
	case CMD_WINDOW: choose_window(a); return true;
	case CMD_TYPE: set_type(a, args); return true;
	case CMD_LABELS: set_labels(a, args); return true;
	case CMD_HIDE:
		model_set_hide(a->model, args);
		app_query(a);
		return true;
	case CMD_FREEZE: toggle_freeze(a); return true;
	case CMD_REFRESH:
		a->feed->ops->refresh(a->feed);
		app_say(a, SEVERITY_INFO, "reading everything again");
		return true;
	default: return false;
	}
}

static void
choose_mesh(struct app *a, const char *dir)
{
	if (a->host.choose == NULL)
		app_say(a, SEVERITY_INFO, "this is a mesh already; leave, then start meshtop anew");
	else if (dir != NULL && dir[0] == '\0')
		app_say(a, SEVERITY_ERROR, "which directory?");
	else
		a->host.choose(a->host.arg, dir);
}

/* "KIND NAME.NS" */
static void
open_wizard(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *kind_word = xstrndup(args, word);
	const char *name = args + skip, *dot = strrchr(name, '.');
	const struct mesh_service *service = NULL;
	struct error err = ERROR_INIT;
	enum wizard_kind kind;
	struct screen *s;

	if (a->model->mesh != NULL && dot != NULL) {
		char *first = xstrndup(name, (size_t)(dot - name));

		service = mesh_find_service(a->model->mesh, dot + 1, first);
		free(first);
	}
	if (!wizard_kind_parse(kind_word, &kind)) {
		app_say(a, SEVERITY_ERROR, "no wizard \"%s\"; Tab behind the word lists them",
			kind_word);
	} else if (service == NULL) {
		app_say(a, SEVERITY_ERROR, "there is no service \"%s\"; write NAME.NAMESPACE", name);
	} else {
		s = wizard_screen_open(a, kind, service, &err);
		if (s == NULL)
			app_say_error(a, &err);
		else
			app_push(a, s);
	}
	free(kind_word);
}

static bool
change_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_YAML: show_yaml(a, args); return args[0] != '\0';
	case CMD_DIFF: show_diff(a, args); return true;
	case CMD_PROBLEM: show_problem(a, args); return true;
	case CMD_UNDO: ask_undo(a, args); return true;
	case CMD_WIZARD: open_wizard(a, args); return true;
	case CMD_DELETE: ask_delete(a, args); return true;
	case CMD_APPLY: apply_file(a, args); return true;
	case CMD_DEPLOY: deploy(a, args, false); return true;
	case CMD_UNDEPLOY: deploy(a, args, true); return true;
	case CMD_DEMO: choose_mesh(a, NULL); return true;
	case CMD_MESH: choose_mesh(a, args); return true;
	case CMD_SET: change_setting(a, args); return true;
	default: return false;
	}
}

bool
app_global_command(struct app *a, enum command_id id, const char *args)
{
	if (page_command(a, id, args) || query_command(a, id, args) ||
	    change_command(a, id, args))
		return true;
	switch (id) {
	case CMD_LINE: open_line(a, ':'); return true;
	case CMD_SEARCH: open_line(a, '/'); return true;
	case CMD_FIND: find_text(a, args); return true;
	case CMD_FIND_NEXT: find_again(a, 1); return true;
	case CMD_FIND_PREV: find_again(a, -1); return true;
	case CMD_BACK: close_top(a, false); return true;
	case CMD_CLOSE: close_top(a, true); return true;
	case CMD_QUIT: leave(a, true); return true;
	case CMD_GLYPHS:
		app_set_glyphs(a, app_glyphs(a) == GLYPHS_ASCII ? GLYPHS_UNICODE : GLYPHS_ASCII);
		return true;
	case CMD_REDRAW:
		if (a->host.repaint != NULL)
			a->host.repaint(a->host.arg);
		return true;
	case CMD_SUSPEND:
		if (a->host.suspend != NULL)
			a->host.suspend(a->host.arg);
		return true;
	default: return false;
	}
}

struct adder {
	void (*add)(void *to, const char *word);
	void *to;
};

static void
add_name(void *arg, const char *name)
{
	struct adder *to = arg;

	to->add(to->to, name);
}

static void
add_words(struct adder *to, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to->add(to->to, words[i]);
}

static void
add_commands(struct adder *to)
{
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		struct buf word = BUF_INIT;

		buf_puts(&word, command_row(id)->word);
		for (size_t i = 0; i < word.len; i++)
			word.data[i] = word.data[i] == '_' ? '-' : word.data[i];
		to->add(to->to, buf_str(&word));
		buf_fini(&word);
	}
}

static const char *const label_words[] = {
	"none", "rate", "distribution", "throughput", "time:avg", "time:p50", "time:p95", "time:p99",
};
static const char *const type_words[] = { "app", "versionedApp", "workload", "service" };
static const char *const setting_words[] = { "bytes", "glyphs", "service-nodes", "sync" };
static const char *const object_words[] = {
	"virtualservice", "destinationrule", "gateway", "service", "serviceentry", "sidecar",
	"peerauthentication", "deployment", "workloadentry", "pod", "configmap", "namespace",
};

/* Files and folders that begin like word, folders with a slash behind. */
static void
add_files(struct adder *to, const char *word)
{
	const char *slash = strrchr(word, '/');
	size_t dir_len = slash != NULL ? (size_t)(slash - word) + 1 : 0;
	char *dir_name = dir_len > 0 ? xstrndup(word, dir_len) : xstrdup(".");
	DIR *dir = opendir(dir_name);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct buf clean = BUF_INIT;
		char *path;

		if (e->d_name[0] == '.')
			continue;
		path = xasprintf("%.*s%s%s", (int)dir_len, word, e->d_name,
				 e->d_type == DT_DIR ? "/" : "");
		text_sanitize(&clean, path, strlen(path));
		if (strcmp(buf_str(&clean), path) == 0)		/* others cannot be typed */
			to->add(to->to, path);
		buf_fini(&clean);
		free(path);
	}
	if (dir != NULL)
		closedir(dir);
	free(dir_name);
}

/* Words for the argument that begins behind the blank at args. */
static void
add_arguments(struct app *a, struct adder *to, enum command_args args, const char *line,
	      size_t start)
{
	const char *first = line + strcspn(line, " ");
	bool is_second;
	char *kind;

	first += strspn(first, " ");
	is_second = first < line + start && strchr(first, ' ') != NULL;
	switch (args) {
	case ARG_NAMESPACES: model_each_namespace(a->model, add_name, to); break;
	case ARG_WINDOW: add_words(to, windows, ARRAY_LEN(windows)); break;
	case ARG_TYPE: add_words(to, type_words, ARRAY_LEN(type_words)); break;
	case ARG_LABELS: add_words(to, label_words, ARRAY_LEN(label_words)); break;
	case ARG_SETTING: add_words(to, setting_words, ARRAY_LEN(setting_words)); break;
	case ARG_TEXT: model_each_service(a->model, add_name, to); break;
	case ARG_WIZARD:
		for (unsigned k = 0; !is_second && k < WIZARD_KIND_COUNT; k++)
			to->add(to->to, wizard_kind_name((enum wizard_kind)k));
		if (is_second)
			model_each_service(a->model, add_name, to);
		break;
	case ARG_OBJECT:
		if (!is_second) {
			add_words(to, object_words, ARRAY_LEN(object_words));
			break;
		}
		kind = xstrndup(first, strcspn(first, " "));
		model_each_object(a->model, kind, add_name, to);
		free(kind);
		break;
	case ARG_FILE: add_files(to, line + start); break;
	case ARG_EXTRA:
		if (a->feed->ops->each_extra != NULL)
			a->feed->ops->each_extra(a->feed, add_name, to);
		break;
	default: break;
	}
}

void
app_complete(void *arg, const char *line, size_t start,
	     void (*add)(void *to, const char *word), void *to)
{
	struct app *a = arg;
	struct adder adder = { add, to };
	size_t blanks = strspn(line, " "), len = strcspn(line + blanks, " ");
	enum command_id id;

	if (start <= blanks) {
		add_commands(&adder);
		return;
	}
	id = command_by_word(line + blanks, len, NULL);
	if (id != CMD_NONE)
		add_arguments(a, &adder, command_row(id)->args, line + blanks, start - blanks);
}
