/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state folder and its lock; see store_priv.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "src/base/error.h"
#include "src/store/files.h"
#include "src/store/store_priv.h"

#define PAUSE_MS 2

/* Makes the state folder (0700, own). */
static int
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

/* Asks again and again, so that the end of patience and a cancelled job are
 * noticed although the holder may be stopped. */
static int
ask_for(const struct store *s, int fd, int operation, int patience_ms)
{
	struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	int waited_ms = 0;

	while (wait_for(fd, operation | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK ||
		    (patience_ms != LOCK_PATIENT && waited_ms >= patience_ms) ||
		    (s->job != NULL && (atomic_load(&s->job->is_cancelled) ||
					atomic_load(&s->job->is_abandoned))))
			return -1;
		nanosleep(&pause, NULL);
		waited_ms += PAUSE_MS;
	}
	return 0;
}

int
lock_take(struct store *s, bool exclusive, int patience_ms, int *fd, struct error *err)
{
	int operation = exclusive ? LOCK_EX : LOCK_SH;
	bool is_busy;

	if (exclusive && state_make(s, err) < 0) {
		*fd = -1;
		return -1;
	}
	*fd = open_lock(s, exclusive);
	if (*fd < 0)
		return exclusive ? error_errnof(err, "cannot open %s/lock", s->state_path) : 0;
	if (patience_ms == LOCK_PATIENT && s->job == NULL ?
	    wait_for(*fd, operation) == 0 : ask_for(s, *fd, operation, patience_ms) == 0)
		return 0;
	is_busy = errno == EWOULDBLOCK;
	lock_give(fd);
	if (!exclusive)
		return 0;
	if (job_is_cancelled(s, err))
		return -1;
	return is_busy ? error_setf(err, ERROR_UNREACHABLE, "another process holds %s/lock",
				    s->state_path) :
	       error_errnof(err, "cannot lock %s/lock", s->state_path);
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
