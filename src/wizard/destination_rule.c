/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DestinationRule of a wizard: subsets, policy, its PeerAuthentication. */
#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

static bool
has_subset(const struct value *list, const char *name)
{
	VALUE_EACH(s, list) {
		const char *text = value_get_text(s, "name");

		if (text != NULL && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* Subsets that no stored rule has yet. */
static void
add_subsets(const struct wizard_state *w, struct arena *a, struct value *spec)
{
	for (size_t i = 0; i < w->rows.len; i++) {
		const struct wizard_target *t = &w->rows.items[i];
		struct value *list = value_get(spec, "subsets");
		struct value *subset;

		if (t->subset == NULL || subset_find(w, t->subset) != NULL ||
		    has_subset(list, t->subset))
			continue;
		if (!value_is_list(list))
			list = value_set(a, spec, "subsets", value_new_list(a));
		subset = value_append(list, value_new_map(a));
		value_set_string(a, subset, "name", t->subset);
		value_set_string(a, value_ensure_map(a, subset, "labels"),
				 targets_version_label(w, t), t->version);
	}
}

/* Says which PeerAuthentication belongs to the rule. */
static void
set_related(const struct wizard_state *w, struct arena *a, struct value *root)
{
	struct value *metadata = value_ensure_map(a, root, "metadata");
	const char *name = peer_auth_name(w);
	const char *was = value_get_text(value_get(metadata, "annotations"), ANNOTATION_RELATED);
	const char *text;

	if (value_path(w->advanced, "trafficPolicy.peerAuthentication") == NULL) {
		if (w->peer_auth == NULL)
			return;
		value_remove(value_get(metadata, "annotations"), ANNOTATION_RELATED);
		if (value_get(metadata, "annotations")->count == 0)
			value_remove(metadata, "annotations");
		return;
	}
	text = arena_printf(a, RELATED_PEER_AUTH "%s", name);
	if (was == NULL || strcmp(was, text) != 0)
		value_set_string(a, value_ensure_map(a, metadata, "annotations"),
				 ANNOTATION_RELATED, text);
}

struct value *
destination_rule_make(const struct wizard_state *w, struct arena *a, const char *label)
{
	const struct object *before = w->destination_rule;
	struct value *root, *spec;

	root = before != NULL ? value_copy(a, before->root)
		: document_new(a, KIND_DESTINATION_RULE, w->service->ns,
			       document_free_name(w, a, KIND_DESTINATION_RULE), label);
	document_label(a, root, label);
	spec = value_ensure_map(a, root, "spec");
	if (before == NULL)
		value_set_string(a, spec, "host", w->service->fqdn);
	add_subsets(w, a, spec);
	advanced_write_policy(a, w->advanced, spec);
	set_related(w, a, root);
	return root;
}
