/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spec.http[] to rules.  Callers for whom the same matches are left and the
 * same clusters are named share one compiled list.
 */
#include <stdio.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/table.h"

#define DEFAULT_NAME "default"

static bool
has_matches(const struct value *http)
{
	const struct value *list = value_get(http, "match");

	return list != NULL && list->count > 0;
}

static void
key_cluster(struct compile *c, struct view *v, const char *ns, uint16_t port,
	    const struct value *destination)
{
	const struct mesh_cluster *cluster = NULL;

	if (value_is_map(destination))
		cluster = cluster_of_destination(c, v, destination, ns, port);
	buf_append(&c->key, &cluster, sizeof(cluster));
}

static void
key_clusters(struct compile *c, struct view *v, const struct http_entry *e, uint16_t port)
{
	const char *ns = e->object->ns;

	VALUE_EACH(route, value_get(e->http, "route"))
		key_cluster(c, v, ns, port, value_get(route, "destination"));
	key_cluster(c, v, ns, port, value_get(e->http, "mirror"));
	VALUE_EACH(mirror, value_get(e->http, "mirrors"))
		key_cluster(c, v, ns, port, value_get(mirror, "destination"));
}

/* Writes what tells this caller's list from others into c->key; false when
 * no rule is left. */
static bool
make_key(struct compile *c, struct view *v, const struct object *vs, uint16_t port)
{
	const struct http_entries *entries = compile_entries(c, vs);
	bool any = false;

	buf_clear(&c->key);
	buf_append(&c->key, "rules", 5);
	buf_append(&c->key, &vs, sizeof(vs));
	for (size_t i = 0; i < entries->count; i++) {
		const struct http_entry *e = &entries->items[i];
		bool left = !has_matches(e->http);

		VALUE_EACH(match, value_get(e->http, "match")) {
			bool holds = static_match(v, match, port, true);

			buf_putc(&c->key, holds ? 'y' : 'n');
			left = left || holds;
		}
		buf_putc(&c->key, left ? 'Y' : 'N');
		if (left)
			key_clusters(c, v, e, port);
		any = any || left;
	}
	return any;
}

static void
compile_rewrite(struct destination_context *x, const struct value *http,
		struct http_rule *out)
{
	const struct value *rewrite = value_get(http, "rewrite");
	const struct value *regex = value_get(rewrite, "uriRegexRewrite");
	char path[96];

	out->rewrite_uri = value_get_text(rewrite, "uri");
	out->rewrite_authority = value_get_text(rewrite, "authority");
	if (!value_is_map(regex))
		return;
	snprintf(path, sizeof(path), "%s.rewrite.uriRegexRewrite.match", x->path);
	out->rewrite_regex = compile_regex(x->c, x->vs, value_get(regex, "match"), path);
	out->rewrite_regex_to = value_get_text(regex, "rewrite");
	if (out->rewrite_regex_to == NULL)
		out->rewrite_regex_to = "";
}

static int
base64_digit(char ch)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = ch != '\0' ? strchr(digits, ch == '-' ? '+' : ch == '_' ? '/' : ch)
				    : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static struct slice
decode_base64(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) / 4 * 3 + 4);
	size_t len = 0;
	unsigned bits = 0, have = 0;

	for (; *text != '\0' && *text != '='; text++) {
		int digit = base64_digit(*text);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xFFFFFF;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = (char)(bits >> have & 0xFF);
		}
	}
	return (struct slice){ out, len };
}

static bool
is_redirect_code(const struct value *redirect)
{
	int64_t code = 301;

	value_to_int(value_get(redirect, "redirectCode"), &code);
	return code == 0 || code == 301 || code == 302 || code == 303 || code == 307 ||
	       code == 308;
}

static void
compile_action(struct destination_context *x, const struct value *http,
	       struct http_rule *out)
{
	const struct value *direct = value_get(http, "directResponse");
	const struct value *body = value_get(direct, "body");
	int64_t status = 200;

	out->redirect = value_get(http, "redirect");
	if (value_is_map(out->redirect)) {
		out->action = is_redirect_code(out->redirect) ? ROUTE_REDIRECT
							      : ROUTE_NO_ACTION;
		return;
	}
	if (value_is_map(direct)) {
		out->action = ROUTE_DIRECT;
		value_to_int(value_get(direct, "status"), &status);
		out->direct_status = (unsigned)status;
		if (value_get_text(body, "string") != NULL)
			out->direct_body = slice_of(value_get_text(body, "string"));
		else if (value_get_text(body, "bytes") != NULL)
			out->direct_body = decode_base64(x->c->arena,
							 value_get_text(body, "bytes"));
		return;
	}
	out->destinations = compile_destinations(x, value_get(http, "route"),
						 &out->destination_count, &out->total_weight);
	out->action = out->destination_count > 0 ? ROUTE_FORWARD : ROUTE_NO_ACTION;
}

static void
compile_rule_headers(struct destination_context *x, const struct value *http,
		     struct http_rule *out)
{
	const struct value *headers = value_get(http, "headers");
	struct route_destination *only = out->destination_count == 1 ? out->destinations : NULL;

	compile_header_ops(x->c->arena, value_get(headers, "request"), &out->request,
			   &out->rewrite_authority);
	compile_header_ops(x->c->arena, value_get(headers, "response"), &out->response, NULL);
	if (only == NULL)
		return;
	join_header_ops(x->c->arena, &out->request, &only->request);
	join_header_ops(x->c->arena, &out->response, &only->response);
	only->request = only->response = (struct header_ops){ NULL, 0 };
}

/* Matches that are left for this caller. */
static void
compile_matches(struct destination_context *x, const struct value *http,
		struct http_rule *out)
{
	const struct value *list = value_get(http, "match");
	size_t index = 0;

	if (!has_matches(http))
		return;
	out->matches = arena_alloc(x->c->arena, list->count * sizeof(*out->matches));
	VALUE_EACH(match, list) {
		if (static_match(x->v, match, x->port, true))
			compile_match(x, match, index, out->name,
				      &out->matches[out->match_count++]);
		index++;
	}
	for (size_t i = 0; i < out->match_count; i++)
		out->has_stat_prefix |= out->matches[i].stat_prefix != NULL;
}

/* Nothing to do for a request but to forward it? */
static bool
is_plain(const struct http_rule *r)
{
	for (size_t i = 0; i < r->destination_count; i++) {
		const struct route_destination *to = &r->destinations[i];

		if (to->authority != NULL || to->request.count > 0 || to->response.count > 0)
			return false;
	}
	return r->action == ROUTE_FORWARD && r->request.count == 0 && r->response.count == 0 &&
	       r->rewrite_uri == NULL && r->rewrite_authority == NULL &&
	       r->rewrite_regex == NULL && !r->fault.has_delay && !r->fault.has_abort &&
	       r->timeout_ns == 0 && r->retries.is_default && r->mirror_count == 0 &&
	       r->cors == NULL;
}

static void
compile_rule(struct destination_context *x, const struct http_entry *e,
	     struct http_rule *out)
{
	const struct value *http = e->http;

	x->vs = e->object;
	snprintf(x->path, sizeof(x->path), "spec.http[%zu]", e->index);
	out->object = e->object;
	out->index = e->index;
	out->name = value_get_text(http, "name");
	if (out->name == NULL)
		out->name = "";
	compile_matches(x, http, out);
	compile_action(x, http, out);
	compile_rewrite(x, http, out);
	compile_rule_headers(x, http, out);
	compile_fault(x, value_get(http, "fault"), &out->fault);
	out->timeout_ns = compile_duration(x, value_get(http, "timeout"), "timeout");
	compile_retries(x, value_get(http, "retries"), &out->retries);
	compile_mirrors(x, http, out);
	out->cors = value_get(http, "corsPolicy");
	if (out->cors != NULL && !value_is_map(out->cors))
		out->cors = NULL;
	out->is_plain = is_plain(out);
}

bool
rule_takes_all(const struct http_rule *rule)
{
	if (rule->match_count == 0)
		return true;
	for (size_t i = 0; i < rule->match_count; i++)
		if (match_takes_all(&rule->matches[i]))
			return true;
	return false;
}

/* Is any match of the rule left?  None at all counts as one. */
static bool
is_left(const struct view *v, const struct value *http, uint16_t port)
{
	if (!has_matches(http))
		return true;
	VALUE_EACH(match, value_get(http, "match"))
		if (static_match(v, match, port, true))
			return true;
	return false;
}

static struct http_rules *
new_rules(struct compile *c, struct view *v, const struct object *vs, uint16_t port)
{
	const struct http_entries *entries = compile_entries(c, vs);
	struct destination_context x = { .c = c, .v = v, .port = port };
	struct http_rules *out = arena_alloc(c->arena, sizeof(*out));
	struct http_rule *rules;
	size_t left = 0;

	for (size_t i = 0; i < entries->count; i++)
		left += is_left(v, entries->items[i].http, port);
	out->object = vs;
	rules = arena_alloc(c->scratch, left * sizeof(*rules));
	for (size_t i = 0; i < entries->count; i++) {
		struct http_rule *rule = &rules[out->count];

		if (!is_left(v, entries->items[i].http, port))
			continue;
		compile_rule(&x, &entries->items[i], rule);
		out->count++;
		if (rule_takes_all(rule))
			break;
	}
	/* Conditions and destinations stand before the rules: the first rule's
	 * come right behind *out, where vhost.c fetches them. */
	out->rules = arena_alloc(c->arena, out->count * sizeof(*rules));
	if (out->count > 0)
		memcpy(out->rules, rules, out->count * sizeof(*rules));
	compile_runs(c, out);
	return out;
}

const struct http_rules *
compile_http_rules(struct compile *c, struct view *v, const struct object *vs,
		   uint16_t port)
{
	void **place;

	v->rules_ns = vs->ns;
	if (!make_key(c, v, vs, port))
		return NULL;
	place = compile_shared(c, c->key.data, c->key.len);
	if (*place == NULL) {
		struct http_rules *made = new_rules(c, v, vs, port);

		/* The map may have grown meanwhile; c->key is what it was. */
		place = compile_shared(c, c->key.data, c->key.len);
		*place = made;
	}
	return *place;
}

/* The route of a service without VirtualService. */
const struct http_rules *
compile_default_rules(struct compile *c, const struct mesh_cluster *cluster)
{
	struct {
		const void *cluster;
		char what[8];
	} key = { cluster, "default" };
	struct destination_context x = { .c = c };
	struct http_rules *out;
	struct http_rule *rule;
	void **place = compile_shared(c, &key, sizeof(key));

	if (*place != NULL)
		return *place;
	*place = out = arena_alloc(c->arena, sizeof(*out));
	out->rules = rule = arena_alloc(c->arena, sizeof(*rule));
	out->count = 1;
	rule->name = DEFAULT_NAME;
	rule->destinations = arena_alloc(c->arena, sizeof(*rule->destinations));
	rule->destination_count = 1;
	rule->total_weight = 100;
	*rule->destinations = (struct route_destination){
		.cluster = cluster, .host = cluster->service->fqdn, .subset = "",
		.port = cluster->port->number, .weight = 100 };
	rule->fault.abort_grpc = -1;
	compile_retries(&x, NULL, &rule->retries);
	rule->is_plain = is_plain(rule);
	return out;
}
