/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What workers have in common: of each caller and cluster with limits or
 * outlier detection, what is in use and which endpoints are ejected.
 *
 * Counts and flags are atomics, read without a lock; outlier detection is
 * written under the cluster's own lock.  Everything else of a worker is its
 * own.
 */
#ifndef MESHTOP_PROXY_COMMONS_H
#define MESHTOP_PROXY_COMMONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "proxy/cluster/breaker.h"
#include "proxy/cluster/budget.h"
#include "proxy/cluster/calls.h"
#include "proxy/cluster/outlier.h"
#include "proxy/cluster/places.h"
#include "src/base/address.h"

struct arrivals;
struct commons;			/* opaque; counted */
struct taker;

struct common_host {
	struct common_host *next, **prev;
	struct place place;
	struct address address;
	char *name;			/* to be resolved; NULL */
	unsigned refs;			/* endpoints of workers that a configuration names */
	unsigned connections;		/* of pools, where they are limited; see handover.h */
	atomic_uint waiting, coming;	/* requests for one, those on their way */
	struct taker *takers;
	struct outlier_host outlier;
};

struct common_cluster {
	struct common_cluster *next;
	struct commons *commons;
	uint64_t key;			/* see cluster_state.key */
	unsigned refs;			/* states of workers */
	atomic_uint used[BREAKER_KINDS];
	pthread_mutex_t lock;		/* of the rest */
	struct outlier outlier;
	struct common_host *hosts;
	struct places places;		/* of them */
	struct budget budget;		/* of retries */
	uint64_t swept_ns;		/* the sweep that was made last */
};

/* Counted: new and get give a reference, put takes it back. */
struct commons *commons_new(void);
struct commons *commons_get(struct commons *c);
void commons_put(struct commons **cp);
struct arrivals *commons_arrivals(struct commons *c);	/* borrowed */

/* What all workers may be called for. */
enum common_call {
	COMMON_WANTS_ROOM,	/* descriptors have run out (see room.h) */
	COMMON_HAS_ROOM,	/* some have been given up */
	COMMON_CALLS,
};

struct common_member {		/* a worker */
	struct common_member *next, **prev;	/* prev NULL: has not joined */
	struct call calls[COMMON_CALLS];
};

void commons_join(struct commons *c, struct common_member *m);
/* Nobody calls it afterwards. */
void commons_leave(struct commons *c, struct common_member *m);
/* Calls all members but this one. */
void commons_call_others(struct commons *c, const struct common_member *m,
			 enum common_call what);

/* Descriptors are short, in whatever worker; and for a second they count as so. */
void commons_note_shortage(struct commons *c, uint64_t now_ns);
bool commons_is_short(const struct commons *c, uint64_t now_ns);

/* A reference to the same for equal keys, from whatever worker. */
struct common_cluster *commons_cluster(struct commons *c, uint64_t key,
				       const struct cluster_policy *policy, uint64_t now_ns);
void common_cluster_put(struct common_cluster **cp);

/* A reference to the same for equal addresses, or equal names that are resolved. */
struct common_host *common_host_get(struct common_cluster *c, const struct address *address,
				    const char *name);
void common_host_put(struct common_cluster *c, struct common_host **hp);

/* outlier_note() under the lock. */
bool common_cluster_note(struct common_cluster *c, struct common_host *h,
			 enum outlier_event event, unsigned status, uint64_t now_ns);
/* The sweep that is due now, once for all workers.  True: there will be more. */
bool common_cluster_sweep(struct common_cluster *c, uint64_t now_ns);

/* Connections that carry copies, by their own address and port in one number
 * (0: none). */
void commons_add_port(struct commons *c, uint64_t key);
void commons_remove_port(struct commons *c, uint64_t key);
bool commons_has_port(struct commons *c, uint64_t key);

#endif
