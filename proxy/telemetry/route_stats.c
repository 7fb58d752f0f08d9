/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of routes; see route_stats.h. */
#include "proxy/telemetry/route_stats.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

struct route_stats {
	UT_hash_handle hh;
	struct route_stat stat;		/* its texts are parts of the key */
	size_t len;
	char key[];			/* workload, namespace and name, each with its NUL */
};

static struct route_stats *
entry_new(const struct buf *key)
{
	struct route_stats *e = xcalloc(1, sizeof(*e) + key->len);

	e->len = key->len;
	memcpy(e->key, key->data, key->len);
	e->stat.workload = e->key;
	e->stat.ns = e->key + strlen(e->key) + 1;
	e->stat.name = e->stat.ns + strlen(e->stat.ns) + 1;
	return e;
}

void
route_stats_add(struct route_stats **sp, const struct mesh_workload *caller, struct slice host,
		unsigned port, const char *prefix, const struct route_counts *more)
{
	struct buf key = BUF_INIT;
	struct route_stats *e;

	buf_append(&key, caller->name, strlen(caller->name) + 1);
	buf_append(&key, caller->ns, strlen(caller->ns) + 1);
	buf_printf(&key, "vhost.%.*s:%u.route.%s", (int)host.len, host.len > 0 ? host.ptr : "", port,
		   prefix);
	buf_putc(&key, '\0');
	HASH_FIND(hh, *sp, key.data, key.len, e);
	if (e == NULL && HASH_COUNT(*sp) < ROUTE_STATS_MAX) {
		e = entry_new(&key);
		HASH_ADD_KEYPTR(hh, *sp, e->key, e->len, e);
	}
	if (e != NULL)
		route_counts_add(&e->stat.counts, more);
	buf_fini(&key);
}

void
route_stats_free(struct route_stats **sp)
{
	struct route_stats *e, *next;

	HASH_ITER(hh, *sp, e, next) {
		HASH_DEL(*sp, e);
		free(e);
	}
}

void
route_stats_reset(struct route_stats *s)
{
	for (struct route_stats *e = s; e != NULL; e = e->hh.next)
		memset(&e->stat.counts, 0, sizeof(e->stat.counts));
}

void
route_stats_each(const struct route_stats *s,
		 void (*visit)(void *arg, const struct route_stat *r), void *arg)
{
	for (const struct route_stats *e = s; e != NULL; e = e->hh.next)
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
