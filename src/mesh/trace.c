/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a rule took a request and others did not, in Istio's words.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/json.h"
#include "src/istio/host.h"
#include "src/mesh/table.h"

struct traced_rule {
	const char *ns, *name;
	const char *section;		/* "tls", "tcp"; NULL: http */
	size_t index;
	bool matched;
	const char *field, *want, *got;	/* of the first condition that failed */
};

struct route_trace {
	struct arena *arena;
	VEC(struct traced_rule) rules;
};

struct route_trace *
route_trace_new(void)
{
	struct route_trace *t = xcalloc(1, sizeof(*t));

	t->arena = arena_new();
	return t;
}

void
route_trace_free(struct route_trace **tp)
{
	struct route_trace *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	vec_fini(&t->rules);
	arena_free(&t->arena);
	free(t);
}

static void
put_slice(struct buf *out, struct slice s)
{
	if (s.len > 0)
		buf_append(out, s.ptr, s.len);
}

/* "headers[portal]" */
static void
put_field(const struct match_cond *cond, struct buf *out)
{
	static const char *const names[COND_FIELD_COUNT] = {
		"uri", "scheme", "method", "authority", "headers", "withoutHeaders",
		"queryParams" };

	buf_puts(out, names[cond->field]);
	if (cond->field < COND_HEADER)
		return;
	buf_putc(out, '[');
	put_slice(out, cond->name);
	buf_putc(out, ']');
}

/* "exact travels.uk", "not exact travels.uk", "absent" */
static void
put_want(const struct match_cond *cond, struct buf *out)
{
	static const char *const kinds[] = { "present", "exact ", "prefix ", "regex " };
	bool is_inverted = cond->field == COND_WITHOUT_HEADER;

	if (is_inverted && cond->kind == COND_PRESENT) {
		buf_puts(out, "absent");
		return;
	}
	if (is_inverted)
		buf_puts(out, "not ");
	buf_puts(out, kinds[cond->kind]);
	if (cond->kind != COND_PRESENT)
		put_slice(out, cond->text);
}

static const char *
keep(struct arena *a, struct buf *b)
{
	const char *s = arena_strndup(a, buf_str(b), b->len);

	buf_fini(b);
	return s;
}

static void
describe(struct route_trace *t, const struct match_cond *cond,
	 const struct route_request *r, struct traced_rule *out)
{
	struct buf field = BUF_INIT, want = BUF_INIT;
	char *scratch = xmalloc(HTTP_MAX_HEAD_BYTES);
	struct slice got;

	put_field(cond, &field);
	put_want(cond, &want);
	out->field = keep(t->arena, &field);
	out->want = keep(t->arena, &want);
	out->got = cond_value(cond, r, scratch, &got)
		? arena_strndup(t->arena, got.ptr != NULL ? got.ptr : "", got.len) : NULL;
	free(scratch);
}

/* Of several alternatives the one that came furthest. */
static void
trace_failed(struct route_trace *t, const struct http_rule *rule,
	     const struct route_request *r, struct traced_rule *out)
{
	const struct match_cond *best = NULL;
	size_t furthest = 0;

	for (size_t i = 0; i < rule->match_count; i++) {
		struct header_memo memo = { .name = NULL };
		size_t failed = 0;

		if (match_holds(&rule->matches[i], r, &memo, &failed) == COND_HELD)
			continue;
		if (best == NULL || failed > furthest) {
			best = &rule->matches[i].conds[failed];
			furthest = failed;
		}
	}
	if (best != NULL)
		describe(t, best, r, out);
}

/* A rule whose matches were all settled before any request. */
static void
trace_static(struct route_trace *t, const struct route_table *table,
	     const struct value *http, uint16_t port, struct traced_rule *out)
{
	const struct value *match = value_at(value_get(http, "match"), 0);

	static_match_why(t->arena, table->ns, table->labels, match, port, &out->field,
			 &out->want, &out->got);
}

/* Rules of several VirtualServices at a gateway: those that are left. */
static void
trace_compiled(struct route_trace *t, const struct http_rules *rules,
	       const struct http_rule *taken, const struct route_request *r)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct http_rule *rule = &rules->rules[i];
		struct traced_rule row = { .index = rule->index, .matched = rule == taken };

		if (rule->object == NULL)
			return;
		row.ns = rule->object->ns;
		row.name = rule->object->name;
		if (!row.matched)
			trace_failed(t, rule, r, &row);
		vec_push(&t->rules, row);
		if (row.matched)
			return;
	}
}

static bool
has_delegates(const struct object *vs)
{
	VALUE_EACH(http, value_get(vs->spec, "http"))
		if (value_get(http, "delegate") != NULL)
			return true;
	return false;
}

/* All entries of the one VirtualService, also those that no request reaches. */
static void
trace_entries(struct route_trace *t, const struct route_table *table,
	      const struct http_rules *rules, const struct http_rule *taken,
	      const struct route_request *r)
{
	const struct object *vs = rules->object;
	const struct http_rule *rule = rules->rules, *end = rule + rules->count;
	size_t index = 0;

	VALUE_EACH(http, value_get(vs->spec, "http")) {
		struct traced_rule row = { .ns = vs->ns, .name = vs->name, .index = index };
		bool is_left = rule < end && rule->index == index;

		row.matched = is_left && rule == taken;
		if (is_left && !row.matched)
			trace_failed(t, rule, r, &row);
		else if (!is_left)
			trace_static(t, table, http, r->port, &row);
		vec_push(&t->rules, row);
		if (row.matched)
			return;
		rule += is_left;
		index++;
	}
}

void
trace_rules(struct route_trace *t, const struct route_table *table, const struct vhost *host,
	    const struct http_rule *taken, const struct route_request *r)
{
	const struct http_rules *rules = host->rules;

	for (const struct emptied *e = table->emptied; e != NULL; e = e->next)
		if (e->service == host->service && e->port == r->port)
			trace_entries(t, table, &(struct http_rules){ .object = e->object }, NULL, r);
	if (rules->object != NULL && !has_delegates(rules->object))
		trace_entries(t, table, rules, taken, r);
	else
		trace_compiled(t, rules, taken, r);
}

/* --- connections --- */

static bool
is_in_subnets(const struct value *subnets, const struct address *to)
{
	struct subnet subnet;

	VALUE_EACH(v, subnets)
		if (to != NULL && value_text(v) != NULL && subnet_read(value_text(v), &subnet) &&
		    subnet_holds(&subnet, to))
			return true;
	return subnets == NULL || subnets->count == 0;
}

static bool
has_name(const struct value *names, struct slice name, struct arena *a)
{
	const char *text = arena_strndup(a, name.ptr, name.len);

	VALUE_EACH(v, names)
		if (value_text(v) != NULL && name.len > 0 && host_matches(value_text(v), text))
			return true;
	return false;
}

/* A match that would hold but for the name or the subnet. */
static void
describe_tls(struct route_trace *t, const struct value *match, const struct tcp_request *r,
	     struct traced_rule *out)
{
	const struct value *names = value_get(match, "sniHosts");
	const struct value *subnets = value_get(match, "destinationSubnets");
	char to[ADDRESS_TEXT_BYTES];

	if (!is_in_subnets(subnets, r->to)) {
		out->field = "destinationSubnets";
		out->want = joined_texts(t->arena, subnets);
		if (r->to != NULL) {
			address_host_text(r->to, to);
			out->got = arena_strdup(t->arena, to);
		}
		return;
	}
	out->field = "sniHosts";
	out->want = joined_texts(t->arena, names);
	if (r->server_name.len > 0)
		out->got = arena_printf(t->arena, "%.*s%s", (int)r->server_name.len,
					r->server_name.ptr, has_name(names, r->server_name, t->arena)
					? ", which a narrower match or an earlier rule takes" : "");
}

/* The first match that nothing settled before the connection; NULL: none.
 * At a gateway only those that became chains are known to be left. */
static const struct value *
open_match(const struct route_table *table, const struct object *vs, const struct value *rule,
	   uint16_t port)
{
	struct view v = { .ns = table->ns, .labels = table->labels, .rules_ns = vs->ns };

	VALUE_EACH(match, value_get(rule, "match"))
		if (table->is_gateway || static_match(&v, match, port, false))
			return match;
	return NULL;
}

static bool
is_chain(const struct route_tls_chain *chain, const struct object *vs, size_t index)
{
	for (; chain != NULL; chain = chain->next)
		if (chain->rule != NULL && chain->rule->object == vs && chain->rule->index == index)
			return true;
	return false;
}

static void
trace_stream_rules(struct route_trace *t, const struct route_table *table, const char *section,
		   const struct object *vs, const struct tcp_request *r,
		   const struct tcp_decision *d)
{
	const struct route_tls_chain *chains = route_tls_chains(table, r->service, r->port);
	size_t index = 0;

	VALUE_EACH(rule, value_get(vs->spec, section)) {
		struct traced_rule row = { .ns = vs->ns, .name = vs->name, .section = section,
					   .index = index };
		const struct value *match = open_match(table, vs, rule, r->port);

		row.matched = d->rule != NULL && d->rule->object == vs && d->rule->index == index;
		if (!row.matched && match == NULL)
			trace_static(t, table, rule, r->port, &row);
		else if (!row.matched && chains != NULL)
			describe_tls(t, match, r, &row);
		if (!table->is_gateway || row.matched || is_chain(chains, vs, index))
			vec_push(&t->rules, row);
		if (row.matched && chains == NULL)
			return;		/* the first one that holds */
		index++;
	}
}

/* Was this object's turn before, at an earlier chain? */
static bool
is_first_chain(const struct route_tls_chain *first, const struct route_tls_chain *chain)
{
	for (; first != chain; first = first->next)
		if (first->rule != NULL && first->rule->object == chain->rule->object)
			return false;
	return true;
}

void
route_trace_tcp(struct route_trace *t, const struct route_table *table,
		const struct tcp_request *r, const struct tcp_decision *d)
{
	const struct route_tls_chain *first = route_tls_chains(table, r->service, r->port);

	if (first == NULL && d->rule != NULL && d->rule->object != NULL)
		trace_stream_rules(t, table, "tcp", d->rule->object, r, d);
	for (const struct route_tls_chain *c = first; c != NULL; c = c->next)
		if (c->rule != NULL && c->rule->object != NULL && is_first_chain(first, c))
			trace_stream_rules(t, table, "tls", c->rule->object, r, d);
}

void
route_trace_put_json(const struct route_trace *t, struct json_writer *w)
{
	json_open(w, "rules", '[');
	for (size_t i = 0; i < t->rules.len; i++) {
		const struct traced_rule *rule = &t->rules.items[i];

		json_open(w, NULL, '{');
		json_string(w, "namespace", rule->ns);
		json_string(w, "name", rule->name);
		json_string(w, "section", rule->section != NULL ? rule->section : "http");
		json_uint(w, "index", rule->index);
		json_bool(w, "matched", rule->matched);
		if (rule->field == NULL) {
			json_null(w, "failed");
		} else {
			json_open(w, "failed", '{');
			json_string(w, "field", rule->field);
			json_string(w, "want", rule->want);
			json_string(w, "got", rule->got);
			json_close(w, '}');
		}
		json_close(w, '}');
	}
	json_close(w, ']');
}

void
http_match_text(const struct http_rule *rule, int match, struct buf *out)
{
	const struct http_match *m;

	if (match < 0)
		return;
	m = &rule->matches[match];
	for (size_t i = 0; i < m->count; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		put_field(&m->conds[i], out);
		buf_putc(out, ' ');
		put_want(&m->conds[i], out);
	}
}
