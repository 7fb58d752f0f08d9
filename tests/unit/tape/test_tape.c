/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of tapes: what parses, into what, and how the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/tape/tape.h"

static struct tape *
parse(const char *text)
{
	struct error err = ERROR_INIT;
	struct tape *t = tape_parse("t.tape", text, strlen(text), &err);

	if (t == NULL)
		fail_msg("%s: %u:%u: %s", text, err.line, err.col, err.msg);
	return t;
}

static const struct { const char *line; enum tape_op op; const char *bytes; unsigned count; } keys[] = {
	{ "Enter", TAPE_KEY, "\r", 1 },
	{ "Enter 3", TAPE_KEY, "\r", 3 },
	{ "Down@100ms 2", TAPE_KEY, "\033[B", 2 },
	{ "Home", TAPE_KEY, "\033[H", 1 },
	{ "Ctrl+C", TAPE_KEY, "\003", 1 },
	{ "Ctrl+r", TAPE_KEY, "\022", 1 },
	{ "Ctrl+Alt+x", TAPE_KEY, "\033\030", 1 },
	{ "Alt+.", TAPE_KEY, "\033.", 1 },
	{ "Shift+a", TAPE_KEY, "A", 1 },
	{ "Shift+Tab", TAPE_KEY, "\033[Z", 1 },
	{ "Ctrl+Right", TAPE_KEY, "\033[1;5C", 1 },
	{ "Shift+Delete", TAPE_KEY, "\033[3;2~", 1 },
	{ "Space", TAPE_KEY, " ", 1 },
	{ "F1", TAPE_KEY, "\033OP", 1 },
	{ "ScrollUp 2", TAPE_KEY, "\033[<64;1;1M", 2 },
};

static void
test_parse__keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct tape *t = parse(keys[i].line);
		const struct tape_command *c = &t->commands.items[0];

		assert_int_equal(t->commands.len, 1);
		assert_int_equal(c->op, keys[i].op);
		assert_string_equal(c->bytes, keys[i].bytes);
		assert_int_equal(c->count, keys[i].count);
		tape_free(&t);
	}
}

static void
test_parse__commands(void **state)
{
	struct tape *t = parse(
		"# a comment\n"
		"Output demo.cast\n"
		"Output demo.gif\n"
		"Set FontSize 32\n"
		"Set Size 120x40\n"
		"Set Glyphs ascii\n"
		"Set Target demo\n"
		"Set Pace 50\n"
		"Set TypingSpeed 0.1\n"
		"Set WaitTimeout 30s\n"
		"Env FOO \"bar\"\n"
		"\n"
		"Type \"say 'hi' # no comment\"   # comment\n"
		"Type@10ms 'a' `b`\n"
		"Sleep 500ms\n"
		"Wait+Screen@20s /travels-v[23]/\n"
		"Wait /a\\/b/\n"
		"Expect+Line 3 /x/\n"
		"Expect not /404/\n"
		"ExpectEdge \"travel-portal/voyages\" -> \"travel-agency/travels-v3\" rate > 0.1\n"
		"WaitEdge@30s service:a/b -> a/c share >= 0.3 over 30s reporter source protocol tcp\n"
		"ExpectEdge not a/b -> a/c\n"
		"ExpectYaml vs travels.travel-agency spec.http[0].timeout 2s\n"
		"ExpectYaml vs travels.travel-agency spec.tcp\n"
		"Golden screens/one.txt\n"
		"Resize 80x24\nHide\nShow\nScreenshot a.svg\nCopy \"x\"\nPaste\nPause\n"
		"Caption \"Look\"\nMark \"here\"\nApply a.yaml\nDeploy travels-v2\nUndeploy travels-v2\n");
	const struct tape_command *c = t->commands.items;
	size_t i = 0;

	(void)state;
	assert_int_equal(t->cols, 120);
	assert_int_equal(t->rows, 40);
	assert_int_equal(t->glyphs, GLYPHS_ASCII);
	assert_true(t->pace > 49.9 && t->pace < 50.1);
	assert_string_equal(t->target, "demo");
	assert_int_equal(t->wait_timeout_ns, 30000000000ull);
	assert_int_equal(t->outputs.len, 1);
	assert_int_equal(t->notes.len, 3);
	while (c[i].op != TAPE_TYPE)
		i++;
	assert_string_equal(c[i].text, "say 'hi' # no comment");
	assert_string_equal(c[i + 1].text, "a b");
	assert_int_equal(c[i + 1].duration_ns, 10000000);
	assert_int_equal(c[i + 2].duration_ns, 500000000);
	assert_false(c[i + 3].on_line);
	assert_string_equal(c[i + 4].text, "a/b");
	assert_true(c[i + 4].on_line);
	assert_int_equal(c[i + 5].count, 3);
	assert_true(c[i + 6].is_negated);
	assert_string_equal(c[i + 7].field, "rate");
	assert_int_equal(c[i + 7].compare, COMPARE_GT);
	assert_string_equal(c[i + 8].reporter, "source");
	assert_string_equal(c[i + 8].protocol, "tcp");
	assert_true(c[i + 8].over_s > 29.9 && c[i + 8].over_s < 30.1);
	assert_true(c[i + 9].is_negated);
	assert_string_equal(c[i + 10].value, "2s");
	assert_null(c[i + 11].value);
	assert_int_equal(t->commands.items[t->commands.len - 1].op, TAPE_UNDEPLOY);
	tape_free(&t);
}

static const struct { const char *text; unsigned line, col; const char *why; } bad[] = {
	{ "Enter\nJump", 2, 1, "not a command" },
	{ "Type \"abc", 1, 0, "closing" },
	{ "Type", 1, 0, "missing" },
	{ "Sleep soon", 1, 0, "duration" },
	{ "Wait /(/", 1, 6, "not a pattern" },
	{ "Wait+Page /x/", 1, 0, "+Screen" },
	{ "Wait@x /x/", 1, 0, "duration" },
	{ "Expect x", 1, 0, "slashes" },
	{ "Expect+Line 0 /x/", 1, 0, "from 1" },
	{ "ExpectEdge a/b c/d", 1, 0, "->" },
	{ "ExpectEdge a -> b", 1, 0, "NAMESPACE/NAME" },
	{ "ExpectEdge a/b -> c/d speed > 1", 1, 0, "field" },
	{ "ExpectEdge a/b -> c/d rate ~ 1", 1, 0, "comparison" },
	{ "ExpectEdge@3s a/b -> c/d", 1, 0, "WaitEdge" },
	{ "ExpectYaml vs travels spec", 1, 0, "NAME.NS" },
	{ "Set Colour red", 1, 0, "not a setting" },
	{ "Enter\nSet Size 80x24", 2, 0, "before" },
	{ "Set Size 80", 1, 0, "COLSxROWS" },
	{ "Set Pace 0", 1, 0, "above 0" },
	{ "Resize 0x0", 1, 0, "COLSxROWS" },
	{ "Enter 0", 1, 0, "count" },
	{ "Hide now", 1, 6, "one too many" },
	{ "Require no-such-program-anywhere", 1, 0, "not installed" },
	{ "Ctrl+1", 1, 1, "not a command" },
	{ "enter", 1, 1, "not a command" },
};

static void
test_parse__refuses_with_a_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = ERROR_INIT;
		struct tape *t = tape_parse("t.tape", bad[i].text, strlen(bad[i].text), &err);

		if (t != NULL)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(err.code, ERROR_SYNTAX);
		if (err.line != bad[i].line || (bad[i].col != 0 && err.col != bad[i].col))
			fail_msg("%s: at %u:%u: %s", bad[i].text, err.line, err.col, err.msg);
		if (strstr(err.msg, bad[i].why) == NULL)
			fail_msg("%s: \"%s\" lacks \"%s\"", bad[i].text, err.msg, bad[i].why);
		assert_string_equal(err.file, "t.tape");
	}
}

static void
test_read__missing_file_is_no_tape(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_null(tape_read("/nonexistent/x.tape", &err));
	assert_int_equal(error_exit_status(&err), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse__keys),
		cmocka_unit_test(test_parse__commands),
		cmocka_unit_test(test_parse__refuses_with_a_place),
		cmocka_unit_test(test_read__missing_file_is_no_tape),
	};

	return cmocka_run_group_tests_name("tape", tests, NULL, NULL);
}
