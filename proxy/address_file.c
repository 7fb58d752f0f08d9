/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Remembered addresses.  The file may be lost at any time: then names get
 * other addresses, nothing else.  So it is not synced, which would hold up
 * traffic.
 */
#include "proxy/address_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/mesh/addresses.h"

#define MAX_BYTES (16u << 20)

static void
put_path(char *out, size_t size, const char *state_path, const char *suffix)
{
	snprintf(out, size, "%s/addresses.json%s", state_path, suffix);
}

static int
read_all(const char *state_path, struct buf *out)
{
	char path[4096];
	struct stat st;
	int fd, status = -1;

	put_path(path, sizeof(path), state_path, "");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		status = file_read_fd(fd, MAX_BYTES, out);
	close(fd);
	return out->len > 0 ? status : -1;
}

void
address_file_read(struct addresses *a, const char *state_path)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;

	if (read_all(state_path, &text) == 0)
		addresses_parse(a, text.data, text.len, &err);
	buf_fini(&text);
}

unsigned
address_file_block(const char *state_path)
{
	struct addresses *a = addresses_new(0);
	unsigned block;

	address_file_read(a, state_path);
	block = addresses_block(a);
	addresses_free(&a);
	return block;
}

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int
address_file_write(struct addresses *a, const char *state_path, struct error *err)
{
	char path[4096], temp[4096];
	struct buf text = BUF_INIT;
	int fd, status = -1;

	put_path(path, sizeof(path), state_path, "");
	put_path(temp, sizeof(temp), state_path, ".new");
	addresses_put_json(a, &text);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		status = write_all(fd, text.data, text.len);
		if (close(fd) < 0 || status < 0 || rename(temp, path) < 0)
			status = -1;
	}
	if (status < 0)
		error_errnof(err, "%s", path);
	buf_fini(&text);
	return status;
}

int
address_file_open_dir(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void
address_file_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
