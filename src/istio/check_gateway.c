/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateways and TLS of servers (spec/dataplane.md 1.3). */
#include "src/istio/check_gateway.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

void
gw_check_bind(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && text->len > 0 && !host_is_ip(text->text) &&
	    strncmp(text->text, "unix:///", 8) != 0)
		complain(c, text, NULL, "MT0033", "'%.80s' is neither an IP address nor unix:///PATH",
			 text->text);
}

/* [NS/]HOST */
void
gw_check_host(struct checker *c, const struct value *text)
{
	const char *slash = text->kind == VALUE_STRING ? strchr(text->text, '/') : NULL;
	const char *host = slash != NULL ? slash + 1 : text->text;
	size_t ns_len = slash != NULL ? (size_t)(slash - text->text) : 0;

	if (text->kind != VALUE_STRING)
		return;
	if (slash != NULL && !syntax_is_dns_label(text->text, ns_len) &&
	    !(ns_len == 1 && (text->text[0] == '*' || text->text[0] == '.')))
		complain(c, text, NULL, "MT0027", "'%.*s' is not a namespace, '.' or '*'",
			 (int)(ns_len < 80 ? ns_len : 80), text->text);
	if (strcmp(host, "*") == 0 || host_is_ip(host))
		return;
	if (!syntax_is_wildcard_domain(host) || (host[0] == '*' && host[1] != '.'))
		complain(c, text, NULL, "MT0026", "'%.80s' is not a host name or *.DOMAIN", host);
	else if (strchr(host, '.') == NULL)
		complain(c, text, NULL, "MT0026", "'%.80s': a gateway takes no short names, write the "
			 "whole host", host);
}

static bool
is_one(const char *s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count && s != NULL; i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}

static void
check_server_tls(struct checker *c, const struct value *server, const char *protocol)
{
	static const char *const with[] = { "HTTPS", "TLS" };
	static const char *const http[] = { "HTTP", "HTTP2", "GRPC", "GRPC-WEB" };
	const struct value *tls = member(server, "tls");

	if (is_one(protocol, with, 2) && tls == NULL) {
		complain(c, server, "tls", "MT0022", "a server of protocol %s needs tls", protocol);
		return;
	}
	if (!value_is_map(tls) || protocol == NULL || is_one(protocol, with, 2))
		return;
	VALUE_EACH(v, tls) {
		char below[96];

		if (is_one(protocol, http, 4) && (strcmp(v->key, "httpsRedirect") == 0 ||
						  strcmp(v->key, "https_redirect") == 0))
			continue;
		snprintf(below, sizeof(below), "tls.%.80s", v->key);
		complain(c, v, below, "MT0029", "a server of protocol %s has no TLS%s", protocol,
			 is_one(protocol, http, 4) ? ": only httpsRedirect may stand" : "");
	}
}

void
gw_check_server(struct checker *c, const struct value *server)
{
	const struct value *port = member(server, "port");
	const char *bind = member_text(server, "bind");
	bool is_unix = bind != NULL && strncmp(bind, "unix://", 7) == 0;
	int64_t number;

	if (value_to_int(member(port, "number"), &number) && (number == 0) != is_unix)
		complain(c, member(port, "number"), "port.number", "MT0023", is_unix ?
			 "must be 0 beside a unix:// bind" : "must be 1 to 65535");
	check_server_tls(c, server, member_text(port, "protocol"));
}

static void
need(struct checker *c, const struct value *tls, const char *mode, const char *name)
{
	if (member(tls, name) == NULL)
		complain(c, tls, name, "MT0022", "mode %s needs %s", mode, name);
}

void
gw_check_tls(struct checker *c, const struct value *tls)
{
	static const char *const named[] = { "credentialName", "credentialNames", "tlsCertificates" };
	const char *mode = member_text(tls, "mode");
	bool is_mutual = mode != NULL && strcmp(mode, "MUTUAL") == 0;
	size_t count = 0;

	for (size_t i = 0; i < 3; i++)
		if (member(tls, named[i]) != NULL && ++count > 1)
			complain_member(c, tls, named[i], "MT0029", "only one of credentialName, "
					"credentialNames and tlsCertificates may stand");
	if (mode != NULL && strcmp(mode, "ISTIO_MUTUAL") == 0 &&
	    (member(tls, "serverCertificate") != NULL || member(tls, "privateKey") != NULL))
		complain_member(c, tls, "mode", "MT0029", "ISTIO_MUTUAL brings its own certificates");
	if (mode == NULL || count > 0)
		return;
	if (is_mutual || strcmp(mode, "SIMPLE") == 0 || strcmp(mode, "OPTIONAL_MUTUAL") == 0) {
		need(c, tls, mode, "serverCertificate");
		need(c, tls, mode, "privateKey");
	}
	if (is_mutual)
		need(c, tls, mode, "caCertificates");
}

static const char *
name_of_server(const struct value *v)
{
	return member_text(v, "name");
}

static const char *
name_of_port(const struct value *v)
{
	return member_text(member(v, "port"), "name");
}

void
gw_check(struct checker *c, const struct value *spec)
{
	const struct value *servers = member(spec, "servers");

	if (!syntax_is_dns_label(c->object->name, strlen(c->object->name)))
		complain(c, NULL, NULL, "MT0027", "the name of a Gateway is a DNS label: no dots");
	unique_check(c, servers, "servers", "name", name_of_server);
	unique_check(c, servers, "servers", "port.name", name_of_port);
}
