/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections by server name (spec/dataplane.md 5.2, 2.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/mesh/addresses.h"
#include "tests/unit/mesh/fixture.h"

#define CLIENT(ns, address) WORKLOAD(ns, "client", address, "app: client, tier: t-" ns)
#define DB_PORT(port) DOC("v1", "Service", "a", "db", "spec: {clusterIP: 127.9.9.9, ports: [" port "]}") \
	WORKLOAD("a", "db-v1", "127.0.1.1", "app: db, version: v1")
#define DB DB_PORT("{name: tls, port: 443}, {name: https-two, port: 8443}")
#define MESH CLIENT("a", "127.0.0.2") CLIENT("b", "127.0.0.3") DB \
	DESTINATION_RULE("a", "dr", "host: db, subsets: [{name: v1, labels: {version: v1}}]")
#define REGISTRY_ONLY DOC("v1", "ConfigMap", "istio-system", "istio", \
	"data: {mesh: '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'}")
#define RULE(match, destination) "{match: [" match "], route: [{destination: {" destination "}}]}"
#define VS(tls) VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*.x'], tls: [" tls "]")
#define DATED_VS(name, date, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: a" \
	", name: " name ", creationTimestamp: '" date "T00:00:00Z'}, spec: {" spec "}}\n"
#define ENTRY(name, spec) DOC("networking.istio.io/v1", "ServiceEntry", "a", name, "spec: {" spec "}")
#define TLS_PORT "ports: [{number: 443, name: tls, protocol: TLS}]"

#define CLUSTER "outbound|443||db.a.svc.cluster.local"
#define CLUSTER_V1 "outbound|443|v1|db.a.svc.cluster.local"

struct row {
	const char *what, *yaml;	/* yaml NULL: as the row before */
	const char *from;		/* namespace of the caller; "gw": the gateway */
	const char *to;			/* service of a; NULL: at the gateway */
	uint16_t port;
	const char *name, *want;
};

static const struct row rows[] = {
	{ "without rules by address", MESH, "a", "db", 443, "v1.x", CLUSTER },
	{ "tcp rules are not for TLS", MESH
	  VIRTUAL_SERVICE("a", "vs", "hosts: [db], tcp: [{route: [{destination: {host: db, subset: v1}}]}]"),
	  "a", "db", 443, "v1.x", CLUSTER },
	{ "nor tls rules for TCP", CLIENT("a", "127.0.0.2") DB_PORT("{name: tcp, port: 443}")
	  VS(RULE("{sniHosts: [v1.x]}", "host: none")), "a", "db", 443, "v1.x", CLUSTER },
	{ "exact", MESH VS(RULE("{sniHosts: ['*.x']}", "host: db") ", " RULE("{sniHosts: [V1.x, w.x]}", "host: db, subset: v1")),
	  "a", "db", 443, "v1.x", "vs[1] " CLUSTER_V1 },
	{ "another of its names", NULL, "a", "db", 443, "w.x", "vs[1] " CLUSTER_V1 },
	{ "wildcard", NULL, "a", "db", 443, "a.v1.x", "vs[0] " CLUSTER },
	{ "not the wildcard's own domain", NULL, "a", "db", 443, "x", "PassthroughCluster" },
	{ "no rule for the name", NULL, "a", "db", 443, "v1.y", "PassthroughCluster" },
	{ "no name", NULL, "a", "db", 443, "", "PassthroughCluster" },
	{ "destination of the dialled port", NULL, "a", "db", 8443, "v1.x", "vs[1] outbound|8443|v1|db.a.svc.cluster.local" },
	{ "registry only", MESH REGISTRY_ONLY VS(RULE("{sniHosts: [v1.x]}", "host: db")), "a", "db", 443, "", "BLOCKED" },
	{ "longest wildcard", MESH VS(RULE("{sniHosts: ['*.x']}", "host: none") ", " RULE("{sniHosts: ['*.v1.x']}", "host: db")),
	  "a", "db", 443, "a.v1.x", "vs[1] " CLUSTER },
	{ "the first of equal names", MESH VS(RULE("{sniHosts: [v1.x]}", "host: db") ", " RULE("{sniHosts: [v1.x]}", "host: none")),
	  "a", "db", 443, "v1.x", "vs[0] " CLUSTER },
	{ "any name", MESH VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*'], gateways: [g, mesh], tls: [" RULE("{sniHosts: ['*']}", "host: db, subset: v1") "]"),
	  "a", "db", 443, "v1.y", "vs[0] " CLUSTER_V1 },
	{ "and none", NULL, "a", "db", 443, "", "vs[0] " CLUSTER_V1 },
	{ "unknown subset", MESH VS(RULE("{sniHosts: [v1.x]}", "host: db, subset: v9")), "a", "db", 443, "v1.x", "vs[0] NC" },
	{ "another destination", MESH SERVICE("b", "other", "tls", "444") VS(RULE("{sniHosts: [v1.x]}", "host: other.b.svc.cluster.local")),
	  "a", "db", 443, "v1.x", "vs[0] outbound|444||other.b.svc.cluster.local" },
	{ "port", MESH VS(RULE("{sniHosts: [v1.x], port: 8443}", "host: db, subset: v1")), "a", "db", 8443, "v1.x",
	  "vs[0] outbound|8443|v1|db.a.svc.cluster.local" },
	{ "no match that may hold: by address", NULL, "a", "db", 443, "v1.x", CLUSTER },
	{ "labels of the caller", MESH VS(RULE("{sniHosts: [v1.x], sourceLabels: {tier: t-b}}", "host: db, subset: v1")), "b", "db", 443, "v1.x", "vs[0] " CLUSTER_V1 },
	{ "labels of another caller", NULL, "a", "db", 443, "v1.x", CLUSTER },
	{ "namespace and gateways are both looked at", MESH VS(RULE("{sniHosts: [v1.x], gateways: [mesh], sourceNamespace: b}", "host: db, subset: v1")),
	  "a", "db", 443, "v1.x", CLUSTER },
	{ "one of several matches", MESH VS(RULE("{sniHosts: [v1.x], port: 1}, {sniHosts: [w.x]}", "host: db, subset: v1")),
	  "a", "db", 443, "w.x", "vs[0] " CLUSTER_V1 },
	{ "the other of several matches", NULL, "a", "db", 443, "v1.x", "PassthroughCluster" },
	{ "the narrowest subnet first, without a second try", MESH
	  VS(RULE("{sniHosts: [v1.x]}", "host: none") ", " RULE("{sniHosts: [v1.x], destinationSubnets: [127.9.0.0/16]}", "host: db") ", "
	     RULE("{sniHosts: [w.x]}", "host: none")),
	  "a", "db", 443, "v1.x", "vs[1] " CLUSTER },
	{ "the narrowest subnet first, without a second try", NULL, "a", "db", 443, "w.x", "PassthroughCluster" },
	{ "another subnet", MESH VS(RULE("{sniHosts: [v1.x], destinationSubnets: [10.0.0.0/8]}", "host: none") ", " RULE("{sniHosts: ['*.x']}", "host: db")),
	  "a", "db", 443, "v1.x", "vs[1] " CLUSTER },
	{ "two subnets of a width", MESH VS(RULE("{sniHosts: [v1.x], destinationSubnets: [127.8.0.0/16]}", "host: none") ", "
	  RULE("{sniHosts: [v1.x], destinationSubnets: [127.9.0.0/16]}", "host: db")), "a", "db", 443, "v1.x", "vs[1] " CLUSTER },
	{ "a narrower subnet elsewhere", MESH VS(RULE("{sniHosts: [v1.x], destinationSubnets: [127.9.0.0/16]}", "host: db") ", "
	  RULE("{sniHosts: [v1.x], destinationSubnets: [127.9.8.0/24]}", "host: none") ", " RULE("{sniHosts: [v1.x], destinationSubnets: [127.0.0.0/8]}", "host: none")),
	  "a", "db", 443, "v1.x", "vs[0] " CLUSTER },
	{ "all letters are without case", MESH VS(RULE("{sniHosts: [AZ.x]}", "host: db")), "a", "db", 443, "az.x", "vs[0] " CLUSTER },
	{ "rules of several VirtualServices, the oldest first", MESH
	  DATED_VS("young", "2021-01-01", "hosts: [db, '*.x'], tls: [" RULE("{sniHosts: [v1.x]}", "host: none") ", " RULE("{sniHosts: [w.x]}", "host: db") "]")
	  DATED_VS("old", "2020-01-01", "hosts: [db, '*.x'], tls: [" RULE("{sniHosts: [v1.x]}", "host: db") "]"),
	  "a", "db", 443, "v1.x", "old[0] " CLUSTER },
	{ "rules of several VirtualServices, the oldest first", NULL, "a", "db", 443, "w.x", "young[1] " CLUSTER },
	{ "not exported", MESH VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*.x'], exportTo: ['.'], tls: [" RULE("{sniHosts: [v1.x]}", "host: none") "]"),
	  "b", "db", 443, "v1.x", CLUSTER },
	{ "of gateways alone", MESH VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*.x'], gateways: [g], tls: [" RULE("{sniHosts: [v1.x]}", "host: none") "]"),
	  "a", "db", 443, "v1.x", CLUSTER },

	/* ServiceEntries */
	{ "an entry without addresses by its host", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT) ENTRY("two", "hosts: [two.y], resolution: DNS, " TLS_PORT),
	  "a", "ext", 443, "api.y", "outbound|443||api.y" },
	{ "another entry's name at the same port", NULL, "a", "ext", 443, "two.y", "outbound|443||two.y" },
	{ "an entry without addresses and no name", NULL, "a", "ext", 443, "", "PassthroughCluster" },
	{ "a wildcard entry", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT) ENTRY("all", "hosts: ['*.y'], resolution: NONE, " TLS_PORT),
	  "a", "ext", 443, "z.y", "outbound|443||*.y" },
	{ "an exact name before it", NULL, "a", "ext", 443, "api.y", "outbound|443||api.y" },
	{ "an entry with addresses by address", MESH ENTRY("ext", "hosts: [api.y], addresses: [127.9.1.1], resolution: DNS, " TLS_PORT),
	  "a", "ext", 443, "", "outbound|443||api.y" },
	{ "hosts at one address by their names", MESH ENTRY("ext", "hosts: [api.y, two.y], addresses: [127.9.1.1], resolution: DNS, "
	  TLS_PORT) ENTRY("more", "hosts: [z.y], addresses: [127.9.1.1], resolution: DNS, " TLS_PORT),
	  "a", "ext", 443, "api.y", "outbound|443||api.y" },
	{ "the second of them", NULL, "a", "ext", 443, "two.y", "outbound|443||two.y" },
	{ "one of another entry", NULL, "a", "ext", 443, "z.y", "outbound|443||z.y" },
	{ "rules of an entry", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [api.y], tls: [" RULE("{sniHosts: [api.y]}", "host: db, port: {number: 443}") "]"),
	  "a", "ext", 443, "api.y", "vs[0] " CLUSTER },
	{ "rules of a wildcard over an entry", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT)
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.y'], tls: [" RULE("{sniHosts: [api.y]}", "host: db, port: {number: 443}") "]"),
	  "a", "ext", 443, "api.y", "vs[0] " CLUSTER },
	{ "rules under a wildcard entry", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT) ENTRY("all", "hosts: ['*.y'], resolution: NONE, " TLS_PORT)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [z.y], tls: [" RULE("{sniHosts: [z.y]}", "host: db, port: {number: 443}") "]")
	  VIRTUAL_SERVICE("a", "other", "hosts: [z.w], tls: [" RULE("{sniHosts: [z.w]}", "host: none") "]"),
	  "a", "ext", 443, "z.y", "vs[0] " CLUSTER },
	{ "rules beside a wildcard entry", NULL, "a", "ext", 443, "z.w", "PassthroughCluster" },
	{ "no way by its name where an entry has rules", MESH ENTRY("ext", "hosts: [api.y], resolution: DNS, " TLS_PORT)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [api.y, o.y], tls: [" RULE("{sniHosts: [o.y]}", "host: db, port: {number: 443}") "]"),
	  "a", "ext", 443, "api.y", "PassthroughCluster" },
	{ "entries at several ports", MESH ENTRY("e1", "hosts: [e1.y], resolution: DNS, " TLS_PORT)
	  ENTRY("e2", "hosts: [e2.y], resolution: DNS, ports: [{number: 444, name: tls, protocol: TLS}]")
	  ENTRY("e3", "hosts: [e3.y], resolution: DNS, " TLS_PORT), "a", "e1", 443, "e3.y", "outbound|443||e3.y" },
	{ "entries at several ports", NULL, "a", "e2", 444, "e2.y", "outbound|444||e2.y" },
	{ "entries at several ports", NULL, "a", "e1", 443, "e2.y", "PassthroughCluster" },
};

#define GATEWAY_POD \
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: gw, " \
	"name: client, annotations: {meshtop.io/role: gateway}}, spec: {address: 127.0.0.9, labels: {istio: gw}}}\n"
#define SERVER(protocol, mode, hosts) "{port: {number: 443, name: t-" mode ", protocol: " protocol "}, hosts: [" hosts "], tls: {mode: " mode "}}"
#define GATEWAY(servers) GATEWAY_POD DB DESTINATION_RULE("a", "dr", "host: db, subsets: [{name: v1, labels: {version: v1}}]") \
	DOC("networking.istio.io/v1", "Gateway", "a", "g", "spec: {selector: {istio: gw}, servers: [" servers "]}")
#define BOUND(hosts, tls) VIRTUAL_SERVICE("a", "vs", "hosts: [" hosts "], gateways: [g], tls: [" tls "]")
#define TO_DB(sni) RULE("{sniHosts: [" sni "]}", "host: db, port: {number: 443}")

static const struct row gateway_rows[] = {
	{ "passed by name", GATEWAY(SERVER("TLS", "PASSTHROUGH", "'*.x'")) BOUND("'*.x', v.y", TO_DB("v1.x") ", " TO_DB("v.y")),
	  "gw", NULL, 443, "v1.x", "vs[0] " CLUSTER },
	{ "no rule for the name", NULL, "gw", NULL, 443, "w.x", "NO_RULE" },
	{ "no name", NULL, "gw", NULL, 443, "", "NO_RULE" },
	{ "a name that the server does not serve", NULL, "gw", NULL, 443, "v.y", "NO_RULE" },
	{ "another port", NULL, "gw", NULL, 444, "v1.x", "NO_RULE" },
	{ "the server's host is narrower", GATEWAY(SERVER("HTTPS", "PASSTHROUGH", "v1.x")) BOUND("'*.x'", TO_DB("'*.x'")),
	  "gw", NULL, 443, "v1.x", "vs[0] " CLUSTER },
	{ "the server's host is narrower", NULL, "gw", NULL, 443, "w.x", "NO_RULE" },
	{ "every name", GATEWAY(SERVER("TLS", "PASSTHROUGH", "'*'")) BOUND("'*'", TO_DB("'*'")), "gw", NULL, 443, "", "vs[0] " CLUSTER },
	{ "the namespace of a server's host", GATEWAY(SERVER("TLS", "PASSTHROUGH", "b/v1.x")) BOUND("v1.x", TO_DB("v1.x")),
	  "gw", NULL, 443, "v1.x", "NO_RULE" },
	{ "mesh alone does not bind", GATEWAY(SERVER("TLS", "PASSTHROUGH", "'*'")) VS(TO_DB("v1.x")), "gw", NULL, 443, "v1.x", "NO_RULE" },
	{ "match.gateways", GATEWAY(SERVER("TLS", "PASSTHROUGH", "'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.x'], gateways: [g, mesh], tls: [" RULE("{sniHosts: [v1.x], gateways: [mesh]}", "host: none") ", "
			  RULE("{sniHosts: [v1.x], gateways: [g]}", "host: db, port: {number: 443}") "]"),
	  "gw", NULL, 443, "v1.x", "vs[1] " CLUSTER },
	{ "tcp rules are not for servers that pass TLS on", GATEWAY(SERVER("TLS", "PASSTHROUGH", "'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*'], gateways: [g], tcp: [{route: [{destination: {host: db, port: {number: 443}}}]}]"),
	  "gw", NULL, 443, "v1.x", "NO_RULE" },
	{ "beside a server that ends TLS", GATEWAY(SERVER("TLS", "PASSTHROUGH", "v1.x") ", " SERVER("HTTPS", "SIMPLE", "'*.x', w.y")) BOUND("v1.x", TO_DB("v1.x")),
	  "gw", NULL, 443, "v1.x", "vs[0] " CLUSTER },
	{ "beside a server that ends TLS", NULL, "gw", NULL, 443, "w.x", "ENDS_TLS" },
	{ "beside a server that ends TLS", NULL, "gw", NULL, 443, "w.y", "ENDS_TLS" },
	{ "beside a server that ends TLS", NULL, "gw", NULL, 443, "v.y", "NO_RULE" },
	{ "to services", GATEWAY(SERVER("TLS", "AUTO_PASSTHROUGH", "'*.local'")), "gw", NULL, 443, "outbound_.443_._.db.a.svc.cluster.local", CLUSTER },
	{ "to subsets", NULL, "gw", NULL, 443, "outbound_.443_.v1_.db.a.svc.cluster.local", CLUSTER_V1 },
	{ "no such port", NULL, "gw", NULL, 443, "outbound_.1_._.db.a.svc.cluster.local", "NO_RULE" },
	{ "services of another namespace", GATEWAY(SERVER("TLS", "AUTO_PASSTHROUGH", "'b/*.local'")),
	  "gw", NULL, 443, "outbound_.443_._.db.a.svc.cluster.local", "NO_RULE" },
	{ "services under other hosts", GATEWAY(SERVER("TLS", "AUTO_PASSTHROUGH", "'*.b.svc.cluster.local'")),
	  "gw", NULL, 443, "outbound_.443_._.db.a.svc.cluster.local", "NO_RULE" },
};

static void
check_rows(const struct row *row, size_t count)
{
	struct fixture f = { .mesh = NULL };
	struct address to;

	for (size_t i = 0; i < count; i++, row++) {
		struct tcp_request r = { .port = row->port, .server_name = slice_of(row->name) };
		const char *got;

		if (row->yaml != NULL) {
			if (f.mesh != NULL)
				fixture_close(&f);
			fixture_open(&f, row->yaml);
		}
		if (row->to != NULL) {
			r.service = mesh_find_service(f.mesh, "a", row->to);
			to = mesh_service_port(r.service, row->port)->listen[0];
			r.to = &to;
		}
		got = fixture_stream(&f, fixture_workload(&f, row->from, "client"), &r);
		if (strcmp(got, row->want) != 0)
			fail_msg("row %zu, %s: %s, not %s", i, row->what, got, row->want);
	}
	fixture_close(&f);
}

static void
test_route_tcp__goes_by_server_name(void **state)
{
	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
test_route_tcp__passes_tls_through_gateways(void **state)
{
	(void)state;
	check_rows(gateway_rows, ARRAY_LEN(gateway_rows));
}

static void
test_route_tcp__draws_tls_by_weight(void **state)
{
	struct fixture f;
	struct tcp_request r = { .port = 443, .server_name = SLICE("v1.x") };
	unsigned v1 = 0;

	(void)state;
	fixture_open(&f, MESH VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*.x'], tls: [{match: [{sniHosts: [v1.x]}], "
		"route: [{destination: {host: db, subset: v1}, weight: 25}, {destination: {host: db}, weight: 75}]}]"));
	r.service = mesh_find_service(f.mesh, "a", "db");
	for (int i = 0; i < 4000; i++)
		v1 += strcmp(fixture_stream(&f, fixture_workload(&f, "a", "client"), &r),
			     "vs[0] " CLUSTER_V1) == 0;
	assert_in_range(v1, 850, 1150);
	fixture_close(&f);
}

static const struct {
	const char *host, *name;
	bool want;
} hosts[] = {
	{ "api.y", "api.y", true },
	{ "api.y", "API.y", true },
	{ "api.y", "x.api.y", false },
	{ "api.y", "", false },
	{ "'*.y'", "api.y", true },
	{ "'*.y'", "a.b.Y", true },
	{ "'*.y'", "y", false },
	{ "'*.y'", ".y", false },
	{ "'*.y'", "api.yy", false },
	{ "'*.y'", "127.0.0.1", false },
};

static void
test_mesh_cluster_takes_host__of_entries_without_endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		const struct mesh_cluster *c;
		char yaml[1024], cluster[64];
		struct fixture f;
		size_t len = strlen(hosts[i].host);

		snprintf(yaml, sizeof(yaml), CLIENT("a", "127.0.0.2")
			 ENTRY("ext", "hosts: [%s], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]")
			 ENTRY("dns", "hosts: [dns.y], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]"),
			 hosts[i].host);
		fixture_open(&f, yaml);
		snprintf(cluster, sizeof(cluster), "outbound|80||%.*s",
			 hosts[i].host[0] == '\'' ? (int)len - 2 : (int)len,
			 hosts[i].host + (hosts[i].host[0] == '\''));
		c = mesh_find_cluster(f.mesh, cluster);
		assert_non_null(c);
		if (mesh_cluster_takes_host(c, slice_of(hosts[i].name)) != hosts[i].want)
			fail_msg("%s for %s", hosts[i].name, hosts[i].host);
		c = mesh_find_cluster(f.mesh, "outbound|80||dns.y");
		assert_false(mesh_cluster_takes_host(c, SLICE("dns.y")));
		fixture_close(&f);
	}
}

/* Only ports with names wait for a ClientHello. */
static void
test_route_wants_server_name__where_names_decide(void **state)
{
	const struct mesh_workload *a, *gw;
	const struct route_tls_chain *chain;
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENT("a", "127.0.0.2") GATEWAY(SERVER("TLS", "PASSTHROUGH", "v1.x"))
		VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*.x'], gateways: [g, mesh], tls: ["
				RULE("{sniHosts: [V1.x, w.x], port: 443}", "host: db") "]"));
	a = fixture_workload(&f, "a", "client");
	gw = fixture_workload(&f, "gw", "client");
	assert_true(route_wants_server_name(a->routes, mesh_find_service(f.mesh, "a", "db"), 443));
	assert_false(route_wants_server_name(a->routes, mesh_find_service(f.mesh, "a", "db"), 8443));
	assert_false(route_wants_server_name(a->routes, NULL, 443));
	assert_true(route_wants_server_name(gw->routes, NULL, 443));
	assert_int_equal(fixture_problems(&f, "MT2005"), 0);
	chain = route_tls_chains(a->routes, mesh_find_service(f.mesh, "a", "db"), 443);
	assert_non_null(chain);
	assert_int_equal(chain->name_count, 2);
	assert_string_equal(chain->names[0], "v1.x");
	assert_string_equal(chain->names[1], "w.x");
	assert_null(chain->next);
	chain = route_tls_chains(gw->routes, NULL, 443);
	assert_non_null(chain);
	assert_int_equal(chain->name_count, 1);
	fixture_close(&f);
	/* Any name, and none: nothing to wait for. */
	fixture_open(&f, CLIENT("a", "127.0.0.2") DB
		VIRTUAL_SERVICE("a", "vs", "hosts: [db, '*'], gateways: [g, mesh], tls: [" RULE("{sniHosts: ['*']}", "host: db") "]"));
	a = fixture_workload(&f, "a", "client");
	assert_false(route_wants_server_name(a->routes, mesh_find_service(f.mesh, "a", "db"), 443));
	assert_int_equal(route_tls_chains(a->routes, mesh_find_service(f.mesh, "a", "db"), 443)->name_count, 0);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_tcp__goes_by_server_name),
		cmocka_unit_test(test_route_tcp__passes_tls_through_gateways),
		cmocka_unit_test(test_route_tcp__draws_tls_by_weight),
		cmocka_unit_test(test_mesh_cluster_takes_host__of_entries_without_endpoints),
		cmocka_unit_test(test_route_wants_server_name__where_names_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
