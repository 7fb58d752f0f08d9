/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that leave at the end of a turn keep their order and are not lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/conn.h"
#include "proxy/outbox.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"

#define PAIRS (OUTBOX_MESSAGES + 2)

/* One connection of the engine and its other end. */
struct link {
	struct conn conn;
	int peer;
	unsigned broken, blocked, read, released;
};

struct links {
	struct worker *worker;
	struct link all[PAIRS];
};

static void
on_readable(struct conn *c)
{
	CONTAINER_OF(c, struct link, conn)->read++;
}

static void
on_writable(struct conn *c)
{
	(void)c;
}

/* What the other end has said before may still be read. */
static void
on_broken(struct conn *c)
{
	CONTAINER_OF(c, struct link, conn)->broken++;
	conn_again(c);
}

static void
on_blocked(struct conn *c)
{
	CONTAINER_OF(c, struct link, conn)->blocked++;
}

static void
release(struct conn *c)
{
	CONTAINER_OF(c, struct link, conn)->released++;
}

static const struct conn_ops ops = {
	.on_readable = on_readable,
	.on_writable = on_writable,
	.on_broken = on_broken,
	.on_blocked = on_blocked,
	.release = release,
};

static void
links_open(struct links *l)
{
	struct error err = ERROR_INIT;
	int few = 4096, fds[2];

	signal(SIGPIPE, SIG_IGN);
	memset(l, 0, sizeof(*l));
	l->worker = worker_new(&clock_system, 1, &err);
	assert_non_null(l->worker);
	for (size_t i = 0; i < PAIRS; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &few, sizeof(few));
		assert_true(conn_open(&l->all[i].conn, l->worker, &ops, fds[0]));
		l->all[i].peer = fds[1];
	}
	loop_turn(l->worker->loop, 0);		/* the first edges */
}

static void
links_close(struct links *l)
{
	for (size_t i = 0; i < PAIRS; i++) {
		conn_close(&l->all[i].conn);
		close(l->all[i].peer);
	}
	worker_free(&l->worker);
	for (size_t i = 0; i < PAIRS; i++)
		assert_int_equal(l->all[i].released, 1);
}

static bool
say(struct link *one, const char *text, size_t len)
{
	const struct iovec pieces[] = {
		{ (void *)(uintptr_t)text, len / 2 }, { (void *)(uintptr_t)(text + len / 2), len - len / 2 },
	};

	return conn_send(&one->conn, pieces, 2, len);
}

static size_t
hear(struct link *one, char *to, size_t size)
{
	ssize_t n = recv(one->peer, to, size, 0);

	return n > 0 ? (size_t)n : 0;
}

static void
test_conn_send__leaves_at_the_end_of_the_turn(void **state)
{
	struct links l;
	char got[16];

	(void)state;
	links_open(&l);
	assert_true(say(&l.all[0], "abcd", 4));
	assert_true(say(&l.all[1], "efgh", 4));
	assert_int_equal(hear(&l.all[0], got, sizeof(got)), 0);
	loop_turn(l.worker->loop, -1);
	assert_int_equal(hear(&l.all[0], got, sizeof(got)), 4);
	assert_memory_equal(got, "abcd", 4);
	assert_int_equal(hear(&l.all[1], got, sizeof(got)), 4);
	assert_memory_equal(got, "efgh", 4);
	links_close(&l);
}

static void
test_conn_send__keeps_the_order_of_small_and_large(void **state)
{
	static char large[OUTBOX_MESSAGE_BYTES + 1], got[2 * sizeof(large)];
	struct links l;
	size_t len = 0, n;

	(void)state;
	links_open(&l);
	memset(large, 'L', sizeof(large));
	assert_true(say(&l.all[0], "1", 1));
	assert_true(say(&l.all[0], "2", 1));
	assert_true(say(&l.all[0], large, sizeof(large)));
	assert_true(say(&l.all[0], "3", 1));
	for (int i = 0; i < 1000 && len < sizeof(large) + 3; i++) {
		loop_turn(l.worker->loop, 0);
		while ((n = hear(&l.all[0], got + len, sizeof(got) - len)) > 0)
			len += n;
	}
	assert_int_equal(len, sizeof(large) + 3);
	assert_memory_equal(got, "12L", 3);
	assert_memory_equal(got + len - 2, "L3", 2);
	links_close(&l);
}

static void
test_conn_send__has_room_for_more_than_the_outbox(void **state)
{
	struct links l;
	char got[16];

	(void)state;
	links_open(&l);
	for (size_t i = 0; i < PAIRS; i++)
		assert_true(say(&l.all[i], "word", 4));
	loop_turn(l.worker->loop, 0);
	for (size_t i = 0; i < PAIRS; i++)
		assert_int_equal(hear(&l.all[i], got, sizeof(got)), 4);
	links_close(&l);
}

static void
test_conn_close__sends_what_was_left(void **state)
{
	struct links l;
	char got[16];

	(void)state;
	links_open(&l);
	assert_true(say(&l.all[0], "last", 4));
	conn_close(&l.all[0].conn);
	assert_int_equal(hear(&l.all[0], got, sizeof(got)), 4);
	assert_true(say(&l.all[1], "more", 4));
	conn_end(&l.all[1].conn);
	assert_int_equal(hear(&l.all[1], got, sizeof(got)), 4);
	assert_int_equal(recv(l.all[1].peer, got, sizeof(got), 0), 0);
	links_close(&l);
}

static void
test_conn_send__tells_of_a_reader_that_takes_no_more(void **state)
{
	static char text[OUTBOX_MESSAGE_BYTES], got[sizeof(text)];
	struct links l;
	size_t sent = 0, received = 0, n;

	(void)state;
	links_open(&l);
	while (!conn_is_blocked(&l.all[0].conn)) {
		assert_true(say(&l.all[0], text, sizeof(text)));
		sent += sizeof(text);
		loop_turn(l.worker->loop, 0);
	}
	assert_int_equal(l.all[0].blocked, 1);
	assert_int_equal(l.all[0].broken, 0);
	for (int i = 0; i < 1000 && received < sent; i++) {
		while ((n = hear(&l.all[0], got, sizeof(got))) > 0)
			received += n;
		loop_turn(l.worker->loop, 0);
	}
	assert_int_equal(received, sent);
	links_close(&l);
}

static void
test_conn_send__tells_of_a_peer_that_has_gone(void **state)
{
	struct links l;

	(void)state;
	links_open(&l);
	assert_true(say(&l.all[0], "lost", 4));
	shutdown(l.all[0].peer, SHUT_RD);
	loop_turn(l.worker->loop, 0);
	assert_int_equal(l.all[0].broken, 1);
	l.all[0].read = 0;
	loop_turn(l.worker->loop, 0);
	assert_int_equal(l.all[0].broken, 1);
	assert_true(l.all[0].read > 0);
	links_close(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conn_send__leaves_at_the_end_of_the_turn),
		cmocka_unit_test(test_conn_send__keeps_the_order_of_small_and_large),
		cmocka_unit_test(test_conn_send__has_room_for_more_than_the_outbox),
		cmocka_unit_test(test_conn_close__sends_what_was_left),
		cmocka_unit_test(test_conn_send__tells_of_a_reader_that_takes_no_more),
		cmocka_unit_test(test_conn_send__tells_of_a_peer_that_has_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
