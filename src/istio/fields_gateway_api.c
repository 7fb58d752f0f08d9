/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of the Gateway API's routes, with the limits of its CRDs (v1 and the
 * experimental channel).
 */
#include "src/istio/check_gateway_api.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field parent_fields[] = {
	API_GROUP(),
	API_KIND(.flags = FIELD_FILLED),
	API_NAMESPACE(),
	API_NAME(.flags = FIELD_REQUIRED),
	TEXT("sectionName", .flags = FIELD_FILLED, MOST(253), .check = api_check_subdomain),
	PORT("port"),
	END
};

static const struct schema parent = {
	.name = "a parentRef", .fields = parent_fields,
};

static const struct field backend_only_fields[] = {
	API_GROUP(),
	API_KIND(.flags = FIELD_FILLED),
	API_NAME(.flags = FIELD_REQUIRED),
	API_NAMESPACE(),
	PORT("port"),
	END
};

static const struct schema backend_only = {
	.name = "a backendRef", .fields = backend_only_fields, .check = api_check_backend,
};

static const struct field extension_fields[] = {
	API_GROUP(.flags = FIELD_PRESENT),
	API_KIND(.flags = FIELD_REQUIRED),
	API_NAME(.flags = FIELD_REQUIRED),
	END
};

static const struct schema extension = {
	.name = "an extensionRef", .fields = extension_fields,
};

static const struct field header_fields[] = {
	API_HEADER("name", .flags = FIELD_REQUIRED),
	TEXT("value", .flags = FIELD_REQUIRED, MOST(4096), .check = check_line),
	END
};

static const struct schema header = {
	.name = "a header", .fields = header_fields,
};

static const struct field modifier_fields[] = {
	OBJECTS("set", OF(header), MOST(16), .check_all = check_unique_names),
	OBJECTS("add", OF(header), MOST(16), .check_all = check_unique_names),
	API_HEADERS("remove", .flags = FIELD_SET, MOST(16)),
	END
};

static const struct schema modifier = {
	.name = "a header modifier", .fields = modifier_fields,
};

static const struct field path_modifier_fields[] = {
	ENUM("type", .words = "ReplaceFullPath|ReplacePrefixMatch", .flags = FIELD_REQUIRED),
	TEXT("replaceFullPath", MOST(1024), .check = check_line_word),
	TEXT("replacePrefixMatch", MOST(1024), .check = check_line_word),
	END
};

static const struct schema path_modifier = {
	.name = "a path", .fields = path_modifier_fields, .check = api_check_path_modifier,
};

static const struct field redirect_fields[] = {
	ENUM("scheme", .words = "http|https"),
	TEXT("hostname", .flags = FIELD_FILLED, .check = api_check_hostname),
	OBJECT("path", OF(path_modifier)),
	PORT("port"),
	INT("statusCode", RANGE(301, 308), .check = api_check_redirect_code),
	END
};

static const struct schema redirect = {
	.name = "a requestRedirect", .fields = redirect_fields,
};

static const struct field rewrite_fields[] = {
	TEXT("hostname", .flags = FIELD_FILLED, .check = api_check_hostname),
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
	.name = "a fraction", .fields = fraction_fields, .check = api_check_fraction,
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

static const struct field cors_fields[] = {
	TEXTS("allowOrigins", .flags = FIELD_FILLED | FIELD_SET, MOST(64), .check = api_check_origin,
	      .check_all = api_check_star),
	BOOL("allowCredentials"),
	FIELD(FIELD_ENUM, FIELD_LIST, "allowMethods", .flags = FIELD_SET, MOST(9), .words = API_METHODS "|*",
	      .check_all = api_check_star),
	API_HEADERS("allowHeaders", .flags = FIELD_FILLED | FIELD_SET, MOST(64),
		    .check_all = api_check_star),
	API_HEADERS("exposeHeaders", .flags = FIELD_FILLED | FIELD_SET, MOST(64)),
	INT("maxAge", RANGE(1, INT32_LIMIT)),
	END
};

static const struct schema cors = {
	.name = "a cors", .fields = cors_fields,
};

static const struct field auth_grpc_fields[] = {
	TEXTS("allowedHeaders", .flags = FIELD_SET, MOST(64)),
	END
};

static const struct schema auth_grpc = {
	.name = "a grpc", .fields = auth_grpc_fields,
};

static const struct field auth_http_fields[] = {
	TEXT("path", MOST(1024), .check = check_line_word),
	TEXTS("allowedHeaders", .flags = FIELD_SET, MOST(64)),
	TEXTS("allowedResponseHeaders", .flags = FIELD_SET, MOST(64)),
	END
};

static const struct schema auth_http = {
	.name = "an http", .fields = auth_http_fields,
};

static const struct field auth_body_fields[] = {
	COUNT("maxSize"),
	END
};

static const struct schema auth_body = {
	.name = "a forwardBody", .fields = auth_body_fields,
};

static const struct field auth_fields[] = {
	ENUM("protocol", .words = "HTTP|GRPC", .flags = FIELD_REQUIRED),
	OBJECT("backendRef", OF(backend_only), .flags = FIELD_REQUIRED),
	OBJECT("grpc", OF(auth_grpc)),
	OBJECT("http", OF(auth_http)),
	OBJECT("forwardBody", OF(auth_body)),
	END
};

static const struct schema auth = {
	.name = "an externalAuth", .fields = auth_fields, .one_of = "grpc|http",
};

static const struct field filter_fields[] = {
	ENUM("type", .words = "RequestHeaderModifier|ResponseHeaderModifier|RequestMirror|RequestRedirect|"
	     "URLRewrite|ExtensionRef|CORS|ExternalAuth", .flags = FIELD_REQUIRED),
	OBJECT("requestHeaderModifier", OF(modifier)),
	OBJECT("responseHeaderModifier", OF(modifier)),
	OBJECT("requestMirror", OF(mirror)),
	OBJECT("requestRedirect", OF(redirect)),
	OBJECT("urlRewrite", OF(rewrite)),
	OBJECT("cors", OF(cors)),
	OBJECT("externalAuth", OF(auth)),
	OBJECT("extensionRef", OF(extension)),
	END
};

static const struct schema filter = {
	.name = "a filter", .fields = filter_fields, .check = api_check_filter,
};

static const struct field grpc_filter_fields[] = {
	ENUM("type", .words = "RequestHeaderModifier|ResponseHeaderModifier|RequestMirror|ExtensionRef",
	     .flags = FIELD_REQUIRED),
	OBJECT("requestHeaderModifier", OF(modifier)),
	OBJECT("responseHeaderModifier", OF(modifier)),
	OBJECT("requestMirror", OF(mirror)),
	OBJECT("extensionRef", OF(extension)),
	END
};

static const struct schema grpc_filter = {
	.name = "a filter", .fields = grpc_filter_fields, .check = api_check_filter,
};

/* What both kinds of backends hold; their filters differ. */
#define BACKEND(filter) \
	API_GROUP(), API_KIND(.flags = FIELD_FILLED), API_NAME(.flags = FIELD_REQUIRED), API_NAMESPACE(), \
	PORT("port"), INT("weight", RANGE(0, 1000000)), \
	OBJECTS("filters", OF(filter), MOST(16), .check_all = api_check_filters), END

static const struct field backend_fields[] = { BACKEND(filter) };

static const struct schema backend = {
	.name = "a backendRef", .fields = backend_fields, .check = api_check_backend,
};

static const struct field grpc_backend_fields[] = { BACKEND(grpc_filter) };

static const struct schema grpc_backend = {
	.name = "a backendRef", .fields = grpc_backend_fields, .check = api_check_backend,
};

static const struct field path_match_fields[] = {
	ENUM("type", .words = "Exact|PathPrefix|RegularExpression"),
	TEXT("value", MOST(1024)),
	END
};

static const struct schema path_match = {
	.name = "a path", .fields = path_match_fields, .check = api_check_path,
};

static const struct field value_match_fields[] = {
	ENUM("type", .words = "Exact|RegularExpression"),
	API_HEADER("name", .flags = FIELD_REQUIRED),
	TEXT("value", .flags = FIELD_REQUIRED, MOST(4096)),
	END
};

static const struct schema value_match = {
	.name = "a match of a value", .fields = value_match_fields, .check = api_check_value,
};

static const struct field query_match_fields[] = {
	ENUM("type", .words = "Exact|RegularExpression"),
	API_HEADER("name", .flags = FIELD_REQUIRED),
	TEXT("value", .flags = FIELD_REQUIRED, MOST(1024)),
	END
};

static const struct schema query_match = {
	.name = "a match of a value", .fields = query_match_fields, .check = api_check_value,
};

static const struct field http_match_fields[] = {
	OBJECT("path", OF(path_match)),
	OBJECTS("headers", OF(value_match), MOST(16), .check_all = check_unique_names),
	OBJECTS("queryParams", OF(query_match), MOST(16), .check_all = check_unique_names),
	ENUM("method", .words = API_METHODS),
	END
};

static const struct schema http_match = {
	.name = "a match", .fields = http_match_fields,
};

static const struct field timeouts_fields[] = {
	DURATION0("request", .check = api_check_duration),
	DURATION0("backendRequest", .check = api_check_duration),
	END
};

static const struct schema timeouts = {
	.name = "timeouts", .fields = timeouts_fields, .check = api_check_timeouts,
};

static const struct field retry_fields[] = {
	INTS("codes", .flags = FIELD_SET, RANGE(400, 599)),
	INT("attempts", RANGE(1, INT32_LIMIT)),
	DURATION0("backoff", .check = api_check_duration),
	END
};

static const struct schema retry = {
	.name = "a retry", .fields = retry_fields,
};

static const struct field session_cookie_fields[] = {
	API_HEADER("name", .flags = FIELD_FILLED),
	TEXT("path", MOST(1024)),
	ENUM("lifetimeType", .words = "Permanent|Session"),
	END
};

static const struct schema session_cookie = {
	.name = "a cookie", .fields = session_cookie_fields,
};

static const struct field session_header_fields[] = {
	API_HEADER("name", .flags = FIELD_REQUIRED),
	END
};

static const struct schema session_header = {
	.name = "a header", .fields = session_header_fields,
};

/* sessionName and the timeouts were there before they moved or went. */
static const struct field session_fields[] = {
	ENUM("type", .words = "Cookie|Header"),
	OBJECT("cookie", OF(session_cookie)),
	OBJECT("header", OF(session_header)),
	DURATION0("absoluteTimeout", .check = api_check_duration),
	DURATION0("idleTimeout", .check = api_check_duration),
	ANY("cookieConfig"),
	TEXT("sessionName"),
	END
};

static const struct schema session = {
	.name = "a sessionPersistence", .fields = session_fields,
};

static const struct field http_rule_fields[] = {
	TEXT("name", .flags = FIELD_FILLED, MOST(253), .check = api_check_subdomain),
	OBJECTS("matches", OF(http_match), MOST(64)),
	OBJECTS("filters", OF(filter), MOST(16), .check_all = api_check_filters),
	OBJECTS("backendRefs", OF(backend), MOST(16)),
	OBJECT("timeouts", OF(timeouts)),
	OBJECT("retry", OF(retry)),
	OBJECT("sessionPersistence", OF(session)),
	END
};

static const struct schema http_rule = {
	.name = "a rule", .fields = http_rule_fields, .check = api_check_http_rule,
};

static const struct field http_route_fields[] = {
	OBJECTS("parentRefs", OF(parent), MOST(32)),
	TEXTS("hostnames", .flags = FIELD_FILLED, MOST(16), .check = api_check_hostname_or_wildcard),
	OBJECTS("rules", OF(http_rule), .flags = FIELD_FULL, MOST(16)),
	ENUM("useDefaultGateways", .words = "All|None"),
	END
};

const struct schema schema_http_route = {
	.name = "an HTTPRoute", .fields = http_route_fields,
};

static const struct field method_fields[] = {
	ENUM("type", .words = "Exact|RegularExpression"),
	TEXT("service", MOST(1024)),
	TEXT("method", MOST(1024)),
	END
};

static const struct schema method = {
	.name = "a method", .fields = method_fields,
};

static const struct field grpc_match_fields[] = {
	OBJECT("method", OF(method)),
	OBJECTS("headers", OF(value_match), MOST(16), .check_all = check_unique_names),
	END
};

static const struct schema grpc_match = {
	.name = "a match", .fields = grpc_match_fields,
};

static const struct field grpc_rule_fields[] = {
	TEXT("name", .flags = FIELD_FILLED, MOST(253), .check = api_check_subdomain),
	OBJECTS("matches", OF(grpc_match), MOST(64)),
	OBJECTS("filters", OF(grpc_filter), MOST(16), .check_all = api_check_filters),
	OBJECTS("backendRefs", OF(grpc_backend), MOST(16)),
	OBJECT("sessionPersistence", OF(session)),
	END
};

static const struct schema grpc_rule = {
	.name = "a rule", .fields = grpc_rule_fields,
};

static const struct field grpc_route_fields[] = {
	OBJECTS("parentRefs", OF(parent), MOST(32)),
	TEXTS("hostnames", .flags = FIELD_FILLED, MOST(16), .check = api_check_hostname_or_wildcard),
	OBJECTS("rules", OF(grpc_rule), MOST(16)),
	ENUM("useDefaultGateways", .words = "All|None"),
	END
};

const struct schema schema_grpc_route = {
	.name = "a GRPCRoute", .fields = grpc_route_fields,
};
