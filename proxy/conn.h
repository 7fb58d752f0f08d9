/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream socket of the data path: readiness, the queue of bytes that the
 * peer has not taken, half-close and the end.
 *
 * Descriptors are registered once and edge-triggered; reading and writing are
 * tried at once and remembered.  While a queue is not empty its owner reads
 * nothing more for it (back-pressure), so a queue never holds more than the
 * bytes of one read.
 */
#ifndef MESHTOP_PROXY_CONN_H
#define MESHTOP_PROXY_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "src/base/loop.h"

struct address;
struct conn;
struct conn_queue;
struct error;
struct worker;

struct conn_ops {
	/* Bytes, the end of the stream or an error can be had by conn_read(). */
	void (*on_readable)(struct conn *c);
	/* A connect has ended (is_connecting is still set), or the queue went out. */
	void (*on_writable)(struct conn *c);
	/* Sending the queue or an earlier message failed. */
	void (*on_broken)(struct conn *c);
	/* What conn_send() had taken came to wait in the queue.  NULL: nothing to
	 * do. */
	void (*on_blocked)(struct conn *c);
	/* After conn_close(), at the end of the turn: give the memory back. */
	void (*release)(struct conn *c);
	bool is_first;		/* told before the others of a turn (loop.h) */
};

struct conn {
	struct watch watch;
	struct worker *worker;
	const struct conn_ops *ops;
	struct conn_queue *queue;	/* NULL: nothing waits */
	struct conn *next_dead, *next_again;
	bool can_read;			/* an edge was seen and not used up */
	bool is_connecting;		/* what is sent waits in the queue */
	bool is_hung_up;		/* the peer has ended its stream, or more */
	bool has_error;			/* the kernel reported an error */
	bool read_ended;		/* conn_read() has returned CONN_END */
	bool ends_after_queue;		/* shutdown when the queue is empty */
	bool write_ended;
	bool is_dead;
	bool is_again;
	bool is_flowing;		/* pump(): much has come at once */
	bool is_broken;			/* on_broken() is due */
	bool is_unwatched;
	uint8_t unsent;			/* its message in the outbox, from 1; 0: none */
};

/* Takes over fd (non-blocking).  False when the kernel cannot watch it; fd is
 * closed then. */
bool conn_open(struct conn *c, struct worker *w, const struct conn_ops *ops, int fd);
/* As conn_open(), but nothing is heard of it before conn_watch(): one that
 * may be over by then. */
void conn_open_unwatched(struct conn *c, struct worker *w, const struct conn_ops *ops, int fd);
/* Where the kernel cannot, on_broken() follows. */
void conn_watch(struct conn *c);
/* Closes the socket now and releases the memory at the end of the turn. */
void conn_close(struct conn *c);
/* As conn_close(), but the socket lives on, unwatched: returned. */
int conn_let_go(struct conn *c);
void conn_reset(struct conn *c);	/* as conn_close(), but the peer sees a reset */

enum { CONN_END = 0, CONN_NOTHING = -1, CONN_BROKEN = -2 };
/* Bytes read, or one of the above. */
ssize_t conn_read(struct conn *c, char *to, size_t size);
/* Sends, a small message at the end of the turn, and queues what the kernel
 * does not take.  False: broken. */
bool conn_send(struct conn *c, const struct iovec *iov, unsigned count, size_t bytes);
/* Sends what was left for the end of the turn.  False: broken. */
bool conn_settle(struct conn *c);
void conn_send_unsent(struct conn *c);	/* for outbox.c: as conn_settle(), told later */
/* Puts bytes at the end of the queue without trying. */
void conn_queue(struct conn *c, const char *data, size_t len);
/* Our end of it; where the kernel does not tell, false and out is cleared. */
bool conn_local_address(const struct conn *c, struct address *out);
bool conn_flush(struct conn *c);	/* false: broken */
/* Ends our direction of the stream once the queue is empty. */
void conn_end(struct conn *c);
/* Calls on_readable() again at the end of this turn. */
void conn_again(struct conn *c);

static inline bool
conn_is_blocked(const struct conn *c)
{
	return c->queue != NULL;
}

size_t conn_queued(const struct conn *c);

#endif
