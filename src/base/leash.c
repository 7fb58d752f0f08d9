/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tie between a console and its children; see leash.h. */
#include "src/base/leash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"

#define ASK_AGAIN_NS (200 * NS_PER_MS)

struct leash {
	struct loop *loop;
	struct watch watch;
	struct timer timer;
	char *attached_path;
	void (*on_gone)(void *arg);
	void *arg;
};

/* A shared lock of any console stands in the way of ours. */
static bool
is_anyone_attached(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool attached;

	if (fd < 0)
		return false;
	attached = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return attached;
}

static void
on_timer(struct timer *t)
{
	struct leash *l = CONTAINER_OF(t, struct leash, timer);

	if (is_anyone_attached(l->attached_path))
		loop_timer_set(l->loop, t, loop_now_ns(l->loop) + ASK_AGAIN_NS, on_timer);
	else
		l->on_gone(l->arg);
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
	free(l->attached_path);
	free(l);
	*lp = NULL;
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
	return fd;
}
