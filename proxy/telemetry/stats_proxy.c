/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What proxies have reported of requests, in sums. */
#include "proxy/telemetry/stats_priv.h"

#include <string.h>

static bool
is_source(const struct series *one)
{
	return strcmp(one->key.labels[LABEL_REPORTER], "source") == 0;
}

bool
stats_series_is_of(const struct series *one, const char *proxy)
{
	bool source = is_source(one);
	const char *workload = one->key.labels[source ? LABEL_SOURCE_WORKLOAD
						      : LABEL_DESTINATION_WORKLOAD];
	const char *ns = one->key.labels[source ? LABEL_SOURCE_WORKLOAD_NAMESPACE
						: LABEL_DESTINATION_WORKLOAD_NAMESPACE];
	size_t len = strlen(workload);

	return strncmp(proxy, workload, len) == 0 && proxy[len] == '.' &&
	       strcmp(proxy + len + 1, ns) == 0;
}

static uint64_t
requests_of(const struct stats_set *set, const struct series *one)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < set->worker_count; i++) {
		const struct http_counts *c =
			atomic_load_explicit(&one->slots[i], memory_order_acquire);

		if (c != NULL)
			sum += counter_read(&c->requests);
	}
	return sum;
}

void
stats_each_http(struct stats_set *set, void (*visit)(void *arg, const struct stats_http *r),
		void *arg)
{
	pthread_mutex_lock(&set->lock);
	for (size_t i = 0; i < set->series.len; i++) {
		const struct series *one = set->series.items[i];
		const char *const *labels = one->key.labels;
		bool source = is_source(one);
		struct stats_http r = {
			.is_outbound = source,
			.workload = labels[source ? LABEL_SOURCE_WORKLOAD : LABEL_DESTINATION_WORKLOAD],
			.ns = labels[source ? LABEL_SOURCE_WORKLOAD_NAMESPACE
					    : LABEL_DESTINATION_WORKLOAD_NAMESPACE],
			.code = labels[LABEL_RESPONSE_CODE],
			.flags = labels[LABEL_RESPONSE_FLAGS],
		};

		if (one->key.is_tcp)
			continue;
		r.requests = requests_of(set, one) - one->before_reset;
		visit(arg, &r);
	}
	pthread_mutex_unlock(&set->lock);
}

void
stats_reset_http(struct stats_set *set)
{
	pthread_mutex_lock(&set->lock);
	for (size_t i = 0; i < set->series.len; i++)
		if (!set->series.items[i]->key.is_tcp)
			set->series.items[i]->before_reset = requests_of(set, set->series.items[i]);
	pthread_mutex_unlock(&set->lock);
}
