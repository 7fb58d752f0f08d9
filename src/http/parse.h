/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strict HTTP/1.1 message heads (RFC 9112).  The one parser of the project.
 *
 * Any doubt about framing is an error, never a guess: both Content-Length
 * and Transfer-Encoding, repeated or signed lengths, codings other than
 * chunked, bare CR or LF, NUL, obsolete folding, blanks before a colon,
 * control characters in values, a missing or repeated or malformed Host,
 * '#' in a target, versions other than HTTP/1.0 and HTTP/1.1.
 *
 * The parser keeps nothing between calls: after HTTP_MORE it is called again
 * with the longer data.  A caller that first looks for LF in what arrived
 * (http_may_be_whole()) calls it at most once a line.
 */
#ifndef MESHTOP_HTTP_PARSE_H
#define MESHTOP_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "src/http/head.h"

enum http_result {
	HTTP_DONE,		/* a whole head; *consumed bytes belong to it */
	HTTP_MORE,		/* valid so far, not whole */
	HTTP_BAD,		/* 400 (request) or 502 (response), then close */
	HTTP_BAD_VERSION,	/* request: 505; 426 is the engine's own choice for 1.0 */
	HTTP_BAD_CODING,	/* request: 501, a coding in front of chunked; codings
				 * that do not end with one chunked are HTTP_BAD */
	HTTP_TOO_LARGE,		/* 431 or 502: head bytes or field count */
	HTTP_URI_TOO_LONG,	/* 414 */
};

struct http_limits {
	unsigned head_bytes;	/* start line and fields; at most HTTP_MAX_HEAD_BYTES */
	unsigned fields;	/* at most HTTP_MAX_FIELDS */
	unsigned target_bytes;
};

#define HTTP_LIMITS_DEFAULT ((struct http_limits){ HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 })

/*
 * Parses the head at the start of data.  data is modified (names lower-cased)
 * and must stay in place while head is used.  Up to 64 bytes behind len may
 * be read (not written, not judged): the caller pads its buffers.  At most
 * one empty line before a request line is skipped.  *why names the rule that
 * was broken ("content-length: repeated"), NULL unless the result is an error.
 */
enum http_result http_parse_request(struct http_head *head, char *data, size_t len,
				    const struct http_limits *limits, size_t *consumed,
				    const char **why);
/*
 * request_method decides about the body (HEAD: none; CONNECT is not sent).
 * 1xx, 204 and 304 have no body; a 1xx or 204 that announces one loses its
 * length and keep_alive.  A status outside 100..599 or a reason with control
 * characters is HTTP_BAD.  Only HTTP_DONE, _MORE, _BAD and _TOO_LARGE occur.
 */
enum http_result http_parse_response(struct http_head *head, char *data, size_t len,
				     const struct http_limits *limits,
				     enum http_method request_method, size_t *consumed,
				     const char **why);

/* Is another call worth it now that data[old_len, len) arrived?  Saves the
 * repeated passes over a head that comes in small pieces. */
static inline bool
http_may_be_whole(const char *data, size_t old_len, size_t len, const struct http_limits *limits)
{
	return old_len == 0 || len >= limits->head_bytes || len >= HTTP_MAX_HEAD_BYTES ||
	       memchr(data + old_len, '\n', len - old_len) != NULL;
}

#endif
