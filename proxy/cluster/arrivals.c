/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Since when clusters have their endpoints; see arrivals.h. */
#include "proxy/cluster/arrivals.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

struct arrival {
	uint64_t key;
	uint64_t arrived_ns;
	bool is_named;			/* by the present configuration */
	UT_hash_handle hh;
};

struct arrivals {
	struct arrival *all;
};

struct arrivals *
arrivals_new(void)
{
	return xcalloc(1, sizeof(struct arrivals));
}

void
arrivals_free(struct arrivals **ap)
{
	struct arrivals *a = *ap;
	struct arrival *at, *next;

	*ap = NULL;
	if (a == NULL)
		return;
	HASH_ITER(hh, a->all, at, next) {
		HASH_DELETE(hh, a->all, at);
		free(at);
	}
	free(a);
}

static uint64_t
key_of(const struct mesh_cluster *c, const struct mesh_endpoint *e)
{
	char text[ADDRESS_TEXT_BYTES];
	uint64_t h = c->identity;

	address_text(&e->address, text);
	if (e->host != NULL)
		h = strmap_hash(e->host, strlen(e->host), h);
	return strmap_hash(text, strlen(text), h);
}

static struct arrival *
find(const struct arrivals *a, uint64_t key)
{
	struct arrival *at;

	HASH_FIND(hh, a->all, &key, sizeof(key), at);
	return at;
}

static void
name_one(struct arrivals *a, uint64_t key, uint64_t now_ns)
{
	struct arrival *at = find(a, key);

	if (at == NULL) {
		at = xcalloc(1, sizeof(*at));
		at->key = key;
		at->arrived_ns = now_ns;
		HASH_ADD(hh, a->all, key, sizeof(at->key), at);
	}
	at->is_named = true;
}

void
arrivals_update(struct arrivals *a, const struct mesh *m, uint64_t now_ns)
{
	struct arrival *at, *next;

	for (size_t i = 0; i < m->cluster_count; i++) {
		const struct mesh_cluster *c = m->clusters[i];

		for (size_t k = 0; c->policy.warmup.duration_ms > 0 && k < c->endpoint_count; k++)
			name_one(a, key_of(c, &c->endpoints[k]), now_ns);
	}
	HASH_ITER(hh, a->all, at, next) {
		if (!at->is_named) {
			HASH_DELETE(hh, a->all, at);
			free(at);
		} else {
			at->is_named = false;
		}
	}
}

uint64_t
arrivals_find(const struct arrivals *a, const struct mesh_cluster *c,
	      const struct mesh_endpoint *e, uint64_t now_ns)
{
	const struct arrival *at = find(a, key_of(c, e));

	return at != NULL ? at->arrived_ns : now_ns;
}
