/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regular expressions: what RE2 takes and means, limits, replacing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex.h"

static struct regex *
must_compile(const char *pattern)
{
	struct error err = ERROR_INIT;
	struct regex *re = regex_new(pattern, &err);

	if (re == NULL)
		fail_msg("%s: %s", pattern, err.msg);
	return re;
}

static const struct { const char *pattern, *yes, *no; } full[] = {
	{ "", "", "a" },
	{ "a", "a", "ab" },
	{ "a|ab", "ab", "abc" },
	{ "^(.*?;)?(user=jason)(;.*)?$", "x=1;user=jason;y=2", "user=jasons" },
	{ "/api/v[0-9]+/.*", "/api/v12/x", "/api/vx/" },
	{ ".*", "anything", "two\nlines" },
	{ "(?s).*", "two\nlines", NULL },
	{ "a$", "a", "a\n" },
	{ "(?m)a$\n^b", "a\nb", "ab" },
	{ "(?i)abc", "aBC", "abd" },
	{ "(?i:a)b", "Ab", "AB" },
	{ "a(?i)b|c", "aB", "Ac" },
	{ "(a(?i)b)c", "aBc", "aBC" },
	{ "(?-i)a", "a", "A" },
	{ "(?U)a+", "aaa", "" },
	{ "(?P<name>a)(?<other>b)", "ab", "a" },
	{ "(?:a|b)+", "abba", "" },
	{ "a{2}", "aa", "aaa" },
	{ "a{2,}", "aaa", "a" },
	{ "a{2,3}?", "aaa", "aaaa" },
	{ "a{,2}", "a{,2}", "aa" },
	{ "a{x}", "a{x}", "a" },
	{ "a{", "a{", "a" },
	{ "a{01}", "a{01}", "a" },
	{ "a{1,9999999999}", "a{1,9999999999}", "a" },
	{ "{a}", "{a}", "a" },
	{ "a]b}", "a]b}", "ab" },
	{ "\\Aa\\z", "a", "a\n" },
	{ "\\ba\\b", "a", "b" },
	{ "^*a", "a", "b" },
	{ "(?:^a)*$+", "a", "b" },
	{ "\\Qa.b*\\E+", "a.b**", "aab" },
	{ "\\Q\\", "\\", "" },
	{ "\\pL\\p{Lu}\\p{Greek}\\PN\\p{^Nd}", "aB\xce\xb1xy", "aB\xce\xb1x1" },
	{ "(?i)\\p{Lu}(?-i:\\p{Lu})\\p{Lu}", "aBc", "abc" },
	{ "(?i)\\P{Ll}", "1", "A" },
	{ "[\\pL\\d]+", "\xc3\xa4" "1", "-" },
	{ "\\d\\w\\s", "1_\t", "1_\v" },
	{ "\\s", " ", "\v" },
	{ "[\\s]", "\f", "\v" },
	{ "\\S", "\v", " " },
	{ "[\\S]", "\v", "\n" },
	{ "[^\\S]", "\n", "\v" },
	{ "\\D\\W", "a-", "1-" },
	{ "[\\W]\\W[\\D]\\D", "\xc3\x84\xc3\x84\xc3\x84\xc3\x84", "" },
	{ "\\d", "7", "\xd9\xa3" },
	{ "\\w", "z", "\xc3\xa4" },
	{ "\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v", "" },
	{ "\\v", "\v", "\n" },
	{ "\\x41\\x{42}\\x{20ac}", "AB\xe2\x82\xac", "ABC" },
	{ "\\101\\0\\60", NULL, "A0" },
	{ "\\101\\60", "A0", "A\\60" },
	{ "\\.\\*\\-\\_\\/\\ ", ".*-_/ ", "" },
	{ "[]a]", "]", "b" },
	{ "[^]a]", "b", "]" },
	{ "[a-]", "-", "b" },
	{ "[-a]", "-", "b" },
	{ "[\\d-z]", "-", "a" },
	{ "[a-c-z]", "-", "d" },
	{ "[[]", "[", "]" },
	{ "[[.a.]]", ".]", "a" },
	{ "[&&a]", "&", "b" },
	{ "[\\]\\\\]", "\\", "a" },
	{ "[[:alpha:][:^digit:]]", "x", "1" },
	{ "[^[:space:]]", "a", "\v" },
	{ "[[:word:]]", "_", "-" },
	{ "[^a]", "\n", "a" },
	{ "[\\x{20ac}-\\x{20af}]", "\xe2\x82\xad", "a" },
	{ "[\\n-\\r]", "\v", "a" },
	{ "#x y", "#x y", "#xy" },
	{ ".", "\xc3\xa4", "\xff" },
	{ ".*", "\xc3\xa4", "a\xff" },
	{ "(?i)\xc3\x84", "\xc3\xa4", "a" },
	{ "(|a)+", "aa", "b" },
	{ "(a{10}){100}", NULL, "a" },
	{ "(?:a{2}){3}b", "aaaaaab", "aab" },
};

static void
test_full_match__means_what_re2_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(full); i++) {
		struct regex *re = must_compile(full[i].pattern);
		const char *yes = full[i].yes, *no = full[i].no;

		if (yes != NULL && regex_full_match(re, yes, strlen(yes)) != REGEX_YES)
			fail_msg("%s does not match %s", full[i].pattern, yes);
		if (no != NULL && regex_full_match(re, no, strlen(no)) != REGEX_NO)
			fail_msg("%s matches %s", full[i].pattern, no);
		regex_free(&re);
		assert_null(re);
	}
}

static const struct { const char *pattern; unsigned col; const char *says; } refused[] = {
	{ "a(?=b)", 2, "look-ahead" },	{ "(?!b)", 1, "look-ahead" },
	{ "(?<=b)", 1, "look-behind" },	{ "(?<!b)", 1, "look-behind" },
	{ "(a)\\1", 4, "back-ref" },	{ "(a)\\g1", 4, "back-ref" },
	{ "(?P<n>a)\\k<n>", 9, "back-ref" }, { "(?P<n>a)(?P=n)", 9, "back-ref" },
	{ "\\8", 1, "back-ref" },	{ "[\\1]", 2, "back-ref" },
	{ "(?>a)", 1, "atomic" },	{ "(?|a)", 1, "branch" },
	{ "a*+", 3, "possessive" },	{ "a++", 3, "possessive" },
	{ "a?+", 3, "possessive" },	{ "a{2}+", 5, "possessive" },
	{ "a**", 3, "repetition of" },	{ "a{2}{3}", 5, "repetition of" },
	{ "a???", 4, "repetition of" },	{ "*a", 1, "nothing" },
	{ "a|*", 3, "nothing" },	{ "(+)", 2, "nothing" },
	{ "(?i)*", 5, "nothing" },	{ "{2}", 1, "nothing" },
	{ "(?(1)a)", 1, "conditional" }, { "(?R)", 1, "recursion" },
	{ "(?1)", 1, "recursion" },	{ "(?-1)", 1, "recursion" },
	{ "(?&n)", 1, "recursion" },	{ "(?P>n)", 1, "recursion" },
	{ "(?C1)", 1, "callout" },	{ "a\\C", 2, "\\C" },
	{ "a\\K", 2, "\\K" },		{ "\\Ga", 1, "\\G" },
	{ "a\\Z", 2, "\\Z" },		{ "\\h", 1, "\\h" },
	{ "\\R", 1, "\\R" },		{ "\\X", 1, "\\X" },
	{ "\\N", 1, "escape" },		{ "\\e", 1, "escape" },
	{ "\\cA", 1, "escape" },	{ "\\q", 1, "escape" },
	{ "a\\E", 2, "\\E" },		{ "[\\b]", 2, "escape" },
	{ "[\\Qa\\E]", 2, "escape" },	{ "(*UTF8)a", 1, "VERB" },
	{ "(?#c)a", 1, "comment" },	{ "(?x)a", 1, "flags" },
	{ "(?J)a", 1, "flags" },	{ "(?i-)a", 1, "flags" },
	{ "(?'n'a)", 1, "flags" },	{ "(?", 1, "flags" },
	{ "(?P<n", 1, "name" },		{ "(?P<>a)", 1, "name" },
	{ "(?P<a-b>a)", 1, "name" },	{ "(?P<n>a)(?<n>b)", 9, "same name" },
	{ "a{1001}", 2, "1000" },	{ "a{2,1}", 2, "more to less" },
	{ "a{1,999999999}", 2, "1000" }, { "(a{100}){11}", 9, "1000" },
	{ "((a{10}){10}){11}", 14, "1000" }, { "(a", 3, "( without" },
	{ "a)", 2, ") without" },	{ "[a", 1, "[ without" },
	{ "[]", 1, "[ without" },	{ "[z-a]", 2, "backwards" },
	{ "[a-\\d]", 4, "escape" },	{ "[[:foo:]]", 2, "class" },
	{ "\\pl", 1, "\\p" },		{ "\\p{Grek}", 1, "\\p" },
	{ "\\p{GreeK}", 1, "\\p" },	{ "\\p{lu}", 1, "\\p" },
	{ "\\pQ", 1, "" },		{ "\\p{Nonsense}", 1, "" },
	{ "\\p{L&}", 1, "\\p" },	{ "\\p{", 1, "\\p" },
	{ "\\x4", 1, "\\x" },		{ "\\x{110000}", 1, "\\x" },
	{ "\\x{}", 1, "\\x" },		{ "\\x{41", 1, "\\x" },
	{ "\\", 1, "backslash" },	{ "a\xff", 2, "UTF-8" },
	{ "\\\xc3\xa4", 1, "escape" },	{ "\\x{d800}", 1, "" },
};

static void
test_new__refuses_what_re2_lacks(void **state)
{
	char longest[REGEX_MAX_BYTES + 2];
	struct error err = ERROR_INIT;
	struct regex *re;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		err = ERROR_INIT;
		re = regex_new(refused[i].pattern, &err);
		if (re != NULL)
			fail_msg("accepted: %s", refused[i].pattern);
		if (err.code != ERROR_REFUSED || err.col != refused[i].col ||
		    strstr(err.msg, refused[i].says) == NULL || err.msg[0] == '\0')
			fail_msg("%s: %u: %s", refused[i].pattern, err.col, err.msg);
		assert_null(regex_new(refused[i].pattern, NULL));
	}
	memset(longest, 'a', sizeof(longest));
	longest[REGEX_MAX_BYTES + 1] = '\0';
	assert_null(regex_new(longest, &err));
	longest[REGEX_MAX_BYTES] = '\0';
	re = must_compile(longest);
	assert_int_equal(regex_full_match(re, longest, REGEX_MAX_BYTES), REGEX_YES);
	regex_free(&re);
	memset(longest, '(', 500);
	memset(longest + 500, ')', 500);
	longest[1000] = '\0';
	re = must_compile(longest);
	assert_int_equal(regex_full_match(re, "", 0), REGEX_YES);
	regex_free(&re);
}

static void
test_full_match__hostile_work_hits_the_limit(void **state)
{
	static const char *const patterns[] = {
		"(a+)+[bc]", "(a*)*[bc]", "(a|a)*[bc]", "(a|aa)+[bc]", "(x*a*)*[bc]",
		"(?:a?){500}(?:a){500}[bc]{2}", "(.*)(.*)(.*)(.*)(.*)[bc]",
		"(([a-z])+.)+[A-Z]([a-z])+[bc]", ".*a.*a.*[bc]",
	};
	char subject[4000];

	(void)state;
	memset(subject, 'a', sizeof(subject));
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct regex *re = must_compile(patterns[i]);

		if (regex_full_match(re, subject, sizeof(subject)) != REGEX_LIMIT)
			fail_msg("%s", patterns[i]);
		if (regex_search(re, subject, sizeof(subject)) == REGEX_YES)
			fail_msg("%s", patterns[i]);
		regex_free(&re);
	}
}

static void
test_full_match__long_but_honest_subjects(void **state)
{
	static const char *const patterns[] = {
		".*", "(?:a|b)*", "[^/]+", "(a|b)+", "a*", "(?:[ab]+)?", ".*?a.*",
	};
	size_t len = 60000;
	char *subject = malloc(len);

	(void)state;
	assert_non_null(subject);
	memset(subject, 'a', len);
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct regex *re = must_compile(patterns[i]);

		if (regex_full_match(re, subject, len) != REGEX_YES)
			fail_msg("%s", patterns[i]);
		regex_free(&re);
	}
	free(subject);
}

static void
test_search__finds_any_part(void **state)
{
	struct regex *re = must_compile("b+|^x|y$");

	(void)state;
	assert_int_equal(regex_search(re, "abba", 4), REGEX_YES);
	assert_int_equal(regex_search(re, "ax", 2), REGEX_NO);
	assert_int_equal(regex_search(re, "ay", 2), REGEX_YES);
	assert_int_equal(regex_search(re, "y\n", 2), REGEX_NO);
	assert_int_equal(regex_search(re, "\xff" "b", 2), REGEX_YES);
	assert_int_equal(regex_search(re, "\xff" "x", 2), REGEX_NO);
	assert_int_equal(regex_search(re, NULL, 0), REGEX_NO);
	regex_free(&re);
}

static void
test_new_search__takes_users_patterns(void **state)
{
	struct error err = ERROR_INIT;
	struct regex *re = regex_new_search("(?<=a)B", 1, &err);

	(void)state;
	assert_non_null(re);
	assert_int_equal(regex_search(re, "xab", 3), REGEX_YES);
	assert_int_equal(regex_full_match(re, "ab", 2), REGEX_NO);
	regex_free(&re);
	re = regex_new_search("a|ab", 0, &err);
	assert_int_equal(regex_full_match(re, "ab", 2), REGEX_YES);
	assert_int_equal(regex_full_match(re, "AB", 2), REGEX_NO);
	regex_free(&re);
	assert_null(regex_new_search("a(b", 0, &err));
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_int_equal(err.col, 4);
}

static const struct { const char *pattern, *in, *rewrite, *out; } rewrites[] = {
	{ "a", "banana", "x", "bxnxnx" },
	{ "^/v1/(.*)$", "/v1/users", "/v2/\\1", "/v2/users" },
	{ "(a)(b)?", "abac", "[\\1\\2\\0]", "[abab][aa]c" },
	{ "b", "abc", "\\\\", "a\\c" },
	{ "x", "abc", "y", "abc" },
	{ "", "ab", "-", "-a-b-" },
	{ "b*", "abc", "-", "-a-c-" },
	{ "", "\xc3\xa4", "-", "-\xc3\xa4-" },
	{ "a", "", "x", "" },
	{ "\\W", "\xc3\x84" "a", "x", "xa" },
	{ "\\W|b", "\xff\xc3\x84" "b", "x", "\xff" "xx" },
	{ ".*", "a\xff" "b", "x", "x\xff" "x" },
	{ "$", "a", "x", "ax" },
	{ "(?P<n>[a-z])([0-9])", "a1b2", "\\2\\1", "1a2b" },
	{ "a", "a", "\\1", "a" },
	{ "a", "a", "\\x", "a" },
	{ "a", "a", "\\", "a" },
};

static void
test_replace_all__as_global_replace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rewrites); i++) {
		struct regex *re = must_compile(rewrites[i].pattern);
		struct buf b = BUF_INIT;

		regex_replace_all(re, rewrites[i].in, strlen(rewrites[i].in),
				  rewrites[i].rewrite, &b);
		if (strcmp(buf_str(&b), rewrites[i].out) != 0)
			fail_msg("%s: %s", rewrites[i].pattern, buf_str(&b));
		buf_fini(&b);
		regex_free(&re);
	}
}

static void
test_replace_all__appends_nothing_at_the_limit(void **state)
{
	struct regex *re = must_compile("b|(a+)+c");
	struct buf b = BUF_INIT;
	char subject[4000];

	(void)state;
	memset(subject, 'a', sizeof(subject));
	subject[0] = 'b';
	buf_puts(&b, "kept");
	assert_int_equal(regex_replace_all(re, subject, sizeof(subject), "x", &b), REGEX_LIMIT);
	assert_string_equal(buf_str(&b), "kept");
	buf_fini(&b);
	regex_free(&re);
}

static void
test_check_rewrite__counts_groups(void **state)
{
	struct regex *re = must_compile("(a)(?:b)(?P<n>c)");
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(regex_check_rewrite(re, "\\0\\1\\2\\\\x", &err), 0);
	assert_int_equal(regex_check_rewrite(re, "\\3", &err), -1);
	assert_non_null(strstr(err.msg, "2 groups"));
	assert_int_equal(regex_check_rewrite(re, "\\n", &err), -1);
	assert_int_equal(regex_check_rewrite(re, "x\\", &err), -1);
	regex_free(&re);
}

static void *
match_often(void *re)
{
	for (int i = 0; i < 2000; i++) {
		if (regex_full_match(re, "abcabc", 6) != REGEX_YES ||
		    regex_full_match(re, "abcab", 5) != REGEX_NO)
			return re;
	}
	return NULL;
}

static void
test_full_match__from_several_threads(void **state)
{
	struct regex *re = must_compile("(?:a(b)c)+");
	pthread_t threads[3];
	void *bad;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, match_often, re), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	regex_free(&re);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_match__means_what_re2_means),
		cmocka_unit_test(test_new__refuses_what_re2_lacks),
		cmocka_unit_test(test_full_match__hostile_work_hits_the_limit),
		cmocka_unit_test(test_full_match__long_but_honest_subjects),
		cmocka_unit_test(test_search__finds_any_part),
		cmocka_unit_test(test_new_search__takes_users_patterns),
		cmocka_unit_test(test_replace_all__as_global_replace),
		cmocka_unit_test(test_replace_all__appends_nothing_at_the_limit),
		cmocka_unit_test(test_check_rewrite__counts_groups),
		cmocka_unit_test(test_full_match__from_several_threads),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
