/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the Gateway API's wizards share.  Nobody outside includes
 * it.
 */
#ifndef MESHTOP_WIZARD_ROUTE_PRIV_H
#define MESHTOP_WIZARD_ROUTE_PRIV_H

#include "src/model/kind.h"
#include "src/wizard/route_wizard.h"
#include "src/wizard/wizard_priv.h"

/* One wizard on its way. */
struct routing {
	struct answering answering;
	struct arena *arena;		/* of the documents */
	enum route_wizard_kind kind;
	const struct mesh *mesh;
	const struct mesh_service *service;
	const struct value *answers;	/* a map whose keys and types are checked */
	const struct object *stored;	/* the route; NULL: it is new */
	struct value *gateway;		/* to be made; NULL: none */
	struct problems *notes;
};

/* route_rules.c: spec.rules; a rule that says nothing leads to the services that
 * serve with the same pods */
bool route_may_lead_to(const struct mesh_service *service, const struct mesh_service *to);
void route_rules_write(struct routing *x, struct value *spec);
/* route_parents.c: spec.parentRefs, and the Gateway that is made for them */
void route_parents_write(struct routing *x, const char *label, struct value *spec);
/* The reference's namespace; that of the service, where its routes are, when it
 * says none. */
const char *route_ref_namespace(const struct mesh_service *service, const struct value *ref);
/* Does the parentRef of a route of the service name that object? */
bool route_parent_is(const struct mesh_service *service, const struct value *ref,
		     enum kind_id kind, const char *ns, const char *name);

#endif
