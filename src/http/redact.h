/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which names hold secrets, in header fields and in queries (design.md 3):
 * authorization, proxy-authorization, cookie, set-cookie, x-api-key, and
 * those that contain token, secret or password.
 */
#ifndef MESHTOP_HTTP_REDACT_H
#define MESHTOP_HTTP_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"
#include "src/http/head.h"

#define REDACTED "[redacted]"

bool redact_is_secret_field(const struct http_field *f);
/* token, secret or password, in a lower-case name. */
bool redact_has_secret_part(struct slice name);
/* Any case; a name of a query is percent-decoded first. */
bool redact_is_secret_name(struct slice name);
/*
 * Copies a query with the values of secret names replaced.  out has room for
 * redact_query_room(query) bytes; returns those written.
 */
size_t redact_query_room(struct slice query);
size_t redact_query(struct slice query, char *out);
/* Calls back for each secret name of a query, undecoded. */
void redact_each_secret(struct slice query, void (*each)(void *arg, struct slice name),
			void *arg);

#endif
