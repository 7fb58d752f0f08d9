/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seeding happens before any engine, platform or console reads the directory. */
#include "src/platform/seed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/tree.h"
#include "src/base/xalloc.h"
#include "src/platform/manifests.h"
#include "src/store/history.h"
#include "src/store/store.h"

#define MARK ".meshtop/made-by-demo"

static int
make_folders(const char *path, mode_t mode, struct error *err)
{
	char *copy = xstrdup(path);
	int result = 0;

	for (char *p = copy + 1; *p != '\0' && result == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			result = error_errnof(err, "%s", copy);
		*p = '/';
	}
	if (result == 0 && mkdir(copy, mode) < 0 && errno != EEXIST)
		result = error_errnof(err, "%s", copy);
	free(copy);
	return result;
}

/* 1 empty but for .meshtop, 0 not, -1 with err. */
static int
is_empty(const char *dir, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int empty = 1;

	if (d == NULL)
		return error_errnof(err, "%s", dir);
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, ".meshtop") != 0)
			empty = 0;
	closedir(d);
	return empty;
}

bool
seed_is_demo(const char *dir)
{
	char *mark = xasprintf("%s/" MARK, dir);
	bool is_there = access(mark, F_OK) == 0;

	free(mark);
	return is_there;
}

/* Whole or not at all: written aside, synced, renamed. */
static int
write_file(const char *path, const struct buf *text, struct error *err)
{
	char *aside = xasprintf("%s.new", path);
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t done = 0;
	int result = -1;

	if (fd < 0) {
		error_errnof(err, "%s", aside);
		goto out;
	}
	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	if (done < text->len || fsync(fd) < 0 || rename(aside, path) < 0) {
		error_errnof(err, "%s", path);
		(void)unlink(aside);
	} else {
		result = 0;
	}
	close(fd);
out:
	free(aside);
	return result;
}

static int
write_base(const char *dir, struct error *err)
{
	for (const char *const *name = demo_base(); *name != NULL; name++) {
		struct buf text = BUF_INIT;
		const char *slash = strrchr(*name, '/');
		char *path = xasprintf("%s/%s.yaml", dir, slash != NULL ? slash + 1 : *name);
		int result = demo_manifest(*name, &text, err);

		if (result == 0)
			result = write_file(path, &text, err);
		buf_fini(&text);
		free(path);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int
write_mark(const char *dir, struct error *err)
{
	char *state = xasprintf("%s/.meshtop", dir);
	char *mark = xasprintf("%s/" MARK, dir);
	struct buf text = BUF_INIT;
	int result = -1;

	buf_puts(&text, "This directory was made by `meshtop demo`; --reset may fill it anew.\n");
	if (mkdir(state, 0700) < 0 && errno != EEXIST)
		error_errnof(err, "%s", state);
	else
		result = write_file(mark, &text, err);
	buf_fini(&text);
	free(state);
	free(mark);
	return result;
}

/* Removing */

static int
remove_tree(const char *dir, const char *name, struct error *err)
{
	char *path = xasprintf("%s/%s", dir, name);
	int result = 0;

	if (tree_remove(path) < 0 && errno != ENOENT)
		result = error_errnof(err, "%s", path);
	free(path);
	return result;
}

/* Did meshtop make the file?  The first that is known of it is a change of
 * its own, not an edit from outside. */
static bool
was_made_here(const struct history *h, const char *file)
{
	for (size_t i = 0; i < h->entries.len; i++) {
		const struct history_entry *e = &h->entries.items[i];

		for (size_t k = 0; k < e->changes.len; k++)
			if (strcmp(e->changes.items[k].file, file) == 0)
				return e->via != VIA_EXTERNAL && e->changes.items[k].op == CHANGE_CREATE;
	}
	return false;
}

/* And the folder that held it, when nothing else is in it. */
static int
remove_file(const char *dir, const char *file, struct error *err)
{
	char *path = xasprintf("%s/%s", dir, file), *slash;
	int result = 0;

	if (file[0] == '/' || strstr(file, "..") != NULL || file[0] == '.')
		goto out;	/* nothing of ours is called so */
	if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		result = error_errnof(err, "%s", path);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (strchr(file, '/') != NULL)
		(void)rmdir(path);
out:
	free(path);
	return result;
}

/* What the wizards, :apply and the like made. */
static int
remove_made(const char *dir, struct error *err)
{
	struct store *s = store_open_reader(dir, err);
	struct history h = { 0 };
	int result = 0;

	if (s == NULL)
		return -1;
	if (history_read(s, &h, NULL) < 0) {	/* nothing was changed */
		store_close(&s);
		return 0;
	}
	for (size_t i = 0; result == 0 && i < h.entries.len; i++) {
		const struct history_entry *e = &h.entries.items[i];

		for (size_t k = 0; result == 0 && k < e->changes.len; k++)
			if (was_made_here(&h, e->changes.items[k].file))
				result = remove_file(dir, e->changes.items[k].file, err);
	}
	history_fini(&h);
	store_close(&s);
	return result;
}

/* What the demo made, and what was remembered of it; files that a person put
 * there stay.  Addresses stay too: they are the directory's, not the
 * documents'. */
static int
take_back(const char *dir, struct error *err)
{
	static const char *const remembered[] = {
		".meshtop/history.jsonl", ".meshtop/telemetry", ".meshtop/good",
		".meshtop/pending",
	};
	int result = remove_made(dir, err);

	for (size_t i = 0; result == 0 && i < ARRAY_LEN(remembered); i++)
		result = remove_tree(dir, remembered[i], err);
	return result;
}

int
seed_demo(const char *dir, bool reset, struct error *err)
{
	int empty;

	if (make_folders(dir, 0755, err) < 0)
		return -1;
	empty = is_empty(dir, err);
	if (empty < 0)
		return -1;
	if (reset && empty == 0) {
		if (!seed_is_demo(dir))
			return error_setf(err, ERROR_REFUSED,
					  "%s: not made by the demo, --reset leaves it alone", dir);
		if (take_back(dir, err) < 0)
			return -1;
		empty = 1;
	}
	if (empty == 0)
		return 0;
	/* the mark first: a half-filled directory can be reset */
	return write_mark(dir, err) < 0 ? -1 : write_base(dir, err);
}
