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

/* Do the namespace's labels match a selector?  True when that cannot be told. */
static bool
selects_namespace(const struct known *k, const struct value *selector, const char *ns)
{
	const struct object *o = snapshot_find(k->snapshot, KIND_NAMESPACE, "", ns);

	if (member(selector, "matchExpressions") != NULL)
		return true;
	VALUE_EACH(l, member(selector, "matchLabels")) {
		const char *want = value_text(l), *label = o != NULL ? object_label(o, l->key) : NULL;

		if (want == NULL)
			continue;
		if (strcmp(l->key, "kubernetes.io/metadata.name") == 0)
			label = ns;
		else if (o == NULL)
			return true;
		if (label == NULL || strcmp(label, want) != 0)
			return false;
	}
	return true;
}

/* Some listener that takes routes of the namespace; without a word those of
 * its own. */
static bool
is_open_to(const struct known *k, const struct object *gateway, const char *ns)
{
	if (strcmp(gateway->ns, ns) == 0)
		return true;
	VALUE_EACH(l, member(gateway->spec, "listeners")) {
		const struct value *from = member(member(l, "allowedRoutes"), "namespaces");

		if (is_text(from, "from", "Same", "All") ||
		    (is_text(from, "from", "Same", "Selector") &&
		     selects_namespace(k, member(from, "selector"), ns)))
			return true;
	}
	return false;
}

static void
check_gateway(const struct known *k, struct checker *c, const struct value *ref, const char *below)
{
	const char *name = member_text(ref, "name"), *ns = member_text(ref, "namespace");
	const struct object *gateway;

	if (ns == NULL)
		ns = c->object->ns;
	gateway = snapshot_find(k->snapshot, KIND_K8S_GATEWAY, ns, name);
	if (gateway == NULL)
		complain_as(c, known_missing(k, KNOWN_GATEWAY), ref, below, "KIA1401",
			    "there is no Gateway %.80s in namespace %.80s", name, ns);
	else if (!is_open_to(k, gateway, c->object->ns))
		complain(c, ref, below, "KIA1401", "no listener of Gateway %.80s.%.80s takes routes of namespace "
			 "%.80s: see allowedRoutes there", name, ns, c->object->ns);
}

/* Does a grant in ns open its service to routes of c's kind and namespace? */
static bool
is_granted(const struct known *k, const struct checker *c, const char *ns, const char *service)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_REFERENCE_GRANT) {
		bool is_from = false, is_to = false;

		if (strcmp(o->ns, ns) != 0)
			continue;
		VALUE_EACH(f, member(o->spec, "from"))
			is_from |= is_text(f, "namespace", "", c->object->ns) &&
				   is_text(f, "kind", "", c->object->kind->name);
		VALUE_EACH(t, member(o->spec, "to"))
			is_to |= is_text(t, "kind", "", "Service") && is_text(t, "name", service, service);
		if (is_from && is_to)
			return true;
	}
	return false;
}

static void
check_service(const struct known *k, struct checker *c, const struct value *ref, const char *below,
	      const char *result)
{
	const char *name = member_text(ref, "name"), *ns = member_text(ref, "namespace");

	if (ns == NULL)
		ns = c->object->ns;
	if (snapshot_find(k->snapshot, KIND_SERVICE, ns, name) == NULL)
		complain_as(c, known_missing(k, KNOWN_SERVICE), member(ref, "name"), below, "KIA1402",
			    "there is no Service %.80s in namespace %.80s: %s", name, ns, result);
	else if (strcmp(ns, c->object->ns) != 0 && !is_granted(k, c, ns, name))
		complain(c, member(ref, "name"), below, "KIA1402", "no ReferenceGrant in namespace %.80s opens "
			 "Service %.80s to routes of %.80s: %s", ns, name, c->object->ns, result);
}

static void
check_parents(const struct known *k, struct checker *c)
{
	static const char gateways[] = "gateway.networking.k8s.io";
	size_t index = 0;

	VALUE_EACH(p, member(c->object->spec, "parentRefs")) {
		char below[48];

		snprintf(below, sizeof(below), "parentRefs[%zu]", index++);
		if (member_text(p, "name") == NULL)
			continue;
		if (is_text(p, "kind", "Gateway", "Gateway") && is_text(p, "group", gateways, gateways))
			check_gateway(k, c, p, below);
		else if (is_text(p, "kind", "Gateway", "Service") && is_text(p, "group", gateways, "") &&
			 is_text(p, "namespace", c->object->ns, c->object->ns))
			check_service(k, c, p, below, "the route is for nobody");
	}
}

static void
check_backends(const struct known *k, struct checker *c)
{
	size_t rule = 0;

	VALUE_EACH(r, member(c->object->spec, "rules")) {
		size_t index = 0;

		VALUE_EACH(b, member(r, "backendRefs")) {
			char below[64];

			snprintf(below, sizeof(below), "rules[%zu].backendRefs[%zu]", rule, index++);
			if (member_text(b, "name") != NULL && is_text(b, "kind", "Service", "Service") &&
			    is_text(b, "group", "", ""))
				check_service(k, c, b, below, "requests get 500");
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
