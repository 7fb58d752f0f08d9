/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that began of late; see budget.h. */
#include "proxy/cluster/budget.h"

#include <string.h>

#include "src/base/clock.h"

void
budget_init(struct budget *b, uint64_t interval_ms)
{
	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->lock, NULL);
	b->slot_ns = interval_ms * NS_PER_MS / BUDGET_SLOTS;
}

void
budget_fini(struct budget *b)
{
	pthread_mutex_destroy(&b->lock);
}

/* Forgets what the interval has left behind. */
static void
slide(struct budget *b, uint64_t now_ns)
{
	uint64_t tick = now_ns / b->slot_ns;

	for (int n = 0; b->tick < tick && n < BUDGET_SLOTS; n++)
		b->begun[++b->tick % BUDGET_SLOTS] = 0;
	if (b->tick < tick)
		b->tick = tick;
}

void
budget_note(struct budget *b, uint64_t now_ns)
{
	pthread_mutex_lock(&b->lock);
	slide(b, now_ns);
	b->begun[b->tick % BUDGET_SLOTS]++;
	pthread_mutex_unlock(&b->lock);
}

uint32_t
budget_recent(struct budget *b, uint64_t now_ns)
{
	uint32_t sum = 0;

	pthread_mutex_lock(&b->lock);
	slide(b, now_ns);
	for (int i = 0; i < BUDGET_SLOTS; i++)
		sum += b->begun[i];
	pthread_mutex_unlock(&b->lock);
	return sum;
}
