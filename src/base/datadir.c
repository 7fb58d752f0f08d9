/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared files, relative to the program or where it was installed. */
#include "src/base/datadir.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/xalloc.h"

/* path is taken over. */
static char *
if_exists(char *path)
{
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* Folder of the running program's file; false when the system does not say. */
static int
program_dir(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return -1;
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	return 0;
}

char *
datadir_find(const char *name)
{
	static const char *const places[] = { "share", "../share/meshtop", "../share" };
	const char *given = getenv("MESHTOP_DATADIR");
	char dir[PATH_MAX], *found = NULL;

	if (given != NULL && given[0] != '\0')
		return if_exists(xasprintf("%s/%s", given, name));
	if (program_dir(dir) == 0)
		for (size_t i = 0; i < ARRAY_LEN(places) && found == NULL; i++)
			found = if_exists(xasprintf("%s/%s/%s", dir, places[i], name));
	return found != NULL ? found : if_exists(xasprintf("%s/%s", PKGDATADIR, name));
}
