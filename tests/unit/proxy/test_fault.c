/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws of faults: their share, their independence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/http/fault.h"
#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/mesh/route.h"

#define DRAWS 200000

static const struct {
	uint32_t per_million;
	unsigned least, most;		/* of DRAWS */
} shares[] = {
	{ 0, 0, 0 },
	{ 1, 0, 4 },
	{ 100, 5, 40 },
	{ 10000, 1850, 2150 },
	{ 500000, 99000, 101000 },
	{ 999999, DRAWS - 4, DRAWS },
	{ FAULT_MILLION, DRAWS, DRAWS },
};

static void
test_fault_happens__as_often_as_asked(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		unsigned count = 0;

		for (unsigned k = 0; k < DRAWS; k++)
			count += fault_happens(shares[i].per_million, &rng);
		if (count < shares[i].least || count > shares[i].most)
			fail_msg("%u of a million: %u of %u", shares[i].per_million, count, DRAWS);
	}
}

static void
test_fault__delay_and_abort_are_independent(void **state)
{
	const struct route_fault f = {
		.has_delay = true, .has_abort = true, .delay_per_million = 500000,
		.abort_per_million = 500000, .delay_ns = 7, .abort_status = 503, .abort_grpc = -1,
	};
	unsigned count[2][2] = { { 0 } };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 4);
	for (unsigned k = 0; k < 40000; k++) {
		uint64_t delay = fault_delay_ns(&f, &rng);

		assert_true(delay == 0 || delay == 7);
		count[delay > 0][fault_aborts(&f, &rng)]++;
	}
	for (int i = 0; i < 4; i++)
		if (count[i / 2][i % 2] < 9600 || count[i / 2][i % 2] > 10400)
			fail_msg("delayed %d, aborted %d: %u of 40000", i / 2, i % 2,
				 count[i / 2][i % 2]);
}

static void
test_fault__percentage_without_fault_does_nothing(void **state)
{
	const struct route_fault f = { .delay_per_million = FAULT_MILLION, .delay_ns = 7,
				       .abort_per_million = FAULT_MILLION };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5);
	assert_int_equal(fault_delay_ns(&f, &rng), 0);
	assert_false(fault_aborts(&f, &rng));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault_happens__as_often_as_asked),
		cmocka_unit_test(test_fault__delay_and_abort_are_independent),
		cmocka_unit_test(test_fault__percentage_without_fault_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
