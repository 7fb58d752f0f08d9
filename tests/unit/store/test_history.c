/* SPDX-License-Identifier: GPL-3.0-or-later */
/* History and undo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/store/store.h"
#include "tests/unit/store/mesh_dir.h"

static size_t
count_entries(struct store *s)
{
	struct history h;
	size_t count;

	assert_int_equal(history_read(s, &h, NULL), 0);
	count = h.entries.len;
	history_fini(&h);
	return count;
}

static void
test_history__one_entry_a_change(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct history h;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);	/* unchanged: none */
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(commit_delete(s, "a", &err), 0);
	assert_int_equal(history_read(s, &h, &err), 0);
	assert_int_equal(h.entries.len, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct history_change *c = &h.entries.items[i].changes.items[0];

		assert_true(h.entries.items[i].n == i + 1);
		assert_true(h.entries.items[i].time_ms > 1600000000000);
		assert_int_equal(h.entries.items[i].changes.len, 1);
		assert_int_equal(c->op, i == 0 ? CHANGE_CREATE : i == 1 ? CHANGE_UPDATE : CHANGE_DELETE);
		assert_string_equal(c->file, "default/configmap-a.yaml");
	}
	assert_null(h.entries.items[0].changes.items[0].before);
	assert_string_equal(h.entries.items[1].changes.items[0].before, CONFIG("a", "1"));
	assert_string_equal(h.entries.items[1].changes.items[0].after, CONFIG("a", "2"));
	assert_null(h.entries.items[2].changes.items[0].after);
	history_fini(&h);
	store_close(&s);
}

static void
test_history__outside_edits_once(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d), *other = mesh_dir_open(d);
	struct history h;

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	assert_int_equal(count_entries(s), 0);		/* what was there at first is no edit */
	mesh_dir_write(d, "a.yaml", CONFIG("a", "2"));
	mesh_dir_write(d, "b.yaml", CONFIG("b", "1"));
	assert_int_equal(count_entries(s), 1);
	assert_int_equal(count_entries(other), 1);
	mesh_dir_write(d, "a.yaml", "# only a comment\n" CONFIG("a", "2"));
	assert_int_equal(count_entries(other), 1);
	mesh_dir_write(d, "a.yaml", "bad: [");
	assert_int_equal(count_entries(other), 1);
	mesh_dir_write(d, "c.yaml", CONFIG("b", "1"));	/* moved to another file */
	mesh_dir_remove(d, "b.yaml");
	assert_int_equal(count_entries(s), 1);
	mesh_dir_remove(d, "a.yaml");
	assert_int_equal(history_read(s, &h, NULL), 0);
	assert_int_equal(h.entries.len, 2);
	assert_int_equal(h.entries.items[0].via, VIA_EXTERNAL);
	assert_int_equal(h.entries.items[0].changes.len, 2);
	assert_string_equal(h.entries.items[0].changes.items[0].before, CONFIG("a", "1"));
	assert_string_equal(h.entries.items[0].changes.items[0].after, CONFIG("a", "2"));
	assert_int_equal(h.entries.items[1].changes.items[0].op, CHANGE_DELETE);
	history_fini(&h);
	store_close(&other);
	store_close(&s);
}

static void
test_history__deletions_beside_names_that_are_left_out(void **state)
{
	static const char *const left_out[] = { "b-\xff.yaml", "sub-\xff/b.yaml" };
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct history h;

	for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
		mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
		count_entries(s);
		mesh_dir_write(d, left_out[i], CONFIG("b", "1"));
		mesh_dir_remove(d, "a.yaml");
		assert_int_equal(history_read(s, &h, NULL), 0);
		assert_int_equal(h.entries.len, 2 * i + 1);
		assert_int_equal(h.entries.items[2 * i].changes.len, 1);
		assert_int_equal(h.entries.items[2 * i].changes.items[0].op, CHANGE_DELETE);
		assert_string_equal(h.entries.items[2 * i].changes.items[0].file, "a.yaml");
		history_fini(&h);
		VALUE_IS(d, "b", "");
	}
	store_close(&s);
}

static void
test_history__torn_tail_is_mended(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct history h;
	char *text, *torn;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	text = mesh_dir_read(d, ".meshtop/history.jsonl");
	torn = xasprintf("%s{\"n\":2,\"time\":\"20", text);
	mesh_dir_write(d, ".meshtop/history.jsonl", torn);
	assert_int_equal(count_entries(s), 1);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(history_read(s, &h, &err), 0);
	assert_int_equal(h.entries.len, 2);
	assert_true(h.entries.items[1].n == 2);
	history_fini(&h);
	free(text);
	free(torn);
	store_close(&s);
}

static void
check_past(const struct history *h, const struct snapshot *now, size_t count, const char *name,
	   const char *want)
{
	struct snapshot *then = history_snapshot(h, now, count);
	const struct object *o = snapshot_find_named(then, "", "ConfigMap", "default", name);
	const char *got = o == NULL ? "" : value_get_text(value_get(o->root, "data"), "v");

	if (strcmp(got, want) != 0)
		fail_msg("%s after %zu entries: \"%s\", not \"%s\"", name, count, got, want);
	snapshot_put(&then);
}

static void
test_history__objects_as_they_were(void **state)
{
	static const struct { size_t count; const char *a, *b, *c; } rows[] = {
		{ 0, "", "0", "5" }, { 1, "1", "0", "5" }, { 2, "2", "0", "5" },
		{ 3, "2", "9", "5" }, { 4, "", "9", "5" }, { 5, "3", "9", "5" }, { 6, "3", "9", "5" },
	};
	struct mesh_dir *d = *state;
	struct store *s;
	struct snapshot *now;
	struct error err = ERROR_INIT;
	struct history h;

	mesh_dir_write(d, "b.yaml", CONFIG("b", "0") "---\n" CONFIG("c", "5"));
	s = mesh_dir_open(d);
	assert_int_equal(count_entries(s), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("b", "9"), &err), 0);
	assert_int_equal(commit_delete(s, "a", &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "3"), &err), 0);
	assert_int_equal(history_read(s, &h, &err), 0);
	assert_int_equal(store_load(s, &now, NULL, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check_past(&h, now, rows[i].count, "a", rows[i].a);
		check_past(&h, now, rows[i].count, "b", rows[i].b);
		check_past(&h, now, rows[i].count, "c", rows[i].c);
	}
	for (size_t i = 0; i < h.entries.len; i++)
		h.entries.items[i].time_ms = 1000 * (int64_t)(i + 1);
	assert_int_equal(history_count_at(&h, 0), 0);
	assert_int_equal(history_count_at(&h, 2000), 2);
	assert_int_equal(history_count_at(&h, 4999), 4);
	assert_int_equal(history_count_at(&h, INT64_MAX), 5);
	snapshot_put(&now);
	history_fini(&h);
	store_close(&s);
}

/* Lines longer than what is read of the end at once, and lines of others. */
static void
test_history__grows_behind_long_lines(void **state)
{
	static const unsigned lengths[] = { 1, 16300, 16384, 16500, 70000, 300000 };
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct history h;
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		char *pad = xcalloc(1, lengths[i] + 1), *text, *old, *with_other;

		memset(pad, 'x', lengths[i]);
		text = xasprintf(CONFIG("a", "%s"), pad);
		assert_int_equal(commit_text(s, text, &err), 0);
		count++;
		old = mesh_dir_read(d, ".meshtop/history.jsonl");
		with_other = xasprintf("%snot one of ours\n{\"torn", old);
		mesh_dir_write(d, ".meshtop/history.jsonl", with_other);
		free(pad);
		free(text);
		free(old);
		free(with_other);
	}
	assert_int_equal(commit_text(s, CONFIG("a", "end"), &err), 0);
	assert_int_equal(history_read(s, &h, &err), 0);
	assert_int_equal(h.entries.len, count + 1);
	for (size_t i = 0; i < h.entries.len; i++)
		assert_int_equal(h.entries.items[i].n, i + 1);
	history_fini(&h);
	store_close(&s);
}

static void
test_history_undo__takes_back_and_redoes(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	uint64_t undone = 0;

	mesh_dir_write(d, "x.yaml", "# mine\n" CONFIG("a", "1"));
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("b", "1"), &err), 0);
	assert_int_equal(commit_delete(s, "a", &err), 0);
	assert_int_equal(history_undo(s, 0, false, NULL, &undone, &err), 0);
	assert_true(undone == 3);
	VALUE_IS(d, "a", "2");
	assert_true(mesh_dir_has(d, "x.yaml"));		/* where it was */
	assert_int_equal(history_undo(s, 1, false, NULL, &undone, &err), 0);
	VALUE_IS(d, "a", "1");
	assert_int_equal(history_undo(s, 5, false, NULL, &undone, &err), 0);
	VALUE_IS(d, "a", "2");
	assert_int_equal(history_undo(s, 2, false, NULL, &undone, &err), 0);
	VALUE_IS(d, "b", "");
	assert_int_equal(history_undo(s, 77, false, NULL, &undone, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	store_close(&s);
}

static int
await(struct store *s, struct error *err)
{
	const struct change_result *results;
	int status = -2;

	for (int i = 0; i < 5000 && !store_progress(s, &results, &status, err); i++)
		poll(NULL, 0, 1);
	return status;
}

static void
test_history_begin_undo__runs_beside_the_caller(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(history_begin_undo(s, 7, false, &err), 0);
	assert_int_equal(await(s, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_int_equal(history_begin_undo(s, 0, false, &err), 0);
	assert_int_equal(await(s, &err), 0);
	assert_true(history_undone(s) == 2);
	VALUE_IS(d, "a", "1");
	store_close(&s);
}

/* The lock is held as by a stopped process. */
static void
test_history_begin_undo__waits_for_the_lock(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	const struct change_result *results;
	char path[100];
	int lock, status;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	snprintf(path, sizeof(path), "%s/.meshtop/lock", d->path);
	lock = open(path, O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(history_begin_undo(s, 0, false, &err), 0);
	store_cancel(s);
	assert_int_equal(await(s, &err), -1);
	assert_non_null(strstr(err.msg, "cancelled"));
	VALUE_IS(d, "a", "2");
	assert_int_equal(history_begin_undo(s, 0, false, &err), 0);
	for (int i = 0; i < 20; i++) {
		assert_false(store_progress(s, &results, &status, &err));
		poll(NULL, 0, 1);
	}
	close(lock);
	assert_int_equal(await(s, &err), 0);
	VALUE_IS(d, "a", "1");
	store_close(&s);
}

static void
test_history_undo__refused_when_changed_meanwhile(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct buf diff = BUF_INIT;
	uint64_t undone = 0;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "3"), &err), 0);
	assert_int_equal(history_undo(s, 2, false, &diff, &undone, &err), -1);
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_non_null(strstr(buf_str(&diff), "-  v: \"2\"\n+  v: \"3\"\n"));
	VALUE_IS(d, "a", "3");
	assert_int_equal(history_undo(s, 2, true, NULL, &undone, &err), 0);
	VALUE_IS(d, "a", "1");
	buf_fini(&diff);
	store_close(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, mesh_dir_setup, mesh_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_history__one_entry_a_change),
		TEST(test_history__outside_edits_once),
		TEST(test_history__deletions_beside_names_that_are_left_out),
		TEST(test_history__objects_as_they_were),
		TEST(test_history__torn_tail_is_mended),
		TEST(test_history__grows_behind_long_lines),
		TEST(test_history_undo__takes_back_and_redoes),
		TEST(test_history_begin_undo__runs_beside_the_caller),
		TEST(test_history_begin_undo__waits_for_the_lock),
		TEST(test_history_undo__refused_when_changed_meanwhile),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
