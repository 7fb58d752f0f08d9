/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate for text from outside, widths, cutting; and log lines, which use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/rng.h"
#include "src/base/text.h"

#define M "\xef\xbf\xbd"		/* the mark */
#define ACUTE "\xcc\x81"		/* U+0301 */

static const struct { const char *name, *in; size_t len; const char *want; } gate[] = {
	{ "plain", "abc \xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80", 13, "abc \xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80" },
	{ "escape", "\x1b[2J", 4, M "[2J" },
	{ "nul", "a\0b", 3, "a" M "b" },
	{ "newline and tab", "a\nb\tc\r", 6, "a" M "b" M "c" M },
	{ "del", "\x7f", 1, M },
	{ "c1 csi", "\xc2\x9b", 2, M },
	{ "raw c1 byte", "\x9b" "2J", 3, M "2J" },
	{ "bidi override", "\xe2\x80\xae", 3, M },
	{ "bidi isolate", "\xe2\x81\xa6", 3, M },
	{ "zero width space", "\xe2\x80\x8b", 3, M },
	{ "zero width joiner", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 11, "\xf0\x9f\x91\xa9" M "\xf0\x9f\x92\xbb" },
	{ "soft hyphen", "\xc2\xad", 2, M },
	{ "line separator", "\xe2\x80\xa8", 3, M },
	{ "paragraph separator", "\xe2\x80\xa9", 3, M },
	{ "byte order mark", "\xef\xbb\xbf", 3, M },
	{ "tag", "\xf3\xa0\x80\x81", 4, M },
	{ "variation selector", "\xe2\x9d\xa4\xef\xb8\x8f", 6, "\xe2\x9d\xa4" M },
	{ "variation selector 17", "\xf3\xa0\x84\x80", 4, M },
	{ "private use", "\xee\x80\x80", 3, M },
	{ "private plane", "\xf4\x80\x80\x80", 4, M },
	{ "unassigned", "\xcd\xb8", 2, M },
	{ "noncharacter", "\xef\xbf\xbf", 3, M },
	{ "hangul filler", "\xe3\x85\xa4", 3, M },
	{ "grapheme joiner", "a\xcd\x8f", 3, "a" M },
	{ "invalid byte", "a\xff" "b", 3, "a" M "b" },
	{ "overlong", "\xc0\xaf", 2, M M },
	{ "surrogate", "\xed\xa0\x80", 3, M M M },
	{ "beyond unicode", "\xf4\x90\x80\x80", 4, M M M M },
	{ "cut short", "a\xe4\xb8", 3, "a" M M },
	{ "four marks", "e" ACUTE ACUTE ACUTE ACUTE, 9, "e" ACUTE ACUTE ACUTE ACUTE },
	{ "six marks", "e" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE "x" ACUTE, 16,
	  "e" ACUTE ACUTE ACUTE ACUTE M M "x" ACUTE },
	{ "no base", ACUTE "a", 3, M "a" },
	{ "nothing", NULL, 0, "" },
};

static void
test_sanitize__hides_what_must_not_be_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gate); i++) {
		struct buf b = BUF_INIT, twice = BUF_INIT;

		text_sanitize(&b, gate[i].in, gate[i].len);
		if (strcmp(buf_str(&b), gate[i].want) != 0)
			fail_msg("%s: %s", gate[i].name, buf_str(&b));
		text_sanitize(&twice, b.data, b.len);
		assert_string_equal(buf_str(&twice), buf_str(&b));
		buf_fini(&b);
		buf_fini(&twice);
	}
}

static void
test_sanitize_lines__keeps_tabs_and_newlines(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	text_sanitize_lines(&b, "a\tb\n" ACUTE "c\r\n\x1b", 10);
	assert_string_equal(buf_str(&b), "a\tb\n" M "c" M "\n" M);
	buf_fini(&b);
}

static void
test_sanitize__random_bytes_become_safe_text(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	for (int round = 0; round < 2000; round++) {
		struct buf b = BUF_INIT;
		char raw[64];

		for (size_t i = 0; i < sizeof(raw); i++)
			raw[i] = (char)(rng_below(&rng, 3) == 0 ? 0x80 + rng_below(&rng, 0x40) :
					rng_next(&rng) & 0xff);
		text_sanitize(&b, raw, sizeof(raw));
		for (size_t at = 0; at < b.len;) {
			uint32_t cp;
			bool ok;

			at += text_decode(b.data + at, b.len - at, &cp, &ok);
			assert_true(ok);
			assert_false(text_cp_is_unsafe(cp));
		}
		buf_fini(&b);
	}
}

static void
test_decode__and_encode_agree_on_every_code_point(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		char out[4];
		size_t len = text_encode(cp, out);
		uint32_t got;
		bool ok, is_surrogate = cp >= 0xd800 && cp < 0xe000;

		if (text_decode(out, len, &got, &ok) != len || !ok ||
		    got != (is_surrogate ? TEXT_MARK : cp))
			fail_msg("U+%04X", (unsigned)cp);
	}
}

static void
test_cp_width__of_each_class(void **state)
{
	static const struct { uint32_t cp; unsigned width; } widths[] = {
		{ 'a', 1 }, { 0xe4, 1 }, { 0x301, 0 }, { 0x20dd, 0 }, { 0x903, 1 }, { 0x1161, 0 },
		{ 0x1100, 2 }, { 0x4e2d, 2 }, { 0xac00, 2 }, { 0xff21, 2 }, { 0x1f600, 2 },
		{ 0x2500, 1 }, { 0x2588, 1 }, { 0x2764, 1 }, { TEXT_MARK, 1 }, { 0x20000, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		if (text_cp_width(widths[i].cp) != widths[i].width)
			fail_msg("U+%04X", (unsigned)widths[i].cp);
}

static const struct { const char *in; size_t cells; const char *want; } cuts[] = {
	{ "productpage-v1", 14, "productpage-v1" },
	{ "productpage-v1", 13, "productpa~-v1" },
	{ "productpage-v1", 6, "pr~-v1" },
	{ "productpage-v1", 5, "pro~1" },
	{ "productpage-v1", 1, "~" },
	{ "productpage-v1", 0, "" },
	{ "abcdefghij", 7, "abcd~ij" },
	{ "a-very-very-very-long-end", 10, "a-ver~-end" },
	{ "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 4, "\xe4\xb8\xad~" },
	{ "e" ACUTE "e" ACUTE "e" ACUTE "e" ACUTE "e" ACUTE, 4, "e" ACUTE "e" ACUTE "~e" ACUTE },
	{ "", 3, "" },
};

static void
test_cut_middle__keeps_the_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct buf b = BUF_INIT;

		text_cut_middle(&b, cuts[i].in, cuts[i].cells, "~");
		assert_string_equal(buf_str(&b), cuts[i].want);
		assert_true(text_width(buf_str(&b), b.len) <= cuts[i].cells);
		buf_fini(&b);
	}
}

static void
test_fit__whole_graphemes_only(void **state)
{
	static const char text[] = "a" ACUTE "\xe4\xb8\xad" "b";

	(void)state;
	assert_int_equal(text_width(text, sizeof(text) - 1), 4);
	assert_int_equal(text_fit(text, sizeof(text) - 1, 0), 0);
	assert_int_equal(text_fit(text, sizeof(text) - 1, 1), 3);
	assert_int_equal(text_fit(text, sizeof(text) - 1, 2), 3);
	assert_int_equal(text_fit(text, sizeof(text) - 1, 3), 6);
	assert_int_equal(text_fit(text, sizeof(text) - 1, 9), 7);
}

/* What log functions write to stderr while f runs. */
static void
capture(void (*f)(void), char *out, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t got;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	f();
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	got = fread(out, 1, size - 1, file);
	out[got] = '\0';
	fclose(file);
}

static void
log_some_lines(void)
{
	struct error err = ERROR_INIT;

	error_setf(&err, ERROR_SYNTAX, "bad\nnews");
	error_at(&err, "a.yaml", 3, 4);
	log_set_program("meshtop-proxy");
	log_printf("one %d \x1b", 1);
	log_error(&err);
	log_set_program("meshtop");
}

static void
log_while_held(void)
{
	log_hold(true);
	for (int i = 0; i < 103; i++)
		log_printf("line %d", i);
}

static void
log_release(void)
{
	log_hold(false);
	log_hold(false);
	log_printf("free");
}

static void
test_log__lines_are_sanitized_and_can_be_held(void **state)
{
	char out[4096];

	(void)state;
	capture(log_some_lines, out, sizeof(out));
	assert_string_equal(out, "meshtop-proxy: one 1 " M "\n"
		"meshtop-proxy: a.yaml:3:4: bad" M "news\n");
	capture(log_while_held, out, sizeof(out));
	assert_string_equal(out, "");
	capture(log_release, out, sizeof(out));
	assert_memory_equal(out, "meshtop: line 3\n", 16);
	assert_non_null(strstr(out, "meshtop: line 102\nmeshtop: free\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sanitize__hides_what_must_not_be_shown),
		cmocka_unit_test(test_sanitize_lines__keeps_tabs_and_newlines),
		cmocka_unit_test(test_sanitize__random_bytes_become_safe_text),
		cmocka_unit_test(test_decode__and_encode_agree_on_every_code_point),
		cmocka_unit_test(test_cp_width__of_each_class),
		cmocka_unit_test(test_cut_middle__keeps_the_version),
		cmocka_unit_test(test_fit__whole_graphemes_only),
		cmocka_unit_test(test_log__lines_are_sanitized_and_can_be_held),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
