/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ClientHellos; see hello.h. */
#include "tests/lib/hello.h"

#include <string.h>

/* Up to the extensions: version, random, session, GREASE and two ciphers, no
 * compression. */
static size_t
put_beginning(unsigned char *at)
{
	static const unsigned char ciphers[] = { 0, 6, 0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f, 1, 0 };
	unsigned char *p = at;

	*p++ = 3;
	*p++ = 3;
	for (int i = 0; i < 32; i++)
		*p++ = (unsigned char)(i * 7);
	*p++ = 32;
	memset(p, 0x5a, 32);
	p += 32;
	memcpy(p, ciphers, sizeof(ciphers));
	return (size_t)(p - at) + sizeof(ciphers);
}

static unsigned char *
put_number(unsigned char *p, size_t number)
{
	*p++ = (unsigned char)(number >> 8);
	*p++ = (unsigned char)number;
	return p;
}

/* GREASE, the name, supported versions. */
static size_t
put_extensions(unsigned char *at, const char *name)
{
	static const unsigned char grease[] = { 0x1a, 0x1a, 0, 0 };
	static const unsigned char versions[] = { 0, 43, 0, 3, 2, 3, 4 };
	unsigned char *p = at;

	memcpy(p, grease, sizeof(grease));
	p += sizeof(grease);
	if (name != NULL) {
		size_t len = strlen(name);

		p = put_number(p, 0);
		p = put_number(p, len + 5);
		p = put_number(p, len + 3);
		*p++ = 0;
		p = put_number(p, len);
		memcpy(p, name, len);
		p += len;
	}
	memcpy(p, versions, sizeof(versions));
	return (size_t)(p - at) + sizeof(versions);
}

size_t
hello_make(char out[HELLO_BYTES], const char *name, size_t record_bytes)
{
	unsigned char message[HELLO_BYTES / 8], *p = message + 4;
	size_t len, at = 0, extensions;

	p += put_beginning(p);
	extensions = put_extensions(p + 2, name);
	p = put_number(p, extensions) + extensions;
	len = (size_t)(p - message);
	message[0] = 1;
	message[1] = 0;
	put_number(message + 2, len - 4);
	if (record_bytes == 0)
		record_bytes = len;
	for (size_t from = 0; from < len; from += record_bytes) {
		size_t part = len - from < record_bytes ? len - from : record_bytes;

		out[at++] = 22;
		out[at++] = 3;
		out[at++] = 1;
		put_number((unsigned char *)out + at, part);
		at += 2;
		memcpy(out + at, message + from, part);
		at += part;
	}
	return at;
}
