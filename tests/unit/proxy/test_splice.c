/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that pass through the kernel's pipe come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/conn.h"
#include "proxy/pump.h"
#include "proxy/splice.h"
#include "proxy/worker.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/rng.h"

#define TOTAL 1000000u

static void
on_nothing(struct conn *c)
{
	(void)c;
}

static const struct conn_ops quiet = {
	.on_readable = on_nothing,
	.on_writable = on_nothing,
	.on_broken = on_nothing,
	.release = on_nothing,
};

/* sender -> from = to -> receiver; from and to are the engine's. */
struct path {
	struct worker *worker;
	struct conn from, to;
	int sender, receiver;
	char *data, *got;
	size_t sent, received;
};

static void
tcp_pair(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&a, sizeof(a)), 0);
	fds[1] = accept(listener, NULL, NULL);
	assert_true(fds[1] >= 0);
	close(listener);
	for (int i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
}

static void
unix_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void
path_open(struct path *p, void (*in)(int *), void (*out)(int *))
{
	struct error err = ERROR_INIT;
	struct rng rng;
	int a[2], b[2], few = 16384;	/* so that a slow reader is noticed */

	memset(p, 0, sizeof(*p));
	p->worker = worker_new(&clock_system, 1, &err);
	assert_non_null(p->worker);
	in(a);
	out(b);
	setsockopt(b[0], SOL_SOCKET, SO_SNDBUF, &few, sizeof(few));
	setsockopt(b[1], SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	p->sender = a[0];
	p->receiver = b[1];
	assert_true(conn_open(&p->from, p->worker, &quiet, a[1]));
	assert_true(conn_open(&p->to, p->worker, &quiet, b[0]));
	p->data = malloc(TOTAL);
	p->got = malloc(TOTAL + 1);
	rng_seed(&rng, 7);
	for (size_t i = 0; i < TOTAL; i++)
		p->data[i] = (char)rng_next(&rng);
}

static void
path_close(struct path *p)
{
	conn_close(&p->from);
	conn_close(&p->to);
	close(p->sender);
	close(p->receiver);
	worker_free(&p->worker);
	free(p->data);
	free(p->got);
}

static void
send_more(struct path *p)
{
	ssize_t n;

	while (p->sent < TOTAL &&
	       (n = send(p->sender, p->data + p->sent, TOTAL - p->sent, 0)) > 0)
		p->sent += (size_t)n;
	p->from.can_read = true;
}

static void
receive_more(struct path *p)
{
	ssize_t n;

	while ((n = recv(p->receiver, p->got + p->received, TOTAL + 1 - p->received, 0)) > 0)
		p->received += (size_t)n;
}

static size_t
move_by_splice(struct path *p)
{
	bool refused = false;
	ssize_t n = splice_move(&p->from, &p->to, TOTAL, &refused);

	assert_false(refused);
	assert_true(n > 0 || n == CONN_NOTHING);
	return n > 0 ? (size_t)n : 0;
}

static size_t
move_by_pump(struct path *p)
{
	uint64_t bytes = 0;

	assert_int_equal(pump(&p->from, &p->to, &bytes), PUMP_OK);
	return (size_t)bytes;
}

static const struct {
	const char *name;
	void (*in)(int *), (*out)(int *);
	size_t (*move)(struct path *);
	bool is_slow;			/* the receiver looks only when all is blocked */
} ways[] = {
	{ "tcp", tcp_pair, tcp_pair, move_by_splice, false },
	{ "tcp, slow reader", tcp_pair, tcp_pair, move_by_splice, true },
	{ "unix", unix_pair, unix_pair, move_by_splice, false },
	{ "unix to tcp, slow reader", unix_pair, tcp_pair, move_by_splice, true },
	{ "pump", tcp_pair, tcp_pair, move_by_pump, false },
	{ "pump, slow reader", tcp_pair, tcp_pair, move_by_pump, true },
};

static void
test_splice_move__bytes_come_as_they_went(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct path p;
		size_t moved = 0;
		bool has_queued = false;

		path_open(&p, ways[i].in, ways[i].out);
		while (p.received < TOTAL) {
			send_more(&p);
			if (!conn_is_blocked(&p.to))
				moved += ways[i].move(&p);
			assert_true(conn_queued(&p.to) <= SPLICE_MAX_BYTES);
			has_queued |= conn_is_blocked(&p.to);
			if (!ways[i].is_slow || conn_is_blocked(&p.to) || moved == TOTAL)
				receive_more(&p);
			assert_true(conn_settle(&p.to) && conn_flush(&p.to));
		}
		assert_int_equal(moved, TOTAL);
		assert_int_equal(p.received, TOTAL);
		if (memcmp(p.data, p.got, TOTAL) != 0)
			fail_msg("%s: other bytes", ways[i].name);
		if (has_queued != ways[i].is_slow && ways[i].is_slow)
			fail_msg("%s: nothing has been queued", ways[i].name);
		path_close(&p);
	}
}

static void
test_splice_move__says_how_it_ends(void **state)
{
	struct path p;
	bool refused;

	(void)state;
	path_open(&p, tcp_pair, tcp_pair);
	p.from.can_read = true;
	assert_int_equal(splice_move(&p.from, &p.to, 100, &refused), CONN_NOTHING);
	assert_false(p.from.can_read);
	assert_int_equal(send(p.sender, "abc", 3, 0), 3);
	assert_int_equal(splice_move(&p.from, &p.to, 2, &refused), 2);
	shutdown(p.sender, SHUT_WR);
	assert_int_equal(splice_move(&p.from, &p.to, 100, &refused), 1);
	assert_int_equal(splice_move(&p.from, &p.to, 100, &refused), CONN_END);
	assert_true(p.from.read_ended);
	path_close(&p);
}

static void
test_splice_move__refused_bytes_do_not_stay(void **state)
{
	struct path p;
	bool refused = false;
	int other[2];
	char got[8];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	path_open(&p, tcp_pair, unix_pair);
	close(p.receiver);
	assert_int_equal(send(p.sender, "lost", 4, 0), 4);
	assert_int_equal(splice_move(&p.from, &p.to, 100, &refused), 4);
	assert_true(refused);
	/* The next user of the pipe finds it empty. */
	conn_close(&p.to);
	unix_pair(other);
	loop_turn(p.worker->loop, 0);
	assert_true(conn_open(&p.to, p.worker, &quiet, other[0]));
	p.receiver = other[1];
	assert_int_equal(send(p.sender, "next", 4, 0), 4);
	assert_int_equal(splice_move(&p.from, &p.to, 100, &refused), 4);
	assert_false(refused);
	assert_int_equal(recv(p.receiver, got, sizeof(got), 0), 4);
	assert_memory_equal(got, "next", 4);
	path_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splice_move__bytes_come_as_they_went),
		cmocka_unit_test(test_splice_move__says_how_it_ends),
		cmocka_unit_test(test_splice_move__refused_bytes_do_not_stay),
	};

	return cmocka_run_group_tests_name("splice", tests, NULL, NULL);
}
