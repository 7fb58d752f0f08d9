/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits that others made to the files: what differs from the good copies is
 * written to the history once, by whoever holds the lock first; see
 * store_priv.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/base/yaml.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/files.h"
#include "src/store/history.h"
#include "src/store/store_priv.h"

struct source_files {
	VEC(struct source_file *) items;
};

struct recording {
	struct store *store;
	struct arena *arena;
	struct pending pending;
	struct source_files old, new;
	uid_t uid;			/* owner of the first changed file */
	bool has_uid;
};

/* Copy and content differ: both go to the comparison, the copy is renewed. */
static void
note_difference(struct recording *r, const char *path, const struct buf *copy,
		struct source_file *now)
{
	struct source_file *then = source_file_new(path, buf_str(copy), copy->len, NULL, NULL, NULL);
	struct pending_file f = { .path = arena_printf(r->arena, "%s/%s", GOOD_DIR, path) };

	if (then != NULL)
		vec_push(&r->old.items, then);
	if (now != NULL) {
		vec_push(&r->new.items, source_file_get(now));
		f.text = source_file_text(now, &f.len);
	}
	vec_push(&r->pending.files, f);
}

static int
compare_entry(struct recording *r, const struct entry *e, struct error *err)
{
	struct buf copy = BUF_INIT;
	char *path = xasprintf("%s/%s", GOOD_DIR, e->path);
	size_t len;
	const char *text = source_file_text(e->good, &len);
	int status = files_read(r->store->root, path, YAML_MAX_BYTES, &copy, NULL, err);

	if (status < 0) {
		error_prefixf(err, "%s", path);
	} else if (status == 1 || copy.len != len || memcmp(buf_str(&copy), text, len) != 0) {
		note_difference(r, e->path, &copy, e->good);
		if (!r->has_uid)
			r->uid = e->st.st_uid;
		r->has_uid = true;
	}
	free(path);
	buf_fini(&copy);
	return status < 0 ? -1 : 0;
}

static int
compare_entries(struct recording *r, struct error *err)
{
	for (size_t i = 0; i < r->store->entries.len; i++) {
		const struct entry *e = &r->store->entries.items[i];

		if (e->good != NULL && compare_entry(r, e, err) < 0)
			return -1;
	}
	return 0;
}

/* Copies whose file has gone; not when files may be there that cannot be seen. */
static int
compare_copies(struct recording *r, int good, struct error *err)
{
	struct file_list copies = FILE_LIST_INIT;
	int status = r->store->unseen != NULL ? 0 : files_find(good, &copies, NULL, err);

	for (size_t i = 0; status >= 0 && i < copies.files.len; i++) {
		const char *path = copies.files.items[i].path;
		struct buf copy = BUF_INIT;

		if (entry_find(r->store, path) == NULL) {
			status = files_read(good, path, YAML_MAX_BYTES, &copy, NULL, err);
			if (status == 0)
				note_difference(r, path, &copy, NULL);
		}
		buf_fini(&copy);
	}
	file_list_fini(&copies);
	return status < 0 ? -1 : 0;
}

static const struct source_file *
file_of(const struct source_files *files, const struct object *o)
{
	for (size_t i = 0; i < files->items.len; i++)
		if (strcmp(source_file_path(files->items.items[i]), o->file) == 0)
			return files->items.items[i];
	return NULL;
}

static const char *
text_of(struct recording *r, const struct source_files *files, const struct object *o)
{
	struct buf text = BUF_INIT;
	const char *kept;

	object_put_text(o, file_of(files, o), &text);
	kept = arena_strndup(r->arena, buf_str(&text), text.len);
	buf_fini(&text);
	return kept;
}

static void
push_change(struct recording *r, struct history_entry *e, const struct object *before,
	    const struct object *after)
{
	const struct object *o = after != NULL ? after : before;
	struct slice group = kind_group(o->api_version);
	struct history_change c = {
		.op = before == NULL ? CHANGE_CREATE : after == NULL ? CHANGE_DELETE : CHANGE_UPDATE,
		.group = arena_strndup(r->arena, group.ptr, group.len),
		.kind = o->kind_name, .ns = o->ns, .name = o->name, .file = o->file,
	};

	if (before != NULL)
		c.before = text_of(r, &r->old, before);
	if (after != NULL)
		c.after = text_of(r, &r->new, after);
	vec_push(&e->changes, c);
}

static const struct object *
find_same(struct recording *r, const struct snapshot *s, const struct object *o)
{
	struct slice group = kind_group(o->api_version);

	return snapshot_find_named(s, arena_strndup(r->arena, group.ptr, group.len), o->kind_name,
				   o->ns, o->name);
}

static void
compare_objects(struct recording *r, const struct snapshot *old, const struct snapshot *new,
		struct history_entry *e)
{
	for (size_t i = 0; i < new->count; i++) {
		const struct object *before = find_same(r, old, new->objects[i]);

		if (before == NULL || before->hash != new->objects[i]->hash)
			push_change(r, e, before, new->objects[i]);
	}
	for (size_t i = 0; i < old->count; i++)
		if (find_same(r, new, old->objects[i]) == NULL)
			push_change(r, e, old->objects[i], NULL);
}

static int
write_record(struct recording *r, bool is_first, struct error *err)
{
	struct history_entry e = { .via = VIA_EXTERNAL, .time_ms = clock_wall_ms(&clock_system) };
	struct snapshot *old = snapshot_new(r->old.items.items, r->old.items.len, 0, NULL);
	struct snapshot *new = snapshot_new(r->new.items.items, r->new.items.len, 0, NULL);
	char *user = history_user(r->has_uid ? r->uid : geteuid());
	struct buf line = BUF_INIT;
	size_t whole;
	int status = 0;

	e.user = user;
	e.note = "edited outside of meshtop";
	if (!is_first)
		compare_objects(r, old, new, &e);
	if (e.changes.len > 0) {
		status = history_tail(r->store, &e.n, &whole, err);
		e.n++;
		history_put_line(&e, &line);
		r->pending.history = buf_str(&line);
		r->pending.history_n = e.n;
	}
	if (status == 0)
		status = pending_run(r->store, &r->pending, err);
	buf_fini(&line);
	vec_fini(&e.changes);
	free(user);
	snapshot_put(&old);
	snapshot_put(&new);
	return status;
}

/* A copy is as old as the file that it was made of, so that it can be told
 * from what another store has seen since (see load.c). */
static void
date_copies(const struct recording *r)
{
	for (size_t i = 0; i < r->pending.files.len; i++) {
		const struct pending_file *f = &r->pending.files.items[i];
		const struct entry *e = entry_find(r->store, f->path + sizeof(GOOD_DIR));

		if (f->text != NULL && e != NULL && e->good == e->file)
			(void)utimensat(r->store->root, f->path,
					(struct timespec[]){ { .tv_nsec = UTIME_OMIT }, e->st.st_mtim },
					AT_SYMLINK_NOFOLLOW);
	}
}

static void
recording_fini(struct recording *r)
{
	for (size_t i = 0; i < r->old.items.len; i++)
		source_file_put(&r->old.items.items[i]);
	for (size_t i = 0; i < r->new.items.len; i++)
		source_file_put(&r->new.items.items[i]);
	vec_fini(&r->old.items);
	vec_fini(&r->new.items);
	vec_fini(&r->pending.files);
	arena_free(&r->arena);
}

int
record_outside_edits(struct store *s, struct error *err)
{
	struct recording r = { .store = s };
	struct stat st;
	bool is_first = fstatat(s->root, GOOD_DIR, &st, AT_SYMLINK_NOFOLLOW) < 0;
	int good, status;

	if (is_first && errno != ENOENT)
		return error_errnof(err, "%s/good", s->state_path);
	good = files_open_folder(s->root, GOOD_DIR, STATE_MODE, err);
	if (good < 0)
		return -1;
	r.arena = arena_new();
	status = compare_entries(&r, err);
	if (status == 0)
		status = compare_copies(&r, good, err);
	if (status == 0 && r.pending.files.len > 0)
		status = write_record(&r, is_first, err);
	if (status == 0)
		date_copies(&r);
	recording_fini(&r);
	close(good);
	return status;
}
