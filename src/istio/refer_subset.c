/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What DestinationRules do to the routes of VirtualServices: subsets that
 * are hidden from some callers, hashes that weights undo.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"

#define RULES_MAX 64		/* of one host that are looked at */

static const struct value *
subset_of(const struct object *rule, const char *name)
{
	VALUE_EACH(s, member(rule->spec, "subsets")) {
		const char *text = member_text(s, "name");

		if (text != NULL && strcmp(text, name) == 0)
			return s;
	}
	return NULL;
}

/* Of the rules of ns for one host: is there one, and has none the subset? */
static const struct object *
lacks_subset(const struct known_rule *list, const char *ns, const char *subset)
{
	const struct object *found = NULL;

	for (size_t n = 0; list != NULL && n < RULES_MAX; list = list->next, n++) {
		if (strcmp(list->object->ns, ns) != 0)
			continue;
		if (member(list->object->spec, "workloadSelector") != NULL || subset_of(list->object, subset))
			return NULL;
		found = list->object;
	}
	return found;
}

/* The rules that callers of ns obey: those for the most specific host. */
static const struct known_rule *
rules_of_callers(const struct known *k, const char *fqdn, const char *ns)
{
	const struct known_rule *list = host_index_exact(&k->rules, slice_of(fqdn));
	size_t suffix = SIZE_MAX;

	do {
		const struct known_rule *r = list;

		for (size_t n = 0; r != NULL && n < RULES_MAX; r = r->next, n++)
			if (strcmp(r->object->ns, ns) == 0)
				return list;
		list = host_index_wildcard(&k->rules, slice_of(fqdn), &suffix);
	} while (list != NULL);
	return NULL;
}

/* A rule of list whose namespace's callers do not see the subset. */
static const struct object *
hiding_rule(const struct known *k, struct checker *c, const struct known_rule *list,
	    const char *home, const char *fqdn, const char *subset)
{
	for (size_t n = 0; list != NULL && n < RULES_MAX; list = list->next, n++) {
		const char *ns = list->object->ns;
		const struct object *o;

		if (strcmp(ns, home) == 0 || strcmp(ns, k->root_ns) == 0 ||
		    (strcmp(ns, c->object->ns) != 0 && known_is_private(c->object)) ||
		    !known_any_workload(k, ns, NULL))
			continue;
		o = lacks_subset(rules_of_callers(k, fqdn, ns), ns, subset);
		if (o != NULL)
			return o;
	}
	return NULL;
}

void
refer_hidden(const struct known *k, struct checker *c, const struct known_host *known,
	     const char *fqdn, const struct value *destination, const char *at)
{
	const struct value *subset = member(destination, "subset");
	const char *home = known->object->ns;
	const struct known_rule *list = host_index_exact(&k->rules, slice_of(fqdn));
	const struct object *o = hiding_rule(k, c, list, home, fqdn, subset->text);
	size_t suffix = SIZE_MAX;

	while (o == NULL && fqdn[0] != '*' &&
	       (list = host_index_wildcard(&k->rules, slice_of(fqdn), &suffix)) != NULL)
		o = hiding_rule(k, c, list, home, fqdn, subset->text);
	if (o != NULL)
		complain(c, subset, at, "MT1016", "callers of namespace %.63s obey DestinationRule %.80s.%.63s, "
			 "which does not define the subset %.63s: they get 503 (NC)", o->ns, o->name, o->ns,
			 subset->text);
}

static bool
is_hash(const struct value *policy)
{
	if (member(member(policy, "loadBalancer"), "consistentHash") != NULL)
		return true;
	VALUE_EACH(p, member(policy, "portLevelSettings"))
		if (member(member(p, "loadBalancer"), "consistentHash") != NULL)
			return true;
	return false;
}

/* Is a destination's cluster balanced by hash?  The subset's own balancer
 * replaces that of the rule. */
static bool
is_hashed(const struct known *k, const struct object *vs, const struct value *destination)
{
	const char *host = member_text(destination, "host"), *name = member_text(destination, "subset");
	char fqdn[HOST_MAX_BYTES + 1];
	const struct known_rule *r;

	if (host == NULL || host[0] == '\0' || !host_resolve_into(fqdn, host, vs->ns))
		return false;
	r = host_index_exact(&k->rules, slice_of(fqdn));
	for (size_t n = 0; r != NULL && n < RULES_MAX; r = r->next, n++) {
		const struct value *subset = name != NULL ? subset_of(r->object, name) : NULL;
		const struct value *own = member(subset, "trafficPolicy");

		if (is_hash(member(own, "loadBalancer") != NULL ? own : member(r->object->spec, "trafficPolicy")))
			return true;
	}
	return false;
}

void
refer_hashes(const struct known *k, struct checker *c, const struct value *routes, const char *at)
{
	size_t shares = 0, hashed = 0;
	char below[64];

	VALUE_EACH(r, routes) {
		int64_t weight = 0;

		if (!value_to_int(member(r, "weight"), &weight) || weight <= 0)
			continue;
		shares++;
		hashed += is_hashed(k, c->object, member(r, "destination"));
	}
	if (shares < 2 || hashed == 0)
		return;
	snprintf(below, sizeof(below), "%s.route", at);
	complain(c, routes, below, "MT2008", "the weights are drawn for each request before the hash is "
		 "looked at: a caller is not kept at one destination; match a header or cookie to keep it");
}
