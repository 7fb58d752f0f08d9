/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Localities of instances, and how requests spread over them (spec/dataplane.md 4.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/mesh/spread.h"
#include "tests/unit/mesh/fixture.h"

#define HOST "web.a.svc.cluster.local"
#define ENTRY(name, address, labels, more) \
	DOC("networking.istio.io/v1", "WorkloadEntry", "a", name, \
	    "spec: {address: " address ", labels: {" labels "}" more "}")
#define AT(name, address, locality) ENTRY(name, address, "app: web", ", locality: " locality)

/* --- where instances run --- */

static const struct { const char *what, *yaml, *locality; } places[] = {
	{ "given", ENTRY("w", "127.0.1.1", "app: web", ", locality: r/z/s"), "r/z/s" },
	{ "in part", ENTRY("w", "127.0.1.1", "app: web", ", locality: r/z"), "r/z/" },
	{ "not at all", ENTRY("w", "127.0.1.1", "app: web", ""), "//" },
	{ "a label hides it", ENTRY("w", "127.0.1.1", "istio-locality: a.b.c", ", locality: r/z/s"), "a/b/c" },
	{ "a label with dots", ENTRY("w", "127.0.1.1", "istio-locality: us-east-1.z", ""), "us-east-1/z/" },
	{ "its new name", ENTRY("w", "127.0.1.1", "topology.istio.io/locality: a.b.c", ""), "a/b/c" },
	{ "labels of topology", ENTRY("w", "127.0.1.1", "topology.kubernetes.io/region: r, "
				      "topology.kubernetes.io/zone: z, topology.istio.io/subzone: s", ""), "r/z/s" },
	{ "the node's labels", "---\n{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {topology.kubernetes.io/region: r, "
	  "topology.kubernetes.io/zone: z}}}\n"
	  DOC("v1", "Pod", "a", "w", "spec: {nodeName: n1}, status: {podIP: 127.0.1.1}"), "r/z/" },
	{ "the nodes that are asked for",
	  DOC("v1", "Pod", "a", "w", "spec: {nodeSelector: {topology.kubernetes.io/region: r}}, status: {podIP: 127.0.1.1}"), "r//" },
};

static void
test_locality__of_instances(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct fixture f;
		const struct mesh_locality *l;
		char text[128];

		fixture_open(&f, places[i].yaml);
		l = &fixture_workload(&f, "a", "w")->instances[0]->locality;
		snprintf(text, sizeof(text), "%s/%s/%s", l->region, l->zone, l->sub_zone);
		if (strcmp(text, places[i].locality) != 0)
			fail_msg("%s: %s", places[i].what, text);
		fixture_close(&f);
	}
}

/* --- spreads --- */

#define MESH SERVICE("a", "web", "http", "80") ENDPOINTS
#define ENDPOINTS \
	AT("e0", "127.0.1.0", "r1/z1/s1") AT("e1", "127.0.1.1", "r1/z1/s2") AT("e2", "127.0.1.2", "r1/z2/s1") \
	AT("e3", "127.0.1.3", "r2/z1/s1") AT("e4", "127.0.1.4", "r3/z1/s1") AT("e5", "127.0.1.5", "r1/z1/s1")
#define HEAVY(name) ENTRY(name, "127.0.1.9", "app: web", ", locality: r9/z1/s1, weight: 4294967295")
#define CLIENT(locality) ENTRY("client", "127.0.2.1", "app: client, team: x", ", locality: " locality)
#define RULE(policy) DESTINATION_RULE("a", "dr", "host: web, trafficPolicy: {" policy "}")
#define OUTLIER "outlierDetection: {}, "
#define SETTING(text) "loadBalancer: {localityLbSetting: {" text "}}"
#define MESH_CONFIG(text) \
	DOC("v1", "ConfigMap", "istio-system", "istio", "data: {mesh: \"" text "\"}")

/* Groups as PRIORITY=WEIGHT[ENDPOINTS]. */
static const struct { const char *what, *yaml, *spread; } cases[] = {
	{ "without outlier detection nothing fails over", CLIENT("r1/z1/s1") RULE(SETTING("failover: [{from: r1, to: r2}]")), "-" },
	{ "nearest first", CLIENT("r1/z1/s1") RULE(OUTLIER "connectionPool: {tcp: {}}"), "0[05] 1[1] 2[2] 3[3] 3[4]" },
	{ "from nowhere all are alike", ENTRY("client", "127.0.2.1", "app: client", "") RULE(OUTLIER "connectionPool: {tcp: {}}"), "-" },
	{ "no priority is skipped", CLIENT("r1/z3/s1") RULE(OUTLIER "connectionPool: {tcp: {}}"),
	  "0[05] 0[1] 0[2] 1[3] 1[4]" },
	{ "from another region", CLIENT("r9/z1/s1") RULE(OUTLIER "connectionPool: {tcp: {}}"), "-" },
	{ "the region of failover before others", CLIENT("r1/z1/s1") RULE(OUTLIER SETTING("failover: [{from: r1, to: r3}]")),
	  "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[4] 4=1[3]" },
	{ "another region's failover", CLIENT("r1/z1/s1") RULE(OUTLIER SETTING("failover: [{from: r2, to: r3}]")),
	  "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[3] 3=1[4]" },
	{ "switched off", CLIENT("r1/z1/s1") RULE(OUTLIER SETTING("enabled: false")), "-" },
	{ "switched off for the mesh", CLIENT("r1/z1/s1") MESH_CONFIG("localityLbSetting: {enabled: false}")
	  RULE(OUTLIER "connectionPool: {tcp: {}}"), "-" },
	{ "the rule's own hides the mesh's", CLIENT("r1/z1/s1") MESH_CONFIG("localityLbSetting: {enabled: false}")
	  RULE(OUTLIER SETTING("failover: [{from: r1, to: r3}]")), "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[4] 4=1[3]" },
	{ "the mesh's failover", CLIENT("r1/z1/s1") MESH_CONFIG("localityLbSetting: {failover: [{from: r1, to: r3}]}")
	  RULE(OUTLIER "connectionPool: {tcp: {}}"), "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[4] 4=1[3]" },
	{ "weights whose sum is beyond 32 bits", CLIENT("r1/z1/s1") HEAVY("e6") HEAVY("e7")
	  RULE(SETTING("distribute: [{from: r1, to: {'r1/z1/*': 80, r9: 20}}]")), "weighted 0=54[05] 0=27[1] 0=20[67]" },
	{ "such a sum as a locality's weight", CLIENT("r1/z1/s1") HEAVY("e6") HEAVY("e7")
	  RULE(OUTLIER SETTING("failover: [{from: r1, to: r3}]")),
	  "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[4] 4=1[3] 4=8589934590[67]" },
	{ "by labels in their order", CLIENT("r1/z1/s1") RULE(OUTLIER
	  SETTING("failoverPriority: [topology.kubernetes.io/region, topology.kubernetes.io/zone]")),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "by a label's value", CLIENT("r1/z1/s1") RULE(OUTLIER SETTING("failoverPriority: ['topology.kubernetes.io/region=r2']")),
	  "weighted 0=1[3] 1=2[05] 1=1[1] 1=1[2] 1=1[4]" },
	{ "by any label", CLIENT("r1/z1/s1") ENTRY("e6", "127.0.1.6", "app: web, team: x", "") RULE(OUTLIER SETTING("failoverPriority: [team]")),
	  "weighted 0=1[6] 1=2[05] 1=1[1] 1=1[2] 1=1[3] 1=1[4]" },
	{ "labels, then regions", CLIENT("r1/z1/s1") RULE(OUTLIER
	  SETTING("failoverPriority: [topology.kubernetes.io/region], failover: [{from: r1, to: r3}]")),
	  "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[4] 4=1[3]" },
	{ "distribute", CLIENT("r1/z1/s1") RULE(SETTING("distribute: [{from: 'r1/*', to: {'r1/z1/*': 80, 'r2/z1/s1': 20}}]")),
	  "weighted 0=54[05] 0=27[1] 0=20[3]" },
	{ "the first that fits", CLIENT("r1/z1/s1") RULE(SETTING("distribute: [{from: r2, to: {r2: 100}}, "
	  "{from: 'r1/z1/*', to: {r1: 100}}, {from: '*', to: {r3: 100}}]")), "weighted 0=50[05] 0=25[1] 0=25[2]" },
	{ "what is named more precisely", CLIENT("r1/z1/s1") RULE(SETTING("distribute: [{from: '*', to: {'*': 10, 'r1/*': 30, 'r1/z1/s1': 60}}]")),
	  "weighted 0=60[05] 0=15[1] 0=15[2] 0=5[3] 0=5[4]" },
	{ "from elsewhere", CLIENT("r9/z1/s1") RULE(SETTING("distribute: [{from: r1, to: {r2: 100}}]")),
	  "weighted 0=2[05] 0=1[1] 0=1[2] 0=1[3] 0=1[4]" },
	{ "to nobody", CLIENT("r1/z1/s1") RULE(SETTING("distribute: [{from: r1, to: {r7: 100}}]")), "weighted" },
	{ "to all the same", CLIENT("r1/z1/s1") RULE(SETTING("distribute: [{from: r1, to: {r2: 100}}]")), "weighted 0=100[3]" },
};

static const char *
text_of(const struct mesh_spread *s, char *out, size_t size)
{
	size_t len = 0;

	if (s == NULL)
		return "-";
	len += (size_t)snprintf(out, size, "%s", s->is_weighted ? "weighted" : "");
	for (size_t i = 0; i < s->group_count; i++) {
		const struct spread_group *g = &s->groups[i];

		len += (size_t)snprintf(out + len, size - len, len > 0 ? " %u" : "%u", g->priority);
		if (s->is_weighted)
			len += (size_t)snprintf(out + len, size - len, "=%ju", (uintmax_t)g->weight);
		len += (size_t)snprintf(out + len, size - len, "[");
		for (size_t k = 0; k < g->count; k++)
			len += (size_t)snprintf(out + len, size - len, "%u", (unsigned)s->members[g->first + k]);
		len += (size_t)snprintf(out + len, size - len, "]");
	}
	return out;
}

static void
check_priorities(const struct mesh_spread *s)
{
	for (size_t i = 0; s != NULL && i < s->group_count; i++)
		for (size_t k = 0; k < s->groups[i].count; k++)
			assert_int_equal(spread_priority(s, s->members[s->groups[i].first + k]),
					 s->groups[i].priority);
}

static void
check_spread(const char *what, const char *services, const char *rest, const char *want)
{
	struct fixture f;
	const struct mesh_cluster *c;
	struct mesh_spread *s;
	char yaml[8192], text[256];

	snprintf(yaml, sizeof(yaml), "%s%s", services, rest);
	fixture_open(&f, yaml);
	c = mesh_find_cluster(f.mesh, "outbound|80||" HOST);
	assert_non_null(c);
	s = spread_new(f.mesh, c, fixture_workload(&f, "a", "client")->instances[0]);
	if (strcmp(text_of(s, text, sizeof(text)), want) != 0)
		fail_msg("%s: %s", what, text_of(s, text, sizeof(text)));
	check_priorities(s);
	spread_free(&s);
	fixture_close(&f);
}

static void
test_spread_new__table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_spread(cases[i].what, MESH, cases[i].yaml, cases[i].spread);
}

#define SPEC(word) ENDPOINTS DOC("v1", "Service", "a", "web", "spec: {trafficDistribution: " word ", " \
				 "selector: {app: web}, ports: [{name: http, port: 80}]}")
#define ANNOTATION "annotations: {networking.istio.io/traffic-distribution: "
#define ANNOTATED(word) ENDPOINTS "---\n{apiVersion: v1, kind: Service, metadata: {namespace: a, name: web, " \
	ANNOTATION word "}}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}\n"
#define NAMESPACE(word) "---\n{apiVersion: v1, kind: Namespace, metadata: {name: a, " ANNOTATION word "}}}\n"

static const struct { const char *what, *rest, *service, *spread; } distributions[] = {
	{ "the zone", CLIENT("r1/z1/s1"), SPEC("PreferClose"),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "its new name", CLIENT("r1/z1/s1"), SPEC("PreferSameZone"),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "a zone of that name elsewhere", CLIENT("r2/z1/s1"), SPEC("PreferClose"),
	  "weighted 0=1[3] 1=2[05] 1=1[1] 1=1[2] 1=1[4]" },
	{ "the node, where it is not known", CLIENT("r1/z1/s1"), SPEC("PreferSameNode"),
	  "weighted 0=2[05] 1=1[1] 2=1[2] 3=1[3] 3=1[4]" },
	{ "the node", DOC("v1", "Pod", "a", "client", "spec: {nodeName: n1}, status: {podIP: 127.0.2.1}")
	  ENTRY("e6", "127.0.1.6", "app: web, kubernetes.io/hostname: n1", ""), SPEC("PreferSameNode"),
	  "weighted 0=1[6] 1=2[05] 1=1[1] 1=1[2] 1=1[3] 1=1[4]" },
	{ "words of the spec are exact", CLIENT("r1/z1/s1"), SPEC("preferclose"), "-" },
	{ "an annotation's are of any case", CLIENT("r1/z1/s1"), ANNOTATED("preferClose"),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "the namespace's", CLIENT("r1/z1/s1") NAMESPACE("PreferClose"), MESH,
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "the service's hides the namespace's", CLIENT("r1/z1/s1") NAMESPACE("PreferClose"), ANNOTATED("any"), "-" },
	{ "the rule's hides it", CLIENT("r1/z1/s1") RULE(SETTING("enabled: false")), SPEC("PreferClose"), "-" },
	{ "the rule's: nothing fails over", CLIENT("r1/z1/s1") RULE(SETTING("enabled: true")), SPEC("PreferClose"), "-" },
	{ "a rule without one does not", CLIENT("r1/z1/s1") RULE("loadBalancer: {simple: RANDOM}"), SPEC("PreferClose"),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
	{ "the mesh's does not, either", CLIENT("r1/z1/s1") MESH_CONFIG("localityLbSetting: {enabled: false}"),
	  SPEC("PreferClose"),
	  "weighted 0=2[05] 0=1[1] 1=1[2] 2=1[3] 2=1[4]" },
};

static void
test_spread_new__traffic_distribution(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(distributions); i++)
		check_spread(distributions[i].what, distributions[i].service, distributions[i].rest,
			     distributions[i].spread);
}

static void
test_spread_priority__of_endpoints(void **state)
{
	struct fixture f;
	const struct mesh_cluster *c;
	struct mesh_spread *s;

	(void)state;
	fixture_open(&f, MESH CLIENT("r1/z1/s1")
		     RULE(SETTING("distribute: [{from: r1, to: {'r1/z1/s1': 100}}]")));
	c = mesh_find_cluster(f.mesh, "outbound|80||" HOST);
	s = spread_new(f.mesh, c, fixture_workload(&f, "a", "client")->instances[0]);
	assert_int_equal(spread_priority(s, 0), 0);
	assert_int_equal(spread_priority(s, 3), -1);
	assert_int_equal(spread_priority(NULL, 3), 0);
	assert_string_equal(spread_locality(c, 3)->region, "r2");
	spread_free(&s);
	fixture_close(&f);
}

/* Endpoints outside the mesh say where they are, or the workload there does. */
static void
test_spread_locality__of_service_entries(void **state)
{
	struct fixture f;
	const struct mesh_service *s;
	const struct mesh_endpoint *e;
	size_t count;

	(void)state;
	fixture_open(&f, AT("w", "127.0.1.9", "r5/z5")
		     DOC("networking.istio.io/v1", "ServiceEntry", "a", "se", "spec: {hosts: [x.com], resolution: STATIC, "
			 "ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 127.0.1.9}, "
			 "{address: 127.0.1.8, locality: r6/z6/s6, labels: {a: b}}]}"));
	s = mesh_service_of_host(f.mesh, "x.com");
	assert_non_null(s);
	e = mesh_port_endpoints(f.mesh, s, &s->ports[0], &count);
	assert_int_equal(count, 2);
	assert_string_equal(e[0].locality->region, "r5");
	assert_string_equal(e[1].locality->sub_zone, "s6");
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locality__of_instances),
		cmocka_unit_test(test_spread_new__table),
		cmocka_unit_test(test_spread_new__traffic_distribution),
		cmocka_unit_test(test_spread_priority__of_endpoints),
		cmocka_unit_test(test_spread_locality__of_service_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
