/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer that is killed at any instant, and before each of its system calls,
 * leaves old or new, never less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/rng.h"
#include "tests/lib/tracer.h"
#include "tests/unit/store/generations.h"
#include "tests/unit/store/mesh_dir.h"

#define ROUNDS 40
#define LONGEST_NS 12000000

/* The child tells on the pipe each generation that it was promised. */
static void
write_until_killed(const struct mesh_dir *d, unsigned first, int out)
{
	struct store *s = mesh_dir_open(d);

	for (unsigned n = first;; n++)
		if (save_generation(s, n, NULL) < 0 || write(out, &n, sizeof(n)) != sizeof(n))
			_exit(1);
}

static unsigned
kill_a_writer(const struct mesh_dir *d, unsigned first, uint64_t after_ns)
{
	struct timespec wait = { .tv_nsec = (long)after_ns };
	unsigned saved = first - 1, n;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_until_killed(d, first, ends[1]);
	close(ends[1]);
	nanosleep(&wait, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(ends[0], &n, sizeof(n)) == sizeof(n))
		saved = n;
	close(ends[0]);
	return saved;
}

static void
test_store_commit__killed_at_any_instant(void **state)
{
	struct mesh_dir *d = *state;
	unsigned saved = 0;
	struct rng rng;

	rng_seed(&rng, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		saved = kill_a_writer(d, saved + 1, rng_below(&rng, LONGEST_NS));
		saved = assert_whole(d, saved, "round", round);
	}
}

/* --- at each system call --- */

struct act {
	const struct mesh_dir *dir;
	unsigned generation;
	unsigned calls_left;		/* until the child dies */
};

static enum traced_call
die_at_last(void *arg, long number, int *error)
{
	struct act *act = arg;

	(void)number;
	(void)error;
	return --act->calls_left == 0 ? CALL_KILLS : CALL_MADE;
}

/* Runs what in a child until it begins its call-th system call, which is not
 * made any more. */
static enum traced
run_until(const struct mesh_dir *d, unsigned n, unsigned call, int (*what)(void *))
{
	struct act act = { d, n, call };
	struct tracer t = { .decide = die_at_last, .arg = &act };
	enum traced result = tracer_run(&t, what, &act);

	if (result == TRACED_ENDED)
		assert_int_equal(t.exit_status, 0);
	return result;
}

static int
open_and_save(void *arg)
{
	const struct act *act = arg;
	struct store *s = mesh_dir_open(act->dir);
	int status = save_generation(s, act->generation, NULL);

	store_close(&s);
	return status < 0;
}

/* Opening finishes, or takes back, what a dead writer has left. */
static int
open_and_read(void *arg)
{
	const struct act *act = arg;
	struct store *s = mesh_dir_open(act->dir);

	free(store_value(s, "a"));
	store_close(&s);
	return 0;
}

static void
test_store_commit__killed_at_each_system_call(void **state)
{
	struct mesh_dir *d = *state;
	unsigned found = 0, call = 1, reader_call = 1, killed_readers = 0;
	enum traced writer = TRACED_KILLED;

	assert_int_equal(open_and_save(&(struct act){ d, ++found, 0 }), 0);
	for (; writer == TRACED_KILLED; call++) {
		enum traced reader;

		writer = run_until(d, found + 1, call, open_and_save);
		if (writer == TRACED_NEVER)
			skip();
		found += writer == TRACED_ENDED;
		/* Whoever mends that may be killed, too. */
		reader = run_until(d, 0, reader_call, open_and_read);
		killed_readers += reader == TRACED_KILLED;
		reader_call = reader == TRACED_ENDED ? 1 : reader_call + 1;
		found = assert_whole(d, found, "system call", call);
	}
	assert_true(call > 50);
	assert_true(killed_readers > 25);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store_commit__killed_at_any_instant,
						mesh_dir_setup, mesh_dir_teardown),
		cmocka_unit_test_setup_teardown(test_store_commit__killed_at_each_system_call,
						mesh_dir_setup, mesh_dir_teardown),
	};

	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
