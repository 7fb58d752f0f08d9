/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What objects say about each other: Kiali's codes and ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/istio/check.h"
#include "src/model/snapshot.h"
#include "tests/unit/istio/rows.h"

/* Each object is one line, so that the line tells which one is meant. */
#define ISTIO(kind, name, spec) "---\n{apiVersion: networking.istio.io/v1, kind: " kind \
	", metadata: {name: " name ", namespace: x}, spec: {" spec "}}\n"
#define VS(name, spec) ISTIO("VirtualService", name, spec)
#define DR(name, spec) ISTIO("DestinationRule", name, spec)
#define SERVICE(name, ports) "---\n{apiVersion: v1, kind: Service, metadata: {name: " name \
	", namespace: x}, spec: {selector: {app: " name "}, ports: [" ports "]}}\n"
#define WORKLOAD(app, version) "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: " app \
	"-" version ", namespace: x}, spec: {selector: {}, template: {metadata: {labels: {app: " app \
	", version: " version "}}, spec: {containers: [{name: a, ports: [{containerPort: 80}]}]}}}}\n"
#define PEER(name, ns, spec) "---\n{apiVersion: security.istio.io/v1, kind: PeerAuthentication" \
	", metadata: {name: " name ", namespace: " ns "}, spec: {" spec "}}\n"
#define REGISTRY_ONLY "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace:" \
	" istio-system}, data: {mesh: \"outboundTrafficPolicy: {mode: REGISTRY_ONLY}\"}}\n"
#define IN(ns, kind, name, spec) "---\n{apiVersion: networking.istio.io/v1, kind: " kind \
	", metadata: {name: " name ", namespace: " ns "}, spec: {" spec "}}\n"
#define API(ns, kind, name, spec) "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: " kind \
	", metadata: {name: " name ", namespace: " ns "}, spec: {" spec "}}\n"
#define NO_AUTO_MTLS "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace:" \
	" istio-system}, data: {mesh: \"enableAutoMtls: false\"}}\n"
#define FOR_MESH DR("m", "host: '*.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}")
#define FOR_X DR("n", "host: '*.x.svc.cluster.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}")
/* Lines 2 to 6. */
#define MESH SERVICE("a", "{name: http, port: 80}") WORKLOAD("a", "v1") \
	DR("a", "host: a, subsets: [{name: v1, labels: {version: v1}}]")
/* The objects after MESH stand in lines 8, 10 ... */

static const struct rows_case virtual_services[] = {
	{ "all is well", MESH
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v1, port: {number: 80}}}],"
	     " mirror: {host: a.x.svc.cluster.local}}]"), "" },
	{ "unknown host", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: b}}]}]"),
	  "W KIA1101 spec.http[0].route[0].destination.host 8:151\n" },
	{ "unknown host in a closed mesh", MESH VS("a", "hosts: [a], tcp: [{route: [{destination: {host: b}}]}]")
	  REGISTRY_ONLY, "E KIA1101 spec.tcp[0].route[0].destination.host 8:150\n" },
	{ "names with dots are not completed", MESH
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: a.x}}]}]"),
	  "W KIA1101 spec.http[0].route[0].destination.host 8:151\n" },
	{ "hosts with dots are not completed", MESH
	  VS("a", "hosts: [a.x, b.com], http: [{route: [{destination: {host: a}}]}]"),
	  "W MT1014 spec.hosts[0] 8:110\n" },
	{ "a wildcard of a ServiceEntry", MESH ISTIO("ServiceEntry", "e", "hosts: ['*.b.com']")
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: c.b.com}}]}]"), "" },
	{ "unknown subset", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v2}}]}]"),
	  "W KIA1107 spec.http[0].route[0].destination 8:162\n" },
	{ "a subset of a wider rule", MESH DR("w", "host: '*.svc.cluster.local', subsets: [{name: v2,"
	  " labels: {version: v1}}]")
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v2}}]}]"), "" },
	{ "unknown port", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a, port: {number: 81}}}]}]"),
	  "W MT1013 spec.http[0].route[0].destination.port.number 8:169\n" },
	{ "mirrors", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a}}], mirror: {host: b}},"
	  " {route: [{destination: {host: a}}], mirrors: [{destination: {host: a, subset: v9}}]}]"),
	  "W MT1011 spec.http[0].mirror.host 8:172\n"
	  "W MT1012 spec.http[1].mirrors[0].destination 8:255\n" },
	{ "gateways", MESH VS("a", "hosts: [a], gateways: [mesh, g, y/g, g.x.svc.cluster.local], http: [{match:"
	  " [{gateways: [h]}], route: [{destination: {host: a}}]}]"),
	  "info\nE KIA1102 spec.gateways[1] 8:131\nE KIA1102 spec.gateways[2] 8:134\n"
	  "i KIA1108 spec.gateways[3] 8:139\nE KIA1102 spec.http[0].match[0].gateways[0] 8:191\n" },
	{ "a gateway that exists", MESH ISTIO("Gateway", "g", "servers: []")
	  VS("a", "hosts: [a], gateways: [g, x/g, ./g], http: [{route: [{destination: {host: a}}]}]"), "" },
	{ "documents alone", VS("a", "hosts: [a], gateways: [g], http: [{route: [{destination: {host: a}}]}]"),
	  "W KIA1102 spec.gateways[0] 2:125\nW KIA1101 spec.http[0].route[0].destination.host 2:166\n" },
	{ "shares", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a}, weight: 50}]}, {route:"
	  " [{destination: {host: a}, weight: 50}, {destination: {host: a}, weight: 50}]}]"),
	  "W KIA1104 spec.http[0].route[0].weight 8:163\n"
	  "W KIA1105 spec.http[1].route[1].destination.host 8:238\n" },
	{ "two for a host", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a}}]}]")
	  VS("b", "hosts: [b, a.x.svc.cluster.local], http: [{route: [{destination: {host: a}}]}]")
	  VS("c", "hosts: [a], gateways: [g], http: [{route: [{destination: {host: a}}]}]")
	  ISTIO("Gateway", "g", "servers: []"),
	  "W KIA1106 spec.hosts 8:109\nW KIA1106 spec.hosts 10:109\n" },
	{ "exportTo", MESH VS("a", "hosts: [a], exportTo: [x, nowhere], http: [{route: [{destination: {host: a}}]}]"),
	  "E KIA0005 spec.exportTo[1] 8:128\n" },
};

static const struct rows_case destination_rules[] = {
	{ "unknown host", MESH DR("b", "host: b"), "W KIA0202 spec.host 8:109\n" },
	{ "unknown host in a closed mesh", MESH DR("b", "host: b") REGISTRY_ONLY, "E KIA0202 spec.host 8:109\n" },
	{ "wildcards pass", MESH DR("b", "host: '*.b.com'"), "" },
	{ "labels of nobody", MESH SERVICE("b", "{name: http, port: 80}") WORKLOAD("b", "v1")
	  DR("b", "host: b, subsets: [{name: v2, labels: {version: v2}}]"),
	  "info\ni KIA0203 spec.subsets[0] 12:122\n" },
	{ "labels of nobody, in use", MESH SERVICE("b", "{name: http, port: 80}") WORKLOAD("b", "v1")
	  DR("b", "host: b, subsets: [{name: v2, labels: {version: v2}}]")
	  VS("b", "hosts: [b], http: [{route: [{destination: {host: b, subset: v2}}]}]"),
	  "E KIA0203 spec.subsets[0] 12:122\n" },
	{ "labels of endpoints", MESH ISTIO("ServiceEntry", "e", "hosts: [e.com], endpoints: [{address: 1.2.3.4,"
	  " labels: {version: v1}}]")
	  DR("e", "host: e.com, subsets: [{name: v1, labels: {version: v1}}]"), "" },
	{ "no labels", MESH SERVICE("b", "{name: http, port: 80}") DR("b", "host: b, subsets: [{name: all}]"),
	  "W KIA0209 spec.subsets[0] 10:122\n" },
	{ "rivals", MESH DR("b", "host: a.x.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]"),
	  "W KIA0201 spec.host 6:109\nW KIA0201 spec.host 8:109\n" },
	{ "no rivals", MESH DR("b", "host: a.x.svc.cluster.local, subsets: [{name: v2, labels: {app: a}}]"), "" },
	{ "selector of nobody", MESH DR("b", "host: '*.b', workloadSelector: {matchLabels: {app: z}}, exportTo: [.]"),
	  "W KIA0004 spec.workloadSelector 8:134\n" },
	{ "plain text against STRICT", MESH DR("n", "host: '*.x.svc.cluster.local', trafficPolicy: {tls: {mode:"
	  " DISABLE}}") PEER("p", "x", "mtls: {mode: STRICT}"),
	  "E KIA0207 spec.trafficPolicy.tls.mode 8:162\n" },
	{ "plain text against a STRICT mesh", MESH DR("n", "host: '*.local', trafficPolicy: {tls: {mode: DISABLE}}")
	  PEER("p", "istio-system", "mtls: {mode: STRICT}"), "E KIA0208 spec.trafficPolicy.tls.mode 8:148\n" },
	{ "mutual TLS that servers do not take", MESH
	  DR("n", "host: '*.x.svc.cluster.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}")
	  PEER("p", "x", "mtls: {mode: DISABLE}"),
	  "W KIA0204 spec.trafficPolicy 6:109\nE KIA0505 spec.mtls 10:117\n" },
};

static const struct rows_case mutual_tls[] = {
	{ "nobody takes it in the mesh", NO_AUTO_MTLS FOR_MESH, "E KIA0205 spec.trafficPolicy.tls.mode 4:148\n" },
	{ "the mesh takes it", NO_AUTO_MTLS FOR_MESH PEER("p", "istio-system", "mtls: {mode: PERMISSIVE}"), "" },
	{ "it is automatic", FOR_MESH FOR_X, "" },
	{ "nobody takes it in the namespace", NO_AUTO_MTLS FOR_X, "E KIA0206 spec.trafficPolicy.tls.mode 4:162\n" },
	{ "the namespace takes it", NO_AUTO_MTLS FOR_X PEER("p", "x", "mtls: {mode: STRICT}"), "" },
	{ "the mesh takes it for the namespace", NO_AUTO_MTLS FOR_X FOR_MESH
	  PEER("p", "istio-system", "mtls: {mode: STRICT}"), "" },
	{ "nobody sends it in the mesh", NO_AUTO_MTLS PEER("p", "istio-system", "mtls: {mode: STRICT}"),
	  "E KIA0401 spec.mtls 4:128\n" },
	{ "nobody sends it in the namespace", NO_AUTO_MTLS PEER("p", "x", "mtls: {mode: STRICT}"),
	  "E KIA0501 spec.mtls 4:117\n" },
	{ "it is sent automatically", PEER("p", "x", "mtls: {mode: STRICT}"), "" },
	{ "permission asks nobody", NO_AUTO_MTLS PEER("p", "x", "mtls: {mode: PERMISSIVE}"), "" },
	{ "a workload's policy", NO_AUTO_MTLS WORKLOAD("a", "v1") PEER("p", "x", "selector: {matchLabels: {app: a}},"
	  " mtls: {mode: STRICT}"), "" },
	{ "plain text for the mesh", FOR_MESH PEER("p", "istio-system", "mtls: {mode: DISABLE}"),
	  "E KIA0506 spec.mtls 4:128\n" },
	{ "TLS of a port is said", MESH FOR_X DR("b", "host: b.y.svc.cluster.local, exportTo: [.], trafficPolicy:"
	  " {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}"),
	  "W KIA0204 spec.trafficPolicy 6:109\nW KIA0202 spec.host 10:109\n" },
	{ "TLS of another rule for the host", SERVICE("b", "{name: http, port: 80}")
	  DR("b", "host: b, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}") DR("c", "host: b, workloadSelector: {matchLabels:"
	  " {}}"), "W KIA0204 spec.trafficPolicy 6:109\n" },
};

#define GATEWAY_OF(name, rest) API("x", "Gateway", name, "gatewayClassName: istio, listeners: [" rest "]")
#define LISTENER(name, host) "{name: " name ", port: 80, protocol: HTTP, hostname: " host "}"
#define ROUTE_TO(ns, refs) API(ns, "HTTPRoute", "r", refs)

static const struct rows_case gateway_api[] = {
	{ "one host at two gateways", GATEWAY_OF("g", LISTENER("a", "a.com")) GATEWAY_OF("h", LISTENER("b", "A.com")),
	  "W KIA1501 spec.listeners[0].hostname 2:184\nW KIA1501 spec.listeners[0].hostname 4:184\n" },
	{ "all hosts at two gateways", GATEWAY_OF("g", "{name: a, port: 80, protocol: HTTP}")
	  GATEWAY_OF("h", "{name: a, port: 80, protocol: HTTP}"), "" },
	{ "hosts at two gateways", GATEWAY_OF("g", LISTENER("a", "a.com")) GATEWAY_OF("h", LISTENER("b", "b.com")), "" },
	{ "one address of two gateways", GATEWAY_OF("g", LISTENER("a", "a.com") "], addresses: [{value: 10.0.0.1}")
	  GATEWAY_OF("h", LISTENER("b", "b.com") "], addresses: [{type: IPAddress, value: 10.0.0.1}"),
	  "W KIA1502 spec.addresses[0].value 2:213\nW KIA1502 spec.addresses[0].value 4:230\n" },
	{ "one listener twice", GATEWAY_OF("g", LISTENER("a", "a.com") ", " LISTENER("b", "a.com") ", "
	  LISTENER("c", "b.com")), "E KIA1503 spec.listeners[1].name 2:199\n" },
	{ "a class of nobody", API("x", "Gateway", "g", "gatewayClassName: other, listeners: [" LISTENER("a", "a.com") "]"),
	  "E KIA1504 spec.gatewayClassName 2:119\n" },
	{ "a class of its own", API("x", "Gateway", "g", "gatewayClassName: other, listeners: [" LISTENER("a", "a.com") "]")
	  "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: other}}\n", "" },
	{ "a grant for nobody", MESH API("x", "ReferenceGrant", "g", "from: [{group: a, kind: b, namespace: y}],"
	  " to: [{group: '', kind: Service}]"), "E KIA1601 spec.from[0].namespace 8:146\n" },
	{ "a service of another namespace", MESH ROUTE_TO("y", "rules: [{backendRefs: [{name: a, namespace: x}]}]"),
	  "E KIA1402 spec.rules[0].backendRefs[0] 8:133\n" },
	{ "a service that is opened", MESH ROUTE_TO("y", "rules: [{backendRefs: [{name: a, namespace: x}]}]")
	  API("x", "ReferenceGrant", "g", "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: y}],"
	      " to: [{group: '', kind: Service, name: a}]"), "" },
	{ "another service that is opened", MESH ROUTE_TO("y", "rules: [{backendRefs: [{name: a, namespace: x}]}]")
	  API("x", "ReferenceGrant", "g", "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: y}],"
	      " to: [{group: '', kind: Service, name: b}]"), "E KIA1402 spec.rules[0].backendRefs[0] 8:133\n" },
	{ "a parent that is a service", MESH ROUTE_TO("x", "parentRefs: [{group: '', kind: Service, name: b},"
	  " {group: '', kind: Service, name: a}]"), "E KIA1402 spec.parentRefs[0] 8:149\n" },
	{ "a gateway of another namespace", GATEWAY_OF("g", LISTENER("a", "a.com"))
	  ROUTE_TO("y", "parentRefs: [{name: g, namespace: x}]"), "E KIA1401 spec.parentRefs[0] 4:116\n" },
	{ "a gateway for all", GATEWAY_OF("g", "{name: a, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}")
	  ROUTE_TO("y", "parentRefs: [{name: g, namespace: x}]"), "" },
	{ "a gateway for namespaces of a label", GATEWAY_OF("g", "{name: a, port: 80, protocol: HTTP, allowedRoutes:"
	  " {namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}}")
	  ROUTE_TO("y", "parentRefs: [{name: g, namespace: x}]") ROUTE_TO("z", "parentRefs: [{name: g, namespace: x}]")
	  "---\n{apiVersion: v1, kind: Namespace, metadata: {name: y, labels: {a: c}}}\n"
	  "---\n{apiVersion: v1, kind: Namespace, metadata: {name: z, labels: {a: b}}}\n",
	  "E KIA1401 spec.parentRefs[0] 4:116\n" },
	{ "documents without services", GATEWAY_OF("g", LISTENER("a", "a.com"))
	  ROUTE_TO("x", "parentRefs: [{name: g}], rules: [{backendRefs: [{name: a}]}]"),
	  "W KIA1402 spec.rules[0].backendRefs[0] 4:158\n" },
};

/* What one object does to another. */
static const struct rows_case effects[] = {
	{ "rivals of two namespaces", MESH IN("y", "DestinationRule", "b", "host: a.x.svc.cluster.local"),
	  "W KIA0201 spec.host 6:109\nW KIA0201 spec.host 8:109\n" },
	{ "a rule for its own namespace", MESH IN("y", "DestinationRule", "b", "host: a.x.svc.cluster.local, exportTo: [.]"),
	  "" },
	{ "a subset that callers do not see", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset:"
	  " v1}}]}]") IN("y", "DestinationRule", "b", "host: '*.x.svc.cluster.local', exportTo: [.]")
	  "---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: y}, spec: {containers: [{name: a}]}}\n",
	  "W MT1016 spec.http[0].route[0].destination 8:162\n" },
	{ "no callers there", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v1}}]}]")
	  IN("y", "DestinationRule", "b", "host: '*.x.svc.cluster.local', exportTo: [.]"), "" },
	{ "callers see it, too", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v1}}]}]")
	  IN("y", "DestinationRule", "b", "host: '*.x.svc.cluster.local', exportTo: [.]")
	  IN("y", "DestinationRule", "c", "host: a.x.svc.cluster.local, exportTo: [.], subsets: [{name: v1}]")
	  "---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: y}, spec: {containers: [{name: a}]}}\n",
	  "W KIA0201 spec.host 12:109\nW KIA0209 spec.subsets[0] 12:157\n" },
	{ "weights undo a hash", SERVICE("a", "{name: http, port: 80}") WORKLOAD("a", "v1") WORKLOAD("a", "v2")
	  DR("a", "host: a, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}, subsets: [{name: v1,"
	     " labels: {version: v1}}, {name: v2, labels: {version: v2}}]")
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v1}, weight: 50}, {destination: {host: a,"
	     " subset: v2}, weight: 50}]}, {route: [{destination: {host: a, subset: v1}, weight: 100}, {destination:"
	     " {host: a, subset: v2}, weight: 0}]}]"), "W MT2008 spec.http[0].route 10:129\n" },
	{ "a subset's own balancer", SERVICE("a", "{name: http, port: 80}") WORKLOAD("a", "v1") WORKLOAD("a", "v2")
	  DR("a", "host: a, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}, subsets: [{name: v1,"
	     " labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}, {name: v2, labels: {version: v2},"
	     " trafficPolicy: {loadBalancer: {simple: RANDOM}}}]")
	  VS("a", "hosts: [a], http: [{route: [{destination: {host: a, subset: v1}, weight: 50}, {destination: {host: a,"
	     " subset: v2}, weight: 50}]}]"), "" },
	{ "one host by two names", MESH VS("a", "hosts: [a], http: [{route: [{destination: {host: a}, weight: 50},"
	  " {destination: {host: a.x.svc.cluster.local}, weight: 50}]}]"),
	  "W KIA1105 spec.http[0].route[1].destination.host 8:189\n" },
	{ "half a name", MESH DR("b", "host: a.x"), "W KIA0202 spec.host 8:109\n" },
	{ "an app of the namespace", WORKLOAD("z", "v1") DR("z", "host: z.x.svc.cluster.local"), "" },
	{ "gateways of two namespaces", MESH
	  ISTIO("Gateway", "g", "selector: {app: a}, servers: [{port: {number: 80, name: http}, hosts: [x/b.com]}]")
	  ISTIO("Gateway", "h", "selector: {app: a}, servers: [{port: {number: 80, name: http}, hosts: [y/b.com]}]"), "" },
	{ "gateways of one namespace", MESH
	  ISTIO("Gateway", "g", "selector: {app: a}, servers: [{port: {number: 80, name: http}, hosts: [./b.com]}]")
	  ISTIO("Gateway", "h", "selector: {app: a}, servers: [{port: {number: 80, name: http}, hosts: [x/b.com]}]"),
	  "W KIA0301 spec.servers[0].hosts[0] 8:166\nW KIA0301 spec.servers[0].hosts[0] 10:166\n" },
	{ "a Sidecar of the mesh", MESH "---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: istio-system, labels:"
	  " {a: b}}, spec: {containers: [{name: a}]}}\n"
	  IN("istio-system", "Sidecar", "s", "workloadSelector: {labels: {a: b}}, egress: [{hosts: ['*/*']}]"),
	  "W KIA1006 spec.workloadSelector 10:124\n" },
	{ "a Sidecar of the mesh for all", MESH IN("istio-system", "Sidecar", "s", "workloadSelector: {},"
	  " egress: [{hosts: ['*/*']}]"), "" },
	{ "names of ports", ISTIO("ServiceEntry", "e", "hosts: [e.com], ports: [{number: 80, name: web, protocol: HTTP},"
	  " {number: 81, name: db, protocol: TCP}, {number: 82, name: http-web, protocol: HTTP}]"),
	  "E KIA0601 spec.ports[0] 2:143\n" },
	{ "an appProtocol outside the mesh", SERVICE("b", "{name: web, port: 80, appProtocol: smtp}"), "" },
};

static const struct rows_case others[] = {
	{ "gateways of one port", MESH
	  ISTIO("Gateway", "g", "selector: {app: a, version: v1}, servers: [{port: {number: 80, name: http},"
		" hosts: [b.com, c.com]}]")
	  ISTIO("Gateway", "h", "selector: {version: v1, app: a}, servers: [{port: {number: 80, name: http},"
		" hosts: ['*.com']}]")
	  ISTIO("Gateway", "i", "selector: {version: v1, app: a}, servers: [{port: {number: 81, name: web},"
		" hosts: ['*.com']}]"),
	  "W KIA0301 spec.servers[0].hosts[0] 8:179\nW KIA0301 spec.servers[0].hosts[1] 8:186\n"
	  "W KIA0301 spec.servers[0].hosts[0] 10:179\nE KIA0601 spec.servers[0].port 12:164\n" },
	{ "a gateway that nobody serves", MESH ISTIO("Gateway", "g", "selector: {app: z}, servers: []"),
	  "W KIA0302 spec.selector 8:105\n" },
	{ "ports", SERVICE("a", "{name: web, port: 80}, {port: 81, targetPort: 80}, {name: web, port: 82,"
	  " protocol: UDP, targetPort: 80}, {name: web, port: 83, appProtocol: smtp, targetPort: 80},"
	  " {name: http-web, port: 84}") WORKLOAD("a", "v1"),
	  "E KIA0601 spec.ports[0] 2:110\nE KIA0602 spec.ports[3] 2:243\nW KIA0701 spec.ports[4] 2:266\n" },
	{ "nobody in the mesh is behind it", SERVICE("b", "{name: web, port: 80}") WORKLOAD("a", "v1"), "" },
	{ "entries of one host", ISTIO("ServiceEntry", "e", "hosts: [e.com], ports: [{number: 80, name: http,"
	  " protocol: HTTP}, {number: 81, name: tcp, protocol: TCP}]")
	  ISTIO("ServiceEntry", "f", "hosts: [e.com], ports: [{number: 80, name: http, protocol: HTTP},"
		" {number: 81, name: tls, protocol: TLS}]"),
	  "W KIA1211 spec.ports[0] 2:124\nW KIA1212 spec.ports[1] 2:166\n"
	  "W KIA1211 spec.ports[0] 4:124\nW KIA1212 spec.ports[1] 4:166\n" },
	{ "policies", MESH PEER("p", "x", "mtls: {mode: STRICT}") PEER("q", "x", "mtls: {mode: STRICT}")
	  PEER("r", "x", "selector: {matchLabels: {app: a}}") PEER("s", "x", "selector: {matchLabels: {version: v1}}")
	  PEER("t", "x", "selector: {matchLabels: {app: z}}"),
	  "E KIA0002 spec.selector 10:103\nE KIA0003 spec.selector 14:114\nW KIA0004 spec.selector 16:114\n" },
	{ "sidecars", MESH ISTIO("Sidecar", "s", "egress: [{hosts: ['./*', './a.x.svc.cluster.local', '*/b.com']}],"
	  " outboundTrafficPolicy: {}"),
	  "info\nW KIA1004 spec.egress[0].hosts[2] 8:147\ni KIA1007 spec.outboundTrafficPolicy 8:184\n" },
	{ "routes of the Gateway API", MESH "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute,"
	  " metadata: {name: r, namespace: x}, spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: a},"
	  " {name: b}]}]}}\n",
	  "E KIA1401 spec.parentRefs[0] 8:116\nE KIA1402 spec.rules[0].backendRefs[1] 8:169\n" },
};

static void
test_check_references__virtual_services(void **state)
{
	(void)state;
	rows_expect(virtual_services, ARRAY_LEN(virtual_services), ROWS_OF_REFERENCES);
}

static void
test_check_references__destination_rules(void **state)
{
	(void)state;
	rows_expect(destination_rules, ARRAY_LEN(destination_rules), ROWS_OF_REFERENCES);
}

static void
test_check_references__mutual_tls(void **state)
{
	(void)state;
	rows_expect(mutual_tls, ARRAY_LEN(mutual_tls), ROWS_OF_REFERENCES);
}

static void
test_check_references__gateway_api(void **state)
{
	(void)state;
	rows_expect(gateway_api, ARRAY_LEN(gateway_api), ROWS_OF_REFERENCES);
}

static void
test_check_references__effects_on_others(void **state)
{
	(void)state;
	rows_expect(effects, ARRAY_LEN(effects), ROWS_OF_REFERENCES);
}

static void
test_check_references__other_kinds(void **state)
{
	(void)state;
	rows_expect(others, ARRAY_LEN(others), ROWS_OF_REFERENCES);
}

/* A loop over pairs of objects would not end in the suite's time. */
static void
test_check_all__takes_many_objects(void **state)
{
	struct problems rows = PROBLEMS_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s;

	(void)state;
	for (unsigned i = 0; i < 2500; i++)
		buf_printf(&text, SERVICE("s%u", "{name: http, port: 80}") WORKLOAD("s%u", "v1")
			   DR("s%u", "host: s%u, subsets: [{name: v1, labels: {version: v1}}]")
			   VS("s%u", "hosts: [s%u], http: [{route: [{destination: {host: s%u, subset: v1}}]}]"),
			   i, i, i, i, i, i, i, i, i);
	s = snapshot_of_text("t.yaml", buf_str(&text), &rows, NULL);
	assert_non_null(s);
	assert_int_equal(s->count, 10000);
	check_all(s, &rows);
	assert_int_equal(rows.rows.len, 0);
	problems_fini(&rows);
	snapshot_put(&s);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_references__virtual_services),
		cmocka_unit_test(test_check_references__destination_rules),
		cmocka_unit_test(test_check_references__mutual_tls),
		cmocka_unit_test(test_check_references__gateway_api),
		cmocka_unit_test(test_check_references__effects_on_others),
		cmocka_unit_test(test_check_references__other_kinds),
		cmocka_unit_test(test_check_all__takes_many_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
