/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What DestinationRules name: hosts and the workloads of subsets; and rules
 * that compete (Kiali's KIA02xx).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

#define RIVALS_MAX 64		/* rules of one host that are compared */

/* The host may be an app label of the namespace, too. */
static bool
is_app(const struct known *k, const struct object *o, const char *fqdn)
{
	static const char *const labels[] = { "app", "app.kubernetes.io/name",
					      "service.istio.io/canonical-name" };
	struct slice name, ns;
	char key[HOST_MAX_BYTES * 2];

	if (!host_split(fqdn, &name, &ns) || !slice_is(ns, o->ns))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		int n = snprintf(key, sizeof(key), "%s/%s=%.*s", o->ns, labels[i], (int)name.len, name.ptr);

		if (n > 0 && (size_t)n < sizeof(key) &&
		    strmap_find(&k->labels, (struct slice){ key, (size_t)n }) != NULL)
			return true;
	}
	return false;
}

static bool
endpoints_have(const struct value *endpoints, const struct value *labels)
{
	VALUE_EACH(e, value_is_list(endpoints) ? endpoints : NULL)
		if (labels_match(member(e, "labels"), labels))
			return true;
	return false;
}

/* Does anything behind h have the labels?  True when that cannot be told. */
static bool
has_workload(const struct known *k, const struct known_host *h, const struct value *labels)
{
	for (; h != NULL; h = h->next) {
		const struct object *o = h->object;
		bool is_service = o->kind->id == KIND_SERVICE;
		const struct value *selector = is_service ? member(o->spec, "selector") :
			member(member(o->spec, "workloadSelector"), "labels");
		const struct value *endpoints = is_service ? NULL : member(o->spec, "endpoints");

		if (endpoints_have(endpoints, labels))
			return true;
		if (selector == NULL || selector->count == 0) {
			if (endpoints == NULL)
				return true;
			continue;
		}
		for (const struct known_link *l = known_candidates(k, o->ns, selector); l != NULL;
		     l = l->next)
			if (labels_match(l->workload->labels, selector) &&
			    labels_match(l->workload->labels, labels))
				return true;
	}
	return false;
}

static void
check_subsets(const struct known *k, struct checker *c, const char *fqdn,
	      const struct known_host *host)
{
	const struct value *subsets = member(c->object->spec, "subsets");
	size_t index = 0, labelled = 0;

	VALUE_EACH(s, value_is_list(subsets) ? subsets : NULL)
		labelled += member(s, "labels") != NULL && member(s, "labels")->count > 0;
	VALUE_EACH(s, value_is_list(subsets) ? subsets : NULL) {
		const struct value *labels = member(s, "labels");
		const char *name = member_text(s, "name");
		char below[40];
		bool is_used;

		snprintf(below, sizeof(below), "subsets[%zu]", index++);
		if (labels == NULL || labels->count == 0) {
			complain_as(c, labelled > 0 ? SEVERITY_INFO : SEVERITY_WARNING, s, below, "KIA0209",
				    "a subset without labels is the whole service");
			continue;
		}
		if (host == NULL || fqdn[0] == '*' || has_workload(k, host, labels))
			continue;
		is_used = name != NULL && known_subset_is_used(k, fqdn, name);
		complain_as(c, is_used ? SEVERITY_ERROR : SEVERITY_INFO, s, below, "KIA0203",
			    "no workload of %.100s has the labels of this subset%s", fqdn,
			    is_used ? ": requests for it get 503 (UH)" : "");
	}
}

static void
check_host(const struct known *k, struct checker *c, const char *host, const char *fqdn)
{
	char hint[2 * HOST_MAX_BYTES];

	if (fqdn[0] == '*' || is_app(k, c->object, fqdn))
		return;
	complain_as(c, k->allows_any ? SEVERITY_WARNING : SEVERITY_ERROR, member(c->object->spec, "host"),
		    "host", "KIA0202", "no service, ServiceEntry or workload has the host %.100s: the rule "
		    "has no effect%s", fqdn, known_hint(k, host, hint));
}

/* "*.x" with TLS settings only: for a whole mesh or namespace. */
static bool
is_wide_tls(const struct object *o)
{
	const char *host = member_text(o->spec, "host");

	return host != NULL && host[0] == '*' && member(o->spec, "subsets") == NULL &&
	       member_text(member(member(o->spec, "trafficPolicy"), "tls"), "mode") != NULL;
}

static bool
have_common_subset(const struct object *a, const struct object *b)
{
	const struct value *x = member(a->spec, "subsets"), *y = member(b->spec, "subsets");
	size_t compared = 0;

	if (x == NULL || x->count == 0 || y == NULL || y->count == 0)
		return true;
	VALUE_EACH(s, x)
		VALUE_EACH(t, y) {
			const char *name = member_text(s, "name"), *other = member_text(t, "name");

			if (name != NULL && other != NULL && strcmp(name, other) == 0)
				return true;
			if (++compared > 10000)
				return false;
		}
	return false;
}

static bool
can_meet(const struct object *a, const struct object *b)
{
	const struct value *x = member(a->spec, "workloadSelector");
	const struct value *y = member(b->spec, "workloadSelector");

	if (a == b || is_wide_tls(a) || is_wide_tls(b) || (x == NULL) != (y == NULL))
		return false;
	if (strcmp(a->ns, b->ns) != 0 && (known_is_private(a) || known_is_private(b)))
		return false;
	return have_common_subset(a, b);
}

/* A rule of the list that competes with o; NULL when there is none. */
static const struct object *
rival_in(const struct known_rule *list, const struct object *o)
{
	size_t count = 0;

	for (; list != NULL && count++ < RIVALS_MAX; list = list->next)
		if (can_meet(list->object, o))
			return list->object;
	return NULL;
}

static void
check_rivals(const struct known *k, struct checker *c, const char *fqdn)
{
	struct slice host = slice_of(fqdn);
	size_t suffix = SIZE_MAX;
	const struct known_rule *list = fqdn[0] == '*' ?
		(fqdn[1] == '\0' ? k->rules.any : strmap_find(&k->rules.suffixes, slice_of(fqdn + 1))) :
		host_index_exact(&k->rules, host);
	const struct object *rival = rival_in(list, c->object);

	while (rival == NULL &&
	       (list = host_index_wildcard(&k->rules, host, &suffix)) != NULL)
		rival = rival_in(list, c->object);
	if (rival != NULL)
		complain(c, member(c->object->spec, "host"), "host", "KIA0201", "DestinationRule %s.%s is for "
			 "%.100s, too, with the same subset or for the whole: a caller obeys one of them only",
			 rival->name, rival->ns, member_text(rival->spec, "host"));
}

void
refer_destination_rules(const struct known *k, struct problems *out)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_DESTINATION_RULE) {
		const char *host = member_text(o->spec, "host");
		const struct value *selector = member(member(o->spec, "workloadSelector"), "matchLabels");
		struct checker c = checker_at_spec(o, out);
		char fqdn[HOST_MAX_BYTES + 1];

		if (host != NULL && host[0] != '\0' && host_resolve_into(fqdn, host, o->ns)) {
			const struct known_host *known = known_find_host(k, fqdn);

			if (known == NULL)
				check_host(k, &c, host, fqdn);
			check_subsets(k, &c, fqdn, known);
			check_rivals(k, &c, fqdn);
		}
		if (selector != NULL && selector->count > 0 && !known_any_workload(k, o->ns, selector))
			complain(&c, member(o->spec, "workloadSelector"), "workloadSelector", "KIA0004",
				 "no workload in namespace %s has these labels", o->ns);
		refer_export_to(k, &c);
		checker_fini(&c);
	}
}
