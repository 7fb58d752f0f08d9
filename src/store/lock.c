/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state folder and its lock; see store_priv.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "src/base/error.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

int
state_make(struct store *s, struct error *err)
{
	struct stat st;
	int fd = files_open_folder(s->root, STATE_DIR, STATE_MODE, err);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return error_errnof(err, "%s", s->state_path);
	}
	close(fd);
	if (st.st_uid != geteuid() && geteuid() != 0)
		return error_setf(err, ERROR_REFUSED, "%s belongs to another user", s->state_path);
	return 0;
}

static int
open_lock(struct store *s, bool make)
{
	int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = openat(s->root, LOCK_FILE, O_RDONLY | flags);

	if (fd < 0 && errno == ENOENT && make)
		fd = openat(s->root, LOCK_FILE, O_RDWR | O_CREAT | flags, STATE_FILE_MODE);
	return fd;
}

static int
wait_for(int fd, int operation)
{
	int status;

	do
		status = flock(fd, operation);
	while (status < 0 && errno == EINTR);
	return status;
}

int
lock_take(struct store *s, bool exclusive, int *fd, struct error *err)
{
	if (exclusive && state_make(s, err) < 0) {
		*fd = -1;
		return -1;
	}
	*fd = open_lock(s, exclusive);
	if (*fd < 0)
		return exclusive ? error_errnof(err, "cannot open %s/lock", s->state_path) : 0;
	if (wait_for(*fd, exclusive ? LOCK_EX : LOCK_SH) == 0)
		return 0;
	lock_give(fd);
	return exclusive ? error_errnof(err, "cannot lock %s/lock", s->state_path) : 0;
}

int
lock_try_shared(struct store *s, int *fd)
{
	bool is_busy;

	*fd = open_lock(s, false);
	if (*fd < 0 || wait_for(*fd, LOCK_SH | LOCK_NB) == 0)
		return 0;
	is_busy = errno == EWOULDBLOCK;
	close(*fd);
	*fd = -1;
	return is_busy;
}

void
lock_give(int *fd)
{
	if (*fd >= 0) {
		flock(*fd, LOCK_UN);	/* whatever becomes of the descriptor */
		close(*fd);
	}
	*fd = -1;
}
