/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single documents: fields, types, ranges, rules between fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/nearest.h"
#include "src/istio/syntax.h"
#include "tests/unit/istio/rows.h"

static const struct rows_case virtual_services[] = {
	{ "all is well", VS_OF(
	  "  - match:\n"
	  "    - uri: {prefix: /a}\n"
	  "      headers: {portal: {exact: x}, ':method': {regex: 'G.T'}, q: {}}\n"
	  "      withoutHeaders: {old: {regex: '*'}}\n"
	  "      queryParams: {a: {exact: b}}\n"
	  "      ignoreUriCase: true\n"
	  "    timeout: 2s\n"
	  "    retries: {attempts: 3, perTryTimeout: 500ms, retryOn: '5xx,reset,503'}\n"
	  "    headers: {request: {set: {host: b, x: 'a%%b'}, remove: [y]}, response: {add: {z: '1'}}}\n"
	  "    mirror: {host: reviews, subset: v2}\n"
	  "    mirrorPercentage: {value: 0.5}\n"
	  ROUTE
	  "  - match: [{uri: {exact: /r}}]\n"
	  "    redirect: {uri: /s, redirectCode: 302}\n"
	  "  - match: [{uri: {exact: /d}}]\n"
	  "    directResponse: {status: 503, body: {string: gone}}\n"
	  "  - fault: {delay: {percentage: {value: 10}, fixedDelay: 5s},"
	  " abort: {percentage: {value: 0.1}, httpStatus: 503}}\n"
	  "    route: [{destination: {host: reviews, subset: v1, port: {number: 80}}, weight: 80},"
	  " {destination: {host: reviews, subset: v2}, weight: 20}]\n"), "" },
	{ "unknown field at its key", VS_OF("  - fualt: {}\n" ROUTE), "E MT0020 spec.http[0].fualt 7:5\n" },
	{ "unknown field beside spec", VS_OF("  -" ROUTE) "sepc: {}\n", "E MT0020 sepc 8:1\n" },
	{ "unknown field deep inside",
	  VS_OF("  - match: [{uri: {prefx: /}}]\n" ROUTE), "E MT0020 spec.http[0].match[0].uri.prefx 7:20\n" },
	{ "snake_case is the same field", VS_OF("  - retries: {attempts: 2, per_try_timeout: 0s}\n" ROUTE),
	  "E MT0025 spec.http[0].retries.per_try_timeout 7:45\n"
	  "W MT0037 spec.http[0].retries.per_try_timeout 7:45\n" },
	{ "numbers are no texts", VS_OF("  - match: [{headers: {n: {exact: 5}}}]\n" ROUTE),
	  "E MT0021 spec.http[0].match[0].headers.n.exact 7:35\n" },
	{ "a text is no list", HEAD("VirtualService") "  hosts: reviews\n  http: [{route:"
	  " [{destination: {host: a}}]}]\n", "E MT0021 spec.hosts 5:10\n" },
	{ "null headers", VS_OF("  - match: [{headers: {n: }}]\n" ROUTE),
	  "E MT0021 spec.http[0].match[0].headers.n 7:27\n" },
	{ "two kinds of match", VS_OF("  - match: [{uri: {exact: /a, prefix: /b}}]\n" ROUTE),
	  "E MT0029 spec.http[0].match[0].uri.prefix 7:39\n" },
	{ "empty prefix", VS_OF("  - match: [{method: {prefix: ''}}, {uri: {prefix: ''}}]\n" ROUTE),
	  "E MT0032 spec.http[0].match[0].method.prefix 7:31\n" },
	{ "look-ahead", VS_OF("  - match: [{uri: {regex: '/(?=a)'}}]\n" ROUTE),
	  "E MT0028 spec.http[0].match[0].uri.regex 7:27\n" },
	{ "star is presence only without", VS_OF("  - match: [{headers: {a: {regex: '*'}}}]\n" ROUTE),
	  "E MT0028 spec.http[0].match[0].headers.a.regex 7:35\n" },
	{ "durations", VS_OF("  - timeout: 0s\n" ROUTE "  - timeout: 1.5ms\n" ROUTE "  - timeout: 3\n" ROUTE
			  "  - timeout: soon\n" ROUTE),
	  "E MT0025 spec.http[0].timeout 7:14\n"
	  "W MT2002 spec.http[1] 9:5\nE MT0025 spec.http[1].timeout 9:14\n"
	  "W MT2002 spec.http[2] 11:5\nE MT0021 spec.http[2].timeout 11:14\n"
	  "W MT2002 spec.http[3] 13:5\nE MT0025 spec.http[3].timeout 13:14\n" },
	{ "retries off with a try's time", VS_OF("  - retries: {attempts: 0, perTryTimeout: 2s}\n" ROUTE),
	  "E MT0029 spec.http[0].retries.perTryTimeout 7:43\n" },
	{ "retryOn that is accepted without effect", VS_OF("  - retries: {attempts: 1, retryOn: "
	  "'retriable-headers,envoy-ratelimited,http3-post-connect-failure'}\n" ROUTE), "" },
	{ "retryOn is not trimmed", VS_OF("  - retries: {attempts: 1, retryOn: '5xx, reset'}\n" ROUTE),
	  "E MT0024 spec.http[0].retries.retryOn 7:37\n" },
	{ "faults", VS_OF("  - fault: {delay: {percentage: {value: 101}, exponentialDelay: 1s},"
		       " abort: {httpStatus: 99}}\n" ROUTE),
	  "E MT0023 spec.http[0].fault.delay.percentage.value 7:41\n"
	  "E MT0034 spec.http[0].fault.delay.exponentialDelay 7:65\n"
	  "W MT0036 spec.http[0].fault.abort 7:77\n"
	  "E MT0023 spec.http[0].fault.abort.httpStatus 7:90\n" },
	{ "empty fault", VS_OF("  - fault: {}\n" ROUTE), "E MT0032 spec.http[0].fault 7:12\n" },
	{ "old percent", VS_OF("  - fault: {delay: {percent: 50, fixedDelay: 1s}}\n" ROUTE),
	  "W MT0035 spec.http[0].fault.delay.percent 7:30\n" },
	{ "tiny share", VS_OF("  - fault: {delay: {percentage: {value: 0.00001}, fixedDelay: 1s}}\n" ROUTE),
	  "E MT0023 spec.http[0].fault.delay.percentage.value 7:41\n" },
	{ "redirect excludes route", VS_OF("  - redirect: {uri: /}\n" ROUTE), "E MT0029 spec.http[0].route 8:12\n" },
	{ "redirect to nowhere", VS_OF("  - redirect: {redirectCode: 301}\n"),
	  "E MT0032 spec.http[0].redirect 7:15\n" },
	{ "prefixRewrite without prefix",
	  VS_OF("  - match: [{uri: {exact: /a}}]\n    redirect: {prefixRewrite: /b}\n"),
	  "E MT0029 spec.http[0].redirect.prefixRewrite 8:31\n" },
	{ "mirror and mirrors", VS_OF("  - mirror: {host: a}\n    mirrors: [{destination: {host: b}}]\n" ROUTE),
	  "E MT0029 spec.http[0].mirrors 8:14\n" },
	{ "mirror's share alone", VS_OF("  - mirrorPercentage: {value: 5}\n" ROUTE),
	  "W MT0036 spec.http[0].mirrorPercentage 7:23\n" },
	{ "no action", VS_OF("  - timeout: 1s\n"), "E MT0022 spec.http[0].route 7:5\n" },
	{ "weights", VS_OF("  - route: [{destination: {host: a}, weight: 0}, {destination: {host: b}}]\n"),
	  "E MT0023 spec.http[0].route 7:12\n" },
	{ "weights of another sum",
	  VS_OF("  - route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 2}]\n"),
	  "W MT2105 spec.http[0].route 7:12\n" },
	{ "negative weight", VS_OF("  - route: [{destination: {host: a}, weight: -1}]\n"),
	  "E MT0023 spec.http[0].route[0].weight 7:46\n" },
	{ "destinations", VS_OF("  - route: [{destination: {host: '*'}}, {destination: {subset: v_1}, weight: 1},"
			     " {destination: {host: b, port: {number: 70000}}, weight: 99}]\n"),
	  "E MT0026 spec.http[0].route[0].destination.host 7:34\n"
	  "E MT0022 spec.http[0].route[1].destination.host 7:55\n"
	  "E MT0027 spec.http[0].route[1].destination.subset 7:64\n"
	  "E MT0023 spec.http[0].route[2].destination.port.number 7:121\n" },
	{ "hosts", HEAD("VirtualService") "  hosts: ['*', a.com, a.com, b*.com]\n  http: [{route:"
	  " [{destination: {host: a}}]}]\n",
	  "E MT0026 spec.hosts[0] 5:11\nE MT0030 spec.hosts[1] 5:16\nE MT0030 spec.hosts[2] 5:23\n"
	  "E MT0026 spec.hosts[3] 5:30\nE MT0030 spec.hosts[3] 5:30\n" },
	{ "all hosts at a gateway", HEAD("VirtualService") "  hosts: ['*']\n  gateways: [g]\n  http: [{route:"
	  " [{destination: {host: a}}]}]\n", "" },
	{ "delegates delegate not", HEAD("VirtualService") "  gateways: [g]\n  http: [{delegate: {name: b}}]\n",
	  "E MT0029 spec.gateways 5:13\nE MT0029 spec.http[0].delegate 6:21\n" },
	{ "headers", VS_OF("  - headers: {request: {set: {':path': a, 'b c': d, e: 'f%'}, remove: [host]},"
			" response: {add: {host: b}}}\n" ROUTE),
	  "E MT0031 spec.http[0].headers.request.set.:path 7:31\n"
	  "E MT0031 spec.http[0].headers.request.set.b c 7:43\n"
	  "E MT0031 spec.http[0].headers.request.set.e 7:56\n"
	  "E MT0031 spec.http[0].headers.request.remove[0] 7:72\n"
	  "E MT0031 spec.http[0].headers.response.add.host 7:97\n" },
	{ "authority twice", VS_OF("  - headers: {request: {set: {host: a}}}\n    rewrite: {authority: b}\n" ROUTE),
	  "E MT0029 spec.http[0].headers 7:14\n" },
	{ "rewrites", VS_OF("  - rewrite: {uriRegexRewrite: {match: '(a)', rewrite: '\\2'}}\n" ROUTE),
	  "E MT0028 spec.http[0].rewrite.uriRegexRewrite.rewrite 7:56\n" },
	{ "cors", VS_OF("  - corsPolicy: {allowOrigins: [{}], allowMethods: [GRAB], allowHeaders: ['a b'],"
		     " maxAge: 1500ms, unmatchedPreflights: WHAT}\n" ROUTE),
	  "E MT0032 spec.http[0].corsPolicy.allowOrigins[0] 7:33\n"
	  "E MT0024 spec.http[0].corsPolicy.allowMethods[0] 7:53\n"
	  "E MT0031 spec.http[0].corsPolicy.allowHeaders[0] 7:75\n"
	  "E MT0025 spec.http[0].corsPolicy.maxAge 7:91\n"
	  "E MT0024 spec.http[0].corsPolicy.unmatchedPreflights 7:120\n" },
	{ "hosts that cover others", HEAD("VirtualService") "  hosts: [b.a.com, '*.a.com', A, a.x.svc.cluster.local]\n"
	  "  http: [{route: [{destination: {host: a}}]}]\n",
	  "E MT0030 spec.hosts[0] 5:11\nW MT0030 spec.hosts[3] 5:34\n" },
	{ "exportTo", HEAD("VirtualService") "  hosts: [a]\n  exportTo: [., x, '*', '~']\n  http: [{route:"
	  " [{destination: {host: a}}]}]\n",
	  "E MT0030 spec.exportTo[1] 6:17\nE MT0029 spec.exportTo[2] 6:20\nE MT0027 spec.exportTo[3] 6:25\n"
	  "E MT0029 spec.exportTo[3] 6:25\n" },
	{ "sni is part of hosts", HEAD("VirtualService") "  hosts: ['*.a.com']\n  tls: [{match: [{sniHosts:"
	  " [x.a.com, b.com]}], route: [{destination: {host: a}}]}]\n",
	  "E MT0026 spec.tls[0].match[0].sniHosts[1] 6:39\n" },
	{ "tcp", HEAD("VirtualService") "  hosts: [a]\n  tcp: [{match: [{destinationSubnets: [10.0.0.0/33],"
	  " port: 0}]}]\n",
	  "E MT0022 spec.tcp[0].route 6:9\nE MT0033 spec.tcp[0].match[0].destinationSubnets[0] 6:40\n"
	  "E MT0023 spec.tcp[0].match[0].port 6:60\n" },
	{ "nothing to do", HEAD("VirtualService") "  hosts: [a]\n", "E MT0022 spec 5:3\n" },
};

static const struct rows_case hints[] = {
	{ "nobody takes the rest", VS_OF("  - match: [{uri: {exact: /a}}]\n" ROUTE),
	  "info\ni MT2103 spec.http 7:3\n" },
	{ "never used", VS_OF("  -" ROUTE "  - match: [{uri: {exact: /a}}]\n" ROUTE),
	  "W MT2002 spec.http[1] 8:5\n" },
	{ "prefix / takes all", VS_OF("  - match: [{uri: {prefix: /}}]\n" ROUTE "  -" ROUTE),
	  "W MT2002 spec.http[1] 9:8\n" },
	{ "the same match", VS_OF("  - match: [{uri: {exact: /a}}]\n" ROUTE
			       "  - match: [{uri: {exact: /b}}, {uri: {exact: /a}}]\n" ROUTE),
	  "W MT2104 spec.http[1].match[1] 9:33\n" },
	{ "covered prefix", VS_OF("  - match: [{uri: {prefix: /a}}]\n" ROUTE
			       "  - match: [{uri: {prefix: /a/b}, headers: {h: {exact: x}}}]\n" ROUTE),
	  "W MT2006 spec.http[1].match[0] 9:13\n" },
	{ "covered by an alternative", VS_OF("  - match: [{uri: {prefix: /a}}, {uri: {prefix: /a/}}, {uri: {exact: /a/b}}]\n" ROUTE),
	  "W MT2006 spec.http[0].match[1] 7:34\n" },
	{ "not covered: stricter first", VS_OF("  - match: [{uri: {prefix: /a}, headers: {h: {exact: x}}}]\n" ROUTE
			       "  - match: [{uri: {prefix: /a/b}}]\n" ROUTE), "" },
	{ "delay and timeout", VS_OF("  - timeout: 2s\n    fault: {delay: {fixedDelay: 5s, percentage: {value: 1}}}\n"
				  ROUTE), "W MT2106 spec.http[0].timeout 7:14\n" },
	{ "tries beyond the timeout", VS_OF("  - timeout: 2s\n    retries: {attempts: 3, perTryTimeout: 1s}\n" ROUTE),
	  "W MT2106 spec.http[0].retries 8:14\n" },
	{ "one try beyond the timeout", VS_OF("  - timeout: 2s\n    retries: {attempts: 1, perTryTimeout: 3s}\n"
					   ROUTE), "W MT2106 spec.http[0].retries.perTryTimeout 8:43\n" },
};

#define SERVICE_OF(ports) "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: x}\nspec:\n  ports: [" ports "]\n"

static const struct rows_case destination_rules[] = {
	{ "all is well", DR_OF(
	  "  trafficPolicy:\n"
	  "    loadBalancer: {simple: ROUND_ROBIN}\n"
	  "    connectionPool: {tcp: {maxConnections: 1, idleTimeout: 0s}, http: {http1MaxPendingRequests: 1}}\n"
	  "    outlierDetection: {consecutive5xxErrors: 1, interval: 1s, maxEjectionPercent: 100}\n"
	  "    portLevelSettings: [{port: {number: 80}, tls: {mode: ISTIO_MUTUAL}}]\n"
	  "  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2},"
	  " trafficPolicy: {outlierDetection: {}}}]\n"), "" },
	{ "needs a host", HEAD("DestinationRule") "  subsets: []\n", "E MT0022 spec.host 5:3\n" },
	{ "subsets", DR_OF("  subsets: [{labels: {version: 1}}, {name: a}, {name: a}, {name: b_c}]\n"),
	  "E MT0022 spec.subsets[0].name 6:13\nE MT0021 spec.subsets[0].labels.version 6:32\n"
	  "E MT0030 spec.subsets[2].name 6:55\nE MT0027 spec.subsets[3].name 6:66\n" },
	{ "no effect", DR_OF("  trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}\n"),
	  "W MT0036 spec.trafficPolicy.outlierDetection.consecutiveErrors 6:57\n" },
	{ "empty policies", DR_OF("  trafficPolicy: {}\n  subsets: [{name: a, trafficPolicy: {connectionPool: {}}}]\n"),
	  "E MT0032 spec.trafficPolicy 6:18\nE MT0032 spec.subsets[0].trafficPolicy.connectionPool 7:55\n" },
	{ "balancers", DR_OF("  trafficPolicy: {loadBalancer: {simple: FAIR, consistentHash: {}}}\n"),
	  "E MT0024 spec.trafficPolicy.loadBalancer.simple 6:42\n"
	  "E MT0029 spec.trafficPolicy.loadBalancer.consistentHash 6:64\n"
	  "W MT0036 spec.trafficPolicy.loadBalancer.consistentHash 6:64\n" },
	{ "maglev", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev:"
		       " {tableSize: 65536}}}}\n"),
	  "E MT0023 spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize 6:90\n" },
	{ "a cookie", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: stick_1, path: '/a b',"
			 " attributes: [{name: SameSite, value: Lax}, {name: Secure}]}}}}\n"), "" },
	{ "no cookie's name", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie:\n"
				 "    {name: 'a b'}}}}\n"),
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.name 7:12\n" },
	{ "a cookie without a name", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie:\n"
					"    {name: ''}}}}\n"),
	  "E MT0022 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.name 7:12\n" },
	{ "what breaks a cookie", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie:\n"
				     "    {name: a=b, path: \"/;x\",\n"
				     "    attributes: [{name: 'a;b', value: \"a\\tb\"}, {name: c, value: \"\\x7f\"}]}}}}\n"),
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.name 7:12\n"
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.path 7:23\n"
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[0].name 8:25\n"
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[0].value 8:39\n"
	  "E MT0031 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[1].value 8:65\n" },
	{ "localities", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a/*,"
			   " to: {'a/b': 50, '*x': 40}}]}}}\n"),
	  "E MT0023 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to 6:83\n"
	  "E MT0027 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0] 6:101\n" },
	{ "outliers", DR_OF("  trafficPolicy: {outlierDetection: {maxEjectionPercent: 101, interval: 0s,"
			 " consecutiveLocalOriginFailures: 1, outlierDetectionHttpErrorCodes: [99]}}\n"),
	  "E MT0023 spec.trafficPolicy.outlierDetection.maxEjectionPercent 6:58\n"
	  "E MT0025 spec.trafficPolicy.outlierDetection.interval 6:73\n"
	  "E MT0029 spec.trafficPolicy.outlierDetection.consecutiveLocalOriginFailures 6:109\n"
	  "E MT0023 spec.trafficPolicy.outlierDetection.outlierDetectionHttpErrorCodes[0] 6:145\n" },
	{ "tls", DR_OF("  trafficPolicy: {tls: {mode: MUTUAL}}\n"),
	  "E MT0022 spec.trafficPolicy.tls.clientCertificate 6:24\nE MT0022 spec.trafficPolicy.tls.privateKey"
	  " 6:24\nW MT2007 spec.trafficPolicy.tls.mode 6:31\n" },
	{ "old hash size", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true,"
			      " minimumRingSize: 1}}}\n"),
	  "W MT0035 spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize 6:87\n" },
};

static const struct rows_case others[] = {
	{ "gateway", HEAD("Gateway") "  selector: {a: b}\n  servers:\n"
	  "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['*', './a.com', ns/*.b.com]}\n"
	  "  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.com],"
	  " tls: {mode: SIMPLE, credentialName: c}}\n", "" },
	{ "gateway's faults", HEAD("Gateway") "  servers:\n"
	  "  - {port: {number: 0, name: http, protocol: HTTPX}, hosts: [short, 'a/b/c', '*a.com']}\n"
	  "  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.com], tls: {mode: SIMPLE}}\n"
	  "  - {port: {number: 443, name: tls, protocol: HTTPS}, hosts: []}\n",
	  "E MT0023 spec.servers[0].port.number 6:21\nE MT0024 spec.servers[0].port.protocol 6:46\n"
	  "E MT0026 spec.servers[0].hosts[0] 6:62\nE MT0026 spec.servers[0].hosts[1] 6:69\n"
	  "E MT0026 spec.servers[0].hosts[2] 6:78\nE MT0030 spec.servers[1].port.name 7:31\n"
	  "E MT0022 spec.servers[1].tls.privateKey 7:75\nE MT0022 spec.servers[1].tls.serverCertificate 7:75\n"
	  "E MT0029 spec.servers[1].tls.mode 7:82\nE MT0022 spec.servers[2].tls 8:5\n"
	  "E MT0032 spec.servers[2].hosts 8:62\n" },
	{ "a list where a map should be", HEAD("Gateway") "  servers: [{port: {number: 80, name: http, protocol: HTTP},"
	  " hosts: [a.com], tls: [a]}]\n", "E MT0021 spec.servers[0].tls 5:83\n" },
	{ "an address that is a number", HEAD("WorkloadEntry") "  address: 1.5\n", "E MT0021 spec.address 5:12\n" },
	{ "service entry", HEAD("ServiceEntry") "  hosts: [a.com]\n  ports: [{number: 80, name: http, protocol:"
	  " HTTP}]\n  resolution: STATIC\n  endpoints: [{address: 10.0.0.1, ports: {http: 8080}}]\n", "" },
	{ "what sidecars do not do yet", HEAD("Sidecar") "  ingress: [{port: {number: 1, name: a, protocol: TCP}, defaultEndpoint: '127.0.0.1:1'}]\n"
	  "  egress: [{bind: 127.0.0.2, hosts: ['./*']}]\n", "info\ni MT2110 spec.ingress 5:12\ni MT2110 spec.egress[0].bind 6:19\n" },
	{ "a plain connection names no host", HEAD("ServiceEntry") "  hosts: [a.com]\n  addresses: [127.1.2.3]\n"
	  "  ports: [{number: 80, name: http, protocol: HTTP}, {number: 1, name: b, protocol: MYSQL}]\n",
	  "info\ni MT2111 spec.ports[1].protocol 7:84\n" },
	{ "a plain connection and no address", HEAD("ServiceEntry") "  hosts: ['*.a.com']\n  addresses: [10.0.0.0/8]\n"
	  "  ports: [{number: 1, name: b, protocol: TCP}]\n", "info\ni MT2111 spec.ports[0].protocol 7:42\n" },
	{ "service entry's faults", HEAD("ServiceEntry") "  hosts: ['*']\n  ports: [{number: 80, name: a},"
	  " {number: 80, name: a}]\n  resolution: STATIC\n  endpoints: [{address: a.com, ports: {b: 1}}]\n",
	  "E MT0026 spec.hosts[0] 5:11\nE MT0030 spec.ports[1].number 6:43\nE MT0030 spec.ports[1].name 6:53\n"
	  "E MT0033 spec.endpoints[0].address 8:25\nE MT0027 spec.endpoints[0].ports.b 8:43\n" },
	{ "endpoints need a resolution", HEAD("ServiceEntry") "  hosts: [a.com]\n  endpoints: [{address: 1.2.3.4}]\n"
	  "  ports: [{number: 80, name: http, protocol: HTTP}]\n",
	  "E MT0029 spec.endpoints 6:14\n" },
	{ "ports of a service", SERVICE_OF("{name: a, port: 80}, {name: b, port: 80, protocol: UDP},"
	  " {name: c, port: 81, targetPort: web-2}, {name: d, port: 82, targetPort: 8080}"), "" },
	{ "the only port of a service", SERVICE_OF("{port: 80}"), "" },
	{ "a service's faults", SERVICE_OF("{name: a, port: 80}, {name: a, port: 80, targetPort: 0}, {port: 81, targetPort: A},"
	  " {name: b_c, port: 82, targetPort: a-very-long-name}"),
	  "E MT0030 spec.ports[1].name 5:39\nE MT0030 spec.ports[1].port 5:48\nE MT0023 spec.ports[1].targetPort 5:64\n"
	  "E MT0022 spec.ports[2].name 5:68\nE MT0027 spec.ports[2].targetPort 5:91\n"
	  "E MT0027 spec.ports[3].name 5:102\nE MT0027 spec.ports[3].targetPort 5:129\n" },
	{ "workload entry", HEAD("WorkloadEntry") "  ports: {http: 0}\n",
	  "E MT0022 spec.address 5:3\nE MT0023 spec.ports.http 5:17\n" },
	{ "sidecar", HEAD("Sidecar") "  egress: [{hosts: ['./*', a.com]}, {hosts: ['*/*']}]\n",
	  "E MT0022 spec.egress[0].port 5:12\nE MT0026 spec.egress[0].hosts[1] 5:28\n" },
	{ "peer authentication", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
	  "metadata: {name: a}\nspec:\n  mtls: {mode: strict}\n  portLevelMtls: {http: {mode: DISABLE}}\n",
	  "E MT0024 spec.mtls.mode 5:16\nE MT0029 spec.portLevelMtls 6:18\n"
	  "E MT0023 spec.portLevelMtls.http 6:19\n" },
	{ "peer authentication of all", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
	  "metadata: {name: a}\n", "" },
	{ "core kinds keep what they have", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
	  "spec: {ports: [{port: http, foo: 1}], anything: {goes: here}}\n",
	  "E MT0021 spec.ports[0].port 4:23\n" },
	{ "routes of the Gateway API", "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
	  "metadata: {name: a}\nspec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: b, port: 80,"
	  " weigth: 1}]}]}\n", "E MT0020 spec.rules[0].backendRefs[0].weigth 4:76\n" },
	{ "labels of its own", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {'a b': c, x.io/y: 'd e', ok: ''}\n",
	  "E MT0027 metadata.labels.a b 5:12\nE MT0027 metadata.labels[\"x.io/y\"] 5:30\n" },
	{ "no spec", "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: a}\n",
	  "E MT0022 spec 1:1\n" },
};

static void
test_check_object__virtual_services(void **state)
{
	(void)state;
	rows_expect(virtual_services, ARRAY_LEN(virtual_services), ROWS_OF_OBJECTS);
}

static void
test_check_object__hints_about_rules(void **state)
{
	(void)state;
	rows_expect(hints, ARRAY_LEN(hints), ROWS_OF_OBJECTS);
}

static void
test_check_object__destination_rules(void **state)
{
	(void)state;
	rows_expect(destination_rules, ARRAY_LEN(destination_rules), ROWS_OF_OBJECTS);
}

static void
test_check_object__other_kinds(void **state)
{
	(void)state;
	rows_expect(others, ARRAY_LEN(others), ROWS_OF_OBJECTS);
}

static void
test_syntax__hosts(void **state)
{
	static const struct { const char *text; bool fqdn, wildcard; } hosts[] = {
		{ "a", true, true },		{ "A-b.c", true, true },
		{ "a.com.", true, true },	{ "*.a.com", false, true },
		{ "*", false, true },		{ "*-x.a.com", false, true },
		{ "*x.com", false, true },	{ "a.*.com", false, false },
		{ "a..b", false, false },	{ "", false, false },
		{ ".", false, false },		{ "-a.com", false, false },
		{ "a_b.com", false, false },	{ "a.1", false, false },
		{ "a.b.", true, true },		{ "a.com..", false, false },
		{ "**.com", false, false },	{ "*.", false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (syntax_is_fqdn(hosts[i].text) != hosts[i].fqdn ||
		    syntax_is_wildcard_domain(hosts[i].text) != hosts[i].wildcard)
			fail_msg("%s", hosts[i].text);
}

static void
test_syntax__labels_and_ranges(void **state)
{
	(void)state;
	assert_true(syntax_is_label_key("app.kubernetes.io/name"));
	assert_true(syntax_is_label_key("a_b"));
	assert_false(syntax_is_label_key("/a"));
	assert_false(syntax_is_label_key("a/"));
	assert_false(syntax_is_label_key("-a"));
	assert_true(syntax_is_label_value(""));
	assert_false(syntax_is_label_value("a b"));
	assert_true(syntax_is_cidr("10.0.0.0/8", false));
	assert_true(syntax_is_cidr("::/0", false));
	assert_false(syntax_is_cidr("10.0.0.0", false));
	assert_true(syntax_is_cidr("10.0.0.0", true));
	assert_false(syntax_is_cidr("10.0.0.0/33", true));
	assert_false(syntax_is_cidr("a/8", true));
	assert_true(syntax_is_protocol("grpc-web"));
	assert_false(syntax_is_protocol("SCTP"));
}

/* n letters, and what follows them. */
static const char *
letters(char out[512], size_t n, const char *rest)
{
	memset(out, 'a', n);
	strcpy(out + n, rest);
	return out;
}

static void
test_syntax__lengths(void **state)
{
	char text[512];

	(void)state;
	assert_true(syntax_is_fqdn(letters(text, 63, ".com")));
	assert_false(syntax_is_fqdn(letters(text, 64, ".com")));
	assert_true(syntax_is_label_key(letters(text, 63, "")));
	assert_false(syntax_is_label_key(letters(text, 64, "")));
	assert_true(syntax_is_label_value(letters(text, 63, "")));
	assert_false(syntax_is_label_value(letters(text, 64, "")));
	letters(text, 255, "");
	text[63] = text[127] = text[191] = '.';
	assert_true(syntax_is_fqdn(text));
	assert_false(syntax_is_label_key(text));
	strcat(text, "a");
	assert_false(syntax_is_fqdn(text));
	letters(text, 253, "/a");
	text[63] = text[127] = text[191] = '.';
	assert_true(syntax_is_label_key(text));
	letters(text, 254, "/a");
	text[63] = text[127] = text[191] = '.';
	assert_false(syntax_is_label_key(text));
	assert_true(syntax_is_label_key("Z/Z9"));
	assert_false(syntax_is_label_key("a_b/c"));
	assert_true(syntax_is_cidr("10.0.0.0/32", false));
	assert_true(syntax_is_cidr("::/128", false));
	assert_false(syntax_is_cidr("::/129", false));
	assert_false(syntax_is_cidr("10.0.0.0/", false));
	assert_false(syntax_is_cidr("10.0.0.0/+8", false));
	assert_false(syntax_is_cidr("10.0.0.0/8x", false));
	assert_false(syntax_is_cidr(letters(text, 300, "/8"), false));
}

static void
test_nearest__means_what_is_near(void **state)
{
	static const struct { const char *word, *name; bool near; } words[] = {
		{ "weigth", "weight", true },	{ "fixed-delay", "fixedDelay", true },
		{ "subset", "subsets", true },	{ "host", "weight", false },
		{ "retri", "retries", true },	{ "x", "name", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *found = NULL;
		size_t best = SIZE_MAX;

		nearest_try(words[i].word, words[i].name, &found, &best);
		if ((found != NULL) != words[i].near)
			fail_msg("%s", words[i].word);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_object__virtual_services),
		cmocka_unit_test(test_check_object__hints_about_rules),
		cmocka_unit_test(test_check_object__destination_rules),
		cmocka_unit_test(test_check_object__other_kinds),
		cmocka_unit_test(test_syntax__hosts),
		cmocka_unit_test(test_syntax__labels_and_ranges),
		cmocka_unit_test(test_syntax__lengths),
		cmocka_unit_test(test_nearest__means_what_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
