/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks on what others wrote: public samples raise no error, and the
 * tables know exactly the fields of Istio's CRDs.  Skipped where the data is
 * not at hand.
 */
#include <dirent.h>
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
#include "src/base/file.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/istio/check.h"
#include "src/istio/schema.h"
#include "src/mesh/checks.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

/* Beside the sources, or beside the repository. */
static char *
data_path(const char *name)
{
	const char *src = getenv("MESHTOP_SRCDIR"), *given = getenv("MESHTOP_SHARED");
	const char *places[] = { given, src != NULL ? src : ".", "." };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *path;

		if (places[i] == NULL)
			continue;
		path = xasprintf("%s%s/data/%s", places[i], i == 0 ? "" : "/../shared", name);
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static void
check_file(const char *path)
{
	struct problems rows = PROBLEMS_INIT;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s;

	assert_int_equal(file_read(path, YAML_MAX_BYTES, &text, &err), 0);
	s = snapshot_of_text(path, buf_str(&text), &rows, &err);
	if (s == NULL)
		fail_msg("%s:%u: %s", path, err.line, err.msg);
	check_all(s, &rows);
	for (size_t i = 0; i < rows.rows.len; i++)
		if (rows.rows.items[i].severity == SEVERITY_ERROR)
			fail_msg("%s:%u: %s %s: %s", path, rows.rows.items[i].line, rows.rows.items[i].code,
				 rows.rows.items[i].path, rows.rows.items[i].message);
	problems_fini(&rows);
	snapshot_put(&s);
	buf_fini(&text);
}

static size_t
check_folder(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char *full = xasprintf("%s/%s", path, e->d_name);
		size_t len = strlen(e->d_name);
		struct stat st;

		if (e->d_name[0] != '.' && stat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
			count += check_folder(full);
		} else if (len > 5 && strcmp(e->d_name + len - 5, ".yaml") == 0) {
			check_file(full);
			count++;
		}
		free(full);
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

static void
check_data(const char *name)
{
	char *path = data_path(name);

	if (path == NULL) {
		print_message("# %s: skipped, not here\n", name);
		return;
	}
	assert_true(check_folder(path) > 0);
	free(path);
}

static void
test_check_all__istio_samples_have_no_error(void **state)
{
	(void)state;
	check_data("istio/samples");
}

static void
test_check_all__travel_demo_has_no_error(void **state)
{
	(void)state;
	check_data("travels");
}

#define BOOKINFO "bookinfo/platform/kube/bookinfo.yaml"
#define GATEWAY "bookinfo/networking/bookinfo-gateway.yaml"
#define SUBSETS "bookinfo/networking/destination-rule-all.yaml"
#define RULES(name) { BOOKINFO, GATEWAY, SUBSETS, "bookinfo/networking/" name }

/* Samples with those that they go with, and what is wrong with them all the
 * same: workloads that other samples bring, a rule that Istio never uses. */
static const struct {
	const char *files[4], *want;
} companions[] = {
	{ { BOOKINFO, GATEWAY, "bookinfo/networking/destination-rule-all-mtls.yaml" }, "" },
	{ RULES("virtual-service-all-v1.yaml"), "" },
	{ RULES("virtual-service-details-v2.yaml"), "KIA0203 details spec.subsets[1]\n" },
	{ RULES("virtual-service-ratings-db.yaml"), "KIA0203 ratings spec.subsets[1]\n" },
	{ RULES("virtual-service-ratings-mysql.yaml"), "KIA0203 ratings spec.subsets[2]\n" },
	{ RULES("virtual-service-ratings-mysql-vm.yaml"), "KIA0203 ratings spec.subsets[3]\n" },
	{ RULES("virtual-service-ratings-test-abort.yaml"), "" },
	{ RULES("virtual-service-ratings-test-delay.yaml"), "" },
	{ RULES("virtual-service-reviews-50-v3.yaml"), "" },
	{ RULES("virtual-service-reviews-80-20.yaml"), "" },
	{ RULES("virtual-service-reviews-90-10.yaml"), "" },
	{ RULES("virtual-service-reviews-jason-v2-v3.yaml"), "" },
	{ RULES("virtual-service-reviews-test-v2.yaml"), "" },
	{ RULES("virtual-service-reviews-v2-v3.yaml"), "" },
	{ RULES("virtual-service-reviews-v3.yaml"), "" },
	{ { BOOKINFO, GATEWAY, "bookinfo/networking/fault-injection-details-v1.yaml" }, "MT2002 details spec.http[1]\n" },
	{ { BOOKINFO, GATEWAY, "bookinfo/networking/destination-rule-reviews.yaml" }, "" },
	{ { "helloworld/helloworld.yaml", "helloworld/helloworld-gateway.yaml" }, "" },
	{ { "httpbin/httpbin.yaml", "httpbin/httpbin-gateway.yaml" }, "" },
	{ { "sleep/sleep.yaml" }, "" },
	{ { "tcp-echo/tcp-echo-services.yaml", "tcp-echo/tcp-echo-all-v1.yaml" }, "" },
	{ { "websockets/app.yaml", "websockets/route.yaml" }, "" },
};

static struct source_file *
open_sample(const char *name, struct problems *rows)
{
	char *path = xasprintf("istio/samples/%s", name), *full = data_path(path);
	struct source_file *f = NULL;
	struct buf text = BUF_INIT;

	if (full != NULL && file_read(full, YAML_MAX_BYTES, &text, NULL) == 0)
		f = source_file_new(name, buf_str(&text), text.len, NULL, rows, NULL);
	free(path);
	free(full);
	buf_fini(&text);
	return f;
}

static void
check_companions(size_t row)
{
	struct source_file *files[4] = { NULL };
	struct problems rows = PROBLEMS_INIT;
	struct buf got = BUF_INIT;
	struct snapshot *s;
	size_t count = 0;

	for (; count < 4 && companions[row].files[count] != NULL; count++) {
		files[count] = open_sample(companions[row].files[count], &rows);
		assert_non_null(files[count]);
	}
	s = snapshot_new(files, count, 1, &rows);
	checks_run(s, &rows);
	checks_soften(s, &rows);
	for (size_t i = 0; i < rows.rows.len; i++) {
		const struct problem *p = &rows.rows.items[i];

		if (p->severity != SEVERITY_INFO)
			buf_printf(&got, "%s %s %s\n", p->code, p->name, p->path);
	}
	if (strcmp(buf_str(&got), companions[row].want) != 0)
		fail_msg("%s: wanted\n%sgot\n%s", companions[row].files[count - 1], companions[row].want,
			 buf_str(&got));
	snapshot_put(&s);
	for (size_t i = 0; i < count; i++)
		source_file_put(&files[i]);
	problems_fini(&rows);
	buf_fini(&got);
}

static void
test_checks_run__istio_samples_with_their_companions(void **state)
{
	char *path = data_path("istio/samples");

	(void)state;
	if (path == NULL) {
		print_message("# samples: skipped, not here\n");
		return;
	}
	free(path);
	for (size_t i = 0; i < ARRAY_LEN(companions); i++)
		check_companions(i);
}

static const struct field *
field_of(const struct schema *s, const char *name)
{
	for (const struct field *f = s->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* "integer" of the CRD against the table's type; "" for what must differ. */
static bool
is_type(const struct field *f, const char *type)
{
	switch (f->type) {
	case FIELD_STRING: case FIELD_ENUM: case FIELD_DURATION: case FIELD_DURATION_OR_ZERO:
		return strcmp(type, "string") == 0;
	case FIELD_BOOL:
		return strcmp(type, "boolean") == 0;
	case FIELD_INT:
		return strcmp(type, "integer") == 0;
	case FIELD_DOUBLE:
		return strcmp(type, "number") == 0;
	case FIELD_OBJECT:
		return strcmp(type, "object") == 0;
	case FIELD_INT_OR_STRING: case FIELD_ANY:
		return true;
	}
	return false;
}

static void compare_objects(const struct value *crd, const struct schema *s, const char *at);

/* The most that a text, list or map may hold. */
static void
compare_most(const struct value *crd, const struct field *f, const char *at)
{
	static const char *const limits[] = {
		[FIELD_ONE] = "maxLength", [FIELD_LIST] = "maxItems", [FIELD_MAP] = "maxProperties",
	};
	int64_t most = 0;

	value_to_int(value_get(crd, limits[f->shape]), &most);
	if ((size_t)most != f->most)
		fail_msg("%s: the CRD says at most %lld", at, (long long)most);
}

static void
compare_field(const struct value *crd, const struct field *f, const char *at)
{
	const char *type = value_get_text(crd, "type");
	const struct value *inner = crd;

	if (f->shape == FIELD_LIST) {
		assert_string_equal(type, "array");
		inner = value_get(crd, "items");
	} else if (f->shape == FIELD_MAP) {
		assert_string_equal(type, "object");
		inner = value_get(crd, "additionalProperties");
	}
	compare_most(crd, f, at);
	type = value_get_text(inner, "type");
	if (type == NULL || !is_type(f, type))
		fail_msg("%s: the CRD says %s", at, type != NULL ? type : "nothing");
	VALUE_EACH(word, value_get(inner, "enum"))
		if (f->type == FIELD_ENUM && strstr(f->words, value_text(word)) == NULL)
			fail_msg("%s: %s is missing", at, value_text(word));
	if (f->type == FIELD_OBJECT)
		compare_objects(inner, f->object, at);
}

/* Other than the spelling "mirror_percent" that the CRD lists beside ours. */
static bool
is_old_spelling(const char *name)
{
	return strchr(name, '_') != NULL;
}

static void
compare_objects(const struct value *crd, const struct schema *s, const char *at)
{
	const struct value *properties = value_get(crd, "properties");

	VALUE_EACH(p, properties) {
		const struct field *f = field_of(s, p->key);
		char *below = xasprintf("%s.%s", at, p->key);

		if (f == NULL && !is_old_spelling(p->key))
			fail_msg("%s is not in the table", below);
		if (f != NULL)
			compare_field(p, f, below);
		free(below);
	}
	for (const struct field *f = s->fields; f->name != NULL; f++)
		if (value_get(properties, f->name) == NULL)
			fail_msg("%s.%s is not in the CRD", at, f->name);
}

static const struct value *
spec_of(const struct value *crd)
{
	return value_path(crd, "spec.versions[0].schema.openAPIV3Schema.properties.spec");
}

static void
test_schema__tables_are_those_of_the_crds(void **state)
{
	static const struct { const char *kind; const struct schema *schema; } kinds[] = {
		{ "VirtualService", &schema_virtual_service },
		{ "DestinationRule", &schema_destination_rule },
		{ "Gateway", &schema_gateway },
		{ "ServiceEntry", &schema_service_entry },
		{ "WorkloadEntry", &schema_workload_entry },
		{ "Sidecar", &schema_sidecar },
		{ "PeerAuthentication", &schema_peer_authentication },
	};
	char *path = data_path("istio/crd-all.gen.yaml");
	struct yaml_stream stream = { .docs = VEC_INIT };
	struct arena *a = arena_new();
	struct buf text = BUF_INIT;
	size_t compared = 0;

	(void)state;
	if (path == NULL) {
		arena_free(&a);
		print_message("# the CRDs are skipped, not here\n");
		return;
	}
	assert_int_equal(file_read(path, SIZE_MAX, &text, NULL), 0);
	assert_int_equal(yaml_parse(a, buf_str(&text), text.len, path, &stream, NULL), 0);
	for (size_t i = 0; i < stream.docs.len; i++) {
		const struct value *crd = stream.docs.items[i].root;
		const char *kind = value_text(value_path(crd, "spec.names.kind"));

		for (size_t k = 0; k < ARRAY_LEN(kinds) && kind != NULL; k++)
			if (strcmp(kinds[k].kind, kind) == 0) {
				compare_objects(spec_of(crd), kinds[k].schema, kind);
				compared++;
			}
	}
	assert_int_equal(compared, ARRAY_LEN(kinds));
	yaml_stream_fini(&stream);
	buf_fini(&text);
	arena_free(&a);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_all__istio_samples_have_no_error),
		cmocka_unit_test(test_check_all__travel_demo_has_no_error),
		cmocka_unit_test(test_checks_run__istio_samples_with_their_companions),
		cmocka_unit_test(test_schema__tables_are_those_of_the_crds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
