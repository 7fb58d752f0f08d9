/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of a VirtualService (spec/dataplane.md 1.1); the rules between them
 * are check_virtual_service.c.
 */
#include "src/istio/check_virtual_service.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field string_match_fields[] = {
	TEXT("exact"),
	TEXT("prefix"),
	TEXT("regex", .check = vs_check_regex),
	END
};

static const struct schema string_match = {
	.name = "a match of a text", .fields = string_match_fields, .one_of = "exact|prefix|regex",
	.check = vs_check_string_match,
};

/* A path may have the prefix "". */
static const struct schema uri_match = {
	.name = "a match of a text", .fields = string_match_fields, .one_of = "exact|prefix|regex",
};

static const struct field http_match_fields[] = {
	TEXT("name"),
	OBJECT("uri", OF(uri_match)),
	OBJECT("scheme", OF(string_match)),
	OBJECT("method", OF(string_match)),
	OBJECT("authority", OF(string_match)),
	OBJECT_MAP("headers", OF(string_match), .check_all = vs_check_header_keys),
	PORT("port"),
	TEXT_MAP("sourceLabels", .check_all = check_labels),
	TEXTS("gateways", .check = check_gateway_name),
	OBJECT_MAP("queryParams", OF(string_match)),
	BOOL("ignoreUriCase"),
	OBJECT_MAP("withoutHeaders", OF(string_match), .check_all = vs_check_header_keys),
	TEXT("sourceNamespace", .check = check_dns_label),
	TEXT("statPrefix"),
	END
};

static const struct schema http_match = {
	.name = "an http match", .fields = http_match_fields, .check = vs_check_http_match,
};

static const struct field port_selector_fields[] = {
	PORT("number", .flags = FIELD_REQUIRED),
	END
};

static const struct schema port_selector = {
	.name = "a port", .fields = port_selector_fields,
};

static const struct field destination_fields[] = {
	TEXT("host", .flags = FIELD_REQUIRED, .check = check_destination_host),
	TEXT("subset", .check = check_dns_label),
	OBJECT("port", OF(port_selector)),
	END
};

static const struct schema destination = {
	.name = "a destination", .fields = destination_fields,
};

static const struct field request_operations_fields[] = {
	TEXT_MAP("set", .check_all = vs_check_request_headers),
	TEXT_MAP("add", .check_all = vs_check_request_headers),
	TEXTS("remove", .check = vs_check_removed_header),
	END
};

static const struct field response_operations_fields[] = {
	TEXT_MAP("set", .check_all = vs_check_response_headers),
	TEXT_MAP("add", .check_all = vs_check_response_headers),
	TEXTS("remove", .check = vs_check_removed_header),
	END
};

static const struct schema request_operations = {
	.name = "a list of header operations", .fields = request_operations_fields,
};

static const struct schema response_operations = {
	.name = "a list of header operations", .fields = response_operations_fields,
};

static const struct field headers_fields[] = {
	OBJECT("request", OF(request_operations)),
	OBJECT("response", OF(response_operations)),
	END
};

static const struct schema headers = {
	.name = "headers", .fields = headers_fields,
};

static const struct field http_route_fields[] = {
	OBJECT("destination", OF(destination), .flags = FIELD_REQUIRED),
	COUNT("weight"),
	OBJECT("headers", OF(headers)),
	END
};

static const struct schema http_route = {
	.name = "a route", .fields = http_route_fields,
};

static const struct field tcp_route_fields[] = {
	OBJECT("destination", OF(destination), .flags = FIELD_REQUIRED),
	COUNT("weight"),
	END
};

static const struct schema tcp_route = {
	.name = "a tcp route", .fields = tcp_route_fields,
};

static const struct field redirect_fields[] = {
	TEXT("uri", .check = check_line),
	TEXT("authority", .check = check_line_word),
	PORT("port"),
	ENUM("derivePort", .words = "FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT"),
	ENUM("scheme", .words = "http|https"),
	INT("redirectCode", RANGE(300, 399)),
	TEXT("prefixRewrite", .check = check_line),
	END
};

static const struct schema redirect = {
	.name = "a redirect", .fields = redirect_fields, .one_of = "port|derivePort",
	.check = vs_check_redirect,
};

static const struct field body_fields[] = {
	TEXT("string", .check = vs_check_body),
	TEXT("bytes", .check = vs_check_bytes),
	END
};

static const struct schema body = {
	.name = "a body", .fields = body_fields, .one_of = "string|bytes",
};

static const struct field direct_response_fields[] = {
	INT("status", RANGE(200, 599), .flags = FIELD_REQUIRED),
	OBJECT("body", OF(body)),
	END
};

static const struct schema direct_response = {
	.name = "a directResponse", .fields = direct_response_fields,
};

static const struct field delegate_fields[] = {
	TEXT("name", .check = check_dns_label),
	TEXT("namespace", .check = check_dns_label),
	END
};

static const struct schema delegate = {
	.name = "a delegate", .fields = delegate_fields,
};

static const struct field regex_rewrite_fields[] = {
	TEXT("match"),
	TEXT("rewrite", .check = check_line_word),
	END
};

static const struct schema regex_rewrite = {
	.name = "a uriRegexRewrite", .fields = regex_rewrite_fields,
	.check = vs_check_regex_rewrite,
};

static const struct field rewrite_fields[] = {
	TEXT("uri", .check = check_line_word),
	TEXT("authority", .check = check_line_word),
	OBJECT("uriRegexRewrite", OF(regex_rewrite)),
	END
};

static const struct schema rewrite = {
	.name = "a rewrite", .fields = rewrite_fields, .one_of = "uri|uriRegexRewrite",
	.check = vs_check_rewrite,
};

static const struct field retries_fields[] = {
	INT("attempts", RANGE(0, INT32_LIMIT)),
	DURATION("perTryTimeout"),
	TEXT("retryOn", .check = vs_check_retry_on),
	BOOL("retryRemoteLocalities"),
	BOOL("retryIgnorePreviousHosts"),
	DURATION("backoff"),
	END
};

static const struct schema retries = {
	.name = "retries", .fields = retries_fields, .check = vs_check_retries,
};

static const struct field percent_fields[] = {
	DOUBLE("value", RANGE(0, 100)),
	END
};

static const struct schema percent = {
	.name = "a percentage", .fields = percent_fields,
};

static const struct schema fault_percent = {
	.name = "a percentage", .fields = percent_fields, .check = vs_check_fault_percent,
};

static const struct field delay_fields[] = {
	INT("percent", RANGE(0, 100), .flags = FIELD_DEPRECATED, .note = "write percentage: {value: N}"),
	DURATION("fixedDelay"),
	DURATION("exponentialDelay", .flags = FIELD_REFUSED,
		 .note = "Istio does not support exponentialDelay: use fixedDelay"),
	OBJECT("percentage", OF(fault_percent)),
	END
};

static const struct schema delay = {
	.name = "a delay", .fields = delay_fields, .one_of = "fixedDelay|exponentialDelay",
	.check = vs_check_delay,
};

static const struct field abort_fields[] = {
	INT("httpStatus", RANGE(200, 600)),
	TEXT("grpcStatus", .check = vs_check_grpc_status),
	TEXT("http2Error", .flags = FIELD_REFUSED,
	     .note = "Istio does not support http2Error: use httpStatus or grpcStatus"),
	OBJECT("percentage", OF(fault_percent)),
	END
};

static const struct schema fault_abort = {
	.name = "an abort", .fields = abort_fields, .one_of = "httpStatus|grpcStatus|http2Error",
	.check = vs_check_abort,
};

static const struct field fault_fields[] = {
	OBJECT("delay", OF(delay)),
	OBJECT("abort", OF(fault_abort)),
	END
};

static const struct schema fault = {
	.name = "a fault", .fields = fault_fields, .check = vs_check_fault,
};

static const struct field mirror_fields[] = {
	OBJECT("destination", OF(destination), .flags = FIELD_REQUIRED),
	OBJECT("percentage", OF(percent)),
	END
};

static const struct schema mirror = {
	.name = "a mirror", .fields = mirror_fields,
};

static const struct field cors_fields[] = {
	TEXTS("allowOrigin", .flags = FIELD_DEPRECATED, .note = "write allowOrigins"),
	OBJECTS("allowOrigins", OF(string_match), .check = vs_check_origin),
	TEXTS("allowMethods", .check = vs_check_cors_method),
	TEXTS("allowHeaders", .check = vs_check_cors_header),
	TEXTS("exposeHeaders", .check = vs_check_cors_header),
	DURATION("maxAge", .check = vs_check_max_age),
	BOOL("allowCredentials"),
	ENUM("unmatchedPreflights", .words = "UNSPECIFIED|FORWARD|IGNORE"),
	END
};

static const struct schema cors = {
	.name = "a corsPolicy", .fields = cors_fields,
};

static const struct field http_fields[] = {
	TEXT("name"),
	OBJECTS("match", OF(http_match)),
	OBJECTS("route", OF(http_route), .check_all = vs_check_weights),
	OBJECT("redirect", OF(redirect)),
	OBJECT("directResponse", OF(direct_response)),
	OBJECT("delegate", OF(delegate)),
	OBJECT("rewrite", OF(rewrite)),
	DURATION("timeout"),
	OBJECT("retries", OF(retries)),
	OBJECT("fault", OF(fault)),
	OBJECT("mirror", OF(destination)),
	INT("mirrorPercent", RANGE(0, 100), .flags = FIELD_DEPRECATED,
	    .note = "write mirrorPercentage: {value: N}"),
	OBJECT("mirrorPercentage", OF(percent)),
	OBJECTS("mirrors", OF(mirror)),
	OBJECT("corsPolicy", OF(cors)),
	OBJECT("headers", OF(headers)),
	END
};

static const struct schema http = {
	.name = "an http rule", .fields = http_fields, .check = vs_check_http,
};

static const struct field tls_match_fields[] = {
	TEXTS("sniHosts", .flags = FIELD_REQUIRED | FIELD_FULL, .check = vs_check_sni),
	TEXTS("destinationSubnets", .check = check_cidr),
	PORT("port"),
	TEXT_MAP("sourceLabels", .check_all = check_labels),
	TEXTS("gateways", .check = check_gateway_name),
	TEXT("sourceNamespace", .check = check_dns_label),
	END
};

static const struct schema tls_match = {
	.name = "a tls match", .fields = tls_match_fields,
};

static const struct field tls_fields[] = {
	OBJECTS("match", OF(tls_match), .flags = FIELD_REQUIRED | FIELD_FULL),
	OBJECTS("route", OF(tcp_route), .flags = FIELD_REQUIRED | FIELD_FULL,
		.check_all = vs_check_weights),
	END
};

static const struct schema tls = {
	.name = "a tls rule", .fields = tls_fields,
};

static const struct field tcp_match_fields[] = {
	TEXTS("destinationSubnets", .check = check_cidr),
	PORT("port"),
	TEXT("sourceSubnet", .flags = FIELD_INEFFECTIVE, .note = "Istio ignores sourceSubnet"),
	TEXT_MAP("sourceLabels", .check_all = check_labels),
	TEXTS("gateways", .check = check_gateway_name),
	TEXT("sourceNamespace", .check = check_dns_label),
	END
};

static const struct schema tcp_match = {
	.name = "a tcp match", .fields = tcp_match_fields,
};

static const struct field tcp_fields[] = {
	OBJECTS("match", OF(tcp_match)),
	OBJECTS("route", OF(tcp_route), .flags = FIELD_REQUIRED | FIELD_FULL,
		.check_all = vs_check_weights),
	END
};

static const struct schema tcp = {
	.name = "a tcp rule", .fields = tcp_fields,
};

static const struct field spec_fields[] = {
	TEXTS("hosts", .check = vs_check_host),
	TEXTS("gateways", .check = check_gateway_name),
	OBJECTS("http", OF(http)),
	OBJECTS("tls", OF(tls)),
	OBJECTS("tcp", OF(tcp)),
	TEXTS("exportTo", .check = check_export_to, .check_all = check_export_list),
	END
};

const struct schema schema_virtual_service = {
	.name = "a VirtualService", .fields = spec_fields, .check = vs_check,
};
