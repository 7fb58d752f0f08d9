/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a client's connection ends, so that the last answer arrives: nothing
 * that is still on its way may be destroyed by a reset.
 */
#include "proxy/http/downstream_priv.h"

#include "proxy/worker.h"

#define LINGER_MS 1000

/* Closes without destroying what is still on its way: a socket that holds
 * unread bytes would be reset. */
void
downstream_close_gently(struct downstream *d)
{
	struct conn *c = &d->conn;

	d->closes = true;
	downstream_drop_pending(d);
	if (!conn_settle(c)) {
		downstream_close(d);
		return;
	}
	if (conn_is_blocked(c)) {
		conn_end(c);
		downstream_wait_for(d, WAIT_READER, downstream_settings(d)->request_body_idle_ms);
		return;
	}
	if (c->read_ended || d->wait == WAIT_LINGER) {
		downstream_close(d);
		return;
	}
	conn_end(c);
	downstream_wait_for(d, WAIT_LINGER, LINGER_MS);
	c->can_read = true;
	conn_again(c);
}

void
downstream_discard(struct downstream *d)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = conn_read(&d->conn, d->conn.worker->hot, HOT_BYTES);

		if (n == CONN_NOTHING)
			return;
		if (n <= 0) {
			downstream_close(d);
			return;
		}
	}
	conn_again(&d->conn);
}

/* The last answer has been sent.  Where nothing has come behind the request,
 * or nothing may come, nothing is lost by closing at once. */
void
downstream_end(struct downstream *d)
{
	bool is_last = d->conn.is_unwatched ? d->is_last : !d->conn.can_read;

	if (d->body.is_done && d->pending_len == 0 && is_last && !conn_is_blocked(&d->conn))
		downstream_close(d);
	else
		downstream_close_gently(d);
}

void
downstream_end_soon(struct downstream *d)
{
	d->closes = true;
	if (d->conn.unsent == 0) {
		downstream_end(d);
		return;
	}
	d->wait = WAIT_SENT;
	conn_again(&d->conn);
}
