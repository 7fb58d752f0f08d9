/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zero-copy forwarding; see splice.h. */
#include "proxy/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "proxy/conn.h"
#include "proxy/worker.h"

#define SPLICE_FLAGS (SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

static bool
has_pipe(struct worker *w)
{
	if (w->pipe[0] >= 0)
		return true;
	if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		w->pipe[0] = w->pipe[1] = -1;
		return false;
	}
	/* Where more is not allowed the usual size serves as well. */
	(void)fcntl(w->pipe[1], F_SETPIPE_SZ, (int)SPLICE_MAX_BYTES);
	return true;
}

void
splice_close_pipe(struct worker *w)
{
	if (w->pipe[0] < 0)
		return;
	close(w->pipe[0]);
	close(w->pipe[1]);
	w->pipe[0] = w->pipe[1] = -1;
}

static ssize_t
splice_once(int from, int to, size_t len)
{
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, len, SPLICE_FLAGS);
	while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t
fill(struct worker *w, struct conn *from, size_t len)
{
	ssize_t n = splice_once(from->watch.fd, w->pipe[1], len);

	/* A short transfer says nothing: the pipe may have run out of places. */
	if (n > 0)
		return n;
	if (n < 0 && errno == EINVAL)
		return SPLICE_UNABLE;
	from->can_read = false;
	if (n == 0) {
		from->read_ended = true;
		return CONN_END;
	}
	return errno == EAGAIN ? CONN_NOTHING : CONN_BROKEN;
}

/* The rest of what is in the pipe waits in the queue. */
static bool
queue_from_pipe(struct worker *w, struct conn *to, size_t len)
{
	while (len > 0) {
		ssize_t n = read(w->pipe[0], w->hot, len < HOT_BYTES ? len : HOT_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		conn_queue(to, w->hot, (size_t)n);
		len -= (size_t)n;
	}
	return true;
}

static bool
empty(struct worker *w, struct conn *to, size_t len)
{
	if (!conn_settle(to))
		return false;
	if (conn_is_blocked(to))
		return queue_from_pipe(w, to, len);
	while (len > 0) {
		ssize_t n = splice_once(w->pipe[0], to->watch.fd, len);

		/* What the socket cannot take in this way it can be sent. */
		if (n < 0 && (errno == EAGAIN || errno == EINVAL))
			return queue_from_pipe(w, to, len) && conn_flush(to);
		if (n <= 0)
			return false;
		len -= (size_t)n;
	}
	return true;
}

ssize_t
splice_move(struct conn *from, struct conn *to, uint64_t max, bool *refused)
{
	struct worker *w = from->worker;
	ssize_t n;

	*refused = false;
	if (!has_pipe(w))
		return SPLICE_UNABLE;
	n = fill(w, from, max < SPLICE_MAX_BYTES ? (size_t)max : SPLICE_MAX_BYTES);
	if (n > 0 && !empty(w, to, (size_t)n)) {
		splice_close_pipe(w);
		*refused = true;
	}
	return n;
}
