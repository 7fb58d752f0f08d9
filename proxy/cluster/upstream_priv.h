/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What two files of an upstream connection share: upstream.c has its life,
 * upstream_read.c what it says.  (upstream_dial.c makes sockets, for others, too.)
 */
#ifndef MESHTOP_PROXY_UPSTREAM_PRIV_H
#define MESHTOP_PROXY_UPSTREAM_PRIV_H

#include <stdbool.h>

#include "proxy/cluster/upstream.h"
#include "proxy/worker.h"

/* Reads (upstream_read.c). */
void upstream_on_readable(struct conn *c);

/* Has it bytes, or an end, that nobody waits for? */
static inline bool
upstream_is_spoiled(struct upstream *u)
{
	char byte;

	if (u->conn.read_ended || u->conn.is_hung_up || u->conn.has_error)
		return true;
	return u->conn.can_read && conn_read(&u->conn, &byte, 1) != CONN_NOTHING;
}

#endif
