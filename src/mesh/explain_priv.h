/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the files of explain: parts of the answer that requests
 * and connections have in common.
 */
#ifndef MESHTOP_MESH_EXPLAIN_PRIV_H
#define MESHTOP_MESH_EXPLAIN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "src/mesh/explain.h"
#include "src/mesh/route.h"
#include "src/model/response_flags.h"

struct http_head;
struct http_rule;
struct json_writer;
struct object;
struct value;

/* How it ends when nothing else goes wrong: status 0 stands for the answer of
 * the endpoint, no details for a connection that is relayed or closed. */
struct explain_outcome {
	unsigned status;
	response_flags flags;
	const char *details;
};

void explain_put_service(struct json_writer *w, const struct mesh_service *s);
void explain_put_route(struct json_writer *w, const struct route_destination *destinations,
		       size_t count);
void explain_put_limits(struct json_writer *w, const struct route_destination *d);
/* Null where all endpoints of the cluster are alike for the caller. */
void explain_put_localities(struct json_writer *w, const struct mesh *m,
			    const struct mesh_workload *from, const struct route_destination *d);
/* "timeout" and "retries", with what the request asks for; rule may be NULL. */
void explain_put_terms(struct json_writer *w, const struct http_rule *rule,
		       const struct http_head *head, bool is_gateway);
void explain_put_duration(struct json_writer *w, const char *key, uint64_t ns);
void explain_put_localities_text(const struct value *localities, struct buf *out);
/* Notes are members of an array that is open.
 * What the rule at path asks for and this version's engine does not do; unseen
 * (NULL: none): the service that is there, but not for this caller. */
void explain_put_notes(struct json_writer *w, const struct object *rule, const char *path,
		       const struct mesh_service *unseen);
/* Of the DestinationRule of the cluster (may be NULL): what it asks for in vain, for
 * all and for the subset. */
void explain_put_policy_notes(struct json_writer *w, const struct mesh_cluster *c);
/* Routes of the Gateway API that are for the service, or for the caller's Gateways. */
void explain_put_route_notes(struct json_writer *w, const struct mesh *m,
			     const struct mesh_workload *from, const struct mesh_service *s);
/* Policies of the service's namespace and of the mesh that would stop calls. */
void explain_put_guard_notes(struct json_writer *w, const struct mesh *m,
			     const struct mesh_service *s);
/* What becomes of fields in which the request asks for terms of its own. */
void explain_put_terms_notes(struct json_writer *w, const struct http_head *head,
			     bool is_gateway);
void explain_put_outcome(struct json_writer *w, const struct explain_outcome *end);
/* For a request or ClientHello that names the host. */
bool explain_has_endpoint(const struct mesh_cluster *c, struct slice host);
bool explain_is_name_of(const struct mesh_service *s, const char *ns, struct slice host);

/* explain_stream.c: a connection, of an https:// URL. */
int explain_stream(const struct mesh *m, const struct mesh_workload *from,
		   const struct explain_question *question, struct buf *out, struct error *err);

#endif
