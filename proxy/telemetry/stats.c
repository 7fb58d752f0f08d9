/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting of finished exchanges; see stats.h. */
#include "proxy/telemetry/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "proxy/telemetry/record.h"
#include "proxy/telemetry/slot_cache.h"
#include "proxy/telemetry/stats_priv.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

struct stats {
	struct stats_set *set;
	unsigned worker;
	struct slot_cache cache;
	struct arena *slots;	/* memory of this worker's counters */
};

struct stats_set *
stats_set_new(unsigned workers)
{
	struct stats_set *set = xcalloc(1, sizeof(*set));
	uint64_t id = 0;

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		id = (uint64_t)(uintptr_t)set;
	snprintf(set->engine_id, sizeof(set->engine_id), "%016llx", (unsigned long long)id);
	pthread_mutex_init(&set->lock, NULL);
	set->worker_count = workers;
	set->workers = xcalloc(workers, sizeof(struct stats *));
	for (unsigned i = 0; i < workers; i++) {
		set->workers[i] = xcalloc(1, sizeof(struct stats));
		set->workers[i]->set = set;
		set->workers[i]->worker = i;
		set->workers[i]->slots = arena_new();
	}
	set->cluster_id = stats_intern(set, "Kubernetes", strlen("Kubernetes"));
	set->trust_domain = stats_intern(set, "cluster.local", strlen("cluster.local"));
	return set;
}

static void
free_texts(struct label_text **texts)
{
	struct label_text *text, *next;

	HASH_ITER(hh, *texts, text, next) {
		HASH_DEL(*texts, text);
		free(text);
	}
}

static void
free_slots(struct stats_set *set, struct series *one)
{
	for (unsigned w = 0; !one->key.is_tcp && w < set->worker_count; w++) {
		struct http_counts *c = atomic_load(&one->slots[w]);

		for (unsigned b = 0; c != NULL && b < FINE_BLOCKS; b++)
			free(atomic_load(&c->fine[b]));
	}
}

void
stats_set_free(struct stats_set **sp)
{
	struct stats_set *set = *sp;

	if (set == NULL)
		return;
	HASH_CLEAR(hh, set->index);
	for (size_t i = 0; i < set->series.len; i++) {
		free_slots(set, set->series.items[i]);
		free(set->series.items[i]);
	}
	vec_fini(&set->series);
	free_texts(&set->texts);
	free_texts(&set->hosts);
	for (unsigned i = 0; i < set->worker_count; i++) {
		slot_cache_clear(&set->workers[i]->cache);
		arena_free(&set->workers[i]->slots);
		free(set->workers[i]);
	}
	free(set->workers);
	pthread_mutex_destroy(&set->lock);
	free(set);
	*sp = NULL;
}

struct stats *
stats_of_worker(struct stats_set *set, unsigned worker)
{
	return set->workers[worker];
}

const char *
stats_engine_id(const struct stats_set *set)
{
	return set->engine_id;
}

const char *
stats_intern(struct stats_set *set, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	struct label_text *found;

	text_sanitize(&clean, text, len);
	HASH_FIND(hh, set->texts, buf_str(&clean), clean.len, found);
	if (found == NULL) {
		found = xmalloc(sizeof(*found) + clean.len + 1);
		memset(found, 0, sizeof(*found));
		memcpy(found->text, buf_str(&clean), clean.len + 1);
		HASH_ADD_KEYPTR(hh, set->texts, found->text, clean.len, found);
	}
	buf_fini(&clean);
	return found->text;
}

void
stats_use_mesh(struct stats *s, const struct mesh *m)
{
	struct stats_set *set = s->set;
	const char *cluster = m->settings.cluster_id, *trust = m->settings.trust_domain;

	slot_cache_clear(&s->cache);
	pthread_mutex_lock(&set->lock);
	if (cluster != NULL)
		set->cluster_id = stats_intern(set, cluster, strlen(cluster));
	if (trust != NULL)
		set->trust_domain = stats_intern(set, trust, strlen(trust));
	pthread_mutex_unlock(&set->lock);
}

/* Under the lock.  NULL when there are too many. */
static struct series *
series_of(struct stats_set *set, struct series_key *key, bool may_exceed)
{
	struct series *one, *twin;

	HASH_FIND(hh, set->index, key, sizeof(*key), one);
	if (one != NULL)
		return one;
	if (set->series.len >= STATS_MAX_SERIES && !may_exceed)
		return NULL;
	one = xcalloc(1, sizeof(*one) + set->worker_count * sizeof(one->slots[0]));
	one->key = *key;
	one->id = (unsigned)set->series.len + 1;
	HASH_ADD(hh, set->index, key, sizeof(*key), one);
	vec_push(&set->series, one);
	key->is_mirrored = !key->is_mirrored;
	HASH_FIND(hh, set->index, key, sizeof(*key), twin);
	if (twin != NULL) {
		one->twin = twin;
		twin->twin = one;
	}
	return one;
}

static void *
slot_of(struct stats *s, const struct record *r)
{
	struct stats_set *set = s->set;
	struct series_key key;
	struct series *one;
	void *slot;

	pthread_mutex_lock(&set->lock);
	stats_labels(set, r, &key);
	one = series_of(set, &key, false);
	if (one == NULL) {
		stats_labels_overflow(set, r, &key);
		one = series_of(set, &key, true);
	}
	slot = atomic_load(&one->slots[s->worker]);
	if (slot == NULL) {
		slot = arena_alloc(s->slots, one->key.is_tcp ? sizeof(struct tcp_counts)
							     : sizeof(struct http_counts));
		atomic_store(&one->slots[s->worker], slot);
	}
	pthread_mutex_unlock(&set->lock);
	return slot;
}

static inline struct slot_key
key_of(const struct record *r)
{
	unsigned grpc = (unsigned)(r->grpc_status < -1 || r->grpc_status > 16 ? 18
									 : r->grpc_status + 1);
	const struct mesh_service *service = r->service;

	if (service == NULL && r->cluster != NULL)
		service = r->cluster->service;
	return (struct slot_key){
		.self = r->self, .peer = r->peer, .service = service,
		.what = (uint64_t)(r->status & 0x3ff) | (uint64_t)grpc << 10 |
			(uint64_t)r->side << 15 | (uint64_t)r->protocol << 16 |
			(uint64_t)r->target << 18 | (uint64_t)r->is_mirrored << 20 |
			(uint64_t)r->is_mutual_tls << 21 | (uint64_t)r->flags << 32,
		/* Without a service the Host field makes the label. */
		.host = service == NULL ? r->authority : SLICE_NONE,
	};
}

static inline void *
find_slot(struct stats *s, const struct record *r)
{
	struct slot_key key = key_of(r);
	void *slot = slot_cache_find(&s->cache, &key);

	if (slot == NULL) {
		slot = slot_of(s, r);
		slot_cache_put(&s->cache, &key, slot);
	}
	return slot;
}

/* Only this worker writes: no read-modify-write instruction is needed. */
static inline void
count(counter *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static void
count_fine(struct http_counts *c, uint64_t us)
{
	unsigned index = loghist_index(us > UINT32_MAX ? UINT32_MAX : (uint32_t)us);
	struct fine_block *b = atomic_load_explicit(&c->fine[index / FINE_BLOCK],
						    memory_order_relaxed);
	_Atomic uint32_t *n;

	if (b == NULL) {
		b = xcalloc(1, sizeof(*b));
		atomic_store_explicit(&c->fine[index / FINE_BLOCK], b, memory_order_release);
	}
	n = &b->counts[index % FINE_BLOCK];
	atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void
count_http(struct http_counts *c, const struct record *r)
{
	uint64_t us = r->end_ns > r->start_ns ? (r->end_ns - r->start_ns) / 1000 : 0;
	uint64_t in = r->request_wire_bytes, out = r->response_wire_bytes;

	count(&c->requests, 1);
	count(&c->sums[HIST_DURATION], us);
	count(&c->sums[HIST_REQUEST_BYTES], in);
	count(&c->sums[HIST_RESPONSE_BYTES], out);
	count(&c->buckets[HIST_DURATION][metric_bucket((double)us / 1000.0)], 1);
	count(&c->buckets[HIST_REQUEST_BYTES][metric_bucket((double)in)], 1);
	count(&c->buckets[HIST_RESPONSE_BYTES][metric_bucket((double)out)], 1);
	count_fine(c, us);
}

static void
count_tcp(struct tcp_counts *c, const struct record *r)
{
	count(&c->opened, r->is_opening);
	count(&c->closed, !r->is_interim);
	/* Istio's words: sent to the client, received from it. */
	count(&c->sent, r->response_wire_bytes);
	count(&c->received, r->request_wire_bytes);
	count(&c->reports, 1);
}

void
stats_add(struct stats *s, const struct record *r)
{
	if (r->is_mirrored && r->side == SIDE_OUTBOUND)
		return;
	if (r->protocol == RECORD_TCP)
		count_tcp(find_slot(s, r), r);
	else
		count_http(find_slot(s, r), r);
}

static void
sum_fine(const struct http_counts *c, uint32_t fine[LOGHIST_BUCKETS])
{
	for (unsigned b = 0; b < FINE_BLOCKS; b++) {
		const struct fine_block *block = atomic_load_explicit(&c->fine[b],
								      memory_order_acquire);

		for (unsigned i = 0; block != NULL && i < FINE_BLOCK; i++)
			fine[b * FINE_BLOCK + i] +=
				atomic_load_explicit(&block->counts[i], memory_order_relaxed);
	}
}

void
stats_sum_http(const struct stats_set *set, const struct series *one, struct http_totals *out)
{
	for (unsigned w = 0; w < set->worker_count; w++) {
		const struct http_counts *c = atomic_load(&one->slots[w]);

		if (c == NULL)
			continue;
		out->requests += counter_read(&c->requests);
		for (unsigned h = 0; h < HIST_COUNT; h++) {
			out->sums[h] += counter_read(&c->sums[h]);
			for (unsigned b = 0; b < METRIC_BUCKETS; b++)
				out->buckets[h][b] += counter_read(&c->buckets[h][b]);
		}
		sum_fine(c, out->fine);
	}
}

void
stats_sum_tcp(const struct stats_set *set, const struct series *one, struct tcp_totals *out)
{
	for (unsigned w = 0; w < set->worker_count; w++) {
		const struct tcp_counts *c = atomic_load(&one->slots[w]);

		if (c == NULL)
			continue;
		out->opened += counter_read(&c->opened);
		out->closed += counter_read(&c->closed);
		out->sent += counter_read(&c->sent);
		out->received += counter_read(&c->received);
		out->reports += counter_read(&c->reports);
	}
}
