/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xxHash64, rings and Maglev tables; see hash.h. */
#include "proxy/cluster/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/cluster/balance.h"
#include "proxy/runtime.h"
#include "src/base/address.h"
#include "src/base/vec.h"
#include "src/mesh/spread.h"

#define RING_MAX (8u * 1024 * 1024)	/* Envoy's maximum_ring_size */
/* What weights alone may ask for: a ring is made within a request. */
#define RING_BY_WEIGHTS (256u * 1024)

/* --- xxHash64 --- */

#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u
#define P5 0x27d4eb2f165667c5u

static uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* Little endian, whatever the machine. */
static uint64_t
read_number(const unsigned char *p, int bytes)
{
	uint64_t n = 0;

	for (int i = bytes; i-- > 0; )
		n = n << 8 | p[i];
	return n;
}

static uint64_t
lane(uint64_t acc, uint64_t input)
{
	return rotate(acc + input * P2, 31) * P1;
}

static uint64_t
merge(uint64_t h, uint64_t acc)
{
	return (h ^ lane(0, acc)) * P1 + P4;
}

static uint64_t
hash_stripes(const unsigned char **at, const unsigned char *end, uint64_t seed)
{
	uint64_t acc[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 };
	uint64_t h;

	for (; end - *at >= 32; *at += 32)
		for (int i = 0; i < 4; i++)
			acc[i] = lane(acc[i], read_number(*at + 8 * i, 8));
	h = rotate(acc[0], 1) + rotate(acc[1], 7) + rotate(acc[2], 12) + rotate(acc[3], 18);
	for (int i = 0; i < 4; i++)
		h = merge(h, acc[i]);
	return h;
}

uint64_t
hash_bytes(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *at = data, *end = at + len;
	uint64_t h = len >= 32 ? hash_stripes(&at, end, seed) : seed + P5;

	h += len;
	for (; end - at >= 8; at += 8)
		h = rotate(h ^ lane(0, read_number(at, 8)), 27) * P1 + P4;
	if (end - at >= 4) {
		h = rotate(h ^ read_number(at, 4) * P1, 23) * P2 + P3;
		at += 4;
	}
	for (; at < end; at++)
		h = rotate(h ^ *at * P5, 11) * P1;
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

uint64_t
hash_of_address(const struct address *a)
{
	char text[ADDRESS_TEXT_BYTES];

	address_host_text(a, text);
	return hash_bytes(text, strlen(text), 0);
}

/* --- rings and Maglev tables --- */

struct point {
	uint64_t hash;
	uint32_t endpoint;
};

struct entry {
	uint32_t endpoint;
	double weight;
};

struct hash_table {
	uint32_t generation;		/* of the outlier state it was made for */
	bool is_maglev;
	size_t size;			/* 0: no endpoint is usable */
	struct point *ring;		/* by hash */
	uint32_t *slots;		/* of Maglev */
};

void
hash_table_free(struct hash_table **tp)
{
	if (*tp == NULL)
		return;
	free((*tp)->ring);
	free((*tp)->slots);
	free(*tp);
	*tp = NULL;
}

static int
compare_points(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* As many points as the least size asks for, or as give the lightest endpoint
 * one: that many but for the bound as in Envoy. */
static void
build_ring(struct hash_table *t, const struct mesh_cluster *c, const struct entry *usable, size_t n)
{
	uint32_t size = c->policy.hash.ring_size;
	uint32_t most = size < RING_BY_WEIGHTS ? RING_BY_WEIGHTS : size < RING_MAX ? size : RING_MAX;
	double total = 0, least = 0, scale, target = 0, done = 0;
	VEC(struct point) points = VEC_INIT;

	for (size_t i = 0; i < n; i++) {
		double w = usable[i].weight;

		total += w;
		least = i == 0 || w < least ? w : least;
	}
	least /= total;
	scale = (double)(uint64_t)(least * size);
	if (scale < least * size)
		scale++;
	scale /= least;
	if (scale > most)
		scale = most;
	for (size_t i = 0; i < n; i++) {
		char address[ADDRESS_TEXT_BYTES], key[ADDRESS_TEXT_BYTES + 24];

		address_text(&c->endpoints[usable[i].endpoint].address, address);
		target += scale * usable[i].weight / total;
		for (unsigned k = 0; done < target; k++, done++) {
			int len = snprintf(key, sizeof(key), "%s_%u", address, k);
			struct point p = { hash_bytes(key, (size_t)len, 0), usable[i].endpoint };

			vec_push(&points, p);
		}
	}
	t->ring = points.items;
	t->size = points.len;
	qsort(t->ring, t->size, sizeof(*t->ring), compare_points);
}

/* Every endpoint has its own order of slots; they take turns. */
static void
build_maglev(struct hash_table *t, const struct mesh_cluster *c, const struct entry *usable, size_t n)
{
	struct turn { uint64_t offset, skip, next; double target, weight; } *turns;
	size_t size = c->policy.hash.ring_size, filled = 0;
	double most = 0;

	t->slots = xcalloc(size, sizeof(*t->slots));
	memset(t->slots, 0xff, size * sizeof(*t->slots));
	t->size = size;
	turns = xcalloc(n, sizeof(*turns));
	for (size_t i = 0; i < n; i++) {
		char address[ADDRESS_TEXT_BYTES];

		address_text(&c->endpoints[usable[i].endpoint].address, address);
		turns[i].offset = hash_bytes(address, strlen(address), 0) % size;
		turns[i].skip = hash_bytes(address, strlen(address), 1) % (size - 1) + 1;
		turns[i].weight = usable[i].weight;
		most = turns[i].weight > most ? turns[i].weight : most;
	}
	for (double round = 1; filled < size; round++) {
		for (size_t i = 0; i < n && filled < size; i++) {
			uint64_t slot;

			if (round * turns[i].weight < turns[i].target)
				continue;
			turns[i].target += most;
			do
				slot = (turns[i].offset + turns[i].skip * turns[i].next++) % size;
			while (t->slots[slot] != UINT32_MAX);
			t->slots[slot] = usable[i].endpoint;
			filled++;
		}
	}
	free(turns);
}

struct entries {
	VEC(struct entry) items;
};

static void
add_entry(struct entries *e, const struct mesh_cluster *c, size_t endpoint, double factor)
{
	struct entry entry = { (uint32_t)endpoint, c->endpoints[endpoint].weight * factor };

	if (entry.weight > 0)
		vec_push(&e->items, entry);
}

/* The endpoints of a priority; a locality's weight is divided among its own. */
static void
add_level(struct entries *e, const struct binding *b, const struct level *level)
{
	const struct mesh_spread *s = b->levels->spread;

	for (size_t k = 0; k < level->group_count; k++) {
		const struct spread_group *g = &s->groups[level->first_group + k];
		double sum = 0;

		for (size_t i = 0; i < g->count; i++)
			sum += b->cluster->endpoints[s->members[g->first + i]].weight;
		for (size_t i = 0; sum > 0 && i < g->count; i++)
			if (level->is_panic || !balance_is_ejected(b, s->members[g->first + i]))
				add_entry(e, b->cluster, s->members[g->first + i],
					  s->is_weighted ? g->weight / sum : 1);
	}
}

static void
add_all(struct entries *e, const struct binding *b)
{
	bool takes_ejected = balance_takes_ejected(b);

	for (size_t i = 0; i < b->cluster->endpoint_count; i++)
		if (takes_ejected || !balance_is_ejected(b, i))
			add_entry(e, b->cluster, i, 1);
}

/* level NULL: of all endpoints. */
static struct hash_table *
build(const struct binding *b, const struct level *level, uint32_t generation)
{
	const struct mesh_cluster *c = b->cluster;
	struct hash_table *t = xcalloc(1, sizeof(*t));
	struct entries usable = { VEC_INIT };

	t->generation = generation;
	t->is_maglev = c->policy.hash.maglev && c->policy.hash.ring_size > 1;
	if (level != NULL)
		add_level(&usable, b, level);
	else
		add_all(&usable, b);
	if (usable.items.len > 0 && t->is_maglev)
		build_maglev(t, c, usable.items.items, usable.items.len);
	else if (usable.items.len > 0)
		build_ring(t, c, usable.items.items, usable.items.len);
	vec_fini(&usable.items);
	return t;
}

static size_t
look_up(const struct hash_table *t, uint64_t hash)
{
	size_t low = 0, high = t->size;

	if (t->size == 0)
		return BALANCE_NONE;
	if (t->is_maglev)
		return t->slots[hash % t->size];
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->ring[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return t->ring[low < t->size ? low : 0].endpoint;
}

size_t
hash_pick(struct binding *b, uint64_t hash)
{
	const struct common_cluster *c = b->state->common;
	uint32_t generation = c != NULL ? c->outlier.generation : 0;
	struct level *level = NULL;
	struct hash_table **t = &b->hash;

	if (b->levels != NULL) {
		levels_refresh(b->levels, b);
		level = levels_of_hash(b->levels, hash);
		t = &level->hash;
	}
	if (*t != NULL && (*t)->generation != generation)
		hash_table_free(t);
	if (*t == NULL)
		*t = build(b, level, generation);
	if (level != NULL ? level->is_panic : balance_takes_ejected(b))
		balance_note_panic(b);
	return look_up(*t, hash);
}
