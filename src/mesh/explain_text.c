/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of explain for people.  The text is made from the JSON, so that the
 * two say the same; a line for each thing that is not as by default.
 */
#include "src/mesh/explain_priv.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/value.h"

static void
put_rules_text(const struct value *rules, struct buf *out)
{
	VALUE_EACH(r, rules) {
		const struct value *failed = value_get(r, "failed");
		const char *got = value_get_text(failed, "got");
		bool matched = false;

		value_to_bool(value_get(r, "matched"), &matched);
		buf_printf(out, "%s %s.%s %s[%s]", matched ? "  takes it " : "  passes by",
			   value_get_text(r, "name") != NULL ? value_get_text(r, "name") : "default",
			   value_get_text(r, "namespace") != NULL ? value_get_text(r, "namespace") : "",
			   value_get_text(r, "section"),
			   value_get_text(r, "index") != NULL ? value_get_text(r, "index") : "-");
		if (!matched && value_is_map(failed))
			buf_printf(out, ": %s wants %s, got %s", value_get_text(failed, "field"),
				   value_get_text(failed, "want"), got != NULL ? got : "nothing");
		buf_putc(out, '\n');
	}
}

static void
put_outcome_text(const struct value *v, struct buf *out)
{
	const struct value *outcome = value_get(v, "outcome"), *flags = value_get(outcome, "flags");
	const char *status = value_get_text(outcome, "status");
	const char *details = value_get_text(outcome, "details");
	bool is_http = strcmp(value_get_text(v, "protocol"), "http") == 0;
	const char *between = "";

	if (!is_http)
		status = flags->count > 0 ? "closed," : "relayed,";
	buf_printf(out, "outcome  %s ", status != NULL ? status : "the endpoint's answer,");
	VALUE_EACH(flag, flags) {
		buf_printf(out, "%s%s", between, value_text(flag));
		between = ",";
	}
	buf_printf(out, "%s%s%s\n", flags->count == 0 ? "-" : "", details != NULL ? " " : "",
		   details != NULL ? details : "");
}

/* Each destination's share of the weights. */
static void
put_route_text(const struct value *route, struct buf *out)
{
	double weight, total = 0;

	VALUE_EACH(d, route)
		if (value_to_double(value_get(d, "weight"), &weight))
			total += weight;
	VALUE_EACH(d, route) {
		const char *cluster = value_get_text(d, "cluster");

		weight = 0;
		value_to_double(value_get(d, "weight"), &weight);
		buf_printf(out, "route    %.4g%%  %s\n", total > 0 ? weight * 100 / total : 0,
			   cluster != NULL ? cluster : "(unknown cluster)");
	}
}

static void
put_fault_text(const struct value *fault, struct buf *out)
{
	const struct value *delay = value_get(fault, "delay"), *abort = value_get(fault, "abort");
	const char *grpc = value_get_text(abort, "grpcStatus");

	if (value_is_map(delay))
		buf_printf(out, "delay    %s%%  %s\n", value_get_text(delay, "percent"),
			   value_get_text(delay, "duration"));
	if (value_is_map(abort))
		buf_printf(out, "abort    %s%%  %s\n", value_get_text(abort, "percent"),
			   grpc != NULL ? grpc : value_get_text(abort, "status"));
}

static void
put_retries_text(const struct value *retries, struct buf *out)
{
	const char *attempts = value_get_text(retries, "attempts");
	const char *per_try = value_get_text(retries, "perTryTimeout");
	bool is_default = false;

	value_to_bool(value_get(retries, "default"), &is_default);
	if (attempts == NULL || is_default)
		return;
	if (strcmp(attempts, "0") == 0) {
		buf_puts(out, "retries  none\n");
		return;
	}
	buf_printf(out, "retries  %s on %s%s%s\n", attempts, value_get_text(retries, "retryOn"),
		   per_try != NULL ? ", each try within " : "", per_try != NULL ? per_try : "");
}

static void
put_mirrors_text(const struct value *mirrors, struct buf *out)
{
	VALUE_EACH(m, mirrors) {
		const char *cluster = value_get_text(m, "cluster");

		buf_printf(out, "mirror   %s%%  %s\n", value_get_text(m, "percent"),
			   cluster != NULL ? cluster : "(unknown cluster)");
	}
}

static void
put_limits_text(const struct value *limits, struct buf *out)
{
	const char *between = "limits   ";

	VALUE_EACH(l, limits) {
		const struct value *figure = value_is_map(l) ? value_get(l, "percent") : l;

		if (value_text(figure) == NULL)
			continue;
		buf_printf(out, "%s%s %s%s", between, l->key, value_text(figure),
			   value_is_map(l) ? "%" : "");
		between = ", ";
	}
	if (between[0] == ',')
		buf_putc(out, '\n');
}

void
explain_put_text(const struct value *v, struct buf *out)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "service  %s\nrules\n", value_get_text(v, "service") != NULL ?
		   value_get_text(v, "service") : "(none)");
	put_rules_text(value_get(v, "rules"), &text);
	put_route_text(value_get(v, "route"), &text);
	put_fault_text(value_get(v, "fault"), &text);
	if (value_get_text(v, "timeout") != NULL)
		buf_printf(&text, "timeout  %s\n", value_get_text(v, "timeout"));
	put_retries_text(value_get(v, "retries"), &text);
	put_mirrors_text(value_get(v, "mirror"), &text);
	put_limits_text(value_get(v, "limits"), &text);
	explain_put_localities_text(value_get(v, "localities"), &text);
	VALUE_EACH(n, value_get(v, "notes"))
		buf_printf(&text, "note     %s\n", value_text(n));
	put_outcome_text(v, &text);
	text_sanitize_lines(out, buf_str(&text), text.len);
	buf_fini(&text);
}
