/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of a DestinationRule (spec/dataplane.md 1.2); the rules between them
 * are check_destination_rule.c.
 */
#include "src/istio/check_destination_rule.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field keepalive_fields[] = {
	INT("probes", RANGE(0, UINT32_LIMIT)),
	DURATION("time"),
	DURATION("interval"),
	END
};

static const struct schema keepalive = {
	.name = "a tcpKeepalive", .fields = keepalive_fields,
};

static const struct field pool_tcp_fields[] = {
	COUNT("maxConnections"),
	DURATION("connectTimeout"),
	OBJECT("tcpKeepalive", OF(keepalive)),
	DURATION("maxConnectionDuration"),
	DURATION0("idleTimeout"),
	END
};

static const struct schema pool_tcp = {
	.name = "connectionPool.tcp", .fields = pool_tcp_fields,
};

static const struct field http2_keepalive_fields[] = {
	DURATION("interval", .flags = FIELD_REQUIRED),
	DURATION("timeout", .flags = FIELD_REQUIRED),
	END
};

static const struct schema http2_keepalive = {
	.name = "an http2KeepAlive", .fields = http2_keepalive_fields,
};

static const struct field pool_http_fields[] = {
	COUNT("http1MaxPendingRequests"),
	COUNT("http2MaxRequests"),
	COUNT("maxRequestsPerConnection"),
	COUNT("maxRetries"),
	DURATION("idleTimeout"),
	ENUM("h2UpgradePolicy", .words = "DEFAULT|DO_NOT_UPGRADE|UPGRADE"),
	BOOL("useClientProtocol"),
	COUNT("maxConcurrentStreams"),
	OBJECT("http2KeepAlive", OF(http2_keepalive)),
	END
};

static const struct schema pool_http = {
	.name = "connectionPool.http", .fields = pool_http_fields, .check = dr_check_pool_http,
};

static const struct field pool_fields[] = {
	OBJECT("tcp", OF(pool_tcp)),
	OBJECT("http", OF(pool_http)),
	END
};

const struct schema schema_connection_pool = {
	.name = "a connectionPool", .fields = pool_fields, .check = dr_check_pool,
};

static const struct field attribute_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, .check = dr_check_cookie_name),
	TEXT("value", .check = dr_check_cookie_text),
	END
};

static const struct schema attribute = {
	.name = "an attribute", .fields = attribute_fields,
};

static const struct field cookie_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, .check = dr_check_cookie_name),
	TEXT("path", .check = dr_check_cookie_text),
	DURATION0("ttl"),
	OBJECTS("attributes", OF(attribute), .check_all = check_unique_names),
	END
};

static const struct schema cookie = {
	.name = "an httpCookie", .fields = cookie_fields,
};

static const struct field ring_fields[] = {
	INT("minimumRingSize", RANGE(0, 9007199254740992.0)),
	END
};

static const struct schema ring = {
	.name = "a ringHash", .fields = ring_fields,
};

static const struct field maglev_fields[] = {
	INT("tableSize", RANGE(1, 5000010), .flags = FIELD_REQUIRED, .check = dr_check_prime),
	END
};

static const struct schema maglev = {
	.name = "maglev", .fields = maglev_fields,
};

static const struct field hash_fields[] = {
	TEXT("httpHeaderName", .check = check_not_empty),
	OBJECT("httpCookie", OF(cookie)),
	BOOL("useSourceIp"),
	TEXT("httpQueryParameterName", .check = check_not_empty),
	OBJECT("ringHash", OF(ring)),
	OBJECT("maglev", OF(maglev)),
	INT("minimumRingSize", RANGE(0, 9007199254740992.0), .flags = FIELD_DEPRECATED,
	    .note = "write ringHash: {minimumRingSize: N}"),
	END
};

static const struct schema hash = {
	.name = "a consistentHash", .fields = hash_fields,
	.one_of = "httpHeaderName|httpCookie|useSourceIp|httpQueryParameterName",
	.check = dr_check_hash,
};

static const struct field distribute_fields[] = {
	TEXT("from", .check = dr_check_locality),
	INT_MAP("to", RANGE(1, 100)),
	END
};

static const struct schema distribute = {
	.name = "a distribute", .fields = distribute_fields, .check = dr_check_distribute,
};

static const struct field failover_fields[] = {
	TEXT("from", .check = dr_check_region),
	TEXT("to", .check = dr_check_region),
	END
};

static const struct schema failover = {
	.name = "a failover", .fields = failover_fields, .check = dr_check_failover,
};

static const struct field locality_fields[] = {
	BOOL("enabled"),
	OBJECTS("distribute", OF(distribute)),
	OBJECTS("failover", OF(failover)),
	TEXTS("failoverPriority"),
	END
};

static const struct schema locality = {
	.name = "a localityLbSetting", .fields = locality_fields, .one_of = "distribute|failover",
	.check = dr_check_localities,
};

static const struct field zone_fields[] = {
	BOOL("enabled"),
	OBJECTS("failover", OF(failover)),
	TEXTS("failoverPriority"),
	INT("minClusterSize", RANGE(1, UINT32_LIMIT)),
	END
};

static const struct schema zone_aware = {
	.name = "a zoneAwareLbSetting", .fields = zone_fields, .check = dr_check_zones,
};

static const struct field warmup_fields[] = {
	DURATION("duration", .flags = FIELD_REQUIRED),
	DOUBLE("minimumPercent", RANGE(0, 100)),
	DOUBLE("aggression", RANGE(0, 1e9), .check = dr_check_positive),
	END
};

static const struct schema warmup = {
	.name = "a warmup", .fields = warmup_fields,
};

static const struct field utilization_fields[] = {
	INT("errorUtilizationPenaltyPercent", RANGE(0, UINT32_LIMIT)),
	TEXTS("metricNamesForComputingUtilization"),
	DURATION("weightExpirationPeriod"),
	DURATION("weightStabilizationPeriod"),
	DURATION("weightUpdatePeriod"),
	END
};

static const struct schema utilization = {
	.name = "a backendUtilization", .fields = utilization_fields,
};

static const struct field balancer_fields[] = {
	ENUM("simple", .words = "UNSPECIFIED|LEAST_REQUEST|ROUND_ROBIN|RANDOM|PASSTHROUGH|LEAST_CONN"),
	OBJECT("consistentHash", OF(hash)),
	OBJECT("backendUtilization", OF(utilization)),
	OBJECT("localityLbSetting", OF(locality)),
	OBJECT("zoneAwareLbSetting", OF(zone_aware)),
	OBJECT("warmup", OF(warmup)),
	DURATION("warmupDurationSecs", .flags = FIELD_DEPRECATED, .note = "write warmup: {duration: D}"),
	END
};

static const struct schema balancer = {
	.name = "a loadBalancer", .fields = balancer_fields,
	.one_of = "simple|consistentHash|backendUtilization", .check = dr_check_balancer,
};

static const struct field outlier_fields[] = {
	INT("consecutive5xxErrors", RANGE(0, UINT32_LIMIT)),
	INT("consecutiveErrors", RANGE(0, INT32_LIMIT), .flags = FIELD_INEFFECTIVE,
	    .note = "deprecated, and Istio ignores it: write consecutive5xxErrors"),
	INT("consecutiveGatewayErrors", RANGE(0, UINT32_LIMIT)),
	INT("consecutiveLocalOriginFailures", RANGE(0, UINT32_LIMIT)),
	BOOL("splitExternalLocalOriginErrors"),
	DURATION("interval"),
	DURATION("baseEjectionTime"),
	INT("maxEjectionPercent", RANGE(0, 100)),
	INT("minHealthPercent", RANGE(0, 100)),
	INTS("outlierDetectionHttpErrorCodes", RANGE(100, 599)),
	END
};

static const struct schema outlier = {
	.name = "an outlierDetection", .fields = outlier_fields, .check = dr_check_outlier,
};

static const struct field tls_fields[] = {
	ENUM("mode", .words = "DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL"),
	TEXT("clientCertificate"),
	TEXT("privateKey"),
	TEXT("caCertificates"),
	TEXT("credentialName"),
	TEXTS("subjectAltNames"),
	TEXT("sni"),
	BOOL("insecureSkipVerify"),
	TEXT("caCrl"),
	END
};

static const struct schema tls = {
	.name = "tls", .fields = tls_fields, .check = dr_check_tls,
};

static const struct field port_fields[] = {
	PORT("number", .flags = FIELD_REQUIRED),
	END
};

static const struct schema port = {
	.name = "a port", .fields = port_fields,
};

static const struct field port_level_fields[] = {
	OBJECT("port", OF(port), .flags = FIELD_REQUIRED),
	OBJECT("loadBalancer", OF(balancer)),
	OBJECT("connectionPool", OF(schema_connection_pool)),
	OBJECT("outlierDetection", OF(outlier)),
	OBJECT("tls", OF(tls)),
	END
};

static const struct schema port_level = {
	.name = "a portLevelSetting", .fields = port_level_fields, .check = dr_check_port_level,
};

static const struct field tunnel_fields[] = {
	TEXT("protocol"),
	TEXT("targetHost", .flags = FIELD_REQUIRED),
	PORT("targetPort", .flags = FIELD_REQUIRED),
	END
};

static const struct schema tunnel = {
	.name = "a tunnel", .fields = tunnel_fields, .check = dr_check_tunnel,
};

static const struct field proxy_protocol_fields[] = {
	ENUM("version", .words = "V1|V2"),
	END
};

static const struct schema proxy_protocol = {
	.name = "a proxyProtocol", .fields = proxy_protocol_fields,
};

static const struct field budget_fields[] = {
	DOUBLE("percent", RANGE(0, 100)),
	INT("minRetryConcurrency", RANGE(0, UINT32_LIMIT)),
	DURATION0("budgetInterval"),
	END
};

static const struct schema budget = {
	.name = "a retryBudget", .fields = budget_fields,
};

static const struct field policy_fields[] = {
	OBJECT("loadBalancer", OF(balancer)),
	OBJECT("connectionPool", OF(schema_connection_pool)),
	OBJECT("outlierDetection", OF(outlier)),
	OBJECT("tls", OF(tls)),
	OBJECTS("portLevelSettings", OF(port_level), MOST(4096)),
	OBJECT("tunnel", OF(tunnel)),
	OBJECT("proxyProtocol", OF(proxy_protocol)),
	OBJECT("retryBudget", OF(budget)),
	END
};

static const struct schema policy = {
	.name = "a trafficPolicy", .fields = policy_fields, .one_of = "tunnel|proxyProtocol",
	.check = dr_check_policy,
};

static const struct field subset_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, .check = check_dns_label),
	TEXT_MAP("labels", .check_all = check_labels),
	OBJECT("trafficPolicy", OF(policy)),
	END
};

static const struct schema subset = {
	.name = "a subset", .fields = subset_fields,
};

static const struct field selector_fields[] = {
	TEXT_MAP("matchLabels", MOST(4096), .check_all = check_selector_labels),
	END
};

const struct schema schema_workload_selector = {
	.name = "a selector", .fields = selector_fields,
};

static const struct field spec_fields[] = {
	TEXT("host", .flags = FIELD_REQUIRED, .check = check_wildcard_domain),
	OBJECT("trafficPolicy", OF(policy)),
	OBJECTS("subsets", OF(subset), .check_all = check_unique_names),
	TEXTS("exportTo", .check = check_export_to, .check_all = check_export_list),
	OBJECT("workloadSelector", OF(schema_workload_selector)),
	END
};

const struct schema schema_destination_rule = {
	.name = "a DestinationRule", .fields = spec_fields, .check = dr_check,
};
