/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layout as a whole: which picture is taken, what is folded; see layout.h.
 * The steps are listed in layout_priv.h.
 */
#include <stdlib.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/topology/group.h"
#include "src/topology/layout_priv.h"
#include "src/topology/shape_priv.h"

enum {
	MOST_NODES = 20000, MOST_EDGES = 100000,
	MOST_TRIED = 150,	/* nodes, and twice the edges, up to which forms are compared */
	MOST_NARROWED = 45,	/* and narrower ones, unasked, */
	FEW_CROSSINGS = 3,	/* may stay in a much smaller picture; one where none need be */
	MUCH_LESS = 3, MUCH_LESS_OF = 2,	/* times the room */
	MOST_FOLDS = 60,	/* rounds of folding before all goes into one box */
	MOST_RELIEVED = 5,	/* boxes that go to another layer so that a picture may stay */
	EFFORT = 90000000,	/* visits of neighbours for all that is compared */
};

/* Sizes that a picture without a given width is held to if it can be. */
static const struct { unsigned cols, rows; } pages[] = {
	{ 80, 24 }, { 100, 30 }, { 130, 40 },
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static int
layer_cells(const struct layout *l, const struct layer *layer)
{
	const struct item *first, *last;

	if (layer->count == 0)
		return 0;
	first = &l->items[layer->items[0]];
	last = &l->items[layer->items[layer->count - 1]];
	return last->at + last->size - first->at;
}

/* Box of the layer that is missed least: few lines, then the last one. */
static uint32_t
least_box(const struct layout *l, const struct layer *layer, const bool *is_chosen)
{
	uint32_t best = NONE, best_lines = 0;

	for (uint32_t i = 0; i < layer->count; i++) {
		const struct item *it = &l->items[layer->items[i]];
		uint32_t lines = it->up_count + it->down_count;

		if (it->box == NONE || is_chosen[it->box])
			continue;
		if (l->boxes[it->box].node == NONE)
			lines = 0;	/* what is counted already takes more */
		if (best == NONE || lines < best_lines ||
		    (lines == best_lines && it->box > best)) {
			best = it->box;
			best_lines = lines;
		}
	}
	return best;
}

/* Folds boxes of the widest layer; false when it has fewer than two. */
static bool
fold_layer(const struct layout *l, struct folding *f, const struct layer *layer)
{
	bool *is_chosen = xcalloc(l->box_count + 1, sizeof(*is_chosen));
	int over = layer_cells(l, layer) - (int)l->o.cols + 14;
	uint32_t chosen = 0;

	for (uint32_t b; (over > 0 || chosen < 2) &&
	     (b = least_box(l, layer, is_chosen)) != NONE; chosen++) {
		is_chosen[b] = true;
		over -= l->items[l->boxes[b].item].size + 1;
	}
	for (size_t i = 0; i < l->g->nodes.len && chosen >= 2; i++)
		if (is_chosen[l->box_of[i]])
			f->of[i] = f->count;
	f->count += chosen >= 2;
	free(is_chosen);
	return chosen >= 2;
}

static void
fold_more(const struct layout *l, struct folding *f)
{
	uint32_t boxes = 0, before = f->count;

	for (uint32_t i = 0; i < l->layer_count; i++)
		if (layer_cells(l, &l->layers[i]) > (int)l->o.cols)
			fold_layer(l, f, &l->layers[i]);
	if (f->count > before)
		return;
	/* One box a layer and lines beside it: fold from the least on. */
	for (uint32_t i = l->box_count; i-- > 0 && boxes < 2 + l->box_count / 4; boxes++)
		for (size_t n = 0; n < l->g->nodes.len; n++)
			if (l->box_of[n] == i)
				f->of[n] = f->count;
	f->count++;
}

static void
fold_all(struct folding *f, size_t nodes)
{
	for (size_t i = 0; i < nodes; i++)
		f->of[i] = 0;
	f->count = 1;
}

/* Top down within cols, with as much air as fits. */
static struct layout *
begin_top_down(const struct graph *g, const struct layout_options *o,
	       const struct layout *previous, const struct folding *f, struct limit limit)
{
	struct layout *l = layout_begin(g, o, previous, f, limit);

	shape_set(l, limit.is_draft ? SHAPE_DOWN_TIGHT : SHAPE_DOWN);
	if (!layout_fits(&l->stats, limit.cols, 0) && !limit.is_draft)
		shape_set(l, SHAPE_DOWN_TIGHT);
	return l;
}

/* The better of two narrow pictures; frees the other. */
static struct layout *
better_of(struct layout *a, struct layout *b, unsigned cols)
{
	bool a_fits = layout_fits(&a->stats, cols, 0), b_fits = layout_fits(&b->stats, cols, 0);
	bool take_b = a_fits != b_fits ? b_fits : b->stats.height < a->stats.height;

	layout_free(take_b ? &a : &b);
	return take_b ? b : a;
}

static struct layout *
begin_narrow(const struct graph *g, const struct layout_options *o,
	     const struct layout *previous, const struct folding *f, struct limit limit)
{
	unsigned cols = limit.cols;
	struct layout *airy = begin_top_down(g, o, previous, f, limit);

	limit.is_tight = true;
	return better_of(airy, begin_top_down(g, o, previous, f, limit), cols);
}

/* Too large to compare all forms. */
static bool
is_large(const struct graph *g)
{
	return g->nodes.len > MOST_TRIED || g->edges.len > 2 * MOST_TRIED;
}

/* Folds until a draft fits; large graphs shrink fast this way. */
static void
fold_drafts(const struct graph *g, const struct layout_options *o, struct folding *f,
	    uint64_t *effort)
{
	for (int round = 0; round < MOST_FOLDS; round++) {
		struct layout *l = begin_top_down(g, o, NULL, f,
						  (struct limit){ .cols = o->cols, .is_tight = true,
								  .is_draft = true, .effort = effort });
		bool is_done = layout_fits(&l->stats, o->cols, 0) || l->box_count <= 1;

		if (!is_done)
			fold_more(l, f);
		layout_free(&l);
		if (is_done)
			return;
	}
}

/* The narrow picture once more with as few crossings as can be; frees the other one. */
static struct layout *
refine_narrow(struct layout *l, const struct folding *f)
{
	const struct layout_options o = l->o;
	struct layout *refined;

	if (l->stats.crossings == 0 || l->stats.hidden_nodes > 0 || !layout_fits(&l->stats, o.cols, 0) ||
	    is_large(l->g))
		return l;
	refined = begin_narrow(l->g, &o, NULL, f,
			       (struct limit){ .cols = o.cols, .is_refined = true, .effort = l->effort });
	if (layout_fits(&refined->stats, o.cols, 0) && refined->stats.crossings < l->stats.crossings) {
		layout_free(&l);
		return refined;
	}
	layout_free(&refined);
	return l;
}

/* Top down in the width there is, folding until it fits. */
static struct layout *
fold_to_fit(const struct graph *g, const struct layout_options *o,
	    const struct layout *previous, uint64_t *effort)
{
	struct folding f = { .of = xmalloc((g->nodes.len + 1) * sizeof(uint32_t)) };
	struct layout *l;

	for (size_t i = 0; i < g->nodes.len; i++)
		f.of[i] = NONE;
	if (previous != NULL)
		f.count = fold_keep(g, previous, f.of);
	if (f.count == 0 && is_large(g))
		fold_drafts(g, o, &f, effort);
	for (int round = 0;; round++) {
		l = begin_narrow(g, o, previous, &f,
				 (struct limit){ .cols = o->cols, .effort = effort });
		if (layout_fits(&l->stats, o->cols, 0) || l->box_count <= 1 || round > MOST_FOLDS)
			break;
		if (round == MOST_FOLDS)
			fold_all(&f, g->nodes.len);
		else
			fold_more(l, &f);
		layout_free(&l);
	}
	if (previous == NULL)
		l = refine_narrow(l, &f);
	free(f.of);
	return l;
}

/* A kept picture that has become too wide, with as few boxes in other layers as that
 * takes. */
static struct layout *
relieve_kept(struct layout *l, const struct layout *previous)
{
	const struct layout_options o = l->o;
	uint32_t *layers = xmalloc((l->box_count + 1) * sizeof(*layers));

	for (int moved = 0; moved < MOST_RELIEVED; moved++) {
		struct limit limit = { .layers = layers, .effort = l->effort };
		const struct graph *g = l->g;

		shape_set(l, SHAPE_DOWN_TIGHT);
		if (layout_fits(&l->stats, o.cols, 0) || !relieve_layer(l, previous, layers))
			break;
		layout_free(&l);
		l = layout_begin(g, &o, previous, NULL, limit);
	}
	free(layers);
	return l;
}

/* Else it is the room that is another one, and all may move. */
static bool
has_other_size(const struct graph *g, const struct graph *before)
{
	return g->nodes.len != before->nodes.len || g->edges.len != before->edges.len;
}

/* In the shape chosen so, else folded. */
static struct layout *
fit_width(struct layout *l, const struct layout *previous)
{
	const struct layout_options o = l->o;
	const struct graph *g = l->g;
	uint64_t *effort = l->effort;
	unsigned best;

	best = shape_choose(l, previous);
	if (best == SHAPES && previous != NULL && o.form != LAYOUT_LEFT_RIGHT && has_other_size(g, previous->g)) {
		l = relieve_kept(l, previous);
		best = shape_choose(l, previous);
	}
	if (best == SHAPES) {
		layout_free(&l);
		if (previous == NULL)
			return fold_to_fit(g, &o, NULL, effort);
		/* Better that nodes move than that they go out of sight. */
		return fit_width(layout_begin(g, &o, NULL, NULL, (struct limit){ .effort = effort }),
				 NULL);
	}
	shape_set(l, best);
	return l;
}

/* A picture that is longer instead of wide, if that adds no crossings. */
static struct layout *
try_narrower(const struct layout *l, unsigned cols)
{
	struct layout_options o = l->o;
	struct layout *narrow;
	bool is_hopeless;

	if (o.form == LAYOUT_LEFT_RIGHT ||
	    layout_weight(l) > (l->stats.crossings > 0 ? LAYOUT_SMALL : MOST_NARROWED))
		return NULL;
	o.cols = cols;
	narrow = begin_top_down(l->g, &o, NULL, NULL,
				(struct limit){ .cols = cols, .is_tight = true, .is_quick = true,
						.effort = l->effort });
	is_hopeless = !layout_fits(&narrow->stats, cols + cols / 4, 0) ||
		      narrow->stats.crossings > l->stats.crossings + l->stats.crossings / 3;
	layout_free(&narrow);
	if (is_hopeless)
		return NULL;
	narrow = begin_narrow(l->g, &o, NULL, NULL,
			      (struct limit){ .cols = cols, .effort = l->effort });
	if (!layout_fits(&narrow->stats, cols, 0) || narrow->stats.crossings > l->stats.crossings)
		layout_free(&narrow);
	return narrow;
}

/* Without a width: the smallest usual page that it fits on. */
static struct layout *
fit_page(struct layout *l, const struct layout *previous)
{
	struct layout_stats sizes[SHAPES];
	struct layout *best = NULL;
	unsigned shape;

	shape_measure(l, sizes);
	shape = shape_keep(&l->o, sizes, previous);
	for (unsigned i = 0; i < PAGES && shape == SHAPES; i++) {
		struct layout *narrow;

		shape = shape_find(&l->o, sizes, pages[i].cols, pages[i].rows);
		if (shape < SHAPES || (narrow = try_narrower(l, pages[i].cols)) == NULL)
			continue;
		if (best != NULL && best->stats.height <= narrow->stats.height) {
			layout_free(&narrow);
			continue;
		}
		layout_free(&best);
		best = narrow;
		if (layout_fits(&best->stats, pages[i].cols, pages[i].rows))
			break;
	}
	if (best != NULL && shape == SHAPES) {
		layout_free(&l);
		return best;
	}
	layout_free(&best);
	shape_set(l, shape < SHAPES ? shape : shape_find(&l->o, sizes, 0, 0));
	return l;
}

/* The page, from the smallest on, that the picture fits on; PAGES: none. */
static unsigned
page_of(const struct layout_stats *s)
{
	unsigned page = 0;

	while (page < PAGES && !layout_fits(s, pages[page].cols, pages[page].rows))
		page++;
	return page;
}

static unsigned
area_of(const struct layout_stats *s)
{
	return s->width * s->height;
}

/* Is the refined picture, which has fewer crossings, worth the room that it takes?
 * A few crossings more may stay in one that fits on a smaller page, if they are
 * far fewer than there would be without shared trunks. */
static bool
is_worth_its_room(const struct layout *refined, const struct layout *l)
{
	const struct layout_stats *s = &refined->stats, *t = &l->stats;
	unsigned few = s->crossings > 0 ? FEW_CROSSINGS : 1;
	unsigned part = s->crossings > 0 ? 2 : 3;

	if (page_of(t) == PAGES ? area_of(s) * MUCH_LESS_OF <= area_of(t) * MUCH_LESS :
	    page_of(s) <= page_of(t))
		return true;
	return s->crossings + few < t->crossings || part * t->crossings > l->plain_crossings;
}

/* A small graph once more with as few crossings as can be, if that pays; frees
 * the other picture. */
static struct layout *
refine_page(struct layout *l)
{
	struct layout_options o = l->o;
	struct layout_stats sizes[SHAPES];
	unsigned shape, page = 0;
	struct layout *refined;

	if (l->stats.crossings == 0 || layout_weight(l) > LAYOUT_SMALL)
		return l;
	o.cols = 0;	/* set in a narrow one */
	refined = layout_begin(l->g, &o, NULL, NULL,
			       (struct limit){ .is_refined = true, .effort = l->effort });
	shape_measure(refined, sizes);
	do
		shape = shape_find(&o, sizes, pages[page].cols, pages[page].rows);
	while (shape == SHAPES && ++page < PAGES);
	shape_set(refined, shape < SHAPES ? shape : shape_find(&o, sizes, 0, 0));
	if (refined->stats.crossings < l->stats.crossings && is_worth_its_room(refined, l)) {
		layout_free(&l);
		return refined;
	}
	layout_free(&refined);
	return l;
}

/* The same within a given width. */
static struct layout *
refine_fitted(struct layout *l)
{
	const struct layout_options o = l->o;
	struct layout_stats sizes[SHAPES];
	struct layout *refined;
	unsigned shape;

	if (l->stats.crossings == 0 || layout_weight(l) > LAYOUT_SMALL)
		return l;
	refined = layout_begin(l->g, &o, NULL, NULL,
			       (struct limit){ .is_refined = true, .effort = l->effort });
	shape_measure(refined, sizes);
	shape = shape_find(&o, sizes, o.cols, o.rows);
	if (shape == SHAPES && !layout_fits(&l->stats, o.cols, o.rows))
		shape = shape_find(&o, sizes, o.cols, 0);
	if (shape < SHAPES)
		shape_set(refined, shape);
	if (shape < SHAPES && (l->stats.hidden_nodes > 0 ||
			       (refined->stats.crossings < l->stats.crossings &&
				is_worth_its_room(refined, l)))) {
		layout_free(&l);
		return refined;
	}
	layout_free(&refined);
	return l;
}

static struct layout *
choose(const struct graph *g, const struct layout_options *o, const struct layout *previous,
       uint64_t *effort)
{
	bool was_folded = previous != NULL && previous->stats.hidden_nodes > 0;
	struct layout *l;

	if (o->cols > 0 && (is_large(g) || was_folded))
		return fold_to_fit(g, o, previous, effort);
	l = layout_begin(g, o, previous, NULL, (struct limit){ .effort = effort });
	if (o->cols > 0)
		return previous != NULL ? fit_width(l, previous) : refine_fitted(fit_width(l, NULL));
	if (!is_large(g))
		return previous != NULL ? fit_page(l, previous) : refine_page(fit_page(l, NULL));
	shape_set(l, o->form == LAYOUT_TOP_DOWN ? SHAPE_DOWN : 0);
	return l;
}

/* Frames take room: have they not made the picture too large?  In one that
 * must be scrolled far anyway, they help to find the way. */
static bool
has_room(const struct layout *framed, const struct layout *plain)
{
	const struct layout_options *o = &framed->o;
	unsigned rows = plain->stats.height <= 2 * o->rows ? o->rows : 0;

	if (framed->stats.hidden_nodes > 0)
		return false;
	if (o->insists_on_groups)
		return layout_fits(&framed->stats, o->cols, 0);
	return o->cols > 0 ? layout_fits(&framed->stats, o->cols, rows) :
	       page_of(&framed->stats) <= page_of(&plain->stats);
}

static bool
has_groups(const struct layout_options *o)
{
	return o->groups != NULL && o->groups->count > 0;
}

/* With frames around groups where there is room for them; an earlier picture
 * says whether there was. */
static struct layout *
choose_frames(const struct graph *g, const struct layout_options *o,
	      const struct layout *previous)
{
	struct layout_options without = *o;
	struct layout *plain, *framed;
	uint64_t effort = EFFORT;

	without.groups = NULL;
	if (!has_groups(o) ||
	    (previous != NULL && previous->wanted_groups && previous->frames == NULL))
		return choose(g, &without, previous, &effort);
	plain = previous == NULL ? choose(g, &without, NULL, &effort) : NULL;
	if (plain != NULL && plain->stats.hidden_nodes > 0)
		return plain;	/* nor would there be room for frames */
	framed = choose(g, o, previous, &effort);
	if (previous != NULL && framed->stats.hidden_nodes == 0 &&
	    layout_fits(&framed->stats, o->cols, 0))
		return framed;
	if (plain == NULL)
		plain = choose(g, &without, previous, &effort);
	if (!has_room(framed, plain)) {
		layout_free(&framed);
		return plain;
	}
	layout_free(&plain);
	return framed;
}

struct layout *
layout_new(const struct graph *g, const struct layout_options *options,
	   const struct layout *previous, struct error *err)
{
	static const struct layout_options plain;
	const struct layout_options *o = options != NULL ? options : &plain;
	struct layout *l;

	if (g->nodes.len > MOST_NODES || g->edges.len > MOST_EDGES) {
		error_setf(err, ERROR_REFUSED, "the graph has %zu nodes and %zu edges; "
			   "at most %d and %d can be drawn: choose fewer namespaces",
			   g->nodes.len, g->edges.len, MOST_NODES, MOST_EDGES);
		return NULL;
	}
	/* Another size or form was asked for: a fresh picture. */
	if (previous != NULL && (previous->wanted_cols != o->cols ||
				 previous->wanted_form != o->form))
		previous = NULL;
	l = choose_frames(g, o, previous);
	frame_titles(l);
	l->stats.crossings = drawn_crossings(l);
	l->wanted_cols = o->cols;
	l->wanted_form = o->form;
	l->wanted_groups = has_groups(o);
	return l;
}

void
layout_free(struct layout **lp)
{
	if (*lp == NULL)
		return;
	arena_free(&(*lp)->arena);
	free(*lp);
	*lp = NULL;
}

void
layout_get_stats(const struct layout *l, struct layout_stats *out)
{
	*out = l->stats;
}

bool
layout_node_place(const struct layout *l, size_t node, unsigned *layer, unsigned *order)
{
	const struct layer *row;
	uint32_t item;

	if (node >= l->g->nodes.len || l->is_folded[node])
		return false;
	item = l->boxes[l->box_of[node]].item;
	row = &l->layers[l->items[item].layer];
	*layer = l->items[item].layer;
	*order = 0;
	for (uint32_t i = 0; row->items[i] != item; i++)
		*order += l->items[row->items[i]].box != NONE;
	return true;
}
