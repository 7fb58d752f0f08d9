/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small mesh made by hand, and records of exchanges in it: voyages of
 * travel-portal calls travels v1 of travel-agency.
 */
#ifndef MESHTOP_TESTS_PROXY_FIXTURE_H
#define MESHTOP_TESTS_PROXY_FIXTURE_H

#include <string.h>

#include "proxy/telemetry/record.h"
#include "src/base/assert.h"
#include "src/mesh/mesh.h"

struct fixture {
	struct mesh mesh;
	struct mesh_workload voyages, travels;
	struct mesh_instance voyages_pod, travels_pod;
	struct mesh_service travels_service, external_service;
	struct mesh_cluster cluster, passthrough, black_hole;
	struct mesh_endpoint endpoint;
	struct mesh_locality locality;
	struct http_rule rule;
	struct http_head head;
	struct address remote, local, upstream, upstream_local;
	/* for the arrays of the mesh */
	struct mesh_workload *workloads[2];
	struct mesh_instance *instances[2];
	const struct mesh_instance *of_voyages[1], *of_travels[1];
	struct mesh_service *services[2];
	struct mesh_cluster *clusters[3];
};

static inline void
fixture_workload(struct mesh_workload *w, struct mesh_instance *pod, const char *ns,
		 const char *name, const char *app, const char *version, const char *address)
{
	w->ns = pod->ns = ns;
	w->name = name;
	pod->name = name;
	w->app = app;
	w->version = version;
	w->canonical_service = app != NULL ? app : name;
	w->canonical_revision = version != NULL ? version : "latest";
	w->has_proxy = true;
	w->service_account = "default";
	pod->workload = w;
	address_parse_host(&pod->address, address, 0, NULL);
}

static inline void
fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->mesh.settings.cluster_id = "Kubernetes";
	f->mesh.settings.trust_domain = "cluster.local";
	fixture_workload(&f->voyages, &f->voyages_pod, "travel-portal", "voyages", "voyages", "v1",
			 "127.64.64.1");
	fixture_workload(&f->travels, &f->travels_pod, "travel-agency", "travels-v1", "travels",
			 "v1", "127.64.64.2");
	f->travels_service = (struct mesh_service){ .ns = "travel-agency", .name = "travels",
		.fqdn = "travels.travel-agency.svc.cluster.local" };
	f->external_service = (struct mesh_service){ .ns = "default", .name = "entry", .index = 1,
		.fqdn = "api.example.com", .is_entry = true };
	f->cluster = (struct mesh_cluster){ .service = &f->travels_service, .subset = "v1",
		.name = "outbound|8000|v1|travels.travel-agency.svc.cluster.local",
		.endpoints = &f->endpoint, .endpoint_count = 1 };
	f->cluster.policy.max_connections = f->cluster.policy.max_pending = MESH_UNLIMITED;
	f->cluster.policy.max_requests = f->cluster.policy.max_retries = MESH_UNLIMITED;
	f->passthrough = (struct mesh_cluster){ .name = "PassthroughCluster", .index = 1, .subset = "" };
	f->black_hole = (struct mesh_cluster){ .name = "BlackHoleCluster", .index = 2, .subset = "" };
	f->endpoint.instance = &f->travels_pod;
	f->endpoint.weight = 1;
	f->locality = (struct mesh_locality){ "here", "a", "" };
	f->endpoint.locality = &f->locality;
	address_parse(&f->endpoint.address, "127.64.64.2:8000", NULL);
	f->rule.name = "default";
	address_parse(&f->remote, "127.64.64.1:40000", NULL);
	address_parse(&f->local, "127.64.0.5:8000", NULL);
	address_parse(&f->upstream, "127.64.64.2:8000", NULL);
	address_parse(&f->upstream_local, "127.64.64.1:40001", NULL);

	f->workloads[0] = &f->travels;
	f->workloads[1] = &f->voyages;
	f->voyages.index = 1;
	f->instances[0] = &f->travels_pod;
	f->instances[1] = &f->voyages_pod;
	f->voyages_pod.index = 1;
	f->of_voyages[0] = &f->voyages_pod;
	f->of_travels[0] = &f->travels_pod;
	f->voyages.instances = f->of_voyages;
	f->travels.instances = f->of_travels;
	f->voyages.instance_count = f->travels.instance_count = 1;
	f->services[0] = &f->travels_service;
	f->services[1] = &f->external_service;
	f->clusters[0] = &f->cluster;
	f->clusters[1] = &f->passthrough;
	f->clusters[2] = &f->black_hole;
	f->mesh.workloads = f->workloads;
	f->mesh.workload_count = 2;
	f->mesh.instances = f->instances;
	f->mesh.instance_count = 2;
	f->mesh.services = f->services;
	f->mesh.service_count = 2;
	f->mesh.clusters = f->clusters;
	f->mesh.cluster_count = 3;
	f->mesh.passthrough = &f->passthrough;
	f->mesh.black_hole = &f->black_hole;
}

/* The usual exchange: 200 after 4.5 ms, 590 bytes in, 3200 out. */
static inline struct record
fixture_record(struct fixture *f, enum record_side side)
{
	struct record r = {
		.side = side, .protocol = RECORD_HTTP, .target = TARGET_SERVICE,
		.self = &f->voyages, .self_instance = &f->voyages_pod, .peer = &f->travels_pod,
		.service = &f->travels_service, .cluster = &f->cluster, .rule = &f->rule,
		.match = -1, .status = 200, .grpc_status = -1, .details = "via_upstream",
		.start_wall_ms = 1764000000123, .start_ns = 1000000000,
		.end_ns = 1004500000, .upstream_head_ns = 1004000000, .request_end_ns = 1000200000,
		.service_start_ns = 1000200000,
		.request_wire_bytes = 590, .response_wire_bytes = 3200,
		.request_body_bytes = 0, .response_body_bytes = 3000,
		.head = &f->head, .path = SLICE("/travels/London"),
		.authority = SLICE("travels.travel-agency:8000"), .request_id = SLICE("id-1"),
		.downstream_remote = &f->remote, .downstream_local = &f->local,
		.upstream = &f->upstream, .upstream_local = &f->upstream_local,
	};

	if (side == SIDE_INBOUND) {
		r.self = &f->travels;
		r.self_instance = &f->travels_pod;
		r.peer = &f->voyages_pod;
		r.cluster = NULL;
		r.rule = NULL;
	}
	return r;
}

#endif
