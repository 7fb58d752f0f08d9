/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wizards of the Gateway API: from answers in its own words to the
 * HTTPRoute or GRPCRoute of a service and the Gateway that it is bound to.
 *
 * Pure, as the other wizards, and without a form.  Names, labels and shapes
 * are Kiali's (spec/kiali.md 1.11); what answers do not mention stays.
 */
#ifndef MESHTOP_WIZARD_ROUTE_WIZARD_H
#define MESHTOP_WIZARD_ROUTE_WIZARD_H

#include <stdbool.h>

struct mesh;
struct mesh_service;
struct problems;
struct transaction;
struct value;
struct wizard_preview;

enum route_wizard_kind { ROUTE_WIZARD_HTTP, ROUTE_WIZARD_GRPC, ROUTE_WIZARD_KIND_COUNT };
const char *route_wizard_name(enum route_wizard_kind k);	/* "k8s-http-routing" */
bool route_wizard_parse(const char *word, enum route_wizard_kind *out);

/* The documents as they would be stored: the Gateway when it is new, then the
 * route.  NULL when the answers (NULL: none) are refused; rows say why, with
 * paths in the answers' words. */
struct wizard_preview *route_wizard_preview(enum route_wizard_kind k, const struct mesh *m,
					    const struct mesh_service *service,
					    const struct value *answers, struct problems *rows);
/* As wizard_transaction(). */
void route_wizard_transaction(const struct wizard_preview *p, enum route_wizard_kind k,
			      const struct mesh_service *service, struct transaction *out);

#endif
