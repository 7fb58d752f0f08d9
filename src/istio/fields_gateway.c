/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of Gateway, Sidecar and PeerAuthentication (spec/dataplane.md 1.3,
 * 1.5, 1.6).
 */
#include "src/istio/check_gateway.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

#define NO_TARGET_PORT \
	PORT("targetPort", .flags = FIELD_REFUSED, .note = "Istio has no targetPort here: traffic goes to number")

static const struct field server_port_fields[] = {
	INT("number", RANGE(0, 65535), .flags = FIELD_REQUIRED),
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("protocol", .flags = FIELD_REQUIRED, .check = check_protocol),
	NO_TARGET_PORT,
	END
};

static const struct schema server_port = {
	.name = "a server's port", .fields = server_port_fields,
};

static const struct field certificate_fields[] = {
	TEXT("serverCertificate"),
	TEXT("privateKey"),
	TEXT("caCertificates"),
	END
};

static const struct schema certificate = {
	.name = "a tlsCertificate", .fields = certificate_fields,
};

static const struct field tls_fields[] = {
	BOOL("httpsRedirect"),
	ENUM("mode", .words = "PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL"),
	TEXT("serverCertificate"),
	TEXT("privateKey"),
	TEXT("caCertificates"),
	TEXT("caCrl"),
	TEXTS("subjectAltNames"),
	TEXT("credentialName"),
	TEXTS("credentialNames", .flags = FIELD_FULL, MOST(2)),	/* one a key algorithm */
	TEXT("caCertCredentialName"),
	OBJECTS("tlsCertificates", OF(certificate), .flags = FIELD_FULL, MOST(2)),
	TEXTS("verifyCertificateSpki"),
	TEXTS("verifyCertificateHash"),
	ENUM("minProtocolVersion", .words = "TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3"),
	ENUM("maxProtocolVersion", .words = "TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3"),
	TEXTS("cipherSuites", .check_all = gw_check_ciphers),
	TEXTS("ecdhCurves"),
	BOOL("insecureSkipVerify"),
	END
};

static const struct schema schema_server_tls = {
	.name = "tls", .fields = tls_fields, .check = gw_check_tls,
};

static const struct field server_fields[] = {
	OBJECT("port", OF(server_port), .flags = FIELD_REQUIRED),
	TEXT("bind", .check = gw_check_bind),
	TEXTS("hosts", .flags = FIELD_REQUIRED | FIELD_FULL, .check = gw_check_host),
	OBJECT("tls", OF(schema_server_tls)),
	TEXT("defaultEndpoint"),
	TEXT("name"),
	END
};

static const struct schema server = {
	.name = "a server", .fields = server_fields, .check = gw_check_server,
};

static const struct field spec_fields[] = {
	OBJECTS("servers", OF(server), .flags = FIELD_REQUIRED | FIELD_FULL),
	TEXT_MAP("selector", .check_all = check_selector_labels),
	END
};

const struct schema schema_gateway = {
	.name = "a Gateway", .fields = spec_fields, .check = gw_check,
};

static const struct field label_selector_fields[] = {
	TEXT_MAP("labels", MOST(256), .check_all = check_selector_labels),
	END
};

static const struct schema label_selector = {
	.name = "a workloadSelector", .fields = label_selector_fields,
};

static const struct field ingress_port_fields[] = {
	PORT("number", .flags = FIELD_REQUIRED),
	TEXT("name", .check = check_dns_label),
	TEXT("protocol", .check = check_protocol),
	NO_TARGET_PORT,
	END
};

static const struct schema ingress_port = {
	.name = "a port", .fields = ingress_port_fields,
};

/* Number 0, or none, stands with "unix://" binds. */
static const struct field egress_port_fields[] = {
	INT("number", RANGE(0, 65535)),
	TEXT("name", .check = check_dns_label),
	TEXT("protocol", .check = check_protocol),
	NO_TARGET_PORT,
	END
};

static const struct schema egress_port = {
	.name = "a port", .fields = egress_port_fields,
};

static const struct field ingress_fields[] = {
	OBJECT("port", OF(ingress_port), .flags = FIELD_REQUIRED),
	TEXT("bind"),
	ENUM("captureMode", .words = "DEFAULT|IPTABLES|NONE"),
	TEXT("defaultEndpoint"),
	OBJECT("tls", OF(schema_server_tls)),
	OBJECT("connectionPool", OF(schema_connection_pool)),
	END
};

static const struct schema ingress = {
	.name = "an ingress listener", .fields = ingress_fields, .check = sc_check_ingress,
};

static const struct field egress_fields[] = {
	OBJECT("port", OF(egress_port)),
	TEXT("bind", .check = gw_check_bind),
	ENUM("captureMode", .words = "DEFAULT|IPTABLES|NONE"),
	TEXTS("hosts", .flags = FIELD_REQUIRED | FIELD_FULL, .check = sc_check_host),
	END
};

static const struct schema egress = {
	.name = "an egress listener", .fields = egress_fields, .check = sc_check_egress,
};

static const struct field proxy_port_fields[] = {
	PORT("number"),
	END
};

static const struct schema proxy_port = {
	.name = "a port", .fields = proxy_port_fields,
};

static const struct field egress_proxy_fields[] = {
	TEXT("host", .flags = FIELD_REQUIRED, .check = check_destination_host),
	TEXT("subset", .check = check_dns_label),
	OBJECT("port", OF(proxy_port)),
	END
};

static const struct schema egress_proxy = {
	.name = "an egressProxy", .fields = egress_proxy_fields,
};

static const struct field outbound_fields[] = {
	ENUM("mode", .words = "REGISTRY_ONLY|ALLOW_ANY"),
	OBJECT("egressProxy", OF(egress_proxy)),
	END
};

static const struct schema outbound = {
	.name = "an outboundTrafficPolicy", .fields = outbound_fields, .check = sc_check_outbound,
};

static const struct field sidecar_fields[] = {
	OBJECT("workloadSelector", OF(label_selector)),
	OBJECTS("ingress", OF(ingress)),
	OBJECTS("egress", OF(egress)),
	OBJECT("inboundConnectionPool", OF(schema_connection_pool)),
	OBJECT("outboundTrafficPolicy", OF(outbound)),
	END
};

const struct schema schema_sidecar = {
	.name = "a Sidecar", .fields = sidecar_fields, .check = sc_check,
};

static const struct field mtls_fields[] = {
	ENUM("mode", .words = "UNSET|DISABLE|PERMISSIVE|STRICT"),
	END
};

static const struct schema mtls = {
	.name = "mtls", .fields = mtls_fields,
};

static const struct field peer_fields[] = {
	OBJECT("selector", OF(schema_workload_selector)),
	OBJECT("mtls", OF(mtls)),
	OBJECT_MAP("portLevelMtls", OF(mtls), .flags = FIELD_FULL, .check_all = pa_check_ports),
	END
};

const struct schema schema_peer_authentication = {
	.name = "a PeerAuthentication", .fields = peer_fields, .check = pa_check,
};
