/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dots that move along lines; see flow.h. */
#include "src/topology/flow.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"
#include "src/topology/layout.h"

#define DELAY_LEAST_MS 40.0
#define DELAY_MOST_MS 5000.0
#define LEAST_DISTANCE 3u	/* cells between two dots: nearer ones do not seem to move */

struct dot {
	unsigned at;			/* cell of the path */
	bool is_error;
};

struct stream {				/* one edge */
	struct layout_path path;
	VEC(struct dot) dots;		/* the newest last */
	double phase;			/* of the next dot, 0..1 */
	double errors;			/* of a dot that is owed */
};

struct flow {
	struct stream *streams;
	size_t count, dots;
	size_t turn;			/* the edge that may begin a dot first */
};

double
flow_delay_ms(const struct graph_edge *e, double scale)
{
	double base = e->protocol == EDGE_TCP ? 20 : 1, delay;

	if (!(e->rate > 0) || e->is_idle)
		return 0;
	delay = 1000 * base * scale / e->rate;
	return delay < DELAY_LEAST_MS ? DELAY_LEAST_MS : delay > DELAY_MOST_MS ? DELAY_MOST_MS : delay;
}

struct flow *
flow_new(void)
{
	return xcalloc(1, sizeof(struct flow));
}

static void
drop_streams(struct stream *streams, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vec_fini(&streams[i].path.cells);
		vec_fini(&streams[i].dots);
	}
	free(streams);
}

void
flow_free(struct flow **fp)
{
	if (*fp == NULL)
		return;
	drop_streams((*fp)->streams, (*fp)->count);
	free(*fp);
	*fp = NULL;
}

static bool
same_path(const struct stream *a, const struct stream *b)
{
	return a->path.cells.len == b->path.cells.len && a->path.cells.len > 0 &&
	       memcmp(a->path.cells.items, b->path.cells.items,
		      a->path.cells.len * sizeof(*a->path.cells.items)) == 0;
}

/* The dots of the stream before go on; both keep what they can free. */
static void
carry_on(struct stream *now, struct stream *before)
{
	struct stream old = *before;

	before->dots = now->dots;
	now->dots = old.dots;
	now->phase = old.phase;
	now->errors = old.errors;
}

void
flow_set(struct flow *f, const struct layout *l, const struct graph *g)
{
	size_t count = l != NULL && g->edges.len <= FLOW_MOST_EDGES ? g->edges.len : 0;
	struct stream *streams = xcalloc(count + 1, sizeof(*streams));

	f->dots = 0;
	for (size_t i = 0; i < count; i++) {
		layout_edge_path(l, i, &streams[i].path);
		if (i < f->count && same_path(&streams[i], &f->streams[i]))
			carry_on(&streams[i], &f->streams[i]);
		f->dots += streams[i].dots.len;
	}
	drop_streams(f->streams, f->count);
	f->streams = streams;
	f->count = count;
	f->turn = 0;
}

static bool
is_seen(const struct stream *s, const struct layout_rect *sight)
{
	for (size_t i = 0; i < s->path.cells.len; i++) {
		const struct layout_cell *c = &s->path.cells.items[i];

		if (c->col >= sight->col && c->col < sight->col + sight->cols &&
		    c->row >= sight->row && c->row < sight->row + sight->rows)
			return true;
	}
	return false;
}

/* One cell further; the cell of the arrow head is no longer theirs. */
static void
move_dots(struct flow *f, struct stream *s)
{
	size_t gone = 0;

	for (size_t i = 0; i < s->dots.len; i++)
		gone += ++s->dots.items[i].at + 1 >= s->path.cells.len;
	if (gone == 0)
		return;
	s->dots.len -= gone;
	f->dots -= gone;
	memmove(s->dots.items, s->dots.items + gone, s->dots.len * sizeof(*s->dots.items));
}

static void
begin_dot(struct flow *f, struct stream *s, const struct graph_edge *e)
{
	const struct dot *last = s->dots.len > 0 ? &s->dots.items[s->dots.len - 1] : NULL;
	struct dot dot = { 0, false };

	if (f->dots >= FLOW_MOST_DOTS || (last != NULL && last->at < LEAST_DISTANCE))
		return;
	s->errors += e->errors / e->rate;
	dot.is_error = s->errors >= 1 - 1e-9;
	s->errors -= dot.is_error ? 1 : 0;
	vec_push(&s->dots, dot);
	f->dots++;
}

/* How much slower than the rule, so that a busy picture keeps to its dots. */
static double
scale_for(const struct flow *f, const struct graph *g, const bool *seen)
{
	double dots = 0;

	for (size_t i = 0; i < f->count; i++) {
		double delay = seen[i] ? flow_delay_ms(&g->edges.items[i], 1) : 0;
		double cells = delay / FLOW_FRAME_MS;

		if (delay > 0)
			dots += (double)f->streams[i].path.cells.len /
				(cells > LEAST_DISTANCE ? cells : LEAST_DISTANCE);
	}
	return dots > FLOW_MOST_DOTS ? dots / FLOW_MOST_DOTS : 1;
}

static void
step_stream(struct flow *f, size_t i, const struct graph_edge *e, double scale)
{
	struct stream *s = &f->streams[i];
	double delay = flow_delay_ms(e, scale);

	if (delay <= 0)
		return;
	s->phase += FLOW_FRAME_MS / delay;
	if (s->phase < 1)
		return;
	s->phase -= (double)(unsigned)s->phase;
	begin_dot(f, s, e);
}

bool
flow_step(struct flow *f, const struct graph *g, const struct layout_rect *sight)
{
	bool *seen, flows = f->dots > 0;
	double scale;

	if (f->count != g->edges.len)
		return false;
	seen = xcalloc(f->count + 1, sizeof(*seen));
	for (size_t i = 0; i < f->count; i++) {
		seen[i] = is_seen(&f->streams[i], sight);
		move_dots(f, &f->streams[i]);
		flows = flows || (seen[i] && flow_delay_ms(&g->edges.items[i], 1) > 0);
	}
	scale = scale_for(f, g, seen);
	for (size_t k = 0; k < f->count; k++) {
		size_t i = (f->turn + k) % f->count;

		if (seen[i])
			step_stream(f, i, &g->edges.items[i], scale);
	}
	f->turn = f->count > 0 ? (f->turn + 1) % f->count : 0;
	free(seen);
	return flows;
}

void
flow_each(const struct flow *f, flow_dot_fn *fn, void *arg)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct stream *s = &f->streams[i];

		for (size_t k = 0; k < s->dots.len; k++) {
			const struct layout_cell *c = &s->path.cells.items[s->dots.items[k].at];

			fn(arg, i, c->col, c->row, s->dots.items[k].is_error);
		}
	}
}
