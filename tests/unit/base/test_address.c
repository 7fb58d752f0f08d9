/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket addresses as text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/error.h"

static void
test_address_parse__and_text_are_inverse(void **state)
{
	static const struct {
		const char *text, *back, *host;	/* back NULL: refused */
		uint16_t port;
	} rows[] = {
		{ "127.0.0.1:80", "127.0.0.1:80", "127.0.0.1", 80 },
		{ "127.0.0.1", "127.0.0.1:0", "127.0.0.1", 0 },
		{ "[::1]:443", "[::1]:443", "::1", 443 },
		{ "[::1]", "[::1]:0", "::1", 0 },
		{ "::1", "[::1]:0", "::1", 0 },
		{ "2001:DB8::0:1", "[2001:db8::1]:0", "2001:db8::1", 0 },
		{ "unix:/run/x.sock", "unix:/run/x.sock", "unix:/run/x.sock", 0 },
		{ "unix:///run/x.sock", "unix:/run/x.sock", "unix:/run/x.sock", 0 },
		{ "1.2.3.4:65535", "1.2.3.4:65535", "1.2.3.4", 65535 },
		{ "1.2.3.4:65536", NULL, NULL, 0 },
		{ "1.2.3.4:", NULL, NULL, 0 },
		{ "1.2.3.4:80x", NULL, NULL, 0 },
		{ "1.2.3:80", NULL, NULL, 0 },
		{ "localhost:80", NULL, NULL, 0 },
		{ "[::1", NULL, NULL, 0 },
		{ "[::1]80", NULL, NULL, 0 },
		{ "[::1]:", NULL, NULL, 0 },
		{ "[1.2.3.4.5.6]:1", NULL, NULL, 0 },
		{ "unix:", NULL, NULL, 0 },
		{ "", NULL, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		char text[ADDRESS_TEXT_BYTES], host[ADDRESS_TEXT_BYTES];
		struct address a = { .len = 7 }, again;

		if (address_parse(&a, rows[i].text, &err) < 0) {
			if (rows[i].back != NULL || err.msg[0] == '\0')
				fail_msg("%s: %s", rows[i].text, err.msg);
			assert_int_equal(a.len, 7);	/* untouched */
			continue;
		}
		if (rows[i].back == NULL)
			fail_msg("accepted: %s", rows[i].text);
		address_text(&a, text);
		address_host_text(&a, host);
		assert_string_equal(text, rows[i].back);
		assert_string_equal(host, rows[i].host);
		assert_int_equal(address_port(&a), rows[i].port);
		assert_int_equal(address_parse(&again, text, &err), 0);
		assert_true(address_equal(&a, &again));
	}
}

static void
test_address_parse__refuses_long_unix_paths(void **state)
{
	char text[256] = "unix:/";
	struct address a;

	(void)state;
	memset(text + 6, 'x', 106);
	text[112] = '\0';
	assert_int_equal(address_parse(&a, text, NULL), 0);
	text[112] = 'x';
	assert_int_equal(address_parse(&a, text, NULL), -1);
}

static void
test_address_equal__looks_at_host_and_port(void **state)
{
	static const struct {
		const char *a, *b;
		bool same_host, equal;
	} rows[] = {
		{ "127.0.0.1:1", "127.0.0.1:1", true, true },
		{ "127.0.0.1:1", "127.0.0.1:2", true, false },
		{ "127.0.0.1:1", "127.0.0.2:1", false, false },
		{ "[::1]:1", "[::1]:1", true, true },
		{ "[::1]:1", "127.0.0.1:1", false, false },
		{ "unix:/a", "unix:/a", true, true },
		{ "unix:/a", "unix:/b", false, false },
	};
	struct address none = { .len = 0 }, a, b;

	(void)state;
	assert_false(address_is_set(&none));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(address_parse(&a, rows[i].a, NULL), 0);
		assert_int_equal(address_parse(&b, rows[i].b, NULL), 0);
		assert_true(address_is_set(&a));
		assert_int_equal(address_same_host(&a, &b), rows[i].same_host);
		assert_int_equal(address_equal(&a, &b), rows[i].equal);
		address_set_port(&b, 9);
		assert_int_equal(address_port(&b), b.sa.sa_family == AF_UNIX ? 0 : 9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_parse__and_text_are_inverse),
		cmocka_unit_test(test_address_parse__refuses_long_unix_paths),
		cmocka_unit_test(test_address_equal__looks_at_host_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
