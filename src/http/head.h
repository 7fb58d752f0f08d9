/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of an HTTP/1.1 message as validated pieces.
 *
 * Engine, platform and request records share this one form.  Slices point
 * into the buffer that was parsed; the parser lower-cases field names there.
 */
#ifndef MESHTOP_HTTP_HEAD_H
#define MESHTOP_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/slice.h"

/* Fields that the program itself looks at; all others are FIELD_OTHER.
 * One row each in fields.tbl: id, lower-case name, flags. */
enum http_field_id {
	FIELD_OTHER,
#define FIELD(id, name, flags) FIELD_##id,
#include "src/http/fields.tbl"
#undef FIELD
	FIELD_COUNT,
};

enum {
	FIELD_HOP_BY_HOP = 1,	/* never forwarded (RFC 9110 7.6.1) */
	FIELD_FRAMING = 2,	/* written by us from what was understood */
	FIELD_SECRET = 4,	/* redacted when a request is captured */
};

struct http_field {
	struct slice name;	/* lower case */
	struct slice value;	/* without surrounding blanks */
	uint16_t id;		/* enum http_field_id */
	bool is_dropped;	/* hop-by-hop, or named in Connection: not forwarded */
};

enum http_method {
	HTTP_OTHER_METHOD, HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE,
	HTTP_OPTIONS, HTTP_PATCH, HTTP_TRACE, HTTP_CONNECT,
};

enum http_framing {
	HTTP_NO_BODY,
	HTTP_LENGTH,		/* content_length bytes, > 0 */
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE,	/* responses only */
};

/* Hard ceilings; the engine's settings may only lower them. */
#define HTTP_MAX_HEAD_BYTES (60u * 1024)
#define HTTP_MAX_FIELDS 100

struct http_head {
	/* request */
	enum http_method method_id;
	struct slice method;
	struct slice target;	/* as received */
	struct slice path;	/* target without query; "*" for OPTIONS * */
	struct slice query;	/* after '?', without it; ptr NULL when there is none */
	struct slice scheme;	/* "http" or "https" of an absolute-form target; else empty */
	/* Of an absolute-form or CONNECT target, else Host; empty in HTTP/1.0
	 * without Host.  An absolute form's authority also replaces the value
	 * of the Host field, when there is one. */
	struct slice authority;
	bool is_absolute_form;
	/* response */
	unsigned status;
	struct slice reason;
	/* both */
	unsigned minor;		/* HTTP/1.minor: 0 or 1 */
	enum http_framing framing;
	uint64_t content_length;
	bool has_content_length; /* also true for 0, and for HEAD answers */
	bool keep_alive;	/* the sender allows another message after this one */
	/* HTTP/1.1 request with Expect: 100-continue.  Other expectations stay
	 * in fields[] for whoever wants to answer 417. */
	bool expects_continue;
	bool wants_upgrade;	/* Connection: upgrade and exactly one Upgrade field */
	struct slice upgrade;	/* value of Upgrade */
	bool has_secret;	/* some field is one of redact.h's */
	uint8_t first[FIELD_COUNT]; /* index + 1 of the first field of an id; 0: none */
	unsigned field_count;
	struct http_field fields[HTTP_MAX_FIELDS];
};

/* First field of that id, NULL when absent. */
static inline const struct http_field *
http_head_field(const struct http_head *h, enum http_field_id id)
{
	return h->first[id] != 0 ? &h->fields[h->first[id] - 1] : NULL;
}

/* First field with that lower-case name. */
const struct http_field *http_head_find(const struct http_head *h, struct slice name);

/* Id of a lower-case name. */
enum http_field_id http_field_lookup(struct slice name);
const char *http_field_name(enum http_field_id id);	/* "" for FIELD_OTHER */
extern const uint8_t http_field_flag_table[FIELD_COUNT];

static inline unsigned
http_field_flags(enum http_field_id id)
{
	return http_field_flag_table[id];
}

const char *http_reason(unsigned status);	/* "Not Found"; "" when unknown */
/* Is s a token (RFC 9110 5.6.2)? */
bool http_is_token(struct slice s);
/*
 * Is s a valid Host value: name, IPv4 or [IPv6], optional :port (0 to 65535,
 * or nothing behind the colon)?  Names hold letters, digits and "-._~":
 * stricter than RFC 3986, whose percent-escapes and sub-delimiters no name of
 * a service can hold.
 */
bool http_is_authority(struct slice s);
/* The host of a valid authority, with the brackets of an IPv6 literal;
 * *port is -1 when none is given. */
struct slice http_authority_host(struct slice authority, int *port);

#endif
