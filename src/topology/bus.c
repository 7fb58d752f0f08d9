/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines that may share a trunk, and the items that carry them through layers.
 *
 * Sources in one layer with equal sets of targets (of one kind) form a
 * complete group; so do all targets of one source, and all sources of one
 * target.  A trunk that tees shows only true edges then.  A line may belong
 * to a group by its source and to one by its target: the larger one takes
 * it.  Mirrored lines and those against the flow stay alone.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/topology/layout_priv.h"

/* The lines of one source and kind: a candidate for a bundle. */
struct fan {
	uint32_t source, layer;
	uint32_t kind;		/* of the line; back lines and mirrored ones count apart */
	uint32_t first, count;	/* in the sorted lines */
	bool is_alone;
};

struct sorted_line {
	uint32_t upper, lower;	/* boxes in the order of the flow */
	uint32_t key;		/* kind, or one key for each line that stays alone */
	uint32_t line;
};

static int
compare_sorted_lines(const void *a, const void *b)
{
	const struct sorted_line *x = a, *y = b;

	if (x->upper != y->upper)
		return x->upper < y->upper ? -1 : 1;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->lower != y->lower)
		return x->lower < y->lower ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Total order that puts fans of one layer, kind and target set together. */
static int
compare_fans(const struct fan *x, const struct fan *y, const struct sorted_line *lines)
{
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->is_alone != y->is_alone)
		return x->is_alone ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t p = lines[x->first + i].lower, q = lines[y->first + i].lower;

		if (p != q)
			return p < q ? -1 : 1;
	}
	return 0;
}

static int
compare_fans_by_source(const void *a, const void *b, void *data)
{
	const struct fan *x = a, *y = b;
	int order = compare_fans(x, y, data);

	if (order != 0)
		return order;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

/* Lines that never share a trunk.  Long ones that do take one way through the
 * layers between, which may cross more than ways of their own. */
static bool
stays_alone(const struct layout *l, const struct line *line)
{
	return line->is_back || line->is_alone || (line->kind & 1) || l->o.no_buses ||
	       l->bundling == BUNDLE_NONE ||
	       (l->bundling == BUNDLE_SHORT &&
		l->boxes[line->from].layer + 1 != l->boxes[line->to].layer);
}

static uint32_t
sort_lines(const struct layout *l, struct sorted_line *sorted)
{
	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct line *line = &l->lines[i];
		bool is_alone = stays_alone(l, line);

		sorted[i] = (struct sorted_line){
			.upper = line->is_back ? line->to : line->from,
			.lower = line->is_back ? line->from : line->to,
			.key = is_alone ? 16 + i : line->kind, .line = i };
	}
	qsort(sorted, l->line_count, sizeof(*sorted), compare_sorted_lines);
	return l->line_count;
}

static uint32_t
find_fans(const struct layout *l, const struct sorted_line *sorted, struct fan *fans)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->line_count; i++) {
		const struct sorted_line *s = &sorted[i];

		if (i > 0 && s[-1].upper == s->upper && s[-1].key == s->key) {
			fans[count - 1].count++;
			continue;
		}
		fans[count++] = (struct fan){
			.source = s->upper, .layer = l->boxes[s->upper].layer,
			.kind = l->lines[s->line].kind, .first = i, .count = 1,
			.is_alone = s->key >= 16 };
	}
	return count;
}

/* With labels, a bus of several sources and targets needs sums on its stubs. */
static bool
may_join(const struct layout *l, const struct fan *a, const struct fan *b,
	 const struct sorted_line *sorted)
{
	return !a->is_alone && compare_fans(a, b, sorted) == 0 &&
	       (l->o.edge_labels == NULL || l->o.sum_label != NULL || a->count == 1);
}

/* Which of its two groups each line goes with. */
struct choice {
	uint32_t *source_group;	/* of each line: first fan of the group */
	uint32_t *source_left;	/* lines of each group, by first fan, not yet taken */
	uint32_t *target_left;	/* the same by target * KEYS + kind */
	bool *is_taken;		/* by line */
	bool *by_target;
};
enum { KEYS = 2 * EDGE_PROTOCOL_COUNT, LEAST_FAN_IN = 3 };

static uint32_t
target_key(const struct layout *l, uint32_t line)
{
	return l->lines[line].to * KEYS + l->lines[line].kind;
}

/* Gives all free lines of a group to it. */
static void
take_group(const struct layout *l, struct choice *c, uint32_t group, bool by_target)
{
	for (uint32_t i = 0; i < l->line_count; i++) {
		bool is_in = by_target ? !stays_alone(l, &l->lines[i]) && target_key(l, i) == group :
			     c->source_group[i] == group;

		if (!is_in || c->is_taken[i])
			continue;
		c->is_taken[i] = true;
		c->by_target[i] = by_target;
		c->source_left[c->source_group[i]]--;
		if (!stays_alone(l, &l->lines[i]))
			c->target_left[target_key(l, i)]--;
	}
}

/* Largest groups first; a group by source goes before one of equal size. */
static void
choose_groups(const struct layout *l, struct choice *c)
{
	uint32_t most = 0, large = 0;
	uint32_t *keys = xmalloc((l->line_count + 1) * sizeof(*keys));

	for (uint32_t i = 0; i < l->line_count; i++) {
		c->source_left[c->source_group[i]]++;
		if (!stays_alone(l, &l->lines[i]))
			c->target_left[target_key(l, i)]++;
	}
	for (uint32_t i = 0; i < l->box_count * KEYS; i++) {
		most = c->target_left[i] > most ? c->target_left[i] : most;
		if (c->target_left[i] >= LEAST_FAN_IN)
			keys[large++] = i;
	}
	for (uint32_t i = 0; i < l->line_count; i++)	/* larger than any fan in */
		if (c->source_left[i] >= most && c->source_left[i] > 0)
			take_group(l, c, i, false);
	for (uint32_t size = most; size >= LEAST_FAN_IN; size--) {
		for (uint32_t i = 0; i < l->line_count; i++)
			if (c->source_left[i] == size)
				take_group(l, c, i, false);
		for (uint32_t i = 0; i < large; i++)
			if (c->target_left[keys[i]] == size)
				take_group(l, c, keys[i], true);
	}
	free(keys);
}

static struct bundle *
new_bundle(struct layout *l, uint32_t sources, uint32_t targets, uint32_t line)
{
	struct bundle *b = &l->bundles[l->bundle_count++];

	b->sources = arena_alloc(l->arena, (sources + 1) * sizeof(*b->sources));
	b->targets = arena_alloc(l->arena, (targets + 1) * sizeof(*b->targets));
	b->lines = arena_alloc(l->arena, ((size_t)sources * targets + 1) * sizeof(*b->lines));
	b->kind = l->lines[line].kind;
	b->is_back = l->lines[line].is_back;
	b->first = NONE;
	return b;
}

static void
add_target(const struct layout *l, struct bundle *b, uint32_t box)
{
	b->targets[b->target_count++] = box;
	if (l->boxes[box].layer > b->last)
		b->last = l->boxes[box].layer;
}

static void
add_source(const struct layout *l, struct bundle *b, uint32_t box)
{
	b->sources[b->source_count++] = box;
	if (l->boxes[box].layer < b->first)
		b->first = l->boxes[box].layer;
}

/* What is left of a group by source. */
static void
add_bundle(struct layout *l, const struct fan *fans, uint32_t count,
	   const struct sorted_line *sorted, const bool *by_target)
{
	struct bundle *b = NULL;

	for (uint32_t t = 0; t < fans[0].count; t++) {
		const struct sorted_line *s = &sorted[fans[0].first + t];

		if (by_target[s->line])
			continue;
		if (b == NULL)
			b = new_bundle(l, count, fans[0].count, s->line);
		add_target(l, b, s->lower);
	}
	for (uint32_t s = 0; s < count && b != NULL; s++) {
		uint32_t at = s * b->target_count;

		add_source(l, b, fans[s].source);
		for (uint32_t t = 0; t < fans[s].count; t++) {
			uint32_t line = sorted[fans[s].first + t].line;

			if (by_target[line])
				continue;
			b->lines[at++] = line;
			l->lines[line].bundle = l->bundle_count - 1;
		}
		ASSERT(at == (s + 1) * b->target_count);
	}
}

/* Groups by target: their lines, in the order of their sources. */
static void
add_fans_in(struct layout *l, const struct sorted_line *sorted, const bool *by_target)
{
	uint32_t *bundle_of = xmalloc((l->box_count + 1) * KEYS * sizeof(*bundle_of));
	uint32_t *count = xcalloc((l->box_count + 1) * KEYS, sizeof(*count));

	for (uint32_t i = 0; i < l->line_count; i++)
		if (by_target[i])
			count[target_key(l, i)]++;
	for (uint32_t i = 0; i < l->box_count * KEYS; i++)
		bundle_of[i] = NONE;
	for (uint32_t i = 0; i < l->line_count; i++) {
		uint32_t line = sorted[i].line, key = target_key(l, line);
		struct bundle *b;

		if (!by_target[line])
			continue;
		if (bundle_of[key] == NONE) {
			bundle_of[key] = l->bundle_count;
			add_target(l, new_bundle(l, count[key], 1, line), l->lines[line].to);
		}
		b = &l->bundles[bundle_of[key]];
		b->lines[b->source_count] = line;
		l->lines[line].bundle = bundle_of[key];
		add_source(l, b, l->lines[line].from);
	}
	free(bundle_of);
	free(count);
}

static void
choice_init(struct choice *c, const struct layout *l)
{
	c->source_group = xcalloc(l->line_count + 1, sizeof(*c->source_group));
	c->source_left = xcalloc(l->line_count + 1, sizeof(*c->source_left));
	c->target_left = xcalloc((l->box_count + 1) * KEYS, sizeof(*c->target_left));
	c->is_taken = xcalloc(l->line_count + 1, sizeof(*c->is_taken));
	c->by_target = xcalloc(l->line_count + 1, sizeof(*c->by_target));
}

static void
choice_fini(struct choice *c)
{
	free(c->source_group);
	free(c->source_left);
	free(c->target_left);
	free(c->is_taken);
	free(c->by_target);
}

/* First fan behind those that form a group with fan i. */
static uint32_t
group_end(const struct layout *l, const struct fan *fans, uint32_t count, uint32_t i,
	  const struct sorted_line *sorted)
{
	uint32_t end = i + 1;

	while (end < count && may_join(l, &fans[i], &fans[end], sorted))
		end++;
	return end;
}

static void
find_bundles(struct layout *l)
{
	uint32_t m = l->line_count, count, end;
	struct sorted_line *sorted = xmalloc((m + 1) * sizeof(*sorted));
	struct fan *fans = xmalloc((m + 1) * sizeof(*fans));
	struct choice c;

	sort_lines(l, sorted);
	count = find_fans(l, sorted, fans);
	qsort_r(fans, count, sizeof(*fans), compare_fans_by_source, sorted);
	choice_init(&c, l);
	for (uint32_t i = 0; i < count; i = end) {
		end = group_end(l, fans, count, i, sorted);
		for (uint32_t f = i; f < end; f++)
			for (uint32_t k = 0; k < fans[f].count; k++)
				c.source_group[sorted[fans[f].first + k].line] = i;
	}
	choose_groups(l, &c);
	l->bundles = arena_alloc(l->arena, (m + 1) * sizeof(*l->bundles));
	for (uint32_t i = 0; i < count; i = end) {
		end = group_end(l, fans, count, i, sorted);
		add_bundle(l, &fans[i], end - i, sorted, c.by_target);
	}
	add_fans_in(l, sorted, c.by_target);
	choice_fini(&c);
	free(sorted);
	free(fans);
}

static void
add_items(struct layout *l)
{
	size_t count = l->box_count;

	for (uint32_t i = 0; i < l->bundle_count; i++)
		count += l->bundles[i].last - l->bundles[i].first - 1;
	l->items = arena_alloc(l->arena, (count + 1) * sizeof(*l->items));
	for (uint32_t i = 0; i < l->box_count; i++) {
		l->boxes[i].item = l->item_count;
		l->items[l->item_count++] = (struct item){
			.box = i, .bundle = NONE, .frame = NONE, .group = NONE, .layer = l->boxes[i].layer };
	}
	for (uint32_t i = 0; i < l->bundle_count; i++) {
		struct bundle *b = &l->bundles[i];

		b->passing = arena_alloc(l->arena,
					 (b->last - b->first) * sizeof(*b->passing));
		for (uint32_t layer = b->first + 1; layer < b->last; layer++) {
			b->passing[layer - b->first - 1] = l->item_count;
			l->items[l->item_count++] = (struct item){
				.box = NONE, .bundle = i, .frame = NONE, .group = NONE,
				.layer = layer, .size = 1 };
		}
	}
}

static void
fill_layers(struct layout *l)
{
	l->layer_count = 0;
	for (uint32_t i = 0; i < l->item_count; i++)
		if (l->items[i].layer >= l->layer_count)
			l->layer_count = l->items[i].layer + 1;
	l->layers = arena_alloc(l->arena, (l->layer_count + 1) * sizeof(*l->layers));
	l->gaps = arena_alloc(l->arena, (l->layer_count + 1) * sizeof(*l->gaps));
	for (uint32_t i = 0; i < l->item_count; i++)
		l->layers[l->items[i].layer].count++;
	for (uint32_t i = 0; i < l->layer_count; i++) {
		l->layers[i].items = arena_alloc(l->arena, (l->layers[i].count + 1) *
						 sizeof(*l->layers[i].items));
		l->layers[i].count = 0;
	}
	for (uint32_t i = 0; i < l->item_count; i++) {
		struct layer *layer = &l->layers[l->items[i].layer];

		l->items[i].pos = layer->count;
		layer->items[layer->count++] = i;
	}
}

static void
add_pin(struct pin *pins, uint32_t *count, uint32_t item)
{
	pins[(*count)++] = (struct pin){ .item = item, .slot = NO_SLOT, .slot2 = NO_SLOT };
}

static void
fill_net(struct layout *l, struct net *n, const struct bundle *b)
{
	uint32_t targets = 0;

	for (uint32_t t = 0; t < b->target_count; t++)
		targets += l->boxes[b->targets[t]].layer == n->gap + 1;
	n->ins = arena_alloc(l->arena, (b->source_count + 1) * sizeof(*n->ins));
	n->outs = arena_alloc(l->arena, (targets + 1) * sizeof(*n->outs));
	if (n->gap > b->first)
		add_pin(n->ins, &n->in_count, b->passing[n->gap - b->first - 1]);
	for (uint32_t s = 0; s < b->source_count; s++)
		if (l->boxes[b->sources[s]].layer == n->gap)
			add_pin(n->ins, &n->in_count, l->boxes[b->sources[s]].item);
	for (uint32_t t = 0; t < b->target_count; t++)
		if (l->boxes[b->targets[t]].layer == n->gap + 1)
			add_pin(n->outs, &n->out_count, l->boxes[b->targets[t]].item);
	if (n->gap + 1 < b->last)
		add_pin(n->outs, &n->out_count, b->passing[n->gap - b->first]);
}

static void
add_nets(struct layout *l)
{
	size_t count = 0;

	for (uint32_t i = 0; i < l->bundle_count; i++)
		count += l->bundles[i].last - l->bundles[i].first;
	l->nets = arena_alloc(l->arena, (count + 1) * sizeof(*l->nets));
	for (uint32_t i = 0; i < l->bundle_count; i++) {
		struct bundle *b = &l->bundles[i];

		b->first_net = l->net_count;
		for (uint32_t gap = b->first; gap < b->last; gap++) {
			struct net *n = &l->nets[l->net_count++];

			*n = (struct net){ .bundle = i, .gap = gap };
			fill_net(l, n, b);
			l->gaps[gap].net_count++;
		}
	}
	for (uint32_t i = 0; i < l->layer_count; i++) {
		l->gaps[i].nets = arena_alloc(l->arena, (l->gaps[i].net_count + 1) *
					      sizeof(*l->gaps[i].nets));
		l->gaps[i].net_count = 0;
	}
	for (uint32_t i = 0; i < l->net_count; i++) {
		struct gap *gap = &l->gaps[l->nets[i].gap];

		gap->nets[gap->net_count++] = i;
	}
}

/* Neighbours of each item in the layers before and behind. */
static void
link_items(struct layout *l)
{
	for (int fill = 0; fill < 2; fill++) {
		for (uint32_t i = 0; i < l->net_count; i++) {
			const struct net *n = &l->nets[i];

			for (uint32_t p = 0; p < n->in_count; p++)
				for (uint32_t q = 0; q < n->out_count; q++) {
					struct item *a = &l->items[n->ins[p].item];
					struct item *b = &l->items[n->outs[q].item];

					if (fill) {
						a->down[a->down_count] = n->outs[q].item;
						b->up[b->up_count] = n->ins[p].item;
					}
					a->down_count++;
					b->up_count++;
				}
		}
		for (uint32_t i = 0; i < l->item_count && !fill; i++) {
			struct item *it = &l->items[i];

			it->up = arena_alloc(l->arena, (it->up_count + 1) * sizeof(*it->up));
			it->down = arena_alloc(l->arena,
					       (it->down_count + 1) * sizeof(*it->down));
			it->up_count = it->down_count = 0;
		}
	}
}

void
bundle_lines(struct layout *l)
{
	find_bundles(l);
	add_items(l);
	fill_layers(l);
	add_nets(l);
	link_items(l);
}
