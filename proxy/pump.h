/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes from one connection to another, as they are, with back-pressure and
 * half-close: TCP relays and tunnels.
 */
#ifndef MESHTOP_PROXY_PUMP_H
#define MESHTOP_PROXY_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/conn.h"

enum pump_result { PUMP_OK, PUMP_BROKEN };

/* Moves what can be read and sent now; *bytes counts up.  The end of one
 * stream ends the other once everything has gone out. */
enum pump_result pump(struct conn *from, struct conn *to, uint64_t *bytes);

/* Has this direction come to its end, with nothing left to send? */
static inline bool
pump_is_over(const struct conn *from, const struct conn *to)
{
	return from->read_ended && to->write_ended;
}

#endif
