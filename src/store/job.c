/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work that waits for the disk, beside the owner of a store: commits of
 * store_begin() and the record of outside edits.  Each runs in a thread with
 * a store of its own; they share nothing but the job.
 */
#include <string.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/thread.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/history.h"
#include "src/store/store_priv.h"

static void *
run(void *arg)
{
	struct store_job *job = arg;
	struct store *s = store_open_directory(job->path, false, &job->err);

	if (s != NULL) {
		store_set_check(s, job->check);
		s->job = job;
		job->status = job->work(s, job);
	}
	store_close(&s);
	atomic_store(&job->is_done, true);
	return NULL;
}

static bool
start(struct store_job *job, int (*work)(struct store *s, struct store_job *job),
      struct error *err)
{
	int status;

	job->work = work;
	job->status = -1;
	job->err = ERROR_INIT;
	atomic_store(&job->is_done, false);
	atomic_store(&job->is_cancelled, false);
	atomic_store(&job->is_abandoned, false);
	status = thread_start(&job->thread, run, job);
	job->is_running = status == 0;
	if (status != 0)
		error_setf(err, ERROR_IO, "cannot start a thread: %s", strerror(status));
	return job->is_running;
}

bool
job_reap(struct store_job *job)
{
	if (!job->is_running || !atomic_load(&job->is_done))
		return false;
	pthread_join(job->thread, NULL);
	job->is_running = false;
	return true;
}

static void
drop_served(struct served_files *served)
{
	for (size_t i = 0; i < served->items.len; i++)
		source_file_put(&served->items.items[i].file);
	vec_fini(&served->items);
}

void
job_fini(struct store_job *job)
{
	atomic_store(&job->is_abandoned, true);
	if (job->is_running)
		pthread_join(job->thread, NULL);
	job->is_running = false;
	drop_served(&job->served);
	vec_fini(&job->transaction.changes);
	free(job->results);
	job->results = NULL;
	arena_free(&job->arena);
}

/* The job sees the disk alone: it gets what the owner serves in place of bad files. */
static void
prepare(struct store_job *job, const struct store *s)
{
	job->path = s->path;
	job->check = s->check;
	drop_served(&job->served);
	for (size_t i = 0; i < s->entries.len; i++) {
		const struct entry *e = &s->entries.items[i];
		struct served_file f = { .mtim = e->good_mtim };

		if (e->good == NULL || e->good == e->file || e->good_mtim.tv_sec == 0)
			continue;
		f.file = source_file_get(e->good);
		vec_push(&job->served.items, f);
	}
}

static int
record(struct store *s, struct store_job *job)
{
	return store_bring_up_to_date(s, LOCK_PATIENCE_MS, &job->err);
}

void
job_start_record(struct store *s)
{
	prepare(&s->record, s);
	s->needs_record = false;
	start(&s->record, record, NULL);
}

static const char *
keep(struct arena *a, const char *s)
{
	return s != NULL ? arena_strdup(a, s) : NULL;
}

/* The owner's transaction may go while the job runs. */
static void
copy_transaction(struct store_job *job, const struct transaction *t)
{
	struct arena *a = job->arena;

	job->transaction = (struct transaction){
		.via = t->via, .note = keep(a, t->note), .is_dry_run = t->is_dry_run,
		.undo_of = t->undo_of,
	};
	for (size_t i = 0; i < t->changes.len; i++) {
		struct change c = t->changes.items[i];

		c.group = keep(a, c.group);
		c.kind = keep(a, c.kind);
		c.ns = keep(a, c.ns);
		c.name = keep(a, c.name);
		c.file = keep(a, c.file);
		c.after_text = keep(a, c.after_text);
		c.after = c.after != NULL ? value_copy(a, c.after) : NULL;
		vec_push(&job->transaction.changes, c);
	}
}

/* The job of commits for a new one; NULL: one is still at work. */
static struct store_job *
next_commit(struct store *s, struct error *err)
{
	struct store_job *job = &s->commit;

	if (job->is_running) {
		error_setf(err, ERROR_REFUSED, "another change is still being written");
		return NULL;
	}
	job_fini(job);
	prepare(job, s);
	return job;
}

static int
commit(struct store *s, struct store_job *job)
{
	return store_commit(s, &job->transaction, job->results, &job->err);
}

int
store_begin(struct store *s, const struct transaction *t, struct error *err)
{
	struct store_job *job = next_commit(s, err);

	if (job == NULL)
		return -1;
	job->arena = arena_new();
	copy_transaction(job, t);
	job->results = xcalloc(t->changes.len + 1, sizeof(*job->results));
	return start(job, commit, err) ? 0 : -1;
}

static int
undo(struct store *s, struct store_job *job)
{
	return history_undo(s, job->undo_of, job->is_forced, NULL, &job->undo_of, &job->err);
}

int
history_begin_undo(struct store *s, uint64_t n, bool force, struct error *err)
{
	struct store_job *job = next_commit(s, err);

	if (job == NULL)
		return -1;
	job->undo_of = n;
	job->is_forced = force;
	return start(job, undo, err) ? 0 : -1;
}

uint64_t
history_undone(const struct store *s)
{
	return s->commit.undo_of;
}

bool
store_progress(struct store *s, const struct change_result **results, int *status,
	       struct error *err)
{
	if (!job_reap(&s->commit))
		return false;
	*results = s->commit.results;
	*status = s->commit.status;
	if (*status < 0 && err != NULL)
		*err = s->commit.err;
	return true;
}

void
store_cancel(struct store *s)
{
	atomic_store(&s->commit.is_cancelled, true);
}

bool
job_is_cancelled(const struct store *s, struct error *err)
{
	if (s->job == NULL || !atomic_load(&s->job->is_cancelled))
		return false;
	error_setf(err, ERROR_REFUSED, "cancelled; nothing was written");
	return true;
}
