/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets of the MySQL client/server protocol 4.1, both sides, as far as the
 * demo needs them: handshake, mysql_native_password, COM_QUERY with a text
 * result set.  Pure: bytes in, bytes out.
 */
#ifndef MESHTOP_PLATFORM_MYSQL_H
#define MESHTOP_PLATFORM_MYSQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/slice.h"
#include "src/platform/sha1.h"

struct buf;

#define MYSQL_HEADER_BYTES 4
#define MYSQL_MAX_PACKET (64u * 1024)
#define MYSQL_SCRAMBLE_BYTES 20
#define MYSQL_VERSION "8.0.36"	/* that the server claims to be */

enum mysql_command {
	MYSQL_QUIT = 1, MYSQL_INIT_DB = 2, MYSQL_QUERY = 3, MYSQL_FIELD_LIST = 4,
	MYSQL_STATISTICS = 9, MYSQL_PING = 14,
};

/* First bytes of a packet that answers something. */
enum mysql_answer { MYSQL_OK = 0x00, MYSQL_SWITCH = 0xfe, MYSQL_EOF = 0xfe, MYSQL_ERROR = 0xff };

struct mysql_packet {
	uint8_t seq;
	struct slice payload;
};

/* Bytes taken from data; 0: not whole yet; -1: larger than MYSQL_MAX_PACKET. */
long mysql_next(const char *data, size_t len, struct mysql_packet *out);
/* Opens a packet, to be filled with buf_append() and closed. */
size_t mysql_begin(struct buf *out, uint8_t seq);
void mysql_end(struct buf *out, size_t begin);
/* Length-encoded integers and strings (NULL text: SQL NULL). */
void mysql_put_length(struct buf *out, uint64_t n);
void mysql_put_text(struct buf *out, const char *s, size_t len);
/* False when data is cut off; *is_null for SQL NULL. */
bool mysql_get_length(struct slice *data, uint64_t *n, bool *is_null);
bool mysql_get_text(struct slice *data, struct slice *out);

/* The server's side. */
void mysql_put_greeting(struct buf *out, uint32_t connection_id,
			const unsigned char scramble[MYSQL_SCRAMBLE_BYTES]);
void mysql_put_ok(struct buf *out, uint8_t seq);
void mysql_put_eof(struct buf *out, uint8_t seq);
/* state: five characters of SQLSTATE. */
void mysql_put_error(struct buf *out, uint8_t seq, unsigned code, const char *state,
		     const char *message);
struct mysql_column {
	const char *table, *org_table;	/* alias and name; "" for expressions */
	const char *name, *org_name;
	bool is_number;
};
void mysql_put_column(struct buf *out, uint8_t seq, const struct mysql_column *c);

struct mysql_login {
	struct slice user, auth, database, plugin;
	uint32_t capabilities;
};
bool mysql_get_login(struct slice payload, struct mysql_login *out);

/* The client's side. */
struct mysql_greeting {
	struct slice version;
	unsigned char scramble[MYSQL_SCRAMBLE_BYTES];
	struct slice plugin;
	uint32_t capabilities;
};
bool mysql_get_greeting(struct slice payload, struct mysql_greeting *out);
void mysql_put_login(struct buf *out, uint8_t seq, const char *user, const char *password,
		     const char *database, const unsigned char scramble[MYSQL_SCRAMBLE_BYTES]);
void mysql_put_command(struct buf *out, enum mysql_command command, struct slice argument);

/* mysql_native_password: SHA1(password) XOR SHA1(scramble, SHA1(SHA1(password))). */
void mysql_native_auth(const char *password,
		       const unsigned char scramble[MYSQL_SCRAMBLE_BYTES],
		       unsigned char out[SHA1_BYTES]);

#endif
