/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs every file of a target's corpus once: the part of fuzzing that
 * `make check` repeats.  Speaks TAP.  The corpus folder has the name of the
 * program without "fuzz_".
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/file.h"
#include "tests/fuzz/fuzz.h"

int
main(int argc, char **argv)
{
	const char *src = getenv("MESHTOP_SRCDIR"), *name = strstr(argv[0], "fuzz_");
	char folder[4096], path[8192];
	struct dirent **entries;
	int n, ran = 0;

	(void)argc;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", src != NULL ? src : ".",
		 name != NULL ? name + strlen("fuzz_") : "");
	n = scandir(folder, &entries, NULL, alphasort);
	if (n < 0) {
		printf("Bail out! no corpus at %s\n", folder);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		struct buf text = BUF_INIT;

		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
			file_read(path, SIZE_MAX, &text, NULL);
			LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&text), text.len);
			printf("ok %d - %s\n", ++ran, entries[i]->d_name);
			fflush(stdout);
		}
		buf_fini(&text);
		free(entries[i]);
	}
	free(entries);
	printf("1..%d\n", ran);
	return 0;
}
