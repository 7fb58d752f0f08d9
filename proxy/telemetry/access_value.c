/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command operators of access logs; see access_value.h. */
#include "proxy/telemetry/access_value.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "proxy/telemetry/field_lines.h"
#include "proxy/telemetry/record.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/mesh/route.h"
#include "src/model/response_flags.h"

#define FIELD_NAME_BYTES 128

struct access_operator {
	const char *name;
	void (*get)(const struct record *r, struct slice argument, struct access_value *v);
};

static void
put_number(struct access_value *v, uint64_t n)
{
	v->kind = ACCESS_NUMBER;
	v->number = n;
}

static void
put_slice(struct access_value *v, struct slice s)
{
	if (s.len == 0)
		return;
	v->kind = ACCESS_TEXT;
	v->text = s;
}

static void
put_text(struct access_value *v, const char *s)
{
	put_slice(v, slice_of(s));
}

static void
put_made(struct access_value *v)
{
	put_slice(v, (struct slice){ buf_str(&v->made), v->made.len });
}

static void
put_address(struct access_value *v, const struct address *a)
{
	if (a == NULL || !address_is_set(a))
		return;
	address_text(a, v->room);
	put_text(v, v->room);
}

static void
put_host(struct access_value *v, const struct address *a)
{
	if (a == NULL || !address_is_set(a))
		return;
	address_host_text(a, v->room);
	put_text(v, v->room);
}

static void
put_port(struct access_value *v, const struct address *a)
{
	if (a != NULL && address_port(a) != 0)
		put_number(v, address_port(a));
}

static void
put_span(struct access_value *v, uint64_t from_ns, uint64_t to_ns)
{
	if (to_ns != 0)
		put_number(v, to_ns > from_ns ? (to_ns - from_ns) / NS_PER_MS : 0);
}

#define GET(name) \
	static void get_##name(const struct record *r, struct slice argument, \
			       struct access_value *v)
#define UNUSED (void)argument

GET(start_time)
{
	UNUSED;
	clock_format_iso(r->start_wall_ms, v->room);
	put_text(v, v->room);
}

GET(protocol)
{
	UNUSED;
	if (r->head != NULL)
		put_text(v, r->head->minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
}

GET(response_code) { UNUSED; put_number(v, r->status); }
GET(bytes_received) { UNUSED; put_number(v, r->request_body_bytes); }
GET(bytes_sent) { UNUSED; put_number(v, r->response_body_bytes); }
GET(duration) { UNUSED; put_number(v, r->end_ns > r->start_ns ? (r->end_ns - r->start_ns) / NS_PER_MS : 0); }
GET(request_duration) { UNUSED; put_span(v, r->start_ns, r->request_end_ns); }
GET(response_duration) { UNUSED; put_span(v, r->start_ns, r->upstream_head_ns); }
GET(attempt_count) { UNUSED; put_number(v, r->tries); }
GET(details) { UNUSED; put_text(v, r->details); }
GET(transport_failure) { UNUSED; put_text(v, r->transport_failure); }
GET(upstream_host) { UNUSED; put_address(v, r->upstream); }
GET(upstream_local) { UNUSED; put_address(v, r->upstream_local); }
GET(downstream_local) { UNUSED; put_address(v, r->downstream_local); }
GET(downstream_remote) { UNUSED; put_address(v, r->downstream_remote); }
GET(downstream_local_host) { UNUSED; put_host(v, r->downstream_local); }
GET(downstream_remote_host) { UNUSED; put_host(v, r->downstream_remote); }
GET(upstream_port) { UNUSED; put_port(v, r->upstream); }
GET(upstream_only_host) { UNUSED; put_host(v, r->upstream); }
GET(downstream_local_port) { UNUSED; put_port(v, r->downstream_local); }
GET(downstream_remote_port) { UNUSED; put_port(v, r->downstream_remote); }
GET(host_name) { UNUSED; put_text(v, r->self_instance != NULL ? r->self_instance->name : ""); }

GET(grpc_status)
{
	UNUSED;
	if (r->grpc_status >= 0)
		put_number(v, (uint64_t)r->grpc_status);
}

GET(flags)
{
	UNUSED;
	_Static_assert(sizeof(v->room) >= RESPONSE_FLAGS_BYTES, "room for all flags");
	response_flags_text(r->flags, v->room);
	put_text(v, v->room);
}

GET(upstream_cluster)
{
	UNUSED;
	if (r->target == TARGET_BLACK_HOLE) {
		/* of HTTP, a route answers directly */
		if (r->protocol == RECORD_TCP)
			put_text(v, "BlackHoleCluster");
	} else if (r->target == TARGET_PASSTHROUGH) {
		put_text(v, r->side == SIDE_OUTBOUND ? "PassthroughCluster"
						     : "InboundPassthroughCluster");
	} else if (r->cluster != NULL) {
		put_text(v, r->cluster->name);
	} else if (r->side == SIDE_INBOUND && r->downstream_local != NULL) {
		snprintf(v->room, sizeof(v->room), "inbound|%u||",
			 (unsigned)address_port(r->downstream_local));
		put_text(v, v->room);
	}
}

GET(route_name)
{
	UNUSED;
	if (r->protocol == RECORD_TCP)
		return;
	if (r->rule != NULL)
		put_text(v, http_rule_log_name(r->rule, r->match));
	else if (r->target == TARGET_BLACK_HOLE)
		put_text(v, "block_all");
	else if (r->target == TARGET_PASSTHROUGH && r->side == SIDE_OUTBOUND)
		put_text(v, "allow_any");
	else if (r->side == SIDE_INBOUND && r->head != NULL)
		put_text(v, "default");
}

/* Fields and pseudo-fields of the request, as they are at its end (spec/dataplane.md
 * 3.2, 3.3, 6.2). */

static void
put_path(const struct record *r, struct access_value *v)
{
	struct slice path = r->sent_path.ptr != NULL ? r->sent_path : r->path;

	if (r->head == NULL || r->head->query.ptr == NULL) {
		put_slice(v, path);
		return;
	}
	buf_append(&v->made, path.ptr, path.len);
	buf_putc(&v->made, '?');
	buf_append(&v->made, r->head->query.ptr, r->head->query.len);
	put_made(v);
}

/* What was sent last, where a rule has had its say on it. */
static void
put_sent_field(const struct record *r, struct slice name, struct access_value *v)
{
	struct slice lines = r->sent_lines;
	struct field_line f;

	while (field_lines_next(&lines, &f)) {
		if (!slice_eq_nocase(f.name, name))
			continue;
		put_slice(v, f.value);
		return;
	}
}

static void
put_field(const struct record *r, struct slice name, struct access_value *v)
{
	char lower[FIELD_NAME_BYTES];
	const struct http_field *f;

	if (r->head == NULL || name.len > sizeof(lower))
		return;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] | 0x20)
								   : name.ptr[i];
	f = http_head_find(r->head, (struct slice){ lower, name.len });
	if (f != NULL)
		put_slice(v, f->value);
}

static void
put_request_id(const struct record *r, struct slice name, struct access_value *v)
{
	(void)name;
	put_slice(v, r->request_id);
}

/* A gateway has put its peer at the end of the list. */
static void
put_forwarded_for(const struct record *r, struct slice name, struct access_value *v)
{
	char peer[ADDRESS_TEXT_BYTES];

	if (r->head == NULL || !r->self->is_gateway) {
		put_field(r, name, v);
		return;
	}
	for (unsigned i = 0; i < r->head->field_count; i++) {
		const struct http_field *f = &r->head->fields[i];

		if (f->id != FIELD_X_FORWARDED_FOR)
			continue;
		buf_append(&v->made, f->value.ptr, f->value.len);
		buf_putc(&v->made, ',');
	}
	address_host_text(r->downstream_remote, peer);
	buf_puts(&v->made, peer);
	put_made(v);
}

/* A client's own word counts where no rule and no gateway makes it void. */
static void
put_original_path(const struct record *r, struct slice name, struct access_value *v)
{
	if (r->original_path.len > 0)
		put_slice(v, r->original_path);
	else if (!r->self->is_gateway)
		put_field(r, name, v);
}

static void
put_forwarded_proto(const struct record *r, struct slice name, struct access_value *v)
{
	if (r->head != NULL && (r->self->is_gateway || r->head->first[FIELD_X_FORWARDED_PROTO] == 0))
		put_slice(v, route_scheme(r->head, mesh_trusts_client(r->self)));
	else
		put_field(r, name, v);
}

static void
put_attempt_count(const struct record *r, struct slice name, struct access_value *v)
{
	if (r->side == SIDE_OUTBOUND && r->tries > 0)
		put_number(v, r->tries);
	else
		put_field(r, name, v);
}

static void
put_original_host(const struct record *r, struct slice name, struct access_value *v)
{
	if (r->head != NULL && !slice_eq(r->authority, r->head->authority))
		put_slice(v, r->head->authority);
	else if (!r->self->is_gateway)
		put_field(r, name, v);
}

/* Fields that the proxy itself makes. */
static const struct {
	const char *name;
	void (*put)(const struct record *r, struct slice name, struct access_value *v);
} own_fields[] = {
	{ "x-request-id", put_request_id },
	{ "x-forwarded-for", put_forwarded_for },
	{ "x-envoy-original-path", put_original_path },
	{ "x-forwarded-proto", put_forwarded_proto },
	{ "x-envoy-attempt-count", put_attempt_count },
	{ "x-envoy-original-host", put_original_host },
};

static void
put_kept_field(const struct record *r, struct slice name, struct access_value *v)
{
	for (size_t i = 0; i < ARRAY_LEN(own_fields); i++) {
		if (!slice_eq_nocase(name, slice_of(own_fields[i].name)))
			continue;
		own_fields[i].put(r, name, v);
		return;
	}
	put_field(r, name, v);
}

static void
put_request(const struct record *r, struct slice name, struct access_value *v)
{
	if (slice_eq_nocase(name, SLICE(":method")))
		put_slice(v, r->head != NULL ? r->head->method : SLICE_NONE);
	else if (slice_eq_nocase(name, SLICE(":path")))
		put_path(r, v);
	else if (slice_eq_nocase(name, SLICE(":authority")) || slice_eq_nocase(name, SLICE("host")))
		put_slice(v, r->authority);
	else if (slice_eq_nocase(name, SLICE(":scheme")))
		put_slice(v, r->head != NULL ? route_scheme(r->head, mesh_trusts_client(r->self))
					     : SLICE_NONE);
	else if (r->sent_lines.len > 0)
		put_sent_field(r, name, v);
	else
		put_kept_field(r, name, v);
}

GET(request)
{
	const char *mark = argument.len > 0 ? memchr(argument.ptr, '?', argument.len) : NULL;
	size_t first = mark != NULL ? (size_t)(mark - argument.ptr) : argument.len;

	put_request(r, (struct slice){ argument.ptr, first }, v);
	if (v->kind == ACCESS_ABSENT && mark != NULL)
		put_request(r, (struct slice){ mark + 1, argument.len - first - 1 }, v);
}

/* Of the response the record knows what the proxy itself adds. */
GET(response)
{
	if (slice_eq_nocase(argument, SLICE("x-envoy-upstream-service-time")))
		put_span(v, r->service_start_ns, r->upstream_head_ns);
}

GET(server_name) { UNUSED; put_slice(v, r->server_name); }
GET(nothing) { UNUSED; (void)r; (void)v; }

static const struct access_operator operators[] = {
	{ "START_TIME", get_start_time },
	{ "REQ", get_request },
	{ "RESP", get_response },
	{ "PROTOCOL", get_protocol },
	{ "RESPONSE_CODE", get_response_code },
	{ "RESPONSE_FLAGS", get_flags },
	{ "RESPONSE_CODE_DETAILS", get_details },
	{ "CONNECTION_TERMINATION_DETAILS", get_nothing },
	{ "UPSTREAM_TRANSPORT_FAILURE_REASON", get_transport_failure },
	{ "BYTES_RECEIVED", get_bytes_received },
	{ "BYTES_SENT", get_bytes_sent },
	{ "DURATION", get_duration },
	{ "REQUEST_DURATION", get_request_duration },
	{ "RESPONSE_DURATION", get_response_duration },
	{ "UPSTREAM_HOST", get_upstream_host },
	{ "UPSTREAM_REMOTE_ADDRESS", get_upstream_host },
	{ "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", get_upstream_only_host },
	{ "UPSTREAM_REMOTE_PORT", get_upstream_port },
	{ "UPSTREAM_CLUSTER", get_upstream_cluster },
	{ "UPSTREAM_CLUSTER_RAW", get_upstream_cluster },
	{ "UPSTREAM_LOCAL_ADDRESS", get_upstream_local },
	{ "UPSTREAM_REQUEST_ATTEMPT_COUNT", get_attempt_count },
	{ "DOWNSTREAM_LOCAL_ADDRESS", get_downstream_local },
	{ "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", get_downstream_local_host },
	{ "DOWNSTREAM_LOCAL_PORT", get_downstream_local_port },
	{ "DOWNSTREAM_REMOTE_ADDRESS", get_downstream_remote },
	{ "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", get_downstream_remote_host },
	{ "DOWNSTREAM_REMOTE_PORT", get_downstream_remote_port },
	{ "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", get_downstream_remote },
	{ "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", get_downstream_remote_host },
	{ "DOWNSTREAM_DIRECT_REMOTE_PORT", get_downstream_remote_port },
	{ "HOSTNAME", get_host_name },
	{ "REQUESTED_SERVER_NAME", get_server_name },
	{ "ROUTE_NAME", get_route_name },
	{ "GRPC_STATUS_NUMBER", get_grpc_status },
};

const struct access_operator *
access_operator_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (slice_is(name, operators[i].name))
			return &operators[i];
	return NULL;
}

void
access_operator_get(const struct access_operator *op, const struct record *r,
		    struct slice argument, struct access_value *out)
{
	out->kind = ACCESS_ABSENT;
	buf_clear(&out->made);
	if (op != NULL)
		op->get(r, argument, out);
}

void
access_value_fini(struct access_value *v)
{
	buf_fini(&v->made);
}
