/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which addresses a mesh is to be reached at.
 */
#ifndef MESHTOP_PROXY_LISTENER_PLAN_H
#define MESHTOP_PROXY_LISTENER_PLAN_H

#include "proxy/acceptor.h"
#include "src/base/vec.h"

struct mesh;

struct listener_plan {
	VEC(struct listener_spec) specs;	/* in the order of plan_compare(), no two equal */
};

/* Adds all listeners of the mesh: service addresses, pods whose inbound proxy
 * the engine is, gateways, egress listeners. */
void plan_listeners(struct listener_plan *plan, const struct mesh *m);
/* By address and port, then kind.  Of one address the first kind wins. */
int plan_compare(const struct listener_spec *a, const struct listener_spec *b);

#endif
