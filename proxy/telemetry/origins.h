/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What captured requests share, kept once: the text of their caller, rule and
 * cluster, and answers' fields, which differ by little.  They are counted in
 * sets, so that neither they nor the requests need be touched when a request
 * goes.
 */
#ifndef MESHTOP_PROXY_ORIGINS_H
#define MESHTOP_PROXY_ORIGINS_H

#include <stddef.h>

#include "src/base/slice.h"
#include "src/base/strmap.h"

struct arena;
struct record;

struct origin {
	const char *source;		/* "WORKLOAD.NS" */
	struct slice members;		/* "service":...,"rule":...,"cluster":...,"subset":... */
};

struct origin_key {
	const void *self, *service, *cluster, *rule;
	int match;
};

struct origin_slot {
	struct origin_key key;
	const struct origin *origin;	/* NULL: empty */
};

/* The origins of one mesh. */
struct origin_set {
	struct origin_set *next;	/* the newer one */
	size_t entries;			/* requests that have an origin of it */
	struct arena *arena;
	struct origin_slot *slots;	/* open addressing by key; at most half full */
	size_t slot_count, count;
	struct strmap texts;		/* shared ones, each its own key */
	struct slice last_text;		/* the one asked for last: most answers are alike */
	size_t text_bytes;
};

/* Requests come and go in one order, and so do the sets of their origins. */
struct origin_queue {
	struct origin_set *oldest, *newest;	/* the newest is the one that grows */
};

void origin_queue_init(struct origin_queue *q);
void origin_queue_fini(struct origin_queue *q);
/* What r's pointers mean may change from now on. */
void origin_queue_renew(struct origin_queue *q);

struct origin_key origin_key_of(const struct record *r);
/* It is going to be asked for: so that it has come from memory by then. */
void origin_queue_fetch(const struct origin_queue *q, const struct origin_key *key);
/* The origin of r, whose key this is; valid until as many requests are dropped
 * as have been put before, and this one. */
const struct origin *origin_queue_put(struct origin_queue *q, const struct origin_key *key,
				      const struct record *r);
/* A copy of text that all requests put from now on may share, for as long as
 * the one put last is there. */
const char *origin_queue_share(struct origin_queue *q, struct slice text);
void origin_queue_free_oldest(struct origin_queue *q);

/* The oldest request goes. */
static inline void
origin_queue_drop(struct origin_queue *q)
{
	if (--q->oldest->entries == 0)
		origin_queue_free_oldest(q);
}

#endif
