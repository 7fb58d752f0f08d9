/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would happen to a request; see explain.h. */
#include "src/mesh/explain_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/http/parse.h"
#include "src/istio/check.h"
#include "src/mesh/cors.h"
#include "src/mesh/mesh.h"
#include "src/mesh/terms.h"
#include "src/model/problem.h"
#include "src/model/response_flags.h"

#define PARSE_PADDING 64	/* readable bytes behind a head, see parse.h */

struct explaining {
	const struct explain_question *question;
	const struct mesh_workload *from;
	struct arena *arena;
	const struct mesh *mesh;
	struct buf wire;		/* the request as a client would write it */
	struct http_head head;
	struct route_request request;
	struct route_decision decision;
	struct route_trace *trace;
};

/* The request line and headers, judged by the parser that the engine has. */
static int
write_request(struct explaining *x, struct error *err)
{
	const char *word = x->question->url, *method = x->question->method;
	const char *scheme = strstr(word, "://"), *rest = scheme != NULL ? scheme + 3 : word;
	size_t authority = strcspn(rest, "/?#");
	bool has_host = false;

	if (scheme != NULL && strncasecmp(word, "http://", 7) != 0)
		return error_setf(err, ERROR_USAGE, "'%s': only http:// and https:// can be explained",
				  word);
	if (method != NULL && !http_is_token(slice_of(method)))
		return error_setf(err, ERROR_USAGE, "'%s' is not a method", method);
	/* A fragment is the client's own. */
	buf_printf(&x->wire, "%s %s%.*s HTTP/1.1\r\n", method != NULL ? method : "GET",
		   rest[authority] == '/' ? "" : "/", (int)strcspn(rest + authority, "#"),
		   rest + authority);
	for (size_t i = 0; i < x->question->header_count; i++) {
		const char *h = x->question->headers[i];

		if (strchr(h, ':') == NULL || strpbrk(h, "\r\n") != NULL ||
		    !http_is_token((struct slice){ h, strcspn(h, ":") }))
			return error_setf(err, ERROR_USAGE, "'%s' is not 'NAME: VALUE'", h);
		has_host |= strncasecmp(h, "host:", 5) == 0;
		buf_printf(&x->wire, "%s\r\n", h);
	}
	if (!has_host)
		buf_printf(&x->wire, "host: %.*s\r\n", (int)authority, rest);
	buf_puts(&x->wire, "\r\n");
	return 0;
}

static int
parse_request(struct explaining *x, struct error *err)
{
	const struct http_limits limits = HTTP_LIMITS_DEFAULT;
	const char *word = x->question->url, *why = NULL;
	const char *scheme = strstr(word, "://"), *rest = scheme != NULL ? scheme + 3 : word;
	struct slice dialled = { rest, strcspn(rest, "/?#") };
	size_t used, len;
	int port = -1;

	if (write_request(x, err) < 0)
		return -1;
	len = x->wire.len;
	buf_fill(&x->wire, '\0', PARSE_PADDING);
	if (!http_is_authority(dialled))
		return error_setf(err, ERROR_USAGE, "'%s' is not a URL", word);
	if (http_parse_request(&x->head, x->wire.data, len, &limits, &used, &why) != HTTP_DONE)
		return error_setf(err, ERROR_USAGE, "not a valid request: %s",
				  why != NULL ? why : "incomplete");
	http_authority_host(dialled, &port);
	x->request = (struct route_request){ .head = &x->head, .query = x->head.query,
		.authority = x->head.authority, .port = port > 0 ? (uint16_t)port : 80 };
	if (!route_normalize(&x->mesh->settings, x->head.path,
			     arena_alloc(x->arena, x->head.path.len + 1), &x->request.path))
		return error_setf(err, ERROR_USAGE, "the path cannot be normalised");
	return 0;
}

bool
explain_has_endpoint(const struct mesh_cluster *c, struct slice host)
{
	if (mesh_cluster_takes_host(c, host))
		return true;
	/* A workload that no engine has addressed yet will be there when one serves. */
	for (size_t i = 0; i < c->endpoint_count; i++)
		if (address_is_set(&c->endpoints[i].address) || c->endpoints[i].host != NULL ||
		    c->endpoints[i].instance != NULL)
			return true;
	return false;
}

/* Whichever is chosen. */
static bool
all_refuse(const struct explaining *x, const struct mesh_cluster *c)
{
	for (size_t i = 0; i < c->endpoint_count; i++)
		if (!mesh_mtls_refuses(x->mesh, &c->policy, &c->endpoints[i]))
			return false;
	return c->endpoint_count > 0;
}

static struct explain_outcome
outcome_of_forward(const struct explaining *x)
{
	const struct route_destination *d = x->decision.destination;
	int port;

	if (d == NULL || d->cluster == NULL)
		return (struct explain_outcome){ 503, FLAG(NC), "cluster_not_found" };
	if (d->cluster->policy.tls == TLS_SIMPLE || d->cluster->policy.tls == TLS_MUTUAL)
		return (struct explain_outcome){ 503, FLAG(UF), "tls_not_supported" };
	if (d->cluster->policy.balancer != BALANCE_PASSTHROUGH && d->cluster->service != NULL &&
	    !explain_has_endpoint(d->cluster, http_authority_host(x->request.authority, &port)))
		return (struct explain_outcome){ 503, FLAG(UH), "no_healthy_upstream" };
	if (all_refuse(x, d->cluster))
		return (struct explain_outcome){ 503, FLAG(UC),
			"upstream_reset_before_response_started{connection_termination}" };
	return (struct explain_outcome){ 0, 0, "via_upstream" };
}

static bool
is_certain(uint32_t per_million)
{
	return per_million >= 1000000;
}

/* gRPC is told by a field. */
static unsigned
abort_status(const struct route_fault *f)
{
	return f->abort_grpc < 0 ? f->abort_status : 200;
}

/* What a draw would have to decide is not foretold. */
static struct explain_outcome
outcome_of_route(const struct explaining *x)
{
	static const struct route_fault none = { .has_delay = false };
	const struct http_rule *rule = x->decision.rule;
	const struct route_fault *f = rule != NULL ? &rule->fault : &none;
	response_flags delay = f->has_delay && is_certain(f->delay_per_million) ? FLAG(DI) : 0;
	struct explain_outcome end;
	bool is_allowed;

	if (f->has_abort && is_certain(f->abort_per_million))
		end = (struct explain_outcome){ abort_status(f), FLAG(FI), "fault_filter_abort" };
	else if (rule != NULL && rule->cors != NULL && cors_answers(rule->cors, &x->head, &is_allowed))
		end = (struct explain_outcome){ 200, 0, "cors_response" };
	else
		end = outcome_of_forward(x);
	end.flags |= delay;
	return end;
}

static struct explain_outcome
outcome_without_upstream(const struct http_rule *rule)
{
	int64_t code = 0;

	if (rule->action == ROUTE_DIRECT)
		return (struct explain_outcome){ rule->direct_status, 0, "direct_response" };
	value_to_int(value_get(rule->redirect, "redirectCode"), &code);
	return (struct explain_outcome){ code != 0 ? (unsigned)code : 301, 0, "direct_response" };
}

static struct explain_outcome
outcome_of_decision(const struct explaining *x)
{
	const struct http_rule *rule = x->decision.rule;

	switch (x->decision.outcome) {
	case ROUTE_NO_HOST:
	case ROUTE_NO_RULE:
		return (struct explain_outcome){ 404, FLAG(NR), "route_not_found" };
	case ROUTE_REGEX_LIMIT:
		return (struct explain_outcome){ 500, 0, "regex_limit" };
	case ROUTE_BLOCK_ALL:
		return (struct explain_outcome){ 502, 0, "direct_response" };
	case ROUTE_FOUND:
	case ROUTE_ALLOW_ANY:
		break;
	}
	if (rule != NULL && (rule->action == ROUTE_DIRECT || rule->action == ROUTE_REDIRECT))
		return outcome_without_upstream(rule);
	if (rule != NULL && rule->action == ROUTE_NO_ACTION)
		return (struct explain_outcome){ 404, FLAG(NR), "route_not_found" };
	return outcome_of_route(x);
}

/* gRPC is told what a proxy says itself in its own words. */
static struct explain_outcome
outcome_of(const struct explaining *x)
{
	struct explain_outcome end = outcome_of_decision(x);

	if (end.status != 0 && http_head_is_grpc(&x->head))
		end.status = 200;
	return end;
}

void
explain_put_route(struct json_writer *w, const struct route_destination *destinations,
		  size_t count)
{
	json_open(w, "route", '[');
	for (size_t i = 0; i < count; i++) {
		const struct route_destination *d = &destinations[i];

		json_open(w, NULL, '{');
		json_string(w, "cluster", d->cluster != NULL ? d->cluster->name : NULL);
		json_string(w, "host", d->host);
		json_string(w, "subset", d->subset != NULL && d->subset[0] != '\0' ? d->subset : NULL);
		json_uint(w, "weight", count == 1 ? 100 : d->weight);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_fault(struct json_writer *w, const struct http_rule *rule)
{
	if (rule == NULL || (!rule->fault.has_delay && !rule->fault.has_abort)) {
		json_null(w, "fault");
		return;
	}
	json_open(w, "fault", '{');
	if (rule->fault.has_delay) {
		json_open(w, "delay", '{');
		json_double(w, "percent", rule->fault.delay_per_million / 10000.0, -1);
		explain_put_duration(w, "duration", rule->fault.delay_ns);
		json_close(w, '}');
	}
	if (rule->fault.has_abort) {
		json_open(w, "abort", '{');
		json_double(w, "percent", rule->fault.abort_per_million / 10000.0, -1);
		json_uint(w, "status", abort_status(&rule->fault));
		if (rule->fault.abort_grpc >= 0)
			json_string(w, "grpcStatus", route_grpc_status_name(rule->fault.abort_grpc));
		json_close(w, '}');
	}
	json_close(w, '}');
}

static void
put_mirrors(struct json_writer *w, const struct http_rule *rule)
{
	if (rule == NULL || rule->mirror_count == 0) {
		json_null(w, "mirror");
		return;
	}
	json_open(w, "mirror", '[');
	for (size_t i = 0; i < rule->mirror_count; i++) {
		const struct route_mirror *m = &rule->mirrors[i];

		json_open(w, NULL, '{');
		json_string(w, "cluster", m->cluster != NULL ? m->cluster->name : NULL);
		json_double(w, "percent", m->per_million / 10000.0, -1);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_limit(struct json_writer *w, const char *key, uint32_t limit)
{
	if (limit == MESH_UNLIMITED || limit == 0)
		json_null(w, key);
	else
		json_uint(w, key, limit);
}

void
explain_put_limits(struct json_writer *w, const struct route_destination *d)
{
	const struct cluster_policy *p = d != NULL && d->cluster != NULL ? &d->cluster->policy : NULL;

	if (p == NULL) {
		json_null(w, "limits");
		return;
	}
	json_open(w, "limits", '{');
	put_limit(w, "maxConnections", p->max_connections);
	put_limit(w, "http1MaxPendingRequests", p->max_pending);
	put_limit(w, "http2MaxRequests", p->max_requests);
	put_limit(w, "maxRetries", p->retry_budget.is_on ? 0 : p->max_retries);
	if (p->retry_budget.is_on) {
		json_open(w, "retryBudget", '{');
		json_double(w, "percent", p->retry_budget.percent, -1);
		json_uint(w, "minRetryConcurrency", p->retry_budget.min_concurrency);
		json_close(w, '}');
	}
	put_limit(w, "maxRequestsPerConnection", p->max_requests_per_connection);
	json_close(w, '}');
}

void
explain_put_service(struct json_writer *w, const struct mesh_service *s)
{
	char *name = s != NULL ? xasprintf("%s.%s", s->name, s->ns) : NULL;

	json_string(w, "service", name);
	free(name);
}

void
explain_put_outcome(struct json_writer *w, const struct explain_outcome *end)
{
	json_open(w, "outcome", '{');
	if (end->status != 0)
		json_uint(w, "status", end->status);
	else
		json_null(w, "status");
	response_flags_put_json(w, end->flags);
	json_string(w, "details", end->details);
	json_close(w, '}');
}

/* An unknown host that is known to others. */
static const struct mesh_service *
unseen_service(const struct explaining *x)
{
	int port;
	struct slice host = http_authority_host(x->request.authority, &port);

	if (x->decision.outcome != ROUTE_ALLOW_ANY && x->decision.outcome != ROUTE_BLOCK_ALL)
		return NULL;
	for (size_t i = 0; i < x->mesh->service_count; i++)
		if (mesh_service_port(x->mesh->services[i], x->request.port) != NULL &&
		    explain_is_name_of(x->mesh->services[i], x->from->ns, host))
			return x->mesh->services[i];
	return NULL;
}

/* The gateway's port that is asked for; NULL: it does not listen there. */
static const struct route_gateway_port *
gateway_port(const struct explaining *x)
{
	size_t count;
	const struct route_gateway_port *ports = route_gateway_ports(x->from->routes, &count);

	for (size_t i = 0; i < count; i++)
		if (ports[i].number == x->request.port)
			return &ports[i];
	return NULL;
}

static void
put_json(const struct explaining *x, struct buf *out)
{
	const struct route_decision *d = &x->decision;
	const struct http_rule *rule = d->rule;
	const struct explain_outcome end = outcome_of(x);
	char path[48] = "";
	struct json_writer w;

	json_begin(&w, out, true);
	json_open(&w, NULL, '{');
	explain_put_service(&w, d->service);
	json_string(&w, "protocol", "http");
	route_trace_put_json(x->trace, &w);
	explain_put_route(&w, rule != NULL ? rule->destinations : NULL,
			  rule != NULL ? rule->destination_count : 0);
	put_fault(&w, rule);
	explain_put_terms(&w, rule, &x->head, x->from->is_gateway);
	put_mirrors(&w, rule);
	explain_put_limits(&w, d->destination);
	explain_put_localities(&w, x->mesh, x->from, d->destination);
	if (rule != NULL)
		snprintf(path, sizeof(path), "spec.http[%zu].", rule->index);
	json_open(&w, "notes", '[');
	explain_put_notes(&w, rule != NULL ? rule->object : NULL, path, unseen_service(x));
	explain_put_policy_notes(&w, d->destination != NULL ? d->destination->cluster : NULL);
	explain_put_route_notes(&w, x->mesh, x->from, d->service);
	if (x->from->is_gateway && gateway_port(x) == NULL)
		json_string(&w, NULL, "no Gateway has this port at the workload: connections are refused");
	explain_put_guard_notes(&w, x->mesh, d->service);
	explain_put_terms_notes(&w, &x->head, x->from->is_gateway);
	json_close(&w, ']');
	explain_put_outcome(&w, &end);
	json_close(&w, '}');
	buf_putc(out, '\n');
}

/* NAME in the caller's namespace, NAME.NS, NAME.NS.svc or the full name. */
bool
explain_is_name_of(const struct mesh_service *s, const char *ns, struct slice host)
{
	size_t name = strlen(s->name);

	if (host.len == 0 || host.len > strlen(s->fqdn) ||
	    strncasecmp(s->fqdn, host.ptr, host.len) != 0)
		return false;
	if (s->fqdn[host.len] == '\0')
		return true;
	return s->fqdn[host.len] == '.' && host.len >= name &&
	       (host.len > name || strcmp(s->ns, ns) == 0);
}

static int
refuse_gateway_tcp(const struct explaining *x, struct error *err)
{
	const struct route_gateway_port *p = gateway_port(x);

	if (p == NULL || p->protocol != PORT_TCP)
		return 0;
	return error_setf(err, ERROR_REFUSED, "port %u of %s.%s is TCP: its connections are relayed, "
			  "no HTTP rule applies", (unsigned)p->number, x->from->name, x->from->ns);
}

/* No HTTP rule ever sees a connection to a TCP port. */
static int
refuse_tcp(const struct explaining *x, struct error *err)
{
	int port;
	struct slice host = http_authority_host(x->request.authority, &port);

	if (x->from->is_gateway)
		return refuse_gateway_tcp(x, err);
	for (size_t i = 0; i < x->mesh->service_count; i++) {
		const struct mesh_service *s = x->mesh->services[i];
		const struct mesh_port *p = mesh_service_port(s, x->request.port);

		if (p != NULL && (p->protocol == PORT_TCP || port_speaks_tls(p->protocol)) &&
		    explain_is_name_of(s, x->from->ns, host))
			return error_setf(err, ERROR_REFUSED, "port %u of %s.%s is TCP: its connections "
					  "are relayed, no HTTP rule applies%s", (unsigned)p->number,
					  s->name, s->ns, port_speaks_tls(p->protocol) ?
					  "; ask for https://" : "");
	}
	return 0;
}

static int
explain_request(struct explaining *x, struct buf *out, struct error *err)
{
	char id[RNG_UUID_BYTES];
	struct rng rng;

	if (parse_request(x, err) < 0 || refuse_tcp(x, err) < 0)
		return -1;
	rng_seed_random(&rng);
	x->request.is_trusted = mesh_trusts_client(x->from);
	if (!x->request.is_trusted || x->head.first[FIELD_X_REQUEST_ID] == 0) {
		rng_uuid(&rng, id);
		x->request.made_id = (struct slice){ id, sizeof(id) };
	}
	x->trace = route_trace_new();
	route_http(x->from->routes, &x->request, &rng, &x->decision, x->trace);
	put_json(x, out);
	route_trace_free(&x->trace);
	return 0;
}

int
explain_put_json(const struct mesh *m, const struct mesh_workload *from,
		 const struct explain_question *question, struct buf *out, struct error *err)
{
	struct explaining x = { .question = question, .from = from, .arena = arena_new(), .mesh = m };
	int status;

	if (!from->has_proxy)
		status = error_setf(err, ERROR_REFUSED,
				    "%s.%s has no proxy: no rule applies to its calls", from->name,
				    from->ns);
	else if (strncasecmp(question->url, "https://", 8) == 0)
		status = explain_stream(m, from, question, out, err);
	else
		status = explain_request(&x, out, err);
	buf_fini(&x.wire);
	arena_free(&x.arena);
	return status;
}
