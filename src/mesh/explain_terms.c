/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time and retries in answers of explain. */
#include "src/mesh/explain_priv.h"

#include <stdio.h>

#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/mesh/terms.h"

void
explain_put_duration(struct json_writer *w, const char *key, uint64_t ns)
{
	char text[32];

	if (ns == 0) {
		json_null(w, key);
		return;
	}
	snprintf(text, sizeof(text), "%gs", (double)ns / 1e9);
	json_string(w, key, text);
}

static void
put_terms(struct json_writer *w, const struct http_rule *rule, const struct route_terms *terms)
{
	struct buf on = BUF_INIT;

	explain_put_duration(w, "timeout", terms->timeout_ns);
	if (rule->action != ROUTE_FORWARD) {
		json_null(w, "retries");
		return;
	}
	route_retry_on_text(&terms->retries, &on);
	json_open(w, "retries", '{');
	json_uint(w, "attempts", terms->retries.attempts);
	json_bool(w, "default", terms->retries.is_default);
	explain_put_duration(w, "perTryTimeout", terms->per_try_timeout_ns);
	json_string(w, "retryOn", buf_str(&on));
	json_close(w, '}');
	buf_fini(&on);
}

void
explain_put_terms(struct json_writer *w, const struct http_rule *rule,
		  const struct http_head *head, bool is_gateway)
{
	struct route_terms terms;

	if (rule == NULL) {
		json_null(w, "timeout");
		json_null(w, "retries");
		return;
	}
	route_terms_of(rule, head, !is_gateway, &terms);
	put_terms(w, rule, &terms);
}

void
explain_put_terms_notes(struct json_writer *w, const struct http_head *head, bool is_gateway)
{
	bool asks = route_asks_router(head);
	bool hedges = head->first[FIELD_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT] != 0;

	if ((asks || hedges) && is_gateway)
		json_string(w, NULL, "the gateway removes the request's own x-envoy-* fields: they ask "
				     "nothing of it");
	else if (asks)
		json_string(w, NULL, "timeout and retries are also what x-envoy-* fields of the request "
				     "ask for");
	if (hedges && !is_gateway)
		json_string(w, NULL, "x-envoy-hedge-on-per-try-timeout is removed, but not obeyed by this "
				     "version: a try that takes too long ends before the next begins");
}
