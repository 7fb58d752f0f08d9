/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded session's data as a feed; see feed_data.h. */
#include "tui/feed/feed_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json_scan.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"
#include "src/telemetry/metrics.h"
#include "src/telemetry/series.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/feed/reader.h"

#define LINE_MOST (64u << 20)
#define SERIES_MOST (24u << 20)	/* hours of a session second by second */

struct config_then {		/* the documents from t_ms on */
	int64_t t_ms;
	off_t offset;		/* of their line in the file */
};

/* Documents compiled, with what is wrong with them. */
struct config_read {
	size_t number;			/* among configs, from 1; 0: none */
	struct mesh *mesh;		/* NULL: they do not compile */
	struct problems problems;
};

struct feed_data {
	struct feed feed;
	struct reader reader;
	FILE *in;
	VEC(struct config_then) configs;
	size_t shown;			/* number of what the model holds */
	int64_t newest_ms;
	struct config_read loaded;	/* by the reading that is under way */
};

/* One line: {"t": ..., "source": ..., "body": "..."}; source and body without their
 * escapes. */
struct data_line {
	int64_t t_ms;
	struct buf source, body;
};

static int
read_line(struct data_line *l, const char *line, size_t len, struct error *err)
{
	struct slice text = { line, len }, t, source, body;
	char digits[24], *end;

	if (!json_scan(text))
		return error_setf(err, ERROR_SYNTAX, "not JSON");
	if (!json_scan_member(text, "t", &t) || !json_scan_member(text, "source", &source) ||
	    !json_scan_member(text, "body", &body) || t.len >= sizeof(digits))
		return error_setf(err, ERROR_SYNTAX, "t, source and body belong here");
	snprintf(digits, sizeof(digits), "%.*s", (int)t.len, t.ptr);
	l->t_ms = strtoll(digits, &end, 10);
	if (*end != '\0' || !json_scan_string(source, &l->source) || !json_scan_string(body, &l->body))
		return error_setf(err, ERROR_SYNTAX, "t is a number, source and body are texts");
	return 0;
}

static int
take_line(struct feed_data *f, const char *line, size_t len, off_t offset, struct error *err)
{
	struct data_line l = { 0, BUF_INIT, BUF_INIT };
	int status = read_line(&l, line, len, err);

	if (status == 0 && strcmp(buf_str(&l.source), "telemetry") == 0)
		status = series_feed(f->reader.series, buf_str(&l.body), l.body.len, err);
	else if (status == 0 && strcmp(buf_str(&l.source), "config") == 0)
		vec_push(&f->configs, ((struct config_then){ l.t_ms, offset }));
	buf_fini(&l.source);		/* other sources are for later versions */
	buf_fini(&l.body);
	return status;
}

static int
read_lines(struct feed_data *f, const char *path, struct error *err)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned number = 0;
	ssize_t len;
	off_t offset = 0;
	int status = 0;

	f->in = fopen(path, "re");
	if (f->in == NULL)
		return error_errnof(err, "%s", path);
	for (; status == 0 && (len = getline(&line, &cap, f->in)) > 0; offset += len) {
		number++;
		if (line[len - 1] != '\n')
			break;		/* torn: the recording ended in the middle */
		if ((size_t)len > LINE_MOST)
			status = error_setf(err, ERROR_SYNTAX, "the line is too long");
		else
			status = take_line(f, line, (size_t)len - 1, offset, err);
		if (status < 0) {
			err->line = err->col = 0;
			err->file[0] = '\0';
			error_at(err, path, number, 1);
		}
	}
	free(line);
	if (status == 0 && series_newest_ms(f->reader.series) == 0)
		status = error_setf(err, ERROR_SYNTAX, "%s holds no telemetry", path);
	return status;
}

/* The text of recorded documents, from the file again; false when it is no longer
 * what it was. */
static bool
read_config(struct feed_data *f, off_t offset, struct buf *out)
{
	struct data_line l = { 0, BUF_INIT, BUF_INIT };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len = fseeko(f->in, offset, SEEK_SET) == 0 ? getline(&line, &cap, f->in) : -1;
	bool is_good = len > 0 && read_line(&l, line, (size_t)len, NULL) == 0;

	if (is_good)
		buf_append(out, buf_str(&l.body), l.body.len);
	buf_fini(&l.source);
	buf_fini(&l.body);
	free(line);
	return is_good;
}

static struct feed_data *
data_feed(struct feed *f)
{
	return (struct feed_data *)f;
}

/* Of the documents as they were then; 0: none were recorded. */
static size_t
config_at(const struct feed_data *f, int64_t at_ms)
{
	size_t number = 0;

	for (size_t i = 0; i < f->configs.len; i++)
		if (i == 0 || f->configs.items[i].t_ms <= at_ms)
			number = i + 1;
	return number;
}

static void
config_read_fini(struct config_read *c)
{
	if (c->mesh != NULL)
		mesh_put(&c->mesh);
	problems_fini(&c->problems);
	*c = (struct config_read){ .problems = PROBLEMS_INIT };
}

/* false: they are those that the model holds, or cannot be read any more. */
static bool
load(void *arg, int64_t at_ms, struct mesh **mesh)
{
	struct feed_data *f = arg;
	size_t number = config_at(f, at_ms != 0 ? at_ms : f->newest_ms);
	struct buf text = BUF_INIT;
	struct snapshot *s;

	if (number == f->shown || !read_config(f, f->configs.items[number - 1].offset, &text)) {
		buf_fini(&text);
		return false;
	}
	f->loaded.number = number;
	s = snapshot_of_text("recorded.yaml", buf_str(&text), &f->loaded.problems, NULL);
	buf_fini(&text);
	if (s != NULL) {
		f->loaded.mesh = mesh_compile(s, NULL, NULL, &f->loaded.problems);
		snapshot_put(&s);
	}
	*mesh = f->loaded.mesh;
	return true;
}

/* What was loaded is the model's now; false: nothing was. */
static bool
take_config(struct feed_data *f)
{
	struct model *m = f->feed.model;

	if (f->loaded.number == 0)
		return false;
	f->shown = f->loaded.number;
	if (m->mesh != NULL)
		mesh_put(&m->mesh);
	problems_fini(&m->problems);
	m->mesh = f->loaded.mesh;
	m->problems = f->loaded.problems;
	f->loaded = (struct config_read){ .problems = PROBLEMS_INIT };
	return true;
}

static struct mesh *
mesh_at(void *arg, int64_t at_ms)
{
	(void)at_ms;
	return ((struct feed_data *)arg)->feed.model->mesh;
}

static void
on_read_end(void *arg, const struct reader_end *end)
{
	struct feed_data *f = arg;
	const struct feed_sink *sink = &f->feed.sink;
	bool is_other = end->is_timely && take_config(f);

	config_read_fini(&f->loaded);		/* of a moment that nobody looks at */
	if (end->has_graphs && sink->on_change != NULL)
		sink->on_change(sink->arg, MODEL_GRAPH | MODEL_STATE | (is_other ? MODEL_CONFIG : 0u));
}

static const struct reader_ops reader_ops = {
	.mesh_at = mesh_at,
	.load = load,
	.on_end = on_read_end,
};

static void
query(struct feed *feed)
{
	if (!reader_fill(&data_feed(feed)->reader))
		feed->sink.on_change(feed->sink.arg, MODEL_STATE);
}

static bool
read_pages(struct feed *feed)
{
	return reader_read_pages(&data_feed(feed)->reader);
}

static bool
is_busy(const struct feed *feed)
{
	return reader_is_busy(&((const struct feed_data *)feed)->reader);
}

static struct graph *
build(struct feed *feed, const struct graph_options *options)
{
	return reader_build(&data_feed(feed)->reader, feed->model->mesh, options);
}

static struct metrics *
metrics(struct feed *feed, const struct metrics_query *q)
{
	return reader_metrics(&data_feed(feed)->reader, q);
}

static void
close_feed(struct feed **fp)
{
	struct feed_data *f = data_feed(*fp);

	reader_fini(&f->reader);
	config_read_fini(&f->loaded);
	if (f->in != NULL)
		fclose(f->in);
	vec_fini(&f->configs);
	free(f);
	*fp = NULL;
}

static const struct feed_ops ops = {
	.query = query,
	.refresh = query,
	.read_pages = read_pages,
	.build = build,
	.metrics = metrics,
	.is_busy = is_busy,
	.close = close_feed,
};

struct feed *
feed_data_open(struct loop *loop, struct model *m, const char *path, struct error *err)
{
	struct feed_data *f = xcalloc(1, sizeof(*f));
	struct feed *feed = &f->feed;
	const char *slash = strrchr(path, '/');
	struct buf title = BUF_INIT;

	f->feed.ops = &ops;
	f->feed.model = m;
	f->loaded.problems = (struct problems)PROBLEMS_INIT;
	reader_init(&f->reader, loop, m, &reader_ops, f);
	series_set_most(f->reader.series, SERIES_MOST);
	if (read_lines(f, path, err) < 0) {
		close_feed(&feed);
		return NULL;
	}
	text_sanitize(&title, slash != NULL ? slash + 1 : path, strlen(slash != NULL ? slash + 1 : path));
	snprintf(m->title, sizeof(m->title), "%.*s", (int)text_fit(buf_str(&title), title.len, 40),
		 buf_str(&title));
	buf_fini(&title);
	m->state = FEED_LIVE;
	m->is_recorded = true;
	f->newest_ms = series_newest_ms(f->reader.series);
	reader_fill(&f->reader);
	f->reader.is_open = true;
	return feed;
}
