/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of the Gateway API, as the patterns of its CRDs have them. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_gateway_api.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

#define MAX_HEADER_NAME 256
#define MAX_ANNOTATION 4096

/* NULL for what is no text, and for an empty one, which stands for none. */
static const char *
text_of(const struct value *v)
{
	return v->kind == VALUE_STRING && v->len > 0 ? v->text : NULL;
}

void
api_check_group(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && !name_is_dns_subdomain(s))
		complain(c, text, NULL, "MT0027", "'%.80s' is not a group such as gateway.networking.k8s.io, or '' "
			 "for the core", s);
}

void
api_check_kind(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && (!isalpha((unsigned char)s[0]) || !syntax_is_dns_label(s, strlen(s))))
		complain(c, text, NULL, "MT0027", "'%.80s' is not the name of a kind", s);
}

void
api_check_namespace(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && !name_is_dns_label(s))
		complain(c, text, NULL, "MT0027", "'%.80s' is not the name of a namespace", s);
}

void
api_check_subdomain(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && !name_is_dns_subdomain(s))
		complain(c, text, NULL, "MT0027", "'%.80s' is not a DNS name: small letters, digits, '-' and '.'", s);
}

void
api_check_header_name(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && !syntax_is_token(s))
		complain(c, text, NULL, "MT0031", "'%.80s' is not the name of a header", s);
	else if (s != NULL && text->len > MAX_HEADER_NAME)
		complain(c, text, NULL, "MT0023", "at most %d characters, these are %zu", MAX_HEADER_NAME,
			 text->len);
}

void
api_check_address_type(struct checker *c, const struct value *text)
{
	static const char *const known[] = { "IPAddress", "Hostname", "NamedAddress" };
	const char *s = text_of(text), *slash = s != NULL ? strchr(s, '/') : NULL;

	for (size_t i = 0; i < ARRAY_LEN(known) && s != NULL; i++)
		if (strcmp(s, known[i]) == 0)
			return;
	if (s != NULL && (slash == NULL || slash == s || slash[1] == '\0'))
		complain(c, text, NULL, "MT0024",
			 "'%.80s' is not one of IPAddress, Hostname and NamedAddress", s);
}

void
api_check_annotation(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && text->len > MAX_ANNOTATION)
		complain(c, text, NULL, "MT0023", "at most %d characters, these are %zu", MAX_ANNOTATION,
			 text->len);
}

static const char *
port_of(const struct value *item)
{
	return member_text(item, "port");
}

void
api_check_ports(struct checker *c, const struct value *list)
{
	unique_check(c, list, "", "port", port_of);
}

void
api_check_hostname(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && (host_is_ip(s) || !name_is_dns_subdomain(s)))
		complain(c, text, NULL, "MT0026", "'%.80s' is not a host name in small letters", s);
}

void
api_check_hostname_or_wildcard(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);

	if (s != NULL && (host_is_ip(s) || !name_is_dns_subdomain(strncmp(s, "*.", 2) == 0 ? s + 2 : s)))
		complain(c, text, NULL, "MT0026", "'%.80s' is neither a host name in small letters nor *.NAME", s);
}

/* HTTP, or a domain's own as in example.com/bar. */
void
api_check_protocol(struct checker *c, const struct value *text)
{
	const char *s = text_of(text), *slash = s != NULL ? strchr(s, '/') : NULL;

	if (s == NULL || (slash != NULL ? slash != s && slash[1] != '\0' : syntax_is_dns_label(s, strlen(s))))
		return;
	complain(c, text, NULL, "MT0024", "'%.80s' is not a protocol such as HTTP", s);
}

/* "*", or labels joined by dots behind "*." or not. */
static bool
is_origin_host(const char *host, size_t len)
{
	if (len == 1 && host[0] == '*')
		return true;
	if (strncmp(host, "*.", 2) == 0) {
		host += 2;
		len -= 2;
	}
	for (;;) {
		size_t label = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

		if (label == 0 || (label < len && host[label] != '.'))
			return false;
		if (label == len)
			return true;
		host += label + 1;
		len -= label + 1;
	}
}

/* SCHEME://HOST[:PORT], with "*" for the host or its first labels; or "*". */
void
api_check_origin(struct checker *c, const struct value *text)
{
	const char *s = text_of(text), *host;
	size_t len, digits;

	if (s == NULL || strcmp(s, "*") == 0)
		return;
	host = strncmp(s, "http://", 7) == 0 ? s + 7 : strncmp(s, "https://", 8) == 0 ? s + 8 : NULL;
	if (host != NULL) {
		len = strcspn(host, ":");
		digits = host[len] == ':' ? strspn(host + len + 1, "0123456789") : 1;
		if (digits >= 1 && digits <= 5 && (host[len] == '\0' || host[len + 1 + digits] == '\0') &&
		    is_origin_host(host, len))
			return;
	}
	complain(c, text, NULL, "MT0026", "'%.80s' is not an origin such as https://*.example.com", s);
}

void
api_check_redirect_code(struct checker *c, const struct value *number)
{
	int64_t n;

	if (value_to_int(number, &n) && n > 303 && n < 307)
		complain(c, number, NULL, "MT0023", "must be 301, 302, 303, 307 or 308");
}

void
api_check_duration(struct checker *c, const struct value *text)
{
	const char *s = text_of(text);
	size_t parts = 0;

	for (; s != NULL && *s != '\0'; parts++) {
		size_t digits = strspn(s, "0123456789");

		s += digits;
		if (digits < 1 || digits > 5 || parts == 4 || strchr("hms", *s) == NULL || *s == '\0') {
			complain(c, text, NULL, "MT0025", "'%.60s': write whole numbers of h, m, s or ms, such as "
				 "1m30s", text->text);
			return;
		}
		s += s[0] == 'm' && s[1] == 's' ? 2 : 1;
	}
}

void
api_check_star(struct checker *c, const struct value *list)
{
	VALUE_EACH(v, value_is_list(list) && list->count > 1 ? list : NULL) {
		const char *s = value_text(v);

		if (s != NULL && strcmp(s, "*") == 0) {
			complain(c, list, NULL, "MT0029", "'*' stands alone or not at all");
			return;
		}
	}
}
