/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of the mesh the picture shows, and how large: zoom levels that end in
 * folded apps and namespaces, groups that open, what stands around a node.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/app/export.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"

#define MOST_HOPS 9u

static const struct {
	enum layout_zoom zoom;
	enum graph_fold fold;
	const char *text;
} levels[] = {
	{ ZOOM_BOX, FOLD_NONE, "boxes with figures" },
	{ ZOOM_LINE, FOLD_NONE, "one line a node" },
	{ ZOOM_BOX, FOLD_APP, "apps folded; {open} opens one" },
	{ ZOOM_BOX, FOLD_NAMESPACE, "namespaces folded; {open} opens one" },
};

static void
drop_groups(struct topology *t)
{
	for (size_t i = 0; i < t->open_groups.len; i++)
		free(t->open_groups.items[i]);
	t->open_groups.len = 0;
}

static void
ask_layout(struct topology *t)
{
	t->wants_layout = t->is_asked = true;
	app_dirty(t->screen.app);
	t->is_panned = false;
}

static void
set_fold(struct topology *t, enum graph_fold fold)
{
	drop_groups(t);
	t->fold = fold;
	t->has_chosen_fold = true;
	ask_layout(t);
}

static void
step_level(struct topology *t, int step)
{
	size_t level = 0;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].zoom == t->zoom && levels[i].fold == t->fold)
			level = i;
	if (t->fold != FOLD_NONE && t->open_groups.len > 0 && step > 0)
		level = 1;		/* partly open: all the rest too */
	level = step > 0 ? level - (level > 0) : level + (level + 1 < ARRAY_LEN(levels));
	t->zoom = levels[level].zoom;
	set_fold(t, levels[level].fold);
	app_tell(t->screen.app, SEVERITY_INFO, levels[level].text);
}

bool
topology_group_is_open(void *arg, const char *group)
{
	const struct topology *t = arg;

	for (size_t i = 0; i < t->open_groups.len; i++)
		if (strcmp(t->open_groups.items[i], group) == 0)
			return true;
	return false;
}

/* Enter on a folded node shows its members. */
static bool
open_group(struct topology *t)
{
	size_t node = selected_node(t);

	if (node == SIZE_MAX || t->shown->nodes.items[node].folded == 0)
		return false;
	vec_push(&t->open_groups, xstrdup(t->shown->nodes.items[node].id));
	ask_layout(t);
	return true;
}

/* "NS,NS" or "NS/APP,...": groups that are open, by the ends of their ids. */
static void
open_groups(struct topology *t, const char *names)
{
	for (const char *s = names; *s != '\0';) {
		size_t len = strcspn(s, ", ");

		if (len > 0)
			vec_push(&t->open_groups, xasprintf("%s:%.*s", graph_fold_name(t->fold),
							    (int)len, s));
		s += len;
		s += strspn(s, ", ");
	}
}

/* "none", "namespace", "namespace NS,NS". */
static bool
fold_as(struct topology *t, const char *args)
{
	size_t len = strcspn(args, " ");
	char *word = xstrndup(args, len);
	enum graph_fold fold;

	if (!graph_fold_parse(len > 0 ? word : "none", &fold)) {
		app_say(t->screen.app, SEVERITY_ERROR, "\"%s\": fold by none, app or namespace", word);
	} else {
		set_fold(t, fold);
		open_groups(t, args + len);
	}
	free(word);
	return true;
}

static const char *const zoom_names[] = { [ZOOM_BOX] = "box", [ZOOM_LINE] = "line" };

static bool
zoom_as(struct topology *t, const char *word)
{
	for (unsigned zoom = 0; zoom < ARRAY_LEN(zoom_names); zoom++) {
		if (strcmp(word, zoom_names[zoom]) == 0) {
			t->zoom = (enum layout_zoom)zoom;
			ask_layout(t);
			return true;
		}
	}
	app_say(t->screen.app, SEVERITY_ERROR, "\"%s\": zoom to box or line", word);
	return true;
}

/* A name from outside with a line's end in it would be commands of a saved view. */
static bool
is_one_line(const char *name)
{
	return strpbrk(name, "\n\r") == NULL;
}

static void
put_fold(const struct topology *t, struct buf *lines)
{
	const char *between = " ";

	buf_printf(lines, "\nfold %s", graph_fold_name(t->fold));
	for (size_t i = 0; i < t->open_groups.len; i++) {
		const char *name = strchr(t->open_groups.items[i], ':') + 1;

		if (!is_one_line(name) || strpbrk(name, ", ") != NULL)
			continue;
		buf_printf(lines, "%s%s", between, name);
		between = ",";
	}
}

static void
put_select(struct buf *lines, const char *from, const char *to)
{
	if (is_one_line(from) && (to == NULL || is_one_line(to)))
		buf_printf(lines, "\nselect %s%s%s", from, to != NULL ? " -> " : "",
			   to != NULL ? to : "");
}

static void
leave_focus(struct topology *t)
{
	free(t->focus);
	t->focus = NULL;
	ask_layout(t);
}

/* Around the selected node; once more: one hop further. */
static bool
focus(struct topology *t, const char *args)
{
	size_t node = selected_node(t);
	const char *id = node != SIZE_MAX ? t->shown->nodes.items[node].id : t->focus;
	char *name;
	unsigned long hops = strtoul(args, &name, 10);

	name += strspn(name, " ");
	if (strcmp(args, "off") == 0 || (hops > 0 && name[0] != '\0' &&
					 (node == SIZE_MAX || strcmp(id, name) != 0))) {
		if (t->focus != NULL)
			leave_focus(t);		/* its own node is gone: not those around another */
		return true;
	}
	if (id == NULL) {
		app_tell(t->screen.app, SEVERITY_INFO, "select a node first: {next} and {callee} walk, {search} finds");
		return true;
	}
	if (hops > 0)
		t->hops = hops > MOST_HOPS ? MOST_HOPS : (unsigned)hops;
	else if (t->focus != NULL && strcmp(t->focus, id) == 0)
		t->hops += t->hops < MOST_HOPS;
	else
		t->hops = 1;
	if (id != t->focus) {
		free(t->focus);
		t->focus = xstrdup(id);
	}
	ask_layout(t);
	app_say_how(t->screen.app, SEVERITY_INFO, "{focus} one more, {back} all",
		    "%u hop%s around it", t->hops, t->hops == 1 ? "" : "s");
	return true;
}

static void
write_picture(struct topology *t, const char *path)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	if (export_graph(t->shown, t->layout, app_model(t->screen.app)->query.labels, path, &text,
			 &err) < 0)
		app_say_error(t->screen.app, &err);
	else
		export_write(t->screen.app, path, &text);
	buf_fini(&text);
}

bool
topology_uncover(struct topology *t, const struct graph *all, size_t node)
{
	char *group = graph_group_id(all, node, t->fold);
	bool is_closed = t->fold != FOLD_NONE && strcmp(group, all->nodes.items[node].id) != 0 &&
			 !topology_group_is_open(t, group);

	if (is_closed) {
		vec_push(&t->open_groups, group);
		t->has_chosen_fold = true;
	} else {
		free(group);
	}
	if (t->focus != NULL && graph_find(t->shown, all->nodes.items[node].id) == SIZE_MAX) {
		leave_focus(t);
		return true;
	}
	if (is_closed)
		ask_layout(t);
	return is_closed;
}

bool
topology_view(struct topology *t, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_ZOOM_IN: step_level(t, 1); return true;
	case CMD_ZOOM_OUT: step_level(t, -1); return true;
	case CMD_ZOOM_RESET:
		t->pan_col = t->pan_row = 0;
		t->zoom = ZOOM_BOX;
		free(t->focus);
		t->focus = NULL;
		set_fold(t, FOLD_NONE);
		t->has_chosen_fold = false;
		t->starts_anew = true;
		return true;
	case CMD_ZOOM: return zoom_as(t, args);
	case CMD_FOLD: return fold_as(t, args);
	case CMD_FOCUS: return focus(t, args);
	case CMD_OPEN: return open_group(t);
	case CMD_EXPORT: write_picture(t, args); return true;
	case CMD_DISPLAY: display_menu(t->screen.app); return true;
	case CMD_BACK:
		if (t->focus == NULL || selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX)
			return false;
		leave_focus(t);
		return true;
	default: return false;
	}
}

void
topology_part(const struct topology *t, struct buf *out)
{
	size_t at = t->focus != NULL ? graph_find(t->shown, t->focus) : SIZE_MAX;

	if (t->fold != FOLD_NONE)
		buf_printf(out, "by %s", graph_fold_name(t->fold));
	if (at != SIZE_MAX)
		buf_printf(out, "%s%u hop%s around %s", out->len > 0 ? ", " : "", t->hops,
			   t->hops == 1 ? "" : "s", t->shown->nodes.items[at].label);
	if (t->worker != NULL)
		buf_printf(out, "%slaying out ...", out->len > 0 ? ", " : "");
}

void
topology_save(struct screen *s, struct buf *lines)
{
	const struct topology *t = (const struct topology *)s;
	size_t node = selected_node(t), edge = selected_edge(t);
	const struct graph_edge *e = edge != SIZE_MAX ? &t->shown->edges.items[edge] : NULL;

	put_fold(t, lines);
	buf_printf(lines, "\nzoom %s", zoom_names[t->zoom]);
	buf_printf(lines, "\nfind%s%s", t->found != NULL ? " " : "", t->found != NULL ? t->found : "");
	buf_puts(lines, "\nfocus off\nselect");
	if (t->focus != NULL && is_one_line(t->focus))
		buf_printf(lines, "\nselect %s\nfocus %u %s", t->focus, t->hops, t->focus);
	if (e != NULL)
		put_select(lines, t->shown->nodes.items[e->from].id, t->shown->nodes.items[e->to].id);
	else if (node != SIZE_MAX)
		put_select(lines, t->shown->nodes.items[node].id, NULL);
}
