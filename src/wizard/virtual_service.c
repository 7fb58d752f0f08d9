/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VirtualService of a wizard: the stored one with what was edited. */
#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

static struct value *
write_entries(const struct wizard_state *w, struct arena *a)
{
	struct value *list = value_new_list(a);

	for (size_t i = 0; i < w->rules.len; i++)
		value_append(list, entry_write(w, a, &w->rules.items[i]));
	return list;
}

struct value *
virtual_service_make(const struct wizard_state *w, struct arena *a, const char *gateway)
{
	const struct object *before = w->virtual_service;
	struct value *root, *spec, *list;

	root = before != NULL ? value_copy(a, before->root)
		: document_new(a, KIND_VIRTUAL_SERVICE, w->service->ns,
			       document_free_name(w, a, KIND_VIRTUAL_SERVICE), documents_label(w));
	document_label(a, root, documents_label(w));
	spec = value_ensure_map(a, root, "spec");
	advanced_write_hosts(a, w->advanced, gateway, spec);
	list = write_entries(w, a);
	if (!value_equal(list, value_get(spec, wizard_list(w))))
		value_set(a, spec, wizard_list(w), list);
	return root;
}
