/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of services, workloads and apps, and the lists that lead there: keys
 * in, screen text out, over a feed without an engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/telemetry/series.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tests/lib/fake_feed_priv.h"
#include "tui/app/app.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

static struct fake_app *
open_app(unsigned cols, unsigned rows, enum glyph_level glyphs)
{
	struct fake_app *f = fake_app_open(&(struct app_options){
		.cols = cols, .rows = rows, .glyphs = glyphs });

	app_canvas(f->app);
	return f;
}

/* "!" lets the engine answer. */
static bool
take_word(void *arg, const char *word)
{
	struct fake_app *f = arg;

	if (strcmp(word, "!") != 0)
		return false;
	fake_feed_step(f->feed, 1);
	fake_feed_answer(f->feed);
	return true;
}

static void
paint(void *arg, const char *keys)
{
	(void)keys;
	app_canvas(((struct fake_app *)arg)->app);	/* as a console does after each key */
}

static void
press(struct fake_app *f, const char *keys)
{
	const struct app_words own = { take_word, paint, f };

	app_press(f->app, keys, &own);
}

#define SERVICE ":service_travels.travel-agency Enter "
#define WORKLOAD ":workload_travels-v1.travel-agency Enter "
#define APP ":app_travels.travel-agency Enter "

static const struct {
	const char *name, *keys;
	const char *shown;
	const char *hidden;	/* NULL: nothing */
} walks[] = {
	{ "overview counts workloads", ":overview Enter", "2 workloads", NULL },
	{ "overview has charts", ":overview Enter", "Requests into travel-agency", NULL },
	{ "overview adds up what is chosen", ":overview_travel-portal Enter", "requests 0.6", NULL },
	{ "overview finds nothing wrong", ":overview Enter", "No request failed", NULL },
	{ "apps", ":apps Enter", "v1 v2", NULL },
	{ "app page", ":apps Enter Enter", "Application travels.travel-agency", NULL },
	{ "service page from the list", ":services Enter Enter", "Service hotels.travel-agency", NULL },
	{ "workload page from the list", ":workloads Enter Enter", "Workload travels-v1", NULL },
	{ "back to the list", ":services Enter Enter Esc", "NAMESPACE", "1 Overview" },
	{ "no such service", ":service_none.x Enter", "there is no service none.x", NULL },
	{ "no namespace", ":service_none Enter", "write NAME.NAMESPACE", NULL },
	{ "no such tab", SERVICE ":service_travels.travel-agency_proxy Enter", "no tab \"proxy\"", NULL },
	{ "picture opens pages", "/ travels-v2 Enter Enter", "Workload travels-v2", NULL },
	{ "picture compares versions", "/ travels-v2 Enter V", "VERSION", NULL },
	{ "actions lead to pages", "/ travels-v1.travel-agency Enter a", "Its page", NULL },
	/* sorting and filtering */
	{ "filter while typing", ":services Enter / hot", "hotels", "travels      " },
	{ "filter stays", ":services Enter / hot Enter", "/hot  1 of 2", "travels      " },
	{ "Esc drops the filter first", ":services Enter / hot Enter Esc", "travels      ", "/hot" },
	{ "inverse filter", ":services Enter / !hot Enter", "/!hot  1 of 2", "hotels      " },
	{ "filter without a match", ":services Enter / zzz Enter", "no row matches", NULL },
	{ "cancelled filter", ":services Enter / hot Esc", "travels      ", "/hot" },
	{ "sorted column is marked", ":services Enter s", "SERVICEv", NULL },
	{ "inverted", ":services Enter s I", "SERVICE^", NULL },
	{ "sorting ends in the first order", ":services Enter s S", "SERVICE  ", "SERVICEv" },
	/* overview */
	{ "facts", SERVICE, "selects           app=travels", NULL },
	{ "facts of an app", APP, "versions          v1, v2", NULL },
	{ "config card", SERVICE, "VirtualService", NULL },
	{ "links", SERVICE "/ travels-v2 Enter Enter", "Workload travels-v2", NULL },
	{ "yaml of the service", SERVICE "y", "kind: Service", NULL },
	{ "wizards", SERVICE "w", "Wizards for travels.travel-agency", NULL },
	{ "picture", SERVICE "p", "Called by", "1 Overview" },
	/* tabs */
	{ "by digit", WORKLOAD "4", "[4 Outbound]", NULL },
	{ "no such digit", WORKLOAD "9", "there are 8 tabs here", NULL },
	{ "by Tab", WORKLOAD "Tab Tab", "[3 Inbound]", NULL },
	{ "by Shift-Tab", WORKLOAD "Shift-Tab", "[8 Graph]", NULL },
	{ "by word", ":workload_travels-v1.travel-agency_logs Enter", "[6 Logs]", NULL },
	{ "help of a page", WORKLOAD "?", "Tab by its number", "Scroll left" },
	{ "help of charts", WORKLOAD "3 ?", "Average and quantiles", NULL },
	/* traffic */
	{ "traffic", WORKLOAD "2", "voyages-v1", NULL },
	{ "traffic out", WORKLOAD "2", "Outbound", NULL },
	{ "traffic to a page", WORKLOAD "2 / travels-v2 Enter Esc", "Inbound", NULL },
	{ "the chosen row stays among equal ones", SERVICE "2 Down ! Down Enter",
	  "there is no workload viaggi-v1", NULL },
	/* charts */
	{ "charts", WORKLOAD "3", "Request duration time", NULL },
	{ "true quantile", WORKLOAD "3", "p99", NULL },
	{ "nothing outbound", WORKLOAD "4", "nothing in this window", NULL },
	{ "enlarged", WORKLOAD "3 Right Enter", "> Request duration time", "Request volume" },
	{ "next chart", WORKLOAD "3 Right Enter Down", "> Request size", NULL },
	{ "cursor", WORKLOAD "3 Enter Left Left", "(2s ago)", NULL },
	{ "cursor value", WORKLOAD "3 Enter Left", "here ", NULL },
	{ "back to all charts", WORKLOAD "3 Enter Enter", "Request duration", NULL },
	{ "Esc shrinks first", WORKLOAD "3 Enter Esc", "Request duration", NULL },
	{ "no change", WORKLOAD "3 e", "nothing was changed in this window", NULL },
	{ "reporter", WORKLOAD "3 R", "R source", NULL },
	{ "both reporters", WORKLOAD "3 R R R", "a destination", NULL },
	{ "group menu", WORKLOAD "3 g", "Divide the lines by", NULL },
	{ "grouped", SERVICE "3 g Space Enter", "g local version", NULL },
	{ "grouped lines", SERVICE "3 g Space Enter", "a v1", NULL },
	{ "grouping off", SERVICE "3 g Space Enter g Space Enter", "not grouped", NULL },
	{ "values to filter by", SERVICE "3 f", "Only what has", NULL },
	{ "values of what it is divided by", SERVICE "3 g Space Enter f", "local-version=v2", "response code" },
	{ "filtered", SERVICE "3 g Space Enter f Space Enter", "f local-version=v1", "b v2" },
	{ "filtered by what is typed", SERVICE "3 g Space Enter :only_local-version=v2 Enter",
	  "f local-version=v2", "b v2" },
	{ "filter off", SERVICE "3 :only_local-version=v1 Enter f Space Enter", "not grouped",
	  "f local-version" },
	{ "no such label", SERVICE "3 :only_color=red Enter", "write LABEL=VALUE", NULL },
	{ "quantile menu", WORKLOAD "3 Q", "p99.9 est", NULL },
	{ "quantiles", WORKLOAD "3 Q Space Down Space Down Space Enter", "Q p99", "Q avg" },
	/* surroundings */
	{ "surroundings of a workload", WORKLOAD "8", "voyages-v1", NULL },
	{ "called by it", WORKLOAD "8", "insurances-v1", "control-v1" },
	{ "surroundings of a service", ":service_travels.travel-agency_graph Enter", "[6 Graph]", NULL },
	{ "surroundings of an app", ":app_travels.travel-agency_graph Enter", "[", NULL },
	{ "to a neighbour", WORKLOAD "8 Up Up Up Up Up Up Enter", "there is no workload travels-v1.travel-portal", NULL },
	{ "surroundings on the overview", WORKLOAD, "insurances-v1", NULL },
	/* versions */
	{ "versions of a service", SERVICE "V", "VERSION", NULL },
	{ "versions of a workload's app", WORKLOAD "V", "Application travels", NULL },
	{ "versions beside each other", SERVICE "V", "b v2", NULL },
	{ "share of a version", SERVICE "V", "71%", NULL },
	/* requests */
	{ "requests", SERVICE "4 !", "/travels/Paris", NULL },
	{ "flags", SERVICE "4 !", "UO", NULL },
	{ "request in full", SERVICE "4 ! Enter", "a circuit breaker is open", NULL },
	{ "rule of a request", SERVICE "4 ! Down Enter", "VirtualService travels.travel-agency", NULL },
	{ "redacted header", SERVICE "4 ! Down Enter", "authorization: (not kept", NULL },
	{ "filter of requests", SERVICE "4 ! / Paris Enter", "1 of 2", "Rome" },
	{ "explain a request", SERVICE "4 ! Down x", "there is no workload", NULL },
	{ "explain what is typed",
	  ":explain_travels-v1.travel-agency_GET_http://hotels.travel-agency:8000/x Enter",
	  "outbound|8000||hotels.travel-agency", NULL },
	{ "explain without a caller", ":explain_none.x_GET_http://a/ Enter", "there is no workload", NULL },
	{ "explain nothing", ":explain Enter", "write: explain", NULL },
	/* logs and proxy */
	{ "logs without a log", WORKLOAD "6 !", "writes no access log", NULL },
	{ "limits", WORKLOAD "7 !", "1 of 1", NULL },
	{ "refused", WORKLOAD "7 !", "12 refused (UO)", NULL },
	{ "ejected", WORKLOAD "7 !", "ejected 1m01s more", NULL },
	{ "errors in a row", WORKLOAD "7 !", "2 errors in a row", NULL },
	{ "listener on another port", WORKLOAD "7 !", "at port 20080", NULL },
};

static void
test_walks__lead_where_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		struct fake_app *f = open_app(110, 50, GLYPHS_ASCII);
		char *seen;

		press(f, walks[i].keys);
		seen = app_text(f->app);
		if (strstr(seen, walks[i].shown) == NULL) {
			fprintf(stderr, "%s\n", seen);
			fail_msg("%s: \"%s\" is not there", walks[i].name, walks[i].shown);
		}
		if (walks[i].hidden != NULL && strstr(seen, walks[i].hidden) != NULL) {
			fprintf(stderr, "%s\n", seen);
			fail_msg("%s: \"%s\" is there", walks[i].name, walks[i].hidden);
		}
		free(seen);
		fake_app_close(&f);
	}
}

static const char *const pages[] = {
	":overview Enter", ":apps Enter", ":services Enter", ":workloads Enter", ":config Enter",
	":requests Enter !", SERVICE, SERVICE "2", SERVICE "3", SERVICE "4 !", SERVICE "5",
	WORKLOAD, WORKLOAD "2", WORKLOAD "3 Enter Left", WORKLOAD "4", WORKLOAD "5 !",
	WORKLOAD "6 !", WORKLOAD "7 !", APP, APP "2", APP "3 g Space Enter", APP "4", APP "6",
};

static const struct { unsigned cols, rows; } sizes[] = {
	{ 40, 10 }, { 60, 15 }, { 80, 24 }, { 110, 30 }, { 140, 40 }, { 250, 70 },
};

/* What is refused before a workload sees it must not look well. */
static void
test_overview__names_what_fails_most(void **state)
{
	struct fake_app *f = open_app(120, 30, GLYPHS_ASCII);
	char *seen;

	(void)state;
	fake_feed_break(f->feed, true);
	press(f, ":overview Enter");
	seen = app_text(f->app);
	assert_non_null(strstr(seen, "x most failures: "));
	assert_non_null(strstr(seen, "503 UO: a circuit breaker is open"));
	free(seen);
	press(f, ":overview_travel-portal Enter");
	seen = app_text(f->app);
	assert_null(strstr(seen, "x most failures: "));		/* they are of other namespaces */
	free(seen);
	fake_app_close(&f);
}

/* Every page at every size and both glyph levels, with nothing unsafe on it. */
static void
test_pages__are_safe_at_every_size(void **state)
{
	(void)state;
	for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			struct fake_app *f = open_app(sizes[s].cols, sizes[s].rows,
						     s % 2 == 0 ? GLYPHS_ASCII : GLYPHS_UNICODE);
			char *seen;

			press(f, pages[p]);
			seen = app_text(f->app);
			for (const char *c = seen; *c != '\0'; c++) {
				bool is_mark = strncmp(c, "\xef\xbf\xbd", 3) == 0;

				if ((unsigned char)*c < 0x20 && *c != '\n')
					fail_msg("%s: byte %02x", pages[p], (unsigned char)*c);
				if (s % 2 == 0 && (unsigned char)*c >= 0x80 && !is_mark)
					fail_msg("%s: not ASCII:\n%s", pages[p], seen);
				c += is_mark ? 2 : 0;
			}
			free(seen);
			fake_app_close(&f);
		}
	}
}

/* Closing a page while the engine still owes it answers. */
static void
test_pages__forget_their_questions(void **state)
{
	struct fake_app *f = open_app(80, 24, GLYPHS_UNICODE);

	(void)state;
	press(f, WORKLOAD "7");
	fake_feed_step(f->feed, 1);
	assert_int_not_equal(fake_feed_questions(f->feed), 0);
	press(f, "q");
	assert_int_equal(fake_feed_questions(f->feed), 0);
	press(f, SERVICE "4");
	fake_feed_step(f->feed, 2);
	assert_int_not_equal(fake_feed_questions(f->feed), 0);
	fake_app_close(&f);
}

/* By default the side that has figures is shown; a chosen one stays, and says so. */
static void
test_metrics__say_which_side_is_silent(void **state)
{
	static const struct { const char *only, *keys, *shown, *hidden; } rows[] = {
		{ NULL, WORKLOAD "3", "R destination", "reports nothing" },
		{ "source", WORKLOAD "3", "R source", "nothing in this window" },
		{ "source", WORKLOAD "3", "the destination reports nothing of this: the figures are the source's", NULL },
		{ "source", WORKLOAD "3 R", "R source", "reports nothing" },
		{ "source", WORKLOAD "3 R R", "R destination", NULL },
		{ "source", WORKLOAD "3 R R", "the destination reports nothing of this; R shows both sides",
		  "Request size" },
		{ "source", WORKLOAD "3 R R R", "R both sides", "reports nothing" },
		{ "destination", WORKLOAD "3", "R destination", "reports nothing" },
		{ "destination", WORKLOAD "3 R", "the source reports nothing of this; R shows the destination's", NULL },
		{ "destination", WORKLOAD "3 R R", "R destination", "reports nothing" },
		{ "source", SERVICE "3 f", "code=200", NULL },
		{ NULL, WORKLOAD "4", "nothing in this window", "reports nothing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f = open_app(110, 40, GLYPHS_ASCII);

		fake_feed_report_by(f->feed, rows[i].only);
		press(f, rows[i].keys);
		if (!app_shows(f->app, rows[i].shown))
			fail_msg("%zu: \"%s\" is not shown", i, rows[i].shown);
		if (rows[i].hidden != NULL && app_shows(f->app, rows[i].hidden))
			fail_msg("%zu: \"%s\" is shown", i, rows[i].hidden);
		fake_app_close(&f);
	}
}

#define NAMESPACES 300

/* That many namespaces with a service each, which is called once a second. */
static void
fill_namespaces(struct fake_app *f)
{
	struct series_store *s = ((struct fake_feed *)f->feed)->series;
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;
	struct snapshot *snapshot;

	for (unsigned i = 0; i < NAMESPACES; i++)
		buf_printf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ns%03u}\n"
			   "spec: {ports: [{port: 80}]}\n", i);
	snapshot = snapshot_of_text("many.yaml", buf_str(&b), NULL, &err);
	assert_non_null(snapshot);
	mesh_put(&f->model.mesh);
	f->model.mesh = mesh_compile(snapshot, NULL, NULL, NULL);
	snapshot_put(&snapshot);
	for (int t = 1; t <= 3; t++) {
		buf_clear(&b);
		buf_printf(&b, "{\"engine\":\"fake\",\"generation\":%d,\"time_ms\":%lld,\"series\":[",
			   FAKE_SECONDS + 1 + t, (long long)FAKE_NOW_MS - (3 - t) * 1000 + 1);
		for (unsigned i = 0; i < NAMESPACES; i++)
			buf_printf(&b, "%s{\"id\":%u,\"type\":\"http\",\"labels\":{\"reporter\":\"destination\","
				   "\"destination_workload\":\"w\",\"destination_workload_namespace\":\"ns%03u\","
				   "\"response_code\":\"200\",\"response_flags\":\"-\"},\"requests\":%d}",
				   i > 0 ? "," : "", 100 + i, i, 5 * t);
		buf_puts(&b, "]}");
		series_feed(s, buf_str(&b), b.len, NULL);
	}
	buf_fini(&b);
	f->model.data_ms = FAKE_NOW_MS + 1;
}

/* A spark at the end of the namespace's row. */
static bool
has_spark(struct fake_app *f, const char *ns)
{
	char *screen = app_text(f->app), *at = strstr(screen, ns);
	bool yes = at != NULL && memchr(at, '#', strcspn(at, "\n")) != NULL;

	free(screen);
	return yes;
}

static void
test_overview__has_a_line_for_every_namespace(void **state)
{
	struct fake_app *f = open_app(140, 40, GLYPHS_ASCII);

	(void)state;
	fill_namespaces(f);
	press(f, ":overview Enter");
	assert_true(has_spark(f, "ns000"));
	press(f, "End");
	assert_true(has_spark(f, "ns299"));
	assert_true(has_spark(f, "ns280"));
	press(f, "PageUp PageUp");
	assert_true(has_spark(f, "ns235"));
	press(f, "/ ns15 Enter");
	assert_true(has_spark(f, "ns155"));
	fake_app_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks__lead_where_they_should),
		cmocka_unit_test(test_overview__names_what_fails_most),
		cmocka_unit_test(test_pages__are_safe_at_every_size),
		cmocka_unit_test(test_pages__forget_their_questions),
		cmocka_unit_test(test_metrics__say_which_side_is_silent),
		cmocka_unit_test(test_overview__has_a_line_for_every_namespace),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
