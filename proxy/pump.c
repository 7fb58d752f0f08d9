/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from one connection to another; see pump.h. */
#include "proxy/pump.h"

#include "proxy/splice.h"
#include "proxy/worker.h"

#define READS_A_TURN 4

/* One read, or one splice while much comes.  Result as of conn_read();
 * *refused: the other side takes no more. */
static ssize_t
move_some(struct conn *from, struct conn *to, bool *refused)
{
	struct iovec iov = { from->worker->hot, 0 };
	ssize_t n = SPLICE_UNABLE;

	if (from->is_flowing)
		n = splice_move(from, to, SPLICE_MAX_BYTES, refused);
	if (n != SPLICE_UNABLE) {
		from->is_flowing = n >= (ssize_t)SPLICE_MIN_BYTES;
		return n;
	}
	n = conn_read(from, from->worker->hot, HOT_BYTES);
	from->is_flowing = n == (ssize_t)HOT_BYTES;
	if (n <= 0)
		return n;
	iov.iov_len = (size_t)n;
	*refused = !conn_send(to, &iov, 1, iov.iov_len);
	return n;
}

enum pump_result
pump(struct conn *from, struct conn *to, uint64_t *bytes)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		bool refused = false;
		ssize_t n;

		if (!from->can_read || from->read_ended || conn_is_blocked(to) ||
		    to->is_connecting)
			return PUMP_OK;
		n = move_some(from, to, &refused);
		if (n == CONN_NOTHING)
			return PUMP_OK;
		if (n == CONN_END) {
			conn_end(to);
			return PUMP_OK;
		}
		if (n < 0)
			return PUMP_BROKEN;
		*bytes += (uint64_t)n;
		if (refused)
			return PUMP_BROKEN;
	}
	conn_again(from);
	return PUMP_OK;
}
