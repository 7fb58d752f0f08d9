/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents through every check: rows, never more. */
#include <stdlib.h>

#include "src/mesh/checks.h"
#include "src/model/snapshot.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems rows = PROBLEMS_INIT;
	char *text = fuzz_copy(data, size);
	struct source_file *f = source_file_new("f.yaml", text, size, NULL, &rows, NULL);
	struct snapshot *s;

	if (f != NULL) {
		s = snapshot_new(&f, 1, 1, &rows);
		checks_run(s, &rows);
		snapshot_put(&s);
		source_file_put(&f);
	}
	problems_fini(&rows);
	free(text);
	return 0;
}
