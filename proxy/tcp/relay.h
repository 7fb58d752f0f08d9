/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TCP connection through the engine (spec/dataplane.md 5.1): one connect
 * attempt, bytes both ways with half-close, bytes reported every 5 s and at
 * the end.
 *
 * Callers without a proxy are relayed, too, to an endpoint of the service that
 * they dialled, from their own address and without a record: no rule applies
 * to them and only the destination reports.
 */
#ifndef MESHTOP_PROXY_RELAY_H
#define MESHTOP_PROXY_RELAY_H

#include <stddef.h>

struct acceptor;
struct relay;
struct worker;
union downstream_peer;

/* Takes over fd; data (may be empty) was read from it already. */
void relay_open(struct worker *w, struct acceptor *a, int fd, const union downstream_peer *peer,
		const char *data, size_t len);
/* At the end of a drain. */
void relay_abort(struct relay *r);

#endif
