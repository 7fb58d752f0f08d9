/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Istio's metrics: label rules, exposition, telemetry and its reader. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/telemetry/stats.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/telemetry/series.h"
#include "tests/unit/proxy/fixture.h"

struct bench {
	struct fixture f;
	struct stats_set *set;
	struct stats *stats;
	struct buf out;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	fixture_init(&b->f);
	b->set = stats_set_new(2);
	b->stats = stats_of_worker(b->set, 0);
	stats_use_mesh(b->stats, &b->f.mesh);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	stats_set_free(&b->set);
	buf_fini(&b->out);
	free(b);
	return 0;
}

#define REQUEST_LABELS \
	"reporter=\"source\",source_workload=\"voyages\",source_canonical_service=\"voyages\"," \
	"source_canonical_revision=\"v1\",source_workload_namespace=\"travel-portal\"," \
	"source_principal=\"unknown\",source_app=\"voyages\",source_version=\"v1\"," \
	"source_cluster=\"Kubernetes\",destination_workload=\"travels-v1\"," \
	"destination_workload_namespace=\"travel-agency\",destination_principal=\"unknown\"," \
	"destination_app=\"travels\",destination_version=\"v1\"," \
	"destination_service=\"travels.travel-agency.svc.cluster.local\"," \
	"destination_canonical_service=\"travels\",destination_canonical_revision=\"v1\"," \
	"destination_service_name=\"travels\",destination_service_namespace=\"travel-agency\"," \
	"destination_cluster=\"Kubernetes\",request_protocol=\"http\",response_code=\"200\"," \
	"grpc_response_status=\"\",response_flags=\"-\",connection_security_policy=\"unknown\""

static const char *const bounds[] = { "0.5", "1", "5", "10", "25", "50", "100", "250", "500",
	"1000", "2500", "5000", "10000", "30000", "60000", "300000", "600000", "1800000",
	"3600000", "+Inf" };

/* Lines of a histogram with count samples, all of them in one bucket. */
static void
expect_histogram(struct buf *want, const char *name, size_t bucket, const char *sum,
		 unsigned count)
{
	buf_printf(want, "# TYPE %s histogram\n", name);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
		buf_printf(want, "%s_bucket{" REQUEST_LABELS ",le=\"%s\"} %u\n", name, bounds[i],
			   i >= bucket ? count : 0);
	buf_printf(want, "%s_sum{" REQUEST_LABELS "} %s\n%s_count{" REQUEST_LABELS "} %u\n", name,
		   sum, name, count);
}

static void
test_put_prometheus__is_istios_exactly(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);
	struct buf want = BUF_INIT;

	stats_add(b->stats, &r);
	stats_add(stats_of_worker(b->set, 1), &r);
	stats_put_prometheus(b->set, NULL, NULL, &b->out);
	buf_puts(&want, "# TYPE istio_build gauge\n"
			"istio_build{component=\"proxy\",tag=\"" PACKAGE_VERSION "\"} 1\n"
			"# TYPE istio_requests_total counter\n"
			"istio_requests_total{" REQUEST_LABELS "} 2\n");
	expect_histogram(&want, "istio_request_duration_milliseconds", 2, "9", 2);
	expect_histogram(&want, "istio_request_bytes", 9, "1180", 2);
	expect_histogram(&want, "istio_response_bytes", 11, "6400", 2);
	assert_string_equal(buf_str(&b->out), buf_str(&want));
	buf_fini(&want);
}

static void
test_put_prometheus__tcp_has_no_response_code(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_INBOUND);

	r.protocol = RECORD_TCP;
	r.status = 0;
	r.head = NULL;
	r.is_opening = r.is_interim = true;
	r.request_wire_bytes = r.response_wire_bytes = 0;
	stats_add(b->stats, &r);
	r.is_opening = false;
	r.request_wire_bytes = 30;
	r.response_wire_bytes = 4000;
	stats_add(b->stats, &r);
	r.is_interim = false;
	stats_add(b->stats, &r);
	stats_put_prometheus(b->set, NULL, NULL, &b->out);
	assert_non_null(strstr(buf_str(&b->out),
		"# TYPE istio_tcp_connections_opened_total counter\n"
		"istio_tcp_connections_opened_total{reporter=\"destination\","));
	assert_non_null(strstr(buf_str(&b->out),
		"request_protocol=\"tcp\",response_flags=\"-\",connection_security_policy=\"none\"} 1\n"
		"# TYPE istio_tcp_connections_closed_total counter\n"));
	assert_non_null(strstr(buf_str(&b->out), "} 8000\n# TYPE istio_tcp_received_bytes_total"));
	assert_non_null(strstr(buf_str(&b->out), "} 60\n"));
	assert_null(strstr(buf_str(&b->out), "response_code"));
	assert_null(strstr(buf_str(&b->out), "istio_requests_total"));
}

static void
test_put_prometheus__one_proxys_view(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	stats_add(b->stats, &r);
	r = fixture_record(&b->f, SIDE_INBOUND);
	stats_add(b->stats, &r);
	stats_put_prometheus(b->set, "voyages.travel-portal", NULL, &b->out);
	assert_non_null(strstr(buf_str(&b->out), "reporter=\"source\""));
	assert_null(strstr(buf_str(&b->out), "reporter=\"destination\""));
	buf_clear(&b->out);
	stats_put_prometheus(b->set, "travels-v1.travel-agency", NULL, &b->out);
	assert_null(strstr(buf_str(&b->out), "reporter=\"source\""));
	assert_non_null(strstr(buf_str(&b->out), "reporter=\"destination\""));
	buf_clear(&b->out);
	stats_put_prometheus(b->set, "voyages.travel", NULL, &b->out);
	assert_null(strstr(buf_str(&b->out), "reporter"));
}

/* The value of a label in the first istio_requests_total line. */
static void
label_of(const char *text, const char *name, char *out, size_t size)
{
	char key[64];
	const char *at = strstr(text, "istio_requests_total{");

	snprintf(key, sizeof(key), "%s%s=\"", strcmp(name, "reporter") == 0 ? "" : ",", name);
	assert_non_null(at);
	at = strstr(at, key);
	assert_non_null(at);
	at += strlen(key);
	snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

enum change { NOTHING, NO_PEER, NO_SERVICE, NO_SERVICE_NO_HOST, PASSTHROUGH, BLACK_HOLE, ENTRY,
	      MUTUAL_TLS, PEER_WITHOUT_PROXY, BARE_SELF, BARE_PEER, GRPC, ODD_HOST, BY_CLUSTER };

static void
change(struct bench *b, struct record *r, enum change c)
{
	if (c == NO_PEER)
		r->peer = NULL;
	if (c == NO_SERVICE || c == NO_SERVICE_NO_HOST || c == PASSTHROUGH || c == BLACK_HOLE ||
	    c == ODD_HOST) {
		r->service = NULL;
		r->cluster = NULL;
		r->peer = NULL;
	}
	if (c == BY_CLUSTER)
		r->service = NULL;
	if (c == NO_SERVICE_NO_HOST)
		r->authority = SLICE_NONE;
	if (c == ODD_HOST)
		r->authority = SLICE("a\\b");
	if (c == PASSTHROUGH)
		r->target = TARGET_PASSTHROUGH;
	if (c == BLACK_HOLE)
		r->target = TARGET_BLACK_HOLE;
	if (c == ENTRY)
		r->service = &b->f.external_service;
	if (c == MUTUAL_TLS)
		r->is_mutual_tls = true;
	if (c == PEER_WITHOUT_PROXY)
		b->f.voyages.has_proxy = false;
	if (c == BARE_SELF)
		b->f.voyages.app = b->f.voyages.version = NULL;
	if (c == BARE_PEER)
		b->f.travels.app = b->f.travels.version = NULL;
	if (c == GRPC) {
		r->protocol = RECORD_GRPC;
		r->grpc_status = 14;
	}
}

static void
test_labels__follow_istios_rules(void **state)
{
	static const struct {
		enum record_side side;
		enum change change;
		unsigned status;
		response_flags flags;
		const char *label, *want;
	} rows[] = {
		{ SIDE_OUTBOUND, NOTHING, 200, 0, "reporter", "source" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "reporter", "destination" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "source_workload", "voyages" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "destination_workload", "travels-v1" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "destination_service_namespace", "travel-agency" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "destination_workload", "unknown" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "destination_app", "unknown" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "destination_cluster", "unknown" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "destination_service_name", "travels" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "destination_service_namespace", "unknown" },
		{ SIDE_OUTBOUND, NO_PEER, 503, FLAG(UO), "response_flags", "UO" },
		{ SIDE_OUTBOUND, NOTHING, 503, FLAG(UF) | FLAG(URX), "response_flags", "UF,URX" },
		{ SIDE_OUTBOUND, NOTHING, 0, FLAG(DC), "response_code", "0" },
		{ SIDE_INBOUND, NO_PEER, 200, 0, "source_workload", "unknown" },
		{ SIDE_INBOUND, NO_PEER, 200, 0, "source_canonical_revision", "unknown" },
		{ SIDE_INBOUND, NO_PEER, 200, 0, "source_cluster", "unknown" },
		{ SIDE_INBOUND, NO_PEER, 200, 0, "destination_service_namespace", "travel-agency" },
		{ SIDE_INBOUND, PEER_WITHOUT_PROXY, 200, 0, "source_workload", "unknown" },
		{ SIDE_OUTBOUND, NO_SERVICE, 404, FLAG(NR), "destination_service",
		  "travels.travel-agency:8000" },
		{ SIDE_OUTBOUND, NO_SERVICE, 404, FLAG(NR), "destination_service_name",
		  "travels.travel-agency:8000" },
		{ SIDE_OUTBOUND, NO_SERVICE_NO_HOST, 404, FLAG(NR), "destination_service", "unknown" },
		{ SIDE_OUTBOUND, PASSTHROUGH, 200, 0, "destination_service",
		  "travels.travel-agency:8000" },
		{ SIDE_OUTBOUND, PASSTHROUGH, 200, 0, "destination_service_name",
		  "PassthroughCluster" },
		{ SIDE_OUTBOUND, BLACK_HOLE, 502, 0, "destination_service_name", "BlackHoleCluster" },
		{ SIDE_INBOUND, PASSTHROUGH, 200, 0, "destination_service_name",
		  "InboundPassthroughCluster" },
		{ SIDE_OUTBOUND, ENTRY, 200, 0, "destination_service_name", "api.example.com" },
		{ SIDE_OUTBOUND, BY_CLUSTER, 200, 0, "destination_service_name", "travels" },
		{ SIDE_OUTBOUND, NOTHING, 200, 0, "connection_security_policy", "unknown" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "connection_security_policy", "none" },
		{ SIDE_INBOUND, MUTUAL_TLS, 200, 0, "connection_security_policy", "mutual_tls" },
		{ SIDE_OUTBOUND, MUTUAL_TLS, 200, 0, "connection_security_policy", "unknown" },
		{ SIDE_INBOUND, NOTHING, 200, 0, "source_principal", "unknown" },
		{ SIDE_INBOUND, MUTUAL_TLS, 200, 0, "source_principal",
		  "spiffe://cluster.local/ns/travel-portal/sa/default" },
		{ SIDE_OUTBOUND, BARE_SELF, 200, 0, "source_app", "" },
		{ SIDE_OUTBOUND, BARE_SELF, 200, 0, "source_version", "" },
		{ SIDE_OUTBOUND, BARE_PEER, 200, 0, "destination_app", "unknown" },
		{ SIDE_OUTBOUND, GRPC, 200, 0, "request_protocol", "grpc" },
		{ SIDE_OUTBOUND, GRPC, 200, 0, "grpc_response_status", "14" },
		{ SIDE_OUTBOUND, NOTHING, 200, 0, "grpc_response_status", "" },
		{ SIDE_OUTBOUND, ODD_HOST, 200, 0, "destination_service", "a\\\\b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		void *one;
		struct bench *b;
		struct record r;
		char got[200];

		setup(&one);
		b = one;
		r = fixture_record(&b->f, rows[i].side);
		r.status = rows[i].status;
		r.flags = rows[i].flags;
		change(b, &r, rows[i].change);
		stats_add(b->stats, &r);
		stats_put_prometheus(b->set, NULL, NULL, &b->out);
		label_of(buf_str(&b->out), rows[i].label, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu, %s: got %s, want %s", i, rows[i].label, got, rows[i].want);
		teardown(&one);
	}
}

static void
test_add__mirror_counts_at_its_destination_only(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	r.is_mirrored = true;
	stats_add(b->stats, &r);
	stats_put_prometheus(b->set, NULL, NULL, &b->out);
	assert_null(strstr(buf_str(&b->out), "istio_requests_total"));
	r = fixture_record(&b->f, SIDE_INBOUND);
	r.is_mirrored = true;
	stats_add(b->stats, &r);
	r.is_mirrored = false;
	stats_add(b->stats, &r);
	buf_clear(&b->out);
	stats_put_prometheus(b->set, NULL, NULL, &b->out);
	assert_non_null(strstr(buf_str(&b->out), "connection_security_policy=\"none\"} 2\n"));
	buf_clear(&b->out);
	stats_put_telemetry(b->set, 0, 1000, &b->out);
	assert_non_null(strstr(buf_str(&b->out), "\"id\":1,\"type\":\"http\",\"mirrored\":true,"));
	assert_non_null(strstr(buf_str(&b->out), "\"id\":2,\"type\":\"http\",\"mirrored\":false,"));
}

/* Another mesh may stand where one was: the old one's names must not show. */
static void
test_use_mesh__forgets_addresses(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	stats_add(b->stats, &r);
	b->f.travels.name = "travels-v2";
	stats_use_mesh(b->stats, &b->f.mesh);
	stats_add(b->stats, &r);
	stats_put_prometheus(b->set, NULL, NULL, &b->out);
	assert_non_null(strstr(buf_str(&b->out), "destination_workload=\"travels-v1\""));
	assert_non_null(strstr(buf_str(&b->out), "destination_workload=\"travels-v2\""));
}

/* Series in a reading of all. */
static unsigned
count_series(struct bench *b)
{
	static const char begin[] = "{\"id\":";
	unsigned count = 0;

	buf_clear(&b->out);
	stats_put_telemetry(b->set, 0, 1000, &b->out);
	for (size_t i = 0; i + sizeof(begin) < b->out.len; i++)
		count += memcmp(b->out.data + i, begin, sizeof(begin) - 1) == 0;
	return count;
}

static void
test_add__hosts_are_bounded(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	r.service = NULL;
	r.cluster = NULL;
	r.peer = NULL;
	for (unsigned i = 0; i < 3 * STATS_MAX_HOSTS; i++) {
		char host[32];

		r.authority.len = (size_t)snprintf(host, sizeof(host), "host-%u", i);
		r.authority.ptr = host;
		stats_add(b->stats, &r);
		stats_add(b->stats, &r);
	}
	assert_int_equal(count_series(b), STATS_MAX_HOSTS + 1);
	assert_non_null(strstr(buf_str(&b->out), "\"unknown\",\"unknown\",\"unknown\",\"http\""));
}

static void
test_add__series_are_bounded(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);

	for (unsigned i = 0; i < STATS_MAX_SERIES + 300; i++) {
		r.status = i % 1000;
		r.flags = i / 1000;
		stats_add(b->stats, &r);
	}
	assert_int_equal(count_series(b), STATS_MAX_SERIES + 1);
}

/* Hosts that share a place in the cache stay apart. */
static void
test_add__hosts_are_told_apart(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);
	char host[] = "a.example";

	r.service = NULL;
	r.cluster = NULL;
	r.target = TARGET_PASSTHROUGH;
	r.authority = slice_of(host);
	for (unsigned i = 0; i < 60; i++) {
		host[0] = (char)('a' + i % 3);
		stats_add(b->stats, &r);
	}
	assert_int_equal(count_series(b), 3);
	for (const char *at = buf_str(&b->out); (at = strstr(at, "\"requests\":")) != NULL; at++)
		assert_int_equal(atoi(at + strlen("\"requests\":")), 20);
}

struct window {
	unsigned series, mirrored, fine;
	double requests, bytes, buckets, opened, sent;
	char workload[64];
};

static void
on_delta(const struct series_delta *d, void *arg)
{
	struct window *w = arg;

	w->series++;
	w->mirrored += d->is_mirrored;
	w->requests += d->requests;
	w->bytes += d->response_bytes;
	w->opened += d->opened;
	w->sent += d->sent;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		w->buckets += d->duration_buckets[i];
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		w->fine += d->fine[i];
	if (!d->is_tcp)
		snprintf(w->workload, sizeof(w->workload), "%s",
			 d->labels[LABEL_DESTINATION_WORKLOAD]);
}

static uint64_t
feed(struct bench *b, struct series_store *store, int64_t wall_ms)
{
	struct error err = ERROR_INIT;
	uint64_t generation;

	buf_clear(&b->out);
	generation = stats_put_telemetry(b->set, series_generation(store), wall_ms, &b->out);
	if (series_feed(store, buf_str(&b->out), b->out.len, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(series_generation(store), generation);
	return generation;
}

static void
test_put_telemetry__reads_back(void **state)
{
	struct bench *b = *state;
	struct series_store *store = series_new();
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);
	struct record tcp = fixture_record(&b->f, SIDE_OUTBOUND);
	struct window w = { 0 };
	double span;

	feed(b, store, 1000000);
	for (unsigned i = 0; i < 7; i++)
		stats_add(stats_of_worker(b->set, i % 2), &r);
	tcp.protocol = RECORD_TCP;
	tcp.is_opening = tcp.is_interim = true;
	stats_add(b->stats, &tcp);
	feed(b, store, 1001000);
	for (unsigned i = 0; i < 5; i++)
		stats_add(b->stats, &r);
	feed(b, store, 1002000);
	assert_null(strstr(buf_str(&b->out), "labels"));
	feed(b, store, 1003000);
	assert_non_null(strstr(buf_str(&b->out), "\"series\":[]"));
	series_window(store, 0, INT64_MAX, false, &span, on_delta, &w);
	assert_int_equal(w.series, 2);
	assert_int_equal((int)w.requests, 12);
	assert_int_equal((int)w.bytes, 12 * 3200);
	assert_int_equal((int)w.buckets, 12);
	assert_int_equal(w.fine, 12);
	assert_int_equal((int)w.opened, 1);
	assert_int_equal((int)w.sent, 3200);
	assert_string_equal(w.workload, "travels-v1");
	series_free(&store);
}

static void
test_put_telemetry__generation_moves_with_changes(void **state)
{
	struct bench *b = *state;
	struct record r = fixture_record(&b->f, SIDE_OUTBOUND);
	uint64_t first, second;

	first = stats_put_telemetry(b->set, 0, 1000000, &b->out);
	assert_int_equal(stats_put_telemetry(b->set, first, 1001000, &b->out), first);
	stats_add(b->stats, &r);
	second = stats_put_telemetry(b->set, first, 1002000, &b->out);
	assert_true(second > first);
	/* Whoever asks later from further back gets it with labels. */
	buf_clear(&b->out);
	assert_int_equal(stats_put_telemetry(b->set, first, 1003000, &b->out), second);
	assert_non_null(strstr(buf_str(&b->out), "\"labels\":[\"source\",\"voyages\""));
	/* The generation of another engine. */
	buf_clear(&b->out);
	stats_put_telemetry(b->set, second + 1000, 1004000, &b->out);
	assert_non_null(strstr(buf_str(&b->out), "\"labels\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_prometheus__is_istios_exactly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_prometheus__tcp_has_no_response_code, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_put_prometheus__one_proxys_view, setup, teardown),
		cmocka_unit_test(test_labels__follow_istios_rules),
		cmocka_unit_test_setup_teardown(test_add__mirror_counts_at_its_destination_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_use_mesh__forgets_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__hosts_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__series_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add__hosts_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_telemetry__reads_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_telemetry__generation_moves_with_changes, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
