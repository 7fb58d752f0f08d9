/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The feed itself: questions and answers, and what is asked to be changed; see
 * fake_feed.h.
 */
#include "tests/lib/fake_feed_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/graph.h"

static void
fill(struct fake_feed *f)
{
	model_set_graph(f->feed.model, fake_town_graph(f));
}

static struct graph *
fake_build(struct feed *f, const struct graph_options *options)
{
	(void)options;
	return fake_town_graph((struct fake_feed *)f);
}

static struct metrics *
fake_metrics(struct feed *f, const struct metrics_query *q)
{
	return metrics_read(((struct fake_feed *)f)->series, q);
}

static struct feed_question *
fake_ask(struct feed *feed, const char *path, feed_answer *fn, void *arg)
{
	struct fake_feed *f = (struct fake_feed *)feed;
	struct feed_question *q = xcalloc(1, sizeof(*q));

	*q = (struct feed_question){ f, xstrdup(path), fn, arg };
	vec_push(&f->questions, q);
	return q;
}

size_t
fake_feed_questions(const struct feed *f)
{
	return ((const struct fake_feed *)f)->questions.len;
}

static void
drop_question(struct feed_question *q)
{
	for (size_t i = 0; i < q->feed->questions.len; i++) {
		if (q->feed->questions.items[i] == q) {
			vec_remove(&q->feed->questions, i);
			break;
		}
	}
	free(q->path);
	free(q);
}

static void
fake_forget(struct feed *f, struct feed_question **qp)
{
	(void)f;
	if (*qp != NULL)
		drop_question(*qp);
	*qp = NULL;
}

void
fake_feed_answer(struct feed *feed)
{
	struct fake_feed *f = (struct fake_feed *)feed;

	while (f->questions.len > 0) {
		struct feed_question *q = f->questions.items[0];
		feed_answer *fn = q->fn;
		void *arg = q->arg;
		const char *text = fake_town_answer(q->path);

		drop_question(q);
		if (text != NULL && f->is_poisoned)
			text = fake_poison_answer(f, text);
		fn(arg, text, text != NULL ? strlen(text) : 0, text != NULL ? NULL : "no such page");
	}
}

void
fake_feed_tell(struct feed *f, unsigned changes)
{
	if (f->sink.on_change != NULL)
		f->sink.on_change(f->sink.arg, changes);
}

static void
fake_query(struct feed *f)
{
	if (!f->model->query.is_frozen)
		fill((struct fake_feed *)f);
	fake_feed_tell(f, MODEL_GRAPH);
}

static int
fake_undo(struct feed *f, uint64_t n, bool force, struct error *err)
{
	(void)force;
	(void)err;
	snprintf(((struct fake_feed *)f)->last, 200, "undo %llu", (unsigned long long)n);
	return 0;
}

static int
fake_apply(struct feed *f, const char *path, struct error *err)
{
	if (strcmp(path, "missing.yaml") == 0)
		return error_setf(err, ERROR_IO, "missing.yaml: no such file");
	snprintf(((struct fake_feed *)f)->last, 200, "apply %s", path);
	f->sink.on_committed(f->sink.arg, true, "1 object applied", NULL);
	return 0;
}

static int
fake_commit(struct feed *f, const struct transaction *t, struct error *err)
{
	(void)err;
	snprintf(((struct fake_feed *)f)->last, 200, "commit %zu %s%s%s", t->changes.len,
		 t->changes.len > 0 ? t->changes.items[0].name : "", t->note != NULL ? ": " : "",
		 t->note != NULL ? t->note : "");
	f->sink.on_committed(f->sink.arg, true, "stored", NULL);
	return 0;
}

static void
fake_close(struct feed **fp)
{
	struct fake_feed *f = (struct fake_feed *)*fp;

	while (f->questions.len > 0)
		drop_question(f->questions.items[f->questions.len - 1]);
	vec_fini(&f->questions);
	buf_fini(&f->poisoned);
	if (f->history.arena != NULL) {
		f->feed.model->history = NULL;
		history_fini(&f->history);
	}
	series_free(&f->series);
	free(*fp);
	*fp = NULL;
}

static const struct feed_ops fake_ops = {
	.query = fake_query,
	.refresh = fake_query,
	.commit = fake_commit,
	.undo = fake_undo,
	.apply_file = fake_apply,
	.build = fake_build,
	.metrics = fake_metrics,
	.ask = fake_ask,
	.forget = fake_forget,
	.close = fake_close,
};

static void
fill_series(struct fake_feed *f, const char *only)
{
	series_free(&f->series);
	f->series = series_new();
	for (int t = 0; t <= FAKE_SECONDS; t++)
		fake_town_second(f->series, t, only);
}

struct feed *
fake_feed_open(struct model *m)
{
	struct fake_feed *f = xcalloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", fake_town_documents, NULL, &err);

	model_init(m);
	snprintf(m->title, sizeof(m->title), "travels");
	ASSERT(s != NULL);
	m->mesh = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	m->query.type = GRAPH_WORKLOAD;
	m->state = FEED_LIVE;
	m->data_ms = FAKE_NOW_MS;
	f->feed.ops = &fake_ops;
	f->feed.model = m;
	fill_series(f, NULL);
	fill(f);
	return &f->feed;
}

void
fake_feed_report_by(struct feed *f, const char *only)
{
	fill_series((struct fake_feed *)f, only);
	f->ops->query(f);
}

void
fake_feed_step(struct feed *f, unsigned step)
{
	((struct fake_feed *)f)->step = step;
	f->ops->query(f);
}

void
fake_feed_break(struct feed *f, bool is_broken)
{
	((struct fake_feed *)f)->is_broken = is_broken;
	f->ops->query(f);
}

void
fake_feed_densify(struct feed *f)
{
	((struct fake_feed *)f)->is_dense = true;
	f->ops->query(f);
}

void
fake_feed_lengthen(struct feed *f)
{
	((struct fake_feed *)f)->is_long = true;
	f->ops->query(f);
}

void
fake_feed_lose(struct feed *f, const char *why)
{
	f->model->state = why != NULL ? FEED_LOST : FEED_LIVE;
	snprintf(f->model->state_text, sizeof(f->model->state_text), "%s", why != NULL ? why : "");
	fake_feed_tell(f, MODEL_STATE);
}

const char *
fake_feed_last(const struct feed *f)
{
	return ((const struct fake_feed *)f)->last;
}
