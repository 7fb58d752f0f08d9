/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a route of the Gateway API is bound to, and the Gateway made for it. */
#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/route_priv.h"

#define DEFAULT_CLASS "istio"
#define DEFAULT_PORT 80

const char *
route_ref_namespace(const struct mesh_service *service, const struct value *ref)
{
	const char *ns = value_get_text(ref, "namespace");

	return ns != NULL ? ns : service->ns;
}

/* Without kind and group it is a Gateway. */
bool
route_parent_is(const struct mesh_service *service, const struct value *ref, enum kind_id kind,
		const char *ns, const char *name)
{
	const struct kind *gateway = kind_by_id(KIND_K8S_GATEWAY), *wanted = kind_by_id(kind);
	const char *group = value_get_text(ref, "group"), *word = value_get_text(ref, "kind");

	return strcmp(group != NULL ? group : gateway->group, wanted->group) == 0 &&
	       strcmp(word != NULL ? word : gateway->name, wanted->name) == 0 &&
	       wizard_same_text(value_get_text(ref, "name"), name) &&
	       strcmp(route_ref_namespace(service, ref), ns) == 0;
}

static struct value *
add_listener(struct routing *x, struct value *list, int64_t port, const char *host)
{
	struct value *listener = value_append(list, value_new_map(x->arena));
	struct value *from;

	value_set_string(x->arena, listener, "name", list->count == 1 ? "default" :
			 arena_printf(x->arena, "default-%zu", list->count));
	if (host != NULL && strcmp(host, "*") != 0)
		value_set_string(x->arena, listener, "hostname", host);
	value_set_int(x->arena, listener, "port", port);
	value_set_string(x->arena, listener, "protocol", "HTTP");
	from = value_ensure_map(x->arena, value_ensure_map(x->arena, listener, "allowedRoutes"),
				"namespaces");
	value_set_string(x->arena, from, "from", "All");
	value_ensure_map(x->arena, from, "selector");
	return listener;
}

/* One listener for each host; without hosts one for all. */
static void
fill_gateway(struct routing *x, const struct value *create, struct value *spec)
{
	const char *class = value_get_text(create, "class");
	const struct value *hosts = value_get(create, "hosts");
	int64_t port = DEFAULT_PORT;
	struct value *list;

	value_to_int(value_get(create, "port"), &port);
	value_set_string(x->arena, spec, "gatewayClassName", class != NULL ? class : DEFAULT_CLASS);
	list = value_set(x->arena, spec, "listeners", value_new_list(x->arena));
	VALUE_EACH(host, hosts)
		add_listener(x, list, port, value_text(host));
	if (list->count == 0)
		add_listener(x, list, port, NULL);
}

static const struct object *
find_gateway(const struct routing *x, const char *ns, const char *name)
{
	return snapshot_find(x->mesh->snapshot, KIND_K8S_GATEWAY, ns, name);
}

static const struct value *
stored_parents(const struct routing *x)
{
	return x->stored != NULL ? value_get(x->stored->spec, "parentRefs") : NULL;
}

/* A stored reference keeps what else it says; a service may have one for each port. */
static bool
keep_parents(struct routing *x, struct value *list, enum kind_id kind, const char *ns,
	     const char *name)
{
	size_t before = list->count;

	VALUE_EACH(ref, stored_parents(x))
		if (route_parent_is(x->service, ref, kind, ns, name))
			value_append(list, value_copy(x->arena, ref));
	return list->count > before;
}

static void
add_parent(struct routing *x, struct value *list, const char *name, const char *ns)
{
	struct value *ref;

	if (keep_parents(x, list, KIND_K8S_GATEWAY, ns, name))
		return;
	ref = value_append(list, value_new_map(x->arena));
	value_set_string(x->arena, ref, "name", name);
	value_set_string(x->arena, ref, "namespace", ns);
}

/* Callers inside the mesh obey a route that is bound to the service. */
static void
add_mesh(struct routing *x, struct value *list)
{
	struct value *ref;

	if (keep_parents(x, list, KIND_SERVICE, x->service->ns, x->service->name))
		return;
	ref = value_append(list, value_new_map(x->arena));
	value_set_string(x->arena, ref, "group", "");
	value_set_string(x->arena, ref, "kind", "Service");
	value_set_string(x->arena, ref, "name", x->service->name);
}

/* The Gateway that the route already has when it is what would be made. */
static const struct object *
same_gateway(const struct routing *x, const struct value *spec)
{
	const char *ns = x->service->ns;

	VALUE_EACH(ref, stored_parents(x)) {
		const char *name = value_get_text(ref, "name");
		const struct object *o = name != NULL ? find_gateway(x, ns, name) : NULL;

		if (o != NULL && route_parent_is(x->service, ref, KIND_K8S_GATEWAY, ns, name) &&
		    value_equal(o->spec, spec))
			return o;
	}
	return NULL;
}

static void
create_gateway(struct routing *x, const struct value *create, const char *label, struct value *list)
{
	const char *name = gateway_free_name(x->mesh, x->service, x->arena);
	struct value *root = document_new(x->arena, KIND_K8S_GATEWAY, x->service->ns, name, label);
	const struct value *hosts = value_get(create, "hosts");
	const struct object *same;

	if (!value_is_null(hosts) && hosts->count == 0)
		answer_refuse(&x->answering, hosts, CODE_VALUE, "gateway.create.hosts",
			      "needs at least one host");
	fill_gateway(x, create, value_get(root, "spec"));
	same = same_gateway(x, value_get(root, "spec"));
	if (same == NULL)
		x->gateway = root;
	add_parent(x, list, same != NULL ? same->name : name, x->service->ns);
}

/* use: NS/NAME, or a NAME of the service's namespace. */
static void
use_gateway(struct routing *x, const struct value *use, struct value *list)
{
	const char *text = value_text(use), *slash = strchr(text, '/');
	const char *ns = slash != NULL ? arena_strndup(x->arena, text, (size_t)(slash - text)) :
			 x->service->ns;
	const char *name = slash != NULL ? slash + 1 : text;

	if (find_gateway(x, ns, name) == NULL)
		answer_refuse(&x->answering, use, CODE_REFERENCE, "gateway.use",
			      "there is no Gateway %s/%s of the Gateway API", ns, name);
	add_parent(x, list, name, ns);
}

void
route_parents_write(struct routing *x, const char *label, struct value *spec)
{
	const struct value *gateway = value_get(x->answers, "gateway");
	const struct value *create = value_get(gateway, "create"), *use = value_get(gateway, "use");
	struct value *list = value_new_list(x->arena);
	bool with_mesh = false;

	if (value_is_null(gateway))
		return;
	value_to_bool(value_get(gateway, "includeMesh"), &with_mesh);
	if (value_is_false(gateway)) {
		value_remove(spec, "parentRefs");
		return;
	}
	if (!value_is_null(create) && !value_is_null(use))
		answer_refuse(&x->answering, use, CODE_VALUE, "gateway.use", "create or use, not both");
	else if (!value_is_null(create))
		create_gateway(x, create, label, list);
	else if (!value_is_null(use))
		use_gateway(x, use, list);
	else if (!with_mesh)
		answer_refuse(&x->answering, gateway, CODE_VALUE, "gateway", "needs create or use");
	if (with_mesh)
		add_mesh(x, list);
	value_set(x->arena, spec, "parentRefs", list);
}
