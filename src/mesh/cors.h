/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the CORS policy of a rule says of a request (spec/dataplane.md 3.8);
 * engine and explain ask the same.
 */
#ifndef MESHTOP_MESH_CORS_H
#define MESHTOP_MESH_CORS_H

#include <stdbool.h>

#include "src/base/slice.h"

struct http_head;
struct value;

/* Does the policy (corsPolicy of a rule) allow the origin? */
bool cors_allows(const struct value *policy, struct slice origin);
/* Is it a preflight that the proxy answers itself?  *is_allowed: its origin,
 * if it has one, is allowed. */
bool cors_answers(const struct value *policy, const struct http_head *h, bool *is_allowed);

#endif
