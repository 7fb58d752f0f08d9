/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A crowd of clients, good and bad, and the endpoint they are to reach.
 *
 *	crowd serve ADDR PORT NAME
 *	crowd load ADDR PORT CONNECTIONS SECONDS [RATE]
 *	crowd slow-head|slow-body|no-read ADDR PORT CONNECTIONS SECONDS
 *
 * serve answers each request with NAME and the request's own x-id; a target
 * that ends in "big" has 4 MiB behind it.  load checks that every answer is a 200
 * with the id that was sent, RATE requests a second in all (none: as fast as
 * it can), one at a time on each connection, and prints one JSON object:
 * {"requests", "failed", "mixed", "p50_ms", "p99_ms", "max_ms", "from": {...}}.
 * SIGTERM ends it early.  The bad ones begin and do not go on; when the engine closes one, it dials
 * again.  They print {"connections", "closed"}.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/xalloc.h"

#define BIG (4u << 20)
#define POST_BYTES 1000u	/* the length of every body */
#define MAX_NAMES 8
#define MAX_SAMPLES (4u << 20)

struct end {
	int fd;
	uint64_t id, since;		/* of what is asked now; 0: nothing */
	size_t len, left;		/* bytes held; of a long answer to be sent */
	char data[2048];
};

struct crowd {
	struct sockaddr_in at;
	int epoll;
	struct end *ends;
	size_t count;
	uint64_t requests, failed, mixed, closed, next_id;
	uint32_t *us;			/* how long each took */
	size_t samples;
	char names[MAX_NAMES][32];
	uint64_t by_name[MAX_NAMES];
	int receives;			/* bytes of their receive buffers; 0: as the kernel likes */
};

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
watch(const struct crowd *c, struct end *e, int op, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data = { .ptr = e } };

	epoll_ctl(c->epoll, op, e->fd, &ev);
}

static void
dial(struct crowd *c, struct end *e, bool waits)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
				    .sin_addr = { htonl(INADDR_LOOPBACK) } };

	memset(e, 0, sizeof(*e));
	e->fd = socket(AF_INET, SOCK_STREAM | (waits ? 0 : SOCK_NONBLOCK), 0);
	if (c->receives > 0)
		setsockopt(e->fd, SOL_SOCKET, SO_RCVBUF, &c->receives, sizeof(c->receives));
	if (e->fd < 0 || bind(e->fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    (connect(e->fd, (struct sockaddr *)&c->at, sizeof(c->at)) < 0 && errno != EINPROGRESS)) {
		perror("crowd: connect");
		exit(1);
	}
	watch(c, e, EPOLL_CTL_ADD, EPOLLIN);
}

static void
hang_up(struct end *e)
{
	close(e->fd);
	e->fd = -1;
}

/* ---- the endpoint ---- */

static bool
send_filler(struct end *e)
{
	static const char filler[65536];

	while (e->left > 0) {
		ssize_t n = send(e->fd, filler, e->left < sizeof(filler) ? e->left : sizeof(filler),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			return errno == EAGAIN;
		e->left -= (size_t)n;
	}
	return true;
}

/* Every whole request in e->data is answered; a POST has POST_BYTES. */
static bool
answer_all(const struct crowd *c, struct end *e, const char *name)
{
	char *head_end;

	while (e->left == 0 && (head_end = memmem(e->data, e->len, "\r\n\r\n", 4)) != NULL) {
		size_t head = (size_t)(head_end - e->data) + 4;
		const char *id = memmem(e->data, head, "x-id: ", 6);
		const bool has_body = memcmp(e->data, "POST ", 5) == 0;
		const bool is_big = memmem(e->data, head, "big HTTP", 8) != NULL;
		char text[256];
		int n;

		if (has_body && e->len < head + POST_BYTES)
			return true;
		n = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nx-from: %s\r\nx-id: %.*s\r\n"
			     "content-length: %u\r\n\r\n", name, id != NULL ? (int)strcspn(id + 6, "\r") : 1,
			     id != NULL ? id + 6 : "0", is_big ? BIG : 0);
		if (send(e->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
			return false;
		e->left = is_big ? BIG : 0;
		if (!send_filler(e))
			return false;
		head += has_body ? POST_BYTES : 0;
		memmove(e->data, e->data + head, e->len - head);
		e->len -= head;
	}
	watch(c, e, EPOLL_CTL_MOD, e->left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return true;
}

static bool
serve_end(const struct crowd *c, struct end *e, const char *name)
{
	ssize_t n;

	if (!send_filler(e))
		return false;
	if (e->len == sizeof(e->data))
		e->len = 0;		/* the body of nobody's request */
	n = recv(e->fd, e->data + e->len, sizeof(e->data) - e->len, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		return false;
	e->len += n > 0 ? (size_t)n : 0;
	return answer_all(c, e, name);
}

static _Noreturn void
serve(struct crowd *c, const char *name)
{
	struct end *listener = xcalloc(1, sizeof(*listener));
	int one = 1;

	listener->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener->fd, (struct sockaddr *)&c->at, sizeof(c->at)) < 0 ||
	    listen(listener->fd, 4096) < 0) {
		perror("crowd: listen");
		exit(1);
	}
	watch(c, listener, EPOLL_CTL_ADD, EPOLLIN);
	for (;;) {
		struct epoll_event ev[256];
		int n = epoll_wait(c->epoll, ev, 256, -1);

		for (int i = 0; i < n; i++) {
			struct end *e = ev[i].data.ptr;

			if (e == listener) {
				e = xcalloc(1, sizeof(*e));
				e->fd = accept(listener->fd, NULL, NULL);
				watch(c, e, EPOLL_CTL_ADD, EPOLLIN);
			} else if (!serve_end(c, e, name)) {
				hang_up(e);
				free(e);
			}
		}
	}
}

/* ---- good clients ---- */

static void
ask(struct crowd *c, struct end *e)
{
	char text[256];
	int n;

	e->id = ++c->next_id;
	e->since = now_us();
	e->len = 0;
	n = snprintf(text, sizeof(text), "GET /%llu HTTP/1.1\r\nHost: svc\r\nportal: travels.uk\r\n"
		     "x-id: %llu\r\n\r\n", (unsigned long long)e->id, (unsigned long long)e->id);
	if (send(e->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		c->failed++;
}

static void
count_name(struct crowd *c, const char *name)
{
	size_t len = strcspn(name, "\r");

	for (size_t i = 0; i < MAX_NAMES; i++) {
		if (c->names[i][0] == '\0')
			snprintf(c->names[i], sizeof(c->names[i]), "%.*s", (int)len, name);
		if (strlen(c->names[i]) == len && memcmp(c->names[i], name, len) == 0) {
			c->by_name[i]++;
			return;
		}
	}
}

/* An answer is whole when its head is: none has a body, but errors (failed). */
static void
judge(struct crowd *c, struct end *e)
{
	char want[64];
	const char *from = memmem(e->data, e->len, "x-from: ", 8);

	snprintf(want, sizeof(want), "x-id: %llu\r\n", (unsigned long long)e->id);
	c->requests++;
	if (strncmp(e->data, "HTTP/1.1 200 ", 13) != 0) {
		if (c->failed++ == 0)
			fprintf(stderr, "crowd: %.*s\n", (int)e->len, e->data);
	} else if (memmem(e->data, e->len, want, strlen(want)) == NULL || from == NULL ||
		   memcmp(e->data + e->len - 4, "\r\n\r\n", 4) != 0) {
		c->mixed++;
	} else {
		count_name(c, from + 8);
	}
	if (c->samples < MAX_SAMPLES)
		c->us[c->samples++] = (uint32_t)(now_us() - e->since);
	e->id = 0;
}

static void
hear(struct crowd *c, struct end *e)
{
	ssize_t n = recv(e->fd, e->data + e->len, sizeof(e->data) - e->len, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		/* Between two requests it may end; within one it may not. */
		if (e->id != 0) {
			c->failed++;
			fprintf(stderr, "crowd: ended within request %llu\n", (unsigned long long)e->id);
		}
		hang_up(e);
		dial(c, e, true);
		c->closed++;
		return;
	}
	e->len += (size_t)n;
	if (e->id == 0)
		c->mixed++;
	else if (memmem(e->data, e->len, "\r\n\r\n", 4) != NULL)
		judge(c, e);
	else if (e->len == sizeof(e->data))
		c->failed++;
}

static int
by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
quantile_ms(const struct crowd *c, double q)
{
	return c->samples == 0 ? 0 : c->us[(size_t)((double)(c->samples - 1) * q)] / 1000.0;
}

static int
print_load(struct crowd *c)
{
	const char *comma = "";

	qsort(c->us, c->samples, sizeof(*c->us), by_value);
	printf("{\"requests\": %llu, \"failed\": %llu, \"mixed\": %llu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, "
	       "\"max_ms\": %.2f, \"from\": {", (unsigned long long)c->requests,
	       (unsigned long long)c->failed, (unsigned long long)c->mixed, quantile_ms(c, 0.5),
	       quantile_ms(c, 0.99), quantile_ms(c, 1));
	for (size_t i = 0; i < MAX_NAMES && c->names[i][0] != '\0'; i++, comma = ", ")
		printf("%s\"%s\": %llu", comma, c->names[i], (unsigned long long)c->by_name[i]);
	printf("}}\n");
	return c->failed != 0 || c->mixed != 0 || c->requests == 0;
}

/* Whoever is idle asks, as far as the rate allows. */
static void
ask_again(struct crowd *c, uint64_t began, double rate, size_t *turn)
{
	for (size_t i = 0; i < c->count; i++) {
		struct end *e = &c->ends[(*turn + i) % c->count];

		if (rate > 0 && (double)c->next_id >= rate * (double)(now_us() - began) / 1e6)
			return;
		if (e->id != 0)
			continue;
		ask(c, e);
		if (rate > 0) {
			*turn += i + 1;
			return;
		}
	}
}

static volatile sig_atomic_t is_enough;

static void
on_term(int signal)
{
	(void)signal;
	is_enough = 1;
}

static int
load(struct crowd *c, uint64_t seconds, double rate)
{
	const uint64_t began = now_us();
	uint64_t until = began + seconds * 1000000;
	size_t turn = 0, waiting = 0;

	signal(SIGTERM, on_term);
	c->us = xcalloc(MAX_SAMPLES, sizeof(*c->us));
	for (size_t i = 0; i < c->count; i++)
		dial(c, &c->ends[i], true);
	while (now_us() < until || (waiting > 0 && now_us() < until + 5000000)) {
		struct epoll_event ev[256];
		int n;

		if (is_enough && now_us() < until)
			until = now_us();
		if (now_us() < until)
			ask_again(c, began, rate, &turn);
		n = epoll_wait(c->epoll, ev, 256, rate > 0 ? 1 : 100);
		for (int i = 0; i < n; i++)
			hear(c, ev[i].data.ptr);
		waiting = 0;
		for (size_t i = 0; now_us() >= until && i < c->count; i++)
			waiting += c->ends[i].id != 0;
	}
	c->failed += waiting;
	return print_load(c);
}

/* ---- bad clients ---- */

static void
begin_badly(struct end *e, const char *how)
{
	const char *text = strcmp(how, "slow-head") == 0 ? "GET / HTTP/1.1\r\nHost: s" :
			   strcmp(how, "slow-body") == 0 ?
			   "POST / HTTP/1.1\r\nHost: svc\r\nportal: travels.uk\r\nContent-Length: 1000\r\n\r\nsome" :
			   "GET /big HTTP/1.1\r\nHost: svc\r\nportal: travels.uk\r\n\r\n";

	send(e->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int
misbehave(struct crowd *c, const char *how, uint64_t seconds)
{
	const uint64_t until = now_us() + seconds * 1000000;
	const bool reads = strcmp(how, "no-read") != 0;
	char rest[4096];

	c->receives = reads ? 0 : 4096;
	/* They come within four seconds, as tools of this kind dial. */
	for (size_t i = 0; i < c->count; i++) {
		if (i % 100 == 99)
			usleep((useconds_t)(400000000 / c->count));
		dial(c, &c->ends[i], true);
		watch(c, &c->ends[i], EPOLL_CTL_MOD, reads ? EPOLLIN | EPOLLRDHUP : EPOLLRDHUP);
		begin_badly(&c->ends[i], how);
	}
	while (now_us() < until) {
		struct epoll_event ev[256];
		int n = epoll_wait(c->epoll, ev, 256, 100);

		for (int i = 0; i < n; i++) {
			struct end *e = ev[i].data.ptr;

			if (reads && recv(e->fd, rest, sizeof(rest), MSG_DONTWAIT) > 0)
				continue;
			hang_up(e);
			c->closed++;
			dial(c, e, true);
			watch(c, e, EPOLL_CTL_MOD, reads ? EPOLLIN | EPOLLRDHUP : EPOLLRDHUP);
			begin_badly(e, how);
		}
	}
	printf("{\"connections\": %zu, \"closed\": %llu}\n", c->count, (unsigned long long)c->closed);
	return 0;
}

static void
allow_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

int
main(int argc, char **argv)
{
	struct crowd c = { .epoll = epoll_create1(0) };

	if (argc < 5)
		return 2;
	allow_descriptors();
	c.at.sin_family = AF_INET;
	c.at.sin_port = htons((uint16_t)atoi(argv[3]));
	if (inet_pton(AF_INET, argv[2], &c.at.sin_addr) != 1)
		return 2;
	if (strcmp(argv[1], "serve") == 0)
		serve(&c, argv[4]);
	if (argc < 6)
		return 2;
	c.count = (size_t)atol(argv[4]);
	c.ends = xcalloc(c.count, sizeof(*c.ends));
	if (strcmp(argv[1], "load") == 0)
		return load(&c, (uint64_t)atol(argv[5]), argc > 6 ? atof(argv[6]) : 0);
	return misbehave(&c, argv[1], (uint64_t)atol(argv[5]));
}
