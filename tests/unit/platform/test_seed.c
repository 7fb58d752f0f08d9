/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling a directory with the demo, and its manifests by name. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/tree.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"
#include "src/platform/manifests.h"
#include "src/platform/seed.h"
#include "src/store/store.h"

static char dir[64];

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/meshtop-seed-XXXXXX");
	unsetenv("MESHTOP_DATADIR");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return tree_remove(dir);
}

static bool
has_file(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void
put_file(const char *name)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	close(fd);
}

static void
test_seed_demo__fills_an_empty_directory(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(seed_demo(dir, false, &err), 0);
	assert_true(has_file("travel-agency.yaml"));
	assert_true(has_file("travel-portal.yaml"));
	assert_true(has_file("travel-control.yaml"));
	assert_true(seed_is_demo(dir));
}

static void
test_seed_demo__makes_missing_folders(void **state)
{
	struct error err = ERROR_INIT;
	char deep[96];

	(void)state;
	snprintf(deep, sizeof(deep), "%s/a/b", dir);
	assert_int_equal(seed_demo(deep, false, &err), 0);
	assert_true(has_file("a/b/travel-agency.yaml"));
}

static void
test_seed_demo__leaves_what_is_there(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	put_file("mine.yaml");
	assert_int_equal(seed_demo(dir, false, &err), 0);
	assert_false(has_file("travel-agency.yaml"));
	assert_false(seed_is_demo(dir));
}

static void
test_seed_demo__resets_only_its_own(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	put_file("mine.yaml");
	assert_int_equal(seed_demo(dir, true, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_true(has_file("mine.yaml"));
}

/* Stores a new document, as a wizard would. */
static void
store_service(const char *name)
{
	struct error err = ERROR_INIT;
	struct store *s = store_open_directory(dir, false, &err);
	struct arena *a = arena_new();
	struct transaction t = { .via = VIA_APPLY, .changes = VEC_INIT };
	struct change_result result;
	char *text = xasprintf("{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": "
			       "\"%s\", \"namespace\": \"mine\"}}", name);

	assert_non_null(s);
	vec_push(&t.changes, ((struct change){
		.op = CHANGE_CREATE, .group = "", .kind = "Service", .ns = "mine", .name = name,
		.after = json_parse(a, text, strlen(text), &err),
	}));
	if (store_commit(s, &t, &result, &err) < 0)
		fail_msg("%s", err.msg);
	vec_fini(&t.changes);
	free(text);
	arena_free(&a);
	store_close(&s);
}

static void
test_seed_demo__reset_removes_what_meshtop_made(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(seed_demo(dir, false, &err), 0);
	store_service("new");
	assert_true(has_file("mine/service-new.yaml"));
	put_file(".meshtop/telemetry");
	put_file(".meshtop/addresses.json");
	assert_int_equal(seed_demo(dir, true, &err), 0);
	assert_false(has_file("mine"));
	assert_false(has_file(".meshtop/history.jsonl"));
	assert_false(has_file(".meshtop/telemetry"));
	assert_true(has_file(".meshtop/addresses.json"));
	assert_true(has_file("travel-agency.yaml"));
	assert_true(seed_is_demo(dir));
}

static void
test_seed_demo__reset_leaves_files_of_others(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(seed_demo(dir, false, &err), 0);
	put_file("added.yaml");
	put_file("notes.txt");
	store_service("new");
	put_file("mine/own.yaml");
	assert_int_equal(seed_demo(dir, true, &err), 0);
	assert_true(has_file("added.yaml"));
	assert_true(has_file("notes.txt"));
	assert_true(has_file("mine/own.yaml"));
	assert_false(has_file("mine/service-new.yaml"));
}

/* Objects of a text, which must have no problems. */
static size_t
count_objects(const char *name, const struct buf *text, size_t *deployments)
{
	struct problems problems = PROBLEMS_INIT;
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text(name, buf_str(text), &problems, &err);
	size_t count;

	if (s == NULL)
		fail_msg("%s: %s", name, err.msg);
	assert_int_equal(problems.rows.len, 0);
	count = s->count;
	(void)snapshot_kind(s, KIND_DEPLOYMENT, deployments);
	snapshot_put(&s);
	problems_fini(&problems);
	return count;
}

static void
test_demo_manifest__an_extra_is_its_deployment_alone(void **state)
{
	(void)state;
	for (const char *const *name = demo_extras(); *name != NULL; name++) {
		struct buf text = BUF_INIT;
		struct error err = ERROR_INIT;
		size_t deployments;

		assert_int_equal(demo_manifest(*name, &text, &err), 0);
		assert_int_equal(count_objects(*name, &text, &deployments), 1);
		assert_int_equal(deployments, 1);
		buf_fini(&text);
	}
}

static void
test_demo_manifest__the_base_is_whole(void **state)
{
	static const size_t want[] = { 7, 1, 3 };	/* Deployments: agency, control, portal */
	size_t i = 0;

	(void)state;
	for (const char *const *name = demo_base(); *name != NULL; name++, i++) {
		struct buf text = BUF_INIT;
		struct error err = ERROR_INIT;
		size_t deployments;

		assert_int_equal(demo_manifest(*name, &text, &err), 0);
		(void)count_objects(*name, &text, &deployments);
		assert_int_equal(deployments, want[i]);
		buf_fini(&text);
	}
}

/* What the program carries is what stands in the files. */
static void
test_demo_manifest__embedded_and_files_agree(void **state)
{
	const char *source = getenv("MESHTOP_SRCDIR");
	char share[1024];

	(void)state;
	if (source == NULL)
		skip();
	snprintf(share, sizeof(share), "%s/share", source);
	for (const char *const *name = demo_extras(); *name != NULL; name++) {
		struct buf own = BUF_INIT, file = BUF_INIT;
		struct error err = ERROR_INIT;
		char *path;

		setenv("MESHTOP_DATADIR", "/nonexistent", 1);
		assert_null(demo_extra_path(*name));
		assert_int_equal(demo_manifest(*name, &own, &err), 0);
		setenv("MESHTOP_DATADIR", share, 1);
		path = demo_extra_path(*name);
		assert_non_null(path);
		free(path);
		assert_int_equal(demo_manifest(*name, &file, &err), 0);
		assert_string_equal(buf_str(&own), buf_str(&file));
		buf_fini(&own);
		buf_fini(&file);
	}
	unsetenv("MESHTOP_DATADIR");
}

static void
test_demo_manifest__names_what_there_is(void **state)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(demo_manifest("travels-v9", &text, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_non_null(strstr(err.msg, "travels-v9"));
	assert_non_null(strstr(err.msg, "loadtester"));
	assert_null(demo_extra_path("../../etc/passwd"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(test_seed_demo__fills_an_empty_directory),
		CASE(test_seed_demo__makes_missing_folders),
		CASE(test_seed_demo__leaves_what_is_there),
		CASE(test_seed_demo__resets_only_its_own),
		CASE(test_seed_demo__reset_removes_what_meshtop_made),
		CASE(test_seed_demo__reset_leaves_files_of_others),
#undef CASE
		cmocka_unit_test(test_demo_manifest__an_extra_is_its_deployment_alone),
		cmocka_unit_test(test_demo_manifest__the_base_is_whole),
		cmocka_unit_test(test_demo_manifest__embedded_and_files_agree),
		cmocka_unit_test(test_demo_manifest__names_what_there_is),
	};

	return cmocka_run_group_tests_name("seed", tests, NULL, NULL);
}
