/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in for a document that does not say which object it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "src/base/error.h"
#include "tests/unit/store/mesh_dir.h"

/* A document that does not say which object it is takes nothing away. */
static void
test_store_load__last_good_document_of_its_place(void **state)
{
	static const char *const bad[] = {
		"hello\n", "apiVersion: v1\nkid: ConfigMap\nmetadata: {name: b}\n",
		"apiVersio: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {nam: b}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: B}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: X}\n",
	};
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	char text[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mesh_dir_write(d, "a.yaml", CONFIG("a", "1") "---\n" CONFIG("b", "1") "---\n" CONFIG("c", "1"));
		STORE_VALUE_IS(s, "b", "1");
		snprintf(text, sizeof(text), "%s---\n%s---\n%s", CONFIG("a", "2"), bad[i], CONFIG("c", "2"));
		mesh_dir_write(d, "a.yaml", text);
		STORE_VALUE_IS(s, "a", "2");
		STORE_VALUE_IS(s, "b", "1");
		STORE_VALUE_IS(s, "c", "2");
		/* a commit of what stands there mends it, and keeps it once */
		assert_int_equal(commit_text(s, CONFIG("b", "3"), &err), 0);
		FILE_IS(d, "a.yaml", CONFIG("a", "2") "---\n" CONFIG("b", "3") "---\n" CONFIG("c", "2"));
	}
	/* elsewhere it wins over what stands in for it */
	mesh_dir_write(d, "a.yaml", "hello\n---\n" CONFIG("b", "4"));
	STORE_VALUE_IS(s, "a", "2");
	mesh_dir_write(d, "z.yaml", CONFIG("a", "5"));
	STORE_VALUE_IS(s, "a", "5");
	/* and what has gone is gone */
	mesh_dir_remove(d, "z.yaml");
	mesh_dir_write(d, "a.yaml", CONFIG("b", "4") "---\nhello\n");
	STORE_VALUE_IS(s, "a", "");
	store_close(&s);
}

#define BAD_CONFIG(name) "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\n  labels: 5\n"
#define MISSPELT_CONFIG(name) "apiVersion: v1\nkid: ConfigMap\nmetadata:\n  name: " name "\n"
#define LIST "apiVersion: v1\nkind: List\nitems:\n"
#define ITEM(name) \
	"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: " name "\n  data:\n    v: \"1\"\n"
#define BAD_ITEM(name) "- {apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", labels: 5}}\n"
#define BLOCK_BAD_ITEM(name) \
	"- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: " name "\n    labels: 5\n"
#define MISSPELT_ITEM "- {apiVersion: v1, kid: ConfigMap, metadata: {name: a}}\n"

/* Places are those in the file, also behind documents that never were good. */
static void
test_store_load__never_good_documents_have_places(void **state)
{
	static const struct { const char *before, *after, *a, *b; } files[] = {
		{ BAD_CONFIG("x") "---\n" CONFIG("a", "1") "---\n" CONFIG("b", "1"),
		  BAD_CONFIG("x") "---\n" MISSPELT_CONFIG("a") "---\n" CONFIG("b", "1"), "1", "1" },
		{ BAD_CONFIG("x") "---\n" CONFIG("a", "1") "---\n" CONFIG("b", "1"),
		  BAD_CONFIG("x") "---\n" MISSPELT_CONFIG("a"), "1", "" },
		{ "hello\n---\n" CONFIG("a", "1") "---\n" CONFIG("b", "1"),
		  "hello\n---\n" MISSPELT_CONFIG("a"), "1", "" },
		{ MISSPELT_CONFIG("x") "---\n" BAD_CONFIG("y") "---\n" CONFIG("a", "1"),
		  MISSPELT_CONFIG("x") "---\n" BAD_CONFIG("y") "---\n" MISSPELT_CONFIG("a"), "1", "" },
		{ LIST BAD_ITEM("x") ITEM("a") ITEM("b"), LIST BAD_ITEM("x") MISSPELT_ITEM ITEM("b"), "1", "1" },
		{ LIST BAD_ITEM("x") ITEM("a") ITEM("b"), LIST BAD_ITEM("x") MISSPELT_ITEM, "1", "" },
		{ LIST BLOCK_BAD_ITEM("x") ITEM("a") ITEM("b"), LIST BLOCK_BAD_ITEM("x") MISSPELT_ITEM, "1", "" },
		{ LIST BAD_ITEM("x") "---\n" CONFIG("a", "1") "---\n" CONFIG("b", "1"),
		  LIST BAD_ITEM("x") "---\n" MISSPELT_CONFIG("a"), "1", "" },
	};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct mesh_dir *d = *state;
		struct store *s = mesh_dir_open(d);

		mesh_dir_write(d, "a.yaml", files[i].before);
		STORE_VALUE_IS(s, "a", "1");
		/* kept for stores of other processes, too */
		assert_int_equal(commit_text(s, CONFIG("c", "1"), &err), 0);
		mesh_dir_write(d, "a.yaml", files[i].after);
		STORE_VALUE_IS(s, "a", files[i].a);
		STORE_VALUE_IS(s, "b", files[i].b);
		VALUE_IS(d, "a", files[i].a);
		VALUE_IS(d, "b", files[i].b);
		/* what does not parse takes nothing away, and no place */
		mesh_dir_write(d, "a.yaml", "a: [");
		STORE_VALUE_IS(s, "a", files[i].a);
		mesh_dir_write(d, "a.yaml", files[i].after);
		STORE_VALUE_IS(s, "a", files[i].a);
		store_close(&s);
		mesh_dir_teardown(state);
		mesh_dir_setup(state);
	}
}

/* Deleting a document beside one that does not say which object it is. */
static void
test_store_commit__deletes_beside_stand_ins(void **state)
{
	static const struct { const char *before, *after, *left; } files[] = {
		{ CONFIG("a", "1") "---\n" CONFIG("b", "1") "---\n" CONFIG("c", "1"),
		  CONFIG("a", "1") "---\nhello\n---\n" CONFIG("c", "1"), "hello\n---\n" CONFIG("c", "1") },
		{ BAD_CONFIG("a") "---\n" CONFIG("b", "1") "---\n" CONFIG("c", "1"),
		  BAD_CONFIG("a") "---\nhello\n---\n" CONFIG("c", "1"), "hello\n---\n" CONFIG("c", "1") },
		{ LIST ITEM("a") ITEM("b") ITEM("c"), LIST ITEM("a") "- hello\n" ITEM("c"),
		  LIST "- hello\n" ITEM("c") },
	};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct mesh_dir *d = *state;
		struct store *s = mesh_dir_open(d), *other = mesh_dir_open(d);

		mesh_dir_write(d, "a.yaml", files[i].before);
		STORE_VALUE_IS(s, "b", "1");
		STORE_VALUE_IS(other, "b", "1");
		mesh_dir_write(d, "a.yaml", files[i].after);
		STORE_VALUE_IS(s, "b", "1");
		STORE_VALUE_IS(other, "b", "1");
		assert_int_equal(commit_delete(s, "a", &err), 0);
		STORE_VALUE_IS(s, "a", "");
		STORE_VALUE_IS(s, "b", "1");
		STORE_VALUE_IS(other, "a", "");
		STORE_VALUE_IS(other, "b", "1");
		VALUE_IS(d, "b", "1");
		/* a second time it takes nothing */
		assert_int_equal(commit_delete(s, "a", &err), 0);
		assert_int_equal(commit_delete(other, "a", &err), 0);
		FILE_IS(d, "a.yaml", files[i].left);
		store_close(&other);
		store_close(&s);
		mesh_dir_teardown(state);
		mesh_dir_setup(state);
	}
}

/* A document that says so, and is bad for another reason, is that object alone. */
static void
test_store_load__another_object_takes_the_place(void **state)
{
	static const char *const bad[] = {
		"labels: {x: 1}", "labels: [x]", "annotations: {x: true}",
	};
	struct mesh_dir *d = *state;
	struct store *s = mesh_dir_open(d);
	struct error err = ERROR_INIT;
	char text[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mesh_dir_write(d, "a.yaml", CONFIG("a", "1") "---\n" CONFIG("c", "1"));
		STORE_VALUE_IS(s, "a", "1");
		snprintf(text, sizeof(text), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  %s\n"
			 "---\n%s", bad[i], CONFIG("c", "1"));
		mesh_dir_write(d, "a.yaml", text);
		STORE_VALUE_IS(s, "a", "");
		assert_int_equal(commit_delete(s, "a", &err), 0);
		FILE_IS(d, "a.yaml", text);
	}
	store_close(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, mesh_dir_setup, mesh_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_store_load__last_good_document_of_its_place),
		TEST(test_store_load__never_good_documents_have_places),
		TEST(test_store_load__another_object_takes_the_place),
		TEST(test_store_commit__deletes_beside_stand_ins),
	};

	return cmocka_run_group_tests_name("store stand-ins", tests, NULL, NULL);
}
