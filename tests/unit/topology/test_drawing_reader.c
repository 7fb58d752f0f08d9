/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader that judges drawings must itself tell true ones from false. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "tests/lib/drawing_reader.h"

static const struct { const char *name, *text, *edges; size_t loose, crossings; } pictures[] = {
	{ "arrow",
	  "+---+   +---+\n"
	  "| a |-->| b |\n"
	  "+---+   +---+\n", "a>b ", 0, 0 },
	{ "back arrow",
	  "┌───┐   ┌───┐\n"
	  "│ a │◀──│ b │\n"
	  "└───┘   └───┘\n", "b>a ", 0, 0 },
	{ "one blank is tolerated",
	  "+---+    +---+\n"
	  "| a | -->| b |\n"
	  "+---+    +---+\n", "a>b ", 0, 0 },
	{ "no arrow head, no edge",
	  "+---+   +---+\n"
	  "| a |---| b |\n"
	  "+---+   +---+\n", "", 0, 0 },
	{ "a line that ends nowhere",
	  "+---+   +---+\n"
	  "| a |-  | b |\n"
	  "+---+   +---+\n", "", 1, 0 },
	{ "a head that touches nothing",
	  "+---+    +---+\n"
	  "| a |--> | b |\n"
	  "+---+    +---+\n", "", 1, 0 },
	{ "crossing goes straight on",
	  "┌───┐      ┌───┐\n"
	  "│ a │─╮ ╭─▶│ c │\n"
	  "└───┘ │ │  └───┘\n"
	  "┌───┐ │ │  ┌───┐\n"
	  "│ b │─┼─╯╭▶│ d │\n"
	  "└───┘ ╰──╯ └───┘\n", "a>d b>c ", 0, 1 },
	{ "tee takes every branch",
	  "  +---+   +---+\n"
	  "  | a |   | b |\n"
	  "  +---+   +---+\n"
	  "    |       |\n"
	  "  .-'--.----'\n"
	  "  v    v\n"
	  "+---+ +---+\n"
	  "| c | | d |\n"
	  "+---+ +---+\n", "a>c a>d b>c b>d ", 0, 0 },
	{ "corners stay apart",
	  "┌───┐   ┌───┐\n"
	  "│ a │═╗╭│ b │\n"
	  "└───┘ ║│└───┘\n"
	  "      ▼▼     \n"
	  "    ┌────┐   \n"
	  "    │ cc │   \n"
	  "    └────┘   \n", "a>cc b>cc ", 0, 0 },
	{ "names keep their prefixes, marks are loops",
	  "+------+   +---------+\n"
	  "| cars |-->| cars-v1 |\n"
	  "+------+   |    @    |\n"
	  "           +---------+\n", "cars>cars-v1 cars-v1@ ", 0, 0 },
	{ "crossings make no box",
	  "+---+\n"
	  "| a |----.  .--.\n"
	  "+---+    |  |  |\n"
	  "+---+    |  |  |\n"
	  "| b |----+--+--+-.\n"
	  "+---+    |  |  | |\n"
	  "+---+    |  |  | |  +---+\n"
	  "| c |----+--+--+-'->| d |\n"
	  "+---+    '--'  '--->|   |\n"
	  "                    +---+\n", "a>d b>d c>d ", 0, 6 },
};

static void
test_drawing_read__follows_the_rules_of_the_picture(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++) {
		struct buf got = BUF_INIT;
		struct drawing d;

		drawing_read(&d, pictures[i].text);
		for (size_t e = 0; e < d.edges.len; e++)
			buf_printf(&got, "%s>%s ", d.nodes.items[d.edges.items[e].from].name,
				   d.nodes.items[d.edges.items[e].to].name);
		for (size_t n = 0; n < d.nodes.len; n++)
			if (d.nodes.items[n].calls_itself)
				buf_printf(&got, "%s@ ", d.nodes.items[n].name);
		if (strcmp(buf_str(&got), pictures[i].edges) != 0 ||
		    d.loose_ends != pictures[i].loose || d.crossings != pictures[i].crossings)
			fail_msg("%s: read \"%s\", %zu loose ends, %zu crossings",
				 pictures[i].name, buf_str(&got), d.loose_ends, d.crossings);
		buf_fini(&got);
		drawing_fini(&d);
	}
}

static void
test_drawing_find__knows_boxes_by_their_names(void **state)
{
	struct drawing d;

	(void)state;
	drawing_read(&d, "+--------+\n| my svc |\n+--------+\n+--+\n|  |\n+--+\n");
	assert_int_equal(d.nodes.len, 1);
	assert_int_equal(drawing_find(&d, "my svc"), 0);
	assert_true(drawing_find(&d, "my") == SIZE_MAX);
	assert_int_equal(d.nodes.items[0].cols, 10);
	drawing_fini(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drawing_read__follows_the_rules_of_the_picture),
		cmocka_unit_test(test_drawing_find__knows_boxes_by_their_names),
	};

	return cmocka_run_group_tests_name("drawing_reader", tests, NULL, NULL);
}
