/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wizards of the Gateway API as a whole; see route_wizard.h. */
#include "src/wizard/route_wizard.h"

#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/route_priv.h"

static const struct {
	const char *name, *label;
	enum kind_id route;
	const struct schema_field *answers;
} kinds[ROUTE_WIZARD_KIND_COUNT] = {
	[ROUTE_WIZARD_HTTP] = { "k8s-http-routing", "k8s_request_routing", KIND_HTTP_ROUTE,
				answer_http_route_fields },
	[ROUTE_WIZARD_GRPC] = { "k8s-grpc-routing", "k8s_grpc_request_routing", KIND_GRPC_ROUTE,
				answer_grpc_route_fields },
};

const char *
route_wizard_name(enum route_wizard_kind k)
{
	return kinds[k].name;
}

bool
route_wizard_parse(const char *word, enum route_wizard_kind *out)
{
	for (unsigned k = 0; k < ROUTE_WIZARD_KIND_COUNT; k++)
		if (strcmp(word, kinds[k].name) == 0) {
			*out = (enum route_wizard_kind)k;
			return true;
		}
	return false;
}

/* Do all backends serve with pods of the service? */
static bool
leads_only_here(const struct mesh *m, const struct mesh_service *s, const struct object *o)
{
	size_t count = 0;

	VALUE_EACH(rule, value_get(o->spec, "rules"))
		VALUE_EACH(ref, value_get(rule, "backendRefs")) {
			const char *name = value_get_text(ref, "name");
			const struct mesh_service *to = name == NULL ? NULL :
				mesh_find_service(m, route_ref_namespace(s, ref), name);

			if (to == NULL || !route_may_lead_to(s, to))
				return false;
			count++;
		}
	return count > 0;
}

static bool
is_bound_to(const struct object *o, const struct mesh_service *s)
{
	VALUE_EACH(ref, value_get(o->spec, "parentRefs"))
		if (route_parent_is(s, ref, KIND_SERVICE, s->ns, s->name))
			return true;
	VALUE_EACH(host, value_get(o->spec, "hostnames"))
		if (wizard_same_text(value_text(host), s->fqdn))
			return true;
	return false;
}

/* By its name, its host, or where it leads. */
bool
route_is_of_service(const struct mesh *m, const struct mesh_service *s, const struct object *o)
{
	return strcmp(o->ns, s->ns) == 0 && (strcmp(o->name, s->name) == 0 || is_bound_to(o, s) ||
					     leads_only_here(m, s, o));
}

/* The route that is worked on: of the service's name, else the oldest. */
static const struct object *
find_stored(const struct routing *x)
{
	const struct object *best = NULL;

	SNAPSHOT_EACH(o, x->mesh->snapshot, kinds[x->kind].route) {
		if (!route_is_of_service(x->mesh, x->service, o))
			continue;
		if (strcmp(o->name, x->service->name) == 0)
			return o;
		if (best == NULL || o->age_rank < best->age_rank)
			best = o;
	}
	return best;
}

/* "*" is any host, which a route says by naming none. */
static bool
is_any_host(const struct value *hosts)
{
	VALUE_EACH(host, hosts)
		if (wizard_same_text(value_text(host), "*"))
			return true;
	return false;
}

static void
write_hosts(struct routing *x, struct value *spec)
{
	const struct value *hosts = value_get(x->answers, "hosts");
	const struct value *made_for = value_path(x->answers, "gateway.create.hosts");
	struct value *list;

	if (!value_is_null(hosts) && hosts->count == 0) {
		answer_refuse(&x->answering, hosts, CODE_VALUE, "hosts", "needs at least one host");
	} else if (!value_is_null(hosts)) {
		value_set(x->arena, spec, "hostnames", value_copy(x->arena, hosts));
	} else if (is_any_host(made_for)) {
		value_remove(spec, "hostnames");
	} else if (!value_is_null(made_for)) {
		value_set(x->arena, spec, "hostnames", value_copy(x->arena, made_for));
	} else if (x->stored == NULL) {
		list = value_set(x->arena, spec, "hostnames", value_new_list(x->arena));
		value_append(list, value_new_string(x->arena, x->service->fqdn));
	}
}

static struct value *
make_route(struct routing *x, const char *label)
{
	struct value *root, *spec;

	if (x->stored != NULL) {
		root = value_copy(x->arena, x->stored->root);
		document_label(x->arena, root, label);
	} else {
		root = document_new(x->arena, kinds[x->kind].route, x->service->ns, x->service->name,
				    label);
	}
	spec = value_ensure_map(x->arena, root, "spec");
	route_parents_write(x, label, spec);
	write_hosts(x, spec);
	route_rules_write(x, spec);
	return root;
}

static void
check_service(struct routing *x)
{
	if (!x->service->is_entry)
		return;
	problem_add(x->answering.problems, x->service->object, NULL, CODE_STATE, SEVERITY_ERROR, "kind",
		    "routes of the Gateway API lead to Services alone");
	x->answering.is_bad = true;
}

/* The engine routes by VirtualServices alone. */
static void
note_not_obeyed(const struct wizard_document *route, struct problems *out)
{
	const struct object identity = { .kind_name = route->kind, .ns = route->ns,
					 .name = route->name, .file = "" };

	problem_add(out, &identity, NULL, CODE_NOT_OBEYED, SEVERITY_INFO, "spec",
		    "stored and checked, not obeyed by this version");
}

struct wizard_preview *
route_wizard_preview(enum route_wizard_kind k, const struct mesh *m,
		     const struct mesh_service *service, const struct value *answers,
		     struct problems *rows)
{
	static const struct value empty = { .kind = VALUE_MAP };
	struct wizard_preview *p = xcalloc(1, sizeof(*p));
	struct document_set d = { .arena = p->arena = arena_new() };
	struct routing x = { .kind = k, .mesh = m, .service = service, .arena = p->arena,
			     .answers = value_is_null(answers) ? &empty : answers,
			     .notes = &p->problems,
			     .answering = { .problems = rows, .arena = p->arena } };
	struct value *route = NULL;

	check_service(&x);
	answer_check_keys(&x.answering, x.answers, kinds[k].answers, "");
	if (!x.answering.is_bad) {
		x.stored = find_stored(&x);
		route = make_route(&x, kinds[k].label);
	}
	if (x.answering.is_bad) {
		wizard_preview_free(&p);
		return NULL;
	}
	d.items = arena_alloc(p->arena, 2 * sizeof(*d.items));
	if (x.gateway != NULL)
		document_add(&d, NULL, x.gateway);
	document_add(&d, x.stored, route);
	preview_take(p, &d);
	note_not_obeyed(&d.items[d.count - 1], &p->problems);
	return p;
}

void
route_wizard_transaction(const struct wizard_preview *p, enum route_wizard_kind k,
			 const struct mesh_service *service, struct transaction *out)
{
	preview_transaction(p, arena_printf(p->arena, "%s %s.%s", kinds[k].name, service->name,
					    service->ns), out);
}
