/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trafficPolicy to effective settings (spec/dataplane.md 1.2, 4).  A subset's
 * member replaces the top-level one whole; a port's settings replace all
 * four, absent ones by the defaults.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/istio/duration.h"
#include "src/mesh/compile.h"

#define HOUR_MS (UINT64_C(3600) * 1000)
#define RING_MIN 1024u
#define MAGLEV_SIZE 65537u

/* The last has no place in the settings of a port, and none of them replaces it. */
enum member { MEMBER_BALANCER, MEMBER_POOL, MEMBER_OUTLIER, MEMBER_TLS, MEMBER_BUDGET,
	      MEMBER_COUNT };

static const char *const member_keys[MEMBER_COUNT] = {
	"loadBalancer", "connectionPool", "outlierDetection", "tls", "retryBudget" };

struct members {
	const struct value *of[MEMBER_COUNT];
};

static void
merge(struct members *m, const struct value *policy, uint16_t port)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const struct value *v = value_get(policy, member_keys[i]);

		if (v != NULL && v->kind != VALUE_NULL)
			m->of[i] = v;
	}
	VALUE_EACH(level, value_get(policy, "portLevelSettings")) {
		int64_t number = 0;

		if (!value_to_int(value_path(level, "port.number"), &number) || number != port)
			continue;
		for (size_t i = 0; i < MEMBER_BUDGET; i++)
			m->of[i] = value_get(level, member_keys[i]);
		return;
	}
}

/* 0 and absent both leave the default. */
static void
set_count(uint32_t *out, const struct value *map, const char *key)
{
	int64_t n;

	if (value_to_int(value_get(map, key), &n) && n > 0)
		*out = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* As set_count(), but 0 is a value. */
static void
set_number(uint32_t *out, const struct value *map, const char *key)
{
	int64_t n;

	if (value_to_int(value_get(map, key), &n) && n >= 0)
		*out = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static bool
set_ms(uint64_t *out, const struct value *map, const char *key)
{
	const char *text = value_get_text(map, key);
	uint64_t ns;

	if (text == NULL || !duration_parse(text, &ns))
		return false;
	*out = ns / 1000000;
	return true;
}

/* NULL for an empty one. */
static const struct value *
list_in(const struct value *map, const char *key)
{
	const struct value *list = value_get(map, key);

	return list != NULL && list->kind == VALUE_LIST && list->count > 0 ? list : NULL;
}

static void
read_hash(struct cluster_policy *p, const struct value *v)
{
	const struct value *cookie = value_get(v, "httpCookie");
	uint64_t ttl_ms;
	bool source_ip = false;

	p->balancer = BALANCE_CONSISTENT_HASH;
	p->hash.header = value_get_text(v, "httpHeaderName");
	p->hash.query = value_get_text(v, "httpQueryParameterName");
	p->hash.cookie = value_get_text(cookie, "name");
	p->hash.cookie_path = value_get_text(cookie, "path");
	p->hash.cookie_attributes = list_in(cookie, "attributes");
	if (set_ms(&ttl_ms, cookie, "ttl"))
		p->hash.cookie_ttl_ms = (int64_t)ttl_ms;
	value_to_bool(value_get(v, "useSourceIp"), &source_ip);
	p->hash.source_ip = source_ip;
	p->hash.maglev = value_get(v, "maglev") != NULL;
	p->hash.ring_size = p->hash.maglev ? MAGLEV_SIZE : RING_MIN;
	set_count(&p->hash.ring_size, v, "minimumRingSize");
	set_count(&p->hash.ring_size, value_get(v, "ringHash"), "minimumRingSize");
	set_count(&p->hash.ring_size, value_get(v, "maglev"), "tableSize");
}

static void
read_balancer(struct cluster_policy *p, const struct value *v)
{
	static const struct {
		const char *name;
		enum balancer balancer;
	} names[] = {
		{ "UNSPECIFIED", BALANCE_LEAST_REQUEST },
		{ "LEAST_REQUEST", BALANCE_LEAST_REQUEST },
		{ "LEAST_CONN", BALANCE_LEAST_REQUEST },
		{ "ROUND_ROBIN", BALANCE_ROUND_ROBIN },
		{ "RANDOM", BALANCE_RANDOM },
		{ "PASSTHROUGH", BALANCE_PASSTHROUGH },
	};
	const char *simple = value_get_text(v, "simple");

	if (value_is_map(value_get(v, "consistentHash"))) {
		read_hash(p, value_get(v, "consistentHash"));
		return;
	}
	for (size_t i = 0; simple != NULL && i < ARRAY_LEN(names); i++)
		if (strcmp(simple, names[i].name) == 0)
			p->balancer = names[i].balancer;
}

/* Whole seconds, as the kernel counts. */
static void
set_seconds(uint32_t *out, const struct value *map, const char *key)
{
	uint64_t ms;

	if (!set_ms(&ms, map, key))
		return;
	*out = ms < 1000 ? 1 : ms / 1000 < UINT32_MAX ? (uint32_t)(ms / 1000) : UINT32_MAX;
}

static void
read_keepalive(struct cluster_policy *p, const struct value *v)
{
	if (!value_is_map(v))
		return;
	p->keepalive.is_on = true;
	set_count(&p->keepalive.probes, v, "probes");
	set_seconds(&p->keepalive.idle_s, v, "time");
	set_seconds(&p->keepalive.interval_s, v, "interval");
}

/* An old name of its duration alone is still read. */
static void
read_warmup(struct cluster_policy *p, const struct value *v)
{
	const struct value *warmup = value_get(v, "warmup");
	double percent = 10;

	if (p->balancer != BALANCE_ROUND_ROBIN && p->balancer != BALANCE_LEAST_REQUEST)
		return;
	if (!set_ms(&p->warmup.duration_ms, warmup, "duration"))
		set_ms(&p->warmup.duration_ms, v, "warmupDurationSecs");
	value_to_double(value_get(warmup, "minimumPercent"), &percent);
	p->warmup.least = percent / 100;
	p->warmup.aggression = 1;
	value_to_double(value_get(warmup, "aggression"), &p->warmup.aggression);
	if (!(p->warmup.aggression > 0))
		p->warmup.aggression = 1;
}

static bool
is_enabled(const struct value *setting)
{
	bool enabled = true;

	value_to_bool(value_get(setting, "enabled"), &enabled);
	return enabled;
}

/* What Istio makes of a Service's trafficDistribution. */
static const char *const same_zone[] = {
	"topology.istio.io/network", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
	NULL,
};
static const char *const same_node[] = {
	"topology.istio.io/network", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
	"topology.istio.io/subzone", "kubernetes.io/hostname", NULL,
};
static const char *const *const orders[] = {
	[DISTRIBUTE_SAME_ZONE] = same_zone, [DISTRIBUTE_SAME_NODE] = same_node,
};

/* The rule's setting hides the service's and the mesh's, also where it says no. */
static void
read_locality(struct cluster_policy *p, const struct value *own, enum service_distribution d,
	      const struct value *of_mesh)
{
	const struct value *setting = value_is_map(own) ? own : of_mesh;

	if (!value_is_map(own) && d != DISTRIBUTE_ANYWHERE) {
		p->locality.is_on = true;
		p->locality.order = orders[d];
		return;
	}
	p->locality.is_on = is_enabled(setting);
	p->locality.setting = p->locality.is_on ? setting : NULL;
}

static void
read_pool(struct cluster_policy *p, const struct value *v)
{
	const struct value *tcp = value_get(v, "tcp"), *http = value_get(v, "http");

	set_count(&p->max_connections, tcp, "maxConnections");
	set_ms(&p->connect_timeout_ms, tcp, "connectTimeout");
	set_ms(&p->max_duration_ms, tcp, "maxConnectionDuration");
	if (set_ms(&p->tcp_idle_timeout_ms, tcp, "idleTimeout"))
		p->idle_timeout_ms = p->tcp_idle_timeout_ms;
	read_keepalive(p, value_get(tcp, "tcpKeepalive"));
	set_count(&p->max_pending, http, "http1MaxPendingRequests");
	set_count(&p->max_requests, http, "http2MaxRequests");
	set_count(&p->max_retries, http, "maxRetries");
	set_count(&p->max_requests_per_connection, http, "maxRequestsPerConnection");
	set_ms(&p->idle_timeout_ms, http, "idleTimeout");
}

/* consecutiveErrors is accepted and has no effect, as in Istio. */
static void
read_outlier(struct cluster_policy *p, const struct value *v)
{
	bool splits = false;

	p->outlier.is_on = true;
	value_to_bool(value_get(v, "splitExternalLocalOriginErrors"), &splits);
	p->outlier.splits_local = splits;
	set_number(&p->outlier.consecutive_5xx, v, "consecutive5xxErrors");
	set_number(&p->outlier.consecutive_gateway, v, "consecutiveGatewayErrors");
	set_count(&p->outlier.consecutive_local, v, "consecutiveLocalOriginFailures");
	set_ms(&p->outlier.interval_ms, v, "interval");
	set_ms(&p->outlier.base_ejection_ms, v, "baseEjectionTime");
	set_count(&p->outlier.max_ejection_percent, v, "maxEjectionPercent");
	set_number(&p->outlier.min_health_percent, v, "minHealthPercent");
	p->outlier.error_codes = list_in(v, "outlierDetectionHttpErrorCodes");
}

static void
read_budget(struct cluster_policy *p, const struct value *v)
{
	if (!value_is_map(v))
		return;
	p->retry_budget.is_on = true;
	p->retry_budget.percent = 20;
	p->retry_budget.min_concurrency = 3;
	value_to_double(value_get(v, "percent"), &p->retry_budget.percent);
	set_number(&p->retry_budget.min_concurrency, v, "minRetryConcurrency");
	set_ms(&p->retry_budget.interval_ms, v, "budgetInterval");
}

static void
read_tls(struct cluster_policy *p, const struct value *v)
{
	const char *mode = value_get_text(v, "mode");

	if (mode == NULL || strcmp(mode, "DISABLE") == 0)
		p->tls = TLS_DISABLE;
	else if (strcmp(mode, "SIMPLE") == 0)
		p->tls = TLS_SIMPLE;
	else if (strcmp(mode, "MUTUAL") == 0)
		p->tls = TLS_MUTUAL;
	else if (strcmp(mode, "ISTIO_MUTUAL") == 0)
		p->tls = TLS_ISTIO_MUTUAL;
}

static uint64_t
hash_text(const char *s, uint64_t h)
{
	return s != NULL ? strmap_hash(s, strlen(s), h) : strmap_hash("", 0, h + 1);
}

static uint64_t
hash_value(const struct value *v, uint64_t h)
{
	if (v == NULL)
		return h + 1;
	h = hash_text(value_text(v), hash_text(v->key, h ^ v->count));
	VALUE_EACH(child, v)
		h = hash_value(child, h);
	return h;
}

static uint64_t
hash_number(double d, uint64_t h)
{
	return strmap_hash(&d, sizeof(d), h);
}

static uint64_t
hash_policy(const struct cluster_policy *p)
{
	const uint64_t numbers[] = {
		p->balancer, p->hash.source_ip, p->hash.maglev, p->hash.ring_size,
		(uint64_t)p->hash.cookie_ttl_ms, p->max_connections, p->max_pending,
		p->max_requests, p->max_retries, p->max_requests_per_connection,
		p->connect_timeout_ms, p->idle_timeout_ms, p->tcp_idle_timeout_ms,
		p->max_duration_ms, p->outlier.is_on, p->outlier.splits_local,
		p->outlier.consecutive_5xx, p->outlier.consecutive_gateway,
		p->outlier.consecutive_local, p->outlier.interval_ms,
		p->outlier.base_ejection_ms, p->outlier.max_ejection_percent,
		p->outlier.min_health_percent, p->tls, p->keepalive.is_on,
		p->keepalive.probes, p->keepalive.idle_s, p->keepalive.interval_s,
		p->retry_budget.is_on, p->retry_budget.min_concurrency,
		p->retry_budget.interval_ms, p->locality.is_on, p->warmup.duration_ms,
		p->locality.order == same_zone, p->locality.order == same_node,
	};
	uint64_t h = strmap_hash(numbers, sizeof(numbers), 0);

	h = hash_text(p->hash.header, h);
	h = hash_text(p->hash.query, h);
	h = hash_text(p->hash.cookie, h);
	h = hash_text(p->hash.cookie_path, h);
	h = hash_number(p->retry_budget.percent, h);
	h = hash_number(p->warmup.least, h);
	h = hash_number(p->warmup.aggression, h);
	h = hash_value(p->locality.setting, h);
	h = hash_value(p->hash.cookie_attributes, h);
	return hash_value(p->outlier.error_codes, h);
}

void
policy_defaults(struct cluster_policy *p)
{
	*p = (struct cluster_policy){
		.balancer = BALANCE_LEAST_REQUEST,
		.hash = { .cookie_ttl_ms = -1, .ring_size = RING_MIN },
		.max_connections = MESH_UNLIMITED, .max_pending = MESH_UNLIMITED,
		.max_requests = MESH_UNLIMITED, .max_retries = MESH_UNLIMITED,
		.connect_timeout_ms = 10000, .idle_timeout_ms = HOUR_MS,
		.tcp_idle_timeout_ms = HOUR_MS,
		.outlier = { .consecutive_5xx = 5, .consecutive_local = 5,
			     .interval_ms = 10000, .base_ejection_ms = 30000,
			     .max_ejection_percent = 10 },
	};
	p->hash_of_all = hash_policy(p);
}

void
policy_compile(struct cluster_policy *p, const struct mesh_settings *settings,
	       const struct value *top, const struct value *subset,
	       const struct mesh_service *s, uint16_t port)
{
	struct members m = { .of = { NULL } };

	policy_defaults(p);
	merge(&m, top, port);
	merge(&m, subset, port);
	if (m.of[MEMBER_BALANCER] != NULL)
		read_balancer(p, m.of[MEMBER_BALANCER]);
	read_warmup(p, m.of[MEMBER_BALANCER]);
	read_locality(p, value_get(m.of[MEMBER_BALANCER], "localityLbSetting"), s->distribution,
		      settings->locality);
	p->connect_timeout_ms = settings->connect_ms;
	read_keepalive(p, settings->keepalive);
	if (m.of[MEMBER_POOL] != NULL)
		read_pool(p, m.of[MEMBER_POOL]);
	if (m.of[MEMBER_OUTLIER] != NULL)
		read_outlier(p, m.of[MEMBER_OUTLIER]);
	if (m.of[MEMBER_TLS] != NULL)
		read_tls(p, m.of[MEMBER_TLS]);
	read_budget(p, m.of[MEMBER_BUDGET]);
	p->hash_of_all = hash_policy(p);
}
