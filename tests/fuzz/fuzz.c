/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets share. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "src/base/xalloc.h"

char *
fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = xcalloc(1, size + FUZZ_PADDING);

	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}
