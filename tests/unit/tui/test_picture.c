/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture of a large mesh: folded at first, laid out beside the keys;
 * find, hide, focus, matrix, list and exports through keys and commands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

#define NODES 300
#define EDGES 900
#define PER_NAMESPACE 50

static struct graph *
large_graph(void)
{
	struct graph *g = graph_new();
	uint32_t draw = 1;

	for (size_t i = 0; i < NODES; i++) {
		const char *id = arena_printf(g->arena, "workload:ns%zu/svc%03zu", i / PER_NAMESPACE, i);
		size_t at = graph_add_node(g, NODE_WORKLOAD, id);

		g->nodes.items[at].ns = arena_printf(g->arena, "ns%zu", i / PER_NAMESPACE);
		g->nodes.items[at].workload = strchr(id, '/') + 1;
		g->nodes.items[at].health = i == 123 ? HEALTH_FAILURE : HEALTH_HEALTHY;
	}
	for (size_t i = 0; i < EDGES; i++) {
		size_t from, to;

		draw = draw * 1664525u + 1013904223u;
		from = (draw >> 8) % (NODES - 1);
		draw = draw * 1664525u + 1013904223u;
		to = from + 1 + (draw >> 8) % (NODES - from - 1);
		graph_add_edge(g, from, to, EDGE_HTTP)->rate = 1 + (double)(i % 7);
	}
	graph_finish(g);
	return g;
}

static struct fake_app *
open_app(bool is_large)
{
	struct fake_app *f = fake_app_new();

	if (is_large)
		model_set_graph(&f->model, large_graph());
	fake_app_begin(f, &(struct app_options){ .cols = 140, .rows = 40 }, true);
	return f;
}

/* Until the picture is there that the screen asks for. */
static void
settle(struct fake_app *f)
{
	app_canvas(f->app);
	while (!app_is_settled(f->app)) {
		app_poll(f->app);
		app_canvas(f->app);
		sched_yield();
	}
}

static void
screen(struct fake_app *f, struct buf *out)
{
	buf_clear(out);
	canvas_text(app_canvas(f->app), out);
}

static void
test_picture__large_mesh_begins_folded_and_opens(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	assert_app_shows(f->app, "by namespace");
	assert_app_shows(f->app, "ns2 (50)");
	app_run(f->app, "select ns2 (50)");
	app_key(f->app, K_ENTER);		/* open it */
	assert_app_shows(f->app, "laying out");		/* the key did not wait */
	assert_app_shows(f->app, "ns0 (50)");
	settle(f);
	assert_true(f->polls > 0);
	app_run(f->app, "find svc123");
	assert_app_shows(f->app, "svc123");
	fake_app_close(&f);
}

static size_t
add_workload(struct graph *g, const char *name)
{
	size_t at = graph_add_node(g, NODE_WORKLOAD, arena_printf(g->arena, "workload:shop/%s", name));

	g->nodes.items[at].workload = name;
	return at;
}

/* One calls one that calls many: their boxes stand amid the height of the others'. */
static struct graph *
fan(size_t leaves)
{
	struct graph *g = graph_new();
	size_t root = add_workload(g, "root"), middle = add_workload(g, "that-calls-all-the-others");

	graph_add_edge(g, root, middle, EDGE_HTTP)->rate = 1;
	for (size_t i = 0; i < leaves; i++) {
		const char *name = arena_printf(g->arena, "leaf%02zu-of-a-long-name", i);

		graph_add_edge(g, middle, add_workload(g, name), EDGE_HTTP)->rate = 1;
	}
	graph_finish(g);
	return g;
}

/* Not where lines alone are above the first box. */
static void
test_picture__begins_where_boxes_are(void **state)
{
	struct fake_app *f = fake_app_new();
	struct buf text = BUF_INIT;
	size_t boxes = 0;

	(void)state;
	model_set_graph(&f->model, fan(16));
	f->model.query.form = LAYOUT_LEFT_RIGHT;
	fake_app_begin(f, &(struct app_options){ .cols = 80, .rows = 24 }, true);
	settle(f);
	screen(f, &text);
	for (const char *s = buf_str(&text); (s = strstr(s, "leaf")) != NULL; s++)
		boxes++;
	if (boxes < 4)
		fail_msg("%s", buf_str(&text));
	buf_fini(&text);
	fake_app_close(&f);
}

/* first calls second, and third is called by second (a chain) or by first. */
static struct graph *
three(bool is_chain)
{
	static const char *const names[] = { "first", "second", "third" };
	struct graph *g = graph_new();
	size_t n[ARRAY_LEN(names)];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char id[32];

		snprintf(id, sizeof(id), "workload:shop/%s", names[i]);
		n[i] = graph_add_node(g, NODE_WORKLOAD, id);
		g->nodes.items[n[i]].workload = arena_strdup(g->arena, names[i]);
	}
	graph_add_edge(g, n[0], n[1], EDGE_HTTP)->rate = 1;
	graph_add_edge(g, n[is_chain ? 1 : 0], n[2], EDGE_HTTP)->rate = 1;
	graph_finish(g);
	return g;
}

/* Column of the screen at which a text begins. */
static size_t
column_of(struct fake_app *f, const char *text)
{
	struct buf shown = BUF_INIT;
	size_t column = 0;
	const char *end;

	settle(f);
	screen(f, &shown);
	end = strstr(buf_str(&shown), text);
	if (end == NULL)
		fail_msg("\"%s\" is not in\n%s", text, buf_str(&shown));
	for (const char *p = buf_str(&shown); p < end; p++)
		column = *p == '\n' ? 0 : column + ((*p & 0xc0) != 0x80);
	buf_fini(&shown);
	return column;
}

static void
show(struct fake_app *f, struct graph *g)
{
	model_set_graph(&f->model, g);
	f->feed->sink.on_change(f->feed->sink.arg, MODEL_GRAPH);
}

static void
test_picture__places_are_kept_until_0(void **state)
{
	struct fake_app *f = open_app(false);

	(void)state;
	show(f, three(true));
	assert_true(column_of(f, "second") < column_of(f, "third"));
	show(f, three(false));
	assert_true(column_of(f, "second") < column_of(f, "third"));
	app_key(f->app, '0');
	assert_int_equal(column_of(f, "second"), column_of(f, "third"));
	fake_app_close(&f);
}

static void
test_picture__closes_while_a_layout_is_under_way(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	app_run(f->app, "fold none");
	app_canvas(f->app);
	assert_false(app_is_settled(f->app));
	fake_app_close(&f);
}

static void
test_picture__select_waits_for_the_coming_picture(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	app_run(f->app, "matrix");
	assert_app_shows(f->app, "svc000");
	app_key(f->app, 'e');
	app_run(f->app, "edges");
	assert_app_shows(f->app, "FROM");
	app_key(f->app, K_ENTER);		/* the picture opens what its ends are in */
	settle(f);
	assert_app_shows(f->app, "svc00");
	assert_app_shows(f->app, "by namespace");
	fake_app_close(&f);
}

/* What was opened meanwhile stays. */
static void
test_picture__late_selection_closes_no_screen(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	app_run(f->app, "fold none");
	app_canvas(f->app);
	app_run(f->app, "select svc123.ns2");
	assert_false(app_is_settled(f->app));
	app_run(f->app, "services");
	settle(f);
	assert_app_shows(f->app, " Services ");
	app_run(f->app, "graph");
	settle(f);
	assert_app_shows(f->app, "workload in ns2");
	fake_app_close(&f);
}

static void
test_picture__select_opens_the_group_that_it_is_in(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	assert_app_shows(f->app, "ns2 (50)");
	app_run(f->app, "select svc123.ns2");
	settle(f);
	assert_app_shows(f->app, "workload in ns2");	/* the panel: it is selected */
	assert_app_shows(f->app, "by namespace");
	app_run(f->app, "select");
	app_run(f->app, "select ns0 (50)");		/* still folded */
	settle(f);
	assert_app_shows(f->app, "app in ns0");
	fake_app_close(&f);
}

/* The lines of a view that the picture itself keeps. */
static void
come_back(struct fake_app *f, const char *view)
{
	static const char *const words[] = { "fold", "focus", "select", "find" };
	char *copy = xstrdup(model_saved_view(&f->model, view)), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (strncmp(line, words[i], strlen(words[i])) == 0)
				app_run(f->app, line);
		settle(f);
	}
	free(copy);
}

static void
test_view__keeps_open_groups_and_surroundings(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	app_run(f->app, "select svc123.ns2");
	settle(f);
	app_key(f->app, 'f');
	settle(f);
	assert_app_shows(f->app, "1 hop around svc123");
	app_run(f->app, "save mine");
	assert_non_null(strstr(model_saved_view(&f->model, "mine"), "\nfold namespace ns2\n"));
	app_run(f->app, "focus off");
	app_run(f->app, "fold app");
	settle(f);
	come_back(f, "mine");
	assert_app_shows(f->app, "by namespace, 1 hop around svc123");
	assert_app_shows(f->app, "workload in ns2");
	fake_app_close(&f);
}

/* Neither another's surroundings, nor an old selection. */
static void
test_view__of_what_is_gone_shows_the_rest(void **state)
{
	struct fake_app *f = open_app(true);

	(void)state;
	settle(f);
	app_run(f->app, "select svc123.ns2");
	settle(f);
	app_key(f->app, 'f');
	settle(f);
	model_save_view(&f->model, "gone", "fold namespace nowhere,ns2\nfind\nfocus off\nselect\n"
			"select workload:ns2/nobody\nfocus 1 workload:ns2/nobody");
	come_back(f, "gone");
	assert_app_shows(f->app, "\"workload:ns2/nobody\" is not in the picture");
	assert_app_shows(f->app, "The mesh");
	assert_app_shows(f->app, "by namespace");
	fake_app_close(&f);
}

static bool is_busy_now;

static bool
is_busy(const struct feed *f)
{
	(void)f;
	return is_busy_now;
}

/* What is read may be another graph than the one that is there. */
static void
test_picture__large_mesh_is_folded_while_more_is_read(void **state)
{
	struct fake_app *f = open_app(true);
	struct feed_ops ops = *f->feed->ops;

	(void)state;
	ops.is_busy = is_busy;
	f->feed->ops = &ops;
	is_busy_now = true;
	app_canvas(f->app);
	is_busy_now = false;
	settle(f);
	app_canvas(f->app);
	assert_app_shows(f->app, "ns2 (50)");
	is_busy_now = true;
	app_run(f->app, "0");
	show(f, three(true));			/* it was: a small one is not folded */
	app_canvas(f->app);
	is_busy_now = false;
	settle(f);
	assert_app_shows(f->app, "second");
	fake_app_close(&f);
}

/* The surroundings on a page: laid out beside the keys, then only when nodes or
 * edges are others. */
static void
test_picture__of_a_page_does_not_wait(void **state)
{
	struct fake_app *f = open_app(false);

	(void)state;
	fake_feed_densify(f->feed);
	settle(f);
	app_run(f->app, "workload travels-v1.travel-agency graph");
	assert_app_shows(f->app, "laying out ...");
	assert_false(app_is_settled(f->app));
	settle(f);
	assert_app_shows(f->app, "insurances-v1");
	fake_feed_step(f->feed, 0);		/* the same figures */
	app_canvas(f->app);
	assert_true(app_is_settled(f->app));
	assert_app_shows(f->app, "insurances-v1");
	app_resize(f->app, 120, 40);
	assert_app_shows(f->app, "insurances-v1");	/* the picture before */
	assert_false(app_is_settled(f->app));
	fake_app_close(&f);				/* while the next is under way */
}

/* Figures over time of what is selected come after the key, and are kept while
 * newer ones are on their way. */
static void
test_picture__figures_over_time_do_not_wait(void **state)
{
	struct fake_app *f = open_app(false);

	(void)state;
	settle(f);
	assert_app_shows(f->app, "Over time");
	app_run(f->app, "select travels-v1.travel-agency");
	assert_false(app_shows(f->app, "over time"));
	settle(f);
	assert_app_shows(f->app, "In over time");
	fake_feed_step(f->feed, 1);
	app_canvas(f->app);
	assert_true(app_is_settled(f->app));	/* read before the draw */
	assert_app_shows(f->app, "In over time");
	app_run(f->app, "panel");
	app_run(f->app, "select travels-v2.travel-agency");
	app_run(f->app, "describe");
	app_key(f->app, K_END);
	assert_app_shows(f->app, "In over time");
	fake_app_close(&f);
}

static const struct {
	const char *name, *lines;	/* behind ':', one after the other, separated by ; */
	const char *shown;
} rows[] = {
	{ "find", "find app = travels AND node = app", "match" },
	{ "bad expression", "find app =", "column 6: a value belongs here" },
	{ "nothing found", "find app = nosuch", "nothing here matches" },
	{ "bad hide", "hide rt > fast", "column 6" },
	{ "hide", "hide node = service", "hiding node = service" },
	{ "saved", "save-find mine app = travels;find @mine", "match" },
	{ "unknown saved", "find @nosuch", "no expression is saved" },
	{ "fold", "fold namespace", "travel-agency (" },
	{ "bad fold", "fold by-day", "none, app or namespace" },
	{ "focus", "select travels.travel-agency;focus", "1 hop around" },
	{ "focus wider", "select travels.travel-agency;focus 2", "2 hops around" },
	{ "focus needs a node", "focus", "select a node first" },
	{ "ranks", "set ranks on", "#1" },
	{ "arrows lead right", "set form right", "─▶│" },
	{ "arrows lead down", "set form right;set form down", "▼" },
	{ "what is looked for is shown", "find rank <= 2", "#1" },
	{ "what is hidden by is shown", "hide rank > 2", "#1" },
	{ "response time is shown", "find rt > 1", "rps |" },
	{ "labels in the menu", "display", "Response time on the edges" },
	{ "TCP bytes", "set tcp total;display", "total" },
	{ "no such bytes", "set tcp all", "sent, received, total or none" },
	{ "legend", "set ranks on;set security on;set animation on;legend", "rank by edges" },
	{ "legend of what is folded", "fold namespace;legend", "edges within a folded node" },
	{ "legend of what is on", "legend", "calls itself" },
	{ "expressions to choose from", "save-find mine app = travels;expressions", "hide @mine" },
	{ "presets to choose from", "expressions", "rt > 1000" },
	{ "bad option", "set ranks maybe", "write on or off" },
	{ "display", "display", "Badges of rules" },
	{ "matrix", "matrix", "callers" },
	{ "edges", "edges", "PART" },
	{ "bad export", "export picture.png", "the end of the name" },
	{ "bad screenshot", "screenshot a.gif", "NAME.txt or NAME.svg" },
	{ "no such place", "screenshot /nonexistent/a.txt", "No such file" },
};

static void
test_picture__commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f = open_app(false);
		struct buf text = BUF_INIT;

		settle(f);
		for (const char *s = rows[i].lines; *s != '\0';) {
			size_t len = strcspn(s, ";");
			char *line = xstrndup(s, len);

			app_run(f->app, line);
			settle(f);
			free(line);
			s += len + (s[len] == ';');
		}
		screen(f, &text);
		if (strstr(buf_str(&text), rows[i].shown) == NULL)
			fail_msg("%s: no \"%s\" in\n%s", rows[i].name, rows[i].shown, buf_str(&text));
		buf_fini(&text);
		fake_app_close(&f);
	}
}

static void
test_picture__files_are_written_and_asked_for(void **state)
{
	static const char *const ends[] = { "txt", "ascii", "dot", "mmd", "svg", "json" };
	char dir[] = "/tmp/meshtop-export-XXXXXX";
	struct fake_app *f = open_app(false);
	char *line;

	(void)state;
	assert_non_null(mkdtemp(dir));
	settle(f);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		line = xasprintf("export %s/p.%s", dir, ends[i]);
		app_run(f->app, line);
		assert_app_shows(f->app, "bytes written");
		if (i == 0) {
			app_run(f->app, line);
			assert_app_shows(f->app, "write over it?");
			app_key(f->app, 'n');
			app_run(f->app, line);
			app_key(f->app, 'y');
			assert_app_shows(f->app, "bytes written");
		}
		free(line);
		line = xasprintf("%s/p.%s", dir, ends[i]);
		assert_int_equal(unlink(line), 0);
		free(line);
	}
	assert_int_equal(rmdir(dir), 0);
	fake_app_close(&f);
}

static size_t
count_dots(struct fake_app *f)
{
	struct buf b = BUF_INIT;
	size_t count = 0;

	canvas_text(app_canvas(f->app), &b);
	for (const char *at = buf_str(&b); (at = strstr(at, "\xe2\x80\xa2")) != NULL; at++)
		count++;
	buf_fini(&b);
	return count;
}

static void
pass_frames(struct fake_app *f, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		app_frame(f->app);
		app_canvas(f->app);
	}
}

static void
test_picture__animation_moves_only_when_it_is_on(void **state)
{
	struct fake_app *f = open_app(false);
	unsigned frames;

	(void)state;
	settle(f);
	assert_int_equal(f->frames, 0);		/* off by default */
	app_run(f->app, "set animation on");
	assert_int_equal(count_dots(f), 0);
	assert_int_equal(f->frames, 1);
	pass_frames(f, 40);
	assert_true(f->frames > 30);
	assert_in_range(count_dots(f), 1, 24);
	app_key(f->app, 'z');			/* frozen: they stand still */
	app_canvas(f->app);
	frames = f->frames;
	pass_frames(f, 5);
	assert_in_range(f->frames, frames, frames + 1);
	assert_true(count_dots(f) > 0);
	app_key(f->app, 'z');
	f->model.newest_ms = 1700000000000;
	f->model.oldest_ms = f->model.newest_ms - 3600000;
	app_run(f->app, "replay 5m");		/* with the past that plays */
	app_canvas(f->app);
	frames = f->frames;
	pass_frames(f, 5);
	assert_int_equal(f->frames, frames + 5);
	app_key(f->app, 'z');			/* and not with one that is paused */
	app_canvas(f->app);
	frames = f->frames;
	pass_frames(f, 5);
	assert_in_range(f->frames, frames, frames + 1);
	app_run(f->app, "at now");
	app_run(f->app, "services");		/* out of sight */
	app_canvas(f->app);
	frames = f->frames;
	pass_frames(f, 5);
	assert_in_range(f->frames, frames, frames + 1);
	app_key(f->app, K_ESC);
	app_run(f->app, "set animation off");
	assert_int_equal(count_dots(f), 0);
	fake_app_close(&f);
}

/* Words of Kiali's that no mesh here can fill say so, and change nothing; views of
 * before still load. */
static void
test_display__says_what_the_mesh_does_not_report(void **state)
{
	static const struct { const char *line, *said; unsigned grpc; } lines[] = {
		{ "set operation-nodes on", "classifies requests by operation", GRAPH_GRPC_REQUESTS },
		{ "set waypoints on", "ambient mode", GRAPH_GRPC_REQUESTS },
		{ "set grpc none", "", GRAPH_GRPC_NONE },
		{ "set grpc sent", "no proxy here reports gRPC messages", GRAPH_GRPC_NONE },
		{ "set grpc requests", "", GRAPH_GRPC_REQUESTS },
		{ "set grpc total", "no proxy here reports gRPC messages", GRAPH_GRPC_REQUESTS },
		{ "set grpc off", "", GRAPH_GRPC_NONE },
		{ "set grpc on", "", GRAPH_GRPC_REQUESTS },
		{ "set grpc never", "write requests, none", GRAPH_GRPC_REQUESTS },
	};
	struct fake_app *f = open_app(false);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		app_run(f->app, lines[i].line);
		assert_app_shows(f->app, lines[i].said);
		assert_int_equal(f->model.query.grpc, lines[i].grpc);
	}
	app_run(f->app, "display");
	assert_app_shows(f->app, "Operation nodes: this mesh reports none");
	app_key(f->app, K_ESC);
	app_run(f->app, "save mine");
	assert_null(strstr(model_saved_view(&f->model, "mine"), "operation"));
	fake_app_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picture__large_mesh_begins_folded_and_opens),
		cmocka_unit_test(test_picture__begins_where_boxes_are),
		cmocka_unit_test(test_picture__large_mesh_is_folded_while_more_is_read),
		cmocka_unit_test(test_picture__select_opens_the_group_that_it_is_in),
		cmocka_unit_test(test_view__keeps_open_groups_and_surroundings),
		cmocka_unit_test(test_view__of_what_is_gone_shows_the_rest),
		cmocka_unit_test(test_picture__places_are_kept_until_0),
		cmocka_unit_test(test_picture__closes_while_a_layout_is_under_way),
		cmocka_unit_test(test_picture__late_selection_closes_no_screen),
		cmocka_unit_test(test_picture__select_waits_for_the_coming_picture),
		cmocka_unit_test(test_picture__of_a_page_does_not_wait),
		cmocka_unit_test(test_picture__figures_over_time_do_not_wait),
		cmocka_unit_test(test_picture__commands),
		cmocka_unit_test(test_picture__animation_moves_only_when_it_is_on),
		cmocka_unit_test(test_picture__files_are_written_and_asked_for),
		cmocka_unit_test(test_display__says_what_the_mesh_does_not_report),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
