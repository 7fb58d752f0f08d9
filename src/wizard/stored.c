/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is stored for a service, whoever wrote it, and which of it is in
 * force: the VirtualService and the DestinationRule that a wizard changes.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/istio/host.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

bool
wizard_is_own_host(const struct wizard_state *w, const char *host, const char *ns)
{
	char full[HOST_MAX_BYTES + 1];

	/* A host begins as it is written: most are others' at a glance. */
	return host != NULL && strncasecmp(host, w->service->fqdn, strcspn(host, ".")) == 0 &&
	       host_resolve_into(full, host, ns) && strcasecmp(full, w->service->fqdn) == 0;
}

static bool
names_host(const struct wizard_state *w, const struct object *o)
{
	VALUE_EACH(host, value_get(o->spec, "hosts"))
		if (wizard_is_own_host(w, value_text(host), o->ns))
			return true;
	return false;
}

static bool
is_bound_to_mesh(const struct object *o)
{
	const struct value *gateways = value_get(o->spec, "gateways");

	if (!value_is_list(gateways) || gateways->count == 0)
		return true;
	VALUE_EACH(g, gateways)
		if (value_text(g) != NULL && strcmp(value_text(g), MESH_GATEWAY) == 0)
			return true;
	return false;
}

/* Do all destinations of the list's entries lead to the service? */
static bool
leads_only_here(const struct wizard_state *w, const struct object *o, const char *list,
		size_t *count)
{
	VALUE_EACH(entry, value_get(o->spec, list))
		VALUE_EACH(route, value_get(entry, "route")) {
			const struct value *to = value_get(route, "destination");

			if (!wizard_is_own_host(w, value_get_text(to, "host"), o->ns))
				return false;
			(*count)++;
		}
	return true;
}

/* Does a host belong to another service, or, as a wildcard of the mesh, to
 * many? */
static bool
names_others(const struct wizard_state *w, const struct object *o)
{
	bool has_mesh = is_bound_to_mesh(o);

	VALUE_EACH(host, value_get(o->spec, "hosts")) {
		const char *text = value_text(host);
		char full[HOST_MAX_BYTES + 1];
		const struct mesh_service *other;

		if (text == NULL || !host_resolve_into(full, text, o->ns))
			continue;
		other = mesh_service_of_host(w->mesh, full);
		if ((other != NULL && other != w->service) || (has_mesh && host_is_wildcard(text)))
			return true;
	}
	return false;
}

/* A rule of the service under other names: those of a gateway, mostly. */
static bool
is_rule_by_destination(const struct wizard_state *w, const struct object *o)
{
	size_t count = 0;

	return leads_only_here(w, o, "http", &count) && leads_only_here(w, o, "tcp", &count) &&
	       count > 0 && !names_others(w, o);
}

/* Rank of a VirtualService: the least one, by age, is worked on. */
enum { RANK_MESH, RANK_GATEWAY, RANK_DESTINATION, RANK_NONE };

static int
rank_of(const struct wizard_state *w, const struct object *o)
{
	if (names_host(w, o))
		return is_bound_to_mesh(o) ? RANK_MESH : RANK_GATEWAY;
	return is_rule_by_destination(w, o) ? RANK_DESTINATION : RANK_NONE;
}

static void
find_virtual_services(struct wizard_state *w)
{
	int best = RANK_NONE;

	SNAPSHOT_EACH(o, w->mesh->snapshot, KIND_VIRTUAL_SERVICE) {
		int rank = rank_of(w, o);

		if (rank == RANK_NONE)
			continue;
		vec_push(&w->stored, o);
		if (rank < best || (rank == best && o->age_rank < w->virtual_service->age_rank)) {
			best = rank;
			w->virtual_service = o;
		}
	}
}

/* The level at which callers of other namespaces find it (spec/dataplane.md
 * 2.4): the service's namespace before the root one; rules in a caller's own
 * namespace hold for that namespace alone. */
static int
level_of(const struct wizard_state *w, const struct object *o)
{
	if (strcmp(o->ns, w->service->ns) == 0)
		return 0;
	return strcmp(o->ns, w->mesh->settings.root_namespace) == 0 ? 1 : 2;
}

static void
find_destination_rules(struct wizard_state *w)
{
	int best = 2;

	SNAPSHOT_EACH(o, w->mesh->snapshot, KIND_DESTINATION_RULE) {
		int level = level_of(w, o);

		if (!wizard_is_own_host(w, value_get_text(o->spec, "host"), o->ns))
			continue;
		vec_push(&w->stored, o);
		if (level >= 2 || value_get(o->spec, "workloadSelector") != NULL)
			continue;
		if (level < best ||
		    (level == best && o->age_rank < w->destination_rule->age_rank)) {
			best = level;
			w->destination_rule = o;
		}
	}
}

/* The PeerAuthentication that the DestinationRule says belongs to it. */
static void
find_peer_auth(struct wizard_state *w)
{
	const char *related;

	if (w->destination_rule == NULL)
		return;
	related = object_annotation(w->destination_rule, ANNOTATION_RELATED);
	if (related == NULL || strncmp(related, RELATED_PEER_AUTH, strlen(RELATED_PEER_AUTH)) != 0)
		return;
	w->peer_auth = snapshot_find(w->mesh->snapshot, KIND_PEER_AUTH,
				     w->destination_rule->ns,
				     related + strlen(RELATED_PEER_AUTH));
	if (w->peer_auth != NULL)
		vec_push(&w->stored, w->peer_auth);
}

/* Of no use but to be deleted here; they have wizards of their own. */
static void
find_routes(struct wizard_state *w)
{
	static const enum kind_id kinds[] = { KIND_HTTP_ROUTE, KIND_GRPC_ROUTE };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		SNAPSHOT_EACH(o, w->mesh->snapshot, kinds[i])
			if (route_is_of_service(w->mesh, w->service, o))
				vec_push(&w->stored, o);
}

void
stored_find(struct wizard_state *w)
{
	find_destination_rules(w);
	find_peer_auth(w);
	find_virtual_services(w);
	if (w->kind == WIZARD_DELETE)
		find_routes(w);
}
