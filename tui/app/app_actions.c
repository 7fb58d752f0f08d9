/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be done to a service or a workload: menus for every screen, and
 * the number of replicas.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/wizard/wizard.h"
#include "tui/app/app_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"

#define REPLICAS_MAX 64

static void __attribute__((format(printf, 4, 5)))
add_line(struct menu *menu, const char *label, const char *detail, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	menu_add(menu, label, detail, buf_str(&line));
	buf_fini(&line);
}

static void
add_wizards(struct menu *menu, const char *service)
{
	for (unsigned k = 0; k < WIZARD_KIND_COUNT; k++)
		add_line(menu, wizard_kind_title((enum wizard_kind)k), NULL, "wizard %s %s",
			 wizard_kind_name((enum wizard_kind)k), service);
}

/* Edit and delete, for each document about the service. */
static void
add_documents(struct app *a, struct menu *menu, const struct mesh_service *s)
{
	const struct snapshot *all = a->model->mesh->snapshot;
	bool is_first = true;

	for (size_t i = 0; i < all->count; i++) {
		const struct object *o = all->objects[i];
		struct buf name = BUF_INIT;

		if (o->kind == NULL || !topology_concerns(a->model, o, s))
			continue;
		if (is_first)
			menu_add(menu, "Documents", NULL, NULL);
		is_first = false;
		buf_printf(&name, "Edit %s %s", o->kind_name, o->name);
		add_line(menu, buf_str(&name), "in $EDITOR", "edit %s%s%s %s.%s", o->kind_name,
			 o->kind->group[0] != '\0' ? "." : "", o->kind->group, o->name, o->ns);
		if (o != s->object) {
			buf_clear(&name);
			buf_printf(&name, "Delete %s %s", o->kind_name, o->name);
			add_line(menu, buf_str(&name), "asks first", "delete %s%s%s %s.%s", o->kind_name,
				 o->kind->group[0] != '\0' ? "." : "", o->kind->group, o->name, o->ns);
		}
		buf_fini(&name);
	}
}

static bool
is_of(const struct mesh_workload *w, const struct mesh_service *s)
{
	for (size_t i = 0; i < s->instance_count; i++)
		if (s->instances[i]->workload == w)
			return true;
	return false;
}

static void
add_workload(struct menu *menu, const struct mesh_workload *w)
{
	struct buf label = BUF_INIT, detail = BUF_INIT;

	if (w->object == NULL || strcmp(w->object->kind_name, "Deployment") != 0)
		return;
	buf_printf(&label, "Scale %s", w->name);
	buf_printf(&detail, "%u now", w->desired);
	add_line(menu, buf_str(&label), buf_str(&detail), "scale %s.%s ", w->name, w->ns);
	buf_clear(&label);
	buf_printf(&label, "Edit Deployment %s", w->object->name);
	add_line(menu, buf_str(&label), "in $EDITOR", "edit deployment %s.%s", w->object->name,
		 w->object->ns);
	buf_fini(&label);
	buf_fini(&detail);
}

struct extras {
	struct app *app;
	struct menu *menu;
	bool is_first;
};

static bool
is_deployed(const struct app *a, const char *name)
{
	for (size_t i = 0; i < a->model->mesh->workload_count; i++)
		if (strcmp(a->model->mesh->workloads[i]->name, name) == 0)
			return true;
	return false;
}

static void
add_extra(void *arg, const char *name)
{
	struct extras *x = arg;
	bool is_there = is_deployed(x->app, name);
	struct buf label = BUF_INIT;

	if (x->is_first)
		menu_add(x->menu, "The demo's extras", NULL, NULL);
	x->is_first = false;
	buf_printf(&label, "%s %s", is_there ? "Undeploy" : "Deploy", name);
	add_line(x->menu, buf_str(&label), NULL, "%s %s", is_there ? "undeploy" : "deploy", name);
	buf_fini(&label);
}

static void
add_changes(struct app *a, struct menu *menu)
{
	if (a->model->history == NULL)
		return;
	menu_add(menu, "Changes", NULL, NULL);
	menu_add(menu, "Undo the last change", "asks first", "undo");
	menu_add_key(menu, "What it changed", CMD_DIFF, "diff");
	menu_add(menu, "History", "with differences and undo", "history");
}

/* By NAME.NS; a workload's name leads to its service as well. */
static const struct mesh_service *
find_service(const struct app *a, const char *name, const struct mesh_workload **workload)
{
	const char *dot = strrchr(name, '.');
	const struct mesh *m = a->model->mesh;
	const struct mesh_service *s = model_find_service(a->model, name);
	char *first;

	*workload = NULL;
	if (s != NULL || m == NULL || dot == NULL)
		return s;
	first = xstrndup(name, (size_t)(dot - name));
	*workload = mesh_find_workload(m, dot + 1, first);
	free(first);
	for (size_t i = 0; s == NULL && *workload != NULL && i < m->service_count; i++)
		if (is_of(*workload, m->services[i]))
			s = m->services[i];
	return s;
}

void
app_add_actions(struct app *a, struct menu *menu, const char *name)
{
	const struct mesh_workload *workload;
	const struct mesh_service *s = find_service(a, name, &workload);
	struct extras extras = { a, menu, true };
	struct buf service = BUF_INIT;

	if (s != NULL) {
		buf_printf(&service, "%s.%s", s->name, s->ns);
		menu_add(menu, "Wizards", NULL, NULL);
		add_wizards(menu, buf_str(&service));
		add_documents(a, menu, s);
	}
	if (s != NULL || workload != NULL)
		menu_add(menu, "Workloads", NULL, NULL);
	for (size_t i = 0; s != NULL && i < a->model->mesh->workload_count; i++)
		if (is_of(a->model->mesh->workloads[i], s))
			add_workload(menu, a->model->mesh->workloads[i]);
	if (s == NULL && workload != NULL)
		add_workload(menu, workload);
	if (a->feed->ops->each_extra != NULL && a->model->mesh != NULL)
		a->feed->ops->each_extra(a->feed, add_extra, &extras);
	add_changes(a, menu);
	buf_fini(&service);
}

void
app_say_no_service(struct app *a, const char *name)
{
	app_say(a, SEVERITY_ERROR, strchr(name, '.') != NULL || name[0] == '\0' ?
		"there is no service \"%s\"; write NAME.NAMESPACE" :
		"no service, or several, are called \"%s\"; write NAME.NAMESPACE", name);
}

static void
open_actions(struct app *a, const char *name, bool only_wizards)
{
	const struct mesh_workload *workload;
	const struct mesh_service *s = find_service(a, name, &workload);
	struct buf title = BUF_INIT, service = BUF_INIT;
	struct menu *menu;

	if (s == NULL && (workload == NULL || only_wizards)) {
		app_say_no_service(a, name);
		return;
	}
	buf_printf(&title, only_wizards ? "Wizards for %s" : "Actions for %s", name);
	menu = menu_new(buf_str(&title));
	if (only_wizards) {
		buf_printf(&service, "%s.%s", s->name, s->ns);
		add_wizards(menu, buf_str(&service));
	} else {
		app_add_actions(a, menu, name);
	}
	app_push(a, menu_screen(menu));
	buf_fini(&title);
	buf_fini(&service);
}

/* The Deployment as it is but for its replicas. */
static int
store_replicas(struct app *a, const struct object *o, unsigned long n, struct error *err)
{
	struct arena *arena = arena_new();
	struct value *root = value_copy(arena, o->root);
	struct buf note = BUF_INIT;
	struct transaction t = { .via = VIA_EDIT };
	struct change c = {
		.op = CHANGE_UPDATE, .group = o->kind->group, .kind = o->kind_name, .ns = o->ns,
		.name = o->name, .after = root, .has_precondition = true, .expected_hash = o->hash,
	};
	int status;

	value_set(arena, value_ensure_map(arena, root, "spec"), "replicas",
		  value_new_int(arena, (int64_t)n));
	buf_printf(&note, "scale %s.%s %lu", o->name, o->ns, n);
	t.note = buf_str(&note);
	vec_push(&t.changes, c);
	status = a->feed->ops->commit(a->feed, &t, err);
	vec_fini(&t.changes);
	buf_fini(&note);
	arena_free(&arena);
	return status;
}

/* "NAME.NS N" */
static void
scale(struct app *a, const char *args)
{
	size_t word = strcspn(args, " "), skip = word + strspn(args + word, " ");
	char *line = xasprintf("deployment %.*s", (int)word, args), *end;
	unsigned long n = strtoul(args + skip, &end, 10);
	struct error err = ERROR_INIT;
	const struct object *o;

	if (word == 0 || end == args + skip || *end != '\0' || args[skip] == '-' || n > REPLICAS_MAX)
		app_say(a, SEVERITY_ERROR, "scale NAME.NAMESPACE N, with N from 0 to %d", REPLICAS_MAX);
	else if (a->feed->ops->commit == NULL)
		app_say(a, SEVERITY_WARNING, "nothing can be changed here");
	else if ((o = app_find_object(a, line)) != NULL && store_replicas(a, o, n, &err) < 0)
		app_say_error(a, &err);
	free(line);
}

bool
app_action_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_WIZARDS:
	case CMD_ACTIONS:
		if (args[0] == '\0')
			return false;
		open_actions(a, args, id == CMD_WIZARDS);
		return true;
	case CMD_SCALE: scale(a, args); return true;
	default: return false;
	}
}
