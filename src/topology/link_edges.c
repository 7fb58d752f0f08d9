/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph's edges from what was summed, and what they say of their nodes; see link.h. */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/xalloc.h"
#include "src/topology/link.h"

static void
set_times(struct graph_edge *e, const struct link *l)
{
	/* Kiali asks the destination first; options.reporter chooses otherwise. */
	const struct durations *d = l->durations[DESTINATION] != NULL ? l->durations[DESTINATION] :
				    l->durations[SOURCE];
	uint32_t fine[LOGHIST_BUCKETS];
	double count = 0;

	if (d == NULL)
		return;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		count += d->buckets[i];
	if (!(count > 0))
		return;
	e->times.avg = d->sum_ms / count;
	durations_unfold(d, fine);
	e->times.p50 = fine_quantile_ms(fine, 0.5);
	e->times.p95 = fine_quantile_ms(fine, 0.95);
	e->times.p99 = fine_quantile_ms(fine, 0.99);
	e->times.est_p50 = bucket_quantile(d->buckets, 0.5);
	e->times.est_p95 = bucket_quantile(d->buckets, 0.95);
	e->times.est_p99 = bucket_quantile(d->buckets, 0.99);
}

static int
compare_responses(const void *a, const void *b)
{
	const struct graph_response *x = a, *y = b;
	int c = strcmp(x->code, y->code);

	c = c != 0 ? c : strcmp(x->flags, y->flags);
	return c != 0 ? c : strcmp(x->host, y->host);
}

static void
set_responses(struct graph *g, struct graph_edge *e, struct link *l)
{
	double total = 0;

	for (size_t i = 0; i < l->responses.len; i++)
		total += l->responses.items[i].share;
	e->response_count = l->responses.len;
	e->responses = arena_alloc(g->arena, (l->responses.len + 1) * sizeof(*e->responses));
	for (size_t i = 0; i < l->responses.len; i++) {
		e->responses[i] = l->responses.items[i];
		e->responses[i].share = total > 0 ? e->responses[i].share / total : 0;
	}
	qsort(e->responses, e->response_count, sizeof(*e->responses), compare_responses);
}

void
links_sum(struct link *links, struct node_sums *sums)
{
	const double *p;
	double *in, *out;
	struct link *l, *next;

	HASH_ITER(hh, links, l, next) {
		struct node_sums *from = &sums[l->ends[0]], *to = &sums[l->ends[1]];

		p = (const double *)(const void *)&l->outcomes;
		in = (double *)(void *)&to->in;
		out = (double *)(void *)&from->out;
		for (size_t i = 0; i < sizeof(struct outcomes) / sizeof(double); i++) {
			in[i] += p[i];
			out[i] += p[i];
		}
		from->out_requests[l->ends[2]] += l->requests;
		from->has_out |= l->ends[0] != l->ends[1];
		to->has_in |= l->ends[0] != l->ends[1];
	}
}

void
links_make_edges(struct link *links, const struct node_sums *sums, double window_s,
		 struct graph *g)
{
	struct link *l, *next;

	HASH_ITER(hh, links, l, next) {
		struct graph_edge *e = graph_add_edge(g, l->ends[0], l->ends[1], l->ends[2]);
		struct graph_node *from = &g->nodes.items[l->ends[0]];
		struct graph_node *to = &g->nodes.items[l->ends[1]];
		double all = l->ends[2] == EDGE_TCP ? l->tcp_bytes : l->requests;

		e->is_mirrored = l->ends[3];
		e->rate = all / window_s;
		e->errors = outcomes_errors(&l->outcomes) / window_s;
		e->is_idle = !(all > 0);
		e->request_bytes = l->throughput[SOURCE] / window_s;
		e->response_bytes = l->throughput[DESTINATION] / window_s;
		e->mtls = all > 0 ? l->mtls / all : -1;
		e->source_principal = principals_text(&l->principals[SOURCE], g->arena);
		e->destination_principal = principals_text(&l->principals[DESTINATION], g->arena);
		e->health = outcomes_health(&l->outcomes);
		set_times(e, l);
		set_responses(g, e, l);
		if (e->protocol == EDGE_TCP) {
			e->request_bytes = e->response_bytes = e->rate;
			from->out_bytes += e->rate;
			to->in_bytes += e->rate;
			continue;
		}
		if (sums[l->ends[0]].out_requests[l->ends[2]] > 0)
			e->share = l->requests / sums[l->ends[0]].out_requests[l->ends[2]];
		from->out_rate += e->rate;
		to->in_rate += e->rate;
		to->in_error_rate += e->errors;
	}
}

void
graph_drop_lonely(struct graph *g, const struct node_sums *sums, enum health *traffic)
{
	size_t *place = xmalloc((g->nodes.len + 1) * sizeof(*place)), kept = 0;
	bool *used = xcalloc(g->nodes.len + 1, sizeof(*used));

	for (size_t i = 0; i < g->edges.len; i++)
		used[g->edges.items[i].from] = used[g->edges.items[i].to] = true;
	for (size_t i = 0; i < g->nodes.len; i++) {
		place[i] = kept;
		if (!used[i])
			continue;
		g->nodes.items[i].is_root = sums[i].has_out && !sums[i].has_in;
		traffic[kept] = outcomes_health(&sums[i].in);
		if (g->nodes.items[i].kind != NODE_SERVICE && g->nodes.items[i].kind != NODE_SERVICE_ENTRY)
			traffic[kept] = health_worse(traffic[kept], outcomes_health(&sums[i].out));
		g->nodes.items[kept++] = g->nodes.items[i];
	}
	g->nodes.len = kept;
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].from = place[g->edges.items[i].from];
		g->edges.items[i].to = place[g->edges.items[i].to];
	}
	free(place);
	free(used);
}
