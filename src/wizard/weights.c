/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The weight table's arithmetic, as Kiali's (spec/kiali.md 1.3): what one
 * row gains the rows below lose first, what it loses the last row gains.
 */
#include "src/wizard/wizard.h"

#include "src/base/assert.h"

/* Does the row take part in the sum? */
static bool
is_weighted(const struct wizard_target *t)
{
	return !t->is_mirrored && !t->is_gone;
}

unsigned
weights_sum(const struct wizard_target *targets, size_t count)
{
	unsigned sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += targets[i].weight;
	return sum;
}

unsigned
weights_max(const struct wizard_target *targets, size_t count, size_t row)
{
	unsigned locked = 0;

	for (size_t i = 0; i < count; i++)
		if (i != row && targets[i].is_locked && is_weighted(&targets[i]))
			locked += targets[i].weight;
	return locked < 100 ? 100 - locked : 0;
}

void
weights_even(struct wizard_target *targets, size_t count)
{
	size_t live = 0, last = 0;

	for (size_t i = 0; i < count; i++) {
		targets[i].is_mirrored = targets[i].is_locked = false;
		targets[i].mirror_percent = 0;
		targets[i].weight = 0;
		if (!targets[i].is_gone) {
			live++;
			last = i;
		}
	}
	/* From 100 rows on all are 0, as in Kiali: nobody can share 1 %. */
	if (live == 0 || live >= 100)
		return;
	for (size_t i = 0; i < count; i++)
		if (!targets[i].is_gone)
			targets[i].weight = (unsigned)(100 / live);
	targets[last].weight += (unsigned)(100 % live);
}

/* Fits the unlocked rows except row into budget, top to bottom; what is left
 * goes to the last of them. */
static void
rebalance(struct wizard_target *targets, size_t count, size_t row, unsigned budget)
{
	struct wizard_target *last = NULL;

	for (size_t i = 0; i < count; i++) {
		struct wizard_target *t = &targets[i];

		if (i == row || t->is_locked || !is_weighted(t)) {
			if (t->is_gone && i != row)
				t->weight = 0;
			continue;
		}
		if (t->weight > budget)
			t->weight = budget;
		budget -= t->weight;
		last = t;
	}
	if (last != NULL)
		last->weight += budget;
}

static size_t
weighted_rows(const struct wizard_target *targets, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += is_weighted(&targets[i]);
	return n;
}

void
weights_set(struct wizard_target *targets, size_t count, size_t row, unsigned value)
{
	unsigned max = weights_max(targets, count, row);

	ASSERT(row < count);
	if (targets[row].is_mirrored) {
		targets[row].mirror_percent = value < 100 ? value : 100;
		return;
	}
	if (targets[row].is_locked)
		return;
	if (weighted_rows(targets, count) == 1 && is_weighted(&targets[row]))
		value = 100;		/* the only row takes everything */
	targets[row].weight = value < max ? value : max;
	rebalance(targets, count, row, max - targets[row].weight);
}

void
weights_mirror(struct wizard_target *targets, size_t count, size_t row, bool on)
{
	ASSERT(row < count);
	for (size_t i = 0; i < count; i++) {
		targets[i].is_locked = false;
		if (targets[i].is_mirrored && (on || i == row))
			targets[i].is_mirrored = false;
	}
	if (on) {
		/* Kiali mirrors a row without weight at 0 %: nobody means that. */
		targets[row].mirror_percent = targets[row].weight > 0 ? targets[row].weight : 100;
		targets[row].is_mirrored = true;
		targets[row].weight = 0;
	} else {
		targets[row].mirror_percent = 0;
	}
	rebalance(targets, count, count, 100);
}
