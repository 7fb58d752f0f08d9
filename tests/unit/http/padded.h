/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message in memory of its own with the padding that the parser asks for.
 * The padding is filled so that a parser that judged it would be found out.
 */
#ifndef TESTS_UNIT_HTTP_PADDED_H
#define TESTS_UNIT_HTTP_PADDED_H

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define PADDING_BYTES 64

/* The first len bytes of text; free() it. */
static inline char *
padded_dup(const char *text, size_t len, char filler)
{
	char *data = xmalloc(len + PADDING_BYTES);

	memcpy(data, text, len);
	memset(data + len, filler, PADDING_BYTES);
	return data;
}

#endif
