/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of heads, and the scanners: wide against plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/http/head.h"
#include "src/http/scan.h"

static void
test_field_lookup__finds_every_row_of_the_table(void **state)
{
	(void)state;
	for (unsigned id = 1; id < FIELD_COUNT; id++) {
		const char *name = http_field_name((enum http_field_id)id);

		assert_true(strlen(name) > 0);
		if (http_field_lookup(slice_of(name)) != id)
			fail_msg("%s is not found: is fields.tbl ordered by length?", name);
	}
}

static void
test_field_lookup__tells_near_names_apart(void **state)
{
	static const char *const names[] = {
		"", "t", "hosts", "hose", "Host", "datf", "content-lengtH", "content-lengti",
		"xontent-length", "content-typf", "x-envoy-upstream-rq-per-try-timeout-mt",
		"x-envoy-upstream-rq-per-try-timeout-ms2", "x-envoy-expected-rq-timeout-mz",
		"x-envoy-ypstream-rq-timeout-ms", "transfer-encodinh", "portal", "locatiox",
		"a-name-that-is-longer-than-all-that-the-table-knows-of",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (http_field_lookup(slice_of(names[i])) != FIELD_OTHER)
			fail_msg("%s is taken for another", names[i]);
}

static void
test_field_flags__mark_hop_by_hop_framing_and_secrets(void **state)
{
	static const struct { const char *name; unsigned flags; } rows[] = {
		{ "connection", FIELD_HOP_BY_HOP }, { "keep-alive", FIELD_HOP_BY_HOP },
		{ "proxy-connection", FIELD_HOP_BY_HOP }, { "te", FIELD_HOP_BY_HOP },
		{ "trailer", FIELD_HOP_BY_HOP }, { "upgrade", FIELD_HOP_BY_HOP },
		{ "transfer-encoding", FIELD_HOP_BY_HOP | FIELD_FRAMING },
		{ "content-length", FIELD_FRAMING }, { "host", 0 }, { "portal", 0 },
		{ "authorization", FIELD_SECRET }, { "proxy-authorization", FIELD_SECRET },
		{ "cookie", FIELD_SECRET }, { "set-cookie", FIELD_SECRET },
		{ "x-api-key", FIELD_SECRET },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(http_field_flags(http_field_lookup(slice_of(rows[i].name))),
				 rows[i].flags);
}

static void
test_is_authority__takes_names_addresses_and_ports(void **state)
{
	static const struct { const char *text; bool want; } rows[] = {
		{ "a", true }, { "a.b-c_d~e", true }, { "A:80", true }, { "127.0.0.1:65535", true },
		{ "a:0", true }, { "a:", true }, { "[::1]", true }, { "[::1]:8080", true },
		{ "[2001:db8::1.2.3.4]:1", true },
		{ "", false }, { ":80", false }, { "a:65536", false }, { "a:999999", false },
		{ "a:http", false }, { "a:-1", false }, { "a:+1", false }, { "a:80:80", false },
		{ "u@a", false }, { "u:p@a", false }, { "a b", false }, { "a,b", false },
		{ "a/b", false }, { "a?b", false }, { "a%41", false }, { "a\xc3\xa4", false },
		{ "[::1", false }, { "::1", false }, { "[]", false }, { "[a]", false },
		{ "[::1]a", false }, { "[fe80::1%eth0]", false }, { "[v1.x]", false },
		{ "[1.2.3.4]", false }, { "a]", false }, { "*", false }, { "a\t", false },
		{ "[::1]:x", false }, { "a: 80", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (http_is_authority(slice_of(rows[i].text)) != rows[i].want)
			fail_msg("\"%s\" should be %s", rows[i].text,
				 rows[i].want ? "taken" : "refused");
	assert_false(http_is_authority(SLICE("a\0b")));
	assert_false(http_is_authority(SLICE("[::1\0]")));
}

static void
test_authority_host__splits_off_the_port(void **state)
{
	static const struct { const char *text, *host; int port; } rows[] = {
		{ "a", "a", -1 }, { "a:", "a", -1 }, { "a:0", "a", 0 }, { "a.b:8080", "a.b", 8080 },
		{ "[::1]", "[::1]", -1 }, { "[::1]:65535", "[::1]", 65535 },
		{ "1.2.3.4:00080", "1.2.3.4", 80 }, { "", "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int port;

		assert_true(slice_is(http_authority_host(slice_of(rows[i].text), &port),
				     rows[i].host));
		assert_int_equal(port, rows[i].port);
	}
}

static void
test_is_token__takes_token_characters_only(void **state)
{
	(void)state;
	assert_true(http_is_token(SLICE("!#$%&'*+-.^_`|~09azAZ")));
	assert_false(http_is_token(SLICE("")));
	for (const char *p = "\"(),/:;<=>?@[\\]{} \t\r\n\x7f\x80\xff"; *p != '\0'; p++)
		assert_false(http_is_token((struct slice){ p, 1 }));
	assert_false(http_is_token((struct slice){ "", 1 }));
}

static void
test_reason__knows_the_registered_ones(void **state)
{
	(void)state;
	assert_string_equal(http_reason(200), "OK");
	assert_string_equal(http_reason(404), "Not Found");
	assert_string_equal(http_reason(503), "Service Unavailable");
	assert_string_equal(http_reason(299), "");
}

#define SCAN_BYTES 96
#define SCAN_ROOM (SCAN_BYTES + 64)

/* Of the first len bytes, whatever is behind; scans of names change letters. */
static void
assert_scans_agree(char wide[SCAN_ROOM], size_t len)
{
	char plain[SCAN_ROOM];

	memcpy(plain, wide, SCAN_ROOM);
	assert_int_equal(http_scan_value(wide, wide + len) - wide,
			 http_scan_value_plain(plain, plain + len) - plain);
	assert_int_equal(http_scan_target(wide, wide + len) - wide,
			 http_scan_target_plain(plain, plain + len) - plain);
	assert_int_equal(http_scan_host(wide, len), http_scan_host_plain(plain, len));
	assert_int_equal(http_scan_name(wide, wide + len) - wide,
			 http_scan_name_plain(plain, plain + len) - plain);
	assert_memory_equal(wide, plain, SCAN_ROOM);
}

/* Each byte value at each place, and every end: both forms stop alike. */
static void
test_scan__wide_and_plain_agree_on_every_byte(void **state)
{
	char wide[SCAN_ROOM];

	(void)state;
	for (unsigned c = 0; c < 256; c++)
		for (unsigned at = 0; at < 40; at++) {
			size_t len = 40 - (c + at) % 7;

			memset(wide, "aZ-"[c % 3], sizeof(wide));
			wide[at] = (char)c;
			assert_scans_agree(wide, len);
		}
}

static void
test_scan__wide_and_plain_agree_on_random_text(void **state)
{
	static const char letters[] = "abcXYZ019-_.:\r\n\t #?\x7f\x80\xff\x1f\x01";
	char wide[SCAN_ROOM];
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = rng_below(&rng, SCAN_BYTES);
		size_t mixed = rng_below(&rng, 3) == 0 ? sizeof(letters) - 1 : 11;

		for (size_t i = 0; i < sizeof(wide); i++)
			wide[i] = letters[rng_below(&rng, mixed)];
		assert_scans_agree(wide, len);
	}
}

/* At each place of names of each length, whatever stands behind them. */
static void
test_scan_has_hint__finds_pairs_inside_the_name(void **state)
{
	static const struct { const char *pair; bool is_hint; } rows[] = {
		{ "ke", true }, { "wo", true }, { "cr", true }, { "ek", false }, { "kk", false },
		{ "co", false }, { "we", false },
	};
	char text[SCAN_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t len = 0; len < 40; len++)
			for (size_t at = 0; at < 40; at++) {
				memset(text, 'x', sizeof(text));
				memcpy(text + at, rows[i].pair, 2);
				assert_int_equal(http_scan_has_hint(text, len),
						 rows[i].is_hint && at + 2 <= len);
				assert_int_equal(http_scan_has_hint_plain(text, len),
						 rows[i].is_hint && at + 2 <= len);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_lookup__finds_every_row_of_the_table),
		cmocka_unit_test(test_field_lookup__tells_near_names_apart),
		cmocka_unit_test(test_field_flags__mark_hop_by_hop_framing_and_secrets),
		cmocka_unit_test(test_is_authority__takes_names_addresses_and_ports),
		cmocka_unit_test(test_authority_host__splits_off_the_port),
		cmocka_unit_test(test_is_token__takes_token_characters_only),
		cmocka_unit_test(test_reason__knows_the_registered_ones),
		cmocka_unit_test(test_scan__wide_and_plain_agree_on_every_byte),
		cmocka_unit_test(test_scan__wide_and_plain_agree_on_random_text),
		cmocka_unit_test(test_scan_has_hint__finds_pairs_inside_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
