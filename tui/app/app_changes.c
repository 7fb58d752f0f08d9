/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands about documents: showing, changing, taking back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/diff.h"
#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/wizard/route_wizard.h"
#include "src/wizard/wizard.h"
#include "tui/app/app_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"

const struct object *
app_find_object(struct app *a, const char *args)
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

/* By the path's very place: moments of the past hold several texts of one path. */
static const struct source_file *
file_of(const struct model *m, const struct object *o)
{
	const struct snapshot *s = m->mesh->snapshot;

	for (size_t i = 0; i < snapshot_file_count(s); i++) {
		if (source_file_path(snapshot_file(s, i)) == o->file)
			return snapshot_file(s, i);
	}
	return NULL;
}

/* An item of a List has no bytes of its own. */
static void
put_text(const struct object *o, const struct source_file *f, struct buf *out)
{
	if (o->kind != NULL && o->kind->id == KIND_SECRET)
		buf_puts(out, "# the contents of a Secret are not shown\n");
	else if (o->list_index != SIZE_MAX)
		yaml_emit(out, o->root);
	else if (f != NULL)
		buf_append(out, source_file_text(f, NULL) + o->begin, o->end - o->begin);
}

void
app_object_text(const struct model *m, const struct object *o, struct buf *out)
{
	put_text(o, file_of(m, o), out);
}

/* By its place, as file_of() finds it. */
static struct slice
path_key(const char *const *path)
{
	return (struct slice){ (const char *)path, sizeof(*path) };
}

void
app_object_texts(const struct model *m, const struct object *const *objects, size_t count,
		 struct buf *out)
{
	const struct snapshot *s = m->mesh->snapshot;
	size_t file_count = snapshot_file_count(s);
	const char **paths = xcalloc(file_count + 1, sizeof(*paths));	/* keys of the map */
	struct strmap files = STRMAP_INIT;

	for (size_t i = 0; i < file_count; i++) {
		paths[i] = source_file_path(snapshot_file(s, i));
		*strmap_put(&files, path_key(&paths[i])) =
			(void *)(uintptr_t)snapshot_file(s, i);
	}
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i > 0 ? "---\n" : "");
		put_text(objects[i], strmap_find(&files, path_key(&objects[i]->file)), out);
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			buf_putc(out, '\n');
	}
	strmap_fini(&files);
	free(paths);
}

/* Lines of the object's file before its document. */
static size_t
lines_before(const struct model *m, const struct object *o)
{
	const struct source_file *f = file_of(m, o);
	const char *text = f != NULL ? source_file_text(f, NULL) : "";
	size_t lines = 0;

	for (size_t i = 0; f != NULL && i < o->begin; i++)
		lines += text[i] == '\n';
	return lines;
}

/* What stands elsewhere (a newer text that is not obeyed) comes first. */
static void
note_problems(struct viewer *v, const struct model *m, const struct object *o, size_t lines)
{
	size_t before = lines_before(m, o);
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < m->problems.rows.len; i++) {
		const struct problem *p = &m->problems.rows.items[i];
		bool is_here = o->list_index == SIZE_MAX && strcmp(p->file, o->file) == 0 &&
			       p->line > before && p->line <= before + lines;

		if (strcmp(p->name, o->name) != 0 || strcmp(p->ns, o->ns) != 0 ||
		    strcmp(p->kind, o->kind_name) != 0)
			continue;
		buf_clear(&b);
		if (!is_here && p->file[0] != '\0')
			buf_printf(&b, "%s:%u:%u: ", p->file, p->line, p->col);
		buf_printf(&b, "%s %s", p->code, p->message);
		viewer_note(v, is_here ? p->line - before : 0, is_here ? p->col : 0, p->severity, buf_str(&b));
	}
	buf_fini(&b);
}

void
app_add_yaml(struct viewer *v, const char *tab, const struct model *m, const struct object *o)
{
	struct buf text = BUF_INIT;
	size_t lines = 0;

	app_object_text(m, o, &text);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	viewer_add(v, tab, buf_str(&text), TEXT_YAML);
	note_problems(v, m, o, lines + 1);
	buf_fini(&text);
}

static void
show_yaml(struct app *a, const char *args)
{
	const struct object *o = app_find_object(a, args);
	struct viewer *v;
	struct buf title = BUF_INIT;

	if (o == NULL)
		return;
	object_title(o, &title);
	v = viewer_new(buf_str(&title));
	app_add_yaml(v, o->file, a->model, o);
	app_push(a, viewer_screen(v));
	buf_fini(&title);
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
	v = viewer_new(title);
	free(title);
	for (size_t i = 0; i < e->changes.len; i++) {
		const struct history_change *c = &e->changes.items[i];
		struct buf text = BUF_INIT;

		if (strcmp(c->kind, "Secret") == 0)
			buf_puts(&text, "  the contents of a Secret are not shown\n");
		else
			diff_unified(&text, c->before != NULL ? c->before : "",
				     c->after != NULL ? c->after : "",
				     c->before != NULL ? c->file : NULL,
				     c->after != NULL ? c->file : NULL, 3);
		title = xasprintf("%s %s", c->kind, c->name);
		viewer_add(v, title, buf_str(&text), TEXT_DIFF);
		free(title);
		buf_fini(&text);
	}
	app_push(a, viewer_screen(v));
}

/* NULL when the row is of no object, or of one that is left out. */
static const struct object *
object_of_problem(const struct model *m, const struct problem *p)
{
	for (size_t i = 0; m->mesh != NULL && i < m->mesh->snapshot->count; i++) {
		const struct object *o = m->mesh->snapshot->objects[i];

		if (strcmp(o->name, p->name) == 0 && strcmp(o->ns, p->ns) == 0 &&
		    strcmp(o->kind_name, p->kind) == 0)
			return o;
	}
	return NULL;
}

static void
show_problem(struct app *a, const char *args)
{
	unsigned long n = strtoul(args, NULL, 10);
	const struct problem *p;
	const struct object *o;
	struct viewer *v;
	struct buf b = BUF_INIT;

	if (n == 0 || n > a->model->problems.rows.len) {
		app_say(a, SEVERITY_INFO, "there is no such problem; :validations lists %zu",
			a->model->problems.rows.len);
		return;
	}
	p = &a->model->problems.rows.items[n - 1];
	buf_printf(&b, "%s %s\n\n", p->code, severity_name(p->severity));
	buf_printf(&b, "  %s\n\n", p->message);
	buf_printf(&b, "Where\n\n  %s:%u:%u\n", p->file, p->line, p->col);
	if (p->name[0] != '\0')
		buf_printf(&b, "  %s %s.%s\n", p->kind, p->name, p->ns);
	if (p->path[0] != '\0')
		buf_printf(&b, "  %s\n", p->path);
	v = viewer_new(p->code);
	viewer_add(v, "problem", buf_str(&b), TEXT_TITLED);
	o = object_of_problem(a->model, p);
	if (o != NULL)
		app_add_yaml(v, "YAML", a->model, o);
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

static void
cancel(struct app *a)
{
	if (a->feed->ops->cancel == NULL || !a->feed->ops->cancel(a->feed))
		app_say(a, SEVERITY_WARNING, "no change is being stored");
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
choose_mesh(struct app *a, const char *dir)
{
	struct stat st;

	if (a->host.choose == NULL)
		app_say(a, SEVERITY_INFO, "this is a mesh already; leave, then start meshtop anew");
	else if (dir != NULL && dir[0] == '\0')
		app_say(a, SEVERITY_ERROR, "which directory?");
	else if (dir != NULL && stat(dir, &st) < 0)
		app_say(a, SEVERITY_ERROR, "%s: %s", dir, strerror(errno));
	else if (dir != NULL && !S_ISDIR(st.st_mode))
		app_say(a, SEVERITY_ERROR, "%s: is no directory", dir);
	else
		a->host.choose(a->host.arg, dir);
}

static void
open_form(struct app *a, enum wizard_kind kind, const struct mesh_service *service)
{
	struct error err = ERROR_INIT;
	struct screen *s = wizard_screen_open(a, kind, service, &err);

	if (s == NULL)
		app_say_error(a, &err);
	else
		app_push(a, s);
}

/* "KIND NAME.NS" */
static void
open_wizard(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *kind_word = xstrndup(args, word);
	const char *name = args + skip;
	const struct mesh_service *service = model_find_service(a->model, name);
	enum route_wizard_kind route;
	enum wizard_kind kind;
	bool has_form = wizard_kind_parse(kind_word, &kind);

	if (!has_form && !route_wizard_parse(kind_word, &route))
		app_say(a, SEVERITY_ERROR, "no wizard \"%s\"; Tab behind the word lists them",
			kind_word);
	else if (service == NULL)
		app_say_no_service(a, name);
	else if (!has_form)
		app_say(a, SEVERITY_INFO, "it has no form yet: meshtop wizard %s --service %s.%s "
			"does it", kind_word, service->name, service->ns);
	else
		open_form(a, kind, service);
	free(kind_word);
}

bool
app_change_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_YAML: show_yaml(a, args); return args[0] != '\0';
	case CMD_DIFF: show_diff(a, args); return true;
	case CMD_PROBLEM: show_problem(a, args); return true;
	case CMD_UNDO: ask_undo(a, args); return true;
	case CMD_CANCEL: cancel(a); return true;
	case CMD_WIZARD: open_wizard(a, args); return true;
	case CMD_DELETE: app_delete(a, args); return true;
	case CMD_DELETE_ROUTING: app_delete_routing(a, args); return true;
	case CMD_EDIT: app_edit(a, args); return true;
	case CMD_APPLY: apply_file(a, args); return true;
	case CMD_DEPLOY: deploy(a, args, false); return true;
	case CMD_UNDEPLOY: deploy(a, args, true); return true;
	case CMD_DEMO: choose_mesh(a, NULL); return true;
	case CMD_MESH: choose_mesh(a, args); return true;
	default: return false;
	}
}
