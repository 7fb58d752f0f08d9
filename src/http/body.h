/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bodies: where one ends, and how a chunked one is taken apart.
 *
 * The reader never copies: it names runs of payload inside the caller's
 * bytes.  Trailers are validated and dropped; chunk extensions are validated
 * and dropped.
 */
#ifndef MESHTOP_HTTP_BODY_H
#define MESHTOP_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/http/head.h"

#define HTTP_MAX_CHUNK_LINE 4096	/* size, extensions, CRLF */
/* A body whose chunk lines outweigh its payload by more is refused: each
 * chunk may spend 16 bytes and twice its payload for nothing. */
#define HTTP_MAX_CHUNK_EXCESS (16u * 1024)
#define HTTP_MAX_TRAILER_BYTES 8192
#define HTTP_MAX_TRAILER_FIELDS 32

struct http_body {
	uint64_t left;		/* of the body (HTTP_LENGTH) or of this chunk */
	enum http_framing framing;
	uint32_t excess;	/* chunk lines beyond what their payload justifies */
	uint8_t state;		/* of the chunk grammar; private */
	bool is_done;		/* the last byte was used; the next step says DONE */
	uint16_t line_bytes;	/* of the current chunk line */
	uint16_t trailer_fields;
	uint16_t trailer_bytes;
};

enum http_body_result {
	HTTP_BODY_DATA,		/* *payload names the next run of payload */
	HTTP_BODY_MORE,		/* all of data used, none of it payload */
	HTTP_BODY_DONE,		/* the body ends here */
	HTTP_BODY_BAD,		/* framing error: abort, never end cleanly */
};

void http_body_init(struct http_body *b, const struct http_head *head);
/*
 * Takes the next step in data: *used bytes are finished with; for
 * HTTP_BODY_DATA they contain payload (at the end of what was used).  Call
 * until MORE, DONE or BAD; BAD stays BAD.  Bytes behind a finished body are
 * not used.  HTTP_UNTIL_CLOSE is all DATA; the caller ends it.
 */
enum http_body_result http_body_step(struct http_body *b, const char *data, size_t len,
				     size_t *used, struct slice *payload);

/* n bytes of an HTTP_LENGTH body, not more than are left, went another way. */
void http_body_skip(struct http_body *b, uint64_t n);

/* "1a2b\r\n" for a chunk of len > 0 bytes; returns the length written. */
#define HTTP_CHUNK_LINE_BYTES 20
size_t http_chunk_line(char out[HTTP_CHUNK_LINE_BYTES], uint64_t len);

#endif
