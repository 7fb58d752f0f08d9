/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a try that has failed is worth another one, and when
 * (spec/dataplane.md 3.6).  Pure decisions; the exchange carries them out.
 */
#ifndef MESHTOP_PROXY_RETRY_H
#define MESHTOP_PROXY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct http_head;
struct rng;
struct route_retries;

/* How a try ended. */
enum try_end {
	TRY_RESPONSE,		/* a response head has come */
	TRY_CONNECT_FAILED,	/* also: it took too long */
	TRY_RESET,		/* the connection ended, or spoke nonsense */
	TRY_TIMEOUT,		/* the try's own */
};

struct try_outcome {
	enum try_end end;
	const struct http_head *request;
	const struct http_head *response;	/* of TRY_RESPONSE */
};

/* Is it one that the policy repeats?  Limits are not looked at. */
bool retry_is_due(const struct route_retries *policy, const struct try_outcome *t);
/* Could a try be repeated after bytes of the request have reached an endpoint?
 * If not, its body need not be kept. */
bool retry_may_follow_send(const struct route_retries *policy, const struct http_head *request);
/* Before the n-th retry (from 1): between nothing and a bound that doubles. */
uint64_t retry_backoff_ns(uint64_t base_ns, unsigned n, struct rng *rng);

#endif
