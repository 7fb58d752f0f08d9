/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header operations of rules and destinations (spec/dataplane.md 3.3).
 */
#ifndef MESHTOP_PROXY_HEADER_OPS_H
#define MESHTOP_PROXY_HEADER_OPS_H

#include <stdbool.h>

#include "src/base/slice.h"
#include "src/http/head.h"
#include "src/http/write.h"

struct buf;
struct exchange;
struct header_ops;

#define HEADER_ADDITIONS 64

/* Fields to be written behind those of the head. */
struct header_additions {
	struct {
		struct slice name, value;
	} fields[HEADER_ADDITIONS];
	unsigned count;
};

/* What operations work on: the head of a request or of a response. */
struct header_target {
	struct http_head *head;
	struct header_additions *more;
	struct http_pieces *pieces;
	bool is_response;
};

/*
 * Applies one list of operations as Envoy does: what it removes goes first, then
 * all values are found, then fields are overwritten, then others are added.
 * Removed and overwritten fields are marked as dropped in the head; what is set
 * and added stands in more.  Values with %OPERATORS% are expanded into the
 * pieces' scratch; an empty value changes nothing.  Too many additions set
 * is_overflow of the pieces.  Fields that frame a message or belong to a
 * connection are left alone.
 */
void header_ops_apply(const struct exchange *ex, const struct header_ops *ops,
		      const struct header_target *to);

/* The first line of a field, names in lower case; without ptr: there is none. */
struct slice header_target_find(const struct header_target *to, struct slice name);

/* What destination and rule make of the fields of an answer of our own: own and out are
 * "name: value\r\n" lines, names in lower case.  Uses the worker's pieces. */
void header_ops_put_response_lines(const struct exchange *ex, const char *own, struct buf *out);

#endif
