/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds, names, flags, metric buckets, problem rows. */
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
#include "src/model/kind.h"
#include "src/model/metrics.h"
#include "src/model/object.h"
#include "src/model/problem.h"
#include "src/model/response_flags.h"

static void
test_kind_by_word__finds_what_users_write(void **state)
{
	static const struct {
		const char *word;
		enum kind_id want;	/* KIND_NONE: refused */
	} rows[] = {
		{ "VirtualService", KIND_VIRTUAL_SERVICE }, { "virtualservices", KIND_VIRTUAL_SERVICE },
		{ "VS", KIND_VIRTUAL_SERVICE }, { "svc", KIND_SERVICE }, { "po", KIND_POD },
		{ "gateway", KIND_GATEWAY }, { "gw", KIND_GATEWAY }, { "gtw", KIND_K8S_GATEWAY },
		{ "gateway.gateway.networking.k8s.io", KIND_K8S_GATEWAY },
		{ "gateways.networking.istio.io", KIND_GATEWAY },
		{ "virtualservices.v1beta1.networking.istio.io", KIND_VIRTUAL_SERVICE },
		{ "deployments.apps", KIND_DEPLOYMENT }, { "deploy.v1.apps", KIND_DEPLOYMENT },
		{ "services.v1", KIND_SERVICE }, { "sa", KIND_SERVICE_ACCOUNT },
		{ "gateway.apps", KIND_NONE }, { "", KIND_NONE }, { ".apps", KIND_NONE },
		{ "foo", KIND_NONE }, { "v,s", KIND_NONE }, { "deploy.v9.apps", KIND_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		const struct kind *k = kind_by_word(rows[i].word, &err);

		if ((k != NULL ? k->id : KIND_NONE) != rows[i].want)
			fail_msg("%s: %s", rows[i].word, k != NULL ? k->name : "not found");
		if (k == NULL)
			assert_int_equal(err.code, ERROR_USAGE);
	}
}

static void
test_kind_of_document__needs_the_group(void **state)
{
	bool known = false;

	(void)state;
	assert_int_equal(kind_of_document("v1", "Service", &known)->id, KIND_SERVICE);
	assert_true(known);
	assert_int_equal(kind_of_document("networking.istio.io/v9", "Gateway", &known)->id,
			 KIND_GATEWAY);
	assert_false(known);
	assert_int_equal(kind_of_document("gateway.networking.k8s.io/v1", "Gateway", NULL)->id,
			 KIND_K8S_GATEWAY);
	assert_null(kind_of_document("apps/v1", "Service", NULL));
	assert_null(kind_of_document("v1", "service", NULL));
}

static void
test_kind_api_version__is_the_preferred_one(void **state)
{
	(void)state;
	assert_string_equal(kind_api_version(kind_by_id(KIND_SERVICE)), "v1");
	assert_string_equal(kind_api_version(kind_by_id(KIND_SIDECAR)), "networking.istio.io/v1");
	assert_string_equal(kind_api_version(kind_by_id(KIND_REFERENCE_GRANT)),
			    "gateway.networking.k8s.io/v1beta1");
	for (int i = KIND_NONE + 1; i < KIND_COUNT; i++) {
		const struct kind *k = kind_by_id((enum kind_id)i);
		bool known = false;

		assert_ptr_equal(kind_of_document(kind_api_version(k), k->name, &known), k);
		assert_true(known);
	}
}

static void
test_name__follows_dns(void **state)
{
	static const struct {
		const char *name;
		bool label, subdomain;
	} rows[] = {
		{ "a", true, true }, { "travels-v1", true, true }, { "a.b", false, true },
		{ "0", true, true }, { "", false, false }, { "-a", false, false },
		{ "a-", false, false }, { "a..b", false, false }, { ".a", false, false },
		{ "a.", false, false }, { "a.-b", false, false }, { "A", false, false },
		{ "a_b", false, false }, { "a/b", false, false }, { "a\x1b", false, false },
		{ "a-.b", false, false },
	};
	char longest[255];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (name_is_dns_label(rows[i].name) != rows[i].label ||
		    name_is_dns_subdomain(rows[i].name) != rows[i].subdomain)
			fail_msg("'%s'", rows[i].name);
	}
	memset(longest, 'a', sizeof(longest));
	longest[254] = '\0';
	assert_false(name_is_dns_subdomain(longest));
	longest[253] = '\0';
	assert_true(name_is_dns_subdomain(longest));
	assert_false(name_is_dns_label(longest));
	longest[63] = '\0';
	assert_true(name_is_dns_label(longest));
}

static void
test_labels_match__empty_selects_all(void **state)
{
	struct arena *a = arena_new();
	struct value *labels = value_new_map(a), *selector = value_new_map(a);

	(void)state;
	value_set_string(a, labels, "app", "travels");
	value_set_string(a, labels, "version", "v1");
	assert_true(labels_match(labels, NULL));
	assert_true(labels_match(NULL, selector));
	value_set_string(a, selector, "app", "travels");
	assert_true(labels_match(labels, selector));
	assert_false(labels_match(NULL, selector));
	value_set_string(a, selector, "version", "v2");
	assert_false(labels_match(labels, selector));
	arena_free(&a);
}

static void
test_response_flags__are_written_in_order(void **state)
{
	static const struct {
		response_flags flags;
		const char *text;
	} rows[] = {
		{ 0, "-" }, { FLAG(UF) | FLAG(URX), "UF,URX" }, { FLAG(NR), "NR" },
		{ FLAG(DI) | FLAG(FI), "DI,FI" }, { FLAG(NC) | FLAG(UH), "UH,NC" },
	};
	char text[RESPONSE_FLAGS_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		response_flags_text(rows[i].flags, text);
		assert_string_equal(text, rows[i].text);
	}
	response_flags_text(((response_flags)1 << RESPONSE_FLAG_COUNT) - 1, text);
	assert_in_range(strlen(text), 1, sizeof(text) - 1);
	assert_non_null(response_flag_words(SLICE("UO")));
	assert_null(response_flag_words(SLICE("U")));
}

static void
test_metric_bucket__bounds_are_inclusive(void **state)
{
	(void)state;
	assert_int_equal(metric_bucket(0), 0);
	assert_int_equal(metric_bucket(0.5), 0);
	assert_int_equal(metric_bucket(0.51), 1);
	assert_int_equal(metric_bucket(3600000), METRIC_BOUNDS - 1);
	assert_int_equal(metric_bucket(3600001), METRIC_BOUNDS);
	assert_string_equal(metric_label_name(LABEL_RESPONSE_CODE), "response_code");
	assert_false(metric_label_on_tcp(LABEL_RESPONSE_CODE));
	assert_true(metric_label_on_tcp(LABEL_REPORTER));
}

static void
test_problems__sorted_and_sanitized(void **state)
{
	struct problems p = PROBLEMS_INIT;
	struct object o = { .file = "b.yaml", .line = 3, .kind_name = "Service", .ns = "n",
			    .name = "s\x1b[31m" };
	struct buf out = BUF_INIT;

	(void)state;
	problem_add(&p, &o, NULL, "MT0009", SEVERITY_WARNING, "spec.x", "%s", "odd\nline");
	problem_add_file(&p, "a.yaml", 1, 2, "MT0001", SEVERITY_INFO, "first");
	assert_false(problems_have_errors(&p));
	problem_add_file(&p, "b.yaml", 1, 1, "MT0001", SEVERITY_ERROR, "second");
	assert_true(problems_have_errors(&p));
	problems_sort(&p);
	problems_put_text(&p, &out);
	assert_string_equal(buf_str(&out),
			    "a.yaml:1:2: info: MT0001 first\n"
			    "b.yaml:1:1: error: MT0001 second\n"
			    "b.yaml:3:1: warning: MT0009 Service s\xef\xbf\xbd[31m.n spec.x: "
			    "odd\xef\xbf\xbdline\n");
	buf_clear(&out);
	problems_put_json(&p, &out);
	assert_non_null(strstr(buf_str(&out), "\"column\": 2"));
	assert_non_null(strstr(buf_str(&out), "\"severity\": \"warning\""));
	assert_null(strchr(buf_str(&out), '\x1b'));
	buf_fini(&out);
	problems_fini(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kind_by_word__finds_what_users_write),
		cmocka_unit_test(test_kind_of_document__needs_the_group),
		cmocka_unit_test(test_kind_api_version__is_the_preferred_one),
		cmocka_unit_test(test_name__follows_dns),
		cmocka_unit_test(test_labels_match__empty_selects_all),
		cmocka_unit_test(test_response_flags__are_written_in_order),
		cmocka_unit_test(test_metric_bucket__bounds_are_inclusive),
		cmocka_unit_test(test_problems__sorted_and_sanitized),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
