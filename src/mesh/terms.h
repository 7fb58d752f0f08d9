/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terms of a request: how long it may take and what is repeated, as its
 * rule says and as it asks for itself.  An application may ask its own proxy
 * in fields named x-envoy-* (Envoy's router filter reads them), a call of gRPC
 * in grpc-timeout; a gateway's clients are not listened to
 * (spec/dataplane.md 3.5, 3.6, 6.2).  Pure; engine and explain both ask here.
 */
#ifndef MESHTOP_MESH_TERMS_H
#define MESHTOP_MESH_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/slice.h"
#include "src/http/head.h"
#include "src/mesh/route.h"

struct buf;

struct route_terms {
	uint64_t timeout_ns;		/* 0: none */
	uint64_t per_try_timeout_ns;	/* 0: none */
	bool answers_204;		/* where a timeout is told with 504 */
	bool asks_retries;		/* retries are not the rule's alone */
	struct route_retries retries;
};

/* Does it ask its proxy, in fields for Envoy's router? */
static inline bool
route_asks_router(const struct http_head *h)
{
	return (h->first[FIELD_X_ENVOY_RETRY_ON] |
		h->first[FIELD_X_ENVOY_MAX_RETRIES] | h->first[FIELD_X_ENVOY_RETRY_GRPC_ON] |
		h->first[FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS] |
		h->first[FIELD_X_ENVOY_RETRIABLE_STATUS_CODES] |
		h->first[FIELD_X_ENVOY_RETRIABLE_HEADER_NAMES] |
		h->first[FIELD_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS] |
		h->first[FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE]) != 0;
}

/* May it have terms of its own? */
static inline bool
route_asks_terms(const struct http_head *h)
{
	return h->first[FIELD_GRPC_TIMEOUT] != 0 || route_asks_router(h);
}

/* The terms refer to h.  is_believed: the client is the proxy's own
 * application. */
void route_terms_of(const struct http_rule *rule, const struct http_head *h, bool is_believed,
		    struct route_terms *out);

/* The conditions RETRY_* in Istio's words, with the codes that the rule lists. */
void route_retry_on_text(const struct route_retries *r, struct buf *out);

/* Is it a call of gRPC? */
bool http_head_is_grpc(const struct http_head *h);

/* The words of a list that stands in fields of one id, one after another,
 * without blanks and empty ones; none of a head that is NULL. */
struct field_words {
	const struct http_head *head;
	enum http_field_id id;
	unsigned next_field;
	struct slice rest;
};
struct field_words field_words_of(const struct http_head *h, enum http_field_id id);
bool field_words_next(struct field_words *w, struct slice *word);
/* A word of digits alone, at most nine of them. */
bool field_word_number(struct slice word, uint64_t *n);

#endif
