/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wizard would do: documents, texts, diffs, and the transaction. */
#include <string.h>

#include "src/base/diff.h"
#include "src/base/error.h"
#include "src/base/yaml.h"
#include "src/model/kind.h"
#include "src/store/store.h"
#include "src/wizard/wizard_priv.h"

#define DIFF_CONTEXT 3

static const char *
emitted(struct arena *a, const struct value *root)
{
	struct buf out = BUF_INIT;
	const char *text;

	yaml_emit(&out, root);
	text = arena_strdup(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

/* Both sides emitted, so that only what changes differs. */
static void
put_texts(struct arena *a, struct wizard_document *doc, const struct object *before)
{
	const char *name = arena_printf(a, "%s %s.%s", doc->kind, doc->name, doc->ns);
	const char *was = before != NULL ? emitted(a, value_stored_form(a, before->root)) : NULL;
	struct buf diff = BUF_INIT;

	doc->yaml = doc->root != NULL ? emitted(a, doc->root) : "";
	if (doc->op != DOC_UNCHANGED)
		diff_unified(&diff, was != NULL ? was : "", doc->yaml, was != NULL ? name : NULL,
			     doc->root != NULL ? name : NULL, DIFF_CONTEXT);
	doc->diff = arena_strdup(a, buf_str(&diff));
	buf_fini(&diff);
}

struct wizard_preview *
wizard_preview(const struct wizard_state *w, struct error *err)
{
	struct wizard_preview *p = xcalloc(1, sizeof(*p));
	struct document_set d;

	p->arena = arena_new();
	wizard_check(w, &p->problems);
	if (problems_have_errors(&p->problems)) {
		const struct problem *row = &p->problems.rows.items[0];

		error_setf(err, ERROR_REFUSED, "%s: %s", row->path, row->message);
		wizard_preview_free(&p);
		return NULL;
	}
	d.arena = p->arena;
	documents_make(w, &d);
	p->documents = d.items;
	p->document_count = d.count;
	for (size_t i = 0; i < d.count; i++)
		put_texts(p->arena, &d.items[i], d.before[i]);
	warnings_add(w, &d, &p->problems);
	effects_add(w, p);
	return p;
}

void
wizard_preview_free(struct wizard_preview **pp)
{
	struct wizard_preview *p = *pp;

	if (p == NULL)
		return;
	problems_fini(&p->problems);
	vec_fini(&p->effects);
	arena_free(&p->arena);
	free(p);
	*pp = NULL;
}

/* The object that a document replaces or deletes. */
static const struct object *
before_of(const struct wizard_state *w, const struct wizard_document *doc)
{
	const struct object *o;

	for (size_t i = 0; i < w->stored.len; i++) {
		o = w->stored.items[i];
		if (strcmp(o->kind_name, doc->kind) == 0 && strcmp(o->ns, doc->ns) == 0 &&
		    strcmp(o->name, doc->name) == 0)
			return o;
	}
	o = strcmp(doc->kind, kind_by_id(KIND_PEER_AUTH)->name) == 0 ? peer_auth_before(w) : NULL;
	return o;
}

static const char *
group_of(const char *kind)
{
	return strcmp(kind, kind_by_id(KIND_PEER_AUTH)->name) == 0
		? kind_by_id(KIND_PEER_AUTH)->group : kind_by_id(KIND_VIRTUAL_SERVICE)->group;
}

void
wizard_transaction(const struct wizard_preview *p, const struct wizard_state *w,
		   struct transaction *out)
{
	static const enum change_op ops[] = {
		[DOC_CREATE] = CHANGE_CREATE, [DOC_UPDATE] = CHANGE_UPDATE,
		[DOC_DELETE] = CHANGE_DELETE,
	};

	memset(out, 0, sizeof(*out));
	out->via = VIA_WIZARD;
	out->note = arena_printf(p->arena, "%s %s.%s", wizard_kind_name(w->kind),
				 w->service->name, w->service->ns);
	for (size_t i = 0; i < p->document_count; i++) {
		const struct wizard_document *doc = &p->documents[i];
		const struct object *before;
		struct change c = { .group = group_of(doc->kind), .kind = doc->kind,
				    .ns = doc->ns, .name = doc->name, .after = doc->root,
				    .has_precondition = true };

		if (doc->op == DOC_UNCHANGED)
			continue;
		before = before_of(w, doc);
		c.op = ops[doc->op];
		c.expected_hash = before != NULL ? before->hash : 0;
		vec_push(&out->changes, c);
	}
}
