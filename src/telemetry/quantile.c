/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles: the true one of fine counts, and Prometheus' estimate. */
#include "src/telemetry/series.h"

double
fine_quantile_ms(const uint32_t fine[LOGHIST_BUCKETS], double q)
{
	uint64_t total = 0, below = 0, rank;

	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		total += fine[i];
	if (total == 0)
		return -1;
	rank = (uint64_t)(q * (double)(total - 1));
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++) {
		if (fine[i] > 0 && below + fine[i] > rank) {
			double low = (double)loghist_low(i), high = (double)loghist_low(i + 1);

			/* The samples of a bucket are taken as evenly spread. */
			return (low + (high - low) * ((double)(rank - below) + 0.5) / fine[i]) / 1000.0;
		}
		below += fine[i];
	}
	return -1;
}

double
bucket_quantile(const double buckets[METRIC_BUCKETS], double q)
{
	double total = 0, below = 0, rank;

	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		total += buckets[i];
	if (!(total > 0))
		return -1;
	rank = q * total;
	for (unsigned i = 0; i < METRIC_BOUNDS; i++) {
		double low = i > 0 ? metric_bounds[i - 1] : 0;

		if (buckets[i] > 0 && below + buckets[i] >= rank)
			return low + (metric_bounds[i] - low) * (rank - below) / buckets[i];
		below += buckets[i];
	}
	return metric_bounds[METRIC_BOUNDS - 1];
}
