/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers to preflights and fields of responses; see cors.h.
 */
#include "proxy/http/cors.h"

#include "proxy/http/exchange.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/value.h"
#include "src/istio/duration.h"
#include "src/mesh/cors.h"

#define ALLOW_ORIGIN "access-control-allow-origin"
#define ALLOW_CREDENTIALS "access-control-allow-credentials"
#define EXPOSE_HEADERS "access-control-expose-headers"

/* "name: a,b\r\n"; nothing for an empty list. */
static void
put_list(struct buf *out, const char *name, const struct value *list)
{
	if (!value_is_list(list) || list->count == 0)
		return;
	buf_printf(out, "%s: ", name);
	for (size_t i = 0; i < list->count; i++) {
		const char *text = value_text(value_at(list, i));

		buf_printf(out, "%s%s", i > 0 ? "," : "", text != NULL ? text : "");
	}
	buf_puts(out, "\r\n");
}

static void
put_origin(const struct value *policy, struct slice origin, struct buf *out)
{
	bool credentials = false;

	buf_puts(out, ALLOW_ORIGIN ": ");
	buf_append(out, origin.ptr, origin.len);
	buf_puts(out, "\r\n");
	value_to_bool(value_get(policy, "allowCredentials"), &credentials);
	if (credentials)
		buf_puts(out, ALLOW_CREDENTIALS ": true\r\n");
}

static void
answer_preflight(struct exchange *ex, const struct value *policy, struct slice origin)
{
	const char *age = value_get_text(policy, "maxAge");
	struct buf lines = BUF_INIT;
	uint64_t ns;

	if (ex->has_cors_origin) {
		put_origin(policy, origin, &lines);
		put_list(&lines, "access-control-allow-methods", value_get(policy, "allowMethods"));
		put_list(&lines, "access-control-allow-headers", value_get(policy, "allowHeaders"));
		if (age != NULL && duration_parse(age, &ns))
			buf_printf(&lines, "access-control-max-age: %llu\r\n",
				   (unsigned long long)(ns / NS_PER_S));
	}
	ex->has_cors_origin = false;	/* said already */
	ex->details = "cors_response";
	exchange_answer_plain(ex, 200, SLICE(""), buf_str(&lines));
	buf_fini(&lines);
}

bool
cors_begin(struct exchange *ex)
{
	const struct value *policy = ex->decision.rule->cors;
	bool answers = cors_answers(policy, ex->head, &ex->has_cors_origin);

	if (answers)
		answer_preflight(ex, policy, http_head_field(ex->head, FIELD_ORIGIN)->value);
	return answers;
}

static void
drop_field(struct http_head *head, struct slice name)
{
	for (unsigned i = 0; i < head->field_count; i++)
		if (slice_eq(head->fields[i].name, name))
			head->fields[i].is_dropped = true;
}

void
cors_put_response(const struct exchange *ex, struct http_head *head, struct buf *lines)
{
	const struct value *policy = ex->decision.rule->cors;

	put_origin(policy, http_head_field(ex->head, FIELD_ORIGIN)->value, lines);
	put_list(lines, EXPOSE_HEADERS, value_get(policy, "exposeHeaders"));
	if (head == NULL)
		return;
	drop_field(head, SLICE(ALLOW_ORIGIN));
	drop_field(head, SLICE(ALLOW_CREDENTIALS));
	if (value_get(policy, "exposeHeaders") != NULL)
		drop_field(head, SLICE(EXPOSE_HEADERS));
}
