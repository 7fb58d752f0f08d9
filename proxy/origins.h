/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What captured requests of one caller by one rule to one cluster share: its
 * text, made once.  Sets are counted: one goes when the ring adds no more to
 * it and its last request has gone, so that the ring need not touch an origin
 * to let go of it.
 */
#ifndef MESHTOP_PROXY_ORIGINS_H
#define MESHTOP_PROXY_ORIGINS_H

#include <stddef.h>

#include "src/base/slice.h"

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
	size_t refs;
	struct arena *arena;
	struct origin_slot *slots;	/* open addressing by key; at most half full */
	size_t slot_count, count;
};

struct origin_set *origin_set_new(void);	/* one reference */
void origin_set_free(struct origin_set *o);

static inline void
origin_set_unref(struct origin_set *o)
{
	if (--o->refs == 0)
		origin_set_free(o);
}

struct origin_key origin_key_of(const struct record *r);
/* It is going to be asked for: so that it has come from memory by then. */
void origin_set_fetch(const struct origin_set *o, const struct origin_key *key);
/* The origin of r, whose key this is.  A set that is full is left for a new one. */
const struct origin *origin_set_find(struct origin_set **set, const struct origin_key *key,
				     const struct record *r);

#endif
