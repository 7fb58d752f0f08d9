/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents replaced inside a file's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"
#include "src/store/splice.h"

#define DOC(name) "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " name "\n"
#define NEW "apiVersion: v1\nkind: Pod\nmetadata:\n  name: new\n"
#define NONE SIZE_MAX

/* after: 'n' the new document emitted, 't' its text as written, '-' removed */
static const struct {
	const char *what, *path, *before;
	size_t doc, item;
	char after;
	const char *want;
} rows[] = {
	{ "first into nothing", "a.yaml", NULL, NONE, NONE, 'n', NEW },
	{ "added", "a.yaml", DOC("a"), NONE, NONE, 'n', DOC("a") "---\n" NEW },
	{ "added behind a cut line", "a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}",
	  NONE, NONE, 'n', "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n" NEW },
	{ "replaced alone", "a.yaml", DOC("a"), 0, NONE, 'n', NEW },
	{ "header comment stays", "a.yaml", "# head\n\n" DOC("a"), 0, NONE, 'n', "# head\n\n" NEW },
	{ "middle", "a.yaml", DOC("a") "---\n# b\n" DOC("b") "# tail\n---\n  # odd\n" DOC("c"), 1, NONE,
	  'n', DOC("a") "---\n# b\n" NEW "# tail\n---\n  # odd\n" DOC("c") },
	{ "last, no newline at end", "a.yaml", DOC("a") "---\nkind: Pod", 1, NONE, 'n',
	  DOC("a") "---\n" NEW },
	{ "on the line of its dashes", "a.yaml", DOC("a") "--- {kind: Pod}\n--- {x: y}\n", 1, NONE, 'n',
	  DOC("a") "---\n" NEW "--- {x: y}\n" },
	{ "text as written", "a.yaml", DOC("a") "---\n" DOC("b"), 0, NONE, 't',
	  "# mine\n" NEW "---\n" DOC("b") },
	{ "removed alone", "a.yaml", DOC("a"), 0, NONE, '-', "" },
	{ "removed first", "a.yaml", DOC("a") "---\n" DOC("b"), 0, NONE, '-', DOC("b") },
	{ "removed first, the file's head stays", "a.yaml", "# head\n# more\n" DOC("a") "---\n" DOC("b"),
	  0, NONE, '-', "# head\n# more\n" DOC("b") },
	{ "removed first, its own comment goes", "a.yaml",
	  "# head\n\n# a\n" DOC("a") "---\n# b\n" DOC("b"), 0, NONE, '-', "# head\n\n# b\n" DOC("b") },
	{ "removed first, head before dashes", "a.yaml",
	  "# head\n\n# more\n---\n# a\n" DOC("a") "---\n" DOC("b"), 0, NONE, '-',
	  "# head\n\n# more\n" DOC("b") },
	{ "removed first with dashes", "a.yaml", "---\n" DOC("a") "---\n" DOC("b"), 0, NONE, '-',
	  DOC("b") },
	{ "removed middle", "a.yaml", DOC("a") "---\n" DOC("b") "---\n" DOC("c"), 1, NONE, '-',
	  DOC("a") "---\n" DOC("c") },
	{ "removed last", "a.yaml", DOC("a") "---\n" DOC("b"), 1, NONE, '-', DOC("a") },
	{ "removed beside empty documents", "a.yaml", "---\n---\n" DOC("a") "---\n", 1, NONE, '-', "" },
	{ "carriage returns of others stay", "a.yaml",
	  "kind: A\r\nx: 1\r\n---\r\nkind: B\r\n", 1, NONE, 'n', "kind: A\r\nx: 1\r\n---\r\n" NEW },
	{ "json stays json", "a.json", "{\"kind\": \"Pod\"}", 0, NONE, 'n',
	  "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"metadata\": {\n"
	  "    \"name\": \"new\"\n  }\n}\n" },
	{ "yaml text does not go into json", "a.json", "{\"kind\": \"Pod\"}\n", 0, NONE, 't',
	  "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"metadata\": {\n"
	  "    \"name\": \"new\"\n  }\n}\n" },
	{ "list item", "a.yaml", "kind: List\nitems:\n- kind: A\n  x: 1\n# b\n- kind: B\n", 0, 0, 'n',
	  "kind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: new\n# b\n"
	  "- kind: B\n" },
	{ "indented last list item", "a.yaml", "kind: List\nitems:\n  - kind: A\n  -   kind: B\n", 0, 1,
	  'n', "kind: List\nitems:\n  - kind: A\n  -   apiVersion: v1\n      kind: Pod\n"
	  "      metadata:\n        name: new\n" },
	{ "list item removed", "a.yaml", "kind: List\nitems:\n- kind: A\n  x: 1\n- kind: B # b\nz: 1\n",
	  0, 0, '-', "kind: List\nitems:\n- kind: B # b\nz: 1\n" },
	{ "last list item removed", "a.yaml", "kind: List\nitems:\n- kind: A\n- kind: B\nz: 1\n",
	  0, 1, '-', "kind: List\nitems:\n- kind: A\nz: 1\n" },
	{ "only list item removed", "a.yaml", DOC("a") "---\nkind: List\nitems:\n- kind: A\n",
	  1, 0, '-', DOC("a") },
	{ "json list item", "a.json", "{\"kind\": \"List\",\n \"items\": [{\"kind\": \"A\"}, {\"x\": 1}]}\n",
	  0, 1, 'n', "{\"kind\": \"List\",\n \"items\": [{\"kind\": \"A\"}, {\n   \"apiVersion\": \"v1\",\n"
	  "   \"kind\": \"Pod\",\n   \"metadata\": {\n     \"name\": \"new\"\n   }\n }]}\n" },
	{ "json list item removed", "a.json", "{\"items\": [{\"kind\": \"A\"}, {\"x\": 1}]}\n", 0, 0, '-',
	  "{\n  \"items\": [\n    {\n      \"x\": 1\n    }\n  ]\n}\n" },
};

static struct value *
new_document(struct arena *a)
{
	struct value *v = value_new_map(a);

	value_set_string(a, v, "apiVersion", "v1");
	value_set_string(a, v, "kind", "Pod");
	value_set_string(a, value_ensure_map(a, v, "metadata"), "name", "new");
	return v;
}

static void
test_splice_file__leaves_the_rest_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *a = arena_new();
		struct error err = ERROR_INIT;
		struct splice_edits edits = { VEC_INIT };
		struct splice_edit e = { .doc_index = rows[i].doc, .list_index = rows[i].item };
		struct source_file *f = NULL;
		struct buf out = BUF_INIT;

		if (rows[i].before != NULL)
			f = source_file_new(rows[i].path, rows[i].before, strlen(rows[i].before),
					    NULL, NULL, &err);
		e.after = rows[i].after == '-' ? NULL : new_document(a);
		e.text = rows[i].after == 't' ? "# mine\n" NEW : NULL;
		vec_push(&edits.items, e);
		if (splice_file(f, rows[i].path, &edits, &out, &err) < 0)
			fail_msg("%s: %s", rows[i].what, err.msg);
		if (strcmp(buf_str(&out), rows[i].want) != 0)
			fail_msg("%s:\n%s", rows[i].what, buf_str(&out));
		source_file_put(&f);
		vec_fini(&edits.items);
		buf_fini(&out);
		arena_free(&a);
	}
}

static void
test_splice_file__several_edits_at_once(void **state)
{
	static const char before[] = DOC("a") "---\n" DOC("b") "---\n" DOC("c") "---\n" DOC("d");
	struct arena *a = arena_new();
	struct error err = ERROR_INIT;
	struct source_file *f = source_file_new("a.yaml", before, strlen(before), NULL, NULL, &err);
	struct splice_edits edits = { VEC_INIT };
	struct buf out = BUF_INIT;
	struct splice_edit e = { .list_index = NONE };

	(void)state;
	e.doc_index = 1;
	vec_push(&edits.items, e);
	e.doc_index = 0;
	vec_push(&edits.items, e);
	e.doc_index = 3;
	e.after = new_document(a);
	vec_push(&edits.items, e);
	e.doc_index = NONE;
	vec_push(&edits.items, e);
	assert_int_equal(splice_file(f, "a.yaml", &edits, &out, &err), 0);
	assert_string_equal(buf_str(&out), DOC("c") "---\n" NEW "---\n" NEW);
	source_file_put(&f);
	vec_fini(&edits.items);
	buf_fini(&out);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splice_file__leaves_the_rest_alone),
		cmocka_unit_test(test_splice_file__several_edits_at_once),
	};

	return cmocka_run_group_tests_name("splice", tests, NULL, NULL);
}
