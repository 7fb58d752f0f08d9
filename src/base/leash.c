/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tie between a console and its children; see leash.h. */
#include "src/base/leash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"

#define ASK_AGAIN_NS (200 * NS_PER_MS)
#define LEAVING_MS 3000		/* a drain takes 1 s */
#define LOOK_AGAIN_MS 10

struct leash {
	struct loop *loop;
	struct watch watch;
	struct timer timer;
	char *attached_path;
	int leaving_fd;		/* locked until this process has ended; -1 */
	void (*on_gone)(void *arg);
	void *arg;
};

/* Beside the file of the attached: those hold it who are about to end. */
static int
open_leaving(const char *attached_path)
{
	const char *slash = strrchr(attached_path, '/');
	char *path = xasprintf("%.*sleaving", slash != NULL ? (int)(slash + 1 - attached_path) : 0,
			       attached_path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	free(path);
	return fd;
}

/* False while any console's shared lock stands in the way of ours.  A console
 * that attaches meanwhile waits for our lock and then finds us leaving. */
static bool
has_left(struct leash *l)
{
	int fd = open(l->attached_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool leaves = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;

	if (leaves) {
		l->leaving_fd = open_leaving(l->attached_path);
		if (l->leaving_fd >= 0)
			flock(l->leaving_fd, LOCK_SH | LOCK_NB);
	}
	if (fd >= 0)
		close(fd);
	return leaves;
}

static void
on_timer(struct timer *t)
{
	struct leash *l = CONTAINER_OF(t, struct leash, timer);

	if (has_left(l))
		l->on_gone(l->arg);
	else
		loop_timer_set(l->loop, t, loop_now_ns(l->loop) + ASK_AGAIN_NS, on_timer);
}

static void
on_parent(struct watch *w, unsigned events)
{
	struct leash *l = CONTAINER_OF(w, struct leash, watch);
	char byte;
	ssize_t got = read(w->fd, &byte, 1);
	int fd = w->fd;

	(void)events;
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	loop_unwatch(w);
	close(fd);
	on_timer(&l->timer);
}

struct leash *
leash_new(struct loop *loop, int parent_fd, const char *attached_path,
	  void (*on_gone)(void *), void *arg, struct error *err)
{
	struct leash *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->watch.fd = -1;
	l->leaving_fd = -1;
	l->attached_path = xstrdup(attached_path);
	l->on_gone = on_gone;
	l->arg = arg;
	if (fcntl(parent_fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(parent_fd, F_SETFL, O_NONBLOCK) < 0) {
		error_errnof(err, "--parent-fd %d", parent_fd);
		leash_free(&l);
	} else if (loop_watch_level(loop, &l->watch, parent_fd, on_parent, err) < 0) {
		leash_free(&l);
	}
	return l;
}

void
leash_free(struct leash **lp)
{
	struct leash *l = *lp;

	if (l == NULL)
		return;
	if (l->watch.fd >= 0) {
		int fd = l->watch.fd;

		loop_unwatch(&l->watch);
		close(fd);
	}
	loop_timer_cancel(&l->timer);
	/* leaving_fd stays open: it says when the process has really ended. */
	free(l->attached_path);
	free(l);
	*lp = NULL;
}

/* Children of a console that went just before us end first. */
static void
wait_for_leaving(const char *attached_path)
{
	const struct timespec nap = { 0, LOOK_AGAIN_MS * (long)NS_PER_MS };
	int fd = open_leaving(attached_path);

	for (int ms = 0; fd >= 0 && ms < LEAVING_MS; ms += LOOK_AGAIN_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&nap, NULL);
	}
	if (fd >= 0)
		close(fd);
}

int
leash_attach(const char *attached_path, struct error *err)
{
	int fd = open(attached_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return error_errnof(err, "%s", attached_path);
	/* A child asks with an exclusive lock for a moment only. */
	while (flock(fd, LOCK_SH) < 0) {
		if (errno == EINTR)
			continue;
		error_errnof(err, "%s", attached_path);
		close(fd);
		return -1;
	}
	wait_for_leaving(attached_path);
	return fd;
}
