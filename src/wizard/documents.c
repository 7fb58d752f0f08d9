/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result of a wizard as documents, in Kiali's order: DestinationRules,
 * Gateway, PeerAuthentication, VirtualServices.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

struct value *
value_stored_form(struct arena *a, const struct value *v)
{
	struct value *copy;

	if (v->kind != VALUE_MAP && v->kind != VALUE_LIST)
		return value_copy(a, v);
	copy = v->kind == VALUE_MAP ? value_new_map(a) : value_new_list(a);
	VALUE_EACH(child, v) {
		if (v->kind == VALUE_LIST)
			value_append(copy, value_stored_form(a, child));
		else if (child->kind != VALUE_NULL)
			value_set(a, copy, child->key, value_stored_form(a, child));
	}
	return copy;
}

struct value *
document_new(struct arena *a, enum kind_id kind, const char *ns, const char *name,
	     const char *label)
{
	const struct kind *k = kind_by_id(kind);
	struct value *root = value_new_map(a);
	struct value *metadata;

	value_set_string(a, root, "apiVersion", kind_api_version(k));
	value_set_string(a, root, "kind", k->name);
	metadata = value_ensure_map(a, root, "metadata");
	value_set_string(a, metadata, "name", name);
	value_set_string(a, metadata, "namespace", ns);
	value_set_string(a, value_ensure_map(a, metadata, "labels"), LABEL_WIZARD, label);
	value_ensure_map(a, root, "spec");
	return root;
}

void
document_label(struct arena *a, struct value *root, const char *label)
{
	struct value *labels = value_ensure_map(a, value_ensure_map(a, root, "metadata"), "labels");
	const char *was = value_get_text(labels, LABEL_WIZARD);

	if (was == NULL || strcmp(was, label) != 0)
		value_set_string(a, labels, LABEL_WIZARD, label);
}

/* A name that is not taken by a rule for something else. */
const char *
document_free_name(const struct wizard_state *w, struct arena *a, enum kind_id kind)
{
	const char *name = w->service->name;

	for (unsigned n = 1; snapshot_find(w->mesh->snapshot, kind, w->service->ns, name) != NULL; n++)
		name = arena_printf(a, "%s-%u", w->service->name, n);
	return name;
}

/* A match anywhere, or several entries, is what only request routing shows. */
const char *
documents_label(const struct wizard_state *w)
{
	static const char *const lists[] = { "http", "tcp", "tls" };
	size_t entries = w->rules.len;
	bool has_match = false;

	for (size_t i = 0; i < w->rules.len; i++)
		has_match = has_match || w->rules.items[i].matches.len > 0;
	for (size_t i = 0; i < ARRAY_LEN(lists) && w->virtual_service != NULL; i++) {
		const struct value *list = value_get(w->virtual_service->spec, lists[i]);

		if (strcmp(lists[i], wizard_list(w)) == 0 || !value_is_list(list))
			continue;	/* the rules stand for their own list */
		entries += list->count;
		VALUE_EACH(entry, list)
			has_match = has_match || value_get(entry, "match") != NULL;
	}
	return wizard_label(has_match || entries > 1 ? WIZARD_REQUEST_ROUTING : w->kind);
}

void
document_add(struct document_set *d, const struct object *before, struct value *root)
{
	struct wizard_document *doc = &d->items[d->count];
	const struct value *metadata = value_get(root, "metadata");

	doc->kind = value_get_text(root, "kind");
	doc->ns = value_get_text(metadata, "namespace");
	doc->name = value_get_text(metadata, "name");
	if (before != NULL) {
		doc->kind = before->kind_name;
		doc->ns = before->ns;
		doc->name = before->name;
	}
	doc->op = before == NULL ? DOC_CREATE
		  : value_equal(root, before->root) ? DOC_UNCHANGED : DOC_UPDATE;
	doc->root = value_stored_form(d->arena, root);
	doc->before = before;
	d->count++;
}

static void
add_delete(struct document_set *d, const struct object *before)
{
	struct wizard_document *doc = &d->items[d->count];

	doc->kind = before->kind_name;
	doc->ns = before->ns;
	doc->name = before->name;
	doc->op = DOC_DELETE;
	doc->before = before;
	d->count++;
}

static void
add_unchanged(const struct wizard_state *w, struct document_set *d, enum kind_id kind)
{
	for (size_t i = 0; i < w->stored.len; i++) {
		const struct object *o = w->stored.items[i];

		if (o->kind->id == kind && o != w->virtual_service && o != w->destination_rule)
			document_add(d, o, value_copy(d->arena, o->root));
	}
}

static void
add_peer_auth(const struct wizard_state *w, struct document_set *d, const char *label)
{
	struct value *root = peer_auth_make(w, d->arena, label);

	if (root != NULL)
		document_add(d, peer_auth_before(w), root);
	else if (w->peer_auth != NULL)
		add_delete(d, w->peer_auth);
}

void
documents_make(const struct wizard_state *w, struct document_set *d)
{
	const char *label = documents_label(w), *ref = NULL;
	struct value *gateway;

	d->count = 0;
	d->items = arena_alloc(d->arena, (w->stored.len + 4) * sizeof(*d->items));
	if (w->kind == WIZARD_DELETE) {
		for (size_t i = 0; i < w->stored.len; i++)
			add_delete(d, w->stored.items[i]);
		return;
	}
	gateway = gateway_make(w, d->arena, label, &ref);
	document_add(d, w->destination_rule, destination_rule_make(w, d->arena, label));
	add_unchanged(w, d, KIND_DESTINATION_RULE);
	if (gateway != NULL)
		document_add(d, NULL, gateway);
	add_peer_auth(w, d, label);
	document_add(d, w->virtual_service, virtual_service_make(w, d->arena, ref));
	add_unchanged(w, d, KIND_VIRTUAL_SERVICE);
}
