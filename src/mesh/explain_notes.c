/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answers of explain say beside rules: what is not obeyed, not seen, not
 * enforced. */
#include "src/mesh/explain_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"

void
explain_put_notes(struct json_writer *w, const struct object *rule, const char *path,
		  const struct mesh_service *unseen)
{
	struct problems rows = PROBLEMS_INIT;

	if (rule != NULL)
		check_object(rule, &rows);
	for (size_t i = 0; i < rows.rows.len; i++) {
		const struct problem *p = &rows.rows.items[i];

		if (p->severity == SEVERITY_INFO && strncmp(p->path, path, strlen(path)) == 0) {
			char *note = xasprintf("%s: %s", p->path, p->message);

			json_string(w, NULL, note);
			free(note);
		}
	}
	if (unseen != NULL) {
		char *note = xasprintf("the caller does not see %s.%s: egress of its Sidecar, or "
				       "exportTo, leaves it out", unseen->name, unseen->ns);

		json_string(w, NULL, note);
		free(note);
	}
	problems_fini(&rows);
}

void
explain_put_policy_notes(struct json_writer *w, const struct mesh_cluster *c)
{
	size_t index = 0;

	if (c == NULL || c->rule == NULL)
		return;
	explain_put_notes(w, c->rule, "spec.trafficPolicy.", NULL);
	VALUE_EACH(subset, value_get(c->rule->spec, "subsets")) {
		const char *name = value_get_text(subset, "name");
		char path[48];

		snprintf(path, sizeof(path), "spec.subsets[%zu].", index++);
		if (name != NULL && strcmp(name, c->subset) == 0)
			explain_put_notes(w, c->rule, path, NULL);
	}
}

/* Selectors and rules are not looked at: it may be for this service. */
void
explain_put_guard_notes(struct json_writer *w, const struct mesh *m, const struct mesh_service *s)
{
	for (size_t i = 0; s != NULL && i < m->snapshot->count; i++) {
		const struct object *o = m->snapshot->objects[i];
		const struct ignored_kind *k =
			o->kind == NULL ? kind_ignored(kind_group(o->api_version), o->kind_name) : NULL;
		char *note;

		if (k == NULL || !k->is_guard ||
		    (strcmp(o->ns, s->ns) != 0 && strcmp(o->ns, m->settings.root_namespace) != 0))
			continue;
		note = xasprintf("%s %s.%s is not enforced by this version: %s", k->name, o->name, o->ns,
				 k->effect);
		json_string(w, NULL, note);
		free(note);
	}
}
