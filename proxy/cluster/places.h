/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Things that are at an address or behind a host's name, found by it: a few
 * stand in one chain, more of them by hash.  What is in it embeds a place; the
 * owner tells apart what has the same key, and has lists of its own.
 */
#ifndef MESHTOP_PROXY_PLACES_H
#define MESHTOP_PROXY_PLACES_H

#include <stddef.h>
#include <stdint.h>

struct address;

struct place {
	struct place *next;		/* in its chain */
	uint64_t key;
};

struct places {				/* zero: empty */
	struct place *first;		/* the only chain, until there are slots */
	struct place **slots;
	size_t slot_count, count;	/* slot_count: a power of two, or 0 */
};

/* Of a host's name and the address's port, or (name NULL) of the address. */
uint64_t place_key(const struct address *address, const char *name);
void places_add(struct places *p, struct place *place, uint64_t key);
void places_remove(struct places *p, struct place *place);
/* The first with the key; NULL: none.  The next: place_next(). */
struct place *places_find(const struct places *p, uint64_t key);
struct place *place_next(const struct place *place);
/* When everything has been removed. */
void places_fini(struct places *p);

#endif
