/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A change of several files that happens wholly or not at all; see
 * store_priv.h.
 *
 * 1. New contents are written and synced as pending/N; old ones are linked as
 *    pending/old-N.
 * 2. pending/list is renamed into place: from here on it will happen.
 * 3. The history line is appended, each pending/N is renamed to its file,
 *    files that go away are renamed to pending/gone-N, then folders are synced.
 * 4. The list is removed.
 * Every step of 3 can be told to be done, so whoever finds a list without a
 * live lock goes through it again.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

#define LIST_NAME "list"
#define LIST_TEMPORARY "list.new"
#define LIST_MAX ((size_t)256 << 20)

/* A transaction in the middle of step 3. */
struct running {
	struct store *store;
	int folder;			/* pending */
	size_t done;			/* files that are in place */
	bool can_take_back;		/* old contents are at hand as pending/old-N */
};

bool
pending_exists(const struct store *s)
{
	struct stat st;

	return fstatat(s->root, PENDING_DIR "/" LIST_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Removes everything in the folder but the list. */
static void
clear(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && strcmp(e->d_name, LIST_NAME) != 0)
			unlinkat(folder, e->d_name, 0);
	closedir(dir);
}

/* Moves one file; fine also when that was done before. */
static int
place(struct running *r, size_t index, const char *path, bool goes_away, struct error *err)
{
	char mine[32];
	const char *name;
	int status = 0;
	int folder = files_open_parent(r->store->root, path, goes_away ? 0 : 0777, &name, err);

	if (folder < 0)
		return goes_away && errno == ENOENT ? 0 : -1;
	snprintf(mine, sizeof(mine), goes_away ? "gone-%zu" : "%zu", index);
	if (!goes_away)
		status = renameat(r->folder, mine, folder, name);
	else if (faccessat(r->folder, mine, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		status = renameat(folder, name, r->folder, mine);
	if (status < 0 && errno == ENOENT)
		status = 0;
	if (status < 0)
		error_errnof(err, "cannot put %s in its place", path);
	close(folder);
	return status;
}

static int
place_all(struct running *r, const struct value *files, struct error *err)
{
	size_t index = 0;

	VALUE_EACH(f, files) {
		const char *path = value_get_text(f, "path");
		bool goes_away = false;

		value_to_bool(value_get(f, "gone"), &goes_away);
		if (path != NULL && place(r, index, path, goes_away, err) < 0)
			return -1;
		r->done++;
		index++;
	}
	return 0;
}

static bool
has_same_folder(const char *path, const char *before)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;

	return before != NULL && strncmp(path, before, len) == 0 &&
	       strchr(before + len, '/') == NULL;
}

/* New names are on the disk when their folders are; once for a run of files
 * in one folder. */
static int
sync_all(struct running *r, const struct value *files, struct error *err)
{
	const char *synced = NULL;

	VALUE_EACH(f, files) {
		const char *path = value_get_text(f, "path");
		const char *name;
		int folder, status;

		if (path == NULL || has_same_folder(path, synced))
			continue;
		folder = files_open_parent(r->store->root, path, 0, &name, err);
		if (folder < 0)
			continue;	/* the folder of a file that went away */
		synced = path;
		status = files_sync_folder(folder, err);
		close(folder);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* One file as it was: its new content goes back to pending first, so that a
 * death in between still leads forward. */
static int
take_back(struct running *r, size_t index, const char *path, bool goes_away)
{
	char mine[32], old[32], gone[32];
	const char *name;
	int status;
	int folder = files_open_parent(r->store->root, path, 0, &name, NULL);

	if (folder < 0)
		return -1;
	snprintf(mine, sizeof(mine), "%zu", index);
	snprintf(old, sizeof(old), "old-%zu", index);
	snprintf(gone, sizeof(gone), "gone-%zu", index);
	if (goes_away) {
		status = renameat(r->folder, gone, folder, name);
	} else {
		status = renameat(folder, name, r->folder, mine);
		if (status == 0 && renameat(r->folder, old, folder, name) < 0 && errno != ENOENT)
			status = -1;
	}
	if (status == 0)
		status = files_sync_folder(folder, NULL);
	close(folder);
	return status;
}

/* The files that are in place already; true when all are as they were. */
static bool
take_back_all(struct running *r, const struct value *files)
{
	size_t index = 0;

	VALUE_EACH(f, files) {
		const char *path = value_get_text(f, "path");
		bool goes_away = false;

		if (index == r->done)
			break;
		value_to_bool(value_get(f, "gone"), &goes_away);
		if (path == NULL || !r->can_take_back || take_back(r, index, path, goes_away) < 0)
			return false;
		index++;
	}
	return true;
}

/* Appends the history line unless it stands there; *undo_bytes: how long the
 * history was before. */
static int
write_history(struct store *s, const struct value *list, size_t *undo_bytes, bool *has_written,
	      struct error *err)
{
	const char *line = value_get_text(list, "history");
	int64_t n = 0;
	uint64_t last;

	*has_written = false;
	if (line == NULL || !value_to_int(value_get(list, "n"), &n))
		return 0;
	if (history_tail(s, &last, undo_bytes, err) < 0)
		return -1;
	if (last >= (uint64_t)n)
		return 0;
	*has_written = true;
	return history_append(s, line, *undo_bytes, err);
}

static bool
cut_history(struct store *s, size_t bytes)
{
	int fd = openat(s->root, HISTORY_FILE, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool is_cut;

	if (fd < 0)
		return false;
	is_cut = ftruncate(fd, (off_t)bytes) == 0 && fsync(fd) == 0;
	close(fd);
	return is_cut;
}

/* Are all documents in place, so that only copies are missing? */
static bool
is_only_copies(const struct value *list, size_t done)
{
	int64_t documents = 0;

	value_to_int(value_get(list, "documents"), &documents);
	return done >= (size_t)documents;
}

/* Step 3 and 4.  When a file cannot be put in its place the transaction is
 * taken back; where that is not possible it stays for whoever comes next. */
static int
finish(struct store *s, int folder, const struct value *list, bool can_take_back,
       struct error *err)
{
	struct running r = { s, folder, 0, can_take_back };
	size_t undo_bytes = 0;
	bool has_written = false, is_placed;
	int status = write_history(s, list, &undo_bytes, &has_written, err);

	if (status == 0)
		status = place_all(&r, value_get(list, "files"), err);
	if (status < 0 && is_only_copies(list, r.done))
		return 0;
	is_placed = status == 0;
	if (is_placed)
		status = sync_all(&r, value_get(list, "files"), err);
	if (status < 0 && take_back_all(&r, value_get(list, "files")) &&
	    (!has_written || cut_history(s, undo_bytes))) {
		/* A list that stays leads forward, and needs the contents. */
		if (unlinkat(folder, LIST_NAME, 0) == 0)
			clear(folder);
		return -1;
	}
	if (status < 0)
		return error_prefixf(err, is_placed ?
				     "the change is written, but may be lost in a power cut" :
				     "the change is written in part, the rest follows with the next "
				     "command");
	if (unlinkat(folder, LIST_NAME, 0) < 0 && errno != ENOENT)
		return 0;		/* every step is known to be done */
	clear(folder);
	return 0;
}

static void
put_list(const struct pending *p, struct buf *text)
{
	struct json_writer w;
	size_t documents = 0;

	json_begin(&w, text, false);
	json_open(&w, NULL, '{');
	json_open(&w, "files", '[');
	for (size_t i = 0; i < p->files.len; i++) {
		const struct pending_file *f = &p->files.items[i];

		documents += strncmp(f->path, GOOD_DIR "/", sizeof(GOOD_DIR)) != 0;
		json_open(&w, NULL, '{');
		json_string(&w, "path", f->path);
		if (f->text == NULL)
			json_bool(&w, "gone", true);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_uint(&w, "documents", documents);
	if (p->history != NULL) {
		json_uint(&w, "n", p->history_n);
		json_string(&w, "history", p->history);
	}
	json_close(&w, '}');
}

/* pending/list of p, not yet in its place; what a later reader will see of it
 * is what this process goes by, too. */
static struct value *
write_list(int folder, const struct pending *p, struct arena *a, struct error *err)
{
	struct buf text = BUF_INIT;
	struct value *list;

	put_list(p, &text);
	list = json_parse(a, buf_str(&text), text.len, err);
	if (list != NULL && files_write(folder, LIST_TEMPORARY, text.data, text.len,
					STATE_FILE_MODE, NULL, err) < 0)
		list = NULL;
	buf_fini(&text);
	return list;
}

/* Step 1: contents, with the mode of what they replace.  The folders that new
 * files need are made here, so that a full disk shows before the point of no
 * return. */
static int
write_contents(struct store *s, int folder, const struct pending *p, bool *can_take_back,
	       struct error *err)
{
	*can_take_back = true;
	for (size_t i = 0; i < p->files.len; i++) {
		const struct pending_file *f = &p->files.items[i];
		bool is_copy = strncmp(f->path, GOOD_DIR "/", sizeof(GOOD_DIR)) == 0;
		struct stat st, own, there;
		const char *name;
		char mine[32];
		bool exists;
		int parent;

		if (f->text == NULL)
			continue;
		parent = files_open_parent(s->root, f->path, is_copy ? STATE_MODE : 0777, &name, err);
		if (parent < 0)
			return -1;
		exists = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
		if (fstat(parent, &there) == 0 && fstat(folder, &own) == 0 &&
		    there.st_dev != own.st_dev) {
			close(parent);
			return error_setf(err, ERROR_REFUSED,
					  "%s lies on another file system", f->path);
		}
		snprintf(mine, sizeof(mine), "old-%zu", i);
		if (exists && linkat(parent, name, folder, mine, 0) < 0)
			*can_take_back = false;
		close(parent);
		snprintf(mine, sizeof(mine), "%zu", i);
		if (files_write(folder, mine, f->text, f->len, is_copy ? STATE_FILE_MODE : 0666,
				exists ? &st : NULL, err) < 0)
			return error_prefixf(err, "%s", f->path);
	}
	return 0;
}

static int
read_list(struct store *s, struct arena *a, struct value **list, struct error *err)
{
	struct buf text = BUF_INIT;
	int status = files_read(s->root, PENDING_DIR "/" LIST_NAME, LIST_MAX, &text, NULL, err);

	*list = NULL;
	if (status == 0) {
		*list = json_parse(a, buf_str(&text), text.len, err);
		status = *list != NULL ? 0 : -1;
	}
	buf_fini(&text);
	return status;
}

int
pending_complete(struct store *s, struct error *err)
{
	struct arena *a;
	struct value *list;
	int folder = openat(s->root, PENDING_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int status;

	if (folder < 0)
		return errno == ENOENT ? 0 : error_errnof(err, "cannot open %s/pending", s->state_path);
	a = arena_new();
	status = read_list(s, a, &list, err);
	if (status == 0)
		status = finish(s, folder, list, false, err);
	else if (status == 1)
		clear(folder);
	else
		error_prefixf(err, "%s/pending/list", s->state_path);
	arena_free(&a);
	close(folder);
	return status < 0 ? -1 : 0;
}

/* Steps 1 and 2. */
static struct value *
prepare(struct store *s, int folder, const struct pending *p, struct arena *a,
	bool *can_take_back, struct error *err)
{
	struct value *list;

	if (write_contents(s, folder, p, can_take_back, err) < 0)
		return NULL;
	list = write_list(folder, p, a, err);
	if (list == NULL || files_sync_folder(folder, err) < 0)
		return NULL;
	if (job_is_cancelled(s, err))
		return NULL;
	if (renameat(folder, LIST_TEMPORARY, folder, LIST_NAME) < 0) {
		error_errnof(err, "cannot commit");
		return NULL;
	}
	if (files_sync_folder(folder, err) < 0) {
		unlinkat(folder, LIST_NAME, 0);
		return NULL;
	}
	return list;
}

int
pending_run(struct store *s, const struct pending *p, struct error *err)
{
	struct arena *a;
	struct value *list;
	int folder = files_open_folder(s->root, PENDING_DIR, STATE_MODE, err);
	int status = -1;
	bool can_take_back;

	if (folder < 0)
		return -1;
	a = arena_new();
	clear(folder);
	list = prepare(s, folder, p, a, &can_take_back, err);
	if (list != NULL)
		status = finish(s, folder, list, can_take_back, err);
	else if (!pending_exists(s))
		clear(folder);
	arena_free(&a);
	close(folder);
	return status;
}
