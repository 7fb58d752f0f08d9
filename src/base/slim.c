/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code pages are clean copies of files: dropping them loses nothing; see slim.h. */
#include "src/base/slim.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_BYTES (128 * 1024)

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

void
slim_share_heap(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);		/* else it grows with what is freed */
	mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
}
