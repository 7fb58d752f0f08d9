/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unified differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/diff.h"
#include "src/base/rng.h"

static const struct {
	const char *before, *after, *want;
} rows[] = {
	{ "a\nb\n", "a\nb\n", "" },
	{ NULL, NULL, "" },
	{ NULL, "a\n", "--- /dev/null\n+++ y\n@@ -0,0 +1,1 @@\n+a\n" },
	{ "a\n", NULL, "--- x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n" },
	{ "a\nb\nc\n", "a\nB\nc\n", "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" },
	{ "a", "a\n", "--- x\n+++ y\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n" },
	{ "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n9\n",
	  "--- x\n+++ y\n@@ -7,2 +7,2 @@\n 7\n-8\n+9\n" },
	{ "0\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n9\n",
	  "--- x\n+++ y\n@@ -1,2 +1,2 @@\n-0\n+1\n 2\n@@ -7,2 +7,2 @@\n 7\n-8\n+9\n" },
	{ "a\nb\n", "b\n", "--- x\n+++ y\n@@ -1,2 +1,1 @@\n-a\n b\n" },
	{ "b\n", "b\nc\n", "--- x\n+++ y\n@@ -1,1 +1,2 @@\n b\n+c\n" },
};

static void
test_diff_unified__shows_what_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		diff_unified(&out, rows[i].before, rows[i].after,
			     rows[i].before != NULL ? "x" : NULL,
			     rows[i].after != NULL ? "y" : NULL, 1);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("row %zu:\n%s", i, buf_str(&out));
		buf_fini(&out);
	}
}

/* With all lines as context, the ' ' and '-' lines are the old text and the
 * ' ' and '+' lines the new one. */
static void
rebuild(const char *diff, char leave_out, struct buf *out)
{
	while (*diff != '\0') {
		size_t len = strcspn(diff, "\n");
		int is_head = strncmp(diff, "---", 3) == 0 || strncmp(diff, "+++", 3) == 0 ||
			      *diff == '@';

		if (!is_head && *diff != leave_out)
			buf_append(out, diff + 1, len);
		diff += len + 1;
	}
}

static void
test_diff_unified__holds_both_texts(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (int round = 0; round < 300; round++) {
		struct buf a = BUF_INIT, b = BUF_INIT, diff = BUF_INIT, old = BUF_INIT, new = BUF_INIT;
		uint64_t lines = rng_below(&rng, 40);

		for (uint64_t i = 0; i < lines; i++) {
			uint64_t word = rng_below(&rng, 6), what = rng_below(&rng, 6);

			if (what != 0)
				buf_printf(&a, "w%d\n", (int)word);
			if (what != 1)
				buf_printf(&b, "w%d\n", (int)(what == 2 ? word + 1 : word));
		}
		diff_unified(&diff, buf_str(&a), buf_str(&b), "x", "y", 1000);
		if (diff.len > 0) {
			rebuild(buf_str(&diff), '+', &old);
			rebuild(buf_str(&diff), '-', &new);
			assert_string_equal(buf_str(&old), buf_str(&a));
			assert_string_equal(buf_str(&new), buf_str(&b));
		} else {
			assert_string_equal(buf_str(&a), buf_str(&b));
		}
		buf_fini(&a);
		buf_fini(&b);
		buf_fini(&diff);
		buf_fini(&old);
		buf_fini(&new);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff_unified__shows_what_changed),
		cmocka_unit_test(test_diff_unified__holds_both_texts),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
