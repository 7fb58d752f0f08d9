/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions of spec.http[].match[] (spec/dataplane.md 3.1 and its traps). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/json.h"
#include "tests/unit/mesh/fixture.h"

#define BASE SERVICE("ns", "web", "http", "80") WORKLOAD("ns", "client", "127.0.0.9", "app: client")
#define HEAD(line, fields) line " HTTP/1.1\nHost: web\n" fields

static const struct {
	const char *match, *head;
	bool holds;
} rows[] = {
	/* uri */
	{ "uri: {exact: /a}", HEAD("GET /a", ""), true },
	{ "uri: {exact: /a}", HEAD("GET /a?x=1", ""), true },
	{ "uri: {exact: /a}", HEAD("GET /ab", ""), false },
	{ "uri: {exact: /a}", HEAD("GET /A", ""), false },
	{ "uri: {prefix: /foo}", HEAD("GET /foobar", ""), true },
	{ "uri: {prefix: /foo/}", HEAD("GET /foo", ""), false },
	{ "uri: {exact: /A}, ignoreUriCase: true", HEAD("GET /a", ""), true },
	{ "uri: {prefix: /A}, ignoreUriCase: true", HEAD("GET /abc", ""), true },
	{ "uri: {prefix: /ABC}, ignoreUriCase: true", HEAD("GET /abc", ""), true },
	{ "uri: {prefix: /ABC}, ignoreUriCase: true", HEAD("GET /ab", ""), false },
	{ "uri: {prefix: /ABC}, ignoreUriCase: true", HEAD("GET /abdc", ""), false },
	{ "uri: {regex: /A.*}, ignoreUriCase: true", HEAD("GET /abc", ""), false },
	{ "uri: {regex: '/[a-z]+'}", HEAD("GET /abc", ""), true },
	{ "uri: {regex: '/[a-z]+'}", HEAD("GET /abc/d", ""), false },
	{ "uri: {regex: '/[a-z]+'}", HEAD("GET /abc?d=1", ""), true },
	/* method, scheme, authority */
	{ "method: {exact: POST}", HEAD("POST /", "Content-Length: 0\n"), true },
	{ "method: {exact: POST}", HEAD("GET /", ""), false },
	{ "scheme: {exact: http}", HEAD("GET /", ""), true },
	{ "scheme: {exact: https}", HEAD("GET /", ""), false },
	{ "scheme: {exact: https}", HEAD("GET /", "x-forwarded-proto: https\n"), true },
	{ "scheme: {exact: http}", HEAD("GET /", "x-forwarded-proto: ftp\n"), true },
	{ "headers: {':scheme': {exact: http}}", HEAD("GET /", ""), true },
	{ "authority: {exact: web}", HEAD("GET /", ""), true },
	{ "authority: {exact: 'web:80'}", "GET / HTTP/1.1\nHost: web:80\n", true },
	{ "authority: {exact: web}", "GET / HTTP/1.1\nHost: web:80\n", false },
	{ "authority: {exact: web}", "GET / HTTP/1.1\nHost: WEB\n", false },
	/* headers */
	{ "headers: {portal: {exact: uk}}", HEAD("GET /", "Portal: uk\n"), true },
	{ "headers: {Portal: {exact: uk}}", HEAD("GET /", "portal: uk\n"), true },
	{ "headers: {portal: {exact: uk}}", HEAD("GET /", "portal: UK\n"), false },
	{ "headers: {portal: {exact: uk}}", HEAD("GET /", ""), false },
	{ "headers: {portal: {prefix: u}}", HEAD("GET /", "portal: uk\n"), true },
	{ "headers: {portal: {regex: u}}", HEAD("GET /", "portal: uk\n"), false },
	{ "headers: {portal: {regex: u.}}", HEAD("GET /", "portal: uk\n"), true },
	{ "headers: {portal: {}}", HEAD("GET /", "portal:\n"), true },
	{ "headers: {portal: {}}", HEAD("GET /", "portals: a\n"), false },
	{ "headers: {portal: {regex: '*'}}", HEAD("GET /", "portal: a\n"), true },
	{ "headers: {portal: {exact: ''}}", HEAD("GET /", "portal:\n"), true },
	{ "headers: {portal: {exact: ''}}", HEAD("GET /", ""), false },
	/* what belongs to the connection */
	{ "headers: {connection: {}}", HEAD("GET /", "Connection: keep-alive\n"), false },
	{ "headers: {x-a: {exact: '1'}}", HEAD("GET /", "Connection: x-a\nX-A: 1\n"), false },
	{ "withoutHeaders: {x-a: {}}", HEAD("GET /", "X-A: 1\nConnection: x-a\n"), true },
	{ "headers: {upgrade: {exact: websocket}}", HEAD("GET /", "Connection: Upgrade\nUpgrade: websocket\n"), true },
	{ "headers: {upgrade: {exact: websocket}}", HEAD("GET /", "Upgrade: websocket\n"), false },
	{ "headers: {connection: {exact: Upgrade}}", HEAD("GET /", "Connection: Upgrade\nUpgrade: websocket\n"), true },
	/* what the proxy adds before it looks for a rule */
	{ "headers: {x-forwarded-proto: {exact: http}}", HEAD("GET /", ""), true },
	{ "headers: {X-Forwarded-Proto: {exact: https}}", HEAD("GET /", "x-forwarded-proto: https\n"), true },
	{ "withoutHeaders: {x-forwarded-proto: {}}", HEAD("GET /", ""), false },
	{ "headers: {x-request-id: {}}", HEAD("GET /", ""), true },
	{ "headers: {X-Request-Id: {regex: '[0-9a-f-]{36}'}}", HEAD("GET /", ""), true },
	{ "withoutHeaders: {x-request-id: {}}", HEAD("GET /", ""), false },
	{ "withoutHeaders: {x-request-id: {exact: ''}}", HEAD("GET /", ""), true },
	{ "headers: {x-request-id: {exact: own}}", HEAD("GET /", "x-request-id: own\n"), true },
	{ "headers: {portal: {exact: 'a,b'}}", HEAD("GET /", "portal: a\nx: y\nportal: b\n"), true },
	{ "headers: {portal: {exact: a}}", HEAD("GET /", "portal: a\nportal: b\n"), false },
	{ "headers: {portal: {regex: 'a,b,c'}}",
	  HEAD("GET /", "portal: a\nportal: b\nportal: c\n"), true },
	{ "headers: {accept: {exact: 'a,b'}}", HEAD("GET /", "accept: a\naccept: b\n"), true },
	{ "headers: {user-agent: {prefix: cu}}", HEAD("GET /", "User-Agent: curl\n"), true },
	{ "headers: {a: {exact: '1'}, b: {exact: '2'}}", HEAD("GET /", "a: 1\nb: 2\n"), true },
	{ "headers: {a: {exact: '1'}, b: {exact: '2'}}", HEAD("GET /", "a: 1\n"), false },
	{ "headers: {':method': {exact: GET}}", HEAD("GET /", ""), true },
	{ "headers: {':authority': {exact: web}}", HEAD("GET /", ""), true },
	{ "headers: {host: {exact: web}}", HEAD("GET /", ""), true },
	{ "headers: {':path': {exact: '/a?b=c'}}", HEAD("GET /a?b=c", ""), true },
	{ "headers: {':path': {exact: '/a'}}", HEAD("GET /a", ""), true },
	{ "headers: {':status': {exact: '200'}}", HEAD("GET /", ""), false },
	{ "headers: {'@request.auth.claims.sub': {exact: x}}", HEAD("GET /", ""), false },
	/* withoutHeaders: a missing one counts as "" */
	{ "withoutHeaders: {a: {exact: x}}", HEAD("GET /", ""), true },
	{ "withoutHeaders: {a: {exact: x}}", HEAD("GET /", "a: x\n"), false },
	{ "withoutHeaders: {a: {exact: x}}", HEAD("GET /", "a: y\n"), true },
	{ "withoutHeaders: {a: {regex: '.*'}}", HEAD("GET /", ""), false },
	{ "withoutHeaders: {a: {regex: '*'}}", HEAD("GET /", ""), true },
	{ "withoutHeaders: {a: {regex: '*'}}", HEAD("GET /", "a: y\n"), false },
	{ "withoutHeaders: {a: {}}", HEAD("GET /", ""), true },
	{ "withoutHeaders: {a: {}}", HEAD("GET /", "a:\n"), false },
	{ "withoutHeaders: {a: {exact: 'x,y'}}", HEAD("GET /", "a: x\na: y\n"), false },
	/* query parameters */
	{ "queryParams: {a: {exact: '1'}}", HEAD("GET /?a=1", ""), true },
	{ "queryParams: {a: {exact: '1'}}", HEAD("GET /?b=2&a=1", ""), true },
	{ "queryParams: {a: {exact: '1'}}", HEAD("GET /?a=2&a=1", ""), false },
	{ "queryParams: {a: {exact: '1'}}", HEAD("GET /", ""), false },
	{ "queryParams: {a: {exact: 'x%20y'}}", HEAD("GET /?a=x%20y", ""), true },
	{ "queryParams: {a: {}}", HEAD("GET /?a", ""), true },
	{ "queryParams: {a: {}}", HEAD("GET /?ab=1", ""), false },
	{ "queryParams: {a: {exact: ''}}", HEAD("GET /?x=1&a=", ""), true },
	{ "queryParams: {a: {regex: '\\d+'}}", HEAD("GET /?a=17", ""), true },
	{ "queryParams: {a: {regex: '\\d+'}}", HEAD("GET /?a=17x", ""), false },
	/* a pattern that cannot be compiled never holds */
	{ "headers: {a: {regex: '(?=x)'}}", HEAD("GET /", "a: x\n"), false },
};

static void
test_route_http__evaluates_every_kind_of_condition(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;
		char yaml[2048];
		const char *want = rows[i].holds ? "vs[0] 200" : "vs[1] 201";
		const char *got;

		snprintf(yaml, sizeof(yaml), "%s"
			 VIRTUAL_SERVICE("ns", "vs", "hosts: [web], http: ["
					 "{match: [{%s}], directResponse: {status: 200}},"
					 "{directResponse: {status: 201}}]"),
			 BASE, rows[i].match);
		fixture_open(&f, yaml);
		got = fixture_route(&f, fixture_workload(&f, "ns", "client"), 80, rows[i].head);
		if (strcmp(got, want) != 0)
			fail_msg("{%s} %s: %s, not %s", rows[i].match, rows[i].head, got, want);
		fixture_close(&f);
	}
}

#define REGEX_BOMB "(a*)*(a*)*(a*)*(a*)*b"

static void
test_route_http__ends_at_a_regex_limit(void **state)
{
	struct fixture f;
	struct buf head = BUF_INIT;
	const char *got;

	(void)state;
	fixture_open(&f, BASE VIRTUAL_SERVICE("ns", "vs",
		"hosts: [web], http: [{match: [{uri: {regex: '/" REGEX_BOMB "'}}],"
		"directResponse: {status: 200}}, {directResponse: {status: 201}}]"));
	buf_puts(&head, "GET /");
	buf_fill(&head, 'a', 8000);
	buf_puts(&head, " HTTP/1.1\nHost: web\n");
	got = fixture_route(&f, fixture_workload(&f, "ns", "client"), 80, buf_str(&head));
	/* Never "no match": an answer of its own, or a true one from a linear engine. */
	if (strcmp(got, "LIMIT") != 0 && strcmp(got, "vs[1] 201") != 0)
		fail_msg("%s", got);
	buf_fini(&head);
	fixture_close(&f);
}

/* One hundred rules by one header: found in order, also where several match. */
static void
test_route_http__finds_a_rule_among_many_in_order(void **state)
{
	struct fixture f;
	struct buf yaml = BUF_INIT;
	char head[128], want[32];
	const struct mesh_workload *w;

	(void)state;
	buf_puts(&yaml, BASE "---\napiVersion: networking.istio.io/v1\n"
		 "kind: VirtualService\nmetadata: {namespace: ns, name: vs}\n"
		 "spec:\n  hosts: [web]\n  http:\n"
		 "  - {match: [{uri: {exact: /first}}], directResponse: {status: 200}}\n");
	for (int i = 0; i < 100; i++)
		buf_printf(&yaml, "  - {match: [{headers: {u: {exact: u%d}}%s}, {headers: "
			   "{u: {exact: v%d}}}], directResponse: {status: 200}}\n",
			   i % 50, i < 50 ? ", method: {exact: PUT}" : "", i);
	buf_puts(&yaml, "  - {match: [{headers: {u: {exact: 'x,y'}}}], directResponse: {status: 200}}\n");
	fixture_open(&f, buf_str(&yaml));
	w = fixture_workload(&f, "ns", "client");
	for (int i = 0; i < 100; i++) {
		snprintf(head, sizeof(head), "GET / HTTP/1.1\nHost: web\nu: v%d\n", i);
		snprintf(want, sizeof(want), "vs[%d] 200", i + 1);
		assert_string_equal(fixture_route(&f, w, 80, head), want);
	}
	/* Rule 8 wants PUT besides, rule 58 does not. */
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /", "u: u7\n")), "vs[58] 200");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("PUT /", "u: u7\nContent-Length: 0\n")),
			    "vs[8] 200");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /first", "u: v7\n")), "vs[0] 200");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /", "u: zz\n")), "NO_RULE");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /", "")), "NO_RULE");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /", "u: v1\nu: v1\n")), "NO_RULE");
	assert_string_equal(fixture_route(&f, w, 80, HEAD("GET /", "u: x\nu: y\n")), "vs[101] 200");
	fixture_close(&f);
	buf_fini(&yaml);
}

static void
test_route_trace__names_the_first_failing_condition(void **state)
{
	struct route_trace *t = route_trace_new();
	struct route_decision d;
	struct buf out = BUF_INIT;
	struct json_writer w;
	struct fixture f;

	(void)state;
	fixture_open(&f, BASE VIRTUAL_SERVICE("ns", "vs",
		"hosts: [web], http: ["
		"{match: [{headers: {portal: {exact: uk}}}], directResponse: {status: 200}},"
		"{match: [{sourceLabels: {app: other}}], directResponse: {status: 200}},"
		"{match: [{port: 81}], directResponse: {status: 200}},"
		"{match: [{method: {exact: PUT}}, {uri: {prefix: /x}, withoutHeaders: {a: {}}}],"
		" directResponse: {status: 200}},"
		"{match: [{uri: {prefix: /x}}], directResponse: {status: 200}}]"));
	fixture_decide(&f, fixture_workload(&f, "ns", "client"), 80,
		       HEAD("GET /xy", "a: b\na: c\n"), &d, t);
	json_begin(&w, &out, false);
	json_open(&w, NULL, '{');
	route_trace_put_json(t, &w);
	json_close(&w, '}');
	assert_string_equal(buf_str(&out), "{\"rules\":["
		"{\"namespace\":\"ns\",\"name\":\"vs\",\"section\":\"http\",\"index\":0,\"matched\":false,\"failed\":"
		"{\"field\":\"headers[portal]\",\"want\":\"exact uk\",\"got\":null}},"
		"{\"namespace\":\"ns\",\"name\":\"vs\",\"section\":\"http\",\"index\":1,\"matched\":false,\"failed\":"
		"{\"field\":\"sourceLabels[app]\",\"want\":\"other\",\"got\":\"client\"}},"
		"{\"namespace\":\"ns\",\"name\":\"vs\",\"section\":\"http\",\"index\":2,\"matched\":false,\"failed\":"
		"{\"field\":\"port\",\"want\":\"81\",\"got\":\"80\"}},"
		"{\"namespace\":\"ns\",\"name\":\"vs\",\"section\":\"http\",\"index\":3,\"matched\":false,\"failed\":"
		"{\"field\":\"withoutHeaders[a]\",\"want\":\"absent\",\"got\":\"b,c\"}},"
		"{\"namespace\":\"ns\",\"name\":\"vs\",\"section\":\"http\",\"index\":4,\"matched\":true,\"failed\":null}"
		"]}");
	buf_clear(&out);
	http_match_text(d.rule, d.match, &out);
	assert_string_equal(buf_str(&out), "uri prefix /x");
	buf_fini(&out);
	route_trace_free(&t);
	fixture_close(&f);
}

/* What was settled for the caller before any request came. */
static void
test_route_trace__names_what_was_settled_before(void **state)
{
	static const struct { const char *match, *want; } cases[] = {
		{ "port: 81", "{\"field\":\"port\",\"want\":\"81\",\"got\":\"80\"}" },
		{ "gateways: [g, h], sourceNamespace: b", "{\"field\":\"gateways\",\"want\":\"g,h\",\"got\":\"mesh\"}" },
		{ "sourceLabels: {app: client, tier: b}", "{\"field\":\"sourceLabels[tier]\",\"want\":\"b\",\"got\":null}" },
		{ "sourceLabels: {app: client}, sourceNamespace: b",
		  "{\"field\":\"sourceNamespace\",\"want\":\"b\",\"got\":\"ns\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct route_trace *t = route_trace_new();
		struct buf yaml = BUF_INIT, out = BUF_INIT;
		struct route_decision d;
		struct json_writer w;
		struct fixture f;

		buf_printf(&yaml, BASE VIRTUAL_SERVICE("ns", "vs", "hosts: [web], http: [{match: [{%s}], directResponse: {status: 200}},"
						       " {directResponse: {status: 201}}]"), cases[i].match);
		fixture_open(&f, buf_str(&yaml));
		fixture_decide(&f, fixture_workload(&f, "ns", "client"), 80, HEAD("GET /", ""), &d, t);
		json_begin(&w, &out, false);
		json_open(&w, NULL, '{');
		route_trace_put_json(t, &w);
		json_close(&w, '}');
		if (strstr(buf_str(&out), cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].match, buf_str(&out));
		route_trace_free(&t);
		fixture_close(&f);
		buf_fini(&yaml);
		buf_fini(&out);
	}
}

static void
test_route_normalize__rewrites_paths(void **state)
{
	static const struct {
		int mode;
		const char *path, *want;	/* NULL: refused */
	} cases[] = {
		{ NORMALIZE_BASE, "/a/b", "/a/b" },
		{ NORMALIZE_BASE, "/a/./b/../c", "/a/c" },
		{ NORMALIZE_BASE, "/a/%2e%2E/b", "/b" },
		{ NORMALIZE_BASE, "/../../a", "/a" },
		{ NORMALIZE_BASE, "/a/..", "/" },
		{ NORMALIZE_BASE, "/a/.", "/a/" },
		{ NORMALIZE_BASE, "/.", "/" },
		{ NORMALIZE_BASE, "/a\\b", "/a/b" },
		{ NORMALIZE_BASE, "/a//b", "/a//b" },
		{ NORMALIZE_BASE, "/a//../b", "/a/b" },
		{ NORMALIZE_BASE, "/a%2Fb", "/a%2Fb" },
		{ NORMALIZE_BASE, "/%61%7e%2d", "/a~-" },
		{ NORMALIZE_BASE, "/%20%zz%", "/%20%zz%" },
		{ NORMALIZE_BASE, "/%41%5a%61%7A%30%39%5F", "/AZaz09_" },
		{ NORMALIZE_BASE, "/%40%5B%60%7B%2f%3A", "/%40%5B%60%7B%2f%3A" },
		{ NORMALIZE_BASE, "/%4", "/%4" },
		{ NORMALIZE_BASE, "/%4g%g1", "/%4g%g1" },
		{ NORMALIZE_BASE, "//", "//" },
		{ NORMALIZE_BASE, "/a/", "/a/" },
		{ NORMALIZE_BASE, "/...", "/..." },
		{ NORMALIZE_BASE, "/.a/..b", "/.a/..b" },
		{ NORMALIZE_BASE, "/a%00b", NULL },
		{ NORMALIZE_BASE, "*", "*" },
		{ NORMALIZE_NONE, "/a/../b", "/a/../b" },
		{ NORMALIZE_MERGE, "/a///b//", "/a/b/" },
		{ NORMALIZE_MERGE, "//", "/" },
		{ NORMALIZE_MERGE, "/a%2F/b", "/a%2F/b" },
		{ NORMALIZE_DECODE_MERGE, "/a%2F%5cb", "/a/b" },
		{ NORMALIZE_DECODE_MERGE, "/a%2F..%2Fb", "/b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mesh_settings s = { .allow_any = true };
		struct slice path = slice_of(cases[i].path), out;
		char scratch[64];

		memcpy(&s.normalize, &cases[i].mode, sizeof(s.normalize));
		if (!route_normalize(&s, path, scratch, &out)) {
			if (cases[i].want != NULL)
				fail_msg("%s refused", cases[i].path);
			continue;
		}
		if (cases[i].want == NULL || !slice_is(out, cases[i].want))
			fail_msg("%s: %.*s", cases[i].path, (int)out.len, out.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_http__evaluates_every_kind_of_condition),
		cmocka_unit_test(test_route_http__ends_at_a_regex_limit),
		cmocka_unit_test(test_route_http__finds_a_rule_among_many_in_order),
		cmocka_unit_test(test_route_trace__names_the_first_failing_condition),
		cmocka_unit_test(test_route_trace__names_what_was_settled_before),
		cmocka_unit_test(test_route_normalize__rewrites_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
