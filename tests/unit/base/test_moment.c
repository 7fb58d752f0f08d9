/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the past as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "src/base/assert.h"
#include "src/base/moment.h"

#define NOW 1700000000000	/* 2023-11-14T22:13:20 UTC */

static void
test_moment_parse__rows(void **state)
{
	static const struct { const char *text; int64_t want; } rows[] = {
		{ "5m", NOW - 300000 }, { "-90s", NOW - 90000 }, { "2h", NOW - 7200000 }, { "1d", NOW - 86400000 },
		{ "1.5h", NOW - 5400000 }, { "2h30m", NOW - 9000000 }, { "1w", NOW - 604800000 }, { "500ms", NOW - 500 },
		{ "0s", 0 }, { "2h30", 0 }, { "h", 0 }, { "1e3s", 0 }, { "1..5s", 0 }, { "2h0m", NOW - 7200000 }, { "999999d", 0 },
		{ "5m ago", NOW - 300000 }, { "5m  ago", 0 }, { "5m later", 0 }, { "ago", 0 }, { "17:03 ago", 0 },
		{ "22:13", NOW - 20000 }, { "22:13:20", NOW }, { "22:13:21", NOW + 1000 - 86400000 },
		{ "23:00", NOW + 2800000 - 86400000 }, { "2023-11-14T22:13:10", NOW - 10000 },
		{ "2023-11-14 22:13", NOW - 20000 }, { "2023-11-13T22:13:20", NOW - 86400000 },
		{ "2023-11-14T22:13:21", 0 }, { "2023-11-14 23:00", 0 }, { "2024-01-01T00:00", 0 },
		{ "1970-01-01T00:00", 0 }, { "1969-12-31T23:59:59", 0 },
		{ "", 0 }, { "5", 0 }, { "5x", 0 }, { "--5m", 0 }, { "24:00", 0 }, { "12:60", 0 }, { "12:30:61", 0 },
		{ "12:30x", 0 }, { "2023-13-01T10:00", 0 }, { "2023-11-14", 0 }, { "2023-11-14T", 0 }, { "now", 0 },
	};

	int64_t at_ms;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got = 0;
		int status = moment_parse(rows[i].text, NOW, &got, NULL);

		if (got != rows[i].want || status != (rows[i].want != 0 ? 0 : -1))
			fail_msg("\"%s\": %lld", rows[i].text, (long long)got);
	}
	assert_int_equal(moment_of_day("5m", NOW, &at_ms, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_moment_parse__rows) };

	return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
