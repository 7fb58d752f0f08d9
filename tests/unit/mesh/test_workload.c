/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads, services, endpoints, settings and mTLS of a compiled mesh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "tests/unit/mesh/fixture.h"

#define DEPLOYMENT(ns, name, extra, labels, pod) \
	DOC("apps/v1", "Deployment", ns, name, "spec: {" extra "template: {metadata: {labels: {" \
	    labels "}}, spec: {" pod "}}}")
#define HOTELS "containers: [{name: x, image: 'quay.io/kiali/demo_travels_hotels:v1'}]"
#define ENTRY(ns, name, meta, spec) \
	"---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: " ns \
	", name: " name ", " meta "}, spec: {" spec "}}\n"

static const char *
endpoints_text(const struct mesh_endpoint *items, size_t count)
{
	static char text[512];
	struct buf b = BUF_INIT;
	char address[ADDRESS_TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		address_text(&items[i].address, address);
		buf_printf(&b, "%s%s", i > 0 ? " " : "", address);
		if (items[i].host != NULL)
			buf_printf(&b, "=%s", items[i].host);
		if (items[i].instance != NULL)
			buf_printf(&b, "@%s", items[i].instance->name);
		if (items[i].weight != 1)
			buf_printf(&b, "*%u", items[i].weight);
	}
	assert_true(b.len < sizeof(text));
	memcpy(text, buf_str(&b), b.len + 1);
	buf_fini(&b);
	return text;
}

static const struct {
	const char *what, *yaml, *host;
	uint16_t port;
	const char *want;
} endpoint_rows[] = {
	{ "pods of a Deployment", SERVICE("a", "web", "http", "80")
	  DEPLOYMENT("a", "web-v1", "replicas: 2, ", "app: web", HOTELS), "web.a.svc.cluster.local", 80,
	  "127.70.64.1:80@web-v1-0 127.70.64.2:80@web-v1-1" },
	{ "an unknown image has no pods", SERVICE("a", "web", "http", "80")
	  DEPLOYMENT("a", "web-v1", "", "app: web", "containers: [{image: nginx}]"), "web.a.svc.cluster.local", 80, "" },
	{ "targetPort", DOC("v1", "Service", "a", "web", "spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
	  WORKLOAD("a", "w", "127.0.0.1", "app: web"), "web.a.svc.cluster.local", 80, "127.0.0.1:8080@w" },
	{ "named targetPort of a container", DOC("v1", "Service", "a", "web", "spec: {selector: {app: web}, ports: [{port: 80, targetPort: api}]}")
	  DEPLOYMENT("a", "web-v1", "", "app: web", "containers: [{image: kiali/demo_travels_hotels, ports: [{name: other, containerPort: 1}, {name: api, containerPort: 8000}]}]"),
	  "web.a.svc.cluster.local", 80, "127.70.64.1:8000@web-v1-0" },
	{ "named targetPort that leads nowhere", DOC("v1", "Service", "a", "web", "spec: {selector: {app: web}, ports: [{port: 80, targetPort: api}]}")
	  WORKLOAD("a", "w", "127.0.0.1", "app: web"), "web.a.svc.cluster.local", 80, "" },
	{ "ports of a WorkloadEntry", SERVICE("a", "web", "http", "80")
	  ENTRY("a", "w", "", "address: 127.0.0.1, labels: {app: web}, ports: {http: 9001}, weight: 3"), "web.a.svc.cluster.local", 80, "127.0.0.1:9001@w*3" },
	{ "other labels, other namespace", SERVICE("a", "web", "http", "80")
	  WORKLOAD("a", "w", "127.0.0.1", "app: other") WORKLOAD("b", "v", "127.0.0.2", "app: web"), "web.a.svc.cluster.local", 80, "" },
	{ "no selector selects nothing", DOC("v1", "Service", "a", "web", "spec: {ports: [{port: 80}]}")
	  WORKLOAD("a", "w", "127.0.0.1", "app: web"), "web.a.svc.cluster.local", 80, "" },
	{ "labels of metadata and spec", SERVICE("a", "web", "http", "80")
	  ENTRY("a", "w", "labels: {app: web}", "address: 127.0.0.1, labels: {version: v1}"), "web.a.svc.cluster.local", 80, "127.0.0.1:80@w" },
	{ "Pod with an address", SERVICE("a", "web", "http", "80")
	  "---\n{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: p, labels: {app: web}}, spec: {}, status: {podIP: 127.0.0.7}}\n",
	  "web.a.svc.cluster.local", 80, "127.0.0.7:80@p" },
	{ "Unix socket", SERVICE("a", "web", "http", "80") WORKLOAD("a", "w", "'unix:///run/x'", "app: web"),
	  "web.a.svc.cluster.local", 80, "unix:/run/x@w" },
	{ "ServiceEntry STATIC", DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], resolution: STATIC, ports: [{number: 80, name: http, targetPort: 8080}], endpoints: [{address: 127.0.0.1, ports: {http: 81}}, {address: 127.0.0.2, weight: 2}, {address: name}]}"),
	  "x.com", 80, "127.0.0.1:81 127.0.0.2:8080*2" },
	{ "ServiceEntry of known workloads", WORKLOAD("a", "w", "127.0.0.1", "app: web") DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], resolution: STATIC, ports: [{number: 80, name: http}], endpoints: [{address: 127.0.0.1}]}"),
	  "x.com", 80, "127.0.0.1:80@w" },
	{ "ServiceEntry workloadSelector", WORKLOAD("a", "w", "127.0.0.1", "app: web") DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], resolution: STATIC, ports: [{number: 80, name: http}], workloadSelector: {labels: {app: web}}}"),
	  "x.com", 80, "127.0.0.1:80@w" },
	{ "ServiceEntry DNS", DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], resolution: DNS, ports: [{number: 80, name: http}]}"), "x.com", 80, "0.0.0.0:80=x.com" },
	{ "ServiceEntry DNS with names", DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], resolution: DNS, ports: [{number: 80, name: http}], endpoints: [{address: y.com, ports: {http: 81}}]}"),
	  "x.com", 80, "0.0.0.0:81=y.com" },
	{ "ServiceEntry NONE", DOC("networking.istio.io/v1", "ServiceEntry", "a", "e",
	  "spec: {hosts: [x.com], ports: [{number: 80, name: http}]}"), "x.com", 80, "" },
	{ "ExternalName", DOC("v1", "Service", "a", "web", "spec: {type: ExternalName, externalName: y.com, ports: [{port: 80}]}"),
	  "web.a.svc.cluster.local", 80, "0.0.0.0:80=y.com" },
};

static void
test_mesh_compile__finds_the_endpoints_of_services(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(endpoint_rows); i++) {
		const struct mesh_service *s;
		const struct mesh_endpoint *items;
		struct fixture f;
		const char *got;
		size_t count;

		fixture_open(&f, endpoint_rows[i].yaml);
		s = mesh_service_of_host(f.mesh, endpoint_rows[i].host);
		if (s == NULL || mesh_service_port(s, endpoint_rows[i].port) == NULL)
			fail_msg("%s: no service or port", endpoint_rows[i].what);
		items = mesh_port_endpoints(f.mesh, s, mesh_service_port(s, endpoint_rows[i].port),
					    &count);
		got = endpoints_text(items, count);
		if (strcmp(got, endpoint_rows[i].want) != 0)
			fail_msg("%s: %s", endpoint_rows[i].what, got);
		fixture_close(&f);
	}
}

static void
test_mesh_compile__groups_replicas_into_workloads(void **state)
{
	const struct mesh_workload *out[4];
	const struct mesh_workload *w;
	struct fixture f;
	struct address a;

	(void)state;
	fixture_open(&f, SERVICE("a", "web", "http", "80")
		ENTRY("a", "w-1", "", "address: 127.0.0.1, labels: {app: web, service.istio.io/workload-name: web-v1}")
		ENTRY("a", "w-2", "labels: {service.istio.io/workload-name: web-v1}", "address: 127.0.0.2, labels: {app: web}")
		ENTRY("a", "alone", "", "address: 127.0.0.3, labels: {app: web, version: v2}, serviceAccount: sa")
		"---\n{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: p-1, ownerReferences: [{kind: ReplicaSet, name: web-v3-abc12}]}, spec: {}}\n");
	w = fixture_workload(&f, "a", "web-v1");
	assert_int_equal(w->instance_count, 2);
	assert_int_equal(w->desired, 2);
	assert_string_equal(w->app, "web");
	assert_null(w->version);
	assert_string_equal(w->canonical_service, "web");
	assert_string_equal(w->canonical_revision, "latest");
	assert_string_equal(w->service_account, "default");
	assert_string_equal(fixture_workload(&f, "a", "alone")->canonical_revision, "v2");
	assert_string_equal(fixture_workload(&f, "a", "alone")->service_account, "sa");
	assert_string_equal(fixture_workload(&f, "a", "web-v3")->canonical_service, "web-v3");
	assert_int_equal(address_parse(&a, "127.0.0.2:4711", NULL), 0);
	assert_string_equal(mesh_instance_of_address(f.mesh, &a)->name, "w-2");
	assert_int_equal(address_parse(&a, "127.0.0.9", NULL), 0);
	assert_null(mesh_instance_of_address(f.mesh, &a));
	assert_int_equal(mesh_service_workloads(mesh_find_service(f.mesh, "a", "web"), out, 4), 2);
	assert_string_equal(out[0]->name, "alone");
	assert_string_equal(out[1]->name, "web-v1");
	fixture_close(&f);
}

static void
test_mesh_compile__reads_annotations_of_workloads(void **state)
{
	const struct mesh_instance *i;
	struct fixture f;
	char text[ADDRESS_TEXT_BYTES];

	(void)state;
	fixture_open(&f,
		"---\n{apiVersion: v1, kind: Namespace, metadata: {name: off, labels: {istio-injection: disabled}}}\n"
		ENTRY("a", "fwd", "annotations: {meshtop.io/forward-to: '127.0.0.1:9001'}", "address: 127.0.0.5")
		ENTRY("a", "fwd-host", "annotations: {meshtop.io/forward-to: localhost}", "address: 127.0.0.6")
		ENTRY("a", "bad", "annotations: {meshtop.io/forward-to: somewhere, meshtop.io/egress: '127.0.0.1'}", "address: 127.0.0.7")
		ENTRY("a", "egress", "annotations: {meshtop.io/egress: '127.0.0.1:15001'}", "address: 127.0.0.8")
		ENTRY("a", "gw", "annotations: {meshtop.io/role: gateway}", "address: 127.0.0.9")
		ENTRY("a", "plain", "labels: {sidecar.istio.io/inject: 'false'}", "address: 127.0.0.10")
		ENTRY("off", "outside", "", "address: 127.0.0.11")
		DEPLOYMENT("a", "pod", "", "app: pod", HOTELS));
	i = fixture_workload(&f, "a", "fwd")->instances[0];
	assert_true(i->is_proxied_inbound);
	address_text(&i->forward_host, text);
	assert_string_equal(text, "127.0.0.1:9001");
	assert_int_equal(address_port(&fixture_workload(&f, "a", "fwd-host")->instances[0]->forward_host), 0);
	assert_false(fixture_workload(&f, "a", "bad")->instances[0]->is_proxied_inbound);
	assert_false(address_is_set(&fixture_workload(&f, "a", "bad")->egress));
	assert_int_equal(fixture_problems(&f, "MT1006"), 2);
	assert_int_equal(address_port(&fixture_workload(&f, "a", "egress")->egress), 15001);
	assert_true(fixture_workload(&f, "a", "gw")->is_gateway);
	assert_true(fixture_workload(&f, "a", "fwd")->has_proxy);
	assert_false(fixture_workload(&f, "a", "plain")->has_proxy);
	assert_null(fixture_workload(&f, "a", "plain")->routes);
	assert_false(fixture_workload(&f, "off", "outside")->has_proxy);
	i = fixture_workload(&f, "a", "pod")->instances[0];
	assert_true(i->is_proxied_inbound);
	assert_string_equal(i->forward_unix_dir, "/run");
	fixture_close(&f);
}

static void
test_mesh_compile__says_how_many_copies_are_left_out(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f,
		DEPLOYMENT("a", "few", "replicas: 2, ", "app: few", HOTELS)
		DEPLOYMENT("a", "many", "replicas: 99999, ", "app: many", HOTELS));
	assert_int_equal(fixture_workload(&f, "a", "few")->instance_count, 2);
	assert_int_equal(fixture_workload(&f, "a", "many")->instance_count, 1000);
	assert_int_equal(fixture_problems(&f, "MT1015"), 1);
	fixture_close(&f);
}

#define EXTERNAL(name, host, protocol) \
	DOC("networking.istio.io/v1", "ServiceEntry", "a", name, \
	    "spec: {hosts: [" host "], addresses: [127.9.0.1], resolution: STATIC, " \
	    "ports: [{number: 80, name: p, protocol: " protocol "}]}")

/* By Host, but bytes of TCP have none. */
static void
test_mesh_compile__lets_entries_share_an_address_for_http(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, EXTERNAL("x", "x.example, y.example", "HTTP") EXTERNAL("z", "z.example", "HTTP2"));
	assert_int_equal(fixture_problems(&f, "MT1009"), 0);
	fixture_close(&f);
	fixture_open(&f, EXTERNAL("x", "x.example", "HTTP") EXTERNAL("z", "z.example", "TCP"));
	assert_int_equal(fixture_problems(&f, "MT1009"), 1);
	fixture_close(&f);
}

static void
test_mesh_compile__reports_addresses_that_clash(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f,
		DOC("v1", "Service", "a", "x", "spec: {clusterIP: 127.9.0.1, ports: [{port: 80}]}")
		DOC("v1", "Service", "a", "y", "spec: {clusterIP: 127.9.0.1, ports: [{port: 80}, {port: 81}]}")
		DOC("v1", "Service", "a", "z", "spec: {clusterIP: nonsense, ports: [{port: 80}]}")
		WORKLOAD("a", "v", "127.0.0.1", "app: v") WORKLOAD("a", "w", "127.0.0.1", "app: w"));
	assert_int_equal(fixture_problems(&f, "MT1009"), 1);
	assert_int_equal(fixture_problems(&f, "MT1002"), 1);
	assert_int_equal(fixture_problems(&f, "MT1003"), 1);
	assert_int_equal(mesh_find_service(f.mesh, "a", "x")->ports[0].listen_count, 1);
	assert_int_equal(mesh_find_service(f.mesh, "a", "y")->ports[0].listen_count, 0);
	assert_int_equal(mesh_find_service(f.mesh, "a", "y")->ports[1].listen_count, 1);
	assert_string_equal(mesh_instance_of_address(
		f.mesh, &f.mesh->instances[1]->address)->name, "v");
	fixture_close(&f);
}

/* explain and wizards run without an engine that has given addresses. */
static void
test_mesh_compile__counts_unaddressed_pods_for_readers(void **state)
{
	struct addresses *none = addresses_new(0);
	struct fixture f;
	struct mesh *m;
	size_t count;

	(void)state;
	fixture_open(&f, SERVICE("a", "web", "http", "80")
		DEPLOYMENT("a", "web", "replicas: 2, ", "app: web", HOTELS));
	addresses_set_read_only(none, true);
	for (int i = 0; i < 3; i++) {
		const struct mesh_service *s;

		/* No table, a table to read, a table to fill that has no block. */
		if (i == 2)
			addresses_set_read_only(none, false);
		m = mesh_compile(f.snapshot, i == 0 ? NULL : none, NULL, NULL);
		s = mesh_find_service(m, "a", "web");
		mesh_port_endpoints(m, s, &s->ports[0], &count);
		assert_int_equal(count, i == 2 ? 0 : 2);
		assert_int_equal(s->instance_count, 2);
		assert_int_equal(s->ports[0].listen_count, 0);
		mesh_put(&m);
	}
	addresses_free(&none);
	fixture_close(&f);
}

static void
test_mesh_compile__assigns_no_explicit_address(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, SERVICE("a", "auto", "http", "80")
		DOC("v1", "Service", "a", "own", "spec: {clusterIP: 127.70.0.1, ports: [{port: 80}]}")
		WORKLOAD("a", "w", "127.70.64.1", "app: w") DEPLOYMENT("a", "pod", "", "app: pod", HOTELS));
	assert_int_equal(f.problems.rows.len, 0);
	assert_int_equal(mesh_find_service(f.mesh, "a", "own")->ports[0].listen_count, 1);
	assert_string_equal(endpoints_text(&(struct mesh_endpoint){
		.address = mesh_find_service(f.mesh, "a", "auto")->ports[0].listen[0], .weight = 1 }, 1),
		"127.70.0.2:80");
	assert_string_equal(endpoints_text(&(struct mesh_endpoint){
		.address = fixture_workload(&f, "a", "pod")->instances[0]->address, .weight = 1 }, 1),
		"127.70.64.2:0");
	fixture_close(&f);
}

static void
test_mesh_instance_inbound__has_one_row_a_port(void **state)
{
	const struct mesh_inbound *in;
	struct fixture f;
	size_t count;

	(void)state;
	fixture_open(&f, SERVICE("a", "web", "http", "8000") SERVICE("a", "api", "http", "8000")
		DOC("v1", "Service", "a", "db", "spec: {selector: {app: web}, ports: [{name: tcp, port: 1, targetPort: 3306}]}")
		DEPLOYMENT("a", "web", "", "app: web", "containers: [{image: kiali/demo_travels_hotels, ports: [{containerPort: 9000}, {containerPort: 8000}]}]"));
	in = mesh_instance_inbound(f.mesh, fixture_workload(&f, "a", "web")->instances[0], &count);
	assert_int_equal(count, 3);
	assert_int_equal(in[0].port, 3306);
	assert_int_equal(in[0].protocol, PORT_TCP);
	assert_int_equal(in[1].port, 8000);
	assert_string_equal(in[1].service->name, "web");
	assert_int_equal(in[2].port, 9000);
	assert_null(in[2].service);
	fixture_close(&f);
}

static void
test_mesh_compile__reads_mesh_config(void **state)
{
	const struct mesh_settings *s;
	struct fixture f;

	(void)state;
	fixture_open(&f, SERVICE("a", "web", "http", "80"));
	s = &f.mesh->settings;
	assert_true(s->allow_any);
	assert_false(s->http10);
	assert_string_equal(s->root_namespace, "istio-system");
	assert_int_equal(s->normalize, NORMALIZE_BASE);
	assert_int_equal(s->request_head_ms, 10000);
	assert_int_equal(s->allowed_uid_count, 0);
	fixture_close(&f);
	fixture_open(&f, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
		"data:\n  mesh: |\n    outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n    rootNamespace: root\n"
		"    accessLogFile: /dev/stdout\n    accessLogEncoding: JSON\n    pathNormalization: {normalization: MERGE_SLASHES}\n"
		"    unknownField: 1\n    defaultConfig:\n      proxyMetadata:\n        ISTIO_META_HTTP10: \"1\"\n"
		"        ISTIO_META_IDLE_TIMEOUT: 90s\n        MESHTOP_REQUEST_HEAD_TIMEOUT: soon\n"
		"        MESHTOP_ALLOW_UIDS: \"0,1000, 1001\"\n        DISABLE_SHADOW_HOST_SUFFIX: \"false\"\n");
	s = &f.mesh->settings;
	assert_false(s->allow_any);
	assert_true(s->http10);
	assert_true(s->adds_shadow_suffix);
	assert_true(s->access_log_json);
	assert_string_equal(s->access_log_file, "/dev/stdout");
	assert_string_equal(s->root_namespace, "root");
	assert_int_equal(s->normalize, NORMALIZE_MERGE);
	assert_int_equal(s->downstream_idle_ms, 90000);
	assert_int_equal(s->request_head_ms, 10000);
	assert_int_equal(s->allowed_uid_count, 3);
	assert_int_equal(s->allowed_uids[2], 1001);
	assert_int_equal(fixture_problems(&f, "MT1007"), 1);
	fixture_close(&f);
	fixture_open(&f, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
		     "data: {mesh: '{[', other: x}\n");
	assert_int_equal(fixture_problems(&f, "MT1007"), 1);
	assert_true(f.mesh->settings.allow_any);
	fixture_close(&f);
}

#define PEER_AUTH(ns, name, spec) DOC("security.istio.io/v1", "PeerAuthentication", ns, name, "spec: {" spec "}")

static const struct {
	const char *yaml;
	uint16_t port;
	enum mtls_mode want;
} mtls_rows[] = {
	{ "", 80, MTLS_PERMISSIVE },
	{ PEER_AUTH("istio-system", "m", "mtls: {mode: STRICT}"), 80, MTLS_STRICT },
	{ PEER_AUTH("istio-system", "m", "mtls: {mode: STRICT}") PEER_AUTH("a", "n", "mtls: {mode: UNSET}"), 80, MTLS_STRICT },
	{ PEER_AUTH("istio-system", "m", "mtls: {mode: STRICT}") PEER_AUTH("a", "n", "mtls: {mode: DISABLE}"), 80, MTLS_DISABLE },
	{ PEER_AUTH("b", "n", "mtls: {mode: DISABLE}"), 80, MTLS_PERMISSIVE },
	{ PEER_AUTH("a", "n", "mtls: {mode: DISABLE}") PEER_AUTH("a", "w", "selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}"), 80, MTLS_STRICT },
	{ PEER_AUTH("a", "w", "selector: {matchLabels: {app: other}}, mtls: {mode: STRICT}"), 80, MTLS_PERMISSIVE },
	{ PEER_AUTH("a", "w", "selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}"), 8080, MTLS_DISABLE },
	{ PEER_AUTH("a", "w", "selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}"), 80, MTLS_STRICT },
	{ PEER_AUTH("a", "bbb", "mtls: {mode: STRICT}")
	  "---\n{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {namespace: a, name: aaa, creationTimestamp: '2020-01-01T00:00:00Z'}, spec: {mtls: {mode: DISABLE}}}\n"
	  "---\n{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {namespace: a, name: zzz, creationTimestamp: '2019-01-01T00:00:00Z'}, spec: {mtls: {mode: PERMISSIVE}}}\n",
	  80, MTLS_STRICT },
};

static void
test_mesh_mtls_mode__composes_the_levels(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mtls_rows); i++) {
		struct fixture f;
		struct buf yaml = BUF_INIT;
		enum mtls_mode got;

		buf_puts(&yaml, WORKLOAD("a", "web", "127.0.0.1", "app: web"));
		buf_puts(&yaml, mtls_rows[i].yaml);
		fixture_open(&f, buf_str(&yaml));
		got = mesh_mtls_mode(f.mesh, fixture_workload(&f, "a", "web"), mtls_rows[i].port);
		if (got != mtls_rows[i].want)
			fail_msg("row %zu: %d", i, (int)got);
		fixture_close(&f);
		buf_fini(&yaml);
	}
}

static void
test_mesh_compile__names_protocols_of_ports(void **state)
{
	static const struct { const char *port; int protocol; } ports[] = {
		{ "name: http", PORT_HTTP }, { "name: http-a-b", PORT_HTTP }, { "name: HTTP-a", PORT_HTTP },
		{ "name: http2-a", PORT_HTTP2 }, { "name: grpc-a", PORT_GRPC }, { "name: grpc-web-a", PORT_GRPC },
		{ "name: https-a", PORT_HTTPS }, { "name: tls", PORT_TLS }, { "name: tcp-a", PORT_TCP },
		{ "name: mongo-a", PORT_TCP }, { "name: mysql", PORT_TCP }, { "name: redis-a", PORT_TCP },
		{ "name: httpa", PORT_SNIFFED }, { "name: a-http", PORT_SNIFFED }, { "name: web", PORT_SNIFFED },
		{ "name: http, appProtocol: redis", PORT_TCP }, { "name: tcp, appProtocol: http", PORT_HTTP },
		{ "name: tcp, appProtocol: http-a", PORT_HTTP }, { "name: tcp, appProtocol: grpc-web", PORT_GRPC },
		{ "name: tcp, appProtocol: kubernetes.io/h2c", PORT_HTTP2 },
		{ "name: tcp, appProtocol: kubernetes.io/ws", PORT_HTTP },
		{ "name: tcp, appProtocol: kubernetes.io/wss", PORT_HTTPS },
		{ "name: http, appProtocol: example.com/a", PORT_SNIFFED }, { "name: http, appProtocol: ''", PORT_HTTP },
		{ "name: http, protocol: UDP", -1 }, { "name: http, protocol: TCP", PORT_HTTP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		const struct mesh_port *p;
		struct fixture f;
		char yaml[512];

		snprintf(yaml, sizeof(yaml), DOC("v1", "Service", "a", "web", "spec: {ports: [{port: 81, %s}]}"), ports[i].port);
		fixture_open(&f, yaml);
		p = mesh_service_port(mesh_find_service(f.mesh, "a", "web"), 81);
		if ((p != NULL ? (int)p->protocol : -1) != ports[i].protocol)
			fail_msg("%s: %d", ports[i].port, p != NULL ? (int)p->protocol : -1);
		fixture_close(&f);
	}
}

/* Where a server speaks first, and the name says nothing. */
static void
test_mesh_compile__sniffs_no_server_that_speaks_first(void **state)
{
	static const struct { unsigned port; const char *name; int protocol; } ports[] = {
		{ 25, "a", PORT_TCP }, { 53, "a", PORT_TCP }, { 3306, "a", PORT_TCP }, { 27017, "a", PORT_TCP },
		{ 3306, "http", PORT_HTTP }, { 3307, "a", PORT_SNIFFED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		struct fixture f;
		char yaml[512];

		snprintf(yaml, sizeof(yaml), DOC("v1", "Service", "a", "web", "spec: {ports: [{port: %u, name: %s}]}"),
			 ports[i].port, ports[i].name);
		fixture_open(&f, yaml);
		assert_int_equal(mesh_service_port(mesh_find_service(f.mesh, "a", "web"), (uint16_t)ports[i].port)->protocol,
				 ports[i].protocol);
		fixture_close(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mesh_compile__finds_the_endpoints_of_services),
		cmocka_unit_test(test_mesh_compile__groups_replicas_into_workloads),
		cmocka_unit_test(test_mesh_compile__says_how_many_copies_are_left_out),
		cmocka_unit_test(test_mesh_compile__reads_annotations_of_workloads),
		cmocka_unit_test(test_mesh_compile__lets_entries_share_an_address_for_http),
		cmocka_unit_test(test_mesh_compile__reports_addresses_that_clash),
		cmocka_unit_test(test_mesh_compile__counts_unaddressed_pods_for_readers),
		cmocka_unit_test(test_mesh_compile__assigns_no_explicit_address),
		cmocka_unit_test(test_mesh_instance_inbound__has_one_row_a_port),
		cmocka_unit_test(test_mesh_compile__reads_mesh_config),
		cmocka_unit_test(test_mesh_mtls_mode__composes_the_levels),
		cmocka_unit_test(test_mesh_compile__names_protocols_of_ports),
		cmocka_unit_test(test_mesh_compile__sniffs_no_server_that_speaks_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
