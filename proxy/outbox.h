/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small messages of a turn, which leave together: the kernel's way of sending
 * and the receivers stay warm from one to the next.
 *
 * A connection has at most one message here.  It goes out at the end of the
 * turn, when there is no more room, or before anything else is done with its
 * connection (conn_settle()).
 */
#ifndef MESHTOP_PROXY_OUTBOX_H
#define MESHTOP_PROXY_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define OUTBOX_MESSAGES 48
#define OUTBOX_MESSAGE_BYTES 4096	/* what is longer is sent at once */
#define OUTBOX_BYTES (64u * 1024)

struct conn;

struct outbox_message {
	struct conn *conn;		/* NULL: it has gone out */
	uint32_t at, len;
};

struct outbox {
	char *bytes;			/* OUTBOX_BYTES */
	uint32_t used;
	unsigned count;
	struct outbox_message messages[OUTBOX_MESSAGES];
};

void outbox_init(struct outbox *o);
void outbox_fini(struct outbox *o);
/* Copies a message of at most OUTBOX_MESSAGE_BYTES; c has none here. */
void outbox_put(struct outbox *o, struct conn *c, const struct iovec *iov, unsigned count,
		size_t bytes);
/* Takes c's message out; valid until the next outbox_put(). */
struct iovec outbox_take(struct outbox *o, struct conn *c);
/* Sends all; a connection that fails is told at the end of the turn. */
void outbox_flush(struct outbox *o);

#endif
