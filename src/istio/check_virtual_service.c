/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VirtualService as a whole and its http rules: what excludes what, hosts,
 * weights, redirects, rewrites (spec/dataplane.md 1.1).
 */
#include "src/istio/check_virtual_service.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/host_index.h"
#include "src/istio/rules.h"
#include "src/istio/schema.h"
#include "src/model/object.h"

#define BODY_MAX ((size_t)1 << 20)
#define BODY_LARGE ((size_t)100 << 10)

static bool
has_items(const struct value *map, const char *name)
{
	const struct value *v = member(map, name);

	return v != NULL && v->count > 0;
}

/* Is the sidecars' gateway among them?  It is when none is named. */
static bool
is_for_mesh(const struct value *spec)
{
	const struct value *list = member(spec, "gateways");

	VALUE_EACH(g, list) {
		const char *text = value_text(g);

		if (text != NULL && strcmp(text, "mesh") == 0)
			return true;
	}
	return list == NULL || list->count == 0;
}

/* Is it covered by another host of the list, or does it stand there before? */
static bool
is_repeated(struct host_index *seen, struct host_index *all, const char *host, bool *is_covered)
{
	void **place = host_index_put(seen, host);
	size_t suffix = host[0] == '*' ? strlen(host) - 1 : SIZE_MAX;	/* not by itself */

	*is_covered = host_index_wildcard(all, slice_of(host), &suffix) != NULL;
	if (*place != NULL)
		return true;
	*place = all;
	return *is_covered;
}

static void
check_hosts(struct checker *c, const struct value *hosts, bool is_mesh, struct arena *a)
{
	struct host_index seen = HOST_INDEX_INIT, all = HOST_INDEX_INIT;
	size_t index = 0;

	VALUE_EACH(h, hosts)
		if (value_text(h) != NULL && value_text(h)[0] == '*')
			*host_index_put(&all, host_resolve(a, value_text(h), c->object->ns)) = &all;
	VALUE_EACH(h, hosts) {
		const char *host = value_text(h);
		char below[40];
		bool is_covered;

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		if (host == NULL)
			continue;
		if (is_mesh && strcmp(host, "*") == 0)
			complain(c, h, below, "MT0026", "'*' cannot be ruled in the sidecars: name the "
				 "host, or bind to a gateway only (spec.gateways without mesh)");
		if (is_repeated(&seen, &all, host_resolve(a, host, c->object->ns), &is_covered))
			complain(c, h, below, "MT0030", "'%.80s' stands here twice%s", host,
				 is_covered ? ": another host covers it" : "");
	}
	host_index_fini(&seen);
	host_index_fini(&all);
}

/* Without hosts it is part of other VirtualServices. */
static void
check_delegate(struct checker *c, const struct value *spec)
{
	static const char *const excluded[] = { "gateways", "tls", "tcp" };
	size_t index = 0;

	for (size_t i = 0; i < ARRAY_LEN(excluded); i++)
		if (has_items(spec, excluded[i]))
			complain_member(c, spec, excluded[i], "MT0029", "a VirtualService without hosts "
					"is a delegate: it has http only; name spec.hosts");
	VALUE_EACH(rule, member(spec, "http")) {
		char below[48];

		snprintf(below, sizeof(below), "http[%zu].delegate", index++);
		if (member(rule, "delegate") != NULL)
			complain(c, member(rule, "delegate"), below, "MT0029",
				 "a delegate cannot delegate again");
	}
}

void
vs_check(struct checker *c, const struct value *spec)
{
	if (!has_items(spec, "http") && !has_items(spec, "tls") && !has_items(spec, "tcp"))
		complain(c, spec, NULL, "MT0022", "a VirtualService needs http, tls or tcp");
	if (has_items(spec, "hosts")) {
		struct arena *a = arena_new();

		check_hosts(c, member(spec, "hosts"), is_for_mesh(spec), a);
		arena_free(&a);
	} else {
		check_delegate(c, spec);
	}
	rules_check(c, spec);
}

void
vs_check_weights(struct checker *c, const struct value *routes)
{
	int64_t sum = 0;

	if (!value_is_list(routes) || routes->count < 2)
		return;
	VALUE_EACH(r, routes) {
		const struct value *weight = member(r, "weight");
		int64_t n = 0;

		if (weight != NULL && (!value_to_int(weight, &n) || n < 0))
			return;
		sum += n;
	}
	if (sum == 0)
		complain(c, routes, NULL, "MT0023", "the weights sum to 0: no destination gets anything");
	else if (sum > (int64_t)UINT32_MAX)
		complain(c, routes, NULL, "MT0023", "the weights sum to more than 4294967295");
	else if (sum != 100)
		complain(c, routes, NULL, "MT2105", "the weights sum to %lld, not 100: each gets its "
			 "part of that sum", (long long)sum);
}

static void
exclude(struct checker *c, const struct value *rule, const char *name,
	const char *const *others, size_t count)
{
	if (member(rule, name) == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct value *v = member(rule, others[i]);

		if (v != NULL && (!value_is_list(v) || v->count > 0))
			complain(c, v, v->key, "MT0029", "excludes %s: only one of the two may stand "
				 "in a rule", name);
	}
}

static void
check_action(struct checker *c, const struct value *rule)
{
	static const char *const redirect[] = { "route", "fault", "rewrite", "directResponse" };
	static const char *const direct[] = { "route", "fault", "rewrite" };
	static const char *const delegate[] = { "route", "redirect", "directResponse" };

	exclude(c, rule, "redirect", redirect, ARRAY_LEN(redirect));
	exclude(c, rule, "directResponse", direct, ARRAY_LEN(direct));
	exclude(c, rule, "delegate", delegate, ARRAY_LEN(delegate));
	if (!has_items(rule, "route") && member(rule, "redirect") == NULL &&
	    member(rule, "directResponse") == NULL && member(rule, "delegate") == NULL)
		complain(c, rule, "route", "MT0022", "an http rule needs route, redirect, "
			 "directResponse or delegate");
}

static void
check_mirrors(struct checker *c, const struct value *rule)
{
	static const char *const shares[] = { "mirrorPercentage", "mirrorPercent" };

	if (member(rule, "mirror") != NULL && has_items(rule, "mirrors"))
		complain_member(c, rule, "mirrors", "MT0029", "excludes mirror: only one of the two "
				"may stand in a rule");
	for (size_t i = 0; i < ARRAY_LEN(shares); i++)
		if (member(rule, shares[i]) != NULL && member(rule, "mirror") == NULL)
			complain_member(c, rule, shares[i], "MT0036", "has no effect without mirror");
}

/* Host is set at one place only. */
static void
check_authority(struct checker *c, const struct value *rule)
{
	const struct value *request = member(member(rule, "headers"), "request");
	const struct value *maps[] = { member(request, "set"), member(request, "add") };
	const struct value *rewritten = member(member(rule, "rewrite"), "authority");
	size_t count = rewritten != NULL;

	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		VALUE_EACH(v, value_is_map(maps[i]) ? maps[i] : NULL)
			count += strcasecmp(v->key, "host") == 0 || strcasecmp(v->key, ":authority") == 0;
	if (count > 1)
		complain(c, member(rule, "headers"), "headers", "MT0029",
			 "the authority is set more than once (headers.request and rewrite)");
}

/* prefixRewrite replaces what a prefix matched. */
static void
check_prefix_rewrite(struct checker *c, const struct value *rule)
{
	const struct value *v = member(member(rule, "redirect"), "prefixRewrite");
	const struct value *matches = member(rule, "match");
	bool is_fine = matches != NULL && matches->count > 0;

	if (v == NULL)
		return;
	VALUE_EACH(m, matches)
		is_fine &= member(member(m, "uri"), "prefix") != NULL;
	if (!is_fine)
		complain(c, v, "redirect.prefixRewrite", "MT0029",
			 "needs a uri.prefix in each match of the rule");
}

void
vs_check_http(struct checker *c, const struct value *rule)
{
	check_action(c, rule);
	check_mirrors(c, rule);
	check_authority(c, rule);
	check_prefix_rewrite(c, rule);
	rules_check_times(c, rule);
}

void
vs_check_redirect(struct checker *c, const struct value *redirect)
{
	size_t others = 0;

	VALUE_EACH(v, redirect)
		others += v->kind != VALUE_NULL && strcmp(v->key, "redirectCode") != 0 &&
			  strcmp(v->key, "redirect_code") != 0;
	if (others == 0)
		complain(c, redirect, NULL, "MT0032", "a redirect needs a place: uri, authority, port, "
			 "scheme or prefixRewrite");
	if (member(redirect, "uri") != NULL && member(redirect, "prefixRewrite") != NULL)
		complain_member(c, redirect, "prefixRewrite", "MT0029",
				"excludes uri: only one of the two may stand");
}

void
vs_check_body(struct checker *c, const struct value *text)
{
	if (text->kind != VALUE_STRING)
		return;
	if (text->len > BODY_MAX)
		complain(c, text, NULL, "MT0023", "a body has at most 1 MiB");
	else if (text->len > BODY_LARGE)
		complain(c, text, NULL, "MT0038", "a body of more than 100 KiB makes every proxy larger");
}

void
vs_check_rewrite(struct checker *c, const struct value *rewrite)
{
	if (member(rewrite, "uri") == NULL && member(rewrite, "authority") == NULL &&
	    member(rewrite, "uriRegexRewrite") == NULL)
		complain(c, rewrite, NULL, "MT0032", "a rewrite needs uri, authority or uriRegexRewrite");
}

void
vs_check_regex_rewrite(struct checker *c, const struct value *rewrite)
{
	const char *match = member_text(rewrite, "match"), *by = member_text(rewrite, "rewrite");
	struct error err = ERROR_INIT;
	struct regex *re;

	if (match == NULL || match[0] == '\0' || by == NULL || by[0] == '\0') {
		complain(c, rewrite, NULL, "MT0022", "needs both match and rewrite");
		return;
	}
	re = regex_new(match, &err);
	if (re == NULL)
		complain_member(c, rewrite, "match", "MT0028", "%s", err.msg);
	else if (regex_check_rewrite(re, by, &err) < 0)
		complain_member(c, rewrite, "rewrite", "MT0028", "%s", err.msg);
	regex_free(&re);
}
