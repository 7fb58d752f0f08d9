/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains, and slots of chains; see places.h. */
#include "proxy/cluster/places.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/strmap.h"
#include "src/base/xalloc.h"

#define CHAIN_MAX 16		/* as many are looked through */

uint64_t
place_key(const struct address *address, const char *name)
{
	uint64_t seed = address_port(address);

	if (name != NULL)
		return strmap_hash(name, strlen(name), seed);
	if (address->sa.sa_family == AF_INET6)
		return strmap_hash(&address->in6.sin6_addr, sizeof(address->in6.sin6_addr), seed);
	return address->sa.sa_family == AF_INET
	       ? strmap_hash(&address->in.sin_addr, sizeof(address->in.sin_addr), seed) : seed;
}

static struct place **
chain_of(struct places *p, uint64_t key)
{
	return p->slot_count > 0 ? &p->slots[key & (p->slot_count - 1)] : &p->first;
}

static void
move_chain(struct places *p, struct place *from)
{
	while (from != NULL) {
		struct place *next = from->next, **to = chain_of(p, from->key);

		from->next = *to;
		*to = from;
		from = next;
	}
}

static void
grow(struct places *p)
{
	struct place **old = p->slots, *first = p->first;
	size_t count = p->slot_count;

	p->slot_count = count > 0 ? count * 2 : CHAIN_MAX;
	p->slots = xcalloc(p->slot_count, sizeof(struct place *));
	p->first = NULL;
	move_chain(p, first);
	for (size_t i = 0; i < count; i++)
		move_chain(p, old[i]);
	free(old);
}

void
places_add(struct places *p, struct place *place, uint64_t key)
{
	struct place **to;

	if (p->count >= (p->slot_count > 0 ? p->slot_count : CHAIN_MAX))
		grow(p);
	to = chain_of(p, key);
	place->key = key;
	place->next = *to;
	*to = place;
	p->count++;
}

void
places_remove(struct places *p, struct place *place)
{
	struct place **at = chain_of(p, place->key);

	while (*at != place) {
		ASSERT(*at != NULL);
		at = &(*at)->next;
	}
	*at = place->next;
	p->count--;
}

/* The first from there on. */
static struct place *
with_key(struct place *place, uint64_t key)
{
	while (place != NULL && place->key != key)
		place = place->next;
	return place;
}

struct place *
places_find(const struct places *p, uint64_t key)
{
	return with_key(p->slot_count > 0 ? p->slots[key & (p->slot_count - 1)] : p->first, key);
}

struct place *
place_next(const struct place *place)
{
	return with_key(place->next, place->key);
}

void
places_fini(struct places *p)
{
	ASSERT(p->count == 0);
	free(p->slots);
	*p = (struct places){ .count = 0 };
}
