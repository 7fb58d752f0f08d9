/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of an http rule: destinations, faults, retries, mirrors, header
 * operations (spec/dataplane.md 1.1, 3.3-3.7).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/istio/duration.h"
#include "src/mesh/table.h"
#include "src/mesh/terms.h"

#define MILLION 1000000u
#define SINGLE_WEIGHT 100u
#define BACKOFF_NS (UINT64_C(25) * 1000000)

uint64_t
compile_duration(struct destination_context *x, const struct value *v, const char *field)
{
	const char *text = value_text(v);
	uint64_t ns;
	char path[128];

	if (text == NULL)
		return 0;
	if (duration_parse(text, &ns))
		return ns;
	if (x->vs == NULL)		/* the mesh's own: settings.c complained */
		return 0;
	snprintf(path, sizeof(path), "%s.%s", x->path, field);
	compile_problem(x->c, "MT2003", x->vs, v, path, "not a duration: %.60s", text);
	return 0;
}

/* {value: 12.5}; absent: never. */
static uint32_t
percent_per_million(const struct value *percent)
{
	double d = 0;

	if (!value_to_double(value_get(percent, "value"), &d) || !(d > 0))
		return 0;
	return d >= 100 ? MILLION : (uint32_t)(d * 10000 + 0.5);
}

/* percentage, or the deprecated whole percent under another key. */
static uint32_t
read_percent(const struct value *map, const char *key, const char *old_key,
	     uint32_t when_absent)
{
	const struct value *percent = value_get(map, key);
	int64_t whole;

	if (percent != NULL && percent->kind != VALUE_NULL)
		return percent_per_million(percent);
	if (value_to_int(value_get(map, old_key), &whole) && whole >= 0)
		return whole >= 100 ? MILLION : (uint32_t)whole * 10000;
	return when_absent;
}

static const char *const grpc_names[] = {
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
	"ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
	"ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
	"UNAUTHENTICATED",
};

static int
grpc_number(const char *name)
{
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(grpc_names); i++)
		if (strcmp(name, grpc_names[i]) == 0)
			return (int)i;
	return -1;
}

const char *
route_grpc_status_name(int status)
{
	return status >= 0 && (size_t)status < ARRAY_LEN(grpc_names) ? grpc_names[status] : "?";
}

void
compile_fault(struct destination_context *x, const struct value *fault,
	      struct route_fault *out)
{
	const struct value *delay = value_get(fault, "delay");
	const struct value *abort_ = value_get(fault, "abort");
	int64_t status = 0;

	out->abort_grpc = -1;
	if (value_is_map(delay)) {
		out->delay_ns = compile_duration(x, value_get(delay, "fixedDelay"),
						 "fault.delay.fixedDelay");
		out->delay_per_million = read_percent(delay, "percentage", "percent", 0);
		out->has_delay = out->delay_ns > 0;
	}
	if (value_is_map(abort_)) {
		value_to_int(value_get(abort_, "httpStatus"), &status);
		out->abort_status = status >= 200 && status <= 600 ? (unsigned)status : 0;
		out->abort_grpc = grpc_number(value_get_text(abort_, "grpcStatus"));
		out->abort_per_million = read_percent(abort_, "percentage", "percent", 0);
		out->has_abort = out->abort_status > 0 || out->abort_grpc >= 0;
	}
}

static const struct {
	const char *name;
	uint32_t bit;
} retry_words[] = {
	{ "5xx", RETRY_5XX }, { "gateway-error", RETRY_GATEWAY_ERROR },
	{ "reset", RETRY_RESET }, { "connect-failure", RETRY_CONNECT_FAILURE },
	{ "refused-stream", RETRY_REFUSED_STREAM }, { "retriable-4xx", RETRY_RETRIABLE_4XX },
	{ "retriable-status-codes", RETRY_STATUS_CODES },
	{ "reset-before-request", RETRY_RESET_BEFORE_REQUEST },
	{ "retriable-headers", RETRY_RETRIABLE_HEADERS },
	{ "envoy-ratelimited", RETRY_RATE_LIMITED },
	{ "cancelled", RETRY_GRPC_CANCELLED }, { "deadline-exceeded", RETRY_GRPC_DEADLINE },
	{ "internal", RETRY_GRPC_INTERNAL }, { "resource-exhausted", RETRY_GRPC_EXHAUSTED },
	{ "unavailable", RETRY_GRPC_UNAVAILABLE },
};

uint32_t
retry_condition(struct slice word)
{
	for (size_t i = 0; i < ARRAY_LEN(retry_words); i++)
		if (slice_is(word, retry_words[i].name))
			return retry_words[i].bit;
	return 0;
}

void
route_retry_on_text(const struct route_retries *r, struct buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < ARRAY_LEN(retry_words); i++)
		if ((r->on & retry_words[i].bit) != 0)
			buf_printf(out, "%s%s", out->len > start ? "," : "", retry_words[i].name);
	for (size_t i = 0; i < r->code_count; i++)
		buf_printf(out, ",%u", r->codes[i]);
}

/* One untrimmed word of retryOn: a name, or an HTTP status. */
static void
read_retry_word(struct route_retries *out, uint16_t *codes, struct slice word)
{
	unsigned code = 0;

	out->on |= retry_condition(word);
	if (word.len != 3)
		return;
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9')
			return;
		code = code * 10 + (unsigned)(word.ptr[i] - '0');
	}
	codes[out->code_count++] = (uint16_t)code;
	out->on |= RETRY_STATUS_CODES;
}

static void
read_retry_on(struct arena *a, struct route_retries *out, const char *text)
{
	uint16_t *codes = arena_alloc(a, (strlen(text) / 4 + 1) * sizeof(*codes));

	out->on = 0;
	out->codes = codes;
	for (;;) {
		size_t len = strcspn(text, ",");

		read_retry_word(out, codes, (struct slice){ text, len });
		if (text[len] == '\0')
			return;
		text += len + 1;
	}
}

void
compile_retries(struct destination_context *x, const struct value *retries,
		struct route_retries *out)
{
	struct destination_context of_mesh = *x;
	int64_t attempts = 0;
	uint64_t backoff;
	bool avoids_tried = true;
	const char *on;

	*out = (struct route_retries){
		.is_default = true, .attempts = 2, .backoff_ns = BACKOFF_NS,
		.on = RETRY_CONNECT_FAILURE | RETRY_REFUSED_STREAM | RETRY_GRPC_UNAVAILABLE |
		      RETRY_GRPC_CANCELLED | RETRY_STATUS_CODES };
	if (!value_is_map(retries)) {
		retries = x->c->mesh->settings.retries;
		of_mesh.vs = NULL;	/* whoever wrote the rule did not write them */
		x = &of_mesh;
	}
	if (!value_is_map(retries))
		return;
	out->is_default = false;
	value_to_int(value_get(retries, "attempts"), &attempts);
	out->attempts = attempts > 0 ? (uint32_t)(attempts < 10000 ? attempts : 10000) : 0;
	if (out->attempts == 0) {
		out->on = 0;
		return;
	}
	value_to_bool(value_get(retries, "retryIgnorePreviousHosts"), &avoids_tried);
	out->takes_tried = !avoids_tried;
	value_to_bool(value_get(retries, "retryRemoteLocalities"), &out->leaves_priorities);
	on = value_get_text(retries, "retryOn");
	if (on != NULL && on[0] != '\0')
		read_retry_on(x->c->arena, out, on);
	out->per_try_timeout_ns = compile_duration(x, value_get(retries, "perTryTimeout"),
						   "retries.perTryTimeout");
	backoff = compile_duration(x, value_get(retries, "backoff"), "retries.backoff");
	if (backoff > 0)
		out->backoff_ns = backoff;
}

static void
add_mirror(struct destination_context *x, struct http_rule *out,
	   const struct value *destination, uint32_t per_million)
{
	if (!value_is_map(destination) || per_million == 0)
		return;
	out->mirrors[out->mirror_count++] = (struct route_mirror){
		cluster_of_destination(x->c, x->v, destination, x->vs->ns, x->port),
		per_million };
}

/* mirror with mirrorPercentage, or mirrors[]; absent percentages are 100. */
void
compile_mirrors(struct destination_context *x, const struct value *http,
		struct http_rule *out)
{
	const struct value *list = value_get(http, "mirrors");
	const struct value *one = value_get(http, "mirror");
	size_t n = (list != NULL ? list->count : 0) + (one != NULL);
	const char *old_key = value_get(http, "mirrorPercent") != NULL ? "mirrorPercent"
								       : "mirror_percent";

	if (n == 0)
		return;
	out->mirrors = arena_alloc(x->c->arena, n * sizeof(*out->mirrors));
	add_mirror(x, out, one, read_percent(http, "mirrorPercentage", old_key, MILLION));
	VALUE_EACH(m, list)
		add_mirror(x, out, value_get(m, "destination"),
			   read_percent(m, "percentage", "", MILLION));
}

static const char *
lower_dup(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

static int
compare_ops(const void *a, const void *b)
{
	return strcmp(((const struct header_op *)a)->name, ((const struct header_op *)b)->name);
}

/* Members of a map, sorted by name; Host goes to *authority. */
static void
add_ops(struct arena *a, const struct value *map, int op, struct header_ops *out,
	const char **authority)
{
	size_t first = out->count;

	MEMBER_EACH(v, map) {
		const char *name = lower_dup(a, v->key);
		struct header_op *o = &out->ops[out->count];

		if (value_text(v) == NULL)
			continue;
		if (strcmp(name, ":authority") == 0 || strcmp(name, "host") == 0) {
			if (authority != NULL && *authority == NULL)
				*authority = value_text(v);
			continue;
		}
		o->name = name;
		o->value = value_text(v);
		if (op == HEADER_SET)
			o->op = HEADER_SET;
		else
			o->op = HEADER_ADD;
		out->count++;
	}
	if (out->count > first)
		qsort(out->ops + first, out->count - first, sizeof(*out->ops), compare_ops);
}

void
compile_header_ops(struct arena *a, const struct value *ops, struct header_ops *out,
		   const char **authority)
{
	const struct value *set = value_get(ops, "set"), *add = value_get(ops, "add");
	const struct value *removed = value_get(ops, "remove");
	size_t n = (set != NULL ? set->count : 0) + (add != NULL ? add->count : 0) +
		   (removed != NULL ? removed->count : 0);

	*out = (struct header_ops){ NULL, 0 };
	if (n == 0)
		return;
	out->ops = arena_alloc(a, n * sizeof(*out->ops));
	VALUE_EACH(v, removed)
		if (value_text(v) != NULL)
			out->ops[out->count++] = (struct header_op){
				HEADER_REMOVE, lower_dup(a, value_text(v)), NULL };
	add_ops(a, set, HEADER_SET, out, authority);
	add_ops(a, add, HEADER_ADD, out, authority);
}

static void
copy_ops(struct header_ops *out, const struct header_ops *from, bool removes)
{
	for (size_t i = 0; i < from->count; i++)
		if ((from->ops[i].op == HEADER_REMOVE) == removes)
			out->ops[out->count++] = from->ops[i];
}

/* One list of both: a single destination's operations come after the rule's. */
void
join_header_ops(struct arena *a, struct header_ops *rule,
		const struct header_ops *destination)
{
	struct header_ops both = { NULL, 0 };

	if (destination->count == 0)
		return;
	both.ops = arena_alloc(a, (rule->count + destination->count) * sizeof(*both.ops));
	copy_ops(&both, rule, true);
	copy_ops(&both, destination, true);
	copy_ops(&both, rule, false);
	copy_ops(&both, destination, false);
	*rule = both;
}

struct route_destination *
compile_destinations(struct destination_context *x, const struct value *routes,
		     size_t *count, uint32_t *total)
{
	struct route_destination *out;
	size_t n = 0;

	*count = routes != NULL ? routes->count : 0;
	*total = 0;
	if (*count == 0)
		return NULL;
	out = arena_alloc(x->c->arena, *count * sizeof(*out));
	VALUE_EACH(route, routes) {
		const struct value *to = value_get(route, "destination");
		const struct value *headers = value_get(route, "headers");
		struct route_destination *d = &out[n++];
		int64_t weight = 0, port = 0;

		value_to_int(value_get(route, "weight"), &weight);
		value_to_int(value_get(value_get(to, "port"), "number"), &port);
		d->host = value_get_text(to, "host");
		d->subset = value_get_text(to, "subset");
		d->host = d->host != NULL ? d->host : "";
		d->subset = d->subset != NULL ? d->subset : "";
		d->port = port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
		d->weight = weight > 0 && weight <= UINT32_MAX ? (uint32_t)weight : 0;
		if (*count == 1 && d->weight == 0)
			d->weight = SINGLE_WEIGHT;
		*total += d->weight;
		d->cluster = cluster_of_destination(x->c, x->v, to, x->vs->ns, x->port);
		compile_header_ops(x->c->arena, value_get(headers, "request"), &d->request,
				   &d->authority);
		compile_header_ops(x->c->arena, value_get(headers, "response"), &d->response,
				   NULL);
	}
	return out;
}
