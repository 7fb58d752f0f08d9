/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The player against a host of a few lines: a screen that echoes its keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/tape/player.h"
#include "src/tape/tape.h"

struct fake {
	struct buf keys;
	unsigned busy;		/* looks until it is settled */
	double rate;
	unsigned applied;
	char caption[64];
};

static void
on_send(void *arg, const char *bytes, size_t len)
{
	struct fake *f = arg;

	buf_append(&f->keys, bytes, len);
	f->busy = 3;
}

static void
on_resize(void *arg, unsigned cols, unsigned rows)
{
	struct fake *f = arg;

	buf_printf(&f->keys, "<%ux%u>", cols, rows);
}

static void
on_screen(void *arg, struct buf *out)
{
	const struct fake *f = arg;

	buf_printf(out, "title\n%s\n\n", buf_str(&f->keys));
}

static bool
on_settled(void *arg)
{
	struct fake *f = arg;

	if (f->busy > 0)
		f->busy--;
	return f->busy == 0;
}

static bool
on_edge(void *arg, const struct edge_query *q, double *value)
{
	struct fake *f = arg;

	f->rate += 0.05;
	*value = f->rate;
	return strcmp(q->to, "b/there") == 0;
}

static bool
on_yaml(void *arg, const char *kind, const char *name, const char *path, struct buf *out)
{
	(void)arg;
	(void)kind;
	(void)name;
	buf_puts(out, "2s");
	return strcmp(path, "spec.timeout") == 0;
}

static int
on_apply(void *arg, const char *file, struct error *err)
{
	struct fake *f = arg;

	f->applied++;
	return strstr(file, "bad") != NULL ? error_setf(err, ERROR_REFUSED, "refused") : 0;
}

static int
on_deploy(void *arg, const char *name, bool undeploy, struct error *err)
{
	(void)undeploy;
	return on_apply(arg, name, err);
}

static void
on_caption(void *arg, const char *text)
{
	struct fake *f = arg;

	strncpy(f->caption, text, sizeof(f->caption) - 1);
}

static void
on_mark(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static bool
on_pause(void *arg)
{
	(void)arg;
	return false;
}

/* Plays with a clock that jumps to each due moment; the time it took. */
static enum player_state
play(struct fake *f, const char *text, double speed, struct buf *failure, uint64_t *took_ns)
{
	const struct player_host host = {
		.arg = f, .send = on_send, .resize = on_resize, .screen = on_screen,
		.is_settled = on_settled, .edge = on_edge, .yaml = on_yaml, .apply = on_apply,
		.deploy = on_deploy, .caption = on_caption, .mark = on_mark,
		.pause = on_pause,
	};
	const struct player_options options = { .speed = speed, .allow_write = true };
	struct error err = ERROR_INIT;
	struct tape *t = tape_parse("t.tape", text, strlen(text), &err);
	uint64_t now = 1000, next;
	enum player_state state;
	struct player *p;

	if (t == NULL)
		fail_msg("%s", err.msg);
	p = player_new(t, &host, &options);
	while ((state = player_step(p, now, &next)) == PLAYER_RUNNING)
		now = next > now ? next : now + 1;
	player_failure(p, failure);
	*took_ns = now - 1000;
	player_free(&p);
	tape_free(&t);
	return state;
}

static const struct { const char *text, *failure; } cases[] = {
	{ "Type \"abc\"\nEnter\nWait+Screen /abc/\n", NULL },
	{ "Type \"abc\"\nExpect /abc/\nExpect not /abd/\nExpect+Line 2 /^abc$/\n", NULL },
	{ "Type \"abc\"\nExpect not /abc/\n", "t.tape:2: expected no /abc/" },
	{ "Expect+Line 1 /abc/\n", "t.tape:1: expected /abc/ on that line" },
	{ "Wait+Screen@2s /never/\n", "t.tape:1: waited 2 s for /never/" },
	{ "WaitEdge@30s a/x -> b/there rate > 0.5\n", NULL },
	{ "ExpectEdge a/x -> b/there rate > 5\n", "t.tape:1: expected \"a/x\" -> \"b/there\" rate > 5" },
	{ "ExpectEdge a/x -> b/gone\n", "there is no such edge" },
	{ "ExpectEdge not a/x -> b/gone\n", NULL },
	{ "ExpectYaml vs a.b spec.timeout 2s\nExpectYaml vs a.b spec.none\n", NULL },
	{ "ExpectYaml vs a.b spec.timeout 3s\n", "it is 2s" },
	{ "Apply good.yaml\nDeploy travels-v2\n", NULL },
	{ "Apply bad.yaml\n", "t.tape:1: refused" },
	{ "Resize 100x30\nExpect /<100x30>/\n", NULL },
	{ "Copy \"clip\"\nPaste\nExpect /200~clip/\n", NULL },
	{ "Golden /nonexistent/golden.txt\n", "--update writes it" },
	{ "Set FontSize 22\nSet Theme { \"name\": \"W\" }\nType \"abc\"\nExpect /abc/\n", NULL },
	{ "Pause\nMark \"m\"\nCaption \"c\"\nSleep 1s\n", NULL },
};

static void
test_step__passes_or_says_what_was_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake f = { .keys = BUF_INIT };
		struct buf failure = BUF_INIT;
		uint64_t took;
		enum player_state got = play(&f, cases[i].text, 0, &failure, &took);

		if (got != (cases[i].failure == NULL ? PLAYER_PASSED : PLAYER_FAILED))
			fail_msg("%s: state %d: %s", cases[i].text, got, buf_str(&failure));
		if (cases[i].failure != NULL && strstr(buf_str(&failure), cases[i].failure) == NULL)
			fail_msg("%s: %s", cases[i].text, buf_str(&failure));
		if (got == PLAYER_FAILED && strstr(buf_str(&failure), "title") == NULL)
			fail_msg("%s: the screen is missing", cases[i].text);
		buf_fini(&failure);
		buf_fini(&f.keys);
	}
}

static void
test_step__speed_scales_typing_and_sleeps_only(void **state)
{
	const char *text = "Type \"aaaaaaaaaa\"\nSleep 10s\n";
	static const struct { double speed; uint64_t least, most; } rows[] = {
		{ 1, 10400000000ull, 10700000000ull },
		{ 10, 1040000000ull, 1100000000ull },
		{ 0, 0, 50000000ull },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake f = { .keys = BUF_INIT };
		struct buf failure = BUF_INIT;
		uint64_t took;

		assert_int_equal(play(&f, text, rows[i].speed, &failure, &took), PLAYER_PASSED);
		if (took < rows[i].least || took > rows[i].most)
			fail_msg("speed %g took %llu ns", rows[i].speed, (unsigned long long)took);
		buf_fini(&failure);
		buf_fini(&f.keys);
	}
}

static void
test_end__fails_when_a_claim_is_left(void **state)
{
	static const struct { const char *text, *failure; } rows[] = {
		{ "Type \"q\"\nSleep 5s\nEnter\n", NULL },
		{ "Type \"q\"\nSleep 5s\nExpect /x/\n", "t.tape:3: the console had ended" },
		{ "Sleep 5s\nApply good.yaml\n", "t.tape:2: the console had ended" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct player_host host = { .send = on_send };
		const struct player_options options = { .speed = 1 };
		struct error err = ERROR_INIT;
		struct tape *t = tape_parse("t.tape", rows[i].text, strlen(rows[i].text), &err);
		struct player *p = player_new(t, &host, &options);
		struct buf failure = BUF_INIT;

		assert_int_equal(player_end(p), rows[i].failure == NULL ? PLAYER_PASSED :
									   PLAYER_FAILED);
		player_failure(p, &failure);
		if (rows[i].failure != NULL && strstr(buf_str(&failure), rows[i].failure) == NULL)
			fail_msg("%s: %s", rows[i].text, buf_str(&failure));
		buf_fini(&failure);
		player_free(&p);
		tape_free(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_step__passes_or_says_what_was_expected),
		cmocka_unit_test(test_step__speed_scales_typing_and_sleeps_only),
		cmocka_unit_test(test_end__fails_when_a_claim_is_left),
	};

	return cmocka_run_group_tests_name("player", tests, NULL, NULL);
}
