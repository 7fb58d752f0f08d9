/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunked bodies: the payload does not depend on how the bytes are split.
 * The first byte of the input says where it is cut.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/body.h"
#include "tests/fuzz/fuzz.h"

static enum http_body_result
feed(struct http_body *b, const char *data, size_t len, struct buf *payload)
{
	while (len > 0) {
		size_t used = 0;
		struct slice run = SLICE_NONE;
		enum http_body_result r = http_body_step(b, data, len, &used, &run);

		ASSERT(used <= len);
		if (r == HTTP_BODY_DATA)
			buf_append(payload, run.ptr, run.len);
		if (r == HTTP_BODY_DONE || r == HTTP_BODY_BAD)
			return r;
		if (r == HTTP_BODY_MORE)
			ASSERT(used == len);
		data += used;
		len -= used;
	}
	return HTTP_BODY_MORE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head = { .framing = HTTP_CHUNKED };
	struct buf whole = BUF_INIT, split = BUF_INIT;
	struct http_body a, b;
	enum http_body_result ra, rb;
	size_t cut;

	if (size < 2)
		return 0;
	cut = data[0] % size;
	data++;
	size--;
	http_body_init(&a, &head);
	http_body_init(&b, &head);
	ra = feed(&a, (const char *)data, size, &whole);
	if (cut > size)
		cut = size;
	rb = feed(&b, (const char *)data, cut, &split);
	if (rb == HTTP_BODY_MORE)
		rb = feed(&b, (const char *)data + cut, size - cut, &split);
	ASSERT(ra == rb);
	ASSERT(whole.len == split.len && memcmp(buf_str(&whole), buf_str(&split), whole.len) == 0);
	buf_fini(&whole);
	buf_fini(&split);
	return 0;
}
