/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches of a VirtualService: texts, headers, SNI. */
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/value.h"
#include "src/istio/check_virtual_service.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/model/object.h"

void
vs_check_regex(struct checker *c, const struct value *text)
{
	struct error err = ERROR_INIT;
	struct regex *re;

	if (text->kind != VALUE_STRING)
		return;
	if (text->len == 0) {
		complain(c, text, NULL, "MT0028", "a regex must not be empty: .* takes everything");
		return;
	}
	/* Istio's way to ask for presence there. */
	if (strcmp(text->text, "*") == 0 && strstr(buf_str(&c->path), ".withoutHeaders") != NULL)
		return;
	re = regex_new(text->text, &err);
	if (re == NULL)
		complain(c, text, NULL, "MT0028", "%s", err.msg);
	regex_free(&re);
}

void
vs_check_string_match(struct checker *c, const struct value *match)
{
	const char *prefix = member_text(match, "prefix");

	if (prefix != NULL && prefix[0] == '\0')
		complain_member(c, match, "prefix", "MT0032", "must not be empty");
}

/* A claim of the request's token: "@request.auth.claims.x" or "...[x][y]". */
static bool
is_claim(const char *header)
{
	static const char lead[] = "@request.auth.claims";
	const char *rest = header + sizeof(lead) - 1;

	if (strncasecmp(header, lead, sizeof(lead) - 1) != 0)
		return false;
	return (rest[0] == '.' && rest[1] != '\0') ||
	       (rest[0] == '[' && strlen(rest) > 2 && rest[strlen(rest) - 1] == ']');
}

void
vs_check_header_keys(struct checker *c, const struct value *map)
{
	static const char *const pseudos[] = { ":method", ":scheme", ":authority", ":path", ":status" };

	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		bool is_fine = syntax_is_token(v->key);

		if (is_claim(v->key)) {
			if (vs_is_for_mesh(c->object->spec))
				complain_key(c, v, "MT0029", "claims of a token are matched at gateways "
					     "only: name spec.gateways, without mesh");
			continue;
		}
		for (size_t i = 0; i < ARRAY_LEN(pseudos); i++)
			is_fine |= strcmp(v->key, pseudos[i]) == 0;
		if (!is_fine)
			complain_key(c, v, "MT0031", "'%.80s' is not the name of a header", v->key);
	}
}

void
vs_check_http_match(struct checker *c, const struct value *match)
{
	const struct value *gateways = member(match, "gateways");
	bool ignores_case = false;

	if (gateways != NULL && gateways->count > 0 && member(match, "sourceLabels") != NULL)
		complain_member(c, match, "sourceLabels", "MT0036",
				"has no effect: Istio does not look at it beside gateways");
	if (gateways != NULL && gateways->count > 0 && member(match, "sourceNamespace") != NULL)
		complain_member(c, match, "sourceNamespace", "MT0036",
				"has no effect: Istio does not look at it beside gateways");
	if (value_to_bool(member(match, "ignoreUriCase"), &ignores_case) && ignores_case &&
	    member(member(match, "uri"), "regex") != NULL)
		complain_member(c, match, "ignoreUriCase", "MT0036",
				"has no effect on a regex: begin it with (?i)");
}

/*
 * The SNI that sidecars send through an AUTO_PASSTHROUGH gateway, as a host
 * there: "outbound_.PORT_.SUBSET_.HOST", the subset perhaps empty.
 */
static bool
is_cluster_name(const struct checker *c, const char *s)
{
	static const char lead[] = "outbound_.";
	size_t digits;

	if (strncmp(s, lead, sizeof(lead) - 1) != 0 || vs_is_for_mesh(c->object->spec))
		return false;
	s += sizeof(lead) - 1;
	digits = strspn(s, "0123456789");
	s += digits;
	if (digits == 0 || strncmp(s, "_.", 2) != 0 || (s = strstr(s + 2, "_.")) == NULL)
		return false;
	return syntax_is_wildcard_domain(s + 2);
}

void
vs_check_host(struct checker *c, const struct value *text)
{
	if (text->kind != VALUE_STRING || !is_cluster_name(c, text->text))
		check_host_or_ip(c, text);
}

/* A name that one of the VirtualService's hosts covers. */
void
vs_check_sni(struct checker *c, const struct value *text)
{
	const struct value *hosts = member(c->object->spec, "hosts");

	if (text->kind != VALUE_STRING)
		return;
	if (host_is_ip(text->text)) {
		complain(c, text, NULL, "MT0036", "clients send no address as SNI: this never holds");
		return;
	}
	if (!is_cluster_name(c, text->text))
		check_wildcard_domain(c, text);
	VALUE_EACH(h, value_is_list(hosts) ? hosts : NULL) {
		const char *host = value_text(h);

		if (host != NULL && host_matches(host, text->text))
			return;
	}
	complain(c, text, NULL, "MT0026", "'%.80s' is no part of any of the hosts", text->text);
}
