/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections to endpoints that cannot be had as they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proxy/cluster/commons.h"
#include "proxy/cluster/handover.h"
#include "proxy/cluster/pool.h"
#include "proxy/cluster/upstream.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/still_clock.h"

#define CLUSTER "outbound|80||svc.shop.svc.cluster.local"
#define COMPLAINT_NS (60 * NS_PER_S)

static const char mesh_text[] =
	"{apiVersion: v1, kind: Service, metadata: {name: svc, namespace: shop}, "
	"spec: {clusterIP: 127.9.1.1, selector: {app: svc}, ports: [{name: http, port: 80}]}}\n"
	"---\n{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: svc, namespace: shop}, "
	"spec: {host: svc, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3, "
	"tcpKeepalive: {time: 999999h}}}}}}\n"
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: svc, namespace: shop}, "
	"spec: {address: 127.9.0.1, labels: {app: svc}}}\n";

struct bench {
	struct still_clock time;
	struct worker *worker;
	struct runtime *runtime;
	struct endpoint *endpoint;
};

static void
bench_open(struct bench *b)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", mesh_text, NULL, &err);
	struct mesh *m;

	if (s == NULL)
		fail_msg("%s", err.msg);
	*b = (struct bench){ .time = STILL_CLOCK(1000 * NS_PER_S, 0) };
	b->worker = worker_new(&b->time.clock, 7, &err);
	if (b->worker == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	b->runtime = runtime_new(b->worker, m, NULL);
	b->endpoint = runtime_bind(b->runtime, m->instances[0],
				   mesh_find_cluster(m, CLUSTER))->endpoints[0];
	mesh_put(&m);
	snapshot_put(&s);
}

static void
bench_close(struct bench *b)
{
	runtime_put(&b->runtime);
	worker_free(&b->worker);
}

/* The loop takes no regular file. */
static void
test_upstream_adopt__forgets_what_it_cannot_watch(void **state)
{
	struct parcel p = { .is_mirror = true, .mirror_key = 77 };
	struct bench b;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	bench_open(&b);
	p.fd = dup(fileno(file));
	commons_add_port(b.worker->commons, p.mirror_key);
	pool_count(b.endpoint);
	upstream_adopt(b.endpoint, &p);
	assert_int_equal(close(p.fd), -1);
	assert_false(commons_has_port(b.worker->commons, p.mirror_key));
	assert_int_equal(b.endpoint->cluster->connections_closed, 1);
	assert_int_equal(b.endpoint->pooled, 0);
	assert_null(b.endpoint->idle_mirrors);
	fclose(file);
	bench_close(&b);
}

static void
dial(struct bench *b)
{
	const struct dial d = { .worker = b->worker, .use = DESCRIPTOR_LAST,
				.address = &b->endpoint->address, .cluster = b->endpoint->cluster };
	bool connected;
	int fd;

	loop_turn(b->worker->loop, 0);
	fd = upstream_dial(&d, &connected);
	if (fd >= 0)
		close(fd);
}

static size_t
lines_in(FILE *file)
{
	char line[256];
	size_t n = 0;

	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL)
		n += strstr(line, "tcpKeepalive of connections to 127.9.0.1:80: time: ") != NULL;
	return n;
}

static void
test_upstream_dial__says_now_and_then_that_keepalive_is_refused(void **state)
{
	struct bench b;
	FILE *said = tmpfile();
	int own = dup(STDERR_FILENO);
	size_t lines[3];

	(void)state;
	assert_non_null(said);
	bench_open(&b);
	dup2(fileno(said), STDERR_FILENO);
	dial(&b);
	lines[0] = lines_in(said);
	b.time.now_ns += COMPLAINT_NS - 1;
	dial(&b);
	lines[1] = lines_in(said);
	b.time.now_ns += 1;
	dial(&b);
	lines[2] = lines_in(said);
	dup2(own, STDERR_FILENO);
	close(own);
	assert_int_equal(lines[0], 1);
	assert_int_equal(lines[1], 1);
	assert_int_equal(lines[2], 2);
	fclose(said);
	bench_close(&b);
}

static void
test_conn_local_address__is_unset_where_unknown(void **state)
{
	struct conn closed = { .watch = { .fd = -1 } };
	struct address a;

	(void)state;
	assert_int_equal(address_parse(&a, "127.9.0.1:80", NULL), 0);
	assert_false(conn_local_address(&closed, &a));
	assert_false(address_is_set(&a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream_adopt__forgets_what_it_cannot_watch),
		cmocka_unit_test(test_upstream_dial__says_now_and_then_that_keepalive_is_refused),
		cmocka_unit_test(test_conn_local_address__is_unset_where_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
