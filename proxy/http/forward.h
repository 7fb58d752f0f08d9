/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages on their way through: heads with the fields that a sidecar adds
 * and removes (spec/dataplane.md 6.2), bodies re-framed.
 */
#ifndef MESHTOP_PROXY_FORWARD_H
#define MESHTOP_PROXY_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/http/body.h"
#include "src/http/head.h"
#include "src/http/write.h"

struct exchange;

/* Of OPTIONS and TRACE (RFC 9110, 7.6.2): how many proxies may still pass the
 * request on; false: it does not say. */
bool forward_hops_left(const struct http_head *h, uint64_t *hops);
/* The request's head for the present attempt. */
void forward_request_head(struct exchange *ex, struct http_pieces *p);

struct response_form {
	bool is_chunked;		/* the body goes out chunked */
	bool closes;			/* say so */
	bool keeps_http10;		/* a HTTP/1.0 client must be told */
	bool is_upgrade;		/* 101 */
};
/* head is changed: fields that the rule removes are marked as dropped. */
void forward_response_head(struct exchange *ex, struct http_pieces *p,
			   struct http_head *head, const struct response_form *form);
/* A 1xx head. */
void forward_interim_head(struct http_pieces *p, const struct http_head *head);

enum forward_result {
	FORWARD_MORE,			/* all of data used */
	FORWARD_DONE,			/* the body ends here */
	FORWARD_FULL,			/* send the pieces and call again */
	FORWARD_BAD,			/* framing error */
};
/* Adds pieces for the next bytes of a body; *payload counts up. */
enum forward_result forward_body(struct http_pieces *p, struct http_body *b, bool chunk,
				 const char *data, size_t len, size_t *used,
				 uint64_t *payload);
void forward_last_chunk(struct http_pieces *p);

#endif
