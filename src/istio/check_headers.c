/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header operations and the CORS policy of a VirtualService. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_virtual_service.h"
#include "src/istio/duration.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static bool
is_authority(const char *name)
{
	return strcasecmp(name, ":authority") == 0 || strcasecmp(name, "host") == 0;
}

/* Without control characters; '%' in Envoy's variables, as in %REQ(name)%,
 * or doubled. */
static void
check_value(struct checker *c, const struct value *v)
{
	struct syntax_operator variable;

	if (v->kind != VALUE_STRING)
		return;
	if (!syntax_is_line(v->text)) {
		complain(c, v, v->key, "MT0031", "a header's value has no control characters");
		return;
	}
	for (const char *p = strchr(v->text, '%'); p != NULL; p = strchr(p, '%')) {
		p = p[1] == '%' ? p + 2 : syntax_read_operator(p + 1, &variable);
		if (p == NULL) {
			complain(c, v, v->key, "MT0031", "a '%%' begins no variable such as %%REQ(name)%%: "
				 "write %%%% for the sign itself");
			return;
		}
	}
}

static void
check_operations(struct checker *c, const struct value *map, bool is_request)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		bool is_host = is_authority(v->key);

		if (v->key[0] == '\0')
			complain_key(c, v, "MT0031", "a header needs a name");
		else if (is_host && !is_request)
			complain_key(c, v, "MT0031", "a response has no %s", v->key);
		else if (!is_host && v->key[0] == ':')
			complain_key(c, v, "MT0031", "only :authority can be set, not %.40s", v->key);
		else if (!is_host && !syntax_is_token(v->key))
			complain_key(c, v, "MT0031", "'%.80s' is not the name of a header", v->key);
		if (is_host && v->kind == VALUE_STRING && strpbrk(v->text, " \t") != NULL)
			complain(c, v, v->key, "MT0031", "a host has no blanks");
		check_value(c, v);
	}
}

void
vs_check_request_headers(struct checker *c, const struct value *map)
{
	check_operations(c, map, true);
}

void
vs_check_response_headers(struct checker *c, const struct value *map)
{
	check_operations(c, map, false);
}

void
vs_check_removed_header(struct checker *c, const struct value *text)
{
	if (text->kind != VALUE_STRING)
		return;
	if (text->len == 0)
		complain(c, text, NULL, "MT0031", "a header needs a name");
	else if (text->text[0] == ':' || is_authority(text->text))
		complain(c, text, NULL, "MT0031", "%.40s cannot be removed", text->text);
	else if (!syntax_is_token(text->text))
		complain(c, text, NULL, "MT0031", "'%.80s' is not the name of a header", text->text);
}

void
vs_check_origin(struct checker *c, const struct value *match)
{
	const char *exact = member_text(match, "exact");

	if (value_is_map(match) && match->count == 0)
		complain(c, match, NULL, "MT0032", "an origin needs exact, prefix or regex");
	else if (exact != NULL && exact[0] == '\0')
		complain_member(c, match, "exact", "MT0032", "must not be empty");
}

void
vs_check_cors_method(struct checker *c, const struct value *text)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
					       "CONNECT", "OPTIONS", "TRACE", "*" };

	if (text->kind != VALUE_STRING)
		return;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(methods[i], text->text) == 0)
			return;
	complain(c, text, NULL, "MT0024", "'%.40s' is no method: GET, HEAD, POST, PUT, PATCH, DELETE, "
		 "CONNECT, OPTIONS, TRACE or *", text->text);
}

void
vs_check_cors_header(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && strcmp(text->text, "*") != 0 &&
	    !syntax_is_token(text->text))
		complain(c, text, NULL, "MT0031", "'%.80s' is not the name of a header", text->text);
}

void
vs_check_max_age(struct checker *c, const struct value *text)
{
	uint64_t ns;

	if (text->kind == VALUE_STRING && duration_parse(text->text, &ns) &&
	    ns % UINT64_C(1000000) == 0 && ns % UINT64_C(1000000000) != 0)
		complain(c, text, NULL, "MT0025", "must be whole seconds");
}
