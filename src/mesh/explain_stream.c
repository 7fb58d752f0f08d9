/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What would happen to a TLS connection.  Its requests are encrypted: of the
 * question only the URL's host and port count, and a Host header, which
 * stands for the server name of a client that dials another name.
 */
#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/http/parse.h"
#include "src/istio/host.h"
#include "src/mesh/explain_priv.h"

#define TLS_PORT 443

struct stream {
	const struct mesh *mesh;
	const struct mesh_workload *from;
	struct address to;
	char host[HOST_MAX_BYTES + 1];	/* dialled */
	char name[HOST_MAX_BYTES + 1];	/* SNI */
	struct tcp_request request;
	struct tcp_decision decision;
};

/* Lower case, without a trailing dot; nothing for an address, which no client
 * sends. */
static void
set_name(struct stream *x, struct slice host)
{
	size_t len = host.len;

	while (len > 0 && host.ptr[len - 1] == '.')
		len--;
	if (len >= sizeof(x->name))
		return;
	for (size_t i = 0; i < len; i++)
		x->name[i] = (char)(host.ptr[i] >= 'A' && host.ptr[i] <= 'Z' ? host.ptr[i] | 0x20
									     : host.ptr[i]);
	x->name[len] = '\0';
	if (host_is_ip(x->name))
		x->name[0] = '\0';
}

static int
read_question(struct stream *x, const struct explain_question *q, struct error *err)
{
	const char *rest = q->url + strlen("https://");
	struct slice authority = { rest, strcspn(rest, "/?#") }, host;
	int port = -1;

	host = http_authority_host(authority, &port);
	if (!http_is_authority(authority) || host.len == 0 || host.len >= sizeof(x->host))
		return error_setf(err, ERROR_USAGE, "'%s' is not a URL", q->url);
	memcpy(x->host, host.ptr, host.len);
	x->request.port = port > 0 ? (uint16_t)port : TLS_PORT;
	set_name(x, host);
	for (size_t i = 0; i < q->header_count; i++)
		if (strncasecmp(q->headers[i], "host:", 5) == 0)
			set_name(x, slice_of(q->headers[i] + 5 + strspn(q->headers[i] + 5, " \t")));
	x->request.server_name = slice_of(x->name);
	return 0;
}

static bool
is_address_of(const struct stream *x, const struct mesh_port *p)
{
	for (size_t i = 0; i < p->listen_count; i++)
		if (address_same_host(&p->listen[i], &x->to))
			return true;
	return false;
}

/* The service that is dialled: by address, by name, or as a wildcard's. */
static void
find_service(struct stream *x)
{
	const struct mesh *m = x->mesh;
	const struct mesh_service *wide = NULL;
	bool is_address = address_parse_host(&x->to, x->host, x->request.port, NULL) == 0;

	for (size_t i = 0; i < m->service_count && x->request.service == NULL; i++) {
		const struct mesh_service *s = m->services[i];
		const struct mesh_port *p = mesh_service_port(s, x->request.port);

		if (p == NULL)
			continue;
		if (is_address ? is_address_of(x, p)
			       : explain_is_name_of(s, x->from->ns, slice_of(x->host)))
			x->request.service = s;
		else if (!is_address && host_matches(s->fqdn, x->host))
			wide = s;
	}
	if (x->request.service == NULL)
		x->request.service = wide;
}

static int
find_dialled(struct stream *x, struct error *err)
{
	const struct mesh_port *p;

	if (x->from->is_gateway)
		return 0;
	find_service(x);
	if (x->request.service != NULL) {
		p = mesh_service_port(x->request.service, x->request.port);
		if (port_speaks_http(p->protocol))
			return error_setf(err, ERROR_REFUSED, "port %u of %s.%s is HTTP, not TLS: "
					  "ask for http://", (unsigned)p->number,
					  x->request.service->name, x->request.service->ns);
		if (!address_is_set(&x->to) && p->listen_count > 0)
			x->to = p->listen[0];
	}
	if (address_is_set(&x->to))
		x->request.to = &x->to;
	return 0;
}

static struct explain_outcome
outcome_of_cluster(const struct mesh_cluster *c, struct slice name)
{
	if (c == NULL)
		return (struct explain_outcome){ .flags = FLAG(NC) };
	if (c->policy.tls == TLS_SIMPLE || c->policy.tls == TLS_MUTUAL)
		return (struct explain_outcome){ 0, FLAG(UF), "tls_not_supported" };
	if (name.len == 0 && c->service != NULL)
		name = slice_of(c->service->fqdn);
	if (!explain_has_endpoint(c, name))
		return (struct explain_outcome){ .flags = FLAG(UH) };
	return (struct explain_outcome){ .flags = 0 };
}

/* To the endpoints of what was dialled. */
static struct explain_outcome
outcome_of_passthrough(const struct stream *x)
{
	const struct mesh_service *s = x->request.service;
	size_t count = 1;

	if (s != NULL)
		mesh_port_endpoints(x->mesh, s, mesh_service_port(s, x->request.port), &count);
	return (struct explain_outcome){ .flags = count == 0 ? FLAG(UH) : 0 };
}

static struct explain_outcome
outcome_of(const struct stream *x)
{
	switch (x->decision.outcome) {
	case TCP_FOUND:
		return outcome_of_cluster(x->decision.destination != NULL ?
					  x->decision.destination->cluster : NULL,
					  x->request.server_name);
	case TCP_ALLOW_ANY:
		return outcome_of_passthrough(x);
	case TCP_BLOCKED:
		return (struct explain_outcome){ .flags = FLAG(UH) };
	case TCP_NO_RULE:
		return (struct explain_outcome){ .flags = FLAG(NR) };
	case TCP_ENDS_TLS:
		return (struct explain_outcome){ 0, FLAG(UF), "tls_not_supported" };
	}
	return (struct explain_outcome){ .flags = 0 };
}

/* One that was dialled and has no rule at all, not even its own. */
static const struct mesh_service *
unseen_service(const struct stream *x)
{
	if (x->decision.outcome != TCP_ALLOW_ANY && x->decision.outcome != TCP_BLOCKED)
		return NULL;
	return route_tls_chains(x->from->routes, x->request.service, x->request.port) == NULL
		? x->request.service : NULL;
}

static void
put_json(const struct stream *x, const struct route_trace *trace, struct buf *out)
{
	static const char *const none[] = { "fault", "timeout", "retries", "mirror" };
	const struct tcp_decision *d = &x->decision;
	const struct explain_outcome end = outcome_of(x);
	struct json_writer w;

	json_begin(&w, out, true);
	json_open(&w, NULL, '{');
	explain_put_service(&w, x->request.service);
	json_string(&w, "protocol", "tcp");
	json_string(&w, "server_name", x->name[0] != '\0' ? x->name : NULL);
	route_trace_put_json(trace, &w);
	if (d->rule != NULL)
		explain_put_route(&w, d->rule->destinations, d->rule->count);
	else
		explain_put_route(&w, d->destination, d->destination != NULL);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		json_null(&w, none[i]);
	explain_put_limits(&w, d->destination);
	explain_put_localities(&w, x->mesh, x->from, d->destination);
	json_open(&w, "notes", '[');
	explain_put_notes(&w, NULL, "", unseen_service(x));
	json_close(&w, ']');
	explain_put_outcome(&w, &end);
	json_close(&w, '}');
	buf_putc(out, '\n');
}

int
explain_stream(const struct mesh *m, const struct mesh_workload *from,
	       const struct explain_question *question, struct buf *out, struct error *err)
{
	struct stream x = { .mesh = m, .from = from };
	struct route_trace *trace;
	struct rng rng;

	if (read_question(&x, question, err) < 0 || find_dialled(&x, err) < 0)
		return -1;
	rng_seed_random(&rng);
	trace = route_trace_new();
	route_tcp(from->routes, &x.request, &rng, &x.decision);
	route_trace_tcp(trace, from->routes, &x.request, &x.decision);
	put_json(&x, trace, out);
	route_trace_free(&trace);
	return 0;
}
