/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults and retries of a VirtualService. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_virtual_service.h"
#include "src/istio/schema.h"

/* IANA's register, which Istio asks: 418 and 510 are in it, 306 is not. */
static bool
is_registered_status(long code)
{
	static const struct { short first, last; } ranges[] = {
		{ 100, 103 }, { 200, 208 }, { 226, 226 }, { 300, 305 }, { 307, 308 }, { 400, 418 },
		{ 421, 426 }, { 428, 429 }, { 431, 431 }, { 451, 451 }, { 500, 508 }, { 510, 511 },
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

static bool
is_retry_condition(const char *s, size_t len)
{
	static const char *const known[] = {
		"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure",
		"envoy-ratelimited", "retriable-4xx", "refused-stream", "retriable-status-codes",
		"retriable-headers", "http3-post-connect-failure", "cancelled",
		"deadline-exceeded", "internal", "resource-exhausted", "unavailable",
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i]) == len && memcmp(known[i], s, len) == 0)
			return true;
	return len == 3 && is_registered_status(strtol(s, NULL, 10));
}

/* Istio splits at commas and does not trim. */
void
vs_check_retry_on(struct checker *c, const struct value *text)
{
	const char *s = text->text;

	if (text->kind != VALUE_STRING || text->len == 0)
		return;
	for (;; s++) {
		size_t len = strcspn(s, ",");

		if (!is_retry_condition(s, len)) {
			if (len > 0 && (s[0] == ' ' || s[len - 1] == ' '))
				complain(c, text, NULL, "MT0024", "'%.*s': no blanks around the commas",
					 (int)(len < 60 ? len : 60), s);
			else
				complain(c, text, NULL, "MT0024", "'%.*s' is neither a retry condition "
					 "nor a status code", (int)(len < 60 ? len : 60), s);
		}
		s += len;
		if (*s == '\0')
			return;
	}
}

void
vs_check_retries(struct checker *c, const struct value *retries)
{
	static const char *const others[] = { "perTryTimeout", "retryOn", "retryRemoteLocalities" };
	int64_t attempts = 0;
	const struct value *v = member(retries, "attempts");

	if ((v != NULL && !value_to_int(v, &attempts)) || attempts != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (member(retries, others[i]) != NULL)
			complain_member(c, retries, others[i], "MT0029", "needs attempts of at least 1 "
					"(attempts %s)", v != NULL ? "is 0: retries are off" : "is missing");
}

/* The resolution is 0.0001 %. */
void
vs_check_fault_percent(struct checker *c, const struct value *percent)
{
	double d;

	if (value_to_double(member(percent, "value"), &d) && d > 0 && d < 0.0001)
		complain_member(c, percent, "value", "MT0023", "is less than the smallest share, 0.0001");
}

/* A fault without a percentage hits nobody. */
static void
check_share(struct checker *c, const struct value *fault, const char *what)
{
	const struct value *share = member(fault, "percentage"), *old = member(fault, "percent");
	double d = 0;
	int64_t n = 0;

	if (share == NULL && old == NULL) {
		complain(c, fault, NULL, "MT0036", "has no effect without percentage: the %s of no "
			 "request; write percentage: {value: 100}", what);
		return;
	}
	if (share != NULL && member(share, "value") != NULL && !value_to_double(member(share, "value"), &d))
		return;
	if (share == NULL)
		value_to_int(old, &n);
	if (d == 0 && n == 0)
		complain(c, share != NULL ? share : old, share != NULL ? share->key : old->key, "MT0036",
			 "has no effect: 0 %% of the requests");
}

void
vs_check_delay(struct checker *c, const struct value *delay)
{
	if (member(delay, "fixedDelay") == NULL && member(delay, "exponentialDelay") == NULL)
		complain(c, delay, NULL, "MT0036", "has no effect without fixedDelay");
	else
		check_share(c, delay, "delay");
}

void
vs_check_abort(struct checker *c, const struct value *abort)
{
	if (member(abort, "httpStatus") == NULL && member(abort, "grpcStatus") == NULL &&
	    member(abort, "http2Error") == NULL)
		complain(c, abort, NULL, "MT0036", "has no effect without httpStatus or grpcStatus");
	else
		check_share(c, abort, "abort");
}

void
vs_check_fault(struct checker *c, const struct value *fault)
{
	if (member(fault, "delay") == NULL && member(fault, "abort") == NULL)
		complain(c, fault, NULL, "MT0032", "a fault needs delay or abort");
}

void
vs_check_grpc_status(struct checker *c, const struct value *text)
{
	static const char *const names[] = {
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
		"ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
		"ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
		"UNAUTHENTICATED",
	};

	if (text->kind != VALUE_STRING)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], text->text) == 0)
			return;
	complain(c, text, NULL, "MT0024", "'%.40s' is no gRPC status such as UNAVAILABLE", text->text);
}
