/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ServiceEntries and WorkloadEntries (spec/dataplane.md 1.4). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_gateway.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

static const char *
resolution_of(const struct value *spec)
{
	const char *mode = member_text(spec, "resolution");

	return mode != NULL ? mode : "NONE";
}

void
se_check_host(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && strcmp(text->text, "*") == 0)
		complain(c, text, NULL, "MT0026", "'*' cannot be registered: name the host or *.DOMAIN");
	else
		check_wildcard_domain(c, text);
	if (text->kind == VALUE_STRING && text->text[0] == '*' && text->text[1] != '.' &&
	    text->text[1] != '\0' && strcmp(resolution_of(c->object->spec), "DYNAMIC_DNS") != 0)
		complain(c, text, NULL, "MT0038", "'%.80s': part of a label as wildcard is taken by few "
			 "clients", text->text);
}

void
we_check_ports(struct checker *c, const struct value *map)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL)
		if (!syntax_is_dns_label(v->key, strlen(v->key)))
			complain_key(c, v, "MT0027", "'%.80s' is not the name of a port", v->key);
}

void
we_check(struct checker *c, const struct value *entry)
{
	const struct value *v = member(entry, "address");
	const char *address = value_text(v);
	bool is_unix = address != NULL && strncmp(address, "unix://", 7) == 0;

	if (address == NULL || address[0] == '\0') {
		if (member(entry, "network") == NULL)
			complain(c, entry, "address", "MT0022", "needs address (or network)");
		return;
	}
	if (v->kind != VALUE_STRING)
		return;
	if (is_unix && !gw_is_socket(address))
		complain_member(c, entry, "address", "MT0033", "write unix:///PATH");
	else if (is_unix && member(entry, "ports") != NULL)
		complain_member(c, entry, "ports", "MT0029", "a unix:// address has no ports");
	else if (!is_unix && !host_is_ip(address) && !syntax_is_fqdn(address))
		complain_member(c, entry, "address", "MT0033", "'%.80s' is neither an address nor a host "
				"name", address);
}

/* One endpoint of an entry, by the entry's resolution. */
static void
check_endpoint(struct checker *c, const struct value *spec, const struct value *endpoint, const char *at)
{
	const struct value *v = member(endpoint, "address"), *ports = member(spec, "ports");
	const char *address = value_text(v), *mode = resolution_of(spec);
	bool is_static = strcmp(mode, "STATIC") == 0;

	if (address == NULL || address[0] == '\0') {
		if (strncmp(mode, "DNS", 3) == 0 && member(endpoint, "network") != NULL)
			complain(c, endpoint, at, "MT0022", "resolution %s needs an address or a host name", mode);
		return;
	}
	if (strncmp(address, "unix://", 7) == 0) {
		if (!is_static)
			complain(c, v, at, "MT0033", "a unix:// address needs resolution: STATIC");
		else if (ports == NULL || ports->count != 1)
			complain(c, v, at, "MT0029", "a unix:// address needs an entry of exactly one port");
	} else if (is_static && !host_is_ip(address)) {
		complain(c, v, at, "MT0033", "resolution STATIC needs an IP address: write resolution: DNS "
			 "for names");
	}
}

static void
check_endpoints(struct checker *c, const struct value *spec)
{
	const struct value *endpoints = member(spec, "endpoints");
	size_t index = 0;

	VALUE_EACH(v, value_is_list(endpoints) ? endpoints : NULL) {
		char at[48];

		snprintf(at, sizeof(at), "endpoints[%zu].address", index++);
		check_endpoint(c, spec, v, at);
	}
}

/* Ports that endpoints rename are ports of the entry. */
static void
check_endpoint_ports(struct checker *c, const struct value *spec)
{
	size_t index = 0;

	VALUE_EACH(e, member(spec, "endpoints")) {
		const struct value *ports = member(e, "ports");

		VALUE_EACH(p, value_is_map(ports) ? ports : NULL) {
			bool is_known = false;
			char below[160];

			VALUE_EACH(q, member(spec, "ports")) {
				const char *name = member_text(q, "name");

				is_known |= name != NULL && strcmp(name, p->key) == 0;
			}
			snprintf(below, sizeof(below), "endpoints[%zu].ports.%.80s", index, p->key);
			if (!is_known)
				complain(c, p, below, "MT0027", "'%.80s' is no port of this entry", p->key);
		}
		index++;
	}
}

static void
check_dns(struct checker *c, const struct value *spec)
{
	const struct value *endpoints = member(spec, "endpoints");
	size_t index = 0;

	if (endpoints != NULL && endpoints->count > 0)
		return;
	VALUE_EACH(h, member(spec, "hosts")) {
		const char *host = value_text(h);
		char below[40];

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		if (host != NULL && host[0] == '*')
			complain(c, h, below, "MT0026", "a wildcard cannot be resolved: give endpoints or "
				 "resolution: NONE");
	}
}

/* Hosts are resolved as requests name them: nothing else may be known. */
static void
check_dynamic(struct checker *c, const struct value *spec)
{
	static const char *const excluded[] = { "addresses", "endpoints" };
	static const char *const protocols[] = { "HTTP", "TLS", "GRPC", "HTTP2" };
	size_t index = 0;

	for (size_t i = 0; i < ARRAY_LEN(excluded); i++)
		if (member(spec, excluded[i]) != NULL && member(spec, excluded[i])->count > 0)
			complain_member(c, spec, excluded[i], "MT0029", "excludes resolution DYNAMIC_DNS: hosts "
					"are resolved as requests name them");
	VALUE_EACH(h, member(spec, "hosts")) {
		char below[40];

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		if (value_text(h) != NULL && h->text[0] != '*')
			complain(c, h, below, "MT0026", "resolution DYNAMIC_DNS is for wildcards such as *.DOMAIN");
	}
	index = 0;
	VALUE_EACH(p, member(spec, "ports")) {
		const char *protocol = member_text(p, "protocol");
		bool is_fine = false;
		char below[40];

		for (size_t i = 0; i < ARRAY_LEN(protocols) && protocol != NULL; i++)
			is_fine |= strcasecmp(protocol, protocols[i]) == 0;
		snprintf(below, sizeof(below), "ports[%zu].protocol", index++);
		if (!is_fine)
			complain(c, protocol != NULL ? member(p, "protocol") : p, below, "MT0029",
				 "resolution DYNAMIC_DNS needs protocol HTTP, HTTP2, GRPC or TLS");
	}
}

static void
check_ranges(struct checker *c, const struct value *spec)
{
	size_t index = 0;

	VALUE_EACH(a, member(spec, "addresses")) {
		char below[40];

		snprintf(below, sizeof(below), "addresses[%zu]", index++);
		if (value_text(a) != NULL && strchr(value_text(a), '/') != NULL)
			complain(c, a, below, "MT0033", "a range needs resolution NONE or STATIC");
	}
}

static void
check_resolution(struct checker *c, const struct value *spec, const char *mode)
{
	const struct value *endpoints = member(spec, "endpoints");
	size_t count = endpoints != NULL ? endpoints->count : 0;

	if (strcmp(mode, "NONE") == 0 && count > 0)
		complain_member(c, spec, "endpoints", "MT0029", "resolution NONE has no endpoints: write "
				"resolution: STATIC or DNS");
	if (strcmp(mode, "NONE") == 0 && member(spec, "workloadSelector") != NULL)
		complain_member(c, spec, "workloadSelector", "MT0036", "has no effect with resolution NONE: "
				"write resolution: STATIC");
	if (strcmp(mode, "DNS_ROUND_ROBIN") == 0 && count > 1)
		complain_member(c, spec, "endpoints", "MT0023", "resolution DNS_ROUND_ROBIN has at most "
				"one endpoint");
	if (strncmp(mode, "DNS", 3) == 0)
		check_dns(c, spec);
	if (strcmp(mode, "DYNAMIC_DNS") == 0)
		check_dynamic(c, spec);
	else if (strcmp(mode, "NONE") != 0 && strcmp(mode, "STATIC") != 0)
		check_ranges(c, spec);
}

static const char *
number_of(const struct value *item)
{
	return member_text(item, "number");
}

/* Nothing but the address tells hosts apart on ports that are neither HTTP
 * nor TLS; that of a port without protocol is not known. */
static void
check_plain_ports(struct checker *c, const struct value *spec, const char *mode)
{
	const struct value *hosts = member(spec, "hosts");
	size_t index = 0;

	if (strcmp(mode, "NONE") == 0 || hosts == NULL || hosts->count < 2)
		return;
	VALUE_EACH(p, member(spec, "ports")) {
		const char *protocol = member_text(p, "protocol");
		char below[48];

		snprintf(below, sizeof(below), "ports[%zu].protocol", index++);
		if (!gw_is_http(protocol) && !gw_is_tls(protocol))
			complain(c, protocol != NULL ? member(p, "protocol") : p, below, "MT0029",
				 "several hosts cannot be told apart on a port %s%s",
				 protocol != NULL ? "of protocol " : "without protocol",
				 protocol != NULL ? protocol : "");
	}
}

/* An address that the engine can listen on? */
static bool
has_single_address(const struct value *spec)
{
	VALUE_EACH(a, member(spec, "addresses"))
		if (value_text(a) != NULL && strchr(value_text(a), '/') == NULL)
			return true;
	return false;
}

/* A plain TCP connection names no host, and the engine is where it was
 * dialled: what Envoy's original destination becomes without redirection. */
static void
tell_original_destination(struct checker *c, const struct value *spec)
{
	const char *host = value_text(value_at(member(spec, "hosts"), 0));
	const char *what = "connections do not pass the engine: it has no single address to listen on";
	size_t index = 0;

	if (host != NULL && has_single_address(spec))
		what = host_is_wildcard(host)
		       ? "connections are closed (UH): nothing tells which host of the wildcard is meant"
		       : "connections go to the host by its name, as the engine is at the address";
	VALUE_EACH(p, member(spec, "ports")) {
		const char *protocol = member_text(p, "protocol");
		char below[48];

		snprintf(below, sizeof(below), "ports[%zu].protocol", index++);
		if (protocol != NULL && !gw_is_http(protocol) && !gw_is_tls(protocol))
			complain(c, member(p, "protocol"), below, "MT2111", "%s", what);
	}
}

void
se_check(struct checker *c, const struct value *spec)
{
	const struct value *ports = member(spec, "ports");
	const char *mode = resolution_of(spec);

	unique_check(c, ports, "ports", "name", unique_member_name);
	unique_check(c, ports, "ports", "number", number_of);
	check_resolution(c, spec, mode);
	if (ports == NULL || ports->count == 0)
		complain(c, ports != NULL ? ports : spec, "ports", "MT0036", "has no effect without ports: "
			 "no connection is made to its hosts by name");
	if (ports != NULL && ports->count > SE_PORTS_MAX)
		return;			/* what follows compares by pairs */
	check_plain_ports(c, spec, mode);
	if (strcmp(mode, "NONE") == 0)
		tell_original_destination(c, spec);
	check_endpoints(c, spec);
	check_endpoint_ports(c, spec);
	check_selects_all(c, spec, "all workloads of the namespace are endpoints");
}
