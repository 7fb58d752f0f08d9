/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread of the data path and everything that only it touches: loop,
 * random draws, the hot buffer, free lists, connections.
 */
#ifndef MESHTOP_PROXY_WORKER_H
#define MESHTOP_PROXY_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cluster/calls.h"
#include "proxy/cluster/commons.h"
#include "proxy/descriptors.h"
#include "proxy/outbox.h"
#include "proxy/slab.h"
#include "proxy/telemetry/sink.h"
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/base/rng.h"
#include "src/http/head.h"
#include "src/http/write.h"

struct acceptor;
struct conn;
struct downstream;
struct error;
struct listener_plan;
struct listener_socket;
struct mirror;
struct peer_lookup;
struct record;
struct relay;
struct resolver;
struct route_stats;
struct runtime;

/* All reading goes through one buffer that stays in the cache; behind it the
 * parser may look ahead. */
#define HOT_BYTES (64u * 1024)
#define HOT_PADDING 64
#define SCRATCH_BYTES (16u * 1024)

/* What is said now and then, not each time. */
enum worker_complaint {
	COMPLAINT_KEEPALIVE,
	COMPLAINT_DESCRIPTORS,
	WORKER_COMPLAINTS,
};

struct worker {
	struct loop *loop;
	struct rng rng;
	struct sink sink;
	struct route_stats *routes;
	struct runtime *runtime;	/* of the present configuration */
	struct peer_lookup *peers;
	struct commons *commons;	/* shared with the other workers of an engine */
	struct call_desk calls;		/* from those */
	struct resolver *resolver;	/* made on first use */

	/* scratch of the present call */
	char *hot;			/* HOT_BYTES + HOT_PADDING */
	char *scratch;			/* SCRATCH_BYTES, of pieces */
	struct http_head head;		/* the message being parsed */
	struct http_pieces pieces;
	struct record *record;
	int pipe[2];			/* see splice.h; -1: none */

	struct slab downstreams, upstreams, exchanges, relays, rules, mirrors;
	struct slab_set blocks;

	/* connections */
	struct downstream *first_downstream;
	struct relay *first_relay;
	struct mirror *first_mirror;
	struct acceptor *acceptors;
	unsigned downstream_count, relay_count, exchange_count;
	struct descriptors descriptors;
	unsigned acceptor_count;
	unsigned paused_uses;		/* bits of enum descriptor_use: accepting pauses */
	struct timer accept_timer;
	struct common_member member;	/* as others see this worker */
	uint64_t room_ns;		/* see room.h: not again before then */
	bool owes_room;			/* the next connection to spare ends, for another worker */
	bool is_draining, has_drained;
	void (*on_idle)(void *arg);	/* draining, and nothing is left */
	void *on_idle_arg;

	struct outbox outbox;
	struct conn *dead;
	struct conn *again, *again_last;	/* to be run once more, the oldest first */
	struct deferred end_of_turn;

	/* time */
	uint64_t wall_base_ns;		/* add the monotonic clock */
	uint64_t wall_until_ns;		/* read it anew then */
	uint64_t complain_ns[WORKER_COMPLAINTS];	/* not before then */
	int64_t date_s;			/* of the text below */
	char date[HTTP_DATE_BYTES];
};

struct worker *worker_new(const struct clock *clock, uint64_t seed, struct error *err);
void worker_free(struct worker **wp);
/* Before it serves: limits and outliers in common with another worker. */
void worker_join(struct worker *w, const struct worker *other);

/* Takes the configuration over; reads nothing of the old one afterwards
 * except where an exchange still holds it. */
void worker_configure(struct worker *w, struct runtime *rt);
/* Closes idle connections and counts down to on_idle. */
void worker_drain(struct worker *w, void (*on_idle)(void *arg), void *arg);
/* After loop_wake(): what other workers have called for. */
void worker_answer(struct worker *w);
/* To be called when an exchange has ended, and when a client's connection has. */
void worker_check_idle(struct worker *w);
void worker_check_room(struct worker *w);

/* For conn.c. */
void worker_bury(struct worker *w, struct conn *c);
void worker_again(struct worker *w, struct conn *c);
void worker_leave_unsent(struct worker *w, struct conn *c, const struct iovec *iov,
			 unsigned count, size_t bytes);

/* At most once a minute: is it to be said now?  Then it counts as said. */
bool worker_may_complain(struct worker *w, enum worker_complaint about);

/* Unix time of this turn. */
int64_t worker_wall_ms(struct worker *w);
const char *worker_date(struct worker *w);	/* for the Date field */

#endif
