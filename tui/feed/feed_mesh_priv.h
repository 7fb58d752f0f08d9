/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What feed_mesh.c (asking), feed_mesh_read.c (what is answered),
 * feed_mesh_store.c (changing) and feed_mesh_past.c (as it was) share.
 */
#ifndef MESHTOP_TUI_FEED_MESH_PRIV_H
#define MESHTOP_TUI_FEED_MESH_PRIV_H

#include "src/base/buf.h"
#include "src/base/loop.h"
#include "src/base/vec.h"
#include "src/store/history.h"
#include "src/store/store.h"
#include "tui/feed/feed.h"
#include "tui/feed/reader.h"
#include "tui/feed/supervisor.h"

struct addresses;
struct arena;
struct feed_mesh;
struct http_call;
struct http_client;
struct mesh;
struct snapshot;

/* What a screen asks the engine (feed_ops.ask). */
struct feed_question {
	struct feed_mesh *feed;
	struct http_call *call;
	feed_answer *fn;
	void *arg;
};

struct feed_mesh {
	struct feed feed;
	VEC(struct feed_question *) questions;	/* under way */
	struct loop *loop;
	struct store *store;
	struct reader reader;
	struct addresses *addresses;
	struct history history;
	struct mesh *then;		/* the mesh after then_count entries of it; NULL */
	size_t then_count;
	struct feed_supervisor supervisor;
	struct http_client *http;
	struct http_call *call, *requests_call;	/* questions under way */
	struct arena *requests;		/* owns model->requests */
	struct watch changed, answered;
	struct timer read_timer, poll_timer, job_timer, http_timer;
	char *socket;			/* of the engine, short enough to be dialled */
	int state_fd;			/* .meshtop, while socket names it */
	unsigned failures;		/* questions without an answer, one after the other */
	bool was_refused;		/* nobody listens at the socket */
	bool is_working;		/* a commit is under way */
	uint64_t job_long_ns;		/* then its waiting is told */
	bool is_undoing;		/* it takes one back */
	size_t job_changes;
	bool only_deletes;		/* all of them */
};

void feed_mesh_tell(struct feed_mesh *f, unsigned changes);
void feed_mesh_judge_state(struct feed_mesh *f);	/* from what is known and failed */
/* What the engine said of telemetry, once it is read. */
void feed_mesh_answered(struct feed_mesh *f, bool is_good, const char *text, size_t len);
extern const struct reader_ops feed_mesh_reader_ops;
/* After a change of our own: reads the configuration again. */
void feed_mesh_show_change(struct feed_mesh *f);
/* The mesh as it was configured at a moment of the past, as far as the history
 * knows; borrowed, valid until the next call or reading. */
struct mesh *feed_mesh_then(struct feed_mesh *f, int64_t at_ms);
/* Of the last change before the moment that is looked at; 0: none. */
int64_t feed_mesh_change_ms(const struct feed_mesh *f);
void feed_mesh_forget_then(struct feed_mesh *f);
/* No change is being stored any more. */
void feed_mesh_end_job(struct feed_mesh *f);

/* Operations of struct feed_ops. */
bool feed_mesh_read_pages(struct feed *feed);
void feed_mesh_settle(struct feed *feed);
struct graph *feed_mesh_build(struct feed *feed, const struct graph_options *options);
struct metrics *feed_mesh_metrics(struct feed *feed, const struct metrics_query *q);
int feed_mesh_commit(struct feed *feed, const struct transaction *t, struct error *err);
int feed_mesh_undo(struct feed *feed, uint64_t n, bool force, struct error *err);
bool feed_mesh_cancel(struct feed *feed);
int feed_mesh_apply_file(struct feed *feed, const char *path, struct error *err);

#endif
