/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent requests under new rules; see forecast.h. */
#include "src/wizard/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/http/parse.h"
#include "src/mesh/mesh.h"
#include "src/mesh/route.h"
#include "src/model/kind.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard.h"

#define PARSE_PADDING 64
#define LEAST_CHANGE 0.005	/* requests per second that are worth a line */

struct counted {		/* an edge while it is counted */
	char *key;
	const char *from, *to;
	bool is_refusal;
	double count[2];	/* before, after */
	UT_hash_handle hh;
};

struct forecasting {
	struct forecast *f;
	const struct mesh *mesh[2];
	struct counted *edges;
	struct rng rng;
};

struct mesh *
forecast_mesh(const struct mesh *before, const struct wizard_preview *p)
{
	VEC(struct overlay_removal) removals = VEC_INIT;
	struct buf text = BUF_INIT;
	struct source_file *file;
	struct snapshot *after = NULL;
	struct mesh *m = NULL;

	for (size_t i = 0; i < p->document_count; i++) {
		const struct wizard_document *d = &p->documents[i];
		const struct kind *k = kind_by_word(d->kind, NULL);

		if (d->op == DOC_DELETE)
			vec_push(&removals, ((struct overlay_removal){ k != NULL ? k->group : "", d->kind,
								      d->ns, d->name }));
		else if (d->root != NULL)
			buf_printf(&text, "---\n%s", d->yaml);
	}
	file = source_file_new("(preview)", buf_str(&text), text.len, NULL, NULL, NULL);
	if (file != NULL) {
		after = snapshot_overlay(before->snapshot, &file, 1, removals.items, removals.len);
		m = mesh_compile(after, NULL, "", NULL);
	}
	snapshot_put(&after);
	source_file_put(&file);
	vec_fini(&removals);
	buf_fini(&text);
	return m;
}

/* A captured request as its client would have written it. */
static bool
write_wire(const struct value *r, struct buf *wire)
{
	const char *method = value_get_text(r, "method"), *path = value_get_text(r, "path");
	const char *query = value_get_text(r, "query"), *host = value_get_text(r, "host");

	if (method == NULL || path == NULL || host == NULL)
		return false;
	buf_printf(wire, "%s %s%s%s HTTP/1.1\r\nhost: %s\r\n", method, path,
		   query != NULL && query[0] != '\0' ? "?" : "", query != NULL ? query : "", host);
	VALUE_EACH(h, value_get(r, "request_headers")) {
		enum http_field_id id = http_field_lookup(slice_of(h->key));

		if (id == FIELD_HOST || (http_field_flags(id) & (FIELD_FRAMING | FIELD_HOP_BY_HOP)) != 0 ||
		    value_text(h) == NULL)
			continue;
		buf_printf(wire, "%s: %s\r\n", h->key, value_text(h));
	}
	buf_puts(wire, "\r\n");
	return true;
}

static bool
is_redacted(const struct value *redacted, const char *text)
{
	VALUE_EACH(name, redacted) {
		const char *n = value_text(name);
		char key[300];

		if (n == NULL)
			continue;
		/* "?name" is a query parameter, anything else a header. */
		snprintf(key, sizeof(key), "[%s]", n[0] == '?' ? n + 1 : n);
		if (strstr(text, key) != NULL)
			return true;
	}
	return false;
}

/* Did any rule on the way look at a field whose value we do not have? */
static bool
looked_at_redacted(const struct value *redacted, const struct route_decision *d,
		   const struct route_trace *trace)
{
	struct buf json = BUF_INIT, match = BUF_INIT;
	struct arena *a = arena_new();
	struct json_writer w;
	const struct value *v;
	bool looked = false;

	json_begin(&w, &json, false);
	json_open(&w, NULL, '{');
	route_trace_put_json(trace, &w);
	json_close(&w, '}');
	v = json_parse(a, buf_str(&json), json.len, NULL);
	VALUE_EACH(rule, value_get(v, "rules")) {
		const char *field = value_get_text(value_get(rule, "failed"), "field");

		looked |= field != NULL && is_redacted(redacted, field);
	}
	if (d->rule != NULL && d->match >= 0) {
		http_match_text(d->rule, d->match, &match);
		looked |= is_redacted(redacted, buf_str(&match));
	}
	buf_fini(&match);
	buf_fini(&json);
	arena_free(&a);
	return looked;
}

static void
count(struct forecasting *x, int side, const char *from, const char *to, bool refusal, double part)
{
	char *key = arena_printf(x->f->arena, "%s>%s", from, to);
	struct counted *e;

	HASH_FIND_STR(x->edges, key, e);
	if (e == NULL) {
		e = arena_alloc(x->f->arena, sizeof(*e));
		e->key = key;
		e->from = arena_strdup(x->f->arena, from);
		e->to = arena_strdup(x->f->arena, to);
		e->is_refusal = refusal;
		HASH_ADD_KEYPTR(hh, x->edges, e->key, strlen(e->key), e);
	}
	e->count[side] += part;
}

/* A cluster's requests go to its endpoints evenly: what their workloads get.
 * note stands behind their names. */
static void
count_cluster(struct forecasting *x, int side, const char *from, const struct mesh_cluster *c,
	      double part, const char *note)
{
	char to[600];

	if (c == NULL) {
		count(x, side, from, "503 NC: the host, port or subset is not known", true, part);
		return;
	}
	if (c->service == NULL) {
		count(x, side, from, c->name, false, part);
		return;
	}
	if (c->endpoint_count == 0) {
		count(x, side, from, "503 UH: no endpoint", true, part);
		return;
	}
	for (size_t i = 0; i < c->endpoint_count; i++) {
		const struct mesh_instance *in = c->endpoints[i].instance;

		snprintf(to, sizeof(to), "%s/%s%s", in != NULL ? in->workload->ns : c->service->ns,
			 in != NULL ? in->workload->name : c->service->name, note);
		count(x, side, from, to, false, part / (double)c->endpoint_count);
	}
}

/* The copies that a rule sends; nobody hears of those that cannot be sent. */
static void
count_mirrors(struct forecasting *x, int side, const char *from, const struct http_rule *rule,
	      double part)
{
	for (size_t i = 0; i < rule->mirror_count; i++) {
		const struct route_mirror *m = &rule->mirrors[i];

		if (m->cluster != NULL && m->cluster->service != NULL && m->cluster->endpoint_count > 0 &&
		    m->per_million > 0)
			count_cluster(x, side, from, m->cluster, part * m->per_million / 1e6, " (copy)");
	}
}

/* What an injected abort leaves of the requests. */
static double
count_aborts(struct forecasting *x, int side, const char *from, const struct route_fault *f)
{
	double part = f->has_abort ? f->abort_per_million / 1e6 : 0;
	char text[64];

	if (part <= 0)
		return 1;
	if (f->abort_status != 0)
		snprintf(text, sizeof(text), "%u FI: aborted", f->abort_status);
	else
		snprintf(text, sizeof(text), "gRPC %d FI: aborted", f->abort_grpc);
	count(x, side, from, text, true, part);
	return 1 - part;
}

static void
count_decision(struct forecasting *x, int side, const char *from, const struct route_decision *d)
{
	const struct http_rule *rule = d->rule;
	double total = rule != NULL ? rule->total_weight : 0;
	char text[64];

	if (d->outcome == ROUTE_NO_RULE || d->outcome == ROUTE_NO_HOST) {
		count(x, side, from, "404 NR: no rule takes it", true, 1);
	} else if (d->outcome == ROUTE_REGEX_LIMIT || rule == NULL) {
		count(x, side, from, "500: a pattern took too long", true, 1);
	} else if (rule->action == ROUTE_DIRECT || rule->action == ROUTE_REDIRECT) {
		snprintf(text, sizeof(text), rule->action == ROUTE_DIRECT ? "direct response %u" :
			 "redirect", rule->direct_status);
		count(x, side, from, text, true, 1);
	} else {
		double rest = count_aborts(x, side, from, &rule->fault);

		for (size_t i = 0; i < rule->destination_count; i++) {
			double part = rule->destination_count == 1 ? rest :
				      total > 0 ? rest * rule->destinations[i].weight / total : 0;

			if (part > 0)
				count_cluster(x, side, from, rule->destinations[i].cluster, part, "");
		}
		count_mirrors(x, side, from, rule, rest);
	}
}

static const struct mesh_workload *
workload_of(const struct mesh *m, const char *name_ns)
{
	const char *dot = name_ns != NULL ? strrchr(name_ns, '.') : NULL;
	char *name = dot != NULL ? xstrndup(name_ns, (size_t)(dot - name_ns)) : NULL;
	const struct mesh_workload *w = name != NULL ? mesh_find_workload(m, dot + 1, name) : NULL;

	free(name);
	return w != NULL && w->routes != NULL ? w : NULL;
}

/* The port that was dialled is that of the cluster the request took. */
static uint16_t
dialled_port(const struct value *r, struct slice authority)
{
	const char *cluster = value_get_text(r, "cluster"), *bar;
	int port = -1;

	http_authority_host(authority, &port);
	if (port > 0)
		return (uint16_t)port;
	bar = cluster != NULL ? strchr(cluster, '|') : NULL;
	port = bar != NULL ? atoi(bar + 1) : 0;
	return port > 0 && port <= UINT16_MAX ? (uint16_t)port : 80;
}

/* False when nothing can be said of this request under those rules. */
static bool
route_one(struct forecasting *x, int side, const struct value *r, struct http_head *head,
	  struct route_decision *d)
{
	const struct mesh *m = x->mesh[side];
	const struct mesh_workload *w = workload_of(m, value_get_text(r, "source"));
	const struct value *redacted = value_get(r, "redacted");
	struct route_request q = { .head = head, .query = head->query, .authority = head->authority };
	char *scratch;
	struct route_trace *trace = NULL;
	bool known = true;

	if (w == NULL)
		return false;
	scratch = xmalloc(head->path.len + 1);
	q.port = dialled_port(r, head->authority);
	q.is_trusted = mesh_trusts_client(w);
	q.made_id = slice_of(value_get_text(r, "id"));
	if (!route_normalize(&m->settings, head->path, scratch, &q.path)) {
		free(scratch);
		return false;
	}
	if (redacted != NULL && redacted->count > 0)
		trace = route_trace_new();
	route_http(w->routes, &q, &x->rng, d, trace);
	if (trace != NULL)
		known = !looked_at_redacted(redacted, d, trace);
	route_trace_free(&trace);
	free(scratch);
	return known;
}

static void
look_at(struct forecasting *x, const struct value *r)
{
	const struct http_limits limits = HTTP_LIMITS_DEFAULT;
	const char *source = value_get_text(r, "source"), *dot;
	struct http_head *head = xmalloc(sizeof(*head));
	struct route_decision d[2];
	struct buf wire = BUF_INIT;
	const char *why;
	size_t used, len;
	char *from;

	x->f->requests++;
	dot = source != NULL ? strrchr(source, '.') : NULL;
	if (dot == NULL || !write_wire(r, &wire)) {
		x->f->cannot_tell++;
	} else {
		len = wire.len;
		buf_fill(&wire, '\0', PARSE_PADDING);
		from = arena_printf(x->f->arena, "%s/%.*s", dot + 1, (int)(dot - source), source);
		if (http_parse_request(head, wire.data, len, &limits, &used, &why) != HTTP_DONE ||
		    !route_one(x, 0, r, head, &d[0]) || !route_one(x, 1, r, head, &d[1])) {
			x->f->cannot_tell++;
		} else {
			count_decision(x, 0, from, &d[0]);
			count_decision(x, 1, from, &d[1]);
		}
	}
	buf_fini(&wire);
	free(head);
}

/* Seconds between the oldest and the newest; at least one. */
static double
window_of(const struct value *requests)
{
	double first = 0, last = 0;

	VALUE_EACH(r, requests) {
		const char *text = value_get_text(r, "time");
		struct tm tm = { 0 };
		double at, ms = 0;
		const char *rest = text != NULL ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;

		if (rest == NULL)
			continue;
		if (*rest == '.')
			ms = strtod(rest, NULL);
		at = (double)timegm(&tm) + ms;
		first = first == 0 || at < first ? at : first;
		last = at > last ? at : last;
	}
	return last - first > 1 ? last - first : 1;
}

static int
compare_edges(const void *a, const void *b)
{
	const struct forecast_edge *x = a, *y = b;
	double dx = fabs(x->after - x->before), dy = fabs(y->after - y->before);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	return strcmp(x->from, y->from) != 0 ? strcmp(x->from, y->from) : strcmp(x->to, y->to);
}

struct forecast *
forecast_new(const struct mesh *before, const struct mesh *after, const struct value *requests)
{
	struct forecasting x = { .f = xcalloc(1, sizeof(*x.f)), .mesh = { before, after } };
	struct counted *e, *next;

	x.f->arena = arena_new();
	rng_seed(&x.rng, 1);	/* draws are not looked at: shares are counted */
	VALUE_EACH(r, requests)
		look_at(&x, r);
	x.f->window_s = window_of(requests);
	HASH_ITER(hh, x.edges, e, next) {
		struct forecast_edge edge = { e->from, e->to, e->is_refusal,
					      e->count[0] / x.f->window_s, e->count[1] / x.f->window_s };

		if (fabs(edge.after - edge.before) >= LEAST_CHANGE)
			vec_push(&x.f->edges, edge);
	}
	HASH_CLEAR(hh, x.edges);
	if (x.f->edges.len > 0)
		qsort(x.f->edges.items, x.f->edges.len, sizeof(*x.f->edges.items), compare_edges);
	return x.f;
}

void
forecast_free(struct forecast **fp)
{
	if (*fp == NULL)
		return;
	vec_fini(&(*fp)->edges);
	arena_free(&(*fp)->arena);
	free(*fp);
	*fp = NULL;
}

void
forecast_put_text(const struct forecast *f, struct buf *out)
{
	struct buf line = BUF_INIT;

	if (f->requests == 0) {
		buf_puts(out, "no recent requests to try the rules on\n");
		return;
	}
	buf_printf(out, "%zu recent requests of %.0f s tried on the new rules", f->requests, f->window_s);
	if (f->cannot_tell > 0)
		buf_printf(out, "; for %zu one cannot tell (a redacted field decides)", f->cannot_tell);
	buf_putc(out, '\n');
	if (f->edges.len == 0)
		buf_puts(out, "no edge would change\n");
	for (size_t i = 0; i < f->edges.len; i++) {
		const struct forecast_edge *e = &f->edges.items[i];

		buf_clear(&line);
		buf_printf(&line, "%s -> %s  %.2f -> %.2f/s", e->from, e->to, e->before, e->after);
		text_sanitize(out, buf_str(&line), line.len);
		buf_putc(out, '\n');
	}
	buf_fini(&line);
}
