/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the history and taking entries back; see history.h. */
#include "src/store/history.h"

#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/diff.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

#define HISTORY_MAX ((size_t)512 << 20)
#define DIFF_CONTEXT 3

static const char *const via_names[] = {
	[VIA_WIZARD] = "wizard", [VIA_APPLY] = "apply", [VIA_DELETE] = "delete",
	[VIA_EDIT] = "edit", [VIA_EXTERNAL] = "external", [VIA_UNDO] = "undo",
};

static const char *const op_names[] = {
	[CHANGE_CREATE] = "create", [CHANGE_UPDATE] = "update", [CHANGE_DELETE] = "delete",
};

const char *
change_via_name(enum change_via via)
{
	return via_names[via];
}

const char *
change_op_name(enum change_op op)
{
	return op_names[op];
}

static size_t
index_of(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return 0;
}

static const char *
text_or_empty(const struct value *map, const char *key)
{
	const char *text = value_get_text(map, key);

	return text != NULL ? text : "";
}

static void
read_changes(struct history_entry *e, const struct value *changes)
{
	VALUE_EACH(v, changes) {
		struct history_change c = {
			.op = (enum change_op)index_of(op_names, ARRAY_LEN(op_names),
						       value_get_text(v, "op")),
			.group = text_or_empty(v, "group"),
			.kind = text_or_empty(v, "kind"),
			.ns = text_or_empty(v, "namespace"),
			.name = text_or_empty(v, "name"),
			.file = text_or_empty(v, "file"),
			.before = value_get_text(v, "before"),
			.after = value_get_text(v, "after"),
		};

		vec_push(&e->changes, c);
	}
}

static void
read_line(struct history *h, const char *line, size_t len)
{
	struct value *v = json_parse(h->arena, line, len, NULL);
	struct history_entry e = { .n = 0 };
	int64_t n = 0, undo_of = 0;

	if (!value_to_int(value_get(v, "n"), &n) || n <= 0)
		return;			/* not one of ours */
	value_to_int(value_get(v, "undo_of"), &undo_of);
	e.n = (uint64_t)n;
	e.undo_of = undo_of > 0 ? (uint64_t)undo_of : 0;
	e.time_ms = clock_parse_iso(value_get_text(v, "time"));
	e.user = text_or_empty(v, "user");
	e.via = (enum change_via)index_of(via_names, ARRAY_LEN(via_names), value_get_text(v, "via"));
	e.note = text_or_empty(v, "note");
	read_changes(&e, value_get(v, "changes"));
	vec_push(&h->entries, e);
}

int
history_read(struct store *s, struct history *out, struct error *err)
{
	struct buf text = BUF_INIT;
	size_t at = 0;

	*out = (struct history){ .arena = arena_new() };
	if (!s->is_read_only)
		store_bring_up_to_date(s, LOCK_PATIENCE_MS, NULL);	/* as far as that is allowed */
	if (files_read(s->root, HISTORY_FILE, HISTORY_MAX, &text, NULL, err) < 0) {
		history_fini(out);
		buf_fini(&text);
		return error_prefixf(err, "%s/history.jsonl", s->state_path);
	}
	while (at < text.len) {
		const char *end = memchr(text.data + at, '\n', text.len - at);

		if (end == NULL)
			break;
		read_line(out, text.data + at, (size_t)(end - (text.data + at)));
		at = (size_t)(end - text.data) + 1;
	}
	buf_fini(&text);
	return 0;
}

void
history_fini(struct history *h)
{
	for (size_t i = 0; i < h->entries.len; i++)
		vec_fini(&h->entries.items[i].changes);
	vec_fini(&h->entries);
	arena_free(&h->arena);
}

/* Root of a document text of the history; NULL when it does not parse. */
static const struct value *
parse_document(struct arena *a, const char *text)
{
	struct yaml_stream stream = { .docs = VEC_INIT };
	const struct value *root = NULL;

	if (text != NULL && yaml_parse(a, text, strlen(text), NULL, &stream, NULL) == 0)
		for (size_t i = 0; i < stream.docs.len && root == NULL; i++)
			root = stream.docs.items[i].root;
	yaml_stream_fini(&stream);
	return root;
}

/* The change that turns h back. */
static struct change
reverse(struct arena *a, const struct history_change *h, bool force)
{
	const struct value *left = parse_document(a, h->after);
	struct change c = {
		.op = h->before == NULL ? CHANGE_DELETE :
		      h->after == NULL ? CHANGE_CREATE : CHANGE_UPDATE,
		.group = h->group, .kind = h->kind, .ns = h->ns, .name = h->name,
		.after = parse_document(a, h->before),
		.after_text = h->before,
		.has_precondition = !force,
		.expected_hash = left != NULL ? value_hash(left) : 0,
		.file = h->file,
	};

	return c;
}

/* What the object is now, as text; false when it is not there. */
static bool
put_current(struct store *s, const struct snapshot *now, const struct history_change *h,
	    struct buf *out)
{
	const struct object *o = snapshot_find_named(now, h->group, h->kind, h->ns, h->name);
	struct entry *e = o != NULL ? entry_find(s, o->file) : NULL;

	if (e == NULL)
		return false;
	object_put_text(o, e->file != NULL ? e->file : e->good, out);
	return true;
}

/* From what the change left to what is there. */
static void
put_differences(struct store *s, const struct history_entry *e, struct buf *diff)
{
	struct snapshot *now = NULL;

	if (diff == NULL || store_load(s, &now, NULL, NULL) < 0)
		return;
	for (size_t i = 0; i < e->changes.len; i++) {
		const struct history_change *h = &e->changes.items[i];
		struct buf current = BUF_INIT, name = BUF_INIT;
		bool exists = put_current(s, now, h, &current);

		buf_printf(&name, "%s %s%s%s", h->kind, h->name, h->ns[0] != '\0' ? "." : "", h->ns);
		diff_unified(diff, h->after, exists ? buf_str(&current) : NULL,
			     h->after != NULL ? buf_str(&name) : NULL,
			     exists ? buf_str(&name) : NULL, DIFF_CONTEXT);
		buf_fini(&name);
		buf_fini(&current);
	}
	snapshot_put(&now);
}

static const struct history_entry *
choose(const struct history *h, uint64_t n, struct error *err)
{
	if (h->entries.len == 0) {
		error_setf(err, ERROR_REFUSED, "the history is empty: nothing to undo");
		return NULL;
	}
	if (n == 0)	/* an entry that is undone has a newer one that did it */
		return &h->entries.items[h->entries.len - 1];
	for (size_t i = 0; i < h->entries.len; i++)
		if (h->entries.items[i].n == n)
			return &h->entries.items[i];
	error_setf(err, ERROR_REFUSED, "there is no change %llu in the history",
		   (unsigned long long)n);
	return NULL;
}

static int
undo_entry(struct store *s, const struct history_entry *e, bool force, struct buf *diff,
	   struct error *err)
{
	struct arena *a = arena_new();
	struct transaction t = {
		.via = VIA_UNDO, .undo_of = e->n,
		.note = arena_printf(a, "undo of change %llu", (unsigned long long)e->n),
	};
	struct change_result *results = xcalloc(e->changes.len + 1, sizeof(*results));
	int status;

	for (size_t i = 0; i < e->changes.len; i++) {
		struct change c = reverse(a, &e->changes.items[i], force);

		vec_push(&t.changes, c);
	}
	status = store_commit(s, &t, results, err);
	if (status < 0 && err != NULL && err->code == ERROR_CONFLICT)
		put_differences(s, e, diff);
	vec_fini(&t.changes);
	free(results);
	arena_free(&a);
	return status;
}

int
history_undo(struct store *s, uint64_t n, bool force, struct buf *diff, uint64_t *undone,
	     struct error *err)
{
	const struct history_entry *e;
	struct history h;
	int status = -1;

	if (history_read(s, &h, err) < 0)
		return -1;
	e = choose(&h, n, err);
	if (e != NULL) {
		status = undo_entry(s, e, force, diff, err);
		if (status == 0 && undone != NULL)
			*undone = e->n;
		if (status < 0)
			error_prefixf(err, "change %llu is not taken back",
				      (unsigned long long)e->n);
	}
	history_fini(&h);
	return status;
}
