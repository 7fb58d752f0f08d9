/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Injected faults: whether a request is delayed, whether it is aborted
 * (spec/dataplane.md 3.4).
 *
 * Both come before everything else that a rule does with a request, each by a
 * draw of its own with a resolution of one in a million.
 */
#ifndef MESHTOP_PROXY_FAULT_H
#define MESHTOP_PROXY_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;
struct rng;
struct route_fault;

#define FAULT_MILLION 1000000u

/* Nothing is drawn for a fault that never or always happens. */
bool fault_happens(uint32_t per_million, struct rng *rng);

/* How long to hold a request; 0: not at all. */
uint64_t fault_delay_ns(const struct route_fault *f, struct rng *rng);
bool fault_aborts(const struct route_fault *f, struct rng *rng);

/*
 * Applies a rule's fault to an exchange that has been routed.  True: it is
 * held (exchange_enter_cluster() is called later), or has been answered.
 */
bool fault_begin(struct exchange *ex);
/* Does an injected delay hold it now? */
bool fault_delays(const struct exchange *ex);

#endif
