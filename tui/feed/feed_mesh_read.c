/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the engine's answer to the model's graph.
 *
 * Of a small mesh that is done at once.  Of a large one it takes longer than
 * a key may wait, so that a thread does it: it alone writes to the series
 * store, under the lock; what the console reads there meanwhile takes the lock
 * for reading.  There is one reading at a time; what is asked or answered
 * while it is under way makes the next one.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "tui/feed/background.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define MOST_SERIES_AT_ONCE 400u	/* more are read beside the console */
#define READING_POLL_NS (5 * NS_PER_MS)

#define SERIES_UNDER_LOCK 64u	/* fed before others may read again */
#define PAGES_MOST ((size_t)GRAPH_TYPES * 2)

/* One of model->pages. */
struct page_reading {
	enum graph_type type;
	bool with_service_nodes;
	bool is_lacking;		/* also when the picture's graph stays as it is */
	struct graph_options options;
	struct graph *graph;		/* NULL: not read */
};

/* Owns all that it works with, but for the store of series. */
struct reading {
	struct series_store *series;
	pthread_rwlock_t *lock;
	struct buf answer;		/* of the engine */
	char *past;			/* ring file that is read first; NULL */
	atomic_bool is_unwanted;	/* the console closes: no more of the past */
	bool has_answer, wants_graph;
	bool follows;			/* the graph is that of the newest answer */
	struct mesh *mesh;		/* NULL: no configuration is known */
	struct graph_options options;	/* to_ms 0: the newest there is */
	int64_t at_ms;			/* moment of the past that was asked for, 0: now */
	int64_t window_ms, change_ms;
	bool is_good;			/* the answer says something */
	struct graph *graph;
	struct page_reading pages[PAGES_MOST];	/* that somebody looks at */
	size_t page_count;
	struct series_state state;	/* after the answer */
};

static struct series_state
state_of(const struct series_store *s)
{
	return (struct series_state){
		.count = series_count(s), .generation = series_generation(s),
		.oldest_ms = series_oldest_ms(s), .newest_ms = series_newest_ms(s),
	};
}

static void
build_graph(struct reading *r)
{
	struct graph_options *o = &r->options;

	if (o->to_ms == 0)
		o->to_ms = series_newest_ms(r->series);
	o->from_ms = o->to_ms - r->window_ms;
	/* After a change the window begins at the change, until it is full again. */
	if (r->change_ms > o->from_ms && r->change_ms < o->to_ms)
		o->from_ms = r->change_ms;
	r->graph = graph_build(r->series, r->mesh, o);
}

static void
build_pages(struct reading *r)
{
	for (size_t i = 0; i < r->page_count; i++) {
		struct page_reading *p = &r->pages[i];

		if (r->graph != NULL) {
			p->options.from_ms = r->options.from_ms;
			p->options.to_ms = r->options.to_ms;
		}
		if (r->graph != NULL || p->is_lacking)
			p->graph = graph_build(r->series, r->mesh, &p->options);
	}
}

/* A key that reads the store meanwhile waits for a few series, not for all.
 * false: the text says nothing. */
static bool
feed_series(struct reading *r, const char *text, size_t len)
{
	struct telemetry t;
	bool is_good = telemetry_read(&t, text, len, NULL) == 0, has_more = is_good;

	while (has_more) {
		pthread_rwlock_wrlock(r->lock);
		has_more = series_feed_part(r->series, &t, SERIES_UNDER_LOCK);
		pthread_rwlock_unlock(r->lock);
	}
	return is_good;
}

/* As series_feed_file() does, but others may read between the lines. */
static void
feed_past(struct reading *r)
{
	FILE *f = fopen(r->past, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (f == NULL)
		return;
	while (!atomic_load(&r->is_unwanted) && (len = getline(&line, &cap, f)) > 0)
		feed_series(r, line, (size_t)len);
	free(line);
	fclose(f);
}

/* All of the work; any thread may do it. */
static void
work(void *arg)
{
	struct reading *r = arg;

	if (r->past != NULL)
		feed_past(r);
	if (r->has_answer)
		r->is_good = feed_series(r, buf_str(&r->answer), r->answer.len);
	pthread_rwlock_rdlock(r->lock);
	if (r->wants_graph || (r->is_good && r->follows))
		build_graph(r);
	build_pages(r);
	r->state = state_of(r->series);
	pthread_rwlock_unlock(r->lock);
}

static char **
copy_names(const char *const *names, size_t count)
{
	char **copy = names != NULL ? xcalloc(count + 1, sizeof(*copy)) : NULL;

	for (size_t i = 0; copy != NULL && i < count; i++)
		copy[i] = xstrdup(names[i]);
	return copy;
}

/* As it is, or was at the moment of the past that is looked at; may be NULL. */
static struct mesh *
mesh_at(struct feed_mesh *f, int64_t at_ms)
{
	const struct model *m = f->feed.model;

	return m->query.at_ms != 0 ? feed_mesh_then(f, at_ms) : m->mesh;
}

static int64_t
asked_ms(const struct feed_mesh *f)
{
	const struct model_query *q = &f->feed.model->query;

	return q->at_ms != 0 ? q->at_ms : q->is_frozen ? f->frozen_ms : 0;
}

static void
want_pages(struct reading *r, const struct model *m)
{
	for (enum graph_type type = 0; type < GRAPH_TYPES; type++) {
		for (unsigned with = 0; with < 2; with++) {
			const struct model_page *p = &m->pages[type][with];

			if (p->is_wanted)
				r->pages[r->page_count++] = (struct page_reading){
					.type = type, .with_service_nodes = with,
					.is_lacking = p->graph == NULL,
					.options = model_page_options(m, type, with),
				};
		}
	}
}

static struct reading *
reading_new(struct feed_mesh *f)
{
	struct model *m = f->feed.model;
	struct reading *r = xcalloc(1, sizeof(*r));
	int64_t at_ms = asked_ms(f);
	struct mesh *mesh = mesh_at(f, at_ms);

	r->series = f->series;
	r->lock = &f->series_lock;
	r->answer = f->answer;
	f->answer = (struct buf){ 0 };
	r->past = f->past;
	f->past = NULL;
	atomic_init(&r->is_unwanted, false);
	r->has_answer = f->has_answer;
	r->wants_graph = f->wants_graph;
	r->follows = !m->query.is_frozen;
	r->mesh = mesh != NULL ? mesh_get(mesh) : NULL;
	r->options = model_graph_options(m, at_ms);
	r->options.namespaces = (const char *const *)copy_names(r->options.namespaces,
								r->options.namespace_count);
	r->at_ms = at_ms;
	r->window_ms = (int64_t)m->query.window_s * 1000;
	r->change_ms = feed_mesh_change_ms(f);
	want_pages(r, m);
	f->has_answer = f->wants_graph = false;
	return r;
}

static void
reading_free(struct reading **rp)
{
	struct reading *r = *rp;
	char **names = (char **)(uintptr_t)r->options.namespaces;

	for (size_t i = 0; names != NULL && i < r->options.namespace_count; i++)
		free(names[i]);
	free(names);
	if (r->mesh != NULL)
		mesh_put(&r->mesh);
	graph_free(&r->graph);
	for (size_t i = 0; i < r->page_count; i++)
		graph_free(&r->pages[i].graph);
	buf_fini(&r->answer);
	free(r->past);
	free(r);
	*rp = NULL;
}

static void
take_graph(struct feed_mesh *f, struct reading *r)
{
	struct model *m = f->feed.model;

	model_set_graph(m, r->graph);
	r->graph = NULL;
	m->change_ms = r->change_ms;
	m->data_ms = r->options.to_ms;
	m->oldest_ms = r->state.oldest_ms;
	m->newest_ms = r->state.newest_ms;
	m->window_s = m->graph->window_s;
}

/* How many there were. */
static size_t
take_pages(struct model *m, struct reading *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->page_count; i++) {
		struct page_reading *p = &r->pages[i];

		if (p->graph == NULL)
			continue;
		model_set_page(m, p->type, p->with_service_nodes, p->graph);
		p->graph = NULL;
		count++;
	}
	return count;
}

/* What the reading made is the model's now. */
static void
take_over(struct feed_mesh *f, bool is_told)
{
	struct reading *r = f->reading;
	/* Of now, when by now the past is looked at, or the other way: not shown. */
	bool is_timely = r->at_ms == asked_ms(f), has_graphs = false;

	background_join(&f->reader);
	f->reading = NULL;
	f->known = r->state;
	if (r->past != NULL)
		feed_mesh_judge_state(f);
	if (is_timely) {
		has_graphs = r->graph != NULL;
		if (has_graphs)
			take_graph(f, r);
		has_graphs |= take_pages(f->feed.model, r) > 0;
	}
	if (r->has_answer)
		feed_mesh_answered(f, r->is_good, buf_str(&r->answer), r->answer.len);
	if (has_graphs && is_told && !r->is_good)
		feed_mesh_tell(f, MODEL_GRAPH | MODEL_STATE);
	reading_free(&r);
}

static void on_reading(struct timer *t);

static bool
is_large(const struct feed_mesh *f)
{
	return f->is_open && f->known.count > MOST_SERIES_AT_ONCE;
}

/* Begins the next reading; true when it is done already (and told, if is_told). */
static bool
begin(struct feed_mesh *f, bool is_told)
{
	if (f->reading != NULL ||
	    (!f->has_answer && !f->wants_graph && !model_lacks_page(f->feed.model)))
		return false;
	f->reading = reading_new(f);
	if (is_large(f) || f->reading->past != NULL)
		f->reader = background_start(work, f->reading);
	if (f->reader != NULL) {
		loop_timer_set(f->loop, &f->reading_timer,
			       loop_exact_ns(f->loop) + READING_POLL_NS, on_reading);
		return false;
	}
	work(f->reading);
	take_over(f, is_told);
	return true;
}

static void
on_reading(struct timer *t)
{
	struct feed_mesh *f = CONTAINER_OF(t, struct feed_mesh, reading_timer);

	if (f->reader != NULL && !background_is_done(f->reader)) {
		loop_timer_set(f->loop, t, loop_exact_ns(f->loop) + READING_POLL_NS, on_reading);
		return;
	}
	if (f->reading != NULL)
		take_over(f, true);
	begin(f, true);
}

/* Not at once: the page that asks is being filled. */
bool
feed_mesh_read_pages(struct feed *feed)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	if (!is_large(f) && (f->reading == NULL || f->reading->past == NULL))
		return false;
	if (f->reading == NULL)
		loop_timer_set(f->loop, &f->reading_timer, loop_exact_ns(f->loop), on_reading);
	return true;
}

bool
feed_mesh_fill(struct feed_mesh *f)
{
	f->wants_graph = true;
	return begin(f, false);
}

void
feed_mesh_take_answer(struct feed_mesh *f, const char *text, size_t len)
{
	buf_clear(&f->answer);
	buf_append(&f->answer, text, len);
	f->has_answer = true;
	begin(f, false);
}

/* The reading that is under way, and that of what was answered meanwhile. */
void
feed_mesh_settle(struct feed *feed)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	for (unsigned i = 0; i < 2 && f->reading != NULL &&
			     (f->reading->has_answer || f->has_answer); i++) {
		take_over(f, true);
		begin(f, true);
	}
}

void
feed_mesh_end_reading(struct feed_mesh *f)
{
	loop_timer_cancel(&f->reading_timer);
	if (f->reading != NULL)
		atomic_store(&f->reading->is_unwanted, true);
	background_join(&f->reader);
	if (f->reading != NULL)
		reading_free(&f->reading);
	buf_fini(&f->answer);
	free(f->past);
	f->past = NULL;
}

struct graph *
feed_mesh_build(struct feed *feed, const struct graph_options *options)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	struct graph *g;

	pthread_rwlock_rdlock(&f->series_lock);
	g = graph_build(f->series, mesh_at(f, options->to_ms), options);
	pthread_rwlock_unlock(&f->series_lock);
	return g;
}

struct metrics *
feed_mesh_metrics(struct feed *feed, const struct metrics_query *q)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	struct metrics *m;

	pthread_rwlock_rdlock(&f->series_lock);
	m = metrics_read(f->series, q);
	pthread_rwlock_unlock(&f->series_lock);
	return m;
}
