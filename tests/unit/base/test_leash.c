/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tie between a console and its children, both ends in one process: locks
 * of separate descriptors stand in each other's way here too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/leash.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

struct place {
	char dir[32];
	char *attached, *leaving;
	struct loop *loop;
	struct leash *leash;
	bool is_gone;
};

static void
on_gone(void *arg)
{
	((struct place *)arg)->is_gone = true;
}

/* A child whose parent has gone already. */
static void
place_init(struct place *p)
{
	struct error err = ERROR_INIT;
	int ends[2];

	memset(p, 0, sizeof(*p));
	strcpy(p->dir, "/tmp/test-leash-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->attached = xasprintf("%s/attached", p->dir);
	p->leaving = xasprintf("%s/leaving", p->dir);
	p->loop = loop_new(&clock_system, &err);
	assert_non_null(p->loop);
	assert_int_equal(pipe(ends), 0);
	p->leash = leash_new(p->loop, ends[0], p->attached, on_gone, p, &err);
	assert_non_null(p->leash);
	close(ends[1]);
}

static void
place_fini(struct place *p)
{
	leash_free(&p->leash);
	loop_free(&p->loop);
	unlink(p->attached);
	unlink(p->leaving);
	assert_int_equal(rmdir(p->dir), 0);
	free(p->attached);
	free(p->leaving);
}

static bool
is_locked(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool locked;

	assert_true(fd >= 0);
	locked = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return locked;
}

static void
test_leash__a_child_that_goes_says_so_until_its_end(void **state)
{
	struct place p;

	(void)state;
	place_init(&p);
	assert_false(is_locked(p.leaving));
	while (!p.is_gone)
		loop_turn(p.loop, -1);
	assert_true(is_locked(p.leaving));
	leash_free(&p.leash);
	assert_true(is_locked(p.leaving));
	assert_false(is_locked(p.attached));
	place_fini(&p);
}

static void
test_leash__an_attached_console_keeps_it(void **state)
{
	struct error err = ERROR_INIT;
	struct place p;
	int fd;

	(void)state;
	place_init(&p);
	fd = leash_attach(p.attached, &err);
	assert_true(fd >= 0);
	loop_turn(p.loop, -1);		/* the end of the parent's pipe */
	assert_false(p.is_gone);
	assert_false(is_locked(p.leaving));
	close(fd);
	while (!p.is_gone)
		loop_turn(p.loop, -1);
	assert_true(is_locked(p.leaving));
	place_fini(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leash__a_child_that_goes_says_so_until_its_end),
		cmocka_unit_test(test_leash__an_attached_console_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
