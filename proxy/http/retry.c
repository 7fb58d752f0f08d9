/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions about retries; see retry.h. */
#include "proxy/http/retry.h"

#include <stddef.h>

#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/http/head.h"
#include "src/mesh/route.h"
#include "src/mesh/terms.h"

#define MAX_BACKOFFS 10		/* times the base */

/* What a condition says of tries without a response. */
static const struct {
	uint32_t on;
	bool connect, reset, timeout;
} without_response[] = {
	{ RETRY_5XX, true, true, true },
	{ RETRY_GATEWAY_ERROR, true, true, true },
	{ RETRY_RESET, true, true, true },
	{ RETRY_CONNECT_FAILURE, true, false, false },
	{ RETRY_RESET_BEFORE_REQUEST, true, false, false },
};

static const struct {
	uint32_t on;
	unsigned low, high;	/* of a status */
} by_status[] = {
	{ RETRY_5XX, 500, 599 },
	{ RETRY_GATEWAY_ERROR, 502, 504 },
	{ RETRY_RETRIABLE_4XX, 409, 409 },
};

static const struct {
	uint32_t on;
	unsigned status;
} by_grpc_status[] = {
	{ RETRY_GRPC_CANCELLED, 1 }, { RETRY_GRPC_DEADLINE, 4 }, { RETRY_GRPC_EXHAUSTED, 8 },
	{ RETRY_GRPC_INTERNAL, 13 }, { RETRY_GRPC_UNAVAILABLE, 14 },
};

static bool
is_listed(const struct route_retries *p, unsigned status)
{
	struct field_words also =
		field_words_of(p->asked_by, FIELD_X_ENVOY_RETRIABLE_STATUS_CODES);
	struct slice word;
	uint64_t n;

	for (size_t i = 0; i < p->code_count; i++)
		if (p->codes[i] == status)
			return true;
	while (field_words_next(&also, &word))
		if (field_word_number(word, &n) && n == status)
			return true;
	return false;
}

static bool
has_listed_field(const struct route_retries *p, const struct http_head *response)
{
	struct field_words names =
		field_words_of(p->asked_by, FIELD_X_ENVOY_RETRIABLE_HEADER_NAMES);
	struct slice name;

	while (field_words_next(&names, &name))
		for (unsigned i = 0; i < response->field_count; i++)
			if (slice_eq_nocase(response->fields[i].name, name))
				return true;
	return false;
}

static bool
grpc_status_is_due(const struct route_retries *p, const struct http_head *response)
{
	const struct http_field *f = http_head_field(response, FIELD_GRPC_STATUS);
	uint64_t status;

	if (f == NULL || !field_word_number(f->value, &status))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(by_grpc_status); i++)
		if ((p->on & by_grpc_status[i].on) != 0 && by_grpc_status[i].status == status)
			return true;
	return false;
}

static bool
response_is_due(const struct route_retries *p, const struct try_outcome *t)
{
	unsigned status = t->response->status;

	if (t->response->first[FIELD_X_ENVOY_OVERLOADED] != 0)
		return false;
	if (t->response->first[FIELD_X_ENVOY_RATELIMITED] != 0)
		return (p->on & RETRY_RATE_LIMITED) != 0;
	for (size_t i = 0; i < ARRAY_LEN(by_status); i++)
		if ((p->on & by_status[i].on) != 0 && status >= by_status[i].low &&
		    status <= by_status[i].high)
			return true;
	if ((p->on & RETRY_STATUS_CODES) != 0 && is_listed(p, status))
		return true;
	if ((p->on & RETRY_RETRIABLE_HEADERS) != 0 && has_listed_field(p, t->response))
		return true;
	return http_head_is_grpc(t->request) && grpc_status_is_due(p, t->response);
}

bool
retry_is_due(const struct route_retries *p, const struct try_outcome *t)
{
	if (t->end == TRY_RESPONSE)
		return response_is_due(p, t);
	for (size_t i = 0; i < ARRAY_LEN(without_response); i++) {
		if ((p->on & without_response[i].on) == 0)
			continue;
		if ((t->end == TRY_CONNECT_FAILED && without_response[i].connect) ||
		    (t->end == TRY_RESET && without_response[i].reset) ||
		    (t->end == TRY_TIMEOUT && without_response[i].timeout))
			return true;
	}
	return false;
}

bool
retry_may_follow_send(const struct route_retries *p, const struct http_head *request)
{
	const uint32_t sent = RETRY_5XX | RETRY_GATEWAY_ERROR | RETRY_RESET | RETRY_RETRIABLE_4XX |
			      RETRY_RATE_LIMITED;
	const struct http_head *asked = p->asked_by;

	if (p->attempts == 0)
		return false;
	if ((p->on & sent) != 0 || http_head_is_grpc(request) ||
	    ((p->on & RETRY_STATUS_CODES) != 0 && p->code_count > 0))
		return true;
	return asked != NULL &&
	       (((p->on & RETRY_STATUS_CODES) != 0 &&
		 asked->first[FIELD_X_ENVOY_RETRIABLE_STATUS_CODES] != 0) ||
		((p->on & RETRY_RETRIABLE_HEADERS) != 0 &&
		 asked->first[FIELD_X_ENVOY_RETRIABLE_HEADER_NAMES] != 0));
}

uint64_t
retry_backoff_ns(uint64_t base_ns, unsigned n, struct rng *rng)
{
	uint64_t factor = n < 4 ? (UINT64_C(1) << n) - 1 : MAX_BACKOFFS;

	if (factor > MAX_BACKOFFS)
		factor = MAX_BACKOFFS;
	return base_ns > 0 && factor > 0 ? rng_below(rng, base_ns * factor) : 0;
}
