/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rule and cluster a request gets (spec/dataplane.md 2, 11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "tests/unit/mesh/fixture.h"

/* Service web and two versions of it in a and b; a client in a, b and c. */
#define CLIENT(ns, address) WORKLOAD(ns, "client", address, "app: client, tier: t-" ns)
#define CLIENTS CLIENT("a", "127.0.0.2") CLIENT("b", "127.0.0.3") CLIENT("c", "127.0.0.4")
#define WEB(ns, n) SERVICE(ns, "web", "http", "80") \
	WORKLOAD(ns, "web-v1", "127.0.1." n, "app: web, version: v1") \
	WORKLOAD(ns, "web-v2", "127.0.2." n, "app: web, version: v2")
#define SUBSETS "subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]"
#define TO(host, subset) "route: [{destination: {host: " host ", subset: " subset "}}]"
#define OLDER "creationTimestamp: '2020-01-01T00:00:00Z'"
#define NEWER "creationTimestamp: '2021-01-01T00:00:00Z'"
/* As VIRTUAL_SERVICE() and DESTINATION_RULE() with more metadata. */
#define DATED(kind, ns, name, when, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: " kind ", metadata: {namespace: " ns \
	", name: " name ", " when "}, spec: {" spec "}}\n"
#define MESH_CONFIG(text) \
	DOC("v1", "ConfigMap", "istio-system", "istio", "data: {mesh: '" text "'}")
#define ALIAS(name, host) \
	DOC("v1", "Service", "b", name, "spec: {type: ExternalName, externalName: " host ", ports: [{name: http, port: 80}]}")
#define REGISTRY_ONLY MESH_CONFIG("{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}")

#define A "web.a.svc.cluster.local"
#define B "web.b.svc.cluster.local"
#define DEFAULT_A "default outbound|80||" A
#define DEFAULT_B "default outbound|80||" B

struct row {
	const char *what, *yaml;	/* yaml NULL: as the row before */
	const char *from;		/* namespace of the caller */
	uint16_t port;
	const char *host, *path;	/* path NULL: / */
	const char *want;
};

static const struct row rows[] = {
	/* names */
	{ "short name, own namespace", CLIENTS WEB("a", "1") WEB("b", "2"), "a", 80, "web", NULL, DEFAULT_A },
	{ "short name, own namespace", NULL, "b", 80, "web", NULL, DEFAULT_B },
	{ "short name elsewhere", NULL, "c", 80, "web", NULL, "ALLOW_ANY" },
	{ "name.ns", NULL, "c", 80, "web.a", NULL, DEFAULT_A },
	{ "name.ns.svc", NULL, "c", 80, "web.a.svc", NULL, DEFAULT_A },
	{ "full name", NULL, "c", 80, A, NULL, DEFAULT_A },
	{ "trailing dot", NULL, "c", 80, A ".", NULL, DEFAULT_A },
	{ "short with trailing dot", NULL, "a", 80, "web.", NULL, "ALLOW_ANY" },
	{ "case and port", NULL, "c", 80, "WEB.A:8080", NULL, DEFAULT_A },
	{ "half a cluster domain", NULL, "c", 80, "web.a.svc.cluster", NULL, "ALLOW_ANY" },
	{ "unknown", NULL, "c", 80, "web.x", NULL, "ALLOW_ANY" },
	{ "port without service", NULL, "a", 81, "web", NULL, "ALLOW_ANY" },
	{ "host of another port counts by the dialled one", NULL, "a", 80, "web:81", NULL, DEFAULT_A },
	{ "only names that end in svc are completed", CLIENTS
	  DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext", "spec: {hosts: [web.a.foo.cluster.local, web.a.b.svc.cluster.local,"
	      " az.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}"), "c", 80, "web.a.foo", NULL, "ALLOW_ANY" },
	{ "only names of three labels are completed", NULL, "c", 80, "web.a.b.svc", NULL, "ALLOW_ANY" },
	{ "all letters are without case", NULL, "c", 80, "AZ.com", NULL, "default outbound|80||az.com" },
	{ "registry only", CLIENTS WEB("a", "1") REGISTRY_ONLY, "a", 80, "other", NULL, "BLOCK_ALL" },
	{ "registry only, known", NULL, "a", 80, "web", NULL, DEFAULT_A },
	{ "Sidecar's policy of one namespace", CLIENTS WEB("a", "1")
	  DOC("networking.istio.io/v1", "Sidecar", "a", "s",
	      "spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"), "a", 80, "x", NULL, "BLOCK_ALL" },
	{ "Sidecar's policy of one namespace", NULL, "b", 80, "x", NULL, "ALLOW_ANY" },
	{ "Sidecar's policy of the mesh", CLIENTS
	  DOC("networking.istio.io/v1", "Sidecar", "istio-system", "s",
	      "spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"), "a", 80, "x", NULL, "BLOCK_ALL" },
	{ "address of the service", CLIENTS
	  DOC("v1", "Service", "a", "web", "spec: {clusterIP: 127.9.9.9, ports: [{name: http, port: 80}]}"),
	  "c", 80, "127.9.9.9", NULL, DEFAULT_A },
	{ "address with port", NULL, "c", 80, "127.9.9.9:80", NULL, DEFAULT_A },
	{ "headless: names under it", CLIENTS
	  DOC("v1", "Service", "a", "web", "spec: {clusterIP: None, ports: [{name: http, port: 80}]}"),
	  "c", 80, "web-0.web.a", NULL, DEFAULT_A },
	{ "headless", NULL, "a", 80, "web-0.web", NULL, DEFAULT_A },
	{ "headless", NULL, "a", 80, "web", NULL, DEFAULT_A },
	{ "no names under another service", CLIENTS WEB("a", "1")
	  DOC("v1", "Service", "a", "pods", "spec: {clusterIP: None, ports: [{name: http, port: 80}]}"),
	  "a", 80, "web-0.web.a", NULL, "ALLOW_ANY" },
	{ "tcp port is no HTTP host", CLIENTS SERVICE("a", "web", "tcp", "80"), "a", 80, "web", NULL, "ALLOW_ANY" },
	{ "unnamed port is sniffed", CLIENTS DOC("v1", "Service", "a", "web", "spec: {ports: [{port: 80}]}"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "appProtocol", CLIENTS DOC("v1", "Service", "a", "web", "spec: {ports: [{port: 80, appProtocol: tcp, name: http}]}"),
	  "a", 80, "web", NULL, "ALLOW_ANY" },

	/* which VirtualService */
	{ "short hosts are of the rule's namespace", CLIENTS WEB("a", "1") WEB("b", "2")
	  VIRTUAL_SERVICE("b", "vs", "hosts: [web], http: [{route: [{destination: {host: web}}]}]"),
	  "a", 80, "web.b", NULL, "vs[0] outbound|80||" B },
	{ "short hosts are of the rule's namespace", NULL, "a", 80, "web", NULL, DEFAULT_A },
	{ "name.ns is not expanded", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("b", "vs", "hosts: [web.a], http: [{directResponse: {status: 200}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "exact before wildcard", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "wild", OLDER, "hosts: ['*.svc.cluster.local'], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "a", "longer", NEWER, "hosts: ['*.a.svc.cluster.local'], http: [{directResponse: {status: 202}}]")
	  DATED("VirtualService", "a", "exact", NEWER, "hosts: [web], http: [{directResponse: {status: 200}}]"),
	  "a", 80, "web", NULL, "exact[0] 200" },
	{ "longest wildcard", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "wild", OLDER, "hosts: ['*.svc.cluster.local'], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "a", "longer", NEWER, "hosts: ['*.a.svc.cluster.local'], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, "longer[0] 202" },
	{ "the oldest", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "aaa", NEWER, "hosts: [web], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "b", "old", OLDER, "hosts: [" A "], http: [{directResponse: {status: 200}}]"),
	  "a", 80, "web", NULL, "old[0] 200" },
	{ "an unseen one does not count", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "aaa", NEWER, "hosts: [web], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "b", "old", OLDER, "hosts: [" A "], exportTo: ['.'], http: [{directResponse: {status: 200}}]"),
	  "a", 80, "web", NULL, "aaa[0] 201" },
	{ "an unseen one does not count", NULL, "b", 80, "web.a", NULL, "old[0] 200" },
	{ "private before named before public", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "public", OLDER, "hosts: [web], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "a", "named", NEWER, "hosts: [web], exportTo: [b, a], http: [{directResponse: {status: 202}}]")
	  DATED("VirtualService", "b", "private", NEWER, "hosts: [" A "], exportTo: ['.'], http: [{directResponse: {status: 203}}]"),
	  "a", 80, "web", NULL, "named[0] 202" },
	{ "private before named before public", NULL, "b", 80, "web.a", NULL, "private[0] 203" },
	{ "of one age: by name, then namespace", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "y", OLDER, "hosts: [web], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "b", "x", OLDER, "hosts: [" A "], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, "x[0] 202" },
	{ "gateways replace the mesh", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], gateways: [g], http: [{directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "gateways and mesh", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], gateways: [g, mesh], http: [{directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, "vs[0] 201" },
	{ "hosts without a service: port 80", CLIENTS
	  VIRTUAL_SERVICE("a", "vs", "hosts: [x.com, '*.y.com'], http: [{directResponse: {status: 201}}]"),
	  "a", 80, "x.com", NULL, "vs[0] 201" },
	{ "hosts without a service: wildcard", NULL, "b", 80, "q.y.com", NULL, "vs[0] 201" },
	{ "hosts without a service: wildcard", NULL, "b", 80, "y.com", NULL, "ALLOW_ANY" },
	{ "hosts without a service: only port 80", NULL, "b", 81, "x.com", NULL, "ALLOW_ANY" },
	{ "hosts without a service: only port 80", NULL, "b", 81, "q.y.com", NULL, "ALLOW_ANY" },
	{ "hosts beside a service's: its ports", CLIENTS SERVICE("a", "web", "http", "8080") SERVICE("a", "raw", "foo", "81")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web, raw, x.com, '*.y.com'], http: [{match: [{uri: {exact: /}}], directResponse: {status: 201}}]"),
	  "a", 8080, "x.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: wildcard", NULL, "b", 8080, "q.y.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: port 80, too", NULL, "b", 80, "x.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: no sniffed port", NULL, "a", 81, "x.com", NULL, "ALLOW_ANY" },
	{ "hosts beside a service's: no other port", NULL, "a", 82, "x.com", NULL, "ALLOW_ANY" },
	{ "hosts beside those of another rule", CLIENTS SERVICE("a", "web", "http", "8080") SERVICE("b", "web", "http", "8080")
	  VIRTUAL_SERVICE("a", "vs1", "hosts: [web, x.com], http: [{directResponse: {status: 201}}]")
	  VIRTUAL_SERVICE("b", "vs2", "hosts: [web, y.com], http: [{directResponse: {status: 202}}]"), "a", 8080, "y.com", NULL, "vs2[0] 202" },
	{ "hosts beside those of another rule", NULL, "a", 8080, "x.com", NULL, "vs1[0] 201" },
	{ "hosts beside a service's: of a rule that is not seen", CLIENTS SERVICE("a", "web", "http", "8080")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web, x.com], exportTo: ['.'], http: [{directResponse: {status: 201}}]"), "b", 8080, "x.com", NULL, "ALLOW_ANY" },
	{ "hosts beside a service's: of a rule that is not seen", NULL, "a", 8080, "x.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: that is not seen", CLIENTS
	  "---\n{apiVersion: v1, kind: Service, metadata: {namespace: a, name: web, annotations: {networking.istio.io/exportTo: '.'}}, spec: {ports: [{name: http, port: 8080}]}}\n"
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web, x.com], http: [{directResponse: {status: 201}}]"), "b", 8080, "x.com", NULL, "ALLOW_ANY" },
	{ "hosts beside a service's: that is not seen", NULL, "b", 80, "x.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: by a wildcard", CLIENTS SERVICE("a", "web", "http", "8080") SERVICE("b", "api", "http", "9090")
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.a.svc.cluster.local', x.com], http: [{directResponse: {status: 201}}]"), "c", 8080, "x.com", NULL, "vs[0] 201" },
	{ "hosts beside a service's: by a wildcard", NULL, "c", 9090, "x.com", NULL, "ALLOW_ANY" },
	{ "a wildcard over services is theirs alone", NULL, "c", 80, "none.a.svc.cluster.local", NULL, "ALLOW_ANY" },
	{ "hosts without a service: the oldest", CLIENTS
	  DATED("VirtualService", "a", "aaa", NEWER, "hosts: [x.com], http: [{directResponse: {status: 201}}]")
	  DATED("VirtualService", "a", "bbb", OLDER, "hosts: [x.com], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "x.com", NULL, "bbb[0] 202" },
	{ "a host with a service stays on its ports", CLIENTS SERVICE("a", "web", "http", "8080")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{directResponse: {status: 201}}]"),
	  "a", 80, A, NULL, "ALLOW_ANY" },
	{ "a host with a service stays on its ports", NULL, "a", 8080, A, NULL, "vs[0] 201" },
	{ "no second try at a wildcard", CLIENTS
	  VIRTUAL_SERVICE("a", "exact", "hosts: [x.y.com], http: [{match: [{uri: {exact: /a}}], directResponse: {status: 201}}]")
	  VIRTUAL_SERVICE("a", "wild", "hosts: ['*.y.com'], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "x.y.com", NULL, "NO_RULE" },

	/* which rule */
	{ "no match in an existing one", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {exact: /x}}], directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, "NO_RULE" },
	{ "emptied by static conditions", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{sourceNamespace: b}], directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "emptied by static conditions", NULL, "b", 80, "web.a", NULL, "vs[0] 201" },
	{ "emptied: the next one for the host", CLIENTS WEB("a", "1")
	  DATED("VirtualService", "a", "old", OLDER, "hosts: [web], http: [{match: [{sourceNamespace: b}], directResponse: {status: 201}}]")
	  DATED("VirtualService", "a", "new", NEWER, "hosts: [web], http: [{match: [{uri: {exact: /x}}], directResponse: {status: 202}}]"),
	  "a", 80, "web", "/x", "new[0] 202" },
	{ "emptied: the next one for the host", NULL, "a", 80, "web", "/y", "NO_RULE" },
	{ "emptied: the next one for the host", NULL, "b", 80, "web.a", "/x", "old[0] 201" },
	{ "emptied: the nearer gives way, too", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("b", "near", "hosts: [" A "], exportTo: ['.'], http: [{match: [{port: 81}], directResponse: {status: 201}}]")
	  VIRTUAL_SERVICE("a", "far", "hosts: [web], http: [{directResponse: {status: 202}}]"),
	  "b", 80, "web.a", NULL, "far[0] 202" },
	{ "emptied: no wildcard instead of the name", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{port: 81}], directResponse: {status: 201}}]")
	  VIRTUAL_SERVICE("a", "wild", "hosts: ['*.a.svc.cluster.local'], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "emptied: no second wildcard", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: ['*.a.svc.cluster.local'], http: [{match: [{port: 81}], directResponse: {status: 201}}]")
	  VIRTUAL_SERVICE("a", "wild", "hosts: ['*.svc.cluster.local'], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "a name without http rules hides wildcards, too", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], tcp: [{route: [{destination: {host: web}}]}]")
	  VIRTUAL_SERVICE("a", "wild", "hosts: ['*.a.svc.cluster.local'], http: [{directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "source labels", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{sourceLabels: {tier: t-b}}], directResponse: {status: 201}}, {directResponse: {status: 202}}]"),
	  "b", 80, "web.a", NULL, "vs[0] 201" },
	{ "source labels", NULL, "a", 80, "web", NULL, "vs[1] 202" },
	{ "gateways of a match switch its source off", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{gateways: [mesh], sourceNamespace: zz}], directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, "vs[0] 201" },
	{ "no gateways are none", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{gateways: [], sourceNamespace: zz}], directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "match for a gateway only", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], gateways: [g, mesh], http: [{match: [{gateways: [g]}], directResponse: {status: 201}}]"),
	  "a", 80, "web", NULL, DEFAULT_A },
	{ "alternatives that are left to each caller", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{sourceNamespace: a, uri: {exact: /x}}, {sourceNamespace: b, uri: {exact: /y}}], directResponse: {status: 201}}]"),
	  "a", 80, "web", "/x", "vs[0] 201" },
	{ "alternatives that are left to each caller", NULL, "b", 80, "web.a", "/x", "NO_RULE" },
	{ "alternatives that are left to each caller", NULL, "b", 80, "web.a", "/y", "vs[0] 201" },
	{ "port", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{port: 81}], directResponse: {status: 201}}, {match: [{port: 80}], directResponse: {status: 202}}]"),
	  "a", 80, "web", NULL, "vs[1] 202" },
	{ "first match in list order", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {prefix: /a}}], directResponse: {status: 201}}, {match: [{uri: {exact: /ab}}], directResponse: {status: 202}}]"),
	  "a", 80, "web", "/ab", "vs[0] 201" },
	{ "cut after a catch-all", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {exact: /q}}, {uri: {prefix: /}}], directResponse: {status: 201}}, {directResponse: {status: 202}}]"),
	  "a", 80, "web", "/z", "vs[0] 201" },
	{ "redirect", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{redirect: {uri: /b}}]"), "a", 80, "web", NULL, "vs[0] REDIRECT" },
	{ "redirect with a code that is none", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{redirect: {uri: /b, redirectCode: 304}}]"), "a", 80, "web", NULL, "vs[0] NOTHING" },

	/* destinations */
	{ "subset", CLIENTS WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "c", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "subset that is not there", CLIENTS WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v3") "}]"), "c", 80, "web.a", NULL, "vs[0] NC" },
	{ "unknown host", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: nobody}}]}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "half-short host", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: web.a}}]}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "port that is not of the service", CLIENTS WEB("a", "1")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: web, port: {number: 81}}}]}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "the only port", CLIENTS WEB("a", "1") SERVICE("a", "api", "http", "9000")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: api}}]}]"),
	  "a", 80, "web", NULL, "vs[0] outbound|9000||api.a.svc.cluster.local" },
	{ "the dialled port", CLIENTS WEB("a", "1")
	  DOC("v1", "Service", "a", "api", "spec: {ports: [{name: http, port: 79}, {name: http-b, port: 80}]}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: api}}]}]"),
	  "a", 80, "web", NULL, "vs[0] outbound|80||api.a.svc.cluster.local" },
	{ "the dialled port is none of its ports", CLIENTS WEB("a", "1")
	  DOC("v1", "Service", "a", "api", "spec: {ports: [{name: http, port: 79}, {name: http-b, port: 78}]}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: [{destination: {host: api}}]}]"), "a", 80, "web", NULL, "vs[0] NC" },

	/* which DestinationRule */
	{ "the caller's namespace hides the service's", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("b", "own", "host: " A ", trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "b", 80, "web.a", NULL, "vs[0] NC" },
	{ "the caller's namespace hides the service's", NULL, "c", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	/* ExternalName */
	{ "another name of a service", CLIENTS WEB("a", "1") ALIAS("alias", "web.a.svc.cluster.local.")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {prefix: /x}}], directResponse: {status: 201}},"
				     "{route: [{destination: {host: alias.b.svc.cluster.local, subset: v1}}]}]")
	  DESTINATION_RULE("a", "dr", "host: web, " SUBSETS),
	  "b", 80, "alias", "/x", "vs[0] 201" },
	{ "another name as destination", NULL, "a", 80, "web", NULL, "vs[1] outbound|80|v1|" A },
	{ "a name of a name", CLIENTS WEB("a", "1") ALIAS("first", "second.b.svc.cluster.local") ALIAS("second", A),
	  "b", 80, "first", NULL, DEFAULT_A },
	{ "names in a circle", CLIENTS ALIAS("first", "second.b.svc.cluster.local") ALIAS("second", "first.b.svc.cluster.local"),
	  "b", 80, "first", NULL, "default outbound|80||first.b.svc.cluster.local" },
	{ "a name outside the mesh", CLIENTS ALIAS("out", "www.example"),
	  "b", 80, "out", NULL, "default outbound|80||out.b.svc.cluster.local" },
	{ "not exported to the caller", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr", "host: web, exportTo: ['.'], " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "b", 80, "web.a", NULL, "vs[0] NC" },
	{ "not exported to the caller", NULL, "a", 80, "web", NULL, "vs[0] outbound|80|v2|" A },
	{ "not exported to its own namespace", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr", "host: web, exportTo: [b], " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "not exported to its own namespace", NULL, "b", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "a third namespace's rule does not count", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("b", "dr", "host: " A ", " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "c", 80, "web.a", NULL, "vs[0] NC" },
	{ "the root namespace", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("istio-system", "dr", "host: '*.a.svc.cluster.local', " SUBSETS)
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "c", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "callers of the root namespace do not take its public rules first",
	  CLIENT("istio-system", "127.0.0.5") WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("istio-system", "root", "host: " A ", trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "istio-system", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "callers of the root namespace take its private rules first",
	  CLIENT("istio-system", "127.0.0.5") WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("istio-system", "root", "host: " A ", exportTo: ['.'], trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "istio-system", 80, "web.a", NULL, "vs[0] NC" },
	{ "private by its name",
	  CLIENT("istio-system", "127.0.0.5") WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("istio-system", "root", "host: " A ", exportTo: [istio-system], trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "istio-system", 80, "web.a", NULL, "vs[0] NC" },
	{ "not private beside another namespace",
	  CLIENT("istio-system", "127.0.0.5") WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("istio-system", "root", "host: " A ", exportTo: ['.', b], trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "istio-system", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "not private with all",
	  CLIENT("istio-system", "127.0.0.5") WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("istio-system", "root", "host: " A ", exportTo: ['*'], trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"),
	  "istio-system", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "no inheritance from a wildcard rule", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "wild", "host: '*.a.svc.cluster.local', " SUBSETS)
	  DESTINATION_RULE("a", "dr", "host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "c", 80, "web.a", NULL, "vs[0] NC" },
	{ "equal hosts are merged", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr1", "host: web, subsets: [{name: v1, labels: {version: v1}}]")
	  DESTINATION_RULE("a", "dr2", "host: " A ", subsets: [{name: v2, labels: {version: v2}}]")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "c", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "workloadSelector", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("a", "sel", "host: web, workloadSelector: {matchLabels: {tier: t-a}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "workloadSelector", NULL, "b", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "workloadSelector of another namespace", CLIENTS WEB("a", "1")
	  DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
	  DESTINATION_RULE("a", "sel", "host: web, workloadSelector: {matchLabels: {app: client}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "b", 80, "web.a", NULL, "vs[0] outbound|80|v2|" A },
	{ "workloadSelector of the older one", CLIENTS WEB("a", "1")
	  DATED("DestinationRule", "a", "dr", NEWER, "host: web, " SUBSETS)
	  DATED("DestinationRule", "a", "sel", OLDER, "host: web, workloadSelector: {matchLabels: {app: client}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{" TO("web", "v2") "}]"), "a", 80, "web", NULL, "vs[0] NC" },
	{ "equal workloadSelectors are merged, others are not", CLIENTS WEB("a", "1")
	  DATED("DestinationRule", "a", "x", OLDER, "host: web, workloadSelector: {matchLabels: {tier: t-a}}, subsets: [{name: v1, labels: {version: v1}}]")
	  DATED("DestinationRule", "a", "y", NEWER, "host: web, workloadSelector: {matchLabels: {tier: t-a}}, subsets: [{name: v2, labels: {version: v2}}]")
	  DATED("DestinationRule", "a", "z", NEWER, "host: web, workloadSelector: {matchLabels: {app: client}}, subsets: [{name: v3, labels: {version: v1}}]")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {prefix: /3}}], " TO("web", "v3") "}, {" TO("web", "v2") "}]"),
	  "a", 80, "web", NULL, "vs[1] outbound|80|v2|" A },
	{ "equal workloadSelectors are merged, others are not", NULL, "a", 80, "web", "/3", "vs[0] NC" },

	/* exportTo of services, ServiceEntries */
	{ "Service not exported", CLIENTS
	  "---\n{apiVersion: v1, kind: Service, metadata: {namespace: a, name: web, annotations: {networking.istio.io/exportTo: '.'}}, spec: {ports: [{name: http, port: 80}]}}\n",
	  "b", 80, "web.a", NULL, "ALLOW_ANY" },
	{ "Service exported to its own", NULL, "a", 80, "web", NULL, DEFAULT_A },
	{ "an unseen service is no destination", CLIENTS SERVICE("b", "api", "http", "80")
	  "---\n{apiVersion: v1, kind: Service, metadata: {namespace: a, name: web, annotations: {networking.istio.io/exportTo: '.'}}, spec: {ports: [{name: http, port: 80}]}}\n"
	  VIRTUAL_SERVICE("b", "vs", "hosts: [api], http: [{route: [{destination: {host: " A "}}]}]"),
	  "b", 80, "api", NULL, "vs[0] NC" },
	{ "ServiceEntry", CLIENTS DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext",
	  "spec: {hosts: [api.example.com, '*.wild.com'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}"),
	  "b", 80, "api.example.com", NULL, "default outbound|80||api.example.com" },
	{ "ServiceEntry wildcard", NULL, "b", 80, "x.wild.com", NULL, "default outbound|80||*.wild.com" },
	{ "ServiceEntry wildcard as destination", CLIENTS WEB("a", "1") DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext",
	  "spec: {hosts: ['*.wild.com'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}")
	  VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{uri: {prefix: /x}}], route: [{destination: {host: '*.wild.com'}}]},"
			  " {route: [{destination: {host: a.wild.com}}]}]"), "a", 80, "web", "/x", "vs[0] outbound|80||*.wild.com" },
	{ "ServiceEntry wildcard: not the names under it", NULL, "a", 80, "web", "/", "vs[1] NC" },
	{ "ServiceEntry not exported", CLIENTS DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext",
	  "spec: {hosts: [api.example.com], exportTo: ['~'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}"),
	  "a", 80, "api.example.com", NULL, "ALLOW_ANY" },
	{ "VirtualService for a ServiceEntry", CLIENTS DOC("networking.istio.io/v1", "ServiceEntry", "a", "ext",
	  "spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}")
	  VIRTUAL_SERVICE("b", "vs", "hosts: ['*.example.com'], http: [{route: [{destination: {host: api.example.com}}]}]"),
	  "c", 80, "api.example.com", NULL, "vs[0] outbound|80||api.example.com" },
};

static void
test_route_http__resolves_hosts_rules_and_clusters(void **state)
{
	struct fixture f = { .mesh = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		const char *got;
		char head[256];

		if (r->yaml != NULL) {
			if (f.mesh != NULL)
				fixture_close(&f);
			fixture_open(&f, r->yaml);
		}
		snprintf(head, sizeof(head), "GET %s HTTP/1.1\nHost: %s\n",
			 r->path != NULL ? r->path : "/", r->host);
		got = fixture_route(&f, fixture_workload(&f, r->from, "client"), r->port, head);
		if (strcmp(got, r->want) != 0)
			fail_msg("row %zu, %s, from %s to %s: %s, not %s", i, r->what, r->from,
				 r->host, got, r->want);
	}
	fixture_close(&f);
}

/* A Host may be as long as a name in DNS, and no longer. */
static void
test_route_http__bounds_hosts(void **state)
{
	static const struct { int length; const char *want; } lengths[] = {
		{ 255, "vs[0] 201" }, { 256, "ALLOW_ANY" }, { 4000, "ALLOW_ANY" },
	};
	struct route_decision d;
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENTS VIRTUAL_SERVICE("a", "vs", "hosts: ['*.com', x.com], http: [{directResponse: {status: 201}}]"));
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct buf head = BUF_INIT;

		buf_puts(&head, "GET / HTTP/1.1\nHost: ");
		for (int n = 0; n < lengths[i].length - 4; n++)
			buf_putc(&head, n % 60 == 59 ? '.' : 'a');
		buf_puts(&head, ".com\n");
		assert_string_equal(fixture_route(&f, fixture_workload(&f, "a", "client"), 80, buf_str(&head)),
				    lengths[i].want);
		buf_fini(&head);
	}
	memset(&d, 0xff, sizeof(d));
	fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: x.com\n", &d, NULL);
	assert_null(d.service);
	fixture_close(&f);
}

static void
test_route_http__draws_by_weight(void **state)
{
	static const unsigned want[] = { 80, 10, 10, 0 };
	const unsigned draws = 20000;
	unsigned got[4] = { 0 };
	struct fixture f;
	const struct mesh_workload *w;

	(void)state;
	fixture_open(&f, CLIENTS WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS)
		VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{route: ["
			"{destination: {host: web, subset: v1}, weight: 80},"
			"{destination: {host: web, subset: v2}, weight: 10},"
			"{destination: {host: web, subset: v3}, weight: 10},"
			"{destination: {host: web}, weight: 0}]}]"));
	w = fixture_workload(&f, "a", "client");
	for (unsigned i = 0; i < draws; i++) {
		struct route_decision d;

		fixture_decide(&f, w, 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
		got[d.destination - d.rule->destinations]++;
		assert_int_equal(d.destination->cluster == NULL,
				 strcmp(d.destination->subset, "v3") == 0);
	}
	/* Five standard deviations of a binomial draw are below 300. */
	for (size_t i = 0; i < 4; i++)
		if (abs((int)got[i] - (int)(want[i] * draws / 100)) > 300)
			fail_msg("destination %zu: %u of %u", i, got[i], draws);
	assert_int_equal(got[3], 0);
	fixture_close(&f);
}

static void
test_route_http__takes_no_draw_for_one_destination(void **state)
{
	struct fixture f;
	struct rng before;

	(void)state;
	fixture_open(&f, CLIENTS WEB("a", "1"));
	before = f.rng;
	fixture_route(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n");
	assert_memory_equal(&before, &f.rng, sizeof(before));
	fixture_close(&f);
}

static void
test_mesh_compile__shares_what_is_equal(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENTS WEB("a", "1")
		VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{match: [{sourceLabels: {app: client}}], directResponse: {status: 200}}]"));
	assert_ptr_equal(fixture_workload(&f, "a", "web-v1")->routes,
			 fixture_workload(&f, "a", "web-v2")->routes);
	assert_ptr_not_equal(fixture_workload(&f, "a", "web-v1")->routes,
			     fixture_workload(&f, "a", "client")->routes);
	fixture_close(&f);
	fixture_open(&f, CLIENTS WEB("a", "1")
		DESTINATION_RULE("a", "dr", "host: web, workloadSelector: {matchLabels: {version: v1}}, " SUBSETS));
	assert_ptr_not_equal(fixture_workload(&f, "a", "web-v1")->routes,
			     fixture_workload(&f, "a", "web-v2")->routes);
	fixture_close(&f);
}

/* Callers whose DestinationRules differ for the mirror alone. */
static void
test_mesh_compile__tells_mirrors_apart(void **state)
{
	static const char *const mirrors[] = {
		"mirror: {host: api, subset: v1}", "mirrors: [{destination: {host: api, subset: v1}}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mirrors); i++) {
		struct route_decision d;
		struct buf yaml = BUF_INIT;
		struct fixture f;

		buf_printf(&yaml, CLIENTS WEB("a", "1") SERVICE("a", "api", "http", "80")
			   DESTINATION_RULE("b", "dr", "host: api.a.svc.cluster.local, " SUBSETS)
			   VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [{%s, route: [{destination: {host: web}}]}]"), mirrors[i]);
		fixture_open(&f, buf_str(&yaml));
		fixture_decide(&f, fixture_workload(&f, "a", "client"), 80, "GET / HTTP/1.1\nHost: web\n", &d, NULL);
		assert_null(d.rule->mirrors[0].cluster);
		fixture_decide(&f, fixture_workload(&f, "b", "client"), 80, "GET / HTTP/1.1\nHost: web.a\n", &d, NULL);
		assert_non_null(d.rule->mirrors[0].cluster);
		fixture_close(&f);
		buf_fini(&yaml);
	}
}

static void
test_mesh_compile__reports_routing_doubts(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENTS WEB("a", "1")
		VIRTUAL_SERVICE("a", "vs1", "hosts: [web], http: [{directResponse: {status: 200}}]")
		VIRTUAL_SERVICE("a", "vs2", "hosts: [web], http: [{route: [{destination: {host: web}}]}, {directResponse: {status: 200}}]")
		VIRTUAL_SERVICE("a", "vs3", "hosts: [web], tcp: [{route: [{destination: {host: web}}]}]"));
	assert_int_equal(fixture_problems(&f, "MT2001"), 1);
	assert_int_equal(fixture_problems(&f, "MT2002"), 1);
	assert_int_equal(fixture_problems(&f, "MT2003"), 0);
	fixture_close(&f);
	/* One that is not seen where the other is at home is no rival. */
	fixture_open(&f, CLIENTS WEB("a", "1")
		DATED("VirtualService", "b", "vs1", OLDER, "hosts: [" A "], exportTo: ['.'], http: [{directResponse: {status: 200}}]")
		DATED("VirtualService", "a", "vs2", NEWER, "hosts: [web], http: [{directResponse: {status: 200}}]"));
	assert_int_equal(fixture_problems(&f, "MT2001"), 0);
	fixture_close(&f);
	fixture_open(&f, CLIENTS WEB("a", "1")
		DATED("VirtualService", "b", "vs1", OLDER, "hosts: [" A "], http: [{directResponse: {status: 200}}]")
		DATED("VirtualService", "a", "vs2", NEWER, "hosts: [web], exportTo: ['.'], http: [{directResponse: {status: 200}}]"));
	assert_int_equal(fixture_problems(&f, "MT2001"), 0);
	fixture_close(&f);
}

static void
test_mesh_compile__tells_what_is_never_used(void **state)
{
	static const struct { const char *rules, *path; } cases[] = {
		{ "{directResponse: {status: 200}}, {directResponse: {status: 201}}", "spec.http[1]" },
		{ "{match: [{uri: {exact: /}}], directResponse: {status: 200}}, {match: [{uri: {exact: /b}}, {uri: {prefix: /}}],"
		  " directResponse: {status: 201}}, {directResponse: {status: 202}}", "spec.http[2]" },
		{ "{match: [{uri: {regex: '.*'}}], directResponse: {status: 200}}, {directResponse: {status: 201}}", "spec.http[1]" },
		{ "{match: [{}], directResponse: {status: 200}}, {directResponse: {status: 201}}", "spec.http[1]" },
		{ "{match: [], directResponse: {status: 200}}, {directResponse: {status: 201}}", "spec.http[1]" },
		{ "{match: [{uri: {prefix: /}, method: {exact: GET}}], directResponse: {status: 200}}, {directResponse: {status: 201}}", NULL },
		{ "{match: [{uri: {prefix: /a}}], directResponse: {status: 200}}, {directResponse: {status: 201}}", NULL },
		{ "{match: [{uri: {regex: '.+'}}], directResponse: {status: 200}}, {directResponse: {status: 201}}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf yaml = BUF_INIT;
		const char *path = NULL;
		struct fixture f;

		buf_printf(&yaml, CLIENTS WEB("a", "1") VIRTUAL_SERVICE("a", "vs", "hosts: [web], http: [%s]"), cases[i].rules);
		fixture_open(&f, buf_str(&yaml));
		for (size_t n = 0; n < f.problems.rows.len; n++)
			if (strcmp(f.problems.rows.items[n].code, "MT2002") == 0)
				path = f.problems.rows.items[n].path;
		if (path == NULL || cases[i].path == NULL ? path != cases[i].path : strcmp(path, cases[i].path) != 0)
			fail_msg("%s: %s", cases[i].rules, path != NULL ? path : "nothing");
		fixture_close(&f);
		buf_fini(&yaml);
	}
}

/* Of two for one host: is the younger one of any use? */
static const struct {
	const char *what, *hosts, *older, *want;
} rivals[] = {
	{ "a rule for all", "web", "{directResponse: {status: 200}}", "ignored" },
	{ "a rule for all behind one for some", "web",
	  "{match: [{port: 81}], directResponse: {status: 200}}, {directResponse: {status: 200}}", "ignored" },
	{ "a match for all beside one for some", "web",
	  "{match: [{sourceNamespace: b}, {uri: {exact: /}}], directResponse: {status: 200}}", "ignored" },
	{ "rules for some", "web",
	  "{match: [{sourceLabels: {a: b}}, {port: 81}], directResponse: {status: 200}}", "obeyed only where" },
	{ "rules for some, of a wildcard", "'*.a.svc.cluster.local'",
	  "{match: [{gateways: [g]}], directResponse: {status: 200}}", "ignored" },
};

static void
test_mesh_compile__tells_who_is_obeyed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rivals); i++) {
		struct buf yaml = BUF_INIT;
		struct fixture f;
		const char *said = "";

		buf_printf(&yaml, CLIENTS WEB("a", "1")
			   DATED("VirtualService", "a", "old", OLDER, "hosts: [%s], http: [%s]")
			   DATED("VirtualService", "a", "new", NEWER, "hosts: [%s], http: [{directResponse: {status: 201}}]"),
			   rivals[i].hosts, rivals[i].older, rivals[i].hosts);
		fixture_open(&f, buf_str(&yaml));
		for (size_t n = 0; n < f.problems.rows.len; n++)
			if (strcmp(f.problems.rows.items[n].code, "MT2001") == 0)
				said = f.problems.rows.items[n].message;
		if (strstr(said, rivals[i].want) == NULL)
			fail_msg("%s: \"%s\"", rivals[i].what, said);
		fixture_close(&f);
		buf_fini(&yaml);
	}
}

static const struct {
	const char *what, *spec, *from, *want;
} tcp_rows[] = {
	{ "no rule", NULL, "a", "outbound|3306||db.a.svc.cluster.local" },
	{ "http rules are not for tcp", "http: [{directResponse: {status: 200}}]", "a", "outbound|3306||db.a.svc.cluster.local" },
	{ "subset", "tcp: [{route: [{destination: {host: db, subset: v1}}]}]", "a", "vs[0] outbound|3306|v1|db.a.svc.cluster.local" },
	{ "unknown subset", "tcp: [{route: [{destination: {host: db, subset: v9}}]}]", "a", "vs[0] NC" },
	{ "port", "tcp: [{match: [{port: 1}], route: [{destination: {host: x}}]}, {match: [{port: 3306}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "namespace and gateways are both looked at", "tcp: [{match: [{gateways: [mesh], sourceNamespace: b}], route: [{destination: {host: x}}]}]",
	  "a", "outbound|3306||db.a.svc.cluster.local" },
	{ "no subnet: /2x", "tcp: [{match: [{destinationSubnets: ['127.9.9.9/2x']}], route: [{destination: {host: x}}]}, {match: [{port: 3306}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "no subnet: /", "tcp: [{match: [{destinationSubnets: ['127.9.9.9/']}], route: [{destination: {host: x}}]}, {match: [{port: 3306}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "no subnet: /+8", "tcp: [{match: [{destinationSubnets: ['127.9.9.9/+8']}], route: [{destination: {host: x}}]}, {match: [{port: 3306}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "no subnet: /33", "tcp: [{match: [{destinationSubnets: ['127.9.9.9/33']}], route: [{destination: {host: x}}]}, {match: [{port: 3306}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "subnet of the service", "tcp: [{match: [{destinationSubnets: [127.8.0.0/16]}], route: [{destination: {host: x}}]}, {match: [{destinationSubnets: [127.9.8.0/21]}], route: [{destination: {host: db}}]}]",
	  "a", "vs[1] outbound|3306||db.a.svc.cluster.local" },
	{ "no rule matches", "tcp: [{match: [{port: 1}], route: [{destination: {host: x}}]}]", "a", "outbound|3306||db.a.svc.cluster.local" },
};

static void
test_route_tcp__follows_the_rules_of_the_dialled_service(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tcp_rows); i++) {
		struct fixture f;
		struct buf yaml = BUF_INIT;
		const char *got;

		buf_puts(&yaml, CLIENTS DESTINATION_RULE("a", "dr", "host: db, " SUBSETS)
			 DOC("v1", "Service", "a", "db", "spec: {clusterIP: 127.9.9.9, ports: [{name: tcp, port: 3306}]}"));
		if (tcp_rows[i].spec != NULL)
			buf_printf(&yaml, VIRTUAL_SERVICE("a", "vs", "hosts: [db], %s"),
				   tcp_rows[i].spec);
		fixture_open(&f, buf_str(&yaml));
		got = fixture_tcp(&f, fixture_workload(&f, tcp_rows[i].from, "client"), "a", "db", 3306);
		if (strcmp(got, tcp_rows[i].want) != 0)
			fail_msg("%s: %s, not %s", tcp_rows[i].what, got, tcp_rows[i].want);
		fixture_close(&f);
		buf_fini(&yaml);
	}
}

static void
test_route_tcp__asks_the_next_of_several(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENTS DESTINATION_RULE("a", "dr", "host: db, " SUBSETS)
		DOC("v1", "Service", "a", "db", "spec: {clusterIP: 127.9.9.9, ports: [{name: tcp, port: 3306}]}")
		DATED("VirtualService", "a", "old", OLDER, "hosts: [db], tcp: [{match: [{sourceNamespace: b}], route: [{destination: {host: db, subset: v1}}]}]")
		DATED("VirtualService", "a", "new", NEWER, "hosts: ['*.a.svc.cluster.local'], tcp: [{route: [{destination: {host: db, subset: v2}}]}]"));
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "b", "client"), "a", "db", 3306),
			    "old[0] outbound|3306|v1|db.a.svc.cluster.local");
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "a", "client"), "a", "db", 3306),
			    "new[0] outbound|3306|v2|db.a.svc.cluster.local");
	fixture_close(&f);
}

static void
test_route_tcp__handles_unknown_destinations(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, CLIENTS);
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "a", "client"), "a", NULL, 1),
			    "PassthroughCluster");
	fixture_close(&f);
	fixture_open(&f, CLIENTS REGISTRY_ONLY);
	assert_string_equal(fixture_tcp(&f, fixture_workload(&f, "a", "client"), "a", NULL, 1),
			    "BLOCKED");
	fixture_close(&f);
}

static void
test_mesh_compile__holds_a_thousand_hosts(void **state)
{
	struct fixture f;
	struct buf yaml = BUF_INIT;
	const struct mesh_workload *w;
	char head[128], want[128];

	(void)state;
	buf_puts(&yaml, CLIENTS WEB("a", "1") DESTINATION_RULE("a", "dr", "host: web, " SUBSETS));
	for (int i = 0; i < 1000; i++)
		buf_printf(&yaml, SERVICE("a", "s%d", "http", "80")
			   VIRTUAL_SERVICE("a", "s%d", "hosts: [s%d], http: [{match: [{headers: {p: {exact: p%d}}}], "
					   "route: [{destination: {host: web, subset: v1}}]}, "
					   "{route: [{destination: {host: web, subset: v2}}]}]"),
			   i, i, i, i, i);
	fixture_open(&f, buf_str(&yaml));
	w = fixture_workload(&f, "a", "client");
	for (int i = 0; i < 1000; i++) {
		snprintf(head, sizeof(head), "GET / HTTP/1.1\nHost: s%d\np: p%d\n", i, i);
		snprintf(want, sizeof(want), "s%d[0] outbound|80|v1|" A, i);
		assert_string_equal(fixture_route(&f, w, 80, head), want);
	}
	/* Only what a route names: two subsets, web itself, and the fixed two. */
	assert_int_equal(f.mesh->cluster_count, 5);
	fixture_close(&f);
	buf_fini(&yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_http__resolves_hosts_rules_and_clusters),
		cmocka_unit_test(test_route_http__bounds_hosts),
		cmocka_unit_test(test_route_http__draws_by_weight),
		cmocka_unit_test(test_route_http__takes_no_draw_for_one_destination),
		cmocka_unit_test(test_mesh_compile__shares_what_is_equal),
		cmocka_unit_test(test_mesh_compile__tells_mirrors_apart),
		cmocka_unit_test(test_mesh_compile__reports_routing_doubts),
		cmocka_unit_test(test_mesh_compile__tells_what_is_never_used),
		cmocka_unit_test(test_mesh_compile__tells_who_is_obeyed),
		cmocka_unit_test(test_route_tcp__follows_the_rules_of_the_dialled_service),
		cmocka_unit_test(test_route_tcp__asks_the_next_of_several),
		cmocka_unit_test(test_route_tcp__handles_unknown_destinations),
		cmocka_unit_test(test_mesh_compile__holds_a_thousand_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
