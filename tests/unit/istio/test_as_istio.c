/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Istio's own validation refuses, warns of and takes, beyond
 * test_check.c: of each rule a document that breaks it and one near it that
 * does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "tests/unit/istio/rows.h"

#define GW_VS(hosts, rest) HEAD("VirtualService") "  hosts: [" hosts "]\n  gateways: [g]\n" rest
#define HTTP_ALL "  http: [{route: [{destination: {host: a}}]}]\n"

static const struct rows_case virtual_services[] = {
	{ "claims of a token need a gateway", VS_OF("  - match: [{headers: {'@request.auth.claims.sub': {exact: a}},"
	  " withoutHeaders: {'@request.auth.claims[a][b]': {exact: a}}}]\n" ROUTE),
	  "E MT0029 spec.http[0].match[0].headers[\"@request.auth.claims.sub\"] 7:24\n"
	  "E MT0029 spec.http[0].match[0].withoutHeaders[\"@request.auth.claims[a][b]\"] 7:82\n" },
	{ "claims of a token at a gateway", GW_VS("a.com", "  http:\n  - match: [{headers: {'@request.auth.claims.sub':"
	  " {exact: a}}}]\n" ROUTE), "" },
	{ "no claim, no header's name", GW_VS("a.com", "  http:\n  - match: [{headers: {'@request.auth.claims':"
	  " {exact: a}}}]\n" ROUTE), "E MT0031 spec.http[0].match[0].headers[\"@request.auth.claims\"] 8:24\n" },
	{ "a delegate beside a direct response", GW_VS("a.com", "  http:\n  - delegate: {name: b}\n"
	  "    directResponse: {status: 503}\n"), "" },
	{ "a delegate beside a redirect", GW_VS("a.com", "  http:\n  - delegate: {name: b}\n    redirect: {uri: /}\n"),
	  "E MT0029 spec.http[0].redirect 9:15\n" },
	{ "prefixRewrite of everything", VS_OF("  - redirect: {prefixRewrite: /b}\n"), "" },
	{ "prefixRewrite beside other conditions", VS_OF("  - match: [{method: {exact: GET}}, {uri: {prefix: /a}}]\n"
	  "    redirect: {prefixRewrite: /b}\n"), "" },
	{ "prefixRewrite of a regex", VS_OF("  - match: [{uri: {regex: /a.*}}]\n    redirect: {prefixRewrite: /b}\n"),
	  "E MT0029 spec.http[0].redirect.prefixRewrite 8:31\n" },
	{ "a port without its number", VS_OF("  - route: [{destination: {host: a, port: {}}}]\n"),
	  "E MT0022 spec.http[0].route[0].destination.port.number 7:43\n" },
	{ "a redirect to an empty place", VS_OF("  - redirect: {uri: ''}\n"), "E MT0032 spec.http[0].redirect 7:15\n" },
	{ "a code that does not redirect", VS_OF("  - redirect: {uri: /, redirectCode: 304}\n"),
	  "W MT0036 spec.http[0].redirect.redirectCode 7:38\n" },
	{ "a code that redirects", VS_OF("  - redirect: {uri: /, redirectCode: 308}\n"), "" },
	{ "a rewrite to an empty place", VS_OF("  - rewrite: {uri: '', authority: ''}\n" ROUTE),
	  "E MT0032 spec.http[0].rewrite 7:14\n" },
	{ "lines that would end inside", VS_OF("  - match: [{uri: {prefix: /a}}]\n"
	  "    redirect: {uri: \"/\\r\\nb\", authority: \"a\\tb\"}\n"
	  "  - match: [{uri: {prefix: /b}}]\n    redirect: {prefixRewrite: \"/\\x7f\"}\n"
	  "  - match: [{uri: {prefix: /c}}]\n    rewrite: {uri: '/ HTTP/1.1', authority: \"a\\nb\"}\n" ROUTE
	  "  - match: [{uri: {prefix: /d}}]\n    rewrite: {uriRegexRewrite: {match: a, rewrite: \"\\r\"}}\n" ROUTE
	  "  - headers: {request: {set: {host: a b}, add: {x: \"\\x01\"}}, response: {set: {y: \"\\r\\n\"}}}\n" ROUTE),
	  "E MT0031 spec.http[0].redirect.uri 8:21\nE MT0031 spec.http[0].redirect.authority 8:42\n"
	  "E MT0031 spec.http[1].redirect.prefixRewrite 10:31\n"
	  "E MT0031 spec.http[2].rewrite.uri 12:20\nE MT0031 spec.http[2].rewrite.authority 12:45\n"
	  "E MT0031 spec.http[3].rewrite.uriRegexRewrite.rewrite 15:52\n"
	  "E MT0031 spec.http[4].headers.request.set.host 17:37\n"
	  "E MT0031 spec.http[4].headers.request.add.x 17:52\n"
	  "E MT0031 spec.http[4].headers.response.set.y 17:82\n" },
	{ "lines that do not", VS_OF("  - match: [{uri: {prefix: /a}}]\n    redirect: {uri: '/b c?d=%20', authority: 'b:80'}\n"
	  "  - rewrite: {uri: '/%20é', authority: '[::1]:80'}\n    headers: {response: {set: {y: \"a\\tb c\"}}}\n" ROUTE), "" },
	{ "retry on codes of the register", VS_OF("  - retries: {attempts: 1, retryOn: '418,425,510'}\n" ROUTE), "" },
	{ "retry on codes of nobody", VS_OF("  - retries: {attempts: 1, retryOn: '306,509'}\n" ROUTE),
	  "E MT0024 spec.http[0].retries.retryOn 7:37\nE MT0024 spec.http[0].retries.retryOn 7:37\n" },
	{ "a delay of no time", VS_OF("  - fault: {delay: {percentage: {value: 1}}}\n" ROUTE),
	  "W MT0036 spec.http[0].fault.delay 7:20\n" },
	{ "a gateway of '.'", HEAD("VirtualService") "  hosts: [a.com]\n  gateways: [./g]\n" HTTP_ALL,
	  "E MT0027 spec.gateways[0] 6:14\n" },
	{ "a gateway of a namespace", HEAD("VirtualService") "  hosts: [a.com]\n  gateways: [x/g]\n" HTTP_ALL, "" },
	{ "variables in headers", VS_OF("  - headers: {request: {set: {a: '%REQ(x%y)%', b: '100%%', c: 'x %HOSTNAME% y', d: '%REQ(a?b):8%'}}}\n"
	  ROUTE), "" },
	{ "variables as the proxy reads them", VS_OF("  - headers: {request: {set: {a: '%REQ(x\\)%', b: '%REQ()%', c: '%REQ(x\\)y)%',"
	  " d: '%REQ(x) :8%', e: '%REQ(x):%', f: '%req(x)%'}}}\n" ROUTE),
	  "E MT0031 spec.http[0].headers.request.set.c 7:64\nE MT0031 spec.http[0].headers.request.set.d 7:82\n"
	  "E MT0031 spec.http[0].headers.request.set.e 7:100\nE MT0031 spec.http[0].headers.request.set.f 7:116\n" },
	{ "variables without an end", VS_OF("  - headers: {request: {set: {a: '%REQ(x)', b: '%START_TIME%%', c: '%X(%'}}}\n"
	  ROUTE),
	  "E MT0031 spec.http[0].headers.request.set.a 7:34\nE MT0031 spec.http[0].headers.request.set.b 7:48\n"
	  "E MT0031 spec.http[0].headers.request.set.c 7:68\n" },
	{ "bytes of a body", VS_OF("  - match: [{method: {exact: A}}]\n    directResponse: {status: 200, body: {bytes: aGkh}}\n"
	  "  - match: [{method: {exact: B}}]\n    directResponse: {status: 200, body: {bytes: aGk}}\n"), "" },
	{ "no bytes of a body", VS_OF("  - match: [{method: {exact: A}}]\n    directResponse: {status: 200, body: {bytes: 'a b'}}\n"
	  "  - match: [{method: {exact: B}}]\n    directResponse: {status: 200, body: {bytes: aGk==}}\n"),
	  "E MT0021 spec.http[0].directResponse.body.bytes 8:49\nE MT0021 spec.http[1].directResponse.body.bytes 10:49\n" },
	{ "the SNI of a cluster at a gateway", GW_VS("outbound_.80_._.a.b.com", "  tls: [{match: [{sniHosts:"
	  " [outbound_.80_._.a.b.com]}], route: [{destination: {host: a}}]}]\n"), "" },
	{ "the SNI of a cluster in the mesh", HEAD("VirtualService") "  hosts: [outbound_.80_._.a.b.com]\n" HTTP_ALL,
	  "E MT0026 spec.hosts[0] 5:11\n" },
	{ "what delegates leave", GW_VS("a.com", "  http:\n  - match: [{uri: {prefix: /a}}]\n    delegate: {name: b}\n"
	  "  - match: [{uri: {prefix: /a/b}}, {uri: {prefix: /a}}]\n" ROUTE "  - delegate: {name: c}\n  -" ROUTE), "" },
	{ "the same match by another name", VS_OF("  - match: [{name: a, uri: {exact: /a}}]\n" ROUTE
	  "  - match: [{uri: {exact: /a}, name: b}]\n" ROUTE), "W MT2104 spec.http[1].match[0] 9:13\n" },
	{ "tcp after a rule for all", HEAD("VirtualService") "  hosts: [a]\n  tcp:\n  - route: [{destination: {host: a}}]\n"
	  "  - match: [{port: 1}]\n    route: [{destination: {host: a}}]\n", "W MT2002 spec.tcp[1] 8:5\n" },
	{ "tcp by ports", HEAD("VirtualService") "  hosts: [a]\n  tcp:\n  - match: [{port: 1}]\n"
	  "    route: [{destination: {host: a}}]\n  - match: [{port: 2}]\n    route: [{destination: {host: a}}]\n", "" },
	{ "tls of the same name", HEAD("VirtualService") "  hosts: [a.com, b.com]\n  tls:\n  - match: [{sniHosts: [a.com]}]\n"
	  "    route: [{destination: {host: a}}]\n  - match: [{sniHosts: [b.com]}, {sniHosts: [a.com]}]\n"
	  "    route: [{destination: {host: a}}]\n", "W MT2104 spec.tls[1].match[1] 9:34\n" },
	{ "no condition, in other words", VS_OF("  - match: [{headers: {}, gateways: []}]\n" ROUTE "  -" ROUTE),
	  "W MT2002 spec.http[1] 9:8\n" },
};

static const struct rows_case destination_rules[] = {
	{ "a selector beside nothing exported", DR_OF("  workloadSelector: {matchLabels: {app: a}}\n  exportTo: []\n"), "" },
	{ "a selector beside what others see", DR_OF("  workloadSelector: {matchLabels: {app: a}}\n  exportTo: ['*']\n"),
	  "E MT0029 spec.exportTo 7:13\n" },
	{ "hashes of nothing", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {ringHash: {minimumRingSize: 8}}}}\n"),
	  "W MT0036 spec.trafficPolicy.loadBalancer.consistentHash 6:50\n" },
	{ "maglev without a size", DR_OF("  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {}}}}\n"),
	  "E MT0022 spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize 6:78\n" },
	{ "two ways to locality", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: true},"
	  " zoneAwareLbSetting: {enabled: true}}}\n"),
	  "E MT0029 spec.trafficPolicy.loadBalancer.zoneAwareLbSetting 6:90\n" },
	{ "localities that overlap", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute:"
	  " [{from: us/*, to: {a/*: 50, a/b: 50}}, {from: us/z, to: {a: 100}}]}}}\n"),
	  "E MT0030 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to[\"a/b\"] 6:99\n"
	  "E MT0030 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[1].from 6:112\n" },
	{ "localities side by side", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute:"
	  " [{from: us/a, to: {a/b: 50, a/c: 50}}, {from: us/*, to: {a: 100}}]}}}\n"), "" },
	{ "weights for no locality", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: us}]}}}\n"),
	  "E MT0023 spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to 6:67\n" },
	{ "failover twice", DR_OF("  trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failover:"
	  " [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/zone]}}}\n"),
	  "E MT0029 spec.trafficPolicy.loadBalancer.localityLbSetting.failoverPriority[0] 6:125\n" },
	{ "failover by labels", DR_OF("  trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failover:"
	  " [{from: a, to: b}], failoverPriority: [app]}}}\n"), "" },
	{ "failover without ejection", DR_OF("  trafficPolicy: {loadBalancer: {localityLbSetting: {failoverPriority: [app]}}}\n"),
	  "W MT0036 spec.trafficPolicy.loadBalancer.localityLbSetting.failoverPriority 6:72\n" },
	{ "zones by hand", DR_OF("  trafficPolicy: {outlierDetection: {}, loadBalancer: {zoneAwareLbSetting: {failoverPriority:"
	  " [topology.istio.io/subzone]}}}\n"),
	  "E MT0029 spec.trafficPolicy.loadBalancer.zoneAwareLbSetting.failoverPriority[0] 6:96\n" },
	{ "half a keepalive", DR_OF("  trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}\n"),
	  "E MT0022 spec.trafficPolicy.connectionPool.http.http2KeepAlive.timeout 6:59\n" },
	{ "nothing is verified", DR_OF("  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, credentialName: a}}\n"),
	  "W MT2007 spec.trafficPolicy.tls.mode 6:31\nE MT0029 spec.trafficPolicy.tls.credentialName 6:81\n" },
	{ "nothing is verified, with a certificate of the client", DR_OF("  trafficPolicy: {tls: {mode: MUTUAL,"
	  " insecureSkipVerify: true, credentialName: a}}\n"), "W MT2007 spec.trafficPolicy.tls.mode 6:31\n" },
	{ "empty texts are none", DR_OF("  trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: '', privateKey: b,"
	  " credentialName: ''}}\n"), "W MT2007 spec.trafficPolicy.tls.mode 6:31\n"
	  "E MT0022 spec.trafficPolicy.tls.clientCertificate 6:58\n" },
	{ "tunnels", DR_OF("  trafficPolicy: {tunnel: {protocol: GET, targetHost: a_b, targetPort: 80}}\n"),
	  "E MT0024 spec.trafficPolicy.tunnel.protocol 6:38\nE MT0026 spec.trafficPolicy.tunnel.targetHost 6:55\n" },
	{ "a good tunnel", DR_OF("  trafficPolicy: {tunnel: {protocol: POST, targetHost: 10.0.0.1, targetPort: 80}}\n"), "" },
};

#define SERVER(rest) HEAD("Gateway") "  servers:\n  - hosts: [a.com]\n    " rest
#define HTTPS "port: {number: 443, name: https, protocol: HTTPS}\n"

static const struct rows_case gateways[] = {
	{ "a proxy is HTTP", SERVER("port: {number: 80, name: a, protocol: HTTP_PROXY}\n    tls: {httpsRedirect: true}\n"), "" },
	{ "no TLS in other words", SERVER("port: {number: 80, name: a, protocol: HTTP}\n    tls: {mode: PASSTHROUGH}\n"), "" },
	{ "TLS of plain HTTP", SERVER("port: {number: 80, name: a, protocol: HTTP}\n    tls: {mode: SIMPLE,"
	  " credentialName: a}\n"),
	  "E MT0029 spec.servers[0].tls.mode 8:17\nE MT0029 spec.servers[0].tls.credentialName 8:41\n" },
	{ "a redirect to itself", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialName: a, httpsRedirect: true}\n"),
	  "W MT0036 spec.servers[0].tls.httpsRedirect 8:59\n" },
	{ "clients are verified", SERVER(HTTPS "    tls: {mode: OPTIONAL_MUTUAL, serverCertificate: a, privateKey: b}\n"),
	  "E MT0022 spec.servers[0].tls.caCertificates 8:10\n" },
	{ "certificates of a list", SERVER(HTTPS "    tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a}]}\n"),
	  "E MT0022 spec.servers[0].tls.tlsCertificates[0].privateKey 8:43\n" },
	{ "a good list", SERVER(HTTPS "    tls: {mode: MUTUAL, caCertificates: c, tlsCertificates: [{serverCertificate: a,"
	  " privateKey: b}]}\n"), "" },
	{ "too many names", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialNames: [a, b, c]}\n"),
	  "E MT0023 spec.servers[0].tls.credentialNames 8:42\n" },
	{ "files and a name", SERVER(HTTPS "    tls: {mode: SIMPLE, serverCertificate: a, privateKey: b, credentialName: c}\n"),
	  "E MT0029 spec.servers[0].tls.credentialName 8:78\n" },
	{ "Istio's certificates and a name", SERVER(HTTPS "    tls: {mode: ISTIO_MUTUAL, credentialName: c}\n"),
	  "E MT0029 spec.servers[0].tls.credentialName 8:47\n" },
	{ "certificates for nothing", SERVER(HTTPS "    tls: {mode: PASSTHROUGH, credentialName: c}\n"),
	  "W MT0036 spec.servers[0].tls.credentialName 8:46\n" },
	{ "revocation of nobody", SERVER(HTTPS "    tls: {mode: SIMPLE, serverCertificate: a, privateKey: b, caCrl: c}\n"),
	  "E MT0029 spec.servers[0].tls.caCrl 8:69\n" },
	{ "ciphers", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialName: a, cipherSuites: [AES128-SHA, NONE, AES128-SHA]}\n"),
	  "W MT0036 spec.servers[0].tls.cipherSuites[1] 8:71\nW MT0036 spec.servers[0].tls.cipherSuites[2] 8:77\n" },
	{ "operators of OpenSSL", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialName: a, cipherSuites: [ALL, '-AES128-SHA']}\n"), "" },
	{ "empty texts are none", SERVER(HTTPS "    tls: {mode: SIMPLE, serverCertificate: a, privateKey: ''}\n"),
	  "E MT0022 spec.servers[0].tls.privateKey 8:59\n" },
	{ "empty texts exclude nothing", SERVER(HTTPS "    tls: {mode: ISTIO_MUTUAL, serverCertificate: '', credentialName: ''}\n"
	  "  - hosts: [b.com]\n    port: {number: 444, name: b, protocol: HTTPS}\n"
	  "    tls: {mode: SIMPLE, serverCertificate: a, privateKey: '', credentialName: c}\n"), "" },
	{ "old versions", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialName: a, minProtocolVersion: TLSV1_1}\n"),
	  "W MT0038 spec.servers[0].tls.minProtocolVersion 8:64\n" },
	{ "old versions with their ciphers", SERVER(HTTPS "    tls: {mode: SIMPLE, credentialName: a,"
	  " minProtocolVersion: TLSV1_1, cipherSuites: [AES128-SHA]}\n"), "" },
	{ "sockets", SERVER("port: {number: 0, name: a, protocol: HTTP}\n    bind: unix://@a\n"), "" },
	{ "a folder is no socket", SERVER("port: {number: 0, name: a, protocol: HTTP}\n    bind: unix:///a/\n"),
	  "E MT0033 spec.servers[0].bind 8:11\n" },
};

#define SE(rest) HEAD("ServiceEntry") rest
#define PORT_OF(protocol) "  ports: [{number: 80, name: http, protocol: " protocol "}]\n"

static const struct rows_case entries[] = {
	{ "part of a label", SE("  hosts: ['*x']\n" PORT_OF("HTTP")), "W MT0038 spec.hosts[0] 5:11\n" },
	{ "part of a label, resolved by request", SE("  hosts: ['*x.com']\n  resolution: DYNAMIC_DNS\n" PORT_OF("HTTP")), "" },
	{ "resolved by request", SE("  hosts: [a.com]\n  addresses: [10.0.0.1]\n  endpoints: [{address: 10.0.0.1}]\n"
	  "  resolution: DYNAMIC_DNS\n" PORT_OF("TCP")),
	  "E MT0026 spec.hosts[0] 5:11\nE MT0029 spec.addresses 6:14\nE MT0029 spec.endpoints 7:14\n"
	  "E MT0029 spec.ports[0].protocol 9:46\n" },
	{ "hosts on a port of any protocol", SE("  hosts: [a.com, b.com]\n  resolution: DNS\n"
	  "  ports: [{number: 80, name: a}]\n"), "E MT0029 spec.ports[0].protocol 7:11\n" },
	{ "hosts on a port of HTTP", SE("  hosts: [a.com, b.com]\n  resolution: DNS\n" PORT_OF("HTTP_PROXY")), "" },
	{ "no ports", SE("  hosts: [a.com]\n"), "W MT0036 spec.ports 5:3\n" },
	{ "an empty list of ports", SE("  hosts: [a.com]\n  ports: []\n"), "W MT0036 spec.ports 6:10\n" },
	{ "a socket by DNS", SE("  hosts: [a.com]\n  resolution: DNS\n  endpoints: [{address: 'unix:///a'}]\n" PORT_OF("HTTP")),
	  "E MT0033 spec.endpoints[0].address 7:25\n" },
	{ "a socket for two ports", SE("  hosts: [a.com]\n  resolution: STATIC\n  endpoints: [{address: 'unix:///a'}]\n"
	  "  ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}]\n"),
	  "E MT0029 spec.endpoints[0].address 7:25\n" },
	{ "a socket", SE("  hosts: [a.com]\n  resolution: STATIC\n  endpoints: [{address: 'unix:///a'}]\n" PORT_OF("HTTP")), "" },
	{ "a selector of all", SE("  hosts: [a.com]\n  resolution: STATIC\n  workloadSelector: {}\n" PORT_OF("HTTP")),
	  "W MT0036 spec.workloadSelector 7:21\n" },
	{ "a selector without use", SE("  hosts: [a.com]\n  workloadSelector: {labels: {a: b}}\n" PORT_OF("HTTP")),
	  "W MT0036 spec.workloadSelector 6:21\n" },
	{ "no ports of a policy", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a,"
	  " namespace: x}\nspec: {selector: {matchLabels: {a: b}}, portLevelMtls: {}}\n",
	  "E MT0032 spec.portLevelMtls 4:56\n" },
};

#define API_GATEWAY(rest) "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: a, namespace: x}\n" \
	"spec:\n  gatewayClassName: istio\n" rest

#define API_ROUTE(rest) "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a, namespace: x}\n" \
	"spec:\n  rules:\n" rest

static const struct rows_case gateway_api[] = {
	{ "no listeners", API_GATEWAY(""), "E MT0022 spec.listeners 5:3\n" },
	{ "an empty list", API_GATEWAY("  listeners: []\n"), "E MT0022 spec.listeners 6:14\n" },
	{ "listeners of others", API_GATEWAY("  listeners: []\n  allowedListeners: {namespaces: {from: All}}\n"), "" },
	{ "all is well", API_ROUTE("  - matches: [{path: {type: Exact, value: /a}, headers: [{type: RegularExpression, name: a,"
	  " value: b+}]}]\n    filters: [{type: URLRewrite, urlRewrite: {hostname: a.com}}]\n"
	  "    backendRefs: [{name: a, port: 80}, {group: x, kind: y, name: b}]\n"
	  "  - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]\n"),
	  "info\ni MT2110 spec 5:3\n" },
	{ "matches", API_ROUTE("  - matches: [{path: {value: a}, headers: [{type: RegularExpression, name: a, value: '('}]},"
	  " {path: {type: RegularExpression, value: '(?=a)'}}]\n"),
	  "E MT0027 spec.rules[0].matches[0].path.value 6:30\n"
	  "E MT0028 spec.rules[0].matches[0].headers[0].value 6:86\nE MT0028 spec.rules[0].matches[1].path.value 6:134\n" },
	{ "filters", API_ROUTE("  - filters: [{type: Nothing}, {type: CORS}, {type: URLRewrite, cors: {}, urlRewrite: {}}]\n"),
	  "E MT0024 spec.rules[0].filters[0].type 6:22\nE MT0022 spec.rules[0].filters[1].cors 6:32\n"
	  "E MT0029 spec.rules[0].filters[2].cors 6:71\n" },
	{ "what filters write", API_ROUTE("  - filters:\n    - {type: URLRewrite, urlRewrite: {hostname: '*.a', path: {type: ReplaceFullPath,"
	  " replaceFullPath: '/ b'}}}\n    - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: 'a b', value: c},"
	  " {name: d, value: \"\\n\"}, {name: e}], remove: [':path']}}\n"
	  "  - filters:\n    - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replaceFullPath: /}}}\n"),
	  "E MT0026 spec.rules[0].filters[0].urlRewrite.hostname 7:49\n"
	  "E MT0031 spec.rules[0].filters[0].urlRewrite.path.replaceFullPath 7:103\n"
	  "E MT0031 spec.rules[0].filters[1].requestHeaderModifier.set[0].name 8:74\n"
	  "E MT0031 spec.rules[0].filters[1].requestHeaderModifier.set[1].value 8:109\n"
	  "E MT0022 spec.rules[0].filters[1].requestHeaderModifier.set[2].value 8:116\n"
	  "E MT0031 spec.rules[0].filters[1].requestHeaderModifier.remove[0] 8:137\n"
	  "E MT0022 spec.rules[1].filters[0].urlRewrite.path.replacePrefixMatch 10:45\n"
	  "E MT0029 spec.rules[1].filters[0].urlRewrite.path.replaceFullPath 10:89\n" },
	{ "origins", API_ROUTE("  - filters:\n    - {type: CORS, cors: {allowOrigins: ['http://*', 'https://*.a.b:80', 'http://a:1', 'http://',"
	  " 'https://*.', 'http://:80', 'http://*.*', 'http://a..b']}}\n"),
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[3] 7:88\n"
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[4] 7:99\n"
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[5] 7:113\n"
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[6] 7:127\n"
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[7] 7:141\n" },
	{ "fields of others", API_ROUTE("  - filters:\n    - {type: CORS, cors: {allowOrigins: ['*', 'ftp://a'], allowMethod: []}}\n"
	  "    sessionPersistence: {type: Cookie, cookie: {name: a b}}\n    timeouts: {request: 1s, backendRequest: 2s}\n"
	  "    retry: {backoff: 1.5s}\n"),
	  "E MT0029 spec.rules[0].filters[0].cors.allowOrigins 7:41\n"
	  "E MT0026 spec.rules[0].filters[0].cors.allowOrigins[1] 7:47\n"
	  "E MT0020 spec.rules[0].filters[0].cors.allowMethod 7:59\n"
	  "E MT0031 spec.rules[0].sessionPersistence.cookie.name 8:55\n"
	  "E MT0023 spec.rules[0].timeouts.backendRequest 9:45\nE MT0025 spec.rules[0].retry.backoff 10:22\n" },
	{ "a prefix to replace", API_ROUTE("  - matches: [{path: {type: Exact, value: /a}}]\n"
	  "    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]\n"
	  "  - matches: [{path: {value: /a}}, {path: {value: /b}}]\n    backendRefs: [{name: a, port: 80, filters: [{type:"
	  " RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /c}}}]}]\n"
	  "  - filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]\n"),
	  "E MT0029 spec.rules[0].filters[0].urlRewrite.path.replacePrefixMatch 7:100\n"
	  "E MT0029 spec.rules[1].backendRefs[0].filters[0].requestRedirect.path.replacePrefixMatch 9:144\n" },
	{ "paths", API_ROUTE("  - matches: [{path: {value: /a//b}}, {path: {value: '/a b'}}, {path: {value: /a/..}},"
	  " {path: {value: /a%2fb}}, {path: {value: '/a%20b'}}, {path: {type: RegularExpression, value: 'a b'}}]\n"),
	  "E MT0027 spec.rules[0].matches[0].path.value 6:30\nE MT0027 spec.rules[0].matches[1].path.value 6:54\n"
	  "E MT0027 spec.rules[0].matches[2].path.value 6:79\nE MT0027 spec.rules[0].matches[3].path.value 6:103\n" },
	{ "names of references", API_ROUTE("  - matches: [{headers: [{name: a, value: b}, {name: a, value: c}]}]\n"
	  "    backendRefs: [{group: A, kind: 5k, name: a, namespace: a.b, port: 80, weight: -1}]\n"),
	  "E MT0030 spec.rules[0].matches[0].headers[1].name 6:54\nE MT0027 spec.rules[0].backendRefs[0].group 7:27\n"
	  "E MT0027 spec.rules[0].backendRefs[0].kind 7:36\nE MT0027 spec.rules[0].backendRefs[0].namespace 7:60\n"
	  "E MT0023 spec.rules[0].backendRefs[0].weight 7:83\n" },
	{ "a filter twice", API_ROUTE("  - filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {remove: [a]}},"
	  " {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [b]}}]\n"),
	  "E MT0030 spec.rules[0].filters[1].type 6:93\n" },
	{ "redirects forward nothing", API_ROUTE("  - filters: [{type: RequestRedirect, requestRedirect: {}}, {type: URLRewrite,"
	  " urlRewrite: {}}]\n    backendRefs: [{name: a}]\n"),
	  "E MT0029 spec.rules[0].filters[0].requestRedirect 6:56\nE MT0029 spec.rules[0].backendRefs 7:18\n"
	  "E MT0022 spec.rules[0].backendRefs[0].port 7:19\n" },
	{ "routes of whom", API_GATEWAY("  listeners: [{name: a, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Any},"
	  " kind: []}}]\n"), "E MT0024 spec.listeners[0].allowedRoutes.namespaces.from 6:86\n"
	  "E MT0020 spec.listeners[0].allowedRoutes.kind 6:92\n" },
	{ "what protocols know", API_GATEWAY("  listeners: [{name: a, port: 80, protocol: TCP, hostname: a.com, tls: {}},"
	  " {name: b, port: 81, protocol: HTTPS, tls: {mode: Passthrough}}, {name: C, port: 82, protocol: HTTP, hostname: '*.A'}]\n"),
	  "E MT0029 spec.listeners[0].hostname 6:60\nE MT0029 spec.listeners[0].tls 6:72\n"
	  "E MT0029 spec.listeners[1].tls.mode 6:126\nE MT0027 spec.listeners[2].name 6:148\n"
	  "E MT0026 spec.listeners[2].hostname 6:187\n" },
	{ "addresses", API_GATEWAY("  listeners: [{name: a, port: 80, protocol: HTTP}]\n  addresses: [{value: a}, {type: Hostname,"
	  " value: a_b}, {type: example.com/x, value: 'any'}]\n"),
	  "E MT0033 spec.addresses[0].value 7:23\nE MT0026 spec.addresses[1].value 7:51\n" },
	{ "empty texts", API_ROUTE("  - name: ''\n    matches: [{headers: [{name: a, value: b}]}]\n"
	  "    backendRefs: [{name: a, namespace: '', kind: '', group: '', port: 80}]\n"
	  "    filters: [{type: URLRewrite, urlRewrite: {hostname: ''}}]\n  hostnames: ['']\n"
	  "  parentRefs: [{name: g, sectionName: ''}]\n"),
	  "E MT0032 spec.rules[0].name 6:11\nE MT0032 spec.rules[0].backendRefs[0].namespace 8:40\n"
	  "E MT0032 spec.rules[0].backendRefs[0].kind 8:50\nE MT0032 spec.rules[0].filters[0].urlRewrite.hostname 9:57\n"
	  "E MT0032 spec.hostnames[0] 10:15\nE MT0032 spec.parentRefs[0].sectionName 11:39\n" },
	{ "sets", API_ROUTE("  - retry: {codes: [500, 503, 500]}\n    filters:\n    - {type: CORS, cors: {allowMethods: [GET, GET],"
	  " allowHeaders: [a, b, a], exposeHeaders: ['']}}\n    - {type: RequestHeaderModifier,"
	  " requestHeaderModifier: {remove: [a, a]}}\n"),
	  "E MT0030 spec.rules[0].retry.codes[2] 6:31\nE MT0030 spec.rules[0].filters[0].cors.allowMethods[1] 8:47\n"
	  "E MT0030 spec.rules[0].filters[0].cors.allowHeaders[2] 8:74\n"
	  "E MT0032 spec.rules[0].filters[0].cors.exposeHeaders[0] 8:94\n"
	  "E MT0030 spec.rules[0].filters[1].requestHeaderModifier.remove[1] 9:73\n" },
	{ "groups that must be said", API_ROUTE("  - filters: [{type: ExtensionRef, extensionRef: {kind: K, name: n}},"
	  " {type: ExtensionRef, extensionRef: {group: '', kind: K, name: n}}]\n"),
	  "E MT0022 spec.rules[0].filters[0].extensionRef.group 6:50\n" },
	{ "types of addresses and ports of TLS", API_GATEWAY("  listeners: [{name: a, port: 80, protocol: HTTP}]\n"
	  "  addresses: [{type: ''}, {type: any}, {type: NamedAddress, value: x}, {type: x.io/}]\n"
	  "  tls: {frontend: {default: {}, perPort: [{port: 1, tls: {}}, {port: 1, tls: {}}]}}\n"),
	  "E MT0032 spec.addresses[0].type 7:22\nE MT0024 spec.addresses[1].type 7:34\n"
	  "E MT0024 spec.addresses[3].type 7:79\nE MT0030 spec.tls.frontend.perPort[1].port 8:70\n" },
	{ "one name for two", API_GATEWAY("  listeners: [{name: a, port: 80, protocol: HTTP}, {name: a, port: 81,"
	  " protocol: HTTP}]\n"), "E MT0030 spec.listeners[1].name 6:59\n" },
};

#define SIDECAR(rest) HEAD("Sidecar") rest
#define IN(rest) SIDECAR("  ingress:\n  - port: {number: 80, protocol: HTTP, name: a}\n    " rest)

static const struct rows_case sidecars[] = {
	{ "all is well", SIDECAR("  workloadSelector: {labels: {a: b}}\n  ingress:\n  - port: {number: 80, protocol: HTTP}\n"
	  "    bind: 127.0.0.1\n    defaultEndpoint: '[::1]:8080'\n    connectionPool: {http: {maxRetries: 1}}\n"
	  "  - port: {number: 443, protocol: HTTPS}\n    defaultEndpoint: unix:///a\n"
	  "    tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}\n"
	  "  egress:\n  - port: {number: 0, protocol: HTTP}\n    bind: unix:///b\n    captureMode: NONE\n    hosts: ['./*']\n"
	  "  - hosts: ['*/a.com', ~y/b.com, '~/*']\n"), "" },
	{ "a selector of all", SIDECAR("  workloadSelector: {}\n  egress: [{hosts: ['*/*']}]\n"),
	  "W MT0036 spec.workloadSelector 5:21\n" },
	{ "nothing in it", SIDECAR("  egress: []\n"), "E MT0032 spec 5:3\n" },
	{ "a port twice", SIDECAR("  ingress: [{port: {number: 80, protocol: HTTP}}, {port: {number: 80, protocol: TCP}}]\n"
	  "  egress: [{port: {number: 80}, hosts: ['*/*']}, {port: {number: 80}, hosts: ['*/*']}]\n"),
	  "E MT0030 spec.ingress[1].port.number 5:67\nE MT0030 spec.egress[1].port.number 6:66\n" },
	{ "no port", SIDECAR("  ingress: [{port: {number: 0}}]\n"), "E MT0023 spec.ingress[0].port.number 5:29\n" },
	{ "a socket does not come in", IN("bind: unix:///a\n"), "E MT0033 spec.ingress[0].bind 7:11\n" },
	{ "the workload itself only", IN("defaultEndpoint: 10.0.0.1:80\n"), "E MT0033 spec.ingress[0].defaultEndpoint 7:22\n" },
	{ "no port of the workload", IN("defaultEndpoint: 127.0.0.1:http\n"),
	  "E MT0033 spec.ingress[0].defaultEndpoint 7:22\n" },
	{ "TLS of Gateways", IN("tls: {mode: ISTIO_MUTUAL, httpsRedirect: true}\n"),
	  "E MT0029 spec.ingress[0].tls 7:10\nE MT0029 spec.ingress[0].tls.mode 7:17\n"
	  "E MT0029 spec.ingress[0].tls.httpsRedirect 7:46\n" },
	{ "limits of HTTP on TCP", SIDECAR("  ingress:\n  - port: {number: 80, protocol: TCP}\n"
	  "    connectionPool: {http: {maxRetries: 1}}\n"), "W MT0036 spec.ingress[0].connectionPool.http 7:28\n" },
	{ "sockets and ports", SIDECAR("  egress:\n  - port: {number: 80}\n    bind: unix:///a\n    hosts: ['*/*']\n"
	  "  - port: {number: 0}\n    hosts: ['*/*']\n  - port: {number: 0}\n    bind: unix:///b\n    captureMode: IPTABLES\n"
	  "    hosts: ['*/*']\n"),
	  "E MT0023 spec.egress[0].port.number 6:20\nE MT0023 spec.egress[1].port.number 9:20\n"
	  "E MT0029 spec.egress[2].captureMode 13:18\n" },
	{ "the same socket", SIDECAR("  egress:\n  - port: {number: 0}\n    bind: unix:///a\n    hosts: ['*/*']\n"
	  "  - port: {number: 0}\n    bind: unix:///a\n    hosts: ['*/*']\n"), "E MT0030 spec.egress[1].bind 10:11\n" },
	{ "hosts of a namespace", SIDECAR("  egress: [{hosts: [x/*, ./a.com, ~y/*, y/a.com, y/b.com, y/*]}]\n"),
	  "W MT0036 spec.egress[0].hosts[1] 5:26\n" },
	{ "hosts", SIDECAR("  egress: [{hosts: [./reviews, './*a.com', './a.com', ./a.com]}, {hosts: ['*/*', x/a.com]}]\n"),
	  "E MT0022 spec.egress[0].port 5:12\nE MT0026 spec.egress[0].hosts[0] 5:21\n"
	  "E MT0026 spec.egress[0].hosts[1] 5:32\nW MT0036 spec.egress[0].hosts[3] 5:55\n"
	  "W MT0036 spec.egress[1].hosts[1] 5:82\n" },
};

static void
test_check_object__virtual_services(void **state)
{
	(void)state;
	rows_expect(virtual_services, ARRAY_LEN(virtual_services), ROWS_OF_OBJECTS);
}

static void
test_check_object__destination_rules(void **state)
{
	(void)state;
	rows_expect(destination_rules, ARRAY_LEN(destination_rules), ROWS_OF_OBJECTS);
}

static void
test_check_object__gateways(void **state)
{
	(void)state;
	rows_expect(gateways, ARRAY_LEN(gateways), ROWS_OF_OBJECTS);
}

static void
test_check_object__service_entries_and_policies(void **state)
{
	(void)state;
	rows_expect(entries, ARRAY_LEN(entries), ROWS_OF_OBJECTS);
}

static void
test_check_object__gateway_api(void **state)
{
	(void)state;
	rows_expect(gateway_api, ARRAY_LEN(gateway_api), ROWS_OF_OBJECTS);
}

static void
test_check_object__sidecars(void **state)
{
	(void)state;
	rows_expect(sidecars, ARRAY_LEN(sidecars), ROWS_OF_OBJECTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_object__virtual_services),
		cmocka_unit_test(test_check_object__destination_rules),
		cmocka_unit_test(test_check_object__gateways),
		cmocka_unit_test(test_check_object__service_entries_and_policies),
		cmocka_unit_test(test_check_object__gateway_api),
		cmocka_unit_test(test_check_object__sidecars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
