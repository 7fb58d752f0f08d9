/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of admin pages, and how one or all proxies answer. */
#include "proxy/admin/admin_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/engine.h"
#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/stats.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/regex.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/model/problem.h"

#define JSON_TYPE "application/json"
#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct page_call {
	struct engine *engine;
	const struct admin_query *query;
	const struct mesh_workload *proxy;	/* NULL: all */
	struct regex *filter;			/* of a choice; NULL: none */
	struct stats_choice choice;
	struct dump_choice dump;
	enum dump_outcome dump_outcome;		/* of the last proxy */
	struct cluster_table *clusters;		/* these are made where a page needs them */
	struct http_table *http;
	struct route_stat_table *routes;
	struct admin_reply *reply;
};

/* How one proxy answers; a page without text form is always JSON. */
struct proxy_part {
	void (*text)(struct page_call *c, const struct mesh_workload *w, struct buf *out);
	void (*json)(struct page_call *c, const struct mesh_workload *w, struct json_writer *json);
};

void
admin_refuse(struct admin_reply *reply, unsigned status, const char *why, const char *word,
	     const char *more)
{
	reply->status = status;
	reply->content_type = "text/plain; charset=UTF-8";
	buf_clear(&reply->body);
	buf_puts(&reply->body, why);
	text_sanitize(&reply->body, word, strlen(word));
	text_sanitize(&reply->body, more, strlen(more));
	buf_putc(&reply->body, '\n');
}

static void
refuse(struct admin_reply *reply, unsigned status, const char *why, const char *word)
{
	admin_refuse(reply, status, why, word, "");
}

/* --- pages that each proxy answers for itself --- */

static void
clusters_text(struct page_call *c, const struct mesh_workload *w, struct buf *out)
{
	admin_put_clusters_text(c->engine, c->clusters, w, out);
}

static void
clusters_json(struct page_call *c, const struct mesh_workload *w, struct json_writer *json)
{
	admin_put_clusters_json(c->engine, c->clusters, w, json);
}

static struct stats_tables
tables_of(const struct page_call *c)
{
	return (struct stats_tables){ c->clusters, c->http, c->routes };
}

static void
stats_text(struct page_call *c, const struct mesh_workload *w, struct buf *out)
{
	const struct stats_tables t = tables_of(c);

	admin_put_stats_text(c->engine, &t, w, &c->choice, out);
}

static void
stats_json(struct page_call *c, const struct mesh_workload *w, struct json_writer *json)
{
	const struct stats_tables t = tables_of(c);

	admin_put_stats_json(c->engine, &t, w, &c->choice, json);
}

static void
listeners_text(struct page_call *c, const struct mesh_workload *w, struct buf *out)
{
	admin_put_listeners_text(c->engine, w, out);
}

static void
listeners_json(struct page_call *c, const struct mesh_workload *w, struct json_writer *json)
{
	admin_put_listeners_json(c->engine, w, json);
}

static void
config_dump_json(struct page_call *c, const struct mesh_workload *w, struct json_writer *json)
{
	c->dump_outcome = admin_put_config_dump(c->engine, w, &c->dump, json);
}

static void
server_info_json(struct page_call *c, const struct mesh_workload *w, struct json_writer *json)
{
	admin_put_server_info(c->engine, w, json);
}

static const struct proxy_part clusters_part = { clusters_text, clusters_json };
static const struct proxy_part stats_part = { stats_text, stats_json };
static const struct proxy_part listeners_part = { listeners_text, listeners_json };
static const struct proxy_part config_dump_part = { NULL, config_dump_json };
static const struct proxy_part server_info_part = { NULL, server_info_json };

/* A page of all proxies: as long as the mesh is wide squared, so it is never whole. */
struct admin_rest {
	struct page_call call;		/* its filter and tables are ours */
	uint64_t generation;		/* of the configuration */
	const struct proxy_part *part;
	bool is_json;
	size_t next;			/* workload */
	struct buf piece;
	struct json_writer json;	/* into piece */
};

static void
put_proxy(struct admin_rest *r, const struct mesh_workload *w)
{
	char key[600];

	if (!r->is_json) {
		buf_printf(&r->piece, "# proxy %s.%s\n", w->name, w->ns);
		r->part->text(&r->call, w, &r->piece);
		return;
	}
	snprintf(key, sizeof(key), "%s.%s", w->name, w->ns);
	json_open(&r->json, key, '{');
	r->part->json(&r->call, w, &r->json);
	json_close(&r->json, '}');
}

enum admin_more
admin_continue(struct admin_rest *r, struct buf *out)
{
	const struct mesh *m = engine_mesh(r->call.engine);

	if (engine_generation(r->call.engine) != r->generation)
		return ADMIN_BROKEN;
	while (r->next < m->workload_count && r->piece.len < ADMIN_PIECE_BYTES) {
		const struct mesh_workload *w = m->workloads[r->next++];

		if (w->has_proxy)
			put_proxy(r, w);
	}
	if (r->next == m->workload_count && r->is_json) {
		json_close(&r->json, '}');
		buf_putc(&r->piece, '\n');
	}
	buf_append(out, buf_str(&r->piece), r->piece.len);
	buf_clear(&r->piece);
	return r->next < m->workload_count ? ADMIN_MORE : ADMIN_DONE;
}

/* What it owns. */
static void
call_fini(struct page_call *c)
{
	regex_free(&c->filter);
	cluster_table_free(&c->clusters);
	http_table_free(&c->http);
	route_stat_table_free(&c->routes);
	dump_choice_fini(&c->dump);
}

static void
call_move(struct page_call *to, struct page_call *from)
{
	*to = *from;
	from->filter = NULL;
	from->clusters = NULL;
	from->http = NULL;
	from->routes = NULL;
	from->dump = (struct dump_choice){ .resource = NULL };
	to->query = NULL;
	to->reply = NULL;
}

void
admin_rest_free(struct admin_rest **rp)
{
	struct admin_rest *r = *rp;

	if (r == NULL)
		return;
	call_fini(&r->call);
	buf_fini(&r->piece);
	free(r);
	*rp = NULL;
}

/* Takes over what the call owns. */
static void
put_all(struct page_call *c, const struct proxy_part *part, bool is_json)
{
	struct admin_rest *r = xcalloc(1, sizeof(*r));

	call_move(&r->call, c);
	r->generation = engine_generation(c->engine);
	r->part = part;
	r->is_json = is_json;
	if (is_json) {
		json_begin(&r->json, &r->piece, true);
		json_open(&r->json, NULL, '{');
	}
	if (admin_continue(r, &c->reply->body) == ADMIN_MORE)
		c->reply->rest = r;
	else
		admin_rest_free(&r);
}

static void
put_part(struct page_call *c, const struct proxy_part *part)
{
	bool is_json = part->text == NULL || admin_query_is_json(c->query);
	struct json_writer json;

	if (is_json)
		c->reply->content_type = JSON_TYPE;
	if (c->proxy == NULL) {
		put_all(c, part, is_json);
		return;
	}
	if (!is_json) {
		part->text(c, c->proxy, &c->reply->body);
		return;
	}
	json_begin(&json, &c->reply->body, true);
	json_open(&json, NULL, '{');
	part->json(c, c->proxy, &json);
	json_close(&json, '}');
	buf_putc(&c->reply->body, '\n');
}

/* --- pages --- */

static void
page_ready(struct page_call *c)
{
	bool is_live = engine_is_live(c->engine);

	c->reply->status = is_live ? 200 : 503;
	buf_puts(&c->reply->body, is_live ? "LIVE\n" : "DRAINING\n");
}

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

/* What the query asks of stats, as Envoy reads it; false: refused. */
static bool
choose_stats(struct page_call *c)
{
	static const char *const types[] = { "All", "Counters", "Gauges", "Histograms",
					     "TextReadouts", NULL };
	static const char *const formats[] = { "text", "json", "prometheus", NULL };
	const struct admin_query *q = c->query;
	const char *type = q->type != NULL ? q->type : types[0];
	struct error err = ERROR_INIT;

	if (!is_one_of(type, types)) {
		refuse(c->reply, 400, "usage: type=(All|Counters|Gauges|Histograms|TextReadouts), not ",
		       type);
		return false;
	}
	if (q->format != NULL && !is_one_of(q->format, formats)) {
		refuse(c->reply, 400, "usage: /stats?format=(json|prometheus|text), not ", q->format);
		return false;
	}
	if (q->filter != NULL && q->filter[0] != '\0') {
		c->filter = regex_new(q->filter, &err);
		if (c->filter == NULL) {
			refuse(c->reply, 400, "invalid filter: ", err.msg);
			return false;
		}
	}
	c->choice = (struct stats_choice){
		.filter = c->filter, .used_only = q->used_only,
		.has_counters = strcmp(type, "All") == 0 || strcmp(type, "Counters") == 0,
		.has_gauges = strcmp(type, "All") == 0 || strcmp(type, "Gauges") == 0,
		.has_histograms = strcmp(type, "All") == 0 || strcmp(type, "Histograms") == 0,
	};
	return true;
}

/* The workers stand still once for all of them. */
static void
read_tables(struct page_call *c)
{
	engine_pause_workers(c->engine);
	c->clusters = cluster_table_new(c->engine);
	c->http = http_table_new(c->engine);
	c->routes = route_stat_table_new(c->engine);
	engine_resume_workers(c->engine);
}

static void
put_prometheus(struct page_call *c)
{
	struct stats_tables t;

	c->reply->content_type = PROMETHEUS_TYPE;
	stats_put_prometheus(engine_stats(c->engine), c->query->proxy, &c->choice, &c->reply->body);
	read_tables(c);
	t = tables_of(c);
	admin_put_stats_prometheus(c->engine, &t, c->proxy, &c->choice, &c->reply->body);
}

static void
page_prometheus(struct page_call *c)
{
	if (choose_stats(c))
		put_prometheus(c);
}

static void
page_stats(struct page_call *c)
{
	if (!choose_stats(c))
		return;
	if (c->query->format != NULL && strcmp(c->query->format, "prometheus") == 0) {
		put_prometheus(c);
		return;
	}
	/* One proxy's Envoy lists all; every proxy's would be very long. */
	c->choice.used_only |= c->proxy == NULL;
	read_tables(c);
	put_part(c, &stats_part);
}

static void
page_clusters(struct page_call *c)
{
	c->clusters = cluster_table_new(c->engine);
	put_part(c, &clusters_part);
}

static void
page_config_dump(struct page_call *c)
{
	if (!admin_choose_dump(c->engine, c->query, c->proxy == NULL, &c->dump, c->reply))
		return;
	put_part(c, &config_dump_part);
	/* Of all proxies each has told for itself. */
	if (c->proxy != NULL && c->dump_outcome != DUMP_WHOLE)
		admin_refuse_dump(&c->dump, c->dump_outcome, c->reply);
}

static void
page_listeners(struct page_call *c)
{
	put_part(c, &listeners_part);
}

static void
page_server_info(struct page_call *c)
{
	put_part(c, &server_info_part);
}

static void
page_telemetry(struct page_call *c)
{
	c->reply->content_type = JSON_TYPE;
	stats_put_telemetry(engine_stats(c->engine), c->query->since,
			    loop_wall_ms(engine_loop(c->engine)), &c->reply->body);
	buf_putc(&c->reply->body, '\n');
}

static void
page_requests(struct page_call *c)
{
	c->reply->content_type = JSON_TYPE;
	requests_put_json(engine_requests(c->engine), c->query->id, c->query->proxy,
			  (size_t)c->query->limit, &c->reply->body);
	buf_putc(&c->reply->body, '\n');
}

static void
page_pods(struct page_call *c)
{
	c->reply->content_type = JSON_TYPE;
	admin_put_pods(c->engine, &c->reply->body);
}

static void
page_limits(struct page_call *c)
{
	c->reply->content_type = JSON_TYPE;
	admin_put_limits(c->engine, c->proxy, &c->reply->body);
}

static void
page_problems(struct page_call *c)
{
	c->reply->content_type = JSON_TYPE;
	problems_put_json(engine_problems(c->engine), &c->reply->body);
}

static void
page_fail(struct page_call *c)
{
	engine_set_health(c->engine, false);
	buf_puts(&c->reply->body, "OK\n");
}

static void
page_recover(struct page_call *c)
{
	engine_set_health(c->engine, true);
	buf_puts(&c->reply->body, "OK\n");
}

static void
page_reset(struct page_call *c)
{
	engine_reset_counters(c->engine);
	buf_puts(&c->reply->body, "OK\n");
}

static void
page_logging(struct page_call *c)
{
	if (!admin_change_logging(c->query->text, &c->reply->body))
		c->reply->status = 400;
}

static void
page_drain(struct page_call *c)
{
	const struct admin_query *q = c->query;
	const struct engine_listener_drain how = { q->inbound_only, q->is_graceful, q->skips_exit };

	if (how.stays && !how.is_graceful) {
		refuse(c->reply, 400, "skip_exit requires graceful", "");
		return;
	}
	engine_drain_listeners(c->engine, &how);
	buf_puts(&c->reply->body, "OK\n");
}

static const struct page {
	const char *path, *help;
	void (*put)(struct page_call *c);
	bool changes;			/* something: by POST, of all proxies */
} pages[] = {
	{ "/ready", "LIVE once it serves", page_ready, false },
	{ "/stats", "counters and gauges; filter=REGEX usedonly type=TYPE format=json|prometheus",
	  page_stats, false },
	{ "/stats/prometheus", "the same for Prometheus, with Istio's metrics", page_prometheus, false },
	{ "/clusters", "clusters and endpoints with live figures; format=json", page_clusters, false },
	{ "/config_dump", "clusters, listeners, routes and Istio objects in force; resource=FIELD mask=A,B.C "
	  "name_regex=REGEX include_eds", page_config_dump, false },
	{ "/listeners", "addresses and ports; format=json", page_listeners, false },
	{ "/server_info", "version, state, uptime", page_server_info, false },
	{ "/telemetry", "series that changed; since=GENERATION", page_telemetry, false },
	{ "/requests", "recent requests; id=X-REQUEST-ID limit=N", page_requests, false },
	{ "/limits", "limits in use and ejections, by caller and cluster", page_limits, false },
	{ "/pods", "pods and workload entries with their addresses", page_pods, false },
	{ "/problems", "what is wrong with the configuration", page_problems, false },
	{ "/logging", "loggers and their levels; level=LEVEL paths=NAME:LEVEL,... NAME=LEVEL (POST)",
	  page_logging, true },
	{ "/drain_listeners", "no more connections; graceful inboundonly skip_exit (POST)", page_drain, true },
	{ "/healthcheck/fail", "/ready says 503 from now on (POST)", page_fail, true },
	{ "/healthcheck/ok", "and 200 again (POST)", page_recover, true },
	{ "/reset_counters", "counters of /stats and /clusters begin anew, not Istio's (POST)",
	  page_reset, true },
};

/* The list of pages, asked for or instead of one that is not there. */
static void
put_help(struct admin_reply *reply, bool is_asked)
{
	static const char head[] = "admin commands are (each with proxy=WORKLOAD.NS):";

	if (is_asked)
		buf_printf(&reply->body, "%s\n", head);
	else
		refuse(reply, 404, "invalid path. ", head);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		buf_printf(&reply->body, "  %s: %s\n", pages[i].path, pages[i].help);
}

static const struct mesh_workload *
find_proxy(const struct mesh *m, const char *name)
{
	const char *dot = strrchr(name, '.');

	/* Names of workloads hold dots, those of namespaces do not. */
	for (size_t i = 0; dot != NULL && i < m->workload_count; i++) {
		const struct mesh_workload *w = m->workloads[i];

		if (w->has_proxy && strcmp(w->ns, dot + 1) == 0 &&
		    slice_is((struct slice){ name, (size_t)(dot - name) }, w->name))
			return w;
	}
	return NULL;
}

/* A page in somebody's browser can send a POST to any TCP port of this host. */
static bool
may_change(const struct admin_request *r, struct admin_reply *reply)
{
	if (!r->is_post) {
		refuse(reply, 405, "POST is required", "");
		reply->fields = "allow: POST\r\n";
	} else if (!r->is_local) {
		refuse(reply, 403, "only by the Unix socket", "");
	}
	return r->is_post && r->is_local;
}

static void
answer(struct page_call *c, const struct page *page)
{
	if (c->query->is_bad) {
		refuse(c->reply, 400, "since and limit are numbers", "");
		return;
	}
	if (c->query->proxy != NULL) {
		c->proxy = find_proxy(engine_mesh(c->engine), c->query->proxy);
		/* Past requests may be of a workload that is gone. */
		if (c->proxy == NULL && page->put != page_requests) {
			refuse(c->reply, 404, "no proxy (WORKLOAD.NAMESPACE) is called ", c->query->proxy);
			return;
		}
	}
	page->put(c);
	call_fini(c);
}

void
admin_answer(struct engine *e, const struct admin_request *request, struct admin_reply *reply)
{
	struct admin_query q;
	struct page_call c = { .engine = e, .query = &q, .reply = reply };
	struct slice path = request->path;

	if (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (!slice_is(path, pages[i].path))
			continue;
		if (pages[i].changes && !may_change(request, reply))
			return;
		admin_query_parse(&q, request->query);
		answer(&c, &pages[i]);
		admin_query_fini(&q);
		return;
	}
	put_help(reply, slice_is(path, "/") || slice_is(path, "/help"));
}
