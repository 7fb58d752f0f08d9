/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weight table: rows of "before, action, after". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/wizard/wizard.h"

#define MAX_ROWS 120

struct table {
	struct wizard_target rows[MAX_ROWS];
	size_t count;
};

/* "80 20L 0M50 5G": weight, locked, mirrored at a percentage, gone. */
static void
read_table(struct table *t, const char *text)
{
	memset(t, 0, sizeof(*t));
	while (*text != '\0') {
		struct wizard_target *row = &t->rows[t->count++];
		char *end;

		row->workload = "w";
		row->weight = (unsigned)strtoul(text, &end, 10);
		for (; *end != ' ' && *end != '\0'; ) {
			char mark = *end++;

			row->is_locked = row->is_locked || mark == 'L';
			row->is_gone = row->is_gone || mark == 'G';
			if (mark == 'M') {
				row->is_mirrored = true;
				row->mirror_percent = strtod(end, &end);
			}
		}
		text = *end == ' ' ? end + 1 : end;
	}
}

static void
write_table(const struct table *t, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < t->count; i++) {
		const struct wizard_target *row = &t->rows[i];

		len += (size_t)snprintf(out + len, size - len, "%s%u%s%s", i > 0 ? " " : "",
					row->weight, row->is_locked ? "L" : "",
					row->is_gone ? "G" : "");
		if (row->is_mirrored)
			len += (size_t)snprintf(out + len, size - len, "M%.0f", row->mirror_percent);
	}
}

static void
expect(const struct table *t, const char *want, const char *what)
{
	char got[1000];

	write_table(t, got, sizeof(got));
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, wanted %s", what, got, want);
}

static void
test_weights_even__leaves_the_rest_to_the_last_row(void **state)
{
	static const struct { const char *before, *after; } cases[] = {
		{ "0", "100" },
		{ "7 7", "50 50" },
		{ "0 0 0", "33 33 34" },
		{ "0 0 0 0 0 0 0", "14 14 14 14 14 14 16" },
		{ "10L 0M50 90", "33 33 34" },
		{ "10 20G 70", "50 0G 50" },
		{ "10 70 20G", "50 50 0G" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct table t;

		read_table(&t, cases[i].before);
		weights_even(t.rows, t.count);
		expect(&t, cases[i].after, cases[i].before);
	}
}

static void
test_weights_even__gives_a_hundred_rows_nothing(void **state)
{
	struct table t = { .count = 100 };

	(void)state;
	weights_even(t.rows, t.count);
	assert_int_equal(weights_sum(t.rows, t.count), 0);
	weights_even(t.rows, 99);
	assert_int_equal(weights_sum(t.rows, 99), 100);
	assert_int_equal(t.rows[98].weight, 2);
}

static void
test_weights_set__rebalances_the_others(void **state)
{
	static const struct { const char *before; size_t row; unsigned value; const char *after; } cases[] = {
		{ "33 33 34", 0, 80, "80 20 0" },
		{ "80 20 0", 1, 10, "80 10 10" },
		{ "33 33 34", 2, 0, "33 67 0" },
		{ "33 33 34", 0, 0, "0 33 67" },
		{ "33 33 34", 0, 100, "100 0 0" },
		{ "33 33 34", 0, 250, "100 0 0" },
		{ "33 33L 34", 0, 80, "67 33L 0" },
		{ "33 33L 34", 2, 10, "57 33L 10" },
		{ "33 33L 34", 1, 50, "33 33L 34" },
		{ "33L 33L 34", 2, 10, "33L 33L 10" },
		{ "50 50 0M30", 0, 70, "70 30 0M30" },
		{ "50 50 0M30", 2, 80, "50 50 0M80" },
		{ "50 50 0M30", 2, 101, "50 50 0M100" },
		{ "100", 0, 20, "100" },
		{ "60 20 20G", 0, 70, "70 30 0G" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct table t;

		read_table(&t, cases[i].before);
		weights_set(t.rows, t.count, cases[i].row, cases[i].value);
		expect(&t, cases[i].after, cases[i].before);
	}
}

static void
test_weights_set__always_keeps_the_sum_when_a_row_can_give(void **state)
{
	(void)state;
	for (unsigned value = 0; value <= 100; value++)
		for (size_t row = 0; row < 4; row++) {
			struct table t;

			read_table(&t, "10 20L 30 40");
			weights_set(t.rows, t.count, row, value);
			assert_int_equal(weights_sum(t.rows, t.count), 100);
			assert_int_equal(t.rows[1].weight, 20);
		}
}

static void
test_weights_mirror__moves_one_row_out_and_back(void **state)
{
	static const struct { const char *before; size_t row; bool on; const char *after; } cases[] = {
		{ "40 30 30", 2, true, "40 60 0M30" },
		{ "40 60 0", 2, true, "40 60 0M100" },
		{ "40L 30L 30", 0, true, "0M40 30 70" },
		{ "40 60 0M30", 0, true, "0M40 60 40" },
		{ "40 60 0M30", 2, false, "40 60 0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct table t;

		read_table(&t, cases[i].before);
		weights_mirror(t.rows, t.count, cases[i].row, cases[i].on);
		expect(&t, cases[i].after, cases[i].before);
	}
}

static void
test_weights_max__is_what_locked_rows_leave(void **state)
{
	struct table t;

	(void)state;
	read_table(&t, "10L 20L 70 0M50");
	assert_int_equal(weights_max(t.rows, t.count, 2), 70);
	assert_int_equal(weights_max(t.rows, t.count, 0), 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights_even__leaves_the_rest_to_the_last_row),
		cmocka_unit_test(test_weights_even__gives_a_hundred_rows_nothing),
		cmocka_unit_test(test_weights_set__rebalances_the_others),
		cmocka_unit_test(test_weights_set__always_keeps_the_sum_when_a_row_can_give),
		cmocka_unit_test(test_weights_mirror__moves_one_row_out_and_back),
		cmocka_unit_test(test_weights_max__is_what_locked_rows_leave),
	};

	return cmocka_run_group_tests_name("wizard weights", tests, NULL, NULL);
}
