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
#include "src/istio/schema.h"

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

void
api_check_filter(struct checker *c, const struct value *filter)
{
	static const struct { const char *type, *member; } types[] = {
		{ "RequestHeaderModifier", "requestHeaderModifier" },
		{ "ResponseHeaderModifier", "responseHeaderModifier" },
		{ "RequestMirror", "requestMirror" }, { "RequestRedirect", "requestRedirect" },
		{ "URLRewrite", "urlRewrite" }, { "ExtensionRef", "extensionRef" }, { "CORS", "cors" },
		{ "ExternalAuth", "externalAuth" },
	};
	const char *type = member_text(filter, "type");
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_LEN(types) && type != NULL; i++) {
		bool is_it = strcmp(types[i].type, type) == 0, stands = member(filter, types[i].member) != NULL;

		is_known |= is_it;
		if (is_it && !stands)
			complain(c, filter, types[i].member, "MT0022", "a filter of type %s needs %s", type,
				 types[i].member);
		else if (!is_it && stands)
			complain_member(c, filter, types[i].member, "MT0029", "a filter of type %.40s has no %s", type,
					types[i].member);
	}
	if (type != NULL && type[0] != '\0' && !is_known)
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
