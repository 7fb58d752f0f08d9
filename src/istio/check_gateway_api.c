/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules of the Gateway API that tables cannot say: those that its CRDs hold
 * as expressions.
 */
#include "src/istio/check_gateway_api.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/value.h"
#include "src/istio/duration.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/model/object.h"

static bool
is_type(const struct value *map, const char *standard, const char *want)
{
	const char *type = member_text(map, "type");

	return strcmp(type != NULL ? type : standard, want) == 0;
}

void
api_check_gateway(struct checker *c, const struct value *spec)
{
	const struct value *list = member(spec, "listeners");

	if ((list == NULL || list->count == 0) && member(spec, "allowedListeners") == NULL)
		complain(c, list != NULL ? list : spec, "listeners", "MT0022", "a Gateway needs listeners");
}

static bool
is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* What a listener's protocol allows. */
void
api_check_listener(struct checker *c, const struct value *listener)
{
	static const char *const plain[] = { "HTTP", "TCP", "UDP" };
	const char *protocol = member_text(listener, "protocol");
	const struct value *tls = member(listener, "tls");
	const char *mode = member_text(tls, "mode");

	if (protocol == NULL)
		return;
	if (tls != NULL && is_one_of(protocol, plain, ARRAY_LEN(plain)))
		complain_member(c, listener, "tls", "MT0029", "a listener of protocol %s has no TLS", protocol);
	if (is_one_of(protocol, plain + 1, ARRAY_LEN(plain) - 1) && member_set(listener, "hostname") != NULL)
		complain_member(c, listener, "hostname", "MT0029", "a listener of protocol %s knows no host names",
				protocol);
	if (strcmp(protocol, "HTTPS") == 0 && mode != NULL && strcmp(mode, "Passthrough") == 0)
		complain(c, member(tls, "mode"), "tls.mode", "MT0029", "protocol HTTPS needs mode Terminate");
}

void
api_check_address(struct checker *c, const struct value *address)
{
	const char *value = member_text(address, "value");

	if (value == NULL || value[0] == '\0')
		return;
	if (is_type(address, "IPAddress", "IPAddress") && !host_is_ip(value))
		complain_member(c, address, "value", "MT0033", "'%.80s' is not an IP address", value);
	else if (is_type(address, "IPAddress", "Hostname") &&
		 !name_is_dns_subdomain(strncmp(value, "*.", 2) == 0 ? value + 2 : value))
		complain_member(c, address, "value", "MT0026", "'%.80s' is not a host name in small letters", value);
}

void
api_check_value(struct checker *c, const struct value *match)
{
	const char *value = member_text(match, "value");
	struct error err = ERROR_INIT;
	struct regex *re;

	if (value == NULL || !is_type(match, "Exact", "RegularExpression"))
		return;
	re = regex_new(value, &err);
	if (re == NULL)
		complain_member(c, match, "value", "MT0028", "%s", err.msg);
	regex_free(&re);
}

/* Why a path can be neither exact nor a prefix; NULL when it can. */
static const char *
path_fault(const char *path)
{
	static const char *const inside[] = { "//", "/./", "/../", "%2f", "%2F", "#" };
	static const char *const ends[] = { "/.", "/.." };
	size_t len = strlen(path);

	if (path[0] != '/')
		return "it begins with '/'";
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		if (strstr(path, inside[i]) != NULL)
			return "no '//', '/./', '/../', '%2f' or '#' stands in it";
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (len >= strlen(ends[i]) && strcmp(path + len - strlen(ends[i]), ends[i]) == 0)
			return "it does not end in '/.' or '/..'";
	for (; *path != '\0'; path++) {
		if (*path == '%' && isxdigit((unsigned char)path[1]) && isxdigit((unsigned char)path[2]))
			path += 2;
		else if (!isalnum((unsigned char)*path) && strchr("-/._~!$&'()*+,;=:@", *path) == NULL)
			return "other characters are written as %XX";
	}
	return NULL;
}

void
api_check_path(struct checker *c, const struct value *match)
{
	const char *value = member_text(match, "value"), *why;

	if (is_type(match, "PathPrefix", "RegularExpression")) {
		api_check_value(c, match);
		return;
	}
	why = value != NULL ? path_fault(value) : NULL;
	if (why != NULL)
		complain_member(c, match, "value", "MT0027", "'%.80s' is no path: %s", value, why);
}

/* What an object of a type has. */
struct typed_member {
	const char *type, *member;
};

/* The member of the object's type, and no other of the list. */
static void
check_typed_members(struct checker *c, const struct value *map, const char *what,
		    const struct typed_member *list, size_t count)
{
	const char *type = member_text(map, "type");

	for (size_t i = 0; i < count && type != NULL; i++) {
		bool is_it = strcmp(list[i].type, type) == 0, stands = member(map, list[i].member) != NULL;

		if (is_it && !stands)
			complain(c, map, list[i].member, "MT0022", "%s of type %s needs %s", what, type,
				 list[i].member);
		else if (!is_it && stands)
			complain_member(c, map, list[i].member, "MT0029", "%s of type %.40s has no %s", what,
					type, list[i].member);
	}
}

void
api_check_path_modifier(struct checker *c, const struct value *path)
{
	static const struct typed_member types[] = {
		{ "ReplaceFullPath", "replaceFullPath" }, { "ReplacePrefixMatch", "replacePrefixMatch" },
	};

	check_typed_members(c, path, "a path", types, ARRAY_LEN(types));
}

void
api_check_filter(struct checker *c, const struct value *filter)
{
	static const struct typed_member types[] = {
		{ "RequestHeaderModifier", "requestHeaderModifier" },
		{ "ResponseHeaderModifier", "responseHeaderModifier" },
		{ "RequestMirror", "requestMirror" }, { "RequestRedirect", "requestRedirect" },
		{ "URLRewrite", "urlRewrite" }, { "ExtensionRef", "extensionRef" }, { "CORS", "cors" },
		{ "ExternalAuth", "externalAuth" },
	};

	check_typed_members(c, filter, "a filter", types, ARRAY_LEN(types));
}

/* Only copies and foreign filters may stand more than once. */
void
api_check_filters(struct checker *c, const struct value *list)
{
	size_t index = 0;

	VALUE_EACH(f, value_is_list(list) ? list : NULL) {
		const char *type = member_text(f, "type");
		char below[40];

		snprintf(below, sizeof(below), "[%zu].type", index++);
		if (type == NULL || strcmp(type, "RequestMirror") == 0 || strcmp(type, "ExtensionRef") == 0)
			continue;
		for (const struct value *g = list->first; g != f; g = g->next)
			if (is_type(g, "", type)) {
				complain(c, member(f, "type"), below, "MT0030", "a filter of type %.40s stands here "
					 "already", type);
				break;
			}
	}
}

void
api_check_fraction(struct checker *c, const struct value *fraction)
{
	int64_t numerator = 0, denominator = 100;

	value_to_int(member(fraction, "numerator"), &numerator);
	value_to_int(member(fraction, "denominator"), &denominator);
	if (numerator > denominator && denominator > 0)
		complain_member(c, fraction, "numerator", "MT0023", "is more than the denominator, %lld",
				(long long)denominator);
}

void
api_check_timeouts(struct checker *c, const struct value *timeouts)
{
	const char *whole = member_text(timeouts, "request"), *one = member_text(timeouts, "backendRequest");
	uint64_t whole_ns, one_ns;

	if (whole != NULL && one != NULL && duration_parse(whole, &whole_ns) && duration_parse(one, &one_ns) &&
	    whole_ns > 0 && one_ns > whole_ns)
		complain_member(c, timeouts, "backendRequest", "MT0023", "is longer than request, %.40s", whole);
}

void
api_check_backend(struct checker *c, const struct value *ref)
{
	const char *group = member_text(ref, "group"), *kind = member_text(ref, "kind");

	if ((group == NULL || group[0] == '\0') && (kind == NULL || strcmp(kind, "Service") == 0) &&
	    member(ref, "port") == NULL)
		complain(c, ref, "port", "MT0022", "a Service needs its port");
}

/* Does the rule match one prefix, which can be replaced?  So it does without
 * matches: "/". */
static bool
matches_one_prefix(const struct value *rule)
{
	const struct value *matches = member(rule, "matches");

	if (matches == NULL || matches->count == 0)
		return true;
	return matches->count == 1 && is_type(member(value_at(matches, 0), "path"), "PathPrefix", "PathPrefix");
}

/* Filters at that place of a rule, of its own or of a backend. */
static void
check_prefix_filters(struct checker *c, const struct value *filters, const char *at)
{
	static const char *const names[] = { "requestRedirect", "urlRewrite" };
	size_t index = 0;

	VALUE_EACH(f, value_is_list(filters) ? filters : NULL) {
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			const struct value *path = member(member(f, names[i]), "path");
			char below[96];

			snprintf(below, sizeof(below), "%sfilters[%zu].%s.path.replacePrefixMatch", at, index, names[i]);
			if (is_type(path, "", "ReplacePrefixMatch") && member(path, "replacePrefixMatch") != NULL)
				complain(c, member(path, "replacePrefixMatch"), below, "MT0029", "replaces what a "
					 "prefix matched: the rule needs exactly one match, with a path of type PathPrefix");
		}
		index++;
	}
}

static void
check_prefix_replacements(struct checker *c, const struct value *rule)
{
	size_t index = 0;

	if (matches_one_prefix(rule))
		return;
	check_prefix_filters(c, member(rule, "filters"), "");
	VALUE_EACH(b, member(rule, "backendRefs")) {
		char at[40];

		snprintf(at, sizeof(at), "backendRefs[%zu].", index++);
		check_prefix_filters(c, member(b, "filters"), at);
	}
}

void
api_check_http_rule(struct checker *c, const struct value *rule)
{
	const struct value *backends = member(rule, "backendRefs"), *redirect = NULL, *rewrite = NULL;
	size_t index = 0, redirect_at = 0;
	char below[48];

	VALUE_EACH(f, member(rule, "filters")) {
		if (member(f, "requestRedirect") != NULL && redirect == NULL) {
			redirect = f;
			redirect_at = index;
		}
		if (member(f, "urlRewrite") != NULL)
			rewrite = f;
		index++;
	}
	check_prefix_replacements(c, rule);
	if (redirect == NULL)
		return;
	snprintf(below, sizeof(below), "filters[%zu].requestRedirect", redirect_at);
	if (backends != NULL && backends->count > 0)
		complain_member(c, rule, "backendRefs", "MT0029", "excludes requestRedirect: nothing is forwarded");
	if (rewrite != NULL)
		complain(c, member(redirect, "requestRedirect"), below, "MT0029", "excludes urlRewrite: only one of "
			 "the two may stand in a rule");
}
