/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many requests began of late: what a retry budget with an interval is a
 * share of (spec/dataplane.md 4.2).
 *
 * The interval slides by tenths of itself.  Shared by workers, hence a lock;
 * clusters without such a budget never come here.
 */
#ifndef MESHTOP_PROXY_BUDGET_H
#define MESHTOP_PROXY_BUDGET_H

#include <pthread.h>
#include <stdint.h>

#define BUDGET_SLOTS 10

struct budget {
	pthread_mutex_t lock;
	uint64_t slot_ns;		/* 0: no interval */
	uint64_t tick;			/* number of the present slot */
	uint32_t begun[BUDGET_SLOTS];
};

void budget_init(struct budget *b, uint64_t interval_ms);
void budget_fini(struct budget *b);
/* A request begins. */
void budget_note(struct budget *b, uint64_t now_ns);
uint32_t budget_recent(struct budget *b, uint64_t now_ns);

#endif
