/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a client's connection share: downstream.c has its life and
 * its deadlines, downstream_read.c what it sends, downstream_end.c its end.
 */
#ifndef MESHTOP_PROXY_DOWNSTREAM_PRIV_H
#define MESHTOP_PROXY_DOWNSTREAM_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/acceptor.h"
#include "proxy/http/downstream.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/model/response_flags.h"

#define READS_A_TURN 2		/* then other connections have theirs */

/* Watches over that for so long; ms 0: the deadline stays. */
void downstream_wait_for(struct downstream *d, enum downstream_wait wait, uint64_t ms);
/* Copies bytes that cannot be used yet; they come back before what is read next. */
void downstream_keep_pending(struct downstream *d, const char *data, size_t len);

/* Reads (downstream_read.c). */
void downstream_on_readable(struct conn *c);
/* An answer to what has not become an exchange; the connection ends. */
void downstream_answer(struct downstream *d, unsigned status, response_flags flags,
		       const char *details, size_t len);
/* The socket goes on as a TCP relay; bytes that were read go first. */
void downstream_become_relay(struct downstream *d, const char *data, size_t len);

/* The end (downstream_end.c), at once or in steps. */
/* The last answer has been sent. */
void downstream_end(struct downstream *d);
/* The last answer may still be in the outbox. */
void downstream_end_soon(struct downstream *d);
/* Closes without destroying what is still on its way. */
void downstream_close_gently(struct downstream *d);
/* While lingering: what comes is read and forgotten. */
void downstream_discard(struct downstream *d);

static inline const struct mesh_settings *
downstream_settings(const struct downstream *d)
{
	return &d->acceptor->runtime->mesh->settings;
}

static inline void
downstream_drop_pending(struct downstream *d)
{
	slab_set_give(&d->conn.worker->blocks, d->pending, d->pending_size);
	d->pending = NULL;
	d->pending_len = d->pending_size = d->pending_tried = 0;
}

#endif
