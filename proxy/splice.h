/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes from one connection to another through a pipe of the kernel, without
 * a copy.  Pays for long runs; whoever has to look at the bytes reads them.
 *
 * The pipe is the worker's and empty between calls: what the receiver does
 * not take goes to its queue.
 */
#ifndef MESHTOP_PROXY_SPLICE_H
#define MESHTOP_PROXY_SPLICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct conn;
struct worker;

#define SPLICE_MIN_BYTES (32u * 1024)	/* shorter runs are read */
#define SPLICE_MAX_BYTES (128u * 1024)	/* at once: no queue grows beyond */

/* There is no pipe, or such sockets cannot: read instead. */
enum { SPLICE_UNABLE = -3 };

/*
 * Moves up to max bytes.  Returns how many, or CONN_END, CONN_NOTHING or
 * CONN_BROKEN of from, or SPLICE_UNABLE.  *refused: sending them failed; they
 * are lost.  to must be connected and have no queue.
 */
ssize_t splice_move(struct conn *from, struct conn *to, uint64_t max, bool *refused);
/* Of the worker; made on first use. */
void splice_close_pipe(struct worker *w);

#endif
