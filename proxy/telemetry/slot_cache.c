/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing, never more than half full; see slot_cache.h. */
#include "proxy/telemetry/slot_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/strmap.h"
#include "src/base/xalloc.h"

#define SIZE_FIRST 32u
#define HOST_MAX 255u

struct slot_entry {
	struct slot_key key;	/* owns host */
	void *slot;		/* NULL: free */
};

static uint64_t
hash_of(const struct slot_key *k)
{
	uint64_t h = (uintptr_t)k->self * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ (uintptr_t)k->peer) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 32 ^ (uintptr_t)k->service) * 0x94d049bb133111ebu;
	h = (h ^ h >> 32 ^ k->what) * 0x9e3779b97f4a7c15u;
	if (k->host.len > 0)
		h = strmap_hash(k->host.ptr, k->host.len, h);
	return h ^ h >> 32;
}

static bool
is_equal(const struct slot_key *a, const struct slot_key *b)
{
	return a->self == b->self && a->peer == b->peer && a->service == b->service &&
	       a->what == b->what && a->host.len == b->host.len &&
	       (a->host.len == 0 || memcmp(a->host.ptr, b->host.ptr, a->host.len) == 0);
}

/* The key's entry, or the free one where it belongs. */
static struct slot_entry *
place_of(const struct slot_cache *c, const struct slot_key *key)
{
	size_t at = hash_of(key) & c->mask;

	while (c->entries[at].slot != NULL && !is_equal(&c->entries[at].key, key))
		at = (at + 1) & c->mask;
	return &c->entries[at];
}

void
slot_cache_clear(struct slot_cache *c)
{
	for (size_t i = 0; c->entries != NULL && i <= c->mask; i++)
		free((void *)(uintptr_t)c->entries[i].key.host.ptr);
	free(c->entries);
	*c = (struct slot_cache){ 0 };
}

void *
slot_cache_find(const struct slot_cache *c, const struct slot_key *key)
{
	return c->entries != NULL ? place_of(c, key)->slot : NULL;
}

static void
grow(struct slot_cache *c)
{
	struct slot_cache old = *c;
	size_t size = old.entries != NULL ? (old.mask + 1) * 2 : SIZE_FIRST;

	c->entries = xcalloc(size, sizeof(*c->entries));
	c->mask = size - 1;
	for (size_t i = 0; old.entries != NULL && i <= old.mask; i++)
		if (old.entries[i].slot != NULL)
			*place_of(c, &old.entries[i].key) = old.entries[i];
	free(old.entries);
}

void
slot_cache_put(struct slot_cache *c, const struct slot_key *key, void *slot)
{
	struct slot_entry *e;

	if (key->host.len > HOST_MAX)
		return;
	if (c->count == SLOT_CACHE_MAX)
		slot_cache_clear(c);
	if (c->entries == NULL || c->count * 2 > c->mask)
		grow(c);
	e = place_of(c, key);
	e->key = *key;
	e->key.host = key->host.len > 0
		      ? (struct slice){ xstrndup(key->host.ptr, key->host.len), key->host.len }
		      : SLICE_NONE;
	e->slot = slot;
	c->count++;
}
