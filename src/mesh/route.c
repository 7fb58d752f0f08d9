/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request, one decision.
 */
#include "src/mesh/route.h"

#include "src/base/rng.h"
#include "src/mesh/table.h"

static const struct route_destination *
draw(const struct route_destination *destinations, size_t count, uint32_t total,
     struct rng *rng)
{
	uint64_t at;

	if (count == 0)
		return NULL;
	if (count == 1 || total == 0)
		return &destinations[0];
	at = rng_below(rng, total);
	for (size_t i = 0; i + 1 < count; i++) {
		if (at < destinations[i].weight)
			return &destinations[i];
		at -= destinations[i].weight;
	}
	return &destinations[count - 1];
}

/* The index of the first match that holds; -1: the rule has none. */
static enum cond_result
rule_holds(const struct http_rule *rule, const struct route_request *r,
	   struct header_memo *memo, int *match)
{
	*match = -1;
	for (size_t i = 0; i < rule->match_count; i++) {
		enum cond_result result = match_holds(&rule->matches[i], r, memo, NULL);

		if (result == COND_FAILED)
			continue;
		*match = (int)i;
		return result;
	}
	return rule->match_count == 0 ? COND_HELD : COND_FAILED;
}

struct search {
	const struct http_rules *rules;
	const struct route_request *r;
	const struct http_rule *rule;	/* out: held, or hit its limit */
	int match;
	struct header_memo memo;
};

static enum cond_result
test_rule(struct search *s, size_t n)
{
	enum cond_result result = rule_holds(&s->rules->rules[n], s->r, &s->memo, &s->match);

	if (result != COND_FAILED)
		s->rule = &s->rules->rules[n];
	return result;
}

static enum cond_result
test_rules(struct search *s, size_t from, size_t to)
{
	for (size_t n = from; n < to; n++) {
		enum cond_result result = test_rule(s, n);

		if (result != COND_FAILED)
			return result;
	}
	return COND_FAILED;
}

/* Only the rules that want the value which the request has. */
static enum cond_result
test_run(struct search *s, const struct rule_run *run)
{
	struct match_cond by = { .field = COND_HEADER, .field_id = run->field_id,
				 .name = run->header };
	const struct rule_candidates *found;
	struct slice value;
	bool repeated;

	if (!match_header_value(s->r, &by, &value, &repeated))
		return COND_FAILED;
	if (repeated)
		return test_rules(s, run->first, run->end);
	found = run_find(run, value);
	for (size_t i = 0; found != NULL && i < found->count; i++) {
		enum cond_result result = test_rule(s, found->rules[i]);

		if (result != COND_FAILED)
			return result;
	}
	return COND_FAILED;
}

static enum cond_result
find_rule(struct search *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rules->run_count; i++) {
		const struct rule_run *run = &s->rules->runs[i];
		enum cond_result result = test_rules(s, n, run->first);

		if (result == COND_FAILED)
			result = test_run(s, run);
		if (result != COND_FAILED)
			return result;
		n = run->end;
	}
	return test_rules(s, n, s->rules->count);
}

static void
unknown_host(const struct route_table *t, struct route_decision *out)
{
	if (t->is_gateway) {
		out->outcome = ROUTE_NO_HOST;
	} else if (t->allow_any) {
		out->outcome = ROUTE_ALLOW_ANY;
		out->rule = out->extras = &t->allow_rule;
		out->destination = &t->passthrough;
	} else {
		out->outcome = ROUTE_BLOCK_ALL;
		out->rule = out->extras = &t->block_rule;
	}
}

void
route_http(const struct route_table *t, const struct route_request *r, struct rng *rng,
	   struct route_decision *out, struct route_trace *trace)
{
	struct search s = { .r = r, .match = -1 };
	enum cond_result result;
	struct vhost host;

	*out = (struct route_decision){ .match = -1 };
	if (!vhost_find(t, r, &host)) {
		unknown_host(t, out);
		return;
	}
	out->service = host.service;
	s.rules = host.rules;
	result = find_rule(&s);
	if (trace != NULL)
		trace_rules(trace, t, &host, s.rule, r);
	if (result == COND_FAILED) {
		out->outcome = ROUTE_NO_RULE;
		return;
	}
	out->rule = s.rule;
	out->extras = s.rule->is_plain ? NULL : s.rule;
	out->match = s.match;
	if (result == COND_LIMIT) {
		out->outcome = ROUTE_REGEX_LIMIT;
		return;
	}
	out->outcome = ROUTE_FOUND;
	out->destination = draw(s.rule->destinations, s.rule->destination_count,
				s.rule->total_weight, rng);
}

/* What is known of the port that a connection came to. */
struct stream_port {
	const struct tcp_rule *tcp;
	const struct tls_port *tls;	/* NULL: looks at no names */
};

static struct stream_port
stream_port(const struct route_table *t, const struct mesh_service *service, uint16_t port)
{
	const struct mesh_port *p = service != NULL ? mesh_service_port(service, port) : NULL;
	uint32_t slot;

	for (size_t i = 0; i < t->port_count; i++)
		if (t->ports[i].face.number == port)
			return (struct stream_port){ t->ports[i].tcp, t->ports[i].tls };
	if (p == NULL || t->is_gateway)
		return (struct stream_port){ NULL, NULL };
	slot = t->mesh->priv->service_privs[service->index].first_slot +
	       (uint32_t)(p - service->ports);
	return (struct stream_port){ t->tcp[slot], t->tls != NULL ? t->tls[slot] : NULL };
}

static enum tcp_outcome
outcome_without_rule(const struct route_table *t)
{
	if (t->is_gateway)
		return TCP_NO_RULE;
	return t->allow_any ? TCP_ALLOW_ANY : TCP_BLOCKED;
}

void
route_tcp(const struct route_table *t, const struct tcp_request *r, struct rng *rng,
	  struct tcp_decision *out)
{
	struct stream_port port = stream_port(t, r->service, r->port);
	const struct route_tls_chain *chain = NULL;

	if (port.tls != NULL)
		chain = tls_find(port.tls, r);
	*out = (struct tcp_decision){ .outcome = TCP_FOUND };
	out->rule = port.tls == NULL ? port.tcp : chain != NULL ? chain->rule : NULL;
	if (out->rule != NULL)
		out->destination = draw(out->rule->destinations, out->rule->count,
					out->rule->total_weight, rng);
	else
		out->outcome = chain != NULL ? TCP_ENDS_TLS : outcome_without_rule(t);
	if (out->outcome == TCP_ALLOW_ANY)
		out->destination = &t->passthrough;
}

bool
route_wants_server_name(const struct route_table *t, const struct mesh_service *service,
			uint16_t port)
{
	struct stream_port p = stream_port(t, service, port);

	return p.tls != NULL && p.tls->looks_at_names;
}

const struct route_tls_chain *
route_tls_chains(const struct route_table *t, const struct mesh_service *service,
		 uint16_t port)
{
	struct stream_port p = stream_port(t, service, port);

	return p.tls != NULL ? p.tls->first : NULL;
}

const struct route_gateway_port *
route_gateway_ports(const struct route_table *t, size_t *count)
{
	*count = t->port_count;
	return t->faces;
}

const char *
http_rule_log_name(const struct http_rule *rule, int match)
{
	return match >= 0 ? rule->matches[match].log_name : rule->name;
}

const char *
http_rule_stat_prefix(const struct http_rule *rule, int match)
{
	return match >= 0 ? rule->matches[match].stat_prefix : NULL;
}

bool
http_match_prefix(const struct http_rule *rule, int match, struct slice *prefix)
{
	const struct http_match *m = match >= 0 ? &rule->matches[match] : NULL;

	*prefix = SLICE("/");
	for (size_t i = 0; m != NULL && i < m->count; i++) {
		if (m->conds[i].field != COND_URI)
			continue;
		if (m->conds[i].kind != COND_PREFIX)
			return false;
		*prefix = m->conds[i].text;
	}
	return true;
}
