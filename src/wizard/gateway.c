/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Gateway that a wizard creates, once. */
#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

/* The Gateway that a rule already uses when it is what would be made. */
static const struct object *
same_gateway(const struct wizard_state *w, const struct value *spec)
{
	const struct value *list = w->virtual_service != NULL
		? value_get(w->virtual_service->spec, "gateways") : NULL;

	VALUE_EACH(g, list) {
		const char *text = value_text(g), *slash = text != NULL ? strchr(text, '/') : NULL;
		const struct object *o;

		if (slash == NULL || strncmp(text, w->service->ns, (size_t)(slash - text)) != 0 ||
		    strlen(w->service->ns) != (size_t)(slash - text))
			continue;
		o = snapshot_find(w->mesh->snapshot, KIND_GATEWAY, w->service->ns, slash + 1);
		if (o != NULL && value_equal(o->spec, spec))
			return o;
	}
	return NULL;
}

static bool
gateway_exists(const struct mesh *m, const char *ns, const char *name)
{
	return snapshot_find(m->snapshot, KIND_GATEWAY, ns, name) != NULL ||
	       snapshot_find(m->snapshot, KIND_K8S_GATEWAY, ns, name) != NULL;
}

const char *
gateway_free_name(const struct mesh *m, const struct mesh_service *s, struct arena *a)
{
	const char *name = arena_printf(a, "%s-gateway", s->name), *base = name;

	for (unsigned n = 1; gateway_exists(m, s->ns, name); n++)
		name = arena_printf(a, "%s-%u", base, n);
	return name;
}

static void
fill_gateway(struct arena *a, const struct value *create, struct value *spec)
{
	struct value *server, *port;
	int64_t number = 80;

	value_to_int(value_get(create, "port"), &number);
	value_set_string(a, value_ensure_map(a, spec, "selector"), "istio", "ingressgateway");
	server = value_append(value_set(a, spec, "servers", value_new_list(a)), value_new_map(a));
	port = value_ensure_map(a, server, "port");
	value_set_int(a, port, "number", number);
	value_set_string(a, port, "name", "http");
	value_set_string(a, port, "protocol", "HTTP");
	value_set(a, server, "hosts", value_copy(a, value_get(create, "hosts")));
}

struct value *
gateway_make(const struct wizard_state *w, struct arena *a, const char *label, const char **ref)
{
	const struct value *gateway = value_get(w->advanced, "gateway");
	const struct value *create = value_get(gateway, "create");
	const struct object *same;
	const char *name;
	struct value *root;

	*ref = value_get_text(gateway, "use");
	if (create == NULL)
		return NULL;
	name = gateway_free_name(w->mesh, w->service, a);
	root = document_new(a, KIND_GATEWAY, w->service->ns, name, label);
	fill_gateway(a, create, value_get(root, "spec"));
	same = same_gateway(w, value_get(root, "spec"));
	*ref = arena_printf(a, "%s/%s", w->service->ns, same != NULL ? same->name : name);
	return same != NULL ? NULL : root;
}
