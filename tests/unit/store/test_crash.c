/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer that is killed at any instant, and before each of its system calls,
 * leaves old or new, never less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/store/history.h"
#include "tests/unit/store/mesh_dir.h"

#define ROUNDS 40
#define LONGEST_NS 12000000

/* Both documents, in two files, say generation n. */
static int
save_generation(struct store *s, unsigned n)
{
	char *text = xasprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
			       "data: {v: \"%u\"}\n---\n"
			       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
			       "data: {v: \"%u\"}\n", n, n);
	struct error err = ERROR_INIT;
	int status = commit_text(s, text, &err);

	free(text);
	return status;
}

/* The child tells on the pipe each generation that it was promised. */
static void
write_until_killed(const struct mesh_dir *d, unsigned first, int out)
{
	struct store *s = mesh_dir_open(d);

	for (unsigned n = first;; n++)
		if (save_generation(s, n) < 0 || write(out, &n, sizeof(n)) != sizeof(n))
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
assert_no_strays(const struct mesh_dir *d)
{
	char path[100];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/.meshtop/pending", d->path);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			fail_msg("stray %s", e->d_name);
	if (dir != NULL)
		closedir(dir);
}

/* Both documents are of one generation, that of last or the next, as many
 * changes are in the history, and nothing is left over.  Returns it. */
static unsigned
assert_whole(const struct mesh_dir *d, unsigned last, const char *when, unsigned where)
{
	struct store *s = mesh_dir_open(d);
	char *a = store_value(s, "a"), *b = store_value(s, "b");
	unsigned found = (unsigned)atoi(a);
	struct history h;

	assert_string_equal(a, b);
	if (found != last && found != last + 1)
		fail_msg("%s %u: saved %u, found '%s'", when, where, last, a);
	assert_int_equal(history_read(s, &h, NULL), 0);
	assert_int_equal(h.entries.len, found);
	for (size_t i = 0; i < h.entries.len; i++)
		assert_int_equal(h.entries.items[i].via, VIA_APPLY);
	history_fini(&h);
	assert_no_strays(d);
	free(a);
	free(b);
	store_close(&s);
	return found;
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

enum traced { TRACED_KILLED, TRACED_ENDED, TRACED_NEVER };

/* Runs act in a child until it begins its call-th system call, which is not
 * made any more.  TRACED_NEVER: tracing is not allowed here. */
static enum traced
run_until(const struct mesh_dir *d, unsigned n, unsigned call,
	  int (*act)(const struct mesh_dir *, unsigned))
{
	unsigned stops = 2 * call - 1;		/* each call stops behind it, too */
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(2);
		raise(SIGSTOP);
		_exit(act(d, n) < 0);
	}
	for (;; stops--) {
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFEXITED(status)) {
			assert_int_not_equal(WEXITSTATUS(status), 1);
			return WEXITSTATUS(status) == 2 ? TRACED_NEVER : TRACED_ENDED;
		}
		assert_true(WIFSTOPPED(status));
		if (stops == 0)
			break;
		assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return TRACED_KILLED;
}

static int
open_and_save(const struct mesh_dir *d, unsigned n)
{
	struct store *s = mesh_dir_open(d);
	int status = save_generation(s, n);

	store_close(&s);
	return status;
}

/* Opening finishes, or takes back, what a dead writer has left. */
static int
open_and_read(const struct mesh_dir *d, unsigned n)
{
	struct store *s = mesh_dir_open(d);

	(void)n;
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

	assert_int_equal(open_and_save(d, ++found), 0);
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
