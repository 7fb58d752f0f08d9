/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ports that look at server names wait for a ClientHello, but not for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/acceptor.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/mesh/addresses.h"
#include "src/model/snapshot.h"
#include "tests/lib/hello.h"
#include "tests/lib/still_clock.h"

#define HELLO_NS (15 * NS_PER_S)
#define TICK_NS NS_PER_MS		/* timers may be late by it */

/* Turns of the loop in which the kernel hands over what was sent. */
#define TURNS 20

#define DOC(kind, name, more, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: " kind ", metadata: {namespace: a, name: " name more \
	"}, spec: {" spec "}}\n"
/* %u: where the endpoint serves. */
static const char mesh_text[] =
	"{apiVersion: v1, kind: Service, metadata: {namespace: a, name: db}, spec: {clusterIP: 127.9.9.9, "
	"selector: {app: db}, ports: [{name: tls, port: 443, targetPort: %u}]}}\n"
	DOC("WorkloadEntry", "client", "", "address: 127.0.0.1, labels: {app: client}")
	DOC("WorkloadEntry", "gw", ", annotations: {meshtop.io/role: gateway}", "address: 127.0.0.9, labels: {app: gw}")
	DOC("WorkloadEntry", "db", "", "address: 127.0.0.8, labels: {app: db}")
	DOC("Gateway", "g", "", "selector: {app: gw}, servers: [{port: {number: 443, name: tls, protocol: TLS}, "
	    "hosts: ['*.x'], tls: {mode: PASSTHROUGH}}]")
	DOC("VirtualService", "vs", "", "hosts: [db, '*.x'], gateways: [g, mesh], tls: [{match: [{sniHosts: [v1.x]}], "
	    "route: [{destination: {host: db, port: {number: 443}}}]}]");

struct bench {
	struct still_clock time;
	struct worker *worker;
	struct runtime *runtime;
	struct acceptor *acceptor;
	int front, back;		/* listening: of the engine, of the endpoint */
	int client;
	struct address address;		/* of the front */
	uint16_t back_port;
	char hello[HELLO_BYTES];
	size_t hello_len;
};

static int
listen_at(const char *host, struct address *out)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_equal(address_parse_host(out, host, 0, NULL), 0);
	assert_int_equal(bind(fd, &out->sa, out->len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, &out->sa, &out->len), 0);
	return fd;
}

/* Services that come before the one above, and nothing is allowed without a rule. */
static void
put_more(struct buf *text, unsigned services)
{
	if (services == 0)
		return;
	buf_puts(text, "---\n{apiVersion: v1, kind: ConfigMap, metadata: {namespace: istio-system, name: istio}, "
		 "data: {mesh: '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'}}\n");
	for (unsigned i = 0; i < services; i++)
		buf_printf(text, "---\n{apiVersion: v1, kind: Service, metadata: {namespace: a, name: a-%u}, "
			   "spec: {ports: [{name: http, port: 443}]}}\n", i);
}

static struct mesh *
compile(uint16_t port, unsigned more)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s;
	struct mesh *m;

	buf_printf(&text, mesh_text, port);
	put_more(&text, more);
	s = snapshot_of_text("mesh.yaml", buf_str(&text), NULL, &err);
	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	buf_fini(&text);
	return m;
}

static void
turn(struct bench *b)
{
	for (int i = 0; i < TURNS; i++)
		loop_turn(b->worker->loop, 1);
}

/* What the mesh says of the front. */
static struct listener_spec
spec_of(const struct bench *b, const struct mesh *m, enum listener_kind kind)
{
	struct listener_spec spec = { .kind = kind, .protocol = PORT_TLS, .address = b->address };

	if (kind == LISTENER_SERVICE) {
		spec.service = mesh_find_service(m, "a", "db");
		spec.port = mesh_service_port(spec.service, 443);
	} else {
		spec.workload = mesh_find_workload(m, "a", "gw");
		spec.instance = spec.workload->instances[0];
		address_set_port(&spec.address, 443);
	}
	return spec;
}

static void
open_bench(struct bench *b, enum listener_kind kind, unsigned more)
{
	struct error err = ERROR_INIT;
	struct address back;
	struct listener_spec spec;
	struct mesh *m;

	*b = (struct bench){ .time = STILL_CLOCK(1000 * NS_PER_S, 1000) };
	b->worker = worker_new(&b->time.clock, 5, &err);
	if (b->worker == NULL)
		fail_msg("%s", err.msg);
	b->front = listen_at("127.0.0.1", &b->address);
	b->back = listen_at("127.0.0.8", &back);
	b->back_port = address_port(&back);
	m = compile(b->back_port, more);
	b->runtime = runtime_new(b->worker, m, NULL);
	spec = spec_of(b, m, kind);
	b->acceptor = acceptor_open(b->worker, b->front, &spec, b->runtime);
	mesh_put(&m);
	b->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(b->client, &b->address.sa, b->address.len), 0);
	b->hello_len = hello_make(b->hello, "v1.x", 0);
}

static void
close_bench(struct bench *b)
{
	close(b->client);
	turn(b);
	acceptor_close(b->acceptor);
	runtime_put(&b->runtime);
	worker_free(&b->worker);
	close(b->front);
	close(b->back);
}

static void
send_part(struct bench *b, size_t from, size_t to)
{
	assert_int_equal(send(b->client, b->hello + from, to - from, 0), to - from);
	turn(b);
}

/* A connection to the endpoint; -1: none. */
static int
take(struct bench *b)
{
	return accept4(b->back, NULL, NULL, SOCK_CLOEXEC);
}

static void
expect_bytes(struct bench *b, size_t len)
{
	char got[HELLO_BYTES];
	int fd = take(b);
	ssize_t n;

	assert_true(fd >= 0);
	turn(b);
	n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
	assert_int_equal(n, len);
	assert_memory_equal(got, b->hello, len);
	close(fd);
}

static void
test_relay__waits_for_the_whole_hello(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, LISTENER_SERVICE, 0);
	send_part(&b, 0, 50);
	b.time.now_ns += HELLO_NS - 1;
	turn(&b);
	assert_int_equal(take(&b), -1);
	send_part(&b, 50, b.hello_len);
	expect_bytes(&b, b.hello_len);
	close_bench(&b);
}

/* What has come grows with every part. */
static void
test_relay__keeps_a_hello_of_many_parts(void **state)
{
	const size_t part = 150;
	struct bench b;

	(void)state;
	open_bench(&b, LISTENER_SERVICE, 0);
	b.hello_len = hello_make(b.hello, "v1.x", 1);
	assert_true(b.hello_len > 3 * part);
	for (size_t at = 0; at < b.hello_len; at += part) {
		assert_int_equal(take(&b), -1);
		send_part(&b, at, at + part < b.hello_len ? at + part : b.hello_len);
	}
	expect_bytes(&b, b.hello_len);
	close_bench(&b);
}

/* It is routed by the configuration of the moment when it is routed. */
static void
test_relay__survives_a_new_configuration_while_it_waits(void **state)
{
	struct runtime *old;
	struct listener_spec spec;
	struct mesh *m;
	struct bench b;

	(void)state;
	open_bench(&b, LISTENER_SERVICE, 50);
	send_part(&b, 0, 50);
	m = compile(b.back_port, 1);
	old = b.runtime;
	b.runtime = runtime_new(b.worker, m, old);
	spec = spec_of(&b, m, LISTENER_SERVICE);
	acceptor_update(b.acceptor, &spec, b.runtime);
	runtime_put(&old);
	mesh_put(&m);
	send_part(&b, 50, b.hello_len);
	expect_bytes(&b, b.hello_len);
	close_bench(&b);
}

/* A sidecar then goes on without a name. */
static void
test_relay__goes_on_after_a_while(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, LISTENER_SERVICE, 0);
	send_part(&b, 0, 50);
	b.time.now_ns += HELLO_NS + TICK_NS;
	turn(&b);
	expect_bytes(&b, 50);
	close_bench(&b);
}

static void
test_relay__closes_at_a_gateway_after_a_while(void **state)
{
	struct bench b;
	char byte;

	(void)state;
	open_bench(&b, LISTENER_GATEWAY, 0);
	send_part(&b, 0, 50);
	b.time.now_ns += HELLO_NS - 1;
	turn(&b);
	assert_int_equal(recv(b.client, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(b.worker->sink.records, 0);
	b.time.now_ns += 1 + TICK_NS;
	turn(&b);
	assert_int_equal(recv(b.client, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(take(&b), -1);
	assert_int_equal(b.worker->sink.records, 2);	/* opened, closed */
	close_bench(&b);
}

/* Who leaves before it was routed has been nobody. */
static void
test_relay__forgets_who_leaves_early(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, LISTENER_GATEWAY, 0);
	send_part(&b, 0, 50);
	assert_int_equal(b.worker->relay_count, 1);
	shutdown(b.client, SHUT_WR);
	turn(&b);
	assert_int_equal(b.worker->relay_count, 0);
	assert_int_equal(b.worker->sink.records, 0);
	close_bench(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relay__waits_for_the_whole_hello),
		cmocka_unit_test(test_relay__keeps_a_hello_of_many_parts),
		cmocka_unit_test(test_relay__survives_a_new_configuration_while_it_waits),
		cmocka_unit_test(test_relay__goes_on_after_a_while),
		cmocka_unit_test(test_relay__closes_at_a_gateway_after_a_while),
		cmocka_unit_test(test_relay__forgets_who_leaves_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
