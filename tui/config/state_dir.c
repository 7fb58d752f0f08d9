/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See state_dir.h. */
#include "tui/config/state_dir.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/base/xalloc.h"

static char *
base_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *local;

	if (state != NULL && state[0] == '/') {
		mkdir(state, 0700);
		return xasprintf("%s/meshtop", state);
	}
	if (home == NULL || home[0] != '/')
		return NULL;
	local = xasprintf("%s/.local", home);
	mkdir(local, 0700);
	free(local);
	local = xasprintf("%s/.local/state", home);
	mkdir(local, 0700);
	free(local);
	return xasprintf("%s/.local/state/meshtop", home);
}

char *
state_dir_path(const char *name)
{
	char *dir = base_dir(), *path = NULL;

	if (dir != NULL && (mkdir(dir, 0700) == 0 || errno == EEXIST))
		path = xasprintf("%s/%s", dir, name);
	free(dir);
	return path;
}
