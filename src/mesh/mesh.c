/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compiled mesh as its users see it: references and lookups.
 */
#include "src/mesh/mesh.h"

#include <stdio.h>
#include <string.h>

#include "src/base/regex.h"
#include "src/istio/host.h"
#include "src/mesh/compile.h"

#define NAME_KEY_BYTES 600

struct mesh *
mesh_get(struct mesh *m)
{
	atomic_fetch_add_explicit(&m->priv->refs, 1, memory_order_relaxed);
	return m;
}

void
mesh_put(struct mesh **mp)
{
	struct mesh *m = *mp;
	struct mesh_priv *p;
	struct arena *arena;
	struct snapshot *s;

	*mp = NULL;
	if (m == NULL)
		return;
	p = m->priv;
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < p->regexes.len; i++)
		regex_free(&p->regexes.items[i]);
	for (size_t i = 0; i < p->maps.len; i++)
		strmap_fini(p->maps.items[i]);
	vec_fini(&p->regexes);
	vec_fini(&p->maps);
	host_index_fini(&p->hosts);
	strmap_fini(&p->services);
	strmap_fini(&p->workloads);
	strmap_fini(&p->instances);
	strmap_fini(&p->clusters);
	s = (struct snapshot *)m->snapshot;
	arena = p->arena;
	arena_free(&arena);
	snapshot_put(&s);
}

static void *
find_named(const struct strmap *map, const char *ns, const char *name)
{
	char key[NAME_KEY_BYTES];
	int len = snprintf(key, sizeof(key), "%s/%s", ns, name);

	if (len < 0 || (size_t)len >= sizeof(key))
		return NULL;
	return strmap_find(map, (struct slice){ key, (size_t)len });
}

const struct mesh_service *
mesh_find_service(const struct mesh *m, const char *ns, const char *name)
{
	return find_named(&m->priv->services, ns, name);
}

const struct mesh_workload *
mesh_find_workload(const struct mesh *m, const char *ns, const char *name)
{
	return find_named(&m->priv->workloads, ns, name);
}

const struct mesh_service *
mesh_service_of_host(const struct mesh *m, const char *fqdn)
{
	char lower[HOST_MAX_BYTES + 1];
	size_t len = strlen(fqdn);
	const struct host_services *h;

	if (len > HOST_MAX_BYTES)
		return NULL;
	if (len > 1 && fqdn[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++)
		lower[i] = fqdn[i] >= 'A' && fqdn[i] <= 'Z' ? (char)(fqdn[i] - 'A' + 'a')
							    : fqdn[i];
	lower[len] = '\0';
	if (lower[0] == '*')
		h = len > 1 ? strmap_find(&m->priv->hosts.suffixes,
					  (struct slice){ lower + 1, len - 1 }) : NULL;
	else
		h = host_index_exact(&m->priv->hosts, (struct slice){ lower, len });
	return h != NULL ? h->service : NULL;
}

const struct mesh_instance *
mesh_instance_of_address(const struct mesh *m, const struct address *a)
{
	switch (a->sa.sa_family) {
	case AF_INET:
		return strmap_find(&m->priv->instances,
				   (struct slice){ (const char *)&a->in.sin_addr,
						   sizeof(a->in.sin_addr) });
	case AF_INET6:
		return strmap_find(&m->priv->instances,
				   (struct slice){ (const char *)&a->in6.sin6_addr,
						   sizeof(a->in6.sin6_addr) });
	default:
		return NULL;
	}
}

const struct mesh_cluster *
mesh_find_cluster(const struct mesh *m, const char *name)
{
	return strmap_find(&m->priv->clusters, slice_of(name));
}

bool
mesh_cluster_takes_host(const struct mesh_cluster *c, struct slice host)
{
	struct slice own;

	if (c->service == NULL || !c->service->is_entry || c->endpoint_count > 0 ||
	    c->service->resolution != RESOLVE_NONE)
		return false;
	own = slice_of(c->service->fqdn);
	if (host.len > 0 && host.ptr[0] == '*')
		return false;
	if (own.ptr[0] != '*')
		return slice_eq_nocase(host, own);
	own.ptr++;
	own.len--;
	return host.len > own.len &&
	       slice_eq_nocase((struct slice){ host.ptr + host.len - own.len, own.len }, own);
}

const struct mesh_port *
mesh_service_port(const struct mesh_service *s, uint16_t number)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (s->ports[i].number == number)
			return &s->ports[i];
	return NULL;
}

const struct mesh_endpoint *
mesh_port_endpoints(const struct mesh *m, const struct mesh_service *s,
		    const struct mesh_port *p, size_t *count)
{
	const struct endpoint_list *list =
		m->priv->service_privs[s->index].endpoints[p - s->ports];

	*count = list->count;
	return list->items;
}

const struct mesh_inbound *
mesh_instance_inbound(const struct mesh *m, const struct mesh_instance *i, size_t *count)
{
	*count = m->priv->inbounds[i->index].count;
	return m->priv->inbounds[i->index].items;
}

/* Instances of one workload need not follow each other: they are in order of
 * their own names. */
size_t
mesh_service_workloads(const struct mesh_service *s, const struct mesh_workload **out,
		       size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < s->instance_count; i++) {
		const struct mesh_workload *w = s->instances[i]->workload;
		size_t at = count;

		while (at > 0 && out[at - 1]->index > w->index)
			at--;
		if ((at > 0 && out[at - 1] == w) || (count == max && at == max))
			continue;
		if (count == max)
			count--;
		memmove(&out[at + 1], &out[at], (count - at) * sizeof(*out));
		out[at] = w;
		count++;
	}
	return count;
}
