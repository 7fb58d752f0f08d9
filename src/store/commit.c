/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transaction of documents, from its checks to the disk; see store.h. */
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/files.h"
#include "src/store/history.h"
#include "src/store/splice.h"
#include "src/store/store_priv.h"

#define FILE_NAME_MAX 200	/* longer names are cut and get a number from their hash */

/* A file that the transaction changes. */
struct touched {
	const char *path;
	struct entry *entry;		/* NULL: a new file */
	struct splice_edits edits;
	struct buf text;		/* new content; empty: goes away */
	struct entry next;		/* what the new content will be */
};

struct committing {
	struct store *store;
	const struct transaction *t;
	struct change_result *results;
	struct arena *arena;
	VEC(struct touched) files;
	struct history_entry history;
	bool is_refused;
	enum error_code code;
};

/* Where an object stands now. */
struct found {
	struct entry *entry;
	const struct object *object;	/* NULL: a bad document of that identity */
	size_t doc_index, list_index;
};

static void __attribute__((format(printf, 4, 5)))
refuse(struct committing *c, size_t i, enum change_state state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->results[i].cause, sizeof(c->results[i].cause), fmt, ap);
	va_end(ap);
	c->results[i].state = state;
	c->is_refused = true;
	c->code = state == CHANGE_CONFLICT ? ERROR_CONFLICT : ERROR_REFUSED;
}

static bool
matches(const struct change *want, struct slice group, const char *kind, const char *ns,
	const char *name)
{
	return strcmp(want->name, name) == 0 && strcmp(want->kind, kind) == 0 &&
	       strcmp(want->ns, ns) == 0 && slice_is(group, want->group);
}

static bool
find_in_entry(struct entry *e, const struct change *want, struct found *out)
{
	const struct source_reject *r;
	const struct object *o;
	size_t count;

	if (e->file == NULL)
		return false;
	o = source_file_objects(e->file, &count);
	for (size_t i = 0; i < count; i++) {
		if (!matches(want, kind_group(o[i].api_version), o[i].kind_name, o[i].ns, o[i].name))
			continue;
		*out = (struct found){ e, &o[i], o[i].doc_index, o[i].list_index };
		return true;
	}
	r = source_file_rejects(e->file, &count);
	for (size_t i = 0; i < count; i++) {
		if (!matches(want, slice_of(r[i].group), r[i].kind_name, r[i].ns, r[i].name))
			continue;
		*out = (struct found){ e, NULL, r[i].doc_index, r[i].list_index };
		return true;
	}
	return false;
}

/* A document that does not say which object it is any more. */
static bool
find_nameless(struct entry *e, const struct change *want, struct found *out)
{
	for (size_t i = 0; i < e->nameless.len; i++) {
		const struct stand_in *n = &e->nameless.items[i];
		const struct object *o = n->object;

		if (!matches(want, kind_group(o->api_version), o->kind_name, o->ns, o->name))
			continue;
		*out = (struct found){ e, NULL, n->doc_index, n->list_index };
		return true;
	}
	return false;
}

/* The first document of that identity, else one that it stands in for. */
static bool
find_document(struct store *s, const struct change *want, struct found *out)
{
	*out = (struct found){ .entry = NULL };
	for (size_t i = 0; i < s->entries.len; i++)
		if (find_in_entry(&s->entries.items[i], want, out))
			return true;
	for (size_t i = 0; i < s->entries.len; i++)
		if (find_nameless(&s->entries.items[i], want, out))
			return true;
	return false;
}

/* Does a file that cannot be read hold it in its last good version? */
static const char *
find_in_bad_files(struct store *s, const struct change *want)
{
	for (size_t i = 0; i < s->entries.len; i++) {
		struct entry *e = &s->entries.items[i];
		struct entry good = { .file = e->good };
		struct found f;

		if (e->file == NULL && e->good != NULL && find_in_entry(&good, want, &f))
			return e->path;
	}
	return NULL;
}

/* A file or folder of which nobody can tell whether an object stands there: it
 * would be written a second time.  NULL: there is none. */
static const char *
find_unknown(const struct store *s)
{
	for (size_t i = 0; i < s->entries.len; i++)
		if (s->entries.items[i].is_unknown)
			return s->entries.items[i].path;
	return s->unseen;
}

static struct touched *
touch(struct committing *c, const char *path, struct entry *entry)
{
	struct touched t = { .path = arena_strdup(c->arena, path), .entry = entry };

	for (size_t i = 0; i < c->files.len; i++)
		if (strcmp(c->files.items[i].path, path) == 0)
			return &c->files.items[i];
	vec_push(&c->files, t);
	return &c->files.items[c->files.len - 1];
}

/* NAMESPACE/KIND-NAME.yaml; a Namespace lies in the folder that it names. */
static char *
default_path(struct committing *c, const struct change *want)
{
	char *kind = arena_strdup(c->arena, want->kind);
	char *name;
	size_t len;

	for (char *p = kind; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	name = arena_printf(c->arena, "%s-%s", kind, want->name);
	len = strlen(name);
	if (len > FILE_NAME_MAX) {
		uint64_t hash = 14695981039346656037u;

		for (const char *p = name; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * 1099511628211u;
		name = arena_printf(c->arena, "%.*s-%08x", FILE_NAME_MAX, name,
				    (unsigned)(hash & 0xffffffffu));
	}
	return arena_printf(c->arena, "%s/%s", want->ns[0] != '\0' ? want->ns : want->name, name);
}

/* May a document be added to that file (or the file be made)? */
static bool
is_free(struct store *s, const char *path)
{
	struct entry *e = entry_find(s, path);
	const char *name;
	struct stat st;
	bool is_there;
	int folder;

	if (e != NULL)
		return e->file != NULL && !slice_ends(slice_of(path), SLICE(".json"));
	folder = files_open_parent(s->root, path, 0, &name, NULL);
	if (folder < 0)
		return true;		/* made later, or refused then */
	is_there = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	close(folder);
	return !is_there;
}

static const char *
new_path(struct committing *c, const struct change *want)
{
	char *stem, *path;

	if (want->file != NULL && want->file[0] != '\0' && want->file[0] != '.' &&
	    strstr(want->file, "/.") == NULL && files_is_document(want->file) &&
	    is_free(c->store, want->file))
		return want->file;
	stem = default_path(c, want);
	path = arena_printf(c->arena, "%s.yaml", stem);
	for (unsigned n = 2; n < 1000 && !is_free(c->store, path); n++)
		path = arena_printf(c->arena, "%s-%u.yaml", stem, n);
	return path;
}

static bool
kind_is_word(const char *kind)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)kind[i]))
			return false;
	return len > 0 && len <= 63;
}

/* The document with its namespace in it; the text is kept when it says so. */
static const struct value *
with_namespace(struct committing *c, const struct change *want, const char **text)
{
	const char *ns = value_get_text(value_get(want->after, "metadata"), "namespace");
	struct value *copy;

	*text = want->after_text;
	if (want->ns[0] == '\0' || strcmp(ns != NULL && *ns != '\0' ? ns : "default", want->ns) == 0)
		return want->after;
	*text = NULL;
	copy = value_copy(c->arena, want->after);
	value_set_string(c->arena, value_ensure_map(c->arena, copy, "metadata"), "namespace",
			 want->ns);
	return copy;
}

/* Equal but for a namespace that is left to its default. */
static bool
same_content(struct committing *c, const struct value *a, const struct value *b, const char *ns)
{
	struct value *x = value_copy(c->arena, a), *y = value_copy(c->arena, b);

	if (ns[0] != '\0') {
		value_set_string(c->arena, value_ensure_map(c->arena, x, "metadata"), "namespace", ns);
		value_set_string(c->arena, value_ensure_map(c->arena, y, "metadata"), "namespace", ns);
	}
	return value_equal(x, y);
}

static bool
check_change(struct committing *c, size_t i, const struct found *f)
{
	const struct change *want = &c->t->changes.items[i];
	const char *bad = f->entry == NULL ? find_in_bad_files(c->store, want) : NULL;
	const char *unknown = f->entry == NULL ? find_unknown(c->store) : NULL;
	uint64_t hash = f->object != NULL ? f->object->hash : 0;

	if (!kind_is_word(want->kind) || !name_is_dns_subdomain(want->name) ||
	    (want->ns[0] != '\0' && !name_is_dns_label(want->ns)))
		refuse(c, i, CHANGE_INVALID, "kind, name or namespace is not valid");
	else if (bad != NULL)
		refuse(c, i, CHANGE_INVALID, "%s does not parse, or cannot be read: mend that file first", bad);
	else if (unknown != NULL)
		refuse(c, i, CHANGE_INVALID, "it may stand in %s, which cannot be read: mend that first",
		       unknown);
	else if (want->has_precondition && want->expected_hash != hash)
		refuse(c, i, CHANGE_CONFLICT, hash == 0 ? "it does not exist any more" :
		       want->expected_hash == 0 ? "it exists already" :
		       "it was changed meanwhile");
	else if (want->op != CHANGE_DELETE && want->after == NULL)
		refuse(c, i, CHANGE_INVALID, "no document");
	else
		return true;
	return false;
}

static const char *
found_text(struct committing *c, const struct found *f)
{
	const struct source_document *docs;
	struct buf text = BUF_INIT;
	size_t count;
	const char *kept;

	if (f->entry == NULL)
		return NULL;
	if (f->object != NULL) {
		object_put_text(f->object, f->entry->file, &text);
	} else {
		docs = source_file_documents(f->entry->file, &count);
		buf_append(&text, source_file_text(f->entry->file, NULL) + docs[f->doc_index].begin,
			   docs[f->doc_index].end - docs[f->doc_index].begin);
	}
	kept = arena_strndup(c->arena, buf_str(&text), text.len);
	buf_fini(&text);
	return kept;
}

static void
take_change(struct committing *c, size_t i)
{
	const struct change *want = &c->t->changes.items[i];
	struct splice_edit edit = { .doc_index = SIZE_MAX, .list_index = SIZE_MAX };
	struct history_change h = { .group = want->group, .kind = want->kind, .ns = want->ns,
				    .name = want->name };
	struct found f;
	struct touched *t;

	find_document(c->store, want, &f);
	c->results[i] = (struct change_result){ .state = CHANGE_DONE };
	if (!check_change(c, i, &f))
		return;
	if (want->op != CHANGE_DELETE)
		edit.after = with_namespace(c, want, &edit.text);
	if (want->op == CHANGE_DELETE ? f.entry == NULL :
	    f.object != NULL && same_content(c, f.object->root, edit.after, want->ns)) {
		c->results[i].state = CHANGE_UNCHANGED;
		return;
	}
	if (f.entry != NULL) {
		edit.doc_index = f.doc_index;
		edit.list_index = f.list_index;
		t = touch(c, f.entry->path, f.entry);
	} else {
		const char *path = new_path(c, want);

		t = touch(c, path, entry_find(c->store, path));
	}
	vec_push(&t->edits.items, edit);
	h.op = f.entry == NULL ? CHANGE_CREATE : want->op == CHANGE_DELETE ? CHANGE_DELETE :
	       CHANGE_UPDATE;
	h.file = t->path;
	h.before = found_text(c, &f);
	vec_push(&c->history.changes, h);
}

/* The last good content without what is deleted, so that the rest keeps its
 * places; NULL: there is none.  Caller puts. */
static struct source_file *
good_without_deleted(const struct touched *t)
{
	struct source_file *good = t->entry != NULL ? t->entry->good : NULL, *left = NULL;
	struct splice_edits deleted = { .items = VEC_INIT };
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < t->edits.items.len; i++)
		if (t->edits.items.items[i].after == NULL)
			vec_push(&deleted.items, t->edits.items.items[i]);
	if (good != NULL && deleted.items.len > 0 &&
	    splice_file(good, t->path, &deleted, &text, NULL) == 0)
		left = source_file_new(t->path, buf_str(&text), text.len, NULL, NULL, NULL);
	if (good != NULL && left == NULL)
		left = source_file_get(good);
	vec_fini(&deleted.items);
	buf_fini(&text);
	return left;
}

/* New text of each file and what it will count for. */
static int
splice_files(struct committing *c, struct error *err)
{
	for (size_t i = 0; i < c->files.len; i++) {
		struct touched *t = &c->files.items[i];
		struct source_file *old;

		if (splice_file(t->entry != NULL ? t->entry->file : NULL, t->path, &t->edits,
				&t->text, err) < 0)
			return -1;
		t->next.path = xstrdup(t->path);
		old = good_without_deleted(t);
		if (t->text.len > 0)
			entry_take(c->store, &t->next, buf_str(&t->text), t->text.len, old);
		source_file_put(&old);
	}
	return 0;
}

/* Every new document must be good where it will stand. */
static int
check_results(struct committing *c, struct error *err)
{
	for (size_t i = 0; i < c->t->changes.len; i++) {
		const struct change *want = &c->t->changes.items[i];
		bool is_good = false;

		if (want->op == CHANGE_DELETE || c->results[i].state != CHANGE_DONE)
			continue;
		for (size_t n = 0; n < c->files.len && !is_good; n++) {
			struct entry *next = &c->files.items[n].next;
			struct entry part = { .file = next->serving[0] };
			struct found f;

			is_good = find_in_entry(&part, want, &f) && f.object != NULL;
		}
		if (is_good)
			continue;
		refuse(c, i, CHANGE_INVALID, "the document is not valid");
		for (size_t n = 0; n < c->files.len; n++)
			for (size_t r = 0; r < c->files.items[n].next.problems.rows.len; r++) {
				const struct problem *row =
					&c->files.items[n].next.problems.rows.items[r];

				if (row->severity == SEVERITY_ERROR &&
				    strcmp(row->name, want->name) == 0)
					refuse(c, i, CHANGE_INVALID, "%s%s%s", row->path,
					       row->path[0] != '\0' ? ": " : "", row->message);
			}
		return error_setf(err, ERROR_REFUSED, "%s %s: %s", want->kind, want->name,
				  c->results[i].cause);
	}
	return 0;
}

/* Texts of the documents as they will stand, for the history. */
static void
fill_after(struct committing *c)
{
	for (size_t i = 0; i < c->history.changes.len; i++) {
		struct history_change *h = &c->history.changes.items[i];
		struct change want = { .group = h->group, .kind = h->kind, .ns = h->ns,
				       .name = h->name };

		for (size_t n = 0; h->op != CHANGE_DELETE && n < c->files.len; n++) {
			struct found f;

			if (strcmp(c->files.items[n].path, h->file) == 0 &&
			    find_in_entry(&c->files.items[n].next, &want, &f)) {
				f.entry = &c->files.items[n].next;
				h->after = found_text(c, &f);
			}
		}
	}
}

static void
list_files(struct committing *c, struct pending *p)
{
	for (size_t i = 0; i < c->files.len; i++) {
		struct touched *t = &c->files.items[i];
		struct pending_file f = { t->path, t->text.len > 0 ? buf_str(&t->text) : NULL,
					  t->text.len };

		vec_push(&p->files, f);
	}
	for (size_t i = 0; i < c->files.len; i++) {
		struct touched *t = &c->files.items[i];
		struct pending_file f = {
			.path = arena_printf(c->arena, "%s/%s", GOOD_DIR, t->path),
		};

		if (t->next.good != NULL)
			f.text = source_file_text(t->next.good, &f.len);
		vec_push(&p->files, f);
	}
}

static int
write_all_files(struct committing *c, struct error *err)
{
	struct pending p = { .files = VEC_INIT };
	struct buf line = BUF_INIT;
	char *user = history_user(getuid());
	size_t whole;
	int status = history_tail(c->store, &c->history.n, &whole, err);

	fill_after(c);
	list_files(c, &p);
	c->history.n++;
	c->history.user = user;
	c->history.time_ms = clock_wall_ms(&clock_system);
	c->history.via = c->t->via;
	c->history.note = c->t->note;
	c->history.undo_of = c->t->undo_of;
	history_put_line(&c->history, &line);
	p.history = buf_str(&line);
	p.history_n = c->history.n;
	if (status == 0)
		status = pending_run(c->store, &p, err);
	free(user);
	buf_fini(&line);
	vec_fini(&p.files);
	return status;
}

static int
refused(struct committing *c, struct error *err)
{
	for (size_t i = 0; i < c->t->changes.len; i++) {
		const struct change *want = &c->t->changes.items[i];

		if (c->results[i].cause[0] != '\0') {
			error_setf(err, c->code, "%s %s%s%s: %s", want->kind, want->name,
				   want->ns[0] != '\0' ? "." : "", want->ns, c->results[i].cause);
			break;
		}
	}
	return -1;
}

static int
commit_locked(struct committing *c, struct error *err)
{
	for (size_t i = 0; i < c->t->changes.len; i++)
		take_change(c, i);
	if (c->is_refused)
		return refused(c, err);
	if (splice_files(c, err) < 0 || check_results(c, err) < 0)
		return -1;
	if (c->t->is_dry_run || c->files.len == 0)
		return 0;
	return write_all_files(c, err);
}

/* Nothing was written: what would have been done is pending again. */
static void
take_back_results(struct committing *c)
{
	for (size_t i = 0; i < c->t->changes.len; i++)
		if (c->results[i].state == CHANGE_DONE)
			c->results[i].state = CHANGE_PENDING;
}

static void
committing_fini(struct committing *c)
{
	for (size_t i = 0; i < c->files.len; i++) {
		vec_fini(&c->files.items[i].edits.items);
		buf_fini(&c->files.items[i].text);
		entry_fini(&c->files.items[i].next);
	}
	vec_fini(&c->files);
	vec_fini(&c->history.changes);
	arena_free(&c->arena);
}

int
store_commit(struct store *s, const struct transaction *t, struct change_result *results,
	     struct error *err)
{
	struct committing c = { .store = s, .t = t, .results = results };
	int lock, status;

	for (size_t i = 0; i < t->changes.len; i++)
		results[i] = (struct change_result){ .state = CHANGE_PENDING };
	if (s->is_read_only)
		return error_setf(err, ERROR_REFUSED, "%s was opened for reading only", s->path);
	if (lock_take(s, !t->is_dry_run, LOCK_PATIENT, &lock, err) < 0)
		return -1;
	c.arena = arena_new();
	status = t->is_dry_run ? 0 : pending_complete(s, err);
	if (status == 0)
		status = load_entries(s, NULL, err);
	if (status == 0 && !t->is_dry_run)
		status = record_outside_edits(s, err);
	if (status == 0)
		status = commit_locked(&c, err);
	if (status < 0)
		take_back_results(&c);
	lock_give(&lock);
	committing_fini(&c);
	return status;
}
