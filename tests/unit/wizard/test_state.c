/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state as a form uses it: rules, copies, texts, previews. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/istio/obeyed.h"
#include "src/store/store.h"
#include "tests/unit/wizard/bench.h"

#define TRAVELS "travels.travel-agency"
#define STORED								\
	"apiVersion: networking.istio.io/v1\nkind: VirtualService\n"	\
	"metadata: {name: travels, namespace: travel-agency}\n"		\
	"spec:\n  hosts: [travels]\n  http:\n"				\
	"  - match: [{headers: {portal: {exact: a}}}]\n"		\
	"    rewrite: {uri: /}\n"					\
	"    route: [{destination: {host: travels, subset: v1}}]\n"	\
	"  - route: [{destination: {host: travels, subset: v2}}]\n"

static void
test_wizard_open__says_why_it_cannot_serve(void **state)
{
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", "bare.travel-agency", NULL);
	assert_null(b.wizard);
	assert_non_null(strstr(b.error, "labels app and version"));
	bench_close(&b);
	bench_open_text(&b, "delete-traffic-routing", "bare.travel-agency", NULL);
	assert_non_null(b.wizard);
	bench_close(&b);
}

static void
test_wizard_open__starts_empty_or_from_what_is_stored(void **state)
{
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, NULL);
	assert_false(b.wizard->is_update);
	assert_int_equal(b.wizard->rules.len, 0);
	assert_int_equal(b.wizard->rows.len, 3);
	bench_close(&b);
	bench_open_text(&b, "traffic-shifting", TRAVELS, NULL);
	assert_int_equal(b.wizard->rules.len, 1);
	assert_int_equal(b.wizard->rules.items[0].targets.items[2].weight, 34);
	bench_close(&b);
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	assert_true(b.wizard->is_update);
	assert_int_equal(b.wizard->rules.len, 2);
	assert_int_equal(b.wizard->rules.items[1].targets.items[1].weight, 100);
	bench_close(&b);
}

static void
test_wizard_dup__is_independent(void **state)
{
	struct bench b;
	struct wizard_state *copy;
	struct problems none = PROBLEMS_INIT;
	struct wizard_preview *p;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	copy = wizard_dup(b.wizard);
	assert_int_equal(bench_answer_text(&b, "{rules: [{route: {travels-v3: 100}}], "
						"circuitBreaker: {outlierDetection: {}}}"), 0);
	assert_int_equal(b.wizard->rules.len, 1);
	assert_int_equal(copy->rules.len, 2);
	assert_null(value_get(copy->advanced, "circuitBreaker"));
	wizard_free(&b.wizard);
	wizard_check(copy, &none);
	assert_int_equal(none.rows.len, 0);
	p = wizard_preview(copy, NULL);
	assert_non_null(p);
	assert_int_equal(p->documents[1].op, DOC_UPDATE);	/* its label alone */
	assert_null(strstr(p->documents[1].diff, "weight"));
	wizard_preview_free(&p);
	wizard_free(&copy);
	bench_close(&b);
}

static void
rule_texts(const struct wizard_state *w, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < w->rules.len; i++) {
		buf_puts(out, i > 0 ? " | " : "");
		wizard_rule_text(&w->rules.items[i], out);
	}
}

static void
test_wizard_rules__are_added_copied_moved_removed(void **state)
{
	struct buf text = BUF_INIT;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	wizard_rule_copy(b.wizard, 0);
	rule_texts(b.wizard, &text);
	assert_string_equal(buf_str(&text),
			    "headers[portal] exact a | headers[portal] exact a | any request");
	wizard_rule_move(b.wizard, 2, -2);
	rule_texts(b.wizard, &text);
	assert_string_equal(buf_str(&text),
			    "any request | headers[portal] exact a | headers[portal] exact a");
	wizard_rule_move(b.wizard, 0, 9);	/* as far as it goes */
	wizard_rule_remove(b.wizard, 0);
	wizard_rule_add(b.wizard);
	rule_texts(b.wizard, &text);
	assert_string_equal(buf_str(&text), "headers[portal] exact a | any request | any request");
	assert_int_equal(b.wizard->rules.items[2].targets.items[0].weight, 33);
	buf_fini(&text);
	bench_close(&b);
}

/* Edited in place by a form: header and value of the first condition. */
static void
test_wizard_preview__writes_what_a_form_edited(void **state)
{
	struct wizard_rule *r;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	r = &b.wizard->rules.items[0];
	r->matches.items[0].conditions.items[0].value = wizard_text(b.wizard, "b");
	r->has_timeout = true;
	r->timeout = wizard_text(b.wizard, "3s");
	weights_set(r->targets.items, r->targets.len, 0, 60);
	r->weights_touched = true;
	bench_preview(&b);
	assert_string_equal(value_text(value_path(b.preview->documents[1].root,
			    "spec.http[0].match[0].headers.portal.exact")), "b");
	assert_string_equal(value_text(value_path(b.preview->documents[1].root,
			    "spec.http[0].rewrite.uri")), "/");
	assert_string_equal(value_text(value_path(b.preview->documents[1].root,
			    "spec.http[0].route[2].weight")), "40");
	assert_non_null(strstr(b.preview->documents[1].diff, "-          exact: a\n+          exact: b\n"));
	assert_null(strstr(b.preview->documents[1].diff, "-    rewrite"));
	bench_close(&b);
}

static void
test_wizard_check__names_what_a_form_left_open(void **state)
{
	struct wizard_rule *r;
	struct wizard_match m = { .conditions = VEC_INIT };
	struct wizard_condition c = { .subject = MATCH_HEADER, .op = MATCH_EXACT,
				      .header = "", .value = "" };
	struct problems p = PROBLEMS_INIT;
	struct error err = ERROR_INIT;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, NULL);
	wizard_check(b.wizard, &p);
	assert_true(bench_has(&p, "MT0103", "rules"));
	r = wizard_rule_add(b.wizard);
	vec_push(&m.conditions, c);
	vec_push(&r->matches, m);
	r->targets.items[0].weight = 40;
	r->has_delay = true;
	r->delay = "1";
	wizard_check(b.wizard, &p);
	assert_true(bench_has(&p, "MT0103", "rules[0].match[0]"));
	assert_true(bench_has(&p, "MT0105", "rules[0].route"));
	assert_true(bench_has(&p, "MT0103", "rules[0].delay.duration"));
	assert_null(wizard_preview(b.wizard, &err));
	assert_int_equal(err.code, ERROR_REFUSED);
	problems_fini(&p);
	bench_close(&b);
}

static void
test_wizard_check__refuses_two_conditions_on_one_field(void **state)
{
	struct problems p = PROBLEMS_INIT;
	struct wizard_match *m;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	m = &b.wizard->rules.items[0].matches.items[0];
	vec_push(&m->conditions, m->conditions.items[0]);
	wizard_check(b.wizard, &p);
	assert_true(bench_has(&p, "MT0103", "rules[0].match[0]"));
	problems_fini(&p);
	bench_close(&b);
}

static void
test_wizard_answer_advanced__leaves_the_rules(void **state)
{
	struct problems p = PROBLEMS_INIT;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	assert_int_equal(wizard_answer_advanced(b.wizard,
		bench_parse(b.arena, "{circuitBreaker: {connectionPool: {}}}"), &p), 0);
	assert_int_equal(wizard_answer_advanced(b.wizard,
		bench_parse(b.arena, "{trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}"), &p), 0);
	assert_int_equal(wizard_answer_advanced(b.wizard,
		bench_parse(b.arena, "{rules: []}"), &p), -1);
	assert_int_equal(b.wizard->rules.len, 2);
	bench_preview(&b);
	assert_non_null(value_path(b.preview->documents[0].root,
				   "spec.trafficPolicy.connectionPool.tcp.maxConnections"));
	assert_non_null(value_path(b.preview->documents[0].root, "spec.trafficPolicy.tls.mode"));
	problems_fini(&p);
	bench_close(&b);
}

static void
test_wizard_preview__tells_what_each_rule_does(void **state)
{
	static const char *const want[] = {
		("rule 1 headers[portal] exact travels.uk and uri prefix /x or method exact PUT: "
		 "100 % to travels-v1, 50 % copied to travels-v3, 100 % delayed by 5s, timeout 2s"),
		"rule 2 headers[user] present: 20 % to travels-v1, 80 % to travels-v2",
		"any other request: 404, no rule takes it (NR)",
	};
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, NULL);
	assert_int_equal(bench_answer_text(&b,
		"rules:\n"
		"- match: [{headers: {portal: {exact: travels.uk}}, uri: {prefix: /x}}, {method: {exact: PUT}}]\n"
		"  route: {travels-v1: 100}\n"
		"  mirror: {workload: travels-v3, percent: 50}\n"
		"  delay: {}\n"
		"  timeout: 2s\n"
		"- match: [{headers: {user: {}}}]\n"
		"  route: {travels-v1: 20, travels-v2: 80}\n"), 0);
	bench_preview(&b);
	assert_int_equal(b.preview->effects.len, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(b.preview->effects.items[i], want[i]);
	assert_true(bench_has(&b.preview->problems, "MT2103", NULL));
	bench_close(&b);
}

static void
test_wizard_transaction__carries_what_it_is_based_on(void **state)
{
	struct transaction t;
	struct bench b;

	(void)state;
	bench_open_text(&b, "request-routing", TRAVELS, STORED);
	assert_int_equal(bench_answer_text(&b, "{}"), 0);
	bench_preview(&b);
	wizard_transaction(b.preview, b.wizard, &t);
	assert_int_equal(t.via, VIA_WIZARD);
	assert_string_equal(t.note, "request-routing " TRAVELS);
	assert_int_equal(t.changes.len, 2);
	assert_int_equal(t.changes.items[0].op, CHANGE_CREATE);
	assert_true(t.changes.items[0].has_precondition);
	assert_int_equal(t.changes.items[0].expected_hash, 0);
	assert_int_equal(t.changes.items[1].op, CHANGE_UPDATE);
	assert_true(t.changes.items[1].expected_hash == b.wizard->virtual_service->hash);
	vec_fini(&t.changes);
	bench_close(&b);
}

static void
test_wizard_transaction__deletes(void **state)
{
	struct transaction t;
	struct bench b;

	(void)state;
	bench_open_text(&b, "delete-traffic-routing", TRAVELS, STORED);
	bench_preview(&b);
	wizard_transaction(b.preview, b.wizard, &t);
	assert_int_equal(t.changes.len, 1);
	assert_int_equal(t.changes.items[0].op, CHANGE_DELETE);
	assert_string_equal(t.changes.items[0].group, "networking.istio.io");
	assert_non_null(strstr(b.preview->documents[0].diff, "-  hosts:"));
	vec_fini(&t.changes);
	bench_close(&b);
}

/* Every place holds something of another type once. */
static void
test_wizard__survives_stored_documents_of_any_shape(void **state)
{
	static const char *const shapes[] = {
		"http: hello", "http: [hello]", "http: {a: {route: []}}", "http: [[1]]",
		"http: [{route: hello}]", "http: [{route: [hello, 1]}]",
		"http: [{route: [{destination: hello, weight: x}]}]",
		"http: [{route: [{destination: {host: [1], subset: {}}, weight: -1}]}]",
		("http: [{route: [{destination: {host: travels, subset: v1}, weight: 99999999999}, "
		"{destination: {host: travels, subset: v1}, weight: 1}]}]"),
		"http: [{match: hello, route: [{destination: {host: travels}}]}]",
		"http: [{match: [hello, {headers: [1], uri: 3}], route: [{destination: {host: travels}}]}]",
		"http: [{match: [{headers: {a: 1, b: {exact: 2}, c: {exact: x, prefix: y}}}]}]",
		("http: [{mirror: hello, mirrors: [hello, {destination: 1}], mirrorPercentage: x, "
		"route: [{destination: {host: travels}}]}]"),
		"http: [{fault: 1, timeout: {}, retries: [1], route: [{destination: {host: travels}}]}]",
		("http: [{fault: {delay: 1, abort: {httpStatus: x, percentage: 7}}, retries: "
		"{attempts: x, perTryTimeout: 1}, route: [{destination: {host: travels}}]}]"),
		"tcp: [hello]", "tcp: [{match: hello, route: hello}]", "gateways: hello",
		"gateways: [1, {a: b}, mesh], http: [{route: [{destination: {host: travels}}]}]",
	};
	static const char *const answers[] = {
		"{}", "{hosts: [a.b], gateway: {create: {hosts: [a.b]}}}",
		("{trafficPolicy: {tls: {mode: SIMPLE}, peerAuthentication: STRICT, loadBalancer: "
		"{simple: RANDOM}}, circuitBreaker: {connectionPool: {}, outlierDetection: {}}}"),
		"{trafficPolicy: false, circuitBreaker: false, gateway: false}",
		("{rules: [{existing: 1, match: [{headers: {z: {}}}], route: {travels-v1: 100}, "
		"mirror: {workload: travels-v3}, delay: {}, abort: {}, timeout: 2s, retries: {}}]}"),
		("{rules: [{existing: 1, mirror: false, delay: false, abort: false, timeout: false, "
		"retries: false}]}"),
		("{rule: 1, route: {travels-v1: 100}, mirror: {workload: travels-v3}, delay: {}, "
		"abort: {}, timeout: 2s, retries: {}}"),
		"{timeout: 2s, retries: {attempts: 0}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		for (size_t k = 0; k < ARRAY_LEN(answers); k++)
			for (int kind = 0; kind < WIZARD_KIND_COUNT; kind++) {
				struct buf text = BUF_INIT;
				struct wizard_preview *p;
				struct bench b;

				buf_printf(&text, "apiVersion: networking.istio.io/v1\n"
					   "kind: VirtualService\nmetadata: {name: x, "
					   "namespace: travel-agency}\nspec: {hosts: [travels], %s}\n"
					   "---\napiVersion: networking.istio.io/v1\n"
					   "kind: DestinationRule\nmetadata: {name: x, "
					   "namespace: travel-agency}\nspec: {host: travels, subsets: "
					   "[hello, {name: [], labels: 1}, {name: v1}], trafficPolicy: "
					   "{tls: 1, loadBalancer: [2], connectionPool: {tcp: 1}, "
					   "outlierDetection: x}}\n", shapes[i]);
				bench_open_text(&b, wizard_kind_name((enum wizard_kind)kind), TRAVELS,
						buf_str(&text));
				assert_non_null(b.wizard);
				if (bench_answer_text(&b, answers[k]) == 0) {
					p = wizard_preview(b.wizard, NULL);
					wizard_preview_free(&p);
				}
				buf_fini(&text);
				bench_close(&b);
			}
}

static void
test_wizard_duration_error__takes_istio_durations(void **state)
{
	static const struct { const char *text; bool is_good; } cases[] = {
		{ "2s", true }, { "0.5s", true }, { "250ms", true }, { "1h30m", true },
		{ "1ms", true }, { "0s", false }, { "0ms", false }, { "0", false }, { "", false },
		{ "5", false }, { "1us", false }, { "1.5ms", false }, { "-1s", false },
		{ "1d", false }, { "s", false }, { "1 s", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if ((wizard_duration_error(cases[i].text) == NULL) != cases[i].is_good)
			fail_msg("\"%s\"", cases[i].text);
}

static void
test_wizard_kind__names_read_back(void **state)
{
	enum wizard_kind k;

	(void)state;
	for (int i = 0; i < WIZARD_KIND_COUNT; i++) {
		assert_true(wizard_kind_parse(wizard_kind_name((enum wizard_kind)i), &k));
		assert_int_equal(k, i);
	}
	assert_false(wizard_kind_parse("routing", &k));
}

static void
test_wizard_rule_is_catch_all__looks_through_conditions(void **state)
{
	static const struct { const char *match; bool is_all; } cases[] = {
		{ "[{uri: {prefix: /}}]", true },
		{ "[{uri: {regex: '.*'}}]", true },
		{ "[{uri: {prefix: /a}}]", false },
		{ "[{uri: {prefix: /}, headers: {a: {}}}]", false },
		{ "[{uri: {prefix: /}, port: 8000}]", false },
		{ "[{method: {exact: GET}}, {uri: {prefix: /}}]", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = BUF_INIT;
		struct bench b;

		bench_open_text(&b, "request-routing", TRAVELS, NULL);
		buf_printf(&text, "{rules: [{match: %s}]}", cases[i].match);
		assert_int_equal(bench_answer_text(&b, buf_str(&text)), 0);
		if (wizard_rule_is_catch_all(&b.wizard->rules.items[0]) != cases[i].is_all)
			fail_msg("%s", cases[i].match);
		buf_fini(&text);
		bench_close(&b);
	}
}

static void
test_field_is_obeyed__covers_what_lies_below(void **state)
{
	static const struct { enum kind_id kind; const char *path; bool is_obeyed; } cases[] = {
		{ KIND_VIRTUAL_SERVICE, "spec.http[0].route[1].weight", true },
		{ KIND_VIRTUAL_SERVICE, "spec.http[1].match[12].statPrefix", true },
		{ KIND_GATEWAY, "spec.servers[12].bind", false },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.tunnel", false },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.tunnel.targetHost", false },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.tunnelX", true },
		{ KIND_VIRTUAL_SERVICE, "spec.trafficPolicy.tunnel", true },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.simple", true },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.localityLbSetting", true },
		{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting", false },
		{ KIND_DESTINATION_RULE,
		  "spec.subsets[12].trafficPolicy.portLevelSettings[3].loadBalancer.zoneAwareLbSetting.x", false },
		{ KIND_DESTINATION_RULE, "spec.subsets[0].labels", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (field_is_obeyed(cases[i].kind, cases[i].path) != cases[i].is_obeyed)
			fail_msg("%s", cases[i].path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wizard_open__says_why_it_cannot_serve),
		cmocka_unit_test(test_wizard_open__starts_empty_or_from_what_is_stored),
		cmocka_unit_test(test_wizard_dup__is_independent),
		cmocka_unit_test(test_wizard_rules__are_added_copied_moved_removed),
		cmocka_unit_test(test_wizard_preview__writes_what_a_form_edited),
		cmocka_unit_test(test_wizard_check__names_what_a_form_left_open),
		cmocka_unit_test(test_wizard_check__refuses_two_conditions_on_one_field),
		cmocka_unit_test(test_wizard_answer_advanced__leaves_the_rules),
		cmocka_unit_test(test_wizard_preview__tells_what_each_rule_does),
		cmocka_unit_test(test_wizard_transaction__carries_what_it_is_based_on),
		cmocka_unit_test(test_wizard_transaction__deletes),
		cmocka_unit_test(test_wizard__survives_stored_documents_of_any_shape),
		cmocka_unit_test(test_wizard_duration_error__takes_istio_durations),
		cmocka_unit_test(test_wizard_kind__names_read_back),
		cmocka_unit_test(test_wizard_rule_is_catch_all__looks_through_conditions),
		cmocka_unit_test(test_field_is_obeyed__covers_what_lies_below),
	};

	return cmocka_run_group_tests_name("wizard state", tests, NULL, NULL);
}
