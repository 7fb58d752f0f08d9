/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Subnets of destinationSubnets.
 */
#include <arpa/inet.h>
#include <string.h>

#include "src/mesh/table.h"

static const unsigned char *
bytes_of(const struct address *a, unsigned *bits)
{
	bool is_v4 = a->sa.sa_family == AF_INET;

	*bits = is_v4 ? 32 : 128;
	return is_v4 ? (const unsigned char *)&a->in.sin_addr
		     : (const unsigned char *)&a->in6.sin6_addr;
}

/* Decimal digits and nothing else, up to max. */
static bool
read_bits(const char *text, unsigned max, unsigned *out)
{
	unsigned n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned)(*p - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return *text != '\0';
}

bool
subnet_read(const char *text, struct subnet *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	unsigned max;

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (address_parse_host(&out->net, host, 0, NULL) < 0)
		return false;
	bytes_of(&out->net, &max);
	out->bits = max;
	return slash == NULL || read_bits(slash + 1, max, &out->bits);
}

bool
subnet_holds(const struct subnet *s, const struct address *a)
{
	unsigned max;
	const unsigned char *x = bytes_of(&s->net, &max), *y = bytes_of(a, &max);

	if (s->net.sa.sa_family != a->sa.sa_family || memcmp(x, y, s->bits / 8) != 0)
		return false;
	return s->bits % 8 == 0 || (x[s->bits / 8] ^ y[s->bits / 8]) >> (8 - s->bits % 8) == 0;
}
