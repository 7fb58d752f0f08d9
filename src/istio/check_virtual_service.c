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

/* Absent or an empty list; of another type it has been complained of. */
static bool
lacks_items(const struct value *map, const char *name)
{
	const struct value *v = member(map, name);

	return v == NULL || (value_is_list(v) && v->count == 0);
}

bool
vs_is_for_mesh(const struct value *spec)
{
	const struct value *list = member(spec, "gateways");

	VALUE_EACH(g, list) {
		const char *text = value_text(g);

		if (text != NULL && strcmp(text, "mesh") == 0)
			return true;
	}
	return list == NULL || list->count == 0;
}

/* Hosts of a VirtualService that were seen before, and its wildcards. */
struct host_list {
	struct host_index seen;		/* the text as written */
	struct host_index wild;
	struct arena *arena;
};

/*
 * Stands the host in the list before, or is it covered by another?  Istio
 * compares the texts as they are written, so a short name beside its whole
 * form is no error, and is not needed either.
 */
static void
check_repeated(struct checker *c, struct host_list *x, const struct value *h, const char *below)
{
	const char *fqdn = host_resolve(x->arena, h->text, c->object->ns);
	size_t suffix = fqdn[0] == '*' ? strlen(fqdn) - 1 : SIZE_MAX;	/* not by itself */
	bool is_covered = host_index_wildcard(&x->wild, slice_of(fqdn), &suffix) != NULL;
	void **place = host_index_put(&x->seen, fqdn);
	bool is_same = *place == NULL || strcasecmp(*place, h->text) == 0;

	if (*place != NULL || is_covered)
		complain_as(c, is_same ? SEVERITY_ERROR : SEVERITY_WARNING, h, below, "MT0030",
			    "'%.80s' stands here twice%s", h->text,
			    is_covered ? ": another host covers it" : is_same ? "" : ": once by its whole name");
	*place = arena_strdup(x->arena, h->text);
}

static void
check_hosts(struct checker *c, const struct value *hosts, bool is_mesh)
{
	struct host_list x = { HOST_INDEX_INIT, HOST_INDEX_INIT, arena_new() };
	size_t index = 0;

	VALUE_EACH(h, hosts)
		if (h->kind == VALUE_STRING && h->text[0] == '*')
			*host_index_put(&x.wild, host_resolve(x.arena, h->text, c->object->ns)) = &x;
	VALUE_EACH(h, hosts) {
		char below[40];

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		if (h->kind != VALUE_STRING)
			continue;
		if (is_mesh && strcmp(h->text, "*") == 0)
			complain(c, h, below, "MT0026", "'*' cannot be ruled in the sidecars: name the "
				 "host, or bind to a gateway only (spec.gateways without mesh)");
		check_repeated(c, &x, h, below);
	}
	host_index_fini(&x.seen);
	host_index_fini(&x.wild);
	arena_free(&x.arena);
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
	if (lacks_items(spec, "http") && lacks_items(spec, "tls") && lacks_items(spec, "tcp"))
		complain(c, spec, NULL, "MT0022", "a VirtualService needs http, tls or tcp");
	if (has_items(spec, "hosts"))
		check_hosts(c, member(spec, "hosts"), vs_is_for_mesh(spec));
	else
		check_delegate(c, spec);
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
	static const char *const delegate[] = { "route", "redirect" };

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

/* prefixRewrite replaces what a prefix matched; without uri that is "/". */
static void
check_prefix_rewrite(struct checker *c, const struct value *rule)
{
	const struct value *v = member(member(rule, "redirect"), "prefixRewrite");

	VALUE_EACH(m, v != NULL ? member(rule, "match") : NULL) {
		const struct value *uri = member(m, "uri");

		if (uri == NULL || member(uri, "prefix") != NULL)
			continue;
		complain(c, v, "redirect.prefixRewrite", "MT0029", "replaces what a prefix matched: no "
			 "uri.exact or uri.regex may stand in a match of this rule");
		return;
	}
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

/* One of the members, and not as an empty text? */
static bool
says_any(const struct value *map, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (member_set(map, names[i]) != NULL)
			return true;
	return false;
}

void
vs_check_redirect(struct checker *c, const struct value *redirect)
{
	static const char *const places[] = { "uri", "authority", "port", "derivePort", "scheme",
					      "prefixRewrite" };
	int64_t code;

	if (!says_any(redirect, places, ARRAY_LEN(places)))
		complain(c, redirect, NULL, "MT0032", "a redirect needs a place: uri, authority, port, "
			 "scheme or prefixRewrite");
	if (value_to_int(member(redirect, "redirectCode"), &code) && code >= 300 && code <= 399 &&
	    !(code >= 301 && code <= 303) && code != 307 && code != 308)
		complain_member(c, redirect, "redirectCode", "MT0036", "no redirect is made with %lld: write 301, "
				"302, 303, 307 or 308", (long long)code);
	if (member(redirect, "uri") != NULL && member(redirect, "prefixRewrite") != NULL)
		complain_member(c, redirect, "prefixRewrite", "MT0029",
				"excludes uri: only one of the two may stand");
}

static void
check_body_size(struct checker *c, const struct value *text, size_t size)
{
	if (size > BODY_MAX)
		complain(c, text, NULL, "MT0023", "a body has at most 1 MiB");
	else if (size > BODY_LARGE)
		complain(c, text, NULL, "MT0038", "a body of more than 100 KiB makes every proxy larger");
}

void
vs_check_body(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING)
		check_body_size(c, text, text->len);
}

/* Base64 of either alphabet; its padding may be left out. */
void
vs_check_bytes(struct checker *c, const struct value *text)
{
	size_t digits, padding;

	if (text->kind != VALUE_STRING)
		return;
	digits = strspn(text->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");
	padding = strspn(text->text + digits, "=");
	if (digits + padding != text->len || digits % 4 == 1 || (padding > 0 && (digits + padding) % 4 != 0))
		complain(c, text, NULL, "MT0021", "must be base64: write string for a text as it is");
	else
		check_body_size(c, text, digits / 4 * 3 + digits % 4);
}

void
vs_check_rewrite(struct checker *c, const struct value *rewrite)
{
	static const char *const places[] = { "uri", "authority", "uriRegexRewrite" };

	if (!says_any(rewrite, places, ARRAY_LEN(places)))
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
