/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a store of series to the graphs of a model, for every feed.
 *
 * Of a small mesh that is done at once.  Of a large one it takes longer than
 * a key may wait, so that a thread does it: it alone writes to the series
 * store, under the lock; what the console reads there meanwhile takes the lock
 * for reading.  There is one reading at a time; what is asked or answered
 * while it is under way makes the next one.
 */
#ifndef MESHTOP_TUI_READER_H
#define MESHTOP_TUI_READER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/loop.h"

struct background;
struct error;
struct graph;
struct graph_options;
struct mesh;
struct metrics;
struct metrics_query;
struct model;
struct reading;
struct series_store;

/* What the console knows of the series store without asking it: its own words
 * are read under the lock only. */
struct series_state {
	size_t count;
	uint64_t generation;
	int64_t oldest_ms, newest_ms;
};

struct reader_end {
	bool had_past;			/* a ring file was read */
	bool has_answer, is_good;	/* of the engine; it says something */
	const char *text;		/* the answer */
	size_t len;
	bool is_timely;			/* of the moment that is looked at by now */
	bool has_graphs;		/* the model has new ones */
	bool was_begun_elsewhere;	/* whoever asked for them waits to be told */
};

struct reader_ops {
	/* The mesh as it was configured at that moment (0: now); borrowed, NULL: none
	 * is known. */
	struct mesh *(*mesh_at)(void *arg, int64_t at_ms);
	/* May be NULL.  Called by the thread of a reading, before its graphs are built:
	 * the mesh of that moment (may be NULL), when mesh_at() cannot know it yet; borrowed
	 * until on_end().  false: it can. */
	bool (*load)(void *arg, int64_t at_ms, struct mesh **mesh);
	/* Of the last change before what is looked at; 0: none.  May be NULL. */
	int64_t (*change_ms)(void *arg);
	void (*on_end)(void *arg, const struct reader_end *end);
};

struct reader {
	const struct reader_ops *ops;
	void *arg;
	struct model *model;
	struct loop *loop;
	struct series_store *series;	/* written to by a reading only */
	pthread_rwlock_t lock;
	struct series_state known;
	struct reading *reading;	/* under way; in the thread unless it is small */
	struct background *thread;
	struct timer timer;
	struct buf answer;		/* of the engine, for the next reading */
	char *past;			/* ring file for the next reading; NULL */
	bool has_answer, wants_graph;
	bool is_open;			/* somebody waits for keys */
	int64_t frozen_ms;		/* newest when the picture was frozen */
};

void reader_init(struct reader *r, struct loop *loop, struct model *m,
		 const struct reader_ops *ops, void *arg);
void reader_fini(struct reader *r);		/* waits for what is read */
/* Fills the graph anew; true when that is done, else on_end() tells when it is. */
bool reader_fill(struct reader *r);
/* What the engine answered about telemetry is read, then on_end() is called. */
void reader_take_answer(struct reader *r, const char *text, size_t len);
/* Waits for the reading that is under way, and that of what was answered meanwhile. */
void reader_settle(struct reader *r);
bool reader_is_busy(const struct reader *r);
/* feed_ops.read_pages, .build (of this mesh) and .metrics */
bool reader_read_pages(struct reader *r);
struct graph *reader_build(struct reader *r, struct mesh *mesh, const struct graph_options *options);
struct metrics *reader_metrics(struct reader *r, const struct metrics_query *q);

#endif
