/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateways (spec/dataplane.md 2.7) and delegates (2.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "tests/unit/mesh/fixture.h"

#define GATEWAY_POD \
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: in, " \
	"name: gw, annotations: {meshtop.io/role: gateway}}, spec: {address: 127.0.0.9, labels: {istio: gw}}}\n"
#define GATEWAY(ns, name, servers) DOC("networking.istio.io/v1", "Gateway", ns, name, \
	"spec: {selector: {istio: gw}, servers: [" servers "]}")
#define HTTP_80(hosts) "{port: {number: 80, name: http, protocol: HTTP}, hosts: [" hosts "]}"
#define ANSWER(status) "http: [{directResponse: {status: " status "}}]"
#define ON_PATH(path, status) "{match: [{uri: {exact: " path "}}], directResponse: {status: " status "}}"
#define DATED_VS(ns, name, date, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: " ns \
	", name: " name ", creationTimestamp: '" date "T00:00:00Z'}, spec: {" spec "}}\n"

static const struct {
	const char *what, *yaml;
	uint16_t port;
	const char *host, *path, *want;
} rows[] = {
	{ "nothing binds", GATEWAY("a", "g", HTTP_80("'*'")), 80, "x.com", "/", "NO_HOST" },
	{ "bound by name", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g], " ANSWER("201")), 80, "x.com", "/", "vs[0] 201" },
	{ "another host", NULL, 80, "y.com", "/", "NO_HOST" },
	{ "the port of Host is ignored", NULL, 80, "X.com:8080", "/", "vs[0] 201" },
	{ "a trailing dot", NULL, 80, "x.com.", "/", "vs[0] 201" },
	{ "another port", NULL, 81, "x.com", "/", "NO_HOST" },
	{ "bound with namespace", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("b", "vs", "hosts: [x.com], gateways: [a/g], " ANSWER("201")), 80, "x.com", "/", "vs[0] 201" },
	{ "a name is of the own namespace", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("b", "vs", "hosts: [x.com], gateways: [g], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
	{ "another namespace's of that name", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [b/g, aa/g, a/gg], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
	{ "mesh alone does not bind", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
	{ "the server's host is narrower", GATEWAY("a", "g", HTTP_80("x.com"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.com'], gateways: [g], " ANSWER("201")), 80, "y.com", "/", "NO_HOST" },
	{ "the server's host is narrower", NULL, 80, "x.com", "/", "vs[0] 201" },
	{ "no intersection", GATEWAY("a", "g", HTTP_80("'*.org'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.com'], gateways: [g], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
	{ "the namespace of a server's host", GATEWAY("a", "g", HTTP_80("b/x.com"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [a/g], " ANSWER("201"))
	  VIRTUAL_SERVICE("b", "wanted", "hosts: [x.com], gateways: [a/g], " ANSWER("202")), 80, "x.com", "/", "wanted[0] 202" },
	{ "own namespace", GATEWAY("a", "g", HTTP_80("./x.com"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [a/g], " ANSWER("201"))
	  VIRTUAL_SERVICE("b", "other", "hosts: [x.com], gateways: [a/g], " ANSWER("202")), 80, "x.com", "/", "vs[0] 201" },
	{ "merged by age, catch-all last", GATEWAY("a", "g", HTTP_80("'*'"))
	  DATED_VS("a", "old", "2020-01-01", "hosts: [x.com], gateways: [g], http: [" ON_PATH("/a", "201") ", {directResponse: {status: 202}}]")
	  DATED_VS("a", "new", "2021-01-01", "hosts: [x.com], gateways: [g], http: [" ON_PATH("/a", "203") ", " ON_PATH("/b", "204") "]"),
	  80, "x.com", "/a", "old[0] 201" },
	{ "merged by age, catch-all last", NULL, 80, "x.com", "/b", "new[1] 204" },
	{ "merged by age, catch-all last", NULL, 80, "x.com", "/c", "old[1] 202" },
	{ "what a prefix takes whole comes last", GATEWAY("a", "g", HTTP_80("'*'"))
	  DATED_VS("a", "old", "2020-01-01", "hosts: [x.com], gateways: [g], http: [{match: [{uri: {exact: /a}}, {uri: {prefix: /}}], directResponse: {status: 202}}]")
	  DATED_VS("a", "new", "2021-01-01", "hosts: [x.com], gateways: [g], http: [" ON_PATH("/a", "203") "]"), 80, "x.com", "/a", "new[0] 203" },
	{ "what a regex takes whole comes last", GATEWAY("a", "g", HTTP_80("'*'"))
	  DATED_VS("a", "old", "2020-01-01", "hosts: [x.com], gateways: [g], http: [{match: [{uri: {regex: '.*'}}], directResponse: {status: 202}}]")
	  DATED_VS("a", "new", "2021-01-01", "hosts: [x.com], gateways: [g], http: [" ON_PATH("/a", "203") "]"), 80, "x.com", "/a", "new[0] 203" },
	{ "what looks like it does not", GATEWAY("a", "g", HTTP_80("'*'"))
	  DATED_VS("a", "old", "2020-01-01", "hosts: [x.com], gateways: [g], http: [{match: [{uri: {exact: /a}}], directResponse: {status: 201}},"
	    "{match: [{uri: {prefix: /}, headers: {h: {exact: b}}}], directResponse: {status: 202}}, {match: [{uri: {regex: /}}], directResponse: {status: 203}},"
	    "{match: [{headers: {x: {prefix: /}}}], directResponse: {status: 204}}]")
	  DATED_VS("a", "new", "2021-01-01", "hosts: [x.com], gateways: [g], http: [" ON_PATH("/", "205") "]"), 80, "x.com", "/", "old[2] 203" },
	{ "a host hides a wider one", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "exact", "hosts: [x.y.com], gateways: [g], http: [" ON_PATH("/a", "201") "]")
	  VIRTUAL_SERVICE("a", "wild", "hosts: ['*'], gateways: [g], " ANSWER("202")), 80, "x.y.com", "/b", "NO_RULE" },
	{ "a host hides a wider one", NULL, 80, "z.com", "/b", "wild[0] 202" },
	{ "match.gateways", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g, mesh], http: [{match: [{gateways: [mesh]}], directResponse: {status: 201}}, "
		  "{match: [{gateways: [g]}], directResponse: {status: 202}}]"), 80, "x.com", "/", "vs[1] 202" },
	{ "match.gateways with namespace", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("b", "vs", "hosts: [x.com], gateways: [a/g], http: [{match: [{gateways: [g]}], directResponse: {status: 201}}, "
		  "{match: [{gateways: [a/g]}], directResponse: {status: 202}}]"), 80, "x.com", "/", "vs[1] 202" },
	{ "destinations", GATEWAY("a", "g", HTTP_80("'*'")) SERVICE("a", "web", "http", "8000")
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*'], gateways: [g], http: [{route: [{destination: {host: web}}]}]"),
	  80, "x.com", "/", "vs[0] outbound|8000||web.a.svc.cluster.local" },
	{ "no default route to services", NULL, 8000, "web.a", "/", "NO_HOST" },
	{ "httpsRedirect", GATEWAY("a", "g", "{port: {number: 80, name: http, protocol: HTTP}, hosts: [x.com], tls: {httpsRedirect: true}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g], " ANSWER("201")), 80, "x.com", "/", " REDIRECT" },
	{ "httpsRedirect of a wider host", GATEWAY("a", "g", "{port: {number: 80, name: http, protocol: HTTP}, hosts: [\"*\"], tls: {httpsRedirect: true}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g], " ANSWER("201")), 80, "x.com", "/", " REDIRECT" },
	{ "httpsRedirect without a rule", GATEWAY("a", "g", "{port: {number: 80, name: http, protocol: HTTP}, hosts: [b/x.com], tls: {httpsRedirect: true}}"),
	  80, "x.com", "/", " REDIRECT" },
	{ "match.gateways of several", GATEWAY("a", "g1", HTTP_80("'*'")) GATEWAY("a", "g2", "{port: {number: 81, name: http, protocol: HTTP}, hosts: ['*']}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g1, g2], http: [{match: [{gateways: [g2]}], directResponse: {status: 201}}, "
		  "{match: [{gateways: [g1]}], directResponse: {status: 202}}]"), 80, "x.com", "/", "vs[1] 202" },
	{ "match.gateways of several", NULL, 81, "x.com", "/", "vs[0] 201" },
	{ "a selector that does not match", DOC("networking.istio.io/v1", "Gateway", "a", "g",
	  "spec: {selector: {istio: other}, servers: [" HTTP_80("'*'") "]}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], gateways: [g], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
	{ "not exported to the gateway", GATEWAY("a", "g", HTTP_80("'*'"))
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com], exportTo: ['.'], gateways: [g], " ANSWER("201")), 80, "x.com", "/", "NO_HOST" },
};

static void
test_route_http__serves_gateways(void **state)
{
	struct fixture f = { .mesh = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;
		char head[256], yaml[4096];

		if (rows[i].yaml != NULL) {
			if (f.mesh != NULL)
				fixture_close(&f);
			snprintf(yaml, sizeof(yaml), "%s%s", GATEWAY_POD, rows[i].yaml);
			fixture_open(&f, yaml);
		}
		snprintf(head, sizeof(head), "GET %s HTTP/1.1\nHost: %s\n", rows[i].path, rows[i].host);
		got = fixture_route(&f, fixture_workload(&f, "in", "gw"), rows[i].port, head);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu, %s: %s, not %s", i, rows[i].what, got, rows[i].want);
	}
	fixture_close(&f);
}

static void
test_route_gateway_ports__lists_what_is_served(void **state)
{
	const struct route_gateway_port *ports;
	struct fixture f;
	size_t count;

	(void)state;
	fixture_open(&f, GATEWAY_POD SERVICE("a", "db", "tcp", "3306")
		GATEWAY("a", "g1", HTTP_80("'*'") ", {port: {number: 31400, name: tcp, protocol: TCP}, hosts: ['*']}")
		GATEWAY("a", "g2", HTTP_80("x.com") ", {port: {number: 443, name: https, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE}}"
			", {port: {number: 31400, name: h, protocol: HTTP}, hosts: ['*']}")
		VIRTUAL_SERVICE("a", "vs", "hosts: ['*'], gateways: [g1], tcp: [{match: [{port: 31400}], route: [{destination: {host: db}}]}]"));
	ports = route_gateway_ports(fixture_workload(&f, "in", "gw")->routes, &count);
	assert_int_equal(count, 3);
	assert_int_equal(ports[0].number, 80);
	assert_int_equal(ports[0].protocol, PORT_HTTP);
	assert_false(ports[0].has_tls);
	assert_int_equal(ports[1].number, 443);
	assert_true(ports[1].has_tls);
	assert_int_equal(ports[2].number, 31400);
	assert_int_equal(ports[2].protocol, PORT_TCP);
	assert_int_equal(fixture_problems(&f, "MT2005"), 2);	/* TLS, and the port taken */
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "in", "gw"), "a", NULL, 31400),
			    "vs[0] outbound|3306||db.a.svc.cluster.local");
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "in", "gw"), "a", NULL, 80), "NO_RULE");
	fixture_close(&f);
}

static void
test_route_gateway_ports__know_their_protocols(void **state)
{
	static const struct { const char *name; int protocol; } protocols[] = {
		{ "HTTP", PORT_HTTP }, { "http", PORT_HTTP }, { "HTTP2", PORT_HTTP2 }, { "GRPC", PORT_GRPC },
		{ "GRPC-WEB", PORT_GRPC }, { "HTTPS", PORT_HTTPS }, { "TLS", PORT_TLS }, { "TCP", PORT_TCP },
		{ "MONGO", PORT_TCP }, { "REDIS", PORT_TCP }, { "MYSQL", PORT_TCP }, { "HTTP_PROXY", PORT_HTTP },
		{ "UDP", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		const struct route_gateway_port *ports;
		char yaml[1024];
		struct fixture f;
		size_t count;

		snprintf(yaml, sizeof(yaml), GATEWAY_POD GATEWAY("a", "g", "{port: {number: 9, name: a, protocol: %s}, hosts: ['*'], tls: {}}"),
			 protocols[i].name);
		fixture_open(&f, yaml);
		ports = route_gateway_ports(fixture_workload(&f, "in", "gw")->routes, &count);
		if (count != (protocols[i].protocol >= 0) || (count > 0 && (int)ports[0].protocol != protocols[i].protocol))
			fail_msg("%s: %zu", protocols[i].name, count);
		fixture_close(&f);
	}
}

/* Each Gateway's rules at its own port. */
static void
test_route_tcp__of_gateways(void **state)
{
#define TCP(number) "{port: {number: " number ", name: tcp, protocol: TCP}, hosts: ['*']}"
	struct fixture f;

	(void)state;
	fixture_open(&f, GATEWAY_POD SERVICE("a", "db", "tcp", "3306") GATEWAY("a", "g1", TCP("91")) GATEWAY("a", "g2", TCP("92"))
		VIRTUAL_SERVICE("a", "vs", "hosts: ['*'], gateways: [g1, g2], tcp: [{match: [{gateways: [g2]}], route: [{destination: {host: db}}]}, "
			"{match: [{gateways: [g1]}], route: [{destination: {host: none}}]}]"));
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "in", "gw"), "a", NULL, 91), "vs[1] NC");
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "in", "gw"), "a", NULL, 92),
			    "vs[0] outbound|3306||db.a.svc.cluster.local");
	fixture_close(&f);
}

/* Root of a for host web.a, delegate of b. */
#define ROOT(match, more) SERVICE("a", "web", "http", "80") SERVICE("b", "api", "http", "80") \
	WORKLOAD("a", "client", "127.0.0.2", "app: client") \
	VIRTUAL_SERVICE("a", "root", "hosts: [web], http: [{" match "delegate: {name: leaf, namespace: b}" more "}, {directResponse: {status: 299}}]")
#define LEAF(rules) VIRTUAL_SERVICE("b", "leaf", "http: [" rules "]")

static const struct {
	const char *what, *yaml, *head, *want;
} delegates[] = {
	{ "its rules take the root's place", ROOT("", "") LEAF(ON_PATH("/a", "201") ", " ON_PATH("/b", "202")), "GET /b", "leaf[1] 202" },
	{ "its rules take the root's place", NULL, "GET /c", "root[1] 299" },
	{ "short hosts are of its namespace", ROOT("", "") LEAF("{route: [{destination: {host: api}}]}"), "GET /", "leaf[0] outbound|80||api.b.svc.cluster.local" },
	{ "the root's match holds too", ROOT("match: [{headers: {x: {exact: '1'}}}], ", "") LEAF(ON_PATH("/a", "201")), "GET /a", "root[1] 299" },
	{ "the root's match holds too", NULL, "GET /a\nx: 1", "leaf[0] 201" },
	{ "prefix inside prefix", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF("{match: [{uri: {prefix: /p/q}}], directResponse: {status: 201}}"), "GET /p/q", "leaf[0] 201" },
	{ "prefix inside prefix", NULL, "GET /p/x", "root[1] 299" },
	{ "prefix outside prefix", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF("{match: [{uri: {prefix: /q}}], directResponse: {status: 201}}"), "GET /q", "root[1] 299" },
	{ "no match of its own", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF("{directResponse: {status: 201}}"), "GET /p", "leaf[0] 201" },
	{ "no match of its own", NULL, "GET /x", "root[1] 299" },
	{ "regex of the root", ROOT("match: [{uri: {regex: /p.*}}], ", "") LEAF(ON_PATH("/p", "201")), "GET /p", "root[1] 299" },
	{ "presence is not inside a value", ROOT("match: [{headers: {x: {exact: '1'}}}], ", "") LEAF("{match: [{headers: {x: {}}}], directResponse: {status: 201}}"), "GET /\nx: 1", "root[1] 299" },
	{ "nor a value inside presence", ROOT("match: [{headers: {x: {}}}], ", "") LEAF("{match: [{headers: {x: {exact: '1'}}}], directResponse: {status: 201}}"), "GET /\nx: 1", "root[1] 299" },
	{ "the root's source namespace named again", ROOT("match: [{sourceNamespace: a}], ", "") LEAF("{match: [{sourceNamespace: a}], directResponse: {status: 201}}"), "GET /", "leaf[0] 201" },
	{ "the root's source namespace not named", ROOT("match: [{sourceNamespace: a}], ", "") LEAF(ON_PATH("/", "201")), "GET /", "root[1] 299" },
	{ "gateways of the root", ROOT("match: [{gateways: [mesh, g]}], ", "") LEAF("{match: [{gateways: [mesh]}], directResponse: {status: 201}}"), "GET /", "leaf[0] 201" },
	{ "gateways that the root lacks", ROOT("match: [{gateways: [mesh, g]}], ", "") LEAF("{match: [{gateways: [mesh, g]}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "gateways that the root has by their full names", ROOT("match: [{gateways: [mesh, g]}], ", "") LEAF("{match: [{gateways: [a/g, mesh]}], directResponse: {status: 201}}"), "GET /", "leaf[0] 201" },
	{ "other case rule", ROOT("match: [{uri: {prefix: /p}, ignoreUriCase: true}], ", "") LEAF(ON_PATH("/p", "201")), "GET /p", "root[1] 299" },
	{ "one of several alternatives", ROOT("match: [{uri: {prefix: /p}}, {uri: {prefix: /q}}], ", "") LEAF(ON_PATH("/q", "201")), "GET /q", "leaf[0] 201" },
	{ "none of several alternatives", ROOT("match: [{uri: {prefix: /p}}, {uri: {prefix: /q}}], ", "")
	  LEAF("{match: [{uri: {exact: /q}}, {uri: {exact: /r}}], directResponse: {status: 201}}"), "GET /q", "root[1] 299" },
	{ "exact inside prefix", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF(ON_PATH("/px", "201")), "GET /px", "leaf[0] 201" },
	{ "exact outside prefix", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF(ON_PATH("/q", "201")), "GET /q", "root[1] 299" },
	{ "the same exact", ROOT("match: [{uri: {exact: /p}}], ", "") LEAF(ON_PATH("/p", "201")), "GET /p", "leaf[0] 201" },
	{ "another exact", ROOT("match: [{uri: {exact: /p}}], ", "") LEAF(ON_PATH("/q", "201")), "GET /q", "root[1] 299" },
	{ "prefix inside exact", ROOT("match: [{uri: {exact: /p}}], ", "") LEAF("{match: [{uri: {prefix: /p}}], directResponse: {status: 201}}"), "GET /p", "root[1] 299" },
	{ "regex inside prefix", ROOT("match: [{uri: {prefix: /p}}], ", "") LEAF("{match: [{uri: {regex: /p.}}], directResponse: {status: 201}}"), "GET /px", "root[1] 299" },
	{ "regex alone", ROOT("match: [{headers: {x: {exact: '1'}}}], ", "") LEAF("{match: [{uri: {regex: /p.}}], directResponse: {status: 201}}"), "GET /px\nx: 1", "leaf[0] 201" },
	{ "regex alone", NULL, "GET /px", "root[1] 299" },
	{ "regex of the root alone", ROOT("match: [{uri: {regex: /p.}}], ", "") LEAF("{match: [{headers: {x: {exact: '1'}}}], directResponse: {status: 201}}"), "GET /px\nx: 1", "leaf[0] 201" },
	{ "regex of the root alone", NULL, "GET /q\nx: 1", "root[1] 299" },
	{ "the same case rule", ROOT("match: [{uri: {prefix: /p}, ignoreUriCase: true}], ", "")
	  LEAF("{match: [{uri: {prefix: /p/q}, ignoreUriCase: true}], directResponse: {status: 201}}"), "GET /P/Q", "leaf[0] 201" },
	{ "another value of a header", ROOT("match: [{headers: {x: {exact: '1'}}}], ", "") LEAF("{match: [{headers: {x: {exact: '2'}}}], directResponse: {status: 201}}"), "GET /\nx: 2", "root[1] 299" },
	{ "another header", ROOT("match: [{headers: {x: {exact: '1'}}}], ", "") LEAF("{match: [{headers: {y: {exact: '2'}}}], directResponse: {status: 201}}"), "GET /\nx: 1\ny: 2", "leaf[0] 201" },
	{ "another header", NULL, "GET /\ny: 2", "root[1] 299" },
	{ "another absent value", ROOT("match: [{withoutHeaders: {x: {exact: '1'}}}], ", "") LEAF("{match: [{withoutHeaders: {x: {exact: '2'}}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "another parameter's value", ROOT("match: [{queryParams: {x: {exact: '1'}}}], ", "") LEAF("{match: [{queryParams: {x: {exact: '2'}}}], directResponse: {status: 201}}"), "GET /?x=2", "root[1] 299" },
	{ "another method", ROOT("match: [{method: {exact: PUT}}], ", "") LEAF("{match: [{method: {exact: GET}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "another scheme", ROOT("match: [{scheme: {exact: https}}], ", "") LEAF("{match: [{scheme: {exact: http}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "another authority", ROOT("match: [{authority: {exact: b}}], ", "") LEAF("{match: [{authority: {exact: web}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "another port", ROOT("match: [{port: 81}], ", "") LEAF("{match: [{port: 80}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "the same port", ROOT("match: [{port: 80}], ", "") LEAF("{match: [{port: 80}], directResponse: {status: 201}}"), "GET /", "leaf[0] 201" },
	{ "another namespace", ROOT("match: [{sourceNamespace: b}], ", "") LEAF("{match: [{sourceNamespace: a}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "another label", ROOT("match: [{sourceLabels: {app: b}}], ", "") LEAF("{match: [{sourceLabels: {app: client}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "one more label", ROOT("match: [{sourceLabels: {app: client}}], ", "") LEAF("{match: [{sourceLabels: {tier: b}}], directResponse: {status: 201}}"), "GET /", "root[1] 299" },
	{ "not there", ROOT("", ""), "GET /", "root[1] 299" },
	{ "not exported to the root", ROOT("", "") VIRTUAL_SERVICE("b", "leaf", "exportTo: ['.'], " ANSWER("201")), "GET /", "root[1] 299" },
	{ "of the root's own namespace", SERVICE("a", "web", "http", "80") WORKLOAD("a", "client", "127.0.0.2", "app: client")
	  VIRTUAL_SERVICE("a", "root", "hosts: [web], http: [{delegate: {name: leaf}}]") VIRTUAL_SERVICE("a", "leaf", ANSWER("201")), "GET /", "leaf[0] 201" },
	{ "has hosts of its own", ROOT("", "") VIRTUAL_SERVICE("b", "leaf", "hosts: [x], " ANSWER("201")), "GET /", "root[1] 299" },
	{ "cannot delegate again", ROOT("", "") LEAF("{delegate: {name: root, namespace: a}}"), "GET /", "root[1] 299" },
};

static void
test_route_http__puts_delegates_in(void **state)
{
	struct fixture f = { .mesh = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(delegates); i++) {
		const char *line_end = strchr(delegates[i].head, '\n');
		int len = line_end != NULL ? (int)(line_end - delegates[i].head)
					   : (int)strlen(delegates[i].head);
		const char *got;
		char head[256];

		if (delegates[i].yaml != NULL) {
			if (f.mesh != NULL)
				fixture_close(&f);
			fixture_open(&f, delegates[i].yaml);
		}
		snprintf(head, sizeof(head), "%.*s HTTP/1.1\nHost: web\n%s%s", len, delegates[i].head,
			 line_end != NULL ? line_end + 1 : "", line_end != NULL ? "\n" : "");
		got = fixture_route(&f, fixture_workload(&f, "a", "client"), 80, head);
		if (strcmp(got, delegates[i].want) != 0)
			fail_msg("%s, %s: %s", delegates[i].what, delegates[i].head, got);
		if (strstr(delegates[i].what, "outside") != NULL && fixture_problems(&f, "MT2004") != 1)
			fail_msg("%s: nothing said", delegates[i].what);
	}
	fixture_close(&f);
}

static void
test_route_http__lets_the_root_supply_what_a_delegate_lacks(void **state)
{
	struct route_decision d;
	struct fixture f;

	(void)state;
	fixture_open(&f, ROOT("", ", timeout: 2s, retries: {attempts: 7}, mirror: {host: web}")
		     LEAF("{timeout: 3s, route: [{destination: {host: api}}]}"));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
	assert_int_equal(d.rule->timeout_ns, UINT64_C(3000000000));
	assert_int_equal(d.rule->retries.attempts, 7);
	assert_int_equal(d.rule->mirror_count, 1);
	assert_string_equal(d.rule->mirrors[0].cluster->name, "outbound|80||web.a.svc.cluster.local");
	assert_string_equal(d.rule->object->name, "leaf");
	fixture_close(&f);
	fixture_open(&f, ROOT("", ", mirrors: [{destination: {host: web}}]") LEAF("{route: [{destination: {host: api}}]}"));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
	assert_int_equal(d.rule->mirror_count, 1);
	assert_string_equal(d.rule->mirrors[0].cluster->name, "outbound|80||web.a.svc.cluster.local");
	fixture_close(&f);
	fixture_open(&f, ROOT("", ", mirror: {host: web}")
		     LEAF("{mirrors: [{destination: {host: api}}], route: [{destination: {host: api}}]}"));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
	assert_int_equal(d.rule->mirror_count, 1);
	assert_string_equal(d.rule->mirrors[0].cluster->name, "outbound|80||api.b.svc.cluster.local");
	fixture_close(&f);
}

static void
test_route_http__joins_the_names_of_root_and_delegate(void **state)
{
	struct route_decision d;
	struct fixture f;

	(void)state;
	fixture_open(&f, ROOT("name: r, match: [{name: m, uri: {prefix: /}}], ", "")
		     LEAF("{name: l, match: [{name: n, uri: {prefix: /a}}], directResponse: {status: 201}}, "
			  "{directResponse: {status: 202}}"));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET /a HTTP/1.1\nHost: web\n", &d, NULL);
	assert_string_equal(http_rule_log_name(d.rule, d.match), "r-l.m-n");
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET /b HTTP/1.1\nHost: web\n", &d, NULL);
	assert_string_equal(http_rule_log_name(d.rule, d.match), "r.m");
	fixture_close(&f);
}

/* However a client spells it. */
static const struct {
	const char *ns, *workload;
	uint16_t port;
	const char *host, *want;
} host_names[] = {
	{ "in", "gw", 80, "x.com", "x.com" },
	{ "in", "gw", 80, "X.com.:8080", "x.com" },
	{ "in", "gw", 80, "a.b.y.com", "*.y.com" },
	{ "in", "gw", 80, "c.Y.com.", "*.y.com" },
	{ "in", "gw", 81, "scanned.example", "*" },
	{ "in", "gw", 81, "*", "*" },
	{ "in", "gw", 80, "z.com", "" },
	{ "in", "gw", 82, "x.com", "" },
	{ "in", "gw", 80, "", "" },
	{ "a", "client", 80, "web", "web.a.svc.cluster.local" },
	{ "a", "client", 80, "WEB.a:80", "web.a.svc.cluster.local" },
	{ "a", "client", 80, "x.com", "x.com" },
	{ "a", "client", 80, "a.y.com", "*.y.com" },
	{ "a", "client", 80, "z.com", "" },
};

static void
test_route_host_name__is_of_the_configuration(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, GATEWAY_POD WORKLOAD("a", "client", "127.0.0.2", "app: client")
		     SERVICE("a", "web", "http", "80")
		     GATEWAY("in", "g", HTTP_80("x.com, '*.y.com'") ", {port: {number: 81, name: b, protocol: HTTP}, "
			     "hosts: ['*']}")
		     VIRTUAL_SERVICE("in", "vs", "hosts: [x.com, '*.y.com'], gateways: [g, mesh], " ANSWER("201"))
		     VIRTUAL_SERVICE("in", "any", "hosts: ['*'], gateways: [g], " ANSWER("202")));
	for (size_t i = 0; i < ARRAY_LEN(host_names); i++) {
		const struct mesh_workload *w = fixture_workload(&f, host_names[i].ns, host_names[i].workload);
		char text[ROUTE_HOST_BYTES];
		struct slice name = route_host_name(w->routes, slice_of(host_names[i].host),
						    host_names[i].port, text);

		if (!slice_is(name, host_names[i].want))
			fail_msg("%s of %s: want %s, got %.*s", host_names[i].host, host_names[i].workload,
				 host_names[i].want, (int)name.len, name.len > 0 ? name.ptr : "");
	}
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_http__serves_gateways),
		cmocka_unit_test(test_route_gateway_ports__lists_what_is_served),
		cmocka_unit_test(test_route_gateway_ports__know_their_protocols),
		cmocka_unit_test(test_route_tcp__of_gateways),
		cmocka_unit_test(test_route_http__puts_delegates_in),
		cmocka_unit_test(test_route_http__lets_the_root_supply_what_a_delegate_lacks),
		cmocka_unit_test(test_route_http__joins_the_names_of_root_and_delegate),
		cmocka_unit_test(test_route_host_name__is_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
