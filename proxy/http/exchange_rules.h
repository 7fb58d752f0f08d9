/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What rules add to an exchange: faults, timeouts, retries, copies, waiting
 * for a connection.  Made when the first of them is needed; most exchanges
 * have none.
 */
#ifndef MESHTOP_PROXY_EXCHANGE_RULES_H
#define MESHTOP_PROXY_EXCHANGE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cluster/pool.h"
#include "proxy/http/retry.h"
#include "src/base/buf.h"
#include "src/base/loop.h"
#include "src/mesh/terms.h"

struct exchange;
struct mesh_endpoint;

#define RULES_TRIED 5		/* endpoints that a retry avoids */
#define REPLAY_MAX_BYTES (1u << 20)

struct exchange_rules {
	struct exchange *exchange;
	struct timer timer;		/* the injected delay, then the request's timeout */
	struct timer try_timer;		/* the try's timeout, or the pause before the next */
	struct route_terms terms;	/* the timeout runs from the request's end */
	bool is_tacit;			/* its timeout is the proxy's own: nobody is told */
	struct pool_wait wait;
	/* retries */
	unsigned retries;		/* begun */
	unsigned tried_count;
	const struct mesh_endpoint *tried[RULES_TRIED];
	bool holds_retry;		/* of the cluster's limit */
	/* the request's body as received, for retries and copies */
	struct buf body;
	bool keeps_body;
	bool drops_body_when_connected;	/* then it cannot be needed any more */
	bool has_lost_body;		/* too long: no retry, no copy */
	/* consistent hashing */
	char *set_cookie;		/* field value for the response; NULL: none */
};

struct exchange_rules *exchange_rules_of(struct exchange *ex);
void exchange_rules_free(struct exchange *ex);

/* --- timeouts --- */

/* After faults: which timeouts and retries this request has. */
void exchange_terms_begin(struct exchange *ex);
/* The whole request has been received, or (try) also sent. */
void exchange_timeouts_on_request_end(struct exchange *ex);
void exchange_timeouts_on_sent(struct exchange *ex);
void exchange_timeouts_on_try_end(struct exchange *ex);
/* For x-envoy-expected-rq-timeout-ms; 0: say nothing. */
uint64_t exchange_expected_timeout_ms(const struct exchange *ex);

/* --- retries and bodies (exchange_retry.c) --- */

/* Another try, after a pause?  False: this one was the last, its outcome is
 * the answer; flags of the exchange may say why. */
bool exchange_try_again(struct exchange *ex, enum try_end end,
			const struct http_head *response);
/* Was this endpoint tried already, and is it to be avoided? */
bool exchange_has_tried(const struct exchange *ex, const struct mesh_endpoint *endpoint);
/* Priorities of the cluster's endpoints that the next try leaves: a bit each.
 * Of an exchange that has rules. */
uint64_t exchange_tried_priorities(const struct exchange *ex);
/* A body comes: will it be needed again? */
void exchange_keep_body(struct exchange *ex, bool is_connecting);
/* Its connection stands. */
void exchange_drop_body(struct exchange *ex);
void exchange_note_body(struct exchange *ex, const char *data, size_t len);

#endif
