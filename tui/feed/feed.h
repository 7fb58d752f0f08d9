/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a model comes from: a struct of operations, so that the console does
 * not know whether an engine, a recording or a test stands behind it.
 *
 * Nothing here waits: an operation that takes time is begun, and its end is
 * told through the sink.
 */
#ifndef MESHTOP_TUI_FEED_H
#define MESHTOP_TUI_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct feed;
struct graph;
struct graph_options;
struct feed_question;
struct metrics;
struct metrics_query;
struct model;
struct transaction;

struct feed_sink {
	void (*on_change)(void *arg, unsigned changes);	/* enum model_change bits */
	/* A commit has ended; text is one line for people.  hint (NULL: none): what can be
	 * done then, with keys as in app_tell(). */
	void (*on_committed)(void *arg, bool ok, const char *text, const char *hint);
	/* Storing a change takes long; text says what can be done. */
	void (*on_waiting)(void *arg, const char *text);
	void *arg;
};

/* The engine's answer; text is NULL when there is none and error says why, one
 * line for people.  Both are borrowed, raw. */
typedef void feed_answer(void *arg, const char *text, size_t len, const char *error);

struct feed_ops {
	/* model->query changed: fill the graph anew, at once where that is possible. */
	void (*query)(struct feed *f);
	void (*refresh)(struct feed *f);	/* read everything again */
	/* Reads graphs that model->pages lacks beside the keys: MODEL_GRAPH is told when
	 * they are there.  false, or NULL: build() is quick enough. */
	bool (*read_pages)(struct feed *f);
	/* The operations below may be NULL: the feed cannot do it. */
	/* Begins to store the changes; the transaction is copied where needed. */
	int (*commit)(struct feed *f, const struct transaction *t, struct error *err);
	/* Begins to take change n (0: the last) back. */
	int (*undo)(struct feed *f, uint64_t n, bool force, struct error *err);
	/* Gives up what is being stored, up to the point of no return: on_committed()
	 * tells how it ended.  false: nothing is being stored. */
	bool (*cancel)(struct feed *f);
	int (*apply_file)(struct feed *f, const char *path, struct error *err);
	int (*deploy)(struct feed *f, const char *name, bool undeploy, struct error *err);
	void (*each_extra)(struct feed *f, void (*fn)(void *arg, const char *name), void *arg);
	/* A graph for a question of its own (tapes ask about edges); caller frees. */
	struct graph *(*build)(struct feed *f, const struct graph_options *options);
	/* Figures over time; caller frees. */
	struct metrics *(*metrics)(struct feed *f, const struct metrics_query *q);
	/* Asks the engine for a path of its admin socket ("/clusters?format=json").
	 * Returns at once; fn is called later, exactly once unless forgotten.  NULL
	 * when nobody can be asked. */
	struct feed_question *(*ask)(struct feed *f, const char *path, feed_answer *fn, void *arg);
	void (*forget)(struct feed *f, struct feed_question **qp);	/* accepts NULL inside */
	/* Hands over (on_data) all that has been answered by now: waits for what is being
	 * read.  NULL: nothing ever is. */
	void (*settle)(struct feed *f);
	bool (*is_busy)(const struct feed *f);	/* a commit or reading is under way */
	void (*close)(struct feed **fp);
};

struct feed {
	const struct feed_ops *ops;
	struct model *model;		/* borrowed from the console */
	struct feed_sink sink;		/* set by the console */
	/* What the engine answered about telemetry, for a recording; NULL: none. */
	void (*on_data)(void *arg, const char *body, size_t len);
	void *data_arg;
};

#endif
