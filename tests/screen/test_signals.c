/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal after an end that nobody planned: fatal signals at any moment,
 * a stack that runs over, a line that hangs up; and what a storm of sizes and
 * a slow line do to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/rng.h"
#include "src/base/xalloc.h"
#include "tests/lib/vterm.h"

static struct vt *
spawn(unsigned cols, unsigned rows, const char *const *options, const char *const *env)
{
	const char *dir = getenv("MESHTOP_BUILDDIR");
	char *program = xasprintf("%s/tests/screen/fake_console", dir != NULL ? dir : ".");
	const char *argv[8] = { program };
	struct vt *v;

	for (size_t i = 0; options != NULL && options[i] != NULL && i < 6; i++)
		argv[i + 1] = options[i];
	v = vt_spawn(cols, rows, argv, env);
	free(program);
	return v;
}

/* The state of a private mode after everything that was sent; initial: its
 * state before. */
static bool
mode_after(const struct vt *v, const char *number, bool initial)
{
	char on[32], off[32];
	bool is_on = initial;

	snprintf(on, sizeof(on), "\033[?%sh", number);
	snprintf(off, sizeof(off), "\033[?%sl", number);
	for (const char *s = buf_str(vt_all(v)); (s = strstr(s, "\033[?")) != NULL; s++) {
		if (strncmp(s, on, strlen(on)) == 0)
			is_on = true;
		else if (strncmp(s, off, strlen(off)) == 0)
			is_on = false;
	}
	return is_on;
}

static void
assert_as_before(struct vt *v, const char *what)
{
	static const char *const modes[] = { "1049", "2004", "1000", "1006", "2026" };
	const struct termios *before = vt_first_modes(v);
	struct termios after;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (mode_after(v, modes[i], false))
			fail_msg("%s: mode %s is left on", what, modes[i]);
	}
	if (!mode_after(v, "25", true))
		fail_msg("%s: the cursor is hidden", what);
	vt_modes(v, &after);
	if (after.c_lflag != before->c_lflag || after.c_iflag != before->c_iflag ||
	    after.c_oflag != before->c_oflag || after.c_cflag != before->c_cflag ||
	    memcmp(after.c_cc, before->c_cc, sizeof(after.c_cc)) != 0)
		fail_msg("%s: the terminal's modes are others", what);
}

/* Screens under way when it happens. */
static const char *const inputs[] = {
	"", "?", ":services\r", "w", ":set mouse on\r", "::\033:", "\033[200~half a paste",
	":wizard request-routing travels.travel-agency\r", "~~~~~~~~~~~~", "/hot", ":undo\r", "\0332",
};

static void
test_signals__at_any_moment_leave_the_terminal_as_before(void **state)
{
	static const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
		SIGILL, SIGSYS, SIGTRAP, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU, SIGPWR,
	};
	static const char *const options[] = { "--live", NULL };
	const char *wish = getenv("MESHTOP_ROUNDS");
	size_t rounds = (wish != NULL ? strtoul(wish, NULL, 10) : 3) * ARRAY_LEN(signals);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 20251125);
	for (size_t i = 0; i < rounds; i++) {
		struct vt *v = spawn(100, 30, options, NULL);
		int sig = signals[i % ARRAY_LEN(signals)], status;
		const char *input = inputs[rng_below(&rng, ARRAY_LEN(inputs))];
		char what[64];

		snprintf(what, sizeof(what), "round %zu, signal %d", i, sig);
		vt_read_for(v, (int)rng_below(&rng, 60));
		vt_send(v, input, strlen(input));
		vt_read_for(v, (int)rng_below(&rng, 60));
		kill(vt_pid(v), sig);
		status = vt_wait_exit(v);
		/* before the terminal was taken a signal is the system's (or a sanitizer's) */
		if (strstr(buf_str(vt_all(v)), "\033[?1049h") != NULL &&
		    (!WIFSIGNALED(status) || WTERMSIG(status) != sig))
			fail_msg("%s: ended otherwise: %x", what, (unsigned)status);
		assert_as_before(v, what);
		vt_free(&v);
	}
}

/* SIGURG fails an assertion, SIGXFSZ lets the stack run over. */
static void
test_failures__leave_the_terminal_as_before(void **state)
{
	static const struct { int sent, seen; } failures[] = {
		{ SIGURG, SIGABRT }, { SIGXFSZ, SIGSEGV },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		struct vt *v = spawn(80, 24, NULL, NULL);
		const char *left;
		int status;

		assert_true(vt_wait_text(v, "control-v1"));
		kill(vt_pid(v), failures[i].sent);
		status = vt_wait_exit(v);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), failures[i].seen);
		assert_as_before(v, "a failure");
		/* why is left to read on the screen that comes back */
		left = strstr(buf_str(vt_all(v)), "\033[?1049l");
		assert_non_null(left);
		if (failures[i].seen == SIGABRT)
			assert_non_null(strstr(left, "assertion failed: sig == 0"));
		vt_free(&v);
	}
}

/* Other programs of the terminal's session have it while we are stopped. */
static void
test_suspend__gives_modes_back_and_takes_them_again(void **state)
{
	struct vt *v = spawn(80, 24, NULL, NULL);
	struct termios during;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_send(v, ":set mouse on\r", 14);
	assert_true(vt_wait_text(v, "the mouse is on"));
	/* Its group has nobody to wake it, so the system lets it go on at once. */
	vt_send(v, "\032", 1);
	assert_true(vt_wait_bytes(v, "\033[?1006h", 2));
	assert_int_equal(vt_count(v, "\033[?1049l"), 1);
	assert_true(mode_after(v, "1049", false));
	assert_true(mode_after(v, "1000", false));
	assert_true(mode_after(v, "2004", false));
	vt_modes(v, &during);
	assert_int_equal(during.c_lflag & (ICANON | ECHO), 0);
	vt_send(v, "qy", 2);
	vt_wait_exit(v);
	assert_as_before(v, "after a suspension");
	vt_free(&v);
}

/* The list of services in a console that was never resized. */
static void
look_at_services(unsigned cols, unsigned rows, const char *const *options, struct buf *out)
{
	static const char keys[] = ":set glyphs ascii\r:services\r";
	struct vt *v = spawn(cols, rows, options, NULL);

	assert_true(vt_wait_text(v, "meshtop"));
	vt_send(v, keys, sizeof(keys) - 1);
	assert_true(vt_wait_text(v, "SERVICE"));
	assert_true(vt_wait_text(v, "8000     2"));	/* the last row */
	vt_quiesce(v, 300);
	vt_text(v, out);
	vt_free(&v);
}

static void
test_resize__a_storm_leaves_no_garbage(void **state)
{
	static const char *const options[] = { "--live", NULL };
	struct vt *v = spawn(80, 24, options, NULL);
	struct buf small = BUF_INIT;
	struct rng rng;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	rng_seed(&rng, 1);
	for (unsigned i = 0; i < 400; i++) {
		vt_resize(v, 20 + rng_below(&rng, 281), 6 + rng_below(&rng, 95));
		if (i % 7 == 0)
			vt_send(v, &"jkl?q~"[rng_below(&rng, 6)], 1);
		if (i % 5 == 0)
			vt_read_for(v, 1);
		/* "q" at the root asks; any other key is no */
	}
	vt_send(v, "n", 1);
	vt_resize(v, 300, 100);
	vt_quiesce(v, 300);
	vt_send(v, ":set glyphs ascii\r:services\r", 28);
	assert_true(vt_wait_text(v, "SERVICE"));
	vt_resize(v, 20, 6);
	assert_true(vt_wait_text(v, "here: 20x6"));
	vt_resize(v, 40, 10);
	look_at_services(40, 10, options, &small);
	assert_true(vt_wait_screen(v, buf_str(&small)));
	buf_fini(&small);
	vt_free(&v);
}

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* No more has come than a line of 9600 bit/s carries, and so much at once. */
static void
assert_carried(const struct vt *v, double begin, double at_once)
{
	double most = (seconds_now() - begin) * 960 + at_once;

	if ((double)vt_bytes(v) > most)
		fail_msg("%zu bytes, more than %.0f", vt_bytes(v), most);
}

/* However often the screen changes: what is sent is what the line carries. */
static void
test_slow_line__frames_are_left_out(void **state)
{
	const char *dir = getenv("MESHTOP_BUILDDIR");
	char *program = xasprintf("%s/tests/screen/fake_console", dir != NULL ? dir : ".");
	const char *argv[] = { program, "--live", NULL };
	double begin = seconds_now();
	struct vt *v = vt_spawn_slow(80, 24, argv, NULL, B9600);
	size_t first;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	assert_true(vt_wait_text(v, "+------------+"));	/* fewer bytes than lines */
	assert_null(strstr(buf_str(vt_all(v)), "\033[c"));	/* no questions */
	assert_carried(v, begin, 4000);
	first = vt_bytes(v);
	for (unsigned i = 0; i < 60; i++) {
		vt_send(v, i % 2 == 0 ? "?" : "q", 1);
		vt_read_for(v, 40);
	}
	assert_carried(v, begin, (double)first + 4000);
	vt_free(&v);
	free(program);
}

static void
test_hang_up__ends_by_itself(void **state)
{
	static const char *const options[] = { "--live", NULL };
	struct vt *v = spawn(80, 24, options, NULL);

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_hang_up(v);
	assert_true(vt_wait_exit(v) != -1);
	vt_free(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals__at_any_moment_leave_the_terminal_as_before),
		cmocka_unit_test(test_failures__leave_the_terminal_as_before),
		cmocka_unit_test(test_suspend__gives_modes_back_and_takes_them_again),
		cmocka_unit_test(test_resize__a_storm_leaves_no_garbage),
		cmocka_unit_test(test_slow_line__frames_are_left_out),
		cmocka_unit_test(test_hang_up__ends_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
