/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections to endpoints of clusters with limits: counted for all workers
 * together, and handed from a worker that has one to spare to one whose
 * requests wait.
 *
 * Who takes part is an endpoint of a worker; takers of one host are the same
 * endpoint in different workers.  A taker is called (calls.h) when a
 * connection is on its way to it, when others wait for one, and when one
 * that was counted has ended.
 */
#ifndef MESHTOP_PROXY_HANDOVER_H
#define MESHTOP_PROXY_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/cluster/calls.h"

struct breaker;
struct common_cluster;
struct common_host;

struct parcel {			/* an idle connection on its way */
	struct parcel *next;
	int fd;
	uint32_t requests;
	uint64_t expires_ns, idle_until_ns;	/* 0: never */
	uint64_t mirror_key;		/* see mirror_register() */
	bool is_mirror;
};

struct taker {
	struct taker *next;		/* of the host */
	struct common_host *host;	/* NULL: takes no part */
	struct call call;
	unsigned waiting, coming;	/* requests, parcels */
	struct parcel *parcels;
};

/* With connections that were counted while t took no part. */
void taker_join(struct taker *t, struct common_cluster *c, struct common_host *h,
		struct call_desk *desk, unsigned connections);
/* Its connections are not the host's any more; returns the parcels that were
 * on their way. */
struct parcel *taker_leave(struct taker *t, struct common_cluster *c, unsigned connections);

/* One of its requests begins to wait, or ends to.  Returns whether the host
 * has other takers. */
bool taker_wait(struct taker *t, struct common_cluster *c, bool begins);
/* Does another one's request wait for which nothing is on its way? */
bool taker_is_needed(const struct taker *t);
/* Hands a copy of p to one whose requests wait; false: there is none. */
bool taker_hand(struct taker *t, struct common_cluster *c, const struct parcel *p);
/* All that have come; the caller frees each. */
struct parcel *taker_receive(struct taker *t, struct common_cluster *c);

/* Counts a connection, b being limited by c.  False: the limit is reached and
 * the host has another one, unless this one must be. */
bool taker_open(struct taker *t, struct common_cluster *c, struct breaker *b, bool must);
void taker_close(struct taker *t, struct common_cluster *c, struct breaker *b);

#endif
