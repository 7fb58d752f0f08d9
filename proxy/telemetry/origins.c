/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What captured requests share; see origins.h. */
#include "proxy/telemetry/origins.h"

#include <stdint.h>
#include <stdlib.h>

#include "proxy/telemetry/record.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/xalloc.h"

#define FIRST_SLOTS 64
#define MAX_ORIGINS 4000	/* remembered; then all are forgotten */
#define MAX_TEXT_BYTES (256u << 10)	/* likewise */

static struct origin_set *
set_new(void)
{
	struct origin_set *o = xcalloc(1, sizeof(*o));

	o->arena = arena_new();
	o->slot_count = FIRST_SLOTS;
	o->slots = xcalloc(o->slot_count, sizeof(*o->slots));
	return o;
}

static void
set_free(struct origin_set *o)
{
	strmap_fini(&o->texts);
	arena_free(&o->arena);
	free(o->slots);
	free(o);
}

void
origin_queue_init(struct origin_queue *q)
{
	q->oldest = q->newest = set_new();
}

void
origin_queue_fini(struct origin_queue *q)
{
	struct origin_set *next;

	for (struct origin_set *o = q->oldest; o != NULL; o = next) {
		next = o->next;
		set_free(o);
	}
	q->oldest = q->newest = NULL;
}

/* Those that no request is left of. */
void
origin_queue_free_oldest(struct origin_queue *q)
{
	while (q->oldest->entries == 0 && q->oldest != q->newest) {
		struct origin_set *gone = q->oldest;

		q->oldest = gone->next;
		set_free(gone);
	}
}

void
origin_queue_renew(struct origin_queue *q)
{
	q->newest->next = set_new();
	q->newest = q->newest->next;
	origin_queue_free_oldest(q);
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
find_slot(const struct origin_set *o, const struct origin_key *k)
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
			*find_slot(o, &old[i].key) = old[i];
	free(old);
}

struct origin_key
origin_key_of(const struct record *r)
{
	return (struct origin_key){ r->self, r->service, r->cluster, r->rule, r->match };
}

void
origin_queue_fetch(const struct origin_queue *q, const struct origin_key *key)
{
	__builtin_prefetch(&q->newest->slots[origin_place(q->newest, key)]);
}

static const struct origin *
add_origin(struct origin_queue *q, const struct origin_key *key, const struct record *r)
{
	struct origin_slot *slot;

	if (q->newest->count == MAX_ORIGINS)
		origin_queue_renew(q);
	if ((q->newest->count + 1) * 2 > q->newest->slot_count)
		grow_slots(q->newest);
	slot = find_slot(q->newest, key);
	*slot = (struct origin_slot){ *key, origin_new(q->newest->arena, r) };
	q->newest->count++;
	return slot->origin;
}

const struct origin *
origin_queue_put(struct origin_queue *q, const struct origin_key *key, const struct record *r)
{
	const struct origin *o = find_slot(q->newest, key)->origin;

	if (o == NULL)
		o = add_origin(q, key, r);
	q->newest->entries++;
	return o;
}

static const char *
keep_text(struct origin_queue *q, struct slice text)
{
	const char *copy;

	if (q->newest->text_bytes + text.len > MAX_TEXT_BYTES)
		origin_queue_renew(q);
	copy = arena_strndup(q->newest->arena, text.ptr, text.len);
	*strmap_put(&q->newest->texts, (struct slice){ copy, text.len }) = (void *)(uintptr_t)copy;
	q->newest->text_bytes += text.len;
	return copy;
}

const char *
origin_queue_share(struct origin_queue *q, struct slice text)
{
	const char *copy;

	if (q->newest->last_text.ptr != NULL && slice_eq(q->newest->last_text, text))
		return q->newest->last_text.ptr;
	copy = strmap_find(&q->newest->texts, text);
	if (copy == NULL)
		copy = keep_text(q, text);
	q->newest->last_text = (struct slice){ copy, text.len };
	return copy;
}
