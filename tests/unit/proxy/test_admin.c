/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The admin socket over real sockets, in front of an engine made by hand. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/admin.h"
#include "proxy/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/requests.h"
#include "proxy/stats.h"
#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/value.h"
#include "src/model/problem.h"
#include "tests/lib/still_clock.h"
#include "tests/unit/proxy/fixture.h"

#define START_WALL_MS 1764000000000

/* What engine.h promises, made by hand. */
struct engine {
	struct still_clock time;
	struct fixture f;
	struct loop *loop;
	struct stats_set *stats;
	struct requests *requests;
	struct problems problems;
	struct engine_endpoint_figures endpoint;
	uint64_t generation;
	unsigned readings;		/* of the clusters */
	unsigned delayed;		/* requests of voyages, by faults */
	unsigned resets;
	bool is_draining;
	char base[64];
	char dir[400];
	struct admin *admin;
	struct buf answer;
	struct arena *arena;
};

struct loop *engine_loop(struct engine *e) { return e->loop; }
const struct mesh *engine_mesh(const struct engine *e) { return &e->f.mesh; }
const struct problems *engine_problems(const struct engine *e) { return &e->problems; }
const char *engine_state_path(const struct engine *e) { return e->dir; }
struct stats_set *engine_stats(struct engine *e) { return e->stats; }
struct requests *engine_requests(struct engine *e) { return e->requests; }
uint64_t engine_uptime_ms(const struct engine *e) { return e->time.now_ns / NS_PER_MS; }
int64_t engine_start_wall_ms(const struct engine *e) { (void)e; return START_WALL_MS; }
bool engine_is_live(const struct engine *e) { return !e->is_draining; }
void engine_set_health(struct engine *e, bool is_healthy) { e->is_draining = !is_healthy; }
void engine_reset_counters(struct engine *e) { e->resets++; }
unsigned engine_worker_count(const struct engine *e) { (void)e; return 1; }
uint64_t engine_generation(const struct engine *e) { return e->generation; }
struct sink *engine_sink(struct engine *e, unsigned worker) { (void)e; (void)worker; return NULL; }
void engine_pause_workers(struct engine *e) { (void)e; }
void engine_resume_workers(struct engine *e) { (void)e; }
size_t engine_listener_count(const struct engine *e) { (void)e; return 2; }

void
engine_listener_at(const struct engine *e, size_t index, struct engine_listener *out)
{
	memset(out, 0, sizeof(*out));
	out->error = "";
	out->is_open = true;
	if (index == 0) {
		out->kind = LISTENER_SERVICE;
		out->service = &e->f.travels_service;
		address_parse(&out->address, "127.64.0.5:80", NULL);
		out->bound_port = 20080;
		out->connections = 4;
		return;
	}
	out->kind = LISTENER_INBOUND;
	out->instance = &e->f.travels_pod;
	address_parse(&out->address, "127.64.64.2:8000", NULL);
	out->bound_port = 8000;
	out->is_open = false;
	out->error = "address in use";
}

void
engine_each_cluster(struct engine *e,
		    void (*visit)(void *arg, const struct engine_cluster_figures *f), void *arg)
{
	struct engine_cluster_figures f = { .caller = &e->f.voyages_pod, .cluster = &e->f.cluster,
		.active_connections = 2, .connections = 5, .requests = 40, .endpoints = &e->endpoint,
		.endpoint_count = 1 };

	f.by_class[2] = 38;
	f.by_class[5] = 2;
	e->endpoint = (struct engine_endpoint_figures){ .endpoint = &e->f.endpoint,
		.active_connections = 2, .connections = 5, .requests = 40, .errors = 2,
		.timeouts = 3, .active_requests = 1 };
	e->readings++;
	visit(arg, &f);
	visit(arg, &f);		/* another replica's */
}

void
engine_each_delayed(struct engine *e,
		    void (*visit)(void *arg, const struct mesh_workload *caller), void *arg)
{
	for (unsigned i = 0; i < e->delayed; i++)
		visit(arg, &e->f.voyages);
}

static int
setup(void **state)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct error err = ERROR_INIT;

	e->time = STILL_CLOCK(5 * NS_PER_S, START_WALL_MS - 5000);
	e->generation = 3;
	fixture_init(&e->f);
	snprintf(e->base, sizeof(e->base), "/tmp/meshtop-admin-XXXXXX");
	assert_non_null(mkdtemp(e->base));
	/* Longer than sun_path can hold. */
	snprintf(e->dir, sizeof(e->dir), "%s/%0150d", e->base, 0);
	assert_int_equal(mkdir(e->dir, 0700), 0);
	e->loop = loop_new(&e->time.clock, NULL);
	e->stats = stats_set_new(1);
	e->requests = requests_new();
	e->arena = arena_new();
	e->admin = admin_open(e, "127.0.0.1:0", &err);
	if (e->admin == NULL)
		fail_msg("%s", err.msg);
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	struct engine *e = *state;

	admin_close(&e->admin);
	stats_set_free(&e->stats);
	requests_free(&e->requests);
	problems_fini(&e->problems);
	arena_free(&e->arena);
	loop_free(&e->loop);
	buf_fini(&e->answer);
	assert_int_equal(rmdir(e->dir), 0);	/* the socket is gone */
	rmdir(e->base);
	free(e);
	return 0;
}

static int
dial(const struct engine *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int dir = open(e->dir, O_PATH | O_DIRECTORY), fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(dir >= 0 && fd >= 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/admin.sock", dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(dir);
	return fd;
}

static int
dial_tcp(const struct engine *e)
{
	struct address a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(address_parse(&a, admin_tcp_address(e->admin), NULL), 0);
	assert_int_equal(connect(fd, &a.sa, a.len), 0);
	return fd;
}

/* Reads until the server closes or falls silent; true when it closed. */
static bool
collect(struct engine *e, int fd)
{
	char chunk[65536];
	unsigned quiet = 0;

	while (quiet < 5) {
		ssize_t n;

		loop_turn(e->loop, 0);
		n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return true;
		if (n > 0)
			buf_append(&e->answer, chunk, (size_t)n);
		quiet = n > 0 ? 0 : quiet + 1;
	}
	return false;
}

static const char *
ask_on(struct engine *e, int fd, const char *request)
{
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	buf_clear(&e->answer);
	collect(e, fd);
	close(fd);
	loop_turn(e->loop, 0);
	return buf_str(&e->answer);
}

/* The body of GET target, status checked. */
static const char *
get(struct engine *e, const char *target, unsigned status)
{
	char request[600], line[32];
	const char *text;

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 target);
	text = ask_on(e, dial(e), request);
	snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	if (strncmp(text, line, strlen(line)) != 0)
		fail_msg("%s: want %u, got %s", target, status, text);
	text = strstr(text, "\r\n\r\n");
	assert_non_null(text);
	return text + 4;
}

static const struct value *
get_json(struct engine *e, const char *target)
{
	struct error err = ERROR_INIT;
	const char *text = get(e, target, 200);
	const struct value *v = json_parse(e->arena, text, strlen(text), &err);

	if (v == NULL)
		fail_msg("%s: %s in %s", target, err.msg, text);
	return v;
}

static void
expect(struct engine *e, const char *target, const char *line)
{
	const char *text = get(e, target, 200);

	if (strstr(text, line) == NULL)
		fail_msg("%s: no '%s' in %s", target, line, text);
}

static void
test_get__ready(void **state)
{
	struct engine *e = *state;

	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
	e->is_draining = true;
	assert_string_equal(get(e, "/ready", 503), "DRAINING\n");
}

static void
assert_sorted(const char *text)
{
	for (const char *line = text, *next; (next = strchr(line, '\n')) != NULL && next[1] != '\0';
	     line = next + 1) {
		size_t len = strcspn(line, ":"), next_len = strcspn(next + 1, ":");
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

	expect(e, "/stats", "# proxy voyages.travel-portal\ncluster.outbound|8000|v1|");
	expect(e, "/stats?proxy=voyages.travel-portal", ".upstream_rq_total: 80\n");
	expect(e, "/stats?proxy=voyages.travel-portal", ".upstream_rq_2xx: 76\n");
	expect(e, "/stats?proxy=voyages.travel-portal", "cluster.PassthroughCluster.upstream_cx_total: 0\n");
	expect(e, "/stats?proxy=voyages.travel-portal", "listener.127.64.0.5_80.downstream_cx_active: 4\n");
	text = get(e, "/stats?proxy=voyages.travel-portal&filter=upstream_rq_%5b25%5dxx$", 200);
	assert_string_equal(text,
		"cluster.BlackHoleCluster.upstream_rq_2xx: 0\n"
		"cluster.BlackHoleCluster.upstream_rq_5xx: 0\n"
		"cluster.PassthroughCluster.upstream_rq_2xx: 0\n"
		"cluster.PassthroughCluster.upstream_rq_5xx: 0\n"
		"cluster.outbound|8000|v1|travels.travel-agency.svc.cluster.local.upstream_rq_2xx: 76\n"
		"cluster.outbound|8000|v1|travels.travel-agency.svc.cluster.local.upstream_rq_5xx: 4\n");
	assert_sorted(get(e, "/stats?proxy=voyages.travel-portal", 200));
	text = get(e, "/stats?proxy=voyages.travel-portal&usedonly", 200);
	assert_null(strstr(text, "PassthroughCluster"));
	assert_null(strstr(text, "upstream_rq_retry"));
	assert_int_equal(value_get(get_json(e, "/stats?proxy=voyages.travel-portal&format=json"),
				   "stats")->count, 3 * 43 + 15 + 1 + 4);
	text = get(e, "/stats?proxy=voyages.travel-portal&type=Gauges", 200);
	assert_non_null(strstr(text, "upstream_rq_active: "));
	assert_null(strstr(text, "upstream_rq_total"));
	text = get(e, "/stats?proxy=voyages.travel-portal&type=Counters&format=text", 200);
	assert_non_null(strstr(text, "upstream_rq_total: 80\n"));
	assert_null(strstr(text, "upstream_rq_active"));
	assert_string_equal(get(e, "/stats?proxy=voyages.travel-portal&type=Histograms", 200), "");
	get(e, "/stats?filter=%28", 400);
	get(e, "/stats?format=yaml", 400);
	get(e, "/stats/prometheus?type=gauge", 400);
	get(e, "/stats?proxy=nobody.here", 404);
}

static void
test_get__prometheus(void **state)
{
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);

	stats_add(stats_of_worker(e->stats, 0), &r);
	expect(e, "/stats/prometheus", "# TYPE istio_requests_total counter\nistio_requests_total{");
	expect(e, "/stats/prometheus",
	       "# TYPE envoy_cluster_upstream_cx_total counter\n"
	       "envoy_cluster_upstream_cx_total{cluster_name=\"outbound|8000|v1|travels.travel-agency."
	       "svc.cluster.local\",proxy=\"voyages.travel-portal\"} 10\n");
	expect(e, "/stats?format=prometheus",
	       "envoy_cluster_upstream_rq{response_code_class=\"2xx\",cluster_name=");
	expect(e, "/stats/prometheus?proxy=voyages.travel-portal",
	       "svc.cluster.local\"} 10\n");
	assert_null(strstr(get(e, "/stats/prometheus?proxy=travels-v1.travel-agency", 200),
			   "istio_requests_total"));
}

static void
test_get__prometheus_takes_what_stats_take(void **state)
{
	struct engine *e = *state;
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);
	const char *text;

	stats_add(stats_of_worker(e->stats, 0), &r);
	expect(e, "/stats/prometheus",
	       "# TYPE envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx counter\n"
	       "envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx{cluster_name=");
	text = get(e, "/stats/prometheus?filter=upstream_rq_active&proxy=voyages.travel-portal", 200);
	assert_string_equal(text, "# TYPE envoy_cluster_upstream_rq_active gauge\n"
				  "envoy_cluster_upstream_rq_active{cluster_name=\"outbound|8000|v1|"
				  "travels.travel-agency.svc.cluster.local\"} 0\n");
	text = get(e, "/stats?format=prometheus&usedonly", 200);
	assert_null(strstr(text, "envoy_cluster_upstream_rq_retry"));
	assert_non_null(strstr(text, "envoy_cluster_upstream_rq_total"));
	text = get(e, "/stats/prometheus?filter=istio_requests_total", 200);
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
	assert_string_equal(get(e, "/stats?proxy=voyages.travel-portal&filter=%5ehttp&usedonly", 200),
			    "http.outbound.downstream_rq_2xx: 2\n"
			    "http.outbound.downstream_rq_4xx: 1\n"
			    "http.outbound.downstream_rq_5xx: 1\n"
			    "http.outbound.downstream_rq_completed: 4\n"
			    "http.outbound.fault.aborts_injected: 2\n"
			    "http.outbound.fault.active_faults: 3\n"
			    "http.outbound.fault.delays_injected: 2\n");
	expect(e, "/stats?proxy=travels-v1.travel-agency", "http.inbound.downstream_rq_2xx: 1\n");
	expect(e, "/stats?proxy=travels-v1.travel-agency", "http.outbound.fault.active_faults: 0\n");
	expect(e, "/stats/prometheus",
	       "\nenvoy_http_fault_aborts_injected{http_conn_manager_prefix=\"outbound\",proxy=\"voyages.travel-portal\"} 2\n");
	assert_types_are_told_once(get(e, "/stats/prometheus", 200));
	expect(e, "/stats/prometheus?proxy=voyages.travel-portal",
	       "envoy_http_downstream_rq{response_code_class=\"4xx\",http_conn_manager_prefix=\"outbound\"} 1\n");
}

static void
test_get__clusters(void **state)
{
	struct engine *e = *state;
	const struct value *v;
#define CLUSTER "outbound|8000|v1|travels.travel-agency.svc.cluster.local::"

	expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "default_priority::max_connections::4294967295\n");
	expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "high_priority::max_connections::1024\n"
	       CLUSTER "high_priority::max_pending_requests::1024\n"
	       CLUSTER "high_priority::max_requests::1024\n"
	       CLUSTER "high_priority::max_retries::3\n"
	       CLUSTER "added_via_api::true\n");
	assert_null(strstr(get(e, "/clusters?proxy=voyages.travel-portal", 200), "::outlier::"));
	e->f.cluster.policy.outlier.is_on = true;
	expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "outlier::success_rate_average::-1\n"
	       CLUSTER "outlier::success_rate_ejection_threshold::-1\n");
	expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::rq_timeout::6\n");
	expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::cx_total::10\n");
	expect(e, "/clusters?proxy=voyages.travel-portal", CLUSTER "127.64.64.2:8000::rq_success::74\n");
	expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "127.64.64.2:8000::health_flags::healthy\n");
	expect(e, "/clusters?proxy=voyages.travel-portal",
	       CLUSTER "127.64.64.2:8000::weight::1\n"
	       CLUSTER "127.64.64.2:8000::region::here\n"
	       CLUSTER "127.64.64.2:8000::zone::a\n"
	       CLUSTER "127.64.64.2:8000::sub_zone::\n"
	       CLUSTER "127.64.64.2:8000::canary::false\n"
	       CLUSTER "127.64.64.2:8000::priority::0\n");
	expect(e, "/clusters", "# proxy travels-v1.travel-agency\n");
	expect(e, "/clusters?proxy=travels-v1.travel-agency", CLUSTER "127.64.64.2:8000::cx_total::0\n");
	v = get_json(e, "/clusters?format=json");
	v = value_path(v, "[\"voyages.travel-portal\"].cluster_statuses[0].host_statuses[0].stats[2]");
	assert_string_equal(value_get_text(v, "name"), "cx_total");
	assert_string_equal(value_get_text(v, "value"), "10");
	v = get_json(e, "/clusters?format=json");
	v = value_path(v, "[\"voyages.travel-portal\"].cluster_statuses[0].host_statuses[0].locality");
	assert_string_equal(value_get_text(v, "region"), "here");
	assert_null(value_get(v, "sub_zone"));
}

static void
test_get__listeners_pods_and_the_rest(void **state)
{
	struct engine *e = *state;
	const struct value *v;

	assert_string_equal(get(e, "/listeners?proxy=travels-v1.travel-agency", 200),
		"outbound_127.64.0.5_80::127.64.0.5:80 (served at port 20080)\n"
		"inbound_127.64.64.2_8000::127.64.64.2:8000 (not open: address in use)\n");
	assert_string_equal(get(e, "/listeners?proxy=voyages.travel-portal", 200),
		"outbound_127.64.0.5_80::127.64.0.5:80 (served at port 20080)\n");
	v = value_path(get_json(e, "/listeners?format=json&proxy=travels-v1.travel-agency"),
		       "listener_statuses[1]");
	assert_string_equal(value_get_text(v, "error"), "address in use");
	v = value_at(get_json(e, "/pods"), 1);
	assert_string_equal(value_get_text(v, "name"), "voyages");
	assert_string_equal(value_get_text(v, "address"), "127.64.64.1");
	v = get_json(e, "/server_info?proxy=voyages.travel-portal");
	assert_string_equal(value_text(value_path(v, "node.id")),
			    "sidecar~127.64.64.1~voyages.travel-portal~travel-portal.svc.cluster.local");
	assert_string_equal(value_get_text(v, "state"), "LIVE");
	assert_string_equal(value_get_text(v, "uptime_current_epoch"), "5s");
	assert_string_equal(value_get_text(v, "engine"), stats_engine_id(e->stats));
	e->f.cluster.policy.connect_timeout_ms = 250;
	e->f.cluster.policy.outlier.is_on = true;
	e->f.cluster.policy.outlier.interval_ms = 10000;
	v = get_json(e, "/config_dump?proxy=voyages.travel-portal");
	assert_int_equal(value_path(v, "configs[0].dynamic_active_clusters")->count, 3);
	assert_string_equal(value_text(value_path(v, "configs[0].dynamic_active_clusters[0].version_info")), "3");
	v = value_path(v, "configs[0].dynamic_active_clusters[0].cluster");
	assert_string_equal(value_get_text(v, "@type"), "type.googleapis.com/envoy.config.cluster.v3.Cluster");
	assert_string_equal(value_get_text(v, "connect_timeout"), "0.250s");
	assert_string_equal(value_text(value_path(v, "load_assignment.endpoints[0].lb_endpoints[0].endpoint."
						     "address.socket_address.address")), "127.64.64.2");
	assert_string_equal(value_text(value_path(v, "outlier_detection.interval")), "10s");
	v = get_json(e, "/config_dump?proxy=travels-v1.travel-agency");
	v = value_path(v, "configs[1].dynamic_listeners[1].active_state.listener");
	assert_string_equal(value_get_text(v, "name"), "inbound_127.64.64.2_8000");
	assert_string_equal(value_get_text(v, "traffic_direction"), "INBOUND");
	assert_int_equal(get_json(e, "/server_info")->count, 2);
	assert_true(value_is_list(get_json(e, "/problems")));
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
	v = get_json(e, "/telemetry?since=0");
	assert_int_equal(value_get(v, "series")->count, 1);
	assert_true(value_to_int(value_get(v, "generation"), &generation));
	snprintf(target, sizeof(target), "/telemetry?since=%lld", (long long)generation);
	assert_int_equal(value_get(get_json(e, target), "series")->count, 0);
	get(e, "/telemetry?since=x", 400);
	get(e, "/telemetry?since=-1", 400);
	assert_int_equal(get_json(e, "/requests?id=id-1")->count, 1);
	assert_int_equal(get_json(e, "/requests?id=id-2")->count, 0);
	assert_int_equal(get_json(e, "/requests?proxy=gone.away")->count, 0);
}

static void
test_get__unknown_path_lists_the_known(void **state)
{
	struct engine *e = *state;

	assert_non_null(strstr(get(e, "/", 200), "/stats/prometheus: "));
	assert_non_null(strstr(get(e, "/help", 200), "/clusters: "));
	assert_non_null(strstr(get(e, "/quitquitquit", 404), "/telemetry: "));
}

static void
test_conn__refuses(void **state)
{
	static const struct { const char *request; unsigned status; } rows[] = {
		{ "PUT /ready HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "GET /healthcheck/fail HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "HEAD /reset_counters HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "POST /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
		{ "GET /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 400 },
		{ "GET /ready HTTP/1.1\r\n\r\n", 400 },
		{ "GET /ready HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
		{ "nonsense\r\n\r\n", 400 },
	};
	struct engine *e = *state;
	char large[9000];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned status = 0;

		sscanf(ask_on(e, dial(e), rows[i].request), "HTTP/1.1 %u", &status);
		if (status != rows[i].status)
			fail_msg("%s: got %u", rows[i].request, status);
	}
	memset(large, 'a', sizeof(large));
	memcpy(large, "GET /ready HTTP/1.1\r\nHost: x\r\nx: ", 33);
	large[sizeof(large) - 1] = '\0';
	assert_non_null(strstr(ask_on(e, dial(e), large), " 431 "));
}

static void
test_conn__changes_by_post_and_locally_alone(void **state)
{
	struct engine *e = *state;
	const char *fail = "POST /healthcheck/fail HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

	assert_non_null(strstr(ask_on(e, dial(e), "GET /healthcheck/fail HTTP/1.1\r\nHost: x\r\n\r\n"),
			       "\r\nallow: POST\r\n"));
	assert_non_null(strstr(ask_on(e, dial_tcp(e), fail), " 403 "));
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
	assert_non_null(strstr(ask_on(e, dial(e), fail), "\r\n\r\nOK\n"));
	assert_string_equal(get(e, "/ready", 503), "DRAINING\n");
	expect(e, "/server_info?proxy=voyages.travel-portal", "\"state\": \"DRAINING\"");
	ask_on(e, dial(e), "POST /healthcheck/ok HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
	ask_on(e, dial(e), "POST /reset_counters HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(e->resets, 1);
}

static void
test_conn__reads_by_post_and_head(void **state)
{
	struct engine *e = *state;
	const char *text = ask_on(e, dial(e), "HEAD /ready HTTP/1.1\r\nHost: x\r\n\r\n"
					      "POST /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	const char *second = strstr(text, "\r\n\r\nHTTP/1.1 200 OK\r\n");

	assert_non_null(strstr(text, "content-length: 5\r\n"));
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\nLIVE\n"));
}

static void
test_conn__keeps_alive_and_pipelines(void **state)
{
	struct engine *e = *state;
	const char *text = ask_on(e, dial(e), "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n"
					      "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	const char *second = strstr(text, "LIVE\n");

	assert_non_null(second);
	assert_non_null(strstr(second + 1, "LIVE\n"));
}

/* As many proxies as make several pieces of a page. */
static void
widen(struct engine *e)
{
	static struct mesh_workload wide[2000], *places[2000];

	for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
		wide[i] = *e->f.mesh.workloads[0];
		wide[i].name = arena_printf(e->arena, "wide-%zu", i);
		places[i] = &wide[i];
	}
	e->f.mesh.workloads = places;
	e->f.mesh.workload_count = ARRAY_LEN(wide);
}

/* Takes the chunks of text apart, in place; what stands behind them. */
static const char *
join_chunks(const char *text, struct buf *out)
{
	for (;;) {
		char *end;
		size_t len = strtoul(text, &end, 16);

		assert_true(strncmp(end, "\r\n", 2) == 0);
		buf_append(out, end + 2, len);
		text = end + 2 + len + 2;
		if (len == 0)
			return text;
	}
}

static void
test_conn__pages_of_many_proxies_come_in_pieces(void **state)
{
	struct engine *e = *state;
	struct error err = ERROR_INIT;
	struct buf body = BUF_INIT;
	const char *text, *next;

	widen(e);
	text = ask_on(e, dial(e), "GET /server_info HTTP/1.1\r\nHost: x\r\n\r\n"
				  "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(strstr(text, "transfer-encoding: chunked\r\n"));
	next = join_chunks(strstr(text, "\r\n\r\n") + 4, &body);
	assert_true(body.len > 2 * ADMIN_PIECE_BYTES);
	assert_non_null(json_parse(e->arena, body.data, body.len, &err));
	assert_non_null(strstr(next, "LIVE"));
	buf_clear(&body);
	text = ask_on(e, dial(e), "HEAD /server_info HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");

	text = ask_on(e, dial(e), "GET /server_info HTTP/1.0\r\n\r\n");
	assert_null(strstr(text, "transfer-encoding"));
	next = strstr(text, "\r\n\r\n") + 4;
	assert_true(strlen(next) > 2 * ADMIN_PIECE_BYTES);
	assert_non_null(json_parse(e->arena, next, strlen(next), &err));
	buf_fini(&body);
}

static void
test_admin_continue__not_under_another_configuration(void **state)
{
	struct engine *e = *state;
	struct admin_reply reply = { .status = 200, .rest = NULL };
	struct buf more = BUF_INIT;

	widen(e);
	admin_answer(e, &(struct admin_request){ .path = SLICE("/server_info") }, &reply);
	assert_non_null(reply.rest);
	/* After two changes the mesh may be where the first one was. */
	e->generation += 2;
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_BROKEN);
	e->generation -= 2;
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_MORE);
	admin_rest_free(&reply.rest);
	assert_null(reply.rest);
	buf_fini(&reply.body);
	buf_fini(&more);
}

static void
test_admin_continue__clusters_are_read_once(void **state)
{
	struct engine *e = *state;
	struct admin_reply reply = { .status = 200, .rest = NULL };
	struct buf more = BUF_INIT;

	widen(e);
	admin_answer(e, &(struct admin_request){ .path = SLICE("/clusters") }, &reply);
	assert_int_equal(admin_continue(reply.rest, &more), ADMIN_MORE);
	assert_int_equal(e->readings, 1);
	admin_rest_free(&reply.rest);
	buf_fini(&reply.body);
	buf_fini(&more);
}

static void
test_tcp__wants_an_address(void **state)
{
	struct engine *e = *state;
	const char *ok = "GET /ready HTTP/1.1\r\nHost: 127.0.0.1:15000\r\n\r\n";

	assert_non_null(strstr(ask_on(e, dial_tcp(e), ok), "LIVE"));
	ok = "GET /ready HTTP/1.1\r\nHost: localhost:15000\r\n\r\n";
	assert_non_null(strstr(ask_on(e, dial_tcp(e), ok), "LIVE"));
	assert_non_null(strstr(ask_on(e, dial_tcp(e),
				      "GET /ready HTTP/1.1\r\nHost: evil.example\r\n\r\n"), " 403 "));
}

static void
pass(struct engine *e, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 20; i++) {
		e->time.now_ns += 50 * NS_PER_MS;
		loop_turn(e->loop, 0);
	}
}

static void
test_conn__idle_and_stalled_are_dropped(void **state)
{
	struct engine *e = *state;
	const char *request = "GET /requests HTTP/1.1\r\nHost: x\r\n\r\n";
	struct record r = fixture_record(&e->f, SIDE_OUTBOUND);
	int idle = dial(e), stalled = dial(e), small = 4096;

	for (unsigned i = 0; i < REQUESTS_MAX; i++)
		requests_add(e->requests, &r);
	setsockopt(stalled, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	send(stalled, request, strlen(request), 0);
	send(idle, "GET /re", 7, 0);
	pass(e, 8);
	buf_clear(&e->answer);
	assert_false(collect(e, idle));
	/* It has taken nothing for 12 s: what is left in the socket is all. */
	pass(e, 12);
	assert_true(collect(e, stalled));
	assert_true(e->answer.len < 2000000);
	pass(e, 50);
	assert_true(collect(e, idle));
	close(idle);
	close(stalled);
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
}

static void
test_conn__are_counted(void **state)
{
	struct engine *e = *state;
	int fds[ADMIN_MAX_CONNECTIONS + 1];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial(e);
		loop_turn(e->loop, 0);
	}
	assert_true(collect(e, fds[ADMIN_MAX_CONNECTIONS]));
	assert_false(collect(e, fds[0]));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	loop_turn(e->loop, 0);
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
}

static void
test_open__one_engine_a_socket(void **state)
{
	struct engine *e = *state;
	struct error err = ERROR_INIT;
	char path[600];
	struct stat st;
	int dir;

	assert_null(admin_open(e, NULL, &err));
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
	snprintf(path, sizeof(path), "%s/admin.sock", e->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* One that a crash has left is replaced. */
	admin_close(&e->admin);
	dir = open(e->dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mknodat(dir, "admin.sock", S_IFSOCK | 0600, 0), 0);
	close(dir);
	e->admin = admin_open(e, NULL, &err);
	assert_non_null(e->admin);
	assert_string_equal(get(e, "/ready", 200), "LIVE\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get__ready),
		TEST(test_get__stats),
		TEST(test_get__prometheus),
		TEST(test_get__prometheus_takes_what_stats_take),
		TEST(test_get__requests_and_faults_of_a_proxy),
		TEST(test_get__clusters),
		TEST(test_get__listeners_pods_and_the_rest),
		TEST(test_get__telemetry_and_requests),
		TEST(test_get__unknown_path_lists_the_known),
		TEST(test_conn__refuses),
		TEST(test_conn__changes_by_post_and_locally_alone),
		TEST(test_conn__reads_by_post_and_head),
		TEST(test_conn__keeps_alive_and_pipelines),
		TEST(test_conn__pages_of_many_proxies_come_in_pieces),
		TEST(test_admin_continue__not_under_another_configuration),
		TEST(test_admin_continue__clusters_are_read_once),
		TEST(test_tcp__wants_an_address),
		TEST(test_conn__idle_and_stalled_are_dropped),
		TEST(test_conn__are_counted),
		TEST(test_open__one_engine_a_socket),
	};

	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
