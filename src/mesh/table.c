/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Route tables: what each class of callers sees of every service port.
 */
#include <stdint.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/istio/host.h"
#include "src/mesh/table.h"

enum section { SECTION_HTTP, SECTION_TCP, SECTION_TLS, SECTION_COUNT };

static const char *const section_keys[SECTION_COUNT] = { "http", "tcp", "tls" };

static bool
has_section(const struct object *vs, enum section section)
{
	const struct value *list = value_get(vs->spec, section_keys[section]);

	return list != NULL && list->count > 0;
}

/* Does it apply to sidecars? */
static bool
is_for_mesh(const struct object *vs)
{
	const struct value *gateways = value_get(vs->spec, "gateways");

	return gateways == NULL || gateways->count == 0 || list_has(gateways, "mesh");
}

static void
collect_selectors(struct compile *c, const struct object *vs)
{
	for (size_t i = 0; i < SECTION_COUNT; i++)
		VALUE_EACH(rule, value_get(vs->spec, section_keys[i]))
			VALUE_EACH(match, value_get(rule, "match")) {
				const struct value *labels = value_get(match, "sourceLabels");

				if (labels != NULL && labels->count > 0)
					vec_push(&c->selectors, labels);
			}
}

/* Does the younger one rule where it is at home? */
static bool
rules_at_home(const struct object *older, const struct object *vs)
{
	return reach_of(older, vs->ns) > reach_of(vs, vs->ns) ||
	       reach_of(older, vs->ns) == REACH_NONE;
}

/* The first of the older ones that serves the same part; tls rules of several
 * are all obeyed. */
static const struct object *
owner_before(const struct object_list *list, size_t n)
{
	const struct object *o = list->items.items[n];

	for (size_t i = 0; i < n; i++)
		for (int s = SECTION_HTTP; s <= SECTION_TCP; s++)
			if (has_section(o, (enum section)s) &&
			    has_section(list->items.items[i], (enum section)s) &&
			    !rules_at_home(list->items.items[i], o))
				return list->items.items[i];
	return NULL;
}

/* Are all of its rules for some callers or ports alone? */
static bool
may_be_emptied(const struct object *vs)
{
	static const char *const keys[] = { "sourceLabels", "sourceNamespace", "port", "gateways" };

	for (int s = SECTION_HTTP; s <= SECTION_TCP; s++)
		VALUE_EACH(rule, value_get(vs->spec, section_keys[s])) {
			const struct value *matches = value_get(rule, "match");

			if (matches == NULL || matches->count == 0)
				return false;
			VALUE_EACH(match, matches) {
				bool is_for_some = false;

				for (size_t i = 0; i < ARRAY_LEN(keys); i++)
					is_for_some |= value_get(match, keys[i]) != NULL;
				if (!is_for_some)
					return false;
			}
		}
	return true;
}

static bool
speaks_http(enum port_protocol p)
{
	return port_speaks_http(p) || p == PORT_SNIFFED;
}

static bool
speaks_tcp(enum port_protocol p)
{
	return p == PORT_TCP || p == PORT_SNIFFED;
}

static bool
takes_section(enum port_protocol p, enum section section)
{
	switch (section) {
	case SECTION_HTTP:
		return speaks_http(p);
	case SECTION_TCP:
		return speaks_tcp(p);
	case SECTION_TLS:
		return port_speaks_tls(p);
	case SECTION_COUNT:
		break;
	}
	return false;
}

/* Rules of a section that no port of the host takes: http for tcp ports, or
 * the other way.  A port that is sniffed takes both; gateways have ports of
 * their own. */
static void
report_unfit(struct compile *c, const struct object *vs, const char *host)
{
	static const char *const words[SECTION_COUNT] = { "HTTP", "TCP", "TLS" };
	const struct host_services *h = host_index_exact(&c->priv->hosts, slice_of(host));
	const struct value *gateways = value_get(vs->spec, "gateways");
	bool takes[SECTION_COUNT] = { false };
	size_t ports = 0;

	if (gateways != NULL && gateways->count > 1)
		return;
	for (; h != NULL; h = h->next)
		for (size_t i = 0; i < h->service->port_count; i++, ports++)
			for (int s = 0; s < SECTION_COUNT; s++)
				takes[s] |= takes_section(h->service->ports[i].protocol,
							  (enum section)s);
	for (int s = 0; s < SECTION_COUNT && ports > 0; s++)
		if (!takes[s] && has_section(vs, (enum section)s))
			compile_problem(c, "MT2009", vs, value_get(vs->spec, section_keys[s]),
					arena_printf(c->scratch, "spec.%s", section_keys[s]),
					"has no effect for %s: none of its ports is %s", host,
					words[s]);
}

static void
add_host(struct compile *c, const struct object *vs, const struct value *v)
{
	const char *host = host_resolve(c->scratch, value_text(v), vs->ns);
	struct object_list *list = compile_list(c, host_index_put(&c->mesh_routes, host));
	const struct object *owner;

	if (list->items.len > 0 && list->items.items[list->items.len - 1] == vs)
		return;
	vec_push(&list->items, vs);
	report_unfit(c, vs, host);
	owner = owner_before(list, list->items.len - 1);
	if (owner == NULL)
		return;
	/* Behind an emptied wildcard no other is asked. */
	compile_problem(c, "MT2001", vs, v, "spec.hosts",
			"%s is ruled by the older VirtualService %s.%s; this one is %s in the mesh",
			host, owner->name, owner->ns, may_be_emptied(owner) && host[0] != '*' ?
			"obeyed only where conditions on callers and ports leave that one no rule" :
			"ignored");
}

static bool
is_catch_all(const struct value *http)
{
	const struct value *list = value_get(http, "match");

	if (value_get(http, "delegate") != NULL)
		return false;		/* rules after it get what the delegate leaves */
	if (list == NULL || list->count == 0)
		return true;
	VALUE_EACH(match, list) {
		const char *prefix = value_text(value_path(match, "uri.prefix"));
		const char *regex = value_text(value_path(match, "uri.regex"));

		if (match->count == 0 ||
		    (match->count == 1 && ((prefix != NULL && strcmp(prefix, "/") == 0) ||
					   (regex != NULL && strcmp(regex, ".*") == 0))))
			return true;
	}
	return false;
}

static void
report_unreachable(struct compile *c, const struct object *vs)
{
	const struct value *list = value_get(vs->spec, "http");
	size_t index = 0, taken = SIZE_MAX;

	VALUE_EACH(http, list) {
		if (taken != SIZE_MAX)
			compile_problem(c, "MT2002", vs, http,
					arena_printf(c->scratch, "spec.http[%zu]", index),
					"never used: rule %zu takes every request", taken);
		else if (is_catch_all(http))
			taken = index;
		index++;
	}
}

static bool
has_delegate(const struct object *vs)
{
	VALUE_EACH(http, value_get(vs->spec, "http"))
		if (value_get(http, "delegate") != NULL)
			return true;
	return false;
}

static void
index_virtual_services(struct compile *c)
{
	SNAPSHOT_EACH(o, c->snapshot, KIND_VIRTUAL_SERVICE) {
		collect_selectors(c, o);
		report_unreachable(c, o);
		if (has_delegate(o))
			compile_entries(c, o);	/* what cannot be used is said without callers, too */
		if (is_for_mesh(o))
			vec_push(&c->virtual_services, o);
	}
	sort_by_age(c->virtual_services.items, c->virtual_services.len);
	for (size_t i = 0; i < c->virtual_services.len; i++) {
		const struct object *vs = c->virtual_services.items[i];

		if (has_section(vs, SECTION_TLS))
			vec_push(&c->tls_services, vs);
		VALUE_EACH(host, value_get(vs->spec, "hosts"))
			if (value_text(host) != NULL && value_text(host)[0] != '\0')
				add_host(c, vs, host);
	}
}

/*
 * The VirtualServices of a service that a caller sees, in the order in which
 * they are asked for rules: exact host before wildcard, longest wildcard
 * first; of one host the nearest, then the oldest.
 */
struct owners {
	const struct view *v;
	const struct host_index *index;
	const char *fqdn;
	const struct object_list *list;	/* of one host; NULL: none */
	size_t wildcard;		/* its length; SIZE_MAX: the name itself */
	int reach;
	size_t next;
};

static struct owners
owners_of(const struct compile *c, const struct view *v, const char *fqdn)
{
	const struct host_index *x = &c->mesh_routes;

	return (struct owners){ .v = v, .index = x, .fqdn = fqdn, .wildcard = SIZE_MAX,
		.reach = REACH_PRIVATE,
		.list = fqdn[0] == '*' ? strmap_find(&x->suffixes, slice_of(fqdn + 1)) :
					 host_index_exact(x, slice_of(fqdn)) };
}

/* NULL: there are no more. */
static const struct object *
next_owner(struct owners *o)
{
	do {
		for (; o->list != NULL && o->reach < REACH_NONE; o->reach++, o->next = 0)
			while (o->next < o->list->items.len) {
				const struct object *vs = o->list->items.items[o->next++];

				if ((int)sidecar_reach(o->v, vs) == o->reach)
					return vs;
			}
		o->list = host_index_wildcard(o->index, slice_of(o->fqdn), &o->wildcard);
		o->reach = REACH_PRIVATE;
		o->next = 0;
	} while (o->list != NULL);
	return NULL;
}

/* Rules of spec.tcp are not for ports of TLS, those of spec.tls for no others. */
static void
add_tls_port(struct compile *c, struct view *v, const struct mesh_service *s,
	     const struct mesh_port *p, struct route_table *t, uint32_t slot)
{
	struct tls_port *made = compile_tls_service(c, v, t, s, p);

	t->tcp[slot] = compile_tcp_default(c, cluster_of_port(c, v, s, p, NULL));
	if (made == NULL)
		return;
	if (t->tls == NULL)
		t->tls = arena_alloc(c->arena, (c->priv->slot_count + 1) * sizeof(*t->tls));
	t->tls[slot] = made;
}

static void
note_emptied(struct compile *c, struct route_table *t, const struct mesh_service *s,
	     const struct mesh_port *p, const struct object *vs)
{
	struct emptied *e = arena_alloc(c->arena, sizeof(*e));

	*e = (struct emptied){ NULL, s, p->number, vs };
	if (t->last_emptied != NULL)
		t->last_emptied->next = e;
	else
		t->emptied = e;
	t->last_emptied = e;
}

/*
 * As Istio: of those that name the service itself the first that has rules
 * left for the caller; where none names it, the first of the longest
 * wildcard, and no other after it.
 */
static const struct http_rules *
owned_http_rules(struct compile *c, struct view *v, const struct mesh_service *s,
		 const struct mesh_port *p, struct route_table *t)
{
	struct owners o = owners_of(c, v, s->fqdn);
	const struct http_rules *rules = NULL;
	const struct object *vs;
	bool is_named = false, is_wildcard = false;

	while (rules == NULL && !is_wildcard && (vs = next_owner(&o)) != NULL) {
		is_wildcard = o.wildcard != SIZE_MAX || s->fqdn[0] == '*';
		if (is_named && is_wildcard)
			break;
		is_named = !is_wildcard;
		rules = compile_http_rules(c, v, vs, p->number);
		if (rules == NULL && has_section(vs, SECTION_HTTP))
			note_emptied(c, t, s, p, vs);
	}
	return rules;
}

static void
add_http_port(struct compile *c, struct view *v, const struct mesh_service *s,
	      const struct mesh_port *p, struct route_table *t, uint32_t slot)
{
	t->http[slot] = owned_http_rules(c, v, s, p, t);
	if (t->http[slot] == NULL)
		t->http[slot] = compile_default_rules(c, cluster_of_port(c, v, s, p, NULL));
}

static void
add_tcp_port(struct compile *c, struct view *v, const struct mesh_service *s,
	     const struct mesh_port *p, struct route_table *t, uint32_t slot)
{
	struct owners o = owners_of(c, v, s->fqdn);
	const struct object *vs;

	/* Istio chains the rules of all; the first that holds ends the list. */
	while (t->tcp[slot] == NULL && (vs = next_owner(&o)) != NULL)
		t->tcp[slot] = compile_tcp_rule(c, v, vs, p);
	if (t->tcp[slot] == NULL)
		t->tcp[slot] = compile_tcp_default(c, cluster_of_port(c, v, s, p, NULL));
}

static void
add_service(struct compile *c, struct view *v, const struct mesh_service *s,
	    struct route_table *t)
{
	uint32_t slot = c->priv->service_privs[s->index].first_slot;

	for (size_t i = 0; i < s->port_count; i++, slot++) {
		const struct mesh_service *real = s;
		const struct mesh_port *p = service_behind(c, &real, &s->ports[i]);

		sidecar_enter(v, p->number);
		if (!sidecar_shows_service(v, s))
			continue;
		if (speaks_http(p->protocol))
			add_http_port(c, v, real, p, t, slot);
		if (speaks_tcp(p->protocol))
			add_tcp_port(c, v, real, p, t, slot);
		if (port_speaks_tls(p->protocol))
			add_tls_port(c, v, real, p, t, slot);
	}
}

void
compile_fixed_rules(struct compile *c, struct route_table *t)
{
	struct destination_context x = { .c = c };

	t->passthrough = (struct route_destination){ .cluster = c->mesh->passthrough,
						     .host = "", .subset = "", .weight = 100 };
	t->allow_rule = (struct http_rule){ .name = "allow_any", .action = ROUTE_FORWARD,
					    .destinations = &t->passthrough,
					    .destination_count = 1, .total_weight = 100,
					    .fault = { .abort_grpc = -1 } };
	compile_retries(&x, NULL, &t->allow_rule.retries);
	t->block_rule = (struct http_rule){ .name = "block_all", .action = ROUTE_DIRECT,
					    .direct_status = 502,
					    .fault = { .abort_grpc = -1 } };
}

static struct route_table *
new_table(struct compile *c, const struct mesh_workload *w, bool allow_any,
	  const struct value *egress)
{
	struct mesh *m = c->mesh;
	struct route_table *t = arena_alloc(c->arena, sizeof(*t));
	size_t slots = c->priv->slot_count + 1;
	struct view v = { .ns = w->ns, .labels = w->labels, .egress = egress };

	v.groups = arena_alloc(c->scratch, (m->service_count + 1) * sizeof(*v.groups));
	for (size_t i = 0; i < m->service_count; i++)
		v.groups[i] = &dr_unknown;
	t->mesh = m;
	t->ns = w->ns;
	t->labels = w->labels;
	t->allow_any = allow_any;
	t->http = arena_alloc(c->arena, slots * sizeof(*t->http));
	t->tcp = arena_alloc(c->arena, slots * sizeof(*t->tcp));
	compile_fixed_rules(c, t);
	for (size_t i = 0; i < m->service_count; i++)
		if (service_is_visible(m, m->services[i], w->ns))
			add_service(c, &v, m->services[i], t);
	compile_extra_hosts(c, &v, t);
	return t;
}

/* Callers that no condition can tell apart share a table. */
static const struct route_table *
table_of(struct compile *c, const struct mesh_workload *w)
{
	const struct object *sidecar = sidecar_of(c, w);
	const struct value *egress = sidecar_egress(sidecar);
	bool allow_any = sidecar_allows_any(c, sidecar);
	struct route_table *made;
	struct buf key = BUF_INIT;
	void **place;

	buf_printf(&key, "table %s%c", w->ns, allow_any ? '+' : '-');
	buf_append(&key, &egress, sizeof(egress));
	for (size_t i = 0; i < c->selectors.len; i++)
		buf_putc(&key, labels_match(w->labels, c->selectors.items[i]) ? '1' : '0');
	place = compile_shared(c, key.data, key.len);
	made = *place;
	if (made == NULL) {
		made = new_table(c, w, allow_any, egress);
		*compile_shared(c, key.data, key.len) = made;
	}
	buf_fini(&key);
	return made;
}

void
compile_tables(struct compile *c)
{
	index_virtual_services(c);
	for (size_t i = 0; i < c->workloads.len; i++) {
		struct mesh_workload *w = c->workloads.items[i];

		if (w->is_gateway)
			w->routes = compile_gateway(c, w);
		else if (w->has_proxy)
			w->routes = table_of(c, w);
	}
}
