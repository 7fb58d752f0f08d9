/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes to a mesh directory on behalf of the console: begun here, ended by
 * a timer, told through the sink.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/model/snapshot.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define JOB_POLL_NS (10 * NS_PER_MS)
#define JOB_LONG_NS NS_PER_S
#define FILE_MAX (4u << 20)

void
feed_mesh_end_job(struct feed_mesh *f)
{
	f->is_working = false;
	f->is_undoing = false;
}

/* The hint. */
static const char *
put_outcome(const struct feed_mesh *f, const struct change_result *results, int status,
	    const struct error *err, struct buf *out)
{
	size_t done = 0;

	for (size_t i = 0; status == 0 && i < f->job_changes; i++)
		done += results[i].state == CHANGE_DONE;
	if (status < 0) {
		error_text(out, err);
	} else if (f->is_undoing) {
		buf_printf(out, "change %" PRIu64 " is taken back", history_undone(f->store));
		return "{undo} again redoes it";
	} else if (done == 0) {
		buf_puts(out, "nothing to change: all is as it should be");
	} else {
		/* "stored" is what tapes wait for. */
		buf_printf(out, "%zu %s%s stored", done, f->only_deletes ? "deletion" : "object",
			   done == 1 ? "" : "s");
		return "{undo} takes it back";
	}
	return NULL;
}

static void on_job(struct timer *t);

/* The job goes on; once it has taken long, that is told. */
static void
await_job(struct feed_mesh *f)
{
	uint64_t now = loop_exact_ns(f->loop);

	if (f->job_long_ns != 0 && now >= f->job_long_ns) {
		f->job_long_ns = 0;
		f->feed.sink.on_waiting(f->feed.sink.arg, "the change waits to be stored: "
					"another program is at work on the mesh; :cancel gives it up");
	}
	loop_timer_set(f->loop, &f->job_timer, now + JOB_POLL_NS, on_job);
}

static void
on_job(struct timer *t)
{
	struct feed_mesh *f = CONTAINER_OF(t, struct feed_mesh, job_timer);
	const struct change_result *results;
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;
	const char *hint;
	int status;

	if (!store_progress(f->store, &results, &status, &err)) {
		await_job(f);
		return;
	}
	hint = put_outcome(f, results, status, &err, &b);
	feed_mesh_end_job(f);
	if (status == 0)
		feed_mesh_show_change(f);
	f->feed.sink.on_committed(f->feed.sink.arg, status == 0, buf_str(&b), hint);
	buf_fini(&b);
}

/* What store_begin() has begun, or not. */
static int
follow_job(struct feed_mesh *f, int status)
{
	if (status < 0) {
		feed_mesh_end_job(f);
		return -1;
	}
	f->is_working = true;
	f->job_long_ns = loop_exact_ns(f->loop) + JOB_LONG_NS;
	await_job(f);
	return 0;
}

static int
begin_job(struct feed_mesh *f, const struct transaction *t, struct error *err)
{
	f->job_changes = t->changes.len;
	f->only_deletes = true;
	for (size_t i = 0; i < t->changes.len; i++)
		f->only_deletes = f->only_deletes && t->changes.items[i].op == CHANGE_DELETE;
	return follow_job(f, store_begin(f->store, t, err));
}

int
feed_mesh_commit(struct feed *feed, const struct transaction *t, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	return begin_job(f, t, err);
}

int
feed_mesh_undo(struct feed *feed, uint64_t n, bool force, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	f->is_undoing = true;
	f->job_changes = 0;
	return follow_job(f, history_begin_undo(f->store, n, force, err));
}

bool
feed_mesh_cancel(struct feed *feed)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	if (f->is_working)
		store_cancel(f->store);
	return f->is_working;
}

static int
read_file(const char *path, struct buf *out, struct error *err)
{
	struct stat st;

	/* A pipe would hold the screen up. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_setf(err, ERROR_IO, "%s is not a file", path);
	return file_read(path, FILE_MAX, out, err);
}

/* The first bad row refuses the whole file. */
static int
refuse_problems(const struct problems *p, struct error *err)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		const struct problem *row = &p->rows.items[i];

		if (row->severity == SEVERITY_ERROR) {
			error_setf(err, ERROR_REFUSED, "%s: %s", row->code, row->message);
			return error_at(err, row->file, row->line, row->col);
		}
	}
	return 0;
}

static int
apply(struct feed_mesh *f, const struct snapshot *s, struct error *err)
{
	struct transaction t = { .via = VIA_APPLY };
	int status;

	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = s->objects[i];

		vec_push(&t.changes, ((struct change){
			.op = CHANGE_UPDATE, .group = o->kind != NULL ? o->kind->group : "",
			.kind = o->kind_name, .ns = o->ns, .name = o->name, .after = o->root }));
	}
	status = begin_job(f, &t, err);
	vec_fini(&t.changes);
	return status;
}

int
feed_mesh_apply_file(struct feed *feed, const char *path, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	struct problems problems = PROBLEMS_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s = NULL;
	int status = -1;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	if (read_file(path, &text, err) == 0)
		s = snapshot_of_text(path, buf_str(&text), &problems, err);
	buf_fini(&text);
	if (s != NULL && refuse_problems(&problems, err) == 0)
		status = apply(f, s, err);
	problems_fini(&problems);
	if (s != NULL)
		snapshot_put(&s);
	return status;
}
