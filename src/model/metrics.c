/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metric vocabulary; see metrics.h. */
#include "src/model/metrics.h"

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

unsigned
metric_bucket(double v)
{
	unsigned i = 0;

	while (i < METRIC_BOUNDS && v > metric_bounds[i])
		i++;
	return i;
}
