/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An engine made by hand, and how its admin server is asked; see admin_bench.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/telemetry/stats.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/value.h"
#include "tests/unit/proxy/admin_bench.h"

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

void
engine_drain_listeners(struct engine *e, const struct engine_listener_drain *how)
{
	e->listener_drain = *how;
	e->listener_drains++;
}

unsigned engine_worker_count(const struct engine *e) { (void)e; return 1; }
uint64_t engine_generation(const struct engine *e) { return e->generation; }
struct sink *engine_sink(struct engine *e, unsigned worker) { (void)e; (void)worker; return NULL; }
void engine_pause_workers(struct engine *e) { e->pauses += e->pause_depth++ == 0; }
void engine_resume_workers(struct engine *e) { e->pause_depth--; }
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

void
engine_each_route(struct engine *e, void (*visit)(void *arg, const struct route_stat *r), void *arg)
{
	struct route_stat r = { "voyages", "travel-portal", "vhost.b:80.route.two",
				{ .by_class = { 0, 0, 3 }, .tries = 4, .timeouts = 1 } };

	e->route_readings++;
	visit(arg, &r);
	r.workload = "travels-v1";
	visit(arg, &r);
	r.workload = "voyages";
	r.name = "vhost.a:80.route.one";
	visit(arg, &r);
	r.name = "vhost.b:80.route.two";	/* another worker's */
	visit(arg, &r);
}

int
bench_setup(void **state)
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

int
bench_teardown(void **state)
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

int
bench_dial(const struct engine *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int dir = open(e->dir, O_PATH | O_DIRECTORY), fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(dir >= 0 && fd >= 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/admin.sock", dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(dir);
	return fd;
}

int
bench_dial_tcp(const struct engine *e)
{
	struct address a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(address_parse(&a, admin_tcp_address(e->admin), NULL), 0);
	assert_int_equal(connect(fd, &a.sa, a.len), 0);
	return fd;
}

/* Reads until the server closes or falls silent; true when it closed. */
bool
bench_collect(struct engine *e, int fd)
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

const char *
bench_ask(struct engine *e, int fd, const char *request)
{
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	buf_clear(&e->answer);
	bench_collect(e, fd);
	close(fd);
	loop_turn(e->loop, 0);
	return buf_str(&e->answer);
}

/* The body of GET target, status checked. */
const char *
bench_get(struct engine *e, const char *target, unsigned status)
{
	char request[600], line[32];
	const char *text;

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		 target);
	text = bench_ask(e, bench_dial(e), request);
	snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	if (strncmp(text, line, strlen(line)) != 0)
		fail_msg("%s: want %u, got %s", target, status, text);
	text = strstr(text, "\r\n\r\n");
	assert_non_null(text);
	return text + 4;
}

const struct value *
bench_get_json(struct engine *e, const char *target)
{
	struct error err = ERROR_INIT;
	const char *text = bench_get(e, target, 200);
	const struct value *v = json_parse(e->arena, text, strlen(text), &err);

	if (v == NULL)
		fail_msg("%s: %s in %s", target, err.msg, text);
	return v;
}

void
bench_expect(struct engine *e, const char *target, const char *line)
{
	const char *text = bench_get(e, target, 200);

	if (strstr(text, line) == NULL)
		fail_msg("%s: no '%s' in %s", target, line, text);
}
