/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ClientHello of RFC 8446 4.1.2, and of all TLS before it; see client_hello.h. */
#include "proxy/tcp/client_hello.h"

#include <string.h>

#define RECORD_HANDSHAKE 22
#define RECORD_HEADER_BYTES 5
#define RECORD_MAX_BYTES (1u << 14)
#define HANDSHAKE_CLIENT_HELLO 1
#define VERSION_MAJOR 3
#define RANDOM_BYTES 32
#define SESSION_ID_MAX_BYTES 32
#define EXTENSION_SERVER_NAME 0
#define NAME_TYPE_HOST 0

/* A handshake message, across the records that it is cut into. */
struct reader {
	const uint8_t *at, *end;	/* bytes that have come */
	size_t record_left;		/* of the present record */
	size_t left;			/* of what is being read: the message, a list in it */
	enum client_hello state;	/* CLIENT_HELLO_DONE: no complaint so far */
};

static bool
stop(struct reader *r, enum client_hello why)
{
	if (r->state == CLIENT_HELLO_DONE)
		r->state = why;
	return false;
}

/* Judges each byte of a header that is there, so that what is no TLS need not
 * be waited for. */
static bool
open_record(struct reader *r)
{
	size_t have = (size_t)(r->end - r->at);
	size_t len;

	if ((have > 0 && r->at[0] != RECORD_HANDSHAKE) || (have > 1 && r->at[1] != VERSION_MAJOR))
		return stop(r, CLIENT_HELLO_NONE);
	if (have < RECORD_HEADER_BYTES)
		return stop(r, CLIENT_HELLO_MORE);
	len = (size_t)r->at[3] << 8 | r->at[4];
	if (len == 0 || len > RECORD_MAX_BYTES)
		return stop(r, CLIENT_HELLO_NONE);
	r->at += RECORD_HEADER_BYTES;
	r->record_left = len;
	return true;
}

/* So many bytes, to out unless that is NULL. */
static bool
take(struct reader *r, uint8_t *out, size_t count)
{
	if (r->state != CLIENT_HELLO_DONE)
		return false;
	if (count > r->left)
		return stop(r, CLIENT_HELLO_NONE);
	r->left -= count;
	while (count > 0) {
		size_t part = count;

		if (r->record_left == 0 && !open_record(r))
			return false;
		if (part > r->record_left)
			part = r->record_left;
		if (part > (size_t)(r->end - r->at))
			part = (size_t)(r->end - r->at);
		if (part == 0)
			return stop(r, CLIENT_HELLO_MORE);
		if (out != NULL) {
			memcpy(out, r->at, part);
			out += part;
		}
		r->at += part;
		r->record_left -= part;
		count -= part;
	}
	return true;
}

static size_t
take_number(struct reader *r, size_t bytes)
{
	uint8_t raw[3] = { 0 };
	size_t number = 0;

	if (!take(r, raw, bytes))
		return 0;
	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | raw[i];
	return number;
}

/* A list with its length before it. */
static void
skip_list(struct reader *r, size_t length_bytes, size_t min, size_t max)
{
	size_t len = take_number(r, length_bytes);

	if (r->state == CLIENT_HELLO_DONE && (len < min || len > max))
		stop(r, CLIENT_HELLO_NONE);
	take(r, NULL, len);
}

/* The message's type, length and what stands before the extensions. */
static void
read_beginning(struct reader *r)
{
	uint8_t version[2] = { 0 };
	size_t len;

	r->left = CLIENT_HELLO_HEADER_BYTES;
	if (take_number(r, 1) != HANDSHAKE_CLIENT_HELLO)
		stop(r, CLIENT_HELLO_NONE);
	len = take_number(r, 3);
	if (r->state == CLIENT_HELLO_DONE && len > CLIENT_HELLO_MAX_BYTES)
		stop(r, CLIENT_HELLO_NONE);
	r->left = len;
	if (take(r, version, sizeof(version)) && version[0] != VERSION_MAJOR)
		stop(r, CLIENT_HELLO_NONE);
	take(r, NULL, RANDOM_BYTES);
	skip_list(r, 1, 0, SESSION_ID_MAX_BYTES);
	skip_list(r, 2, 2, UINT16_MAX - 1);	/* cipher suites */
	skip_list(r, 1, 1, UINT8_MAX);		/* compression methods */
}

static bool
is_name_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* In place: lower case, no trailing dot.  False for what is no host name;
 * underscores are allowed, Istio's own names between clusters have them. */
static bool
clean_name(char *name, size_t len)
{
	size_t label = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] | 0x20);
		if (name[i] == '.' && label == 0)
			return false;
		if (name[i] != '.' && !is_name_byte((uint8_t)name[i]))
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	name[len] = '\0';
	return label > 0;
}

/* A list of one entry, as all clients send it. */
static void
read_server_name(struct reader *r, char name[CLIENT_HELLO_NAME_BYTES])
{
	size_t list = take_number(r, 2), type, len;

	if (r->state == CLIENT_HELLO_DONE && list != r->left)
		stop(r, CLIENT_HELLO_NONE);
	type = take_number(r, 1);
	len = take_number(r, 2);
	if (r->state != CLIENT_HELLO_DONE)
		return;
	if (type != NAME_TYPE_HOST || len != r->left || len >= CLIENT_HELLO_NAME_BYTES) {
		take(r, NULL, r->left);
		return;
	}
	if (take(r, (uint8_t *)name, len) && !clean_name(name, len))
		name[0] = '\0';
}

static void
read_extensions(struct reader *r, char name[CLIENT_HELLO_NAME_BYTES])
{
	bool has_name = false;

	while (r->state == CLIENT_HELLO_DONE && r->left > 0) {
		size_t type = take_number(r, 2), len = take_number(r, 2), behind;

		if (r->state != CLIENT_HELLO_DONE)
			return;
		if (len > r->left || (type == EXTENSION_SERVER_NAME && has_name)) {
			/* Of two names the server might obey the other one. */
			stop(r, CLIENT_HELLO_NONE);
			return;
		}
		if (type != EXTENSION_SERVER_NAME) {
			take(r, NULL, len);
			continue;
		}
		has_name = true;
		behind = r->left - len;
		r->left = len;
		read_server_name(r, name);
		r->left = behind;
	}
}

/* Of the header and what follows, as far as it goes. */
static void
advance(struct client_hello_progress *p, struct reader *r)
{
	while (p->header_bytes < sizeof(p->header)) {
		if (!take(r, p->header + p->header_bytes, 1))
			return;
		p->header_bytes++;
		p->left = (size_t)p->header[1] << 16 | (size_t)p->header[2] << 8 | p->header[3];
	}
	while (p->left > 0 && take(r, NULL, 1))
		p->left--;
}

bool
client_hello_is_due(struct client_hello_progress *p, const char *data, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)data;
	struct reader r = { .at = bytes + p->seen, .end = bytes + len, .left = SIZE_MAX,
			    .record_left = p->record_left, .state = CLIENT_HELLO_DONE };

	advance(p, &r);
	p->seen = (size_t)(r.at - bytes);
	p->record_left = r.record_left;
	return r.state != CLIENT_HELLO_MORE || len >= CLIENT_HELLO_MAX_BYTES ||
	       (p->header_bytes > 0 && p->header[0] != HANDSHAKE_CLIENT_HELLO) ||
	       (p->header_bytes == sizeof(p->header) && p->left > CLIENT_HELLO_MAX_BYTES);
}

enum client_hello
client_hello_read(const char *data, size_t len, char name[CLIENT_HELLO_NAME_BYTES])
{
	struct reader r = { .at = (const uint8_t *)data, .state = CLIENT_HELLO_DONE };
	size_t list;

	if (len > CLIENT_HELLO_MAX_BYTES)
		len = CLIENT_HELLO_MAX_BYTES;
	r.end = r.at + len;
	name[0] = '\0';
	read_beginning(&r);
	if (r.left > 0) {
		list = take_number(&r, 2);
		if (r.state == CLIENT_HELLO_DONE && list != r.left)
			stop(&r, CLIENT_HELLO_NONE);
		read_extensions(&r, name);
	}
	if (r.state == CLIENT_HELLO_MORE && len == CLIENT_HELLO_MAX_BYTES)
		r.state = CLIENT_HELLO_NONE;
	if (r.state != CLIENT_HELLO_DONE)
		name[0] = '\0';
	return r.state;
}
