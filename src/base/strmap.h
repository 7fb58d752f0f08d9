/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Byte strings to pointers: for lookups that are built once and read often.
 * Keys are borrowed and must outlive the map.  Reading is safe from several
 * threads.
 */
#ifndef MESHTOP_BASE_STRMAP_H
#define MESHTOP_BASE_STRMAP_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/slice.h"

struct strmap_slot {
	const char *key;	/* NULL: free */
	uint32_t len, hash;
	void *value;
};

struct strmap {
	struct strmap_slot *slots;
	size_t mask;		/* slots - 1; 0 while empty */
	size_t count;
};

#define STRMAP_INIT { NULL, 0, 0 }

void strmap_fini(struct strmap *m);
void *strmap_find(const struct strmap *m, struct slice key);
/* Place of the key's value, made as NULL when the key is new.  Valid until
 * the next strmap_put(). */
void **strmap_put(struct strmap *m, struct slice key);
/* Mixes len bytes; also used to name settings (mesh.h: identity). */
uint64_t strmap_hash(const void *data, size_t len, uint64_t seed);

#endif
