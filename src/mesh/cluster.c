/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clusters: made when a route first names them, shared by all callers that
 * obey the same DestinationRule.
 */
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/compile.h"

static uint64_t
identity_of(const struct mesh_cluster *cluster)
{
	return strmap_hash(cluster->name, strlen(cluster->name), cluster->policy.hash_of_all);
}

static const struct mesh_cluster *
fixed_cluster(struct compile *c, const char *name)
{
	struct mesh_cluster *cluster = arena_alloc(c->arena, sizeof(*cluster));

	cluster->name = name;
	cluster->subset = "";
	policy_defaults(&cluster->policy);
	cluster->policy.balancer = BALANCE_PASSTHROUGH;
	cluster->identity = identity_of(cluster);
	vec_push(&c->clusters, cluster);
	return cluster;
}

void
compile_fixed_clusters(struct compile *c)
{
	c->mesh->passthrough = fixed_cluster(c, "PassthroughCluster");
	c->mesh->black_hole = fixed_cluster(c, "BlackHoleCluster");
}

/* Endpoints whose labels hold the subset's; the service's own array when
 * that is all of them. */
static void
select_endpoints(struct compile *c, struct mesh_cluster *cluster,
		 const struct endpoint_list *all, const struct value *labels)
{
	size_t count = 0;

	cluster->endpoints = all->items;
	cluster->endpoint_count = all->count;
	if (labels == NULL || labels->count == 0)
		return;
	for (size_t i = 0; i < all->count; i++)
		count += labels_match(all->items[i].labels, labels);
	if (count == all->count)
		return;
	cluster->endpoints = count > 0
		? arena_alloc(c->arena, count * sizeof(*cluster->endpoints)) : NULL;
	cluster->endpoint_count = 0;
	for (size_t i = 0; i < all->count; i++)
		if (labels_match(all->items[i].labels, labels))
			cluster->endpoints[cluster->endpoint_count++] = all->items[i];
}

static const struct dr_subset *
find_subset(const struct dr_group *g, const char *name)
{
	for (size_t i = 0; g != NULL && i < g->subset_count; i++)
		if (strcmp(g->subsets[i].name, name) == 0)
			return &g->subsets[i];
	return NULL;
}

static struct mesh_cluster *
new_cluster(struct compile *c, const struct dr_group *g, const struct dr_subset *subset,
	    const struct mesh_service *s, const struct mesh_port *p)
{
	const struct service_priv *sp = &c->priv->service_privs[s->index];
	struct mesh_cluster *cluster = arena_alloc(c->arena, sizeof(*cluster));

	cluster->service = s;
	cluster->port = p;
	cluster->subset = subset != NULL ? subset->name : "";
	cluster->rule = g != NULL ? g->object : NULL;
	cluster->name = arena_printf(c->arena, "outbound|%u|%s|%s", p->number,
				     cluster->subset, s->fqdn);
	policy_compile(&cluster->policy, &c->mesh->settings, g != NULL ? g->policy : NULL,
		       subset != NULL ? subset->policy : NULL, s, p->number);
	select_endpoints(c, cluster, sp->endpoints[p - s->ports],
			 subset != NULL ? subset->labels : NULL);
	cluster->identity = identity_of(cluster);
	vec_push(&c->clusters, cluster);
	return cluster;
}

const struct mesh_cluster *
cluster_of_port(struct compile *c, struct view *v, const struct mesh_service *s,
		const struct mesh_port *p, const char *subset)
{
	const struct dr_group *g = dr_choose(c, v, s);
	const struct dr_subset *chosen = NULL;
	struct {
		const void *group, *port, *subset;
	} key = { g, p, NULL };
	void **place;

	if (subset != NULL && subset[0] != '\0') {
		chosen = find_subset(g, subset);
		if (chosen == NULL)
			return NULL;
		key.subset = chosen;
	}
	place = compile_shared(c, &key, sizeof(key));
	if (*place == NULL) {
		struct mesh_cluster *made = new_cluster(c, g, chosen, s, p);

		*place = made;
	}
	return *place;
}

/* The service behind a host that the caller sees and that has the port; 0:
 * its only port, else the dialled one (spec 2.6). */
static const struct mesh_service *
service_of(struct compile *c, const struct view *v, const char *host, uint16_t wanted,
	   uint16_t dialled, const struct mesh_port **port)
{
	const struct host_services *h = host_index_exact(&c->priv->hosts, slice_of(host));

	if (host[0] == '*' && host[1] != '\0')
		h = strmap_find(&c->priv->hosts.suffixes, slice_of(host + 1));
	for (; h != NULL; h = h->next) {
		const struct mesh_service *s = h->service;
		uint16_t number = wanted;

		if (!service_is_visible(c->mesh, s, v->ns) || strcmp(s->fqdn, host) != 0)
			continue;
		if (number == 0)
			number = s->port_count == 1 ? s->ports[0].number : dialled;
		*port = mesh_service_port(s, number);
		if (*port == NULL)
			continue;
		*port = service_behind(c, &s, *port);
		return s;
	}
	return NULL;
}

const struct mesh_cluster *
cluster_of_destination(struct compile *c, struct view *v, const struct value *destination,
		       const char *ns, uint16_t dialled)
{
	const char *host = value_get_text(destination, "host");
	const struct mesh_port *port = NULL;
	char full[HOST_MAX_BYTES + 1];
	const struct mesh_service *s;
	int64_t number = 0;

	value_to_int(value_get(value_get(destination, "port"), "number"), &number);
	if (host == NULL || number < 0 || number > UINT16_MAX ||
	    !host_resolve_into(full, host, ns))
		return NULL;
	s = service_of(c, v, full, (uint16_t)number, dialled, &port);
	if (s == NULL)
		return NULL;
	return cluster_of_port(c, v, s, port, value_get_text(destination, "subset"));
}
