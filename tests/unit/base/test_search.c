/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people type to find things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "src/base/search.h"

static void
test_search_fits__rows(void **state)
{
	static const struct { const char *typed, *text; bool fits, is_inverse; } rows[] = {
		{ "hot", "hotels-v1", true, false }, { "HOT", "hotels-v1", true, false },
		{ "cars", "hotels-v1", false, false }, { "", "hotels-v1", true, false },
		{ "!hot", "hotels-v1", true, true }, { "!cars", "hotels-v1", false, true },
		{ "!", "hotels!", true, false }, { "!", "hotels", false, false },
		{ "-f htv1", "hotels-v1", true, false }, { "-f hvt", "hotels-v1", false, false },
		{ "-f  HS", "hotels-v1", true, false }, { "-f hh", "hotels", false, false },
		{ "-f", "a-f", true, false }, { "-l app=x", "app=x", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct search s = search_of(rows[i].typed);

		if (search_fits(&s, rows[i].text) != rows[i].fits || s.is_inverse != rows[i].is_inverse)
			fail_msg("\"%s\" and \"%s\"", rows[i].typed, rows[i].text);
	}
}

static const char *
label(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "app") == 0 ? "cars" : strcmp(name, "tier") == 0 ? "" : NULL;
}

static void
test_search_fits_labels__as_kubectl_selects(void **state)
{
	static const struct { const char *typed; bool fits; } rows[] = {
		{ "-l app=cars", true }, { "-l app==cars", true }, { "-l app=hotels", false },
		{ "-l app!=hotels", true }, { "-l app!=cars", false }, { "-l app", true },
		{ "-l !app", false }, { "-l canary", false }, { "-l !canary", true },
		{ "-l canary!=yes", true }, { "-l tier=", true }, { "-l app=cars,!canary", true },
		{ "-l app=cars, canary", false }, { "-l ", true }, { "app=cars", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct search s = search_of(rows[i].typed);

		if (search_fits_labels(&s, label, NULL) != rows[i].fits)
			fail_msg("%s", rows[i].typed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search_fits__rows),
		cmocka_unit_test(test_search_fits_labels__as_kubectl_selects),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
