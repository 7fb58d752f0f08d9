/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failed assertions; see assert.h. */
#include "src/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

static char last[512];		/* set once, by who is about to end */

const char *
assert_last(void)
{
	return last;
}

void
assert_failed(const char *what, const char *file, int line, const char *func)
{
	snprintf(last, sizeof(last), "meshtop: %s:%d: %s: assertion failed: %s\n", file, line,
		 func, what);
	fputs(last, stderr);
	abort();
}
