/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failed assertions; see assert.h. */
#include "src/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void
assert_failed(const char *what, const char *file, int line, const char *func)
{
	fprintf(stderr, "meshtop: %s:%d: %s: assertion failed: %s\n", file, line,
		func, what);
	abort();
}
