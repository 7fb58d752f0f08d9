/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trafficPolicy to the effective settings of a cluster (spec/dataplane.md 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "tests/unit/mesh/fixture.h"

#define HOST "web.a.svc.cluster.local"
#define BASE SERVICE("a", "web", "http", "80") WORKLOAD("a", "client", "127.0.0.2", "app: client") \
	WORKLOAD("a", "web-v1", "127.0.1.1", "app: web, version: v1") \
	VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {exact: /v1}}], " \
		"route: [{destination: {host: web, subset: v1}}]}, {route: [{destination: {host: web}}]}]")

/* The policy of the service or of its subset v1 under one DestinationRule. */
static struct cluster_policy
policy_of(struct fixture *f, const char *dr, const char *subset)
{
	const struct mesh_cluster *c;
	char yaml[4096], name[128];

	snprintf(yaml, sizeof(yaml), BASE DESTINATION_RULE("a", "dr", "host: web, %s"), dr);
	fixture_open(f, yaml);
	snprintf(name, sizeof(name), "outbound|80|%s|" HOST, subset);
	c = mesh_find_cluster(f->mesh, name);
	if (c == NULL)
		fail_msg("no cluster %s", name);
	return c->policy;
}

static void
test_policy__has_istios_defaults(void **state)
{
	struct fixture f;
	struct cluster_policy p = policy_of(&f, "subsets: [{name: v1}]", "");

	(void)state;
	assert_int_equal(p.balancer, BALANCE_LEAST_REQUEST);
	assert_int_equal(p.max_connections, MESH_UNLIMITED);
	assert_int_equal(p.max_pending, MESH_UNLIMITED);
	assert_int_equal(p.max_requests, MESH_UNLIMITED);
	assert_int_equal(p.max_retries, MESH_UNLIMITED);
	assert_int_equal(p.max_requests_per_connection, 0);
	assert_int_equal(p.connect_timeout_ms, 10000);
	assert_int_equal(p.idle_timeout_ms, 3600000);
	assert_int_equal(p.max_duration_ms, 0);
	assert_false(p.outlier.is_on);
	assert_false(p.keepalive.is_on || p.retry_budget.is_on);
	assert_int_equal(p.tls, TLS_UNSET);
	fixture_close(&f);
}

static void
test_policy__reads_every_field(void **state)
{
	struct fixture f;
	struct cluster_policy p = policy_of(&f, "trafficPolicy: {"
		"loadBalancer: {consistentHash: {httpCookie: {name: c, path: /p, ttl: 5s, attributes: [{name: SameSite, value: Lax}]}}},"
		"connectionPool: {tcp: {maxConnections: 1, connectTimeout: 2s, idleTimeout: 3s, maxConnectionDuration: 4s,"
		" tcpKeepalive: {probes: 3, time: 7200s, interval: 500ms}},"
		" http: {http1MaxPendingRequests: 5, http2MaxRequests: 6, maxRequestsPerConnection: 7, maxRetries: 8}},"
		"outlierDetection: {consecutive5xxErrors: 0, consecutiveGatewayErrors: 9, interval: 10s, baseEjectionTime: 11s,"
		" maxEjectionPercent: 12, minHealthPercent: 13, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 14,"
		" outlierDetectionHttpErrorCodes: [429, 503]}, retryBudget: {percent: 12.5, minRetryConcurrency: 0, budgetInterval: 10s},"
		"tls: {mode: ISTIO_MUTUAL}}", "");

	(void)state;
	assert_int_equal(p.balancer, BALANCE_CONSISTENT_HASH);
	assert_string_equal(p.hash.cookie, "c");
	assert_string_equal(p.hash.cookie_path, "/p");
	assert_int_equal(p.hash.cookie_ttl_ms, 5000);
	assert_int_equal(p.hash.ring_size, 1024);
	assert_int_equal(p.max_connections, 1);
	assert_int_equal(p.connect_timeout_ms, 2000);
	assert_int_equal(p.tcp_idle_timeout_ms, 3000);
	assert_int_equal(p.idle_timeout_ms, 3000);
	assert_int_equal(p.max_duration_ms, 4000);
	assert_int_equal(p.max_pending, 5);
	assert_int_equal(p.max_requests, 6);
	assert_int_equal(p.max_requests_per_connection, 7);
	assert_int_equal(p.max_retries, 8);
	assert_true(p.outlier.is_on && p.outlier.splits_local);
	assert_int_equal(p.outlier.consecutive_5xx, 0);
	assert_int_equal(p.outlier.consecutive_gateway, 9);
	assert_int_equal(p.outlier.consecutive_local, 14);
	assert_int_equal(p.outlier.interval_ms, 10000);
	assert_int_equal(p.outlier.base_ejection_ms, 11000);
	assert_int_equal(p.outlier.max_ejection_percent, 12);
	assert_int_equal(p.outlier.min_health_percent, 13);
	assert_int_equal(p.outlier.error_codes->count, 2);
	assert_string_equal(value_get_text(p.hash.cookie_attributes->first, "value"), "Lax");
	assert_true(p.keepalive.is_on);
	assert_int_equal(p.keepalive.probes, 3);
	assert_int_equal(p.keepalive.idle_s, 7200);
	assert_int_equal(p.keepalive.interval_s, 1);	/* no less than the kernel's step */
	assert_true(p.retry_budget.is_on && p.retry_budget.percent == 12.5);
	assert_int_equal(p.retry_budget.min_concurrency, 0);
	assert_int_equal(p.retry_budget.interval_ms, 10000);
	assert_int_equal(p.tls, TLS_ISTIO_MUTUAL);
	fixture_close(&f);
}

static const struct {
	const char *hash;
	const char *header, *query, *cookie;
	bool source_ip, maglev;
	uint32_t ring_size;
	int64_t ttl_ms;
} hashes[] = {
	{ "httpHeaderName: x", "x", NULL, NULL, false, false, 1024, -1 },
	{ "httpQueryParameterName: q", NULL, "q", NULL, false, false, 1024, -1 },
	{ "useSourceIp: true", NULL, NULL, NULL, true, false, 1024, -1 },
	{ "useSourceIp: false", NULL, NULL, NULL, false, false, 1024, -1 },
	{ "httpCookie: {name: c}", NULL, NULL, "c", false, false, 1024, -1 },
	{ "httpCookie: {name: c, ttl: 0s}", NULL, NULL, "c", false, false, 1024, 0 },
	{ "httpHeaderName: x, minimumRingSize: 5", "x", NULL, NULL, false, false, 5, -1 },
	{ "httpHeaderName: x, ringHash: {}", "x", NULL, NULL, false, false, 1024, -1 },
	{ "httpHeaderName: x, ringHash: {minimumRingSize: 6}", "x", NULL, NULL, false, false, 6, -1 },
	{ "httpHeaderName: x, maglev: {}", "x", NULL, NULL, false, true, 65537, -1 },
	{ "httpHeaderName: x, maglev: {tableSize: 7}", "x", NULL, NULL, false, true, 7, -1 },
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
test_policy__reads_hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		struct cluster_policy p;
		struct fixture f;
		char dr[256];

		snprintf(dr, sizeof(dr), "trafficPolicy: {loadBalancer: {consistentHash: {%s}}}", hashes[i].hash);
		p = policy_of(&f, dr, "");
		if (p.balancer != BALANCE_CONSISTENT_HASH || !same_text(p.hash.header, hashes[i].header) ||
		    !same_text(p.hash.query, hashes[i].query) || !same_text(p.hash.cookie, hashes[i].cookie) ||
		    p.hash.source_ip != hashes[i].source_ip || p.hash.maglev != hashes[i].maglev ||
		    p.hash.ring_size != hashes[i].ring_size || p.hash.cookie_ttl_ms != hashes[i].ttl_ms)
			fail_msg("%s", hashes[i].hash);
		fixture_close(&f);
	}
}

static const struct {
	const char *balancer;
	uint64_t duration_ms;
	double least, aggression;
} warmups[] = {
	{ "simple: ROUND_ROBIN", 0, .1, 1 },
	{ "simple: ROUND_ROBIN, warmup: {duration: 2s}", 2000, .1, 1 },
	{ "simple: LEAST_REQUEST, warmup: {duration: 2s, minimumPercent: 25, aggression: 1.5}", 2000, .25, 1.5 },
	{ "warmup: {duration: 2s, aggression: 0}", 2000, .1, 1 },
	{ "warmupDurationSecs: 3s", 3000, .1, 1 },
	{ "warmup: {duration: 2s}, warmupDurationSecs: 3s", 2000, .1, 1 },
	{ "simple: RANDOM, warmup: {duration: 2s}", 0, 0, 0 },
};

static void
test_policy__reads_warmups(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(warmups); i++) {
		struct cluster_policy p;
		struct fixture f;
		char dr[256];

		snprintf(dr, sizeof(dr), "trafficPolicy: {loadBalancer: {%s}}", warmups[i].balancer);
		p = policy_of(&f, dr, "");
		if (p.warmup.duration_ms != warmups[i].duration_ms || !(p.warmup.least == warmups[i].least) ||
		    !(p.warmup.aggression == warmups[i].aggression))
			fail_msg("%s: %g %g", warmups[i].balancer, p.warmup.least, p.warmup.aggression);
		fixture_close(&f);
	}
}

static void
test_policy__reads_tls_modes(void **state)
{
	static const struct { const char *dr; int tls; } modes[] = {
		{ "trafficPolicy: {tls: {mode: DISABLE}}", TLS_DISABLE }, { "trafficPolicy: {tls: {}}", TLS_DISABLE },
		{ "trafficPolicy: {tls: {mode: SIMPLE}}", TLS_SIMPLE }, { "trafficPolicy: {tls: {mode: MUTUAL}}", TLS_MUTUAL },
		{ "trafficPolicy: {loadBalancer: {simple: RANDOM}}", TLS_UNSET },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct fixture f;

		if ((int)policy_of(&f, modes[i].dr, "").tls != modes[i].tls)
			fail_msg("%s", modes[i].dr);
		fixture_close(&f);
	}
}

static void
test_policy__bounds_seconds(void **state)
{
	struct fixture f;
	struct cluster_policy p = policy_of(&f, "trafficPolicy: {connectionPool: {tcp: {tcpKeepalive: "
		"{time: 1193047h, interval: 1193046h}}}}", "");

	(void)state;
	assert_true(p.keepalive.idle_s == UINT32_MAX);
	assert_true(p.keepalive.interval_s == 4294965600);
	fixture_close(&f);
}

static void
test_policy__treats_zero_as_not_set(void **state)
{
	struct fixture f;
	struct cluster_policy p = policy_of(&f, "trafficPolicy: {connectionPool: {tcp: {maxConnections: 0, idleTimeout: 0s},"
		" http: {http1MaxPendingRequests: 0, http2MaxRequests: 0}}, outlierDetection: "
		"{splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 0, maxEjectionPercent: 0}}", "");

	(void)state;
	assert_int_equal(p.max_connections, MESH_UNLIMITED);
	assert_int_equal(p.max_pending, MESH_UNLIMITED);
	assert_int_equal(p.max_requests, MESH_UNLIMITED);
	assert_int_equal(p.tcp_idle_timeout_ms, 0);
	assert_int_equal(p.outlier.consecutive_local, 5);
	assert_int_equal(p.outlier.max_ejection_percent, 10);
	fixture_close(&f);
	/* An empty block is active; consecutiveErrors (below) has no effect. */
	p = policy_of(&f, "trafficPolicy: {outlierDetection: {}}", "");
	assert_true(p.outlier.is_on);
	assert_int_equal(p.outlier.consecutive_5xx, 5);
	assert_int_equal(p.outlier.max_ejection_percent, 10);
	fixture_close(&f);
	p = policy_of(&f, "trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}", "");
	assert_true(p.outlier.is_on);
	assert_int_equal(p.outlier.consecutive_5xx, 5);
	fixture_close(&f);
}

static void
test_policy__begins_with_what_the_mesh_says(void **state)
{
	static const char config[] = DOC("v1", "ConfigMap", "istio-system", "istio",
		"data: {mesh: \"{connectTimeout: 3s, tcpKeepalive: {probes: 4}}\"}");
	const struct mesh_cluster *c;
	struct fixture f;
	char yaml[4096];

	(void)state;
	snprintf(yaml, sizeof(yaml), BASE "%s", config);
	fixture_open(&f, yaml);
	c = mesh_find_cluster(f.mesh, "outbound|80||" HOST);
	assert_int_equal(c->policy.connect_timeout_ms, 3000);
	assert_true(c->policy.keepalive.is_on);
	assert_int_equal(c->policy.keepalive.probes, 4);
	fixture_close(&f);
	snprintf(yaml, sizeof(yaml), BASE "%s" DESTINATION_RULE("a", "dr", "host: web, trafficPolicy: "
		"{connectionPool: {tcp: {connectTimeout: 1s, tcpKeepalive: {time: 9s}}}}"), config);
	fixture_open(&f, yaml);
	c = mesh_find_cluster(f.mesh, "outbound|80||" HOST);
	assert_int_equal(c->policy.connect_timeout_ms, 1000);
	assert_int_equal(c->policy.keepalive.probes, 4);
	assert_int_equal(c->policy.keepalive.idle_s, 9);
	fixture_close(&f);
}

static void
test_policy__has_a_retry_budget_beside_settings_of_ports(void **state)
{
	struct fixture f;
	struct cluster_policy p = policy_of(&f, "trafficPolicy: {retryBudget: {}, portLevelSettings: "
		"[{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}", "");

	(void)state;
	assert_true(p.retry_budget.is_on && p.retry_budget.percent == 20);
	assert_int_equal(p.retry_budget.min_concurrency, 3);
	assert_int_equal(p.retry_budget.interval_ms, 0);
	fixture_close(&f);
}

static const struct {
	const char *what, *dr, *subset;
	unsigned max_connections;
	enum balancer balancer;
} merges[] = {
	{ "subset without a policy", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, loadBalancer: {simple: RANDOM}}, subsets: [{name: v1}]",
	  "v1", 1, BALANCE_RANDOM },
	{ "member by member", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, loadBalancer: {simple: RANDOM}}, "
	  "subsets: [{name: v1, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}]", "v1", 1, BALANCE_ROUND_ROBIN },
	{ "no deeper merge", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}, "
	  "subsets: [{name: v1, trafficPolicy: {connectionPool: {http: {maxRetries: 1}}}}]", "v1", MESH_UNLIMITED, BALANCE_LEAST_REQUEST },
	{ "a port's settings replace all", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, loadBalancer: {simple: RANDOM}, "
	  "portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]}", "", MESH_UNLIMITED, BALANCE_ROUND_ROBIN },
	{ "another port's do not", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, loadBalancer: {simple: RANDOM}, "
	  "portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: ROUND_ROBIN}}]}", "", 1, BALANCE_RANDOM },
	{ "the subset's port first", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}, subsets: [{name: v1, trafficPolicy: "
	  "{loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]}}]",
	  "v1", MESH_UNLIMITED, BALANCE_ROUND_ROBIN },
	{ "the subset over the top's port", "trafficPolicy: {portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}}]}, "
	  "subsets: [{name: v1, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]", "v1", 1, BALANCE_RANDOM },
	{ "LEAST_CONN is an alias", "trafficPolicy: {loadBalancer: {simple: LEAST_CONN}}", "", MESH_UNLIMITED, BALANCE_LEAST_REQUEST },
	{ "PASSTHROUGH", "trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}", "", MESH_UNLIMITED, BALANCE_PASSTHROUGH },
};

static void
test_policy__merges_subset_and_port(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(merges); i++) {
		struct fixture f;
		struct cluster_policy p = policy_of(&f, merges[i].dr, merges[i].subset);

		if (p.max_connections != merges[i].max_connections ||
		    p.balancer != merges[i].balancer)
			fail_msg("%s: %u %d", merges[i].what, p.max_connections, (int)p.balancer);
		fixture_close(&f);
	}
}

/* State is kept across a change of anything but name and settings. */
static void
test_cluster__identity_follows_name_and_settings(void **state)
{
	struct {
		const char *dr;
		uint64_t identity;
	} rows[] = {
		{ "subsets: [{name: v1, labels: {version: v1}}]", 0 },
		{ "subsets: [{name: v1, labels: {version: other}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {outlierDetection: {}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x}}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {loadBalancer: {consistentHash: {httpQueryParameterName: x}}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {outlierDetection: {outlierDetectionHttpErrorCodes: [429]}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {outlierDetection: {outlierDetectionHttpErrorCodes: [428]}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {retryBudget: {percent: 1}}}]", 0 },
		{ "subsets: [{name: v1, trafficPolicy: {connectionPool: {tcp: {tcpKeepalive: {}}}}}]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		policy_of(&f, rows[i].dr, "v1");
		rows[i].identity = mesh_find_cluster(f.mesh, "outbound|80|v1|" HOST)->identity;
		fixture_close(&f);
	}
	assert_true(rows[0].identity == rows[1].identity);
	for (size_t i = 2; i < ARRAY_LEN(rows); i++)
		for (size_t k = 1; k < i; k++)
			assert_true(rows[i].identity != rows[k].identity);
}

static void
test_cluster__of_one_name_may_obey_different_rules(void **state)
{
	const struct mesh_cluster *found[2];
	size_t count = 0;
	struct fixture f;

	(void)state;
	fixture_open(&f, SERVICE("a", "web", "http", "80") WORKLOAD("a", "w", "127.0.0.1", "app: web")
		WORKLOAD("b", "w", "127.0.0.2", "app: web") WORKLOAD("c", "w", "127.0.0.3", "app: web")
		DESTINATION_RULE("b", "dr", "host: " HOST ", trafficPolicy: {loadBalancer: {simple: RANDOM}}"));
	for (size_t i = 0; i < f.mesh->cluster_count; i++) {
		if (strcmp(f.mesh->clusters[i]->name, "outbound|80||" HOST) != 0)
			continue;
		assert_true(count < 2);
		found[count++] = f.mesh->clusters[i];
	}
	assert_int_equal(count, 2);
	assert_true(found[0]->identity != found[1]->identity);
	assert_ptr_equal(found[0]->endpoints, found[1]->endpoints);
	fixture_close(&f);
}

#define DATED_RULE(name, year, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {namespace: a, name: " name \
	", creationTimestamp: '" year "-01-01T00:00:00Z'}, spec: {host: web, " spec "}}\n"

static void
test_cluster__of_merged_rules_takes_the_older_ones_word(void **state)
{
	const struct mesh_cluster *c;
	struct fixture f;

	(void)state;
	fixture_open(&f, BASE
		DATED_RULE("aaa", "2021", "trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}, subsets: [{name: v1, labels: {version: none}}]")
		DATED_RULE("bbb", "2019", "subsets: [{name: v1, labels: {version: v1}}]")
		DATED_RULE("ccc", "2020", "trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: v1, labels: {version: none}}]"));
	c = mesh_find_cluster(f.mesh, "outbound|80|v1|" HOST);
	assert_string_equal(c->rule->name, "bbb");
	assert_int_equal(c->policy.balancer, BALANCE_RANDOM);
	assert_int_equal(c->endpoint_count, 1);
	fixture_close(&f);
}

static void
test_cluster__holds_the_endpoints_of_its_subset(void **state)
{
	static const struct {
		const char *labels;
		size_t count;
	} rows[] = {
		{ "{version: v1}", 1 }, { "{version: v1, app: web}", 1 }, { "{}", 2 },
		{ "{app: web}", 2 }, { "{version: v3}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;
		char yaml[4096];
		const struct mesh_cluster *c;

		snprintf(yaml, sizeof(yaml), BASE WORKLOAD("a", "web-v2", "127.0.1.2", "app: web, version: v2")
			 DESTINATION_RULE("a", "dr", "host: web, subsets: [{name: v1, labels: %s}]"), rows[i].labels);
		fixture_open(&f, yaml);
		c = mesh_find_cluster(f.mesh, "outbound|80|v1|" HOST);
		assert_non_null(c);
		assert_int_equal(c->endpoint_count, rows[i].count);
		fixture_close(&f);
	}
}

static void
test_cluster__holds_the_endpoints_of_an_entrys_subset(void **state)
{
	const struct mesh_cluster *c;
	struct fixture f;

	(void)state;
	fixture_open(&f, WORKLOAD("a", "client", "127.0.0.2", "app: client")
		DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext", "spec: {hosts: [ext.com], resolution: STATIC, ports: [{number: 80,"
		    " name: http, protocol: HTTP}], endpoints: [{address: 10.0.0.1, labels: {version: v1}}, {address: 10.0.0.2, labels:"
		    " {version: v2}, weight: 7}]}")
		DESTINATION_RULE("a", "dr", "host: ext.com, subsets: [{name: v2, labels: {version: v2}}]")
		VIRTUAL_SERVICE("a", "vs", "hosts: [ext.com], http: [{route: [{destination: {host: ext.com, subset: v2}}]}]"));
	c = mesh_find_cluster(f.mesh, "outbound|80|v2|ext.com");
	assert_int_equal(c->endpoint_count, 1);
	assert_int_equal(c->endpoints[0].weight, 7);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy__has_istios_defaults),
		cmocka_unit_test(test_policy__reads_every_field),
		cmocka_unit_test(test_policy__reads_hashes),
		cmocka_unit_test(test_policy__reads_warmups),
		cmocka_unit_test(test_policy__reads_tls_modes),
		cmocka_unit_test(test_policy__bounds_seconds),
		cmocka_unit_test(test_policy__treats_zero_as_not_set),
		cmocka_unit_test(test_policy__begins_with_what_the_mesh_says),
		cmocka_unit_test(test_policy__has_a_retry_budget_beside_settings_of_ports),
		cmocka_unit_test(test_policy__merges_subset_and_port),
		cmocka_unit_test(test_cluster__identity_follows_name_and_settings),
		cmocka_unit_test(test_cluster__of_one_name_may_obey_different_rules),
		cmocka_unit_test(test_cluster__of_merged_rules_takes_the_older_ones_word),
		cmocka_unit_test(test_cluster__holds_the_endpoints_of_its_subset),
		cmocka_unit_test(test_cluster__holds_the_endpoints_of_an_entrys_subset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
