/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mesh's address block and who has which address of it.
 *
 * An address is kept as its place in the half block of its sort, so that the
 * same names keep their places when another block has to be claimed.
 */
#include "src/mesh/addresses.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/base/strmap.h"

#define BLOCK_MIN 64u
#define BLOCK_MAX 255u
#define HALF_BITS 14			/* places of a half block: 64 x 256 */
#define HALF_PLACES (1u << HALF_BITS)
#define FULL_PLACES (HALF_PLACES / 4 * 3)

enum half { HALF_SERVICES, HALF_PODS, HALF_COUNT };

static const char *const half_keys[HALF_COUNT] = { "services", "pods" };

struct owner {
	char *name;
	uint32_t place;			/* 1 to HALF_PLACES - 1 */
	bool is_asked;			/* since addresses_begin() */
};

struct half_block {
	VEC(struct owner *) owners;
	struct strmap by_name;
	uint8_t used[HALF_PLACES / 8];
	uint32_t next;			/* where the search for a free place goes on */
};

struct addresses {
	unsigned block;
	bool is_read_only, is_changed;
	struct half_block halves[HALF_COUNT];
};

struct addresses *
addresses_new(unsigned block)
{
	struct addresses *a = xcalloc(1, sizeof(*a));

	ASSERT(block == 0 || (block >= BLOCK_MIN && block <= BLOCK_MAX));
	a->block = block;
	return a;
}

void
addresses_free(struct addresses **ap)
{
	struct addresses *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	for (size_t h = 0; h < HALF_COUNT; h++) {
		struct half_block *half = &a->halves[h];

		for (size_t i = 0; i < half->owners.len; i++) {
			free(half->owners.items[i]->name);
			free(half->owners.items[i]);
		}
		vec_fini(&half->owners);
		strmap_fini(&half->by_name);
	}
	free(a);
}

unsigned
addresses_block(const struct addresses *a)
{
	return a->block;
}

bool
addresses_changed(const struct addresses *a)
{
	return a->is_changed;
}

void
addresses_set_read_only(struct addresses *a, bool read_only)
{
	a->is_read_only = read_only;
}

bool
addresses_is_read_only(const struct addresses *a)
{
	return a->is_read_only;
}

static bool
place_is_used(const struct half_block *half, uint32_t place)
{
	return (half->used[place / 8] >> (place % 8) & 1) != 0;
}

static void
set_used(struct half_block *half, uint32_t place)
{
	half->used[place / 8] |= (uint8_t)(1u << (place % 8));
}

static struct owner *
add_owner(struct half_block *half, const char *name, uint32_t place)
{
	struct owner *o = xcalloc(1, sizeof(*o));

	o->name = xstrdup(name);
	o->place = place;
	set_used(half, place);
	vec_push(&half->owners, o);
	*strmap_put(&half->by_name, slice_of(o->name)) = o;
	return o;
}

/* 0 when the half block is full. */
static uint32_t
free_place(struct half_block *half)
{
	for (uint32_t tried = 0; tried < HALF_PLACES; tried++) {
		uint32_t place = half->next % HALF_PLACES;

		half->next = place + 1;
		if (place != 0 && !place_is_used(half, place))
			return place;
	}
	return 0;
}

static void
to_address(const struct addresses *a, enum half h, uint32_t place, struct address *out)
{
	uint32_t ip = 127u << 24 | a->block << 16 | (uint32_t)h << HALF_BITS | place;

	*out = (struct address){ .len = sizeof(out->in) };
	out->in.sin_family = AF_INET;
	out->in.sin_addr.s_addr = htonl(ip);
}

static bool
lookup(struct addresses *a, enum half h, const char *name, bool may_assign,
       struct address *out)
{
	struct half_block *half = &a->halves[h];
	struct owner *o = strmap_find(&half->by_name, slice_of(name));
	uint32_t place;

	if (a->block == 0)
		return false;
	if (o == NULL) {
		if (!may_assign || a->is_read_only || (place = free_place(half)) == 0)
			return false;
		o = add_owner(half, name, place);
		a->is_changed = true;
	}
	o->is_asked = true;
	to_address(a, h, o->place, out);
	return true;
}

bool
addresses_service(struct addresses *a, const char *name, bool may_assign,
		  struct address *out)
{
	return lookup(a, HALF_SERVICES, name, may_assign, out);
}

bool
addresses_pod(struct addresses *a, const char *name, bool may_assign, struct address *out)
{
	return lookup(a, HALF_PODS, name, may_assign, out);
}

void
addresses_reserve(struct addresses *a, const struct address *taken)
{
	uint32_t ip;
	size_t h;

	if (taken->sa.sa_family != AF_INET || a->block == 0)
		return;
	ip = ntohl(taken->in.sin_addr.s_addr);
	h = (ip & 0xFFFF) >> HALF_BITS;
	if (ip >> 16 == (127u << 8 | a->block) && h < HALF_COUNT)
		set_used(&a->halves[h], ip & (HALF_PLACES - 1));
}

void
addresses_begin(struct addresses *a)
{
	for (size_t h = 0; h < HALF_COUNT; h++)
		for (size_t i = 0; i < a->halves[h].owners.len; i++)
			a->halves[h].owners.items[i]->is_asked = false;
}

/* Frees the places of all names that were not asked for. */
static void
forget_unasked(struct half_block *half)
{
	size_t kept = 0;

	strmap_fini(&half->by_name);
	memset(half->used, 0, sizeof(half->used));
	for (size_t i = 0; i < half->owners.len; i++) {
		struct owner *o = half->owners.items[i];

		if (!o->is_asked) {
			free(o->name);
			free(o);
			continue;
		}
		half->owners.items[kept++] = o;
		set_used(half, o->place);
		*strmap_put(&half->by_name, slice_of(o->name)) = o;
	}
	half->owners.len = kept;
}

void
addresses_end(struct addresses *a)
{
	for (size_t h = 0; h < HALF_COUNT; h++) {
		struct half_block *half = &a->halves[h];
		size_t before = half->owners.len;

		if (a->is_read_only || before < FULL_PLACES)
			continue;
		forget_unasked(half);
		if (half->owners.len != before)
			a->is_changed = true;
	}
}

static void
put_half(const struct addresses *a, enum half h, struct json_writer *w)
{
	const struct half_block *half = &a->halves[h];
	char text[ADDRESS_TEXT_BYTES];
	struct address address;

	json_open(w, half_keys[h], '{');
	for (size_t i = 0; i < half->owners.len; i++) {
		to_address(a, h, half->owners.items[i]->place, &address);
		address_host_text(&address, text);
		json_string(w, half->owners.items[i]->name, text);
	}
	json_close(w, '}');
}

void
addresses_put_json(struct addresses *a, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_open(&w, NULL, '{');
	json_uint(&w, "block", a->block);
	for (size_t h = 0; h < HALF_COUNT; h++)
		put_half(a, h, &w);
	json_close(&w, '}');
	a->is_changed = false;
}

/* Place of 127.B.x.y in its half block; 0 when it is not of that half. */
static uint32_t
place_of(const char *text, enum half h, unsigned block)
{
	struct address address;
	uint32_t ip;

	if (text == NULL || address_parse_host(&address, text, 0, NULL) < 0 ||
	    address.sa.sa_family != AF_INET)
		return 0;
	ip = ntohl(address.in.sin_addr.s_addr);
	if (ip >> 16 != (127u << 8 | block) || (ip & 0xFFFF) >> HALF_BITS != (uint32_t)h)
		return 0;
	return ip & (HALF_PLACES - 1);
}

static int
parse_half(struct addresses *a, enum half h, const struct value *names, unsigned block,
	   struct error *err)
{
	struct half_block *half = &a->halves[h];

	if (names != NULL && !value_is_map(names))
		return error_setf(err, ERROR_SYNTAX, "%s is no object", half_keys[h]);
	VALUE_EACH(v, names) {
		uint32_t place = place_of(value_text(v), h, block);

		if (place == 0)
			return error_setf(err, ERROR_SYNTAX,
					  "%s: %.80s has no address of block 127.%u",
					  half_keys[h], v->key, block);
		if (place_is_used(half, place) ||
		    strmap_find(&half->by_name, slice_of(v->key)) != NULL)
			return error_setf(err, ERROR_SYNTAX, "%s: %.80s: address given twice",
					  half_keys[h], v->key);
		add_owner(half, v->key, place);
	}
	return 0;
}

int
addresses_parse(struct addresses *a, const char *json, size_t len, struct error *err)
{
	struct arena *arena = arena_new();
	const struct value *root = json_parse(arena, json, len, err);
	int64_t block = 0;
	int rc = -1;

	if (root == NULL)
		goto out;
	if (!value_to_int(value_get(root, "block"), &block) || block < BLOCK_MIN ||
	    block > BLOCK_MAX) {
		error_setf(err, ERROR_SYNTAX, "block is not a number from %u to %u",
			   BLOCK_MIN, BLOCK_MAX);
		goto out;
	}
	for (size_t h = 0; h < HALF_COUNT; h++)
		if (parse_half(a, h, value_get(root, half_keys[h]), (unsigned)block, err) < 0)
			goto out;
	a->is_changed = a->block != 0 && a->block != (unsigned)block;
	if (a->block == 0)
		a->block = (unsigned)block;
	rc = 0;
out:
	arena_free(&arena);
	return rc;
}
