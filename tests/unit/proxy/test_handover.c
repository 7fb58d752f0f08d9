/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limited connections: counted for all workers, handed to who waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proxy/cluster/breaker.h"
#include "proxy/cluster/commons.h"
#include "proxy/cluster/handover.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/mesh/mesh.h"

#define TAKERS 3

/* One cluster of two hosts; each taker is another worker's, the last one the
 * second host's. */
struct bench {
	struct commons *commons;
	struct common_cluster *cluster;
	struct common_host *hosts[2];
	struct breaker breaker;
	struct loop *loop;
	struct call_desk desks[TAKERS];
	struct taker takers[TAKERS];
};

static int
setup(void **state)
{
	static const struct cluster_policy policy = {
		.max_connections = 2, .max_pending = MESH_UNLIMITED,
		.max_requests = MESH_UNLIMITED, .max_retries = MESH_UNLIMITED,
	};
	struct bench *b = calloc(1, sizeof(*b));
	struct address address;

	b->commons = commons_new();
	b->cluster = commons_cluster(b->commons, 1, &policy, NS_PER_S);
	breaker_init(&b->breaker, &policy);
	b->breaker.used = b->cluster->used;
	b->loop = loop_new(&clock_system, NULL);
	for (size_t i = 0; i < ARRAY_LEN(b->hosts); i++) {
		address_parse(&address, i == 0 ? "10.0.0.1:80" : "10.0.0.2:80", NULL);
		b->hosts[i] = common_host_get(b->cluster, &address, NULL);
	}
	for (size_t i = 0; i < TAKERS; i++) {
		call_desk_init(&b->desks[i], b->loop);
		taker_join(&b->takers[i], b->cluster, b->hosts[i == TAKERS - 1], &b->desks[i], 0);
	}
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < TAKERS; i++) {
		if (b->takers[i].host != NULL)
			assert_null(taker_leave(&b->takers[i], b->cluster, 0));
		call_desk_fini(&b->desks[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(b->hosts); i++)
		common_host_put(b->cluster, &b->hosts[i]);
	common_cluster_put(&b->cluster);
	commons_put(&b->commons);
	loop_free(&b->loop);
	free(b);
	return 0;
}

static bool
take_call(struct bench *b, size_t i)
{
	struct call *c = call_take(&b->desks[i]);

	assert_true(c == NULL || c == &b->takers[i].call);
	return c != NULL;
}

static void
test_taker_open__a_host_without_any_has_one(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2; i++)
		assert_true(taker_open(&b->takers[0], b->cluster, &b->breaker, false));
	/* the same host, from another worker */
	assert_false(taker_open(&b->takers[1], b->cluster, &b->breaker, false));
	assert_true(taker_open(&b->takers[2], b->cluster, &b->breaker, false));
	assert_false(taker_open(&b->takers[2], b->cluster, &b->breaker, false));
	assert_true(taker_open(&b->takers[1], b->cluster, &b->breaker, true));
	assert_int_equal(breaker_used(&b->breaker, BREAKER_CONNECTIONS), 4);
	for (int i = 0; i < 3; i++)
		taker_close(&b->takers[0], b->cluster, &b->breaker);
	taker_close(&b->takers[2], b->cluster, &b->breaker);
	assert_int_equal(breaker_used(&b->breaker, BREAKER_CONNECTIONS), 0);
	assert_int_equal(b->hosts[0]->connections + b->hosts[1]->connections, 0);
}

static void
test_taker_close__calls_who_waits(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2; i++)
		assert_true(taker_open(&b->takers[0], b->cluster, &b->breaker, false));
	/* Others of the host are asked for theirs. */
	assert_true(taker_wait(&b->takers[1], b->cluster, true));
	assert_true(take_call(b, 0));
	assert_false(take_call(b, 2));
	assert_false(taker_wait(&b->takers[2], b->cluster, true));
	taker_close(&b->takers[0], b->cluster, &b->breaker);
	assert_false(take_call(b, 0));
	assert_true(take_call(b, 1));
	assert_true(take_call(b, 2));
	taker_wait(&b->takers[1], b->cluster, false);
	taker_close(&b->takers[0], b->cluster, &b->breaker);
	assert_false(take_call(b, 1));
	assert_true(take_call(b, 2));
	taker_wait(&b->takers[2], b->cluster, false);
}

static void
test_taker_hand__goes_to_who_waits_for_that_host(void **state)
{
	struct bench *b = *state;
	const struct parcel p = { .fd = 42, .requests = 7 };
	struct parcel *got;

	assert_true(taker_open(&b->takers[0], b->cluster, &b->breaker, false));
	taker_wait(&b->takers[2], b->cluster, true);
	assert_false(taker_is_needed(&b->takers[0]));
	assert_false(taker_hand(&b->takers[0], b->cluster, &p));

	taker_wait(&b->takers[1], b->cluster, true);
	assert_true(taker_is_needed(&b->takers[0]));
	assert_false(taker_is_needed(&b->takers[1]));
	assert_true(taker_hand(&b->takers[0], b->cluster, &p));
	/* one for each request that waits */
	assert_false(taker_is_needed(&b->takers[0]));
	assert_false(taker_hand(&b->takers[0], b->cluster, &p));
	assert_true(take_call(b, 1));
	got = taker_receive(&b->takers[1], b->cluster);
	assert_non_null(got);
	assert_int_equal(got->fd, 42);
	assert_int_equal(got->requests, 7);
	assert_null(got->next);
	free(got);
	assert_int_equal(b->hosts[0]->connections, 1);
	taker_wait(&b->takers[1], b->cluster, false);
	taker_wait(&b->takers[2], b->cluster, false);
	taker_close(&b->takers[1], b->cluster, &b->breaker);
}

static void
test_taker_leave__gives_back_what_was_on_its_way(void **state)
{
	struct bench *b = *state;
	const struct parcel p = { .fd = 42 };
	struct parcel *left;

	for (int i = 0; i < 2; i++)
		assert_true(taker_open(&b->takers[i], b->cluster, &b->breaker, false));
	taker_wait(&b->takers[1], b->cluster, true);
	assert_true(taker_hand(&b->takers[0], b->cluster, &p));
	left = taker_leave(&b->takers[1], b->cluster, 1);
	assert_non_null(left);
	assert_int_equal(left->fd, 42);
	free(left);
	assert_false(take_call(b, 1));
	assert_int_equal(b->hosts[0]->connections, 0);
	assert_false(taker_is_needed(&b->takers[0]));
	/* It comes back with the connection that it has and its request. */
	taker_join(&b->takers[1], b->cluster, b->hosts[0], &b->desks[1], 1);
	assert_int_equal(b->hosts[0]->connections, 1);
	assert_true(taker_is_needed(&b->takers[0]));
	taker_wait(&b->takers[1], b->cluster, false);
	taker_close(&b->takers[1], b->cluster, &b->breaker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taker_open__a_host_without_any_has_one,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_taker_close__calls_who_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taker_hand__goes_to_who_waits_for_that_host,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_taker_leave__gives_back_what_was_on_its_way,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
