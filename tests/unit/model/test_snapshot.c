/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From documents to objects and snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"

#define SERVICE(name) "apiVersion: v1\nkind: Service\nmetadata:\n  name: " name "\n"

static void
test_source_file__says_what_is_wrong_with_a_document(void **state)
{
	static const struct {
		const char *text, *code;	/* code "": fine */
		size_t objects;
	} rows[] = {
		{ SERVICE("a"), "", 1 },
		{ "", "", 0 },
		{ "---\n---\n# nothing\n---\n" SERVICE("a"), "", 1 },
		{ "hello\n", "MT0002", 0 },
		{ "- a\n", "MT0002", 0 },
		{ "kind: Service\nmetadata: {name: a}\n", "MT0003", 0 },
		{ "apiVersion: v1\nmetadata: {name: a}\n", "MT0004", 0 },
		{ "apiVersion: v1\nkind: 5\nmetadata: {name: a}\n", "MT0004", 0 },
		{ "apiVersion: v1\nkind: Service\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {}\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: 12}\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: \"a\\e[2J\"}\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: ../../x}\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: a.b}\n", "MT0005", 0 },
		{ "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a.b}\n", "", 1 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: A}\n", "MT0006", 0 },
		{ "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: ../b}\n", "MT0006", 0 },
		{ "apiVersion: apps/v1\nkind: Service\nmetadata: {name: a}\n", "MT0007", 0 },
		{ "apiVersion: v1\nkind: VirtualService\nmetadata: {name: a}\n", "MT0007", 0 },
		{ "apiVersion: apps/v7\nkind: Deployment\nmetadata: {name: a}\n", "MT0008", 1 },
		{ "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: 1}}\n", "MT0009", 0 },
		{ "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: []}\n", "MT0009", 0 },
		{ "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {v: true}}\n",
		  "MT0009", 0 },
		{ "apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: a}\n", "MT0011", 1 },
		{ "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: a}\n", "MT0011", 1 },
		{ "apiVersion: security.istio.io/v1beta1\nkind: AuthorizationPolicy\nmetadata: {name: a}\n",
		  "MT0016", 1 },
		{ "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio.io/dataplane-mode: ambient}}\n",
		  "MT0017", 1 },
		{ "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {istio.io/dataplane-mode: none}}\n",
		  "", 1 },
		{ "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n",
		  "MT0012", 1 },
		{ "apiVersion: v1\nkind: List\nitems: {}\n", "MT0013", 0 },
		{ "apiVersion: v1\nkind: List\nitems: [3]\n", "MT0002", 0 },
		{ "apiVersion: v1\nkind: List\n", "", 0 },
		{ SERVICE("a") "---\n" SERVICE("a"), "MT0010", 1 },
		{ SERVICE("a") "---\n" SERVICE("a") "  namespace: default\n", "MT0010", 1 },
		{ SERVICE("a") "---\n" SERVICE("a") "  namespace: other\n", "", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct problems p = PROBLEMS_INIT;
		struct error err = ERROR_INIT;
		struct snapshot *s = snapshot_of_text("t.yaml", rows[i].text, &p, &err);
		const char *code = p.rows.len > 0 ? p.rows.items[0].code : "";

		if (s == NULL)
			fail_msg("row %zu: %s", i, err.msg);
		if (strcmp(code, rows[i].code) != 0 || s->count != rows[i].objects)
			fail_msg("row %zu: '%s' with %zu objects", i, code, s->count);
		if (p.rows.len > 0)
			assert_true(p.rows.items[0].line > 0);
		snapshot_put(&s);
		problems_fini(&p);
	}
}

static void
test_source_file__refuses_what_does_not_parse(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_null(snapshot_of_text("t.yaml", "a: [1\nb: 2\n", NULL, &err));
	assert_int_equal(err.code, ERROR_SYNTAX);
	assert_string_equal(err.file, "t.yaml");
	assert_true(err.line > 0);
}

static void
test_source_file__unfolds_lists_and_knows_places(void **state)
{
	static const char text[] =
		SERVICE("a")
		"---\n"
		"apiVersion: v1\n"
		"kind: List\n"
		"items:\n"
		"- apiVersion: v1\n"
		"  kind: Service\n"
		"  metadata: {name: b, namespace: n, creationTimestamp: \"2024-03-01T00:00:01Z\"}\n"
		"- apiVersion: v1\n"
		"  kind: Namespace\n"
		"  metadata: {name: n, namespace: ignored}\n";
	struct error err = ERROR_INIT;
	struct source_file *f = source_file_new("x/t.yaml", text, strlen(text), "mine", NULL, &err);
	const struct object *o;
	size_t count;

	(void)state;
	assert_non_null(f);
	o = source_file_objects(f, &count);
	assert_int_equal(count, 3);
	assert_string_equal(o[0].ns, "mine");
	assert_true(o[0].list_index == SIZE_MAX);
	assert_memory_equal(text + o[0].begin, "apiVersion", 10);
	assert_string_equal(o[1].ns, "n");
	assert_int_equal(o[1].list_index, 0);
	assert_int_equal(o[1].line, 9);
	assert_true(o[1].created_ms == 1709251201000);
	assert_string_equal(o[2].ns, "");
	assert_int_equal(o[2].doc_index, 1);
	source_file_put(&f);
}

static void
test_source_file__names_rejects(void **state)
{
	static const char text[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: 1}}\n";
	struct error err = ERROR_INIT;
	struct source_file *f = source_file_new("t.yaml", text, strlen(text), NULL, NULL, &err);
	const struct source_reject *r;
	size_t count;

	(void)state;
	r = source_file_rejects(f, &count);
	assert_int_equal(count, 1);
	assert_string_equal(r[0].kind_name, "Pod");
	assert_string_equal(r[0].name, "p");
	assert_string_equal(r[0].ns, "default");
	source_file_put(&f);
}

static void
test_snapshot__sorted_and_found(void **state)
{
	static const char text[] =
		SERVICE("z") "---\n" SERVICE("a") "---\n" SERVICE("m") "  namespace: b\n---\n"
		"apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: f}\n---\n"
		"apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n";
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("t.yaml", text, NULL, &err);
	const struct object *const *services;
	size_t count, seen = 0;

	(void)state;
	services = snapshot_kind(s, KIND_SERVICE, &count);
	assert_int_equal(count, 3);
	assert_string_equal(services[0]->name, "m");
	assert_string_equal(services[1]->name, "a");
	assert_string_equal(services[2]->name, "z");
	SNAPSHOT_EACH(o, s, KIND_SERVICE)
		seen += o->kind->id == KIND_SERVICE;
	assert_int_equal(seen, 3);
	services = snapshot_kind_in(s, KIND_SERVICE, "default", &count);
	assert_int_equal(count, 2);
	assert_string_equal(services[0]->name, "a");
	services = snapshot_kind_in(s, KIND_SERVICE, "b", &count);
	assert_int_equal(count, 1);
	assert_string_equal(services[0]->name, "m");
	snapshot_kind_in(s, KIND_SERVICE, "c", &count);
	assert_int_equal(count, 0);
	snapshot_kind_in(s, KIND_SERVICE, "zz", &count);
	assert_int_equal(count, 0);
	assert_non_null(snapshot_find(s, KIND_SERVICE, "default", "z"));
	assert_null(snapshot_find(s, KIND_SERVICE, "b", "z"));
	assert_non_null(snapshot_find(s, KIND_NAMESPACE, "whatever", "b"));
	assert_non_null(snapshot_find_named(s, "x.io", "Foo", "default", "f"));
	assert_non_null(snapshot_find_named(s, "", "Service", "b", "m"));
	assert_null(snapshot_find_named(s, "y.io", "Foo", "default", "f"));
	snapshot_put(&s);
}

static void
test_snapshot__ranks_by_age_and_outlives_files(void **state)
{
	static const char one[] = SERVICE("a") "  creationTimestamp: \"2024-01-02T00:00:00Z\"\n";
	static const char two[] = SERVICE("b") "  creationTimestamp: \"2024-01-01T00:00:00Z\"\n";
	struct error err = ERROR_INIT;
	struct source_file *files[2] = {
		source_file_new("1.yaml", one, strlen(one), NULL, NULL, &err),
		source_file_new("2.yaml", two, strlen(two), NULL, NULL, &err),
	};
	struct snapshot *s = snapshot_new(files, 2, 7, NULL);

	(void)state;
	source_file_put(&files[0]);
	source_file_put(&files[1]);
	assert_true(s->generation == 7);
	assert_int_equal(snapshot_file_count(s), 2);
	assert_true(snapshot_find(s, KIND_SERVICE, "default", "b")->age_rank <
		    snapshot_find(s, KIND_SERVICE, "default", "a")->age_rank);
	snapshot_put(&s);
	assert_null(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_file__says_what_is_wrong_with_a_document),
		cmocka_unit_test(test_source_file__refuses_what_does_not_parse),
		cmocka_unit_test(test_source_file__unfolds_lists_and_knows_places),
		cmocka_unit_test(test_source_file__names_rejects),
		cmocka_unit_test(test_snapshot__sorted_and_found),
		cmocka_unit_test(test_snapshot__ranks_by_age_and_outlives_files),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
