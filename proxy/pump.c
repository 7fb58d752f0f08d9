/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from one connection to another; see pump.h. */
#include "proxy/pump.h"

#include "proxy/worker.h"

#define READS_A_TURN 16

enum pump_result
pump(struct conn *from, struct conn *to, uint64_t *bytes)
{
	char *hot = from->worker->hot;

	for (int i = 0; i < READS_A_TURN; i++) {
		struct iovec iov = { hot, 0 };
		ssize_t n;

		if (!from->can_read || from->read_ended || conn_is_blocked(to) ||
		    to->is_connecting)
			return PUMP_OK;
		n = conn_read(from, hot, HOT_BYTES);
		if (n == CONN_NOTHING)
			return PUMP_OK;
		if (n == CONN_END) {
			conn_end(to);
			return PUMP_OK;
		}
		if (n < 0)
			return PUMP_BROKEN;
		*bytes += (uint64_t)n;
		iov.iov_len = (size_t)n;
		if (!conn_send(to, &iov, 1, iov.iov_len))
			return PUMP_BROKEN;
	}
	conn_again(from);
	return PUMP_OK;
}
