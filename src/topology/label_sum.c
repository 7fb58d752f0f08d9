/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels for the stubs of a bus; see label_sum.h. */
#include "src/topology/label_sum.h"

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "src/topology/layout.h"

static const char *
label_of_sum(void *data, const size_t *edges, size_t count)
{
	const struct label_sum *s = data;
	struct graph_edge sum = s->g->edges.items[edges[0]];
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	const char *label;

	sum.share = -1;
	for (size_t i = 1; i < count; i++) {
		const struct graph_edge *e = &s->g->edges.items[edges[i]];

		sum.rate += e->rate;
		sum.errors += e->errors;
		sum.request_bytes += e->request_bytes;
		sum.response_bytes += e->response_bytes;
		sum.is_idle = sum.is_idle && e->is_idle;
		sum.health = e->health > sum.health ? e->health : sum.health;
	}
	s->put(&sum, s->bits, &raw);
	text_sanitize(&clean, buf_str(&raw), raw.len);
	label = arena_strdup(s->arena, buf_str(&clean));
	buf_fini(&raw);
	buf_fini(&clean);
	return label;
}

void
label_sum_use(struct label_sum *s, struct layout_options *o)
{
	if ((s->bits & ~(unsigned)(EDGE_LABEL_RATE | EDGE_LABEL_THROUGHPUT |
				   EDGE_LABEL_THROUGHPUT_OUT)) != 0)
		return;
	o->sum_label = label_of_sum;
	o->sum_data = s;
}
