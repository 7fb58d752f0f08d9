/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a body: counted, chunked (RFC 9112 7.1) or with the connection.
 * Chunk lines and trailers are judged byte by byte; payload is not touched.
 */
#include "src/http/body.h"

#include <string.h>

#include "src/base/slice.h"
#include "src/http/scan.h"

enum chunk_state {
	SIZE_FIRST,	/* the first digit must come */
	SIZE,
	EXT_GAP,	/* blanks behind a size or value: only ';' may follow */
	EXT_START,	/* behind ';' */
	EXT_NAME,
	EXT_NAME_GAP,	/* blanks behind a name: '=' or ';' must follow */
	EXT_EQUALS,
	EXT_TOKEN,
	EXT_QUOTED,
	EXT_ESCAPE,	/* behind a backslash in quotes */
	EXT_QUOTE_END,
	LINE_LF,
	PAYLOAD,
	PAYLOAD_CR,
	PAYLOAD_LF,
	TRAILER_START,	/* a name or the last CRLF */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,
	FINISHED,
	BROKEN,
};

void
http_body_init(struct http_body *b, const struct http_head *head)
{
	memset(b, 0, sizeof(*b));
	b->framing = head->framing;
	b->state = SIZE_FIRST;
	b->left = head->framing == HTTP_LENGTH ? head->content_length : 0;
	b->is_done = head->framing == HTTP_NO_BODY ||
		     (head->framing == HTTP_LENGTH && b->left == 0);
}

static bool
is_token_char(unsigned char c)
{
	return http_token_lower[c] != 0;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* The next state behind a size or an extension that is whole. */
static enum chunk_state
after_extension(unsigned char c)
{
	if (c == '\r')
		return LINE_LF;
	if (c == ';')
		return EXT_START;
	return is_blank(c) ? EXT_GAP : BROKEN;
}

static enum chunk_state
size_next(struct http_body *b, unsigned char c)
{
	int digit = slice_hex_digit((char)c);

	if (digit < 0)
		return b->state == SIZE ? after_extension(c) : BROKEN;
	if (b->left > (uint64_t)INT64_MAX >> 4)
		return BROKEN;
	b->left = b->left << 4 | (unsigned)digit;
	return SIZE;
}

/* A whole chunk line was read: is it paid for by payload? */
static enum chunk_state
line_end(struct http_body *b)
{
	uint64_t paid = b->left > HTTP_MAX_CHUNK_EXCESS ? HTTP_MAX_CHUNK_EXCESS * 2u :
							  16 + b->left * 2;
	uint32_t spent = b->excess + b->line_bytes;

	b->excess = spent > paid ? spent - (uint32_t)paid : 0;
	b->line_bytes = 0;
	if (b->excess > HTTP_MAX_CHUNK_EXCESS)
		return BROKEN;
	return b->left > 0 ? PAYLOAD : TRAILER_START;
}

/* chunk-size [ chunk-ext ] CRLF.  The grammar lets blanks stand around ';' and
 * '=', not in front of CR. */
static enum chunk_state
line_next(struct http_body *b, unsigned char c)
{
	if (++b->line_bytes > HTTP_MAX_CHUNK_LINE)
		return BROKEN;
	switch ((enum chunk_state)b->state) {
	case SIZE_FIRST:
	case SIZE:
		return size_next(b, c);
	case EXT_GAP:
		return c == ';' ? EXT_START : is_blank(c) ? EXT_GAP : BROKEN;
	case EXT_START:
		return is_blank(c) ? EXT_START : is_token_char(c) ? EXT_NAME : BROKEN;
	case EXT_NAME:
		if (is_token_char(c))
			return EXT_NAME;
		if (c == '=')
			return EXT_EQUALS;
		return is_blank(c) ? EXT_NAME_GAP : after_extension(c);
	case EXT_NAME_GAP:
		if (c == '=')
			return EXT_EQUALS;
		return c == ';' ? EXT_START : is_blank(c) ? EXT_NAME_GAP : BROKEN;
	case EXT_EQUALS:
		if (c == '"')
			return EXT_QUOTED;
		return is_blank(c) ? EXT_EQUALS : is_token_char(c) ? EXT_TOKEN : BROKEN;
	case EXT_TOKEN:
		return is_token_char(c) ? EXT_TOKEN : after_extension(c);
	case EXT_QUOTED:
		if (c == '"')
			return EXT_QUOTE_END;
		return c == '\\' ? EXT_ESCAPE : http_is_value_char(c) ? EXT_QUOTED : BROKEN;
	case EXT_ESCAPE:
		return http_is_value_char(c) ? EXT_QUOTED : BROKEN;
	case EXT_QUOTE_END:
		return after_extension(c);
	case LINE_LF:
		return c == '\n' ? line_end(b) : BROKEN;
	default:
		return BROKEN;
	}
}

static enum chunk_state
trailer_next(struct http_body *b, unsigned char c)
{
	if (++b->trailer_bytes > HTTP_MAX_TRAILER_BYTES)
		return BROKEN;
	switch ((enum chunk_state)b->state) {
	case TRAILER_START:
		if (c == '\r')
			return LAST_LF;
		if (!is_token_char(c) || ++b->trailer_fields > HTTP_MAX_TRAILER_FIELDS)
			return BROKEN;
		return TRAILER_NAME;
	case TRAILER_NAME:
		return c == ':' ? TRAILER_VALUE : is_token_char(c) ? TRAILER_NAME : BROKEN;
	case TRAILER_VALUE:
		return c == '\r' ? TRAILER_LF : http_is_value_char(c) ? TRAILER_VALUE : BROKEN;
	case TRAILER_LF:
		return c == '\n' ? TRAILER_START : BROKEN;
	case LAST_LF:
		return c == '\n' ? FINISHED : BROKEN;
	default:
		return BROKEN;
	}
}

static enum chunk_state
chunk_next(struct http_body *b, unsigned char c)
{
	if (b->state == PAYLOAD_CR)
		return c == '\r' ? PAYLOAD_LF : BROKEN;
	if (b->state == PAYLOAD_LF)
		return c == '\n' ? SIZE_FIRST : BROKEN;
	return b->state < PAYLOAD ? line_next(b, c) : trailer_next(b, c);
}

/* The next run of payload: what is left of the chunk or body, or of data. */
static enum http_body_result
take_payload(struct http_body *b, const char *data, size_t len, struct slice *payload)
{
	size_t n = b->left < len ? (size_t)b->left : len;

	b->left -= n;
	*payload = (struct slice){ data, n };
	return HTTP_BODY_DATA;
}

static enum http_body_result
step_chunked(struct http_body *b, const char *data, size_t len, size_t *used,
	     struct slice *payload)
{
	size_t i = 0;

	while (i < len && b->state < FINISHED) {
		if (b->state == PAYLOAD) {
			take_payload(b, data + i, len - i, payload);
			if (b->left == 0)
				b->state = PAYLOAD_CR;
			*used = i + payload->len;
			return HTTP_BODY_DATA;
		}
		b->state = (uint8_t)chunk_next(b, (unsigned char)data[i++]);
	}
	*used = i;
	b->is_done = b->state == FINISHED;
	if (b->state == BROKEN)
		return HTTP_BODY_BAD;
	return b->is_done ? HTTP_BODY_DONE : HTTP_BODY_MORE;
}

enum http_body_result
http_body_step(struct http_body *b, const char *data, size_t len, size_t *used,
	       struct slice *payload)
{
	*used = 0;
	*payload = SLICE_NONE;
	if (b->is_done)
		return HTTP_BODY_DONE;
	if (b->framing == HTTP_CHUNKED)
		return step_chunked(b, data, len, used, payload);
	if (len == 0)
		return HTTP_BODY_MORE;
	if (b->framing == HTTP_UNTIL_CLOSE) {
		*payload = (struct slice){ data, len };
	} else {
		take_payload(b, data, len, payload);
		b->is_done = b->left == 0;
	}
	*used = payload->len;
	return HTTP_BODY_DATA;
}

void
http_body_skip(struct http_body *b, uint64_t n)
{
	b->left -= n;
	b->is_done = b->left == 0;
}

size_t
http_chunk_line(char out[HTTP_CHUNK_LINE_BYTES], uint64_t len)
{
	unsigned digits = 1;
	size_t n;

	while (digits < 16 && len >> (4 * digits) != 0)
		digits++;
	for (n = 0; n < digits; n++)
		out[n] = "0123456789abcdef"[len >> (4 * (digits - 1 - n)) & 15];
	out[n++] = '\r';
	out[n++] = '\n';
	return n;
}
