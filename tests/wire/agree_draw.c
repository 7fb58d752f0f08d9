/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See agree_draw.h.  The words of rules and requests are drawn from the same
 * few, so that every condition holds now and then. */
#include "tests/wire/agree_draw.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/rng.h"

#define PICK(rng, table) ((table)[rng_below(rng, ARRAY_LEN(table))])

static const char fixed[] =
	"{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n"
	"---\n{apiVersion: v1, kind: Namespace, metadata: {name: far}}\n"
	"---\n{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}\n";

static bool
happens(struct rng *rng, unsigned percent)
{
	return rng_below(rng, 100) < percent;
}

static void
put_workload(struct buf *out, const char *ns, const char *name, const char *app, const char *version,
	     const char *net, unsigned last)
{
	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: %s, "
		   "namespace: %s}, spec: {address: \"%s.%u\", labels: {app: %s, version: %s}}}\n",
		   name, ns, net, last, app, version);
}

static void
put_service(struct buf *out, const char *name, const char *net, unsigned last)
{
	buf_printf(out, "---\n{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: shop}, spec: "
		   "{clusterIP: \"%s.%u\", selector: {app: %s}, ports: [{name: http, port: 8080, "
		   "targetPort: 9001}, {name: tls, port: 8443, targetPort: 9001}]}}\n", name, net, last, name);
}

/* Now and then what others may see of it. */
static void
put_export(struct rng *rng, struct buf *out)
{
	static const char *const lists[] = { ".", "'*'", "far", "shop, far" };

	if (happens(rng, 25))
		buf_printf(out, "exportTo: [%s], ", PICK(rng, lists));
}

static void
put_destination_rule(struct rng *rng, struct buf *out, const char *host)
{
	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: %s, "
		   "namespace: %s}, spec: {host: %s.shop.svc.cluster.local, ",
		   host, happens(rng, 80) ? "shop" : "far", host);
	put_export(rng, out);
	buf_printf(out, "subsets: [{name: v1, labels: {version: v1}}, {name: none, labels: {version: v9}}%s]}}\n",
		   happens(rng, 70) ? ", {name: v2, labels: {version: v2}}" : "");
}

/* A StringMatch for one of the words. */
static void
put_string_match(struct rng *rng, struct buf *out, const char *word, bool may_be_empty)
{
	switch (rng_below(rng, may_be_empty ? 5 : 4)) {
	case 0:
		buf_printf(out, "{exact: \"%s\"}", word);
		break;
	case 1:
		buf_printf(out, "{prefix: \"%.*s\"}", (int)(strlen(word) / 2 + 1), word);
		break;
	case 2:
		buf_printf(out, "{regex: \"%.*s.*\"}", (int)(strlen(word) / 2), word);
		break;
	case 3:
		buf_printf(out, "{regex: \"(?i)%s|nothing\"}", word);
		break;
	default:
		buf_puts(out, "{}");
	}
}

static const char *const paths[] = { "/a", "/ab", "/a/b", "/x", "/A", "/a//b", "/x/y.z" };
static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
static const char *const hosts[] = { "a", "b", "c", "a.shop", "b.shop", "c.shop.svc", "a.shop:8080",
	"a.shop.svc.cluster.local", "B.shop.svc.cluster.local.", "nosuch.example", "d.far", "entry.example",
	"void.example", "www.gate" };
static const char *const names[] = { "portal", "x-user", "accept" };
static const char *const values[] = { "uk", "it", "uka", "" };
static const char *const parameters[] = { "q", "user" };

/* One condition, always the same key once in a match. */
static void
put_condition(struct rng *rng, struct buf *out, unsigned kind)
{
	static const char *const keys[] = { "uri", "method", "authority", "scheme" };

	switch (kind) {
	case 0:
		buf_puts(out, "uri: ");
		put_string_match(rng, out, PICK(rng, paths), false);
		if (happens(rng, 20))
			buf_puts(out, ", ignoreUriCase: true");
		break;
	case 1:
	case 2:
	case 3:
		buf_printf(out, "%s: ", keys[kind]);
		put_string_match(rng, out, kind == 1 ? PICK(rng, methods) : kind == 2 ? PICK(rng, hosts) :
				 "http", false);
		break;
	case 4:
	case 5:
		buf_printf(out, "%s: {%s: ", kind == 4 ? "headers" : "withoutHeaders", PICK(rng, names));
		if (kind == 5 && happens(rng, 30))
			buf_puts(out, "{regex: \"*\"}");
		else
			put_string_match(rng, out, PICK(rng, values)[0] != '\0' ? "uk" : "it", kind == 4);
		buf_putc(out, '}');
		break;
	case 6:
		buf_printf(out, "queryParams: {%s: ", PICK(rng, parameters));
		put_string_match(rng, out, "uk", true);
		buf_putc(out, '}');
		break;
	case 7:
		buf_printf(out, "port: %d", happens(rng, 70) ? 8080 : 81);
		break;
	case 8:
		buf_printf(out, "sourceLabels: {version: %s}", happens(rng, 50) ? "v1" : "v2");
		break;
	case 9:
		buf_printf(out, "sourceNamespace: %s", happens(rng, 50) ? "shop" : "far");
		break;
	default:
		buf_printf(out, "gateways: [%s]", happens(rng, 70) ? "mesh" : "front");
	}
}

static void
put_match(struct rng *rng, struct buf *out)
{
	unsigned kind = (unsigned)rng_below(rng, 11);

	buf_putc(out, '{');
	put_condition(rng, out, kind);
	if (happens(rng, 35)) {
		buf_puts(out, ", ");
		put_condition(rng, out, (kind + 1 + (unsigned)rng_below(rng, 10)) % 11);
	}
	buf_putc(out, '}');
}

static void
put_destination(struct rng *rng, struct buf *out, int weight)
{
	static const char *const targets[] = { "a", "b", "a", "b", "c", "nobody",
		"b.shop.svc.cluster.local", "entry.example" };
	static const char *const subsets[] = { ", subset: v1", ", subset: v2", ", subset: none",
		", subset: missing", "", "" };
	static const char *const ports[] = { "", "", "", ", port: {number: 8080}", ", port: {number: 99}" };

	buf_printf(out, "{destination: {host: %s%s%s}", PICK(rng, targets), PICK(rng, subsets),
		   PICK(rng, ports));
	if (weight >= 0)
		buf_printf(out, ", weight: %d", weight);
	buf_putc(out, '}');
}

static void
put_route(struct rng *rng, struct buf *out)
{
	const unsigned count = 1 + (unsigned)rng_below(rng, 3);
	const unsigned all = (unsigned)rng_below(rng, count);

	buf_puts(out, "route: [");
	for (unsigned i = 0; i < count; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		put_destination(rng, out, count == 1 ? -1 : i == all ? 100 : 0);
	}
	buf_putc(out, ']');
	if (happens(rng, 15))
		buf_printf(out, ", fault: {abort: {percentage: {value: %d}, httpStatus: 418}}",
			   happens(rng, 70) ? 100 : 0);
	if (happens(rng, 15))
		buf_puts(out, ", rewrite: {uri: /other}");
	if (happens(rng, 40))
		buf_printf(out, ", corsPolicy: {allowOrigins: [{exact: http://uk}], unmatchedPreflights: %s}",
			   happens(rng, 50) ? "IGNORE" : "FORWARD");
	if (happens(rng, 15))
		buf_puts(out, ", timeout: 5s, retries: {attempts: 1}");
	if (happens(rng, 15))
		buf_puts(out, ", headers: {request: {set: {x-user: changed}, remove: [portal]}}");
}

static void
put_rule(struct rng *rng, struct buf *out, const char *name, unsigned index, bool may_delegate)
{
	static const char *const redirects[] = { "uri: /there, redirectCode: 302", "authority: else.where",
		"scheme: https, redirectCode: 307", "port: 81, redirectCode: 308", "uri: /a, redirectCode: 304",
		"derivePort: FROM_REQUEST_PORT, redirectCode: 303" };

	buf_printf(out, "{name: %s-%u, ", name, index);
	if (happens(rng, 85)) {
		buf_puts(out, "match: [");
		put_match(rng, out);
		if (happens(rng, 30)) {
			buf_puts(out, ", ");
			put_match(rng, out);
		}
		buf_puts(out, "], ");
	}
	if (happens(rng, 10) && may_delegate)
		buf_puts(out, "delegate: {name: delegate}");
	else if (happens(rng, 10))
		buf_printf(out, "redirect: {%s}", PICK(rng, redirects));
	else if (happens(rng, 10))
		buf_puts(out, "directResponse: {status: 404, body: {string: own}}");
	else
		put_route(rng, out);
	buf_putc(out, '}');
}

static const char *const server_names[] = { "v1.x", "v2.x", "deep.v1.x", "V2.X", "x", "other.y" };

static void
put_tls_match(struct rng *rng, struct buf *out, const char *net)
{
	static const char *const patterns[] = { "v1.x", "v2.x", "'*.x'", "'*.v1.x'", "v2.x, v1.x" };

	buf_printf(out, "{sniHosts: [%s]", PICK(rng, patterns));
	if (happens(rng, 30)) {
		buf_puts(out, ", ");
		put_condition(rng, out, 8 + (unsigned)rng_below(rng, 3));
	}
	if (happens(rng, 15))
		buf_printf(out, ", port: %d", happens(rng, 70) ? 8443 : 8080);
	if (happens(rng, 25))
		buf_printf(out, ", destinationSubnets: [%s%s]", net, happens(rng, 50) ? ".0/24" : ".2");
	buf_putc(out, '}');
}

/* Always to one destination for certain, as http rules. */
static void
put_tls_rule(struct rng *rng, struct buf *out, const char *net)
{
	bool has_two = happens(rng, 30);

	buf_puts(out, "{match: [");
	put_tls_match(rng, out, net);
	if (happens(rng, 30)) {
		buf_puts(out, ", ");
		put_tls_match(rng, out, net);
	}
	buf_puts(out, "], route: [");
	put_destination(rng, out, has_two ? 100 : -1);
	if (has_two) {
		buf_puts(out, ", ");
		put_destination(rng, out, 0);
	}
	buf_puts(out, "]}");
}

static void
put_tls_rules(struct rng *rng, struct buf *out, const char *net)
{
	const unsigned rules = 1 + (unsigned)rng_below(rng, 4);

	buf_puts(out, "tls: [");
	for (unsigned i = 0; i < rules; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		put_tls_rule(rng, out, net);
	}
	buf_putc(out, ']');
}

static void
put_virtual_service(struct rng *rng, struct buf *out, const char *net, const char *name,
		    const char *host)
{
	const unsigned rules = 1 + (unsigned)rng_below(rng, 5);

	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: %s, "
		   "namespace: shop%s}, spec: {hosts: [%s, '*.x'], ", name,
		   happens(rng, 30) ? ", creationTimestamp: '2020-01-01T00:00:00Z'" : "", host);
	put_export(rng, out);
	if (happens(rng, 60)) {
		put_tls_rules(rng, out, net);
		buf_puts(out, ", ");
	}
	buf_puts(out, "http: [");
	for (unsigned i = 0; i < rules; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		put_rule(rng, out, name, i, true);
	}
	buf_puts(out, "]}}\n");
}

static void
put_delegate(struct rng *rng, struct buf *out)
{
	buf_puts(out, "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: delegate, "
		 "namespace: shop}, spec: {");
	put_export(rng, out);
	buf_puts(out, "http: [");
	put_rule(rng, out, "delegate", 0, false);
	buf_puts(out, ", ");
	put_rule(rng, out, "delegate", 1, false);
	buf_puts(out, "]}}\n");
}

/* Hosts outside the mesh, one without an endpoint. */
static void
put_entries(struct rng *rng, struct buf *out, const char *net)
{
	buf_puts(out, "---\n{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: entry, "
		 "namespace: shop}, spec: {hosts: [entry.example], ");
	put_export(rng, out);
	buf_printf(out, "ports: [{number: 8080, name: http, protocol: HTTP, targetPort: 9001}], resolution: STATIC, "
		   "endpoints: [{address: \"%s.11\"}]}}\n", net);
	buf_puts(out, "---\n{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: void, "
		 "namespace: shop}, spec: {hosts: [void.example], "
		 "ports: [{number: 8080, name: http, protocol: HTTP}], resolution: STATIC, "
		 "workloadSelector: {labels: {app: nobody}}}}\n");
}

/* Hosts of servers and of rules overlap, and several have rules for one. */
static void
put_gateway(struct rng *rng, struct buf *out, const char *net)
{
	static const char *const servers[] = { "'*'", "'*.gate'", "www.gate, shop/a.shop", "'far/*', './*.gate'" };
	static const char *const bound[] = { "www.gate", "'*.gate'", "a.shop", "'*'" };

	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: front, namespace: "
		   "shop, annotations: {meshtop.io/role: gateway}}, spec: {address: \"%s.7\", labels: {app: front}}}\n", net);
	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: front, namespace: shop}, "
		   "spec: {selector: {app: front}, servers: [{port: {number: 8080, name: http, protocol: HTTP}, "
		   "hosts: [%s]}]}}\n", PICK(rng, servers));
	for (unsigned i = 0; i < 2; i++) {
		char name[16];

		snprintf(name, sizeof(name), "gate%u", i);
		buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: %s, "
			   "namespace: shop}, spec: {hosts: [%s], gateways: [front], http: [", name, PICK(rng, bound));
		put_rule(rng, out, name, 0, true);
		buf_puts(out, ", ");
		put_rule(rng, out, name, 1, true);
		buf_puts(out, "]}}\n");
	}
}

/* What its callers see of the mesh. */
static void
put_sidecar(struct rng *rng, struct buf *out)
{
	static const char *const seen[] = { "'*/*'", "./*", "shop/*", "'*/a.shop.svc.cluster.local'",
		"shop/b.shop.svc.cluster.local", "~shop/b.shop.svc.cluster.local, '*/*'" };

	buf_printf(out, "---\n{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: sidecar, "
		   "namespace: %s}, spec: {egress: [", happens(rng, 60) ? "shop" : "far");
	if (happens(rng, 30))
		buf_printf(out, "{port: {number: %d, name: http, protocol: HTTP}, hosts: [%s]}, ",
			   happens(rng, 50) ? 8080 : 8443, PICK(rng, seen));
	buf_printf(out, "{hosts: [%s]}]}}\n", PICK(rng, seen));
}

void
draw_mesh(struct rng *rng, const char *net, struct buf *out)
{
	static const char *const served[] = { "a", "b", "c" };

	buf_puts(out, fixed);
	put_workload(out, "shop", "client", "client", "v1", net, 5);
	put_workload(out, "far", "client", "client", "v2", net, 6);
	put_workload(out, "shop", "a-v1", "a", "v1", net, 11);
	put_workload(out, "shop", "a-v2", "a", "v2", net, 12);
	put_workload(out, "shop", "b-v1", "b", "v1", net, 21);
	put_workload(out, "shop", "b-v2", "b", "v2", net, 22);
	for (unsigned i = 0; i < ARRAY_LEN(served); i++) {
		char name[16];

		put_service(out, served[i], net, i + 1);
		if (happens(rng, 80))
			put_destination_rule(rng, out, served[i]);
		snprintf(name, sizeof(name), "vs%s", served[i]);
		if (happens(rng, 75))
			put_virtual_service(rng, out, net, name, served[i]);
	}
	if (happens(rng, 30))
		put_virtual_service(rng, out, net, "wild", "'*.shop.svc.cluster.local'");
	if (happens(rng, 30))
		put_sidecar(rng, out);
	if (happens(rng, 40))
		put_virtual_service(rng, out, net, "entry", "entry.example");
	put_delegate(rng, out);
	put_entries(rng, out, net);
	put_gateway(rng, out, net);
	if (happens(rng, 40))
		buf_puts(out, "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: "
			 "istio-system}, data: {mesh: '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}'}}\n");
}

void
draw_request(struct rng *rng, struct drawn_request *out)
{
	static const char *const targets[] = { "/a", "/ab", "/a/b", "/x", "/A", "/a//b", "/x/y.z",
		"/a?q=uk", "/x?user=uk&q", "/ab?q=it&q=uk", "/./a", "/x/../a", "/%61" };
	static const char *const lines[] = { "portal: uk", "portal: it", "x-user: uk", "x-user: ",
		"accept: uk", "accept: uka", "origin: http://uk", "origin: http://it" };

	*out = (struct drawn_request){ .from = happens(rng, 70) ? 5 : 6,
		.service = 1 + (unsigned)rng_below(rng, 2), .method = PICK(rng, methods),
		.target = PICK(rng, targets), .host = PICK(rng, hosts) };
	out->header_count = (size_t)rng_below(rng, 4);
	for (size_t i = 0; i < out->header_count; i++)
		out->headers[i] = PICK(rng, lines);
	if (happens(rng, 25)) {
		out->method = "OPTIONS";
		out->headers[0] = happens(rng, 50) ? "origin: http://uk" : "origin: http://it";
		out->headers[1] = "access-control-request-method: PUT";
		out->header_count = 2;
	}
	out->is_at_gateway = happens(rng, 20);
	if (out->is_at_gateway) {
		out->from = 9;
		out->service = 7;
	}
	out->is_tls = !out->is_at_gateway && happens(rng, 30);
	if (out->is_tls) {
		out->service = 1 + (unsigned)rng_below(rng, 3);
		out->server_name = happens(rng, 90) ? PICK(rng, server_names) : NULL;
	}
}
