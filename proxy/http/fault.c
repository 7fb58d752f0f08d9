/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Injected faults; see fault.h.  A delayed request costs its connection, its
 * exchange and its head: nothing is connected and no body is read.
 */
#include "proxy/http/fault.h"

#include <stdio.h>

#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/mesh/route.h"

#define GRPC_OK_STATUS 200

bool
fault_happens(uint32_t per_million, struct rng *rng)
{
	if (per_million == 0 || per_million >= FAULT_MILLION)
		return per_million != 0;
	return rng_below(rng, FAULT_MILLION) < per_million;
}

uint64_t
fault_delay_ns(const struct route_fault *f, struct rng *rng)
{
	return f->has_delay && fault_happens(f->delay_per_million, rng) ? f->delay_ns : 0;
}

bool
fault_aborts(const struct route_fault *f, struct rng *rng)
{
	return f->has_abort && fault_happens(f->abort_per_million, rng);
}

/* gRPC's form is a head alone, with the status among its fields. */
static void
abort_exchange(struct exchange *ex, const struct route_fault *f)
{
	char fields[128];

	ex->flags |= FLAG(FI);
	ex->details = "fault_filter_abort";
	if (f->abort_grpc < 0) {
		exchange_answer(ex, f->abort_status, SLICE("fault filter abort"), "");
		return;
	}
	ex->grpc_status = (int8_t)f->abort_grpc;
	snprintf(fields, sizeof(fields), "content-type: application/grpc\r\ngrpc-status: %d\r\n"
		 "grpc-message: fault filter abort\r\n", f->abort_grpc);
	exchange_answer_plain(ex, GRPC_OK_STATUS, SLICE(""), fields);
}

static bool
abort_or_pass(struct exchange *ex)
{
	const struct route_fault *f = &ex->decision.rule->fault;

	if (!fault_aborts(f, &ex->worker->rng))
		return false;
	abort_exchange(ex, f);
	return true;
}

static void
on_delay_over(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, timer)->exchange;

	ex->is_held = false;
	ex->held_until_ns = loop_now_ns(ex->worker->loop);
	if (!abort_or_pass(ex))
		exchange_enter_cluster(ex);
}

bool
fault_delays(const struct exchange *ex)
{
	return ex->rules != NULL && ex->rules->timer.on_timer == on_delay_over &&
	       timer_is_armed(&ex->rules->timer);
}

bool
fault_begin(struct exchange *ex)
{
	uint64_t delay = fault_delay_ns(&ex->decision.rule->fault, &ex->worker->rng);
	struct exchange_rules *rules;

	if (delay == 0)
		return abort_or_pass(ex);
	ex->flags |= FLAG(DI);
	ex->is_held = true;
	rules = exchange_rules_of(ex);
	/* Counted from now, not from the turn's start: never early. */
	loop_timer_set(ex->worker->loop, &rules->timer,
		       loop_exact_ns(ex->worker->loop) + delay, on_delay_over);
	return true;
}
