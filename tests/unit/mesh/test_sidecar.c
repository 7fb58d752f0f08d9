/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Sidecar's egress lets its workloads see (spec/dataplane.md 1.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "tests/unit/mesh/fixture.h"

#define CLIENT(ns, address) WORKLOAD(ns, "client", address, "app: client")
#define SERVICES SERVICE("a", "web", "http", "80") SERVICE("b", "web", "http", "80") SERVICE("b", "api", "http", "80") \
	DOC("v1", "Service", "b", "db", "spec: {clusterIP: 127.9.9.9, ports: [{name: tcp, port: 3306}, {name: tls, port: 443}, {name: http, port: 81}]}")
#define MESH CLIENT("a", "127.0.0.2") CLIENT("b", "127.0.0.3") SERVICES
#define SIDECAR(ns, name, spec) DOC("networking.istio.io/v1", "Sidecar", ns, name, "spec: {" spec "}")
#define DATED(ns, name, year, spec) "---\n{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {namespace: " ns \
	", name: " name ", creationTimestamp: '" year "-01-01T00:00:00Z'}, spec: {" spec "}}\n"
#define BY_LABEL "workloadSelector: {labels: {app: client}}, "
#define HOSTS(hosts) "egress: [{hosts: [" hosts "]}]"
#define REGISTRY_ONLY "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"
#define OWN "default outbound|80||web.a.svc.cluster.local"
#define WEB_B "default outbound|80||web.b.svc.cluster.local"
#define API "default outbound|80||api.b.svc.cluster.local"
#define ANSWER(status) "http: [{directResponse: {status: " status "}}]"

static const struct {
	const char *what, *yaml;	/* yaml NULL: as the row before */
	const char *from;
	uint16_t port;
	const char *host, *want;
} rows[] = {
	{ "without egress everything", MESH SIDECAR("a", "s", REGISTRY_ONLY), "a", 80, "web.b", WEB_B },
	{ "own namespace", MESH SIDECAR("a", "s", HOSTS("./*")), "a", 80, "web", OWN },
	{ "another namespace is not seen", NULL, "a", 80, "web.b", "ALLOW_ANY" },
	{ "other callers see it", NULL, "b", 80, "web", WEB_B },
	{ "what is not seen is blocked", MESH SIDECAR("a", "s", HOSTS("./*") ", " REGISTRY_ONLY), "a", 80, "web.b", "BLOCK_ALL" },
	{ "a namespace", MESH SIDECAR("a", "s", HOSTS("b/*")), "a", 80, "web.b", WEB_B },
	{ "a namespace and not the own", NULL, "a", 80, "web", "ALLOW_ANY" },
	{ "a host of a namespace", MESH SIDECAR("a", "s", HOSTS("b/api.b.svc.cluster.local")), "a", 80, "api.b", API },
	{ "not its other hosts", NULL, "a", 80, "web.b", "ALLOW_ANY" },
	{ "a host of any namespace", MESH SIDECAR("a", "s", HOSTS("'*/web.b.svc.cluster.local', ./*")), "a", 80, "web.b", WEB_B },
	{ "a wildcard", MESH SIDECAR("a", "s", HOSTS("'*/*.b.svc.cluster.local'")), "a", 80, "api.b", API },
	{ "no namespace", MESH SIDECAR("a", "s", HOSTS("~/*")), "a", 80, "web", "ALLOW_ANY" },
	{ "all but a namespace", MESH SIDECAR("a", "s", HOSTS("'*/*', ~b/*")), "a", 80, "web.b", "ALLOW_ANY" },
	{ "all but a namespace", NULL, "a", 80, "web", OWN },
	{ "all but a host", MESH SIDECAR("a", "s", HOSTS("~b/web.b.svc.cluster.local, '*/*'")), "a", 80, "web.b", "ALLOW_ANY" },
	{ "all but a host", NULL, "a", 80, "api.b", API },
	{ "of the mesh", MESH SIDECAR("istio-system", "s", HOSTS("./*")), "a", 80, "web.b", "ALLOW_ANY" },
	{ "of the mesh: each its own namespace", NULL, "b", 80, "web.b", WEB_B },
	{ "by labels: not for others", MESH WORKLOAD("a", "aaa", "127.0.0.4", "app: other")
	  SIDECAR("a", "l", "workloadSelector: {labels: {app: other}}, " HOSTS("b/*")), "a", 80, "web", OWN },
	{ "by labels before the namespace's", MESH SIDECAR("a", "s", HOSTS("./*"))
	  SIDECAR("a", "l", "workloadSelector: {labels: {app: client}}, " HOSTS("b/*")), "a", 80, "web.b", WEB_B },

	{ "the oldest of a namespace", MESH DATED("a", "b", "2020", HOSTS("b/*")) DATED("a", "a", "2021", HOSTS("./*")), "a", 80, "web.b", WEB_B },
	{ "the oldest of a namespace", MESH DATED("a", "b", "2021", HOSTS("./*")) DATED("a", "a", "2020", HOSTS("b/*")), "a", 80, "web.b", WEB_B },
	{ "the oldest that selects", MESH DATED("a", "a", "2021", BY_LABEL HOSTS("./*")) DATED("a", "b", "2020", BY_LABEL HOSTS("b/*"))
	  DATED("a", "c", "2019", HOSTS("./*")), "a", 80, "web.b", WEB_B },

	/* listeners of ports */
	{ "a port's own listener", MESH SIDECAR("a", "s", "egress: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [b/*]}, {hosts: [./*]}]"),
	  "a", 80, "web.b", WEB_B },
	{ "governs the port alone", NULL, "a", 80, "web", "ALLOW_ANY" },
	{ "other ports have the last one", NULL, "a", 81, "db.b", "ALLOW_ANY" },
	{ "a port without a listener", MESH SIDECAR("a", "s", "egress: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*/*']}]"),
	  "a", 81, "db.b", "ALLOW_ANY" },

	/* rules */
	{ "rules of the hosts that are seen", MESH SIDECAR("a", "s", HOSTS("b/api.b.svc.cluster.local"))
	  VIRTUAL_SERVICE("b", "vs", "hosts: [api], " ANSWER("201")), "a", 80, "api.b", "vs[0] 201" },
	{ "the rule's namespace counts", MESH SIDECAR("a", "s", HOSTS("b/api.b.svc.cluster.local"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [api.b.svc.cluster.local], " ANSWER("201")), "a", 80, "api.b", API },
	{ "rules of wider hosts", MESH SIDECAR("a", "s", HOSTS("b/api.b.svc.cluster.local"))
	  VIRTUAL_SERVICE("b", "vs", "hosts: ['*.b.svc.cluster.local'], " ANSWER("201")), "a", 80, "api.b", "vs[0] 201" },
	{ "destinations need not be seen", MESH SIDECAR("a", "s", HOSTS("./*"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: api.b.svc.cluster.local}}]}]"),
	  "a", 80, "web", "vs[0] outbound|80||api.b.svc.cluster.local" },
	{ "hosts without a service", MESH SIDECAR("a", "s", HOSTS("./*"))
	  VIRTUAL_SERVICE("a", "own", "hosts: [x.com], " ANSWER("201")) VIRTUAL_SERVICE("b", "vs", "hosts: [y.com], " ANSWER("202")),
	  "a", 80, "x.com", "own[0] 201" },
	{ "hosts without a service that are not seen", NULL, "a", 80, "y.com", "ALLOW_ANY" },
};

static void
test_route_http__knows_what_a_sidecar_shows(void **state)
{
	struct fixture f = { .mesh = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;
		char head[256];

		if (rows[i].yaml != NULL) {
			if (f.mesh != NULL)
				fixture_close(&f);
			fixture_open(&f, rows[i].yaml);
		}
		snprintf(head, sizeof(head), "GET / HTTP/1.1\nHost: %s\n", rows[i].host);
		got = fixture_route(&f, fixture_workload(&f, rows[i].from, "client"), rows[i].port, head);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu, %s: %s, not %s", i, rows[i].what, got, rows[i].want);
	}
	fixture_close(&f);
}

static void
test_route_tcp__knows_what_a_sidecar_shows(void **state)
{
	const struct mesh_workload *a, *b;
	struct fixture f;

	(void)state;
	fixture_open(&f, MESH SIDECAR("a", "s", HOSTS("./*"))
		VIRTUAL_SERVICE("b", "vs", "hosts: [db, '*.x'], tls: [{match: [{sniHosts: [v1.x]}], route: [{destination: {host: web, port: {number: 80}}}]}]"));
	a = fixture_workload(&f, "a", "client");
	b = fixture_workload(&f, "b", "client");
	assert_string_equal(fixture_tcp(&f, a, "b", "db", 3306), "PassthroughCluster");
	assert_string_equal(fixture_tcp(&f, b, "b", "db", 3306), "outbound|3306||db.b.svc.cluster.local");
	assert_false(route_wants_server_name(a->routes, mesh_find_service(f.mesh, "b", "db"), 443));
	assert_true(route_wants_server_name(b->routes, mesh_find_service(f.mesh, "b", "db"), 443));
	fixture_close(&f);
}

/* --- clusters of a caller's proxies --- */

#define LIMIT(ns, name, host, n) \
	DOC("networking.istio.io/v1", "DestinationRule", ns, name, \
	    "spec: {host: " host ", trafficPolicy: {connectionPool: {tcp: {maxConnections: " n "}}}}")
#define WEB_OF_B "web.b.svc.cluster.local"

static const struct {
	const char *what, *yaml, *from;
	const char *name;
	uint32_t limit;			/* maxConnections of the one; 0: there is none */
} clusters[] = {
	{ "a service", MESH, "a", "outbound|80||web.b.svc.cluster.local", MESH_UNLIMITED },
	{ "TCP", MESH, "a", "outbound|3306||db.b.svc.cluster.local", MESH_UNLIMITED },
	{ "no service", MESH, "a", "PassthroughCluster", MESH_UNLIMITED },
	{ "what a Sidecar leaves out", MESH SIDECAR("a", "s", HOSTS("./*")), "a", "outbound|80||web.b.svc.cluster.local", 0 },
	{ "and lets others see", MESH SIDECAR("a", "s", HOSTS("./*")), "b", "outbound|80||web.b.svc.cluster.local", MESH_UNLIMITED },
	{ "its own rule", MESH LIMIT("a", "mine", WEB_OF_B, "1") LIMIT("b", "theirs", "web", "2"), "a",
	  "outbound|80||web.b.svc.cluster.local", 1 },
	{ "the service's rule", MESH LIMIT("a", "mine", WEB_OF_B, "1") LIMIT("b", "theirs", "web", "2"), "b",
	  "outbound|80||web.b.svc.cluster.local", 2 },
};

static void
test_route_table_clusters__as_the_caller_sees_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
		uint32_t limit = 0;
		unsigned n = 0;
		struct fixture f;
		bool *has;

		fixture_open(&f, clusters[i].yaml);
		has = route_table_clusters(fixture_workload(&f, clusters[i].from, "client")->routes);
		for (size_t k = 0; k < f.mesh->cluster_count; k++) {
			if (!has[k] || strcmp(f.mesh->clusters[k]->name, clusters[i].name) != 0)
				continue;
			limit = f.mesh->clusters[k]->policy.max_connections;
			n++;
		}
		if (limit != clusters[i].limit || n > 1)
			fail_msg("%s: %u, limit %u", clusters[i].what, n, limit);
		free(has);
		fixture_close(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_http__knows_what_a_sidecar_shows),
		cmocka_unit_test(test_route_tcp__knows_what_a_sidecar_shows),
		cmocka_unit_test(test_route_table_clusters__as_the_caller_sees_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
