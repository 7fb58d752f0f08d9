/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response heads, for the methods that change their framing. */
#include <stdlib.h>

#include "src/base/assert.h"
#include "src/http/parse.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_HEAD, HTTP_POST };
	static struct http_head head;
	const struct http_limits limits = HTTP_LIMITS_DEFAULT;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		char *copy = fuzz_copy(data, size);
		const char *why = NULL;
		size_t used = 0;

		if (http_parse_response(&head, copy, size, &limits, methods[i], &used, &why) == HTTP_DONE) {
			ASSERT(used <= size && head.status >= 100 && head.status <= 599);
			ASSERT(methods[i] != HTTP_HEAD || head.framing == HTTP_NO_BODY);
		}
		free(copy);
	}
	return 0;
}
