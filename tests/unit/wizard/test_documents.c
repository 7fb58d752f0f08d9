/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cases of tests/data/wizard/NAME.yaml: what is stored, the answers, what
 * comes out.  A case has the keys name, kind, service, stored (objects),
 * answers, expect (objects, all of them), paths ("Kind spec.path": its value,
 * in the first document of that kind; null: absent), changes ("create Kind
 * NAME", keep for unchanged ones), problems ("CODE path"), quiet (codes that
 * must not be there) and refused ("CODE path", then nothing comes out).
 * Each accepted case is applied a second time to its own result: nothing
 * must change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "tests/unit/wizard/bench.h"

static char *
read_file(const char *name)
{
	const char *root = getenv("MESHTOP_SRCDIR");
	char *path = xasprintf("%s/tests/data/wizard/%s.yaml", root != NULL ? root : ".", name);
	struct buf text = BUF_INIT;

	if (file_read(path, 1u << 20, &text, NULL) < 0)
		fail_msg("%s is missing", path);
	free(path);
	return buf_steal(&text);
}

static void
print_problems(const struct problems *p)
{
	struct buf out = BUF_INIT;

	problems_put_text(p, &out);
	print_error("%s", buf_str(&out));
	buf_fini(&out);
}

/* "CODE path" rows must all be there. */
static void
check_rows(const char *name, const struct value *rows, const struct problems *p)
{
	VALUE_EACH(row, rows) {
		char code[16];
		const char *space = strchr(value_text(row), ' ');
		size_t len = space != NULL ? (size_t)(space - value_text(row))
					   : strlen(value_text(row));

		snprintf(code, sizeof(code), "%.*s", (int)len, value_text(row));
		if (!bench_has(p, code, space != NULL ? space + 1 : NULL)) {
			print_problems(p);
			fail_msg("%s: no row %s", name, value_text(row));
		}
	}
}

static void
check_documents(const char *name, const struct value *expect, const struct wizard_preview *p)
{
	size_t i = 0;

	VALUE_EACH(want, expect) {
		if (i >= p->document_count)
			fail_msg("%s: document %zu is missing", name, i + 1);
		if (!value_equal(want, p->documents[i].root)) {
			struct buf out = BUF_INIT;

			yaml_emit(&out, want);
			print_error("wanted:\n%s\ngot:\n%s", buf_str(&out), p->documents[i].yaml);
			buf_fini(&out);
			fail_msg("%s: document %zu differs", name, i + 1);
		}
		i++;
	}
	if (expect != NULL && i != p->document_count)
		fail_msg("%s: document %zu was not expected:\n%s", name, i + 1,
			 p->documents[i].yaml);
}

static const struct wizard_document *
first_of(const struct wizard_preview *p, const char *kind, size_t len)
{
	for (size_t i = 0; i < p->document_count; i++)
		if (strlen(p->documents[i].kind) == len &&
		    strncmp(p->documents[i].kind, kind, len) == 0)
			return &p->documents[i];
	return NULL;
}

static void
check_paths(const char *name, const struct value *paths, const struct wizard_preview *p)
{
	VALUE_EACH(want, paths) {
		const char *space = strchr(want->key, ' ');
		const struct wizard_document *doc =
			first_of(p, want->key, (size_t)(space - want->key));
		const struct value *got = doc != NULL ? value_path(doc->root, space + 1) : NULL;
		struct buf out = BUF_INIT;

		if (doc != NULL && value_equal(want, got))
			continue;
		yaml_emit(&out, got);
		fail_msg("%s: %s is %s", name, want->key, buf_str(&out));
	}
}

static void
check_quiet(const char *name, const struct value *codes, const struct problems *p)
{
	VALUE_EACH(code, codes)
		if (bench_has(p, value_text(code), NULL)) {
			print_problems(p);
			fail_msg("%s: %s is there", name, value_text(code));
		}
}

static void
check_changes(const char *name, const struct value *want, const struct wizard_preview *p)
{
	static const char *const ops[] = { "create", "update", "keep", "delete" };
	size_t i = 0;

	if (want == NULL)
		return;
	VALUE_EACH(text, want) {
		char got[200];

		if (i >= p->document_count)
			fail_msg("%s: no change for %s", name, value_text(text));
		snprintf(got, sizeof(got), "%s %s %s", ops[p->documents[i].op],
			 p->documents[i].kind, p->documents[i].name);
		if (strcmp(got, value_text(text)) != 0)
			fail_msg("%s: %s, wanted %s", name, got, value_text(text));
		i++;
	}
	assert_int_equal(i, p->document_count);
}

/* What the mesh holds after the change: stored objects, replaced or new. */
static struct value *
after(struct arena *a, const struct value *stored, const struct wizard_preview *p)
{
	struct value *list = value_new_list(a);

	VALUE_EACH(o, stored) {
		const struct value *meta = value_get(o, "metadata");
		bool is_replaced = false;

		for (size_t i = 0; i < p->document_count; i++)
			is_replaced = is_replaced ||
				(strcmp(p->documents[i].kind, value_get_text(o, "kind")) == 0 &&
				 strcmp(p->documents[i].name, value_get_text(meta, "name")) == 0 &&
				 strcmp(p->documents[i].ns, value_get_text(meta, "namespace")) == 0);
		if (!is_replaced)
			value_append(list, value_copy(a, o));
	}
	for (size_t i = 0; i < p->document_count; i++)
		if (p->documents[i].root != NULL)
			value_append(list, value_copy(a, p->documents[i].root));
	return list;
}

static void
check_again(const char *name, const struct value *c, const struct value *stored,
	    const struct value *answers)
{
	struct bench b;

	bench_open(&b, value_get_text(c, "kind"), value_get_text(c, "service"), stored);
	if (bench_answer(&b, answers) < 0) {
		print_problems(&b.problems);
		fail_msg("%s: refused the second time", name);
	}
	bench_preview(&b);
	for (size_t i = 0; i < b.preview->document_count; i++)
		if (b.preview->documents[i].op != DOC_UNCHANGED)
			fail_msg("%s: changes again:\n%s", name, b.preview->documents[i].diff);
	bench_close(&b);
}

/* Answers that name stored rules by number mean others afterwards. */
static bool
is_repeatable(const struct value *c)
{
	bool once = false;

	value_to_bool(value_get(c, "once"), &once);
	return !once;
}

static void
check_case(const struct value *c)
{
	const char *name = value_get_text(c, "name");
	const struct value *stored = value_get(c, "stored"), *refused = value_get(c, "refused");
	const struct value *answers = value_get(c, "answers");
	struct bench b;

	bench_open(&b, value_get_text(c, "kind"), value_get_text(c, "service"), stored);
	if (refused != NULL) {
		if (bench_answer(&b, answers) == 0)
			fail_msg("%s: accepted", name);
		check_rows(name, refused, &b.problems);
		bench_close(&b);
		return;
	}
	if (bench_answer(&b, answers) < 0) {
		print_problems(&b.problems);
		fail_msg("%s: refused", name);
	}
	bench_preview(&b);
	check_documents(name, value_get(c, "expect"), b.preview);
	check_paths(name, value_get(c, "paths"), b.preview);
	check_quiet(name, value_get(c, "quiet"), &b.preview->problems);
	check_changes(name, value_get(c, "changes"), b.preview);
	check_rows(name, value_get(c, "problems"), &b.preview->problems);
	if (is_repeatable(c)) {
		struct value *result = after(b.arena, stored, b.preview);
		struct value *empty = value_new_map(b.arena);

		check_again(name, c, result, answers);
		check_again(name, c, result, empty);	/* {} submits what is there */
	}
	bench_close(&b);
}

static void
run_file(const char *file)
{
	struct arena *a = arena_new();
	struct yaml_stream s = { VEC_INIT };
	struct error err = ERROR_INIT;
	char *text = read_file(file);

	if (yaml_parse(a, text, strlen(text), file, &s, &err) < 0)
		fail_msg("%s:%u:%u: %s", file, err.line, err.col, err.msg);
	assert_true(s.docs.len > 0);
	for (size_t i = 0; i < s.docs.len; i++)
		check_case(s.docs.items[i].root);
	yaml_stream_fini(&s);
	free(text);
	arena_free(&a);
}

#define FILE_TEST(id, file) \
	static void test_wizard__##id(void **state) { (void)state; run_file(file); }
FILE_TEST(creates_the_documents_of_each_kind, "create")
FILE_TEST(updates_keep_what_answers_do_not_mention, "update")
FILE_TEST(advanced_parts_are_set_and_removed, "advanced")
FILE_TEST(opens_what_others_wrote, "foreign")
FILE_TEST(wrong_answers_are_refused_with_their_path, "refused")

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wizard__creates_the_documents_of_each_kind),
		cmocka_unit_test(test_wizard__updates_keep_what_answers_do_not_mention),
		cmocka_unit_test(test_wizard__advanced_parts_are_set_and_removed),
		cmocka_unit_test(test_wizard__opens_what_others_wrote),
		cmocka_unit_test(test_wizard__wrong_answers_are_refused_with_their_path),
	};

	return cmocka_run_group_tests_name("wizard documents", tests, NULL, NULL);
}
