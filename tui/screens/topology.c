/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture: the graph with pan and zoom, a selection that keys walk along
 * the edges, and a side panel about it.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/build.h"
#include "src/wizard/wizard.h"
#include "tui/app.h"
#include "tui/feed.h"
#include "tui/figure.h"
#include "tui/health.h"
#include "tui/key.h"
#include "tui/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/topology_priv.h"
#include "tui/shown.h"
#include "tui/widgets/tabs.h"

#define WIDE_COLS 110u		/* from here on the panel stands at the side */
#define PANEL_COLS 38u
#define PANEL_ROWS 8u		/* below the picture on narrow screens */
#define SIGHT_MARGIN 2u

static char *
dup_in(struct arena *texts, struct buf *b)
{
	char *s = b->len > 0 ? arena_strndup(texts, buf_str(b), b->len) : NULL;

	buf_clear(b);
	return s;
}

/* A rate and a mark that needs no colour: what a narrow screen has room for. */
static void
short_label(const struct graph_edge *e, struct buf *out)
{
	if (e->protocol == EDGE_TCP)
		figure_bytes(out, e->rate);
	else
		figure_put(out, e->rate);
	if (e->health > HEALTH_HEALTHY)
		buf_putc(out, e->health == HEALTH_FAILURE ? 'x' : '!');
}

static const char **
make_edge_labels(struct topology *t, unsigned bits, bool is_short)
{
	const char **labels = arena_alloc(t->texts, (t->shown->edges.len + 1) * sizeof(*labels));
	struct buf raw = BUF_INIT, clean = BUF_INIT;

	for (size_t i = 0; i < t->shown->edges.len; i++) {
		buf_clear(&raw);
		if (is_short)
			short_label(&t->shown->edges.items[i], &raw);
		else
			edge_label_text(&t->shown->edges.items[i], bits, true, &raw);
		text_sanitize(&clean, buf_str(&raw), raw.len);
		labels[i] = dup_in(t->texts, &clean);
	}
	buf_fini(&raw);
	buf_fini(&clean);
	return labels;
}

static const struct {
	unsigned bit;
	const char *letters;
} badge_rows[] = {
#define BADGE(id, bit, letters, text) { 1u << (bit), letters },
#include "src/topology/badges.tbl"
#undef BADGE
};

static const char **
make_notes(struct topology *t)
{
	const char **notes = arena_alloc(t->texts, (t->shown->nodes.len + 1) * sizeof(*notes));
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < t->shown->nodes.len; i++) {
		unsigned badges = t->shown->nodes.items[i].badges & ~(unsigned)BADGE_ROOT;

		for (size_t k = 0; k < sizeof(badge_rows) / sizeof(badge_rows[0]); k++) {
			if ((badges & badge_rows[k].bit) != 0)
				buf_printf(&b, "%s%s", b.len > 0 ? " " : "", badge_rows[k].letters);
		}
		notes[i] = dup_in(t->texts, &b);
	}
	buf_fini(&b);
	return notes;
}

static const char **
make_marks(struct topology *t)
{
	const char **marks = arena_alloc(t->texts, (t->shown->nodes.len + 1) * sizeof(*marks));

	for (size_t i = 0; i < t->shown->nodes.len; i++) {
		enum health h = t->shown->nodes.items[i].health;

		marks[i] = h == HEALTH_FAILURE ? "x" : h > HEALTH_HEALTHY ? "!" : NULL;
	}
	return marks;
}

static struct layout *
try_layout(struct topology *t, const struct layout_options *options,
	   const struct layout *previous, bool *fits)
{
	struct error err = ERROR_INIT;
	struct layout_stats stats;
	struct layout *l = layout_new(t->shown, options, previous, &err);

	*fits = false;
	if (l == NULL) {
		app_say_error(t->screen.app, &err);
		return NULL;
	}
	layout_get_stats(l, &stats);
	*fits = stats.hidden_nodes == 0;
	return l;
}

/* The same nodes and edges?  Figures do not matter. */
static bool
same_shape(const struct graph *a, const struct graph *b)
{
	if (a->nodes.len != b->nodes.len || a->edges.len != b->edges.len)
		return false;
	for (size_t i = 0; i < a->nodes.len; i++) {
		if (strcmp(a->nodes.items[i].id, b->nodes.items[i].id) != 0)
			return false;
	}
	for (size_t i = 0; i < a->edges.len; i++) {
		if (a->edges.items[i].from != b->edges.items[i].from ||
		    a->edges.items[i].to != b->edges.items[i].to)
			return false;
	}
	return true;
}

/*
 * As wide as there is room.  A picture that would not fit first gets shorter
 * labels, then flat boxes; at last it is drawn in full and panned, so that
 * nothing is folded away.
 */
static struct layout *
lay_out(struct topology *t, unsigned labels, const struct layout *previous)
{
	struct layout_options options = { .zoom = t->zoom };
	struct layout *l;
	bool fits;

	options.cols = t->view_cols > 0 ? t->view_cols : 80;
	options.rows = t->view_rows;
	options.edge_labels = labels != 0 ? make_edge_labels(t, labels, false) : NULL;
	options.node_notes = t->zoom == ZOOM_BOX ? make_notes(t) : NULL;
	options.node_marks = make_marks(t);
	l = try_layout(t, &options, previous, &fits);
	if (!fits && l != NULL && labels == EDGE_LABEL_RATE) {
		layout_free(&l);
		options.edge_labels = make_edge_labels(t, labels, true);
		l = try_layout(t, &options, previous, &fits);
	}
	if (!fits && l != NULL) {
		layout_free(&l);
		options.cols = options.rows = 0;
		l = try_layout(t, &options, previous, &fits);
	}
	return l;
}

static void
make_layout(struct topology *t)
{
	struct model *m = app_model(t->screen.app);
	struct graph *shown = graph_shown(m->graph, m->query.hide), *old_shown = t->shown;
	struct layout *old = t->layout;
	struct arena *old_texts = t->texts;

	t->shown = shown;
	t->texts = arena_new();
	t->layout = lay_out(t, m->query.labels, old);
	if (t->layout != NULL && (old == NULL || !same_shape(shown, old_shown))) {
		/* A new picture may still find a better order from its own: now,
		 * not with the next figures. */
		struct layout *first = t->layout;

		t->layout = lay_out(t, m->query.labels, first);
		layout_free(&first);
	}
	if (t->layout != NULL)
		layout_get_stats(t->layout, &t->stats);
	grid_free(&t->grid);
	layout_free(&old);
	graph_free(&old_shown);
	arena_free(&old_texts);
	t->wants_layout = false;
	t->wants_sight = t->wants_sight || !t->is_panned;
}

static void
topology_update(struct screen *s, unsigned changes)
{
	struct topology *t = (struct topology *)s;

	if ((changes & MODEL_GRAPH) != 0)
		t->wants_layout = true;
}

static uint32_t
selection_owner(const struct topology *t)
{
	size_t node = selected_node(t), edge = selected_edge(t);

	if (edge != SIZE_MAX)
		return GRID_OWNER_EDGE | (uint32_t)edge;
	return node != SIZE_MAX ? (uint32_t)node : GRID_NO_OWNER;
}

/* Only what is in sight: the cost does not grow with the picture. */
static void
make_grid(struct topology *t, enum glyph_level glyphs)
{
	uint32_t owner = selection_owner(t);
	struct layout_rect part = { t->pan_col, t->pan_row, t->view_cols, t->view_rows };

	if (t->grid != NULL && t->drawn_selection == owner && t->drawn_glyphs == (unsigned)glyphs &&
	    t->drawn_col == part.col && t->drawn_row == part.row && t->grid->cols == part.cols &&
	    t->grid->rows == part.rows)
		return;
	grid_free(&t->grid);
	t->grid = layout_draw_part(t->layout, glyphs, owner, &part);
	t->drawn_selection = owner;
	t->drawn_glyphs = glyphs;
	t->drawn_col = part.col;
	t->drawn_row = part.row;
}

/* Moves one axis just so far that [at, at + len) is in sight. */
static unsigned
pan_to(unsigned pan, unsigned room, unsigned at, unsigned len)
{
	unsigned margin = room > len + 2 * SIGHT_MARGIN ? SIGHT_MARGIN : 0;

	if (at < pan + margin)
		return at > margin ? at - margin : 0;
	if (at + len + margin > pan + room)
		return at + len + margin > room ? at + len + margin - room : 0;
	return pan;
}

static void
bring_into_sight(struct topology *t)
{
	size_t node = selected_node(t), edge = selected_edge(t);
	struct layout_rect r = { 0, 0, 0, 0 };

	t->wants_sight = false;
	if (edge != SIZE_MAX && layout_edge_anchor(t->layout, edge, &r.col, &r.row))
		r.cols = r.rows = 1;
	else if (node == SIZE_MAX || !layout_node_rect(t->layout, node, &r))
		return;
	t->pan_col = pan_to(t->pan_col, t->view_cols, r.col, r.cols);
	t->pan_row = pan_to(t->pan_row, t->view_rows, r.row, r.rows);
}

static void
limit_pan(struct topology *t)
{
	unsigned most_cols = t->stats.width > t->view_cols ? t->stats.width - t->view_cols : 0;
	unsigned most_rows = t->stats.height > t->view_rows ? t->stats.height - t->view_rows : 0;

	t->pan_col = t->pan_col > most_cols ? most_cols : t->pan_col;
	t->pan_row = t->pan_row > most_rows ? most_rows : t->pan_row;
}

/* Says at the upper right where the picture goes on. */
static void
draw_more(const struct topology *t, struct area a)
{
	bool ascii = a.canvas->glyphs == GLYPHS_ASCII;
	struct buf b = BUF_INIT;

	if (t->pan_col > 0)
		buf_puts(&b, ascii ? " <" : " ←");
	if (t->pan_row > 0)
		buf_puts(&b, ascii ? " ^" : " ↑");
	if (t->pan_row + a.rows < t->stats.height)
		buf_puts(&b, ascii ? " v" : " ↓");
	if (t->pan_col + a.cols < t->stats.width)
		buf_puts(&b, ascii ? " >" : " →");
	if (b.len > 0 && a.cols > 20) {
		buf_puts(&b, " ");
		area_printf(a, a.cols - (unsigned)text_width(buf_str(&b), b.len) - 5, 0, STYLE_KEY,
			    " more%s", buf_str(&b));
	}
	buf_fini(&b);
}

static void
draw_empty(const struct topology *t, struct area a)
{
	const struct model *m = app_model(t->screen.app);
	const char *what = m->state == FEED_STARTING ? "Waiting for the first traffic ..." :
		m->state == FEED_LOST ? "The engine does not answer." :
		m->query.hide != NULL && m->graph->nodes.len > 0 ? "Everything is hidden." :
		"No traffic in this window.";
	const char *next = m->query.hide != NULL ? ":hide shows all again" :
		"t widens the time window, s chooses namespaces, :services lists services";
	unsigned width = (unsigned)strlen(what), hint = (unsigned)strlen(next);

	area_put(a, a.cols > width ? (a.cols - width) / 2 : 0, a.rows / 2, STYLE_BOLD, what);
	area_put(a, a.cols > hint ? (a.cols - hint) / 2 : 0, a.rows / 2 + 1, STYLE_DIM, next);
}

static void
draw_picture(struct topology *t, struct area a)
{
	struct area inside = a;

	if (t->view_cols != a.cols || t->view_rows != a.rows) {
		t->wants_layout = true;
		t->view_cols = a.cols;
		t->view_rows = a.rows;
	}
	if (t->wants_layout)
		make_layout(t);
	if (t->layout == NULL || t->shown->nodes.len == 0) {
		draw_empty(t, a);
		return;
	}
	if (t->wants_sight)
		bring_into_sight(t);
	limit_pan(t);
	make_grid(t, a.canvas->glyphs);
	if (t->stats.width < a.cols)
		inside = area_sub(a, (a.cols - t->stats.width) / 2, 0, UINT32_MAX, UINT32_MAX);
	if (t->stats.height < a.rows)
		inside = area_sub(inside, 0, (a.rows - t->stats.height) / 2, UINT32_MAX, UINT32_MAX);
	area_grid(inside, t->grid, 0, 0);
	draw_more(t, a);
}

static void
draw_legend(struct area a)
{
	bool ascii = a.canvas->glyphs == GLYPHS_ASCII;
	unsigned col = 1;

	col += area_put(a, col, 0, STYLE_GOOD, ascii ? "-->" : "──▶");
	col += area_put(a, col, 0, STYLE_DIM, " HTTP   ");
	col += area_put(a, col, 0, STYLE_TCP, ascii ? "==>" : "══▶");
	col += area_put(a, col, 0, STYLE_DIM, " TCP   ");
	col += area_put(a, col, 0, STYLE_MIRROR, ascii ? "-->" : "┄┄▶");
	col += area_put(a, col, 0, STYLE_DIM, " mirrored   ");
	col += area_put(a, col, 0, STYLE_WARN, "!");
	col += area_put(a, col, 0, STYLE_DIM, " degraded   ");
	col += area_put(a, col, 0, STYLE_BAD, "x");
	col += area_put(a, col, 0, STYLE_DIM, " failing   ");
	area_put(a, col, 0, STYLE_DIM, "grey no traffic");
}

static void
draw_tabs(const struct topology *t, struct area a)
{
	const char *names[PANEL_TABS];

	for (unsigned i = 0; i < PANEL_TABS; i++)
		names[i] = panel_tab_name((enum panel_tab)i);
	tabs_draw(a, names, PANEL_TABS, t->tab);
}

static void
draw_overflow(struct area a, size_t left)
{
	if (left > 0 && a.rows > 0)
		area_printf(area_sub(a, 0, a.rows - 1, a.cols, 1), 0, 0, STYLE_DIM,
			    "+%zu more: d shows all ", left + 1);
}

static void
draw_side_panel(struct topology *t, struct area a)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct sheet sheet = { VEC_INIT };
	struct area inside = area_sub(a, 2, 0, a.cols > 3 ? a.cols - 3 : 0, UINT32_MAX);
	struct area body = area_sub(inside, 0, 4, inside.cols, UINT32_MAX);

	topology_title(t, &name, &about);
	topology_sheet(t, app_model(t->screen.app), t->tab, &sheet);
	area_column_rule(a, 0);
	area_put_cut(inside, 0, 0, inside.cols, STYLE_TITLE, buf_str(&name));
	area_put_cut(inside, 0, 1, inside.cols, STYLE_DIM, buf_str(&about));
	draw_tabs(t, area_sub(inside, 0, 2, inside.cols, 1));
	draw_overflow(body, sheet_draw(&sheet, body, 0));
	sheet_fini(&sheet);
	buf_fini(&name);
	buf_fini(&about);
}

/* Two columns of the sheet under the picture. */
static void
draw_low_panel(struct topology *t, struct area a)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct sheet sheet = { VEC_INIT };
	struct area body = area_sub(a, 0, 1, a.cols, UINT32_MAX);
	unsigned half = a.cols / 2, col = 2;
	struct area left = area_sub(body, 1, 0, half - 3, UINT32_MAX);
	struct area right = area_sub(body, half + 1, 0, a.cols - half - 2, UINT32_MAX);
	size_t rest;

	topology_title(t, &name, &about);
	topology_sheet(t, app_model(t->screen.app), t->tab, &sheet);
	area_rule(area_sub(a, 0, 0, a.cols, 1), 0);
	col += area_printf(a, col, 0, STYLE_TITLE, " %s ", buf_str(&name));
	if (col + about.len + 40 < a.cols)
		area_printf(a, col, 0, STYLE_DIM, "%s ", buf_str(&about));
	if (a.cols > 36)
		draw_tabs(t, area_sub(a, a.cols - 36, 0, 36, 1));
	rest = sheet_draw(&sheet, left, 0);
	if (rest > 0)
		draw_overflow(right, sheet_draw(&sheet, right, left.rows));
	sheet_fini(&sheet);
	buf_fini(&name);
	buf_fini(&about);
}

/* On a small terminal: who calls whom, one line an edge. */
static void
draw_column(struct topology *t, struct area a)
{
	size_t edge, top;

	if (t->wants_layout)
		make_layout(t);
	edge = selected_edge(t);
	if (t->shown->edges.len == 0) {
		draw_empty(t, a);
		return;
	}
	top = edge != SIZE_MAX && edge >= a.rows ? edge - a.rows + 1 : 0;
	for (unsigned row = 0; row < a.rows && top + row < t->shown->edges.len; row++) {
		const struct graph_edge *e = &t->shown->edges.items[top + row];
		struct buf b = BUF_INIT, figure = BUF_INIT;

		buf_printf(&b, "%s%s %s %s", health_mark(e->health),
			   t->shown->nodes.items[e->from].label, glyph(a.canvas->glyphs, GLYPH_ARROW),
			   t->shown->nodes.items[e->to].label);
		if (e->protocol == EDGE_TCP)
			figure_bytes(&figure, e->rate);
		else
			figure_rate(&figure, e->rate);
		area_put_cut(a, 0, row, a.cols > figure.len + 1 ? a.cols - (unsigned)figure.len - 1 : 0,
			     health_style(e->health), buf_str(&b));
		area_put_right(a, a.cols, row, STYLE_PLAIN, buf_str(&figure));
		if (top + row == edge)
			area_style_row(a, 0, row, a.cols, UI_ROW_ON);
		buf_fini(&b);
		buf_fini(&figure);
	}
}

static void
topology_draw(struct screen *s, struct area a)
{
	struct topology *t = (struct topology *)s;
	bool has_selection = selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX;
	struct area picture = a;

	if (a.canvas->cols < 80 || a.canvas->rows < 24) {
		draw_column(t, a);
		return;
	}
	if (t->has_panel && a.cols >= WIDE_COLS)
		picture = area_sub(a, 0, 0, a.cols - PANEL_COLS, a.rows);
	else if (t->has_panel && has_selection)
		picture = area_sub(a, 0, 0, a.cols, a.rows - PANEL_ROWS);
	if (t->has_legend)
		draw_legend(area_sub(picture, 0, picture.rows - 1, picture.cols, 1));
	draw_picture(t, area_sub(picture, 0, 0, picture.cols, picture.rows - t->has_legend));
	if (t->has_panel && a.cols >= WIDE_COLS)
		draw_side_panel(t, area_sub(a, a.cols - PANEL_COLS, 0, PANEL_COLS, a.rows));
	else if (t->has_panel && has_selection)
		draw_low_panel(t, area_sub(a, 0, a.rows - PANEL_ROWS, a.cols, PANEL_ROWS));
}

static void
pan(struct topology *t, int cols, int rows)
{
	int col = (int)t->pan_col + cols, row = (int)t->pan_row + rows;

	t->pan_col = col > 0 ? (unsigned)col : 0;
	t->pan_row = row > 0 ? (unsigned)row : 0;
	t->is_panned = true;
	t->wants_sight = false;
}

static bool
pan_command(struct topology *t, enum command_id id)
{
	int cols = t->view_cols > 8 ? (int)t->view_cols / 4 : 2;
	int rows = t->view_rows > 4 ? (int)t->view_rows / 2 : 2;

	switch (id) {
	case CMD_PAN_LEFT: pan(t, -cols, 0); return true;
	case CMD_PAN_RIGHT: pan(t, cols, 0); return true;
	case CMD_PAN_UP: pan(t, 0, -rows); return true;
	case CMD_PAN_DOWN: pan(t, 0, rows); return true;
	default: return false;
	}
}

static void
set_zoom(struct topology *t, enum layout_zoom zoom)
{
	t->zoom = zoom;
	t->wants_layout = true;
	t->is_panned = false;
}

static bool
is_named(const char *part, const char *ns, const char *name)
{
	size_t len = strlen(part);

	return len > 0 && strncmp(part, name, len) == 0 && name[len] == '.' &&
	       strcmp(name + len + 1, ns) == 0;
}

/* How well does a node answer to the name?  0: not at all. */
static unsigned
name_rank(const struct graph_node *n, const char *name)
{
	if (strcmp(n->id, name) == 0 || strcmp(n->label, name) == 0)
		return 4;
	if (n->kind == NODE_SERVICE && is_named(n->service, n->ns, name))
		return 3;
	if (is_named(n->workload, n->ns, name))
		return 2;
	return is_named(n->service, n->ns, name) || is_named(n->app, n->ns, name) ? 1 : 0;
}

/* "NAME.NS" of a service, workload or app, or a part of a name. */
static bool
select_named(struct topology *t, const char *name)
{
	size_t best = SIZE_MAX;
	unsigned best_rank = 0;

	if (t->wants_layout || t->shown == NULL)
		make_layout(t);
	for (size_t i = 0; i < t->shown->nodes.len; i++) {
		unsigned rank = name_rank(&t->shown->nodes.items[i], name);

		if (rank > best_rank) {
			best_rank = rank;
			best = i;
		}
	}
	if (best != SIZE_MAX)
		selection_set_node(t, best);
	else if (!topology_find(&t->screen, name, 0))
		app_say(t->screen.app, SEVERITY_WARNING, "\"%s\" is not in the picture", name);
	return true;
}

static void
add_wizards(struct menu *menu, const char *service)
{
	for (unsigned k = 0; k < WIZARD_KIND_COUNT; k++) {
		char *line = xasprintf("wizard %s %s", wizard_kind_name((enum wizard_kind)k),
				       service);

		menu_add(menu, wizard_kind_title((enum wizard_kind)k), NULL, line);
		free(line);
	}
}

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

static bool
open_wizards(struct topology *t, const char *args)
{
	char *name = service_name(t, args), *title;
	struct menu *menu;

	if (name == NULL) {
		app_say(t->screen.app, SEVERITY_INFO, "select a service or one of its workloads "
			"first: arrows walk, / finds");
		return true;
	}
	title = xasprintf("Wizards for %s", name);
	menu = menu_new(title);
	add_wizards(menu, name);
	app_push(t->screen.app, menu_screen(menu));
	free(title);
	free(name);
	return true;
}

static bool
open_actions(struct topology *t)
{
	char *name = service_name(t, "");
	size_t node = selected_node(t);
	struct menu *menu = menu_new("Actions");

	if (name != NULL) {
		menu_add(menu, "Wizards", NULL, NULL);
		add_wizards(menu, name);
	}
	menu_add(menu, "Look", NULL, NULL);
	menu_add(menu, "Describe in full", "d", "describe");
	if (name != NULL)
		menu_add(menu, "Configuration as YAML", "y", "yaml");
	if (node != SIZE_MAX) {
		char *only = xasprintf("namespace %s", t->shown->nodes.items[node].ns);

		menu_add(menu, "Only this namespace", NULL, only);
		free(only);
	}
	menu_add(menu, "Copy the name", "c", "copy");
	app_push(t->screen.app, menu_screen(menu));
	free(name);
	return true;
}

static bool
describe(struct topology *t)
{
	struct buf name = BUF_INIT, about = BUF_INIT;
	struct viewer *v;

	topology_title(t, &name, &about);
	v = viewer_new(t->screen.app, buf_str(&name));
	for (unsigned tab = 0; tab < PANEL_TABS; tab++) {
		struct sheet sheet = { VEC_INIT };
		struct buf text = BUF_INIT;

		topology_sheet(t, app_model(t->screen.app), (enum panel_tab)tab, &sheet);
		sheet_text(&sheet, 64, &text);
		viewer_add(v, panel_tab_name((enum panel_tab)tab), buf_str(&text), TEXT_PLAIN);
		sheet_fini(&sheet);
		buf_fini(&text);
	}
	app_push(t->screen.app, viewer_screen(v));
	buf_fini(&name);
	buf_fini(&about);
	return true;
}

static void
add_yaml(struct viewer *v, const struct model *m, const struct object *o)
{
	struct buf title = BUF_INIT, text = BUF_INIT;

	object_title(o, &title);
	app_object_text(m, o, &text);
	viewer_add(v, buf_str(&title), buf_str(&text), TEXT_YAML);
	buf_fini(&title);
	buf_fini(&text);
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
		app_say(t->screen.app, SEVERITY_INFO, "select a service or one of its workloads "
			"first: arrows walk, / finds");
		return true;
	}
	v = viewer_new(t->screen.app, s->name);
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

static bool
drop_selection(struct topology *t)
{
	if (t->selection.from != NULL) {		/* from an edge to its node */
		size_t home = t->selection.node != NULL ?
			graph_find(t->shown, t->selection.node) : SIZE_MAX;

		if (home != SIZE_MAX) {
			selection_set_node(t, home);
			return true;
		}
	}
	selection_clear(&t->selection);
	return true;
}

static bool
topology_command(struct screen *s, enum command_id id, const char *args)
{
	struct topology *t = (struct topology *)s;

	if (t->shown->nodes.len > 0 && topology_walk(t, id))
		return true;
	if (pan_command(t, id))
		return true;
	switch (id) {
	case CMD_ZOOM_IN: set_zoom(t, ZOOM_BOX); return true;
	case CMD_ZOOM_OUT: set_zoom(t, ZOOM_LINE); return true;
	case CMD_ZOOM_RESET:
		t->pan_col = t->pan_row = 0;
		set_zoom(t, ZOOM_BOX);
		return true;
	case CMD_PANEL: t->has_panel = !t->has_panel; return true;
	case CMD_LEGEND: t->has_legend = !t->has_legend; return true;
	case CMD_TAB_NEXT: t->tab = (t->tab + 1) % PANEL_TABS; return true;
	case CMD_TAB_PREV: t->tab = (t->tab + PANEL_TABS - 1) % PANEL_TABS; return true;
	case CMD_OPEN:
	case CMD_DESCRIBE: return describe(t);
	case CMD_YAML: return args[0] == '\0' && show_yaml(t);
	case CMD_WIZARDS: return open_wizards(t, args);
	case CMD_ACTIONS: return open_actions(t);
	case CMD_COPY: return copy_name(t);
	case CMD_SELECT: return select_named(t, args);
	case CMD_BACK: return drop_selection(t);
	default: return false;
	}
}

/* Arrows follow the picture: in a top-down one the flow goes down. */
static bool
topology_key(struct screen *s, uint32_t key)
{
	struct topology *t = (struct topology *)s;
	enum command_id id;

	if (key < K_UP || key > K_RIGHT || t->layout == NULL || !topology_is_top_down(t))
		return false;
	id = key == K_UP ? CMD_CALLER : key == K_DOWN ? CMD_CALLEE :
	     key == K_LEFT ? CMD_PREVIOUS : CMD_NEXT;
	app_command(s->app, id, "");
	return true;
}

static void
topology_hint(struct screen *s, struct buf *out)
{
	struct topology *t = (struct topology *)s;
	bool has_selection = selected_node(t) != SIZE_MAX || selected_edge(t) != SIZE_MAX;

	if (has_selection)
		buf_puts(out, "w wizards\ta actions\ty YAML\tEnter details\tTab panel\t"
			 "Space edges\tEsc back");
	else
		buf_puts(out, "arrows select\t/ find\te errors\tt time\ts namespaces\tz freeze\t"
			 ": command");
}

static void
topology_free(struct screen *s)
{
	struct topology *t = (struct topology *)s;

	grid_free(&t->grid);
	layout_free(&t->layout);
	graph_free(&t->shown);
	arena_free(&t->texts);
	selection_clear(&t->selection);
	free(t);
}

static const struct screen_ops topology_ops = {
	.name = "Picture",
	.scope = SCOPE_GRAPH,
	.update = topology_update,
	.draw = topology_draw,
	.key = topology_key,
	.command = topology_command,
	.find = topology_find,
	.hint = topology_hint,
	.free = topology_free,
};

struct screen *
topology_open(struct app *a)
{
	struct topology *t = xcalloc(1, sizeof(*t));

	t->screen.ops = &topology_ops;
	t->screen.app = a;
	t->shown = graph_new();
	t->has_panel = true;
	t->wants_layout = true;
	t->drawn_selection = GRID_NO_OWNER;
	return &t->screen;
}
