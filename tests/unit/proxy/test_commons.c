/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workers have in common: limits that hold, outliers of all, copies'
 * connections; and origins of CORS policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "proxy/cluster/commons.h"
#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/mesh/cors.h"
#include "src/mesh/mesh.h"

#define S NS_PER_S
#define THREADS 4
#define ROUNDS 20000

static const struct cluster_policy policy = {
	.max_connections = MESH_UNLIMITED, .max_pending = MESH_UNLIMITED, .max_requests = 3,
	.max_retries = MESH_UNLIMITED,
	.outlier = { .is_on = true, .consecutive_5xx = 2, .interval_ms = 10000,
		     .base_ejection_ms = 10000, .max_ejection_percent = 100 },
};

/* --- limits --- */

struct hammer {
	struct breaker breaker;
	atomic_uint *inside;
	unsigned got, most;
};

static void *
hammer(void *arg)
{
	struct hammer *h = arg;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned now;

		if (!breaker_reserve(&h->breaker, BREAKER_REQUESTS))
			continue;
		now = atomic_fetch_add(h->inside, 1) + 1;
		h->most = now > h->most ? now : h->most;
		h->got++;
		atomic_fetch_sub(h->inside, 1);
		breaker_release(&h->breaker, BREAKER_REQUESTS);
	}
	return NULL;
}

static void
test_breaker_reserve__never_beyond_the_limit(void **state)
{
	struct commons *commons = commons_new();
	struct common_cluster *c = commons_cluster(commons, 7, &policy, S);
	atomic_uint inside = 0;
	struct hammer hammers[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		memset(&hammers[i], 0, sizeof(hammers[i]));
		breaker_init(&hammers[i].breaker, &policy);
		hammers[i].breaker.used = c->used;
		hammers[i].inside = &inside;
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, &hammers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(hammers[i].got > 0);
		assert_true(hammers[i].most <= 3);
	}
	assert_int_equal(c->used[BREAKER_REQUESTS], 0);
	common_cluster_put(&c);
	commons_put(&commons);
}

static void
test_breaker__without_limits_counts_nothing(void **state)
{
	struct cluster_policy none = policy;
	struct breaker b;

	(void)state;
	none.max_requests = MESH_UNLIMITED;
	assert_true(breaker_is_needed(&policy));
	assert_false(breaker_is_needed(&none));
	breaker_init(&b, &none);
	for (int i = 0; i < 100; i++)
		assert_true(breaker_reserve(&b, BREAKER_REQUESTS));
	breaker_release(&b, BREAKER_REQUESTS);
	assert_int_equal(breaker_used(&b, BREAKER_REQUESTS), 0);
}

static void
test_breaker_reserve_retry__by_a_share_of_requests(void **state)
{
	static const struct { double percent; uint32_t least; unsigned requests, waiting, allowed; } cases[] = {
		{ 20, 3, 0, 0, 3 }, { 20, 3, 10, 9, 3 }, { 20, 3, 20, 0, 4 }, { 20, 3, 12, 8, 4 },
		{ 50, 0, 1, 0, 0 }, { 50, 0, 2, 0, 1 }, { 100, 0, 3, 0, 3 }, { 0, 0, 100, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cluster_policy p = policy;
		atomic_uint used[BREAKER_KINDS] = { 0 };
		struct breaker b;
		unsigned got = 0;

		p.max_retries = 1;	/* not looked at */
		p.retry_budget.is_on = true;
		p.retry_budget.percent = cases[i].percent;
		p.retry_budget.min_concurrency = cases[i].least;
		assert_true(breaker_is_needed(&p));
		breaker_init(&b, &p);
		b.used = used;
		used[BREAKER_REQUESTS] = cases[i].requests;
		used[BREAKER_WAITING] = cases[i].waiting;
		while (got < 200 && breaker_reserve_retry(&b, S))
			got++;
		if (got != cases[i].allowed)
			fail_msg("%zu: %u", i, got);
		if (got > 0) {
			breaker_release(&b, BREAKER_RETRIES);
			assert_true(breaker_reserve_retry(&b, S));
		}
	}
}

static void
test_budget__counts_what_began_within_the_interval(void **state)
{
	struct budget b;

	(void)state;
	budget_init(&b, 10000);
	for (int i = 0; i < 5; i++)
		budget_note(&b, 100 * S + S / 2);
	budget_note(&b, 105 * S);
	assert_int_equal(budget_recent(&b, 105 * S), 6);
	assert_int_equal(budget_recent(&b, 109 * S), 6);
	assert_int_equal(budget_recent(&b, 110 * S), 1);
	assert_int_equal(budget_recent(&b, 115 * S), 0);
	budget_note(&b, 900 * S);
	assert_int_equal(budget_recent(&b, 900 * S), 1);
	budget_fini(&b);
}

/* --- outliers --- */

static void
test_common_cluster__errors_of_all_workers_are_in_one_row(void **state)
{
	struct commons *commons = commons_new(), *other = commons_get(commons);
	struct common_cluster *a = commons_cluster(commons, 7, &policy, 100 * S);
	struct common_cluster *b = commons_cluster(other, 7, &policy, 105 * S);
	struct common_cluster *c = commons_cluster(other, 8, &policy, 105 * S);
	struct address address;
	struct common_host *of_a, *of_b;

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_int_equal(address_parse(&address, "10.0.0.1:80", NULL), 0);
	of_a = common_host_get(a, &address, NULL);
	of_b = common_host_get(b, &address, NULL);
	assert_ptr_equal(of_a, of_b);
	assert_int_equal(a->outlier.hosts, 1);

	assert_false(common_cluster_note(a, of_a, OUTLIER_STATUS, 500, 101 * S));
	assert_true(common_cluster_note(b, of_b, OUTLIER_STATUS, 500, 101 * S));
	assert_true(of_a->outlier.is_ejected);

	/* Each worker's timer may come; each sweep is made once. */
	assert_true(common_cluster_sweep(a, 110 * S));
	assert_true(of_a->outlier.is_ejected);
	assert_true(common_cluster_sweep(a, 120 * S));
	assert_false(of_a->outlier.is_ejected);
	assert_int_equal(of_a->outlier.multiplier, 1);
	assert_true(common_cluster_sweep(b, 120 * S + 1));
	assert_int_equal(of_a->outlier.multiplier, 1);
	assert_false(common_cluster_sweep(b, 130 * S));

	/* An ejected one that no configuration names counts no more. */
	common_cluster_note(a, of_a, OUTLIER_STATUS, 500, 131 * S);
	common_cluster_note(a, of_a, OUTLIER_STATUS, 500, 131 * S);
	assert_int_equal(a->outlier.ejected, 1);
	common_host_put(a, &of_a);
	assert_int_equal(b->outlier.ejected, 1);
	common_host_put(b, &of_b);
	assert_int_equal(b->outlier.ejected, 0);
	assert_int_equal(b->outlier.hosts, 0);

	common_cluster_put(&a);
	common_cluster_put(&b);
	common_cluster_put(&c);
	commons_put(&commons);
	commons_put(&other);
}

static void
test_commons_ports__are_found_until_removed(void **state)
{
	struct commons *c = commons_new();

	(void)state;
	assert_false(commons_has_port(c, 5));
	commons_add_port(c, 5);
	commons_add_port(c, 5);
	commons_add_port(c, 0);		/* no address */
	assert_true(commons_has_port(c, 5));
	assert_false(commons_has_port(c, 6));
	assert_false(commons_has_port(c, 0));
	commons_remove_port(c, 5);
	commons_remove_port(c, 5);
	assert_false(commons_has_port(c, 5));
	commons_put(&c);
}

/* --- origins --- */

static const struct { const char *policy, *origin; bool is_allowed; } origins[] = {
	{ "{\"allowOrigins\": [{\"exact\": \"http://a\"}]}", "http://a", true },
	{ "{\"allowOrigins\": [{\"exact\": \"http://a\"}]}", "http://ab", false },
	{ "{\"allowOrigins\": [{\"exact\": \"*\"}]}", "null", true },
	{ "{\"allowOrigins\": [{\"prefix\": \"http://a\"}]}", "http://ab", true },
	{ "{\"allowOrigins\": [{\"prefix\": \"http://a\"}]}", "http://b", false },
	{ "{\"allowOrigins\": [{\"regex\": \"http://a+\"}]}", "http://aa", true },
	{ "{\"allowOrigins\": [{\"regex\": \"http://a+\"}]}", "http://aab", false },
	{ "{\"allowOrigins\": [{\"regex\": \"(\"}]}", "(", false },
	{ "{\"allowOrigins\": [{\"exact\": \"x\"}, {\"exact\": \"y\"}]}", "y", true },
	{ "{\"allowOrigin\": [\"http://a\"]}", "http://a", true },
	{ "{\"allowOrigin\": [\"*\"]}", "http://a", true },
	{ "{\"allowOrigins\": \"http://a\"}", "http://a", false },
	{ "{}", "http://a", false },
};

static void
test_cors_allows__table(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		struct error err = ERROR_INIT;
		const struct value *v = json_parse(a, origins[i].policy, strlen(origins[i].policy),
						   &err);

		assert_non_null(v);
		if (cors_allows(v, slice_of(origins[i].origin)) != origins[i].is_allowed)
			fail_msg("%s %s", origins[i].policy, origins[i].origin);
	}
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breaker_reserve__never_beyond_the_limit),
		cmocka_unit_test(test_breaker__without_limits_counts_nothing),
		cmocka_unit_test(test_breaker_reserve_retry__by_a_share_of_requests),
		cmocka_unit_test(test_budget__counts_what_began_within_the_interval),
		cmocka_unit_test(test_common_cluster__errors_of_all_workers_are_in_one_row),
		cmocka_unit_test(test_commons_ports__are_found_until_removed),
		cmocka_unit_test(test_cors_allows__table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
