/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Services: Kubernetes Services and the hosts of ServiceEntries, with their
 * ports, addresses and the instances that they select.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/istio/host.h"
#include "src/mesh/addresses.h"
#include "src/mesh/compile.h"

#define MAX_ALIASES 8		/* ExternalNames that lead to each other */

static const struct {
	const char *name;
	enum port_protocol protocol;
} protocols[] = {
	{ "http", PORT_HTTP }, { "http_proxy", PORT_HTTP }, { "http2", PORT_HTTP2 },
	{ "grpc", PORT_GRPC }, { "https", PORT_HTTPS }, { "tls", PORT_TLS },
	{ "tcp", PORT_TCP }, { "mongo", PORT_TCP }, { "mysql", PORT_TCP },
	{ "redis", PORT_TCP },
	{ "grpc-web", PORT_GRPC }, { "kubernetes.io/h2c", PORT_HTTP2 }, { "kubernetes.io/ws", PORT_HTTP },
	{ "kubernetes.io/wss", PORT_HTTPS },
};

/* Servers of these speak first, so that nothing can be sniffed. */
static const uint16_t tcp_ports[] = { 25, 53, 3306, 27017 };

static bool
protocol_of_word(struct slice word, enum port_protocol *out)
{
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		if (!slice_eq_nocase(word, slice_of(protocols[i].name)))
			continue;
		*out = protocols[i].protocol;
		return true;
	}
	return false;
}

/* As Istio: appProtocol, and then nothing else, or the port's name; the whole
 * word or what stands before its first "-" (spec 2.8). */
static enum port_protocol
protocol_of(const char *app_protocol, const char *name, uint16_t number)
{
	enum port_protocol p;
	bool has_own = app_protocol != NULL && app_protocol[0] != '\0';
	struct slice word = slice_of(has_own ? app_protocol : name);

	if (protocol_of_word(word, &p))
		return p;
	word.len = strcspn(word.ptr, "-");
	if (protocol_of_word(word, &p))
		return p;
	for (size_t i = 0; i < ARRAY_LEN(tcp_ports); i++)
		if (tcp_ports[i] == number)
			return PORT_TCP;
	return PORT_SNIFFED;
}

static bool
read_port_number(const struct value *v, uint16_t *out)
{
	int64_t n;

	if (!value_to_int(v, &n) || n < 1 || n > UINT16_MAX)
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
is_udp(const struct value *port)
{
	const char *protocol = value_get_text(port, "protocol");

	return protocol != NULL && strcasecmp(protocol, "UDP") == 0;
}

/* number_key: "port" in a Service, "number" in a ServiceEntry. */
static void
read_ports(struct compile *c, struct mesh_service *s, const char *number_key,
	   const char *protocol_key)
{
	const struct value *ports = value_get(s->object->spec, "ports");
	size_t n = ports != NULL ? ports->count : 0;

	if (n == 0)
		return;
	s->ports = arena_alloc(c->arena, n * sizeof(*s->ports));
	VALUE_EACH(v, ports) {
		struct mesh_port *p = &s->ports[s->port_count];
		const struct value *target = value_get(v, "targetPort");

		if (!read_port_number(value_get(v, number_key), &p->number) || is_udp(v))
			continue;
		p->name = value_get_text(v, "name");
		if (p->name == NULL)
			p->name = "";
		p->protocol = protocol_of(value_get_text(v, protocol_key), p->name,
					  p->number);
		if (!read_port_number(target, &p->target_number)) {
			p->target_name = value_text(target);
			if (p->target_name == NULL)
				p->target_number = p->number;
		}
		s->port_count++;
	}
}

/* Hosts of ServiceEntries may share an address where the Host header or the
 * server name tells them apart. */
static bool
may_share(struct mesh_service *a, struct mesh_service *b, uint16_t number)
{
	enum port_protocol x = mesh_service_port(a, number)->protocol;
	enum port_protocol y = mesh_service_port(b, number)->protocol;

	if (!a->is_entry || !b->is_entry)
		return false;
	if (!port_speaks_tls(x) || !port_speaks_tls(y))
		return port_speaks_http(x) && port_speaks_http(y);
	a->shares_tls = true;
	b->shares_tls = true;
	return true;
}

/* address:port of two services cannot both be dialled: is it this one's? */
static bool
claim(struct compile *c, struct mesh_service *s, const struct address *a, const char *path)
{
	char text[ADDRESS_TEXT_BYTES];
	struct mesh_service *owner;
	void **place;

	address_text(a, text);
	place = compile_shared(c, text, strlen(text));
	if (*place == NULL) {
		*place = s;
		return true;
	}
	owner = *place;
	if (!may_share(owner, s, (uint16_t)address_port(a)))
		compile_problem(c, "MT1009", s->object, NULL, path,
				"%s is already the address of %s", text, owner->fqdn);
	return false;
}

/* The name stands behind what it leads to, as a lookup needs both. */
static struct host_services *
add_host(struct compile *c, const char *host, const struct mesh_service *s)
{
	size_t len = strlen(host);
	struct host_services *h = arena_alloc(c->arena, sizeof(*h) + len + 1);
	const char *name = memcpy(h + 1, host, len + 1);
	struct host_services **place =
		(struct host_services **)(void *)host_index_put(&c->priv->hosts, name);

	while (*place != NULL)
		place = &(*place)->next;
	c->priv->host_labels |= 1u << host_label_count((struct slice){ name, len });
	h->service = s;
	*place = h;
	vec_push(&c->host_services, h);
	return h;
}

/* Makes the service listen on count addresses, and its address a Host. */
static void
listen_on(struct compile *c, struct mesh_service *s, const struct address *addresses,
	  size_t count, const char *path)
{
	for (size_t n = 0; n < s->port_count; n++) {
		struct mesh_port *p = &s->ports[n];

		p->listen = arena_alloc(c->arena, count * sizeof(*p->listen));
		for (size_t i = 0; i < count; i++) {
			struct address *a = &p->listen[p->listen_count];

			*a = addresses[i];
			address_set_port(a, p->number);
			if (claim(c, s, a, path))
				p->listen_count++;
		}
	}
	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT_BYTES];

		address_host_text(&addresses[i], text);
		add_host(c, arena_strdup(c->arena, text), s);
	}
}

static void
listen_on_assigned(struct compile *c, struct mesh_service *s, const char *name)
{
	struct address a;

	if (c->addresses == NULL)
		return;
	if (addresses_service(c->addresses, name, true, &a))
		listen_on(c, s, &a, 1, "spec");
	else if (!addresses_is_read_only(c->addresses))
		compile_problem(c, "MT1004", s->object, NULL, "",
				"%s gets no address: the mesh's block is full", s->fqdn);
}

/* The smallest list of instances that hold all labels of the selector. */
static void
select_instances(struct compile *c, struct mesh_service *s, const struct value *selector)
{
	VEC(const struct mesh_instance *) found = VEC_INIT;
	const struct instance_list *list;
	const char *first;
	void **place;

	if (!value_is_map(selector) || selector->count == 0)
		return;
	first = value_text(selector->first);
	if (first == NULL)
		return;
	list = strmap_find(&c->labelled,
			   slice_of(arena_printf(c->scratch, "%s/%s=%s", s->ns,
						 selector->first->key, first)));
	for (size_t i = 0; list != NULL && i < list->items.len; i++)
		if (labels_match(list->items.items[i]->labels, selector))
			vec_push(&found, list->items.items[i]);
	if (found.len > 0) {
		place = compile_shared(c, found.items, found.len * sizeof(*found.items));
		if (*place == NULL)
			*place = compile_keep(c, found.items, found.len);
		s->instances = *place;
		s->instance_count = found.len;
	}
	vec_fini(&found);
}

static struct mesh_service *
new_service(struct compile *c, const struct object *o, const char *fqdn)
{
	struct mesh_service *s = arena_alloc(c->arena, sizeof(*s));

	s->object = o;
	s->ns = o->ns;
	s->name = o->name;
	s->fqdn = fqdn;
	s->distribution = distribution_of(c, o);
	vec_push(&c->services, s);
	return s;
}

static void
add_service(struct compile *c, const struct object *o)
{
	const char *ip = value_get_text(o->spec, "clusterIP");
	const char *type = value_get_text(o->spec, "type");
	struct mesh_service *s = new_service(c, o, host_of_service(c->arena, o->name, o->ns));
	struct error err = ERROR_INIT;
	struct address a;

	read_ports(c, s, "port", "appProtocol");
	if (type != NULL && strcmp(type, "ExternalName") == 0)
		s->resolution = RESOLVE_DNS;
	else
		select_instances(c, s, value_get(o->spec, "selector"));
	add_host(c, s->fqdn, s);
	*strmap_put(&c->priv->services, name_key(c->arena, s->ns, s->name)) = s;
	if (ip != NULL && strcmp(ip, "None") == 0) {
		s->is_headless = true;
		c->priv->has_headless = true;
		return;
	}
	if (ip == NULL || ip[0] == '\0')
		listen_on_assigned(c, s, arena_printf(c->scratch, "%s.%s", s->name, s->ns));
	else if (address_parse_host(&a, ip, 0, &err) == 0)
		listen_on(c, s, &a, 1, "spec.clusterIP");
	else
		compile_problem(c, "MT1002", o, value_get(o->spec, "clusterIP"),
				"spec.clusterIP", "%s", err.msg);
}

static enum service_resolution
resolution_of(const struct object *o)
{
	const char *text = value_get_text(o->spec, "resolution");

	if (text == NULL)
		return RESOLVE_NONE;
	if (strcmp(text, "STATIC") == 0)
		return RESOLVE_STATIC;
	if (strcmp(text, "DNS") == 0 || strcmp(text, "DNS_ROUND_ROBIN") == 0)
		return RESOLVE_DNS;
	return RESOLVE_NONE;
}

/* spec.addresses; ranges (CIDR) cannot be listened on and are left out. */
static void
listen_on_given(struct compile *c, struct mesh_service *s)
{
	const struct value *list = value_get(s->object->spec, "addresses");
	struct address *addresses = arena_alloc(c->scratch, (list->count + 1) * sizeof(*addresses));
	size_t count = 0;

	VALUE_EACH(v, list) {
		struct error err = ERROR_INIT;
		const char *text = value_text(v);

		if (text == NULL || strchr(text, '/') != NULL)
			continue;
		if (address_parse_host(&addresses[count], text, 0, &err) == 0)
			count++;
		else
			compile_problem(c, "MT1002", s->object, v, "spec.addresses", "%s",
					err.msg);
	}
	if (count > 0)
		listen_on(c, s, addresses, count, "spec.addresses");
}

static void
add_entry_host(struct compile *c, const struct object *o, const char *host)
{
	const struct value *addresses = value_get(o->spec, "addresses");
	const struct value *selector = value_path(o->spec, "workloadSelector.labels");
	struct mesh_service *s = new_service(c, o, host_resolve(c->arena, host, o->ns));
	void **place = strmap_put(&c->priv->services, name_key(c->arena, s->ns, s->name));

	s->is_entry = true;
	s->resolution = resolution_of(o);
	read_ports(c, s, "number", "protocol");
	select_instances(c, s, selector);
	add_host(c, s->fqdn, s);
	if (*place == NULL)
		*place = s;
	if (addresses != NULL && addresses->count > 0)
		listen_on_given(c, s);
	else if (!host_is_wildcard(s->fqdn) && s->resolution != RESOLVE_NONE)
		listen_on_assigned(c, s, arena_printf(c->scratch, "%s/%s.%s", s->fqdn,
						      s->name, s->ns));
}

static int
compare_services(const void *a, const void *b)
{
	const struct mesh_service *x = *(struct mesh_service *const *)a;
	const struct mesh_service *y = *(struct mesh_service *const *)b;
	int order = strcmp(x->ns, y->ns);

	if (order == 0)
		order = strcmp(x->name, y->name);
	return order != 0 ? order : strcmp(x->fqdn, y->fqdn);
}

/* Numbers are known now. */
static void
complete_hosts(struct compile *c)
{
	for (size_t i = 0; i < c->host_services.len; i++) {
		struct host_services *h = c->host_services.items[i];
		const struct mesh_service *s = h->service;

		h->first_slot = c->priv->service_privs[s->index].first_slot;
		h->port_count = (uint32_t)s->port_count;
		h->first_number = s->port_count > 0 ? s->ports[0].number : 0;
	}
}

static const char *
external_name(const struct mesh_service *s)
{
	const char *type = s->is_entry ? NULL : value_get_text(s->object->spec, "type");

	return type != NULL && strcmp(type, "ExternalName") == 0 ?
		       value_get_text(s->object->spec, "externalName") : NULL;
}

/* The service that an ExternalName leads to, through others of its kind;
 * NULL: none of the mesh. */
static const struct mesh_service *
alias_of(const struct compile *c, const struct mesh_service *s)
{
	const struct mesh_service *at = s;

	for (unsigned i = 0; at != NULL && i < MAX_ALIASES; i++) {
		const char *name = external_name(at);

		if (name == NULL)
			return at != s ? at : NULL;
		at = mesh_service_of_host(c->mesh, name);
	}
	return NULL;
}

const struct mesh_port *
service_behind(const struct compile *c, const struct mesh_service **s, const struct mesh_port *p)
{
	const struct mesh_service *real = c->priv->service_privs[(*s)->index].alias_of;
	const struct mesh_port *port = real != NULL ? mesh_service_port(real, p->number) : NULL;

	if (port == NULL)
		return p;
	*s = real;
	return port;
}

static void
number_services(struct compile *c)
{
	struct mesh *m = c->mesh;

	if (c->services.len > 0)
		qsort(c->services.items, c->services.len, sizeof(*c->services.items),
		      compare_services);
	m->service_count = c->services.len;
	m->services = compile_keep(c, c->services.items, c->services.len);
	c->priv->service_privs =
		arena_alloc(c->arena, (m->service_count + 1) * sizeof(*c->priv->service_privs));
	for (size_t i = 0; i < m->service_count; i++) {
		struct mesh_service *s = m->services[i];
		struct service_priv *sp = &c->priv->service_privs[i];

		s->index = i;
		sp->first_slot = (uint32_t)c->priv->slot_count;
		c->priv->slot_count += s->port_count;
		if (s->is_entry)
			sp->export_to = value_get(s->object->spec, "exportTo");
		else
			sp->export_text = object_annotation(s->object,
							    "networking.istio.io/exportTo");
	}
	for (size_t i = 0; i < m->service_count; i++) {
		c->priv->service_privs[i].alias_of = alias_of(c, m->services[i]);
		compile_endpoints(c, m->services[i], &c->priv->service_privs[i]);
	}
}

void
compile_services(struct compile *c)
{
	SNAPSHOT_EACH(o, c->snapshot, KIND_SERVICE)
		add_service(c, o);
	SNAPSHOT_EACH(o, c->snapshot, KIND_SERVICE_ENTRY) {
		VALUE_EACH(host, value_get(o->spec, "hosts"))
			if (value_text(host) != NULL && strcmp(value_text(host), "*") != 0)
				add_entry_host(c, o, value_text(host));
	}
	number_services(c);
	complete_hosts(c);
}

/* Is word one of the comma separated words of text? */
static bool
text_has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (*text != '\0') {
		size_t n;

		text += strspn(text, ", ");
		n = strcspn(text, ", ");
		if (n == len && memcmp(text, word, len) == 0)
			return true;
		text += n;
	}
	return false;
}

bool
service_is_visible(const struct mesh *m, const struct mesh_service *s, const char *ns)
{
	const struct service_priv *sp = &m->priv->service_privs[s->index];

	if (sp->export_text != NULL && sp->export_text[0] != '\0')
		return text_has_word(sp->export_text, "*") ||
		       text_has_word(sp->export_text, ns) ||
		       (strcmp(s->ns, ns) == 0 && text_has_word(sp->export_text, "."));
	return exports_to(sp->export_to, s->ns, ns);
}
