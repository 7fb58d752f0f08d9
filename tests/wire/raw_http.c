/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strict HTTP/1.1 against a running engine, byte by byte, in both directions.
 *
 *	raw_http requests|responses ADDR PORT BACKEND-ADDR PORT
 *
 * The program is client and backend at once: each row of raw_http_cases.h is
 * sent to ADDR PORT, what the engine makes of it arrives at the backend.  A
 * connection that shall live on is proved alive by another request.  Exit 0
 * when every row went as it says, else 1 with a line for each that did not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "tests/wire/raw_http_cases.h"

#define ROW_MS 4000
#define AFTER "GET /after HTTP/1.1\r\nHost: svc\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

/* One end of a connection and all that it was sent. */
struct end {
	int fd;			/* -1: none */
	bool ended;		/* the engine ended or reset it */
	size_t len;
	char data[256 << 10];
};

struct row {
	const struct raw_case *is;
	bool is_response;
	bool answered;		/* the backend has sent its part */
	struct end client, backend;
	char sent[256 << 10];
	size_t sent_len, sent_at;
};

static struct sockaddr_in engine_at, backend_at;

static struct sockaddr_in
address(const char *host, const char *port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		exit(2);
	return a;
}

/* {0} is a NUL, {N:TEXT} is TEXT N times; all else stands for itself. */
static size_t
expand(const char *text, char *out, size_t max)
{
	size_t len = 0;

	while (*text != '\0') {
		char *end;
		unsigned long times;

		if (*text != '{') {
			out[len++] = *text++;
			continue;
		}
		times = strtoul(text + 1, &end, 10);
		if (*end == '}') {
			out[len++] = '\0';
			text = end + 1;
			continue;
		}
		text = end + 1;
		end = strchr(text, '}');
		for (; times > 0 && len + (size_t)(end - text) < max; times--) {
			memcpy(out + len, text, (size_t)(end - text));
			len += (size_t)(end - text);
		}
		text = end + 1;
	}
	return len;
}

static bool
holds(const struct end *e, const char *what)
{
	return memmem(e->data, e->len, what, strlen(what)) != NULL;
}

/* Where the final answer begins, behind interim ones. */
static size_t
final_at(const struct end *e)
{
	size_t at = 0;

	for (;;) {
		const char *head_end = memmem(e->data + at, e->len - at, "\r\n\r\n", 4);

		if (head_end == NULL || strncmp(e->data + at, "HTTP/1.1 1", 10) != 0 ||
		    strncmp(e->data + at, "HTTP/1.1 101", 12) == 0)
			return at;
		at = (size_t)(head_end - e->data) + 4;
	}
}

/* Is a whole message there, as far as the sender's framing says? */
static bool
is_whole(const struct end *e, bool is_bodiless)
{
	const size_t from = final_at(e);
	const char *head_end = memmem(e->data + from, e->len - from, "\r\n\r\n", 4), *at;
	size_t head;

	if (head_end == NULL)
		return false;
	head = (size_t)(head_end - e->data) + 4;
	if (is_bodiless)
		return true;
	at = memmem(e->data + from, head - from, "\r\ntransfer-encoding: chunked", 28);
	if (at == NULL)
		at = memmem(e->data + from, head - from, "\r\nTransfer-Encoding: chunked", 28);
	if (at != NULL)
		return e->len >= head + 5 && memcmp(e->data + e->len - 5, "0\r\n\r\n", 5) == 0;
	at = memmem(e->data + from, head - from, "\r\ncontent-length: ", 18);
	return at == NULL || e->len >= head + strtoul(at + 18, NULL, 10);
}

static void
take(struct end *e)
{
	ssize_t n = recv(e->fd, e->data + e->len, sizeof(e->data) - 1 - e->len, MSG_DONTWAIT);

	if (n > 0)
		e->len += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		e->ended = true;
	e->data[e->len] = '\0';
}

static void
send_more(struct row *r)
{
	ssize_t n = send(r->client.fd, r->sent + r->sent_at, r->sent_len - r->sent_at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		r->sent_at += (size_t)n;
	else if (errno != EAGAIN)
		r->sent_at = r->sent_len;
}

static void
answer(struct row *r)
{
	static char text[256 << 10];
	size_t len;

	if (r->answered || !is_whole(&r->backend, false))
		return;
	r->answered = true;
	len = expand(r->is_response ? r->is->bytes : OK, text, sizeof(text));
	for (size_t at = 0; at < len;) {
		ssize_t n = send(r->backend.fd, text + at, len - at, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (r->is_response && r->is->ends)
		shutdown(r->backend.fd, SHUT_WR);
}

static bool
is_bodiless(const struct row *r)
{
	return strncmp(r->sent, "HEAD ", 5) == 0 || holds(&r->client, "HTTP/1.1 204") ||
	       holds(&r->client, "HTTP/1.1 304");
}

/* Nothing more is awaited of this row. */
static bool
is_over(const struct row *r)
{
	const bool answered = is_whole(&r->client, is_bodiless(r));

	if (r->is_response)
		return (r->client.ended || answered) &&
		       (!r->is->closes || r->backend.ended || r->client.ended);
	return r->is->closes ? r->client.ended : r->client.ended || answered;
}

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void
exchange(struct row *r, int listener)
{
	const long until = now_ms() + ROW_MS;

	while (!is_over(r) && now_ms() < until) {
		struct pollfd p[] = {
			{ r->client.ended ? -1 : r->client.fd,
			  (short)(POLLIN | (r->sent_at < r->sent_len ? POLLOUT : 0)), 0 },
			{ listener, POLLIN, 0 },
			{ r->backend.ended ? -1 : r->backend.fd, POLLIN, 0 },
		};

		poll(p, 3, 50);
		if ((p[0].revents & POLLOUT) != 0)
			send_more(r);
		if ((p[0].revents & ~POLLOUT) != 0)
			take(&r->client);
		if ((p[1].revents & POLLIN) != 0) {
			if (r->backend.fd >= 0)
				close(r->backend.fd);
			r->backend = (struct end){ .fd = accept(listener, NULL, NULL) };
			r->answered = false;
		}
		if (p[2].revents != 0 && r->backend.fd >= 0)
			take(&r->backend);
		if (r->backend.fd >= 0)
			answer(r);
	}
}

static int
client_connect(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&engine_at, sizeof(engine_at)) < 0) {
		perror("raw_http: connect");
		exit(1);
	}
	return fd;
}

/* The connection still serves: another request is answered. */
static bool
lives_on(struct row *r, int listener)
{
	static struct row next;
	static const struct raw_case after = { "after", AFTER, 200, false, false, NULL, NULL, NULL };

	memset(&next, 0, sizeof(next));
	next.is = &after;
	next.client.fd = r->client.fd;
	next.backend.fd = -1;
	next.sent_len = expand(AFTER, next.sent, sizeof(next.sent));
	exchange(&next, listener);
	if (next.backend.fd >= 0)
		close(next.backend.fd);
	return holds(&next.client, "HTTP/1.1 200 ");
}

static const char *
judge(struct row *r, int listener)
{
	const struct end *seen = r->is_response ? &r->client : &r->backend;
	char status[32];

	snprintf(status, sizeof(status), "HTTP/1.1 %d ", r->is->status);
	if (r->is->status == 0 && r->client.len > 0)
		return "an answer came";
	if (r->is->status != 0 && strncmp(r->client.data + final_at(&r->client), status, strlen(status)) != 0)
		return "another status";
	if (r->is->sees != NULL && !holds(seen, r->is->sees))
		return "something is missing";
	if (r->is->not != NULL && holds(seen, r->is->not))
		return "something is there that must not be";
	if (memchr(seen->data, '\0', seen->len) != NULL)
		return "a NUL was passed on";
	if (!r->is_response && r->is->status >= 400 && r->is->status != 404 && r->is->sees == NULL &&
	    r->is->status != 413 && r->backend.fd >= 0 && is_whole(&r->backend, false))
		return "it reached the backend";
	if (!r->is_response && r->is->closes != r->client.ended)
		return r->is->closes ? "not closed" : "closed";
	if (r->is_response && r->is->closes && !r->backend.ended && !r->client.ended)
		return "the bad connection is kept";
	if (!r->is_response && !r->is->closes && !lives_on(r, listener))
		return "the connection serves no more";
	return NULL;
}

static bool
run(const struct raw_case *is, bool is_response, int listener)
{
	static struct row r;
	const char *wrong;

	memset(&r, 0, sizeof(r));
	r.is = is;
	r.is_response = is_response;
	r.client.fd = client_connect();
	r.backend.fd = -1;
	r.sent_len = is_response && is->request == NULL ?
		     expand("GET /x HTTP/1.1\r\nHost: svc\r\n\r\n", r.sent, sizeof(r.sent)) :
		     expand(is_response ? is->request : is->bytes, r.sent, sizeof(r.sent));
	exchange(&r, listener);
	wrong = judge(&r, listener);
	if (wrong != NULL)
		printf("%s: %s; the client got \"%.300s\"%s, the backend \"%.300s\"%s\n", is->what, wrong,
		       r.client.data, r.client.ended ? " and the end" : "", r.backend.data,
		       r.backend.ended ? " and the end" : "");
	close(r.client.fd);
	if (r.backend.fd >= 0)
		close(r.backend.fd);
	return wrong == NULL;
}

int
main(int argc, char **argv)
{
	bool responses;
	const struct raw_case *rows;
	size_t count, failed = 0;
	int listener, one = 1;

	if (argc != 6)
		return 2;
	responses = strcmp(argv[1], "responses") == 0;
	rows = responses ? raw_responses : raw_requests;
	count = responses ? ARRAY_LEN(raw_responses) : ARRAY_LEN(raw_requests);
	engine_at = address(argv[2], argv[3]);
	backend_at = address(argv[4], argv[5]);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&backend_at, sizeof(backend_at)) < 0 ||
	    listen(listener, 100) < 0) {
		perror("raw_http: listen");
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		failed += !run(&rows[i], responses, listener);
	printf("%zu of %zu as they should be\n", count - failed, count);
	return failed != 0;
}
