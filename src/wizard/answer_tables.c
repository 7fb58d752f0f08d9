/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every key that answers may have, with its type and range. */
#include "src/wizard/wizard_priv.h"

#define MAX_INT INT32_MAX
#define END { .key = NULL }
#define TEXT(k) { .key = (k), .type = SCHEMA_TEXT }
#define BOOL(k) { .key = (k), .type = SCHEMA_BOOL }
#define DURATION(k) { .key = (k), .type = SCHEMA_DURATION }
#define COUNT(k) { .key = (k), .type = SCHEMA_INT, .min = 0, .max = MAX_INT }
#define RANGE(k, low, high) { .key = (k), .type = SCHEMA_INT, .min = (low), .max = (high) }
#define MAP(k, f) { .key = (k), .type = SCHEMA_MAP, .fields = (f) }
#define PART(k, f) { .key = (k), .type = SCHEMA_MAP, .fields = (f), .can_be_false = true }
#define LIST(k, f) { .key = (k), .type = SCHEMA_LIST, .fields = (f) }
#define OF_TYPE(k, t) { .key = (k), .type = (t) }
#define WORD(k, w) { .key = (k), .type = SCHEMA_WORD, .words = (w) }

static const struct schema_field match_fields[] = {
	OF_TYPE("headers", SCHEMA_STRING_MATCHES), OF_TYPE("uri", SCHEMA_URI_MATCH),
	OF_TYPE("scheme", SCHEMA_STRING_MATCH), OF_TYPE("method", SCHEMA_STRING_MATCH),
	OF_TYPE("authority", SCHEMA_STRING_MATCH),
	OF_TYPE("withoutHeaders", SCHEMA_STRING_MATCHES),
	OF_TYPE("queryParams", SCHEMA_STRING_MATCHES), RANGE("port", 1, 65535),
	OF_TYPE("sourceLabels", SCHEMA_TEXT_MAP), TEXT("sourceNamespace"),
	OF_TYPE("gateways", SCHEMA_TEXTS), BOOL("ignoreUriCase"), TEXT("name"),
	TEXT("statPrefix"), END,
};

static const struct schema_field mirror_fields[] = {
	TEXT("workload"), OF_TYPE("percent", SCHEMA_PERCENT), END,
};

static const struct schema_field delay_fields[] = {
	OF_TYPE("percent", SCHEMA_PERCENT), DURATION("duration"), END,
};

static const struct schema_field abort_fields[] = {
	OF_TYPE("percent", SCHEMA_PERCENT), RANGE("status", 200, 599), END,
};

static const struct schema_field retry_fields[] = {
	COUNT("attempts"), DURATION("perTryTimeout"), TEXT("retryOn"), END,
};

const struct schema_field answer_rule_fields[] = {
	{ .key = "match", .type = SCHEMA_LIST, .fields = match_fields },
	RANGE("existing", 1, MAX_INT),
	{ .key = "route", .type = SCHEMA_WEIGHTS, .max = 100 },
	PART("mirror", mirror_fields),
	{ .key = "mirrors", .type = SCHEMA_LIST, .fields = mirror_fields, .can_be_false = true },
	PART("delay", delay_fields), PART("abort", abort_fields),
	{ .key = "timeout", .type = SCHEMA_DURATION, .can_be_false = true },
	PART("retries", retry_fields), END,
};

static const struct schema_field create_fields[] = {
	RANGE("port", 1, 65535), OF_TYPE("hosts", SCHEMA_TEXTS), END,
};

static const struct schema_field gateway_fields[] = {
	MAP("create", create_fields), TEXT("use"), BOOL("includeMesh"), END,
};

static const struct schema_field tls_fields[] = {
	WORD("mode", "UNSET DISABLE SIMPLE MUTUAL ISTIO_MUTUAL"),
	TEXT("clientCertificate"), TEXT("privateKey"), TEXT("caCertificates"),
	TEXT("credentialName"), OF_TYPE("subjectAltNames", SCHEMA_TEXTS), TEXT("sni"),
	BOOL("insecureSkipVerify"), TEXT("caCrl"), END,
};

static const struct schema_field cookie_attribute_fields[] = {
	TEXT("name"), TEXT("value"), END,
};

static const struct schema_field cookie_fields[] = {
	TEXT("name"), TEXT("path"), OF_TYPE("ttl", SCHEMA_DURATION_OR_ZERO),
	{ .key = "attributes", .type = SCHEMA_LIST, .fields = cookie_attribute_fields }, END,
};

static const struct schema_field ring_fields[] = { COUNT("minimumRingSize"), END };
static const struct schema_field maglev_fields[] = { RANGE("tableSize", 1, 5000010), END };

static const struct schema_field hash_fields[] = {
	TEXT("httpHeaderName"), MAP("httpCookie", cookie_fields), BOOL("useSourceIp"),
	TEXT("httpQueryParameterName"), MAP("ringHash", ring_fields),
	MAP("maglev", maglev_fields), COUNT("minimumRingSize"), END,
};

static const struct schema_field balancer_fields[] = {
	WORD("simple", "UNSPECIFIED LEAST_REQUEST LEAST_CONN ROUND_ROBIN RANDOM PASSTHROUGH"),
	MAP("consistentHash", hash_fields), OF_TYPE("localityLbSetting", SCHEMA_ANY),
	OF_TYPE("zoneAwareLbSetting", SCHEMA_ANY), OF_TYPE("warmup", SCHEMA_ANY),
	DURATION("warmupDurationSecs"), END,
};

static const struct schema_field policy_fields[] = {
	PART("tls", tls_fields),
	{ .key = "peerAuthentication", .type = SCHEMA_WORD, .can_be_false = true,
	  .words = "UNSET DISABLE PERMISSIVE STRICT" },
	PART("loadBalancer", balancer_fields), END,
};

static const struct schema_field tcp_keepalive_fields[] = {
	COUNT("probes"), DURATION("time"), DURATION("interval"), END,
};

#define TCP_POOL_FIELDS								\
	COUNT("maxConnections"), DURATION("connectTimeout"),			\
	DURATION("maxConnectionDuration"), MAP("tcpKeepalive", tcp_keepalive_fields)
#define HTTP_POOL_FIELDS							\
	COUNT("http1MaxPendingRequests"), COUNT("http2MaxRequests"),		\
	COUNT("maxRequestsPerConnection"), COUNT("maxRetries"),			\
	WORD("h2UpgradePolicy", "DEFAULT DO_NOT_UPGRADE UPGRADE"),		\
	BOOL("useClientProtocol"), COUNT("maxConcurrentStreams"),		\
	OF_TYPE("http2KeepAlive", SCHEMA_ANY)

static const struct schema_field tcp_pool_fields[] = {
	TCP_POOL_FIELDS, OF_TYPE("idleTimeout", SCHEMA_DURATION_OR_ZERO), END,
};

static const struct schema_field http_pool_fields[] = {
	HTTP_POOL_FIELDS, OF_TYPE("idleTimeout", SCHEMA_DURATION_OR_ZERO), END,
};

/* Members may stand below tcp and http, as in Istio, or flat; idleTimeout,
 * which both have, means http's then. */
static const struct schema_field pool_fields[] = {
	MAP("tcp", tcp_pool_fields), MAP("http", http_pool_fields),
	TCP_POOL_FIELDS, HTTP_POOL_FIELDS,
	OF_TYPE("idleTimeout", SCHEMA_DURATION_OR_ZERO), END,
};

static const struct schema_field outlier_fields[] = {
	COUNT("consecutive5xxErrors"), COUNT("consecutiveGatewayErrors"),
	{ .key = "consecutiveErrors", .type = SCHEMA_INT, .max = MAX_INT, .can_be_false = true },
	DURATION("interval"), DURATION("baseEjectionTime"), RANGE("maxEjectionPercent", 0, 100),
	RANGE("minHealthPercent", 0, 100), BOOL("splitExternalLocalOriginErrors"),
	COUNT("consecutiveLocalOriginFailures"), OF_TYPE("outlierDetectionHttpErrorCodes",
	SCHEMA_ANY), END,
};

static const struct schema_field breaker_fields[] = {
	PART("connectionPool", pool_fields), PART("outlierDetection", outlier_fields), END,
};

const struct schema_field answer_advanced_fields[] = {
	OF_TYPE("hosts", SCHEMA_TEXTS), PART("gateway", gateway_fields),
	PART("trafficPolicy", policy_fields), PART("circuitBreaker", breaker_fields), END,
};

/* The Gateway API's wizards: what filters hold is checked in the document. */
static const struct schema_field value_match_fields[] = {
	TEXT("name"), WORD("type", "Exact RegularExpression"), TEXT("value"), END,
};

static const struct schema_field path_match_fields[] = {
	WORD("type", "Exact PathPrefix RegularExpression"), TEXT("value"), END,
};

static const struct schema_field method_match_fields[] = {
	WORD("type", "Exact RegularExpression"), TEXT("service"), TEXT("method"), END,
};

static const struct schema_field http_match_fields[] = {
	MAP("path", path_match_fields), LIST("headers", value_match_fields),
	LIST("queryParams", value_match_fields),
	WORD("method", "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH"), END,
};

static const struct schema_field grpc_match_fields[] = {
	MAP("method", method_match_fields), LIST("headers", value_match_fields), END,
};

static const struct schema_field filter_fields[] = {
	TEXT("type"), OF_TYPE("requestHeaderModifier", SCHEMA_ANY),
	OF_TYPE("responseHeaderModifier", SCHEMA_ANY), OF_TYPE("requestMirror", SCHEMA_ANY),
	OF_TYPE("requestRedirect", SCHEMA_ANY), OF_TYPE("urlRewrite", SCHEMA_ANY),
	OF_TYPE("cors", SCHEMA_ANY), OF_TYPE("externalAuth", SCHEMA_ANY),
	OF_TYPE("extensionRef", SCHEMA_ANY), END,
};

#define ROUTE_RULE_FIELDS(matches)						\
	LIST("match", matches), RANGE("existing", 1, MAX_INT),			\
	{ .key = "filters", .type = SCHEMA_LIST, .fields = filter_fields, .can_be_false = true }, \
	{ .key = "backends", .type = SCHEMA_WEIGHTS, .max = 1000000 }, END

static const struct schema_field http_rule_fields[] = { ROUTE_RULE_FIELDS(http_match_fields) };
static const struct schema_field grpc_rule_fields[] = { ROUTE_RULE_FIELDS(grpc_match_fields) };

static const struct schema_field create_listener_fields[] = {
	RANGE("port", 1, 65535), OF_TYPE("hosts", SCHEMA_TEXTS), TEXT("class"), END,
};

static const struct schema_field parent_fields[] = {
	MAP("create", create_listener_fields), TEXT("use"), BOOL("includeMesh"), END,
};

#define ROUTE_FIELDS(rules)							\
	LIST("rules", rules), OF_TYPE("hosts", SCHEMA_TEXTS), PART("gateway", parent_fields), END

const struct schema_field answer_http_route_fields[] = { ROUTE_FIELDS(http_rule_fields) };
const struct schema_field answer_grpc_route_fields[] = { ROUTE_FIELDS(grpc_rule_fields) };
