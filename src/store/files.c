/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Careful file access; see files.h. */
#include "src/store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/model/problem.h"

/* One step down; makes the folder when mode is not 0. */
static int
enter(int folder, const char *name, mode_t mode)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder, name, flags);

	if (fd >= 0 || errno != ENOENT || mode == 0)
		return fd;
	if (mkdirat(folder, name, mode) < 0 && errno != EEXIST)
		return -1;
	if (fsync(folder) < 0)
		return -1;
	return openat(folder, name, flags);
}

static int
open_folder(int root, const char *path, size_t len, mode_t mode)
{
	char name[NAME_MAX + 1];
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && len > 0) {
		const char *slash = memchr(path, '/', len);
		size_t part = slash != NULL ? (size_t)(slash - path) : len;
		int next = -1;

		if (part == 0 || part > NAME_MAX || (part <= 2 && strncmp(path, "..", part) == 0)) {
			errno = part > NAME_MAX ? ENAMETOOLONG : EINVAL;
		} else {
			memcpy(name, path, part);
			name[part] = '\0';
			next = enter(fd, name, mode);
		}
		int saved = errno;
		close(fd);
		errno = saved;
		fd = next;
		part += slash != NULL;
		path += part;
		len -= part;
	}
	return fd;
}

int
files_open_folder(int root, const char *path, mode_t mode, struct error *err)
{
	int fd = open_folder(root, path, strlen(path), mode);

	return fd >= 0 ? fd : error_errnof(err, "cannot open folder %s", path);
}

int
files_open_parent(int root, const char *path, mode_t mode, const char **name,
		  struct error *err)
{
	const char *slash = strrchr(path, '/');
	int fd;

	*name = slash != NULL ? slash + 1 : path;
	fd = open_folder(root, path, slash != NULL ? (size_t)(slash - path) : 0, mode);
	return fd >= 0 ? fd : error_errnof(err, "cannot open the folder of %s", path);
}

/* It is there and could be read, but will not be. */
static int
not_ours(struct error *err, const char *what)
{
	errno = 0;
	return error_setf(err, ERROR_IO, "%s", what);
}

/* The open file: 0, and *fd; otherwise as files_read(). */
static int
open_regular(int root, const char *path, int *fd, struct stat *st, struct error *err)
{
	const char *name;
	int folder = files_open_parent(root, path, 0, &name, err), saved;

	if (folder < 0)
		return errno == ENOENT || errno == ENOTDIR ? 1 : -1;
	*fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	saved = errno;
	close(folder);
	errno = saved;
	if (*fd < 0 && errno == ENOENT)
		return 1;
	if (*fd < 0 && errno == ELOOP)
		return not_ours(err, "a symbolic link is not followed");
	if (*fd < 0)
		return error_errnof(err, "cannot open it");
	saved = fstat(*fd, st) < 0 ? errno : 0;
	if (saved == 0 && S_ISREG(st->st_mode))
		return 0;
	close(*fd);
	errno = saved;
	return saved != 0 ? error_errnof(err, "cannot read it") : not_ours(err, "not a regular file");
}

int
files_read(int root, const char *path, size_t max, struct buf *out, struct stat *st,
	   struct error *err)
{
	struct stat own;
	int fd, status, saved = 0;

	st = st != NULL ? st : &own;
	status = open_regular(root, path, &fd, st, err);
	if (status != 0)
		return status;
	if ((uintmax_t)st->st_size > max) {
		status = error_setf(err, ERROR_IO, "larger than %zu MiB", max >> 20);
	} else if (file_read_fd(fd, max, out) < 0) {
		saved = errno;
		status = error_errnof(err, "cannot read it");
	}
	close(fd);
	errno = saved;
	return status;
}

int
files_read_end(int root, const char *path, size_t most, struct buf *out, size_t *begin,
	       struct error *err)
{
	struct stat st;
	int fd, status = open_regular(root, path, &fd, &st, err);

	*begin = 0;
	if (status != 0)
		return status;
	if ((uintmax_t)st.st_size > most)
		*begin = (size_t)st.st_size - most;
	if (lseek(fd, (off_t)*begin, SEEK_SET) < 0 || file_read_fd(fd, SIZE_MAX, out) < 0)
		status = error_errnof(err, "cannot read it");
	close(fd);
	return status;
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

/* Content, owner and mode of a new file, down to the disk. */
static int
fill(int fd, const char *data, size_t len, const struct stat *like)
{
	struct stat st;

	if (write_all(fd, data, len) < 0)
		return -1;
	if (like != NULL) {
		/* Giving a file away needs rights that most users lack. */
		if (fchown(fd, like->st_uid, like->st_gid) < 0 && errno != EPERM)
			return -1;
		if (fchmod(fd, like->st_mode & 0777) < 0)
			return -1;
	}
	if (fsync(fd) < 0 || fstat(fd, &st) < 0)
		return -1;
	if ((uintmax_t)st.st_size != len) {
		errno = EIO;
		return -1;
	}
	return 0;
}

int
files_write(int folder, const char *name, const char *data, size_t len, mode_t mode,
	    const struct stat *like, struct error *err)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int status, saved;

	if (fd < 0)
		return error_errnof(err, "cannot make a temporary file");
	status = fill(fd, data, len, like);
	saved = errno;
	if (close(fd) < 0 && status == 0) {
		status = -1;
		saved = errno;
	}
	if (status == 0)
		return 0;
	unlinkat(folder, name, 0);
	errno = saved;
	return error_errnof(err, "cannot write");
}

int
files_sync_folder(int folder, struct error *err)
{
	/* Some file systems cannot sync a folder; they have no need to. */
	if (fsync(folder) < 0 && errno != EINVAL)
		return error_errnof(err, "cannot sync a folder");
	return 0;
}

bool
files_is_document(const char *name)
{
	static const char *const endings[] = { ".yaml", ".yml", ".json" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t tail = strlen(endings[i]);

		if (name[0] != '.' && len > tail && strcmp(name + len - tail, endings[i]) == 0)
			return true;
	}
	return false;
}

struct finder {
	struct file_list *out;
	struct problems *problems;
	int error;			/* the first that says nothing of what there is; 0 */
};

static void find_in(struct finder *f, int folder, const char *path, unsigned depth);

static void
complain(struct finder *f, const char *path, const char *what)
{
	problem_add_file(f->problems, path[0] != '\0' ? path : ".", 1, 1, "MT0014", SEVERITY_ERROR,
			 "%s", what);
}

/* There may be documents at path, or in it, of which nothing is known. */
static void
miss(struct finder *f, const char *path, const char *what)
{
	size_t count = f->out->unseen.len;

	if (count > 0 && strcmp(f->out->unseen.items[count - 1], path) == 0)
		return;			/* said already */
	complain(f, path, what);
	vec_push(&f->out->unseen, xstrdup(path));
}

/* Something has just failed: what it was for is gone, or not for us to see, or
 * nobody knows. */
static void
note_error(struct finder *f, const char *path, const char *what)
{
	if (errno == ENOENT)
		return;
	if (f->error == 0 && errno != EACCES && errno != ELOOP && errno != ENOTDIR)
		f->error = errno;
	miss(f, path, what);
}

static bool
is_text(const char *name)
{
	size_t len = strlen(name);
	bool is_good = true;

	while (len > 0 && is_good) {
		uint32_t cp;
		size_t used = text_decode(name, len, &cp, &is_good);

		name += used;
		len -= used;
	}
	return is_good;
}

static void
find_entry(struct finder *f, int folder, const char *path, const char *name, unsigned depth)
{
	struct found_file found;
	int fd;

	if (fstatat(folder, name, &found.st, AT_SYMLINK_NOFOLLOW) < 0) {
		note_error(f, path, "what is in the folder cannot be looked at");
		return;
	}
	found.path = path[0] != '\0' ? xasprintf("%s/%s", path, name) : xstrdup(name);
	if (!is_text(name)) {
		if (S_ISDIR(found.st.st_mode) || files_is_document(name))
			complain(f, found.path, "left out: its name is not UTF-8");
	} else if (S_ISDIR(found.st.st_mode)) {
		fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			note_error(f, found.path, "the folder cannot be opened");
		else
			find_in(f, fd, found.path, depth + 1);
	} else if (files_is_document(name)) {
		if (f->out->files.len < FILES_MAX_COUNT) {
			vec_push(&f->out->files, found);
			return;
		}
		miss(f, found.path, "left out: too many files");
	}
	free(found.path);
}

/* Neither hidden nor the folder that file systems keep for their repair, which
 * only root may enter. */
static bool
is_ours(const char *name)
{
	return name[0] != '.' && strcmp(name, "lost+found") != 0;
}

/* Takes folder. */
static void
find_in(struct finder *f, int folder, const char *path, unsigned depth)
{
	DIR *dir = fdopendir(folder);
	struct dirent *e;

	if (dir == NULL) {
		note_error(f, path, "the folder cannot be read");
		close(folder);
		return;
	}
	if (depth > FILES_MAX_DEPTH) {
		complain(f, path, "left out: too deep");
	} else {
		vec_push(&f->out->folders, xstrdup(path));
		while ((errno = 0, e = readdir(dir)) != NULL)
			if (is_ours(e->d_name))
				find_entry(f, dirfd(dir), path, e->d_name, depth);
		if (errno != 0)
			note_error(f, path, "the folder cannot be read");
	}
	closedir(dir);
}

static int
by_path(const void *a, const void *b)
{
	const struct found_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
sort(struct file_list *l)
{
	if (l->files.len > 1)
		qsort(l->files.items, l->files.len, sizeof(*l->files.items), by_path);
}

int
files_find(int root, struct file_list *out, struct problems *problems, struct error *err)
{
	struct finder f = { out, problems, 0 };
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_errnof(err, "cannot read the mesh directory");
	find_in(&f, fd, "", 0);
	if (f.error != 0) {
		errno = f.error;
		return error_errnof(err, "cannot read all of the mesh directory");
	}
	sort(out);
	return 0;
}

/* What is listed neither by its folder nor already. */
static void
add_copies_of(struct file_list *l, const char *unseen, const struct file_list *copies)
{
	size_t known = l->files.len;

	for (size_t i = 0; i < copies->files.len; i++) {
		struct found_file f = {
			.path = xasprintf("%s%s%s", unseen, unseen[0] != '\0' ? "/" : "",
					  copies->files.items[i].path),
		};

		if (known > 0 && bsearch(&f, l->files.items, known, sizeof(f), by_path) != NULL)
			free(f.path);
		else
			vec_push(&l->files, f);
	}
	sort(l);
}

void
files_add_copies(int good, struct file_list *l)
{
	for (size_t i = 0; i < l->unseen.len; i++) {
		struct file_list copies = FILE_LIST_INIT;
		int folder = files_open_folder(good, l->unseen.items[i], 0, NULL);

		if (folder < 0)
			continue;
		files_find(folder, &copies, NULL, NULL);
		add_copies_of(l, l->unseen.items[i], &copies);
		file_list_fini(&copies);
		close(folder);
	}
}

void
file_list_fini(struct file_list *l)
{
	for (size_t i = 0; i < l->files.len; i++)
		free(l->files.items[i].path);
	for (size_t i = 0; i < l->folders.len; i++)
		free(l->folders.items[i]);
	for (size_t i = 0; i < l->unseen.len; i++)
		free(l->unseen.items[i]);
	vec_fini(&l->files);
	vec_fini(&l->folders);
	vec_fini(&l->unseen);
}
