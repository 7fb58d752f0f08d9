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
put_texts(struct arena *a, struct wizard_document *doc)
{
	const struct object *before = doc->before;
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

void
preview_take(struct wizard_preview *p, const struct document_set *d)
{
	p->documents = d->items;
	p->document_count = d->count;
	for (size_t i = 0; i < d->count; i++)
		put_texts(p->arena, &d->items[i]);
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
	preview_take(p, &d);
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

void
preview_transaction(const struct wizard_preview *p, const char *note, struct transaction *out)
{
	static const enum change_op ops[] = {
		[DOC_CREATE] = CHANGE_CREATE, [DOC_UPDATE] = CHANGE_UPDATE,
		[DOC_DELETE] = CHANGE_DELETE,
	};

	memset(out, 0, sizeof(*out));
	out->via = VIA_WIZARD;
	out->note = note;
	for (size_t i = 0; i < p->document_count; i++) {
		const struct wizard_document *doc = &p->documents[i];
		struct slice group = kind_group(doc->before != NULL ? doc->before->api_version :
						value_get_text(doc->root, "apiVersion"));
		struct change c = { .op = ops[doc->op], .kind = doc->kind, .ns = doc->ns,
				    .name = doc->name, .after = doc->root,
				    .group = arena_strndup(p->arena, group.ptr, group.len),
				    .has_precondition = true,
				    .expected_hash = doc->before != NULL ? doc->before->hash : 0 };

		if (doc->op != DOC_UNCHANGED)
			vec_push(&out->changes, c);
	}
}

void
wizard_transaction(const struct wizard_preview *p, const struct wizard_state *w,
		   struct transaction *out)
{
	preview_transaction(p, arena_printf(p->arena, "%s %s.%s", wizard_kind_name(w->kind),
					    w->service->name, w->service->ns), out);
}
