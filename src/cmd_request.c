/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `request`: one request, sent from a workload's own address to a service's,
 * so that the engine treats it as the workload's; then its record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "src/base/address.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/client/admin.h"
#include "src/client/http.h"
#include "src/commands.h"
#include "src/http/head.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/platform/names.h"
#include "src/ports.h"
#include "src/store/store.h"
#include "src/target.h"

#define TIMEOUT_MS 300000
#define RECORD_WAIT_MS 1500	/* the record is written when the exchange has ended */
#define RECORD_PAUSE_NS 10000000
#define ID_BYTES (RNG_UUID_BYTES + 1)

const struct cli_option cmd_request_options[] = {
	{ "from", 0, "WORKLOAD.NS", "who sends it" },
	{ "request", 'X', "METHOD", "the method (GET; POST with -d)" },
	{ "header", 'H', "'NAME: VALUE'", "a header; may be repeated" },
	{ "data", 'd', "BODY", "the body" },
	{ NULL, 0, NULL, NULL },
};

struct requesting {
	const struct cli *cli;
	struct arena *arena;
	struct target target;
	struct snapshot *snapshot;
	struct mesh *mesh;
	const struct mesh_workload *workload;
	struct address source;
	const char *url, *host;
	uint16_t port;
	char id[ID_BYTES];
	VEC(const char *) headers;
	struct http_call_options call;
	struct http_answer answer;
	const struct value *record;	/* NULL: the engine has none */
};

static void
make_id(char out[ID_BYTES])
{
	struct rng rng;

	rng_seed_random(&rng);
	rng_uuid(&rng, out);
	out[RNG_UUID_BYTES] = '\0';
}

static const char *
lower_case(struct arena *a, struct slice s)
{
	char *text = arena_strndup(a, s.ptr, s.len);

	for (char *p = text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return text;
}

/* http://HOST[:PORT][/PATH]; the scheme may be left out. */
static int
parse_url(struct requesting *r, const char *word, struct error *err)
{
	const char *rest = strstr(word, "://");
	struct slice authority;
	struct slice host;
	int port = -1;

	if (rest != NULL && strncasecmp(word, "http://", 7) != 0)
		return error_setf(err, ERROR_USAGE, "request: '%s': only http:// can be sent", word);
	r->url = rest != NULL ? word : arena_printf(r->arena, "http://%s", word);
	rest = strstr(r->url, "://") + 3;
	authority = (struct slice){ rest, strcspn(rest, "/?#") };
	if (!http_is_authority(authority))
		return error_setf(err, ERROR_USAGE, "request: '%s' is not a URL", word);
	for (const char *p = r->url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return error_setf(err, ERROR_USAGE, "request: '%s' is not a URL", word);
	host = http_authority_host(authority, &port);
	if (port == 0)
		return error_setf(err, ERROR_USAGE, "request: '%s': port 0", word);
	r->host = lower_case(r->arena, host);
	r->port = port > 0 ? (uint16_t)port : 80;
	return 0;
}

static int
read_headers(struct requesting *r, struct error *err)
{
	const char *id = NULL;

	for (size_t i = 0; i < cli_count(r->cli, "header"); i++) {
		const char *h = cli_value_at(r->cli, "header", i);
		size_t name = strcspn(h, ":");

		if (h[name] != ':' || !http_is_token((struct slice){ h, name }) ||
		    strpbrk(h, "\r\n") != NULL)
			return error_setf(err, ERROR_USAGE, "request: '%s' is not 'NAME: VALUE'", h);
		if (name == 12 && strncasecmp(h, "x-request-id", 12) == 0)
			id = h + 13 + strspn(h + 13, " \t");
		vec_push(&r->headers, h);
	}
	make_id(r->id);
	if (id != NULL)
		snprintf(r->id, sizeof(r->id), "%s", id);
	else
		vec_push(&r->headers, arena_printf(r->arena, "x-request-id: %s", r->id));
	vec_push(&r->headers, NULL);
	return 0;
}

static int
find_workload(struct requesting *r, struct error *err)
{
	const char *word = cli_value(r->cli, "from");
	const char *default_ns;
	char *name, *ns;

	if (cli_namespace(r->cli, &default_ns, err) < 0)
		return -1;
	target_split_name(word, default_ns, &name, &ns);
	r->workload = mesh_find_workload(r->mesh, ns, name);
	free(name);
	free(ns);
	if (r->workload == NULL)
		return error_setf(err, ERROR_REFUSED, "--from %s: there is no such workload", word);
	for (size_t i = 0; i < r->workload->instance_count; i++) {
		r->source = r->workload->instances[i]->address;
		if (address_is_set(&r->source))
			return 0;
	}
	return error_setf(err, ERROR_REFUSED, "--from %s: the workload has no running copy with an "
			  "address", word);
}

static bool
is_known_host(const struct requesting *r)
{
	struct address unused;

	for (size_t i = 0; i < r->mesh->service_count; i++) {
		const struct mesh_service *s = r->mesh->services[i];

		for (size_t p = 0; p < s->port_count; p++)
			if (name_resolve(r->mesh, r->workload->ns, r->host, s->ports[p].number, &unused))
				return true;
	}
	return false;
}

/* Where the URL's host leads, seen from the workload. */
static int
choose_way(struct requesting *r, struct error *err)
{
	static const char loopback[] = "127.";
	char *text = arena_alloc(r->arena, ADDRESS_TEXT_BYTES);
	char *from = arena_alloc(r->arena, ADDRESS_TEXT_BYTES);
	struct address to;

	address_host_text(&r->source, from);
	if (name_resolve(r->mesh, r->workload->ns, r->host, r->port, &to)) {
		address_host_text(&to, text);
		r->call.dial_host = text;
		r->call.dial_port = address_port(&to) == r->port ? port_as_bound(r->port) :
				    address_port(&to);	/* a pod of a headless service */
		r->call.source_address = from;
		return 0;
	}
	if (is_known_host(r))
		return error_setf(err, ERROR_REFUSED, "%s has no port %u", r->host, (unsigned)r->port);
	if (address_is_set(&r->workload->egress)) {
		address_text(&r->workload->egress, text);
		r->call.proxy = arena_printf(r->arena, "http://%s", text);
	} else if (strncmp(r->host, loopback, sizeof(loopback) - 1) == 0) {
		r->call.dial_port = port_as_bound(r->port);
		r->call.source_address = from;
	}
	return 0;
}

static int
prepare(struct requesting *r, struct error *err)
{
	const char *body = cli_value(r->cli, "data"), *method = cli_value(r->cli, "request");
	struct buf ready = BUF_INIT;
	int status;

	if (target_choose(&r->target, r->cli, TARGET_DEMANDED, err) < 0)
		return -1;
	if (cli_value(r->cli, "from") == NULL)
		return error_setf(err, ERROR_USAGE, "request: --from WORKLOAD.NS is missing");
	if (method != NULL && !http_is_token(slice_of(method)))
		return error_setf(err, ERROR_USAGE, "request: '%s' is not a method", method);
	if (parse_url(r, cli_operand(r->cli, 0), err) < 0 || read_headers(r, err) < 0 ||
	    target_load(&r->target, &r->snapshot, NULL, err) < 0)
		return -1;
	status = admin_get(store_path(r->target.store), "/ready", &ready, err);
	buf_fini(&ready);
	if (status < 0) {
		err->code = ERROR_UNREACHABLE;
		return -1;
	}
	r->mesh = target_compile(&r->target, r->snapshot, NULL);
	r->call = (struct http_call_options){
		.method = method != NULL ? method : body != NULL ? "POST" : "GET", .url = r->url,
		.headers = r->headers.items, .body = body, .timeout_ms = TIMEOUT_MS,
		.body_len = body != NULL ? strlen(body) : 0,
	};
	return find_workload(r, err) < 0 ? -1 : choose_way(r, err);
}

/* Served elsewhere than we thought when nobody listens there. */
static void
send_request(struct requesting *r)
{
	http_do(&r->call, &r->answer, NULL);
	if (!r->answer.was_refused || r->call.dial_port == 0)
		return;
	http_answer_fini(&r->answer);
	r->call.dial_port = r->call.dial_port == r->port ? (uint16_t)(r->port + 20000) : r->port;
	http_do(&r->call, &r->answer, NULL);
}

/* Id in a query: everything but unreserved characters is escaped. */
static void
put_escaped(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr("-._~", *s) != NULL || (*s >= '0' && *s <= '9') ||
		    (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
			buf_putc(out, *s);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

/* The record of the caller's side comes when the exchange has ended. */
static void
fetch_record(struct requesting *r)
{
	uint64_t end = clock_mono_ns(&clock_system) + RECORD_WAIT_MS * NS_PER_MS;
	struct timespec pause = { .tv_nsec = RECORD_PAUSE_NS };
	struct buf path = BUF_INIT;

	buf_puts(&path, "/requests?id=");
	put_escaped(&path, r->id);
	while (r->record == NULL && clock_mono_ns(&clock_system) < end) {
		struct value *list = admin_get_json(r->arena, store_path(r->target.store),
						    buf_str(&path), NULL);

		if (value_is_map(list))
			list = value_get(list, "requests");
		if (list == NULL)
			break;
		if (list->count > 0)
			r->record = list->last;
		else
			nanosleep(&pause, NULL);
	}
	buf_fini(&path);
}

static const struct value *
headers_value(struct requesting *r)
{
	struct value *map = value_new_map(r->arena);

	for (size_t i = 0; i < r->answer.headers.len; i++) {
		const struct http_answer_header *h = &r->answer.headers.items[i];
		const char *before = value_get_text(map, h->name);

		value_set_string(r->arena, map, h->name, before == NULL ? h->value :
				 arena_printf(r->arena, "%s, %s", before, h->value));
	}
	return map;
}

/* A text that may hold anything, as valid UTF-8. */
static struct value *
body_value(struct requesting *r)
{
	const char *s = buf_str(&r->answer.body);
	size_t len = r->answer.body.len;
	struct buf text = BUF_INIT;
	struct value *v;

	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(s, len, &cp, &ok);

		if (ok && cp != 0)
			buf_append(&text, s, used);
		else
			buf_puts(&text, "\xef\xbf\xbd");
		s += used;
		len -= used;
	}
	v = value_new_string(r->arena, buf_str(&text));
	buf_fini(&text);
	return v;
}

/* An answer that was cut off has the status that its head had. */
static unsigned
status_of(const struct requesting *r)
{
	const char *own = value_get_text(r->record, "status");

	if (r->answer.status != 0 || own == NULL)
		return r->answer.status;
	return (unsigned)strtoul(own, NULL, 10);
}

/* The answer in the words of design.md section 4. */
static struct value *
result_value(struct requesting *r)
{
	static const char *const fields[] = { "details", "service", "rule", "cluster", "subset",
					      "endpoint", "attempts" };
	struct arena *a = r->arena;
	struct value *v = value_new_map(a);
	const struct value *own;

	value_set_int(a, v, "status", status_of(r));
	own = value_get(r->record, "flags");
	value_set(a, v, "flags", own != NULL ? value_copy(a, own) : value_new_list(a));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		own = value_get(r->record, fields[i]);
		value_set(a, v, fields[i], own != NULL ? value_copy(a, own) :
			  strcmp(fields[i], "attempts") == 0 ? value_new_list(a) : value_new_null(a));
	}
	own = value_get(r->record, "duration_ms");
	value_set(a, v, "duration_ms", own != NULL ? value_copy(a, own) :
		  value_new_double(a, (double)r->answer.duration_us / 1000));
	value_set(a, v, "headers", value_copy(a, headers_value(r)));
	value_set(a, v, "body", body_value(r));
	return v;
}

static void
put_line(struct buf *out, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	buf_printf(out, "%-10s", name);
	text_sanitize(out, text, strlen(text));
	buf_putc(out, '\n');
}

static void
put_rule(const struct value *rule, struct buf *out)
{
	struct buf line = BUF_INIT;
	const char *kind = value_get_text(rule, "kind"), *name = value_get_text(rule, "name");
	const char *ns = value_get_text(rule, "namespace"), *index = value_get_text(rule, "index");
	const char *match = value_get_text(rule, "match");

	if (name == NULL)
		return;
	buf_printf(&line, "%s %s.%s http[%s]", kind != NULL ? kind : "", name, ns != NULL ? ns : "",
		   index != NULL ? index : "?");
	if (match != NULL && *match != '\0')
		buf_printf(&line, ": %s", match);
	put_line(out, "rule", buf_str(&line));
	buf_fini(&line);
}

static void
put_attempts(const struct value *attempts, struct buf *out)
{
	VALUE_EACH(at, attempts) {
		struct buf line = BUF_INIT;
		const char *endpoint = value_get_text(at, "endpoint"), *ms = value_get_text(at, "ms");
		const char *status = value_get_text(at, "status");

		buf_printf(&line, "%s %s", endpoint != NULL ? endpoint : "no endpoint",
			   status != NULL ? status : "-");
		VALUE_EACH(flag, value_get(at, "flags"))
			buf_printf(&line, " %s", value_text(flag) != NULL ? value_text(flag) : "");
		if (ms != NULL)
			buf_printf(&line, " (%s ms)", ms);
		put_line(out, "attempt", buf_str(&line));
		buf_fini(&line);
	}
}

static void
put_text(struct requesting *r, const struct value *v, struct buf *out)
{
	struct buf flags = BUF_INIT;
	const char *ms = value_get_text(v, "duration_ms");

	VALUE_EACH(f, value_get(v, "flags"))
		buf_printf(&flags, "%s%s", flags.len > 0 ? "," : "", value_text(f));
	buf_printf(out, "%-10s%u%s%s (%s ms)\n", "status", status_of(r),
		   flags.len > 0 ? " " : "", buf_str(&flags), ms != NULL ? ms : "?");
	put_line(out, "details", value_get_text(v, "details"));
	put_line(out, "service", value_get_text(v, "service"));
	put_rule(value_get(v, "rule"), out);
	put_line(out, "cluster", value_get_text(v, "cluster"));
	put_line(out, "subset", value_get_text(v, "subset"));
	put_line(out, "endpoint", value_get_text(v, "endpoint"));
	put_attempts(value_get(v, "attempts"), out);
	buf_putc(out, '\n');
	for (size_t i = 0; i < r->answer.headers.len; i++) {
		text_sanitize(out, r->answer.headers.items[i].name,
			      strlen(r->answer.headers.items[i].name));
		buf_puts(out, ": ");
		text_sanitize(out, r->answer.headers.items[i].value,
			      strlen(r->answer.headers.items[i].value));
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	text_sanitize_lines(out, buf_str(&r->answer.body), r->answer.body.len);
	if (r->answer.body.len > 0 && out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
	buf_fini(&flags);
}

static void
put_result(struct requesting *r, enum cli_output form, struct buf *out)
{
	struct value *v = result_value(r);

	if (form == OUTPUT_TEXT) {
		put_text(r, v, out);
	} else if (form == OUTPUT_YAML) {
		yaml_emit(out, v);
	} else {
		json_emit(out, v, true);
		buf_putc(out, '\n');
	}
}

/* No answer: the engine's record, if there is one, still says why. */
static int
request(struct requesting *r, struct buf *out, struct error *err)
{
	enum cli_output form;

	if (cli_output(r->cli, &form, err) < 0 || prepare(r, err) < 0)
		return -1;
	send_request(r);
	fetch_record(r);
	if (r->answer.status == 0 && r->record == NULL)
		return error_setf(err, r->answer.was_refused ? ERROR_UNREACHABLE : ERROR_REFUSED,
				  "no answer from %s: %s", r->url, r->answer.error);
	put_result(r, form, out);
	return 0;
}

int
cmd_request(struct cli *c)
{
	struct requesting r = { .cli = c };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	int status;

	r.arena = arena_new();
	status = request(&r, &out, &err) < 0 ? cli_fail(&err) :
		 cli_print(&out, r.answer.status != 0 ? EXIT_YES : EXIT_NO);
	http_answer_fini(&r.answer);
	vec_fini(&r.headers);
	mesh_put(&r.mesh);
	snapshot_put(&r.snapshot);
	target_fini(&r.target);
	arena_free(&r.arena);
	buf_fini(&out);
	return status;
}
