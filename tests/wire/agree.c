/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do "meshtop explain" and the engine agree?  A property test.
 *
 *	agree MESHTOP MESHTOP-PROXY DIR NET SEED CONFIGURATIONS REQUESTS
 *
 * For each configuration a mesh of services, DestinationRules and
 * VirtualServices is drawn from SEED, an engine is started on it in DIR, and
 * so many requests and TLS connections are sent through it to endpoints that only say who they
 * are.  What explain foretells (status, flags, details, cluster, rule) must
 * be what the client got and the access log says.  All draws are made certain
 * (weights and percentages of 0 and 100).  Every kind of end must occur.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "tests/lib/hello.h"
#include "tests/wire/agree_draw.h"

#define PORT 8080
#define TLS_PORT 8443
#define BACKEND_PORT 9001
#define TLS_RECORD 22
#define ENDPOINTS 4
#define ROW_MS 5000
#define MARK_BYTES 128

enum end { NR, NC, UH, FI, DIRECT, REDIRECT, BLOCKED, CORS, PASSTHROUGH, RULE, DEFAULT, ENDS };
static const char *const end_names[ENDS] = { "NR", "NC", "UH", "FI", "direct", "redirect",
	"blocked", "CORS", "passthrough", "by a rule", "by default" };

struct run {
	const char *meshtop, *proxy, *dir, *net;
	struct rng rng;
	int listeners[ENDPOINTS];
	size_t seen[ENDS], connections, failed;
};

/* What is foretold, observed at the client, and logged. */
struct answer {
	unsigned status;		/* 0: the endpoint's */
	char flags[64], details[256], cluster[256], rule[128];
	enum end end;
};

static struct sockaddr_in
address(const struct run *r, unsigned last, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	char text[64];

	snprintf(text, sizeof(text), "%s.%u", r->net, last);
	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		exit(2);
	return a;
}

static void
listen_all(struct run *r)
{
	static const unsigned last[ENDPOINTS] = { 11, 12, 21, 22 };

	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct sockaddr_in a = address(r, last[i], BACKEND_PORT);
		int one = 1;

		r->listeners[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(r->listeners[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(r->listeners[i], (struct sockaddr *)&a, sizeof(a)) < 0 ||
		    listen(r->listeners[i], 16) < 0) {
			perror("agree: listen");
			exit(1);
		}
	}
}

/* Starts a program with its output in *out (a pipe to read). */
static pid_t
start(const char *const argv[], int *out)
{
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		exit(1);
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(pipes[1]);
	*out = pipes[0];
	return pid;
}

static pid_t
start_engine(const struct run *r, const char *mesh, const char *log, int *out)
{
	const char *const argv[] = { r->proxy, mesh, "--access-log", log, "--access-log-encoding",
		"JSON", NULL };
	pid_t pid = start(argv, out);
	char said[6] = "";

	if (read(*out, said, 5) < 5 || memcmp(said, "ready", 5) != 0) {
		printf("the engine did not start\n");
		exit(1);
	}
	return pid;
}

static int
dial(const struct run *r, const struct drawn_request *q)
{
	struct sockaddr_in from = address(r, q->from, 0), to = address(r, q->service, q->is_tls ? TLS_PORT : PORT);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("agree: connect");
		exit(1);
	}
	return fd;
}

/* An endpoint answers one request of one connection, or its first bytes when
 * they are of TLS. */
static void
serve(int listener)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd p = { fd, POLLIN, 0 };
	char head[8192];
	size_t len = 0;

	while (len < sizeof(head) && memmem(head, len, "\r\n\r\n", 4) == NULL &&
	       (len == 0 || head[0] != TLS_RECORD) && poll(&p, 1, ROW_MS) > 0) {
		ssize_t n = recv(fd, head + len, sizeof(head) - len, 0);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
	close(fd);
}

static void
put_request(const struct drawn_request *q, const char *id, struct buf *wire)
{
	char hello[HELLO_BYTES];

	if (q->is_tls) {
		buf_append(wire, hello, hello_make(hello, q->server_name, 0));
		return;
	}
	buf_printf(wire, "%s %s HTTP/1.1\r\nhost: %s\r\nuser-agent: %s\r\n", q->method, q->target,
		   q->host, id);
	for (size_t i = 0; i < q->header_count; i++)
		buf_printf(wire, "%s\r\n", q->headers[i]);
	buf_puts(wire, "connection: close\r\n\r\n");
}

/* What the log has only once: the client's name, or both of the connection's
 * addresses: to another service a port may be used again at once.  A gateway
 * does not take the request's id. */
static void
put_mark(const struct drawn_request *q, const char *id, int fd, char mark[MARK_BYTES])
{
	struct sockaddr_in own, other;
	socklen_t len = sizeof(own), other_len = sizeof(other);
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];

	if (!q->is_tls) {
		snprintf(mark, MARK_BYTES, "\"user_agent\":\"%s\"", id);
		return;
	}
	getsockname(fd, (struct sockaddr *)&own, &len);
	getpeername(fd, (struct sockaddr *)&other, &other_len);
	inet_ntop(AF_INET, &own.sin_addr, from, sizeof(from));
	inet_ntop(AF_INET, &other.sin_addr, to, sizeof(to));
	snprintf(mark, MARK_BYTES, "\"downstream_local_address\":\"%s:%u\",\"downstream_remote_address\":\"%s:%u\"",
		 to, ntohs(other.sin_port), from, ntohs(own.sin_port));
}

/* The status that the client gets; 0 when none came. */
static unsigned
ask(const struct run *r, const struct drawn_request *q, const char *id, char mark[MARK_BYTES])
{
	struct buf wire = BUF_INIT;
	char got[8192] = "";
	size_t len = 0;
	int fd = dial(r, q);
	unsigned status = 0;

	put_mark(q, id, fd, mark);
	put_request(q, id, &wire);
	send(fd, buf_str(&wire), wire.len, MSG_NOSIGNAL);
	buf_fini(&wire);
	while (len < sizeof(got) - 1) {
		struct pollfd p[ENDPOINTS + 1] = { { fd, POLLIN, 0 } };
		ssize_t n;

		for (size_t i = 0; i < ENDPOINTS; i++)
			p[i + 1] = (struct pollfd){ r->listeners[i], POLLIN, 0 };
		if (poll(p, ENDPOINTS + 1, ROW_MS) <= 0)
			break;
		for (size_t i = 0; i < ENDPOINTS; i++)
			if ((p[i + 1].revents & POLLIN) != 0)
				serve(r->listeners[i]);
		if (p[0].revents == 0)
			continue;
		n = recv(fd, got + len, sizeof(got) - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	sscanf(got, "HTTP/1.1 %u", &status);
	return status;
}

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text != NULL ? text : "");
}

/* The rule by the name that agree_draw.c gives it, from the trace. */
static void
read_rule(struct answer *a, const struct value *v)
{
	VALUE_EACH(rule, value_get(v, "rules")) {
		bool matched = false;
		const char *name = value_get_text(rule, "name");

		value_to_bool(value_get(rule, "matched"), &matched);
		if (matched && name != NULL && value_get_text(rule, "index") != NULL)
			snprintf(a->rule, sizeof(a->rule), "%s-%s", name, value_get_text(rule, "index"));
	}
}

static void
read_cluster(struct answer *a, const struct value *v)
{
	VALUE_EACH(d, value_get(v, "route"))
		if (strcmp(value_get_text(d, "weight"), "100") == 0)
			copy(a->cluster, sizeof(a->cluster), value_get_text(d, "cluster"));
}

static enum end
end_of(const struct answer *a, const struct value *v)
{
	if (strcmp(a->details, "fault_filter_abort") == 0)
		return FI;
	if (strcmp(a->flags, "NR") == 0)
		return NR;
	if (strcmp(a->flags, "NC") == 0)
		return NC;
	if (strcmp(a->flags, "UH") == 0)
		return UH;
	if (strcmp(a->details, "direct_response") == 0)
		return a->status == 502 ? BLOCKED : a->status < 400 ? REDIRECT : DIRECT;
	if (strcmp(a->details, "cors_response") == 0)
		return CORS;
	if (strcmp(a->cluster, "PassthroughCluster") == 0)
		return PASSTHROUGH;
	(void)v;
	return a->rule[0] != '\0' ? RULE : DEFAULT;
}

static const char *
caller_of(const struct drawn_request *q)
{
	if (q->is_at_gateway)
		return "front.shop";
	return q->from == 5 ? "client.shop" : "client.far";
}

static bool
foretell(const struct run *r, const char *file, const struct drawn_request *q, struct answer *out)
{
	const char *argv[32] = { r->meshtop, "explain", "-f", file, "--from",
		caller_of(q), "-o", "json", "-X", q->method };
	size_t argc = 10;
	struct error err = ERROR_INIT;
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT;
	char host[256], url[512], part[4096];
	const struct value *v, *outcome;
	int64_t status = 0;
	int fd, exit_status;
	ssize_t n;
	pid_t pid;

	snprintf(host, sizeof(host), "host: %s", q->is_tls ? q->server_name : q->host);
	snprintf(url, sizeof(url), "http://any:%d%s", PORT, q->target);
	if (q->is_tls)
		snprintf(url, sizeof(url), "https://%s.%u:%d/", r->net, q->service, TLS_PORT);
	if (!q->is_tls || q->server_name != NULL) {
		argv[argc++] = "-H";
		argv[argc++] = host;
	}
	for (size_t i = 0; i < q->header_count && !q->is_tls; i++) {
		argv[argc++] = "-H";
		argv[argc++] = q->headers[i];
	}
	argv[argc++] = url;
	argv[argc] = NULL;
	pid = start(argv, &fd);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_append(&text, part, (size_t)n);
	close(fd);
	waitpid(pid, &exit_status, 0);
	v = json_parse(arena, buf_str(&text), text.len, &err);
	outcome = value_get(v, "outcome");
	if (v != NULL) {
		const struct value *flag = value_at(value_get(outcome, "flags"), 0);

		value_to_int(value_get(outcome, "status"), &status);
		out->status = (unsigned)status;
		copy(out->flags, sizeof(out->flags), flag != NULL ? value_text(flag) : "-");
		copy(out->details, sizeof(out->details), value_get_text(outcome, "details"));
		read_rule(out, v);
		read_cluster(out, v);
		out->end = end_of(out, v);
	}
	buf_fini(&text);
	arena_free(&arena);
	return v != NULL && exit_status == 0;
}

/* The line of the access log with that mark.  Another connection may have had
 * the address before. */
static bool
find_logged(const char *log, const char *mark, bool is_http, struct answer *out)
{
	struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	char line[8192];
	FILE *f = fopen(log, "r");
	bool found = false;

	while (!found && f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const struct value *v;
		int64_t status = 0;

		if (strstr(line, mark) == NULL || (strstr(line, "\"HTTP/1.1\"") != NULL) != is_http)
			continue;
		found = true;
		v = json_parse(arena, line, strlen(line), &err);
		value_to_int(value_get(v, "response_code"), &status);
		out->status = (unsigned)status;
		copy(out->flags, sizeof(out->flags), value_get_text(v, "response_flags"));
		copy(out->details, sizeof(out->details), value_get_text(v, "response_code_details"));
		copy(out->cluster, sizeof(out->cluster), value_get_text(v, "upstream_cluster"));
		copy(out->rule, sizeof(out->rule), value_get_text(v, "route_name"));
	}
	if (f != NULL)
		fclose(f);
	arena_free(&arena);
	return found;
}

static bool
is_forwarded(enum end e)
{
	return e == RULE || e == DEFAULT || e == PASSTHROUGH || e == UH;
}

/* The log has a delegate's rule as ROOT-DELEGATE. */
static bool
is_rule(const char *told, const char *logged)
{
	size_t told_len = strlen(told), len = strlen(logged);

	return len >= told_len && strcmp(logged + len - told_len, told) == 0 &&
	       (len == told_len || logged[len - told_len - 1] == '-');
}

static const char *
compare(const struct answer *told, const struct answer *logged, unsigned got)
{
	const unsigned status = told->status != 0 ? told->status : 200;

	if (got != status || logged->status != status)
		return "status";
	if (strcmp(told->flags, logged->flags) != 0)
		return "flags";
	if (strcmp(told->details, logged->details) != 0)
		return "details";
	if (is_forwarded(told->end) && strcmp(told->cluster, logged->cluster) != 0)
		return "cluster";
	if (told->rule[0] != '\0' && told->end != NR && !is_rule(told->rule, logged->rule))
		return "rule";
	return NULL;
}

/* A connection has no status: it is answered or closed. */
static const char *
compare_tls(const struct answer *told, const struct answer *logged, unsigned got)
{
	if ((got == 200) != (strcmp(told->flags, "-") == 0))
		return "end";
	if (strcmp(told->flags, logged->flags) != 0)
		return "flags";
	if (strcmp(told->details, logged->details) != 0)
		return "details";
	if (told->cluster[0] != '\0' && strcmp(told->cluster, logged->cluster) != 0)
		return "cluster";
	return NULL;
}

static void
judge(struct run *r, const struct drawn_request *q, const struct answer *told,
      const struct answer *logged, unsigned got, const char *file)
{
	const char *wrong = q->is_tls ? compare_tls(told, logged, got) : compare(told, logged, got);

	r->seen[told->end]++;
	r->connections += q->is_tls;
	if (wrong == NULL)
		return;
	r->failed++;
	if (q->is_tls)
		printf("%s differs: TLS to %s from .%u to .%u", wrong,
		       q->server_name != NULL ? q->server_name : "nobody", q->from, q->service);
	else
		printf("%s differs: %s %s host %s from .%u to .%u", wrong, q->method, q->target,
		       q->host, q->from, q->service);
	for (size_t i = 0; i < q->header_count && !q->is_tls; i++)
		printf(" [%s]", q->headers[i]);
	printf("\n told %u %s %s %s %s\n log  %u %s %s %s %s\n got  %u (%s)\n", told->status, told->flags,
	       told->details, told->cluster, told->rule, logged->status, logged->flags,
	       logged->details, logged->cluster, logged->rule, got, file);
}

static void
write_mesh(struct run *r, const char *file)
{
	struct buf yaml = BUF_INIT;
	FILE *f = fopen(file, "w");

	draw_mesh(&r->rng, r->net, &yaml);
	if (f == NULL || fwrite(buf_str(&yaml), 1, yaml.len, f) != yaml.len || fclose(f) != 0) {
		perror("agree: mesh");
		exit(1);
	}
	buf_fini(&yaml);
}

static void
one_mesh(struct run *r, unsigned number, unsigned requests)
{
	char *mesh = xasprintf("%s/%u", r->dir, number), *file = xasprintf("%s/mesh.yaml", mesh);
	char *log = xasprintf("%s.log", mesh), id[32];
	struct drawn_request *q = xcalloc(requests, sizeof(*q));
	unsigned *got = xcalloc(requests, sizeof(*got));
	char (*marks)[MARK_BYTES] = xcalloc(requests, sizeof(*marks));
	int out, status;
	pid_t engine;

	mkdir(mesh, 0700);
	write_mesh(r, file);
	engine = start_engine(r, mesh, log, &out);
	for (unsigned i = 0; i < requests; i++) {
		draw_request(&r->rng, &q[i]);
		snprintf(id, sizeof(id), "r-%u-%u", number, i);
		got[i] = ask(r, &q[i], id, marks[i]);
	}
	kill(engine, SIGTERM);
	waitpid(engine, &status, 0);
	close(out);
	if (status != 0) {
		printf("the engine ended with status %d\n", status);
		r->failed++;
	}
	for (unsigned i = 0; i < requests; i++) {
		struct answer told = { 0 }, logged = { 0 };

		if (!foretell(r, file, &q[i], &told) || !find_logged(log, marks[i], !q[i].is_tls, &logged)) {
			printf("%s: nothing foretold or nothing logged (%s)\n", marks[i], file);
			r->failed++;
			continue;
		}
		judge(r, &q[i], &told, &logged, got[i], file);
	}
	free(q);
	free(got);
	free(marks);
	free(log);
	free(file);
	free(mesh);
}

int
main(int argc, char **argv)
{
	struct run r = { .meshtop = NULL };
	unsigned meshes, requests;

	if (argc != 8)
		return 2;
	r.meshtop = argv[1];
	r.proxy = argv[2];
	r.dir = argv[3];
	r.net = argv[4];
	rng_seed(&r.rng, strtoull(argv[5], NULL, 10));
	meshes = (unsigned)atoi(argv[6]);
	requests = (unsigned)atoi(argv[7]);
	listen_all(&r);
	for (unsigned i = 0; i < meshes; i++)
		one_mesh(&r, i, requests);
	printf("seed %s, %u configurations, %u requests, %zu of them TLS connections:", argv[5],
	       meshes, meshes * requests, r.connections);
	for (size_t i = 0; i < ENDS; i++) {
		printf(" %s %zu", end_names[i], r.seen[i]);
		if (r.seen[i] == 0)
			r.failed++;
	}
	printf("; %zu disagree\n", r.failed);
	return r.failed != 0;
}
