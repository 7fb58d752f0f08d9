/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket addresses as text and back.  Names are not resolved here.
 */
#include "src/base/address.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "src/base/error.h"

#define UNIX_PREFIX "unix:"

static int
parse_unix(struct address *a, const char *path, struct error *err)
{
	struct address out = { .len = 0 };
	size_t len = strlen(path);

	while (len > 1 && path[0] == '/' && path[1] == '/') {
		path++;
		len--;
	}
	if (len == 0)
		return error_setf(err, ERROR_USAGE, "a Unix socket needs a path");
	if (len >= sizeof(out.un.sun_path))
		return error_setf(err, ERROR_USAGE,
				  "path of the Unix socket is longer than %zu bytes: %.120s",
				  sizeof(out.un.sun_path) - 1, path);
	out.un.sun_family = AF_UNIX;
	memcpy(out.un.sun_path, path, len + 1);
	out.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	*a = out;
	return 0;
}

/* Decimal port 0-65535; false for anything else, "" included. */
static bool
parse_port(const char *s, uint16_t *port)
{
	unsigned long n = 0;

	if (*s == '\0' || strlen(s) > 5)
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (unsigned long)(*s - '0');
	}
	if (n > UINT16_MAX)
		return false;
	*port = (uint16_t)n;
	return true;
}

int
address_parse_host(struct address *a, const char *host, uint16_t port, struct error *err)
{
	struct address out = { .len = 0 };

	if (inet_pton(AF_INET, host, &out.in.sin_addr) == 1) {
		out.in.sin_family = AF_INET;
		out.in.sin_port = htons(port);
		out.len = sizeof(out.in);
	} else if (inet_pton(AF_INET6, host, &out.in6.sin6_addr) == 1) {
		out.in6.sin6_family = AF_INET6;
		out.in6.sin6_port = htons(port);
		out.len = sizeof(out.in6);
	} else {
		return error_setf(err, ERROR_USAGE, "not an IP address: %.120s", host);
	}
	*a = out;
	return 0;
}

/* "[::1]" or "[::1]:80" */
static int
parse_bracketed(struct address *a, const char *text, struct error *err)
{
	char host[INET6_ADDRSTRLEN];
	const char *end = strchr(text, ']');
	size_t len = end != NULL ? (size_t)(end - text - 1) : 0;
	uint16_t port = 0;

	if (end == NULL || len >= sizeof(host))
		return error_setf(err, ERROR_USAGE, "not an address: %.120s", text);
	memcpy(host, text + 1, len);
	host[len] = '\0';
	if (end[1] != '\0' && (end[1] != ':' || !parse_port(end + 2, &port)))
		return error_setf(err, ERROR_USAGE, "bad port in %.120s", text);
	return address_parse_host(a, host, port, err);
}

int
address_parse(struct address *a, const char *text, struct error *err)
{
	const char *colon = strchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	uint16_t port = 0;
	size_t len;

	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		return parse_unix(a, text + strlen(UNIX_PREFIX), err);
	if (text[0] == '[')
		return parse_bracketed(a, text, err);
	if (colon == NULL || strchr(colon + 1, ':') != NULL)
		return address_parse_host(a, text, 0, err);
	len = (size_t)(colon - text);
	if (len >= sizeof(host))
		return error_setf(err, ERROR_USAGE, "not an address: %.120s", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (!parse_port(colon + 1, &port))
		return error_setf(err, ERROR_USAGE, "bad port in %.120s", text);
	return address_parse_host(a, host, port, err);
}

void
address_host_text(const struct address *a, char out[ADDRESS_TEXT_BYTES])
{
	switch (a->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->in.sin_addr, out, ADDRESS_TEXT_BYTES);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->in6.sin6_addr, out, ADDRESS_TEXT_BYTES);
		break;
	case AF_UNIX:
		snprintf(out, ADDRESS_TEXT_BYTES, UNIX_PREFIX "%s", a->un.sun_path);
		break;
	default:
		out[0] = '\0';
	}
}

void
address_text(const struct address *a, char out[ADDRESS_TEXT_BYTES])
{
	char host[ADDRESS_TEXT_BYTES];

	address_host_text(a, host);
	if (a->sa.sa_family == AF_INET)
		snprintf(out, ADDRESS_TEXT_BYTES, "%.40s:%u", host, address_port(a));
	else if (a->sa.sa_family == AF_INET6)
		snprintf(out, ADDRESS_TEXT_BYTES, "[%.50s]:%u", host, address_port(a));
	else
		memcpy(out, host, ADDRESS_TEXT_BYTES);
}

bool
address_same_host(const struct address *a, const struct address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	switch (a->sa.sa_family) {
	case AF_INET:
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	case AF_INET6:
		return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
			      sizeof(a->in6.sin6_addr)) == 0;
	case AF_UNIX:
		return strcmp(a->un.sun_path, b->un.sun_path) == 0;
	default:
		return true;
	}
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return address_same_host(a, b) && address_port(a) == address_port(b);
}

uint16_t
address_port(const struct address *a)
{
	switch (a->sa.sa_family) {
	case AF_INET:
		return ntohs(a->in.sin_port);
	case AF_INET6:
		return ntohs(a->in6.sin6_port);
	default:
		return 0;
	}
}

void
address_set_port(struct address *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
}
