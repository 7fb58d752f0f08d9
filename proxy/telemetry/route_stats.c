/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of routes; see route_stats.h. */
#include "proxy/telemetry/route_stats.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

struct entry {
	UT_hash_handle hh;
	struct route_stat stat;		/* its texts are parts of the key */
	uint64_t epoch;			/* of the last addition */
	size_t len;
	char key[];			/* workload, namespace and name, each with its NUL */
};

struct route_stats {
	struct entry *entries;
	uint64_t epoch;			/* configurations */
	bool is_full;			/* in this epoch, whatever makes room */
	struct buf key;			/* of the present addition; kept, so that it is no new one */
};

static struct entry *
entry_new(const struct buf *key)
{
	struct entry *e = xcalloc(1, sizeof(*e) + key->len);

	e->len = key->len;
	memcpy(e->key, key->data, key->len);
	e->stat.workload = e->key;
	e->stat.ns = e->key + strlen(e->key) + 1;
	e->stat.name = e->stat.ns + strlen(e->stat.ns) + 1;
	return e;
}

static void
drop_before(struct route_stats *s, uint64_t epoch)
{
	struct entry *e, *next;

	HASH_ITER(hh, s->entries, e, next) {
		if (e->epoch >= epoch)
			continue;
		HASH_DEL(s->entries, e);
		free(e);
	}
}

/* Looks for what can go once a configuration. */
static bool
has_room(struct route_stats *s)
{
	if (HASH_COUNT(s->entries) >= ROUTE_STATS_MAX && !s->is_full) {
		drop_before(s, s->epoch);
		s->is_full = HASH_COUNT(s->entries) >= ROUTE_STATS_MAX;
		if (s->is_full)
			log_at(LOGGER_CONFIG, LEVEL_WARNING,
			       "%d routes have a statPrefix and are counted: no others are before a "
			       "new configuration or /reset_counters", ROUTE_STATS_MAX);
	}
	return HASH_COUNT(s->entries) < ROUTE_STATS_MAX;
}

static void
make_key(struct buf *key, const struct mesh_workload *caller, struct slice host, unsigned port,
	 const char *prefix)
{
	buf_clear(key);
	buf_append(key, caller->name, strlen(caller->name) + 1);
	buf_append(key, caller->ns, strlen(caller->ns) + 1);
	buf_printf(key, "vhost.%.*s:%u.route.%s", (int)host.len, host.len > 0 ? host.ptr : "", port,
		   prefix);
	buf_putc(key, '\0');
}

void
route_stats_add(struct route_stats **sp, const struct mesh_workload *caller, struct slice host,
		unsigned port, const char *prefix, const struct route_counts *more)
{
	struct route_stats *s = *sp != NULL ? *sp : (*sp = xcalloc(1, sizeof(*s)));
	struct entry *e;

	make_key(&s->key, caller, host, port, prefix);
	HASH_FIND(hh, s->entries, s->key.data, s->key.len, e);
	if (e == NULL && has_room(s)) {
		e = entry_new(&s->key);
		HASH_ADD_KEYPTR(hh, s->entries, e->key, e->len, e);
	}
	if (e == NULL)
		return;
	e->epoch = s->epoch;
	route_counts_add(&e->stat.counts, more);
}

void
route_stats_free(struct route_stats **sp)
{
	if (*sp == NULL)
		return;
	drop_before(*sp, UINT64_MAX);
	buf_fini(&(*sp)->key);
	free(*sp);
	*sp = NULL;
}

void
route_stats_renew(struct route_stats *s)
{
	if (s == NULL)
		return;
	s->epoch++;
	s->is_full = false;
}

void
route_stats_each(const struct route_stats *s,
		 void (*visit)(void *arg, const struct route_stat *r), void *arg)
{
	for (const struct entry *e = s != NULL ? s->entries : NULL; e != NULL; e = e->hh.next)
		visit(arg, &e->stat);
}

void
route_counts_add(struct route_counts *to, const struct route_counts *more)
{
	for (size_t i = 0; i < ARRAY_LEN(to->by_class); i++)
		to->by_class[i] += more->by_class[i];
	to->completed += more->completed;
	to->tries += more->tries;
	to->retries += more->retries;
	to->retry_exhaustions += more->retry_exhaustions;
	to->retry_overflows += more->retry_overflows;
	to->retry_successes += more->retry_successes;
	to->timeouts += more->timeouts;
}
