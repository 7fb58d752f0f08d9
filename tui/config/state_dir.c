/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See state_dir.h. */
#include "tui/config/state_dir.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/error.h"
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

char *
state_file(const char *path, struct error *err)
{
	struct stat st;
	char *target;

	if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
		return xstrdup(path);		/* what cannot be reached is told when it is written */
	target = realpath(path, NULL);
	if (target == NULL)
		error_errnof(err, "nothing is kept in %s, a link", path);
	else if (stat(target, &st) < 0 || !S_ISREG(st.st_mode))
		error_setf(err, ERROR_IO, "nothing is kept in %s: %s is no file", path, target);
	else if (st.st_uid != geteuid())
		error_setf(err, ERROR_IO, "nothing is kept in %s: %s is a file of another user", path,
			   target);
	else
		return target;
	free(target);
	return NULL;
}
