/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the model's graph to a layout: texts beside edges and in boxes, and
 * the form that fits the screen.  A large picture is made in a thread beside
 * the console; the old one stays until it is there.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/strmap.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "src/topology/grid.h"
#include "src/topology/group.h"
#include "src/topology/notes.h"
#include "tui/app/app.h"
#include "tui/feed/background.h"
#include "tui/widgets/figure.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/feed/shown.h"
#include "tui/screens/same_picture.h"
#include "tui/screens/topology_priv.h"

#define MOST_AT_ONCE 150u	/* nodes and edges that are laid out in the key's path */
#define MOST_THAT_FIT 120u	/* nodes, or twice as many edges; more never fit a screen */
#define MOST_TRIES 40u		/* nodes; each try costs a layout */
#define MOST_UNFOLDED 120u	/* nodes; more begin folded by namespace */
#define QUIET_TIMES 4		/* as long as a layout took: until the next for figures */

/* What a picture is asked to be. */
struct picture_question {
	unsigned cols, rows, labels;
	enum layout_zoom zoom;
	enum layout_form form;
	struct note_options notes;
	bool shows_security;
	unsigned boxes;			/* bits of enum graph_group_kind */
	enum graph_type type;
	bool no_service_nodes;
};

/* A graph laid out, with all that the layout borrows. */
struct picture {
	struct graph *graph;
	struct graph_groups *groups;
	struct arena *texts;
	const char **labels, **notes, **marks;
	struct picture_question question;
	unsigned fit;			/* index into fits[] */
	bool settles;			/* a new shape: a second round finds a better order */
	const struct layout *previous;	/* borrowed from the picture before */
	struct layout *layout;
	struct error err;
	int64_t begun_ms;
};

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
make_edge_labels(struct picture *p, bool is_short)
{
	const struct graph *g = p->graph;
	const char **labels = arena_alloc(p->texts, (g->edges.len + 1) * sizeof(*labels));
	struct buf raw = BUF_INIT, clean = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		buf_clear(&raw);
		if (is_short)
			short_label(&g->edges.items[i], &raw);
		else if (p->question.labels != 0)
			edge_label_text(&g->edges.items[i], p->question.labels, true, &raw);
		if (p->question.shows_security)
			edge_security_put(&g->edges.items[i], &raw);
		if (p->question.notes.has_badges && !is_short)
			edge_breaker_put(&g->edges.items[i], &raw);
		text_sanitize(&clean, buf_str(&raw), raw.len);
		labels[i] = dup_in(p->texts, &clean);
	}
	buf_fini(&raw);
	buf_fini(&clean);
	return labels;
}

/* For the stub of a bus: what its edges add up to. */
static const char *
sum_label(void *data, const size_t *edges, size_t count)
{
	struct picture *p = data;
	struct graph_edge sum = { .protocol = EDGE_HTTP };
	struct buf b = BUF_INIT;
	const char *text;

	for (size_t i = 0; i < count; i++) {
		const struct graph_edge *e = &p->graph->edges.items[edges[i]];

		sum.protocol = e->protocol;
		sum.rate += e->rate;
		sum.health = e->health > sum.health ? e->health : sum.health;
	}
	short_label(&sum, &b);
	text = dup_in(p->texts, &b);
	buf_fini(&b);
	return text;
}

static struct layout *
try_layout(struct picture *p, const struct layout_options *options,
	   const struct layout *previous, bool *is_whole)
{
	struct layout_stats stats;
	struct layout *l = layout_new(p->graph, options, previous, &p->err);

	*is_whole = false;
	if (l == NULL)
		return NULL;
	layout_get_stats(l, &stats);
	*is_whole = stats.hidden_nodes == 0;
	return l;
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

static bool
has_short_labels(const struct picture *p)
{
	return fits[p->fit].is_short && p->question.labels == EDGE_LABEL_RATE &&
	       !p->question.shows_security;
}

static bool
never_fits(const struct graph *g)
{
	return g->nodes.len > MOST_THAT_FIT || g->edges.len > 2 * MOST_THAT_FIT;
}

/* A picture this large never fits a screen: at once the full one.  Neither is
 * one bent to the screen whose form was chosen. */
static bool
fit_applies(const struct picture *p, unsigned fit)
{
	if (fit == ARRAY_LEN(fits) - 1)
		return true;
	if (never_fits(p->graph) || p->question.form != LAYOUT_AUTO)
		return false;
	return fit == 0 || (p->question.labels == EDGE_LABEL_RATE && !p->question.shows_security &&
			    p->graph->nodes.len <= MOST_TRIES);
}

/* From the fit that p->fit says on; p->fit is the one that was taken. */
static struct layout *
lay_out(struct picture *p, const struct layout *previous)
{
	struct layout *l = NULL;

	p->notes = p->question.zoom == ZOOM_BOX ? graph_notes(p->graph, &p->question.notes, p->texts) : NULL;
	p->marks = graph_marks(p->graph, p->texts);
	for (;; p->fit++) {
		struct layout_options options = {
			.form = p->question.form, .zoom = p->question.zoom, .node_notes = p->notes, .node_marks = p->marks,
		};
		bool is_whole, is_last = p->fit + 1 == ARRAY_LEN(fits);

		if (!fit_applies(p, p->fit))
			continue;
		p->labels = p->question.labels != 0 || p->question.shows_security ?
			    make_edge_labels(p, has_short_labels(p)) : NULL;
		options.edge_labels = p->labels;
		options.groups = p->groups;
		if (!fits[p->fit].is_full) {
			options.cols = p->question.cols > 0 ? p->question.cols : 80;
			options.rows = p->question.rows;
		}
		if (fits[p->fit].has_sums) {
			options.sum_label = sum_label;
			options.sum_data = p;
		}
		layout_free(&l);
		l = try_layout(p, &options, previous, &is_whole);
		if (l == NULL || is_whole || is_last)
			return l;
	}
}

/* All of the work; touches nothing but the picture, so any thread may do it. */
static void
paint(void *arg)
{
	struct picture *p = arg;
	struct layout *first;

	p->layout = lay_out(p, p->previous);
	if (p->layout == NULL || !p->settles || never_fits(p->graph))
		return;
	/* A new picture may still find a better order from its own: now, not
	 * with the next figures. */
	first = p->layout;
	p->layout = lay_out(p, first);
	layout_free(&first);
}

static void
picture_free(struct picture **pp)
{
	struct picture *p = *pp;

	if (p == NULL)
		return;
	layout_free(&p->layout);
	graph_groups_free(&p->groups);
	graph_free(&p->graph);
	arena_free(&p->texts);
	free(p);
	*pp = NULL;
}

/*
 * Only figures changed: their digits are put where the old ones stand in the
 * texts that the layout borrows, and nothing is laid out again.  Keys never
 * wait for a large picture this way.
 */
static bool
put_figures(struct picture *old, struct graph *shown)
{
	struct picture now = *old;
	size_t nodes = shown->nodes.len, edges = shown->edges.len;
	bool fits_in;

	if (fits[old->fit].has_sums || !picture_same_looks(shown, old->graph))
		return false;
	now.graph = shown;
	now.texts = arena_new();
	now.labels = old->labels != NULL ? make_edge_labels(&now, has_short_labels(old)) : NULL;
	fits_in = picture_same_lengths(now.labels, old->labels, edges) &&
		  picture_same_texts(old->notes == NULL ? NULL :
				     graph_notes(shown, &now.question.notes, now.texts),
				     old->notes, nodes) &&
		  picture_same_texts(graph_marks(shown, now.texts), old->marks, nodes);
	if (fits_in && now.labels != NULL)
		picture_put_texts(old->labels, now.labels, edges);
	arena_free(&now.texts);
	return fits_in;
}

static unsigned
wanted_boxes(const struct model_query *q)
{
	return (q->hides_app_boxes || q->type != GRAPH_VERSIONED_APP ? 0 : 1u << GROUP_APP) |
	       (q->hides_namespace_boxes ? 0 : 1u << GROUP_NAMESPACE) |
	       (q->hides_cluster_boxes ? 0 : 1u << GROUP_CLUSTER);
}

void
topology_notes(const struct model_query *q, struct note_options *out)
{
	out->has_badges = !q->hides_badges;
	out->has_missing_sidecars = !q->hides_missing_sidecars;
	out->has_ranks = q->shows_ranks;
	out->rank_by = q->rank_by;
}

static struct picture_question
question_of(struct topology *t)
{
	const struct model_query *q = &app_model(t->screen.app)->query;
	struct picture_question question;

	memset(&question, 0, sizeof(question));		/* compared as bytes */
	question.cols = t->view_cols;
	question.rows = t->view_rows;
	question.labels = q->labels;
	question.zoom = t->zoom;
	question.form = (enum layout_form)q->form;
	topology_notes(q, &question.notes);
	question.shows_security = q->shows_security;
	question.boxes = wanted_boxes(q);
	question.type = q->type;
	question.no_service_nodes = q->no_service_nodes;
	return question;
}

static bool
same_question(const struct picture *p, const struct picture_question *question)
{
	return p != NULL && memcmp(&p->question, question, sizeof(*question)) == 0;
}

/* Are nodes of both pictures of one kind, so that they stay where they are?
 * Layers of another kind of graph are not worth keeping. */
static bool
same_kind(const struct picture *p, const struct picture_question *question)
{
	return p != NULL && p->question.type == question->type &&
	       p->question.no_service_nodes == question->no_service_nodes;
}

static size_t
count_namespaces(const struct graph *g)
{
	struct strmap seen = STRMAP_INIT;
	size_t count;

	for (size_t i = 0; i < g->nodes.len; i++)
		if (g->nodes.items[i].ns[0] != '\0')
			strmap_put(&seen, slice_of(g->nodes.items[i].ns));
	count = seen.count;
	strmap_fini(&seen);
	return count;
}

/* What is known about the graph shown is no longer true. */
static void
on_shown(struct topology *t)
{
	grid_free(&t->grid);
	t->namespaces = count_namespaces(t->shown);
	topology_mark_found(t);
}

/* The finished picture takes the old one's place. */
static void
take_over(struct topology *t)
{
	struct picture *old = t->picture, *p = t->coming;
	bool is_background = t->worker != NULL;
	int64_t now = app_now_ms(t->screen.app);
	char *wanted = t->wanted;

	background_join(&t->worker);
	t->coming = NULL;
	t->picture = p;
	if (p->layout == NULL)
		app_say_error(t->screen.app, &p->err);
	if (t->shown != (old != NULL ? old->graph : NULL))
		graph_free(&t->shown);
	t->shown = p->graph;
	t->layout = p->layout;
	t->quiet_until_ms = is_background ? now + QUIET_TIMES * (now - p->begun_ms) : 0;
	if (t->layout != NULL)
		layout_get_stats(t->layout, &t->stats);
	on_shown(t);
	picture_free(&old);
	topology_flow_reset(t);
	t->wants_sight = t->wants_sight || !t->is_panned;
	t->wanted = NULL;
	if (wanted != NULL)
		topology_select(t, wanted);	/* no command: other screens may lie over it */
	free(wanted);
}

static void
begin(struct topology *t, struct graph *shown, const struct picture_question *question,
      bool is_same)
{
	struct picture *p = xcalloc(1, sizeof(*p));

	p->graph = shown;
	p->texts = arena_new();
	p->question = *question;
	p->groups = graph_groups_new(shown, question->boxes);
	p->fit = is_same ? t->picture->fit : 0;
	p->settles = !is_same;
	p->previous = !t->starts_anew && same_kind(t->picture, question) ? t->layout : NULL;
	t->starts_anew = false;
	p->begun_ms = app_now_ms(t->screen.app);
	t->coming = p;
	t->wants_layout = false;
	if (shown->nodes.len + shown->edges.len > MOST_AT_ONCE && app_poll_soon(t->screen.app))
		t->worker = background_start(paint, p);
	if (t->worker != NULL)
		return;
	paint(p);
	take_over(t);
}

/* The graph is another one than was asked for: that is on its way. */
bool
topology_is_reading(const struct topology *t)
{
	const struct feed *f = app_feed(t->screen.app);

	return f->ops->is_busy != NULL && f->ops->is_busy(f);
}

/* Large meshes begin folded; who asks for all gets all. */
static void
choose_fold(struct topology *t)
{
	const struct graph *g = app_model(t->screen.app)->graph;

	if (t->has_chosen_fold)
		return;
	t->fold = g->nodes.len > MOST_UNFOLDED && count_namespaces(g) >= 3 ? FOLD_NAMESPACE : FOLD_NONE;
	if (g->nodes.len <= MOST_UNFOLDED || topology_is_reading(t))
		return;		/* another graph is coming */
	t->has_chosen_fold = true;
	if (t->fold == FOLD_NONE)
		return;
	app_say_how(t->screen.app, SEVERITY_INFO,
		    "{open} opens one, {zoom-in} all, :edges and :matrix list them",
		    "%zu nodes: folded by namespace", g->nodes.len);
}

void
topology_make_layout(struct topology *t)
{
	struct model *m = app_model(t->screen.app);
	struct picture_question question = question_of(t);
	struct shown_options options = {
		.is_open = topology_group_is_open, .open_arg = t, .focus = t->focus, .hops = t->hops,
	};
	struct graph *shown;
	bool is_same;

	if (t->worker != NULL)
		return;		/* one at a time; asked again when it is done */
	choose_fold(t);
	options.fold = t->fold;
	is_same = same_question(t->picture, &question) && !t->starts_anew;
	if (is_same && !t->is_asked && app_now_ms(t->screen.app) < t->quiet_until_ms)
		return;		/* a large picture is not laid out with every figure */
	shown = graph_shown(m, &options);
	is_same = is_same && picture_same_shape(shown, t->shown);
	t->is_asked = false;
	if (!is_same || !put_figures(t->picture, shown)) {
		begin(t, shown, &question, is_same);
		return;
	}
	if (t->shown != t->picture->graph)
		graph_free(&t->shown);
	t->shown = shown;
	t->wants_layout = false;
	on_shown(t);
}

bool
topology_collect(struct topology *t)
{
	if (t->worker == NULL)
		return false;
	if (!background_is_done(t->worker)) {
		app_poll_soon(t->screen.app);
		return false;
	}
	take_over(t);
	return true;
}

void
topology_drop_pictures(struct topology *t)
{
	background_join(&t->worker);
	picture_free(&t->coming);
	if (t->picture == NULL || t->shown != t->picture->graph)
		graph_free(&t->shown);
	picture_free(&t->picture);
	free(t->wanted);
}
