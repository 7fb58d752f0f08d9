/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields one by one: taken where they are right, refused where they are not
 * (spec/dataplane.md 1).  Rules between fields: test_check.c, test_as_istio.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/istio/check.h"
#include "src/model/snapshot.h"

struct row {
	const char *spec;	/* inside braces */
	const char *want;	/* "CODE PATH" of each row but hints, joined by "; "; "spec." left out */
};

/* "CODE PATH; CODE PATH" */
static void
put_said(const struct problems *rows, struct buf *out)
{
	for (size_t i = 0; i < rows->rows.len; i++) {
		const struct problem *p = &rows->rows.items[i];
		const char *path = strncmp(p->path, "spec.", 5) == 0 ? p->path + 5 : p->path;

		if (p->severity != SEVERITY_INFO)
			buf_printf(out, "%s%s %s", out->len > 0 ? "; " : "", p->code, path);
	}
}

static bool
says(const char *kind, const struct row *row)
{
	struct problems rows = PROBLEMS_INIT, bad = PROBLEMS_INIT;
	struct error err = ERROR_INIT;
	struct buf yaml = BUF_INIT, got = BUF_INIT;
	struct snapshot *s;
	bool is_equal;

	buf_printf(&yaml, "{apiVersion: %s.istio.io/v1, kind: %s, metadata: {name: a, namespace: x}, spec: {%s}}\n",
		   strcmp(kind, "PeerAuthentication") == 0 ? "security" : "networking", kind, row->spec);
	s = snapshot_of_text("t.yaml", buf_str(&yaml), &bad, &err);
	if (s == NULL)
		fail_msg("%s: %s", row->spec, err.msg);
	check_object(s->objects[0], &rows);
	problems_sort(&rows);
	put_said(&rows, &got);
	is_equal = strcmp(buf_str(&got), row->want) == 0;
	if (!is_equal)
		print_error("{%s}\nwanted %s\ngot    %s\n", row->spec, row->want, buf_str(&got));
	buf_fini(&yaml);
	buf_fini(&got);
	problems_fini(&rows);
	problems_fini(&bad);
	snapshot_put(&s);
	return is_equal;
}

static void
expect(const char *kind, const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += !says(kind, &rows[i]);
	if (wrong > 0)
		fail_msg("%zu of %zu rows", wrong, count);
}

/* --- VirtualService --- */

#define TO "route: [{destination: {host: a}}]"
#define HTTP(rule) "hosts: [a], http: [{" rule "}]"
#define MATCH(match) HTTP("match: [{" match "}], " TO)
#define REDIRECT(redirect) HTTP("match: [{uri: {prefix: /}}], redirect: {" redirect "}")
#define FAULT(fault) HTTP("fault: {" fault "}, " TO)
#define CORS(policy) HTTP("corsPolicy: {" policy "}, " TO)
#define TCP(match) "hosts: [a], tcp: [{match: [{" match "}], " TO "}]"
#define TLS(match) "hosts: [a.com], tls: [{match: [{sniHosts: [a.com], " match "}], " TO "}]"

static const struct row virtual_services[] = {
	{ MATCH("name: n, scheme: {exact: http}, authority: {prefix: a}, method: {regex: G.T}, port: 80, sourceLabels: {a.b/c: d_e},"
		" sourceNamespace: b, statPrefix: x"), "" },
	{ MATCH("gateways: [b/g, mesh], sourceLabels: {a: b}, sourceNamespace: b"),
	  "MT0036 http[0].match[0].sourceLabels; MT0036 http[0].match[0].sourceNamespace" },
	{ MATCH("scheme: {exakt: http}, authority: {exact: [a]}"),
	  "MT0020 http[0].match[0].scheme.exakt; MT0021 http[0].match[0].authority.exact" },
	{ MATCH("scheme: {exact: a, prefix: a}, uri: {prefix: /, regex: a}"),
	  "MT0029 http[0].match[0].scheme.prefix; MT0029 http[0].match[0].uri.regex" },
	{ MATCH("port: 0, sourceLabels: {a b: c}, sourceNamespace: a.b, gateways: [a/b/c]"),
	  "MT0023 http[0].match[0].port; MT0036 http[0].match[0].sourceLabels; MT0027 http[0].match[0].sourceLabels.a b;"
	  " MT0027 http[0].match[0].sourceNamespace; MT0036 http[0].match[0].sourceNamespace; MT0027 http[0].match[0].gateways[0]" },
	{ MATCH("port: 65536, sourceLabels: {a: b c}"), "MT0023 http[0].match[0].port; MT0027 http[0].match[0].sourceLabels.a" },
	{ HTTP("name: n, route: [{destination: {host: a}, weight: 5, headers: {request: {set: {a: b}}, response: {remove: [c]}}}]"), "" },
	{ HTTP("route: [{weight: 5, headers: {reqest: {}}}]"), "MT0022 http[0].route[0].destination; MT0020 http[0].route[0].headers.reqest" },
	{ "hosts: [a], gateways: [g.b, mesh], http: [{" TO "}]", "" },
	{ "hosts: [a], gateways: [g.b_, b/g.c], http: [{" TO "}]", "MT0027 gateways[0]; MT0027 gateways[1]" },
	{ "hosts: [a], gateways: [a/b/c], http: [{" TO "}]", "MT0027 gateways[0]" },
	{ HTTP("headers: {request: {remove: [b]}, response: {remove: [c]}}, " TO), "" },
	{ HTTP("headers: {request: {remove: [':a', host]}}, " TO), "MT0031 http[0].headers.request.remove[0]; MT0031 http[0].headers.request.remove[1]" },
	{ HTTP("headers: {response: {remove: [':a'], set: {b: c}}}, " TO), "MT0031 http[0].headers.response.remove[0]" },
	{ REDIRECT("port: 80, scheme: https, uri: /a, redirectCode: 300"), "MT0036 http[0].redirect.redirectCode" },
	{ REDIRECT("derivePort: FROM_REQUEST_PORT, authority: a"), "" },
	{ REDIRECT("derivePort: FROM_PROTOCOL_DEFAULT, redirectCode: 307"), "" },
	{ REDIRECT("derivePort: FROM_NOTHING, scheme: ftp, redirectCode: 400"),
	  "MT0024 http[0].redirect.derivePort; MT0024 http[0].redirect.scheme; MT0023 http[0].redirect.redirectCode" },
	{ REDIRECT("uri: /, redirectCode: 299, port: 0"), "MT0023 http[0].redirect.redirectCode; MT0023 http[0].redirect.port" },
	{ REDIRECT("uri: /, port: 80, derivePort: FROM_REQUEST_PORT"), "MT0029 http[0].redirect.derivePort" },
	{ REDIRECT("uri: /, prefixRewrite: /"), "MT0029 http[0].redirect.prefixRewrite" },
	{ REDIRECT("uri: /, redirectCode: 303"), "" }, { REDIRECT("uri: /, redirectCode: 399"), "MT0036 http[0].redirect.redirectCode" },
	{ "hosts: ['*'], gateways: [g, mesh], http: [{" TO "}]", "MT0026 hosts[0]" },
	{ "hosts: [a], gateways: [g], http: [{match: [{headers: {'@request.auth.claims.': {exact: a}, '@request.auth.claims[]': {exact: a},"
	  " '@request.auth.claims[a': {exact: a}}}], " TO "}]", "MT0031 http[0].match[0].headers[\"@request.auth.claims.\"];"
	  " MT0031 http[0].match[0].headers[\"@request.auth.claims[]\"]; MT0031 http[0].match[0].headers[\"@request.auth.claims[a\"]" },
	{ MATCH("uri: {regex: ''}"), "MT0028 http[0].match[0].uri.regex" }, { MATCH("uri: {regex: a}, ignoreUriCase: true"),
	  "MT0036 http[0].match[0].ignoreUriCase" },
	{ HTTP("directResponse: {status: 200}, rewrite: {uri: /}, fault: {abort: {httpStatus: 500, percentage: {value: 1}}}, " TO), "MT0029 http[0].rewrite; MT0029 http[0].fault; MT0029 http[0].route" },
	{ HTTP("directResponse: {status: 200, body: {bytes: YQ=}}"),
	  "MT0021 http[0].directResponse.body.bytes" }, { HTTP("directResponse: {status: 200, body: {bytes: Y}}"), "MT0021 http[0].directResponse.body.bytes" },
	{ HTTP("directResponse: {status: 200}"), "" },
	{ HTTP("directResponse: {status: 599, body: {string: a}}"), "" },
	{ HTTP("directResponse: {body: {string: a, bytes: YQ==}}"), "MT0022 http[0].directResponse.status; MT0029 http[0].directResponse.body.bytes" },
	{ HTTP("directResponse: {status: 199}"), "MT0023 http[0].directResponse.status" },
	{ HTTP("directResponse: {status: 600}"), "MT0023 http[0].directResponse.status" },
	{ HTTP("delegate: {name: b, namespace: c}"), "" },
	{ HTTP("delegate: {name: b_c, namespace: c.d}"), "MT0027 http[0].delegate.name; MT0027 http[0].delegate.namespace" },
	{ HTTP("rewrite: {uri: /a, authority: b}, " TO), "" },
	{ HTTP("rewrite: {uri: /a, uriRegexRewrite: {match: a, rewrite: b}}, " TO), "MT0029 http[0].rewrite.uriRegexRewrite" },
	{ HTTP("rewrite: {uriRegexRewrite: {match: a}}, " TO), "MT0022 http[0].rewrite.uriRegexRewrite" },
	{ HTTP("rewrite: {uriRegexRewrite: {match: '', rewrite: a}}, " TO), "MT0022 http[0].rewrite.uriRegexRewrite" },
	{ HTTP("rewrite: {uriRegexRewrite: {match: '(', rewrite: a}}, " TO), "MT0028 http[0].rewrite.uriRegexRewrite.match" },
	{ HTTP("retries: {attempts: 1, perTryTimeout: 1ms, retryOn: 5xx, retryRemoteLocalities: true, retryIgnorePreviousHosts: false, backoff: 25ms}, " TO), "" },
	{ HTTP("retries: {attempts: -1, backoff: 0s, retryRemoteLocalities: 1}, " TO),
	  "MT0023 http[0].retries.attempts; MT0025 http[0].retries.backoff; MT0021 http[0].retries.retryRemoteLocalities" },
	{ HTTP("retries: {attempts: 0, retryOn: 5xx}, " TO), "MT0029 http[0].retries.retryOn" },
	{ HTTP("retries: {attempts: 0, retryRemoteLocalities: true}, " TO), "MT0029 http[0].retries.retryRemoteLocalities" },
	{ FAULT("delay: {percentage: {value: 0.0001}, fixedDelay: 1ms}, abort: {percentage: {value: 100}, grpcStatus: UNAVAILABLE}"), "" },
	{ FAULT("delay: {percentage: {value: 0}, fixedDelay: 1ms}, abort: {httpStatus: 500}"), "MT0036 http[0].fault.delay.percentage;"
	  " MT0036 http[0].fault.abort" },
	{ FAULT("abort: {httpStatus: 200, percentage: {value: 1}}"), "" }, { FAULT("abort: {percentage: {value: 1}}"), "MT0036 http[0].fault.abort" },
	{ FAULT("abort: {httpStatus: 600, percentage: {value: 1}}"), "" },
	{ FAULT("abort: {httpStatus: 601, percentage: {value: -1}}"), "MT0023 http[0].fault.abort.httpStatus;"
	  " MT0023 http[0].fault.abort.percentage.value" },
	{ FAULT("abort: {grpcStatus: GONE}"), "MT0036 http[0].fault.abort; MT0024 http[0].fault.abort.grpcStatus" },
	{ FAULT("abort: {httpStatus: 500, grpcStatus: OK}"), "MT0036 http[0].fault.abort; MT0029 http[0].fault.abort.grpcStatus" },
	{ FAULT("abort: {http2Error: a}"), "MT0036 http[0].fault.abort; MT0034 http[0].fault.abort.http2Error" },
	{ FAULT("delay: {percent: 101, fixedDelay: 0s}"), "MT0023 http[0].fault.delay.percent; MT0035 http[0].fault.delay.percent;"
	  " MT0025 http[0].fault.delay.fixedDelay" },
	{ FAULT("delay: {fixedDelay: 1s, exponentialDelay: 1s}"), "MT0036 http[0].fault.delay; MT0029 http[0].fault.delay.exponentialDelay;"
	  " MT0034 http[0].fault.delay.exponentialDelay" },
	{ HTTP("mirror: {host: b, subset: v1, port: {number: 80}}, mirrorPercent: 100, " TO), "MT0035 http[0].mirrorPercent" },
	{ HTTP("mirror: {host: b}, mirrorPercent: 101, " TO), "MT0023 http[0].mirrorPercent; MT0035 http[0].mirrorPercent" },
	{ HTTP("mirror: {host: b}, mirrorPercentage: {value: 100.1}, " TO), "MT0023 http[0].mirrorPercentage.value" },
	{ HTTP("mirrors: [{destination: {host: b}, percentage: {value: 0}}], " TO), "" },
	{ HTTP("mirrors: [{percentage: {value: 101}}], " TO), "MT0022 http[0].mirrors[0].destination; MT0023 http[0].mirrors[0].percentage.value" },
	{ CORS("allowOrigins: [{exact: a}, {prefix: b}, {regex: c}], allowMethods: [GET, HEAD, POST, PUT, PATCH, DELETE, CONNECT, OPTIONS, TRACE, '*'],"
	       " allowHeaders: ['*', x-a], exposeHeaders: ['*', x-b], maxAge: 1s, allowCredentials: true, unmatchedPreflights: FORWARD"), "" },
	{ CORS("allowOrigin: [a]"), "MT0035 http[0].corsPolicy.allowOrigin" },
	{ CORS("allowOrigins: [{exact: ''}], exposeHeaders: ['a b'], allowCredentials: yes, unmatchedPreflights: IGNORE"),
	  "MT0032 http[0].corsPolicy.allowOrigins[0].exact; MT0031 http[0].corsPolicy.exposeHeaders[0]; MT0021 http[0].corsPolicy.allowCredentials" },
	{ TCP("destinationSubnets: [10.0.0.0/8, 10.1.1.1], port: 65535, sourceLabels: {a: b}, gateways: [g, mesh], sourceNamespace: b"), "" },
	{ TCP("destinationSubnets: [10.0.0.0/x], sourceSubnet: 10.0.0.0/8, sourceLabels: {'': b}, gateways: [a/], sourceNamespace: '*'"),
	  "MT0033 tcp[0].match[0].destinationSubnets[0]; MT0036 tcp[0].match[0].sourceSubnet; MT0027 tcp[0].match[0].sourceLabels.;"
	  " MT0027 tcp[0].match[0].gateways[0]; MT0027 tcp[0].match[0].sourceNamespace" },
	{ "hosts: [a], tcp: [{route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 99}]}]", "" },
	{ "hosts: [a], tcp: [{route: [{weight: -1}]}, {route: []}]",
	  "MT0022 tcp[0].route[0].destination; MT0023 tcp[0].route[0].weight; MT2002 tcp[1]; MT0032 tcp[1].route" },
	{ TLS("destinationSubnets: [10.0.0.0/8], port: 443, sourceLabels: {a: b}, gateways: [g], sourceNamespace: b"), "" },
	{ TLS("destinationSubnets: [a], port: 0, sourceLabels: {a: '?'}, gateways: ['*/g'], sourceNamespace: B_"),
	  "MT0033 tls[0].match[0].destinationSubnets[0]; MT0023 tls[0].match[0].port; MT0027 tls[0].match[0].sourceLabels.a;"
	  " MT0027 tls[0].match[0].gateways[0]; MT0027 tls[0].match[0].sourceNamespace" },
	{ "hosts: [10.0.0.1, '*.b.com'], tls: [{match: [{sniHosts: [10.0.0.1, 'a*.b.com']}], " TO "}]", "MT0036 tls[0].match[0].sniHosts[0];"
	  " MT0026 tls[0].match[0].sniHosts[1]" },
	{ "hosts: [a.com], tls: [{" TO "}, {match: [{}], route: []}]", "MT0022 tls[0].match; MT2002 tls[1]; MT0022 tls[1].match[0].sniHosts;"
	  " MT0032 tls[1].route" },
	{ "hosts: [a.com], tls: [{match: [], " TO "}, {match: [{sniHosts: []}], " TO "}]", "MT0032 tls[0].match; MT2002 tls[1];"
	  " MT0032 tls[1].match[0].sniHosts" },
};

/* Of 100 KiB and one byte a warning, of 1 MiB and one byte an error. */
static void
test_check_object__sizes_of_bodies(void **state)
{
	static const struct { size_t size; const char *want; } sizes[] = {
		{ 100 * 1024, "" }, { 100 * 1024 + 1, "MT0038 http[0].directResponse.body.string" },
		{ 1024 * 1024, "MT0038 http[0].directResponse.body.string" },
		{ 1024 * 1024 + 1, "MT0023 http[0].directResponse.body.string" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf spec = BUF_INIT;
		struct row row;

		buf_puts(&spec, "hosts: [a], http: [{directResponse: {status: 200, body: {string: ");
		buf_fill(&spec, 'a', sizes[i].size);
		buf_puts(&spec, "}}}]");
		row = (struct row){ buf_str(&spec), sizes[i].want };
		assert_true(says("VirtualService", &row));
		buf_fini(&spec);
	}
}

static void
test_check_object__fields_of_virtual_services(void **state)
{
	(void)state;
	expect("VirtualService", virtual_services, ARRAY_LEN(virtual_services));
}

/* --- DestinationRule --- */

#define POLICY(policy) "host: a, trafficPolicy: {" policy "}"
#define TCP_POOL(pool) POLICY("connectionPool: {tcp: {" pool "}}")
#define HTTP_POOL(pool) POLICY("connectionPool: {http: {" pool "}}")
#define BALANCER(balancer) POLICY("loadBalancer: {" balancer "}")
#define HASH(hash) BALANCER("consistentHash: {" hash "}")
#define OUTLIER(outlier) POLICY("outlierDetection: {" outlier "}")
#define ORIGINATES(tls) POLICY("tls: {" tls "}")

static const struct row destination_rules[] = {
	{ TCP_POOL("maxConnections: 0, connectTimeout: 1s, idleTimeout: 0s, maxConnectionDuration: 1h, tcpKeepalive: {probes: 0, time: 1s, interval: 1s}"),
	  "" },
	{ TCP_POOL("maxConnections: -1, connectTimeout: 0s, maxConnectionDuration: 0s, tcpKeepalive: {probes: -1, time: 0s, interval: x}"),
	  "MT0023 trafficPolicy.connectionPool.tcp.maxConnections; MT0025 trafficPolicy.connectionPool.tcp.connectTimeout;"
	  " MT0025 trafficPolicy.connectionPool.tcp.maxConnectionDuration; MT0023 trafficPolicy.connectionPool.tcp.tcpKeepalive.probes;"
	  " MT0025 trafficPolicy.connectionPool.tcp.tcpKeepalive.time; MT0025 trafficPolicy.connectionPool.tcp.tcpKeepalive.interval" },
	{ HTTP_POOL("http1MaxPendingRequests: 1, http2MaxRequests: 1, maxRequestsPerConnection: 1, maxRetries: 1, idleTimeout: 1s,"
		    " h2UpgradePolicy: DEFAULT, useClientProtocol: true, maxConcurrentStreams: 1, http2KeepAlive: {interval: 1s, timeout: 1s}"), "" },
	{ HTTP_POOL("http1MaxPendingRequests: -1, http2MaxRequests: -1, maxRequestsPerConnection: -1, maxRetries: -1"),
	  "MT0023 trafficPolicy.connectionPool.http.http1MaxPendingRequests; MT0023 trafficPolicy.connectionPool.http.http2MaxRequests;"
	  " MT0023 trafficPolicy.connectionPool.http.maxRequestsPerConnection; MT0023 trafficPolicy.connectionPool.http.maxRetries" },
	{ HTTP_POOL("idleTimeout: 0s, h2UpgradePolicy: MAYBE, useClientProtocol: 1, maxConcurrentStreams: -1, http2KeepAlive: {timeout: 1s}"),
	  "MT0025 trafficPolicy.connectionPool.http.idleTimeout; MT0024 trafficPolicy.connectionPool.http.h2UpgradePolicy;"
	  " MT0021 trafficPolicy.connectionPool.http.useClientProtocol; MT0023 trafficPolicy.connectionPool.http.maxConcurrentStreams;"
	  " MT0022 trafficPolicy.connectionPool.http.http2KeepAlive.interval" },
	{ HTTP_POOL("h2UpgradePolicy: UPGRADE, useClientProtocol: true"), "MT0029 trafficPolicy.connectionPool.http.useClientProtocol" },
	{ HTTP_POOL("h2UpgradePolicy: DO_NOT_UPGRADE, useClientProtocol: true"), "" },
	{ BALANCER("simple: UNSPECIFIED"), "" }, { BALANCER("simple: LEAST_REQUEST"), "" }, { BALANCER("simple: LEAST_CONN"), "" },
	{ BALANCER("simple: RANDOM"), "" }, { BALANCER("simple: PASSTHROUGH"), "" },
	{ HASH("httpHeaderName: a, ringHash: {minimumRingSize: 0}"), "" },
	{ HASH("httpQueryParameterName: a, maglev: {tableSize: 5000009}"), "MT0023 trafficPolicy.loadBalancer.consistentHash.maglev.tableSize" },
	{ HASH("httpQueryParameterName: a, maglev: {tableSize: 4999999}"), "" },
	{ HASH("useSourceIp: true, maglev: {tableSize: 5000011}"), "MT0023 trafficPolicy.loadBalancer.consistentHash.maglev.tableSize" },
	{ HASH("useSourceIp: true, maglev: {tableSize: 65537}, minimumRingSize: 4"),
	  "MT0029 trafficPolicy.loadBalancer.consistentHash.minimumRingSize; MT0035 trafficPolicy.loadBalancer.consistentHash.minimumRingSize" },
	{ HASH("httpHeaderName: a, ringHash: {minimumRingSize: 1}, maglev: {tableSize: 7}"), "MT0029 trafficPolicy.loadBalancer.consistentHash.maglev" },
	{ HASH("httpHeaderName: '', ringHash: {minimumRingSize: -1}"),
	  "MT0032 trafficPolicy.loadBalancer.consistentHash.httpHeaderName; MT0023 trafficPolicy.loadBalancer.consistentHash.ringHash.minimumRingSize" },
	{ HASH("httpQueryParameterName: ''"), "MT0032 trafficPolicy.loadBalancer.consistentHash.httpQueryParameterName" },
	{ HASH("httpHeaderName: a, useSourceIp: true"), "MT0029 trafficPolicy.loadBalancer.consistentHash.useSourceIp" },
	{ HASH("httpCookie: {name: a, ttl: 0s, path: /, attributes: [{name: b}, {name: b}]}"),
	  "MT0030 trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[1].name" },
	{ HASH("httpCookie: {ttl: 1us, attributes: [{value: b}]}"), "MT0022 trafficPolicy.loadBalancer.consistentHash.httpCookie.name;"
	  " MT0025 trafficPolicy.loadBalancer.consistentHash.httpCookie.ttl;"
	  " MT0022 trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[0].name" },
	{ BALANCER("simple: RANDOM, backendUtilization: {errorUtilizationPenaltyPercent: 1}"), "MT0029 trafficPolicy.loadBalancer.backendUtilization" },
	{ BALANCER("backendUtilization: {errorUtilizationPenaltyPercent: 1, metricNamesForComputingUtilization: [a], weightExpirationPeriod: 1s,"
		   " weightStabilizationPeriod: 1s, weightUpdatePeriod: 1s}"), "" },
	{ BALANCER("localityLbSetting: {enabled: false, failover: [{from: a, to: b}]}, simple: RANDOM"),
	  "MT0036 trafficPolicy.loadBalancer.localityLbSetting.failover" },
	{ BALANCER("localityLbSetting: {distribute: [{from: a, to: {b: 100}}], failover: [{from: a, to: b}]}"),
	  "MT0029 trafficPolicy.loadBalancer.localityLbSetting.failover; MT0036 trafficPolicy.loadBalancer.localityLbSetting.failover" },
	{ POLICY("outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: a}, {from: a/b, to: c}, {from: '*', to: c}]}}"),
	  "MT0029 trafficPolicy.loadBalancer.localityLbSetting.failover[0].to; MT0027 trafficPolicy.loadBalancer.localityLbSetting.failover[1].from;"
	  " MT0027 trafficPolicy.loadBalancer.localityLbSetting.failover[2].from" },
	{ BALANCER("localityLbSetting: {distribute: [{from: a, to: {b: 0, c: 100}}]}"),
	  "MT0023 trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to.b" },
	{ BALANCER("localityLbSetting: {distribute: [{from: a, to: {b: 99}}]}"), "MT0023 trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to" },
	{ BALANCER("localityLbSetting: {distribute: [{from: a/b/c/d, to: {a//b: 100}}, {from: '', to: {a/*/c: 100}}, {from: 'b*', to: {'*': 100}}]}"),
	  "MT0027 trafficPolicy.loadBalancer.localityLbSetting.distribute[0].from;"
	  " MT0027 trafficPolicy.loadBalancer.localityLbSetting.distribute[0];"
	  " MT0027 trafficPolicy.loadBalancer.localityLbSetting.distribute[1].from;"
	  " MT0030 trafficPolicy.loadBalancer.localityLbSetting.distribute[1].from;"
	  " MT0027 trafficPolicy.loadBalancer.localityLbSetting.distribute[1];"
	  " MT0027 trafficPolicy.loadBalancer.localityLbSetting.distribute[2].from;"
	  " MT0030 trafficPolicy.loadBalancer.localityLbSetting.distribute[2].from" },
	{ BALANCER("localityLbSetting: {distribute: [{from: a/b/c, to: {a/b/*: 100}}, {from: b/*, to: {'*': 100}}]}"), "" },
	{ POLICY("outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: '', to: 'c*'}]}}"),
	  "MT0027 trafficPolicy.loadBalancer.localityLbSetting.failover[0].from; MT0027 trafficPolicy.loadBalancer.localityLbSetting.failover[0].to" },
	{ BALANCER("warmup: {duration: 1s, minimumPercent: 100, aggression: 0.5}"), "" },
	{ BALANCER("warmup: {minimumPercent: 101, aggression: 0}"),
	  "MT0022 trafficPolicy.loadBalancer.warmup.duration; MT0023 trafficPolicy.loadBalancer.warmup.minimumPercent;"
	  " MT0023 trafficPolicy.loadBalancer.warmup.aggression" },
	{ BALANCER("warmupDurationSecs: 1s"), "MT0035 trafficPolicy.loadBalancer.warmupDurationSecs" },
	{ BALANCER("zoneAwareLbSetting: {enabled: true, minClusterSize: 1}"), "" },
	{ BALANCER("zoneAwareLbSetting: {enabled: 1, minClusterSize: 0}"),
	  "MT0021 trafficPolicy.loadBalancer.zoneAwareLbSetting.enabled; MT0023 trafficPolicy.loadBalancer.zoneAwareLbSetting.minClusterSize" },
	{ OUTLIER("consecutive5xxErrors: 0, consecutiveGatewayErrors: 0, consecutiveLocalOriginFailures: 1, splitExternalLocalOriginErrors: true,"
		  " interval: 1ms, baseEjectionTime: 1ms, maxEjectionPercent: 0, minHealthPercent: 100, outlierDetectionHttpErrorCodes: [100, 599]"), "" },
	{ OUTLIER("consecutive5xxErrors: -1, consecutiveGatewayErrors: -1, consecutiveLocalOriginFailures: -1, splitExternalLocalOriginErrors: true"),
	  "MT0023 trafficPolicy.outlierDetection.consecutive5xxErrors; MT0023 trafficPolicy.outlierDetection.consecutiveGatewayErrors;"
	  " MT0023 trafficPolicy.outlierDetection.consecutiveLocalOriginFailures" },
	{ OUTLIER("interval: 0s, baseEjectionTime: 0s, maxEjectionPercent: -1, minHealthPercent: 101, outlierDetectionHttpErrorCodes: [600], consecutiveErrors: -1"),
	  "MT0025 trafficPolicy.outlierDetection.interval; MT0025 trafficPolicy.outlierDetection.baseEjectionTime;"
	  " MT0023 trafficPolicy.outlierDetection.maxEjectionPercent; MT0023 trafficPolicy.outlierDetection.minHealthPercent;"
	  " MT0023 trafficPolicy.outlierDetection.outlierDetectionHttpErrorCodes[0]; MT0023 trafficPolicy.outlierDetection.consecutiveErrors;"
	  " MT0036 trafficPolicy.outlierDetection.consecutiveErrors" },
	{ ORIGINATES("mode: DISABLE"), "" }, { ORIGINATES("mode: ISTIO_MUTUAL"), "" },
	{ ORIGINATES("mode: SIMPLE, caCertificates: a, subjectAltNames: [b], sni: c, caCrl: d"), "MT2007 trafficPolicy.tls.mode" },
	{ ORIGINATES("mode: MUTUAL, clientCertificate: a, privateKey: b, caCertificates: c"), "MT2007 trafficPolicy.tls.mode" },
	{ ORIGINATES("mode: MUTUAL, credentialName: a"), "MT2007 trafficPolicy.tls.mode" },
	{ ORIGINATES("mode: MUTUAL, credentialName: a, clientCertificate: b"), "MT2007 trafficPolicy.tls.mode;"
	  " MT0029 trafficPolicy.tls.clientCertificate" },
	{ ORIGINATES("mode: SIMPLE, insecureSkipVerify: true, caCertificates: a"), "MT2007 trafficPolicy.tls.mode;"
	  " MT0029 trafficPolicy.tls.caCertificates" },
	{ ORIGINATES("mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]"), "MT2007 trafficPolicy.tls.mode;"
	  " MT0029 trafficPolicy.tls.subjectAltNames" },
	{ ORIGINATES("mode: SIMPLE, insecureSkipVerify: false, caCertificates: a, subjectAltNames: [a]"), "MT2007 trafficPolicy.tls.mode" },
	{ ORIGINATES("mode: TLS, insecureSkipVerify: 1"), "MT0024 trafficPolicy.tls.mode; MT0021 trafficPolicy.tls.insecureSkipVerify" },
	{ POLICY("portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}, outlierDetection: {}, loadBalancer: {simple: RANDOM}}]"), "" },
	{ POLICY("portLevelSettings: [{port: {number: 80}}, {loadBalancer: {simple: RANDOM}}, {port: {}, outlierDetection: {}}]"),
	  "MT0032 trafficPolicy.portLevelSettings[0]; MT0022 trafficPolicy.portLevelSettings[1].port;"
	  " MT0022 trafficPolicy.portLevelSettings[2].port.number" },
	{ POLICY("tunnel: {targetHost: a.b, targetPort: 1}, proxyProtocol: {version: V1}"), "MT0029 trafficPolicy.proxyProtocol" },
	{ POLICY("proxyProtocol: {version: V2}"), "" }, { POLICY("proxyProtocol: {version: V3}"), "MT0024 trafficPolicy.proxyProtocol.version" },
	{ POLICY("tunnel: {protocol: CONNECT}"), "MT0022 trafficPolicy.tunnel.targetHost; MT0022 trafficPolicy.tunnel.targetPort" },
	{ POLICY("retryBudget: {percent: 100, minRetryConcurrency: 0, budgetInterval: 0s}"), "" },
	{ POLICY("retryBudget: {percent: 101, minRetryConcurrency: -1, budgetInterval: x}"),
	  "MT0023 trafficPolicy.retryBudget.percent; MT0023 trafficPolicy.retryBudget.minRetryConcurrency;"
	  " MT0025 trafficPolicy.retryBudget.budgetInterval" },
	{ "host: a, subsets: [{name: a, labels: {b: c d}}]", "MT0027 subsets[0].labels.b" },
	{ "host: a*b", "MT0026 host" }, { "host: '*.a.com'", "" }, { "host: '*'", "" }, { "host: a, exportTo: [., b]", "" },
	{ "host: a, exportTo: ['*', b]", "MT0029 exportTo[0]" },
	{ "host: a, exportTo: [a_b]", "MT0027 exportTo[0]" },
	{ "host: a, workloadSelector: {matchLabels: {'*': b}}", "MT0027 workloadSelector.matchLabels.*" },
	{ "host: a, workloadSelector: {matchLabels: {b: c}}, exportTo: [b]", "MT0029 exportTo" },
	{ "host: a, workloadSelector: {matchLabels: {b: c}}, exportTo: [.]", "" },
	{ "host: a, workloadSelector: {matchLabels: {b: c}}, exportTo: [x]", "" },
	{ "host: a, workloadSelector: {matchLabels: {}}", "MT0036 workloadSelector" },
};

static void
test_check_object__fields_of_destination_rules(void **state)
{
	(void)state;
	expect("DestinationRule", destination_rules, ARRAY_LEN(destination_rules));
}

/* --- Gateway --- */

#define SERVERS(server) "selector: {a: b}, servers: [{" server "}]"
#define WEB "port: {number: 80, name: web, protocol: HTTP}"
#define SECURE(tls) SERVERS("hosts: [a.com], port: {number: 443, name: https, protocol: HTTPS}, tls: {" tls "}")

static const struct row gateways[] = {
	{ SERVERS(WEB ", hosts: ['*', '*.a.com', ./b.com, '*/c.com', ns/d.com, 10.0.0.1], bind: 127.0.0.1, name: n, defaultEndpoint: a"), "" },
	{ SERVERS("hosts: [a.com]"), "MT0022 servers[0].port" },
	{ SERVERS(WEB), "MT0022 servers[0].hosts" },
	{ SERVERS("port: {}, hosts: [a.com]"), "MT0022 servers[0].port.name; MT0022 servers[0].port.number; MT0022 servers[0].port.protocol" },
	{ SERVERS("port: {number: 65536, name: a, protocol: HTTP, targetPort: 1}, hosts: [a.com]"),
	  "MT0023 servers[0].port.number; MT0034 servers[0].port.targetPort" },
	{ SERVERS(WEB ", hosts: [a.com], bind: localhost"), "MT0033 servers[0].bind" },
	{ SERVERS(WEB ", hosts: [A_b/a.com, a.*.com, '*x.com']"), "MT0027 servers[0].hosts[0]; MT0026 servers[0].hosts[1]; MT0026 servers[0].hosts[2]" },
	{ SERVERS("port: {number: 80, name: web, protocol: TCP}, hosts: [a.com], tls: {mode: SIMPLE, credentialName: c}"),
	  "MT0029 servers[0].tls.mode; MT0029 servers[0].tls.credentialName" },
	{ "selector: {'*': b}, servers: [{" WEB ", hosts: [a.com]}]", "MT0027 selector.*" },
	{ "selector: {a: b}", "MT0022 servers" }, { "selector: {a: b}, servers: []", "MT0032 servers" },
	{ SECURE("mode: SIMPLE, credentialNames: [a, b], minProtocolVersion: TLSV1_2, maxProtocolVersion: TLSV1_3, subjectAltNames: [a],"
		 " verifyCertificateSpki: [a], verifyCertificateHash: [b], ecdhCurves: [P-256]"), "" },
	{ SECURE("mode: MUTUAL, credentialName: a, caCertCredentialName: b"), "" },
	{ SECURE("mode: SIMPLE, serverCertificate: a, privateKey: b, insecureSkipVerify: true"), "" },
	{ SECURE("mode: AUTO_PASSTHROUGH"), "" }, { SECURE("mode: ISTIO_MUTUAL"), "" },
	{ SECURE("mode: PLAIN, minProtocolVersion: TLSV2, maxProtocolVersion: SSLV3"),
	  "MT0024 servers[0].tls.mode; MT0024 servers[0].tls.minProtocolVersion; MT0024 servers[0].tls.maxProtocolVersion" },
	{ SECURE("mode: MUTUAL, credentialNames: [], tlsCertificates: []"), "MT0022 servers[0].tls.caCertificates;"
	  " MT0022 servers[0].tls.privateKey; MT0022 servers[0].tls.serverCertificate; MT0032 servers[0].tls.credentialNames;"
	  " MT0032 servers[0].tls.tlsCertificates" },
};

static void
test_check_object__fields_of_gateways(void **state)
{
	(void)state;
	expect("Gateway", gateways, ARRAY_LEN(gateways));
}

/* --- ServiceEntry, WorkloadEntry --- */

#define HTTP_PORT "ports: [{number: 80, name: http, protocol: HTTP}]"
#define STATIC(endpoint) "hosts: [a.com], resolution: STATIC, " HTTP_PORT ", endpoints: [{" endpoint "}]"

static const struct row entries[] = {
	{ "hosts: [a.com], addresses: [10.0.0.1], ports: [{number: 80, name: http, protocol: http, targetPort: 8080}], location: MESH_INTERNAL,"
	  " resolution: DNS_ROUND_ROBIN, endpoints: [{address: b.com}], exportTo: ['~'], subjectAltNames: [a]", "" },
	{ "hosts: [a.com], addresses: [10.0.0.0/8], location: MESH_EXTERNAL, resolution: NONE, ports: [{number: 1, name: a}]", "" },
	{ "hosts: [a.com], addresses: [10.0.0.0/8], resolution: DNS, " HTTP_PORT, "MT0033 addresses[0]" },
	{ "hosts: [a.com], addresses: [a], location: HERE, resolution: LATER, ports: [{number: 0, name: A_, protocol: SMTP, targetPort: 0}]",
	  "MT0033 addresses[0]; MT0024 location; MT0024 resolution; MT0023 ports[0].number; MT0027 ports[0].name; MT0024 ports[0].protocol;"
	  " MT0023 ports[0].targetPort" },
	{ "hosts: [], ports: [{}]", "MT0032 hosts; MT0022 ports[0].name; MT0022 ports[0].number" },
	{ "hosts: [a.com], exportTo: ['*', b], " HTTP_PORT, "MT0029 exportTo[0]" },
	{ HTTP_PORT, "MT0022 hosts" },
	{ "hosts: [a_b], exportTo: [a_b], " HTTP_PORT, "MT0026 hosts[0]; MT0027 exportTo[0]" },
	{ "hosts: [a.com], resolution: DNS_ROUND_ROBIN, endpoints: [{address: b.com}, {address: c.com}], " HTTP_PORT, "MT0023 endpoints" },
	{ "hosts: ['*.a.com'], resolution: DNS, " HTTP_PORT, "MT0026 hosts[0]" },
	{ "hosts: ['*.a.com'], resolution: DYNAMIC_DNS, " HTTP_PORT, "" },
	{ "hosts: [a.com], resolution: STATIC, endpoints: [{address: 1.1.1.1}], workloadSelector: {labels: {a: b}}, " HTTP_PORT, "MT0029 workloadSelector" },
	{ "hosts: [a.com], resolution: STATIC, workloadSelector: {labels: {'': b}}, " HTTP_PORT, "MT0027 workloadSelector.labels." },
	{ STATIC("address: 1.1.1.1, ports: {http: 81}, labels: {a: b}, network: n, locality: a/b/c, weight: 0, serviceAccount: s"), "" },
	{ STATIC("address: 1.1.1.1, ports: {http: 65536}, labels: {a: b c}, weight: -1"),
	  "MT0023 endpoints[0].ports.http; MT0027 endpoints[0].labels.a; MT0023 endpoints[0].weight" },
	{ STATIC("address: 1.1.1.1, ports: {other: 80}"), "MT0027 endpoints[0].ports.other" },
	{ STATIC("network: 1"), "MT0021 endpoints[0].network" },
};

static void
test_check_object__fields_of_service_entries(void **state)
{
	(void)state;
	expect("ServiceEntry", entries, ARRAY_LEN(entries));
}

/* --- Sidecar, PeerAuthentication --- */

static const struct row sidecars[] = {
	{ "outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.com, subset: v1, port: {number: 80}}}", "" },
	{ "outboundTrafficPolicy: {mode: REGISTRY_ONLY, egressProxy: {host: a.com, port: {number: 80}}}", "MT0029 outboundTrafficPolicy.egressProxy" },
	{ "outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.com}}", "MT0022 outboundTrafficPolicy.egressProxy.port" },
	{ "outboundTrafficPolicy: {mode: NONE, egressProxy: {subset: a_b, port: {number: 0}}}",
	  "MT0024 outboundTrafficPolicy.mode; MT0022 outboundTrafficPolicy.egressProxy.host; MT0029 outboundTrafficPolicy.egressProxy;"
	  " MT0027 outboundTrafficPolicy.egressProxy.subset; MT0023 outboundTrafficPolicy.egressProxy.port.number" },
	{ "inboundConnectionPool: {tcp: {maxConnections: 1}}", "" },
	{ "inboundConnectionPool: {tcp: {maxConnections: -1}}", "MT0023 inboundConnectionPool.tcp.maxConnections" },
	{ "egress: [{hosts: []}]", "MT0032 egress[0].hosts" }, { "egress: [{captureMode: IPTABLES, hosts: ['~/*', ./a.com, ns/*.b.com]}]", "" },
	{ "egress: [{captureMode: ALL, bind: a, hosts: ['*/*']}]", "MT0024 egress[0].captureMode; MT0033 egress[0].bind" },
	{ "egress: [{hosts: [A_b/a.com, a.b/c.com, '~~/a.com', '~*/*', '*/a.*.com', a]}]", "MT0027 egress[0].hosts[0];"
	  " MT0027 egress[0].hosts[1]; MT0026 egress[0].hosts[4]; MT0026 egress[0].hosts[5]" },
	{ "ingress: [{port: {number: 80}, defaultEndpoint: '0.0.0.0:1'}, {port: {number: 81}, defaultEndpoint: '[::]:65535'},"
	  " {port: {number: 82}, defaultEndpoint: ':80'}]", "" },
	{ "ingress: [{port: {number: 80}, defaultEndpoint: '127.0.0.1:0'}, {port: {number: 81}, defaultEndpoint: '127.0.0.1:65536'},"
	  " {port: {number: 82}, defaultEndpoint: '127.0.0.1:8x'}, {port: {number: 83}, defaultEndpoint: '127.0.0.1'},"
	  " {port: {number: 84}, defaultEndpoint: '127.0.0.1:'}, {port: {number: 85}, defaultEndpoint: '127.0.0:80'}]", "MT0033 ingress[0].defaultEndpoint; MT0033 ingress[1].defaultEndpoint; MT0033 ingress[2].defaultEndpoint; MT0033 ingress[3].defaultEndpoint; MT0033 ingress[4].defaultEndpoint; MT0033 ingress[5].defaultEndpoint" },
	{ "egress: [{port: {number: 80, name: a_b, protocol: X}, hosts: ['*/*']}]", "MT0027 egress[0].port.name; MT0024 egress[0].port.protocol" },
	{ "ingress: [{port: {}}]", "MT0022 ingress[0].port.number" },
	{ "outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a*b, port: {number: 80}}}", "MT0026 outboundTrafficPolicy.egressProxy.host" },
	{ "ingress: [{bind: 127.0.0.1}]", "MT0022 ingress[0].port" },
	{ "ingress: [{port: {number: 80, name: a_b, protocol: X, targetPort: 1}, captureMode: ALL}]",
	  "MT0027 ingress[0].port.name; MT0024 ingress[0].port.protocol; MT0034 ingress[0].port.targetPort; MT0024 ingress[0].captureMode" },
	{ "workloadSelector: {labels: {'*': a}}, egress: [{hosts: ['*/*']}]", "MT0027 workloadSelector.labels.*" },
};

static const struct row peer_authentications[] = {
	{ "selector: {matchLabels: {a: b}}, mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}, 81: {mode: UNSET}}", "" },
	{ "mtls: {mode: PERMISSIVE}", "" }, { "mtls: {}", "" },
	{ "mtls: {mode: ON}", "MT0024 mtls.mode" },
	{ "selector: {matchLabels: {'*': b}}", "MT0027 selector.matchLabels.*" },
	{ "selector: {}", "MT0036 selector" },
	{ "portLevelMtls: {80: {mode: STRICT}}", "MT0029 portLevelMtls" },
	{ "selector: {matchLabels: {a: b}}, portLevelMtls: {8x: {}, x8: {}, -1: {}, 65535: {}}", "MT0023 portLevelMtls.8x;"
	  " MT0023 portLevelMtls.x8; MT0023 portLevelMtls.-1" },
	{ "selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}, 65536: {mode: SOON}}",
	  "MT0023 portLevelMtls.0; MT0023 portLevelMtls.65536; MT0024 portLevelMtls.65536.mode" },
};

static void
test_check_object__fields_of_sidecars(void **state)
{
	(void)state;
	expect("Sidecar", sidecars, ARRAY_LEN(sidecars));
}

static void
test_check_object__fields_of_peer_authentications(void **state)
{
	(void)state;
	expect("PeerAuthentication", peer_authentications, ARRAY_LEN(peer_authentications));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_object__fields_of_virtual_services),
		cmocka_unit_test(test_check_object__sizes_of_bodies),
		cmocka_unit_test(test_check_object__fields_of_destination_rules),
		cmocka_unit_test(test_check_object__fields_of_gateways),
		cmocka_unit_test(test_check_object__fields_of_service_entries),
		cmocka_unit_test(test_check_object__fields_of_sidecars),
		cmocka_unit_test(test_check_object__fields_of_peer_authentications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
