/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host names and durations as Istio writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/istio/duration.h"
#include "src/istio/host.h"

static void
test_host_resolve__expands_short_names_only(void **state)
{
	static const struct {
		const char *host, *want;
	} rows[] = {
		{ "reviews", "reviews.ns.svc.cluster.local" },
		{ "Reviews", "reviews.ns.svc.cluster.local" },
		{ "reviews.prod", "reviews.prod" },
		{ "reviews.prod.svc.cluster.local.", "reviews.prod.svc.cluster.local" },
		{ "*", "*" },
		{ "*.Foo.com", "*.foo.com" },
		{ "*-x", "*-x" },
		{ "10.0.0.1", "10.0.0.1" },
		{ "::1", "::1" },
	};
	struct arena *a = arena_new();
	char out[HOST_MAX_BYTES + 1], longer[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(host_resolve(a, rows[i].host, "ns"), rows[i].want);
		assert_true(host_resolve_into(out, rows[i].host, "ns"));
		assert_string_equal(out, rows[i].want);
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_false(host_resolve_into(out, longer, "ns"));
	arena_free(&a);
}

static void
test_host_split__takes_full_service_names_apart(void **state)
{
	static const struct {
		const char *host, *name, *ns;	/* name NULL: no service name */
	} rows[] = {
		{ "a.b.svc.cluster.local", "a", "b" },
		{ "a.b.c.svc.cluster.local", NULL, NULL },
		{ "a.svc.cluster.local", NULL, NULL },
		{ "*.b.svc.cluster.local", NULL, NULL },
		{ ".b.svc.cluster.local", NULL, NULL },
		{ "a.b.svc", NULL, NULL },
		{ "a", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice name, ns;
		bool is_service = host_split(rows[i].host, &name, &ns);

		if (is_service != (rows[i].name != NULL))
			fail_msg("%s", rows[i].host);
		if (!is_service)
			continue;
		assert_true(slice_is(name, rows[i].name));
		assert_true(slice_is(ns, rows[i].ns));
	}
}

static void
test_host_matches__covers_what_the_wildcard_says(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool matches;
	} rows[] = {
		{ "a.com", "a.com", true }, { "a.com", "A.com", true },
		{ "a.com", "b.com", false }, { "*.foo.com", "a.foo.com", true },
		{ "*.foo.com", "a.b.foo.com", true }, { "*.foo.com", "foo.com", false },
		{ "*.foo.com", ".foo.com", false }, { "*", "anything", true },
		{ "*-x.com", "a-x.com", true }, { "*-x.com", "-x.com", false },
		{ "*.com", "*.foo.com", true }, { "*.foo.com", "*.com", false },
		{ "*.foo.com", "*.foo.com", true }, { "a.foo.com", "*.foo.com", false },
		{ "*", "*", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (host_matches(rows[i].pattern, rows[i].host) != rows[i].matches)
			fail_msg("%s %s", rows[i].pattern, rows[i].host);
	assert_true(host_overlaps("a.foo.com", "*.foo.com"));
}

static void
test_host_without_port__keeps_addresses_whole(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "a", "a" }, { "a:80", "a" }, { "a:", "a" }, { "1.2.3.4:1", "1.2.3.4" },
		{ "[::1]:80", "::1" }, { "[::1]", "::1" }, { "a:b", "a:b" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(slice_is(host_without_port(slice_of(rows[i].text)), rows[i].want));
}

static void
test_host_label_count__counts_as_far_as_three(void **state)
{
	static const struct {
		const char *text;
		unsigned want;
	} rows[] = {
		{ "", 1 }, { "a", 1 }, { "a.b", 2 }, { "a.", 2 }, { "a.b.c", 3 }, { "a.b.c.d.e", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(host_label_count(slice_of(rows[i].text)), rows[i].want);
}

static void
test_duration_parse__reads_gos_syntax(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
		const char *back;	/* NULL: refused */
	} rows[] = {
		{ "2s", 2000000000u, "2s" }, { "0.5s", 500000000u, "500ms" },
		{ "250ms", 250000000u, "250ms" }, { "100us", 100000u, "100us" },
		{ "1h30m", 5400000000000u, "1h30m" }, { "1m2.5s", 62500000000u, "1m2.500000000s" },
		{ "90s", 90000000000u, "1m30s" }, { "0", 0, "0s" }, { "0s", 0, "0s" },
		{ "1.5h", 5400000000000u, "1h30m" }, { ".5s", 500000000u, "500ms" },
		{ "7ns", 7, "7ns" }, { "1500us", 1500000u, "1500us" },
		{ "", 0, NULL }, { "5", 0, NULL }, { "s", 0, NULL }, { "-1s", 0, NULL },
		{ "1 s", 0, NULL }, { "1s ", 0, NULL }, { "1d", 0, NULL }, { "1e3s", 0, NULL },
		{ ".s", 0, NULL }, { "99999999999999999999s", 0, NULL },
		{ "3000000h", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char back[DURATION_TEXT_BYTES];
		uint64_t ns = 1, again = 2;
		bool ok = duration_parse(rows[i].text, &ns);

		if (ok != (rows[i].back != NULL))
			fail_msg("%s", rows[i].text);
		if (!ok) {
			assert_int_equal(ns, 1);
			continue;
		}
		assert_int_equal(ns, rows[i].ns);
		duration_text(ns, back);
		assert_true(duration_parse(back, &again));
		assert_int_equal(ns, again);
		if (strchr(back, '.') == NULL)
			assert_string_equal(back, rows[i].back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_resolve__expands_short_names_only),
		cmocka_unit_test(test_host_split__takes_full_service_names_apart),
		cmocka_unit_test(test_host_matches__covers_what_the_wildcard_says),
		cmocka_unit_test(test_host_without_port__keeps_addresses_whole),
		cmocka_unit_test(test_host_label_count__counts_as_far_as_three),
		cmocka_unit_test(test_duration_parse__reads_gos_syntax),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
