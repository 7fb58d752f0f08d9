/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What readings say of an edge, summed; see link.h. */
#include "src/topology/link.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

void
durations_unfold(const struct durations *d, uint32_t out[LOGHIST_BUCKETS])
{
	memset(out, 0, LOGHIST_BUCKETS * sizeof(*out));
	for (size_t i = 0; i < d->fine.len; i++)
		out[d->fine.items[i].index] = d->fine.items[i].count;
}

void
link_add_durations(struct link *l, unsigned reporter, double sum_ms,
		   const double buckets[METRIC_BUCKETS], const uint32_t fine[LOGHIST_BUCKETS])
{
	struct durations *d = l->durations[reporter];
	uint32_t sum[LOGHIST_BUCKETS];

	if (d == NULL)
		d = l->durations[reporter] = xcalloc(1, sizeof(*d));
	d->sum_ms += sum_ms;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		d->buckets[i] += buckets[i];
	durations_unfold(d, sum);
	d->fine.len = 0;
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		if (sum[i] + fine[i] > 0)
			vec_push(&d->fine, ((struct fine_count){ (uint16_t)i, sum[i] + fine[i] }));
}

void
link_add_response(struct link *l, const struct graph_response *response)
{
	for (size_t i = 0; i < l->responses.len; i++) {
		struct graph_response *r = &l->responses.items[i];

		if (strcmp(r->code, response->code) == 0 &&
		    strcmp(r->flags, response->flags) == 0 &&
		    strcmp(r->host, response->host) == 0) {
			r->share += response->share;
			return;
		}
	}
	vec_push(&l->responses, *response);
}

void
link_join(struct link *to, const struct link *l, double part)
{
	const double *from_outcomes = (const double *)(const void *)&l->outcomes;
	double *to_outcomes = (double *)(void *)&to->outcomes;
	uint32_t fine[LOGHIST_BUCKETS];

	to->requests += l->requests * part;
	to->tcp_bytes += l->tcp_bytes * part;
	to->mtls += l->mtls * part;
	for (size_t i = 0; i < sizeof(struct outcomes) / sizeof(double); i++)
		to_outcomes[i] += from_outcomes[i] * part;
	for (unsigned r = 0; r < REPORTERS; r++) {
		to->throughput[r] += l->throughput[r] * part;
		principals_join(&to->principals[r], &l->principals[r]);
		if (l->durations[r] == NULL)
			continue;
		durations_unfold(l->durations[r], fine);
		link_add_durations(to, r, l->durations[r]->sum_ms, l->durations[r]->buckets, fine);
	}
	for (size_t i = 0; i < l->responses.len; i++) {
		struct graph_response r = l->responses.items[i];

		r.share *= part;
		link_add_response(to, &r);
	}
}

void
link_free(struct link *l)
{
	for (unsigned r = 0; r < REPORTERS; r++) {
		if (l->durations[r] != NULL)
			vec_fini(&l->durations[r]->fine);
		free(l->durations[r]);
		vec_fini(&l->principals[r].names);
	}
	vec_fini(&l->responses);
	free(l);
}

double
link_weight(const struct link *l)
{
	return l->requests + l->tcp_bytes / 1000.0 + 1e-9;
}
