/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outlier detection: endpoints that fail in a row are left out for a while
 * (spec/dataplane.md 4.4).
 *
 * An endpoint is ejected at once with the n-th error and comes back at a
 * sweep.  The state is one caller's proxy's own and outlives configurations.
 * Nothing here knows connections or time but what it is told.
 */
#ifndef MESHTOP_PROXY_OUTLIER_H
#define MESHTOP_PROXY_OUTLIER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cluster_policy;

#define OUTLIER_FIRST_CODE 100u
#define OUTLIER_CODES 500u		/* 100 to 599 */

/* Of one endpoint. */
struct outlier_host {
	uint32_t errors_5xx, errors_gateway, errors_local;	/* in a row */
	uint32_t multiplier;		/* of the next ejection's time; sinks again */
	atomic_bool is_ejected;
	uint64_t ejected_ns;		/* when last */
	uint64_t ejections;
};

enum outlier_cause { OUTLIER_5XX, OUTLIER_GATEWAY, OUTLIER_LOCAL, OUTLIER_CAUSES };

/* Ejections for one cause. */
struct outlier_ejections {
	uint64_t detected, enforced;	/* detected: also those that the percentage held back */
};

/* Of one cluster and caller. */
struct outlier {
	bool is_on, splits_local;
	uint32_t consecutive_5xx, consecutive_gateway, consecutive_local;
	uint64_t interval_ns, base_ns;
	uint32_t max_ejection_percent, min_health_percent;
	bool has_error_codes;		/* errors are these statuses; else 500 to 599 */
	uint64_t error_codes[(OUTLIER_CODES + 63) / 64];	/* a bit each, from the first code */
	atomic_uint hosts, ejected;	/* present; of them ejected */
	uint64_t ejections, overflows;	/* overflows: held back by the percentage */
	struct outlier_ejections by_cause[OUTLIER_CAUSES];
	atomic_uint generation;		/* another set of usable endpoints, another number */
	uint64_t start_ns;		/* sweeps come every interval after it */
};

enum outlier_event {
	OUTLIER_STATUS,			/* a response */
	OUTLIER_CONNECTED,		/* TCP */
	OUTLIER_CONNECT_FAILED,
	OUTLIER_RESET,
	OUTLIER_TIMEOUT,
};

/* The HTTP status that stands for a status of gRPC in an answer's head. */
unsigned outlier_status_of_grpc(unsigned grpc_status);
void outlier_init(struct outlier *o, const struct cluster_policy *policy, uint64_t now_ns);
void outlier_add_host(struct outlier *o);
void outlier_remove_host(struct outlier *o, struct outlier_host *h);
/* What came of one try.  True: the endpoint has been ejected by it. */
bool outlier_note(struct outlier *o, struct outlier_host *h, enum outlier_event event,
		  unsigned status, uint64_t now_ns);
/* One endpoint's part of a sweep.  True: it is used again. */
bool outlier_sweep(struct outlier *o, struct outlier_host *h, uint64_t now_ns);
/* Has a sweep anything to do for it? */
bool outlier_needs_sweep(const struct outlier_host *h);
/* The first sweep after now. */
uint64_t outlier_next_sweep_ns(const struct outlier *o, uint64_t now_ns);
/* The sweep at which an ejected endpoint comes back. */
uint64_t outlier_until_ns(const struct outlier *o, const struct outlier_host *h);
/* So few are left that ejections are not looked at. */
bool outlier_is_panic(const struct outlier *o);

#endif
