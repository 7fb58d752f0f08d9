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

/* Is the service (NULL: any Gateway) a parent of a route of the Gateway API? */
static bool
has_parent(const struct object *route, const struct mesh_service *s)
{
	VALUE_EACH(ref, value_get(route->spec, "parentRefs")) {
		const char *kind = value_get_text(ref, "kind"), *name = value_get_text(ref, "name");
		const char *ns = value_get_text(ref, "namespace");
		bool is_service = kind != NULL && strcmp(kind, "Service") == 0;

		if (s == NULL && !is_service)
			return true;
		if (s != NULL && is_service && name != NULL && strcmp(name, s->name) == 0 &&
		    strcmp(ns != NULL ? ns : route->ns, s->ns) == 0)
			return true;
	}
	return false;
}

static void
put_route_notes(struct json_writer *w, const struct mesh *m, enum kind_id kind,
		const struct mesh_service *parent)
{
	SNAPSHOT_EACH(o, m->snapshot, kind) {
		char *note;

		if (!has_parent(o, parent))
			continue;
		note = xasprintf("%s %s.%s of the Gateway API is not obeyed by this version",
				 o->kind_name, o->name, o->ns);
		json_string(w, NULL, note);
		free(note);
	}
}

void
explain_put_route_notes(struct json_writer *w, const struct mesh *m,
			const struct mesh_workload *from, const struct mesh_service *s)
{
	const struct mesh_service *parent = from->is_gateway ? NULL : s;

	if (!from->is_gateway && s == NULL)
		return;
	put_route_notes(w, m, KIND_HTTP_ROUTE, parent);
	put_route_notes(w, m, KIND_GRPC_ROUTE, parent);
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
