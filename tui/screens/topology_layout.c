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

/* For the stub of a bus: what its edges add up to. */
static const char *
sum_label(void *data, const size_t *edges, size_t count)
{
	struct topology *t = data;
	struct graph_edge sum = { .protocol = EDGE_HTTP };
	struct buf b = BUF_INIT;
	const char *text;

	for (size_t i = 0; i < count; i++) {
		const struct graph_edge *e = &t->shown->edges.items[edges[i]];

		sum.protocol = e->protocol;
		sum.rate += e->rate;
		sum.health = e->health > sum.health ? e->health : sum.health;
	}
	short_label(&sum, &b);
	text = dup_in(t->texts, &b);
	buf_fini(&b);
	return text;
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
		if (strcmp(a->nodes.items[i].id, b->nodes.items[i].id) != 0 ||
		    strcmp(a->nodes.items[i].label, b->nodes.items[i].label) != 0)
			return false;
	}
	for (size_t i = 0; i < a->edges.len; i++) {
		const struct graph_edge *x = &a->edges.items[i], *y = &b->edges.items[i];

		if (x->from != y->from || x->to != y->to || x->protocol != y->protocol ||
		    x->is_mirrored != y->is_mirrored)
			return false;
	}
	return true;
}

/*
 * As wide as there is room.  A picture that would not fit first gets shorter
 * labels, then buses with sums on their stubs; at last it is drawn in full and
 * panned, so that nothing is folded away.
 */
static const struct {
	bool is_short, has_sums, is_full;
} fits[] = {
	{ false, false, false }, { true, false, false }, { true, true, false }, { true, false, true },
};

/* Each try costs a layout; a large graph is panned in any case. */
#define LARGE_NODES 40

static bool
fit_applies(const struct topology *t, unsigned fit, unsigned labels)
{
	return fit == 0 || fit == ARRAY_LEN(fits) - 1 ||
	       (labels == EDGE_LABEL_RATE && t->shown->nodes.len <= LARGE_NODES);
}

/* From the fit that *fit says on; *fit is the one that was taken. */
static struct layout *
lay_out(struct topology *t, unsigned labels, const struct layout *previous, unsigned *fit)
{
	struct layout *l = NULL;

	t->notes = t->zoom == ZOOM_BOX ? make_notes(t) : NULL;
	t->marks = make_marks(t);
	for (;; (*fit)++) {
		struct layout_options options = {
			.zoom = t->zoom, .node_notes = t->notes, .node_marks = t->marks,
		};
		bool is_whole, is_last = *fit + 1 == ARRAY_LEN(fits);

		if (!fit_applies(t, *fit, labels))
			continue;
		t->labels = labels != 0 ? make_edge_labels(t, labels, fits[*fit].is_short &&
							   labels == EDGE_LABEL_RATE) : NULL;
		options.edge_labels = t->labels;
		if (!fits[*fit].is_full) {
			options.cols = t->view_cols > 0 ? t->view_cols : 80;
			options.rows = t->view_rows;
		}
		if (fits[*fit].has_sums) {
			options.sum_label = sum_label;
			options.sum_data = t;
		}
		layout_free(&l);
		l = try_layout(t, &options, previous, &is_whole);
		if (l == NULL || is_whole || is_last)
			return l;
	}
}

/* The same question as the layout at hand was made for? */
static bool
same_question(const struct topology *t, unsigned labels)
{
	return t->layout != NULL && t->laid.cols == t->view_cols && t->laid.rows == t->view_rows &&
	       t->laid.zoom == t->zoom && t->laid.labels == labels;
}

static bool
same_texts(const char *const *a, const char *const *b, size_t count)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; i < count; i++) {
		if (a[i] == NULL || b[i] == NULL ? a[i] != b[i] : strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

/* Texts of the same length can take each other's place. */
static bool
same_lengths(const char *const *a, const char *const *b, size_t count)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; i < count; i++) {
		if (a[i] == NULL || b[i] == NULL ? a[i] != b[i] : strlen(a[i]) != strlen(b[i]) ||
		    text_width(a[i], strlen(a[i])) != text_width(b[i], strlen(b[i])))
			return false;
	}
	return true;
}

static bool
same_looks(const struct graph *a, const struct graph *b)
{
	for (size_t i = 0; i < a->nodes.len; i++) {
		if (a->nodes.items[i].health != b->nodes.items[i].health ||
		    a->nodes.items[i].is_idle != b->nodes.items[i].is_idle)
			return false;
	}
	for (size_t i = 0; i < a->edges.len; i++) {
		if (a->edges.items[i].health != b->edges.items[i].health ||
		    a->edges.items[i].is_idle != b->edges.items[i].is_idle)
			return false;
	}
	return true;
}

/*
 * Only figures changed: their digits are put where the old ones stand in the
 * texts that the layout borrows, and nothing is laid out again.  Keys never
 * wait for a large picture this way.  t->shown is the new graph, t->borrowed
 * the layout's.
 */
static bool
put_figures(struct topology *t, unsigned labels)
{
	const char **old_labels = t->labels, **old_notes = t->notes, **old_marks = t->marks;
	struct arena *old_texts = t->texts;
	size_t nodes = t->shown->nodes.len, edges = t->shown->edges.len;
	const char **now = NULL;
	bool fits_in;

	if (fits[t->laid.fit].has_sums || !same_looks(t->shown, t->borrowed))
		return false;
	t->texts = arena_new();
	if (labels != 0)
		now = make_edge_labels(t, labels, fits[t->laid.fit].is_short &&
				       labels == EDGE_LABEL_RATE);
	fits_in = same_lengths(now, old_labels, edges) &&
		  same_texts(t->zoom == ZOOM_BOX ? make_notes(t) : NULL, old_notes, nodes) &&
		  same_texts(make_marks(t), old_marks, nodes);
	for (size_t i = 0; fits_in && now != NULL && i < edges; i++) {
		if (now[i] != NULL)	/* the texts are ours, made by dup_in() */
			memcpy((char *)(uintptr_t)old_labels[i], now[i], strlen(now[i]));
	}
	arena_free(&t->texts);
	t->texts = old_texts;
	return fits_in;
}

void
topology_make_layout(struct topology *t)
{
	struct model *m = app_model(t->screen.app);
	struct graph *shown = graph_shown(m->graph, m->query.hide), *old_borrowed = t->borrowed;
	bool is_same = same_question(t, m->query.labels) && same_shape(shown, t->shown);
	struct layout *old = t->layout, *first;
	struct arena *old_texts;

	if (t->shown != t->borrowed)
		graph_free(&t->shown);
	t->shown = shown;
	t->wants_layout = false;
	grid_free(&t->grid);
	if (is_same && put_figures(t, m->query.labels))
		return;
	old_texts = t->texts;
	t->texts = arena_new();
	t->borrowed = shown;
	t->laid.fit = is_same ? t->laid.fit : 0;
	t->layout = lay_out(t, m->query.labels, old, &t->laid.fit);
	if (t->layout != NULL && !is_same) {
		/* A new picture may still find a better order from its own: now,
		 * not with the next figures. */
		first = t->layout;
		t->layout = lay_out(t, m->query.labels, first, &t->laid.fit);
		layout_free(&first);
	}
	t->laid.cols = t->view_cols;
	t->laid.rows = t->view_rows;
	t->laid.zoom = t->zoom;
	t->laid.labels = m->query.labels;
	if (t->layout != NULL)
		layout_get_stats(t->layout, &t->stats);
	layout_free(&old);
	graph_free(&old_borrowed);
	arena_free(&old_texts);
	t->wants_sight = t->wants_sight || !t->is_panned;
}
