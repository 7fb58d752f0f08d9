/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a rule and a request say of time and retries; see terms.h. */
#include "src/mesh/terms.h"

#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/mesh/table.h"

#define RETRIES_ASKED 1		/* Envoy's number where none is told */

struct field_words
field_words_of(const struct http_head *h, enum http_field_id id)
{
	struct field_words w = { .head = h, .id = id };

	if (h != NULL)
		w.next_field = h->first[id] != 0 ? h->first[id] - 1u : h->field_count;
	return w;
}

static bool
next_line(struct field_words *w)
{
	while (w->head != NULL && w->next_field < w->head->field_count) {
		const struct http_field *f = &w->head->fields[w->next_field++];

		if (f->id == w->id) {
			w->rest = f->value;
			return true;
		}
	}
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool
field_words_next(struct field_words *w, struct slice *word)
{
	for (;;) {
		const char *comma;
		size_t len;

		if (w->rest.len == 0 && !next_line(w))
			return false;
		if (w->rest.len == 0)
			continue;
		comma = memchr(w->rest.ptr, ',', w->rest.len);
		len = comma != NULL ? (size_t)(comma - w->rest.ptr) : w->rest.len;
		*word = trim((struct slice){ w->rest.ptr, len });
		len += comma != NULL;
		w->rest = (struct slice){ w->rest.ptr + len, w->rest.len - len };
		if (word->len > 0)
			return true;
	}
}

bool
field_word_number(struct slice word, uint64_t *n)
{
	uint64_t number = 0;

	if (word.len == 0 || word.len > 9)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(word.ptr[i] - '0');
	}
	*n = number;
	return true;
}

/* Of a field that holds a number; false: there is none that is valid. */
static bool
read_number(const struct http_head *h, enum http_field_id id, uint64_t *n)
{
	const struct http_field *f = http_head_field(h, id);

	return f != NULL && field_word_number(f->value, n);
}

static void
read_ms(const struct http_head *h, enum http_field_id id, uint64_t *ns)
{
	uint64_t ms;

	if (read_number(h, id, &ms))
		*ns = ms * NS_PER_MS;
}

bool
http_head_is_grpc(const struct http_head *h)
{
	const struct http_field *type = http_head_field(h, FIELD_CONTENT_TYPE);
	const struct slice grpc = SLICE("application/grpc");

	/* "application/grpc+proto", but not "application/grpc-web" */
	return type != NULL && slice_starts(type->value, grpc) &&
	       (type->value.len == grpc.len || type->value.ptr[grpc.len] == '+');
}

/* A call's own deadline: up to eight digits and a unit (gRPC over HTTP2, "Timeout"); false
 * also for 0, which Envoy takes for none. */
static bool
read_grpc_timeout(const struct http_head *h, uint64_t *ns)
{
	static const struct {
		char unit;
		uint64_t ns;
	} units[] = {
		{ 'n', 1 }, { 'u', 1000 }, { 'm', NS_PER_MS }, { 'S', NS_PER_S },
		{ 'M', 60 * NS_PER_S }, { 'H', 3600 * NS_PER_S },
	};
	const struct http_field *f = http_head_field(h, FIELD_GRPC_TIMEOUT);
	struct slice text = f != NULL ? f->value : SLICE("");
	uint64_t n;

	if (text.len < 2 || !field_word_number((struct slice){ text.ptr, text.len - 1 }, &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].unit != text.ptr[text.len - 1])
			continue;
		*ns = n <= UINT64_MAX / 2 / units[i].ns ? n * units[i].ns : UINT64_MAX / 2;
		return n > 0;
	}
	return false;
}

/* Conditions join those of the rule.  Each kind has a field of its own. */
static uint32_t
read_conditions(const struct http_head *h, enum http_field_id id, uint32_t allowed)
{
	struct field_words words = field_words_of(h, id);
	struct slice word;
	uint32_t on = 0;

	while (field_words_next(&words, &word))
		on |= retry_condition(word);
	return on & allowed;
}

/* A number replaces the rule's; a rule that repeats nothing has Envoy's. */
static void
merge_retries(const struct http_head *h, struct route_terms *out)
{
	struct route_retries *r = &out->retries;
	bool had_none = r->on == 0;
	uint64_t n;

	r->on |= read_conditions(h, FIELD_X_ENVOY_RETRY_ON, ~(uint32_t)RETRY_GRPC) |
		 read_conditions(h, FIELD_X_ENVOY_RETRY_GRPC_ON, RETRY_GRPC);
	if (r->on == 0)
		return;
	if (had_none)
		r->attempts = RETRIES_ASKED;
	if (read_number(h, FIELD_X_ENVOY_MAX_RETRIES, &n))
		r->attempts = (uint32_t)n;
	r->asked_by = h;
	r->is_default = false;
	out->asks_retries = true;
}

static bool
asks_retries(const struct http_head *h)
{
	return (h->first[FIELD_X_ENVOY_RETRY_ON] | h->first[FIELD_X_ENVOY_RETRY_GRPC_ON] |
		h->first[FIELD_X_ENVOY_MAX_RETRIES] |
		h->first[FIELD_X_ENVOY_RETRIABLE_STATUS_CODES] |
		h->first[FIELD_X_ENVOY_RETRIABLE_HEADER_NAMES]) != 0;
}

void
route_terms_of(const struct http_rule *rule, const struct http_head *h, bool is_believed,
	       struct route_terms *out)
{
	uint64_t asked;

	*out = (struct route_terms){ .timeout_ns = rule->timeout_ns,
		.per_try_timeout_ns = rule->retries.per_try_timeout_ns, .retries = rule->retries };
	if (http_head_is_grpc(h) && read_grpc_timeout(h, &asked) &&
	    (out->timeout_ns == 0 || asked < out->timeout_ns))
		out->timeout_ns = asked;
	if (is_believed) {
		read_ms(h, FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS, &out->timeout_ns);
		read_ms(h, FIELD_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS, &out->per_try_timeout_ns);
		out->answers_204 = h->first[FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE] != 0;
		if (asks_retries(h))
			merge_retries(h, out);
	}
	if (out->timeout_ns > 0 && out->per_try_timeout_ns >= out->timeout_ns)
		out->per_try_timeout_ns = 0;
}
