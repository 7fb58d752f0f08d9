/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of a DestinationRule (spec/dataplane.md 1.2); the rules between them
 * are check_destination_rule.c.
 */
#include "src/istio/check_destination_rule.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field keepalive_fields[] = {
	INT("probes", 0, UINT32_LIMIT),
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
	OBJECT("tcpKeepalive", keepalive),
	DURATION("maxConnectionDuration"),
	DURATION0("idleTimeout"),
	END
};

static const struct schema pool_tcp = {
	.name = "connectionPool.tcp", .fields = pool_tcp_fields,
};

static const struct field http2_keepalive_fields[] = {
	DURATION("interval"),
	DURATION("timeout"),
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
	ENUM("h2UpgradePolicy", "DEFAULT|DO_NOT_UPGRADE|UPGRADE"),
	BOOL("useClientProtocol"),
	COUNT("maxConcurrentStreams"),
	OBJECT("http2KeepAlive", http2_keepalive),
	END
};

static const struct schema pool_http = {
	.name = "connectionPool.http", .fields = pool_http_fields, .check = dr_check_pool_http,
};

static const struct field pool_fields[] = {
	OBJECT("tcp", pool_tcp),
	OBJECT("http", pool_http),
	END
};

const struct schema schema_connection_pool = {
	.name = "a connectionPool", .fields = pool_fields, .check = dr_check_pool,
};

static const struct field attribute_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("value"),
	END
};

static const struct schema attribute = {
	.name = "an attribute", .fields = attribute_fields,
};

static const struct field cookie_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("path"),
	DURATION0("ttl"),
	OBJECTS("attributes", attribute, .check_all = dr_check_unique_names),
	END
};

static const struct schema cookie = {
	.name = "an httpCookie", .fields = cookie_fields,
};

static const struct field ring_fields[] = {
	INT("minimumRingSize", 0, 9007199254740992.0),
	END
};

static const struct schema ring = {
	.name = "a ringHash", .fields = ring_fields,
};

static const struct field maglev_fields[] = {
	INT("tableSize", 0, 5000010, .check = dr_check_prime),
	END
};

static const struct schema maglev = {
	.name = "maglev", .fields = maglev_fields,
};

static const struct field hash_fields[] = {
	TEXT("httpHeaderName", .check = check_not_empty),
	OBJECT("httpCookie", cookie),
	BOOL("useSourceIp"),
	TEXT("httpQueryParameterName", .check = check_not_empty),
	OBJECT("ringHash", ring),
	OBJECT("maglev", maglev),
	INT("minimumRingSize", 0, 9007199254740992.0, .flags = FIELD_DEPRECATED,
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
	{ .name = "to", .shape = FIELD_MAP, .type = FIELD_INT, .min = 1, .max = 100 },
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
	OBJECTS("distribute", distribute),
	OBJECTS("failover", failover),
	TEXTS("failoverPriority"),
	END
};

static const struct schema locality = {
	.name = "a localityLbSetting", .fields = locality_fields, .one_of = "distribute|failover",
};

static const struct field zone_fields[] = {
	BOOL("enabled"),
	OBJECTS("failover", failover),
	TEXTS("failoverPriority"),
	INT("minClusterSize", 1, UINT32_LIMIT),
	END
};

static const struct schema zone_aware = {
	.name = "a zoneAwareLbSetting", .fields = zone_fields,
};

static const struct field warmup_fields[] = {
	DURATION("duration", .flags = FIELD_REQUIRED),
	DOUBLE("minimumPercent", 0, 100),
	DOUBLE("aggression", 0, 1e9, .check = dr_check_positive),
	END
};

static const struct schema warmup = {
	.name = "a warmup", .fields = warmup_fields,
};

static const struct field utilization_fields[] = {
	INT("errorUtilizationPenaltyPercent", 0, UINT32_LIMIT),
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
	ENUM("simple", "UNSPECIFIED|LEAST_REQUEST|ROUND_ROBIN|RANDOM|PASSTHROUGH|LEAST_CONN"),
	OBJECT("consistentHash", hash),
	OBJECT("backendUtilization", utilization),
	OBJECT("localityLbSetting", locality),
	OBJECT("zoneAwareLbSetting", zone_aware),
	OBJECT("warmup", warmup),
	DURATION("warmupDurationSecs", .flags = FIELD_DEPRECATED, .note = "write warmup: {duration: D}"),
	END
};

static const struct schema balancer = {
	.name = "a loadBalancer", .fields = balancer_fields,
	.one_of = "simple|consistentHash|backendUtilization",
};

static const struct field outlier_fields[] = {
	INT("consecutive5xxErrors", 0, UINT32_LIMIT),
	INT("consecutiveErrors", 0, INT32_LIMIT, .flags = FIELD_INEFFECTIVE,
	    .note = "deprecated, and Istio ignores it: write consecutive5xxErrors"),
	INT("consecutiveGatewayErrors", 0, UINT32_LIMIT),
	INT("consecutiveLocalOriginFailures", 0, UINT32_LIMIT),
	BOOL("splitExternalLocalOriginErrors"),
	DURATION("interval"),
	DURATION("baseEjectionTime"),
	INT("maxEjectionPercent", 0, 100),
	INT("minHealthPercent", 0, 100),
	{ .name = "outlierDetectionHttpErrorCodes", .shape = FIELD_LIST, .type = FIELD_INT,
	  .min = 100, .max = 599 },
	END
};

static const struct schema outlier = {
	.name = "an outlierDetection", .fields = outlier_fields, .check = dr_check_outlier,
};

static const struct field tls_fields[] = {
	ENUM("mode", "DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL"),
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
	OBJECT("port", port, .flags = FIELD_REQUIRED),
	OBJECT("loadBalancer", balancer),
	OBJECT("connectionPool", schema_connection_pool),
	OBJECT("outlierDetection", outlier),
	OBJECT("tls", tls),
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
	.name = "a tunnel", .fields = tunnel_fields,
};

static const struct field proxy_protocol_fields[] = {
	ENUM("version", "V1|V2"),
	END
};

static const struct schema proxy_protocol = {
	.name = "a proxyProtocol", .fields = proxy_protocol_fields,
};

static const struct field budget_fields[] = {
	DOUBLE("percent", 0, 100),
	INT("minRetryConcurrency", 0, UINT32_LIMIT),
	DURATION0("budgetInterval"),
	END
};

static const struct schema budget = {
	.name = "a retryBudget", .fields = budget_fields,
};

static const struct field policy_fields[] = {
	OBJECT("loadBalancer", balancer),
	OBJECT("connectionPool", schema_connection_pool),
	OBJECT("outlierDetection", outlier),
	OBJECT("tls", tls),
	OBJECTS("portLevelSettings", port_level, .check_all = dr_check_port_levels),
	OBJECT("tunnel", tunnel),
	OBJECT("proxyProtocol", proxy_protocol),
	OBJECT("retryBudget", budget),
	END
};

static const struct schema policy = {
	.name = "a trafficPolicy", .fields = policy_fields, .one_of = "tunnel|proxyProtocol",
	.check = dr_check_policy,
};

static const struct field subset_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, .check = check_dns_label),
	TEXT_MAP("labels", .check_all = check_labels),
	OBJECT("trafficPolicy", policy),
	END
};

static const struct schema subset = {
	.name = "a subset", .fields = subset_fields,
};

static const struct field selector_fields[] = {
	TEXT_MAP("matchLabels", .check_all = check_selector_labels),
	END
};

const struct schema schema_workload_selector = {
	.name = "a selector", .fields = selector_fields,
};

static const struct field spec_fields[] = {
	TEXT("host", .flags = FIELD_REQUIRED, .check = check_wildcard_domain),
	OBJECT("trafficPolicy", policy),
	OBJECTS("subsets", subset, .check_all = dr_check_unique_names),
	TEXTS("exportTo", .check = check_export_to, .check_all = check_export_list),
	OBJECT("workloadSelector", schema_workload_selector),
	END
};

const struct schema schema_destination_rule = {
	.name = "a DestinationRule", .fields = spec_fields, .check = dr_check,
};
