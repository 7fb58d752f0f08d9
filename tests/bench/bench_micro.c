/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One part of the data path, many times: bench_micro CASE COUNT.
 *
 * micro.sh runs it under callgrind with two counts; the difference is what
 * one time costs, on a noisy machine too.  Without arguments it lists its
 * cases.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/cluster/balance.h"
#include "proxy/http/forward.h"
#include "proxy/runtime.h"
#include "proxy/slab.h"
#include "proxy/telemetry/record.h"
#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/stats.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/http/parse.h"
#include "src/http/write.h"
#include "src/mesh/mesh.h"
#include "src/mesh/route.h"
#include "src/model/snapshot.h"

#define HOSTS 200u
#define RULES 20u		/* of the host with many */

static const char request_text[] =
	"GET /travels/London?lang=en HTTP/1.1\r\n"
	"Host: svc000.mesh:8080\r\n"
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
	"Accept-Language: en-GB,en;q=0.5\r\n"
	"Accept-Encoding: gzip, deflate\r\n"
	"Cookie: session=0123456789abcdef0123456789abcdef\r\n"
	"portal: p000\r\n"
	"X-Request-Id: 4a1e9dcb-7a54-4a30-8c4d-5a3c0e3ad8a9\r\n\r\n";

static const char response_text[] =
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: application/json\r\n"
	"Content-Length: 1024\r\n"
	"Date: Mon, 24 Nov 2026 10:00:00 GMT\r\n"
	"Cache-Control: no-cache\r\n"
	"X-Backend: b1\r\n\r\n";

static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };

struct bench {
	struct worker *worker;
	struct mesh *mesh;
	struct runtime *runtime;
	const struct mesh_instance *client;
	const struct mesh_cluster *cluster;
	struct stats_set *stats;
	struct requests *requests;
	char bytes[4096 + 64];
	char *scratch;
	struct http_head head;
	struct http_pieces pieces;
	struct slab slab;
	uint64_t sum;			/* so that nothing is left out */
};

/* --- the mesh --- */

static void
put_host(struct buf *b, unsigned i)
{
	unsigned rules = i == 1 ? RULES : 1;

	buf_printf(b, "---\n{apiVersion: v1, kind: Service, metadata: {name: svc%03u, namespace: mesh}, "
		   "spec: {clusterIP: 127.2.%u.%u, selector: {app: svc}, "
		   "ports: [{name: http, port: 8080, targetPort: 9001}]}}\n",
		   i, i / 200, 1 + i % 200);
	buf_printf(b, "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, "
		   "metadata: {name: svc%03u, namespace: mesh}, spec: {hosts: [svc%03u], http: [", i, i);
	for (unsigned r = 0; r < rules; r++)
		buf_printf(b, "{match: [{headers: {portal: {exact: p%03u}}}], "
			   "route: [{destination: {host: svc000}}]}, ", i + rules - 1 - r);
	buf_puts(b, "{route: [{destination: {host: svc000}}]}]}}\n");
}

static struct mesh *
make_mesh(void)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;
	struct snapshot *s;
	struct mesh *m;

	buf_puts(&text, "{apiVersion: v1, kind: Namespace, metadata: {name: mesh}}\n");
	for (unsigned i = 1; i <= 3; i++)
		buf_printf(&text, "---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, "
			   "metadata: {name: svc-%u, namespace: mesh}, "
			   "spec: {address: 127.3.0.%u, labels: {app: svc}}}\n", i, i);
	buf_puts(&text, "---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, "
		 "metadata: {name: client, namespace: mesh}, "
		 "spec: {address: 127.0.0.1, labels: {app: client}}}\n");
	for (unsigned i = 0; i < HOSTS; i++)
		put_host(&text, i);
	s = snapshot_of_text("mesh.yaml", buf_str(&text), NULL, &err);
	if (s == NULL) {
		fprintf(stderr, "bench_micro: %s\n", err.msg);
		exit(1);
	}
	m = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	buf_fini(&text);
	return m;
}

/* --- cases --- */

static void
run_parse(struct bench *b, unsigned i)
{
	const char *why;
	size_t used;

	(void)i;
	memcpy(b->bytes, request_text, sizeof(request_text));
	ASSERT(http_parse_request(&b->head, b->bytes, sizeof(request_text) - 1, &limits, &used,
				  &why) == HTTP_DONE);
	b->sum += used;
}

static void
run_answer(struct bench *b, unsigned i)
{
	const char *why;
	size_t used;

	(void)i;
	memcpy(b->bytes, response_text, sizeof(response_text));
	ASSERT(http_parse_response(&b->head, b->bytes, sizeof(response_text) - 1, &limits,
				   HTTP_GET, &used, &why) == HTTP_DONE);
	b->sum += used;
}

static void
run_write(struct bench *b, unsigned i)
{
	struct http_pieces *p = &b->pieces;

	(void)i;
	http_pieces_init(p, b->scratch, SCRATCH_BYTES);
	http_put_same_request_line(p, &b->head);
	http_put_fields(p, &b->head, NULL);
	http_put_field(p, SLICE("x-forwarded-proto"), SLICE("http"));
	http_put_framing(p, &b->head);
	http_put_end(p);
	b->sum += p->bytes;
}

static void
route(struct bench *b, const char *host, const char *portal)
{
	struct route_request request = {
		.head = &b->head, .path = b->head.path, .query = b->head.query,
		.authority = slice_of(host), .port = 8080,
	};
	struct route_decision decision;

	b->head.fields[7].value = slice_of(portal);
	route_http(b->client->workload->routes, &request, &b->worker->rng, &decision, NULL);
	ASSERT(decision.outcome == ROUTE_FOUND);
	b->sum += (uint64_t)decision.match;
}

static void
run_route(struct bench *b, unsigned i)
{
	char host[] = "svc000.mesh:8080", portal[] = "p000";
	unsigned n = i % HOSTS;

	host[3] = portal[1] = (char)('0' + n / 100);
	host[4] = portal[2] = (char)('0' + n / 10 % 10);
	host[5] = portal[3] = (char)('0' + n % 10);
	route(b, host, portal);
}

/* The last of many rules. */
static void
run_route_run(struct bench *b, unsigned i)
{
	(void)i;
	route(b, "svc001.mesh:8080", "p001");
}

static void
run_pick(struct bench *b, unsigned i)
{
	struct binding *binding = runtime_bind(b->runtime, b->client, b->cluster);

	(void)i;
	b->sum += balance_pick(binding, &b->worker->rng);
}

static void
run_slab(struct bench *b, unsigned i)
{
	void *one = slab_take(&b->slab), *other = slab_take(&b->slab);

	(void)i;
	slab_give(&b->slab, one);
	slab_give(&b->slab, other);
}

static struct record
record_of(struct bench *b, unsigned i)
{
	return (struct record){
		.side = SIDE_OUTBOUND, .protocol = RECORD_HTTP, .target = TARGET_SERVICE,
		.self = b->client->workload, .self_instance = b->client,
		.peer = b->cluster->endpoints[0].instance, .service = b->cluster->service,
		.cluster = b->cluster, .match = -1, .status = i % 16 == 0 ? 503 : 200,
		.grpc_status = -1, .details = "via_upstream", .start_wall_ms = 1764000000123,
		.start_ns = 1000000000, .end_ns = 1004500000 + i * 1000, .request_wire_bytes = 590,
		.response_wire_bytes = 3200, .head = &b->head, .path = b->head.path,
		.authority = b->head.authority, .request_id = SLICE("id-1"),
		.downstream_remote = &b->client->address,
		.upstream = &b->cluster->endpoints[0].address,
	};
}

static void
run_stats(struct bench *b, unsigned i)
{
	struct record r = record_of(b, i);

	stats_add(stats_of_worker(b->stats, 0), &r);
}

static void
run_capture(struct bench *b, unsigned i)
{
	struct record r = record_of(b, i);

	requests_add(b->requests, &r);
}

static void
run_timer(struct bench *b, unsigned i)
{
	static struct timer timers[64];
	struct timer *t = &timers[i % 64];

	loop_timer_set(b->worker->loop, t, loop_now_ns(b->worker->loop) + (i + 1) * NS_PER_MS,
		       NULL);
	loop_timer_cancel(t);
}

static const struct {
	const char *name, *what;
	void (*run)(struct bench *b, unsigned i);
} cases[] = {
	{ "parse", "request head of 9 fields parsed", run_parse },
	{ "answer", "response head of 5 fields parsed", run_answer },
	{ "write", "request head written to pieces", run_write },
	{ "route", "routed, 200 hosts in turn, first rule", run_route },
	{ "route-run", "routed, the last of 20 rules by header", run_route_run },
	{ "pick", "cluster's state found, endpoint chosen", run_pick },
	{ "slab", "two blocks taken and given back", run_slab },
	{ "stats", "one record counted", run_stats },
	{ "capture", "one request captured in the ring", run_capture },
	{ "timer", "armed and cancelled", run_timer },
};

static void
bench_open(struct bench *b)
{
	struct error err = ERROR_INIT;

	b->worker = worker_new(&clock_system, 1, &err);
	ASSERT(b->worker != NULL);
	b->mesh = make_mesh();
	b->runtime = runtime_new(b->worker, b->mesh, NULL);
	b->client = mesh_find_workload(b->mesh, "mesh", "client")->instances[0];
	b->cluster = mesh_find_cluster(b->mesh, "outbound|8080||svc000.mesh.svc.cluster.local");
	ASSERT(b->cluster != NULL);
	b->stats = stats_set_new(1);
	b->requests = requests_new();
	b->scratch = malloc(SCRATCH_BYTES);
	slab_init(&b->slab, 512, 16);
	run_parse(b, 0);
}

static void
bench_close(struct bench *b)
{
	slab_fini(&b->slab);
	free(b->scratch);
	requests_free(&b->requests);
	stats_set_free(&b->stats);
	runtime_put(&b->runtime);
	worker_free(&b->worker);
	mesh_put(&b->mesh);
}

int
main(int argc, char **argv)
{
	static struct bench b;
	unsigned count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	for (size_t i = 0; argc < 2 && i < ARRAY_LEN(cases); i++)
		printf("%-10s %s\n", cases[i].name, cases[i].what);
	for (size_t i = 0; argc == 3 && i < ARRAY_LEN(cases); i++) {
		if (strcmp(cases[i].name, argv[1]) != 0)
			continue;
		bench_open(&b);
		for (unsigned n = 0; n < count; n++)
			cases[i].run(&b, n);
		fprintf(stderr, "%llu\n", (unsigned long long)b.sum);
		bench_close(&b);
		return 0;
	}
	return argc == 1 ? 0 : 2;
}
