/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions about retries; see retry.h. */
#include "proxy/retry.h"

#include <stddef.h>

#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/http/head.h"
#include "src/mesh/route.h"

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
is_grpc(const struct http_head *h)
{
	const struct http_field *type = http_head_field(h, FIELD_CONTENT_TYPE);

	return type != NULL && slice_starts(type->value, SLICE("application/grpc"));
}

/* The next number of a list, which grows shorter; 0: none. */
static unsigned
next_number(struct slice *list)
{
	unsigned n = 0;

	while (list->len > 0 && (*list->ptr < '0' || *list->ptr > '9'))
		*list = (struct slice){ list->ptr + 1, list->len - 1 };
	for (; list->len > 0 && *list->ptr >= '0' && *list->ptr <= '9';
	     *list = (struct slice){ list->ptr + 1, list->len - 1 })
		n = n < 10000 ? n * 10 + (unsigned)(*list->ptr - '0') : n;
	return n;
}

static bool
is_listed(const struct route_retries *p, const struct try_outcome *t)
{
	const struct http_field *also =
		http_head_field(t->request, FIELD_X_ENVOY_RETRIABLE_STATUS_CODES);
	struct slice list = also != NULL ? also->value : SLICE("");
	unsigned status = t->response->status, n;

	for (size_t i = 0; i < p->code_count; i++)
		if (p->codes[i] == status)
			return true;
	while ((n = next_number(&list)) != 0)
		if (n == status)
			return true;
	return false;
}

static bool
grpc_status_is_due(const struct route_retries *p, const struct http_head *response)
{
	const struct http_field *f = http_head_field(response, FIELD_GRPC_STATUS);
	struct slice text = f != NULL ? f->value : SLICE("");
	unsigned status = next_number(&text);

	for (size_t i = 0; f != NULL && i < ARRAY_LEN(by_grpc_status); i++)
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
	for (size_t i = 0; i < ARRAY_LEN(by_status); i++)
		if ((p->on & by_status[i].on) != 0 && status >= by_status[i].low &&
		    status <= by_status[i].high)
			return true;
	if ((p->on & RETRY_STATUS_CODES) != 0 && is_listed(p, t))
		return true;
	return is_grpc(t->request) && grpc_status_is_due(p, t->response);
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
	const uint32_t sent = RETRY_5XX | RETRY_GATEWAY_ERROR | RETRY_RESET | RETRY_RETRIABLE_4XX;

	if (p->attempts == 0)
		return false;
	if ((p->on & sent) != 0 || is_grpc(request))
		return true;
	return (p->on & RETRY_STATUS_CODES) != 0 &&
	       (p->code_count > 0 || request->first[FIELD_X_ENVOY_RETRIABLE_STATUS_CODES] != 0);
}

uint64_t
retry_backoff_ns(uint64_t base_ns, unsigned n, struct rng *rng)
{
	uint64_t factor = n < 4 ? (UINT64_C(1) << n) - 1 : MAX_BACKOFFS;

	if (factor > MAX_BACKOFFS)
		factor = MAX_BACKOFFS;
	return base_ns > 0 && factor > 0 ? rng_below(rng, base_ns * factor) : 0;
}
