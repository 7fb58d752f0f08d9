/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mesh compiled from YAML text, and requests written as text.
 */
#ifndef MESHTOP_TESTS_MESH_FIXTURE_H
#define MESHTOP_TESTS_MESH_FIXTURE_H

#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/rng.h"
#include "src/mesh/addresses.h"
#include "src/mesh/mesh.h"
#include "src/mesh/route.h"
#include "src/model/problem.h"

struct fixture {
	struct snapshot *snapshot;
	struct addresses *addresses;
	struct mesh *mesh;
	struct problems problems;
	struct rng rng;
	struct buf answer;	/* of the last fixture_route() */
};

/* Documents of one line each for the texts of tests. */
#define DOC(api, kind, ns, name, rest) \
	"---\n{apiVersion: " api ", kind: " kind ", metadata: {namespace: " ns \
	", name: " name "}, " rest "}\n"
#define SERVICE(ns, name, port_name, port) \
	DOC("v1", "Service", ns, name, "spec: {selector: {app: " name "}, ports: [{name: " \
	    port_name ", port: " port "}]}")
#define WORKLOAD(ns, name, address, labels) \
	DOC("networking.istio.io/v1", "WorkloadEntry", ns, name, \
	    "spec: {address: " address ", labels: {" labels "}}")
#define VIRTUAL_SERVICE(ns, name, spec) \
	DOC("networking.istio.io/v1", "VirtualService", ns, name, "spec: {" spec "}")
#define DESTINATION_RULE(ns, name, spec) \
	DOC("networking.istio.io/v1", "DestinationRule", ns, name, "spec: {" spec "}")

void fixture_open(struct fixture *f, const char *yaml);
void fixture_close(struct fixture *f);
const struct mesh_workload *fixture_workload(struct fixture *f, const char *ns,
					     const char *name);

/* Parses "GET /path HTTP/1.1\nHost: a\n" (lines end in \n, the empty line is
 * added) and routes it. */
void fixture_decide(struct fixture *f, const struct mesh_workload *caller, uint16_t port,
		    const char *head, struct route_decision *out, struct route_trace *trace);
/*
 * The same in words: "VS[INDEX] CLUSTER", "default CLUSTER", with NC for an
 * unknown cluster, REDIRECT or STATUS instead of a cluster; or NO_RULE,
 * NO_HOST, ALLOW_ANY, BLOCK_ALL, LIMIT.
 */
const char *fixture_route(struct fixture *f, const struct mesh_workload *caller,
			  uint16_t port, const char *head);
/* Of a connection: "[VS[INDEX] ]CLUSTER" or PassthroughCluster, BLOCKED,
 * NO_RULE, ENDS_TLS. */
const char *fixture_stream(struct fixture *f, const struct mesh_workload *caller,
			   const struct tcp_request *r);
const char *fixture_tcp(struct fixture *f, const struct mesh_workload *caller,
			const char *ns, const char *service, uint16_t port);
/* How many problem rows have the code. */
size_t fixture_problems(const struct fixture *f, const char *code);

#endif
