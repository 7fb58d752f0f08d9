/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is put is found, whatever the number; strangers' hosts fill nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/telemetry/slot_cache.h"

/* The i-th of many keys that differ in one part only. */
static struct slot_key
key_at(unsigned part, uintptr_t i, char host[32])
{
	static const char base[SLOT_CACHE_MAX];
	struct slot_key k = { base, base, base, 200, { NULL, 0 } };

	switch (part) {
	case 0: k.self = base + i; break;
	case 1: k.peer = base + i; break;
	case 2: k.service = base + i; break;
	case 3: k.what += i; break;
	default:
		snprintf(host, 32, "host-%zu", (size_t)i);
		k.host = (struct slice){ host, strlen(host) };
	}
	return k;
}

static void
test_slot_cache__tells_every_part_apart(void **state)
{
	const unsigned count = 3000;
	char host[32];

	(void)state;
	for (unsigned part = 0; part < 5; part++) {
		struct slot_cache c = { 0 };
		static char slots[3000];

		for (unsigned i = 0; i < count; i++) {
			struct slot_key k = key_at(part, i, host);

			assert_null(slot_cache_find(&c, &k));
			slot_cache_put(&c, &k, &slots[i]);
		}
		for (unsigned i = 0; i < count; i++) {
			struct slot_key k = key_at(part, i, host);

			assert_ptr_equal(slot_cache_find(&c, &k), &slots[i]);
		}
		slot_cache_clear(&c);
		assert_null(slot_cache_find(&c, &(struct slot_key){ .what = 200 }));
	}
}

static void
test_slot_cache__keeps_hosts_of_its_own(void **state)
{
	struct slot_cache c = { 0 };
	char host[32] = "first.example";
	struct slot_key k = { .what = 1, .host = { host, strlen(host) } };
	int slot;

	(void)state;
	slot_cache_put(&c, &k, &slot);
	memcpy(host, "other", 5);
	assert_null(slot_cache_find(&c, &k));
	memcpy(host, "first", 5);
	assert_ptr_equal(slot_cache_find(&c, &k), &slot);
	slot_cache_clear(&c);
}

static void
test_slot_cache__is_bounded(void **state)
{
	static char long_host[1000];
	struct slot_cache c = { 0 };
	struct slot_key k;
	char host[32];
	int slot;

	(void)state;
	for (unsigned i = 0; i < SLOT_CACHE_MAX * 2 + 5; i++) {
		k = key_at(4, i, host);
		slot_cache_put(&c, &k, &slot);
		assert_ptr_equal(slot_cache_find(&c, &k), &slot);
		assert_true(c.count <= SLOT_CACHE_MAX);
	}
	memset(long_host, 'a', sizeof(long_host));
	k = (struct slot_key){ .host = { long_host, sizeof(long_host) } };
	slot_cache_put(&c, &k, &slot);
	assert_null(slot_cache_find(&c, &k));
	slot_cache_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slot_cache__tells_every_part_apart),
		cmocka_unit_test(test_slot_cache__keeps_hosts_of_its_own),
		cmocka_unit_test(test_slot_cache__is_bounded),
	};

	return cmocka_run_group_tests_name("slot_cache", tests, NULL, NULL);
}
