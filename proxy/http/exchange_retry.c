/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retries as they are carried out, and the body that is kept for them and
 * for copies (spec/dataplane.md 3.6).
 */
#include "proxy/http/exchange_rules.h"

#include "proxy/cluster/upstream.h"
#include "proxy/http/exchange.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/mesh/spread.h"

#define TRIES_IN_PRIORITY 2	/* what Istio sets for retryRemoteLocalities */

/* What is repeated; NULL: nothing. */
static const struct route_retries *
retries_of(const struct exchange *ex)
{
	const struct route_retries *p;

	if (ex->side != SIDE_OUTBOUND || ex->target != TARGET_SERVICE || ex->is_mirror ||
	    ex->decision.rule == NULL)
		return NULL;
	p = ex->rules != NULL && ex->rules->terms.asks_retries ? &ex->rules->terms.retries :
								 &ex->decision.rule->retries;
	return p->on != 0 ? p : NULL;
}

bool
exchange_has_tried(const struct exchange *ex, const struct mesh_endpoint *endpoint)
{
	const struct route_retries *p = retries_of(ex);
	unsigned n = ex->rules != NULL && p != NULL && !p->takes_tried ? ex->rules->tried_count : 0;

	for (unsigned i = 0; i < n; i++)
		if (ex->rules->tried[i] == endpoint)
			return true;
	return false;
}

/* Of the tries up to the last even one, so that a priority has two. */
uint64_t
exchange_tried_priorities(const struct exchange *ex)
{
	const struct binding *b = ex->binding;
	const struct route_retries *p = retries_of(ex);
	unsigned n = ex->rules->tried_count;
	uint64_t tried = 0;

	if (p == NULL || !p->leaves_priorities || b->levels == NULL)
		return 0;
	for (unsigned i = 0; i < n - n % TRIES_IN_PRIORITY; i++) {
		size_t at = (size_t)(ex->rules->tried[i] - b->cluster->endpoints);
		int priority = spread_priority(b->levels->spread, at);

		if (priority >= 0 && priority < 64)
			tried |= UINT64_C(1) << priority;
	}
	return tried;
}

static void
on_pause_over(struct timer *t)
{
	struct exchange *ex = CONTAINER_OF(t, struct exchange_rules, try_timer)->exchange;

	exchange_launch_again(ex);
}

/* The flags tell why there is no other try, where the policy wanted one. */
static bool
may_try_again(struct exchange *ex, const struct route_retries *p)
{
	struct exchange_rules *r = exchange_rules_of(ex);
	struct cluster_state *s = ex->binding->state;

	if (r->holds_retry) {
		breaker_release(&s->breaker, BREAKER_RETRIES);
		r->holds_retry = false;
	}
	if (r->retries >= p->attempts) {
		ex->flags |= FLAG(URX);
		s->retry_exhaustions++;
		return false;
	}
	if (ex->body_has_begun && !r->keeps_body)
		return false;		/* it is not there any more */
	if (!breaker_reserve_retry(&s->breaker, loop_now_ns(ex->worker->loop))) {
		s->breaker.retry_overflows++;
		ex->flags |= FLAG(UO);
		return false;
	}
	r->holds_retry = true;
	return true;
}

bool
exchange_try_again(struct exchange *ex, enum try_end end, const struct http_head *response)
{
	const struct try_outcome outcome = { end, ex->head, response };
	const struct route_retries *p = retries_of(ex);
	struct exchange_rules *r;

	if (p == NULL)
		return false;
	if (!retry_is_due(p, &outcome)) {
		if (end == TRY_RESPONSE && ex->rules != NULL && ex->rules->retries > 0)
			ex->binding->state->retry_successes++;
		return false;
	}
	if (!may_try_again(ex, p))
		return false;
	r = ex->rules;
	if (r->tried_count < RULES_TRIED)
		r->tried[r->tried_count++] = ex->mesh_endpoint;
	r->retries++;
	ex->binding->state->retries++;
	exchange_release_upstream(ex);
	ex->is_held = true;
	loop_timer_set(ex->worker->loop, &r->try_timer,
		       loop_now_ns(ex->worker->loop) +
			       retry_backoff_ns(p->backoff_ns, r->retries, &ex->worker->rng),
		       on_pause_over);
	return true;
}

/* --- bodies --- */

void
exchange_keep_body(struct exchange *ex, bool is_connecting)
{
	const struct route_retries *p = retries_of(ex);
	bool copies = ex->decision.rule != NULL && ex->decision.rule->mirror_count > 0 &&
		      ex->side == SIDE_OUTBOUND && !ex->is_mirror;
	bool always = copies || (p != NULL && retry_may_follow_send(p, ex->head));
	struct exchange_rules *r;

	if (!always && (p == NULL || !is_connecting))
		return;
	r = exchange_rules_of(ex);
	r->keeps_body = true;
	r->drops_body_when_connected = !always;
}

void
exchange_drop_body(struct exchange *ex)
{
	struct exchange_rules *r = ex->rules;

	if (!r->drops_body_when_connected)
		return;
	buf_fini(&r->body);
	r->keeps_body = r->drops_body_when_connected = false;
}

void
exchange_note_body(struct exchange *ex, const char *data, size_t len)
{
	struct exchange_rules *r = ex->rules;

	if (!r->keeps_body || len == 0)
		return;
	if (r->body.len + len > REPLAY_MAX_BYTES) {
		buf_fini(&r->body);
		r->keeps_body = false;
		r->has_lost_body = true;
		return;
	}
	buf_append(&r->body, data, len);
}
