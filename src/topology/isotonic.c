/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Isotonic regression by pooling adjacent violators, with weighted medians:
 * the one-dimensional problem behind placing a layer and the ports of a box.
 */
#include <stdlib.h>
#include <string.h>

#include "src/topology/layout_priv.h"

struct pool {
	uint32_t first_spot, spots;
	uint32_t first, count;		/* wishes, ascending */
	int at;
};

/* Merges two neighbouring ascending runs. */
static void
merge_wishes(struct wish *w, uint32_t a_count, uint32_t count, struct wish *scratch)
{
	uint32_t a = 0, b = a_count;

	memcpy(scratch, w, count * sizeof(*w));
	for (uint32_t i = 0; i < count; i++) {
		bool take_a = b >= count || (a < a_count && scratch[a].at <= scratch[b].at);

		w[i] = scratch[take_a ? a++ : b++];
	}
}

static void
sort_wishes(struct wish *w, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct wish moved = w[i];
		uint32_t j = i;

		for (; j > 0 && w[j - 1].at > moved.at; j--)
			w[j] = w[j - 1];
		w[j] = moved;
	}
}

static int
weighted_median(const struct wish *w, uint32_t count)
{
	int64_t total = 0, sum = 0;

	for (uint32_t i = 0; i < count; i++)
		total += w[i].weight;
	for (uint32_t i = 0; i < count; i++) {
		sum += w[i].weight;
		if (2 * sum >= total)
			return w[i].at;
	}
	return 0;
}

static void
settle(struct spot *spots, uint32_t count, const struct pool *pools, uint32_t pool_count)
{
	int last = 0;
	bool has_last = false;

	for (uint32_t p = 0; p < pool_count; p++) {
		if (pools[p].count > 0) {
			last = pools[p].at;
			has_last = true;
		} else if (!has_last) {		/* before the first wish: beside it */
			for (uint32_t q = p + 1; q < pool_count && !has_last; q++)
				if (pools[q].count > 0) {
					last = pools[q].at;
					has_last = true;
				}
		}
		for (uint32_t i = 0; i < pools[p].spots; i++)
			spots[pools[p].first_spot + i].at =
				last + spots[pools[p].first_spot + i].offset;
	}
	(void)count;
}

void
isotonic_solve(struct spot *spots, uint32_t count, struct wish *wishes)
{
	struct pool *pools = xmalloc((count + 1) * sizeof(*pools));
	struct wish *scratch;
	uint32_t n = 0, total = 0;

	for (uint32_t i = 0; i < count; i++)
		total += spots[i].count;
	scratch = xmalloc((total + 1) * sizeof(*scratch));
	for (uint32_t i = 0; i < count; i++) {
		struct spot *s = &spots[i];

		for (uint32_t k = 0; k < s->count; k++)
			wishes[s->first + k].at -= s->offset;
		sort_wishes(&wishes[s->first], s->count);
		pools[n++] = (struct pool){ i, 1, s->first, s->count,
			weighted_median(&wishes[s->first], s->count) };
		/* A pool without wishes joins what stands before it. */
		while (n > 1 && pools[n - 2].count > 0 &&
		       (pools[n - 1].count == 0 || pools[n - 2].at > pools[n - 1].at)) {
			struct pool *a = &pools[n - 2], *b = &pools[n - 1];

			merge_wishes(&wishes[a->first], a->count, a->count + b->count,
				     scratch);
			a->spots += b->spots;
			a->count += b->count;
			a->at = weighted_median(&wishes[a->first], a->count);
			n--;
		}
	}
	settle(spots, count, pools, n);
	free(pools);
	free(scratch);
}
