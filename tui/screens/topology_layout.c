/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the model's graph to a layout: texts beside edges and in boxes, and
 * the form that fits the screen.
 */
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/topology/build.h"
#include "src/topology/grid.h"
#include "tui/app.h"
#include "tui/figure.h"
#include "tui/model.h"
#include "tui/screens/topology_priv.h"
#include "tui/shown.h"

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

		for (size_t k = 0; k < ARRAY_LEN(badge_rows); k++) {
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

void
topology_make_layout(struct topology *t)
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
