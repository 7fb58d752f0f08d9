/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the engine answers becomes the model's, through a reader; and whether
 * it still answers.
 */
#include <stdio.h>

#include "src/mesh/mesh.h"
#include "src/topology/build.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define FAILURES_UNTIL_LOST 3

static struct feed_mesh *
mesh_feed(struct feed *f)
{
	return (struct feed_mesh *)f;
}

void
feed_mesh_judge_state(struct feed_mesh *f)
{
	struct model *m = f->feed.model;

	m->state_text[0] = '\0';
	if (f->failures >= FAILURES_UNTIL_LOST) {
		m->state = FEED_LOST;
		snprintf(m->state_text, sizeof(m->state_text), f->was_refused ?
			 "the engine does not run; the figures are old" :
			 "the engine does not answer; the figures are old");
	} else {
		m->state = f->reader.known.newest_ms == 0 ? FEED_STARTING : FEED_LIVE;
	}
}

void
feed_mesh_answered(struct feed_mesh *f, bool is_good, const char *text, size_t len)
{
	enum feed_state before = f->feed.model->state;

	if (is_good && f->feed.on_data != NULL)
		f->feed.on_data(f->feed.data_arg, text, len);
	f->failures = is_good ? 0 : f->failures + 1;
	feed_mesh_judge_state(f);
	if (is_good || before != f->feed.model->state)
		feed_mesh_tell(f, (is_good ? MODEL_GRAPH : 0u) | MODEL_STATE);
}

/* As it is, or was at the moment of the past that is looked at. */
static struct mesh *
mesh_at(void *arg, int64_t at_ms)
{
	struct feed_mesh *f = arg;
	const struct model *m = f->feed.model;

	return m->query.at_ms != 0 ? feed_mesh_then(f, at_ms) : m->mesh;
}

static int64_t
change_ms(void *arg)
{
	return feed_mesh_change_ms(arg);
}

static void
on_read_end(void *arg, const struct reader_end *end)
{
	struct feed_mesh *f = arg;

	if (end->had_past)
		feed_mesh_judge_state(f);
	if (end->has_answer)
		feed_mesh_answered(f, end->is_good, end->text, end->len);
	if (end->has_graphs && end->was_begun_elsewhere && !end->is_good)
		feed_mesh_tell(f, MODEL_GRAPH | MODEL_STATE);
}

const struct reader_ops feed_mesh_reader_ops = {
	.mesh_at = mesh_at,
	.change_ms = change_ms,
	.on_end = on_read_end,
};

bool
feed_mesh_read_pages(struct feed *feed)
{
	return reader_read_pages(&mesh_feed(feed)->reader);
}

void
feed_mesh_settle(struct feed *feed)
{
	reader_settle(&mesh_feed(feed)->reader);
}

struct graph *
feed_mesh_build(struct feed *feed, const struct graph_options *options)
{
	struct feed_mesh *f = mesh_feed(feed);

	return reader_build(&f->reader, mesh_at(f, options->to_ms), options);
}

struct metrics *
feed_mesh_metrics(struct feed *feed, const struct metrics_query *q)
{
	return reader_metrics(&mesh_feed(feed)->reader, q);
}
