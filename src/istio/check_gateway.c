/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateways and TLS of servers (spec/dataplane.md 1.3). */
#include "src/istio/check_gateway.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

/* "unix:///PATH", "unix://@NAME" */
bool
gw_is_socket(const char *bind)
{
	size_t len = strlen(bind);

	return strncmp(bind, "unix://", 7) == 0 &&
	       (bind[7] == '@' || (bind[7] == '/' && bind[len - 1] != '/'));
}

void
gw_check_bind(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && text->len > 0 && !host_is_ip(text->text) &&
	    !gw_is_socket(text->text))
		complain(c, text, NULL, "MT0033", "'%.80s' is neither an IP address nor unix:///PATH",
			 text->text);
}

void
gw_check_host_part(struct checker *c, const struct value *text, const char *host)
{
	if (strcmp(host, "*") == 0)
		return;
	if (!syntax_is_wildcard_domain(host) || (host[0] == '*' && host[1] != '.'))
		complain(c, text, NULL, "MT0026", "'%.80s' is not a host name or *.DOMAIN", host);
	else if (strchr(host, '.') == NULL)
		complain(c, text, NULL, "MT0026", "'%.80s': no short names stand here, write the whole "
			 "host", host);
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
	if (!host_is_ip(host))
		gw_check_host_part(c, text, host);
}

static bool
is_one(const char *s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count && s != NULL; i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}

bool
gw_is_http(const char *protocol)
{
	static const char *const names[] = { "HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY" };

	return is_one(protocol, names, ARRAY_LEN(names));
}

bool
gw_is_tls(const char *protocol)
{
	static const char *const names[] = { "HTTPS", "TLS" };

	return is_one(protocol, names, ARRAY_LEN(names));
}

/* Of a server without TLS: may the member stand? */
static bool
is_plain(const struct value *member_of_tls, const char *protocol)
{
	const char *text = value_text(member_of_tls);

	if (!gw_is_http(protocol))
		return false;
	if (strcmp(member_of_tls->key, "mode") == 0)
		return text != NULL && (strcmp(text, "PASSTHROUGH") == 0 || strcmp(text, "AUTO_PASSTHROUGH") == 0);
	return strcmp(member_of_tls->key, "httpsRedirect") == 0 ||
	       strcmp(member_of_tls->key, "https_redirect") == 0;
}

static void
check_server_tls(struct checker *c, const struct value *server, const char *protocol)
{
	const struct value *tls = member(server, "tls");
	bool redirects = false;

	if (gw_is_tls(protocol)) {
		if (tls == NULL)
			complain(c, server, "tls", "MT0022", "a server of protocol %s needs tls", protocol);
		else if (value_to_bool(member(tls, "httpsRedirect"), &redirects) && redirects)
			complain(c, member(tls, "httpsRedirect"), "tls.httpsRedirect", "MT0036",
				 "has no effect: it sends requests of an HTTP server to the HTTPS one");
		return;
	}
	if (!value_is_map(tls) || protocol == NULL)
		return;
	VALUE_EACH(v, tls) {
		char below[96];

		snprintf(below, sizeof(below), "tls.%.80s", v->key);
		if (v->kind != VALUE_NULL && !is_plain(v, protocol))
			complain(c, v, below, "MT0029", "a server of protocol %s has no TLS%s", protocol,
				 gw_is_http(protocol) ? ": only httpsRedirect may stand" : "");
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
