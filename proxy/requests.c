/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capturing requests into the ring; see requests.h. */
#include "proxy/requests.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/field_lines.h"
#include "proxy/record.h"
#include "src/http/redact.h"
#include "proxy/requests_priv.h"
#include "src/base/xalloc.h"

#define FIRST_BYTES (32u << 10)
#define FETCHED_BYTES 640	/* a usual entry */

/* --- the ring --- */

/* The texts stay for the requests that have them. */
void
requests_forget_mesh(struct requests *r)
{
	origin_set_unref(r->origins);
	r->origins = origin_set_new();
}

struct requests *
requests_new(void)
{
	struct requests *r = xcalloc(1, sizeof(*r));

	r->origins = origin_set_new();
	return r;
}

static void
drop_oldest(struct requests *r)
{
	size_t next = requests_after(r, r->first);

	origin_set_unref(requests_entry(r, r->first)->origins);
	if (next < r->first)
		r->is_wrapped = false;
	r->first = next;
	if (--r->count == 0) {
		r->first = r->next = 0;
		r->is_wrapped = false;
	}
}

void
requests_free(struct requests **rp)
{
	struct requests *r = *rp;

	if (r == NULL)
		return;
	while (r->count > 0)
		drop_oldest(r);
	origin_set_unref(r->origins);
	free(r->bytes);
	free(r);
	*rp = NULL;
}

static void
grow(struct requests *r)
{
	size_t size = r->size > 0 ? r->size * 2 : FIRST_BYTES, len = 0;
	char *bytes = xmalloc(size);

	if (r->is_wrapped) {
		len = r->end - r->first;
		memcpy(bytes, r->bytes + r->first, len);
		memcpy(bytes + len, r->bytes, r->next);
		len += r->next;
	} else if (r->count > 0) {
		len = r->next - r->first;
		memcpy(bytes, r->bytes + r->first, len);
	}
	free(r->bytes);
	r->bytes = bytes;
	r->size = size;
	r->first = 0;
	r->next = len;
	r->is_wrapped = false;
}

/* Is there room at next, if need be by going back to the start? */
static bool
find_room(struct requests *r, size_t need)
{
	if (r->is_wrapped)
		return r->first - r->next >= need;
	if (r->size - r->next >= need)
		return true;
	if (r->count == 0 || r->first < need)
		return false;
	r->end = r->next;
	r->next = 0;
	r->is_wrapped = true;
	return true;
}

static char *
make_room(struct requests *r, size_t need)
{
	if (r->count == REQUESTS_MAX)
		drop_oldest(r);
	while (!find_room(r, need)) {
		if (r->size < REQUESTS_MAX_BYTES)
			grow(r);
		else
			drop_oldest(r);
	}
	return r->bytes + r->next;
}

/* --- capturing --- */

static void
pack_address(struct packed_address *p, const struct address *a)
{
	memset(p, 0, sizeof(*p));
	if (a == NULL)
		return;
	if (a->sa.sa_family == AF_INET)
		memcpy(p->host, &a->in.sin_addr, sizeof(a->in.sin_addr));
	else if (a->sa.sa_family == AF_INET6)
		memcpy(p->host, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	else
		return;
	p->family = a->sa.sa_family;
	p->port = address_port(a);
}

static size_t
put_attempts(struct entry *e, const struct record *r, char *out)
{
	for (unsigned i = 0; i < e->attempts; i++) {
		const struct record_attempt *a = &r->attempts[i];
		struct packed_attempt p = { .flags = a->flags, .duration_us = a->duration_us,
					    .status = (uint16_t)a->status };

		pack_address(&p.address, a->endpoint != NULL ? &a->endpoint->address : NULL);
		memcpy(out + i * sizeof(p), &p, sizeof(p));
	}
	return e->attempts * sizeof(struct packed_attempt);
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

static size_t
put_fields(struct entry *e, const struct record *r, size_t room, char *out)
{
	unsigned omitted = 0;
	size_t used = 0, answer;

	if (r->head != NULL)
		used = field_lines_of_head(r->head, room, out, &omitted);
	answer = field_lines_of_text(r->answer_lines, r->is_answer_open, room - used, out + used,
				     &omitted);
	e->fields[FIELDS_REQUEST] = (uint16_t)used;
	e->fields[FIELDS_ANSWER] = (uint16_t)answer;
	e->omitted = (uint16_t)omitted;
	return used + answer;
}

/* room: entry_bound(), which the parts before the fields leave room in. */
static size_t
put_entry(struct entry *e, const struct record *r, size_t room)
{
	char *start = (char *)e, *out = start + sizeof(*e);
	const struct http_head *h = r->head;

	out += put_attempts(e, r, out);
	out += put_part(e, PART_METHOD, h != NULL ? h->method : SLICE_NONE, 64, out);
	out += put_part(e, PART_PATH, r->path, 2048, out);
	out += put_query(e, h != NULL ? h->query : SLICE_NONE, 2048, out);
	out += put_part(e, PART_HOST, r->authority, 256, out);
	out += put_part(e, PART_ID, r->request_id, 128, out);
	out += put_part(e, PART_DETAILS, slice_of(r->details), 128, out);
	out += put_fields(e, r, room - (size_t)(out - start), out);
	return (size_t)(out - start);
}

/* What an entry may take, so that it can be written where it will stay. */
static size_t
entry_bound(const struct record *r)
{
	size_t need = sizeof(struct entry) + r->attempt_count * sizeof(struct packed_attempt) +
		      r->path.len + r->authority.len + r->request_id.len + 128;

	if (r->details != NULL)
		need += strlen(r->details);
	if (r->head != NULL) {
		need += r->head->method.len + redact_query_room(r->head->query) + 3;
		need += field_lines_head_bound(r->head);
	}
	need += field_lines_text_bound(r->answer_lines, r->is_answer_open);
	return need < REQUESTS_ENTRY_BYTES ? need : REQUESTS_ENTRY_BYTES;
}

/* The ring is larger than the cache; until the next request its place can be
 * fetched, and the head of the entry that will have to go for it. */
static void
fetch_next(const struct requests *q)
{
	__builtin_prefetch(q->bytes + q->first);
	for (size_t at = q->next; at < q->next + FETCHED_BYTES && at < q->size; at += 64)
		__builtin_prefetch(q->bytes + at, 1);
}

void
requests_add(struct requests *q, const struct record *r)
{
	const struct origin_key key = origin_key_of(r);
	size_t room, used;
	struct entry *e;

	_Static_assert(sizeof(struct entry) % ALIGNMENT == 0, "entries stay aligned");
	_Static_assert(sizeof(struct entry) + RECORD_MAX_ATTEMPTS * sizeof(struct packed_attempt) +
		       64 + 2048 + 2048 + 256 + 128 + 128 < REQUESTS_ENTRY_BYTES, "room for fields");
	if (r->side != SIDE_OUTBOUND || r->protocol == RECORD_TCP || r->is_mirrored)
		return;
	/* Looked at last, so that it has come by then. */
	origin_set_fetch(q->origins, &key);
	room = (entry_bound(r) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	e = (struct entry *)(void *)make_room(q, room);
	memset(e, 0, sizeof(*e));
	e->flags = r->flags;
	e->time_ms = r->start_wall_ms;
	e->duration_us = r->end_ns > r->start_ns ? (r->end_ns - r->start_ns) / 1000 : 0;
	e->status = (uint16_t)r->status;
	e->attempts = (uint8_t)(r->attempt_count < RECORD_MAX_ATTEMPTS ? r->attempt_count
								       : RECORD_MAX_ATTEMPTS);
	pack_address(&e->endpoint, r->upstream);
	used = put_entry(e, r, room);
	e->origin = origin_set_find(&q->origins, &key, r);
	e->origins = q->origins;
	e->origins->refs++;
	e->bytes = (uint32_t)((used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
	q->next += e->bytes;
	q->count++;
	fetch_next(q);
}
