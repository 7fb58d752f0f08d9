/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a pod's HTTP server makes of bytes on its socket. */
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
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

#define TURNS 5000

/* Answers every request with its path and body. */
static void
echo_on_request(struct pod *p, struct request *rq)
{
	struct buf body = BUF_INIT;

	(void)p;
	buf_append(&body, rq->path.ptr, rq->path.len);
	buf_putc(&body, '|');
	buf_append(&body, rq->body.data, rq->body.len);
	request_reply(rq, 200, "text/plain", (struct slice){ body.data, body.len });
	buf_fini(&body);
}

static const struct app app_echo = {
	.image = IMAGE_UNKNOWN, .name = "echo", .default_port = 1, .workers = 2,
	.on_request = echo_on_request,
};

struct shop {
	struct loop *loop;
	struct host host;
	char dir[64];
	int dir_fd, fd;
	struct pod *pod;
};

static bool
resolve(void *arg, const char *ns, const char *name, uint16_t port, struct address *out)
{
	(void)arg;
	(void)ns;
	(void)name;
	(void)port;
	(void)out;
	return false;
}

static int
dial(const struct shop *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/echo", s->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static int
setup(void **state)
{
	struct shop *s = calloc(1, sizeof(*s));
	struct error err = ERROR_INIT;

	snprintf(s->dir, sizeof(s->dir), "/tmp/meshtop-server-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY);
	s->loop = loop_new(&clock_system, NULL);
	s->host = (struct host){ .loop = s->loop, .pace = 1, .resolve = resolve };
	rng_seed(&s->host.rng, 1);
	s->pod = pod_new(&s->host, &app_echo, "ns", "echo", NULL);
	assert_int_equal(server_open_unix(s->pod, s->dir_fd, "echo", &err), 0);
	s->fd = dial(s);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct shop *s = *state;

	close(s->fd);
	pod_stop(s->pod, 0);
	for (int i = 0; i < TURNS && s->host.pod_count > 0; i++)
		loop_turn(s->loop, 5);
	assert_int_equal(s->host.pod_count, 0);
	loop_turn(s->loop, 0);
	loop_free(&s->loop);
	close(s->dir_fd);
	assert_int_equal(rmdir(s->dir), 0);
	free(s);
	return 0;
}

/* Reads until want was seen or the server has closed; text so far. */
static void
read_until(struct shop *s, struct buf *got, const char *want)
{
	char part[4096];

	for (int i = 0; i < TURNS && (want == NULL || strstr(buf_str(got), want) == NULL); i++) {
		ssize_t n = recv(s->fd, part, sizeof(part), 0);

		if (n > 0)
			buf_append(got, part, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			return;
		loop_turn(s->loop, 5);
	}
}

static void
put_bytes(struct shop *s, const char *bytes, size_t len)
{
	assert_int_equal(send(s->fd, bytes, len, MSG_NOSIGNAL), len);
}

static void
put(struct shop *s, const char *text)
{
	put_bytes(s, text, strlen(text));
}

#define CHUNKED "PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" \
		"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"

static const struct { const char *name, *wire, *want; bool closes; } exchanges[] = {
	{ "get", "GET /a HTTP/1.1\r\nhost: x\r\n\r\n", "/a|", false },
	{ "query is cut off", "GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\n", "\r\n\r\n/a|", false },
	{ "length", "PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nabcde", "/a|abcde", false },
	{ "chunked", CHUNKED, "/a|abcde", false },
	{ "pipelined", "GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n", "/2|", false },
	{ "close", "GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "/a|", true },
	{ "no host", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400", true },
	{ "two lengths", "PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
	  "HTTP/1.1 400", true },
	{ "bad chunk", "PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
	  "HTTP/1.1 400", true },
	{ "version", "GET /a HTTP/2.0\r\nhost: x\r\n\r\n", "HTTP/1.1 505", true },
	{ "continue", "PUT /a HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\nz",
	  "/a|z", false },
};

static void
test_server__answers_exchanges(void **state)
{
	struct shop *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
		struct buf got = BUF_INIT;

		put(s, exchanges[i].wire);
		read_until(s, &got, exchanges[i].closes ? NULL : exchanges[i].want);
		if (strstr(buf_str(&got), exchanges[i].want) == NULL)
			fail_msg("%s: %s", exchanges[i].name, buf_str(&got));
		if (exchanges[i].closes) {
			close(s->fd);
			s->fd = dial(s);
		}
		buf_fini(&got);
	}
}

static void
test_server__answer_does_not_depend_on_splits(void **state)
{
	struct shop *s = *state;
	size_t len = strlen(CHUNKED);

	for (size_t cut = 1; cut < len; cut++) {
		struct buf got = BUF_INIT;

		put_bytes(s, CHUNKED, cut);
		loop_turn(s->loop, 1);
		loop_turn(s->loop, 0);
		put_bytes(s, &CHUNKED[cut], len - cut);
		read_until(s, &got, "|abcde");
		if (strstr(buf_str(&got), "/a|abcde") == NULL)
			fail_msg("cut at %zu: %s", cut, buf_str(&got));
		buf_fini(&got);
	}
}

static void
test_server__refuses_a_body_beyond_its_limit(void **state)
{
	struct shop *s = *state;
	struct buf wire = BUF_INIT, got = BUF_INIT;
	size_t sent = 0;

	buf_printf(&wire, "PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: %u\r\n\r\n",
		   SERVER_MAX_BODY + 1);
	buf_fill(&wire, 'a', SERVER_MAX_BODY + 1);
	for (int i = 0; i < TURNS && sent < wire.len; i++) {
		ssize_t n = send(s->fd, wire.data + sent, wire.len - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		loop_turn(s->loop, 1);
	}
	read_until(s, &got, "413");
	assert_non_null(strstr(buf_str(&got), "HTTP/1.1 413"));
	buf_fini(&wire);
	buf_fini(&got);
}

/* The client goes away while its request waits: nothing is left behind. */
static void
test_server__survives_clients_that_leave(void **state)
{
	struct shop *s = *state;

	for (int i = 0; i < 20; i++) {
		put(s, "GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
		if (i % 2 == 0)
			loop_turn(s->loop, 1);
		close(s->fd);
		s->fd = dial(s);
	}
	test_server__answers_exchanges(state);
}

/* A stopping pod answers what it has begun, then closes. */
static void
test_pod_stop__finishes_requests(void **state)
{
	struct shop *s = *state;
	struct buf got = BUF_INIT;

	put(s, "GET /last HTTP/1.1\r\nhost: x\r\n\r\n");
	for (int i = 0; i < TURNS && s->pod->station.busy == 0; i++)
		loop_turn(s->loop, 1);
	assert_int_equal(s->pod->station.busy, 1);
	pod_hold(s->pod);
	pod_stop(s->pod, 0);
	read_until(s, &got, NULL);
	assert_non_null(strstr(buf_str(&got), "/last|"));
	assert_non_null(strstr(buf_str(&got), "connection: close"));
	pod_release(s->pod);
	loop_turn(s->loop, 0);
	assert_int_equal(s->host.pod_count, 0);
	s->pod = pod_new(&s->host, &app_echo, "ns", "echo", NULL);	/* for teardown */
	buf_fini(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(test_server__answers_exchanges),
		CASE(test_server__answer_does_not_depend_on_splits),
		CASE(test_server__refuses_a_body_beyond_its_limit),
		CASE(test_server__survives_clients_that_leave),
		CASE(test_pod_stop__finishes_requests),
#undef CASE
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
