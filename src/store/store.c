/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mesh directory as a store: opening, loading; see store.h. */
#include "src/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/error.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

/* mkdir -p */
static int
make_folders(const char *path)
{
	char *copy = xstrdup(path);
	int status = 0;

	for (char *p = copy + 1; *p != '\0' && status == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			status = -1;
		*p = '/';
	}
	if (status == 0 && mkdir(copy, 0777) < 0 && errno != EEXIST)
		status = -1;
	free(copy);
	return status;
}

static int
open_root(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct store *
open_store(const char *path, bool create, bool is_read_only, struct error *err)
{
	struct store *s;
	char *real;
	int root = open_root(path);

	if (root < 0 && errno == ENOENT && create && make_folders(path) == 0)
		root = open_root(path);
	real = root >= 0 ? realpath(path, NULL) : NULL;
	if (real == NULL) {
		error_errnof(err, "cannot open mesh directory %s", path);
		if (root >= 0)
			close(root);
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->root = root;
	s->path = real;
	s->state_path = xasprintf("%s/%s", real, STATE_DIR);
	s->is_read_only = is_read_only;
	s->inotify = -1;
	return s;
}

struct store *
store_open_directory(const char *path, bool create, struct error *err)
{
	return open_store(path, create, false, err);
}

struct store *
store_open_reader(const char *path, struct error *err)
{
	return open_store(path, false, true, err);
}

void
store_set_check(struct store *s, store_check check)
{
	s->check = check;
}

void
store_close(struct store **sp)
{
	struct store *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	job_fini(&s->commit);
	job_fini(&s->record);
	watch_close(s);
	for (size_t i = 0; i < s->entries.len; i++)
		entry_fini(&s->entries.items[i]);
	vec_fini(&s->entries);
	free(s->unseen);
	close(s->root);
	free(s->path);
	free(s->state_path);
	free(s);
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

const char *
store_state_path(const struct store *s)
{
	return s->state_path;
}

/* The folder may have been moved away and another put in its place. */
static int
follow_path(struct store *s, struct error *err)
{
	struct stat there, own;
	int root;

	s->is_lost = stat(s->path, &there) < 0;
	if (s->is_lost)
		return error_errnof(err, "the mesh directory %s is gone", s->path);
	if (fstat(s->root, &own) == 0 && own.st_ino == there.st_ino && own.st_dev == there.st_dev)
		return 0;
	root = open_root(s->path);
	if (root < 0)
		return error_errnof(err, "cannot open mesh directory %s", s->path);
	close(s->root);
	s->root = root;
	watch_folders(s);
	return 0;
}

/* A transaction without a live lock is completed by whoever sees it. */
static void
complete_pending(struct store *s)
{
	int lock;

	if (!pending_exists(s) || lock_take(s, true, LOCK_PATIENCE_MS, &lock, NULL) < 0)
		return;
	pending_complete(s, NULL);
	lock_give(&lock);
}

static bool
is_served(const struct store *s, const struct object *o)
{
	for (size_t i = 0; i < s->entries.len; i++)
		if (entry_serves(&s->entries.items[i], o))
			return true;
	return false;
}

static bool
is_nameless(const struct entry *e, const struct object *o)
{
	for (size_t i = 0; i < e->nameless.len; i++)
		if (e->nameless.items[i].object->root == o->root)
			return true;
	return false;
}

/* What stands in for bad documents; for one that does not say which object it is
 * only while the object stands nowhere else.  Reference for the caller. */
static struct source_file *
stand_ins(const struct store *s, const struct entry *e)
{
	VEC(size_t) kept = VEC_INIT;
	struct source_file *part;
	const struct object *o;
	size_t count;

	if (e->serving[1] == NULL || e->nameless.len == 0)
		return e->serving[1] != NULL ? source_file_get(e->serving[1]) : NULL;
	o = source_file_objects(e->serving[1], &count);
	for (size_t i = 0; i < count; i++)
		if (!is_nameless(e, &o[i]) || !is_served(s, &o[i]))
			vec_push(&kept, i);
	part = source_file_subset(e->serving[1], kept.items, kept.len);
	vec_fini(&kept);
	return part;
}

/* The parts of all files that count. */
static struct snapshot *
make_snapshot(struct store *s, struct problems *problems)
{
	VEC(struct source_file *) files = VEC_INIT;
	struct snapshot *made;

	for (size_t i = 0; i < s->entries.len; i++) {
		const struct entry *e = &s->entries.items[i];
		struct source_file *parts[] = {
			e->serving[0] != NULL ? source_file_get(e->serving[0]) : NULL, stand_ins(s, e),
		};

		for (size_t n = 0; n < 2; n++)
			if (parts[n] != NULL)
				vec_push(&files, parts[n]);
	}
	made = snapshot_new(files.items, files.len, ++s->generation, problems);
	for (size_t i = 0; i < files.len; i++)
		source_file_put(&files.items[i]);
	vec_fini(&files);
	return made;
}

int
store_load(struct store *s, struct snapshot **out, struct problems *problems,
	   struct error *err)
{
	int lock, status;

	if (follow_path(s, err) < 0)
		return -1;
	complete_pending(s);
	lock_take(s, false, LOCK_PATIENCE_MS, &lock, NULL);
	status = load_entries(s, problems, err);
	lock_give(&lock);
	if (status < 0)
		return -1;
	if (s->is_reloaded)
		s->needs_record = true;
	s->is_reloaded = false;
	*out = make_snapshot(s, problems);
	return 0;
}

int
store_bring_up_to_date(struct store *s, int patience_ms, struct error *err)
{
	int lock, status;

	if (lock_take(s, true, patience_ms, &lock, err) < 0)
		return -1;
	status = pending_complete(s, err);
	if (status == 0)
		status = load_entries(s, NULL, err);
	if (status == 0)
		status = record_outside_edits(s, err);
	lock_give(&lock);
	return status;
}
