/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading, last good state, commits, watching. */
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
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "tests/unit/store/mesh_dir.h"

static void
test_store_load__reads_documents_only(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s;
	struct snapshot *now;
	struct problems p = PROBLEMS_INIT;
	char link_path[100];

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	mesh_dir_write(d, "sub/deep/b.yml", CONFIG("b", "1"));
	mesh_dir_write(d, "c.json", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
		       "{\"name\":\"c\"}}");
	mesh_dir_write(d, ".hidden.yaml", CONFIG("h", "1"));
	mesh_dir_write(d, ".git/x.yaml", CONFIG("x", "1"));
	mesh_dir_write(d, "lost+found/l.yaml", CONFIG("l", "1"));
	mesh_dir_write(d, "README.md", "# no");
	snprintf(link_path, sizeof(link_path), "%s/link.yaml", d->path);
	assert_int_equal(symlink("/etc/passwd", link_path), 0);
	snprintf(link_path, sizeof(link_path), "%s/pipe.yaml", d->path);
	assert_int_equal(mkfifo(link_path, 0600), 0);
	s = mesh_dir_open(d);
	assert_int_equal(store_load(s, &now, &p, NULL), 0);
	assert_int_equal(now->count, 3);
	assert_int_equal(p.rows.len, 2);	/* the link and the pipe */
	assert_string_equal(p.rows.items[0].file, "link.yaml");
	assert_string_equal(p.rows.items[1].file, "pipe.yaml");
	assert_false(mesh_dir_has(d, ".meshtop"));
	snapshot_put(&now);
	problems_fini(&p);
	store_close(&s);
}

static void
test_store_load__last_good_file_keeps_serving(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d), *other;
	struct problems p = PROBLEMS_INIT;
	struct snapshot *now;
	struct error err = ERROR_INIT;

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	STORE_VALUE_IS(s, "a", "1");
	mesh_dir_write(d, "a.yaml", "apiVersion: v1\n  kind: [\n");
	mesh_dir_write(d, "b.yaml", CONFIG("b", "2"));
	assert_int_equal(store_load(s, &now, &p, NULL), 0);
	assert_int_equal(now->count, 2);
	assert_int_equal(p.rows.len, 1);
	assert_string_equal(p.rows.items[0].code, "MT0001");
	assert_true(p.rows.items[0].line > 0);
	snapshot_put(&now);
	problems_fini(&p);
	/* another process only knows it when a writer kept it */
	VALUE_IS(d, "a", "");
	mesh_dir_write(d, "a.yaml", CONFIG("a", "3"));
	assert_int_equal(commit_text(s, CONFIG("c", "1"), &err), 0);
	mesh_dir_write(d, "a.yaml", ": : :\n\t- x");
	VALUE_IS(d, "a", "3");
	other = mesh_dir_open(d);
	assert_int_equal(commit_text(other, CONFIG("a", "4"), &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_non_null(strstr(err.msg, "a.yaml does not parse"));
	store_close(&other);
	store_close(&s);
}

/* Told so, and everything that follows has had its turn. */
static void
settle(struct store *s)
{
	struct snapshot *now;

	while (store_poll_delay_ms(s) >= 0) {
		if (store_poll_changed(s)) {
			assert_int_equal(store_load(s, &now, NULL, NULL), 0);
			snapshot_put(&now);
		}
		poll(NULL, 0, 1);
	}
}

static void
test_store_load__keeps_what_was_good_for_a_moment(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	STORE_VALUE_IS(s, "a", "1");
	settle(s);
	/* good, and bad again before anybody has kept a copy */
	mesh_dir_write(d, "a.yaml", CONFIG("a", "2"));
	STORE_VALUE_IS(s, "a", "2");
	mesh_dir_write(d, "a.yaml", "a: [");
	STORE_VALUE_IS(s, "a", "2");
	settle(s);
	VALUE_IS(d, "a", "2");
	store_close(&s);
}

static void
test_store_load__last_good_document_keeps_serving(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1") "---\n" CONFIG("b", "1"));
	STORE_VALUE_IS(s, "a", "1");
	assert_int_equal(commit_text(s, CONFIG("c", "1"), &err), 0);
	mesh_dir_write(d, "a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
		       "  labels: [bad]\n---\n" CONFIG("b", "2"));
	STORE_VALUE_IS(s, "a", "1");
	STORE_VALUE_IS(s, "b", "2");
	VALUE_IS(d, "a", "1");
	/* good copies keep it over further edits of the file */
	assert_int_equal(commit_text(s, CONFIG("c", "2"), &err), 0);
	mesh_dir_write(d, "a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
		       "  labels: 5\n---\n" CONFIG("b", "3"));
	VALUE_IS(d, "a", "1");
	VALUE_IS(d, "b", "3");
	/* and a commit of the bad one mends it in its place */
	assert_int_equal(commit_text(s, CONFIG("a", "9"), &err), 0);
	FILE_IS(d, "a.yaml", CONFIG("a", "9") "---\n" CONFIG("b", "3"));
	store_close(&s);
}

static bool
value_is_even(const struct object *o, struct problems *out)
{
	const char *v = value_get_text(value_get(o->root, "data"), "v");

	if (v == NULL || (v[0] - '0') % 2 == 0)
		return true;
	problem_add(out, o, NULL, "KIA0000", SEVERITY_ERROR, "data.v", "it is odd");
	return false;
}

static void
test_store_set_check__bad_objects_do_not_count(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	store_set_check(s, value_is_even);
	mesh_dir_write(d, "a.yaml", CONFIG("a", "2"));
	STORE_VALUE_IS(s, "a", "2");
	mesh_dir_write(d, "a.yaml", CONFIG("a", "3"));
	STORE_VALUE_IS(s, "a", "2");
	assert_int_equal(commit_text(s, CONFIG("a", "5"), &err), -1);
	assert_non_null(strstr(err.msg, "it is odd"));
	FILE_IS(d, "a.yaml", CONFIG("a", "3"));
	assert_int_equal(commit_text(s, CONFIG("a", "4"), &err), 0);
	STORE_VALUE_IS(s, "a", "4");
	store_close(&s);
}

static void
test_store_commit__places_replaces_and_removes(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct stat st;
	char path[100];

	assert_int_equal(commit_text(s, CONFIG("a", "1") "---\n"
				     "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", &err), 0);
	FILE_IS(d, "default/configmap-a.yaml", CONFIG("a", "1"));
	assert_true(mesh_dir_has(d, "shop/namespace-shop.yaml"));
	snprintf(path, sizeof(path), "%s/.meshtop", d->path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/.meshtop/history.jsonl", d->path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	mesh_dir_write(d, "default/configmap-a.yaml", "# mine\n" CONFIG("a", "1") "---\n# b\n"
		       CONFIG("b", "1"));
	snprintf(path, sizeof(path), "%s/default/configmap-a.yaml", d->path);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(commit_text(s, CONFIG("a", "2"), &err), 0);
	FILE_IS(d, "default/configmap-a.yaml", "# mine\n" CONFIG("a", "2") "---\n# b\n"
		CONFIG("b", "1"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(commit_delete(s, "a", &err), 0);
	FILE_IS(d, "default/configmap-a.yaml", "# mine\n# b\n" CONFIG("b", "1"));
	assert_int_equal(commit_delete(s, "b", &err), 0);
	assert_false(mesh_dir_has(d, "default/configmap-a.yaml"));
	assert_false(mesh_dir_has(d, ".meshtop/good/default/configmap-a.yaml"));
	store_close(&s);
}

static void
test_store_commit__does_not_lose_what_stands_in_the_way(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	mesh_dir_write(d, "default/configmap-a.yaml", CONFIG("other", "1"));
	mesh_dir_write(d, "default/configmap-b.yaml", "not: [yaml");
	assert_int_equal(commit_text(s, CONFIG("a", "1") "---\n" CONFIG("b", "1"), &err), 0);
	FILE_IS(d, "default/configmap-a.yaml", CONFIG("other", "1") "---\n" CONFIG("a", "1"));
	FILE_IS(d, "default/configmap-b.yaml", "not: [yaml");
	FILE_IS(d, "default/configmap-b-2.yaml", CONFIG("b", "1"));
	store_close(&s);
}

static void
test_store_commit__is_all_or_nothing(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct transaction t = { .via = VIA_APPLY };
	struct change_result results[2];
	struct change good = { .op = CHANGE_DELETE, .group = "", .kind = "ConfigMap",
			       .ns = "default", .name = "a" };
	struct change stale = good;

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	mesh_dir_write(d, "b.yaml", CONFIG("b", "1"));
	stale.name = "b";
	stale.has_precondition = true;
	stale.expected_hash = 7;
	vec_push(&t.changes, good);
	vec_push(&t.changes, stale);
	assert_int_equal(store_commit(s, &t, results, &err), -1);
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_int_equal(results[0].state, CHANGE_PENDING);
	assert_int_equal(results[1].state, CHANGE_CONFLICT);
	assert_true(mesh_dir_has(d, "a.yaml"));
	t.changes.items[1].has_precondition = false;
	t.is_dry_run = true;
	assert_int_equal(store_commit(s, &t, results, &err), 0);
	assert_int_equal(results[1].state, CHANGE_DONE);
	assert_true(mesh_dir_has(d, "a.yaml"));
	t.is_dry_run = false;
	assert_int_equal(store_commit(s, &t, results, &err), 0);
	assert_false(mesh_dir_has(d, "a.yaml"));
	assert_false(mesh_dir_has(d, "b.yaml"));
	assert_int_equal(store_commit(s, &t, results, &err), 0);
	assert_int_equal(results[0].state, CHANGE_UNCHANGED);
	vec_fini(&t.changes);
	store_close(&s);
}

#define NOBODY 65534

/* As somebody whom modes hold back; false: that cannot be. */
static bool
become_ordinary(const struct mesh_dir *d)
{
	if (geteuid() != 0)
		return true;
	return chown(d->path, NOBODY, NOBODY) == 0 && seteuid(NOBODY) == 0;
}

static void
become_oneself(void)
{
	if (geteuid() != getuid())
		assert_int_equal(seteuid(getuid()), 0);
}

static void
set_mode(const struct mesh_dir *d, const char *name, mode_t mode)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	assert_int_equal(chmod(path, mode), 0);
}

#define HIDDEN(name) name, name "/hidden.yaml", CONFIG(name, "1"), CONFIG(name, "2")

static const struct hidden {
	const char *name, *path, *text, *next;
	bool is_file;			/* not its folder is closed */
	mode_t closed, open;
	bool has_copy;			/* by a change before */
} hidden[] = {
	{ HIDDEN("a"), true, 0, 0600, false },
	{ HIDDEN("b"), true, 0, 0600, true },
	{ HIDDEN("c"), false, 0, 0700, false },
	{ HIDDEN("d"), false, 0, 0700, true },
	{ HIDDEN("e"), false, 0400, 0700, false },
	{ HIDDEN("f"), false, 0400, 0700, true },
};

static void
assert_not_written_twice(const struct mesh_dir *d, const struct hidden *h)
{
	struct error err = ERROR_INIT;
	struct store *s = mesh_dir_open(d);

	set_mode(d, h->is_file ? h->path : h->name, h->closed);
	STORE_VALUE_IS(s, h->name, h->has_copy ? "1" : "");
	assert_int_equal(commit_text(s, h->next, &err), -1);
	assert_non_null(strstr(err.msg, "cannot be read"));
	assert_int_equal(commit_delete(s, h->name, &err), -1);
	assert_int_equal(commit_text(s, CONFIG("known", "2"), &err), 0);
	STORE_VALUE_IS(s, "known", "2");
	set_mode(d, h->is_file ? h->path : h->name, h->open);
	STORE_VALUE_IS(s, h->name, "1");
	assert_int_equal(commit_text(s, h->next, &err), 0);
	FILE_IS(d, h->path, h->next);
	store_close(&s);
}

static void
test_store_commit__does_not_write_twice_what_may_not_be_read(void **state)
{
	struct mesh_dir *d = *state;

	if (!become_ordinary(d))
		skip();
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++) {
		struct store *s = mesh_dir_open(d);

		mesh_dir_write(d, "known.yaml", CONFIG("known", "1"));
		mesh_dir_write(d, hidden[i].path, hidden[i].text);
		if (hidden[i].has_copy)
			assert_int_equal(commit_text(s, CONFIG("known", "0"), NULL), 0);
		store_close(&s);
		assert_not_written_twice(d, &hidden[i]);
	}
	become_oneself();
}

static void
test_store_commit__refuses_names_that_lead_out(void **state)
{
	static const struct { const char *kind, *ns, *name; } rows[] = {
		{ "ConfigMap", "default", "../../x" }, { "ConfigMap", "..", "x" },
		{ "../x", "default", "x" }, { "", "default", "x" }, { "ConfigMap", "a/b", "x" },
		{ "ConfigMap", "default", "" },
	};
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct transaction t = { .via = VIA_APPLY };
		struct value map = { .kind = VALUE_MAP };
		struct change_result result;
		struct change c = { .op = CHANGE_CREATE, .group = "", .kind = rows[i].kind,
				    .ns = rows[i].ns, .name = rows[i].name, .after = &map };

		vec_push(&t.changes, c);
		assert_int_equal(store_commit(s, &t, &result, &err), -1);
		assert_int_equal(result.state, CHANGE_INVALID);
		vec_fini(&t.changes);
	}
	store_close(&s);
}

/* Waits for the store as its owner does; fails after much too long. */
static bool
wait_changed(struct store *s)
{
	for (int i = 0; i < 500; i++) {
		struct pollfd p = { .fd = store_fd(s), .events = POLLIN };
		int delay = store_poll_delay_ms(s);

		poll(&p, 1, delay >= 0 && delay < 10 ? delay : 10);
		if (store_poll_changed(s))
			return true;
	}
	return false;
}

/* No change is told although everything had its turn. */
static bool
stays_quiet(struct store *s)
{
	while (store_poll_delay_ms(s) >= 0) {
		if (store_poll_changed(s))
			return false;
		poll(NULL, 0, 1);
	}
	return !store_poll_changed(s);
}

static void
test_store_watch__sees_every_kind_of_edit(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d), *writer = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	char from[100], to[100];

	assert_int_equal(store_watch(s, &err), 0);
	STORE_VALUE_IS(s, "a", "");
	assert_true(stays_quiet(s));
	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "a", "1");
	mesh_dir_write(d, "new/folder/b.yaml", CONFIG("b", "1"));
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "b", "1");
	mesh_dir_write(d, "new/folder/b.yaml", CONFIG("b", "2"));
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "b", "2");
	mesh_dir_write(d, ".tmp.yaml", CONFIG("a", "3"));
	mesh_dir_write(d, "notes.txt", "x");
	assert_true(stays_quiet(s));
	snprintf(from, sizeof(from), "%s/.tmp.yaml", d->path);
	snprintf(to, sizeof(to), "%s/a.yaml", d->path);
	assert_int_equal(rename(from, to), 0);
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "a", "3");
	mesh_dir_remove(d, "a.yaml");
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "a", "");
	assert_int_equal(commit_text(writer, CONFIG("c", "1"), &err), 0);
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "c", "1");
	snprintf(from, sizeof(from), "%s/new", d->path);
	snprintf(to, sizeof(to), "%s/.old", d->path);
	assert_int_equal(rename(from, to), 0);
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "b", "");
	store_close(&writer);
	store_close(&s);
}

static void
test_store_poll_changed__waits_for_a_writer(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	char path[100];
	int lock;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	store_watch(s, &err);
	STORE_VALUE_IS(s, "a", "1");
	assert_true(stays_quiet(s));
	snprintf(path, sizeof(path), "%s/.meshtop/lock", d->path);
	lock = open(path, O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	mesh_dir_write(d, "b.yaml", CONFIG("b", "1"));
	for (int i = 0; i < 20; i++) {
		assert_false(store_poll_changed(s));
		poll(NULL, 0, 2);
	}
	close(lock);
	assert_true(wait_changed(s));
	store_close(&s);
}

static void
test_store_watch__follows_a_directory_that_is_replaced(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct snapshot *now;
	struct error err = ERROR_INIT;
	struct mesh_dir aside;

	snprintf(aside.path, sizeof(aside.path), "%.50s-aside", d->path);
	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	store_watch(s, &err);
	STORE_VALUE_IS(s, "a", "1");
	assert_true(stays_quiet(s));
	assert_int_equal(rename(d->path, aside.path), 0);
	assert_true(wait_changed(s));
	assert_int_equal(store_load(s, &now, NULL, &err), -1);
	assert_non_null(strstr(err.msg, "gone"));
	assert_int_equal(mkdir(d->path, 0700), 0);
	mesh_dir_write(d, "a.yaml", CONFIG("a", "2"));
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "a", "2");
	mesh_dir_write(d, "a.yaml", CONFIG("a", "3"));
	assert_true(wait_changed(s));
	STORE_VALUE_IS(s, "a", "3");
	store_close(&s);
	mesh_dir_clear(&aside);
}

/* Deletes a ConfigMap beside the caller. */
static int
delete_beside(struct store *s, const char *name, struct error *err)
{
	struct transaction t = { .via = VIA_DELETE };
	struct change c = { .op = CHANGE_DELETE, .group = "", .kind = "ConfigMap",
			    .ns = "default", .name = name };
	const struct change_result *results = NULL;
	int status = -1;

	vec_push(&t.changes, c);
	assert_int_equal(store_begin(s, &t, err), 0);
	vec_fini(&t.changes);
	for (int i = 0; i < 5000 && !store_progress(s, &results, &status, err); i++)
		poll(NULL, 0, 1);
	assert_non_null(results);
	assert_int_equal(results[0].state, CHANGE_DONE);
	return status;
}

static void
test_store_begin__runs_beside_the_caller(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	mesh_dir_write(d, "a.yaml", CONFIG("a", "1"));
	assert_int_equal(delete_beside(s, "a", &err), 0);
	assert_false(mesh_dir_has(d, "a.yaml"));
	store_close(&s);
}

static void
test_store_begin__knows_what_was_good_for_a_moment(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;

	assert_int_equal(commit_text(s, CONFIG("b", "1"), &err), 0);
	mesh_dir_write(d, "a.yaml", CONFIG("a", "2"));
	STORE_VALUE_IS(s, "a", "2");
	mesh_dir_write(d, "a.yaml", "a: [");
	STORE_VALUE_IS(s, "a", "2");
	assert_int_equal(delete_beside(s, "b", &err), 0);
	VALUE_IS(d, "a", "2");
	store_close(&s);
}

static void
test_store_close__gives_up_a_commit_that_waits(void **state)
{
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	struct transaction t = { .via = VIA_DELETE };
	struct change c = { .op = CHANGE_DELETE, .group = "", .kind = "ConfigMap",
			    .ns = "default", .name = "a" };
	char path[100];
	int lock;

	assert_int_equal(commit_text(s, CONFIG("a", "1"), &err), 0);
	snprintf(path, sizeof(path), "%s/.meshtop/lock", d->path);
	lock = open(path, O_RDWR);
	assert_int_equal(flock(lock, LOCK_EX), 0);	/* as a stopped process would */
	vec_push(&t.changes, c);
	assert_int_equal(store_begin(s, &t, &err), 0);
	vec_fini(&t.changes);
	store_close(&s);
	close(lock);
	VALUE_IS(d, "a", "1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, mesh_dir_setup, mesh_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_store_load__reads_documents_only),
		TEST(test_store_load__last_good_file_keeps_serving),
		TEST(test_store_load__keeps_what_was_good_for_a_moment),
		TEST(test_store_load__last_good_document_keeps_serving),
		TEST(test_store_set_check__bad_objects_do_not_count),
		TEST(test_store_commit__places_replaces_and_removes),
		TEST(test_store_commit__does_not_lose_what_stands_in_the_way),
		TEST(test_store_commit__is_all_or_nothing),
		TEST(test_store_commit__does_not_write_twice_what_may_not_be_read),
		TEST(test_store_commit__refuses_names_that_lead_out),
		TEST(test_store_watch__sees_every_kind_of_edit),
		TEST(test_store_poll_changed__waits_for_a_writer),
		TEST(test_store_watch__follows_a_directory_that_is_replaced),
		TEST(test_store_begin__runs_beside_the_caller),
		TEST(test_store_begin__knows_what_was_good_for_a_moment),
		TEST(test_store_close__gives_up_a_commit_that_waits),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
