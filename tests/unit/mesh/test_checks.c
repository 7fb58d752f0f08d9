/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All rows of a state: what only the compiled mesh knows, each thing once,
 * and what is less of a fault in documents without a mesh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "tests/unit/istio/rows.h"

#define DOC(api, kind, name, spec) "---\n{apiVersion: " api ", kind: " kind ", metadata: {name: " name \
	", namespace: x}, spec: {" spec "}}\n"
#define SERVICE(name, ports) DOC("v1", "Service", name, "ports: [" ports "]")
#define ENTRY(name, address) DOC("networking.istio.io/v1", "WorkloadEntry", name, "address: " address)
#define VS(spec) DOC("networking.istio.io/v1", "VirtualService", "a", spec)
#define DEPLOYMENT DOC("apps/v1", "Deployment", "a", "selector: {}, template: {metadata: {labels: {app: a}}," \
	" spec: {containers: [{name: a, image: nginx}]}}")
#define GATEWAY(label) DOC("networking.istio.io/v1", "Gateway", "g", "selector: {istio: " label "}, servers:" \
	" [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]")
#define HOSTS(ports) DOC("networking.istio.io/v1", "ServiceEntry", "e", "hosts: [a.com, b.com], addresses: [10.0.0.1]," \
	" resolution: DNS, ports: [" ports "]")
#define K8S_GATEWAY DOC("gateway.networking.k8s.io/v1", "Gateway", "g", "gatewayClassName: foreign, listeners:" \
	" [{name: a, port: 80, protocol: HTTP}]")
#define TO_A "route: [{destination: {host: a}}]"

static const struct rows_case meshes[] = {
	{ "http for tcp", SERVICE("a", "{name: tcp, port: 80}, {name: mysql-b, port: 81}") VS("hosts: [a], http: [{" TO_A "}]"),
	  "W MT2009 spec.http 4:120\n" },
	{ "http for one of the ports", SERVICE("a", "{name: tcp, port: 80}, {name: http, port: 81}")
	  VS("hosts: [a], http: [{" TO_A "}]"), "" },
	{ "http for what is sniffed", SERVICE("a", "{port: 80}") VS("hosts: [a], http: [{" TO_A "}]"), "" },
	{ "tcp for http", SERVICE("a", "{name: http, port: 80}") VS("hosts: [a], tcp: [{" TO_A "}]"),
	  "W MT2009 spec.tcp 4:119\n" },
	{ "tls for tcp", SERVICE("a", "{name: tcp, port: 80}") VS("hosts: [a, a.b], tls: [{match: [{sniHosts: [a.b]}], " TO_A "}]"),
	  "W MT2009 spec.tls 4:124\n" },
	{ "tls for one of the ports", SERVICE("a", "{name: tcp, port: 80}, {name: https, port: 81}")
	  VS("hosts: [a, a.b], tls: [{match: [{sniHosts: [a.b]}], route: [{destination: {host: a, port: {number: 81}}}]}]"), "" },
	{ "tcp for tls", SERVICE("a", "{name: tls, port: 80}") VS("hosts: [a], tcp: [{" TO_A "}]"),
	  "W MT2009 spec.tcp 4:119\n" },
	{ "tcp for tls, and for a gateway", SERVICE("a", "{name: tls, port: 80}") GATEWAY("g") VS("hosts: [a], gateways: [g, mesh],"
	  " tcp: [{" TO_A "}]"), "W KIA0302 spec.selector 4:105\n" },
	{ "tcp for a gateway", SERVICE("a", "{name: http, port: 80}") GATEWAY("g") VS("hosts: [a], gateways: [g],"
	  " tcp: [{" TO_A "}]"), "W KIA0302 spec.selector 4:105\n" },
	{ "tcp for the mesh, by its word", SERVICE("a", "{name: http, port: 80}") VS("hosts: [a], gateways: [mesh], tcp: [{" TO_A "}]"),
	  "W MT2009 spec.tcp 4:137\n" },
	{ "an endpoint by name", ENTRY("a", "a.com"), "W MT1008 spec.address 2:110\n" },
	{ "an endpoint by nothing", ENTRY("a", "a_b"), "E MT0033 spec.address 2:110\n" },
	{ "a delegate of nobody", SERVICE("a", "{port: 80}") VS("hosts: [a], http: [{delegate: {name: b}}]"),
	  "W MT2004 spec.http[0].delegate 4:132\n" },
	{ "a port by name that no pod has", DOC("v1", "Service", "a", "selector: {app: a}, ports: [{port: 80, targetPort: web}]")
	  "---\n{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: a}}, spec: {containers:"
	  " [{name: a, ports: [{containerPort: 80, name: http}]}]}}\n", "W MT1005 spec.ports 2:1\n" },
	{ "hosts that share what tells them apart", HOSTS("{number: 80, name: http, protocol: HTTP},"
	  " {number: 443, name: https, protocol: HTTPS}"), "" },
	{ "hosts that share what does not", HOSTS("{number: 443, name: https, protocol: HTTPS}")
	  DOC("networking.istio.io/v1", "ServiceEntry", "f", "hosts: [c.com], addresses: [10.0.0.1], resolution: DNS,"
	      " ports: [{number: 443, name: tcp, protocol: TCP}]"), "E MT1009 spec.addresses 4:1\n" },
	{ "an image of nobody", DEPLOYMENT, "W MT1001 spec.template.spec.containers[0].image 2:175\n" },
	{ "a gateway of nobody", GATEWAY("ingressgateway"), "W KIA0302 spec.selector 2:105\n" },
};

static const struct rows_case documents[] = {
	{ "an image of nobody", DEPLOYMENT, "info\ni MT1001 spec.template.spec.containers[0].image 2:175\n" },
	{ "Istio's own gateway", GATEWAY("ingressgateway"), "info\ni KIA0302 spec.selector 2:105\n" },
	{ "a gateway of nobody", GATEWAY("gate"), "W KIA0302 spec.selector 2:105\n" },
	{ "a class that may be there", K8S_GATEWAY, "W KIA1504 spec.gatewayClassName 2:119\n" },
	{ "a class that is not", K8S_GATEWAY "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata:"
	  " {name: other}}\n", "E KIA1504 spec.gatewayClassName 2:119\n" },
};

static void
test_checks_run__tells_what_the_mesh_knows(void **state)
{
	(void)state;
	rows_expect(meshes, ARRAY_LEN(meshes), ROWS_OF_MESH);
}

static void
test_checks_soften__documents_are_no_mesh(void **state)
{
	(void)state;
	rows_expect(documents, ARRAY_LEN(documents), ROWS_OF_DOCUMENTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks_run__tells_what_the_mesh_knows),
		cmocka_unit_test(test_checks_soften__documents_are_no_mesh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
