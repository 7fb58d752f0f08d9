/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outlier detection, told what happens and what time it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "proxy/cluster/outlier.h"
#include "src/base/clock.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"

#define S NS_PER_S

struct bench {
	struct outlier o;
	struct outlier_host hosts[10];
};

static struct cluster_policy
policy(uint32_t errors, uint32_t percent)
{
	struct cluster_policy p = { .max_pending = 0 };

	p.outlier.is_on = true;
	p.outlier.consecutive_5xx = errors;
	p.outlier.consecutive_local = 5;
	p.outlier.interval_ms = 10000;
	p.outlier.base_ejection_ms = 30000;
	p.outlier.max_ejection_percent = percent;
	return p;
}

static void
bench_init(struct bench *b, const struct cluster_policy *p, unsigned hosts)
{
	memset(b, 0, sizeof(*b));
	outlier_init(&b->o, p, 100 * S);
	for (unsigned i = 0; i < hosts; i++)
		outlier_add_host(&b->o);
}

static bool
note(struct bench *b, unsigned host, unsigned status, uint64_t at)
{
	return outlier_note(&b->o, &b->hosts[host], OUTLIER_STATUS, status, at);
}

static void
test_outlier_note__ejects_with_the_nth_in_a_row(void **state)
{
	struct cluster_policy p = policy(3, 100);
	struct bench b;

	(void)state;
	bench_init(&b, &p, 2);
	assert_false(note(&b, 0, 500, 101 * S));
	assert_false(note(&b, 0, 503, 101 * S));
	assert_false(note(&b, 0, 200, 101 * S));	/* from the start */
	assert_false(note(&b, 0, 500, 101 * S));
	assert_false(note(&b, 0, 404, 101 * S));
	assert_false(note(&b, 0, 500, 101 * S));
	assert_false(note(&b, 0, 500, 101 * S));
	assert_false(note(&b, 1, 500, 101 * S));
	assert_true(note(&b, 0, 500, 101 * S));
	assert_true(b.hosts[0].is_ejected);
	assert_false(b.hosts[1].is_ejected);
	assert_int_equal(b.o.ejected, 1);
	assert_int_equal(b.o.by_cause[OUTLIER_5XX].enforced, 1);
	/* Answers to what was under way do not eject it again. */
	for (int i = 0; i < 5; i++)
		assert_false(note(&b, 0, 500, 102 * S));
	assert_int_equal(b.hosts[0].ejections, 1);
}

static void
test_outlier_note__ways_to_fail(void **state)
{
	static const struct {
		bool splits;
		enum outlier_event event;
		bool is_local, counts;
	} cases[] = {
		{ false, OUTLIER_CONNECT_FAILED, false, true },
		{ false, OUTLIER_RESET, false, true },
		{ false, OUTLIER_TIMEOUT, false, true },
		{ false, OUTLIER_CONNECTED, false, false },
		{ true, OUTLIER_CONNECT_FAILED, true, true },
		{ true, OUTLIER_TIMEOUT, true, true },
		{ true, OUTLIER_CONNECTED, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cluster_policy p = policy(9, 100);
		struct bench b;

		p.outlier.splits_local = cases[i].splits;
		bench_init(&b, &p, 1);
		outlier_note(&b.o, &b.hosts[0], cases[i].event, 0, 101 * S);
		assert_int_equal(b.hosts[0].errors_5xx, !cases[i].is_local && cases[i].counts);
		assert_int_equal(b.hosts[0].errors_local, cases[i].is_local && cases[i].counts);
	}
}

static void
test_outlier_note__errors_are_the_listed_codes(void **state)
{
	static const struct { unsigned status, errors_5xx, errors_gateway; } cases[] = {
		{ 429, 1, 0 }, { 503, 1, 1 }, { 500, 0, 0 }, { 502, 0, 0 }, { 404, 0, 0 }, { 599, 1, 0 },
		{ 100, 1, 0 }, { 99, 0, 0 }, { 600, 0, 0 },
	};
	struct value codes[] = { { .kind = VALUE_NUMBER, .text = "429", .next = &codes[1] },
				 { .kind = VALUE_NUMBER, .text = "503", .next = &codes[2] },
				 { .kind = VALUE_NUMBER, .text = "599", .next = &codes[3] },
				 { .kind = VALUE_NUMBER, .text = "100", .next = &codes[4] },
				 { .kind = VALUE_NUMBER, .text = "99" } };
	const struct value list = { .kind = VALUE_LIST, .first = codes, .last = &codes[4], .count = 5 };
	struct cluster_policy p = policy(9, 100);

	(void)state;
	p.outlier.error_codes = &list;
	p.outlier.consecutive_gateway = 9;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		bench_init(&b, &p, 1);
		note(&b, 0, cases[i].status, 101 * S);
		if (b.hosts[0].errors_5xx != cases[i].errors_5xx ||
		    b.hosts[0].errors_gateway != cases[i].errors_gateway)
			fail_msg("%u", cases[i].status);
		/* What the proxy itself saw counts as ever. */
		outlier_note(&b.o, &b.hosts[0], OUTLIER_RESET, 0, 101 * S);
		assert_int_equal(b.hosts[0].errors_5xx, cases[i].errors_5xx + 1);
	}
}

static void
test_outlier_status_of_grpc__table(void **state)
{
	static const struct { unsigned grpc, status; } cases[] = {
		{ 0, 200 }, { 1, 499 }, { 4, 504 }, { 13, 500 }, { 14, 503 }, { 16, 401 }, { 17, 500 }, { 99, 500 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(outlier_status_of_grpc(cases[i].grpc), cases[i].status);
}

static void
test_outlier_note__gateway_errors(void **state)
{
	struct cluster_policy p = policy(0, 100);
	struct bench b;

	(void)state;
	p.outlier.consecutive_gateway = 2;
	bench_init(&b, &p, 1);
	assert_false(note(&b, 0, 502, 101 * S));
	assert_false(note(&b, 0, 500, 101 * S));	/* is none, and breaks the row */
	assert_false(note(&b, 0, 504, 101 * S));
	assert_true(note(&b, 0, 503, 101 * S));
	assert_int_equal(b.o.by_cause[OUTLIER_GATEWAY].enforced, 1);
}

static void
test_outlier_note__which_are_gateway_errors(void **state)
{
	static const struct { unsigned status, errors_5xx, errors_gateway; } cases[] = {
		{ 499, 0, 0 }, { 500, 1, 0 }, { 501, 1, 0 }, { 502, 1, 1 }, { 503, 1, 1 }, { 504, 1, 1 }, { 505, 1, 0 },
	};
	struct cluster_policy p = policy(9, 100);

	(void)state;
	p.outlier.consecutive_gateway = 9;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		bench_init(&b, &p, 1);
		note(&b, 0, cases[i].status, 101 * S);
		if (b.hosts[0].errors_5xx != cases[i].errors_5xx || b.hosts[0].errors_gateway != cases[i].errors_gateway)
			fail_msg("%u", cases[i].status);
	}
}

/* Also where the percentage holds it back. */
static void
test_outlier_note__counts_from_the_start_again(void **state)
{
	struct cluster_policy p = policy(3, 10);
	struct bench b;

	(void)state;
	bench_init(&b, &p, 1);
	for (unsigned n = 1; n <= 9; n++) {
		assert_false(note(&b, 0, 500, 101 * S));
		assert_int_equal(b.o.overflows, n / 3);
	}
}

static void
test_outlier_note__local_errors_in_a_row(void **state)
{
	static const struct { enum outlier_event event; unsigned status; } between[] = {
		{ OUTLIER_CONNECTED, 0 }, { OUTLIER_STATUS, 200 }, { OUTLIER_STATUS, 500 },
	};
	struct cluster_policy p = policy(9, 100);

	(void)state;
	p.outlier.splits_local = true;
	p.outlier.consecutive_local = 2;
	for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
		struct bench b;

		bench_init(&b, &p, 1);
		assert_false(outlier_note(&b.o, &b.hosts[0], OUTLIER_RESET, 0, 101 * S));
		assert_false(outlier_note(&b.o, &b.hosts[0], between[i].event, between[i].status, 101 * S));
		assert_false(outlier_note(&b.o, &b.hosts[0], OUTLIER_TIMEOUT, 0, 101 * S));
		assert_true(outlier_note(&b.o, &b.hosts[0], OUTLIER_CONNECT_FAILED, 0, 101 * S));
		assert_int_equal(b.o.by_cause[OUTLIER_LOCAL].enforced, 1);
	}
}

/* What came while it was out does not count afterwards; users see each change. */
static void
test_outlier_sweep__begins_anew(void **state)
{
	struct cluster_policy p = policy(2, 100);
	struct bench b;
	unsigned generation;

	(void)state;
	bench_init(&b, &p, 1);
	generation = b.o.generation;
	note(&b, 0, 500, 105 * S);
	assert_int_equal(b.o.generation, generation);
	assert_true(note(&b, 0, 500, 105 * S));
	assert_true(b.o.generation != generation);
	assert_int_equal(b.o.ejections, 1);
	note(&b, 0, 503, 106 * S);
	generation = b.o.generation;
	assert_true(outlier_sweep(&b.o, &b.hosts[0], 140 * S));
	assert_true(b.o.generation != generation);
	assert_false(note(&b, 0, 500, 141 * S));
	assert_true(note(&b, 0, 500, 141 * S));
	generation = b.o.generation;
	outlier_remove_host(&b.o, &b.hosts[0]);
	assert_true(b.o.generation != generation);
	generation = b.o.generation;
	outlier_add_host(&b.o);
	assert_true(b.o.generation != generation);
}

static void
test_outlier_sweep__how_often_a_time_grows(void **state)
{
	static const struct { unsigned base_s, most; } cases[] = { { 100, 4 }, { 150, 3 }, { 300, 2 }, { 400, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cluster_policy p = policy(1, 100);
		struct bench b;
		uint64_t now = 100 * S;

		p.outlier.base_ejection_ms = cases[i].base_s * 1000;
		bench_init(&b, &p, 1);
		for (int n = 0; n < 6; n++) {
			assert_true(note(&b, 0, 500, now));
			now = outlier_until_ns(&b.o, &b.hosts[0]);
			assert_true(outlier_sweep(&b.o, &b.hosts[0], now));
		}
		assert_int_equal(b.hosts[0].multiplier, cases[i].most);
	}
}

static void
test_outlier_note__no_more_than_the_percentage(void **state)
{
	static const struct { unsigned hosts, percent, ejected; } cases[] = {
		{ 1, 10, 0 }, { 9, 10, 0 }, { 10, 10, 1 }, { 10, 25, 2 }, { 3, 34, 1 },
		{ 3, 33, 0 }, { 4, 50, 2 }, { 2, 100, 2 }, { 2, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cluster_policy p = policy(1, cases[i].percent);
		struct bench b;

		bench_init(&b, &p, cases[i].hosts);
		for (unsigned k = 0; k < cases[i].hosts; k++)
			note(&b, k, 500, 101 * S);
		assert_int_equal(b.o.ejected, cases[i].ejected);
		assert_int_equal(b.o.overflows, cases[i].hosts - cases[i].ejected);
		assert_int_equal(b.o.by_cause[OUTLIER_5XX].enforced, cases[i].ejected);
		assert_int_equal(b.o.by_cause[OUTLIER_5XX].detected, cases[i].hosts);
	}
}

/* Ejected at 105 for 30 s: the sweep at 140 is the first behind that. */
static void
test_outlier_sweep__brings_back_later_each_time(void **state)
{
	struct cluster_policy p = policy(1, 100);
	struct bench b;
	struct outlier_host *h = &b.hosts[0];

	(void)state;
	bench_init(&b, &p, 1);
	assert_int_equal(outlier_next_sweep_ns(&b.o, 105 * S), 110 * S);
	assert_int_equal(outlier_next_sweep_ns(&b.o, 110 * S), 120 * S);
	assert_true(note(&b, 0, 500, 105 * S));
	assert_int_equal(outlier_until_ns(&b.o, h), 140 * S);
	assert_false(outlier_sweep(&b.o, h, 110 * S));
	assert_false(outlier_sweep(&b.o, h, 130 * S));
	assert_true(outlier_sweep(&b.o, h, 140 * S));
	assert_int_equal(b.o.ejected, 0);

	/* Again at once: twice as long. */
	assert_true(note(&b, 0, 500, 140 * S));
	assert_int_equal(outlier_until_ns(&b.o, h), 200 * S);
	assert_false(outlier_sweep(&b.o, h, 190 * S));
	assert_true(outlier_sweep(&b.o, h, 200 * S));

	/* Each healthy interval takes one off. */
	assert_int_equal(h->multiplier, 2);
	outlier_sweep(&b.o, h, 210 * S);
	outlier_sweep(&b.o, h, 220 * S);
	assert_false(outlier_needs_sweep(h));
	outlier_sweep(&b.o, h, 230 * S);
	assert_int_equal(h->multiplier, 0);
	assert_true(note(&b, 0, 500, 230 * S));
	assert_int_equal(outlier_until_ns(&b.o, h), 260 * S);
}

static void
test_outlier_sweep__never_longer_than_five_minutes(void **state)
{
	struct cluster_policy p = policy(1, 100);
	struct bench b;
	uint64_t now = 100 * S;

	(void)state;
	bench_init(&b, &p, 1);
	for (int i = 0; i < 20; i++) {
		assert_true(note(&b, 0, 500, now));
		assert_true(outlier_until_ns(&b.o, &b.hosts[0]) <= now + 300 * S);
		now = outlier_until_ns(&b.o, &b.hosts[0]);
		assert_true(outlier_sweep(&b.o, &b.hosts[0], now));
	}
	assert_true(note(&b, 0, 500, now));
	assert_int_equal(outlier_until_ns(&b.o, &b.hosts[0]), now + 300 * S);
}

static void
test_outlier_is_panic__when_few_are_left(void **state)
{
	struct cluster_policy p = policy(1, 100);
	struct bench b;

	(void)state;
	p.outlier.min_health_percent = 50;
	bench_init(&b, &p, 4);
	note(&b, 0, 500, 101 * S);
	note(&b, 1, 500, 101 * S);
	assert_false(outlier_is_panic(&b.o));		/* half is enough */
	note(&b, 2, 500, 101 * S);
	assert_true(outlier_is_panic(&b.o));
	outlier_remove_host(&b.o, &b.hosts[2]);		/* 1 of 3 */
	assert_true(outlier_is_panic(&b.o));
	outlier_remove_host(&b.o, &b.hosts[1]);		/* 1 of 2 */
	assert_false(outlier_is_panic(&b.o));
	assert_int_equal(b.o.ejected, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outlier_note__ejects_with_the_nth_in_a_row),
		cmocka_unit_test(test_outlier_note__ways_to_fail),
		cmocka_unit_test(test_outlier_note__errors_are_the_listed_codes),
		cmocka_unit_test(test_outlier_status_of_grpc__table),
		cmocka_unit_test(test_outlier_note__gateway_errors),
		cmocka_unit_test(test_outlier_note__which_are_gateway_errors),
		cmocka_unit_test(test_outlier_note__counts_from_the_start_again),
		cmocka_unit_test(test_outlier_note__local_errors_in_a_row),
		cmocka_unit_test(test_outlier_sweep__begins_anew),
		cmocka_unit_test(test_outlier_sweep__how_often_a_time_grows),
		cmocka_unit_test(test_outlier_note__no_more_than_the_percentage),
		cmocka_unit_test(test_outlier_sweep__brings_back_later_each_time),
		cmocka_unit_test(test_outlier_sweep__never_longer_than_five_minutes),
		cmocka_unit_test(test_outlier_is_panic__when_few_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
