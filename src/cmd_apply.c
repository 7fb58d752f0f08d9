/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `apply` and `delete`: documents into and out of a mesh directory. */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/commands.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/store.h"
#include "src/target.h"

/* One `apply` on its way. */
struct applying {
	const struct cli *cli;
	struct arena *arena;
	struct target target;
	struct documents documents;
	const char *ns;			/* -n; NULL */
	struct snapshot *before;
	struct transaction transaction;
	VEC(const struct object *) objects;	/* one per change */
	struct change_result *results;
};

static const char *
group_of(struct arena *a, const char *api_version)
{
	struct slice group = kind_group(api_version);

	return arena_strndup(a, group.ptr, group.len);
}

/* "virtualservice.networking.istio.io", "service", as kubectl prints kinds. */
static void
put_kind(struct buf *out, const char *kind, const char *group)
{
	for (const char *p = kind; *p != '\0'; p++)
		buf_putc(out, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
	if (group[0] != '\0')
		buf_printf(out, ".%s", group);
}

/*
 * The document as written, with the namespace of the command line put in
 * before the first member of metadata.  NULL when that cannot be done by
 * bytes; the store then emits the document.
 */
static const char *
text_with_namespace(struct arena *a, const struct object *o, const char *text)
{
	const struct value *first = o->metadata->first;
	const char *given = value_get_text(o->metadata, "namespace");
	size_t line, at;

	if (o->ns[0] == '\0' || (given != NULL && given[0] != '\0') || strcmp(o->ns, "default") == 0)
		return arena_strndup(a, text + o->begin, o->end - o->begin);
	if (given != NULL || first == NULL || text[o->metadata->begin] == '{')
		return NULL;
	/* of a block map: the line of its first key */
	at = o->metadata->begin;
	for (line = at; line > o->begin && text[line - 1] != '\n'; line--)
		;
	for (size_t i = line; i < at; i++)
		if (text[i] != ' ')
			return NULL;
	return arena_printf(a, "%.*s%.*snamespace: %s\n%.*s", (int)(line - o->begin), text + o->begin,
			    (int)(at - line), text + line, o->ns, (int)(o->end - line), text + line);
}

/* The text is only kept when it reads as the object in its namespace. */
static const char *
stored_text(struct arena *a, const struct object *o, const struct source_file *f)
{
	const char *text = text_with_namespace(a, o, source_file_text(f, NULL));
	struct yaml_stream stream = { .docs = VEC_INIT };
	struct value *want = value_copy(a, o->root);
	bool reads_equal = false;
	const char *given = value_get_text(o->metadata, "namespace");

	if (text == NULL)
		return NULL;
	if (o->ns[0] != '\0' && (given == NULL || given[0] == '\0') && strcmp(o->ns, "default") != 0)
		value_set_string(a, value_ensure_map(a, want, "metadata"), "namespace", o->ns);
	if (yaml_parse(a, text, strlen(text), NULL, &stream, NULL) == 0)
		reads_equal = stream.docs.len == 1 && stream.docs.items[0].root != NULL &&
			      value_equal(stream.docs.items[0].root, want);
	yaml_stream_fini(&stream);
	return reads_equal ? text : NULL;
}

/* A later document of the same identity takes the place of an earlier one. */
static size_t
slot_of(struct applying *a, const struct change *c)
{
	for (size_t i = 0; i < a->transaction.changes.len; i++) {
		const struct change *old = &a->transaction.changes.items[i];

		if (strcmp(old->name, c->name) == 0 && strcmp(old->ns, c->ns) == 0 &&
		    strcmp(old->kind, c->kind) == 0 && strcmp(old->group, c->group) == 0)
			return i;
	}
	return a->transaction.changes.len;
}

static void
add_object(struct applying *a, const struct object *o, const struct source_file *f)
{
	struct change c = {
		.op = CHANGE_UPDATE, .group = group_of(a->arena, o->api_version),
		.kind = o->kind_name, .ns = o->ns, .name = o->name, .after = o->root,
	};
	size_t at;

	if (o->list_index == SIZE_MAX)
		c.after_text = stored_text(a->arena, o, f);
	if (o->ns[0] != '\0') {
		struct value *copy = value_copy(a->arena, o->root);

		if (strcmp(o->ns, "default") != 0 || value_get_text(o->metadata, "namespace") != NULL)
			value_set_string(a->arena, value_ensure_map(a->arena, copy, "metadata"),
					 "namespace", o->ns);
		c.after = copy;
	}
	at = slot_of(a, &c);
	if (at < a->transaction.changes.len) {
		a->transaction.changes.items[at] = c;
		a->objects.items[at] = o;
		return;
	}
	vec_push(&a->transaction.changes, c);
	vec_push(&a->objects, o);
}

static int
read_documents(struct applying *a, struct error *err)
{
	struct problems rows = PROBLEMS_INIT;
	int status;

	if (cli_count(a->cli, "filename") == 0)
		return error_setf(err, ERROR_USAGE, "apply: -f FILE is missing");
	if (documents_read(a->cli, a->ns, true, &a->documents, &rows, err) < 0) {
		problems_fini(&rows);
		return -1;
	}
	problems_sort(&rows);
	status = cli_refuse(&rows, SEVERITY_WARNING, err);
	problems_fini(&rows);
	for (size_t i = 0; i < a->documents.files.len; i++) {
		size_t count;
		const struct object *o = source_file_objects(a->documents.files.items[i], &count);

		for (size_t n = 0; n < count; n++)
			add_object(a, &o[n], a->documents.files.items[i]);
	}
	if (status == 0 && a->objects.len == 0)
		return error_setf(err, ERROR_SYNTAX, "apply: no document in what -f names");
	return status;
}

/* Errors that the documents bring refuse them; warnings are told. */
static int
check(struct applying *a, struct error *err)
{
	struct snapshot *overlaid = snapshot_overlay(a->before, a->documents.files.items,
						     a->documents.files.len, NULL, 0);
	struct problems rows = PROBLEMS_INIT;
	int status;

	cli_check_change(a->before, overlaid, &rows);
	status = cli_refuse(&rows, SEVERITY_WARNING, err);
	problems_fini(&rows);
	snapshot_put(&overlaid);
	return status;
}

static void
put_results(const struct applying *a, struct buf *out)
{
	for (size_t i = 0; i < a->transaction.changes.len; i++) {
		const struct change *c = &a->transaction.changes.items[i];
		bool existed = snapshot_find_named(a->before, c->group, c->kind, c->ns, c->name) != NULL;

		put_kind(out, c->kind, c->group);
		buf_printf(out, "/%s %s\n", c->name,
			   a->results[i].state == CHANGE_UNCHANGED ? "unchanged" :
			   existed ? "configured" : "created");
	}
}

static const char *
note_of(struct applying *a)
{
	struct buf note = BUF_INIT;
	const char *kept;

	buf_puts(&note, "apply");
	for (size_t i = 0; i < cli_count(a->cli, "filename") && note.len < 200; i++) {
		const char *word = cli_value_at(a->cli, "filename", i);

		buf_puts(&note, " -f ");
		text_sanitize(&note, word, strlen(word));
	}
	kept = arena_strdup(a->arena, buf_str(&note));
	buf_fini(&note);
	return kept;
}

static int
apply(struct applying *a, struct buf *out, struct error *err)
{
	struct store *s;

	if (target_choose(&a->target, a->cli, TARGET_DEMANDED, err) < 0 ||
	    cli_namespace(a->cli, &a->ns, err) < 0)
		return -1;
	s = target_store(&a->target, false, err);
	if (s == NULL || read_documents(a, err) < 0 ||
	    store_load(s, &a->before, NULL, err) < 0 || check(a, err) < 0)
		return -1;
	a->transaction.via = VIA_APPLY;
	a->transaction.note = note_of(a);
	a->results = xcalloc(a->transaction.changes.len + 1, sizeof(*a->results));
	if (store_commit(s, &a->transaction, a->results, err) < 0)
		return -1;
	put_results(a, out);
	return 0;
}

int
cmd_apply(struct cli *c)
{
	struct applying a = { .cli = c };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	int status;

	a.arena = arena_new();
	status = apply(&a, &out, &err) < 0 ? cli_fail(&err) : cli_print(&out, EXIT_YES);
	free(a.results);
	vec_fini(&a.transaction.changes);
	vec_fini(&a.objects);
	snapshot_put(&a.before);
	documents_fini(&a.documents);
	target_fini(&a.target);
	arena_free(&a.arena);
	buf_fini(&out);
	return status;
}

/* The object of a kind that no table knows. */
static const struct object *
find_unknown_kind(const struct snapshot *s, const char *kind, const char *ns, const char *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = s->objects[i];

		if (object_is_of_word(o, kind) && strcmp(o->ns, ns) == 0 &&
		    strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

/* The object that KIND and NAME.NS mean; NULL and err when there is none. */
static const struct object *
find_operand(const struct cli *c, const struct snapshot *s, struct error *err)
{
	const char *ns = cli_value(c, "namespace"), *word = cli_operand(c, 1);
	const struct kind *k = kind_by_word(cli_operand(c, 0), err);
	const struct object *o = NULL;
	char *name, *name_ns;

	if (ns != NULL && cli_namespace(c, &ns, err) < 0)
		return NULL;
	target_split_name(word, ns, &name, &name_ns);
	if (k == NULL) {
		if (ns != NULL)
			o = find_unknown_kind(s, cli_operand(c, 0), ns, word);
		if (o == NULL)
			o = find_unknown_kind(s, cli_operand(c, 0), name_ns, name);
	}
	if (k != NULL && (!k->is_namespaced || ns != NULL))
		o = snapshot_find(s, k->id, ns, word);
	if (o == NULL && k != NULL && k->is_namespaced)
		o = snapshot_find(s, k->id, name_ns, name);
	if (o == NULL && k != NULL)
		error_setf(err, ERROR_REFUSED, "%s %s not found", k->name, word);
	free(name);
	free(name_ns);
	return o;
}

static int
delete(struct cli *c, struct target *t, struct buf *out, struct error *err)
{
	struct transaction tr = { .via = VIA_DELETE };
	struct arena *a = arena_new();
	struct snapshot *s = NULL;
	const struct object *o = NULL;
	struct change_result result;
	struct change change;
	int status = -1;

	if (target_choose(t, c, TARGET_DEMANDED, err) == 0 && target_store(t, false, err) != NULL &&
	    store_load(t->store, &s, NULL, err) == 0)
		o = find_operand(c, s, err);
	if (o != NULL) {
		change = (struct change){ .op = CHANGE_DELETE, .kind = o->kind_name, .ns = o->ns,
					  .name = o->name, .group = group_of(a, o->api_version) };
		vec_push(&tr.changes, change);
		tr.note = arena_printf(a, "delete %s %s", o->kind_name, o->name);
		status = store_commit(t->store, &tr, &result, err);
		vec_fini(&tr.changes);
	}
	if (status == 0) {
		put_kind(out, change.kind, change.group);
		buf_printf(out, " \"%s\" deleted\n", change.name);
	}
	snapshot_put(&s);
	arena_free(&a);
	return status;
}

int
cmd_delete(struct cli *c)
{
	struct error err = ERROR_INIT;
	struct target t = { .cli = c };
	struct buf out = BUF_INIT;
	int status = delete(c, &t, &out, &err) < 0 ? cli_fail(&err) : cli_print(&out, EXIT_YES);

	target_fini(&t);
	buf_fini(&out);
	return status;
}
