/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ring of recent requests: what `request`, `explain`, forecasts and the
 * console's request lists read.  Redacted when captured (redact.h).
 *
 * Holds the last REQUESTS_MAX outbound HTTP exchanges or REQUESTS_MAX_BYTES,
 * in memory that grows with them.  Capturing copies and formats nothing; what
 * many requests share (who called what by which rule) is kept once.
 */
#ifndef MESHTOP_PROXY_REQUESTS_H
#define MESHTOP_PROXY_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#define REQUESTS_MAX 4000
#define REQUESTS_MAX_BYTES (4u << 20)
/* Header fields of one request that go beyond are left out, and counted. */
#define REQUESTS_ENTRY_BYTES 8192

struct buf;
struct record;
struct requests;

struct requests *requests_new(void);
void requests_free(struct requests **rp);
/* To be called when a configuration is taken over, as stats_use_mesh(). */
void requests_forget_mesh(struct requests *r);
void requests_add(struct requests *r, const struct record *record);
/*
 * JSON array, newest last: {time, source, method, path, query, host, id,
 * status, flags: [], details, service, rule: {kind, namespace, name, index,
 * match} or null, cluster, subset, endpoint, attempts: [{endpoint, status,
 * flags, ms}], duration_ms, headers: {NAME: VALUE} of the answer as the client
 * got it, request_headers: the same of the request, redacted: [NAME of a field
 * of the request, "?NAME" in the query], omitted: fields left out}.
 * id: only the one with that x-request-id; proxy: "WORKLOAD.NS" of the
 * caller; limit: the newest so many, 0: all.
 */
void requests_put_json(const struct requests *r, const char *id, const char *proxy,
		       size_t limit, struct buf *out);

#endif
