/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer that is killed at any instant leaves old or new, never less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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

static void
test_store_commit__killed_at_any_instant(void **state)
{
	struct mesh_dir *d = *state;
	unsigned saved = 0;
	struct rng rng;

	rng_seed(&rng, 1);
	for (int round = 0; round < ROUNDS; round++) {
		struct store *s;
		struct history h;
		char *a, *b;

		saved = kill_a_writer(d, saved + 1, rng_below(&rng, LONGEST_NS));
		s = mesh_dir_open(d);
		a = store_value(s, "a");
		b = store_value(s, "b");
		assert_string_equal(a, b);
		/* what was promised is there; at most one more has happened */
		if ((unsigned)atoi(a) != saved && (unsigned)atoi(a) != saved + 1)
			fail_msg("round %d: saved %u, found '%s'", round, saved, a);
		saved = (unsigned)atoi(a);
		assert_int_equal(history_read(s, &h, NULL), 0);
		assert_int_equal(h.entries.len, saved);
		for (size_t i = 0; i < h.entries.len; i++)
			assert_int_equal(h.entries.items[i].via, VIA_APPLY);
		history_fini(&h);
		assert_no_strays(d);
		free(a);
		free(b);
		store_close(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store_commit__killed_at_any_instant,
						mesh_dir_setup, mesh_dir_teardown),
	};

	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
