/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consistent hashing: equal keys go to equal endpoints, and few move when
 * endpoints come and go (spec/dataplane.md 4.1).  Hashes, rings and Maglev
 * tables are made as Envoy makes them, so that both choose alike; but weights
 * that differ very much (1 and 1000000) do not make a ring of more than 262144
 * points where minimumRingSize asks for fewer.
 */
#ifndef MESHTOP_PROXY_HASH_H
#define MESHTOP_PROXY_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct binding;
struct exchange;
struct hash_table;
struct http_head;

/* xxHash64 (Yann Collet's specification). */
uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);

/* What the request is to be hashed by, as the DestinationRule of ex->binding
 * says.  False: it has nothing of the kind.  May make a cookie. */
bool hash_of_exchange(struct exchange *ex, uint64_t *hash);
/* Of all lines of a field, in whatever order they stand: each hash is the seed
 * of the next value's.  False: there is none. */
bool hash_of_header(const struct http_head *h, const char *name, uint64_t *hash);
uint64_t hash_of_address(const struct address *a);	/* without its port */
/* Index of the endpoint; BALANCE_NONE when none is usable. */
size_t hash_pick(struct binding *b, uint64_t hash);
void hash_table_free(struct hash_table **tp);

#endif
