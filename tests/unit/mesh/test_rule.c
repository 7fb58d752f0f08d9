/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an http rule: faults, retries, mirrors, headers, rewrites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "tests/unit/mesh/fixture.h"

#define BASE SERVICE("a", "web", "http", "80") WORKLOAD("a", "client", "127.0.0.2", "app: client") \
	WORKLOAD("a", "web-v1", "127.0.1.1", "app: web, version: v1") \
	DESTINATION_RULE("a", "dr", "host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]")
#define MS UINT64_C(1000000)
#define DEFAULT_ON (RETRY_CONNECT_FAILURE | RETRY_REFUSED_STREAM | RETRY_GRPC_UNAVAILABLE | \
		    RETRY_GRPC_CANCELLED | RETRY_STATUS_CODES)

/* The rule that takes GET / under a VirtualService of one http entry. */
static const struct http_rule *
rule_of(struct fixture *f, const char *entry)
{
	struct route_decision d;
	char yaml[8192];

	snprintf(yaml, sizeof(yaml), BASE VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{%s}]"), entry);
	fixture_open(f, yaml);
	fixture_decide(f, fixture_workload(f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n",
		       &d, NULL);
	if (d.rule == NULL)
		fail_msg("no rule: %s", entry);
	return d.rule;
}

#define ROUTE "route: [{destination: {host: web}}]"

static const struct {
	const char *fault;
	struct route_fault want;
} faults[] = {
	{ "delay: {percentage: {value: 100}, fixedDelay: 5s}",
	  { .has_delay = true, .delay_per_million = 1000000, .delay_ns = 5000 * MS, .abort_grpc = -1 } },
	{ "abort: {percentage: {value: 0.0001}, httpStatus: 503}",
	  { .has_abort = true, .abort_per_million = 1, .abort_status = 503, .abort_grpc = -1 } },
	{ "delay: {fixedDelay: 100ms}, abort: {httpStatus: 418}",
	  { .has_delay = true, .has_abort = true, .delay_ns = 100 * MS, .abort_status = 418, .abort_grpc = -1 } },
	{ "delay: {percent: 12, fixedDelay: 1s}",
	  { .has_delay = true, .delay_per_million = 120000, .delay_ns = 1000 * MS, .abort_grpc = -1 } },
	{ "abort: {percentage: {value: 33.3333}, grpcStatus: UNAVAILABLE}",
	  { .has_abort = true, .abort_per_million = 333333, .abort_grpc = 14 } },
	{ "abort: {percentage: {value: 100}, grpcStatus: OK}",
	  { .has_abort = true, .abort_per_million = 1000000, .abort_grpc = 0 } },
	{ "abort: {httpStatus: 199}", { .abort_grpc = -1 } },
	{ "abort: {httpStatus: 200}", { .has_abort = true, .abort_status = 200, .abort_grpc = -1 } },
	{ "abort: {httpStatus: 600}", { .has_abort = true, .abort_status = 600, .abort_grpc = -1 } },
	{ "abort: {httpStatus: 601}", { .abort_grpc = -1 } },
	{ "abort: {percentage: {value: 100}}", { .abort_per_million = 1000000, .abort_grpc = -1 } },
};

static void
test_rule__compiles_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct route_fault *want = &faults[i].want, *got;
		struct fixture f;
		char entry[512];

		snprintf(entry, sizeof(entry), "fault: {%s}, " ROUTE, faults[i].fault);
		got = &rule_of(&f, entry)->fault;
		if (got->has_delay != want->has_delay || got->has_abort != want->has_abort ||
		    got->delay_per_million != want->delay_per_million ||
		    got->abort_per_million != want->abort_per_million ||
		    got->delay_ns != want->delay_ns || got->abort_status != want->abort_status ||
		    got->abort_grpc != want->abort_grpc)
			fail_msg("%s: %d %d %u %u %d", faults[i].fault, got->has_delay,
				 got->has_abort, got->delay_per_million, got->abort_per_million,
				 got->abort_grpc);
		fixture_close(&f);
	}
}

static const struct {
	const char *retries;		/* "" for none */
	bool is_default;
	unsigned attempts;
	uint32_t on;
	size_t codes;			/* the first is 503, the second 429 */
	uint64_t per_try_ms, backoff_ms;
} retries[] = {
	{ "", true, 2, DEFAULT_ON, 0, 0, 25 },
	{ "retries: {attempts: 3},", false, 3, DEFAULT_ON, 0, 0, 25 },
	{ "retries: {attempts: 0},", false, 0, 0, 0, 0, 25 },
	{ "retries: {},", false, 0, 0, 0, 0, 25 },
	{ "retries: {attempts: 1, perTryTimeout: 2s, retryOn: 'gateway-error,5xx', backoff: 50ms},",
	  false, 1, RETRY_5XX | RETRY_GATEWAY_ERROR, 0, 2000, 50 },
	{ "retries: {attempts: 1, retryOn: 'reset,503,429'},", false, 1, RETRY_RESET | RETRY_STATUS_CODES, 2, 0, 25 },
	{ "retries: {attempts: 1, retryOn: 'connect-failure,refused-stream,retriable-4xx,retriable-status-codes,"
	  "reset-before-request,retriable-headers'},", false, 1,
	  RETRY_CONNECT_FAILURE | RETRY_REFUSED_STREAM | RETRY_RETRIABLE_4XX | RETRY_STATUS_CODES |
	  RETRY_RESET_BEFORE_REQUEST | RETRY_RETRIABLE_HEADERS, 0, 0, 25 },
	{ "retries: {attempts: 1, retryOn: 'cancelled,deadline-exceeded,internal,resource-exhausted,unavailable'},",
	  false, 1, RETRY_GRPC_CANCELLED | RETRY_GRPC_DEADLINE | RETRY_GRPC_INTERNAL |
	  RETRY_GRPC_EXHAUSTED | RETRY_GRPC_UNAVAILABLE, 0, 0, 25 },
	/* Statuses have three digits. */
	{ "retries: {attempts: 1, retryOn: '5030,50,1,2,5x3,5xx'},", false, 1, RETRY_5XX, 0, 0, 25 },
	/* Items are not trimmed. */
	{ "retries: {attempts: 1, retryOn: '5xx, reset'},", false, 1, RETRY_5XX, 0, 0, 25 },
};

static void
test_rule__compiles_retries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(retries); i++) {
		const struct route_retries *got;
		struct fixture f;
		char entry[512];

		snprintf(entry, sizeof(entry), "%s " ROUTE, retries[i].retries);
		got = &rule_of(&f, entry)->retries;
		if (got->is_default != retries[i].is_default || got->on != retries[i].on ||
		    got->attempts != retries[i].attempts || got->code_count != retries[i].codes ||
		    got->per_try_timeout_ns != retries[i].per_try_ms * MS ||
		    got->backoff_ns != retries[i].backoff_ms * MS)
			fail_msg("%s: %u %x %zu", retries[i].retries, got->attempts, got->on,
				 got->code_count);
		assert_true(got->code_count < 1 || got->codes[0] == 503);
		assert_true(got->code_count < 2 || got->codes[1] == 429);
		fixture_close(&f);
	}
}

static const struct {
	const char *retries;
	bool takes_tried, leaves_priorities;
} places[] = {
	{ "", false, false },
	{ "retries: {attempts: 1},", false, false },
	{ "retries: {attempts: 1, retryIgnorePreviousHosts: true, retryRemoteLocalities: false},", false, false },
	{ "retries: {attempts: 1, retryIgnorePreviousHosts: false, retryRemoteLocalities: true},", true, true },
};

static void
test_rule__says_where_retries_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct route_retries *got;
		struct fixture f;
		char entry[512];

		snprintf(entry, sizeof(entry), "%s " ROUTE, places[i].retries);
		got = &rule_of(&f, entry)->retries;
		if (got->takes_tried != places[i].takes_tried ||
		    got->leaves_priorities != places[i].leaves_priorities)
			fail_msg("%s", places[i].retries);
		fixture_close(&f);
	}
}

static const struct {
	const char *mirrors, *want;
} mirrors[] = {
	{ "mirror: {host: web, subset: v2}", "outbound|80|v2|web.a.svc.cluster.local 1000000;" },
	{ "mirror: {host: web, subset: v2}, mirrorPercentage: {value: 50}", "outbound|80|v2|web.a.svc.cluster.local 500000;" },
	{ "mirror: {host: web, subset: v2}, mirrorPercentage: {value: 0}", "" },
	{ "mirror: {host: web, subset: v2}, mirrorPercent: 0", "" },
	{ "mirror: {host: web, subset: v2}, mirrorPercent: 7", "outbound|80|v2|web.a.svc.cluster.local 70000;" },
	{ "mirror: {host: web, subset: v2}, mirror_percent: 8", "outbound|80|v2|web.a.svc.cluster.local 80000;" },
	{ "mirror: {host: nobody}", "- 1000000;" },
	{ "mirrors: [{destination: {host: web, subset: v1}, percentage: {value: 1}}, {destination: {host: web}}]",
	  "outbound|80|v1|web.a.svc.cluster.local 10000;outbound|80||web.a.svc.cluster.local 1000000;" },
};

static void
test_rule__compiles_mirrors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mirrors); i++) {
		const struct http_rule *rule;
		struct buf got = BUF_INIT;
		struct fixture f;
		char entry[512];

		snprintf(entry, sizeof(entry), "%s, " ROUTE, mirrors[i].mirrors);
		rule = rule_of(&f, entry);
		for (size_t n = 0; n < rule->mirror_count; n++)
			buf_printf(&got, "%s %u;", rule->mirrors[n].cluster != NULL
				   ? rule->mirrors[n].cluster->name : "-",
				   rule->mirrors[n].per_million);
		if (strcmp(buf_str(&got), mirrors[i].want) != 0)
			fail_msg("%s: %s", mirrors[i].mirrors, buf_str(&got));
		buf_fini(&got);
		fixture_close(&f);
	}
}

#define MESH_RETRIES DOC("v1", "ConfigMap", "istio-system", "istio", \
	"data: {mesh: '{defaultHttpRetryPolicy: {attempts: 5, retryOn: \"5xx,418\", backoff: 1s}}'}")

static void
test_rule__takes_the_meshs_retries_where_it_has_none(void **state)
{
	struct route_decision d;
	struct fixture f;

	(void)state;
	fixture_open(&f, BASE SERVICE("a", "other", "http", "81") MESH_RETRIES VIRTUAL_SERVICE("a", "vs",
		"hosts: [web], http: [{match: [{uri: {prefix: /own}}], retries: {attempts: 1}, " ROUTE "}, {" ROUTE "}]"));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
	assert_int_equal(d.rule->retries.attempts, 5);
	assert_int_equal(d.rule->retries.on, RETRY_5XX | RETRY_STATUS_CODES);
	assert_int_equal(d.rule->retries.backoff_ns, 1000 * MS);
	assert_false(d.rule->is_plain);
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET /own HTTP/1.1\nHost: web\n", &d, NULL);
	assert_int_equal(d.rule->retries.attempts, 1);
	assert_int_equal(d.rule->retries.on, DEFAULT_ON);
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 81, "GET / HTTP/1.1\nHost: other\n", &d, NULL);
	assert_int_equal(d.rule->retries.attempts, 5);
	fixture_close(&f);
}

static void
test_rule__complains_once_of_the_meshs_retries(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, BASE DOC("v1", "ConfigMap", "istio-system", "istio",
		"data: {mesh: '{defaultHttpRetryPolicy: {attempts: 1, perTryTimeout: soon, backoff: 1s}}'}")
		VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {prefix: /own}}], " ROUTE "}, {" ROUTE "}]"));
	assert_int_equal(fixture_problems(&f, "MT1007"), 1);
	assert_int_equal(fixture_problems(&f, "MT2003"), 0);
	fixture_close(&f);
}

static void
put_ops(struct buf *b, const struct header_ops *ops)
{
	static const char signs[] = { [HEADER_REMOVE] = '-', [HEADER_SET] = '=', [HEADER_ADD] = '+' };

	for (size_t i = 0; i < ops->count; i++)
		buf_printf(b, "%c%s%s%s ", signs[ops->ops[i].op], ops->ops[i].name,
			   ops->ops[i].value != NULL ? ":" : "",
			   ops->ops[i].value != NULL ? ops->ops[i].value : "");
}

#define RULE_HEADERS "headers: {request: {add: {z: 1, AZ: 2}, set: {b: 3, a: 4}, remove: [r]}, response: {remove: [x]}}"
#define ROUTE_HEADERS "headers: {request: {set: {d: 5}, add: {c: 6}, remove: [q]}, response: {add: {w: 7}}}"

static void
test_rule__orders_header_operations(void **state)
{
	const struct http_rule *rule;
	struct buf got = BUF_INIT;
	struct fixture f;

	(void)state;
	/* A single destination's are the rule's, after them. */
	rule = rule_of(&f, RULE_HEADERS ", route: [{destination: {host: web}, " ROUTE_HEADERS "}]");
	put_ops(&got, &rule->request);
	buf_puts(&got, "| ");
	put_ops(&got, &rule->response);
	buf_puts(&got, "| ");
	put_ops(&got, &rule->destinations[0].request);
	assert_string_equal(buf_str(&got), "-r -q =a:4 =b:3 +az:2 +z:1 =d:5 +c:6 | -x +w:7 | ");
	fixture_close(&f);
	buf_clear(&got);
	rule = rule_of(&f, RULE_HEADERS ", route: [{destination: {host: web}, weight: 1, " ROUTE_HEADERS
			   "}, {destination: {host: web, subset: v1}, weight: 1}]");
	put_ops(&got, &rule->request);
	buf_puts(&got, "| ");
	put_ops(&got, &rule->destinations[0].request);
	assert_string_equal(buf_str(&got), "-r =a:4 =b:3 +az:2 +z:1 | -q =d:5 +c:6 ");
	fixture_close(&f);
	buf_fini(&got);
}

static void
test_rule__finds_the_authority_to_send(void **state)
{
	const struct http_rule *rule;
	struct fixture f;

	(void)state;
	rule = rule_of(&f, "rewrite: {authority: r.com}, headers: {request: {set: {Host: h.com, a: b}}}, " ROUTE);
	assert_string_equal(rule->rewrite_authority, "r.com");
	assert_int_equal(rule->request.count, 1);
	fixture_close(&f);
	rule = rule_of(&f, "headers: {request: {set: {':authority': h.com}}}, " ROUTE);
	assert_string_equal(rule->rewrite_authority, "h.com");
	fixture_close(&f);
	rule = rule_of(&f, "route: [{destination: {host: web}, headers: {request: {set: {host: d.com}}}}]");
	assert_null(rule->rewrite_authority);
	assert_string_equal(rule->destinations[0].authority, "d.com");
	fixture_close(&f);
}

static void
test_rule__compiles_actions(void **state)
{
	const struct http_rule *rule;
	struct slice prefix;
	struct fixture f;

	(void)state;
	rule = rule_of(&f, "name: n, match: [{name: m, uri: {prefix: /}}], rewrite: {uri: /x}, timeout: 2s, corsPolicy: {maxAge: 1s}, " ROUTE);
	assert_int_equal(rule->timeout_ns, 2000 * MS);
	assert_string_equal(rule->rewrite_uri, "/x");
	assert_string_equal(http_rule_log_name(rule, 0), "n.m");
	assert_true(http_match_prefix(rule, 0, &prefix));
	assert_true(slice_is(prefix, "/"));
	assert_non_null(rule->cors);
	assert_int_equal(rule->total_weight, 100);
	fixture_close(&f);
	rule = rule_of(&f, "match: [{uri: {prefix: /long}}, {headers: {b: {}}}, {headers: {a: {exact: b}}, uri: {prefix: /other}}, {}], " ROUTE);
	assert_true(http_match_prefix(rule, 0, &prefix) && slice_is(prefix, "/long"));
	assert_true(http_match_prefix(rule, 1, &prefix) && slice_is(prefix, "/"));
	assert_true(http_match_prefix(rule, 2, &prefix) && slice_is(prefix, "/other"));
	fixture_close(&f);
	rule = rule_of(&f, "name: n, match: [{uri: {exact: /}}], rewrite: {uriRegexRewrite: {match: '^/(.*)', rewrite: '/v/\\1'}}, " ROUTE);
	assert_non_null(rule->rewrite_regex);
	assert_string_equal(rule->rewrite_regex_to, "/v/\\1");
	assert_string_equal(http_rule_log_name(rule, 0), "n");
	assert_false(http_match_prefix(rule, 0, &prefix));
	fixture_close(&f);
	rule = rule_of(&f, "directResponse: {status: 418, body: {bytes: 'aGk/Pz4='}}");
	assert_int_equal(rule->action, ROUTE_DIRECT);
	assert_int_equal(rule->direct_status, 418);
	assert_true(slice_is(rule->direct_body, "hi?\?>"));
	assert_string_equal(http_rule_log_name(rule, -1), "");
	assert_true(http_match_prefix(rule, -1, &prefix));
	fixture_close(&f);
	rule = rule_of(&f, "route: [{destination: {host: web}, weight: 70000}, "
			   "{destination: {host: web, subset: v1}, weight: 2000000000}]");
	assert_int_equal(rule->destinations[0].weight, 70000);
	assert_int_equal(rule->total_weight, 2000070000);
	fixture_close(&f);
	rule = rule_of(&f, "redirect: {uri: /x, redirectCode: 302}");
	assert_int_equal(rule->action, ROUTE_REDIRECT);
	assert_non_null(rule->redirect);
	fixture_close(&f);
}

/* "QAo=" is "@\n". */
static void
test_rule__decodes_bodies(void **state)
{
	static const struct { const char *bytes, *want; } bodies[] = {
		{ "QUJD", "ABC" }, { "QAo=", "@\n" }, { "QAo", "@\n" }, { "_-8=", "\xff\xef" },
		{ "/+8=", "\xff\xef" }, { "Q U\nJD", "ABC" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		const struct http_rule *rule;
		struct fixture f;
		char entry[128];

		snprintf(entry, sizeof(entry), "directResponse: {status: 200, body: {bytes: \"%s\"}}", bodies[i].bytes);
		rule = rule_of(&f, entry);
		if (!slice_is(rule->direct_body, bodies[i].want))
			fail_msg("%s", bodies[i].bytes);
		fixture_close(&f);
	}
}

static void
test_rule__redirects_by_five_codes(void **state)
{
	(void)state;
	for (int code = 300; code < 400; code++) {
		bool is_known = code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
		struct fixture f;
		char entry[64];

		snprintf(entry, sizeof(entry), "redirect: {uri: /x, redirectCode: %d}", code);
		if (rule_of(&f, entry)->action != (is_known ? ROUTE_REDIRECT : ROUTE_NO_ACTION))
			fail_msg("%d", code);
		fixture_close(&f);
	}
}

/* A plain rule has nothing to do but to forward. */
static void
test_rule__is_plain_without_anything_else(void **state)
{
#define TWO(headers) "route: [{destination: {host: web}, weight: 1}, {destination: {host: web, subset: v1}, weight: 1, headers: " headers "}]"
	static const struct { const char *entry; bool is_plain; } entries[] = {
		{ ROUTE, true }, { "match: [{uri: {prefix: /}}], " ROUTE, true },
		{ TWO("{}"), true },
		{ TWO("{request: {set: {host: b}}}"), false },
		{ TWO("{request: {set: {a: b}}}"), false },
		{ TWO("{response: {remove: [a]}}"), false },
		{ "redirect: {uri: /x}", false }, { "directResponse: {status: 200}", false },
		{ "headers: {request: {set: {a: b}}}, " ROUTE, false },
		{ "headers: {request: {set: {host: b}}}, " ROUTE, false },
		{ "headers: {response: {add: {a: b}}}, " ROUTE, false },
		{ "rewrite: {uri: /x}, " ROUTE, false }, { "rewrite: {authority: x}, " ROUTE, false },
		{ "rewrite: {uriRegexRewrite: {match: a, rewrite: b}}, " ROUTE, false },
		{ "fault: {delay: {fixedDelay: 1s}}, " ROUTE, false },
		{ "fault: {abort: {httpStatus: 500}}, " ROUTE, false },
		{ "timeout: 1s, " ROUTE, false }, { "retries: {attempts: 2}, " ROUTE, false },
		{ "mirror: {host: web}, " ROUTE, false }, { "corsPolicy: {maxAge: 1s}, " ROUTE, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		struct fixture f;

		if (rule_of(&f, entries[i].entry)->is_plain != entries[i].is_plain)
			fail_msg("%s", entries[i].entry);
		fixture_close(&f);
	}
}

static void
test_rule__knows_its_place(void **state)
{
	const struct http_rule *rule;
	struct fixture f;

	(void)state;
	rule = rule_of(&f, "match: [{port: 81}, {sourceNamespace: b}, {uri: {prefix: /}}], "
			   "route: [{destination: {host: web, port: {number: 80}}, weight: -1}, "
			   "{destination: {host: web, subset: v1, port: {number: 65535}}}]");
	assert_int_equal(rule->match_count, 1);
	assert_int_equal(rule->destinations[0].port, 80);
	assert_int_equal(rule->destinations[0].weight, 0);
	assert_string_equal(rule->destinations[0].subset, "");
	assert_int_equal(rule->destinations[1].port, 65535);
	assert_string_equal(rule->destinations[1].host, "web");
	assert_string_equal(rule->destinations[1].subset, "v1");
	fixture_close(&f);
	assert_string_equal(route_grpc_status_name(0), "OK");
	assert_string_equal(route_grpc_status_name(16), "UNAUTHENTICATED");
	assert_string_equal(route_grpc_status_name(17), "?");
	assert_string_equal(route_grpc_status_name(-1), "?");
}

static void
test_rule__reports_what_it_cannot_compile(void **state)
{
	static const char *const paths[] = {
		"spec.http[0].rewrite.uriRegexRewrite.match", "spec.http[0].match[0].headers.a.regex", "spec.http[0].match[1].uri.regex", "spec.http[0].fault.delay.fixedDelay",
		"spec.http[0].timeout", "spec.http[0].retries.perTryTimeout",
	};
	const struct http_rule *rule;
	struct fixture f;

	(void)state;
	rule = rule_of(&f, "match: [{headers: {a: {regex: '('}}}, {uri: {regex: '('}}, {uri: {prefix: /}}], rewrite: {uriRegexRewrite: {match: '(', rewrite: a}}, "
			   "timeout: soon, retries: {attempts: 1, perTryTimeout: x}, fault: {delay: {fixedDelay: y}}, " ROUTE);
	assert_int_equal(rule->timeout_ns, 0);
	assert_false(rule->fault.has_delay);
	assert_int_equal(fixture_problems(&f, "MT2003"), ARRAY_LEN(paths));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		bool is_said = false;

		for (size_t n = 0; n < f.problems.rows.len; n++)
			is_said |= strcmp(f.problems.rows.items[n].path, paths[i]) == 0;
		if (!is_said)
			fail_msg("nothing at %s", paths[i]);
	}
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule__compiles_faults),
		cmocka_unit_test(test_rule__compiles_retries),
		cmocka_unit_test(test_rule__says_where_retries_go),
		cmocka_unit_test(test_rule__takes_the_meshs_retries_where_it_has_none),
		cmocka_unit_test(test_rule__complains_once_of_the_meshs_retries),
		cmocka_unit_test(test_rule__compiles_mirrors),
		cmocka_unit_test(test_rule__orders_header_operations),
		cmocka_unit_test(test_rule__finds_the_authority_to_send),
		cmocka_unit_test(test_rule__compiles_actions),
		cmocka_unit_test(test_rule__decodes_bodies),
		cmocka_unit_test(test_rule__redirects_by_five_codes),
		cmocka_unit_test(test_rule__is_plain_without_anything_else),
		cmocka_unit_test(test_rule__knows_its_place),
		cmocka_unit_test(test_rule__reports_what_it_cannot_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
