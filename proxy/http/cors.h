/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CORS policies of rules (spec/dataplane.md 3.8): preflights are answered
 * here, other requests of allowed origins get fields in their response.
 * Nothing is ever refused for its origin.
 */
#ifndef MESHTOP_PROXY_CORS_H
#define MESHTOP_PROXY_CORS_H

#include <stdbool.h>

#include "src/base/slice.h"

struct buf;
struct exchange;
struct http_head;
struct value;

/* True: it was a preflight, and has been answered. */
bool cors_begin(struct exchange *ex);
/* For a response of an exchange whose origin is allowed: the lines it gets.
 * What the upstream says of the same names is dropped from head (may be NULL). */
void cors_put_response(const struct exchange *ex, struct http_head *head, struct buf *lines);

#endif
