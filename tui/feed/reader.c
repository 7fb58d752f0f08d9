/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From series to graphs, beside the keys when there are many; see reader.h. */
#include "tui/feed/reader.h"

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
	const struct reader_ops *ops;
	void *arg;
	struct buf answer;		/* of the engine */
	char *past;			/* ring file that is read first; NULL */
	atomic_bool is_unwanted;	/* the console closes: no more of the past */
	bool has_answer, wants_graph;
	bool follows;			/* the graph is that of the newest answer */
	struct mesh *mesh;		/* NULL: no configuration is known */
	struct mesh *mesh_of_graphs;	/* that, or what was loaded since; borrowed */
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
	r->graph = graph_build(r->series, r->mesh_of_graphs, o);
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
			p->graph = graph_build(r->series, r->mesh_of_graphs, &p->options);
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
	if (r->ops->load != NULL && r->wants_graph)
		r->ops->load(r->arg, r->at_ms, &r->mesh_of_graphs);
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

static int64_t
asked_ms(const struct reader *r)
{
	const struct model_query *q = &r->model->query;

	return q->at_ms != 0 ? q->at_ms : q->is_frozen ? r->frozen_ms : 0;
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
reading_new(struct reader *from)
{
	struct model *m = from->model;
	struct reading *r = xcalloc(1, sizeof(*r));
	int64_t at_ms = asked_ms(from);
	struct mesh *mesh = from->ops->mesh_at(from->arg, at_ms);

	r->series = from->series;
	r->lock = &from->lock;
	r->ops = from->ops;
	r->arg = from->arg;
	r->answer = from->answer;
	from->answer = (struct buf){ 0 };
	r->past = from->past;
	from->past = NULL;
	atomic_init(&r->is_unwanted, false);
	r->has_answer = from->has_answer;
	r->wants_graph = from->wants_graph;
	r->follows = !m->query.is_frozen;
	r->mesh = r->mesh_of_graphs = mesh != NULL ? mesh_get(mesh) : NULL;
	r->options = model_graph_options(m, at_ms);
	r->options.namespaces = (const char *const *)copy_names(r->options.namespaces,
								r->options.namespace_count);
	r->at_ms = at_ms;
	r->window_ms = (int64_t)m->query.window_s * 1000;
	r->change_ms = from->ops->change_ms != NULL ? from->ops->change_ms(from->arg) : 0;
	want_pages(r, m);
	from->has_answer = from->wants_graph = false;
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
take_graph(struct model *m, struct reading *r)
{
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
take_over(struct reader *from, bool was_begun_elsewhere)
{
	struct reading *r = from->reading;
	struct reader_end end = {
		.had_past = r->past != NULL, .has_answer = r->has_answer,
		/* Of now, when by now the past is looked at, or the other way: not shown. */
		.is_timely = r->at_ms == asked_ms(from),
		.was_begun_elsewhere = was_begun_elsewhere,
	};

	background_join(&from->thread);
	from->reading = NULL;
	from->known = r->state;
	if (end.is_timely) {
		end.has_graphs = r->graph != NULL;
		if (end.has_graphs)
			take_graph(from->model, r);
		end.has_graphs |= take_pages(from->model, r) > 0;
	}
	end.is_good = r->is_good;
	end.text = buf_str(&r->answer);
	end.len = r->answer.len;
	from->ops->on_end(from->arg, &end);
	reading_free(&r);
}

static void on_reading(struct timer *t);

static bool
is_large(const struct reader *r)
{
	return r->is_open && r->known.count > MOST_SERIES_AT_ONCE;
}

/* Begins the next reading; true when it is done already. */
static bool
begin(struct reader *r, bool was_begun_elsewhere)
{
	if (r->reading != NULL ||
	    (!r->has_answer && !r->wants_graph && !model_lacks_page(r->model)))
		return false;
	r->reading = reading_new(r);
	if (is_large(r) || r->reading->past != NULL)
		r->thread = background_start(work, r->reading);
	if (r->thread != NULL) {
		loop_timer_set(r->loop, &r->timer, loop_exact_ns(r->loop) + READING_POLL_NS, on_reading);
		return false;
	}
	work(r->reading);
	take_over(r, was_begun_elsewhere);
	return true;
}

static void
on_reading(struct timer *t)
{
	struct reader *r = CONTAINER_OF(t, struct reader, timer);

	if (r->thread != NULL && !background_is_done(r->thread)) {
		loop_timer_set(r->loop, t, loop_exact_ns(r->loop) + READING_POLL_NS, on_reading);
		return;
	}
	if (r->reading != NULL)
		take_over(r, true);
	begin(r, true);
}

/* Not at once: the page that asks is being filled. */
bool
reader_read_pages(struct reader *r)
{
	if (!is_large(r) && (r->reading == NULL || r->reading->past == NULL))
		return false;
	if (r->reading == NULL)
		loop_timer_set(r->loop, &r->timer, loop_exact_ns(r->loop), on_reading);
	return true;
}

bool
reader_fill(struct reader *r)
{
	r->wants_graph = true;
	return begin(r, false);
}

void
reader_take_answer(struct reader *r, const char *text, size_t len)
{
	buf_clear(&r->answer);
	buf_append(&r->answer, text, len);
	r->has_answer = true;
	begin(r, false);
}

void
reader_settle(struct reader *r)
{
	for (unsigned i = 0; i < 2 && r->reading != NULL &&
			     (r->reading->has_answer || r->has_answer); i++) {
		take_over(r, true);
		begin(r, true);
	}
}

bool
reader_is_busy(const struct reader *r)
{
	return r->reading != NULL || model_lacks_page(r->model);
}

struct graph *
reader_build(struct reader *r, struct mesh *mesh, const struct graph_options *options)
{
	struct graph *g;

	pthread_rwlock_rdlock(&r->lock);
	g = graph_build(r->series, mesh, options);
	pthread_rwlock_unlock(&r->lock);
	return g;
}

struct metrics *
reader_metrics(struct reader *r, const struct metrics_query *q)
{
	struct metrics *m;

	pthread_rwlock_rdlock(&r->lock);
	m = metrics_read(r->series, q);
	pthread_rwlock_unlock(&r->lock);
	return m;
}

void
reader_init(struct reader *r, struct loop *loop, struct model *m, const struct reader_ops *ops,
	    void *arg)
{
	*r = (struct reader){
		.ops = ops, .arg = arg, .model = m, .loop = loop, .series = series_new(),
	};
	pthread_rwlock_init(&r->lock, NULL);
}

void
reader_fini(struct reader *r)
{
	loop_timer_cancel(&r->timer);
	if (r->reading != NULL)
		atomic_store(&r->reading->is_unwanted, true);
	background_join(&r->thread);
	if (r->reading != NULL)
		reading_free(&r->reading);
	buf_fini(&r->answer);
	free(r->past);
	series_free(&r->series);
	pthread_rwlock_destroy(&r->lock);
}
