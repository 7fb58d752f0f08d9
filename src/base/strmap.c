/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing with linear probing, at most two thirds full.
 */
#include "src/base/strmap.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define HASH_FACTOR 0x9E3779B97F4A7C15ull

/* Eight bytes a step: multiply and fold. */
uint64_t
strmap_hash(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *p = data;
	uint64_t h = seed ^ (len * HASH_FACTOR);
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * HASH_FACTOR;
		h ^= h >> 32;
	}
	word = 0;
	if (len > 0)
		memcpy(&word, p, len);
	h = (h ^ word) * HASH_FACTOR;
	h ^= h >> 29;
	h *= 0xBF58476D1CE4E5B9ull;
	return h ^ (h >> 32);
}

static struct strmap_slot *
slot_of(const struct strmap *m, struct slice key, uint32_t hash)
{
	size_t at = hash & m->mask;

	for (;; at = (at + 1) & m->mask) {
		struct strmap_slot *s = &m->slots[at];

		if (s->key == NULL)
			return s;
		if (s->hash != hash || s->len != key.len)
			continue;
		__builtin_prefetch(s->value);	/* comes while keys are compared */
		if (memcmp(s->key, key.ptr, key.len) == 0)
			return s;
	}
}

static void
grow(struct strmap *m)
{
	size_t old_count = m->slots != NULL ? m->mask + 1 : 0;
	struct strmap_slot *old = m->slots;
	size_t size = old_count > 0 ? old_count * 2 : 16;

	m->slots = xcalloc(size, sizeof(*m->slots));
	m->mask = size - 1;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].key == NULL)
			continue;
		*slot_of(m, (struct slice){ old[i].key, old[i].len }, old[i].hash) = old[i];
	}
	free(old);
}

void
strmap_fini(struct strmap *m)
{
	free(m->slots);
	*m = (struct strmap)STRMAP_INIT;
}

void *
strmap_find(const struct strmap *m, struct slice key)
{
	if (m->count == 0 || key.ptr == NULL)
		return NULL;
	return slot_of(m, key, (uint32_t)strmap_hash(key.ptr, key.len, 0))->value;
}

void **
strmap_put(struct strmap *m, struct slice key)
{
	uint32_t hash = (uint32_t)strmap_hash(key.ptr, key.len, 0);
	struct strmap_slot *s;

	if (m->slots == NULL || (m->count + 1) * 3 > (m->mask + 1) * 2)
		grow(m);
	s = slot_of(m, key, hash);
	if (s->key == NULL) {
		*s = (struct strmap_slot){ key.ptr, (uint32_t)key.len, hash, NULL };
		m->count++;
	}
	return &s->value;
}
