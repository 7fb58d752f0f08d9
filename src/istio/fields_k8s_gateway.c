/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of the Gateway API's Gateways and ReferenceGrants, with the limits of
 * its CRDs (v1 and the experimental channel).
 */
#include "src/istio/check_gateway_api.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field certificate_fields[] = {
	API_GROUP(),
	API_KIND(.flags = FIELD_FILLED),
	API_NAME(.flags = FIELD_REQUIRED),
	API_NAMESPACE(),
	END
};

static const struct schema certificate = {
	.name = "a reference", .fields = certificate_fields,
};

static const struct field authority_fields[] = {
	API_GROUP(.flags = FIELD_PRESENT),
	API_KIND(.flags = FIELD_REQUIRED),
	API_NAME(.flags = FIELD_REQUIRED),
	API_NAMESPACE(),
	END
};

static const struct schema authority = {
	.name = "a reference", .fields = authority_fields,
};

static const struct field validation_fields[] = {
	OBJECTS("caCertificateRefs", OF(authority), .flags = FIELD_REQUIRED | FIELD_FULL, MOST(16)),
	ENUM("mode", .words = "AllowValidOnly|AllowInsecureFallback"),
	END
};

static const struct schema validation = {
	.name = "a validation", .fields = validation_fields,
};

/* frontendValidation: where it stood before spec.tls came. */
static const struct field listener_tls_fields[] = {
	ENUM("mode", .words = "Terminate|Passthrough"),
	OBJECTS("certificateRefs", OF(certificate), MOST(64)),
	TEXT_MAP("options", MOST(16)),
	OBJECT("frontendValidation", OF(validation)),
	END
};

static const struct schema listener_tls = {
	.name = "tls", .fields = listener_tls_fields,
};

static const struct field expression_fields[] = {
	TEXT("key", .flags = FIELD_REQUIRED),
	ENUM("operator", .words = "In|NotIn|Exists|DoesNotExist", .flags = FIELD_REQUIRED),
	TEXTS("values"),
	END
};

static const struct schema expression = {
	.name = "a matchExpression", .fields = expression_fields,
};

static const struct field selector_fields[] = {
	TEXT_MAP("matchLabels", .check_all = check_labels),
	OBJECTS("matchExpressions", OF(expression)),
	END
};

static const struct schema selector = {
	.name = "a selector", .fields = selector_fields,
};

static const struct field route_namespaces_fields[] = {
	ENUM("from", .words = "All|Selector|Same|None"),
	OBJECT("selector", OF(selector)),
	END
};

static const struct schema route_namespaces = {
	.name = "namespaces", .fields = route_namespaces_fields,
};

static const struct field route_kind_fields[] = {
	API_GROUP(),
	API_KIND(.flags = FIELD_REQUIRED),
	END
};

static const struct schema route_kind = {
	.name = "a kind", .fields = route_kind_fields,
};

static const struct field allowed_routes_fields[] = {
	OBJECT("namespaces", OF(route_namespaces)),
	OBJECTS("kinds", OF(route_kind), MOST(8)),
	END
};

static const struct schema allowed_routes = {
	.name = "allowedRoutes", .fields = allowed_routes_fields,
};

static const struct field listener_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED, MOST(253), .check = api_check_subdomain),
	TEXT("hostname", .flags = FIELD_FILLED, .check = api_check_hostname_or_wildcard),
	PORT("port", .flags = FIELD_REQUIRED),
	TEXT("protocol", .flags = FIELD_REQUIRED, MOST(255), .check = api_check_protocol),
	OBJECT("tls", OF(listener_tls)),
	OBJECT("allowedRoutes", OF(allowed_routes)),
	END
};

static const struct schema listener = {
	.name = "a listener", .fields = listener_fields, .check = api_check_listener,
};

static const struct field address_fields[] = {
	TEXT("type", .flags = FIELD_FILLED, MOST(253), .check = api_check_address_type),
	TEXT("value", MOST(253)),
	END
};

static const struct schema address = {
	.name = "an address", .fields = address_fields, .check = api_check_address,
};

static const struct field parameters_fields[] = {
	API_GROUP(.flags = FIELD_PRESENT),
	API_KIND(.flags = FIELD_REQUIRED),
	API_NAME(.flags = FIELD_REQUIRED),
	END
};

static const struct schema parameters = {
	.name = "a parametersRef", .fields = parameters_fields,
};

static const struct field infrastructure_fields[] = {
	TEXT_MAP("labels", MOST(8), .check_all = check_labels),
	TEXT_MAP("annotations", MOST(16), .check = api_check_annotation),
	OBJECT("parametersRef", OF(parameters)),
	END
};

static const struct schema infrastructure = {
	.name = "infrastructure", .fields = infrastructure_fields,
};

static const struct field allowed_listeners_fields[] = {
	OBJECT("namespaces", OF(route_namespaces)),
	END
};

static const struct schema allowed_listeners = {
	.name = "allowedListeners", .fields = allowed_listeners_fields,
};

static const struct field frontend_tls_fields[] = {
	OBJECT("validation", OF(validation)),
	END
};

static const struct schema frontend_tls = {
	.name = "tls", .fields = frontend_tls_fields,
};

static const struct field frontend_port_fields[] = {
	PORT("port", .flags = FIELD_REQUIRED),
	OBJECT("tls", OF(frontend_tls), .flags = FIELD_REQUIRED),
	END
};

static const struct schema frontend_port = {
	.name = "a port", .fields = frontend_port_fields,
};

static const struct field frontend_fields[] = {
	OBJECT("default", OF(frontend_tls), .flags = FIELD_REQUIRED),
	OBJECTS("perPort", OF(frontend_port), MOST(64), .check_all = api_check_ports),
	END
};

static const struct schema frontend = {
	.name = "a frontend", .fields = frontend_fields,
};

static const struct field backend_tls_fields[] = {
	OBJECT("clientCertificateRef", OF(certificate)),
	END
};

static const struct schema backend_tls = {
	.name = "a backend", .fields = backend_tls_fields,
};

static const struct field gateway_tls_fields[] = {
	OBJECT("frontend", OF(frontend)),
	OBJECT("backend", OF(backend_tls)),
	END
};

static const struct schema gateway_tls = {
	.name = "tls", .fields = gateway_tls_fields,
};

/* backendTLS: what became tls.backend. */
static const struct field gateway_fields[] = {
	TEXT("gatewayClassName", .flags = FIELD_REQUIRED, MOST(253)),
	OBJECTS("listeners", OF(listener), MOST(64), .check_all = check_unique_names),
	OBJECTS("addresses", OF(address), MOST(16)),
	OBJECT("infrastructure", OF(infrastructure)),
	OBJECT("allowedListeners", OF(allowed_listeners)),
	OBJECT("backendTLS", OF(backend_tls)),
	OBJECT("tls", OF(gateway_tls)),
	ENUM("defaultScope", .words = "All|None"),
	END
};

const struct schema schema_k8s_gateway = {
	.name = "a Gateway", .fields = gateway_fields, .check = api_check_gateway,
};

static const struct field from_fields[] = {
	API_GROUP(.flags = FIELD_PRESENT),
	API_KIND(.flags = FIELD_REQUIRED),
	TEXT("namespace", .flags = FIELD_REQUIRED, .check = api_check_namespace),
	END
};

static const struct schema from = {
	.name = "a from", .fields = from_fields,
};

static const struct field to_fields[] = {
	API_GROUP(.flags = FIELD_PRESENT),
	API_KIND(.flags = FIELD_REQUIRED),
	API_NAME(.flags = FIELD_FILLED),
	END
};

static const struct schema to = {
	.name = "a to", .fields = to_fields,
};

static const struct field grant_fields[] = {
	OBJECTS("from", OF(from), .flags = FIELD_REQUIRED | FIELD_FULL, MOST(16)),
	OBJECTS("to", OF(to), .flags = FIELD_REQUIRED | FIELD_FULL, MOST(16)),
	END
};

const struct schema schema_reference_grant = {
	.name = "a ReferenceGrant", .fields = grant_fields,
};
