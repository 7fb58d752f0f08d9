/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sidecars and PeerAuthentications (spec/dataplane.md 1.5, 1.6). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/istio/check_gateway.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

/* NS/HOST with NS "*", ".", "~", a name, or "~" and a name to exclude. */
void
sc_check_host(struct checker *c, const struct value *text)
{
	const char *s = text->text, *slash = text->kind == VALUE_STRING ? strchr(s, '/') : NULL;
	size_t len;

	if (text->kind != VALUE_STRING)
		return;
	if (slash == NULL) {
		complain(c, text, NULL, "MT0026", "'%.80s': write NAMESPACE/HOST, such as ./* or */*", s);
		return;
	}
	len = (size_t)(slash - s);
	if (len > 1 && s[0] == '~') {
		s++;
		len--;
	}
	if (!syntax_is_dns_label(s, len) && !(len == 1 && strchr("*.~", s[0]) != NULL))
		complain(c, text, NULL, "MT0027", "'%.*s' is not a namespace, '.', '*' or '~'",
			 (int)(len < 80 ? len : 80), s);
	gw_check_host_part(c, text, slash + 1);
}

void
sc_check_outbound(struct checker *c, const struct value *policy)
{
	const struct value *proxy = member(policy, "egressProxy");
	const char *mode = member_text(policy, "mode");

	if (proxy == NULL)
		return;
	if (mode == NULL || strcmp(mode, "ALLOW_ANY") != 0)
		complain_member(c, policy, "egressProxy", "MT0029", "needs mode: ALLOW_ANY");
	if (member(member(proxy, "port"), "number") == NULL)
		complain(c, proxy, "egressProxy.port", "MT0022", "an egressProxy needs port.number");
}

/* ADDRESS:PORT of the workload itself, or a socket. */
static bool
is_endpoint(const char *s)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", "[::1]", "[::]", "" };
	const char *colon = strrchr(s, ':');
	unsigned long port;
	char *end;

	if (strncmp(s, "unix://", 7) == 0)
		return gw_is_socket(s);
	if (colon == NULL || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (strlen(hosts[i]) == (size_t)(colon - s) && strncmp(hosts[i], s, (size_t)(colon - s)) == 0)
			return *end == '\0' && port >= 1 && port <= 65535;
	return false;
}

static void
check_ingress_tls(struct checker *c, const struct value *tls, const char *protocol)
{
	static const char *const excluded[] = { "subjectAltNames", "httpsRedirect", "credentialName",
						"credentialNames", "tlsCertificates" };
	const char *mode = member_text(tls, "mode");

	for (size_t i = 0; i < ARRAY_LEN(excluded); i++) {
		char below[40];

		snprintf(below, sizeof(below), "tls.%s", excluded[i]);
		if (member_set(tls, excluded[i]) != NULL)
			complain(c, member(tls, excluded[i]), below, "MT0029", "cannot stand in a Sidecar: "
				 "it is for Gateways");
	}
	if (mode != NULL && (strcmp(mode, "ISTIO_MUTUAL") == 0 || strcmp(mode, "AUTO_PASSTHROUGH") == 0))
		complain(c, member(tls, "mode"), "tls.mode", "MT0029", "mode %s is for Gateways", mode);
	if (!gw_is_tls(protocol))
		complain(c, tls, "tls", "MT0029", "a listener has TLS with protocol HTTPS or TLS only");
}

void
sc_check_ingress(struct checker *c, const struct value *listener)
{
	const struct value *pool = member(listener, "connectionPool"), *tls = member(listener, "tls");
	const char *protocol = member_text(member(listener, "port"), "protocol");
	const char *endpoint = member_text(listener, "defaultEndpoint"), *bind = member_text(listener, "bind");

	if (bind != NULL && bind[0] != '\0' && !host_is_ip(bind))
		complain_member(c, listener, "bind", "MT0033", "'%.80s' is not an IP address", bind);
	if (endpoint != NULL && endpoint[0] != '\0' && !is_endpoint(endpoint))
		complain_member(c, listener, "defaultEndpoint", "MT0033", "'%.80s': write 127.0.0.1:PORT, "
				"0.0.0.0:PORT, [::1]:PORT, [::]:PORT, :PORT or unix:///PATH", endpoint);
	if (tls != NULL)
		check_ingress_tls(c, tls, protocol);
	if (member(pool, "http") != NULL && !gw_is_http(protocol))
		complain(c, member(pool, "http"), "connectionPool.http", "MT0036", "has no effect: the "
			 "protocol of this port is not HTTP");
}

/* The namespace in front of the slash; "." is the object's own. */
static struct slice
namespace_of(const struct checker *c, const char *host)
{
	struct slice ns = { host, strcspn(host, "/") };

	return slice_is(ns, ".") ? slice_of(c->object->ns) : ns;
}

/* Does the first host of a listener take all that the second one takes? */
static bool
takes_host(const struct checker *c, const char *first, const char *second)
{
	const char *slash = strchr(first, '/'), *other = strchr(second, '/');

	if (slash == NULL || other == NULL || first[0] == '~' || second[0] == '~')
		return false;
	return strcmp(first, "*/*") == 0 ||
	       ((strcmp(slash, "/*") == 0 || strcmp(slash, other) == 0) &&
		slice_eq(namespace_of(c, first), namespace_of(c, second)));
}

/* A later one of the list that an earlier one takes, too. */
static void
check_repeated_hosts(struct checker *c, const struct value *hosts)
{
	size_t index = 0;

	VALUE_EACH(h, hosts) {
		const char *text = value_text(h);
		char below[40];

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		for (const struct value *w = hosts->first; w != h && index < 200 && text != NULL; w = w->next) {
			const char *other = value_text(w);

			if (other == NULL || !takes_host(c, other, text))
				continue;
			complain(c, h, below, "MT0036", "has no effect: '%.80s' stands before it", other);
			break;
		}
	}
}

/* A number needs an address, none or 0 needs a socket. */
static void
check_egress_bind(struct checker *c, const struct value *listener)
{
	const struct value *port = member(listener, "port");
	const char *bind = member_text(listener, "bind"), *capture = member_text(listener, "captureMode");
	bool is_socket = bind != NULL && strncmp(bind, "unix://", 7) == 0;
	int64_t number = 0;

	if (port == NULL)
		return;
	value_to_int(member(port, "number"), &number);
	if ((number == 0) != is_socket)
		complain(c, member(port, "number") != NULL ? member(port, "number") : port, "port.number",
			 "MT0023", is_socket ? "must be 0 beside a unix:// bind" :
			 "must be 1 to 65535, or bind must be unix:///PATH");
	if (is_socket && capture != NULL && strcmp(capture, "IPTABLES") == 0)
		complain_member(c, listener, "captureMode", "MT0029", "a socket captures nothing: DEFAULT or "
				"NONE");
}

void
sc_check_egress(struct checker *c, const struct value *listener)
{
	check_egress_bind(c, listener);
	if (value_is_list(member(listener, "hosts")))
		check_repeated_hosts(c, member(listener, "hosts"));
}

static void
check_egress(struct checker *c, const struct value *list)
{
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		char below[40];

		snprintf(below, sizeof(below), "egress[%zu].port", index++);
		if (member(v, "port") == NULL && v->next != NULL)
			complain(c, v, below, "MT0022", "only the last egress listener may be without "
				 "port");
	}
}

/* Of a listener with one. */
static const char *
number_of_port(const struct value *listener)
{
	const char *number = member_text(member(listener, "port"), "number");

	return number != NULL && strcmp(number, "0") != 0 ? number : NULL;
}

static const char *
socket_of(const struct value *listener)
{
	const char *bind = member_text(listener, "bind");

	return bind != NULL && strncmp(bind, "unix://", 7) == 0 ? bind : NULL;
}

void
sc_check(struct checker *c, const struct value *spec)
{
	static const char *const parts[] = { "ingress", "egress", "inboundConnectionPool",
					     "outboundTrafficPolicy" };
	bool is_empty = true;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct value *v = member(spec, parts[i]);

		is_empty &= v == NULL || (value_is_list(v) && v->count == 0);
	}
	if (is_empty)
		complain(c, spec, NULL, "MT0032", "a Sidecar needs ingress, egress, "
			 "inboundConnectionPool or outboundTrafficPolicy");
	check_selects_all(c, spec, "the Sidecar is for the whole namespace");
	check_egress(c, member(spec, "egress"));
	unique_check(c, member(spec, "ingress"), "ingress", "port.number", number_of_port);
	unique_check(c, member(spec, "egress"), "egress", "port.number", number_of_port);
	unique_check(c, member(spec, "egress"), "egress", "bind", socket_of);
}

void
pa_check_ports(struct checker *c, const struct value *map)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		char *end;
		unsigned long n = strtoul(v->key, &end, 10);

		if (v->key[0] < '0' || v->key[0] > '9' || *end != '\0' || n < 1 || n > 65535)
			complain_key(c, v, "MT0023", "'%.40s' is no port: 1 to 65535", v->key);
	}
}

void
pa_check(struct checker *c, const struct value *spec)
{
	const struct value *selector = member(spec, "selector");
	const struct value *labels = member(selector, "matchLabels");
	bool is_all = labels == NULL || labels->count == 0;

	if (selector != NULL && is_all)
		complain_member(c, spec, "selector", "MT0036", "has no effect without matchLabels: the "
				"policy is for the whole namespace");
	if (member(spec, "portLevelMtls") != NULL && is_all)
		complain_member(c, spec, "portLevelMtls", "MT0029", "needs selector.matchLabels: ports "
				"belong to workloads");
}
