/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Heads on their way out, written from validated pieces: never from the
 * bytes as received.
 *
 * Two forms: a list of pieces for one writev() (engine: nothing is copied but
 * small literals), and plain text in a buf (platform, local replies, tests).
 */
#ifndef MESHTOP_HTTP_WRITE_H
#define MESHTOP_HTTP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "src/http/head.h"

struct buf;

/*
 * A list of pieces.  Adjacent slices of the same buffer are joined, so an
 * untouched run of fields (name, ": ", value, CRLF already in this form in
 * the received bytes) costs one piece.  Scratch holds what has to be made up.
 */
#define HTTP_MAX_PIECES 256

struct http_pieces {
	struct iovec iov[HTTP_MAX_PIECES];
	unsigned count;
	size_t bytes;
	char *scratch;		/* caller's memory for made-up text */
	size_t scratch_used, scratch_size;
	bool is_overflow;	/* pieces or scratch ran out: answer 500, do not send */
};

void http_pieces_init(struct http_pieces *p, char *scratch, size_t scratch_size);
void http_put(struct http_pieces *p, struct slice s);		/* borrowed */
void http_put_copy(struct http_pieces *p, struct slice s);	/* copied to scratch */
/* A copy in scratch that is no piece yet; without room is_overflow is set. */
struct slice http_keep(struct http_pieces *p, struct slice s);
/* Name and value are copied to scratch when they are short together, so that
 * fields made up one after the other share a piece; longer ones are borrowed. */
#define HTTP_SHORT_FIELD_BYTES 512
void http_put_field(struct http_pieces *p, struct slice name, struct slice value);
/* "METHOD TARGET HTTP/1.1\r\n" and "HTTP/1.1 STATUS REASON\r\n".  A reason
 * without ptr is the usual one of that status. */
void http_put_request_line(struct http_pieces *p, struct slice method, struct slice target);
void http_put_status_line(struct http_pieces *p, unsigned status, struct slice reason);
/* The request line of a parsed request whose target stays: one piece with the
 * fields behind it, where what was received has this form already. */
void http_put_same_request_line(struct http_pieces *p, const struct http_head *head);
/* n in digits, which stand in text. */
#define HTTP_DIGITS_BYTES 20
struct slice http_digits(char text[HTTP_DIGITS_BYTES], uint64_t n);
/* "content-length: N\r\n" or "transfer-encoding: chunked\r\n", as what was
 * understood demands; nothing without a body and without a length. */
void http_put_framing(struct http_pieces *p, const struct http_head *head);
/* Every field of head that is not dropped, not framing and not in skip (a
 * bitmap over enum http_field_id, may be NULL).  The bytes behind a value
 * must be those that were parsed with it. */
void http_put_fields(struct http_pieces *p, const struct http_head *head,
		     const uint64_t skip[(FIELD_COUNT + 63) / 64]);
void http_put_end(struct http_pieces *p);			/* the empty line */

/*
 * Appends a complete small response: content-length (not for 1xx, 204 and
 * 304), content-type when body is not empty (NULL: none), "connection: close"
 * when asked.  extra: further "name: value\r\n" lines, such as date and
 * server, or "".  For HEAD the length stays and the body goes.
 */
void http_write_reply(struct buf *out, unsigned status, const char *content_type,
		      struct slice body, const char *extra, bool close, bool is_head);

/* IMF-fixdate, 29 bytes and a NUL. */
#define HTTP_DATE_BYTES 30
void http_date(int64_t wall_ms, char out[HTTP_DATE_BYTES]);

#endif
