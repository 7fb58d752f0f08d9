/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header operations of rules and destinations (spec/dataplane.md 3.3).
 */
#ifndef MESHTOP_PROXY_HEADER_OPS_H
#define MESHTOP_PROXY_HEADER_OPS_H

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

/*
 * Applies ops in their order: what they remove or overwrite is marked as
 * dropped in head, what they add stands in more.  Values with %OPERATORS% are
 * expanded into the pieces' scratch.  Too many additions set is_overflow of p.
 * Fields that frame a message or belong to a connection are left alone.
 */
void header_ops_apply(const struct exchange *ex, struct http_head *head,
		      const struct header_ops *ops, struct http_pieces *p,
		      struct header_additions *more);

/* What destination and rule make of the fields of an answer of our own: own and out are
 * "name: value\r\n" lines, names in lower case.  Uses the worker's pieces. */
void header_ops_put_response_lines(const struct exchange *ex, const char *own, struct buf *out);

#endif
