/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a request is hashed where a DestinationRule wants equal ones to go to
 * equal endpoints (proxy/cluster/hash.h).
 */
#ifndef MESHTOP_PROXY_HASH_KEY_H
#define MESHTOP_PROXY_HASH_KEY_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;
struct http_head;

/* What the request is to be hashed by, as the DestinationRule of ex->binding
 * says.  False: it has nothing of the kind.  May make a cookie. */
bool hash_of_exchange(struct exchange *ex, uint64_t *hash);
/* Of all lines of a field, in whatever order they stand: each hash is the seed
 * of the next value's.  False: there is none. */
bool hash_of_header(const struct http_head *h, const char *name, uint64_t *hash);

#endif
