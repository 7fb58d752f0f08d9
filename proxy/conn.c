/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stream sockets; see conn.h. */
#include "proxy/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/outbox.h"
#include "proxy/worker.h"
#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/xalloc.h"

struct conn_queue {
	size_t begin, end, size;
	char bytes[];
};

static void
on_event(struct watch *watch, unsigned events)
{
	struct conn *c = CONTAINER_OF(watch, struct conn, watch);

	if (events & LOOP_ERROR)
		c->has_error = true;
	if (events & LOOP_HANGUP)
		c->is_hung_up = true;
	if (c->is_connecting) {
		if (events & (LOOP_WRITE | LOOP_ERROR))
			c->ops->on_writable(c);
	} else if ((events & LOOP_WRITE) != 0 && c->queue != NULL) {
		if (!conn_flush(c))
			c->ops->on_broken(c);
		else if (c->queue == NULL)
			c->ops->on_writable(c);
	}
	if (c->is_dead || c->is_connecting || (events & (LOOP_READ | LOOP_ERROR)) == 0)
		return;
	c->can_read = true;
	c->ops->on_readable(c);
}

bool
conn_open(struct conn *c, struct worker *w, const struct conn_ops *ops, int fd)
{
	*c = (struct conn){ .worker = w, .ops = ops, .watch.is_first = ops->is_first };
	if (loop_watch(w->loop, &c->watch, fd, on_event, NULL) == 0)
		return true;
	close(fd);
	return false;
}

void
conn_open_unwatched(struct conn *c, struct worker *w, const struct conn_ops *ops, int fd)
{
	*c = (struct conn){ .worker = w, .ops = ops, .is_unwatched = true };
	c->watch = (struct watch){ .fd = fd, .loop = w->loop };
}

static void
fail_later(struct conn *c)
{
	c->is_broken = true;
	conn_again(c);
}

void
conn_watch(struct conn *c)
{
	if (!c->is_unwatched || c->is_dead)
		return;
	c->is_unwatched = false;
	if (loop_watch(c->worker->loop, &c->watch, c->watch.fd, on_event, NULL) < 0)
		fail_later(c);
}

static void
bury(struct conn *c)
{
	free(c->queue);
	c->queue = NULL;
	worker_bury(c->worker, c);
}

void
conn_close(struct conn *c)
{
	if (c->is_dead)
		return;
	c->is_dead = true;
	(void)conn_settle(c);
	loop_close(&c->watch);
	bury(c);
}

int
conn_let_go(struct conn *c)
{
	int fd = c->watch.fd;

	ASSERT(!c->is_dead && c->unsent == 0);
	c->is_dead = true;
	loop_unwatch(&c->watch);
	bury(c);
	return fd;
}

void
conn_reset(struct conn *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (!c->is_dead)
		setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	conn_close(c);
}

ssize_t
conn_read(struct conn *c, char *to, size_t size)
{
	ssize_t n;

	do
		n = recv(c->watch.fd, to, size, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		/* A short read has emptied the socket; behind a hang-up the
		 * end itself must still be read. */
		if ((size_t)n < size && !c->is_hung_up && !c->has_error)
			c->can_read = false;
		return n;
	}
	c->can_read = false;
	if (n == 0) {
		c->read_ended = true;
		return CONN_END;
	}
	return errno == EAGAIN ? CONN_NOTHING : CONN_BROKEN;
}

void
conn_queue(struct conn *c, const char *data, size_t len)
{
	struct conn_queue *q = c->queue;

	if (q == NULL || q->size - q->end < len) {
		size_t used = q != NULL ? q->end : 0;
		size_t size = used + len < 1024 ? 1024 : used + len;

		q = xrealloc(q, 1, sizeof(*q) + size);
		if (c->queue == NULL)
			q->begin = q->end = 0;
		q->size = size;
		c->queue = q;
	}
	memcpy(q->bytes + q->end, data, len);
	q->end += len;
}

static void
queue_rest(struct conn *c, const struct iovec *iov, unsigned count, size_t sent)
{
	for (unsigned i = 0; i < count; i++) {
		if (sent >= iov[i].iov_len) {
			sent -= iov[i].iov_len;
			continue;
		}
		conn_queue(c, (const char *)iov[i].iov_base + sent, iov[i].iov_len - sent);
		sent = 0;
	}
}

static ssize_t
try_send(int fd, const struct iovec *iov, unsigned count)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = count };
	ssize_t n;

	do {
		if (count == 1)
			n = send(fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL);
		else
			n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	return n;
}

bool
conn_settle(struct conn *c)
{
	struct iovec message;
	ssize_t sent;

	if (c->unsent == 0)
		return true;
	message = outbox_take(&c->worker->outbox, c);
	sent = try_send(c->watch.fd, &message, 1);
	if (sent < 0)
		return false;
	if ((size_t)sent < message.iov_len) {
		queue_rest(c, &message, 1, (size_t)sent);
		if (c->ops->on_blocked != NULL && !c->is_dead)
			c->ops->on_blocked(c);
	}
	return true;
}

/* Whoever sends may be in the middle of an exchange: nobody is called back. */
void
conn_send_unsent(struct conn *c)
{
	if (!conn_settle(c))
		fail_later(c);
}

bool
conn_send(struct conn *c, const struct iovec *iov, unsigned count, size_t bytes)
{
	ssize_t sent = 0;

	if (bytes == 0)
		return true;
	if (!conn_settle(c))
		return false;
	if (c->queue == NULL && !c->is_connecting) {
		if (bytes <= OUTBOX_MESSAGE_BYTES) {
			worker_leave_unsent(c->worker, c, iov, count, bytes);
			return true;
		}
		sent = try_send(c->watch.fd, iov, count);
		if (sent < 0)
			return false;
		if ((size_t)sent == bytes)
			return true;
	}
	queue_rest(c, iov, count, (size_t)sent);
	return true;
}

bool
conn_flush(struct conn *c)
{
	struct conn_queue *q = c->queue;

	while (q != NULL && q->begin < q->end) {
		struct iovec rest = { q->bytes + q->begin, q->end - q->begin };
		ssize_t n = try_send(c->watch.fd, &rest, 1);

		if (n < 0)
			return false;
		if (n == 0)
			return true;
		q->begin += (size_t)n;
	}
	free(q);
	c->queue = NULL;
	if (c->ends_after_queue)
		conn_end(c);
	return true;
}

void
conn_end(struct conn *c)
{
	if (c->write_ended || c->is_dead)
		return;
	(void)conn_settle(c);
	if (c->queue != NULL || c->is_connecting) {
		c->ends_after_queue = true;
		return;
	}
	c->write_ended = true;
	shutdown(c->watch.fd, SHUT_WR);
}

void
conn_again(struct conn *c)
{
	if (!c->is_again && !c->is_dead)
		worker_again(c->worker, c);
}

size_t
conn_queued(const struct conn *c)
{
	return c->queue != NULL ? c->queue->end - c->queue->begin : 0;
}

bool
conn_local_address(const struct conn *c, struct address *out)
{
	out->len = sizeof(out->un);
	if (getsockname(c->watch.fd, &out->sa, &out->len) == 0)
		return true;
	memset(out, 0, sizeof(*out));
	return false;
}
