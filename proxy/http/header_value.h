/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of header operations: text with Envoy's command operators, as
 * %REQ(name)% (spec/dataplane.md 3.3).
 */
#ifndef MESHTOP_PROXY_HEADER_VALUE_H
#define MESHTOP_PROXY_HEADER_VALUE_H

struct buf;
struct exchange;
struct header_target;

/* Appends value with its operators replaced by what is known of ex, and of fields
 * as they stand in to.  What is absent is left out, as in Envoy; an operator that
 * is not known here becomes "-". */
void header_value_put(const struct exchange *ex, const char *value,
		      const struct header_target *to, struct buf *out);

#endif
