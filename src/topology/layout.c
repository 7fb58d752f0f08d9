/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layout as a whole: which form, how tight, what is folded; see layout.h.
 * The steps are listed in layout_priv.h.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/topology/group.h"
#include "src/topology/layout_priv.h"

enum {
	MOST_NODES = 20000, MOST_EDGES = 100000,
	MOST_TRIED = 150,	/* nodes, and twice the edges, up to which forms are compared */
	MOST_NARROWED = 45,	/* and narrower ones, unasked, */
	MOST_UNTANGLED = 26,	/* also where lines cross, which takes longer */
	MOST_FOLDS = 60,	/* rounds of folding before all goes into one box */
};

struct shape {
	enum layout_form form;
	bool is_tight;
};

static const struct shape shapes[] = {
	{ LAYOUT_LEFT_RIGHT, false }, { LAYOUT_LEFT_RIGHT, true },
	{ LAYOUT_TOP_DOWN, false }, { LAYOUT_TOP_DOWN, true },
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

/* Sizes that a picture without a given width is held to if it can be. */
static const struct { unsigned cols, rows; } pages[] = {
	{ 80, 24 }, { 100, 30 }, { 130, 40 },
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/* Layerings and ways to share trunks that are compared, and how many of the
 * best are looked at closely, by the weight (see weight_of()) up to which
 * there is time for so many. */
enum { MOST_VARIANTS = 120 };
static const struct effort {
	uint32_t boxes;
	unsigned variants, looks;
} efforts[] = {
	{ 26, MOST_VARIANTS, 4 }, { 36, 48, 3 }, { 45, 12, 2 }, { 60, 4, 2 }, { 120, 4, 1 },
};

struct folding {		/* node -> counted box, NONE: drawn */
	uint32_t *of;
	uint32_t count;
};

struct limit {
	unsigned cols;		/* a layer should take, top down; 0: no limit */
	bool is_tight;		/* counted without padding */
	bool is_draft;
	bool is_quick;		/* only asked what may come of it */
};

/* Boxes and their layers. */
static struct layout *
begin_layers(const struct graph *g, const struct layout_options *o,
	     const struct layout *previous, const struct folding *f, struct limit limit,
	     unsigned variant)
{
	struct layout *l = xcalloc(1, sizeof(*l));

	l->g = g;
	if (o != NULL)
		l->o = *o;
	l->arena = arena_new();
	l->is_tight = limit.is_tight;
	l->is_draft = limit.is_draft;
	l->is_quick = limit.is_quick;
	l->bundling = previous != NULL ? previous->bundling :
		      (enum bundling)(variant / 4 % BUNDLINGS);
	l->layering = variant / (4 * BUNDLINGS) * 4 + variant % 4;
	fold_graph(l, f != NULL ? f->of : NULL, f != NULL ? f->count : 0);
	layer_assign(l, previous, (int)limit.cols);
	return l;
}

/* Order in the layers: the rest of what does not depend on the shape. */
static void
finish_layers(struct layout *l, const struct layout *previous)
{
	bundle_lines(l);
	order_items(l, previous);
	label_pins(l);
	port_collect(l);
	l->stats.layers = l->layer_count;
	l->stats.crossings = l->is_draft ? 0 : order_crossings(l);
}

/* What tells two sets of layers and trunks apart (FNV-1a). */
static uint64_t
hash_layers(const struct layout *l)
{
	uint64_t hash = 14695981039346656037u;

	for (uint32_t i = 0; i < l->box_count; i++)
		hash = (hash ^ l->boxes[i].layer) * 1099511628211u;
	for (uint32_t i = 0; i < l->line_count; i++)
		hash = (hash ^ l->lines[i].is_back) * 1099511628211u;
	return (hash ^ l->bundling) * 1099511628211u;
}

/* As many boxes as usually have so many lines. */
static uint32_t
weight_of(const struct layout *l)
{
	uint32_t usual = l->line_count - l->line_count / 3;

	return l->box_count > usual ? l->box_count : usual;
}

/* How many variants there is time to compare. */
static struct effort
find_effort(const struct layout *l, struct limit limit)
{
	static const struct effort narrow = { .variants = 4, .looks = 1 }, least = { 1, 1, 1 };

	for (size_t i = 0; i < sizeof(efforts) / sizeof(efforts[0]); i++)
		if (weight_of(l) <= efforts[i].boxes)
			return limit.cols > 0 ? narrow : efforts[i];
	return least;
}

/* The variants of a graph while they are compared. */
struct contest {
	const struct graph *g;
	const struct layout_options *o;
	const struct folding *folding;
	struct limit limit;
	struct layout *best;		/* of those looked at closely, or without crossings */
	uint64_t seen[MOST_VARIANTS];
	unsigned crossings[MOST_VARIANTS];	/* UINT_MAX: not worth a closer look */
};

static struct layout *
begin_variant(const struct contest *c, unsigned variant)
{
	return begin_layers(c->g, c->o, NULL, c->folding, c->limit, variant);
}

/* Each variant with different layers or trunks, with little effort. */
static void
try_variants(struct contest *c, unsigned count)
{
	for (unsigned i = 0; i < count && c->best == NULL; i++) {
		struct layout *l = begin_variant(c, i);
		bool is_known = false;

		c->seen[i] = hash_layers(l);
		c->crossings[i] = UINT_MAX;
		for (unsigned k = 0; k < i && !is_known; k++)
			is_known = c->seen[k] == c->seen[i];
		if (!is_known) {
			l->is_quick = true;
			finish_layers(l, NULL);
			c->crossings[i] = l->stats.crossings;
		}
		if (c->crossings[i] == 0)
			c->best = l;
		else
			layout_free(&l);
	}
}

/* The promising ones with all the effort there is. */
static void
look_closely(struct contest *c, unsigned count, unsigned looks)
{
	for (unsigned round = 0; round < looks; round++) {
		unsigned first = 0;
		struct layout *l;

		for (unsigned i = 1; i < count; i++)
			if (c->crossings[i] < c->crossings[first])
				first = i;
		if (c->crossings[first] == UINT_MAX)
			return;
		c->crossings[first] = UINT_MAX;
		l = begin_variant(c, first);
		finish_layers(l, NULL);
		if (c->best == NULL || l->stats.crossings < c->best->stats.crossings) {
			struct layout *worse = c->best;

			c->best = l;
			l = worse;
		}
		layout_free(&l);
	}
}

/* The best of some layerings, with more and fewer shared trunks. */
static struct layout *
begin_fresh(const struct graph *g, const struct layout_options *o, const struct folding *f,
	    struct limit limit)
{
	struct contest c = { .g = g, .o = o, .folding = f, .limit = limit };
	struct layout *l = begin_variant(&c, 0);
	struct effort effort = find_effort(l, limit);

	if (effort.variants == 1 || limit.is_draft || limit.is_quick) {
		finish_layers(l, NULL);
		return l;
	}
	layout_free(&l);
	try_variants(&c, effort.variants);
	if (c.best == NULL)
		look_closely(&c, effort.variants, effort.looks);
	return c.best;
}

static struct layout *
begin(const struct graph *g, const struct layout_options *o, const struct layout *previous,
      const struct folding *f, struct limit limit)
{
	struct layout *l;

	if (previous != NULL) {
		l = begin_layers(g, o, previous, f, limit, 0);
		finish_layers(l, previous);
	} else {
		l = begin_fresh(g, o, f, limit);
	}
	if (!limit.is_draft && !limit.is_quick)
		frame_items(l, previous == NULL);
	return l;
}

static void
set_shape(struct layout *l, struct shape s)
{
	l->form = s.form;
	l->is_tight = s.is_tight;
	place_items(l);
	route_gaps(l);
}

static bool
fits(const struct layout_stats *s, unsigned cols, unsigned rows)
{
	return (cols == 0 || s->width <= cols) && (rows == 0 || s->height <= rows);
}

static bool
may_use(const struct layout_options *o, const struct shape *s)
{
	return o->form == LAYOUT_AUTO || o->form == s->form;
}

/* First shape that fits; SHAPES when none does. */
static unsigned
find_shape(const struct layout_options *o, const struct layout_stats *sizes, unsigned cols,
	   unsigned rows)
{
	for (unsigned i = 0; i < SHAPES; i++)
		if (may_use(o, &shapes[i]) && fits(&sizes[i], cols, rows))
			return i;
	return SHAPES;
}

/* The shape of the earlier picture, while it fits. */
static unsigned
keep_shape(const struct layout_options *o, const struct layout_stats *sizes,
	   const struct layout *previous)
{
	for (unsigned i = 0; i < SHAPES && previous != NULL; i++)
		if (shapes[i].form == previous->form && shapes[i].is_tight == previous->is_tight &&
		    may_use(o, &shapes[i]) && fits(&sizes[i], o->cols, 0))
			return i;
	return SHAPES;
}

/* Tries every shape that may be used. */
static void
measure_shapes(struct layout *l, struct layout_stats *sizes)
{
	for (unsigned i = 0; i < SHAPES; i++) {
		if (!may_use(&l->o, &shapes[i]))
			continue;
		set_shape(l, shapes[i]);
		sizes[i] = l->stats;
	}
}

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
	struct layout *l = begin(g, o, previous, f, limit);

	set_shape(l, shapes[limit.is_draft ? 3 : 2]);
	if (!fits(&l->stats, limit.cols, 0) && !limit.is_draft)
		set_shape(l, shapes[3]);
	return l;
}

/* The better of two narrow pictures; frees the other. */
static struct layout *
better_of(struct layout *a, struct layout *b, unsigned cols)
{
	bool a_fits = fits(&a->stats, cols, 0), b_fits = fits(&b->stats, cols, 0);
	bool take_b = a_fits != b_fits ? b_fits : b->stats.height < a->stats.height;

	layout_free(take_b ? &a : &b);
	return take_b ? b : a;
}

static struct layout *
begin_narrow(const struct graph *g, const struct layout_options *o,
	     const struct layout *previous, const struct folding *f, unsigned cols)
{
	return better_of(begin_top_down(g, o, previous, f, (struct limit){ .cols = cols }),
			 begin_top_down(g, o, previous, f, (struct limit){ .cols = cols, .is_tight = true }),
			 cols);
}

/* Too large to compare all forms. */
static bool
is_large(const struct graph *g)
{
	return g->nodes.len > MOST_TRIED || g->edges.len > 2 * MOST_TRIED;
}

/* Folds until a draft fits; large graphs shrink fast this way. */
static void
fold_drafts(const struct graph *g, const struct layout_options *o, struct folding *f)
{
	for (int round = 0; round < MOST_FOLDS; round++) {
		struct layout *l = begin_top_down(g, o, NULL, f,
						  (struct limit){ .cols = o->cols, .is_tight = true,
								  .is_draft = true });
		bool is_done = fits(&l->stats, o->cols, 0) || l->box_count <= 1;

		if (!is_done)
			fold_more(l, f);
		layout_free(&l);
		if (is_done)
			return;
	}
}

/* Top down in the width there is, folding until it fits. */
static struct layout *
fold_to_fit(const struct graph *g, const struct layout_options *o,
	    const struct layout *previous)
{
	struct folding f = { .of = xmalloc((g->nodes.len + 1) * sizeof(uint32_t)) };
	struct layout *l;

	for (size_t i = 0; i < g->nodes.len; i++)
		f.of[i] = NONE;
	if (previous != NULL)
		f.count = fold_keep(g, previous, f.of);
	if (f.count == 0 && is_large(g))
		fold_drafts(g, o, &f);
	for (int round = 0;; round++) {
		l = begin_narrow(g, o, previous, &f, o->cols);
		if (fits(&l->stats, o->cols, 0) || l->box_count <= 1 || round > MOST_FOLDS)
			break;
		if (round == MOST_FOLDS)
			fold_all(&f, g->nodes.len);
		else
			fold_more(l, &f);
		layout_free(&l);
	}
	free(f.of);
	return l;
}

/* With a width: the shape that was, or the first that fits, else folded. */
static struct layout *
fit_width(struct layout *l, const struct layout *previous)
{
	const struct layout_options o = l->o;
	const struct graph *g = l->g;
	struct layout_stats sizes[SHAPES];
	unsigned best;

	measure_shapes(l, sizes);
	best = keep_shape(&o, sizes, previous);
	if (best == SHAPES)
		best = find_shape(&o, sizes, o.cols, o.rows);
	if (best == SHAPES)
		best = find_shape(&o, sizes, o.cols, 0);
	if (best == SHAPES) {
		layout_free(&l);
		if (previous == NULL)
			return fold_to_fit(g, &o, NULL);
		/* Better that nodes move than that they go out of sight. */
		return fit_width(begin(g, &o, NULL, NULL, (struct limit){ 0 }), NULL);
	}
	set_shape(l, shapes[best]);
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
	    weight_of(l) > (l->stats.crossings > 0 ? MOST_UNTANGLED : MOST_NARROWED))
		return NULL;
	o.cols = cols;
	narrow = begin_top_down(l->g, &o, NULL, NULL,
				(struct limit){ .cols = cols, .is_tight = true, .is_quick = true });
	is_hopeless = !fits(&narrow->stats, cols + cols / 4, 0) ||
		      narrow->stats.crossings > l->stats.crossings + l->stats.crossings / 3;
	layout_free(&narrow);
	if (is_hopeless)
		return NULL;
	narrow = begin_narrow(l->g, &o, NULL, NULL, cols);
	if (!fits(&narrow->stats, cols, 0) || narrow->stats.crossings > l->stats.crossings)
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

	measure_shapes(l, sizes);
	shape = keep_shape(&l->o, sizes, previous);
	for (unsigned i = 0; i < PAGES && shape == SHAPES; i++) {
		struct layout *narrow;

		shape = find_shape(&l->o, sizes, pages[i].cols, pages[i].rows);
		if (shape < SHAPES || (narrow = try_narrower(l, pages[i].cols)) == NULL)
			continue;
		if (best != NULL && best->stats.height <= narrow->stats.height) {
			layout_free(&narrow);
			continue;
		}
		layout_free(&best);
		best = narrow;
		if (fits(&best->stats, pages[i].cols, pages[i].rows))
			break;
	}
	if (best != NULL && shape == SHAPES) {
		layout_free(&l);
		return best;
	}
	layout_free(&best);
	set_shape(l, shapes[shape < SHAPES ? shape : find_shape(&l->o, sizes, 0, 0)]);
	return l;
}

static struct layout *
choose(const struct graph *g, const struct layout_options *o, const struct layout *previous)
{
	bool was_folded = previous != NULL && previous->stats.hidden_nodes > 0;
	struct layout *l;

	if (o->cols > 0 && (is_large(g) || was_folded))
		return fold_to_fit(g, o, previous);
	l = begin(g, o, previous, NULL, (struct limit){ 0 });
	if (o->cols > 0)
		return fit_width(l, previous);
	if (!is_large(g))
		return fit_page(l, previous);
	set_shape(l, shapes[o->form == LAYOUT_TOP_DOWN ? 2 : 0]);
	return l;
}

/* The page, from the smallest on, that the picture fits on; PAGES: none. */
static unsigned
page_of(const struct layout_stats *s)
{
	unsigned page = 0;

	while (page < PAGES && !fits(s, pages[page].cols, pages[page].rows))
		page++;
	return page;
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
		return fits(&framed->stats, o->cols, 0);
	return o->cols > 0 ? fits(&framed->stats, o->cols, rows) :
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

	without.groups = NULL;
	if (!has_groups(o) ||
	    (previous != NULL && previous->wanted_groups && previous->frames == NULL))
		return choose(g, &without, previous);
	framed = choose(g, o, previous);
	if (previous != NULL && framed->stats.hidden_nodes == 0 &&
	    fits(&framed->stats, o->cols, 0))
		return framed;
	plain = choose(g, &without, previous);
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
