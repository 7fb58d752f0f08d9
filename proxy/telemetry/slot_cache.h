/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a worker counts: from what the labels of a record depend on to its
 * counters, so that labels are made once a combination and not once a request.
 *
 * Grows with the combinations that are seen and begins again at SLOT_CACHE_MAX,
 * so that clients which think up host names cannot fill the memory.
 */
#ifndef MESHTOP_PROXY_SLOT_CACHE_H
#define MESHTOP_PROXY_SLOT_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/slice.h"

#define SLOT_CACHE_MAX 16384u

/* Everything of a record that labels depend on, as long as meshes stay. */
struct slot_key {
	const void *self, *peer, *service;
	uint64_t what;
	struct slice host;	/* where it makes a label; len 0: it does not */
};

struct slot_cache {
	struct slot_entry *entries;
	size_t mask, count;	/* mask: entries - 1 */
};

void slot_cache_clear(struct slot_cache *c);
/* NULL when it was not put since the last slot_cache_clear(). */
void *slot_cache_find(const struct slot_cache *c, const struct slot_key *key);
/* Copies the key's host; only for one that slot_cache_find() does not know.
 * One whose host is longer than a DNS name is not kept. */
void slot_cache_put(struct slot_cache *c, const struct slot_key *key, void *slot);

#endif
