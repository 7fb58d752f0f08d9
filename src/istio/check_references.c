/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What objects say about each other, kind by kind; see check.h. */
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check.h"
#include "src/istio/known.h"
#include "src/model/object.h"

void
refer_export_to(const struct known *k, struct checker *c)
{
	const struct value *list = member(c->object->spec, "exportTo");
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		const char *ns = value_text(v);
		char below[40];

		snprintf(below, sizeof(below), "exportTo[%zu]", index++);
		if (ns != NULL && strcmp(ns, ".") != 0 && strcmp(ns, "*") != 0 &&
		    strcmp(ns, "~") != 0 && !known_namespace(k, ns))
			complain_as(c, known_missing(k, KNOWN_NAMESPACE), v, below, "KIA0005",
				    "there is no namespace '%.80s'", ns);
	}
}

bool
port_name_is_known(const char *name)
{
	static const char *const protocols[] = { "grpc-web", "grpc", "http2", "http", "https", "mongo",
						 "redis", "tcp", "tls", "udp", "mysql" };

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		size_t len = strlen(protocols[i]);

		if (strncmp(name, protocols[i], len) == 0 && (name[len] == '\0' || name[len] == '-'))
			return true;
	}
	return false;
}

void
check_references(const struct snapshot *s, struct problems *out)
{
	struct known k;

	known_init(&k, s);
	refer_virtual_services(&k, out);
	refer_destination_rules(&k, out);
	refer_mtls(&k, out);
	refer_gateways(&k, out);
	refer_service_entries(&k, out);
	refer_services(&k, out);
	refer_policies(&k, out);
	refer_routes(&k, out);
	refer_k8s_gateways(&k, out);
	refer_grants(&k, out);
	known_fini(&k);
}
