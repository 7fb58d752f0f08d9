/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ServiceEntries and WorkloadEntries (spec/dataplane.md 1.4). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/value.h"
#include "src/istio/check_gateway.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"

#define HOSTS_MAX 256
#define PORTS_MAX 256

void
se_check_host(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && strcmp(text->text, "*") == 0)
		complain(c, text, NULL, "MT0026", "'*' cannot be registered: name the host or *.DOMAIN");
	else
		check_wildcard_domain(c, text);
	if (text->kind == VALUE_STRING && text->text[0] == '*' && text->text[1] != '.' &&
	    text->text[1] != '\0')
		complain(c, text, NULL, "MT0038", "'%.80s': part of a label as wildcard is taken by few "
			 "clients", text->text);
}

void
we_check_ports(struct checker *c, const struct value *map)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL)
		if (!syntax_is_dns_label(v->key, strlen(v->key)))
			complain(c, v, v->key, "MT0027", "'%.80s' is not the name of a port", v->key);
}

void
we_check(struct checker *c, const struct value *entry)
{
	const struct value *v = member(entry, "address");
	const char *address = value_text(v);
	bool is_unix = address != NULL && strncmp(address, "unix://", 7) == 0;
	size_t len = address != NULL ? strlen(address) : 0;

	if (len == 0) {
		if (member(entry, "network") == NULL)
			complain(c, entry, "address", "MT0022", "needs address (or network)");
		return;
	}
	if (v->kind != VALUE_STRING)
		return;
	if (is_unix && ((address[7] != '/' && address[7] != '@') || address[len - 1] == '/'))
		complain_member(c, entry, "address", "MT0033", "write unix:///PATH");
	else if (is_unix && member(entry, "ports") != NULL)
		complain_member(c, entry, "ports", "MT0029", "a unix:// address has no ports");
	else if (!is_unix && !host_is_ip(address) && !syntax_is_fqdn(address))
		complain_member(c, entry, "address", "MT0033", "'%.80s' is neither an address nor a host "
				"name", address);
}

static bool
is_kind_of_name(const char *address)
{
	return !host_is_ip(address) && strncmp(address, "unix://", 7) != 0;
}

static void
check_static(struct checker *c, const struct value *endpoints)
{
	size_t index = 0;

	VALUE_EACH(v, value_is_list(endpoints) ? endpoints : NULL) {
		const char *address = member_text(v, "address");
		char below[48];

		snprintf(below, sizeof(below), "endpoints[%zu].address", index++);
		if (address != NULL && address[0] != '\0' && is_kind_of_name(address))
			complain(c, member(v, "address"), below, "MT0033", "resolution STATIC needs an IP "
				 "address: write resolution: DNS for names");
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

static void
check_resolution(struct checker *c, const struct value *spec, const char *mode)
{
	const struct value *endpoints = member(spec, "endpoints");
	size_t count = endpoints != NULL ? endpoints->count : 0, index = 0;
	bool takes_ranges = strcmp(mode, "NONE") == 0 || strcmp(mode, "STATIC") == 0;

	if (strcmp(mode, "NONE") == 0 && count > 0)
		complain_member(c, spec, "endpoints", "MT0029", "resolution NONE has no endpoints: write "
				"resolution: STATIC or DNS");
	if (strcmp(mode, "STATIC") == 0)
		check_static(c, endpoints);
	if (strcmp(mode, "DNS_ROUND_ROBIN") == 0 && count > 1)
		complain_member(c, spec, "endpoints", "MT0023", "resolution DNS_ROUND_ROBIN has at most "
				"one endpoint");
	if (strncmp(mode, "DNS", 3) == 0)
		check_dns(c, spec);
	VALUE_EACH(a, member(spec, "addresses")) {
		char below[40];

		snprintf(below, sizeof(below), "addresses[%zu]", index++);
		if (!takes_ranges && value_text(a) != NULL && strchr(value_text(a), '/') != NULL)
			complain(c, a, below, "MT0033", "a range needs resolution NONE or STATIC");
	}
}

static const char *
number_of(const struct value *item)
{
	return member_text(item, "number");
}

/* Nothing but the address tells hosts apart on such ports. */
static void
check_plain_ports(struct checker *c, const struct value *spec, const char *mode)
{
	static const char *const plain[] = { "TCP", "MONGO", "REDIS", "MYSQL", "UDP" };
	const struct value *hosts = member(spec, "hosts");
	size_t index = 0;

	if (strcmp(mode, "NONE") == 0 || hosts == NULL || hosts->count < 2)
		return;
	VALUE_EACH(p, member(spec, "ports")) {
		const char *protocol = member_text(p, "protocol");
		char below[48];

		snprintf(below, sizeof(below), "ports[%zu].protocol", index++);
		for (size_t i = 0; i < 5 && protocol != NULL; i++)
			if (strcasecmp(plain[i], protocol) == 0)
				complain(c, member(p, "protocol"), below, "MT0029", "several hosts cannot be "
					 "told apart on a port of protocol %s", protocol);
	}
}

void
se_check(struct checker *c, const struct value *spec)
{
	const struct value *ports = member(spec, "ports"), *hosts = member(spec, "hosts");
	const char *mode = member_text(spec, "resolution");

	if (mode == NULL)
		mode = "NONE";
	unique_check(c, ports, "ports", "name", unique_member_name);
	unique_check(c, ports, "ports", "number", number_of);
	if (hosts != NULL && hosts->count > HOSTS_MAX)
		complain_member(c, spec, "hosts", "MT0023", "at most %d hosts", HOSTS_MAX);
	check_resolution(c, spec, mode);
	if (ports != NULL && ports->count > PORTS_MAX) {
		complain_member(c, spec, "ports", "MT0023", "at most %d ports", PORTS_MAX);
		return;
	}
	check_plain_ports(c, spec, mode);
	check_endpoint_ports(c, spec);
}
