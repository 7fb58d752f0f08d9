/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a rule and the request's own fields say of time and retries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/http/parse.h"
#include "src/mesh/terms.h"

#define MS(n) ((n) * NS_PER_MS)
#define GRPC "content-type: application/grpc\r\n"
#define TOTAL "x-envoy-upstream-rq-timeout-ms: "
#define TRY "x-envoy-upstream-rq-per-try-timeout-ms: "
#define ON "x-envoy-retry-on: "
#define GRPC_ON "x-envoy-retry-grpc-on: "
#define MAX "x-envoy-max-retries: "
#define DEFAULTS (RETRY_CONNECT_FAILURE | RETRY_STATUS_CODES)

/* A request with these fields. */
struct asked {
	struct http_head head;
	char text[512];
	struct route_terms terms;	/* of the rule that it met last */
};

static void
ask(struct asked *a, const char *fields)
{
	const char *why;
	size_t used;

	snprintf(a->text, sizeof(a->text), "GET / HTTP/1.1\r\nhost: a\r\n%s\r\n", fields);
	assert_int_equal(http_parse_request(&a->head, a->text, strlen(a->text), &HTTP_LIMITS_DEFAULT,
					    &used, &why), HTTP_DONE);
}

static const struct route_terms *
ask_rule(struct asked *a, const char *fields, const struct http_rule *rule, bool is_believed)
{
	ask(a, fields);
	route_terms_of(rule, &a->head, is_believed, &a->terms);
	return &a->terms;
}

static const struct {
	const char *fields;
	uint64_t rule_ms, rule_try_ms;
	bool is_believed;
	uint64_t total_ms, try_ms;
} times[] = {
	{ "", 200, 50, true, 200, 50 },
	{ "", 0, 50, true, 0, 50 },
	{ TOTAL "70\r\n", 200, 50, true, 70, 50 },
	{ TOTAL "700\r\n", 200, 50, true, 700, 50 },	/* longer, too */
	{ TOTAL "0\r\n", 200, 50, true, 0, 50 },	/* none */
	{ TOTAL "70\r\n", 200, 50, false, 200, 50 },
	{ TOTAL "7s\r\n", 200, 50, true, 200, 50 },
	{ TOTAL "-7\r\n", 200, 50, true, 200, 50 },
	{ TOTAL "\r\n", 200, 50, true, 200, 50 },
	{ TRY "20\r\n", 200, 50, true, 200, 20 },
	{ TRY "20\r\n", 200, 50, false, 200, 50 },
	{ TRY "200\r\n", 200, 50, true, 200, 0 },	/* not before the whole */
	{ TOTAL "40\r\n", 200, 50, true, 40, 0 },
	/* a call's deadline is cut to the rule's; the proxy's field counts more */
	{ GRPC "grpc-timeout: 150m\r\n", 200, 0, false, 150, 0 },
	{ GRPC "grpc-timeout: 2S\r\n", 200, 0, true, 200, 0 },
	{ GRPC "grpc-timeout: 150m\r\n" TOTAL "300\r\n", 200, 0, true, 300, 0 },
	{ GRPC "grpc-timeout: 1H\r\n", 0, 0, true, 3600000, 0 },
	{ GRPC "grpc-timeout: 3M\r\n", 0, 0, true, 180000, 0 },
	{ GRPC "grpc-timeout: 5000u\r\n", 0, 0, true, 5, 0 },
	{ GRPC "grpc-timeout: 7000000n\r\n", 0, 0, true, 7, 0 },
	{ GRPC "grpc-timeout: 0m\r\n", 200, 0, true, 200, 0 },
	{ GRPC "grpc-timeout: m\r\n", 200, 0, true, 200, 0 },
	{ GRPC "grpc-timeout: 100\r\n", 200, 0, true, 200, 0 },
	{ GRPC "grpc-timeout: 123456789m\r\n", 200, 0, true, 200, 0 },
	{ "grpc-timeout: 150m\r\n", 200, 0, true, 200, 0 },
	{ "content-type: application/grpc+proto\r\ngrpc-timeout: 150m\r\n", 200, 0, true, 150, 0 },
	{ "content-type: application/grpc-web\r\ngrpc-timeout: 150m\r\n", 200, 0, true, 200, 0 },
};

static void
test_route_terms_of__timeouts(void **state)
{
	struct asked a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		const struct http_rule rule = { .timeout_ns = MS(times[i].rule_ms),
			.retries.per_try_timeout_ns = MS(times[i].rule_try_ms) };
		const struct route_terms *t = ask_rule(&a, times[i].fields, &rule, times[i].is_believed);

		if (t->timeout_ns != MS(times[i].total_ms) ||
		    t->per_try_timeout_ns != MS(times[i].try_ms))
			fail_msg("row %zu: %u and %u ms", i, (unsigned)(t->timeout_ns / NS_PER_MS),
				 (unsigned)(t->per_try_timeout_ns / NS_PER_MS));
	}
}

static const struct {
	const char *fields;
	uint32_t rule_on, rule_attempts;
	bool is_believed;
	uint32_t on, attempts;
} retries[] = {
	{ "", DEFAULTS, 2, true, DEFAULTS, 2 },
	{ ON "5xx\r\n", DEFAULTS, 2, true, DEFAULTS | RETRY_5XX, 2 },
	{ ON "5xx\r\n", DEFAULTS, 2, false, DEFAULTS, 2 },
	{ ON " reset , gateway-error,,nonsense\r\n", 0, 0, true, RETRY_RESET | RETRY_GATEWAY_ERROR, 1 },
	{ ON "reset\r\n" ON "5xx\r\n", 0, 0, true, RETRY_RESET | RETRY_5XX, 1 },
	{ ON "nonsense\r\n", 0, 0, true, 0, 0 },
	{ ON "503\r\n", 0, 0, true, 0, 0 },		/* Istio's numbers are not Envoy's */
	{ ON "envoy-ratelimited\r\n", 0, 0, true, RETRY_RATE_LIMITED, 1 },
	/* Each kind of condition in its own field. */
	{ ON "cancelled\r\n", 0, 0, true, 0, 0 },
	{ GRPC_ON "cancelled,internal\r\n", 0, 0, true, RETRY_GRPC_CANCELLED | RETRY_GRPC_INTERNAL, 1 },
	{ GRPC_ON "5xx\r\n", 0, 0, true, 0, 0 },
	/* The number replaces the rule's, where anything is repeated at all. */
	{ MAX "7\r\n", DEFAULTS, 2, true, DEFAULTS, 7 },
	{ MAX "0\r\n", DEFAULTS, 2, true, DEFAULTS, 0 },
	{ MAX "7\r\n", DEFAULTS, 2, false, DEFAULTS, 2 },
	{ MAX "7\r\n", 0, 0, true, 0, 0 },
	{ MAX "seven\r\n", DEFAULTS, 2, true, DEFAULTS, 2 },
	{ MAX "7\r\n" ON "reset\r\n", 0, 0, true, RETRY_RESET, 7 },
	{ MAX "1\r\n" ON "reset\r\n", RETRY_5XX, 5, true, RETRY_5XX | RETRY_RESET, 1 },
};

static void
test_route_terms_of__retries(void **state)
{
	struct asked a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(retries); i++) {
		const struct http_rule rule = { .retries = {
			.on = retries[i].rule_on, .attempts = retries[i].rule_attempts,
			.is_default = true } };
		const struct route_terms *t = ask_rule(&a, retries[i].fields, &rule,
						       retries[i].is_believed);

		if (t->retries.on != retries[i].on || t->retries.attempts != retries[i].attempts)
			fail_msg("row %zu: %u on %x", i, t->retries.attempts, t->retries.on);
		if (t->asks_retries != (t->retries.asked_by == &a.head) ||
		    t->asks_retries == t->retries.is_default)
			fail_msg("row %zu: whose retries are they?", i);
	}
}

static void
test_route_terms_of__another_answer_to_a_timeout(void **state)
{
	static const char field[] = "x-envoy-upstream-rq-timeout-alt-response: 1\r\n";
	const struct http_rule rule = { .timeout_ns = MS(5) };
	struct asked a;

	(void)state;
	assert_true(ask_rule(&a, field, &rule, true)->answers_204);
	assert_false(ask_rule(&a, field, &rule, false)->answers_204);
	assert_false(ask_rule(&a, "", &rule, true)->answers_204);
}

static void
test_route_asks_terms__knows_the_fields(void **state)
{
	static const struct {
		const char *fields;
		bool terms, router;
	} rows[] = {
		{ "", false, false },
		{ "grpc-timeout: 1S\r\n", true, false },
		{ TOTAL "1\r\n", true, true },
		{ TRY "1\r\n", true, true },
		{ ON "5xx\r\n", true, true },
		{ GRPC_ON "internal\r\n", true, true },
		{ MAX "1\r\n", true, true },
		{ "x-envoy-retriable-status-codes: 1\r\n", true, true },
		{ "x-envoy-retriable-header-names: a\r\n", true, true },
		{ "x-envoy-upstream-rq-timeout-alt-response: 1\r\n", true, true },
		{ "x-envoy-attempt-count: 1\r\n", false, false },
	};
	struct asked a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask(&a, rows[i].fields);
		if (route_asks_terms(&a.head) != rows[i].terms ||
		    route_asks_router(&a.head) != rows[i].router)
			fail_msg("row %zu", i);
	}
}

static void
test_route_retry_on_text__says_conditions_in_istios_words(void **state)
{
	static const uint16_t codes[] = { 409, 503 };
	const struct route_retries r = { .on = RETRY_5XX | RETRY_STATUS_CODES | RETRY_GRPC_INTERNAL,
					 .codes = codes, .code_count = 2 };
	struct buf text = BUF_INIT;

	(void)state;
	route_retry_on_text(&r, &text);
	assert_string_equal(buf_str(&text), "5xx,retriable-status-codes,internal,409,503");
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_terms_of__timeouts),
		cmocka_unit_test(test_route_terms_of__retries),
		cmocka_unit_test(test_route_terms_of__another_answer_to_a_timeout),
		cmocka_unit_test(test_route_asks_terms__knows_the_fields),
		cmocka_unit_test(test_route_retry_on_text__says_conditions_in_istios_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
