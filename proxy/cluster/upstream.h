/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to an endpoint that speaks HTTP/1.1: made, used for one
 * exchange at a time, kept in the endpoint's pool in between.
 */
#ifndef MESHTOP_PROXY_UPSTREAM_H
#define MESHTOP_PROXY_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/conn.h"
#include "proxy/descriptors.h"
#include "proxy/runtime.h"
#include "src/http/body.h"

struct exchange;
struct worker;

struct upstream {
	struct conn conn;
	struct endpoint *endpoint;	/* referenced */
	struct exchange *exchange;	/* NULL: idle */
	struct upstream *next, **prev;	/* among the idle ones */
	char *pending;			/* start of a head that is not whole */
	size_t pending_len, pending_size;
	struct http_body body;		/* of the response */
	struct timer timer;
	uint64_t deadline_ns;		/* of the connect or of idling; 0: none */
	uint64_t expires_ns;		/* not used after that; 0: never */
	uint64_t mirror_key;		/* see mirror_register() */
	uint32_t requests;		/* begun on it */
	uint16_t local_port;		/* our end's; 0: the kernel does not tell */
	bool has_own_host;		/* our end is not the cluster's source, but this: */
	uint8_t local_host[16];
	bool has_head;			/* the response's */
	bool has_bytes;			/* of the response, be it part of a head */
	bool has_long_bodies;		/* the last response's was worth a splice */
	bool is_spent;			/* not to be used again */
	bool is_tunnel;
	bool is_mirror;			/* carries copies only */
	bool is_pending;		/* connecting, of the limit of pending requests */
};

/* Is there an idle connection whose time is not over? */
bool upstream_is_idle(struct endpoint *ep, bool is_mirror);
/* The idle connection of the pool that was used last; NULL: none. */
struct upstream *upstream_take(struct endpoint *ep, bool is_mirror);
/* A new one, which may still be connecting; a connection is reserved already
 * (breaker.h).  NULL and errno when none can be made. */
struct upstream *upstream_connect(struct worker *w, struct endpoint *ep,
				  uint64_t connect_timeout_ms, bool is_mirror);
/* After a whole exchange: back to the pool, or closed when that cannot be. */
void upstream_give(struct upstream *u, uint64_t idle_timeout_ms);
void upstream_close(struct upstream *u);
/* Closes the idle ones but for those that were used last; how many. */
unsigned upstream_close_idle(struct endpoint *ep, unsigned kept);
/* Idle connections go to other workers while those need them; see handover.h. */
void upstream_hand_idle(struct endpoint *ep);
/* One that came from another worker, counted already: idle here from now on. */
void upstream_adopt(struct endpoint *ep, const struct parcel *p);
/* Parcels that nobody will receive: closed and freed. */
void upstream_drop(struct endpoint *ep, struct parcel *parcels);
/* Reads on, after the other side has taken its queue. */
void upstream_resume(struct upstream *u);

/* Our end of it; false for Unix sockets, and where the kernel does not tell. */
bool upstream_local_address(const struct upstream *u, struct address *out);

/* A stream socket to be made. */
struct dial {
	struct worker *worker;
	enum descriptor_use use;
	const struct address *address;
	const struct address *source;		/* NULL or unset: the kernel's choice */
	const struct cluster_state *cluster;	/* whose keepalive it has; may be NULL */
};

/* On its way to the address; the source is bound where possible and where one
 * can come to the address from there.  -1 and errno on failure; *connected
 * tells whether the handshake is over. */
int upstream_dial(const struct dial *d, bool *connected);

#endif
