/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MySQL packets: written and taken apart. */
#include "src/platform/mysql.h"

#include <string.h>

#include "src/base/buf.h"

#define PLUGIN "mysql_native_password"

enum {
	CAP_LONG_PASSWORD = 1, CAP_LONG_FLAG = 4, CAP_CONNECT_WITH_DB = 8,
	CAP_PROTOCOL_41 = 0x200, CAP_TRANSACTIONS = 0x2000, CAP_SECURE = 0x8000,
	CAP_PLUGIN_AUTH = 0x80000, CAP_PLUGIN_AUTH_LENENC = 0x200000,
	CAP_SERVER = CAP_LONG_PASSWORD | CAP_LONG_FLAG | CAP_CONNECT_WITH_DB |
		     CAP_PROTOCOL_41 | CAP_TRANSACTIONS | CAP_SECURE | CAP_PLUGIN_AUTH,
	CAP_CLIENT = CAP_SERVER,
};

enum {
	CHARSET_UTF8 = 33, CHARSET_BINARY = 63,
	STATUS_AUTOCOMMIT = 2,
	TYPE_DECIMAL = 0xf6, TYPE_TEXT = 0xfc,
};

static void
put_uint(struct buf *out, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_putc(out, (char)(n >> (8 * i) & 0xff));
}

static uint64_t
get_uint(const char *p, unsigned bytes)
{
	uint64_t n = 0;

	for (unsigned i = bytes; i-- > 0;)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

/* Moves over len bytes; false when there are fewer. */
static bool
take(struct slice *data, size_t len, struct slice *out)
{
	if (data->len < len)
		return false;
	*out = (struct slice){ data->ptr, len };
	data->ptr += len;
	data->len -= len;
	return true;
}

static bool
take_string(struct slice *data, struct slice *out)
{
	const char *end = data->len > 0 ? memchr(data->ptr, '\0', data->len) : NULL;
	struct slice nul;

	return end != NULL && take(data, (size_t)(end - data->ptr), out) && take(data, 1, &nul);
}

long
mysql_next(const char *data, size_t len, struct mysql_packet *out)
{
	size_t body;

	if (len < MYSQL_HEADER_BYTES)
		return 0;
	body = (size_t)get_uint(data, 3);
	if (body > MYSQL_MAX_PACKET)
		return -1;
	if (len < MYSQL_HEADER_BYTES + body)
		return 0;
	out->seq = (uint8_t)data[3];
	out->payload = (struct slice){ data + MYSQL_HEADER_BYTES, body };
	return (long)(MYSQL_HEADER_BYTES + body);
}

size_t
mysql_begin(struct buf *out, uint8_t seq)
{
	size_t begin = out->len;

	put_uint(out, 0, 3);
	buf_putc(out, (char)seq);
	return begin;
}

void
mysql_end(struct buf *out, size_t begin)
{
	size_t body = out->len - begin - MYSQL_HEADER_BYTES;

	for (unsigned i = 0; i < 3; i++)
		out->data[begin + i] = (char)(body >> (8 * i) & 0xff);
}

void
mysql_put_length(struct buf *out, uint64_t n)
{
	if (n < 251) {
		put_uint(out, n, 1);
	} else if (n < 1u << 16) {
		put_uint(out, 0xfc, 1);
		put_uint(out, n, 2);
	} else {
		put_uint(out, 0xfe, 1);
		put_uint(out, n, 8);
	}
}

void
mysql_put_text(struct buf *out, const char *s, size_t len)
{
	if (s == NULL) {
		put_uint(out, 0xfb, 1);
		return;
	}
	mysql_put_length(out, len);
	buf_append(out, s, len);
}

bool
mysql_get_length(struct slice *data, uint64_t *n, bool *is_null)
{
	static const unsigned bytes_of[] = { [0xfc - 0xfb] = 2, [0xfd - 0xfb] = 3, [0xfe - 0xfb] = 8 };
	struct slice s;
	unsigned first;

	*is_null = false;
	if (!take(data, 1, &s))
		return false;
	first = (unsigned char)s.ptr[0];
	*n = first;
	if (first < 0xfb)
		return true;
	if (first == 0xfb) {
		*is_null = true;
		*n = 0;
		return true;
	}
	if (first == 0xff || !take(data, bytes_of[first - 0xfb], &s))
		return false;
	*n = get_uint(s.ptr, (unsigned)s.len);
	return true;
}

bool
mysql_get_text(struct slice *data, struct slice *out)
{
	uint64_t n;
	bool is_null;

	if (!mysql_get_length(data, &n, &is_null))
		return false;
	*out = SLICE_NONE;
	return is_null || take(data, (size_t)n, out);
}

void
mysql_put_greeting(struct buf *out, uint32_t connection_id,
		   const unsigned char scramble[MYSQL_SCRAMBLE_BYTES])
{
	size_t begin = mysql_begin(out, 0);

	put_uint(out, 10, 1);			/* protocol version */
	buf_append(out, MYSQL_VERSION, sizeof(MYSQL_VERSION));
	put_uint(out, connection_id, 4);
	buf_append(out, scramble, 8);
	put_uint(out, 0, 1);
	put_uint(out, CAP_SERVER & 0xffff, 2);
	put_uint(out, CHARSET_UTF8, 1);
	put_uint(out, STATUS_AUTOCOMMIT, 2);
	put_uint(out, (uint32_t)CAP_SERVER >> 16, 2);
	put_uint(out, MYSQL_SCRAMBLE_BYTES + 1, 1);
	buf_fill(out, '\0', 10);
	buf_append(out, scramble + 8, MYSQL_SCRAMBLE_BYTES - 8);
	put_uint(out, 0, 1);
	buf_append(out, PLUGIN, sizeof(PLUGIN));
	mysql_end(out, begin);
}

void
mysql_put_ok(struct buf *out, uint8_t seq)
{
	size_t begin = mysql_begin(out, seq);

	put_uint(out, 0, 3);			/* OK, no rows, no insert id */
	put_uint(out, STATUS_AUTOCOMMIT, 2);
	put_uint(out, 0, 2);			/* warnings */
	mysql_end(out, begin);
}

void
mysql_put_eof(struct buf *out, uint8_t seq)
{
	size_t begin = mysql_begin(out, seq);

	put_uint(out, MYSQL_EOF, 1);
	put_uint(out, 0, 2);			/* warnings */
	put_uint(out, STATUS_AUTOCOMMIT, 2);
	mysql_end(out, begin);
}

void
mysql_put_error(struct buf *out, uint8_t seq, unsigned code, const char *state,
		const char *message)
{
	size_t begin = mysql_begin(out, seq);

	put_uint(out, MYSQL_ERROR, 1);
	put_uint(out, code, 2);
	buf_putc(out, '#');
	buf_append(out, state, 5);
	buf_puts(out, message);
	mysql_end(out, begin);
}

static void
put_string(struct buf *out, const char *s)
{
	mysql_put_text(out, s, strlen(s));
}

void
mysql_put_column(struct buf *out, uint8_t seq, const struct mysql_column *c)
{
	size_t begin = mysql_begin(out, seq);

	put_string(out, "def");
	put_string(out, c->org_table[0] != '\0' ? "test" : "");
	put_string(out, c->table);
	put_string(out, c->org_table);
	put_string(out, c->name);
	put_string(out, c->org_name);
	put_uint(out, 12, 1);			/* length of what follows */
	put_uint(out, c->is_number ? CHARSET_BINARY : CHARSET_UTF8, 2);
	put_uint(out, c->is_number ? 11 : 765, 4);
	put_uint(out, c->is_number ? TYPE_DECIMAL : TYPE_TEXT, 1);
	put_uint(out, 0, 2);			/* flags */
	put_uint(out, 0, 1);			/* decimals */
	put_uint(out, 0, 2);
	mysql_end(out, begin);
}

bool
mysql_get_login(struct slice payload, struct mysql_login *out)
{
	struct slice s;
	size_t auth_len;

	*out = (struct mysql_login){ .capabilities = 0 };
	if (!take(&payload, 32, &s))
		return false;
	out->capabilities = (uint32_t)get_uint(s.ptr, 4);
	if (!(out->capabilities & CAP_PROTOCOL_41) || !take_string(&payload, &out->user))
		return false;
	if (out->capabilities & (CAP_SECURE | CAP_PLUGIN_AUTH_LENENC)) {
		if (!take(&payload, 1, &s))
			return false;
		auth_len = (unsigned char)s.ptr[0];
		if (auth_len > 250 || !take(&payload, auth_len, &out->auth))
			return false;
	} else if (!take_string(&payload, &out->auth)) {
		return false;
	}
	if ((out->capabilities & CAP_CONNECT_WITH_DB) && payload.len > 0 &&
	    !take_string(&payload, &out->database))
		return false;
	if ((out->capabilities & CAP_PLUGIN_AUTH) && payload.len > 0)
		return take_string(&payload, &out->plugin);
	return true;
}

bool
mysql_get_greeting(struct slice payload, struct mysql_greeting *out)
{
	struct slice s, rest;

	memset(out, 0, sizeof(*out));
	if (!take(&payload, 1, &s) || s.ptr[0] != 10 || !take_string(&payload, &out->version) ||
	    !take(&payload, 4 + 8 + 1 + 2, &s))
		return false;
	memcpy(out->scramble, s.ptr + 4, 8);
	out->capabilities = (uint32_t)get_uint(s.ptr + 13, 2);
	if (!take(&payload, 1 + 2 + 2 + 1 + 10, &s))
		return false;
	out->capabilities |= (uint32_t)get_uint(s.ptr + 3, 2) << 16;
	if (!take(&payload, MYSQL_SCRAMBLE_BYTES - 8, &rest) || !take(&payload, 1, &s))
		return false;
	memcpy(out->scramble + 8, rest.ptr, rest.len);
	if (payload.len > 0)
		(void)take_string(&payload, &out->plugin);
	return true;
}

void
mysql_put_login(struct buf *out, uint8_t seq, const char *user, const char *password,
		const char *database, const unsigned char scramble[MYSQL_SCRAMBLE_BYTES])
{
	size_t begin = mysql_begin(out, seq);
	unsigned char auth[SHA1_BYTES];

	put_uint(out, CAP_CLIENT, 4);
	put_uint(out, MYSQL_MAX_PACKET, 4);
	put_uint(out, CHARSET_UTF8, 1);
	buf_fill(out, '\0', 23);
	buf_append(out, user, strlen(user) + 1);
	if (password[0] != '\0') {
		mysql_native_auth(password, scramble, auth);
		put_uint(out, sizeof(auth), 1);
		buf_append(out, auth, sizeof(auth));
	} else {
		put_uint(out, 0, 1);
	}
	buf_append(out, database, strlen(database) + 1);
	buf_append(out, PLUGIN, sizeof(PLUGIN));
	mysql_end(out, begin);
}

void
mysql_put_command(struct buf *out, enum mysql_command command, struct slice argument)
{
	size_t begin = mysql_begin(out, 0);

	put_uint(out, command, 1);
	buf_append(out, argument.ptr, argument.len);
	mysql_end(out, begin);
}

void
mysql_native_auth(const char *password, const unsigned char scramble[MYSQL_SCRAMBLE_BYTES],
		  unsigned char out[SHA1_BYTES])
{
	unsigned char once[SHA1_BYTES], salted[MYSQL_SCRAMBLE_BYTES + SHA1_BYTES];

	sha1(password, strlen(password), once);
	memcpy(salted, scramble, MYSQL_SCRAMBLE_BYTES);
	sha1(once, sizeof(once), salted + MYSQL_SCRAMBLE_BYTES);
	sha1(salted, sizeof(salted), out);
	for (unsigned i = 0; i < SHA1_BYTES; i++)
		out[i] ^= once[i];
}
