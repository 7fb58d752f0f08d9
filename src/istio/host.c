/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host names in Istio's objects.
 */
#include "src/istio/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"

#define SERVICE_SUFFIX ".svc." HOST_CLUSTER_DOMAIN

bool
host_is_ip(const char *host)
{
	unsigned char scratch[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, scratch) == 1 ||
	       inet_pton(AF_INET6, host, scratch) == 1;
}

bool
host_is_wildcard(const char *host)
{
	return host[0] == '*';
}

/* A name without a dot that is neither "*" nor an IP address: it belongs to
 * the namespace of the object in which it stands. */
static bool
is_short(const char *host)
{
	return host[0] != '\0' && host[0] != '*' && strchr(host, '.') == NULL &&
	       !host_is_ip(host);
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

char *
host_of_service(struct arena *a, const char *name, const char *ns)
{
	return arena_printf(a, "%s.%s" SERVICE_SUFFIX, name, ns);
}

char *
host_resolve(struct arena *a, const char *host, const char *ns)
{
	char *out = is_short(host) ? host_of_service(a, host, ns) : arena_strdup(a, host);
	size_t len = strlen(out);

	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = '\0';
	lower(out);
	return out;
}

bool
host_resolve_into(char out[HOST_MAX_BYTES + 1], const char *host, const char *ns)
{
	int len = is_short(host)
		? snprintf(out, HOST_MAX_BYTES + 1, "%s.%s" SERVICE_SUFFIX, host, ns)
		: snprintf(out, HOST_MAX_BYTES + 1, "%s", host);

	if (len < 0 || len > HOST_MAX_BYTES)
		return false;
	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = '\0';
	lower(out);
	return true;
}

bool
host_split(const char *fqdn, struct slice *name, struct slice *ns)
{
	struct slice all = slice_of(fqdn);
	const char *dot = strchr(fqdn, '.');
	struct slice rest;

	if (dot == NULL || fqdn[0] == '*')
		return false;
	rest = (struct slice){ dot + 1, all.len - (size_t)(dot + 1 - fqdn) };
	if (rest.len <= strlen(SERVICE_SUFFIX) || !slice_ends(rest, SLICE(SERVICE_SUFFIX)))
		return false;
	rest.len -= strlen(SERVICE_SUFFIX);
	if (rest.len == 0 || memchr(rest.ptr, '.', rest.len) != NULL || dot == fqdn)
		return false;
	*name = (struct slice){ fqdn, (size_t)(dot - fqdn) };
	*ns = rest;
	return true;
}

static bool
ends_nocase(const char *s, const char *suffix)
{
	size_t len = strlen(s), end = strlen(suffix);

	return len >= end && strcasecmp(s + len - end, suffix) == 0;
}

bool
host_matches(const char *pattern, const char *host)
{
	if (!host_is_wildcard(pattern))
		return strcasecmp(pattern, host) == 0;
	if (host_is_wildcard(host))
		return ends_nocase(host + 1, pattern + 1);
	/* "*" stands for one character at least. */
	return strlen(host) >= strlen(pattern) && ends_nocase(host, pattern + 1);
}

bool
host_overlaps(const char *a, const char *b)
{
	return host_matches(a, b) || host_matches(b, a);
}

unsigned
host_label_count(struct slice host)
{
	const char *p = host.ptr, *end = p + host.len;
	unsigned count = 1;

	while (count < 3 && p < end && (p = memchr(p, '.', (size_t)(end - p))) != NULL) {
		count++;
		p++;
	}
	return count;
}

struct slice
host_without_port(struct slice authority)
{
	const char *p = authority.ptr;

	if (authority.len > 0 && p[0] == '[') {
		const char *end = memchr(p, ']', authority.len);

		if (end != NULL)
			return (struct slice){ p + 1, (size_t)(end - p - 1) };
		return authority;
	}
	for (size_t i = authority.len; i > 0; i--) {
		if (p[i - 1] == ':')
			return (struct slice){ p, i - 1 };
		if (p[i - 1] < '0' || p[i - 1] > '9')
			break;
	}
	return authority;
}
