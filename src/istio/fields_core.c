/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What meshtop uses of Service, Deployment and Pod.  Kubernetes knows many
 * more fields: they are kept and not looked at.
 */
#include "src/istio/check_service.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field service_port_fields[] = {
	TEXT("name", .check = check_dns_label),
	PORT("port", .flags = FIELD_REQUIRED),
	FIELD(FIELD_INT_OR_STRING, FIELD_ONE, "targetPort", .check = svc_check_target),
	ENUM("protocol", .words = "TCP|UDP|SCTP"),
	TEXT("appProtocol"),
	END
};

static const struct schema service_port = {
	.name = "a port", .fields = service_port_fields, .is_loose = true,
};

static const struct field service_fields[] = {
	OBJECTS("ports", OF(service_port)),
	TEXT_MAP("selector", .check_all = check_labels),
	TEXT("clusterIP"),
	ENUM("type", .words = "ClusterIP|NodePort|LoadBalancer|ExternalName"),
	TEXT("externalName"),
	ENUM("trafficDistribution", .words = "PreferClose|PreferSameZone|PreferSameNode"),
	END
};

const struct schema schema_service = {
	.name = "a Service", .fields = service_fields, .is_loose = true, .check = svc_check,
};

static const struct field container_port_fields[] = {
	TEXT("name"),
	PORT("containerPort", .flags = FIELD_REQUIRED),
	ENUM("protocol", .words = "TCP|UDP|SCTP"),
	END
};

static const struct schema container_port = {
	.name = "a container's port", .fields = container_port_fields, .is_loose = true,
};

static const struct field env_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("value"),
	END
};

static const struct schema env = {
	.name = "an environment variable", .fields = env_fields, .is_loose = true,
};

static const struct field container_fields[] = {
	TEXT("name", .flags = FIELD_REQUIRED),
	TEXT("image"),
	OBJECTS("ports", OF(container_port)),
	OBJECTS("env", OF(env)),
	END
};

static const struct schema container = {
	.name = "a container", .fields = container_fields, .is_loose = true,
};

static const struct field pod_fields[] = {
	OBJECTS("containers", OF(container), .flags = FIELD_REQUIRED),
	TEXT("serviceAccountName"),
	END
};

const struct schema schema_pod = {
	.name = "a Pod", .fields = pod_fields, .is_loose = true,
};

static const struct field metadata_fields[] = {
	TEXT_MAP("labels", .check_all = check_labels),
	TEXT_MAP("annotations"),
	END
};

static const struct schema metadata = {
	.name = "metadata", .fields = metadata_fields, .is_loose = true,
};

static const struct field template_fields[] = {
	OBJECT("metadata", OF(metadata)),
	OBJECT("spec", OF(schema_pod), .flags = FIELD_REQUIRED),
	END
};

static const struct schema template = {
	.name = "a template", .fields = template_fields, .is_loose = true,
};

static const struct field selector_fields[] = {
	TEXT_MAP("matchLabels", .check_all = check_labels),
	END
};

static const struct schema selector = {
	.name = "a selector", .fields = selector_fields, .is_loose = true,
};

static const struct field deployment_fields[] = {
	COUNT("replicas"),
	OBJECT("selector", OF(selector), .flags = FIELD_REQUIRED),
	OBJECT("template", OF(template), .flags = FIELD_REQUIRED),
	END
};

const struct schema schema_deployment = {
	.name = "a Deployment", .fields = deployment_fields, .is_loose = true,
};
