/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ring of recent requests: what `request`, `explain`, forecasts and the
 * console's request lists read.  Redacted when captured (design.md 3).
 *
 * Holds the last REQUESTS_MAX outbound HTTP exchanges or REQUESTS_MAX_BYTES.
 */
#ifndef MESHTOP_PROXY_REQUESTS_H
#define MESHTOP_PROXY_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#define REQUESTS_MAX 4000
#define REQUESTS_MAX_BYTES (4u << 20)

struct buf;
struct record;
struct requests;

struct requests *requests_new(void);
void requests_free(struct requests **rp);
void requests_add(struct requests *r, const struct record *record);
/* JSON array, newest last (fields: design.md 4, `request`, without body, plus
 * {time, source, method, path, host, request_headers, id}).  id: only the one
 * with that x-request-id; proxy: "WORKLOAD.NS" of the caller; limit 0: all. */
void requests_put_json(const struct requests *r, const char *id, const char *proxy,
		       size_t limit, struct buf *out);

#endif
