/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be done with the selection: menus, descriptions, documents.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"

/* The name that the wizards get: of the selection, or as given. */
static char *
service_name(struct topology *t, const char *args)
{
	const struct mesh_service *s;

	if (args[0] != '\0')
		return xstrdup(args);
	s = topology_service(t, app_model(t->screen.app));
	return s != NULL ? xasprintf("%s.%s", s->name, s->ns) : NULL;
}

static void
say_select_service(struct topology *t)
{
	app_tell(t->screen.app, SEVERITY_INFO, "select a service or one of its workloads first: "
		 "{next} and {callee} walk, {search} finds");
}

static bool
open_wizards(struct topology *t, const char *args)
{
	char *name = service_name(t, args), *line;

	if (name == NULL) {
		say_select_service(t);
		return true;
	}
	line = xasprintf("wizards %s", name);
	if (args[0] == '\0')
		app_run(t->screen.app, line);
	free(line);
	free(name);
	return args[0] == '\0';
}

static bool
describe(struct topology *t)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct viewer *v;

	traffic_read(t);
	topology_title(t, &name, &about);
	v = viewer_new(buf_str(&name));
	for (unsigned tab = 0; tab < PANEL_TABS; tab++) {
		struct sheet sheet = { VEC_INIT };
		struct buf text = BUF_INIT;

		topology_sheet(t, app_model(t->screen.app), tab, &sheet);
		sheet_text(&sheet, 64, &text);
		viewer_add(v, topology_tab_name(t, tab), buf_str(&text), TEXT_PLAIN);
		sheet_fini(&sheet);
		buf_fini(&text);
	}
	app_push(t->screen.app, viewer_screen(v));
	buf_fini(&name);
	buf_fini(&about);
	return true;
}

/* Is what the line opens configured here? */
static bool
has_page(const struct topology *t, const struct graph_node *n)
{
	const struct mesh *m = app_model(t->screen.app)->mesh;

	if (m == NULL)
		return false;
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY)
		return mesh_find_service(m, n->ns, n->service) != NULL;
	if (n->workload[0] != '\0' && n->kind != NODE_APP)
		return mesh_find_workload(m, n->ns, n->workload) != NULL;
	for (size_t i = 0; i < m->workload_count; i++) {
		if (strcmp(m->workloads[i]->ns, n->ns) == 0 &&
		    strcmp(m->workloads[i]->canonical_service, n->app) == 0)
			return true;
	}
	return false;
}

/* Nodes have pages; what has none, and edges, are described. */
static bool
open_page(struct topology *t)
{
	size_t node = selected_node(t);
	char *line = NULL;

	if (node != SIZE_MAX && has_page(t, &t->shown->nodes.items[node]))
		line = page_of_node(&t->shown->nodes.items[node]);
	if (line == NULL)
		return describe(t);
	app_run(t->screen.app, line);
	free(line);
	return true;
}

static bool
open_versions(struct topology *t, const char *args)
{
	char *name = service_name(t, args), *line;

	if (name == NULL) {
		app_say(t->screen.app, SEVERITY_INFO, "select a service or one of its workloads first");
		return true;
	}
	line = xasprintf("service %s versions", name);
	app_run(t->screen.app, line);
	free(line);
	free(name);
	return true;
}

/* Its page and the tabs of it that are asked for most. */
static void
add_pages(struct menu *menu, const struct graph_node *n)
{
	static const struct { const char *title, *word; bool of_service; } tabs[] = {
		{ "Traffic: who calls whom", "traffic", true }, { "Logs", "logs", false },
		{ "Inbound metrics", "inbound", true }, { "Outbound metrics", "outbound", false },
	};
	bool is_service = n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY;
	char *page = page_of_node(n);

	menu_add_key(menu, "Its page", CMD_OPEN, page);
	for (size_t i = 0; i < ARRAY_LEN(tabs); i++) {
		char *line = xasprintf("%s %s", page, tabs[i].word);

		if (!is_service || tabs[i].of_service)
			menu_add(menu, tabs[i].title, NULL, line);
		free(line);
	}
	free(page);
}

static bool
open_actions(struct topology *t)
{
	char *name = service_name(t, "");
	size_t node = selected_node(t);
	struct menu *menu = menu_new("Actions");

	if (name != NULL)
		app_add_actions(t->screen.app, menu, name);
	menu_add(menu, "Look", NULL, NULL);
	if (node != SIZE_MAX && has_page(t, &t->shown->nodes.items[node]))
		add_pages(menu, &t->shown->nodes.items[node]);
	if (node != SIZE_MAX)
		menu_add_key(menu, "Only what stands around it", CMD_FOCUS, "focus 1");
	if (name != NULL)
		menu_add_key(menu, "Compare versions", CMD_VERSIONS, "versions");
	menu_add_key(menu, "Describe in full", CMD_DESCRIBE, "describe");
	if (name != NULL)
		menu_add_key(menu, "Configuration as YAML", CMD_YAML, "yaml");
	if (node != SIZE_MAX) {
		char *only = xasprintf("namespace %s", t->shown->nodes.items[node].ns);

		menu_add(menu, "Only this namespace", NULL, only);
		free(only);
	}
	menu_add_key(menu, "Copy the name", CMD_COPY, "copy");
	app_push(t->screen.app, menu_screen(menu));
	free(name);
	return true;
}

static void
add_yaml(struct viewer *v, const struct model *m, const struct object *o)
{
	struct buf title = BUF_INIT;

	object_title(o, &title);
	app_add_yaml(v, buf_str(&title), m, o);
	buf_fini(&title);
}

static bool
show_yaml(struct topology *t)
{
	const struct model *m = app_model(t->screen.app);
	const struct mesh_service *s = topology_service(t, m);
	size_t node = selected_node(t);
	struct viewer *v;
	unsigned count = 0;

	if (s == NULL) {
		say_select_service(t);
		return true;
	}
	v = viewer_new(s->name);
	if (node != SIZE_MAX && t->shown->nodes.items[node].workload[0] != '\0') {
		const struct graph_node *n = &t->shown->nodes.items[node];
		const struct mesh_workload *w = mesh_find_workload(m->mesh, n->ns, n->workload);

		if (w != NULL && w->object != NULL) {
			add_yaml(v, m, w->object);
			count++;
		}
	}
	for (size_t i = 0; i < m->mesh->snapshot->count; i++) {
		if (topology_concerns(m, m->mesh->snapshot->objects[i], s)) {
			add_yaml(v, m, m->mesh->snapshot->objects[i]);
			count++;
		}
	}
	if (count == 0)
		viewer_add(v, "none", "# no object is known\n", TEXT_YAML);
	app_push(t->screen.app, viewer_screen(v));
	return true;
}

static bool
copy_name(struct topology *t)
{
	struct buf name = BUF_INIT, about = BUF_INIT;

	topology_title(t, &name, &about);
	app_copy(t->screen.app, buf_str(&name));
	buf_fini(&name);
	buf_fini(&about);
	return true;
}

bool
topology_act(struct topology *t, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_OPEN: return open_page(t);
	case CMD_DESCRIBE: return describe(t);
	case CMD_VERSIONS: return open_versions(t, args);
	case CMD_YAML: return args[0] == '\0' && show_yaml(t);
	case CMD_WIZARDS: return open_wizards(t, args);
	case CMD_ACTIONS: return args[0] == '\0' && open_actions(t);
	case CMD_COPY: return copy_name(t);
	default: return false;
	}
}
