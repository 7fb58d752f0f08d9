/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The find and hide language: what it reads, refuses and is true of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/topology/find.h"
#include "src/topology/graph.h"

#define MOST 16

/* web -> api (service) -> api v1, api v2; api v1 -> db by TCP; idle lonely. */
static struct graph *
sample(void)
{
	static const struct {
		const char *id, *ns, *workload, *service, *app, *version;
		enum node_kind kind;
		enum health health;
		unsigned badges;
	} nodes[] = {
		{ "service:back/api", "back", "", "api", "", "", NODE_SERVICE, HEALTH_DEGRADED,
		  BADGE_VIRTUAL_SERVICE | BADGE_CIRCUIT_BREAKER },
		{ "version:back/api@v1", "back", "api-v1", "", "api", "v1", NODE_VERSION,
		  HEALTH_HEALTHY, 0 },
		{ "version:back/api@v2", "back", "api-v2", "", "api", "v2", NODE_VERSION,
		  HEALTH_FAILURE, 0 },
		{ "version:back/db@v1", "back", "db-v1", "", "db", "v1", NODE_VERSION,
		  HEALTH_HEALTHY, BADGE_MISSING_SIDECAR },
		{ "version:back/idle@v1", "back", "idle-v1", "", "idle", "v1", NODE_VERSION,
		  HEALTH_NA, 0 },
		{ "version:shop/web@v1", "shop", "web-v1", "", "web", "v1", NODE_VERSION,
		  HEALTH_HEALTHY, BADGE_ROOT },
	};
	struct graph *g = graph_new();
	struct graph_edge *e;

	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		size_t at = graph_add_node(g, nodes[i].kind, nodes[i].id);
		struct graph_node *n = &g->nodes.items[at];

		n->ns = nodes[i].ns;
		n->workload = nodes[i].workload;
		n->service = nodes[i].service;
		n->app = nodes[i].app;
		n->version = nodes[i].version;
		n->health = nodes[i].health;
		n->badges = nodes[i].badges;
		n->is_root = (n->badges & BADGE_ROOT) != 0;
		n->is_idle = nodes[i].health == HEALTH_NA;
	}
	e = graph_add_edge(g, 5, 0, EDGE_HTTP);
	e->rate = 5.0000001;
	e->share = 1;
	e = graph_add_edge(g, 0, 1, EDGE_HTTP);
	e->rate = 4;
	e->share = 0.8;
	e->times.p95 = 20;
	e->times.avg = 2000;
	e->mtls = 1;
	e->source_principal = "spiffe://a/ns/shop/sa/web,spiffe://b/ns/shop/sa/web";
	e->destination_principal = "spiffe://a/ns/back/sa/api";
	e = graph_add_edge(g, 0, 2, EDGE_HTTP);
	e->rate = 1;
	e->errors = 0.5;
	e->share = 0.2;
	e->times.p95 = 1500;
	e->response_count = 1;
	e->responses = arena_alloc(g->arena, sizeof(*e->responses));
	e->responses[0] = (struct graph_response){ "503", "UO,URX", "api", 0.5 };
	e = graph_add_edge(g, 1, 3, EDGE_TCP);
	e->rate = 300;
	graph_finish(g);
	return g;
}

static const char *
value_of_label(void *arg, const struct graph_node *n, const char *name)
{
	(void)arg;
	return strcmp(n->app, "web") == 0 && strcmp(name, "tier") == 0 ? "front" : NULL;
}

static const char *
saved(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "mine") == 0 ? "app = db OR app = web" :
	       strcmp(name, "loop") == 0 ? "@loop" :
	       strcmp(name, "broken") == 0 ? "app = " : NULL;
}

/* Marked labels of nodes, then edges as FROM>TO, separated by blanks. */
static void
marked(const struct graph *g, const char *text, struct buf *out)
{
	const struct find_data data = { .label = value_of_label };
	struct error err = ERROR_INIT;
	struct find *f = find_parse(text, saved, NULL, &err);
	bool nodes[MOST] = { false }, edges[MOST] = { false };

	if (f == NULL)
		fail_msg("%s: %u: %s", text, err.col, err.msg);
	find_mark(f, g, &data, nodes, edges);
	for (size_t i = 0; i < g->nodes.len; i++)
		if (nodes[i])
			buf_printf(out, "%s%s", out->len > 0 ? "," : "", g->nodes.items[i].label);
	for (size_t i = 0; i < g->edges.len; i++)
		if (edges[i])
			buf_printf(out, "%s%s>%s", out->len > 0 ? "," : "",
				   g->nodes.items[g->edges.items[i].from].label,
				   g->nodes.items[g->edges.items[i].to].label);
	find_free(&f);
}

static const struct {
	const char *text, *want;
} truths[] = {
	{ "app = api", "api v1,api v2" },
	{ "APP = api", "api v1,api v2" },
	{ "app = API", "" },
	{ "name = api", "api,api v1,api v2" },
	{ "name != api", "db v1,idle v1,web v1" },
	{ "name contains web", "web v1" },
	{ "name *= a", "api,api v1,api v2" },
	{ "workload ^= api", "api v1,api v2" },
	{ "wl $= -v2", "api v2" },
	{ "wl !endswith -v1", "api,api v2" },
	{ "wl not startswith api", "api,db v1,idle v1,web v1" },
	{ "wl !*= v1", "api,api v2" },
	{ "node = service", "api" },
	{ "node != app", "api" },
	{ "ns = shop", "web v1" },
	{ "namespace=shop", "web v1" },
	{ "cluster = \"\" AND ns = shop", "web v1" },
	{ "httpin = 5", "api" },
	{ "httpin = NaN", "db v1,idle v1,web v1" },
	{ "httpin != NaN", "api,api v1,api v2" },
	{ "httpin > 1", "api,api v1" },
	{ "httpin >= 1 AND httpin < 4.5", "api v1,api v2" },
	{ "tcpin > 100", "db v1" },
	{ "tcpout>100", "api v1" },
	{ "rank <= 1", "api" },
	{ "version = v2", "api v2" },
	{ "circuitbreaker", "api" },
	{ "has cb", "api" },
	{ "is not healthy", "api,api v2,idle v1" },
	{ "! healthy", "api,api v2,idle v1" },
	{ "!healthy and not idle", "api,api v2" },
	{ "idle", "idle v1" },
	{ "sidecar", "api v1,api v2,idle v1,web v1" },
	{ "outofmesh", "db v1" },
	{ "om", "db v1" },
	{ "root", "web v1" },
	{ "label:tier", "web v1" },
	{ "label:tier = front", "web v1" },
	{ "label:tier != front AND ns = shop", "" },
	{ "!label:tier AND ns = shop", "" },
	{ "http > 0.5 AND protocol = http", "api>api v1,api>api v2,web v1>api" },
	{ "rt > 1000", "api>api v2" },
	{ "responsetime > 1s", "api>api v2" },
	{ "rt < 30ms", "api>api v1" },
	{ "rt = NaN AND traffic", "api v1>db v1,web v1>api" },
	{ "%httperr >= 50", "api>api v2" },
	{ "%httptraffic < 50%", "api>api v2" },
	{ "tcp > 0", "api v1>db v1" },
	{ "mtls", "api>api v1" },
	{ "sourceprincipal = spiffe://b/ns/shop/sa/web", "api>api v1" },
	{ "destprincipal endswith /sa/api", "api>api v1" },
	{ "sourceprincipal *= shop AND sourceprincipal != spiffe://a/ns/shop/sa/web", "" },
	{ "destprincipal = \"\" AND http > 0", "api>api v2,web v1>api" },
	{ "code = 503", "api>api v2" },
	{ "flag = URX", "api>api v2" },
	{ "flag != UO AND code = 503", "" },
	{ "app = web OR app = db", "db v1,web v1" },
	{ "app = web OR rt > 1000", "web v1,api>api v2" },
	{ "app = api AND (version = v1 OR version = v2) AND NOT healthy", "api v2" },
	{ "NOT (app = api OR app = db)", "api,idle v1,web v1" },
	{ "app = web or app = api and version = v2", "api v2,web v1" },
	{ "@mine", "db v1,web v1" },
	{ "@mine AND root", "web v1" },
	{ "@slow", "api>api v2" },
	{ "@unhealthy AND NOT idle", "api,api v2" },
	{ "app = 'api' AND version = \"v1\"", "api v1" },
};

static void
test_find_mark__rows(void **state)
{
	struct graph *g = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		struct buf got = BUF_INIT;

		marked(g, truths[i].text, &got);
		if (strcmp(buf_str(&got), truths[i].want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", truths[i].text, buf_str(&got),
				 truths[i].want);
		buf_fini(&got);
	}
	graph_free(&g);
}

static const struct {
	const char *text;
	unsigned col;
	const char *part;		/* of the message */
} refused[] = {
	{ "", 1, "goes on" },
	{ "nosuch = 1", 1, "no criterion" },
	{ "app", 4, "operator" },
	{ "app = ", 7, "value" },
	{ "app > 1", 1, "is text" },
	{ "rt contains 1", 1, "is a number" },
	{ "rt > fast", 6, "no number" },
	{ "node = pod", 8, "workload" },
	{ "healthy = true", 1, "takes no value" },
	{ "app = web AND rt > 1", 11, "AND joins" },
	{ "NOT (app = web OR rt > 1)", 4, "NOT needs" },
	{ "(app = web", 1, "not closed" },
	{ "app = web)", 10, "AND or OR" },
	{ "app = web app = db", 11, "AND or OR" },
	{ "app = 'web", 7, "not closed" },
	{ "app = web OR", 13, "goes on" },
	{ "app = web OR @none", 14, "no expression" },
	{ "app = web OR @broken", 14, "value" },
	{ "@loop", 1, "too deep" },
};

static void
test_find_parse__refuses_with_the_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct error err = ERROR_INIT;
		struct find *f = find_parse(refused[i].text, saved, NULL, &err);

		if (f != NULL)
			fail_msg("%s: not refused", refused[i].text);
		if (err.col != refused[i].col || strstr(err.msg, refused[i].part) == NULL)
			fail_msg("%s: got %u: %s", refused[i].text, err.col, err.msg);
	}
}

static void
test_find_parse__survives_deep_text(void **state)
{
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		buf_putc(&b, i % 3 == 2 ? '!' : '(');
	assert_null(find_parse(buf_str(&b), NULL, NULL, &err));
	buf_clear(&b);
	buf_puts(&b, "healthy");
	for (size_t i = 0; i < 5000; i++)
		buf_puts(&b, " OR healthy");
	assert_null(find_parse(buf_str(&b), NULL, NULL, &err));
	buf_fini(&b);
}

static void
test_find_is_expression__rows(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "app", false }, { "travels", false }, { "app = x", true }, { "rt>1", true },
		{ "healthy", true }, { "healthy-api", false }, { "name", false },
		{ "! healthy", true }, { "@slow", true }, { "(", true }, { "not", false },
		{ "label:x", true }, { "hotels", false }, { "idle and root", true }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (find_is_expression(rows[i].text) != rows[i].want)
			fail_msg("\"%s\": want %d", rows[i].text, rows[i].want);
}

/* What stays when the expression hides. */
static void
kept(const struct graph *g, const char *text, struct buf *out)
{
	struct error err = ERROR_INIT;
	struct find *f = find_parse(text, saved, NULL, &err);
	bool nodes[MOST] = { false }, edges[MOST] = { false };

	assert_non_null(f);
	find_mark(f, g, NULL, nodes, edges);
	find_keep(g, nodes, edges);
	for (size_t i = 0; i < g->nodes.len; i++)
		if (nodes[i])
			buf_printf(out, "%s%s", out->len > 0 ? "," : "", g->nodes.items[i].label);
	for (size_t i = 0; i < g->edges.len; i++)
		if (edges[i])
			buf_puts(out, " e");
	find_free(&f);
}

static void
test_find_keep__rules(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		/* a hidden node hides its edges, its neighbours stay */
		{ "node = service", "api v1,api v2,db v1,idle v1,web v1 e" },
		/* hidden edges hide what has no other edge; what never had one stays */
		{ "protocol = tcp", "api,api v1,api v2,idle v1,web v1 e e e" },
		{ "http > 0", "api v1,db v1,idle v1 e" },
		{ "idle", "api,api v1,api v2,db v1,web v1 e e e e" },
	};
	struct graph *g = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got = BUF_INIT;

		kept(g, rows[i].text, &got);
		if (strcmp(buf_str(&got), rows[i].want) != 0)
			fail_msg("%s: got \"%s\"", rows[i].text, buf_str(&got));
		buf_fini(&got);
	}
	graph_free(&g);
}

static void
test_graph_ranks__equal_parts_share_a_rank(void **state)
{
	struct graph *g = sample();
	unsigned ranks[MOST];

	(void)state;
	graph_ranks(g, RANK_BY_IN | RANK_BY_OUT, ranks);
	assert_int_equal(ranks[graph_find(g, "service:back/api")], 1);		/* 3 edges */
	assert_int_equal(ranks[graph_find(g, "version:back/api@v1")], 2);	/* 2 */
	assert_int_equal(ranks[graph_find(g, "version:back/api@v2")], 3);	/* 1 */
	assert_int_equal(ranks[graph_find(g, "version:shop/web@v1")], 3);
	assert_int_equal(ranks[graph_find(g, "version:back/idle@v1")], 4);
	graph_ranks(g, RANK_BY_OUT, ranks);
	assert_int_equal(ranks[graph_find(g, "version:back/db@v1")], 3);
	graph_free(&g);
}

static void
test_find_sees__what_must_be_shown(void **state)
{
	static const struct { const char *text; unsigned sees; } rows[] = {
		{ "app = x", 0 }, { "rt > 5", FIND_SEES_TIME }, { "throughput > 1", FIND_SEES_THROUGHPUT },
		{ "mtls", FIND_SEES_SECURITY }, { "NOT rank <= 2", FIND_SEES_RANKS }, { "!idle", FIND_SEES_IDLE },
		{ "cb OR (vs AND rank = 1)", FIND_SEES_BADGES | FIND_SEES_RANKS }, { "@top", FIND_SEES_RANKS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct find *f = find_parse(rows[i].text, NULL, NULL, &err);

		if (f == NULL || find_sees(f) != rows[i].sees)
			fail_msg("%s: %s", rows[i].text, err.msg);
		find_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_mark__rows),
		cmocka_unit_test(test_find_parse__refuses_with_the_column),
		cmocka_unit_test(test_find_parse__survives_deep_text),
		cmocka_unit_test(test_find_is_expression__rows),
		cmocka_unit_test(test_find_keep__rules),
		cmocka_unit_test(test_find_sees__what_must_be_shown),
		cmocka_unit_test(test_graph_ranks__equal_parts_share_a_rank),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
