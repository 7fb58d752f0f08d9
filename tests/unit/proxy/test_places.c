/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things by address or name: found among few and many, told apart, gone again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/cluster/places.h"
#include "src/base/address.h"
#include "src/base/assert.h"

static uint64_t
key(const char *host, uint16_t port, const char *name)
{
	struct address a;

	assert_int_equal(address_parse_host(&a, host, port, NULL), 0);
	return place_key(&a, name);
}

static void
test_place_key__of_address_or_name(void **state)
{
	(void)state;
	assert_true(key("10.0.0.1", 80, NULL) == key("10.0.0.1", 80, NULL));
	assert_true(key("10.0.0.1", 80, NULL) != key("10.0.0.1", 81, NULL));
	assert_true(key("10.0.0.1", 80, NULL) != key("10.0.0.2", 80, NULL));
	assert_true(key("::1", 80, NULL) == key("::1", 80, NULL));
	assert_true(key("::1", 80, NULL) != key("::2", 80, NULL));
	/* Behind a name any address may be. */
	assert_true(key("10.0.0.1", 80, "a.com") == key("10.0.0.2", 80, "a.com"));
	assert_true(key("10.0.0.1", 80, "a.com") != key("10.0.0.1", 81, "a.com"));
	assert_true(key("10.0.0.1", 80, "a.com") != key("10.0.0.1", 80, "b.com"));
}

static void
test_places_find__among_few_and_many(void **state)
{
	static const size_t counts[] = { 1, 15, 16, 17, 33, 1000 };
	static struct place some[1000];

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
		struct places p = { .count = 0 };
		size_t n = counts[c];

		for (size_t i = 0; i < n; i++)
			places_add(&p, &some[i], i * 7);
		assert_int_equal(p.count, n);
		for (size_t i = 0; i < n; i++)
			if (places_find(&p, i * 7) != &some[i] || place_next(&some[i]) != NULL)
				fail_msg("%zu of %zu", i, n);
		assert_null(places_find(&p, 1));
		for (size_t i = 0; i < n; i += 2)
			places_remove(&p, &some[i]);
		for (size_t i = 0; i < n; i++)
			if (places_find(&p, i * 7) != (i % 2 == 0 ? NULL : &some[i]))
				fail_msg("%zu of %zu, half gone", i, n);
		for (size_t i = 1; i < n; i += 2)
			places_remove(&p, &some[i]);
		places_fini(&p);
	}
}

static void
test_place_next__those_of_one_key(void **state)
{
	struct places p = { .count = 0 };
	struct place some[40];
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		places_add(&p, &some[i], i % 2);
	for (const struct place *at = places_find(&p, 1); at != NULL; at = place_next(at))
		seen++;
	assert_int_equal(seen, ARRAY_LEN(some) / 2);
	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		places_remove(&p, &some[i]);
	places_fini(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_key__of_address_or_name),
		cmocka_unit_test(test_places_find__among_few_and_many),
		cmocka_unit_test(test_place_next__those_of_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
