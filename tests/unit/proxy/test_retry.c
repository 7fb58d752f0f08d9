/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tries are repeated, and after which pause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/http/retry.h"
#include "src/base/assert.h"
#include "src/base/rng.h"
#include "src/http/parse.h"
#include "src/mesh/route.h"

#define DEFAULTS (RETRY_CONNECT_FAILURE | RETRY_REFUSED_STREAM | RETRY_GRPC_UNAVAILABLE | \
		  RETRY_GRPC_CANCELLED | RETRY_STATUS_CODES)
#define GRPC "content-type: application/grpc\r\n"

static const struct {
	uint32_t on;
	uint16_t code;			/* 0: none listed */
	const char *request;		/* fields */
	enum try_end end;
	unsigned status;
	const char *response;		/* fields */
	bool is_due;
} cases[] = {
	/* Istio's default policy. */
	{ DEFAULTS, 0, "", TRY_CONNECT_FAILED, 0, "", true },
	{ DEFAULTS, 0, "", TRY_RESET, 0, "", false },
	{ DEFAULTS, 0, "", TRY_TIMEOUT, 0, "", false },
	{ DEFAULTS, 0, "", TRY_RESPONSE, 503, "", false },
	{ DEFAULTS, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 14\r\n", true },
	{ DEFAULTS, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 1\r\n", true },
	{ DEFAULTS, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 13\r\n", false },
	{ DEFAULTS, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 0\r\n", false },
	{ DEFAULTS, 0, GRPC, TRY_RESPONSE, 200, "", false },
	{ DEFAULTS, 0, "", TRY_RESPONSE, 200, "grpc-status: 14\r\n", false },
	{ DEFAULTS, 0, "x-envoy-retriable-status-codes: 409, 502\r\n", TRY_RESPONSE, 502, "", true },
	{ DEFAULTS, 0, "x-envoy-retriable-status-codes: 409,502\r\n", TRY_RESPONSE, 503, "", false },
	{ DEFAULTS, 0, "x-envoy-retriable-status-codes: 409\r\nx-envoy-retriable-status-codes: 502\r\n",
	  TRY_RESPONSE, 502, "", true },
	{ RETRY_5XX, 0, "x-envoy-retriable-status-codes: 409\r\n", TRY_RESPONSE, 409, "", false },
	/* Fields of the response that the request names. */
	{ RETRY_RETRIABLE_HEADERS, 0, "x-envoy-retriable-header-names: x-a, X-Busy\r\n",
	  TRY_RESPONSE, 200, "x-busy:\r\n", true },
	{ RETRY_RETRIABLE_HEADERS, 0, "x-envoy-retriable-header-names: x-a, X-Busy\r\n",
	  TRY_RESPONSE, 503, "x-free: 1\r\n", false },
	{ RETRY_RETRIABLE_HEADERS, 0, "", TRY_RESPONSE, 200, "x-busy: 1\r\n", false },
	{ RETRY_5XX, 0, "x-envoy-retriable-header-names: x-busy\r\n", TRY_RESPONSE, 200,
	  "x-busy: 1\r\n", false },
	/* Who limits a rate is asked again only where that is wanted. */
	{ RETRY_5XX, 0, "", TRY_RESPONSE, 503, "x-envoy-ratelimited: true\r\n", false },
	{ RETRY_RATE_LIMITED, 0, "", TRY_RESPONSE, 429, "x-envoy-ratelimited: true\r\n", true },
	{ RETRY_RATE_LIMITED, 0, "", TRY_RESPONSE, 429, "", false },
	/* 5xx covers what has no response. */
	{ RETRY_5XX, 0, "", TRY_RESPONSE, 500, "", true },
	{ RETRY_5XX, 0, "", TRY_RESPONSE, 599, "", true },
	{ RETRY_5XX, 0, "", TRY_RESPONSE, 499, "", false },
	{ RETRY_5XX, 0, "", TRY_CONNECT_FAILED, 0, "", true },
	{ RETRY_5XX, 0, "", TRY_RESET, 0, "", true },
	{ RETRY_5XX, 0, "", TRY_TIMEOUT, 0, "", true },
	{ RETRY_5XX, 0, "", TRY_RESPONSE, 503, "x-envoy-overloaded: true\r\n", false },
	{ RETRY_GATEWAY_ERROR, 0, "", TRY_RESPONSE, 500, "", false },
	{ RETRY_GATEWAY_ERROR, 0, "", TRY_RESPONSE, 502, "", true },
	{ RETRY_GATEWAY_ERROR, 0, "", TRY_RESPONSE, 504, "", true },
	{ RETRY_GATEWAY_ERROR, 0, "", TRY_RESPONSE, 505, "", false },
	{ RETRY_GATEWAY_ERROR, 0, "", TRY_TIMEOUT, 0, "", true },
	{ RETRY_RESET, 0, "", TRY_RESET, 0, "", true },
	{ RETRY_RESET, 0, "", TRY_TIMEOUT, 0, "", true },
	{ RETRY_RESET, 0, "", TRY_RESPONSE, 503, "", false },
	{ RETRY_RESET_BEFORE_REQUEST, 0, "", TRY_CONNECT_FAILED, 0, "", true },
	{ RETRY_RESET_BEFORE_REQUEST, 0, "", TRY_RESET, 0, "", false },
	{ RETRY_RETRIABLE_4XX, 0, "", TRY_RESPONSE, 409, "", true },
	{ RETRY_RETRIABLE_4XX, 0, "", TRY_RESPONSE, 404, "", false },
	{ RETRY_STATUS_CODES, 418, "", TRY_RESPONSE, 418, "", true },
	{ RETRY_STATUS_CODES, 418, "", TRY_RESPONSE, 419, "", false },
	{ RETRY_REFUSED_STREAM, 0, "", TRY_RESET, 0, "", false },
	{ RETRY_GRPC_DEADLINE, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 4\r\n", true },
	{ RETRY_GRPC_EXHAUSTED, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 8\r\n", true },
	{ RETRY_GRPC_INTERNAL, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 13\r\n", true },
	{ RETRY_GRPC_INTERNAL, 0, GRPC, TRY_RESPONSE, 200, "grpc-status: 14\r\n", false },
	{ 0, 0, "", TRY_CONNECT_FAILED, 0, "", false },
};

static void
parse(struct http_head *h, bool is_response, unsigned status, const char *fields, char text[512])
{
	const char *why;
	size_t used;

	if (is_response) {
		snprintf(text, 512, "HTTP/1.1 %u X\r\n%s\r\n", status, fields);
		assert_int_equal(http_parse_response(h, text, strlen(text), &HTTP_LIMITS_DEFAULT,
						     HTTP_GET, &used, &why), HTTP_DONE);
	} else {
		snprintf(text, 512, "GET / HTTP/1.1\r\nhost: a\r\n%s\r\n", fields);
		assert_int_equal(http_parse_request(h, text, strlen(text), &HTTP_LIMITS_DEFAULT,
						    &used, &why), HTTP_DONE);
	}
}

static void
test_retry_is_due__table(void **state)
{
	static struct http_head request, response;
	char asked[512], answered[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct route_retries policy = {
			.attempts = 2, .on = cases[i].on, .codes = &cases[i].code,
			.code_count = cases[i].code != 0, .asked_by = &request,
		};
		struct try_outcome t = { cases[i].end, &request, NULL };

		parse(&request, false, 0, cases[i].request, asked);
		if (cases[i].end == TRY_RESPONSE) {
			parse(&response, true, cases[i].status, cases[i].response, answered);
			t.response = &response;
		}
		if (retry_is_due(&policy, &t) != cases[i].is_due)
			fail_msg("row %zu: %u %s", i, cases[i].status, cases[i].response);
	}
}

static const struct {
	uint32_t on, attempts;
	const char *request;
	bool is_needed;
} bodies[] = {
	{ DEFAULTS, 2, "", false },
	{ DEFAULTS, 2, GRPC, true },
	{ DEFAULTS, 2, "x-envoy-retriable-status-codes: 503\r\n", true },
	{ RETRY_RETRIABLE_HEADERS, 2, "x-envoy-retriable-header-names: x-busy\r\n", true },
	{ RETRY_RETRIABLE_HEADERS, 2, "", false },
	{ RETRY_RATE_LIMITED, 2, "", true },
	{ RETRY_5XX, 2, "", true },
	{ RETRY_5XX, 0, "", false },
	{ RETRY_RESET, 1, "", true },
	{ RETRY_CONNECT_FAILURE, 1, "", false },
};

static void
test_retry_may_follow_send__tells_which_bodies_are_kept(void **state)
{
	static struct http_head request;
	char asked[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		const struct route_retries policy = { .attempts = bodies[i].attempts,
						      .on = bodies[i].on, .asked_by = &request };

		parse(&request, false, 0, bodies[i].request, asked);
		if (retry_may_follow_send(&policy, &request) != bodies[i].is_needed)
			fail_msg("row %zu", i);
	}
}

static void
test_retry_backoff_ns__grows_to_ten_times_the_base(void **state)
{
	static const unsigned factors[] = { 1, 3, 7, 10, 10, 10 };
	struct rng rng;

	(void)state;
	rng_seed(&rng, 8);
	for (unsigned n = 1; n <= ARRAY_LEN(factors); n++) {
		uint64_t bound = 1000 * factors[n - 1], most = 0, least = UINT64_MAX;

		for (int k = 0; k < 4000; k++) {
			uint64_t ns = retry_backoff_ns(1000, n, &rng);

			most = ns > most ? ns : most;
			least = ns < least ? ns : least;
		}
		if (most >= bound || most < bound * 98 / 100 || least > bound * 2 / 100)
			fail_msg("retry %u: %u to %u", n, (unsigned)least, (unsigned)most);
	}
	assert_int_equal(retry_backoff_ns(0, 3, &rng), 0);
	assert_true(retry_backoff_ns(1000, 4000000000u, &rng) < 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_is_due__table),
		cmocka_unit_test(test_retry_may_follow_send__tells_which_bodies_are_kept),
		cmocka_unit_test(test_retry_backoff_ns__grows_to_ten_times_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
