/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric vocabulary; see metrics.h. */
#include "src/model/metrics.h"

#include <string.h>

/* Envoy's default histogram, in milliseconds and bytes (spec/dataplane.md 7). */
const double metric_bounds[METRIC_BOUNDS] = {
	0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000,
	300000, 600000, 1800000, 3600000,
};

static const struct {
	const char *name;
	bool on_tcp;
} labels[LABEL_COUNT] = {
#define METRIC_LABEL(id, name, on_tcp) [LABEL_##id] = { name, on_tcp },
#include "src/model/metrics.tbl"
#undef METRIC_LABEL
};

const char *
metric_label_name(enum metric_label l)
{
	return labels[l].name;
}

bool
metric_label_on_tcp(enum metric_label l)
{
	return labels[l].on_tcp;
}

struct slice
metric_service_namespace(const char *const *values)
{
	const char *told = values[LABEL_DESTINATION_SERVICE_NAMESPACE];
	const char *dot = strchr(values[LABEL_DESTINATION_SERVICE], '.');
	const char *end = dot != NULL ? strstr(dot + 1, ".svc") : NULL;

	if (told[0] != '\0' && strcmp(told, "unknown") != 0)
		return slice_of(told);
	if (end == NULL)
		return SLICE("unknown");
	return (struct slice){ dot + 1, (size_t)(end - dot - 1) };
}

unsigned
metric_bucket(double v)
{
	unsigned i = 0;

	while (i < METRIC_BOUNDS && v > metric_bounds[i])
		i++;
	return i;
}
