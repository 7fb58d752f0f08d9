/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code pages are clean copies of files: dropping them loses nothing. */
#include "src/base/slim.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Only r-xp mappings of files: never written to (read-only data behind
 * relocations is). */
void
slim_drop_code(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		uintptr_t begin, end;
		char mode[5];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, mode) == 3 &&
		    strcmp(mode, "r-xp") == 0 && strchr(line, '/') != NULL)
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	fclose(f);
}
