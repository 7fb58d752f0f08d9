/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mirrors: copies of requests, sent to another cluster and forgotten
 * (spec/dataplane.md 3.7).
 *
 * A copy is an exchange behind a downstream without a socket; its answer goes
 * nowhere and its proxy reports nothing.  Copies have connections of their
 * own: the inbound side tells them by the address that such a connection
 * comes from, so that no header is needed.
 */
#ifndef MESHTOP_PROXY_MIRROR_H
#define MESHTOP_PROXY_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/http/downstream.h"

struct acceptor;
struct cluster_state;
struct exchange;
struct worker;

/* Of one caller and cluster at a time; more are not sent. */
#define MIRROR_MAX_ACTIVE 256

struct mirror {
	struct downstream down;		/* without a socket */
	struct mirror *next, **prev;	/* of the worker */
	struct cluster_state *state;	/* referenced */
	char *authority;		/* with the suffix; NULL */
};

/* The whole request is there: draws, and sends the copies that its rule wants. */
void mirror_begin(struct exchange *ex);
/* The exchange behind d has ended. */
void mirror_end(struct downstream *d);
void mirror_abort(struct mirror *m);

/* Connections that carry copies.  Returns the own address of one as a key, 0
 * for a Unix socket. */
uint64_t mirror_register(struct worker *w, int fd);
void mirror_unregister(struct worker *w, uint64_t key);
bool mirror_is_registered(const struct worker *w, const struct acceptor *a,
			  const union downstream_peer *peer);

#endif
