/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What rules add to an exchange (see exchange_rules.h), and its timeouts
 * (spec/dataplane.md 3.5).
 */
#include "proxy/exchange_rules.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/exchange.h"
#include "proxy/upstream.h"
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

/* Milliseconds in a header of the application; false: none that is valid. */
static bool
read_header_ms(const struct http_head *h, enum http_field_id id, uint64_t *ns)
{
	const struct http_field *f = http_head_field(h, id);
	uint64_t ms = 0;

	if (f == NULL || f->value.len == 0 || f->value.len > 9)
		return false;
	for (size_t i = 0; i < f->value.len; i++) {
		if (f->value.ptr[i] < '0' || f->value.ptr[i] > '9')
			return false;
		ms = ms * 10 + (uint64_t)(f->value.ptr[i] - '0');
	}
	*ns = ms * NS_PER_MS;
	return true;
}

/* A call's own deadline: up to eight digits and a unit (gRPC over HTTP2, "Timeout"); false
 * also for 0, which Envoy takes for none. */
static bool
read_grpc_timeout(const struct http_head *h, uint64_t *ns)
{
	static const struct {
		char unit;
		uint64_t ns;
	} units[] = {
		{ 'n', 1 }, { 'u', 1000 }, { 'm', NS_PER_MS }, { 'S', 1000 * NS_PER_MS },
		{ 'M', 60000 * NS_PER_MS }, { 'H', 3600000 * NS_PER_MS },
	};
	const struct http_field *f = http_head_field(h, FIELD_GRPC_TIMEOUT);
	uint64_t n = 0;

	if (f == NULL || f->value.len < 2 || f->value.len > 9)
		return false;
	for (size_t i = 0; i + 1 < f->value.len; i++) {
		if (f->value.ptr[i] < '0' || f->value.ptr[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(f->value.ptr[i] - '0');
	}
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].unit != f->value.ptr[f->value.len - 1])
			continue;
		*ns = n <= UINT64_MAX / 2 / units[i].ns ? n * units[i].ns : UINT64_MAX / 2;
		return n > 0;
	}
	return false;
}

void
exchange_timeouts_begin(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.rule;
	uint64_t total = rule->timeout_ns, per_try = rule->retries.per_try_timeout_ns;
	uint64_t asked;
	struct exchange_rules *r;

	if (exchange_is_grpc(ex) && read_grpc_timeout(ex->head, &asked) &&
	    (total == 0 || asked < total))
		total = asked;
	/* A gateway does not believe what comes from outside. */
	if (!ex->self->workload->is_gateway) {
		read_header_ms(ex->head, FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS, &total);
		read_header_ms(ex->head, FIELD_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS, &per_try);
	}
	if (total > 0 && per_try >= total)
		per_try = 0;
	if (total == 0 && per_try == 0)
		return;
	r = exchange_rules_of(ex);
	r->timeout_ns = total;
	r->try_timeout_ns = per_try;
	if (ex->request_done)
		exchange_timeouts_on_request_end(ex);
}

static void
on_timeout(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, timer)->exchange;

	if (ex->binding != NULL)
		ex->binding->state->timeouts++;
	if (!ex->response_started && ex->up != NULL)
		exchange_note_attempt(ex, 0, FLAG(UT));
	exchange_fail(ex, FAILURE_TIMEOUT);
}

void
exchange_timeouts_on_request_end(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	/* Counted from now, not from the turn's start: never early. */
	if (r->timeout_ns > 0 && !timer_is_armed(&r->timer))
		loop_timer_set(ex->worker->loop, &r->timer,
			       loop_exact_ns(ex->worker->loop) + r->timeout_ns, on_timeout);
}

static void
on_try_timeout(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, try_timer)->exchange;

	if (ex->binding != NULL)
		ex->binding->state->try_timeouts++;
	exchange_note_attempt(ex, 0, FLAG(UT));
	if (!exchange_try_again(ex, TRY_TIMEOUT, NULL))
		exchange_fail(ex, FAILURE_TRY_TIMEOUT);
}

void
exchange_timeouts_on_sent(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	if (r->try_timeout_ns == 0 || !ex->request_done || ex->up == NULL ||
	    ex->up->conn.is_connecting || ex->response_started)
		return;
	loop_timer_set(ex->worker->loop, &r->try_timer,
		       loop_exact_ns(ex->worker->loop) + r->try_timeout_ns, on_try_timeout);
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
	uint64_t now = loop_now_ns(ex->worker->loop), left = r->timeout_ns;

	if (r->timeout_ns > 0 && timer_is_armed(&r->timer))
		left = r->timer.deadline_ns > now ? r->timer.deadline_ns - now : 0;
	if (r->timeout_ns > 0 && left < NS_PER_MS)
		return 1;
	if (r->try_timeout_ns > 0 && (r->timeout_ns == 0 || r->try_timeout_ns < left))
		left = r->try_timeout_ns;
	return left / NS_PER_MS;
}
