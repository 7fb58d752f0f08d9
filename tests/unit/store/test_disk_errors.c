/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer of which each system call on files fails in turn says so, and
 * leaves old or new, never less; what it calls saved is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "tests/lib/tracer.h"
#include "tests/unit/store/generations.h"
#include "tests/unit/store/mesh_dir.h"

enum { SAVED, REFUSED, REFUSED_WITHOUT_A_WORD };

/* How the disk fails from the call that the test has come to. */
struct disk {
	const char *name;
	int error;			/* 0: a write puts one byte alone */
	unsigned calls;			/* that fail, in a row */
	bool only_changes;		/* reading goes on */
};

static const struct disk disks[] = {
	{ "full", ENOSPC, 1, true },
	{ "over quota from", EDQUOT, UINT_MAX, true },
	{ "unreadable", EIO, 1, false },
	{ "unreadable twice", EIO, 2, false },
	{ "dying from", EIO, UINT_MAX, false },
	{ "forbidden", EACCES, 1, false },
	{ "forbidden twice", EACCES, 2, false },
	{ "interrupted", EINTR, 1, false },
	{ "taking one byte from", 0, UINT_MAX, true },
};

/* A process under AddressSanitizer forks slowly: there each call fails of one
 * disk alone. */
#ifdef __SANITIZE_ADDRESS__
#define STEP ARRAY_LEN(disks)
#else
#define STEP 1
#endif

#if defined(__x86_64__)
static const long reads[] = {
	SYS_read, SYS_pread64, SYS_close, SYS_fstat, SYS_newfstatat, SYS_getdents64, SYS_lseek,
	SYS_faccessat, SYS_faccessat2, SYS_flock, SYS_fcntl, SYS_readlink,
};
static const long changes[] = {
	SYS_openat, SYS_write, SYS_pwrite64, SYS_fsync, SYS_fdatasync, SYS_mkdir, SYS_mkdirat,
	SYS_rename, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_unlinkat, SYS_ftruncate,
	SYS_fchmod, SYS_fchown,
};
static const long writes[] = { SYS_write, SYS_pwrite64 };
#else
static const long reads[] = { -1 }, changes[] = { -1 }, writes[] = { -1 };
#endif

static bool
is_in(long number, const long *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

struct run {
	const struct mesh_dir *dir;
	const struct disk *disk;
	unsigned generation;
	unsigned from, seen;		/* calls that may fail */
};

static bool
may_fail(const struct disk *d, long number)
{
	if (d->error == 0)
		return is_in(number, writes, ARRAY_LEN(writes));
	return is_in(number, changes, ARRAY_LEN(changes)) ||
	       (!d->only_changes && is_in(number, reads, ARRAY_LEN(reads)));
}

static enum traced_call
fail_in_turn(void *arg, long number, int *error)
{
	struct run *r = arg;

	if (!may_fail(r->disk, number))
		return CALL_MADE;
	r->seen++;
	if (r->seen < r->from || r->seen - r->from >= r->disk->calls)
		return CALL_MADE;
	*error = r->disk->error;
	return *error != 0 ? CALL_FAILS : CALL_SHORT;
}

static int
save(void *arg)
{
	const struct run *r = arg;
	struct error err = ERROR_INIT;
	struct store *s = store_open_directory(r->dir->path, false, &err);
	int status = s != NULL ? save_generation(s, r->generation, &err) : -1;

	store_close(&s);
	if (status == 0)
		return SAVED;
	return err.code != ERROR_NONE && err.msg[0] != '\0' ? REFUSED : REFUSED_WITHOUT_A_WORD;
}

/* One save for each call that it makes, or for each STEP-th. */
static void
fail_each_call(const struct mesh_dir *d, const struct disk *disk, unsigned *generation)
{
	struct run r = { .dir = d, .disk = disk, .from = (unsigned)((size_t)(disk - disks) % STEP) + 1 };
	unsigned refused = 0;

	for (bool is_over = false; !is_over; r.from += STEP) {
		struct tracer t = { .decide = fail_in_turn, .arg = &r };
		unsigned found;

		r.generation = *generation + 1;
		r.seen = 0;
		if (tracer_run(&t, save, &r) == TRACED_NEVER)
			skip();
		if (t.exit_status != SAVED && t.exit_status != REFUSED)
			fail_msg("%s %u: status %d", disk->name, r.from, t.exit_status);
		found = assert_whole(d, *generation, disk->name, r.from);
		if (t.exit_status == SAVED && found != r.generation)
			fail_msg("%s %u: said to be saved, but is not", disk->name, r.from);
		refused += t.exit_status == REFUSED;
		is_over = r.seen < r.from;
		*generation = found;
	}
	if (disk->error == 0)
		assert_int_equal(refused, 0);
	else
		assert_true(refused > 50 / STEP);
}

static void
test_store_commit__each_system_call_fails(void **state)
{
	struct mesh_dir *d = *state;
	unsigned generation = 1;
	struct store *s;

	if (!tracer_knows_calls())
		skip();
	s = mesh_dir_open(d);
	assert_int_equal(save_generation(s, generation, NULL), 0);
	store_close(&s);
	for (size_t i = 0; i < ARRAY_LEN(disks); i++)
		fail_each_call(d, &disks[i], &generation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store_commit__each_system_call_fails,
						mesh_dir_setup_in_memory, mesh_dir_teardown),
	};

	return cmocka_run_group_tests_name("disk_errors", tests, NULL, NULL);
}
