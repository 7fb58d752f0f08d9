/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where macros are kept; see macros.h. */
#include "tui/config/macros.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"
#include "src/tape/tape.h"
#include "tui/config/config.h"
#include "tui/config/state_dir.h"

#define NAME_MAX_BYTES 60

int
macro_check_name(const char *name, struct error *err)
{
	size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	if (name[0] == '\0')
		return error_setf(err, ERROR_USAGE, "under which name?");
	if (name[good] != '\0' || good > NAME_MAX_BYTES)
		return error_setf(err, ERROR_USAGE, "\"%s\": a macro's name has letters, digits, - and _",
				  name);
	return 0;
}

static char *
path_of(const char *dir, const char *name)
{
	return xasprintf("%s/%s.tape", dir, name);
}

struct tape *
macro_read(const char *name, struct error *err)
{
	char *dir = config_dir(), *path;
	struct tape *t = NULL;

	if (macro_check_name(name, err) == 0 && dir == NULL)
		error_setf(err, ERROR_IO, "there is no place for macros: HOME is not set");
	else if (err->code == ERROR_NONE) {
		path = path_of(dir, name);
		t = tape_read(path, err);
		free(path);
	}
	free(dir);
	return t;
}

/* The folder and the one it lies in. */
static void
make_dir(const char *dir)
{
	char *parent = xstrdup(dir), *slash = strrchr(parent, '/');

	if (slash != NULL && slash > parent) {
		*slash = '\0';
		mkdir(parent, 0700);
	}
	mkdir(dir, 0700);
	free(parent);
}

int
macro_write(const char *name, const struct buf *tape, struct error *err)
{
	char *dir = config_dir(), *path, *file;
	int status;

	if (dir == NULL)
		return error_setf(err, ERROR_IO, "there is no place for macros: HOME is not set");
	make_dir(dir);
	path = path_of(dir, name);
	file = state_file(path, err);
	status = file != NULL ? file_replace(file, tape, err) : -1;
	free(file);
	free(path);
	free(dir);
	return status;
}

void
macro_each(void (*fn)(void *arg, const char *name), void *arg)
{
	char *path = config_dir();
	DIR *dir = path != NULL ? opendir(path) : NULL;
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		size_t len = strlen(e->d_name);
		struct error err = ERROR_INIT;
		char *name;

		if (len < 6 || strcmp(e->d_name + len - 5, ".tape") != 0)
			continue;
		name = xstrndup(e->d_name, len - 5);
		if (macro_check_name(name, &err) == 0)
			fn(arg, name);
		free(name);
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
}
