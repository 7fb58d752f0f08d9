/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What CORS policies say of a request; see cors.h.  Patterns
 * of origins are compiled for each request that has an origin: few have, and
 * policies with patterns are rare.
 */
#include "src/mesh/cors.h"

#include <string.h>

#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/value.h"
#include "src/http/head.h"

static bool
regex_allows(const char *pattern, struct slice origin)
{
	struct error err = ERROR_INIT;
	struct regex *re = regex_new(pattern, &err);
	bool yes = re != NULL && regex_full_match(re, origin.ptr, origin.len) == REGEX_YES;

	regex_free(&re);
	return yes;
}

static bool
match_allows(const struct value *match, struct slice origin)
{
	const char *text;

	if ((text = value_get_text(match, "exact")) != NULL)
		return strcmp(text, "*") == 0 || slice_eq(origin, slice_of(text));
	if ((text = value_get_text(match, "prefix")) != NULL)
		return slice_starts(origin, slice_of(text));
	text = value_get_text(match, "regex");
	return text != NULL && regex_allows(text, origin);
}

bool
cors_allows(const struct value *policy, struct slice origin)
{
	const struct value *matches = value_get(policy, "allowOrigins");
	const struct value *texts = value_get(policy, "allowOrigin");	/* deprecated */

	for (size_t i = 0; value_is_list(matches) && i < matches->count; i++)
		if (match_allows(value_at(matches, i), origin))
			return true;
	for (size_t i = 0; value_is_list(texts) && i < texts->count; i++) {
		const char *text = value_text(value_at(texts, i));

		if (text != NULL &&
		    (strcmp(text, "*") == 0 || slice_eq(origin, slice_of(text))))
			return true;
	}
	return false;
}

bool
cors_answers(const struct value *policy, const struct http_head *h, bool *is_allowed)
{
	const struct http_field *origin = http_head_field(h, FIELD_ORIGIN);
	const struct http_field *method = http_head_field(h, FIELD_ACCESS_CONTROL_REQUEST_METHOD);
	const char *unmatched = value_get_text(policy, "unmatchedPreflights");

	*is_allowed = origin != NULL && origin->value.len > 0 && cors_allows(policy, origin->value);
	if (origin == NULL || origin->value.len == 0 || h->method_id != HTTP_OPTIONS ||
	    method == NULL || method->value.len == 0)
		return false;
	return *is_allowed || (unmatched != NULL && strcmp(unmatched, "IGNORE") == 0);
}
