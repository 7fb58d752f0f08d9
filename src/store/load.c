/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the folder to objects: what each file holds, what of it is good, and
 * which last good version stands in for what is not; see store_priv.h.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/files.h"
#include "src/store/splice.h"
#include "src/store/store_priv.h"

/* A file that changed this recently may change again within one tick of its
 * time stamp: read it anew next time. */
#define SETTLED_AFTER_S 2

void
entry_fini(struct entry *e)
{
	source_file_put(&e->serving[0]);
	source_file_put(&e->serving[1]);
	source_file_put(&e->file);
	source_file_put(&e->good);
	problems_fini(&e->problems);
	vec_fini(&e->nameless);
	free(e->bad_text);
	free(e->path);
}

struct entry *
entry_find(struct store *s, const char *path)
{
	size_t low = 0, high = s->entries.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(path, s->entries.items[middle].path);

		if (order == 0)
			return &s->entries.items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool
same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
is_settled(const struct stat *st)
{
	time_t now = time(NULL);

	return st->st_mtim.tv_sec + SETTLED_AFTER_S < now &&
	       st->st_ctim.tv_sec + SETTLED_AFTER_S < now;
}

/* What the owner of a job serves of a file that is bad; NULL: nothing. */
static const struct served_file *
find_served(const struct store *s, const char *path)
{
	const struct served_files *served = s->job != NULL ? &s->job->served : NULL;

	for (size_t i = 0; served != NULL && i < served->items.len; i++)
		if (strcmp(source_file_path(served->items.items[i].file), path) == 0)
			return &served->items.items[i];
	return NULL;
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Was the copy made of the file as it is now, by somebody who had also seen what
 * was read of it last?  Then that one knows best what stands where. */
static bool
is_copy_of(const struct stat *copy, const struct entry *before, const struct stat *now)
{
	return !is_before(&copy->st_mtim, &now->st_mtim) &&
	       !is_before(&copy->st_mtim, &before->st.st_ctim);
}

/* The last good content: what is known from before (may be NULL) or the copy under
 * good/, unless the owner of the job has seen a newer one.  NULL when there is none. */
static struct source_file *
find_good(struct store *s, const char *path, const struct entry *before, const struct stat *now)
{
	const struct served_file *served = find_served(s, path);
	struct buf text = BUF_INIT;
	char *copy = xasprintf("%s/%s", GOOD_DIR, path);
	struct source_file *f = NULL;
	struct stat st;
	bool has_copy = files_read(s->root, copy, YAML_MAX_BYTES, &text, &st, NULL) == 0;

	if (before != NULL && before->good != NULL && (!has_copy || !is_copy_of(&st, before, now)))
		f = source_file_get(before->good);
	else if (served != NULL && (!has_copy || !is_before(&served->mtim, &st.st_mtim)))
		f = source_file_get(served->file);
	else if (has_copy)
		f = source_file_new(path, buf_str(&text), text.len, NULL, NULL, NULL);
	free(copy);
	buf_fini(&text);
	return f;
}

static bool
same_identity(const struct object *o, struct slice group, const char *kind, const char *ns,
	      const char *name)
{
	return strcmp(o->name, name) == 0 && strcmp(o->kind_name, kind) == 0 &&
	       strcmp(o->ns, ns) == 0 && slice_eq(kind_group(o->api_version), group);
}

static const struct object *
find_in(const struct source_file *f, struct slice group, const char *kind, const char *ns,
	const char *name, size_t *index)
{
	size_t count = 0;
	const struct object *o = f != NULL ? source_file_objects(f, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		if (!same_identity(&o[i], group, kind, ns, name))
			continue;
		*index = i;
		return &o[i];
	}
	return NULL;
}

bool
entry_serves(const struct entry *e, const struct object *o)
{
	size_t unused;

	return find_in(e->serving[0], kind_group(o->api_version), o->kind_name, o->ns, o->name,
		       &unused) != NULL;
}

/* What of a parsed file counts. */
struct sorting {
	struct entry *entry;
	struct source_file *old;	/* last good content */
	VEC(size_t) keep;		/* objects of the file that are good */
	VEC(size_t) stand_in;		/* objects of old that stand in for bad ones */
	struct splice_edits edits;	/* from the file's text to its good content */
};

/* The document at that place is bad: its last good version, if any, serves.  The
 * good content has that in its place, or null, so that all others keep theirs. */
static void
sort_bad(struct sorting *t, size_t doc, size_t item, const struct object *last, size_t index)
{
	static const struct value nothing = { .kind = VALUE_NULL };
	struct splice_edit e = { .doc_index = doc, .list_index = item, .after = &nothing };
	const struct source_document *docs;
	size_t count;

	if (last != NULL) {
		vec_push(&t->stand_in, index);
		e.after = last->root;
		docs = source_file_documents(t->entry->file, &count);
		problem_add(&t->entry->problems, last, docs[doc].root, "MT0015", SEVERITY_INFO,
			    "", "the document is bad; its last good version keeps serving");
	}
	vec_push(&t->edits.items, e);
}

/* Does any document of the file say that it is this object? */
static bool
is_named_in(const struct source_file *f, const struct object *o)
{
	struct slice group = kind_group(o->api_version);
	const struct source_reject *r;
	size_t count, unused;

	if (find_in(f, group, o->kind_name, o->ns, o->name, &unused) != NULL)
		return true;
	r = source_file_rejects(f, &count);
	for (size_t i = 0; i < count; i++)
		if (same_identity(o, slice_of(r[i].group), r[i].kind_name, r[i].ns, r[i].name))
			return true;
	return false;
}

/* What stood in the place of a document that does not say which object it is. */
static const struct object *
find_at_place(const struct sorting *t, const struct source_reject *r, size_t *index)
{
	size_t count = 0;
	const struct object *o = t->old != NULL ? source_file_objects(t->old, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		if (o[i].doc_index != r->doc_index || o[i].list_index != r->list_index)
			continue;
		*index = i;
		return is_named_in(t->entry->file, &o[i]) ? NULL : &o[i];
	}
	return NULL;
}

static void
sort_reject(struct sorting *t, const struct source_reject *r)
{
	size_t index = 0;
	const struct object *last = find_in(t->old, slice_of(r->group), r->kind_name, r->ns, r->name,
					    &index);

	if (last == NULL && !r->is_identified && (last = find_at_place(t, r, &index)) != NULL)
		vec_push(&t->entry->nameless, ((struct stand_in){ last, r->doc_index, r->list_index }));
	if (last != NULL || r->name[0] != '\0')
		sort_bad(t, r->doc_index, r->list_index, last, index);
}

static void
sort_objects(struct sorting *t, store_check check)
{
	const struct source_reject *rejects;
	const struct object *o;
	size_t count, index = 0;

	o = source_file_objects(t->entry->file, &count);
	for (size_t i = 0; i < count; i++) {
		struct problems own = PROBLEMS_INIT;

		if (check == NULL || check(&o[i], &own))
			vec_push(&t->keep, i);
		else
			sort_bad(t, o[i].doc_index, o[i].list_index,
				 find_in(t->old, kind_group(o[i].api_version), o[i].kind_name, o[i].ns,
					 o[i].name, &index), index);
		problems_append(&t->entry->problems, &own);
		problems_fini(&own);
	}
	rejects = source_file_rejects(t->entry->file, &count);
	for (size_t i = 0; i < count; i++)
		sort_reject(t, &rejects[i]);
}

/* Serving parts and good content of a file of which some documents are bad. */
static void
serve_parts(struct sorting *t)
{
	struct entry *e = t->entry;
	struct buf text = BUF_INIT;

	e->serving[0] = source_file_subset(e->file, t->keep.items, t->keep.len);
	if (t->stand_in.len > 0)
		e->serving[1] = source_file_subset(t->old, t->stand_in.items, t->stand_in.len);
	source_file_put(&e->good);
	if (splice_file(e->file, e->path, &t->edits, &text, NULL) == 0)
		e->good = source_file_new(e->path, buf_str(&text), text.len, NULL, NULL, NULL);
	if (e->good == NULL)
		e->good = source_file_get(t->old != NULL ? t->old : e->file);
	buf_fini(&text);
}

void
entry_take(struct store *s, struct entry *e, const char *text, size_t len,
	     struct source_file *old)
{
	struct sorting t = { .entry = e, .old = old };
	struct error err = ERROR_INIT;

	e->file = source_file_new(e->path, text, len, NULL, &e->problems, &err);
	if (e->file == NULL) {
		e->bad_text = xstrndup(text, len);
		problem_add_file(&e->problems, e->path, err.line, err.col, "MT0001", SEVERITY_ERROR,
				 "%s%s", err.msg, old != NULL ? "; the last good content of the "
				 "file keeps serving" : "");
		e->good = old != NULL ? source_file_get(old) : NULL;
		e->serving[0] = old != NULL ? source_file_get(old) : NULL;
		return;
	}
	sort_objects(&t, s->check);
	if (t.edits.items.len == 0) {
		e->good = source_file_get(e->file);
		e->serving[0] = source_file_get(e->file);
	} else {
		serve_parts(&t);
	}
	vec_fini(&t.keep);
	vec_fini(&t.stand_in);
	vec_fini(&t.edits.items);
}

/* Does the entry hold this very text? */
static bool
has_text(const struct entry *e, const struct buf *text)
{
	size_t len = e->bad_text != NULL ? strlen(e->bad_text) : 0;
	const char *own = e->bad_text;

	if (e->file != NULL)
		own = source_file_text(e->file, &len);
	return own != NULL && len == text->len && memcmp(own, buf_str(text), len) == 0;
}

/* Reads one file into a new entry; before (may be NULL) is what it was.  An
 * unreadable file goes on serving what it had. */
static void
read_entry(struct store *s, struct entry *e, struct entry *before, const struct stat *st)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;
	struct source_file *old = NULL;
	int status = files_read(s->root, e->path, YAML_MAX_BYTES, &text, &e->st, &err);
	int cause = status < 0 ? errno : 0;

	if (status == 0 && before != NULL && has_text(before, &text)) {
		char *path = e->path;
		struct stat now = e->st;

		*e = *before;
		memset(before, 0, sizeof(*before));
		before->path = path;
		e->st = now;
		e->is_settled = is_settled(st);
		buf_fini(&text);
		return;
	}
	s->is_reloaded = true;
	old = find_good(s, e->path, before, st);
	if (before != NULL)
		e->good_mtim = before->good_mtim;
	if (status == 0) {
		entry_take(s, e, buf_str(&text), text.len, old);
		if (e->good != NULL && e->good == e->file)
			e->good_mtim = e->st.st_mtim;
		e->is_settled = is_settled(st);
	} else if (status < 0) {
		problem_add_file(&e->problems, e->path, 1, 1, "MT0014", SEVERITY_ERROR, "%s", err.msg);
		e->good = old != NULL ? source_file_get(old) : NULL;
		e->serving[0] = old != NULL ? source_file_get(old) : NULL;
		e->is_unknown = old == NULL && cause != 0;
	}
	source_file_put(&old);
	buf_fini(&text);
}

/* All files that are there, or that were in folders which cannot be entered. */
static int
list_files(struct store *s, struct file_list *found, struct problems *problems,
	   struct error *err)
{
	int status = files_find(s->root, found, problems, err);
	int good = found->unseen.len > 0 ? files_open_folder(s->root, GOOD_DIR, 0, NULL) : -1;

	if (good < 0)
		return status;
	files_add_copies(good, found);
	close(good);
	return status;
}

static void
take_unseen(struct store *s, const struct file_list *found)
{
	const char *first = found->unseen.len > 0 ? found->unseen.items[0] : NULL;

	free(s->unseen);
	s->unseen = first != NULL ? xstrdup(first[0] != '\0' ? first : ".") : NULL;
}

int
load_entries(struct store *s, struct problems *problems, struct error *err)
{
	struct file_list found = FILE_LIST_INIT;
	struct { struct entry *items; size_t len, cap; } fresh = VEC_INIT;

	if (list_files(s, &found, problems, err) < 0) {
		file_list_fini(&found);
		return -1;
	}
	for (size_t i = 0; i < found.files.len; i++) {
		struct found_file *f = &found.files.items[i];
		struct entry *before = entry_find(s, f->path);
		struct entry e = { .path = xstrdup(f->path), .problems = PROBLEMS_INIT };

		if (before != NULL && before->is_settled && same_stat(&before->st, &f->st)) {
			free(e.path);
			e = *before;
			memset(before, 0, sizeof(*before));
			before->path = xstrdup(e.path);
		} else {
			read_entry(s, &e, before, &f->st);
		}
		vec_push(&fresh, e);
		problems_append(problems, &e.problems);
	}
	for (size_t i = 0; i < s->entries.len; i++)
		entry_fini(&s->entries.items[i]);
	if (s->entries.len != fresh.len)
		s->is_reloaded = true;
	vec_fini(&s->entries);
	s->entries.items = fresh.items;
	s->entries.len = fresh.len;
	s->entries.cap = fresh.cap;
	take_unseen(s, &found);
	file_list_fini(&found);
	return 0;
}

bool
load_is_stale(struct store *s)
{
	struct file_list found = FILE_LIST_INIT;
	bool is_stale = list_files(s, &found, NULL, NULL) == 0 &&
			found.files.len != s->entries.len;

	for (size_t i = 0; i < found.files.len && !is_stale; i++)
		is_stale = strcmp(found.files.items[i].path, s->entries.items[i].path) != 0 ||
			   !same_stat(&found.files.items[i].st, &s->entries.items[i].st);
	file_list_fini(&found);
	return is_stale;
}
