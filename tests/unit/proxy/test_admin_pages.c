/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages of the admin server say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/stats.h"
#include "src/base/value.h"
#include "src/model/response_flags.h"
#include "tests/unit/proxy/admin_bench.h"

static void
test_get__ready(void **state)
{
	struct engine *e = *state;

	assert_string_equal(bench_get(e, "/ready", 200), "LIVE\n");
	e->is_draining = true;
	assert_string_equal(bench_get(e, "/ready", 503), "DRAINING\n");
}

static void
assert_sorted(const char *text)
{
	for (const char *line = text, *next; (next = strchr(line, '\n')) != NULL && next[1] != '\0';
	     line = next + 1) {
		size_t len = (size_t)(strstr(line, ": ") - line);
		size_t next_len = (size_t)(strstr(next + 1, ": ") - next) - 1;
		int order = strncmp(line, next + 1, len < next_len ? len : next_len);

		if (order > 0 || (order == 0 && len >= next_len))
			fail_msg("out of order: %.100s", line);
	}
}

static void
test_get__stats(void **state)
{
	struct engine *e = *state;
	const char *text;

	bench_expect(e, "/stats", "# proxy voyages.travel-portal\ncluster.outbound|8000|v1|");
	/* Once for all proxies. */
	assert_int_equal(e->route_readings, 1);
	assert_int_equal(e->pauses, 1);
	assert_int_equal(e->pause_depth, 0);
	bench_expect(e, "/stats?proxy=voyages.travel-portal", ".upstream_rq_total: 80\n");
	bench_expect(e, "/stats?proxy=voyages.travel-portal", ".upstream_rq_2xx: 76\n");
	bench_expect(e, "/stats?proxy=voyages.travel-portal", "cluster.PassthroughCluster.upstream_cx_total: 0\n");
	bench_expect(e, "/stats?proxy=voyages.travel-portal", "listener.127.64.0.5_80.downstream_cx_active: 4\n");
	text = bench_get(e, "/stats?proxy=voyages.travel-portal&filter=upstream_rq_%5b25%5dxx$", 200);
	assert_string_equal(text,
		"cluster.BlackHoleCluster.upstream_rq_2xx: 0\n"
		"cluster.BlackHoleCluster.upstream_rq_5xx: 0\n"
		"cluster.PassthroughCluster.upstream_rq_2xx: 0\n"
		"cluster.PassthroughCluster.upstream_rq_5xx: 0\n"
		"cluster.outbound|8000|v1|travels.travel-agency.svc.cluster.local.upstream_rq_2xx: 76\n"
		"cluster.outbound|8000|v1|travels.travel-agency.svc.cluster.local.upstream_rq_5xx: 4\n"
		"vhost.a:80.route.one.upstream_rq_2xx: 3\n"
		"vhost.a:80.route.one.upstream_rq_5xx: 0\n"
		"vhost.b:80.route.two.upstream_rq_2xx: 6\n"
		"vhost.b:80.route.two.upstream_rq_5xx: 0\n");
	assert_sorted(bench_get(e, "/stats?proxy=voyages.travel-portal", 200));
	text = bench_get(e, "/stats?proxy=voyages.travel-portal&usedonly", 200);
	assert_null(strstr(text, "PassthroughCluster"));
	assert_null(strstr(text, "upstream_rq_retry"));
	assert_int_equal(value_get(bench_get_json(e, "/stats?proxy=voyages.travel-portal&format=json"),
				   "stats")->count, 3 * 43 + 15 + 1 + 4 + 2 * 12);
	text = bench_get(e, "/stats?proxy=voyages.travel-portal&usedonly&filter=%5evhost", 200);
	assert_string_equal(text, "vhost.a:80.route.one.upstream_rq_2xx: 3\n"
				  "vhost.a:80.route.one.upstream_rq_timeout: 1\n"
				  "vhost.a:80.route.one.upstream_rq_total: 4\n"
				  "vhost.b:80.route.two.upstream_rq_2xx: 6\n"
				  "vhost.b:80.route.two.upstream_rq_timeout: 2\n"
				  "vhost.b:80.route.two.upstream_rq_total: 8\n");
	text = bench_get(e, "/stats?proxy=voyages.travel-portal&type=Gauges", 200);
	assert_non_null(strstr(text, "upstream_rq_active: "));
	assert_null(strstr(text, "upstream_rq_total"));
	text = bench_get(e, "/stats?proxy=voyages.travel-portal&type=Counters&format=text", 200);
	assert_non_null(strstr(text, "upstream_rq_total: 80\n"));
	assert_null(strstr(text, "upstream_rq_active"));
	assert_string_equal(bench_get(e, "/stats?proxy=voyages.travel-portal&type=Histograms", 200), "");
	bench_get(e, "/stats?filter=%28", 400);
	bench_get(e, "/stats?format=yaml", 400);
	bench_get(e, "/stats/prometheus?type=gauge", 400);
	bench_get(e, "/stats?proxy=nobody.here", 404);
}

static void
test_get__prometheus(void **state)
{
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);

	stats_add(stats_of_worker(e->stats, 0), &r);
	bench_expect(e, "/stats/prometheus", "# TYPE istio_requests_total counter\nistio_requests_total{");
	bench_expect(e, "/stats/prometheus",
	       "# TYPE envoy_cluster_upstream_cx_total counter\n"
	       "envoy_cluster_upstream_cx_total{cluster_name=\"outbound|8000|v1|travels.travel-agency."
	       "svc.cluster.local\",proxy=\"voyages.travel-portal\"} 10\n");
	bench_expect(e, "/stats?format=prometheus",
	       "envoy_cluster_upstream_rq{response_code_class=\"2xx\",cluster_name=");
	bench_expect(e, "/stats/prometheus?proxy=voyages.travel-portal",
	       "svc.cluster.local\"} 10\n");
	assert_null(strstr(bench_get(e, "/stats/prometheus?proxy=travels-v1.travel-agency", 200),
			   "istio_requests_total"));
}

static void
test_get__prometheus_of_one_type(void **state)
{
	static const struct { const char *type, *ours, *istios; } rows[] = {
		{ "Counters", "_upstream_cx_total counter\n", "# TYPE istio_requests_total counter\n" },
		{ "Gauges", "_upstream_rq_active gauge\n", "# TYPE istio_build gauge\n" },
		{ "Histograms", NULL, "# TYPE istio_request_bytes histogram\n" },
		{ "TextReadouts", NULL, NULL },
	};
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);

	stats_add(stats_of_worker(e->stats, 0), &r);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char target[64];
		const char *text;

		snprintf(target, sizeof(target), "/stats/prometheus?type=%s", rows[i].type);
		text = bench_get(e, target, 200);
		for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
			if (rows[k].ours != NULL && (strstr(text, rows[k].ours) != NULL) != (i == k))
				fail_msg("%s: %s", rows[i].type, rows[k].ours);
			if (rows[k].istios != NULL && (strstr(text, rows[k].istios) != NULL) != (i == k))
				fail_msg("%s: %s", rows[i].type, rows[k].istios);
		}
	}
}

static void
test_get__prometheus_takes_what_stats_take(void **state)
{
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);
	const char *text;

	stats_add(stats_of_worker(e->stats, 0), &r);
	bench_expect(e, "/stats/prometheus",
	       "# TYPE envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx counter\n"
	       "envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx{cluster_name=");
	text = bench_get(e, "/stats/prometheus?filter=upstream_rq_active&proxy=voyages.travel-portal", 200);
	assert_string_equal(text, "# TYPE envoy_cluster_upstream_rq_active gauge\n"
				  "envoy_cluster_upstream_rq_active{cluster_name=\"outbound|8000|v1|"
				  "travels.travel-agency.svc.cluster.local\"} 0\n");
	text = bench_get(e, "/stats?format=prometheus&usedonly", 200);
	assert_null(strstr(text, "envoy_cluster_upstream_rq_retry"));
	assert_non_null(strstr(text, "envoy_cluster_upstream_rq_total"));
	text = bench_get(e, "/stats/prometheus?filter=istio_requests_total", 200);
	assert_int_equal(strncmp(text, "# TYPE istio_requests_total counter\n", 36), 0);
	assert_null(strstr(text, "envoy_"));
	assert_null(strstr(text, "bytes"));
}

/* A metric's type is told once, in front of all its lines. */
static void
assert_types_are_told_once(const char *text)
{
	for (const char *at = text; (at = strstr(at, "# TYPE ")) != NULL; at++) {
		size_t len = strcspn(at, "\n");
		const char *again = strstr(at + len, "# TYPE ");

		for (; again != NULL; again = strstr(again + 1, "# TYPE "))
			if (strncmp(again, at, len) == 0 && again[len] == '\n')
				fail_msg("twice: %.*s", (int)len, at);
	}
}

static void
count(struct engine *e, enum record_side side, unsigned status, response_flags flags)
{
	struct record r = fixture_record(&e->f, side);

	r.status = status;
	r.flags = flags;
	stats_add(stats_of_worker(e->stats, 0), &r);
}

/* voyages asks travels. */
static void
test_get__requests_and_faults_of_a_proxy(void **state)
{
	struct engine *e = *state;

	count(e, SIDE_OUTBOUND, 200, FLAG(DI));
	count(e, SIDE_OUTBOUND, 503, FLAG(DI) | FLAG(FI));
	count(e, SIDE_OUTBOUND, 418, FLAG(FI));
	count(e, SIDE_OUTBOUND, 200, 0);
	count(e, SIDE_OUTBOUND, 0, FLAG(DC));
	count(e, SIDE_INBOUND, 200, 0);
	e->delayed = 3;
	assert_string_equal(bench_get(e, "/stats?proxy=voyages.travel-portal&filter=%5ehttp&usedonly", 200),
			    "http.outbound.downstream_rq_2xx: 2\n"
			    "http.outbound.downstream_rq_4xx: 1\n"
			    "http.outbound.downstream_rq_5xx: 1\n"
			    "http.outbound.downstream_rq_completed: 4\n"
			    "http.outbound.fault.aborts_injected: 2\n"
			    "http.outbound.fault.active_faults: 3\n"
			    "http.outbound.fault.delays_injected: 2\n");
	bench_expect(e, "/stats?proxy=travels-v1.travel-agency", "http.inbound.downstream_rq_2xx: 1\n");
	bench_expect(e, "/stats?proxy=travels-v1.travel-agency", "http.outbound.fault.active_faults: 0\n");
	bench_expect(e, "/stats/prometheus",
	       "\nenvoy_http_fault_aborts_injected{http_conn_manager_prefix=\"outbound\",proxy=\"voyages.travel-portal\"} 2\n");
	assert_types_are_told_once(bench_get(e, "/stats/prometheus", 200));
	bench_expect(e, "/stats/prometheus?proxy=voyages.travel-portal",
	       "envoy_http_downstream_rq{response_code_class=\"4xx\",http_conn_manager_prefix=\"outbound\"} 1\n");
}

static void
test_get__clusters(void **state)
{
	struct engine *e = *state;
	const struct value *v;
#define CLUSTER "outbound|8000|v1|travels.travel-agency.svc.cluster.local::"

	bench_expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "default_priority::max_connections::4294967295\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "high_priority::max_connections::1024\n"
	       CLUSTER "high_priority::max_pending_requests::1024\n"
	       CLUSTER "high_priority::max_requests::1024\n"
	       CLUSTER "high_priority::max_retries::3\n"
	       CLUSTER "added_via_api::true\n");
	assert_null(strstr(bench_get(e, "/clusters?proxy=voyages.travel-portal", 200), "::outlier::"));
	e->f.cluster.policy.outlier.is_on = true;
	bench_expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "outlier::success_rate_average::-1\n"
	       CLUSTER "outlier::success_rate_ejection_threshold::-1\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::rq_timeout::6\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::cx_total::10\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::rq_success::74\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "127.64.64.2:8000::health_flags::healthy\n");
	bench_expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "127.64.64.2:8000::weight::1\n"
	       CLUSTER "127.64.64.2:8000::region::here\n"
	       CLUSTER "127.64.64.2:8000::zone::a\n"
	       CLUSTER "127.64.64.2:8000::sub_zone::\n"
	       CLUSTER "127.64.64.2:8000::canary::false\n"
	       CLUSTER "127.64.64.2:8000::priority::0\n");
	bench_expect(e, "/clusters", "# proxy travels-v1.travel-agency\n");
	bench_expect(e, "/clusters?proxy=travels-v1.travel-agency", CLUSTER "127.64.64.2:8000::cx_total::0\n");
	v = bench_get_json(e, "/clusters?format=json");
	v = value_path(v, "[\"voyages.travel-portal\"].cluster_statuses[0].host_statuses[0].stats[2]");
	assert_string_equal(value_get_text(v, "name"), "cx_total");
	assert_string_equal(value_get_text(v, "value"), "10");
	v = bench_get_json(e, "/clusters?format=json");
	v = value_path(v, "[\"voyages.travel-portal\"].cluster_statuses[0].host_statuses[0].locality");
	assert_string_equal(value_get_text(v, "region"), "here");
	assert_null(value_get(v, "sub_zone"));
}

static void
test_get__listeners_pods_and_the_rest(void **state)
{
	struct engine *e = *state;
	const struct value *v;

	assert_string_equal(bench_get(e, "/listeners?proxy=travels-v1.travel-agency", 200),
		"outbound_127.64.0.5_80::127.64.0.5:80 (served at port 20080)\n"
		"inbound_127.64.64.2_8000::127.64.64.2:8000 (not open: address in use)\n");
	assert_string_equal(bench_get(e, "/listeners?proxy=voyages.travel-portal", 200),
		"outbound_127.64.0.5_80::127.64.0.5:80 (served at port 20080)\n");
	v = value_path(bench_get_json(e, "/listeners?format=json&proxy=travels-v1.travel-agency"),
		       "listener_statuses[1]");
	assert_string_equal(value_get_text(v, "error"), "address in use");
	v = value_at(bench_get_json(e, "/pods"), 1);
	assert_string_equal(value_get_text(v, "name"), "voyages");
	assert_string_equal(value_get_text(v, "address"), "127.64.64.1");
	v = bench_get_json(e, "/server_info?proxy=voyages.travel-portal");
	assert_string_equal(value_text(value_path(v, "node.id")),
			    "sidecar~127.64.64.1~voyages.travel-portal~travel-portal.svc.cluster.local");
	assert_string_equal(value_get_text(v, "state"), "LIVE");
	assert_string_equal(value_get_text(v, "uptime_current_epoch"), "5s");
	assert_string_equal(value_get_text(v, "engine"), stats_engine_id(e->stats));
	e->f.cluster.policy.connect_timeout_ms = 250;
	e->f.cluster.policy.outlier.is_on = true;
	e->f.cluster.policy.outlier.interval_ms = 10000;
	v = bench_get_json(e, "/config_dump?proxy=voyages.travel-portal");
	assert_int_equal(value_path(v, "configs[0].dynamic_active_clusters")->count, 3);
	assert_string_equal(value_text(value_path(v, "configs[0].dynamic_active_clusters[0].version_info")), "3");
	v = value_path(v, "configs[0].dynamic_active_clusters[0].cluster");
	assert_string_equal(value_get_text(v, "@type"), "type.googleapis.com/envoy.config.cluster.v3.Cluster");
	assert_string_equal(value_get_text(v, "connect_timeout"), "0.250s");
	assert_string_equal(value_text(value_path(v, "load_assignment.endpoints[0].lb_endpoints[0].endpoint."
						     "address.socket_address.address")), "127.64.64.2");
	assert_string_equal(value_text(value_path(v, "outlier_detection.interval")), "10s");
	v = bench_get_json(e, "/config_dump?proxy=travels-v1.travel-agency");
	v = value_path(v, "configs[1].dynamic_listeners[1].active_state.listener");
	assert_string_equal(value_get_text(v, "name"), "inbound_127.64.64.2_8000");
	assert_string_equal(value_get_text(v, "traffic_direction"), "INBOUND");
	assert_int_equal(bench_get_json(e, "/server_info")->count, 2);
	assert_true(value_is_list(bench_get_json(e, "/problems")));
}

#define OF_VOYAGES "&proxy=voyages.travel-portal"
#define CLUSTERS "resource=dynamic_active_clusters"

/* What is there and what is not, at paths. */
static const struct {
	const char *query, *there, *absent;
	int configs;
} dump_choices[] = {
	{ CLUSTERS, "configs[2].cluster.name", "configs[0].dynamic_active_clusters", 3 },
	{ CLUSTERS "&mask=cluster.name,version_info", "configs[0].cluster.name", "configs[0].cluster.type", 3 },
	{ CLUSTERS "&mask=cluster.name", "configs[0].cluster[\"@type\"]", "configs[0].version_info", 3 },
	{ CLUSTERS "&mask=cluster", "configs[0].cluster.type", "configs[0].version_info", 3 },
	{ CLUSTERS "&name_regex=Pass.*", "configs[0].cluster.name", "configs[1]", 1 },
	{ CLUSTERS "&name_regex=Pass", "configs", "configs[0]", 0 },
	{ "resource=static_clusters", "configs", "configs[0]", 0 },
	{ "resource=dynamic_listeners&mask=name,active_state.version_info",
	  "configs[0].active_state.version_info", "configs[0].active_state.listener", 1 },
	{ "resource=dynamic_endpoint_configs&include_eds&name_regex=outbound.*",
	  "configs[0].endpoint_config.endpoints[0].lb_endpoints[0].endpoint.address", "configs[1]", 1 },
	{ "mask=dynamic_active_clusters", "configs[0].dynamic_active_clusters", "configs[1]", 1 },
	{ "mask=dynamic_listeners,version_info", "configs[0].dynamic_listeners",
	  "configs[0].listener_statuses", 1 },
	{ "name_regex=outbound_.*", "configs[1].dynamic_listeners[0].name",
	  "configs[0].dynamic_active_clusters[0]", 4 },
	{ "include_eds", "configs[1].dynamic_endpoint_configs[0].endpoint_config.cluster_name",
	  "configs[5]", 5 },
};

static void
test_get__config_dump_in_part(void **state)
{
	struct engine *e = *state;
	char target[200];

	for (size_t i = 0; i < ARRAY_LEN(dump_choices); i++) {
		const struct value *v;

		snprintf(target, sizeof(target), "/config_dump?%s" OF_VOYAGES, dump_choices[i].query);
		v = bench_get_json(e, target);
		if (value_path(v, dump_choices[i].there) == NULL ||
		    value_path(v, dump_choices[i].absent) != NULL ||
		    (int)value_get(v, "configs")->count != dump_choices[i].configs)
			fail_msg("%s: %s", target, buf_str(&e->answer));
	}
	/* The elements of a field say what they are. */
	assert_string_equal(value_text(value_path(bench_get_json(e, "/config_dump?" CLUSTERS OF_VOYAGES),
						  "configs[0][\"@type\"]")),
			    "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.DynamicCluster");
	assert_non_null(value_path(bench_get_json(e, "/config_dump?mask=dynamic_listeners"),
				   "[\"voyages.travel-portal\"].configs[0].dynamic_listeners[0]"));
}

static const struct { const char *query; unsigned status; const char *said; } bad_dumps[] = {
	{ "resource=secrets", 404, "secrets not found in config dump\n" },
	{ "resource=dynamic_endpoint_configs", 404, "dynamic_endpoint_configs not found in config dump\n" },
	{ "resource=version_info", 400,
	  "version_info is not a repeated field. Use ?mask=version_info to get only this field\n" },
	{ "mask=nothing", 400, "FieldMask nothing could not be successfully applied to any configs.\n" },
	{ "mask=dynamic_active_clusters.cluster", 400, "FieldMask dynamic_active_clusters.cluster could "
	  "not be successfully applied to any configs.\n" },
	{ CLUSTERS "&mask=name", 400, "FieldMask name could not be successfully used.\n" },
	{ CLUSTERS "&mask=cluster.load_assignment.endpoints.lb_endpoints", 400,
	  "FieldMask cluster.load_assignment.endpoints.lb_endpoints could not be successfully used.\n" },
	{ "resource=dynamic_listeners&mask=active_state.listener.name", 400,
	  "FieldMask active_state.listener.name could not be successfully used.\n" },
	{ "name_regex=%5b", 400, "Error while parsing name_regex from [: " },
};

static void
test_get__config_dump_refusals(void **state)
{
	struct engine *e = *state;
	char target[200];

	for (size_t i = 0; i < ARRAY_LEN(bad_dumps); i++)
		for (int one = 0; one < 2; one++) {
			const char *said;

			snprintf(target, sizeof(target), "/config_dump?%s%s", bad_dumps[i].query,
				 one ? OF_VOYAGES : "");
			said = bench_get(e, target, bad_dumps[i].status);
			if (strncmp(said, bad_dumps[i].said, strlen(bad_dumps[i].said)) != 0)
				fail_msg("%s: %s", target, said);
		}
}

/* The first proxy has nothing of it, so the mask fits; the other tells that its own
 * does not. */
static void
test_get__config_dump_tells_whose_mask_does_not_fit(void **state)
{
	struct engine *e = *state;
	const struct value *v;

	e->f.workloads[0] = &e->f.voyages;
	e->f.workloads[1] = &e->f.travels;
	v = bench_get_json(e, "/config_dump?resource=dynamic_listeners&name_regex=inbound.*"
			   "&mask=active_state.listener.address.any");
	assert_null(value_path(v, "[\"voyages.travel-portal\"].error"));
	assert_string_equal(value_text(value_path(v, "[\"travels-v1.travel-agency\"].error")),
			    "FieldMask active_state.listener.address.any could not be successfully used.");
	assert_int_equal(value_path(v, "[\"travels-v1.travel-agency\"].configs")->count, 0);
}

/* Text that json_parse() does not read. */
static void
test_get__config_dump_too_large_to_choose_from(void **state)
{
	static const char said[] = "too large to choose from", name[] = "&name_regex=.*";
	struct engine *e = *state;
	size_t len = (size_t)64 << 20;
	char *long_name = malloc(len + 1), target[200];
	const struct value *v;

	assert_non_null(long_name);
	memset(long_name, 'x', len);
	long_name[len] = '\0';
	e->f.cluster.name = long_name;
	snprintf(target, sizeof(target), "/config_dump?" CLUSTERS "%s" OF_VOYAGES, name);
	assert_memory_equal(bench_get(e, target, 500), said, strlen(said));
	snprintf(target, sizeof(target), "/config_dump?" CLUSTERS "%s", name);
	v = bench_get_json(e, target);
	assert_memory_equal(value_text(value_path(v, "[\"travels-v1.travel-agency\"].error")), said,
			    strlen(said));
	assert_memory_equal(value_text(value_path(v, "[\"voyages.travel-portal\"].error")), said,
			    strlen(said));
	free(long_name);
}

static void
test_get__telemetry_and_requests(void **state)
{
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);
	const struct value *v;
	int64_t generation;
	char target[64];

	stats_add(stats_of_worker(e->stats, 0), &r);
	requests_add(e->requests, &r);
	v = bench_get_json(e, "/telemetry?since=0");
	assert_int_equal(value_get(v, "series")->count, 1);
	assert_true(value_to_int(value_get(v, "generation"), &generation));
	snprintf(target, sizeof(target), "/telemetry?since=%lld", (long long)generation);
	assert_int_equal(value_get(bench_get_json(e, target), "series")->count, 0);
	bench_get(e, "/telemetry?since=x", 400);
	bench_get(e, "/telemetry?since=-1", 400);
	assert_int_equal(bench_get_json(e, "/requests?id=id-1")->count, 1);
	assert_int_equal(bench_get_json(e, "/requests?id=id-2")->count, 0);
	assert_int_equal(bench_get_json(e, "/requests?proxy=gone.away")->count, 0);
}

static void
test_get__unknown_path_lists_the_known(void **state)
{
	struct engine *e = *state;

	assert_non_null(strstr(bench_get(e, "/", 200), "/stats/prometheus: "));
	assert_non_null(strstr(bench_get(e, "/help", 200), "/clusters: "));
	assert_non_null(strstr(bench_get(e, "/quitquitquit", 404), "/telemetry: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get__ready),
		TEST(test_get__stats),
		TEST(test_get__prometheus),
		TEST(test_get__prometheus_of_one_type),
		TEST(test_get__prometheus_takes_what_stats_take),
		TEST(test_get__requests_and_faults_of_a_proxy),
		TEST(test_get__clusters),
		TEST(test_get__listeners_pods_and_the_rest),
		TEST(test_get__config_dump_in_part),
		TEST(test_get__config_dump_refusals),
		TEST(test_get__config_dump_tells_whose_mask_does_not_fit),
		TEST(test_get__config_dump_too_large_to_choose_from),
		TEST(test_get__telemetry_and_requests),
		TEST(test_get__unknown_path_lists_the_known),
	};

	return cmocka_run_group_tests_name("admin_pages", tests, NULL, NULL);
}
