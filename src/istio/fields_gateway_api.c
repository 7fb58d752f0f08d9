/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of the Gateway API's kinds.  Names of its specification (v1 and its
 * experimental channel); values that only other programs obey are known by
 * name.
 */
#include "src/istio/check_gateway_api.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field parent_fields[] = {
	TEXT("group"),
	TEXT("kind"),
	TEXT("namespace"),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("sectionName"),
	PORT("port"),
	END
};

static const struct schema parent = {
	.name = "a parentRef", .fields = parent_fields,
};

static const struct field object_fields[] = {
	TEXT("group"),
	TEXT("kind"),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("namespace"),
	END
};

static const struct schema object = {
	.name = "a reference", .fields = object_fields,
};

static const struct field backend_only_fields[] = {
	TEXT("group"),
	TEXT("kind"),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("namespace"),
	PORT("port"),
	END
};

static const struct schema backend_only = {
	.name = "a backendRef", .fields = backend_only_fields, .check = api_check_backend,
};

static const struct field header_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, .check = api_check_header_name),
	TEXT("value", .flags = FIELD_REQUIRED, .check = check_line),
	END
};

static const struct schema header = {
	.name = "a header", .fields = header_fields,
};

static const struct field modifier_fields[] = {
	OBJECTS("set", OF(header)),
	OBJECTS("add", OF(header)),
	TEXTS("remove", .check = api_check_header_name),
	END
};

static const struct schema modifier = {
	.name = "a header modifier", .fields = modifier_fields,
};

static const struct field path_modifier_fields[] = {
	ENUM("type", .words = "ReplaceFullPath|ReplacePrefixMatch", .flags = FIELD_REQUIRED),
	TEXT("replaceFullPath", .check = check_line_word),
	TEXT("replacePrefixMatch", .check = check_line_word),
	END
};

static const struct schema path_modifier = {
	.name = "a path", .fields = path_modifier_fields, .check = api_check_path_modifier,
};

static const struct field redirect_fields[] = {
	ENUM("scheme", .words = "http|https"),
	TEXT("hostname", .check = api_check_hostname),
	OBJECT("path", OF(path_modifier)),
	PORT("port"),
	INT("statusCode", RANGE(300, 399)),
	END
};

static const struct schema redirect = {
	.name = "a requestRedirect", .fields = redirect_fields,
};

static const struct field rewrite_fields[] = {
	TEXT("hostname", .check = api_check_hostname),
	OBJECT("path", OF(path_modifier)),
	END
};

static const struct schema rewrite = {
	.name = "a urlRewrite", .fields = rewrite_fields,
};

static const struct field fraction_fields[] = {
	COUNT("numerator", .flags = FIELD_REQUIRED),
	INT("denominator", RANGE(1, INT32_LIMIT)),
	END
};

static const struct schema fraction = {
	.name = "a fraction", .fields = fraction_fields,
};

static const struct field mirror_fields[] = {
	OBJECT("backendRef", OF(backend_only), .flags = FIELD_REQUIRED),
	INT("percent", RANGE(0, 100)),
	OBJECT("fraction", OF(fraction)),
	END
};

static const struct schema mirror = {
	.name = "a requestMirror", .fields = mirror_fields, .one_of = "percent|fraction",
};

static const struct field filter_fields[] = {
	TEXT("type", .flags = FIELD_REQUIRED),
	OBJECT("requestHeaderModifier", OF(modifier)),
	OBJECT("responseHeaderModifier", OF(modifier)),
	OBJECT("requestMirror", OF(mirror)),
	OBJECT("requestRedirect", OF(redirect)),
	OBJECT("urlRewrite", OF(rewrite)),
	ANY("cors"),
	ANY("externalAuth"),
	OBJECT("extensionRef", OF(object)),
	END
};

static const struct schema filter = {
	.name = "a filter", .fields = filter_fields, .check = api_check_filter,
};

static const struct field backend_fields[] = {
	TEXT("group"),
	TEXT("kind"),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("namespace"),
	PORT("port"),
	INT("weight", RANGE(0, 1000000)),
	OBJECTS("filters", OF(filter)),
	END
};

static const struct schema backend = {
	.name = "a backendRef", .fields = backend_fields, .check = api_check_backend,
};

static const struct field path_match_fields[] = {
	ENUM("type", .words = "Exact|PathPrefix|RegularExpression"),
	TEXT("value"),
	END
};

static const struct schema path_match = {
	.name = "a path", .fields = path_match_fields, .check = api_check_path,
};

static const struct field value_match_fields[] = {
	ENUM("type", .words = "Exact|RegularExpression"),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("value", .flags = FIELD_REQUIRED),
	END
};

static const struct schema value_match = {
	.name = "a match of a value", .fields = value_match_fields, .check = api_check_value,
};

static const struct field http_match_fields[] = {
	OBJECT("path", OF(path_match)),
	OBJECTS("headers", OF(value_match)),
	OBJECTS("queryParams", OF(value_match)),
	ENUM("method", .words = "GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH"),
	END
};

static const struct schema http_match = {
	.name = "a match", .fields = http_match_fields,
};

static const struct field timeouts_fields[] = {
	DURATION0("request"),
	DURATION0("backendRequest"),
	END
};

static const struct schema timeouts = {
	.name = "timeouts", .fields = timeouts_fields,
};

static const struct field retry_fields[] = {
	INTS("codes", RANGE(400, 599)),
	COUNT("attempts"),
	DURATION0("backoff"),
	END
};

static const struct schema retry = {
	.name = "a retry", .fields = retry_fields,
};

static const struct field http_rule_fields[] = {
	TEXT("name"),
	OBJECTS("matches", OF(http_match)),
	OBJECTS("filters", OF(filter)),
	OBJECTS("backendRefs", OF(backend)),
	OBJECT("timeouts", OF(timeouts)),
	OBJECT("retry", OF(retry)),
	ANY("sessionPersistence"),
	END
};

static const struct schema http_rule = {
	.name = "a rule", .fields = http_rule_fields, .check = api_check_http_rule,
};

static const struct field http_route_fields[] = {
	OBJECTS("parentRefs", OF(parent)),
	TEXTS("hostnames", .check = check_wildcard_domain),
	OBJECTS("rules", OF(http_rule)),
	ANY("useDefaultGateways"),
	END
};

const struct schema schema_http_route = {
	.name = "an HTTPRoute", .fields = http_route_fields,
};

static const struct field method_fields[] = {
	ENUM("type", .words = "Exact|RegularExpression"),
	TEXT("service"),
	TEXT("method"),
	END
};

static const struct schema method = {
	.name = "a method", .fields = method_fields,
};

static const struct field grpc_match_fields[] = {
	OBJECT("method", OF(method)),
	OBJECTS("headers", OF(value_match)),
	END
};

static const struct schema grpc_match = {
	.name = "a match", .fields = grpc_match_fields,
};

static const struct field grpc_rule_fields[] = {
	TEXT("name"),
	OBJECTS("matches", OF(grpc_match)),
	OBJECTS("filters", OF(filter)),
	OBJECTS("backendRefs", OF(backend)),
	ANY("sessionPersistence"),
	END
};

static const struct schema grpc_rule = {
	.name = "a rule", .fields = grpc_rule_fields,
};

static const struct field grpc_route_fields[] = {
	OBJECTS("parentRefs", OF(parent)),
	TEXTS("hostnames", .check = check_wildcard_domain),
	OBJECTS("rules", OF(grpc_rule)),
	ANY("useDefaultGateways"),
	END
};

const struct schema schema_grpc_route = {
	.name = "a GRPCRoute", .fields = grpc_route_fields,
};

static const struct field listener_tls_fields[] = {
	ENUM("mode", .words = "Terminate|Passthrough"),
	OBJECTS("certificateRefs", OF(object)),
	TEXT_MAP("options"),
	ANY("frontendValidation"),
	END
};

static const struct schema listener_tls = {
	.name = "tls", .fields = listener_tls_fields,
};

static const struct field listener_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("hostname", .check = check_wildcard_domain),
	PORT("port", .flags = FIELD_REQUIRED),
	TEXT("protocol", .flags = FIELD_REQUIRED),
	OBJECT("tls", OF(listener_tls)),
	ANY("allowedRoutes"),
	END
};

static const struct schema listener = {
	.name = "a listener", .fields = listener_fields,
};

static const struct field address_fields[] = {
	TEXT("type"),
	TEXT("value"),
	END
};

static const struct schema address = {
	.name = "an address", .fields = address_fields,
};

static const struct field gateway_fields[] = {
	TEXT("gatewayClassName", .flags = FIELD_REQUIRED),
	OBJECTS("listeners", OF(listener), .check_all = check_unique_names),
	OBJECTS("addresses", OF(address)),
	ANY("infrastructure"),
	ANY("allowedListeners"),
	ANY("backendTLS"),
	ANY("tls"),
	ANY("defaultScope"),
	END
};

const struct schema schema_k8s_gateway = {
	.name = "a Gateway", .fields = gateway_fields, .check = api_check_gateway,
};

static const struct field from_fields[] = {
	TEXT("group"),
	TEXT("kind", .flags = FIELD_REQUIRED),
	TEXT("namespace", .flags = FIELD_REQUIRED),
	END
};

static const struct schema from = {
	.name = "a from", .fields = from_fields,
};

static const struct field to_fields[] = {
	TEXT("group"),
	TEXT("kind", .flags = FIELD_REQUIRED),
	TEXT("name"),
	END
};

static const struct schema to = {
	.name = "a to", .fields = to_fields,
};

static const struct field grant_fields[] = {
	OBJECTS("from", OF(from), .flags = FIELD_REQUIRED | FIELD_FULL),
	OBJECTS("to", OF(to), .flags = FIELD_REQUIRED | FIELD_FULL),
	END
};

const struct schema schema_reference_grant = {
	.name = "a ReferenceGrant", .fields = grant_fields,
};
