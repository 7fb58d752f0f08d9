/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files; see file.h. */
#include "src/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"

#define READ_CHUNK 65536u

int
file_read_fd(int fd, size_t max, struct buf *out)
{
	size_t start = out->len;

	for (;;) {
		ssize_t got;

		buf_reserve(out, READ_CHUNK);
		got = read(fd, out->data + out->len, READ_CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		out->len += got > 0 ? (size_t)got : 0;
		out->data[out->len] = '\0';
		if (got <= 0)
			return (int)got;
		if (out->len - start > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

static int
read_named(int fd, const char *name, size_t max, struct buf *out, struct error *err)
{
	if (file_read_fd(fd, max, out) == 0)
		return 0;
	if (errno != EFBIG)
		return error_errnof(err, "%s", name);
	return error_setf(err, ERROR_SYNTAX, "%s: larger than %zu KiB", name, max >> 10);
}

int
file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), status, saved;

	if (fd < 0)
		return error_errnof(err, "%s", path);
	status = read_named(fd, path, max, out, err);
	saved = errno;
	close(fd);
	errno = saved;
	return status;
}

int
file_read_word(const char *word, size_t max, struct buf *out, struct error *err)
{
	if (word[0] == '\0')
		return error_setf(err, ERROR_USAGE, "'' is no file");
	return strcmp(word, "-") == 0 ? read_named(STDIN_FILENO, "stdin", max, out, err) :
	       file_read(word, max, out, err);
}

static int
write_new(const char *path, const struct buf *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool is_written = f != NULL && fwrite(text->data, 1, text->len, f) == text->len;

	if (f != NULL && fclose(f) == 0 && is_written)
		return 0;
	error_errnof(err, "%s", path);
	if (f == NULL && fd >= 0)
		close(fd);
	return -1;
}

int
file_replace(const char *path, const struct buf *text, struct error *err)
{
	char *fresh = xasprintf("%s.new", path);
	int status = write_new(fresh, text, err);

	if (status == 0 && rename(fresh, path) < 0)
		status = error_errnof(err, "%s", path);
	if (status < 0)
		unlink(fresh);
	free(fresh);
	return status;
}
