/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of ServiceEntry and WorkloadEntry (spec/dataplane.md 1.4). */
#include "src/istio/check_gateway.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

static const struct field port_fields[] = {
	PORT("number", .flags = FIELD_REQUIRED),
	TEXT("name", .flags = FIELD_REQUIRED, MOST(256), .check = check_dns_label),
	TEXT("protocol", MOST(256), .check = check_protocol),
	PORT("targetPort"),
	END
};

static const struct schema port = {
	.name = "a port", .fields = port_fields,
};

static const struct field entry_fields[] = {
	TEXT("address", MOST(256)),
	INT_MAP("ports", RANGE(1, 65535), MOST(128), .check_all = we_check_ports),
	TEXT_MAP("labels", MOST(256), .check_all = check_labels),
	TEXT("network", MOST(2048)),
	TEXT("locality", MOST(2048)),
	INT("weight", RANGE(0, UINT32_LIMIT)),
	TEXT("serviceAccount", MOST(253)),
	END
};

const struct schema schema_workload_entry = {
	.name = "a WorkloadEntry", .fields = entry_fields, .check = we_check,
};

static const struct schema endpoint = {
	.name = "an endpoint", .fields = entry_fields, .check = we_check,
};

static const struct field selector_fields[] = {
	TEXT_MAP("labels", MOST(256), .check_all = check_selector_labels),
	END
};

static const struct schema selector = {
	.name = "a workloadSelector", .fields = selector_fields,
};

static const struct field spec_fields[] = {
	TEXTS("hosts", .flags = FIELD_REQUIRED | FIELD_FULL, MOST(256), .check = se_check_host),
	TEXTS("addresses", MOST(256), .check = check_cidr),
	OBJECTS("ports", OF(port), MOST(SE_PORTS_MAX)),
	ENUM("location", .words = "MESH_EXTERNAL|MESH_INTERNAL"),
	ENUM("resolution", .words = "NONE|STATIC|DNS|DNS_ROUND_ROBIN|DYNAMIC_DNS"),
	OBJECTS("endpoints", OF(endpoint), MOST(4096)),
	OBJECT("workloadSelector", OF(selector)),
	TEXTS("exportTo", .check = check_export_to, .check_all = check_export_list),
	TEXTS("subjectAltNames"),
	END
};

const struct schema schema_service_entry = {
	.name = "a ServiceEntry", .fields = spec_fields, .one_of = "endpoints|workloadSelector",
	.check = se_check,
};
