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

#include <stddef.h>
#include <stdint.h>

struct address;
struct binding;
struct hash_table;

/* xxHash64 (Yann Collet's specification). */
uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);

uint64_t hash_of_address(const struct address *a);	/* without its port */
/* Index of the endpoint; BALANCE_NONE when none is usable. */
size_t hash_pick(struct binding *b, uint64_t hash);
void hash_table_free(struct hash_table **tp);

#endif
