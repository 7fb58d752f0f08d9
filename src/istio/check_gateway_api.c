/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules of the Gateway API that tables cannot say: those that its CRDs hold
 * as expressions.
 */
#include "src/istio/check_gateway_api.h"

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

void
api_check_gateway(struct checker *c, const struct value *spec)
{
	const struct value *list = member(spec, "listeners");

	if ((list == NULL || list->count == 0) && member(spec, "allowedListeners") == NULL)
		complain(c, list != NULL ? list : spec, "listeners", "MT0022", "a Gateway needs listeners");
}

static bool
is_type(const struct value *map, const char *standard, const char *want)
{
	const char *type = member_text(map, "type");

	return strcmp(type != NULL ? type : standard, want) == 0;
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

void
api_check_path(struct checker *c, const struct value *match)
{
	const char *value = member_text(match, "value");

	if (is_type(match, "PathPrefix", "RegularExpression"))
		api_check_value(c, match);
	else if (value != NULL && value[0] != '/')
		complain_member(c, match, "value", "MT0027", "'%.80s' is no path: it begins with '/'", value);
}

/* What an object of a type has. */
struct typed_member {
	const char *type, *member;
};

/* The member of the object's type, and no other of the list.  False: the type
 * is not in the list. */
static bool
check_typed_members(struct checker *c, const struct value *map, const char *what,
		    const struct typed_member *list, size_t count)
{
	const char *type = member_text(map, "type");
	bool is_known = type == NULL;

	for (size_t i = 0; i < count && type != NULL; i++) {
		bool is_it = strcmp(list[i].type, type) == 0, stands = member(map, list[i].member) != NULL;

		is_known |= is_it;
		if (is_it && !stands)
			complain(c, map, list[i].member, "MT0022", "%s of type %s needs %s", what, type,
				 list[i].member);
		else if (!is_it && stands)
			complain_member(c, map, list[i].member, "MT0029", "%s of type %.40s has no %s", what,
					type, list[i].member);
	}
	return is_known;
}

void
api_check_header_name(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && text->len > 0 && !syntax_is_token(text->text))
		complain(c, text, NULL, "MT0031", "'%.80s' is not the name of a header", text->text);
}

void
api_check_hostname(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && (host_is_ip(text->text) || !syntax_is_fqdn(text->text)))
		complain(c, text, NULL, "MT0026", "'%.80s' is not a host name", text->text);
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
	const char *type = member_text(filter, "type");

	if (!check_typed_members(c, filter, "a filter", types, ARRAY_LEN(types)) && type[0] != '\0')
		complain_member(c, filter, "type", "MT0024", "'%.40s' is no type of filter", type);
}

void
api_check_backend(struct checker *c, const struct value *ref)
{
	const char *group = member_text(ref, "group"), *kind = member_text(ref, "kind");

	if ((group == NULL || group[0] == '\0') && (kind == NULL || strcmp(kind, "Service") == 0) &&
	    member(ref, "port") == NULL)
		complain(c, ref, "port", "MT0022", "a Service needs its port");
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
	if (redirect == NULL)
		return;
	snprintf(below, sizeof(below), "filters[%zu].requestRedirect", redirect_at);
	if (backends != NULL && backends->count > 0)
		complain_member(c, rule, "backendRefs", "MT0029", "excludes requestRedirect: nothing is forwarded");
	if (rewrite != NULL)
		complain(c, member(redirect, "requestRedirect"), below, "MT0029", "excludes urlRewrite: only one of "
			 "the two may stand in a rule");
}
