/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What HTTPRoutes and GRPCRoutes name (Kiali's KIA14xx). */
#include <stdio.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

static bool
is_text(const struct value *map, const char *name, const char *standard, const char *want)
{
	const char *text = member_text(map, name);

	return strcmp(text != NULL ? text : standard, want) == 0;
}

static void
check_parents(const struct known *k, struct checker *c)
{
	size_t index = 0;

	VALUE_EACH(p, member(c->object->spec, "parentRefs")) {
		const char *name = member_text(p, "name"), *ns = member_text(p, "namespace");
		char below[48];

		snprintf(below, sizeof(below), "parentRefs[%zu]", index++);
		if (name == NULL || !is_text(p, "kind", "Gateway", "Gateway") ||
		    !is_text(p, "group", "gateway.networking.k8s.io", "gateway.networking.k8s.io"))
			continue;
		if (ns == NULL)
			ns = c->object->ns;
		if (snapshot_find(k->snapshot, KIND_K8S_GATEWAY, ns, name) == NULL)
			complain_as(c, known_missing(k), p, below, "KIA1401",
				    "there is no Gateway %.80s in namespace %.80s", name, ns);
	}
}

static void
check_backends(const struct known *k, struct checker *c)
{
	size_t rule = 0;

	VALUE_EACH(r, member(c->object->spec, "rules")) {
		size_t index = 0;

		VALUE_EACH(b, member(r, "backendRefs")) {
			const char *name = member_text(b, "name"), *ns = member_text(b, "namespace");
			char below[64];

			snprintf(below, sizeof(below), "rules[%zu].backendRefs[%zu]", rule, index++);
			if (name == NULL || !is_text(b, "kind", "Service", "Service") ||
			    !is_text(b, "group", "", ""))
				continue;
			if (ns == NULL)
				ns = c->object->ns;
			if (snapshot_find(k->snapshot, KIND_SERVICE, ns, name) == NULL)
				complain_as(c, known_missing(k), member(b, "name"), below, "KIA1402",
					    "there is no Service %.80s in namespace %.80s: requests get 500", name, ns);
		}
		rule++;
	}
}

void
refer_routes(const struct known *k, struct problems *out)
{
	static const enum kind_id kinds[] = { KIND_HTTP_ROUTE, KIND_GRPC_ROUTE };

	for (size_t i = 0; i < 2; i++)
		SNAPSHOT_EACH(o, k->snapshot, kinds[i]) {
			struct checker c = checker_at_spec(o, out);

			check_parents(k, &c);
			check_backends(k, &c);
			checker_fini(&c);
		}
}
