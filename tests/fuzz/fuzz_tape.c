/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of tapes: parsed, or refused with a place. */
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/tape/tape.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct tape *t = tape_parse("f.tape", (const char *)data, size, &err);

	ASSERT(t != NULL || (err.line > 0 && err.msg[0] != '\0'));
	tape_free(&t);
	return 0;
}
