/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Request heads.  Whatever parses must be a fixed point: what is written from
 * its pieces parses again, to the same method, target and framing.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/http/parse.h"
#include "src/http/write.h"
#include "tests/fuzz/fuzz.h"

static void
write_again(const struct http_head *head, struct buf *out)
{
	static char scratch[65536];
	static struct http_pieces p;

	http_pieces_init(&p, scratch, sizeof(scratch));
	http_put_request_line(&p, head->method, head->target);
	http_put_fields(&p, head, NULL);
	http_put_framing(&p, head);
	http_put_end(&p);
	if (p.is_overflow)
		return;
	for (unsigned i = 0; i < p.count; i++)
		buf_append(out, p.iov[i].iov_base, p.iov[i].iov_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head, again;
	const struct http_limits limits = HTTP_LIMITS_DEFAULT;
	char *copy = fuzz_copy(data, size), *second;
	struct buf wire = BUF_INIT;
	const char *why = NULL;
	size_t used = 0, used_again = 0, len;

	if (http_parse_request(&head, copy, size, &limits, &used, &why) == HTTP_DONE) {
		ASSERT(used <= size && head.field_count <= HTTP_MAX_FIELDS);
		write_again(&head, &wire);
		len = wire.len;
		buf_fill(&wire, '\0', FUZZ_PADDING);
		second = wire.data;
		if (len > 0 && len <= HTTP_MAX_HEAD_BYTES && head.minor == 1) {
			ASSERT(http_parse_request(&again, second, len, &limits, &used_again, &why) ==
			       HTTP_DONE);
			ASSERT(used_again == len);
			ASSERT(slice_eq(again.method, head.method) && slice_eq(again.path, head.path));
			ASSERT(again.framing == head.framing &&
			       again.content_length == head.content_length);
		}
	}
	buf_fini(&wire);
	free(copy);
	return 0;
}
