/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS by server name (spec/dataplane.md 5.2): spec.tls[] of VirtualServices,
 * servers of gateways, and services that have no address of their own.
 *
 * Only names and subnets are left to be looked at when a connection comes;
 * gateways, ports, labels and namespaces are settled here.  istio/istio
 * pilot/pkg/networking/core/{tls,gateway}.go say what becomes a chain.
 */
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/table.h"

struct name_list {
	VEC(const char *) items;
};

struct tls_port *
tls_port_new(struct compile *c, uint16_t number)
{
	struct tls_port *p = arena_alloc(c->arena, sizeof(*p));

	p->number = number;
	return p;
}

/* The one of all services that can only be told apart by name. */
static struct tls_port *
shared_port(struct compile *c, struct route_table *t, uint16_t number)
{
	struct tls_port *p = t->shared_tls;

	while (p != NULL && p->number != number)
		p = p->next;
	if (p != NULL)
		return p;
	p = tls_port_new(c, number);
	p->next = t->shared_tls;
	t->shared_tls = p;
	return p;
}

static bool
is_same_subnet(const struct subnet *a, const struct subnet *b)
{
	return a->bits == b->bits && address_is_set(&a->net) == address_is_set(&b->net) &&
	       (!address_is_set(&a->net) || subnet_holds(a, &b->net));
}

static int
narrowness(const struct subnet *s)
{
	return address_is_set(&s->net) ? (int)s->bits : -1;
}

static struct tls_names *
names_of(struct compile *c, struct tls_port *p, const struct subnet *subnet)
{
	struct tls_names **at = &p->subnets, *made;

	for (; *at != NULL && narrowness(&(*at)->subnet) >= narrowness(subnet); at = &(*at)->next)
		if (is_same_subnet(&(*at)->subnet, subnet))
			return *at;
	made = arena_alloc(c->arena, sizeof(*made));
	made->subnet = *subnet;
	made->next = *at;
	*at = made;
	vec_push(&c->priv->maps, &made->hosts.exact);
	vec_push(&c->priv->maps, &made->hosts.suffixes);
	return made;
}

/* Of two chains for one name the first one counts.  False: there is nothing
 * left for this one. */
static bool
put_names(struct tls_names *n, const struct route_tls_chain *chain)
{
	bool has_any = false;

	for (size_t i = 0; i < chain->name_count || i == 0; i++) {
		void **place = host_index_put(&n->hosts,
					      chain->name_count > 0 ? chain->names[i] : "*");

		has_any |= *place == NULL;
		if (*place == NULL)
			*place = (void *)(uintptr_t)chain;
	}
	return has_any;
}

static bool
put_subnets(struct compile *c, struct tls_port *p, const struct route_tls_chain *chain)
{
	struct subnet subnet = { .bits = 0 };
	bool has_any = false;

	if (chain->subnets == NULL)
		return put_names(names_of(c, p, &subnet), chain);
	VALUE_EACH(v, chain->subnets)
		if (value_text(v) != NULL && subnet_read(value_text(v), &subnet))
			has_any |= put_names(names_of(c, p, &subnet), chain);
	return has_any;
}

/* A "*" among the names stands for connections without a name, too. */
static void
add_chain(const struct tls_build *b, const struct name_list *names,
	  const struct value *subnets, const struct tcp_rule *rule)
{
	struct route_tls_chain *chain = arena_alloc(b->c->arena, sizeof(*chain));
	struct tls_port *p = b->out;
	bool takes_all = false;

	for (size_t i = 0; i < names->items.len; i++)
		takes_all |= strcmp(names->items.items[i], "*") == 0;
	if (!takes_all) {
		chain->names = compile_keep(b->c, names->items.items, names->items.len);
		chain->name_count = names->items.len;
	}
	chain->subnets = subnets != NULL && subnets->count > 0 ? subnets : NULL;
	chain->rule = rule;
	if (!put_subnets(b->c, p, chain))
		return;
	if (p->last != NULL)
		p->last->next = chain;
	else
		p->first = chain;
	p->last = chain;
	p->looks_at_names |= chain->name_count > 0;
}

/* Names are no hosts: short ones stay as they are. */
static const char *
lower_name(struct arena *a, const char *name)
{
	char *out = arena_strdup(a, name);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return out;
}

/* At a gateway the narrower of the name and each of the server's hosts. */
static void
add_name(const struct tls_build *b, struct name_list *names, const char *text,
	 const struct object *vs)
{
	const char *name = lower_name(b->c->arena, text);

	if (b->server == NULL) {
		vec_push(&names->items, name);
		return;
	}
	VALUE_EACH(h, value_get(b->server, "hosts")) {
		const char *host = value_text(h) != NULL
			? gateway_server_host(b->c, value_text(h), b->gateway->ns, vs->ns) : NULL;

		if (host != NULL && host_matches(host, name))
			vec_push(&names->items, name);
		else if (host != NULL && host_matches(name, host))
			vec_push(&names->items, host);
	}
}

/* A chain for each match that may hold for this caller; false: none may. */
static bool
add_rules(const struct tls_build *b, const struct object *vs)
{
	bool has_match = false;
	size_t index = 0;

	b->v->rules_ns = vs->ns;
	VALUE_EACH(tls, value_get(vs->spec, "tls")) {
		VALUE_EACH(match, value_get(tls, "match")) {
			struct name_list names = { VEC_INIT };

			if (!static_match(b->v, match, b->out->number, false))
				continue;
			has_match = true;
			VALUE_EACH(sni, value_get(match, "sniHosts"))
				if (value_text(sni) != NULL)
					add_name(b, &names, value_text(sni), vs);
			if (names.items.len > 0)
				add_chain(b, &names, value_get(match, "destinationSubnets"),
					  compile_stream_rule(b->c, b->v, vs, index, tls,
							      b->out->number));
			vec_fini(&names.items);
		}
		index++;
	}
	return has_match;
}

static void
add_cluster(const struct tls_build *b, const char *name, const struct mesh_cluster *cluster)
{
	struct name_list names = { VEC_INIT };

	vec_push(&names.items, name);
	add_chain(b, &names, NULL, compile_tcp_default(b->c, cluster));
	vec_fini(&names.items);
}

/* --- sidecars --- */

static bool
has_host_of(const struct object *vs, const struct mesh_service *s)
{
	VALUE_EACH(h, value_get(vs->spec, "hosts")) {
		char host[HOST_MAX_BYTES + 1];

		if (value_text(h) != NULL && host_resolve_into(host, value_text(h), vs->ns) &&
		    host_overlaps(host, s->fqdn))
			return true;
	}
	return false;
}

static void
add_listed(const struct object_list *list, struct object_list *out)
{
	for (size_t i = 0; list != NULL && i < list->items.len; i++) {
		const struct value *tls = value_get(list->items.items[i]->spec, "tls");

		if (tls != NULL && tls->count > 0)
			vec_push(&out->items, list->items.items[i]);
	}
}

static void
drop_repeated(struct object_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->items.len; i++)
		if (kept == 0 || list->items.items[kept - 1] != list->items.items[i])
			list->items.items[kept++] = list->items.items[i];
	list->items.len = kept;
}

/* VirtualServices with tls rules and a host of the service, oldest first. */
static void
find_rules(struct compile *c, const struct mesh_service *s, struct object_list *out)
{
	const struct object_list *list;
	size_t len = SIZE_MAX;

	if (host_is_wildcard(s->fqdn)) {
		for (size_t i = 0; i < c->tls_services.len; i++)
			if (has_host_of(c->tls_services.items[i], s))
				vec_push(&out->items, c->tls_services.items[i]);
		return;
	}
	add_listed(host_index_exact(&c->mesh_routes, slice_of(s->fqdn)), out);
	while ((list = host_index_wildcard(&c->mesh_routes, slice_of(s->fqdn), &len)) != NULL)
		add_listed(list, out);
	sort_by_age(out->items.items, out->items.len);
	drop_repeated(out);
}

/* What the mesh assigns stands for Istio's listener on 0.0.0.0; and without
 * endpoints the name is where the connection goes (mesh_cluster_takes_host). */
static bool
has_own_address(const struct mesh_service *s)
{
	const struct value *addresses = value_get(s->object->spec, "addresses");

	return !s->is_entry || (addresses != NULL && addresses->count > 0 && !s->shares_tls &&
				s->resolution != RESOLVE_NONE);
}

struct tls_port *
compile_tls_service(struct compile *c, struct view *v, struct route_table *t,
		    const struct mesh_service *s, const struct mesh_port *p)
{
	bool has_rules = false, is_shared = !has_own_address(s);
	struct tls_build b = { .c = c, .v = v };
	struct object_list list = { VEC_INIT };

	b.out = is_shared ? shared_port(c, t, p->number) : tls_port_new(c, p->number);
	if (c->tls_services.len > 0)
		find_rules(c, s, &list);
	for (int reach = REACH_PRIVATE; reach < REACH_NONE; reach++)
		for (size_t i = 0; i < list.items.len; i++)
			if ((int)sidecar_reach(v, list.items.items[i]) == reach)
				has_rules |= add_rules(&b, list.items.items[i]);
	vec_fini(&list.items);
	if (is_shared && !has_rules)
		add_cluster(&b, s->fqdn, cluster_of_port(c, v, s, p, NULL));
	return is_shared || has_rules ? b.out : NULL;
}

/* --- gateways --- */

enum server_mode { SERVER_ENDS_TLS, SERVER_PASSES, SERVER_PASSES_TO_SERVICES };

static enum server_mode
mode_of(const struct value *server)
{
	const char *mode = value_text(value_path(server, "tls.mode"));

	if (mode == NULL || strcmp(mode, "PASSTHROUGH") == 0)
		return SERVER_PASSES;
	return strcmp(mode, "AUTO_PASSTHROUGH") == 0 ? SERVER_PASSES_TO_SERVICES
						     : SERVER_ENDS_TLS;
}

bool
tls_passes_through(const struct value *server)
{
	return mode_of(server) != SERVER_ENDS_TLS;
}

/* Names as proxies of other clusters send them: "outbound_.80_.v1_.HOST". */
static void
add_service(const struct tls_build *b, const struct mesh_service *s, const struct mesh_port *p)
{
	const struct dr_group *g = dr_choose(b->c, b->v, s);

	add_cluster(b, arena_printf(b->c->arena, "outbound_.%u_._.%s", p->number, s->fqdn),
		    cluster_of_port(b->c, b->v, s, p, NULL));
	for (size_t i = 0; g != NULL && i < g->subset_count; i++) {
		const char *subset = g->subsets[i].name;

		add_cluster(b, arena_printf(b->c->arena, "outbound_.%u_.%s_.%s", p->number,
					    subset, s->fqdn),
			    cluster_of_port(b->c, b->v, s, p, subset));
	}
}

static void
add_services(const struct tls_build *b, const char *server_host)
{
	const struct mesh *m = b->c->mesh;

	for (size_t i = 0; i < m->service_count; i++) {
		const struct mesh_service *s = m->services[i];
		const char *host = gateway_server_host(b->c, server_host, b->gateway->ns, s->ns);

		if (host == NULL || host_is_wildcard(s->fqdn) || !host_matches(host, s->fqdn) ||
		    !service_is_visible(m, s, b->v->ns))
			continue;
		for (size_t n = 0; n < s->port_count; n++)
			add_service(b, s, &s->ports[n]);
	}
}

void
compile_tls_server(const struct tls_build *b)
{
	struct name_list names = { VEC_INIT };
	enum server_mode mode = mode_of(b->server);

	VALUE_EACH(h, value_get(b->server, "hosts")) {
		const char *text = value_text(h), *slash = text != NULL ? strchr(text, '/') : NULL;
		const char *host = slash != NULL ? slash + 1 : text;

		if (text != NULL && mode == SERVER_PASSES_TO_SERVICES)
			add_services(b, text);
		else if (text != NULL && mode == SERVER_ENDS_TLS)
			vec_push(&names.items, lower_name(b->c->arena, host));
	}
	if (names.items.len > 0)
		add_chain(b, &names, NULL, NULL);
	vec_fini(&names.items);
}

void
compile_tls_bound(const struct tls_build *b, const struct object *vs)
{
	if (mode_of(b->server) == SERVER_PASSES)
		add_rules(b, vs);
}

/* --- connections --- */

static bool
is_for(const struct tls_names *n, const struct address *to)
{
	return !address_is_set(&n->subnet.net) || (to != NULL && subnet_holds(&n->subnet, to));
}

const struct route_tls_chain *
tls_find(const struct tls_port *p, const struct tcp_request *r)
{
	const struct tls_names *n = p->subnets;
	const struct route_tls_chain *exact;
	size_t suffix = SIZE_MAX;

	while (n != NULL && !is_for(n, r->to))
		n = n->next;
	if (n == NULL)
		return NULL;
	exact = host_index_exact(&n->hosts, r->server_name);
	return exact != NULL ? exact : host_index_wildcard(&n->hosts, r->server_name, &suffix);
}
