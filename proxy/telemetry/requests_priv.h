/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How captured requests lie in memory: one behind the other in one block, each
 * a head with the lengths of its parts and the parts; a table tells where.
 * Between requests.c, which writes them, and requests_json.c, which reads them.
 */
#ifndef MESHTOP_PROXY_REQUESTS_PRIV_H
#define MESHTOP_PROXY_REQUESTS_PRIV_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/telemetry/origins.h"
#include "proxy/telemetry/requests.h"
#include "src/base/slice.h"
#include "src/model/response_flags.h"

#define ALIGNMENT 16u

/* Addresses: port (of the host's order) and the host's 4 or 16 bytes. */
struct packed_attempt {
	uint32_t flags, duration_us;
	uint16_t status;
	uint8_t address_bytes;		/* of it, which follow; 0: there is none */
	bool is_endpoint;		/* it is that of the entry, and does not follow */
};

enum request_part { PART_METHOD, PART_PATH, PART_QUERY, PART_HOST, PART_ID, PART_DETAILS, PART_COUNT };

enum request_fields { FIELDS_REQUEST, FIELDS_ANSWER, FIELDS_COUNT };

struct entry {
	int64_t time_ms;
	uint64_t duration_us;
	const struct origin *origin;
	const char *answer;		/* its lines, shared; NULL: they are here */
	response_flags flags;
	uint16_t status;
	uint16_t parts[PART_COUNT];	/* lengths */
	uint16_t fields[FIELDS_COUNT];	/* bytes of their lines (field_lines.h) */
	uint16_t omitted;		/* fields, of both */
	uint8_t attempts, endpoint_bytes;
	bool has_query;
	/* Then endpoint, attempts, parts, fields (the answer's: unless they are shared). */
};

struct place {
	uint32_t at, bytes;		/* both multiples of ALIGNMENT */
};

struct requests {
	/* Where the next one is made: what is in bytes is not touched again before
	 * somebody asks, and takes no room in the caches. */
	alignas(ALIGNMENT) char draft[REQUESTS_ENTRY_BYTES];
	char *bytes;			/* REQUESTS_MAX_BYTES, aligned; not all are touched */
	size_t size;			/* in use */
	size_t next;			/* where the next one goes */
	bool is_wrapped;		/* next is below the oldest */
	struct place *places;		/* REQUESTS_MAX, a ring */
	size_t oldest, count;		/* index in places; how many */
	struct origin_queue origins;
};

/* index: from the oldest, 0, to the newest, count - 1. */
static inline const struct place *
requests_place(const struct requests *r, size_t index)
{
	return &r->places[(r->oldest + index) % REQUESTS_MAX];
}

static inline const struct entry *
requests_entry(const struct requests *r, size_t index)
{
	return (const struct entry *)(const void *)(r->bytes + requests_place(r, index)->at);
}

#endif
