/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers for what stands behind "advanced", merged member by member into
 * what is there; false removes.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

/* Copies members over, maps into maps; false removes where remove_false. */
static void
merge(struct arena *a, struct value *to, const struct value *from, bool remove_false)
{
	VALUE_EACH(v, from) {
		if (v->kind == VALUE_NULL)
			continue;
		if (remove_false && value_is_false(v))
			value_remove(to, v->key);
		else if (v->kind == VALUE_MAP && value_is_map(value_get(to, v->key)))
			merge(a, value_get(to, v->key), v, false);
		else
			value_set(a, to, v->key, value_copy(a, v));
	}
}

static void
answer_hosts(struct answering *x, struct value *out, const struct value *hosts)
{
	if (value_is_null(hosts))
		return;
	value_set(x->w->arena, out, "hosts", value_copy(x->w->arena, hosts));
	x->w->has_hosts = true;
}

static const char *
full_name(struct arena *a, const char *name, const char *ns)
{
	return strchr(name, '/') != NULL ? name : arena_printf(a, "%s/%s", ns, name);
}

/* The box of hosts shows the new gateway's until other ones are given. */
static void
copy_gateway_hosts(struct answering *x, struct value *out, const struct value *create)
{
	const struct value *hosts = value_get(create, "hosts");

	if (!x->w->has_hosts && hosts != NULL)
		value_set(x->w->arena, out, "hosts", value_copy(x->w->arena, hosts));
}

static void
answer_create(struct answering *x, struct value *out, struct value *gateway,
	      const struct value *create)
{
	struct arena *a = x->w->arena;
	struct value *v = value_ensure_map(a, gateway, "create");

	merge(a, v, create, false);
	if (value_get(v, "port") == NULL)
		value_set_int(a, v, "port", 80);
	if (value_get(v, "hosts") == NULL)
		value_append(value_set(a, v, "hosts", value_new_list(a)),
			     value_new_string(a, "*"));
	value_remove(gateway, "use");
	copy_gateway_hosts(x, out, v);
}

static void
answer_gateway(struct answering *x, struct value *out, const struct value *v)
{
	struct arena *a = x->w->arena;
	const struct value *create = value_get(v, "create"), *use = value_get(v, "use");
	struct value *gateway;

	if (value_is_null(v))
		return;
	if (value_is_false(v)) {
		value_remove(out, "gateway");
		return;
	}
	gateway = value_ensure_map(a, out, "gateway");
	if (!value_is_null(create) && !value_is_null(use)) {
		answer_refuse(x, use, CODE_VALUE, "gateway.use", "create or use, not both");
		return;
	}
	if (!value_is_null(create))
		answer_create(x, out, gateway, create);
	if (!value_is_null(use)) {
		value_set_string(a, gateway, "use",
				 full_name(a, value_text(use), x->w->service->ns));
		value_remove(gateway, "create");
	}
	if (!value_is_null(value_get(v, "includeMesh")))
		value_set(a, gateway, "includeMesh", value_copy(a, value_get(v, "includeMesh")));
	if (value_get(gateway, "create") == NULL && value_get(gateway, "use") == NULL)
		answer_refuse(x, v, CODE_VALUE, "gateway", "needs create or use");
}

static void
answer_tls(struct answering *x, struct value *policy)
{
	static const char *const client[] = { "clientCertificate", "privateKey" };
	struct value *tls = value_get(policy, "tls");
	const char *mode = value_get_text(tls, "mode");

	if (tls == NULL)
		return;
	if (mode == NULL) {
		answer_refuse(x, tls, CODE_VALUE, "trafficPolicy.tls.mode", "is missing");
		return;
	}
	if (strcmp(mode, "UNSET") == 0) {
		value_remove(policy, "tls");
		return;
	}
	if (strcmp(mode, "MUTUAL") == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(client); i++)	/* for MUTUAL alone */
		value_remove(tls, client[i]);
	if (strcmp(mode, "SIMPLE") != 0)
		value_remove(tls, "caCertificates");
}

static bool
is_set(const struct value *v)
{
	return !value_is_null(v) && !value_is_false(v);
}

/* Of exclusive members the one that is mentioned stays. */
static void
keep_mentioned(struct value *to, const struct value *given, const char *const *keys, size_t count)
{
	bool is_mentioned = false;

	for (size_t i = 0; i < count; i++)
		is_mentioned = is_mentioned || is_set(value_get(given, keys[i]));
	for (size_t i = 0; is_mentioned && i < count; i++)
		if (!is_set(value_get(given, keys[i])))
			value_remove(to, keys[i]);
}

static void
answer_balancer(struct answering *x, const struct value *given, struct value *policy)
{
	static const char *const kinds[] = { "simple", "consistentHash" };
	static const char *const keys[] = { "httpHeaderName", "httpCookie", "useSourceIp",
					    "httpQueryParameterName" };
	struct value *balancer = value_get(policy, "loadBalancer");

	if (!value_is_map(given) || balancer == NULL)
		return;
	keep_mentioned(balancer, given, kinds, ARRAY_LEN(kinds));
	keep_mentioned(value_get(balancer, "consistentHash"), value_get(given, "consistentHash"),
		       keys, ARRAY_LEN(keys));
	if (balancer->count == 0)
		answer_refuse(x, given, CODE_VALUE, "trafficPolicy.loadBalancer",
			      "needs simple or consistentHash");
}

static void
answer_policy(struct answering *x, struct value *out, const struct value *v)
{
	struct value *policy;

	if (value_is_null(v))
		return;
	if (value_is_false(v)) {
		value_remove(out, "trafficPolicy");
		return;
	}
	policy = value_ensure_map(x->w->arena, out, "trafficPolicy");
	merge(x->w->arena, policy, v, true);
	answer_tls(x, policy);
	answer_balancer(x, value_get(v, "loadBalancer"), policy);
	if (policy->count == 0)
		value_remove(out, "trafficPolicy");
}

/* Istio has the pool's members below tcp and http; answers may be flat. */
static const char *
pool_section(const char *key)
{
	static const char *const tcp[] = { "maxConnections", "connectTimeout",
					   "maxConnectionDuration", "tcpKeepalive" };

	if (strcmp(key, "tcp") == 0 || strcmp(key, "http") == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(tcp); i++)
		if (strcmp(key, tcp[i]) == 0)
			return "tcp";
	return "http";
}

static struct value *
nested_pool(struct arena *a, const struct value *given)
{
	struct value *out = value_new_map(a);

	VALUE_EACH(v, given) {
		const char *section = pool_section(v->key);

		if (v->kind == VALUE_NULL)
			continue;
		if (section != NULL)
			value_set(a, value_ensure_map(a, out, section), v->key, value_copy(a, v));
		else
			merge(a, value_ensure_map(a, out, v->key), v, false);
	}
	return out;
}

/* What Kiali's switches set when they are turned on. */
static void
set_pool_defaults(struct arena *a, struct value *pool)
{
	value_set_int(a, value_ensure_map(a, pool, "tcp"), "maxConnections", 1);
	value_set_int(a, value_ensure_map(a, pool, "http"), "http1MaxPendingRequests", 1);
}

static void
answer_breaker(struct answering *x, struct value *out, const struct value *v)
{
	struct arena *a = x->w->arena;
	const struct value *pool = value_get(v, "connectionPool");
	const struct value *outlier = value_get(v, "outlierDetection");
	struct value *breaker, *part;

	if (value_is_false(v))
		value_remove(out, "circuitBreaker");
	if (!value_is_map(v))
		return;
	breaker = value_ensure_map(a, out, "circuitBreaker");
	if (value_is_false(pool))
		value_remove(breaker, "connectionPool");
	if (value_is_map(pool)) {
		part = value_ensure_map(a, breaker, "connectionPool");
		merge(a, part, nested_pool(a, pool), false);
		if (part->count == 0)
			set_pool_defaults(a, part);
	}
	if (value_is_false(outlier))
		value_remove(breaker, "outlierDetection");
	if (value_is_map(outlier)) {
		part = value_ensure_map(a, breaker, "outlierDetection");
		/* false removes only the field that Istio ignores; a boolean field
		 * may be false. */
		merge(a, part, outlier, false);
		if (value_is_false(value_get(outlier, "consecutiveErrors")))
			value_remove(part, "consecutiveErrors");
		if (part->count == 0 && outlier->count == 0)
			value_set_int(a, part, "consecutive5xxErrors", 1);
	}
	if (breaker->count == 0)
		value_remove(out, "circuitBreaker");
}

void
answer_advanced(struct answering *x, const struct value *v)
{
	struct value *out = value_copy(x->w->arena, x->w->advanced);

	answer_hosts(x, out, value_get(v, "hosts"));
	answer_gateway(x, out, value_get(v, "gateway"));
	answer_policy(x, out, value_get(v, "trafficPolicy"));
	answer_breaker(x, out, value_get(v, "circuitBreaker"));
	x->w->advanced = out;
}
