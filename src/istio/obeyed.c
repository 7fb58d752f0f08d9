/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields that the engine does not obey yet; see obeyed.h. */
#include "src/istio/obeyed.h"

#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"

/* [] stands for any index. */
static const struct {
	enum kind_id kind;
	const char *path;
} not_obeyed[] = {
	{ KIND_VIRTUAL_SERVICE, "spec.http[].fault" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].timeout" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].retries" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].mirror" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].mirrorPercentage" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].mirrorPercent" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].mirrors" },
	{ KIND_VIRTUAL_SERVICE, "spec.http[].corsPolicy" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.connectionPool" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.outlierDetection" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.consistentHash" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.localityLbSetting" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.loadBalancer.warmup" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.portLevelSettings[].connectionPool" },
	{ KIND_DESTINATION_RULE, "spec.trafficPolicy.portLevelSettings[].outlierDetection" },
	{ KIND_DESTINATION_RULE, "spec.subsets[].trafficPolicy.connectionPool" },
	{ KIND_DESTINATION_RULE, "spec.subsets[].trafficPolicy.outlierDetection" },
	{ KIND_DESTINATION_RULE, "spec.subsets[].trafficPolicy.loadBalancer.consistentHash" },
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
