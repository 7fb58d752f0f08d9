/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors that run out: who may have one, what gives way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/handover.h"
#include "proxy/cluster/pool.h"
#include "proxy/cluster/upstream.h"
#include "proxy/descriptors.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/room.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/still_clock.h"

#define CLUSTER "outbound|80||svc.shop.svc.cluster.local"

/* --- shares --- */

static const struct {
	unsigned limit, listeners;
	unsigned least_clients;		/* beside 24 files and the listeners */
} share_cases[] = {
	{ 20000, 20, 17000 },
	{ 20000, 2000, 15000 },
	{ 1024, 20, 800 },
	{ 1024, 5000, 0 },
	{ 48, 1, 11 },
	{ 40, 1, 4 },
	{ 8, 1, 0 },
};

static void
test_share__each_step_has_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(share_cases); i++) {
		struct descriptors d = { .limit = share_cases[i].limit };

		descriptors_share(&d, share_cases[i].listeners);
		for (enum descriptor_use use = 1; use < DESCRIPTOR_USES; use++)
			if (d.ceilings[use] < d.ceilings[use - 1] ||
			    (d.limit >= 40 && d.ceilings[use] == d.ceilings[use - 1]))
				fail_msg("limit %u: %d has nothing", d.limit, use);
		assert_true(d.ceilings[DESCRIPTOR_LAST] <= d.limit);
		if (share_cases[i].least_clients > 0 &&
		    d.ceilings[DESCRIPTOR_CLIENT] < 24 + share_cases[i].listeners +
							    share_cases[i].least_clients)
			fail_msg("limit %u: clients up to %u", d.limit, d.ceilings[DESCRIPTOR_CLIENT]);
	}
}

static void
test_have_room__numbers_tell(void **state)
{
	struct descriptors d;
	int next = dup(0);

	(void)state;
	close(next);
	descriptors_init(&d);
	assert_true(descriptors_have_room(&d, DESCRIPTOR_CLIENT));
	d.ceilings[DESCRIPTOR_CLIENT] = (unsigned)next + 1;
	assert_true(descriptors_have_room(&d, DESCRIPTOR_CLIENT));
	d.ceilings[DESCRIPTOR_CLIENT] = (unsigned)next;
	assert_false(descriptors_have_room(&d, DESCRIPTOR_CLIENT));
}

/* --- what gives way --- */

static const char mesh_text[] =
	"{apiVersion: v1, kind: Service, metadata: {name: svc, namespace: shop}, "
	"spec: {clusterIP: 127.9.1.1, selector: {app: svc}, ports: [{name: http, port: 80}]}}\n"
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: svc, namespace: shop}, "
	"spec: {address: 127.9.0.1, labels: {app: svc}}}\n"
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: caller, namespace: shop}, "
	"spec: {address: 127.0.0.1, labels: {app: caller}}}\n";

struct bench {
	struct still_clock time;
	struct worker *worker;
	struct runtime *runtime;
	struct endpoint *endpoint;
	struct address address;		/* of the listener */
	int listener;
};

static int
open_listener(struct address *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_equal(address_parse(address, "127.0.0.1:0", NULL), 0);
	assert_int_equal(bind(fd, &address->sa, address->len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, &address->sa, &address->len), 0);
	return fd;
}

static void
open_acceptor(struct bench *b, const struct mesh *m)
{
	struct listener_spec spec = { .kind = LISTENER_SERVICE, .protocol = PORT_HTTP };

	b->listener = open_listener(&b->address);
	spec.address = b->address;
	spec.service = m->services[0];
	spec.port = &m->services[0]->ports[0];
	acceptor_open(b->worker, b->listener, &spec, b->runtime);
}

static int
setup(void **state)
{
	static struct bench bench;
	struct bench *b = &bench;
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", mesh_text, NULL, &err);
	struct mesh *m;

	assert_non_null(s);
	*b = (struct bench){ .time = STILL_CLOCK(1000 * NS_PER_S, 0) };
	b->worker = worker_new(&b->time.clock, 7, &err);
	assert_non_null(b->worker);
	m = mesh_compile(s, NULL, NULL, NULL);
	b->runtime = runtime_new(b->worker, m, NULL);
	worker_configure(b->worker, b->runtime);
	b->endpoint = runtime_bind(b->runtime, m->instances[0],
				   mesh_find_cluster(m, CLUSTER))->endpoints[0];
	open_acceptor(b, m);
	mesh_put(&m);
	snapshot_put(&s);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	runtime_put(&b->runtime);
	worker_free(&b->worker);
	close(b->listener);
	return 0;
}

static void
pass(struct bench *b, uint64_t ns)
{
	b->time.now_ns += ns;
	loop_turn(b->worker->loop, 0);
}

/* A client that says nothing. */
static int
come(struct bench *b)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned before = b->worker->downstream_count;

	assert_int_equal(connect(fd, &b->address.sa, b->address.len), 0);
	for (int i = 0; i < 1000 && b->worker->downstream_count == before; i++)
		loop_turn(b->worker->loop, 1);
	assert_int_equal(b->worker->downstream_count, before + 1);
	return fd;
}

static bool
is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
test_room_make__clients_that_are_idle_longest(void **state)
{
	struct bench *b = *state;
	int clients[4];

	clients[0] = come(b);
	clients[1] = come(b);
	pass(b, 2 * NS_PER_S);
	clients[2] = come(b);
	pass(b, 2 * NS_PER_S);
	assert_false(room_make(b->worker));	/* they may be about to ask again */
	pass(b, 5 * NS_PER_S);
	clients[3] = come(b);
	assert_int_equal(send(clients[1], "G", 1, 0), 1);
	assert_true(room_make(b->worker));
	assert_true(is_closed(clients[0]));
	assert_false(is_closed(clients[1]));	/* something has come */
	assert_false(is_closed(clients[2]));
	assert_false(is_closed(clients[3]));
	assert_false(room_make(b->worker));	/* not at once again */
	pass(b, NS_PER_S);
	assert_true(room_make(b->worker));
	assert_true(is_closed(clients[2]));
	assert_int_equal(b->worker->downstream_count, 2);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		close(clients[i]);
}

static void
keep_idle(struct bench *b, bool is_mirror, int *peer)
{
	struct parcel p = { .fd = -1, .is_mirror = is_mirror };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	p.fd = fds[0];
	*peer = fds[1];
	pool_count(b->endpoint);
	upstream_adopt(b->endpoint, &p);
}

static void
test_room_make__idle_connections_to_endpoints_first_and_last(void **state)
{
	struct bench *b = *state;
	int client = come(b), peers[3];

	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		keep_idle(b, false, &peers[i]);
	pass(b, 10 * NS_PER_S);
	assert_true(room_make(b->worker));
	assert_true(is_closed(peers[0]) && is_closed(peers[1]));
	assert_false(is_closed(peers[2]));	/* used last */
	assert_int_equal(b->endpoint->idle_connections, 1);
	assert_false(is_closed(client));
	pass(b, NS_PER_S);
	assert_true(room_make(b->worker));
	assert_true(is_closed(client));
	assert_false(is_closed(peers[2]));
	b->endpoint->active_requests++;
	pass(b, NS_PER_S);
	assert_false(room_make(b->worker));	/* it is soon wanted again */
	b->endpoint->active_requests--;
	pass(b, NS_PER_S);
	assert_true(room_make(b->worker));
	assert_true(is_closed(peers[2]));
	close(client);
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		close(peers[i]);
}

/* What has ended by itself in the meantime may be room enough. */
static void
test_acceptors_resume__nothing_is_closed_once_there_is_room(void **state)
{
	struct bench *b = *state;
	struct descriptors full = b->worker->descriptors, roomy = full;
	int clients[2], peers[2];

	memset(full.ceilings, 0, sizeof(full.ceilings));
	b->worker->descriptors = full;
	clients[0] = come(b);
	assert_int_not_equal(b->worker->paused_uses, 0);
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		keep_idle(b, false, &peers[i]);
	b->worker->descriptors = roomy;
	pass(b, NS_PER_S);
	assert_int_equal(b->worker->paused_uses, 0);
	assert_int_equal(b->endpoint->idle_connections, 2);

	b->worker->descriptors = full;
	clients[1] = come(b);
	pass(b, NS_PER_S);
	assert_int_not_equal(b->worker->paused_uses, 0);
	assert_int_equal(b->endpoint->idle_connections, 0);
	for (size_t i = 0; i < 2; i++) {
		close(clients[i]);
		close(peers[i]);
	}
}

/* --- between workers --- */

/* Who runs out. */
static struct worker *
join_other(struct bench *b)
{
	struct error err = ERROR_INIT;
	struct worker *other = worker_new(&b->time.clock, 8, &err);

	assert_non_null(other);
	worker_join(other, b->worker);
	return other;
}

static bool
is_called(struct worker *w)
{
	struct call *c = call_take(&w->calls);

	if (c != NULL)
		c->answer(c);
	return c != NULL;
}

static void
test_room_make__others_give_up_what_is_idle(void **state)
{
	struct bench *b = *state;
	struct worker *other = join_other(b);
	int peer;

	keep_idle(b, false, &peer);
	assert_false(room_make(other));
	assert_false(is_closed(peer));	/* not in that thread */
	assert_false(is_called(other));
	worker_answer(b->worker);
	assert_true(is_closed(peer));
	assert_false(b->worker->owes_room);
	assert_true(is_called(other));	/* told so */
	assert_false(is_called(b->worker));
	worker_free(&other);
	close(peer);
}

static void
test_room_make__others_give_up_what_becomes_idle(void **state)
{
	struct bench *b = *state;
	struct worker *other = join_other(b);
	struct upstream *busy[2];
	int peers[2];

	for (size_t i = 0; i < ARRAY_LEN(busy); i++) {
		keep_idle(b, false, &peers[i]);
		busy[i] = upstream_take(b->endpoint, false);
	}
	assert_false(room_make(other));
	worker_answer(b->worker);
	assert_false(is_called(other));
	upstream_give(busy[0], 0);
	assert_true(is_closed(peers[0]));
	assert_true(is_called(other));
	upstream_give(busy[1], 0);
	assert_false(is_closed(peers[1]));	/* one was owed */
	worker_free(&other);
	close(peers[0]);
	close(peers[1]);
}

/* --- who waits --- */

/* A connection in use. */
static struct upstream *
carry(struct bench *b, bool is_mirror, int *peer)
{
	keep_idle(b, is_mirror, peer);
	return upstream_take(b->endpoint, is_mirror);
}

static const struct {
	const char *name;
	bool carries_copies;		/* what is there already */
	bool is_copy;			/* who comes */
	unsigned workers;		/* beside this one */
	enum pool_result expected;
} wait_cases[] = {
	{ "a request waits for a request's", false, false, 0, POOL_WAITS },
	{ "a request does not wait for a copy's", true, false, 0, POOL_FAILED },
	{ "a request waits for what others give up", true, false, 2, POOL_WAITS },
	{ "a copy does not wait for a request's", false, true, 2, POOL_FAILED },
	{ "a copy does not wait for a copy's", true, true, 2, POOL_FAILED },
};

static void
test_pool_take__waits_for_what_it_can_use(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(wait_cases); i++) {
		struct exchange ex = { .worker = b->worker, .endpoint = b->endpoint,
				       .is_mirror = wait_cases[i].is_copy,
				       .connect_timeout_ms = 1000 };
		int peer;
		struct upstream *there = carry(b, wait_cases[i].carries_copies, &peer), *u;
		enum pool_result result;

		memset(b->worker->descriptors.ceilings, 0, sizeof(b->worker->descriptors.ceilings));
		b->worker->descriptors.workers = wait_cases[i].workers;
		result = pool_take(&ex, &u);
		if (result != wait_cases[i].expected ||
		    (result == POOL_FAILED && errno != EMFILE))
			fail_msg("%s: %d", wait_cases[i].name, result);
		exchange_rules_free(&ex);
		upstream_close(there);
		close(peer);
	}
}

static const struct {
	const char *name;
	bool carries_copies, is_copy, has_last;
} last_cases[] = {
	{ "a request beside a request's", false, false, false },
	{ "a request beside a copy's", true, false, true },
	{ "a copy", true, true, false },
};

static void
test_upstream_connect__who_has_the_last_descriptors(void **state)
{
	struct bench *b = *state;

	b->endpoint->address = b->address;
	b->worker->descriptors.ceilings[DESCRIPTOR_UPSTREAM] = 0;
	for (size_t i = 0; i < ARRAY_LEN(last_cases); i++) {
		int peer;
		struct upstream *there = carry(b, last_cases[i].carries_copies, &peer);
		struct upstream *u = upstream_connect(b->worker, b->endpoint, 1000,
						      last_cases[i].is_copy);

		if ((u != NULL) != last_cases[i].has_last)
			fail_msg("%s", last_cases[i].name);
		if (u != NULL)
			upstream_close(u);
		upstream_close(there);
		close(peer);
	}
}

/* --- a request whose idle connection has ended --- */

static struct endpoint *
endpoint_of_clients(struct bench *b)
{
	const struct mesh *m = b->runtime->mesh;

	return runtime_bind(b->runtime, mesh_instance_of_address(m, &b->address),
			    mesh_find_cluster(m, CLUSTER))->endpoints[0];
}

static void
ask(int client)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: svc\r\n\r\n";

	assert_int_equal(send(client, request, sizeof(request) - 1, 0), sizeof(request) - 1);
}

static int
accept_at(struct bench *b, int listener)
{
	int fd = -1;

	for (int i = 0; i < 1000 && fd < 0; i++) {
		loop_turn(b->worker->loop, 1);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	}
	assert_true(fd >= 0);
	return fd;
}

static void
expect(struct bench *b, int fd, const char *start)
{
	char bytes[4096];
	ssize_t n = -1;

	for (int i = 0; i < 1000 && n < 0; i++) {
		loop_turn(b->worker->loop, 1);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	}
	if (n < (ssize_t)strlen(start) || memcmp(bytes, start, strlen(start)) != 0)
		fail_msg("no %s", start);
}

static void
answer(int server)
{
	static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

	assert_int_equal(send(server, response, sizeof(response) - 1, 0), sizeof(response) - 1);
}

static void
test_exchange_try_fresh__those_that_wait_for_descriptors_wait_on(void **state)
{
	struct bench *b = *state;
	struct endpoint *ep = endpoint_of_clients(b);
	struct descriptors roomy = b->worker->descriptors;
	int listener = open_listener(&ep->address), first = come(b), second = come(b), server;
	char byte;

	ask(first);
	server = accept_at(b, listener);
	expect(b, server, "GET ");
	answer(server);
	expect(b, first, "HTTP/1.1 200 ");
	ask(first);	/* and it is not read */
	for (int i = 0; i < 1000 && recv(server, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0; i++)
		loop_turn(b->worker->loop, 1);
	memset(b->worker->descriptors.ceilings, 0, sizeof(roomy.ceilings));
	ask(second);
	for (int i = 0; i < 1000 && ep->first_wait == NULL; i++)
		loop_turn(b->worker->loop, 1);
	assert_non_null(ep->first_wait);
	close(server);
	for (int i = 0; i < 1000 && ep->active_connections > 0; i++)
		loop_turn(b->worker->loop, 1);
	assert_int_equal(ep->active_connections, 0);
	assert_non_null(ep->first_wait);
	b->worker->descriptors = roomy;
	pass(b, NS_PER_S);
	server = accept_at(b, listener);
	expect(b, server, "GET ");
	answer(server);
	expect(b, second, "HTTP/1.1 200 ");
	close(first);
	close(second);
	close(server);
	close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share__each_step_has_something),
		cmocka_unit_test(test_have_room__numbers_tell),
		TEST(test_room_make__clients_that_are_idle_longest),
		TEST(test_room_make__idle_connections_to_endpoints_first_and_last),
		TEST(test_acceptors_resume__nothing_is_closed_once_there_is_room),
		TEST(test_room_make__others_give_up_what_is_idle),
		TEST(test_room_make__others_give_up_what_becomes_idle),
		TEST(test_pool_take__waits_for_what_it_can_use),
		TEST(test_upstream_connect__who_has_the_last_descriptors),
		TEST(test_exchange_try_fresh__those_that_wait_for_descriptors_wait_on),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
