/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which text stands at which pin.
 *
 * A line's own label stands where the line is alone on its stub: at its
 * target when the bundle has one source, else at its source when the bundle
 * has one target.  A stub of several lines shows their sum, if the caller
 * can make one.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/text.h"
#include "src/topology/layout_priv.h"

int
label_cells(const struct pin *p)
{
	return p->label != NULL ? (int)text_width(p->label, strlen(p->label)) : 0;
}

bool
label_is_above(const struct layout *l, const struct net *n)
{
	return layout_is_across(l) && !l->gaps[n->gap].is_turned;
}

static uint32_t
find_box(const uint32_t *boxes, uint32_t count, uint32_t box)
{
	for (uint32_t i = 0; i < count; i++)
		if (boxes[i] == box)
			return i;
	return NONE;
}

/* For the lines first, first + step ... of the bundle together. */
static const char *
label_of_lines(const struct layout *l, const struct bundle *b, uint32_t first, uint32_t step,
	       uint32_t count)
{
	const char *label;
	size_t *edges, found = 0, all = 0;

	for (uint32_t i = 0; i < count; i++)
		all += l->lines[b->lines[first + i * step]].count;
	if (all == 1)
		return l->o.edge_labels[l->lines[b->lines[first]].edge];
	if (l->o.sum_label == NULL)
		return NULL;
	edges = xmalloc(all * sizeof(*edges));
	for (uint32_t i = 0; i < count; i++) {
		const struct line *line = &l->lines[b->lines[first + i * step]];

		for (uint32_t k = 0; k < line->count; k++)
			edges[found++] = l->members[line->first + k];
	}
	label = l->o.sum_label(l->o.sum_data, edges, found);
	free(edges);
	return label;
}

static const char *
label_of_pin(const struct layout *l, const struct bundle *b, const struct pin *p, bool is_in)
{
	uint32_t box = l->items[p->item].box, at;

	if (box == NONE)
		return NULL;
	if (is_in) {
		at = find_box(b->sources, b->source_count, box);
		if (b->is_back)		/* the head is here */
			return label_of_lines(l, b, 0, 1, 1);
		if (b->source_count == 1)
			return NULL;
		return label_of_lines(l, b, at * b->target_count, 1, b->target_count);
	}
	if (b->is_back)
		return NULL;
	at = find_box(b->targets, b->target_count, box);
	return label_of_lines(l, b, at, b->target_count, b->source_count);
}

static const char *
not_empty(const char *s)
{
	return s != NULL && s[0] != '\0' ? s : NULL;
}

void
label_pins(struct layout *l)
{
	if (l->o.edge_labels == NULL)
		return;
	for (uint32_t i = 0; i < l->net_count; i++) {
		struct net *n = &l->nets[i];
		const struct bundle *b = &l->bundles[n->bundle];

		for (uint32_t p = 0; p < n->in_count; p++)
			n->ins[p].label = not_empty(label_of_pin(l, b, &n->ins[p], true));
		for (uint32_t p = 0; p < n->out_count; p++)
			n->outs[p].label = not_empty(label_of_pin(l, b, &n->outs[p], false));
	}
}
