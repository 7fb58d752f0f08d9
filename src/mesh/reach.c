/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which clusters a caller's proxies have; see route_table_clusters(). */
#include <stdlib.h>

#include "src/base/xalloc.h"
#include "src/mesh/table.h"

struct reaching {
	const struct mesh *mesh;
	bool *has;			/* by cluster index: rules lead there */
	bool *is_taken;			/* by the index of the first of that name */
};

/* Of several clusters with one name, which differ in their DestinationRule. */
static size_t
first_of_name(const struct mesh *m, const struct mesh_cluster *c)
{
	const struct mesh_cluster *first = mesh_find_cluster(m, c->name);

	return first != NULL ? first->index : c->index;
}

static void
mark(struct reaching *r, const struct mesh_cluster *c)
{
	if (c == NULL)
		return;
	r->has[c->index] = true;
	r->is_taken[first_of_name(r->mesh, c)] = true;
}

static void
mark_destinations(struct reaching *r, const struct route_destination *d, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mark(r, d[i].cluster);
}

static void
mark_http(struct reaching *r, const struct http_rules *rules)
{
	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		const struct http_rule *rule = &rules->rules[i];

		mark_destinations(r, rule->destinations, rule->destination_count);
		for (size_t k = 0; k < rule->mirror_count; k++)
			mark(r, rule->mirrors[k].cluster);
	}
}

static void
mark_tcp(struct reaching *r, const struct tcp_rule *rule)
{
	if (rule != NULL)
		mark_destinations(r, rule->destinations, rule->count);
}

static void
mark_tls(struct reaching *r, const struct tls_port *port)
{
	const struct route_tls_chain *chain = port != NULL ? port->first : NULL;

	for (; chain != NULL; chain = chain->next)
		mark_tcp(r, chain->rule);
}

static void
mark_map(struct reaching *r, const struct strmap *m)
{
	for (size_t i = 0; m->count > 0 && i <= m->mask; i++)
		if (m->slots[i].key != NULL)
			mark_http(r, m->slots[i].value);
}

static void
mark_hosts(struct reaching *r, const struct host_index *hosts)
{
	mark_map(r, &hosts->exact);
	mark_map(r, &hosts->suffixes);
	mark_http(r, hosts->any);
}

static void
mark_table(struct reaching *r, const struct route_table *t)
{
	for (size_t slot = 0; slot < r->mesh->priv->slot_count; slot++) {
		mark_http(r, t->http != NULL ? t->http[slot] : NULL);
		mark_tcp(r, t->tcp != NULL ? t->tcp[slot] : NULL);
		mark_tls(r, t->tls != NULL ? t->tls[slot] : NULL);
	}
	for (const struct tls_port *p = t->shared_tls; p != NULL; p = p->next)
		mark_tls(r, p);
	for (const struct extra_hosts *x = &t->web; x != NULL; x = x->next)
		mark_hosts(r, &x->hosts);
	for (size_t i = 0; i < t->port_count; i++) {
		mark_hosts(r, &t->ports[i].hosts);
		mark_tcp(r, t->ports[i].tcp);
		mark_tls(r, t->ports[i].tls);
	}
}

/* Does the caller see the service's port, whatever leads there? */
static bool
is_seen(const struct route_table *t, const struct mesh_cluster *c)
{
	size_t slot;

	if (c->service == NULL)
		return true;
	if (t->is_gateway)
		return service_is_visible(t->mesh, c->service, t->ns);
	slot = t->mesh->priv->service_privs[c->service->index].first_slot +
	       (size_t)(c->port - c->service->ports);
	return (t->http != NULL && t->http[slot] != NULL) ||
	       (t->tcp != NULL && t->tcp[slot] != NULL) || (t->tls != NULL && t->tls[slot] != NULL);
}

bool *
route_table_clusters(const struct route_table *t)
{
	const struct mesh *m = t->mesh;
	struct reaching r = { m, xcalloc(m->cluster_count + 1, sizeof(bool)),
			   xcalloc(m->cluster_count + 1, sizeof(bool)) };

	mark_table(&r, t);
	for (size_t i = 0; i < m->cluster_count; i++) {
		const struct mesh_cluster *c = m->clusters[i];

		if (!r.is_taken[first_of_name(m, c)] && is_seen(t, c))
			mark(&r, c);
	}
	free(r.is_taken);
	return r.has;
}
