/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What rules say of the graph's nodes: badges of VirtualServices and circuit
 * breakers (spec/kiali.md 2.5).  Each rule is looked at once, and finds its
 * services by their names.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/base/strmap.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/build_priv.h"

/* The names under which rules may speak of services: whole, and up to any dot
 * but the first; in lower case, as hosts are. */
struct hosts {
	struct arena *texts;
	struct strmap names;		/* -> struct named */
};

struct named {
	const struct mesh_service *service;
	struct named *next;
};

static char *
lower(struct arena *texts, const char *text)
{
	char *low = arena_strdup(texts, text);

	for (char *c = low; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return low;
}

static void
hosts_add(struct hosts *h, struct slice name, const struct mesh_service *s)
{
	void **place = strmap_put(&h->names, name);
	struct named *one = arena_alloc(h->texts, sizeof(*one));

	*one = (struct named){ s, *place };
	*place = one;
}

static void
hosts_init(struct hosts *h, const struct mesh *m)
{
	*h = (struct hosts){ arena_new(), STRMAP_INIT };
	for (size_t i = 0; i < m->service_count; i++) {
		const char *name = lower(h->texts, m->services[i]->fqdn);
		const char *dot = strchr(name, '.');

		while (dot != NULL && (dot = strchr(dot + 1, '.')) != NULL)
			hosts_add(h, (struct slice){ name, (size_t)(dot - name) }, m->services[i]);
		hosts_add(h, slice_of(name), m->services[i]);
	}
}

static void
hosts_fini(struct hosts *h)
{
	strmap_fini(&h->names);
	arena_free(&h->texts);
}

/* The services that host, written in an object of ns, means.  Kiali also takes
 * the forms NAME.NS and NAME.NS.svc; a host without a dot is one of ns, else the
 * whole name of a ServiceEntry's host. */
static const struct named *
hosts_find(const struct hosts *h, const char *host, const char *ns)
{
	const char *name = lower(h->texts, host);
	const struct named *found = NULL;

	if (name[0] != '\0' && strchr(name, '.') == NULL)
		found = strmap_find(&h->names, slice_of(arena_printf(h->texts, "%s.%s", name, ns)));
	return found != NULL ? found : strmap_find(&h->names, slice_of(name));
}

struct rules {
	struct hosts hosts;
	unsigned *services;		/* badges, by the service's index */
};

static unsigned
badges_of_http(const struct value *entry)
{
	unsigned badges = BADGE_VIRTUAL_SERVICE | BADGE_REQUEST_ROUTING;

	if (value_get(entry, "route")->count > 1)
		badges |= BADGE_TRAFFIC_SHIFTING;
	if (value_get(entry, "fault") != NULL)
		badges |= BADGE_FAULT_INJECTION;
	if (value_get(entry, "timeout") != NULL)
		badges |= BADGE_REQUEST_TIMEOUT;
	if (value_get(entry, "mirror") != NULL || value_get(entry, "mirrors") != NULL)
		badges |= BADGE_MIRRORING;
	return badges;
}

static unsigned
badges_of_tcp(const struct value *entry)
{
	unsigned badges = BADGE_VIRTUAL_SERVICE | BADGE_REQUEST_ROUTING;

	return value_get(entry, "route")->count > 1 ? badges | BADGE_TCP_SHIFTING : badges;
}

static unsigned
badges_of_tls(const struct value *entry)
{
	(void)entry;
	return BADGE_VIRTUAL_SERVICE | BADGE_REQUEST_ROUTING;
}

/* Each of the services that the entry leads to has the badges. */
static void
mark_routed(struct rules *r, const struct object *vs, const struct value *entry, unsigned badges)
{
	VALUE_EACH(route, value_get(entry, "route")) {
		const char *host = value_get_text(value_get(route, "destination"), "host");

		for (const struct named *n = host != NULL ? hosts_find(&r->hosts, host, vs->ns) : NULL;
		     n != NULL; n = n->next)
			r->services[n->service->index] |= badges;
	}
}

static void
mark_virtual_service(struct rules *r, const struct object *vs)
{
	static const struct {
		const char *list;
		unsigned (*badges)(const struct value *entry);
	} lists[] = {
		{ "http", badges_of_http }, { "tcp", badges_of_tcp }, { "tls", badges_of_tls },
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		VALUE_EACH(entry, value_get(vs->spec, lists[i].list))
			if (value_get(entry, "route") != NULL)
				mark_routed(r, vs, entry, lists[i].badges(entry));
}

static bool
has_breaker(const struct value *policy)
{
	return value_get(policy, "connectionPool") != NULL ||
	       value_get(policy, "outlierDetection") != NULL;
}

/* For any of the service's workloads, or with a version for those of it. */
static bool
rule_breaks(const struct object *rule, const char *version)
{
	if (has_breaker(value_get(rule->spec, "trafficPolicy")))
		return true;
	VALUE_EACH(subset, value_get(rule->spec, "subsets")) {
		const char *label = value_get_text(value_get(subset, "labels"), "version");

		if (has_breaker(value_get(subset, "trafficPolicy")) &&
		    (version == NULL || (label != NULL && strcmp(label, version) == 0)))
			return true;
	}
	return false;
}

/* A breaker also marks the versions that it is for: nodes of a workload. */
struct versions {
	size_t *first;			/* by workload: its first node + 1; 0: none */
	size_t *next;			/* by node: the workload's next one + 1 */
	size_t *seen, turn;		/* by workload: the last turn that looked at it */
};

static void
versions_init(struct versions *v, const struct graph *g, const struct mesh *m)
{
	v->turn = 0;
	v->first = xcalloc(m->workload_count + 1, sizeof(*v->first));
	v->seen = xcalloc(m->workload_count + 1, sizeof(*v->seen));
	v->next = xcalloc(g->nodes.len + 1, sizeof(*v->next));
	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];
		const struct mesh_workload *w = NULL;

		if (n->version[0] != '\0' && n->workload[0] != '\0' && !n->is_outside)
			w = mesh_find_workload(m, n->ns, n->workload);
		if (w == NULL)
			continue;
		v->next[i] = v->first[w->index];
		v->first[w->index] = i + 1;
	}
}

static void
versions_fini(struct versions *v)
{
	free(v->first);
	free(v->next);
	free(v->seen);
}

static void
mark_broken_versions(struct graph *g, struct versions *v, const struct object *rule,
		     const struct mesh_service *s)
{
	v->turn++;
	for (size_t i = 0; i < s->instance_count; i++) {
		size_t w = s->instances[i]->workload->index;

		if (v->seen[w] == v->turn)
			continue;
		v->seen[w] = v->turn;
		for (size_t at = v->first[w]; at != 0; at = v->next[at - 1])
			if (rule_breaks(rule, g->nodes.items[at - 1].version))
				g->nodes.items[at - 1].badges |= BADGE_CIRCUIT_BREAKER;
	}
}

static void
mark_destination_rule(struct rules *r, struct graph *g, struct versions *v, const struct object *rule)
{
	const char *host = value_get_text(rule->spec, "host");

	if (host == NULL || !rule_breaks(rule, NULL))
		return;
	for (const struct named *n = hosts_find(&r->hosts, host, rule->ns); n != NULL; n = n->next) {
		r->services[n->service->index] |= BADGE_CIRCUIT_BREAKER;
		mark_broken_versions(g, v, rule, n->service);
	}
}

unsigned *
graph_mark_rules(struct graph *g, const struct mesh *m)
{
	struct rules r;
	struct versions v;

	r.services = xcalloc(m->service_count + 1, sizeof(*r.services));
	hosts_init(&r.hosts, m);
	versions_init(&v, g, m);
	SNAPSHOT_EACH(vs, m->snapshot, KIND_VIRTUAL_SERVICE)
		mark_virtual_service(&r, vs);
	SNAPSHOT_EACH(rule, m->snapshot, KIND_DESTINATION_RULE)
		mark_destination_rule(&r, g, &v, rule);
	versions_fini(&v);
	hosts_fini(&r.hosts);
	return r.services;
}
