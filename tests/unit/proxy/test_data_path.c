/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the data path by themselves: balancers, pools, states that outlive
 * a configuration, bodies on their way through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/cluster/balance.h"
#include "proxy/cluster/upstream.h"
#include "proxy/http/forward.h"
#include "proxy/runtime.h"
#include "proxy/slab.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/http/parse.h"
#include "src/mesh/addresses.h"
#include "src/model/snapshot.h"

/* --- balancers --- */

#define ENDPOINTS 4

struct balance_case {
	const char *name;
	enum balancer balancer;
	unsigned weights[ENDPOINTS];
	unsigned busy[ENDPOINTS];		/* active requests */
	unsigned least[ENDPOINTS], most[ENDPOINTS];	/* of 4000 picks */
};

static const struct balance_case balance_cases[] = {
	{ "in turn", BALANCE_ROUND_ROBIN, { 1, 1, 1, 1 }, { 0, 9, 0, 0 },
	  { 1000, 1000, 1000, 1000 }, { 1000, 1000, 1000, 1000 } },
	{ "in turn by weight", BALANCE_ROUND_ROBIN, { 3, 1, 0, 4 }, { 0 },
	  { 1495, 495, 0, 1995 }, { 1505, 505, 0, 2005 } },
	{ "random", BALANCE_RANDOM, { 1, 1, 1, 1 }, { 0 },
	  { 900, 900, 900, 900 }, { 1100, 1100, 1100, 1100 } },
	{ "the less busy of two", BALANCE_LEAST_REQUEST, { 1, 1, 1, 1 }, { 5, 0, 5, 5 },
	  { 650, 1650, 650, 650 }, { 850, 1850, 850, 850 } },
	{ "by weight and load", BALANCE_LEAST_REQUEST, { 2, 1, 1, 0 }, { 3, 0, 0, 0 },
	  { 780, 1590, 1590, 0 }, { 820, 1610, 1610, 0 } },
};

static void
count_picks(const struct balance_case *c, unsigned count[ENDPOINTS])
{
	struct mesh_endpoint targets[ENDPOINTS] = { 0 };
	struct endpoint states[ENDPOINTS] = { 0 }, *of_binding[ENDPOINTS];
	struct mesh_cluster cluster = { .endpoints = targets, .endpoint_count = ENDPOINTS };
	struct cluster_state state = { 0 };
	struct binding b = { .cluster = &cluster, .state = &state, .endpoints = of_binding };
	struct rng rng;

	rng_seed(&rng, 11);
	cluster.policy.balancer = c->balancer;
	for (size_t i = 0; i < ENDPOINTS; i++) {
		targets[i].weight = c->weights[i];
		states[i].active_requests = c->busy[i];
		of_binding[i] = &states[i];
	}
	b.has_weights = balance_has_weights(&cluster, NULL, ENDPOINTS);
	for (int i = 0; i < 4000; i++)
		count[balance_pick(&b, &rng)]++;
}

static void
test_balance_pick__shares(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(balance_cases); k++) {
		const struct balance_case *c = &balance_cases[k];
		unsigned count[ENDPOINTS] = { 0 };

		count_picks(c, count);
		for (size_t i = 0; i < ENDPOINTS; i++)
			if (count[i] < c->least[i] || count[i] > c->most[i])
				fail_msg("%s: endpoint %zu picked %u times", c->name, i, count[i]);
	}
}

/* Workers, and engines, do not begin in step. */
static void
test_balance_pick__begins_anywhere(void **state)
{
	struct mesh_endpoint targets[ENDPOINTS] = { 0 };
	struct endpoint states[ENDPOINTS] = { 0 };
	struct endpoint *of_binding[ENDPOINTS] = { &states[0], &states[1], &states[2], &states[3] };
	struct mesh_cluster cluster = { .endpoints = targets, .endpoint_count = ENDPOINTS };
	unsigned begun = 0;

	(void)state;
	cluster.policy.balancer = BALANCE_ROUND_ROBIN;
	for (unsigned seed = 1; seed <= 64; seed++) {
		struct cluster_state of_worker = { 0 };
		struct binding b = { .cluster = &cluster, .state = &of_worker, .endpoints = of_binding };
		struct rng rng;

		rng_seed(&rng, seed);
		begun |= 1u << balance_pick(&b, &rng);
	}
	assert_int_equal(begun, 0xf);
}

static void
test_balance_pick__none(void **state)
{
	struct mesh_cluster cluster = { .endpoint_count = 0 };
	struct cluster_state none = { 0 };
	struct binding b = { .cluster = &cluster, .state = &none };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	assert_true(balance_pick(&b, &rng) == BALANCE_NONE);
}

/* --- memory --- */

static void
test_slab_set__gives_at_least_what_was_asked(void **state)
{
	static const size_t sizes[] = { 1, 512, 513, 1024, 5000, 131072, 131073, 500000 };
	struct slab_set set;

	(void)state;
	slab_set_init(&set);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t size = sizes[i];
		char *block = slab_set_take(&set, &size);

		assert_true(size >= sizes[i]);
		memset(block, 1, size);
		slab_set_give(&set, block, size);
	}
	slab_set_fini(&set);
}

/* --- pools --- */

static struct worker *
new_worker(void)
{
	struct error err = ERROR_INIT;
	struct worker *w = worker_new(&clock_system, 5, &err);

	if (w == NULL)
		fail_msg("%s", err.msg);
	return w;
}

static int
listen_somewhere(struct address *out)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(address_parse_host(out, "127.0.0.1", 0, NULL), 0);
	assert_int_equal(bind(fd, &out->sa, out->len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, &out->sa, &out->len), 0);
	return fd;
}

/* A connection that is established. */
static struct upstream *
connected(struct worker *w, struct endpoint *ep)
{
	struct upstream *u = upstream_connect(w, ep, 1000, false);

	assert_non_null(u);
	if (u->conn.is_connecting) {
		u->conn.is_connecting = false;
		ep->cluster->pending_requests--;
	}
	return u;
}

static void
test_upstream_pool__last_in_first_out_and_never_a_dead_one(void **state)
{
	struct worker *w = new_worker();
	struct address address;
	int listener = listen_somewhere(&address), accepted[2];
	struct endpoint *ep = endpoint_new_single(w, &address);
	struct upstream *a = connected(w, ep), *b;

	(void)state;
	accepted[0] = accept(listener, NULL, NULL);
	b = connected(w, ep);
	accepted[1] = accept(listener, NULL, NULL);
	upstream_give(a, 0);
	upstream_give(b, 0);
	assert_int_equal(ep->idle_connections, 2);
	assert_ptr_equal(upstream_take(ep, false), b);
	assert_int_equal(ep->idle_connections, 1);
	upstream_give(b, 0);
	loop_turn(w->loop, 0);

	/* One that the peer closes leaves the pool, so does one with bytes that
	 * nobody asked for. */
	close(accepted[1]);
	loop_turn(w->loop, 1000);
	assert_int_equal(ep->idle_connections, 1);
	assert_int_equal(write(accepted[0], "HTTP", 4), 4);
	loop_turn(w->loop, 1000);
	assert_int_equal(ep->idle_connections, 0);
	assert_int_equal(ep->active_connections, 0);

	close(accepted[0]);
	close(listener);
	endpoint_unbind(ep);
	worker_free(&w);
}

static void
test_endpoint_leads_to__only_where_a_name_was_resolved(void **state)
{
	struct worker *w = new_worker();
	struct address here, there;
	struct endpoint *ep, *named;

	(void)state;
	assert_int_equal(address_parse_host(&here, "127.0.0.1", 8080, NULL), 0);
	assert_int_equal(address_parse_host(&there, "127.0.0.1", 8081, NULL), 0);
	ep = endpoint_new_single(w, &here);
	named = endpoint_for(ep->cluster, &here, "localhost");
	assert_false(endpoint_leads_to(ep, &here));
	assert_true(endpoint_leads_to(named, &here));
	assert_false(endpoint_leads_to(named, &there));
	endpoint_unref(named);
	endpoint_unbind(ep);
	worker_free(&w);
}

static void
test_upstream_give__retired_endpoints_keep_nothing(void **state)
{
	struct worker *w = new_worker();
	struct address address;
	int listener = listen_somewhere(&address);
	struct endpoint *ep = endpoint_new_single(w, &address);
	struct upstream *busy = connected(w, ep), *idle = connected(w, ep);

	(void)state;
	upstream_give(idle, 0);
	endpoint_ref(ep);
	endpoint_unbind(ep);
	assert_int_equal(ep->active_connections, 1);
	upstream_give(busy, 0);
	assert_int_equal(ep->active_connections, 0);
	endpoint_unref(ep);
	close(listener);
	worker_free(&w);
}

static int
option_of(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

static int
dial(const struct address *address, const struct address *source,
     const struct cluster_state *cluster)
{
	struct worker worker = { .loop = NULL };
	const struct dial d = { .worker = &worker, .use = DESCRIPTOR_LAST, .address = address,
				.source = source, .cluster = cluster };
	bool connected;

	descriptors_init(&worker.descriptors);
	return upstream_dial(&d, &connected);
}

static void
test_upstream_dial__keeps_alive_as_told(void **state)
{
	const struct cluster_state told = { .keepalive = { true, 3, 71, 5 } };
	const struct cluster_state off = { .keepalive = { false, 3, 71, 5 } };
	struct address address;
	int listener = listen_somewhere(&address), fd;

	(void)state;
	fd = dial(&address, NULL, &told);
	assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
	assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 71);
	assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 5);
	close(fd);
	fd = dial(&address, NULL, &off);
	assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	close(fd);
	close(listener);
}

/* 240.0.0.1 is nobody's: what the kernel says of the way there is the way from
 * an address that it chooses itself. */
static void
test_upstream_dial__leaves_a_loopback_source_where_it_leads_nowhere(void **state)
{
	struct address other_host, source;
	int fd;

	(void)state;
	assert_int_equal(address_parse(&other_host, "240.0.0.1:9", NULL), 0);
	assert_int_equal(address_parse(&source, "127.0.0.1:0", NULL), 0);
	fd = dial(&other_host, &source, NULL);
	if (fd < 0)
		assert_int_not_equal(errno, EINVAL);
	else
		close(fd);
}

/* --- configurations --- */

#define MESH(policy, third) \
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: client, namespace: shop}\n" \
	"spec: {address: 127.9.0.1, labels: {app: client}}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: svc-1, namespace: shop}\n" \
	"spec: {address: 127.9.0.11, labels: {app: svc}}\n---\n" \
	third \
	"apiVersion: v1\nkind: Service\nmetadata: {name: svc, namespace: shop}\n" \
	"spec: {clusterIP: 127.9.1.1, selector: {app: svc}, ports: [{name: http, port: 80}]}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: DestinationRule\n" \
	"metadata: {name: svc, namespace: shop}\n" \
	"spec: {host: svc, trafficPolicy: {loadBalancer: {simple: " policy "}}}\n"

#define SECOND_ENDPOINT \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: svc-2, namespace: shop}\n" \
	"spec: {address: 127.9.0.12, labels: {app: svc}}\n---\n"

#define CLUSTER "outbound|80||svc.shop.svc.cluster.local"

static struct mesh *
compile(const char *text)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", text, NULL, &err);
	struct mesh *m;

	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	return m;
}

static struct runtime *
runtime_of(struct worker *w, const char *text, const struct runtime *before)
{
	struct mesh *m = compile(text);
	struct runtime *rt = runtime_new(w, m, before);

	mesh_put(&m);
	return rt;
}

static struct binding *
bind_client(struct runtime *rt)
{
	struct address address;
	const struct mesh_instance *client;
	const struct mesh_cluster *cluster = mesh_find_cluster(rt->mesh, CLUSTER);

	assert_int_equal(address_parse_host(&address, "127.9.0.1", 0, NULL), 0);
	client = mesh_instance_of_address(rt->mesh, &address);
	assert_non_null(client);
	assert_non_null(cluster);
	return runtime_bind(rt, client, cluster);
}

static void
test_runtime__states_live_on_while_settings_are_equal(void **state)
{
	struct worker *w = new_worker();
	struct runtime *first = runtime_of(w, MESH("RANDOM", SECOND_ENDPOINT), NULL);
	struct binding *b = bind_client(first);
	struct cluster_state *kept = b->state;
	struct endpoint *one = b->endpoints[0], *two = b->endpoints[1];
	struct runtime *second, *third;

	(void)state;
	assert_ptr_equal(bind_client(first), b);
	endpoint_ref(one);
	endpoint_ref(two);
	kept->requests = 7;

	/* An endpoint goes, the rest stays, also without a request between. */
	second = runtime_of(w, MESH("RANDOM", ""), first);
	runtime_put(&first);
	assert_ptr_equal(bind_client(second)->state, kept);
	assert_ptr_equal(bind_client(second)->endpoints[0], one);
	assert_int_equal(one->bindings, 1);
	assert_int_equal(two->bindings, 0);
	assert_int_equal(kept->requests, 7);

	/* Other settings: a new state. */
	third = runtime_of(w, MESH("ROUND_ROBIN", ""), second);
	assert_int_equal(bind_client(third)->state->requests, 0);
	runtime_put(&second);
	assert_int_equal(one->bindings, 0);
	endpoint_unref(one);
	endpoint_unref(two);
	runtime_put(&third);
	worker_free(&w);
}

/* --- messages --- */

static void
put_pieces(const struct http_pieces *p, struct buf *out)
{
	for (unsigned i = 0; i < p->count; i++)
		buf_append(out, p->iov[i].iov_base, p->iov[i].iov_len);
}

static const struct {
	const char *name, *head, *body;
	bool chunk;
	const char *want;
	enum forward_result result;
} bodies[] = {
	{ "counted", "Content-Length: 5", "hello", false, "hello", FORWARD_DONE },
	{ "counted to chunks", "Content-Length: 5", "hello", true, "5\r\nhello\r\n0\r\n\r\n",
	  FORWARD_DONE },
	{ "extensions and trailers go", "Transfer-Encoding: chunked",
	  "5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n", true, "5\r\nhello\r\n0\r\n\r\n", FORWARD_DONE },
	{ "chunks to bytes", "Transfer-Encoding: chunked", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", false,
	  "hello", FORWARD_DONE },
	{ "not whole", "Transfer-Encoding: chunked", "5\r\nhel", true, NULL, FORWARD_MORE },
	{ "broken", "Transfer-Encoding: chunked", "5\r\nhelloX", true, NULL, FORWARD_BAD },
};

static enum forward_result
forward_in_two(size_t k, size_t cut, struct buf *out)
{
	static struct http_head head;
	static struct http_pieces p;
	static char scratch[SCRATCH_BYTES];
	char text[256 + 64];
	const char *why, *body = bodies[k].body;
	size_t len = strlen(body), used, at = 0;
	struct http_body b;
	uint64_t payload = 0;
	enum forward_result r = FORWARD_MORE;

	snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", bodies[k].head);
	assert_int_equal(http_parse_request(&head, text, strlen(text), &HTTP_LIMITS_DEFAULT, &used,
					    &why), HTTP_DONE);
	http_body_init(&b, &head);
	for (int part = 0; part < 2 && r == FORWARD_MORE; part++) {
		size_t end = part == 0 ? cut : len;

		http_pieces_init(&p, scratch, sizeof(scratch));
		r = forward_body(&p, &b, bodies[k].chunk, body + at, end - at, &used, &payload);
		put_pieces(&p, out);
		at += used;
	}
	return r;
}

static void
test_forward_body__at_every_cut(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(bodies); k++) {
		for (size_t cut = 0; cut <= strlen(bodies[k].body); cut++) {
			struct buf out = BUF_INIT;
			enum forward_result r = forward_in_two(k, cut, &out);

			if (r != bodies[k].result)
				fail_msg("%s, cut at %zu: %d", bodies[k].name, cut, r);
			/* Where a payload was cut it is two chunks. */
			if (bodies[k].want != NULL && (cut == 0 || !bodies[k].chunk))
				assert_string_equal(buf_str(&out), bodies[k].want);
			buf_fini(&out);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balance_pick__shares),
		cmocka_unit_test(test_balance_pick__begins_anywhere),
		cmocka_unit_test(test_balance_pick__none),
		cmocka_unit_test(test_slab_set__gives_at_least_what_was_asked),
		cmocka_unit_test(test_upstream_pool__last_in_first_out_and_never_a_dead_one),
		cmocka_unit_test(test_endpoint_leads_to__only_where_a_name_was_resolved),
		cmocka_unit_test(test_upstream_give__retired_endpoints_keep_nothing),
		cmocka_unit_test(test_upstream_dial__keeps_alive_as_told),
		cmocka_unit_test(test_upstream_dial__leaves_a_loopback_source_where_it_leads_nowhere),
		cmocka_unit_test(test_runtime__states_live_on_while_settings_are_equal),
		cmocka_unit_test(test_forward_body__at_every_cut),
	};

	return cmocka_run_group_tests_name("data_path", tests, NULL, NULL);
}
