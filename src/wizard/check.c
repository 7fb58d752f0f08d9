/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a state complete and consistent?  What a form shows beside its fields
 * and what refuses an answers file; paths in the words of answers.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/istio/host.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

struct checking {
	const struct wizard_state *w;
	struct problems *out;
	struct arena *arena;
	const char *base;	/* "rules[0]." or "" */
};

static const char *
path_of(struct checking *x, const char *rest)
{
	return arena_printf(x->arena, "%s%s", x->base, rest);
}

static void
check_condition(struct checking *x, const struct wizard_condition *c, const char *path)
{
	struct error err = ERROR_INIT;
	struct regex *re;

	if (c->subject == MATCH_HEADER && (c->header == NULL || *c->header == '\0'))
		problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path,
			    "the header's name must not be empty");
	if (c->op == MATCH_PRESENT) {
		if (c->subject != MATCH_HEADER)
			problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path,
				    "only a header may be asked for presence");
		return;
	}
	if (c->value == NULL || *c->value == '\0') {
		if (c->subject != MATCH_URI || c->op != MATCH_PREFIX)
			problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path,
				    "the value must not be empty");
		return;
	}
	if (c->op != MATCH_REGEX)
		return;
	re = regex_new(c->value, &err);
	if (re == NULL)
		problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path, "%s", err.msg);
	regex_free(&re);
}

/* A match entry has one place for each header and for the rest. */
static bool
is_twice(const struct wizard_match *m, size_t index)
{
	const struct wizard_condition *c = &m->conditions.items[index];

	for (size_t i = 0; i < index; i++) {
		const struct wizard_condition *d = &m->conditions.items[i];

		if (c->subject == d->subject &&
		    (c->subject != MATCH_HEADER || c->header == NULL || d->header == NULL ||
		     strcasecmp(c->header, d->header) == 0))
			return true;
	}
	return false;
}

static bool
has_match(const struct wizard_rule *r, const struct wizard_match *m)
{
	for (size_t i = 0; i < r->matches.len; i++)
		if (match_equal(&r->matches.items[i], m))
			return true;
	return false;
}

static void
check_matches(struct checking *x, const struct wizard_rule *r, const struct wizard_rule *was)
{
	for (size_t i = 0; i < r->matches.len; i++) {
		const struct wizard_match *m = &r->matches.items[i];
		const char *path = path_of(x, arena_printf(x->arena, "match[%zu]", i));

		if (has_match(was, m))
			continue;
		for (size_t k = 0; k < m->conditions.len; k++) {
			check_condition(x, &m->conditions.items[k], path);
			if (is_twice(m, k))
				problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path,
					    "two conditions on the same field: make two alternatives");
		}
	}
}

static bool
is_routable(const struct wizard_rule *r)
{
	return !r->has_no_route && (r->stored == NULL || r->weights_touched);
}

static void
check_weights(struct checking *x, const struct wizard_rule *r)
{
	unsigned sum = weights_sum(r->targets.items, r->targets.len);

	if (is_routable(r) && sum != 100)
		problem_add(x->out, NULL, NULL, CODE_WEIGHTS, SEVERITY_ERROR, path_of(x, "route"),
			    "the weights sum to %u, they must sum to 100", sum);
}

static void
check_duration(struct checking *x, const char *text, const char *key)
{
	const char *why = text != NULL ? wizard_duration_error(text) : "is missing";

	if (why != NULL)
		problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path_of(x, key), "%s",
			    why);
}

static bool
is_percent(double d)
{
	return d >= 0 && d <= 100;
}

static void
check_range(struct checking *x, bool is_good, const char *key, const char *what)
{
	if (!is_good)
		problem_add(x->out, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, path_of(x, key), "%s",
			    what);
}

/* What is stored was accepted once: only what was edited is looked at. */
static void
check_numbers(struct checking *x, const struct wizard_rule *r, const struct wizard_rule *was)
{
	if (r->has_delay && !(was->has_delay && was->delay_percent == r->delay_percent))
		check_range(x, is_percent(r->delay_percent), "delay.percent", "must be 0 to 100");
	if (r->has_abort && !(was->has_abort && was->abort_percent == r->abort_percent))
		check_range(x, is_percent(r->abort_percent), "abort.percent", "must be 0 to 100");
	if (r->has_abort && !(was->has_abort && was->abort_status == r->abort_status))
		check_range(x, r->abort_status >= 200 && r->abort_status <= 599, "abort.status",
			    "must be 200 to 599");
	if (r->has_retries && !(was->has_retries && was->retry_attempts == r->retry_attempts))
		check_range(x, r->retry_attempts >= 0, "retries.attempts", "must be 0 or more");
	for (size_t i = 0; i < r->targets.len; i++) {
		const struct wizard_target *t = &r->targets.items[i];
		bool is_stored = i < was->targets.len && was->targets.items[i].is_mirrored &&
				 was->targets.items[i].mirror_percent == t->mirror_percent;

		if (t->is_mirrored && !is_stored)
			check_range(x, is_percent(t->mirror_percent), "mirror.percent",
				    "must be 0 to 100");
	}
}

static void
check_times(struct checking *x, const struct wizard_rule *r, const struct wizard_rule *was)
{
	if (r->has_delay && !(was->has_delay && wizard_same_text(was->delay, r->delay)))
		check_duration(x, r->delay, "delay.duration");
	if (r->has_timeout && !wizard_same_text(was->timeout, r->timeout))
		check_duration(x, r->timeout, "timeout");
	if (r->has_retries && r->per_try_timeout != NULL && r->retry_attempts > 0 &&
	    !wizard_same_text(was->per_try_timeout, r->per_try_timeout))
		check_duration(x, r->per_try_timeout, "retries.perTryTimeout");
}

static void
check_rule(struct checking *x, const struct wizard_rule *r)
{
	struct wizard_rule was;

	memset(&was, 0, sizeof(was));
	if (r->stored != NULL)
		wizard_rule_read(x->w, x->arena, r->stored, r->stored_index, &was);
	if (!wizard_is_tcp(x->w))
		check_matches(x, r, &was);
	check_weights(x, r);
	check_numbers(x, r, &was);
	check_times(x, r, &was);
	wizard_rule_fini(&was);
}

/* Labels joined by dots; the first may begin with "*". */
static bool
is_host_name(const char *host)
{
	size_t label = 0, len = strlen(host);

	if (host_is_ip(host) || strcmp(host, "*") == 0)
		return true;
	if (len == 0 || len > HOST_MAX_BYTES)
		return false;
	if (*host == '*') {
		host++;
		label = 1;
	}
	for (; *host != '\0'; host++) {
		bool is_alnum = (*host >= '0' && *host <= '9') ||
				((*host | 32) >= 'a' && (*host | 32) <= 'z');

		if (*host == '.' ? label == 0 || host[-1] == '-' :
		    !is_alnum && (*host != '-' || label == 0))
			return false;
		label = *host == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return host[-1] != '-';
}

static bool
had_host(const struct wizard_state *w, const struct value *host)
{
	if (w->virtual_service == NULL)
		return false;
	VALUE_EACH(h, value_get(w->virtual_service->spec, "hosts"))
		if (value_equal(h, host))
			return true;
	return false;
}

static void
check_hosts(struct checking *x)
{
	const struct value *hosts = value_get(x->w->advanced, "hosts");
	const struct value *gateway = value_get(x->w->advanced, "gateway");
	bool has_mesh = gateway == NULL;
	size_t i = 0;

	if (gateway != NULL)
		value_to_bool(value_get(gateway, "includeMesh"), &has_mesh);
	if ((hosts == NULL || hosts->count == 0) && x->w->virtual_service == NULL)
		problem_add(x->out, NULL, hosts, CODE_VALUE, SEVERITY_ERROR, "hosts",
			    "needs at least one host");
	VALUE_EACH(host, hosts) {
		const char *text = value_text(host);
		const char *path = arena_printf(x->arena, "hosts[%zu]", i++);

		if (text == NULL)
			continue;
		if (strcmp(text, "*") == 0 && has_mesh)
			problem_add(x->out, NULL, host, CODE_VALUE, SEVERITY_ERROR, path,
				    "* needs a gateway without mesh");
		else if (!is_host_name(text) && !had_host(x->w, host))
			problem_add(x->out, NULL, host, CODE_VALUE, SEVERITY_ERROR, path,
				    "%s is no host name", text);
		VALUE_EACH(other, hosts) {
			if (other == host)
				break;
			if (value_equal(other, host) && !had_host(x->w, host))
				problem_add(x->out, NULL, host, CODE_VALUE, SEVERITY_ERROR, path,
					    "%s is there twice", text);
		}
	}
}

static void
check_gateway_hosts(struct checking *x, const struct value *create)
{
	const struct value *hosts = value_get(create, "hosts");
	size_t i = 0;

	if (hosts == NULL || hosts->count == 0)
		problem_add(x->out, NULL, create, CODE_VALUE, SEVERITY_ERROR,
			    "gateway.create.hosts", "needs at least one host");
	VALUE_EACH(host, hosts) {
		const char *text = value_text(host);

		if (text == NULL || (strcmp(text, "*") != 0 &&
		    (strchr(text, '.') == NULL || !is_host_name(text))))
			problem_add(x->out, NULL, host, CODE_VALUE, SEVERITY_ERROR,
				    arena_printf(x->arena, "gateway.create.hosts[%zu]", i),
				    "must be * or a host name with a dot");
		i++;
	}
}

static bool
uses_already(const struct wizard_state *w, const char *use)
{
	if (w->virtual_service == NULL)
		return false;
	VALUE_EACH(g, value_get(w->virtual_service->spec, "gateways"))
		if (value_text(g) != NULL && strcmp(value_text(g), use) == 0)
			return true;
	return false;
}

static void
check_gateway(struct checking *x)
{
	const struct value *gateway = value_get(x->w->advanced, "gateway");
	const struct value *create = value_get(gateway, "create");
	const struct value *use = value_get(gateway, "use");
	const char *name, *slash;

	if (create != NULL)
		check_gateway_hosts(x, create);
	name = value_text(use);
	if (name == NULL || uses_already(x->w, name))
		return;
	slash = strchr(name, '/');
	if (slash == NULL || snapshot_find(x->w->mesh->snapshot, KIND_GATEWAY,
					   arena_strndup(x->arena, name, (size_t)(slash - name)),
					   slash + 1) == NULL)
		problem_add(x->out, NULL, use, CODE_REFERENCE, SEVERITY_ERROR, "gateway.use",
			    "there is no Gateway %s", name);
}

static bool
is_stored_policy(const struct checking *x, const char *key, const struct value *part)
{
	const struct object *o = x->w->destination_rule;

	return o != NULL && value_equal(value_get(value_get(o->spec, "trafficPolicy"), key), part);
}

static void
check_tls(struct checking *x, const struct value *tls)
{
	static const char *const keys[] = { "clientCertificate", "privateKey" };
	const char *mode = value_get_text(tls, "mode");

	if (mode == NULL || strcmp(mode, "MUTUAL") != 0 || is_stored_policy(x, "tls", tls) ||
	    value_get_text(tls, "credentialName") != NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (value_get_text(tls, keys[i]) == NULL)
			problem_add(x->out, NULL, tls, CODE_VALUE, SEVERITY_ERROR,
				    arena_printf(x->arena, "trafficPolicy.tls.%s", keys[i]),
				    "mode MUTUAL needs it");
}

static void
check_balancer(struct checking *x, const struct value *balancer)
{
	static const char *const keys[] = { "httpHeaderName", "httpCookie", "useSourceIp",
					    "httpQueryParameterName" };
	const struct value *hash = value_get(balancer, "consistentHash");
	const struct value *cookie = value_get(hash, "httpCookie");
	const char *path = "trafficPolicy.loadBalancer.consistentHash";
	size_t count = 0;

	if (hash == NULL || is_stored_policy(x, "loadBalancer", balancer))
		return;
	if (!value_is_null(value_get(balancer, "simple")))
		problem_add(x->out, NULL, hash, CODE_VALUE, SEVERITY_ERROR, path,
			    "simple or consistentHash, not both");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct value *v = value_get(hash, keys[i]);

		count += !value_is_null(v) && !value_is_false(v);
	}
	if (count != 1)
		problem_add(x->out, NULL, hash, CODE_VALUE, SEVERITY_ERROR, path,
			    "needs one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName");
	if (cookie != NULL && value_get_text(cookie, "name") == NULL)
		problem_add(x->out, NULL, cookie, CODE_VALUE, SEVERITY_ERROR,
			    "trafficPolicy.loadBalancer.consistentHash.httpCookie.name",
			    "must not be empty");
}

/* The name is taken by somebody else's. */
static void
check_peer_auth(struct checking *x)
{
	const struct wizard_state *w = x->w;
	const struct value *mode = value_path(w->advanced, "trafficPolicy.peerAuthentication");
	const struct value *selector;
	const struct object *o;
	struct value *own;

	if (mode == NULL || w->peer_auth != NULL)
		return;
	o = snapshot_find(w->mesh->snapshot, KIND_PEER_AUTH, w->service->ns, w->service->name);
	if (o == NULL)
		return;
	own = value_new_map(x->arena);
	value_set_string(x->arena, own, w->app_label, w->app);
	selector = value_path(o->spec, "selector.matchLabels");
	if (!value_equal(selector, own))
		problem_add(x->out, NULL, mode, CODE_STATE, SEVERITY_ERROR,
			    "trafficPolicy.peerAuthentication",
			    "PeerAuthentication %s.%s is there already and selects other workloads",
			    o->name, o->ns);
}

void
wizard_check(const struct wizard_state *w, struct problems *problems)
{
	struct checking x = { .w = w, .out = problems, .arena = arena_new(), .base = "" };

	if (w->kind == WIZARD_DELETE) {
		arena_free(&x.arena);
		return;
	}
	if (w->rules.len == 0)
		problem_add(problems, NULL, NULL, CODE_VALUE, SEVERITY_ERROR, "rules",
			    "needs at least one rule");
	for (size_t i = 0; i < w->rules.len; i++) {
		if (w->kind == WIZARD_REQUEST_ROUTING)
			x.base = arena_printf(x.arena, "rules[%zu].", i);
		check_rule(&x, &w->rules.items[i]);
	}
	check_hosts(&x);
	check_gateway(&x);
	check_tls(&x, value_path(w->advanced, "trafficPolicy.tls"));
	check_balancer(&x, value_path(w->advanced, "trafficPolicy.loadBalancer"));
	check_peer_auth(&x);
	arena_free(&x.arena);
}
