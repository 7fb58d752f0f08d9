/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes to a mesh directory on behalf of the console: begun here, ended by
 * a timer, told through the sink.
 */
#include <string.h>
#include <sys/stat.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "tui/feed_mesh_priv.h"
#include "tui/model.h"

#define JOB_POLL_NS (10 * NS_PER_MS)
#define FILE_MAX (4u << 20)

void
feed_mesh_end_job(struct feed_mesh *f)
{
	vec_fini(&f->job.changes);
	arena_free(&f->job_arena);
	if (f->job_snapshot != NULL)
		snapshot_put(&f->job_snapshot);
	f->is_working = false;
}

static void
on_job(struct timer *t)
{
	struct feed_mesh *f = CONTAINER_OF(t, struct feed_mesh, job_timer);
	const struct change_result *results;
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;
	size_t count = f->job.changes.len, done = 0;
	int status;

	if (!store_progress(f->store, &results, &status, &err)) {
		loop_timer_set(f->loop, t, loop_exact_ns(f->loop) + JOB_POLL_NS, on_job);
		return;
	}
	for (size_t i = 0; status == 0 && i < count; i++)
		done += results[i].state == CHANGE_DONE;
	if (status < 0)
		error_text(&b, &err);
	else if (done == 0)
		buf_puts(&b, "nothing to change: all is as it should be");
	else
		buf_printf(&b, "%zu object%s stored; u takes it back", done, done == 1 ? "" : "s");
	feed_mesh_end_job(f);
	feed_mesh_show_change(f);
	f->feed.sink.on_committed(f->feed.sink.arg, status == 0, buf_str(&b));
	buf_fini(&b);
}

static int
begin_job(struct feed_mesh *f, struct error *err)
{
	if (store_begin(f->store, &f->job, err) < 0) {
		feed_mesh_end_job(f);
		return -1;
	}
	f->is_working = true;
	loop_timer_set(f->loop, &f->job_timer, loop_exact_ns(f->loop) + JOB_POLL_NS, on_job);
	return 0;
}

static const char *
dup_or_null(struct arena *a, const char *s)
{
	return s != NULL ? arena_strdup(a, s) : NULL;
}

int
feed_mesh_commit(struct feed *feed, const struct transaction *t, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	f->job_arena = arena_new();
	f->job = *t;
	f->job.note = dup_or_null(f->job_arena, t->note);
	f->job.changes.items = NULL;
	f->job.changes.len = f->job.changes.cap = 0;
	for (size_t i = 0; i < t->changes.len; i++) {
		struct change c = t->changes.items[i];

		c.group = dup_or_null(f->job_arena, c.group);
		c.kind = dup_or_null(f->job_arena, c.kind);
		c.ns = dup_or_null(f->job_arena, c.ns);
		c.name = dup_or_null(f->job_arena, c.name);
		c.file = dup_or_null(f->job_arena, c.file);
		c.after_text = dup_or_null(f->job_arena, c.after_text);
		c.after = c.after != NULL ? value_copy(f->job_arena, c.after) : NULL;
		vec_push(&f->job.changes, c);
	}
	return begin_job(f, err);
}

int
feed_mesh_undo(struct feed *feed, uint64_t n, bool force, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	struct buf b = BUF_INIT;
	uint64_t undone;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	if (history_undo(f->store, n, force, NULL, &undone, err) < 0)
		return -1;
	buf_printf(&b, "change %llu is taken back; u again redoes it",
		   (unsigned long long)undone);
	feed_mesh_show_change(f);
	f->feed.sink.on_committed(f->feed.sink.arg, true, buf_str(&b));
	buf_fini(&b);
	return 0;
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

int
feed_mesh_apply_file(struct feed *feed, const char *path, struct error *err)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	struct problems problems = PROBLEMS_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s = NULL;
	int status;

	if (f->is_working)
		return error_setf(err, ERROR_REFUSED, "another change is being stored");
	if (read_file(path, &text, err) == 0)
		s = snapshot_of_text(path, buf_str(&text), &problems, err);
	buf_fini(&text);
	status = s == NULL ? -1 : refuse_problems(&problems, err);
	problems_fini(&problems);
	if (status < 0) {
		if (s != NULL)
			snapshot_put(&s);
		return -1;
	}
	f->job = (struct transaction){ .via = VIA_APPLY };
	f->job_snapshot = s;
	f->job_arena = arena_new();
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = s->objects[i];

		vec_push(&f->job.changes, ((struct change){
			.op = CHANGE_UPDATE, .group = o->kind != NULL ? o->kind->group : "",
			.kind = o->kind_name, .ns = o->ns, .name = o->name, .after = o->root }));
	}
	return begin_job(f, err);
}
