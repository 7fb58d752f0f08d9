/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The graph as a matrix: a row for each caller, a column for each called
 * node, a mark where one calls the other.  Nothing crosses however large the
 * mesh is.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/screens.h"
#include "tui/widgets/figure.h"
#include "tui/widgets/health.h"

#define HEAD_ROWS 9u		/* names of columns stand upright in this many */
#define NAME_COLS 26u
#define NO_EDGE SIZE_MAX

enum matrix_order { ORDER_NAME, ORDER_RATE, ORDER_ERRORS, ORDER_EDGES, ORDER_COUNT };

static const char *const order_names[ORDER_COUNT] = { "name", "rate", "errors", "edges" };

/* The nodes along one side, in the order shown. */
struct side {
	size_t *nodes;		/* place to node */
	size_t *places;		/* node to place, NO_EDGE: not on this side */
	size_t count, chosen, top, room;
};

/* Where one calls another; far fewer than there are places. */
struct matrix_cell {
	size_t place;		/* row * columns + column */
	size_t edge;		/* of several between the two that in the worst state */
};

struct matrix {
	struct screen screen;
	struct graph *g;
	VEC(struct matrix_cell) cells;		/* by place */
	struct side rows, cols;
	enum matrix_order order;
	bool is_inverted;
	char *from, *to;		/* ids of what is chosen, over refreshes */
};

struct ranked {
	double score;
	size_t node;
};

static int
compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static double
score_of(const struct matrix *m, const struct graph_edge *e)
{
	switch (m->order) {
	case ORDER_RATE: return e->protocol == EDGE_TCP ? e->rate / 1024 : e->rate;
	case ORDER_ERRORS: return e->errors;
	case ORDER_EDGES: return 1;
	default: return 0;
	}
}

/* Only nodes that have an edge on that side. */
static void
fill_side(struct matrix *m, struct side *s, bool is_from)
{
	size_t n = m->g->nodes.len;
	struct ranked *order = xcalloc(n + 1, sizeof(*order));
	bool *has = xcalloc(n + 1, sizeof(*has));

	for (size_t i = 0; i < n; i++)
		order[i].node = i;
	for (size_t i = 0; i < m->g->edges.len; i++) {
		const struct graph_edge *e = &m->g->edges.items[i];
		size_t node = is_from ? e->from : e->to;

		has[node] = true;
		order[node].score += score_of(m, e);
	}
	qsort(order, n, sizeof(*order), compare_ranked);
	free(s->nodes);
	free(s->places);
	s->nodes = xcalloc(n + 1, sizeof(*s->nodes));
	s->places = xcalloc(n + 1, sizeof(*s->places));
	s->count = 0;
	for (size_t i = 0; i < n; i++) {
		size_t node = order[m->is_inverted ? n - 1 - i : i].node;

		s->places[node] = has[node] ? s->count : NO_EDGE;
		if (has[node])
			s->nodes[s->count++] = node;
	}
	free(order);
	free(has);
}

static void
choose(struct side *s, const struct graph *g, const char *id)
{
	size_t node = id != NULL ? graph_find(g, id) : SIZE_MAX;

	if (node != SIZE_MAX && s->places[node] != NO_EDGE)
		s->chosen = s->places[node];
	if (s->chosen >= s->count)
		s->chosen = s->count > 0 ? s->count - 1 : 0;
}

static int
compare_cells(const void *a, const void *b, void *arg)
{
	const struct matrix_cell *x = a, *y = b;
	const struct graph *g = arg;
	enum health hx = g->edges.items[x->edge].health, hy = g->edges.items[y->edge].health;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (hx != hy)
		return hx > hy ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

static void
fill_cells(struct matrix *m)
{
	size_t kept = 0;

	m->cells.len = 0;
	for (size_t i = 0; i < m->g->edges.len; i++) {
		const struct graph_edge *e = &m->g->edges.items[i];

		vec_push(&m->cells, ((struct matrix_cell){
			m->rows.places[e->from] * m->cols.count + m->cols.places[e->to], i }));
	}
	if (m->cells.len > 0)
		qsort_r(m->cells.items, m->cells.len, sizeof(*m->cells.items), compare_cells, m->g);
	for (size_t i = 0; i < m->cells.len; i++)
		if (kept == 0 || m->cells.items[kept - 1].place != m->cells.items[i].place)
			m->cells.items[kept++] = m->cells.items[i];
	m->cells.len = kept;
}

static void
arrange(struct matrix *m)
{
	fill_side(m, &m->rows, true);
	fill_side(m, &m->cols, false);
	fill_cells(m);
	choose(&m->rows, m->g, m->from);
	choose(&m->cols, m->g, m->to);
}

static void
matrix_update(struct screen *s, unsigned changes)
{
	const struct shown_options all = { .fold = FOLD_NONE };
	struct matrix *m = (struct matrix *)s;

	if ((changes & MODEL_GRAPH) == 0 && m->g != NULL)
		return;
	graph_free(&m->g);
	m->g = graph_shown(app_model(s->app), &all);
	arrange(m);
}

/* Index of the first cell that is not before the place. */
static size_t
cell_from(const struct matrix *m, size_t place)
{
	size_t low = 0, high = m->cells.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->cells.items[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t
edge_at(const struct matrix *m, size_t row, size_t col)
{
	size_t place = row * m->cols.count + col, at = cell_from(m, place);

	return col < m->cols.count && at < m->cells.len && m->cells.items[at].place == place ?
	       m->cells.items[at].edge : NO_EDGE;
}

static void
remember(struct matrix *m)
{
	free(m->from);
	free(m->to);
	m->from = m->to = NULL;
	if (m->rows.count > 0)
		m->from = xstrdup(m->g->nodes.items[m->rows.nodes[m->rows.chosen]].id);
	if (m->cols.count > 0)
		m->to = xstrdup(m->g->nodes.items[m->cols.nodes[m->cols.chosen]].id);
}

static void
keep_in_sight(struct side *s, size_t room)
{
	s->room = room;
	if (s->chosen < s->top)
		s->top = s->chosen;
	if (room > 0 && s->chosen >= s->top + room)
		s->top = s->chosen - room + 1;
	if (s->top + room > s->count)
		s->top = s->count > room ? s->count - room : 0;
}

/* Errors by a letter, traffic by size: a tenth, one, ten a second and more. */
static const char *
cell_mark(const struct graph_edge *e, unsigned *style)
{
	double rate = e->protocol == EDGE_TCP ? e->rate / 1024 : e->rate;

	*style = e->health > HEALTH_HEALTHY ? health_style(e->health) :
		 e->protocol == EDGE_TCP ? STYLE_TCP : e->is_mirrored ? STYLE_MIRROR : STYLE_GOOD;
	if (e->health == HEALTH_FAILURE)
		return "x";
	if (e->health > HEALTH_HEALTHY)
		return "!";
	if (e->is_idle || rate <= 0) {
		*style = STYLE_DIM;
		return "-";
	}
	return rate < 1 ? "o" : rate < 10 ? "O" : "@";
}

/* The names of columns, upright; the end of a long one is what differs. */
static void
draw_heads(const struct matrix *m, struct area a)
{
	for (size_t i = 0; i < m->cols.room && m->cols.top + i < m->cols.count; i++) {
		const char *label = m->g->nodes.items[m->cols.nodes[m->cols.top + i]].label;
		bool is_on = m->cols.top + i == m->cols.chosen;
		struct buf cut = BUF_INIT;
		size_t len = strlen(label), at = 0, cells;

		text_cut_middle(&cut, label, HEAD_ROWS, "~");
		len = cut.len;
		cells = text_width(buf_str(&cut), len);
		for (unsigned row = HEAD_ROWS > cells ? HEAD_ROWS - (unsigned)cells : 0;
		     at < len && row < HEAD_ROWS; row++) {
			char one[8];
			uint32_t cp;
			bool ok;
			size_t n = text_decode(buf_str(&cut) + at, len - at, &cp, &ok);

			memcpy(one, buf_str(&cut) + at, n);
			one[n] = '\0';
			area_put(a, NAME_COLS + 1 + 2 * (unsigned)i, row,
				 is_on ? UI_ROW_ON : STYLE_PLAIN, one);
			at += n;
		}
		buf_fini(&cut);
	}
}

static void
draw_rows(const struct matrix *m, struct area a)
{
	for (size_t r = 0; r < m->rows.room && m->rows.top + r < m->rows.count; r++) {
		size_t row = m->rows.top + r;
		bool is_on = row == m->rows.chosen;

		area_put_cut(a, 1, (unsigned)r, NAME_COLS - 2, is_on ? UI_ROW_ON : STYLE_PLAIN,
			     m->g->nodes.items[m->rows.nodes[row]].label);
		for (size_t c = 0; c < m->cols.room && m->cols.top + c < m->cols.count; c++) {
			size_t col = m->cols.top + c, edge = edge_at(m, row, col);
			unsigned style = STYLE_DIM;
			const char *mark = edge == NO_EDGE ? "." :
					   cell_mark(&m->g->edges.items[edge], &style);
			bool is_cell = is_on && col == m->cols.chosen;

			if (edge == NO_EDGE && (is_on || col == m->cols.chosen))
				mark = is_on ? "-" : "|";
			area_put(a, NAME_COLS + 1 + 2 * (unsigned)c, (unsigned)r,
				 is_cell ? STYLE_SELECTED : style, edge == NO_EDGE && is_cell ? "+" : mark);
		}
	}
}

/* What stands at the chosen cell. */
static void
draw_foot(const struct matrix *m, struct area a)
{
	size_t edge = edge_at(m, m->rows.chosen, m->cols.chosen);
	const char *from = m->g->nodes.items[m->rows.nodes[m->rows.chosen]].label;
	const char *to = m->g->nodes.items[m->cols.nodes[m->cols.chosen]].label;
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s %s %s   ", from, glyph(a.canvas->glyphs, GLYPH_ARROW), to);
	if (edge == NO_EDGE) {
		buf_puts(&b, "no calls");
	} else {
		const struct graph_edge *e = &m->g->edges.items[edge];

		if (e->protocol == EDGE_TCP)
			figure_bytes(&b, e->rate);
		else
			figure_rate(&b, e->rate);
		buf_puts(&b, "  errors ");
		figure_percent(&b, e->rate > 0 && e->protocol != EDGE_TCP ? e->errors / e->rate : -1);
		buf_puts(&b, "  p95 ");
		figure_time(&b, e->times.p95 < 0 ? e->times.est_p95 : e->times.p95);
		buf_printf(&b, "  %s", health_text(e->health));
	}
	area_put_cut(a, 1, 0, a.cols - 2, STYLE_BOLD, buf_str(&b));
	area_printf(a, 1, 1, STYLE_DIM, "%zu callers, %zu called, %zu edges; by %s%s;  o O @ under "
		    "1, 10/s, more;  - idle  ! x in error", m->rows.count, m->cols.count,
		    m->g->edges.len, order_names[m->order], m->is_inverted ? ", turned round" : "");
	buf_fini(&b);
}

static void
matrix_draw(struct screen *s, struct area a)
{
	struct matrix *m = (struct matrix *)s;

	if (m->g->edges.len == 0) {
		area_put(a, 2, a.rows / 2, STYLE_DIM, "No traffic in this window.");
		return;
	}
	if (a.cols < NAME_COLS + 4 || a.rows < HEAD_ROWS + 4) {
		area_put(a, 1, 0, STYLE_DIM, "The matrix needs more room; :edges lists them.");
		return;
	}
	keep_in_sight(&m->cols, (a.cols - NAME_COLS - 2) / 2);
	keep_in_sight(&m->rows, a.rows - HEAD_ROWS - 2);
	draw_heads(m, a);
	draw_rows(m, area_sub(a, 0, HEAD_ROWS, a.cols, (unsigned)m->rows.room));
	draw_foot(m, area_sub(a, 0, a.rows - 2, a.cols, 2));
}

static void
step(struct side *s, long by)
{
	long at = (long)s->chosen + by;

	s->chosen = at < 0 ? 0 : (size_t)at >= s->count ? (s->count > 0 ? s->count - 1 : 0) :
		    (size_t)at;
}

static void
to_edge(struct matrix *m, size_t edge)
{
	m->rows.chosen = m->rows.places[m->g->edges.items[edge].from];
	m->cols.chosen = m->cols.places[m->g->edges.items[edge].to];
}

/* Through the cells in reading order. */
static bool
next_error(struct matrix *m, bool back)
{
	size_t n = m->cells.len, place = m->rows.chosen * m->cols.count + m->cols.chosen;
	size_t at = cell_from(m, back ? place : place + 1);

	for (size_t i = 0; i < n; i++) {
		const struct matrix_cell *c = &m->cells.items[(at + (back ? n - 1 - i : i)) % n];

		if (m->g->edges.items[c->edge].health <= HEALTH_HEALTHY)
			continue;
		to_edge(m, c->edge);
		return true;
	}
	app_say(m->screen.app, SEVERITY_INFO, "nothing is in error or warning");
	return true;
}

static void
open_cell(struct matrix *m)
{
	size_t edge = edge_at(m, m->rows.chosen, m->cols.chosen);
	char *line;

	if (edge == NO_EDGE) {
		app_say(m->screen.app, SEVERITY_INFO, "no calls here");
		return;
	}
	line = xasprintf("select %s -> %s", m->from, m->to);
	app_run(m->screen.app, line);
	free(line);
}

/* "[-]ORDER"; "": by name. */
static bool
sort_named(struct matrix *m, const char *words)
{
	bool is_inverted = words[0] == '-';
	const char *name = words[0] == '\0' ? order_names[ORDER_NAME] : words + is_inverted;

	for (unsigned i = 0; i < ORDER_COUNT; i++) {
		if (strcmp(order_names[i], name) == 0) {
			m->order = (enum matrix_order)i;
			m->is_inverted = is_inverted;
			arrange(m);
			return true;
		}
	}
	return false;
}

static void
matrix_save(struct screen *s, struct buf *lines)
{
	const struct matrix *m = (const struct matrix *)s;

	buf_printf(lines, "\nsort %s%s", m->is_inverted ? "-" : "", order_names[m->order]);
}

static bool
matrix_command(struct screen *s, enum command_id id, const char *args)
{
	struct matrix *m = (struct matrix *)s;

	switch (id) {
	case CMD_CALLER: step(&m->cols, -1); break;
	case CMD_CALLEE: step(&m->cols, 1); break;
	case CMD_NEXT: step(&m->rows, 1); break;
	case CMD_PREVIOUS: step(&m->rows, -1); break;
	case CMD_PAN_UP: step(&m->rows, -(long)m->rows.room); break;
	case CMD_PAN_DOWN: step(&m->rows, (long)m->rows.room); break;
	case CMD_PAN_LEFT: step(&m->cols, -(long)m->cols.room); break;
	case CMD_PAN_RIGHT: step(&m->cols, (long)m->cols.room); break;
	case CMD_FIRST: m->rows.chosen = m->cols.chosen = 0; break;
	case CMD_LAST: step(&m->rows, (long)m->rows.count); break;
	case CMD_NEXT_ERROR: next_error(m, false); break;
	case CMD_PREV_ERROR: next_error(m, true); break;
	case CMD_MATRIX_SORT:
		m->order = (m->order + 1) % ORDER_COUNT;
		arrange(m);
		return true;
	case CMD_MATRIX_INVERT:
		m->is_inverted = !m->is_inverted;
		arrange(m);
		return true;
	case CMD_SORT:
		if (!sort_named(m, args))
			app_say(s->app, SEVERITY_ERROR, "\"%s\": sort by name, rate, errors or edges", args);
		return true;
	case CMD_OPEN: open_cell(m); return true;
	default: return false;
	}
	remember(m);
	return true;
}

/* A caller by its name, then a called one. */
static bool
find_on(struct matrix *m, struct side *s, const char *text, int direction)
{
	for (size_t i = direction == 0 ? 0 : 1; i <= s->count; i++) {
		size_t at = (s->chosen + (direction < 0 ? s->count - i % s->count : i)) % s->count;
		const struct graph_node *n = &m->g->nodes.items[s->nodes[at]];

		if (strcasestr(n->label, text) != NULL || strcasestr(n->id, text) != NULL) {
			s->chosen = at;
			return true;
		}
	}
	return false;
}

static bool
matrix_find(struct screen *s, const char *text, int direction)
{
	struct matrix *m = (struct matrix *)s;
	bool found = m->rows.count > 0 && text[0] != '\0' &&
		     (find_on(m, &m->rows, text, direction) || find_on(m, &m->cols, text, direction));

	if (found)
		remember(m);
	return found || text[0] == '\0';
}

static void
matrix_hint(struct screen *s, struct buf *out)
{
	(void)s;
	buf_puts(out, "arrows move\tEnter in the picture\t/ find\te errors\ts sort\tI turn round\t"
		 "Esc back");
}

static void
matrix_free(struct screen *s)
{
	struct matrix *m = (struct matrix *)s;

	graph_free(&m->g);
	vec_fini(&m->cells);
	free(m->rows.nodes);
	free(m->rows.places);
	free(m->cols.nodes);
	free(m->cols.places);
	free(m->from);
	free(m->to);
	free(m);
}

struct screen *
matrix_open(struct app *a)
{
	static const struct screen_ops ops = {
		.name = "Matrix",
		.scope = SCOPE_MATRIX,
		.update = matrix_update,
		.draw = matrix_draw,
		.command = matrix_command,
		.find = matrix_find,
		.hint = matrix_hint,
		.save = matrix_save,
		.free = matrix_free,
	};
	struct matrix *m = xcalloc(1, sizeof(*m));

	m->screen.ops = &ops;
	m->screen.app = a;
	return &m->screen;
}
