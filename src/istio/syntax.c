/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, labels, hosts, addresses as texts; see syntax.h. */
#include "src/istio/syntax.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/istio/host.h"

#define LABEL_MAX 63
#define DOMAIN_MAX 255
#define PREFIX_MAX 253

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool
syntax_is_dns_label(const char *s, size_t len)
{
	if (len == 0 || len > LABEL_MAX || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

/* Labels from s on; is_first allows a wildcard in the first. */
static bool
is_domain(const char *s, bool is_wild)
{
	size_t len = strlen(s), label = 0;
	bool is_first = true, is_digits = true;

	if (len > 0 && s[len - 1] == '.')
		len--;
	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i += label + 1) {
		const char *dot = memchr(s + i, '.', len - i);
		const char *at = s + i;
		size_t n;

		label = dot != NULL ? (size_t)(dot - at) : len - i;
		if (dot != NULL && dot == s + len - 1)
			return false;
		n = label;
		if (is_first && is_wild && n > 0 && at[0] == '*') {
			at++;
			n--;
			if (n > 1 && at[0] == '-') {
				at++;
				n--;
			}
			is_digits = false;
			if (n == 0) {
				is_first = false;
				continue;
			}
		}
		if (!syntax_is_dns_label(at, n))
			return false;
		is_digits = strspn(at, "0123456789") >= n && at == s + i;
		is_first = false;
	}
	return !is_digits;
}

bool
syntax_is_fqdn(const char *s)
{
	return is_domain(s, false);
}

bool
syntax_is_wildcard_domain(const char *s)
{
	return is_domain(s, true);
}

/* 1-63 of [A-Za-z0-9._-], alphanumeric at both ends. */
static bool
is_label_word(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > LABEL_MAX || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && strchr("._-", s[i]) == NULL)
			return false;
	return true;
}

bool
syntax_is_label_key(const char *s)
{
	const char *slash = strchr(s, '/');
	char prefix[PREFIX_MAX + 1];

	if (slash == NULL)
		return is_label_word(s);
	if (slash == s || (size_t)(slash - s) > PREFIX_MAX)
		return false;
	memcpy(prefix, s, (size_t)(slash - s));
	prefix[slash - s] = '\0';
	return is_domain(prefix, false) && is_label_word(slash + 1);
}

bool
syntax_is_label_value(const char *s)
{
	return s[0] == '\0' || is_label_word(s);
}

bool
syntax_is_cidr(const char *s, bool bare_is_fine)
{
	const char *slash = strchr(s, '/');
	char address[INET6_ADDRSTRLEN];
	unsigned long bits;
	char *end;

	if (slash == NULL)
		return bare_is_fine && host_is_ip(s);
	if ((size_t)(slash - s) >= sizeof(address) || slash[1] < '0' || slash[1] > '9')
		return false;
	memcpy(address, s, (size_t)(slash - s));
	address[slash - s] = '\0';
	bits = strtoul(slash + 1, &end, 10);
	return *end == '\0' && host_is_ip(address) &&
	       bits <= (strchr(address, ':') != NULL ? 128 : 32);
}

const char *
syntax_read_operator(const char *at, struct syntax_operator *out)
{
	size_t name = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	const char *end = at + name;

	*out = (struct syntax_operator){ .name = { at, name }, .max_bytes = SIZE_MAX };
	if (name > 0 && *end == '(') {
		size_t len = strcspn(++end, ")");

		out->argument = (struct slice){ end, len };
		end += len + (end[len] == ')');
	}
	if (name > 0 && *end == ':' && isdigit((unsigned char)end[1])) {
		char *after;

		out->max_bytes = strtoul(end + 1, &after, 10);
		end = after;
	}
	return name > 0 && *end == '%' ? end + 1 : NULL;
}

bool
syntax_is_token(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!is_alnum(*s) && strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return false;
	return true;
}

bool
syntax_is_line(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

bool
syntax_is_protocol(const char *s)
{
	static const char *const names[] = {
		"HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "TLS", "MONGO", "REDIS",
		"MYSQL", "UDP", "HTTP_PROXY",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(names[i], s) == 0)
			return true;
	return false;
}
