/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capturing requests into the ring; see requests.h. */
#include "proxy/telemetry/requests.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "proxy/telemetry/field_lines.h"
#include "proxy/telemetry/record.h"
#include "proxy/telemetry/requests_priv.h"
#include "src/base/xalloc.h"
#include "src/http/redact.h"

#define FIRST_BYTES (32u << 10)
#define SHARED_BYTES 512	/* longer ones are seldom alike */

/* --- the ring --- */

/* The texts stay for the requests that have them. */
void
requests_forget_mesh(struct requests *r)
{
	origin_queue_renew(&r->origins);
}

struct requests *
requests_new(void)
{
	struct requests *r = xaligned(ALIGNMENT, sizeof(*r));

	memset(r, 0, sizeof(*r));
	origin_queue_init(&r->origins);
	return r;
}

void
requests_free(struct requests **rp)
{
	struct requests *r = *rp;

	if (r == NULL)
		return;
	origin_queue_fini(&r->origins);
	free(r->places);
	free(r->bytes);
	free(r);
	*rp = NULL;
}

static void
drop_oldest(struct requests *r)
{
	uint32_t gone = requests_place(r, 0)->at;

	origin_queue_drop(&r->origins);
	r->oldest = (r->oldest + 1) % REQUESTS_MAX;
	r->count--;
	if (r->count == 0)
		r->next = 0;
	if (r->count == 0 || requests_place(r, 0)->at < gone)
		r->is_wrapped = false;
}

static void
begin(struct requests *r)
{
	r->bytes = xaligned(ALIGNMENT, REQUESTS_MAX_BYTES);
	r->places = xcalloc(REQUESTS_MAX, sizeof(*r->places));
	r->size = FIRST_BYTES;
}

/* To twice the size: what lies before the oldest moves behind all others. */
static void
grow(struct requests *r)
{
	uint32_t shift = (uint32_t)r->size, first = r->count > 0 ? requests_place(r, 0)->at : 0;

	r->size *= 2;
	if (!r->is_wrapped)
		return;
	memcpy(r->bytes + shift, r->bytes, r->next);
	for (size_t i = 0; i < r->count; i++) {
		struct place *p = &r->places[(r->oldest + i) % REQUESTS_MAX];

		if (p->at < first)
			p->at += shift;
	}
	r->next += shift;
	r->is_wrapped = false;
}

/* Is there room at next, if need be by going back to the start? */
static bool
find_room(struct requests *r, size_t need)
{
	if (r->is_wrapped)
		return requests_place(r, 0)->at - r->next >= need;
	if (r->size - r->next >= need)
		return true;
	if (r->count == 0 || requests_place(r, 0)->at < need)
		return false;
	r->next = 0;
	r->is_wrapped = true;
	return true;
}

static void
make_room(struct requests *r, size_t need)
{
	if (r->bytes == NULL)
		begin(r);
	if (r->count == REQUESTS_MAX)
		drop_oldest(r);
	while (!find_room(r, need)) {
		if (r->size < REQUESTS_MAX_BYTES)
			grow(r);
		else
			drop_oldest(r);
	}
}

/* Past the caches: nobody may read it for a long time, and it would push out
 * of them what every request needs.  In order behind the next release of a lock. */
static void
stream(char *to, const char *from, size_t bytes)
{
#ifdef __SSE2__
	for (size_t i = 0; i < bytes; i += sizeof(__m128i))
		_mm_stream_si128((__m128i *)(void *)(to + i),
				 _mm_load_si128((const __m128i *)(const void *)(from + i)));
#else
	memcpy(to, from, bytes);
#endif
}

/* The draft becomes the newest entry. */
static void
keep_draft(struct requests *r, size_t used)
{
	size_t bytes = (used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

	make_room(r, bytes);
	stream(r->bytes + r->next, r->draft, bytes);
	r->places[(r->oldest + r->count) % REQUESTS_MAX] =
		(struct place){ (uint32_t)r->next, (uint32_t)bytes };
	r->next += bytes;
	r->count++;
}

/* --- capturing --- */

static size_t
put_address(const struct address *a, char *out)
{
	const void *host = NULL;
	uint16_t port;
	size_t len = 0;

	if (a != NULL && a->sa.sa_family == AF_INET) {
		host = &a->in.sin_addr;
		len = sizeof(a->in.sin_addr);
	} else if (a != NULL && a->sa.sa_family == AF_INET6) {
		host = &a->in6.sin6_addr;
		len = sizeof(a->in6.sin6_addr);
	}
	if (host == NULL)
		return 0;
	port = address_port(a);
	memcpy(out, &port, sizeof(port));
	memcpy(out + sizeof(port), host, len);
	return sizeof(port) + len;
}

/* Most have one, of the endpoint that stands in front of them. */
static size_t
put_attempts(struct entry *e, const struct record *r, char *out)
{
	const char *endpoint = out - e->endpoint_bytes;
	size_t used = 0;

	for (unsigned i = 0; i < e->attempts; i++) {
		const struct record_attempt *a = &r->attempts[i];
		struct packed_attempt p = { .flags = a->flags, .duration_us = a->duration_us,
					    .status = (uint16_t)a->status };
		char *address = out + used + sizeof(p);
		size_t len = put_address(a->endpoint != NULL ? &a->endpoint->address : NULL, address);

		p.is_endpoint = len > 0 && len == e->endpoint_bytes &&
				memcmp(address, endpoint, len) == 0;
		p.address_bytes = (uint8_t)(p.is_endpoint ? 0 : len);
		memcpy(out + used, &p, sizeof(p));
		used += sizeof(p) + p.address_bytes;
	}
	return used;
}

static size_t
put_part(struct entry *e, enum request_part part, struct slice s, size_t max, char *out)
{
	size_t len = s.len < max ? s.len : max;

	if (len > 0)
		memcpy(out, s.ptr, len);
	e->parts[part] = (uint16_t)len;
	return len;
}

static size_t
put_query(struct entry *e, struct slice query, size_t max, char *out)
{
	/* One that is too long is not cut: half a name would hide a secret. */
	if (query.ptr == NULL)
		return 0;
	e->has_query = true;
	if (redact_query_room(query) > max)
		return put_part(e, PART_QUERY, SLICE("..."), max, out);
	e->parts[PART_QUERY] = (uint16_t)redact_query(query, out);
	return e->parts[PART_QUERY];
}

/* Those of the answer are shared where they are as the engine wrote them. */
static size_t
put_fields(struct requests *q, struct entry *e, const struct record *r, size_t room, char *out)
{
	unsigned omitted = 0;
	size_t used = 0, answer = r->answer_lines.len;

	if (r->head != NULL)
		used = field_lines_of_head(r->head, room, out, &omitted);
	e->fields[FIELDS_REQUEST] = (uint16_t)used;
	if (r->is_answer_open && answer > 0 && answer <= SHARED_BYTES) {
		e->answer = origin_queue_share(&q->origins, r->answer_lines);
	} else {
		answer = field_lines_of_text(r->answer_lines, r->is_answer_open, room - used,
					     out + used, &omitted);
		used += answer;
	}
	e->fields[FIELDS_ANSWER] = (uint16_t)answer;
	e->omitted = (uint16_t)omitted;
	return used;
}

/* The parts before the fields have maxima that leave room for these. */
static size_t
put_entry(struct requests *q, struct entry *e, const struct record *r)
{
	char *start = (char *)e, *out = start + sizeof(*e);
	const struct http_head *h = r->head;

	e->endpoint_bytes = (uint8_t)put_address(r->upstream, out);
	out += e->endpoint_bytes;
	out += put_attempts(e, r, out);
	out += put_part(e, PART_METHOD, h != NULL ? h->method : SLICE_NONE, 64, out);
	out += put_part(e, PART_PATH, r->path, 2048, out);
	out += put_query(e, h != NULL ? h->query : SLICE_NONE, 2048, out);
	out += put_part(e, PART_HOST, h != NULL ? h->authority : SLICE_NONE, 256, out);
	out += put_part(e, PART_ID, r->request_id, 128, out);
	out += put_part(e, PART_DETAILS, slice_of(r->details), 128, out);
	out += put_fields(q, e, r, REQUESTS_ENTRY_BYTES - (size_t)(out - start), out);
	return (size_t)(out - start);
}

void
requests_add(struct requests *q, const struct record *r)
{
	const struct origin_key key = origin_key_of(r);
	struct entry *e = (struct entry *)(void *)q->draft;
	size_t used;

	_Static_assert(sizeof(struct entry) + RECORD_MAX_ATTEMPTS * (sizeof(struct packed_attempt) + 18) + 18 +
		       64 + 2048 + 2048 + 256 + 128 + 128 < REQUESTS_ENTRY_BYTES, "room for fields");
	_Static_assert(REQUESTS_ENTRY_BYTES % ALIGNMENT == 0, "the last line is whole");
	if (r->side != SIDE_OUTBOUND || r->protocol == RECORD_TCP || r->is_mirrored)
		return;
	origin_queue_fetch(&q->origins, &key);
	memset(e, 0, sizeof(*e));
	e->flags = r->flags;
	e->time_ms = r->start_wall_ms;
	e->duration_us = r->end_ns > r->start_ns ? (r->end_ns - r->start_ns) / 1000 : 0;
	e->status = (uint16_t)r->status;
	e->attempts = (uint8_t)(r->attempt_count < RECORD_MAX_ATTEMPTS ? r->attempt_count
								       : RECORD_MAX_ATTEMPTS);
	e->origin = origin_queue_put(&q->origins, &key, r);
	used = put_entry(q, e, r);
	keep_draft(q, used);
}
