/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How captured requests lie in memory: one behind the other in one block, each
 * a head with the lengths of its parts and the parts.  Between requests.c,
 * which writes them, and requests_json.c, which reads them.
 */
#ifndef MESHTOP_PROXY_REQUESTS_PRIV_H
#define MESHTOP_PROXY_REQUESTS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/origins.h"
#include "proxy/requests.h"
#include "src/base/slice.h"
#include "src/model/response_flags.h"

#define ALIGNMENT 8u

struct packed_address {
	uint8_t host[16];
	uint16_t port;
	uint16_t family;		/* AF_UNSPEC: none */
};

struct packed_attempt {
	struct packed_address address;
	uint32_t flags, duration_us;
	uint16_t status;
};

enum request_part { PART_METHOD, PART_PATH, PART_QUERY, PART_HOST, PART_ID, PART_DETAILS, PART_COUNT };

enum request_fields { FIELDS_REQUEST, FIELDS_ANSWER, FIELDS_COUNT };

struct entry {
	uint32_t bytes;			/* of all, a multiple of ALIGNMENT */
	response_flags flags;
	struct origin_set *origins;	/* one reference */
	const struct origin *origin;
	int64_t time_ms;
	uint64_t duration_us;
	struct packed_address endpoint;
	uint16_t status;
	uint16_t parts[PART_COUNT];	/* lengths */
	uint16_t fields[FIELDS_COUNT];	/* bytes of their lines (field_lines.h) */
	uint16_t omitted;		/* fields, of both */
	uint8_t attempts;
	bool has_query;
	/* Then attempts, parts, fields. */
};

struct requests {
	char *bytes;
	size_t size;
	size_t first, next;		/* oldest entry; where the next one goes */
	size_t end;			/* of the upper part, when wrapped */
	bool is_wrapped;		/* entries are [first, end) and [0, next) */
	size_t count;
	struct origin_set *origins;	/* of the present mesh */
};

static inline struct entry *
requests_entry(const struct requests *r, size_t at)
{
	return (struct entry *)(void *)(r->bytes + at);
}

/* Behind the entry at at, over the end of the upper part. */
static inline size_t
requests_after(const struct requests *r, size_t at)
{
	size_t next = at + requests_entry(r, at)->bytes;

	return r->is_wrapped && next == r->end ? 0 : next;
}

#endif
