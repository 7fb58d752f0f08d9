/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routes in Envoy's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/json.h"
#include "tests/unit/mesh/fixture.h"

#define BASE SERVICE("a", "web", "http", "80") SERVICE("b", "far", "http", "80") \
	SERVICE("a", "db", "tcp", "3306") WORKLOAD("a", "client", "127.0.0.2", "app: client")
#define HEAD "{\"dynamic_route_configs\":[{\"route_config\":{" \
	"\"@type\":\"type.googleapis.com/envoy.config.route.v3.RouteConfiguration\",\"name\":"

/* All that a workload of namespace a sees. */
static const char *
dump(struct fixture *f, const char *workload, const char *yaml, struct buf *out)
{
	struct json_writer w;

	buf_clear(out);
	fixture_open(f, yaml);
	json_begin(&w, out, false);
	json_open(&w, NULL, '{');
	route_table_put_json(fixture_workload(f, "a", workload)->routes, &w);
	json_close(&w, '}');
	fixture_close(f);
	return buf_str(out);
}

static void
test_put_json__domains_are_those_of_the_caller(void **state)
{
	struct buf out = BUF_INIT;
	struct fixture f;
	const char *text = dump(&f, "client", BASE, &out);

	(void)state;
	assert_int_equal(strncmp(text, HEAD "\"80\",", strlen(HEAD "\"80\",")), 0);
	assert_non_null(strstr(text, "{\"name\":\"web.a.svc.cluster.local:80\",\"domains\":["
		"\"web.a.svc.cluster.local\",\"web\",\"web.a\",\"web.a.svc\""));
	assert_non_null(strstr(text, "{\"name\":\"far.b.svc.cluster.local:80\",\"domains\":["
		"\"far.b.svc.cluster.local\",\"far.b\",\"far.b.svc\""));
	assert_non_null(strstr(text, "\"routes\":[{\"name\":\"default\",\"match\":{\"prefix\":\"/\","
		"\"case_sensitive\":true},\"route\":{\"cluster\":\"outbound|80||web.a.svc.cluster.local\","
		"\"timeout\":\"0s\",\"retry_policy\":{\"num_retries\":2}}}]"));
	assert_non_null(strstr(text, "{\"name\":\"allow_any\",\"domains\":[\"*\"],"));
	assert_null(strstr(text, "3306"));
	buf_fini(&out);
}

static const struct { const char *entry, *want; } rules[] = {
	{ "name: n, match: [{name: m, uri: {exact: /x}, ignoreUriCase: true}], directResponse: {status: 418, body: {string: pot}}",
	  "{\"name\":\"n.m\",\"match\":{\"path\":\"/x\",\"case_sensitive\":false},"
	  "\"direct_response\":{\"status\":418,\"body\":{\"inline_string\":\"pot\"}}}" },
	{ "match: [{method: {exact: GET}, headers: {X-A: {regex: \"a.\"}}, withoutHeaders: {b: {}}, queryParams: {q: {prefix: z}}}],"
	  "timeout: 1500ms, retries: {attempts: 0}, route: [{destination: {host: web, subset: no}, weight: 30}, {destination: {host: far.b.svc.cluster.local}, weight: 10}]",
	  "\"match\":{\"prefix\":\"/\",\"case_sensitive\":true,\"headers\":["
	  "{\"name\":\":method\",\"string_match\":{\"exact\":\"GET\"}},"
	  "{\"name\":\"x-a\",\"string_match\":{\"safe_regex\":{\"regex\":\"a.\"}}},"
	  "{\"name\":\"b\",\"present_match\":true,\"invert_match\":true}],"
	  "\"query_parameters\":[{\"name\":\"q\",\"string_match\":{\"prefix\":\"z\"}}]},"
	  "\"route\":{\"weighted_clusters\":{\"clusters\":[{\"name\":\"outbound|80|no|web.a.svc.cluster.local\",\"weight\":30},"
	  "{\"name\":\"outbound|80||far.b.svc.cluster.local\",\"weight\":10}],\"total_weight\":40},\"timeout\":\"1.5s\"}}" },
	{ "match: [{uri: {regex: \"/a|/b\"}}], redirect: {scheme: https, authority: other}",
	  "\"match\":{\"safe_regex\":{\"regex\":\"/a|/b\"},\"case_sensitive\":true},"
	  "\"redirect\":{\"host_redirect\":\"other\",\"scheme_redirect\":\"https\"}}" },
};

static void
test_put_json__rules(void **state)
{
	struct buf out = BUF_INIT, yaml = BUF_INIT;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		buf_clear(&yaml);
		buf_printf(&yaml, BASE VIRTUAL_SERVICE("a", "vs", "hosts: [web, \"*.out\"], http: [{%s}]"),
			   rules[i].entry);
		dump(&f, "client", buf_str(&yaml), &out);
		if (strstr(buf_str(&out), rules[i].want) == NULL)
			fail_msg("%s: %s", rules[i].entry, buf_str(&out));
		assert_non_null(strstr(buf_str(&out), "{\"name\":\"*.out:80\",\"domains\":[\"*.out\"],"));
	}
	buf_fini(&out);
	buf_fini(&yaml);
}

#define OUTSIDE WORKLOAD("a", "client", "127.0.0.2", "app: client") \
	VIRTUAL_SERVICE("a", "vs", "hosts: [out.example], http: [{directResponse: {status: 204}}]")

static void
test_put_json__hosts_without_a_service_have_port_80(void **state)
{
	static const struct { const char *yaml, *ports; } rows[] = {
		{ OUTSIDE, "80 " },
		{ OUTSIDE SERVICE("a", "web", "http", "79"), "79 80 " },
		{ OUTSIDE SERVICE("a", "web", "http", "81"), "80 81 " },
		{ OUTSIDE SERVICE("a", "web", "http", "80"), "80 " },
		{ OUTSIDE SERVICE("a", "w", "http", "79") SERVICE("a", "x", "http", "81")
		  SERVICE("a", "y", "http", "82") SERVICE("a", "z", "http", "81"), "79 80 81 82 " },
	};
	static const char name[] = "RouteConfiguration\",\"name\":\"";
	struct buf out = BUF_INIT, ports = BUF_INIT;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = dump(&f, "client", rows[i].yaml, &out);

		assert_non_null(strstr(at, "{\"name\":\"out.example:80\",\"domains\":[\"out.example\"],"));
		buf_clear(&ports);
		while ((at = strstr(at, name)) != NULL) {
			at += strlen(name);
			buf_printf(&ports, "%.*s ", (int)strcspn(at, "\""), at);
		}
		assert_string_equal(buf_str(&ports), rows[i].ports);
	}
	buf_fini(&out);
	buf_fini(&ports);
}

static void
test_put_json__gateway(void **state)
{
	static const char yaml[] = BASE
		"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: a, name: gw, "
		"annotations: {meshtop.io/role: gateway}}, spec: {address: 127.0.0.9, labels: {istio: gw}}}\n"
		DOC("networking.istio.io/v1", "Gateway", "a", "g", "spec: {selector: {istio: gw}, servers: ["
		    "{port: {number: 8000, name: http, protocol: HTTP}, hosts: [w.example]}, "
		    "{port: {number: 9000, name: tcp, protocol: TCP}, hosts: ['*']}]}")
		VIRTUAL_SERVICE("a", "vs", "hosts: [w.example], gateways: [g], http: [{directResponse: {status: 204}}]");
	struct buf out = BUF_INIT;
	struct fixture f;

	(void)state;
	assert_string_equal(dump(&f, "gw", yaml, &out), HEAD "\"http.8000\",\"virtual_hosts\":["
		"{\"name\":\"w.example:8000\",\"domains\":[\"w.example\"],\"routes\":["
		"{\"name\":\"\",\"match\":{\"prefix\":\"/\",\"case_sensitive\":true},"
		"\"direct_response\":{\"status\":204}}]}]}}]}");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_json__domains_are_those_of_the_caller),
		cmocka_unit_test(test_put_json__rules),
		cmocka_unit_test(test_put_json__hosts_without_a_service_have_port_80),
		cmocka_unit_test(test_put_json__gateway),
	};

	return cmocka_run_group_tests_name("route_dump", tests, NULL, NULL);
}
