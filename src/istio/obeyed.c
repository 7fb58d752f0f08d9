/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields that the engine does not obey yet; see obeyed.h. */
#include "src/istio/obeyed.h"

#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"

/* Where a traffic policy may stand. */
#define POLICY(path)								\
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy." path },			\
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.portLevelSettings[]." path }, \
	{ KIND_DESTINATION_RULE, "spec.subsets[].trafficPolicy." path },	\
	{ KIND_DESTINATION_RULE, "spec.subsets[].trafficPolicy.portLevelSettings[]." path }

/* [] stands for any index. */
static const struct {
	enum kind_id kind;
	const char *path;
} not_obeyed[] = {
	{ KIND_GATEWAY, "spec.servers[].bind" }, { KIND_GATEWAY, "spec.servers[].defaultEndpoint" },
	{ KIND_SIDECAR, "spec.ingress" }, { KIND_SIDECAR, "spec.inboundConnectionPool" },
	{ KIND_SIDECAR, "spec.egress[].bind" },
	{ KIND_SIDECAR, "spec.outboundTrafficPolicy.egressProxy" },
	{ KIND_K8S_GATEWAY, "spec" }, { KIND_HTTP_ROUTE, "spec" }, { KIND_GRPC_ROUTE, "spec" },
	POLICY("connectionPool.http.h2UpgradePolicy"),
	POLICY("connectionPool.http.useClientProtocol"),
	POLICY("connectionPool.http.maxConcurrentStreams"),
	POLICY("connectionPool.http.http2KeepAlive"),
	POLICY("loadBalancer.zoneAwareLbSetting"),
	POLICY("tunnel"), POLICY("proxyProtocol"),
};

/* Is path the pattern or below it? */
static bool
covers(const char *pattern, const char *path)
{
	while (*pattern != '\0') {
		if (*pattern != *path)
			return false;
		pattern++;
		path++;
		if (pattern[-1] == '[')
			path += strspn(path, "0123456789");
	}
	return *path == '\0' || *path == '.' || *path == '[';
}

bool
field_is_obeyed(enum kind_id kind, const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(not_obeyed); i++)
		if (not_obeyed[i].kind == kind && covers(not_obeyed[i].path, path))
			return false;
	return true;
}
