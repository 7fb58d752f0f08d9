/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP client and the admin socket, against a server of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/client/admin.h"
#include "src/client/http.h"

/* Serves one connection at a time: answers with `answer`, or, when that is
 * NULL, with the request's head and the peer's address as the body. */
struct server {
	int fd;
	uint16_t port;
	const char *answer;
	pthread_t thread;
};

static size_t
read_request(int fd, char *room, size_t size)
{
	size_t len = 0;
	const char *length;
	char *end;
	ssize_t got;

	while (len + 1 < size && (got = read(fd, room + len, size - len - 1)) > 0) {
		len += (size_t)got;
		room[len] = '\0';
		end = strstr(room, "\r\n\r\n");
		length = end != NULL ? strstr(room, "Content-Length: ") : NULL;
		if (end != NULL && len >= (size_t)(end + 4 - room) +
		    (length != NULL ? strtoul(length + 16, NULL, 10) : 0))
			break;
	}
	return len;
}

static void
answer(const struct server *s, int fd)
{
	char request[8192] = "", head[256], peer[INET_ADDRSTRLEN] = "";
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	size_t len = read_request(fd, request, sizeof(request));

	if (getpeername(fd, (struct sockaddr *)&from, &size) == 0 && from.sin_family == AF_INET)
		inet_ntop(AF_INET, &from.sin_addr, peer, sizeof(peer));
	if (len == 0)
		return;
	if (s->answer != NULL) {
		ASSERT(write(fd, s->answer, strlen(s->answer)) > 0);
		return;
	}
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nX-Peer: %s\r\nContent-Length: %zu\r\n"
		 "Connection: close\r\n\r\n", peer, len);
	ASSERT(write(fd, head, strlen(head)) > 0);
	ASSERT(write(fd, request, len) == (ssize_t)len);
}

static void *
serve(void *arg)
{
	struct server *s = arg;

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			return NULL;
		answer(s, fd);
		close(fd);
	}
}

static void
server_start(struct server *s, const char *canned)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(to);

	s->answer = canned;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&to, &size), 0);
	s->port = ntohs(to.sin_port);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);	/* ends accept() */
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static const char *
header(const struct http_answer *a, const char *name)
{
	for (size_t i = 0; i < a->headers.len; i++)
		if (strcmp(a->headers.items[i].name, name) == 0)
			return a->headers.items[i].value;
	return "";
}

static void
test_http_do__sends_what_was_asked(void **state)
{
	const char *const headers[] = { "Host: travels:8000", "portal: x", "empty:", NULL };
	struct server s;
	struct http_call_options o = { .method = "PUT", .url = "http://far.away:1/a%2fb/../c?d=e",
				       .headers = headers, .body = "hello", .body_len = 5,
				       .dial_host = "127.0.0.1", .source_address = "127.0.0.77" };
	struct http_answer a;
	struct error err = ERROR_INIT;

	(void)state;
	server_start(&s, NULL);
	o.dial_port = s.port;
	assert_int_equal(http_do(&o, &a, &err), 0);
	assert_int_equal(a.status, 200);
	assert_memory_equal(buf_str(&a.body), "PUT /a%2fb/../c?d=e HTTP/1.1\r\n", 30);
	assert_non_null(strstr(buf_str(&a.body), "\r\nHost: travels:8000\r\n"));
	assert_null(strstr(buf_str(&a.body), "far.away"));
	assert_non_null(strstr(buf_str(&a.body), "\r\nportal: x\r\n"));
	assert_non_null(strstr(buf_str(&a.body), "\r\nempty:\r\n"));
	assert_null(strstr(buf_str(&a.body), "Expect"));
	assert_null(strstr(buf_str(&a.body), "Content-Type"));
	assert_non_null(strstr(buf_str(&a.body), "\r\n\r\nhello"));
	assert_string_equal(header(&a, "x-peer"), "127.0.0.77");
	http_answer_fini(&a);
	server_stop(&s);
}

static void
test_http_do__reads_answers(void **state)
{
	static const struct {
		const char *answer;
		size_t max;
		unsigned status;	/* 0: none */
		const char *body;
	} rows[] = {
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 0, 404, "no" },
		{ "HTTP/1.1 103 Early Hints\r\nx: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1",
		  0, 200, "1" },
		{ "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		  0, 302, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 9, 0, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012", 0, 0, "" },
		{ "nonsense\r\n\r\n", 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_call_options o = { .url = "http://127.0.0.1/", .max_body_bytes = rows[i].max };
		struct error err = ERROR_INIT;
		struct http_answer a;
		struct server s;
		int status;

		server_start(&s, rows[i].answer);
		o.dial_port = s.port;
		status = http_do(&o, &a, &err);
		if (a.status != rows[i].status || (status == 0) != (rows[i].status != 0))
			fail_msg("row %zu: %u %s", i, a.status, err.msg);
		if (a.status != 0)
			assert_string_equal(buf_str(&a.body), rows[i].body);
		else
			assert_int_equal(err.code, ERROR_UNREACHABLE);
		assert_string_equal(header(&a, "x"), "");	/* of the interim answer */
		http_answer_fini(&a);
		server_stop(&s);
	}
}

static void
test_http_do__tells_a_wrong_answer_from_a_wrong_url(void **state)
{
	static const char wrong[] = "what answered does not speak HTTP";
	static const struct {
		const char *url;
		bool is_answer;
	} rows[] = {
		{ "http://127.0.0.1/", true },
		{ "https://127.0.0.1/", false },
		{ "nonsense://127.0.0.1/", false },
	};
	struct server s;

	(void)state;
	server_start(&s, "nonsense\r\n\r\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_call_options o = { .url = rows[i].url, .dial_port = s.port };
		struct error err = ERROR_INIT;
		struct http_answer a;

		assert_int_equal(http_do(&o, &a, &err), -1);
		if ((strstr(a.error, wrong) != NULL) != rows[i].is_answer)
			fail_msg("%s: %s", rows[i].url, a.error);
		http_answer_fini(&a);
	}
	server_stop(&s);
}

static void
test_http_do__says_that_nobody_listens(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(to);
	struct http_call_options o = { .url = "http://127.0.0.1/" };
	struct error err = ERROR_INIT;
	struct http_answer a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);	/* bound, not listening */

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &size), 0);
	o.dial_port = ntohs(to.sin_port);
	assert_int_equal(http_do(&o, &a, &err), -1);
	assert_true(a.was_refused);
	http_answer_fini(&a);
	close(fd);
}

static void
count_done(void *arg, const struct http_answer *a)
{
	(void)a;
	++*(int *)arg;
}

static void
test_http_start__several_at_once_and_one_cancelled(void **state)
{
	struct http_call_options o = { .url = "http://127.0.0.1/" };
	struct error err = ERROR_INIT;
	struct http_client *c = http_client_new(&err);
	struct http_call *cancelled;
	struct server s;
	int done = 0;

	(void)state;
	server_start(&s, NULL);
	o.dial_port = s.port;
	assert_non_null(http_start(c, &o, count_done, &done, &err));
	cancelled = http_start(c, &o, count_done, &done, &err);
	assert_non_null(http_start(c, &o, count_done, &done, &err));
	http_cancel(&cancelled);
	for (int i = 0; i < 1000 && done < 2; i++) {
		struct pollfd p = { .fd = http_client_fd(c), .events = POLLIN };
		int delay = http_client_delay_ms(c);

		poll(&p, 1, delay >= 0 && delay < 100 ? delay : 100);
		http_client_work(c);
	}
	assert_int_equal(done, 2);
	http_client_free(&c);
	server_stop(&s);
}

/* A folder whose socket's path is longer than sun_path. */
static void
test_admin_get__dials_long_paths(void **state)
{
	static const char canned[] = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"a\": 1}";
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct server s = { .answer = canned };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	struct arena *a = arena_new();
	char base[] = "/tmp/meshtop-test-XXXXXX", dir[400], state_dir[420], sock[440];
	int folder;

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(dir, sizeof(dir), "%s/%0200d", base, 7);
	assert_int_equal(admin_get(dir, "/ready", &out, &err), -1);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	snprintf(state_dir, sizeof(state_dir), "%s/.meshtop", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(state_dir, 0700), 0);
	assert_int_equal(admin_get(dir, "/ready", &out, &err), -1);
	assert_int_equal(err.code, ERROR_UNREACHABLE);
	assert_non_null(strstr(err.msg, "no engine"));
	folder = open(state_dir, O_PATH | O_DIRECTORY);
	snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d/admin.sock", folder);
	s.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s.fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(s.fd, 8), 0);
	assert_int_equal(pthread_create(&s.thread, NULL, serve, &s), 0);
	assert_int_equal(admin_get(dir, "/x?y=z", &out, &err), 0);
	assert_string_equal(buf_str(&out), "{\"a\": 1}");
	assert_string_equal(value_get_text(admin_get_json(a, dir, "/x", &err), "a"), "1");
	s.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope";
	assert_int_equal(admin_get(dir, "/x", &out, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	server_stop(&s);
	snprintf(sock, sizeof(sock), "%s/admin.sock", state_dir);
	unlink(sock);
	rmdir(state_dir);
	rmdir(dir);
	rmdir(base);
	close(folder);
	buf_fini(&out);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http_do__sends_what_was_asked),
		cmocka_unit_test(test_http_do__reads_answers),
		cmocka_unit_test(test_http_do__tells_a_wrong_answer_from_a_wrong_url),
		cmocka_unit_test(test_http_do__says_that_nobody_listens),
		cmocka_unit_test(test_http_start__several_at_once_and_one_cancelled),
		cmocka_unit_test(test_admin_get__dials_long_paths),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
