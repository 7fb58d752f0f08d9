/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capturing requests into the ring; see requests.h. */
#include "proxy/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/record.h"
#include "src/http/redact.h"
#include "proxy/requests_priv.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/xalloc.h"

#define FIRST_BYTES (32u << 10)
#define FIRST_ORIGIN_SLOTS 64
#define FETCHED_BYTES 640	/* a usual entry */
#define MAX_ORIGINS REQUESTS_MAX	/* remembered; then all are forgotten */

/* --- origins --- */

static struct origin_set *
origin_set_new(void)
{
	struct origin_set *o = xcalloc(1, sizeof(*o));

	o->refs = 1;
	o->arena = arena_new();
	o->slot_count = FIRST_ORIGIN_SLOTS;
	o->slots = xcalloc(o->slot_count, sizeof(*o->slots));
	return o;
}

static void
origin_set_unref(struct origin_set *o)
{
	if (--o->refs > 0)
		return;
	arena_free(&o->arena);
	free(o->slots);
	free(o);
}

static void
put_rule(struct json_writer *w, const struct http_rule *rule, int match)
{
	struct buf text = BUF_INIT;

	if (rule == NULL || rule->object == NULL) {
		json_null(w, "rule");
		return;
	}
	http_match_text(rule, match, &text);
	json_open(w, "rule", '{');
	json_string(w, "kind", rule->object->kind_name);
	json_string(w, "namespace", rule->object->ns);
	json_string(w, "name", rule->object->name);
	json_uint(w, "index", rule->index);
	json_string(w, "match", text.len > 0 ? buf_str(&text) : NULL);
	json_close(w, '}');
	buf_fini(&text);
}

static const struct origin *
origin_new(struct arena *a, const struct record *r)
{
	struct origin *o = arena_alloc(a, sizeof(*o));
	const struct mesh_service *s = r->service;
	struct buf members = BUF_INIT;
	struct json_writer w;

	o->source = arena_printf(a, "%s.%s", r->self->name, r->self->ns);
	json_begin(&w, &members, false);
	json_string(&w, "service", s != NULL ? arena_printf(a, "%s.%s", s->name, s->ns) : NULL);
	buf_putc(&members, ',');
	put_rule(&w, r->rule, r->match);
	buf_putc(&members, ',');
	json_string(&w, "cluster", r->cluster != NULL ? r->cluster->name : NULL);
	buf_putc(&members, ',');
	json_string(&w, "subset", r->cluster != NULL && r->cluster->subset != NULL &&
		    r->cluster->subset[0] != '\0' ? r->cluster->subset : NULL);
	o->members = (struct slice){ arena_strndup(a, members.data, members.len), members.len };
	buf_fini(&members);
	return o;
}

static bool
is_key(const struct origin_key *a, const struct origin_key *b)
{
	return a->self == b->self && a->service == b->service && a->cluster == b->cluster &&
	       a->rule == b->rule && a->match == b->match;
}

/* Where it is looked for first. */
static size_t
origin_place(const struct origin_set *o, const struct origin_key *k)
{
	uint64_t h = (uintptr_t)k->rule * 0x9e3779b97f4a7c15u;

	h = (h ^ (uintptr_t)k->cluster) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (uintptr_t)k->service) * 0x94d049bb133111ebu;
	h = (h ^ (uintptr_t)k->self ^ (unsigned)k->match) * 0x9e3779b97f4a7c15u;
	return h >> 32 & (o->slot_count - 1);
}

/* Where it is, or would be. */
static struct origin_slot *
find_origin(const struct origin_set *o, const struct origin_key *k)
{
	size_t i = origin_place(o, k);

	while (o->slots[i].origin != NULL && !is_key(&o->slots[i].key, k))
		i = (i + 1) & (o->slot_count - 1);
	return &o->slots[i];
}

static void
grow_slots(struct origin_set *o)
{
	struct origin_slot *old = o->slots;
	size_t count = o->slot_count;

	o->slot_count *= 2;
	o->slots = xcalloc(o->slot_count, sizeof(*o->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i].origin != NULL)
			*find_origin(o, &old[i].key) = old[i];
	free(old);
}

static const struct origin *
add_origin(struct requests *q, const struct origin_key *key, const struct record *r)
{
	struct origin_slot *slot;

	if (q->origins->count == MAX_ORIGINS)
		requests_forget_mesh(q);
	if ((q->origins->count + 1) * 2 > q->origins->slot_count)
		grow_slots(q->origins);
	slot = find_origin(q->origins, key);
	*slot = (struct origin_slot){ *key, origin_new(q->origins->arena, r) };
	q->origins->count++;
	return slot->origin;
}

static void
set_origin(struct requests *q, struct entry *e, const struct origin_key *key,
	   const struct record *r)
{
	e->origin = find_origin(q->origins, key)->origin;
	if (e->origin == NULL)
		e->origin = add_origin(q, key, r);
	e->origins = q->origins;
	e->origins->refs++;
}

/* The texts stay for the requests that have them. */
void
requests_forget_mesh(struct requests *r)
{
	origin_set_unref(r->origins);
	r->origins = origin_set_new();
}

/* --- the ring --- */

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
put_fields(struct entry *e, const struct http_head *head, size_t room, char *out)
{
	size_t used = 0;

	for (unsigned i = 0; i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];
		bool is_secret = redact_is_secret_field(f);
		uint16_t lens[2] = { (uint16_t)f->name.len,
				     is_secret ? IS_REDACTED : (uint16_t)f->value.len };
		size_t value = is_secret ? 0 : f->value.len;

		if (sizeof(lens) + f->name.len + value > room - used) {
			e->omitted++;
			continue;
		}
		memcpy(out + used, lens, sizeof(lens));
		used += sizeof(lens);
		memcpy(out + used, f->name.ptr, f->name.len);
		used += f->name.len;
		if (value > 0)
			memcpy(out + used, f->value.ptr, value);
		used += value;
		e->fields++;
	}
	return used;
}

/* No entry is larger than REQUESTS_ENTRY_BYTES: the parts before the fields
 * have maxima that leave room. */
static size_t
put_entry(struct entry *e, const struct record *r)
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
	if (h != NULL)
		out += put_fields(e, h, REQUESTS_ENTRY_BYTES - (size_t)(out - start), out);
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
		for (unsigned i = 0; i < r->head->field_count; i++)
			need += r->head->fields[i].name.len + r->head->fields[i].value.len + 4;
	}
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
	const struct origin_key key = { r->self, r->service, r->cluster, r->rule, r->match };
	struct entry *e;
	size_t used;

	_Static_assert(sizeof(struct entry) % ALIGNMENT == 0, "entries stay aligned");
	_Static_assert(sizeof(struct entry) + RECORD_MAX_ATTEMPTS * sizeof(struct packed_attempt) +
		       64 + 2048 + 2048 + 256 + 128 + 128 < REQUESTS_ENTRY_BYTES, "room for fields");
	if (r->side != SIDE_OUTBOUND || r->protocol == RECORD_TCP || r->is_mirrored)
		return;
	/* Looked at last, so that it has come by then. */
	__builtin_prefetch(&q->origins->slots[origin_place(q->origins, &key)]);
	e = (struct entry *)(void *)make_room(q, (entry_bound(r) + ALIGNMENT - 1) & ~(ALIGNMENT - 1));
	memset(e, 0, sizeof(*e));
	e->flags = r->flags;
	e->time_ms = r->start_wall_ms;
	e->duration_us = r->end_ns > r->start_ns ? (r->end_ns - r->start_ns) / 1000 : 0;
	e->status = (uint16_t)r->status;
	e->attempts = (uint8_t)(r->attempt_count < RECORD_MAX_ATTEMPTS ? r->attempt_count
								       : RECORD_MAX_ATTEMPTS);
	pack_address(&e->endpoint, r->upstream);
	used = put_entry(e, r);
	set_origin(q, e, &key, r);
	e->bytes = (uint32_t)((used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
	q->next += e->bytes;
	q->count++;
	fetch_next(q);
}
