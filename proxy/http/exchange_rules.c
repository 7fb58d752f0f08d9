/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What rules add to an exchange (see exchange_rules.h), and its timeouts
 * (spec/dataplane.md 3.5).
 */
#include "proxy/http/exchange_rules.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/cluster/upstream.h"
#include "proxy/http/exchange.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

struct exchange_rules *
exchange_rules_of(struct exchange *ex)
{
	if (ex->rules == NULL) {
		ex->rules = slab_take(&ex->worker->rules);
		memset(ex->rules, 0, sizeof(*ex->rules));
		ex->rules->exchange = ex;
	}
	return ex->rules;
}

void
exchange_rules_free(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	if (r == NULL)
		return;
	pool_leave(ex);
	loop_timer_cancel(&r->timer);
	loop_timer_cancel(&r->try_timer);
	if (r->holds_retry)
		breaker_release(&ex->binding->state->breaker, BREAKER_RETRIES);
	buf_fini(&r->body);
	free(r->set_cookie);
	ex->rules = NULL;
	slab_give(&ex->worker->rules, r);
}

/* --- timeouts --- */

void
exchange_terms_begin(struct exchange *ex)
{
	struct route_terms terms;

	route_terms_of(ex->decision.rule, ex->head, !ex->self->workload->is_gateway, &terms);
	if (terms.timeout_ns == 0 && terms.per_try_timeout_ns == 0 && !terms.asks_retries)
		return;
	exchange_rules_of(ex)->terms = terms;
	if (ex->request_done)
		exchange_timeouts_on_request_end(ex);
}

static void
on_timeout(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, timer)->exchange;

	if (ex->binding != NULL)
		ex->binding->state->timeouts++;
	if (ex->up != NULL)
		ex->endpoint->timeouts++;
	if (!ex->response_started && ex->up != NULL)
		exchange_note_attempt(ex, 0, FLAG(UT));
	exchange_fail(ex, FAILURE_TIMEOUT);
}

void
exchange_timeouts_on_request_end(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	/* Counted from now, not from the turn's start: never early. */
	if (r->terms.timeout_ns > 0 && !timer_is_armed(&r->timer))
		loop_timer_set(ex->worker->loop, &r->timer,
			       loop_exact_ns(ex->worker->loop) + r->terms.timeout_ns, on_timeout);
}

static void
on_try_timeout(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, try_timer)->exchange;

	if (ex->binding != NULL)
		ex->binding->state->try_timeouts++;
	ex->endpoint->timeouts++;
	exchange_note_attempt(ex, 0, FLAG(UT));
	if (!exchange_try_again(ex, TRY_TIMEOUT, NULL))
		exchange_fail(ex, FAILURE_TRY_TIMEOUT);
}

void
exchange_timeouts_on_sent(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	if (r->terms.per_try_timeout_ns == 0 || !ex->request_done || ex->up == NULL ||
	    ex->up->conn.is_connecting || ex->response_started)
		return;
	loop_timer_set(ex->worker->loop, &r->try_timer,
		       loop_exact_ns(ex->worker->loop) + r->terms.per_try_timeout_ns, on_try_timeout);
}

void
exchange_timeouts_on_try_end(struct exchange *ex)
{
	loop_timer_cancel(&ex->rules->try_timer);
}

uint64_t
exchange_expected_timeout_ms(const struct exchange *ex)
{
	const struct exchange_rules *r = ex->rules;
	uint64_t now = loop_now_ns(ex->worker->loop), left = r->terms.timeout_ns;

	if (r->is_tacit)
		return 0;
	if (r->terms.timeout_ns > 0 && timer_is_armed(&r->timer))
		left = r->timer.deadline_ns > now ? r->timer.deadline_ns - now : 0;
	if (r->terms.timeout_ns > 0 && left < NS_PER_MS)
		return 1;
	if (r->terms.per_try_timeout_ns > 0 && (r->terms.timeout_ns == 0 || r->terms.per_try_timeout_ns < left))
		left = r->terms.per_try_timeout_ns;
	return left / NS_PER_MS;
}
