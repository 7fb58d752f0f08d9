/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The app without a terminal: keys in, screen text out; and the bytes that
 * curses makes of its frames.
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
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/tree.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/app/app.h"
#include "tui/app/prompt.h"
#include "tui/app/screen.h"
#include "tui/screens/screens.h"
#include "tui/term/canvas.h"
#include "tui/term/draw.h"
#include "tui/term/key.h"

#define REFRESH_BYTES_MAX 1024

static struct fake_app *
open_app(unsigned cols, unsigned rows, const char *history)
{
	return fake_app_open(&(struct app_options){ .cols = cols, .rows = rows, .history_file = history });
}

static const struct {
	const char *name, *keys, *shown;
} walks[] = {
	{ "first node", "Down", "control-v1" },
	{ "find", "/ viaggi Enter", "viaggi-v1" },
	{ "callee", "/ voyages Enter l", "travels-v2" },
	{ "unknown command", ": nonsense Enter", "no command \"nonsense\"" },
	{ "in braces", ": {help} Enter", "no command \"{help}\"; ? lists them all" },
	{ "bad window", ":since_soon Enter", "is no time window" },
	{ "window", ":since_5m Enter", "last 5m" },
	{ "window menu", "t Down Enter", "last 2m" },
	{ "bad type", ":type_x Enter", "is no graph type" },
	{ "labels", ":labels_none Enter", "control-v1" },
	{ "namespace", ":namespace_travel-portal Enter", "voyages-v1" },
	{ "graph, all in one line", ":graph_travel-agency_/hotels_last_5m Enter", "hotels-v1" },
	{ "its window", ":graph_travel-agency_/hotels_last_5m Enter", "│ travel-agency │ workload │ last 5m" },
	{ "its bad window", ":graph_last_x Enter", "\"x\" is no time window" },
	{ "its context", ":graph_@prod Enter", "@prod: this version knows no contexts" },
	{ "its window is missing", ":services_last Enter", "last: which window?" },
	{ "no page after what is wrong", ":services_@prod Enter", "control-v1" },
	{ "nor after a bad window", ":services_last_x Enter", "control-v1" },
	{ "list with a filter", ":services_travel-agency_/hotels Enter", "Services │ travel-agency" },
	{ "list with a filter that fits nothing", ":services_/zzz Enter", "nothing here matches \"zzz\"" },
	{ "by labels", ":workloads Enter / -l_app=travels,version=v2 Enter", "version=v2  1 of" },
	{ "by what is not", ":workloads Enter / !v1 Enter", "travels-v2" },
	{ "by letters", ":workloads Enter / -f_tv2 Enter", "/-f tv2  1 of" },
	{ "nodes by labels", "/ -l_app=hotels,version=v1 Enter", "hotels-v1\n" },
	{ "nodes by what they are not", ":find_!-v1 Enter", "travels-v2\n" },
	{ "nodes by letters", "/ -f_hotlv1 Enter", "│ hotels-v1\n" },
	{ "no such namespace", ":namespace_nosuch Enter", "nothing is known of a namespace \"nosuch\"" },
	{ "nor one in braces", ":namespace_{undo} Enter", "of a namespace \"{undo}\"; s chooses" },
	{ "an expression in braces", ":save-find_x_name=\"{undo}\" Enter F", "name=\"{undo}\"" },
	{ "namespace menu", "s Space Enter", "travel-control,travel-portal" },
	{ "hide", ":hide_mysql Enter", "hiding mysql" },
	{ "services", ":services Enter", "SERVICE" },
	{ "overview", ":overview Enter", "travel-agency" },
	{ "overview to picture", ":overview Enter Enter", "mysqldb-v1" },
	{ "apps", ":apps Enter", "APP" },
	{ "workloads", ":workloads Enter", "WORKLOAD" },
	{ "config", ":config Enter", "VirtualService" },
	{ "validations", ":validations Enter", "nothing is wrong" },
	{ "history", ":history Enter", "nothing has been changed yet" },
	{ "help", "?", "Keys of this view" },
	{ "commands", "? Tab", ":services" },
	{ "a service is completed", ":service_tra Tab", ":service travels.travel-agency" },
	{ "several", ":delete-routing_travels.travel-agency,_hot Tab",
	  ":delete-routing travels.travel-agency, hotels.travel-agency" },
	{ "a page's tabs are its own", ":service_hotels.travel-agency_log Tab",
	  ":service hotels.travel-agency log\n" },
	{ "no tab behind them", ":delete-routing_hotels.travel-agency_inb Tab",
	  ":delete-routing hotels.travel-agency inb\n" },
	{ "a wizard without a form", ":wizard_k8s-grpc-routing_hotels.travel-agency Enter",
	  "meshtop wizard k8s-grpc-routing --service hotels.travel-agency does it" },
	{ "of no service", ":wizard_k8s-grpc-routing_x.y Enter", "there is no service \"x.y\"" },
	{ "a workload", ":workload_travels-v2 Tab", ":workload travels-v2.travel-agency" },
	{ "an app", ":app_tra Tab", ":app travels.travel-agency" },
	{ "a tab of its page", ":workload_travels-v2.travel-agency_inb Tab", "travel-agency inbound" },
	{ "the second of several services", ":delete-routing_travels.travel-agency,hot Tab",
	  "travel-agency,hotels.travel-agency" },
	{ "freeze", "z", "FROZEN" },
	{ "thaw", "z z", "live again" },
	{ "yaml", ":yaml_vs_travels.travel-agency Enter", "VirtualService travels.travel-agency" },
	{ "yaml of nothing", ":yaml_vs_none.x Enter", "there is no VirtualService" },
	{ "services to picture", ":services Enter p", "hotels-v1\n" },
	{ "view back", ":services Enter [", "control-v1" },
	{ "view forward", ":services Enter [ ]", "SERVICE" },
	{ "apply", ":apply_x.yaml Enter", "1 object applied" },
	{ "apply nothing", ":apply_missing.yaml Enter", "no such file" },
	{ "deploy", ":deploy_travels-v2 Enter", "this mesh has no extras" },
	{ "delete asks", ":delete_vs_travels.travel-agency Enter", "delete VirtualService travels" },
	{ "delete", ":delete_vs_travels.travel-agency Enter y", "stored" },
	{ "delete not", ":delete_vs_travels.travel-agency Enter n", "left as it is" },
	{ "actions of a service", "/ travels-v2 Enter a", "Edit Service travels" },
	{ "a service by its name alone", ":wizard_fault-injection_travels Enter", "Fault Injection for travels.travel-agency" },
	{ "its page by its name alone", ":service_travels Enter", "Service travels.travel-agency" },
	{ "no service of that name", ":wizard_fault-injection_nobody Enter", "no service, or several, are called \"nobody\"" },
	{ "wizards from a list", ":services Enter w", "Wizards for" },
	{ "actions from a list", ":workloads Enter a", "Scale travels-v1" },
	{ "scale", ":scale_travels-v1.travel-agency_3 Enter", "stored" },
	{ "scale too far", ":scale_travels-v1.travel-agency_65 Enter", "from 0 to 64" },
	{ "scale nothing", ":scale_none.x_1 Enter", "there is no Deployment" },
	{ "edit nothing", ":edit_vs_none.x Enter", "there is no VirtualService" },
	{ "quit asks", "q", "leave meshtop?" },
	{ "a line answers no", "q :services Enter", "SERVICE" },
	{ "mark without a recording", ":mark_x Enter", "can be recorded here" },
	{ "no such problem", ":problem_3 Enter", "no such problem" },
	{ "words have hyphens", ":group-by_app Enter", "\"group-by\" has nothing" },
	{ "interrupt", "Ctrl-C", "Ctrl-C again" },
	{ "escape at the root stays", "Esc Esc", "arrows select" },
	{ "errors", "e", "nothing is in error or warning" },
	{ "ambiguous", ":wi Enter", "begins several commands" },
	{ "light glyphs", "~", "┌────────────┐" },
	{ "ascii glyphs", "~ ~", "+------------+" },
	{ "no setting", ":set_nothing Enter", "no setting" },
};

static void
test_app_key__leads_to_the_screen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		struct fake_app *f = open_app(140, 40, NULL);

		app_canvas(f->app);	/* keys follow what was seen */
		app_press(f->app, walks[i].keys, NULL);
		if (!app_shows(f->app, walks[i].shown)) {
			struct buf b = BUF_INIT;

			canvas_text(app_canvas(f->app), &b);
			fail_msg("%s: \"%s\" is not in\n%s", walks[i].name, walks[i].shown, buf_str(&b));
		}
		fake_app_close(&f);
	}
}

static void
test_app_key__errors_are_walked(void **state)
{
	struct fake_app *f = open_app(140, 40, NULL);

	(void)state;
	fake_feed_break(f->feed, true);
	app_canvas(f->app);
	app_press(f->app, "e", NULL);
	assert_app_shows(f->app, "x failing");
	app_press(f->app, "Tab", NULL);
	assert_app_shows(f->app, "UO,URX");
	fake_app_close(&f);
}

/* Where there is little room labels are cut, what is chosen is not. */
static void
test_menu__shows_values_on_narrow_terminals(void **state)
{
	struct fake_app *f = open_app(40, 12, NULL);

	(void)state;
	app_canvas(f->app);
	app_press(f->app, "o", NULL);
	assert_app_shows(f->app, "Rate on the edges         on ");
	assert_app_shows(f->app, "─ 1-8 of 22 ─");
	fake_app_close(&f);
}

/* The key that answers is seen, however long the question. */
static void
test_app_ask__the_answer_is_in_sight(void **state)
{
	static const struct { unsigned cols; const char *keys, *shown; } rows[] = {
		{ 80, "q", " leave meshtop?  y yes  any other key no\n" },
		{ 40, "q", " leave meshtop?  y yes  any other key no\n" },
		{ 40, ":delete_vs_travels.travel-agency Enter", "  y yes\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_app *f = open_app(rows[i].cols, 12, NULL);

		app_canvas(f->app);
		app_press(f->app, rows[i].keys, NULL);
		assert_app_shows(f->app, rows[i].shown);
		fake_app_close(&f);
	}
}

/* So is the step of a wizard that one is at. */
static void
test_wizard__the_step_is_in_sight(void **state)
{
	struct fake_app *f = open_app(40, 12, NULL);

	(void)state;
	app_press(f->app, ":wizard_request-routing_travels.travel-agency Enter", NULL);
	assert_app_shows(f->app, "Rules]");
	app_press(f->app, "Ctrl-O", NULL);
	assert_app_shows(f->app, "Preview]");
	fake_app_close(&f);
}

/* Nothing that was entered goes unasked, whatever leads away. */
static void
test_wizard__is_not_left_unasked(void **state)
{
	static const char *const ways[] = {
		"F1 :services Enter", "F1 [", "F1 `", "F1 :quit Enter", "Esc :services Enter",
		"Esc :select_cars Enter", "Alt-x services Enter", "Ctrl-O :q Enter",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct fake_app *f = open_app(100, 30, NULL);

		app_press(f->app, ":services Enter :wizard_request-routing_travels.travel-agency Enter n portal", NULL);
		app_press(f->app, ways[i], NULL);
		assert_app_shows(f->app, "leave the wizard and drop what you entered?");
		app_press(f->app, "n", NULL);
		assert_false(f->has_quit);
		fake_app_close(&f);
	}
}

static void
test_wizard__takes_command_lines(void **state)
{
	struct fake_app *f = open_app(100, 30, NULL);

	(void)state;
	app_press(f->app, ":wizard_request-routing_travels.travel-agency Enter", NULL);
	app_press(f->app, ":screenshot_x.png Enter", NULL);
	assert_app_shows(f->app, "write NAME.txt or NAME.svg");
	app_press(f->app, "n a:b Alt-x screenshot_x.png Enter", NULL);
	assert_app_shows(f->app, "write NAME.txt or NAME.svg");
	app_press(f->app, "Esc Esc n", NULL);
	assert_app_shows(f->app, "headers[a:b]");		/* in a field it is a character */
	fake_app_close(&f);
}

/* At a question it is none, and no character either. */
static void
test_wizard__a_line_answers_no(void **state)
{
	struct fake_app *f = open_app(100, 30, NULL);

	(void)state;
	app_press(f->app, ":wizard_request-timeouts_travels.travel-agency Enter Space Tab 3 Esc", NULL);
	assert_app_shows(f->app, "drop what you entered?");
	app_press(f->app, ":svc", NULL);
	assert_app_shows(f->app, "\n :svc");
	app_press(f->app, "Esc", NULL);
	assert_false(app_shows(f->app, "svc"));
	fake_app_close(&f);
}

static void
test_app_key__q_leaves_by_line(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);

	(void)state;
	app_press(f->app, ":q Enter", NULL);
	assert_true(f->has_quit);
	fake_app_close(&f);
}

static void
test_app_copy__takes_the_name(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);

	(void)state;
	app_canvas(f->app);
	app_press(f->app, "/ hotels Enter c", NULL);
	assert_string_equal(buf_str(&f->copied), "hotels-v1");
	fake_app_close(&f);
}

static const struct {
	const char *name, *from, *to;	/* an edit of the text; NULL: none */
	int status;			/* of the editor */
	const char *shown;
	bool keeps_draft;
} edits[] = {
	{ "stored", "http:", "http: # mine\n  - {match: [{uri: {prefix: /a}}], route: "
	  "[{destination: {host: travels}}]}", 0, "stored", false },
	{ "nothing changed", NULL, NULL, 0, "nothing was changed", false },
	{ "does not parse", "spec:", "spec: [", 0, "edit again?", true },
	{ "unknown field", "http:", "htpp:", 0, "edit again?", true },
	{ "another name", "name: travels", "name: other", 0, "must stay", true },
	{ "the editor failed", "http:", "http: #", 3, "ended with 3", true },
};

static void
rewrite(const char *path, const char *from, const char *to)
{
	char text[4096] = "", *at;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	at = strstr(text, from);
	assert_non_null(at);
	f = freopen(path, "w", f);
	assert_non_null(f);
	fprintf(f, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	fclose(f);
}

static void
test_app_edit__checks_before_it_stores(void **state)
{
	char dir[] = "/tmp/meshtop-edit-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("XDG_STATE_HOME", dir, 1);
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct fake_app *f = open_app(140, 40, NULL);

		app_press(f->app, ":edit_vs_travels.travel-agency Enter", NULL);
		if (f->edited == NULL)
			fail_msg("%s: no editor was opened", edits[i].name);
		if (edits[i].from != NULL)
			rewrite(f->edited, edits[i].from, edits[i].to);
		app_edited(f->app, edits[i].status);
		if (!app_shows(f->app, edits[i].shown))
			fail_msg("%s: \"%s\" is not shown", edits[i].name, edits[i].shown);
		app_press(f->app, "n", NULL);
		if ((access(f->edited, F_OK) == 0) != edits[i].keeps_draft)
			fail_msg("%s: the draft is %s", edits[i].name,
				 edits[i].keeps_draft ? "gone" : "still there");
		unlink(f->edited);
		fake_app_close(&f);
	}
	unsetenv("XDG_STATE_HOME");
	tree_remove(dir);
}

/* What was typed is not lost, and a change of others is told. */
static void
test_app_edit__goes_on_with_a_draft(void **state)
{
	char dir[] = "/tmp/meshtop-edit-XXXXXX";
	struct fake_app *f = open_app(140, 40, NULL);

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("XDG_STATE_HOME", dir, 1);
	app_press(f->app, ":edit_vs_travels.travel-agency Enter", NULL);
	rewrite(f->edited, "http:", "htpp:");
	app_edited(f->app, 0);
	app_press(f->app, "n", NULL);
	assert_app_shows(f->app, "the draft is kept");
	app_press(f->app, ":edit_vs_travels.travel-agency Enter", NULL);
	assert_app_shows(f->app, "go on with that one?");
	app_press(f->app, "y", NULL);
	rewrite(f->edited, "htpp:", "http: #\n  - {match: [{uri: {prefix: /b}}], route: "
		"[{destination: {host: travels}}]}");
	app_edited(f->app, 0);
	assert_app_shows(f->app, "stored");
	assert_int_not_equal(access(f->edited, F_OK), 0);
	fake_app_close(&f);
	unsetenv("XDG_STATE_HOME");
	tree_remove(dir);
}

static void
test_wizard_preview__tries_recent_requests(void **state)
{
	static const char requests[] = "[{\"time\":\"2026-11-25T10:00:00Z\","
		"\"source\":\"travels-v2.travel-agency\",\"method\":\"GET\",\"path\":\"/\","
		"\"host\":\"travels.travel-agency:8000\",\"request_headers\":{},\"redacted\":[]}]";
	struct fake_app *f = open_app(100, 40, NULL);
	struct arena *a = arena_new();

	(void)state;
	app_press(f->app, ":wizard_request-routing_travels.travel-agency Enter", NULL);
	app_press(f->app, "x n portal Tab Tab uk Ctrl-O", NULL);
	assert_app_shows(f->app, "none are known yet");
	assert_true(f->model.wants_many_requests);
	f->model.requests = json_parse(a, requests, strlen(requests), NULL);
	f->feed->sink.on_change(f->feed->sink.arg, MODEL_REQUESTS);
	assert_app_shows(f->app, "travel-agency/travels-v2 x 404 NR: no rule takes it");
	app_press(f->app, "Esc o Ctrl-O", NULL);	/* a rule for the rest */
	assert_app_shows(f->app, "no edge would change");
	fake_app_close(&f);
	arena_free(&a);
}

static void
test_app_key__quit_needs_a_yes(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);

	(void)state;
	app_press(f->app, "q n", NULL);
	assert_false(f->has_quit);
	app_press(f->app, "q y", NULL);
	assert_true(f->has_quit);
	fake_app_close(&f);
}

static void
test_app__lost_engine_is_said(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);

	(void)state;
	fake_feed_lose(f->feed, "the engine does not run");
	assert_app_shows(f->app, "LOST");
	assert_app_shows(f->app, "the engine does not run");
	fake_feed_lose(f->feed, NULL);
	assert_app_shows(f->app, "live");
	fake_app_close(&f);
}

static void
test_app_paste__never_runs_keys(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);

	(void)state;
	app_paste(f->app, "qy\n", 3);
	assert_false(f->has_quit);
	assert_app_shows(f->app, "pasted text ignored");
	app_press(f->app, ":", NULL);
	app_paste(f->app, "services\n\033[2J", 13);
	assert_app_shows(f->app, ":services\357\277\275");
	fake_app_close(&f);
}

static unsigned
within(unsigned n, unsigned most)
{
	return n < 1 ? 1 : n > most ? most : n;
}

static void
test_app_resize__any_size_is_drawn(void **state)
{
	static const unsigned sizes[][2] = {
		{ 1, 1 }, { 3, 2 }, { 20, 6 }, { 39, 30 }, { 40, 10 }, { 79, 24 }, { 80, 23 },
		{ 80, 24 }, { 109, 24 }, { 110, 24 }, { 300, 100 }, { 1000, 500 }, { 1001, 501 }, { 0, 0 },
	};
	struct fake_app *f = open_app(80, 24, NULL);
	static const char *const views[] = {
		"", "Down", "w", "Esc t", "Esc s", "Esc ?", "q :services Enter", ":se Tab",
	};

	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		app_press(f->app, views[v], NULL);
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			const struct canvas *c;
			char *text;

			app_resize(f->app, sizes[i][0], sizes[i][1]);
			c = app_canvas(f->app);
			assert_int_equal(c->cols, within(sizes[i][0], CANVAS_MAX_COLS));
			assert_int_equal(c->rows, within(sizes[i][1], CANVAS_MAX_ROWS));
			text = app_text(f->app);
			assert_true(text[strspn(text, " \n")] != '\0');
			free(text);
		}
	}
	fake_app_close(&f);
}

static void
assert_nothing_unsafe(const struct canvas *c, const char *keys)
{
	for (unsigned row = 0; row < c->rows; row++) {
		for (unsigned col = 0; col < c->cols; col++) {
			const struct cell *cell = canvas_at(c, col, row);

			if (cell->glyph != 0 && text_cp_is_unsafe(cell->glyph))
				fail_msg("U+%04X after \"%s\"", cell->glyph, keys);
		}
	}
}

static void
test_app__nothing_unsafe_reaches_a_cell(void **state)
{
	static const char *const views[] = {
		"", "Down", "Tab", "Tab", "Enter", "q a", "Esc w", "Esc", ":validations Enter", "Enter",
		"q q :requests Enter", "Enter", "q q ?", "q s", "Esc :services Enter", "q / 1 Enter",
		":wizard_request-routing_travels.travel-agency Enter", "n", "Ctrl-N", "Ctrl-O",
	};
	static const unsigned sizes[][2] = { { 140, 40 }, { 80, 24 }, { 60, 16 } };
	struct fake_app *f = open_app(140, 40, NULL);

	(void)state;
	fake_feed_poison(f->feed);
	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		app_press(f->app, views[i], NULL);
		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			app_resize(f->app, sizes[k][0], sizes[k][1]);
			assert_nothing_unsafe(app_canvas(f->app), views[i]);
		}
	}
	fake_app_close(&f);
}

/* Bytes of the next frame. */
static size_t
frame_bytes(struct draw *d, struct fake_app *f)
{
	struct buf b = BUF_INIT;
	size_t len;

	draw_frame(d, app_canvas(f->app), &b);
	len = b.len;
	buf_fini(&b);
	return len;
}

static void
test_draw_frame__refresh_fits_in_a_kilobyte(void **state)
{
	const struct draw_options options = { .has_colour = true };
	struct fake_app *f = open_app(140, 40, NULL);
	struct draw *d = draw_new("xterm-256color", &options, NULL);
	size_t most = 0;

	(void)state;
	assert_non_null(d);
	fake_feed_densify(f->feed);
	assert_true(frame_bytes(d, f) > 1000);
	for (unsigned step = 1; step <= 20; step++) {
		size_t len;

		fake_feed_step(f->feed, step);
		len = frame_bytes(d, f);
		most = len > most ? len : most;
	}
	assert_true(most > 100);		/* the figures did change */
	if (most > REFRESH_BYTES_MAX)
		fail_msg("%zu bytes for one refresh", most);
	draw_free(&d);
	fake_app_close(&f);
}

/* Figures that were put in place look as if all had been laid out anew. */
static void
test_topology__new_figures_are_shown(void **state)
{
	struct fake_app *kept = open_app(140, 40, NULL), *other;
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	app_canvas(kept->app);
	for (unsigned step = 1; step <= 7; step++) {
		fake_feed_step(kept->feed, step);
		app_canvas(kept->app);
	}
	canvas_text(app_canvas(kept->app), &a);
	fake_app_close(&kept);
	other = open_app(140, 40, NULL);
	fake_feed_step(other->feed, 7);
	canvas_text(app_canvas(other->app), &b);
	assert_string_equal(buf_str(&a), buf_str(&b));
	fake_app_close(&other);
	buf_fini(&a);
	buf_fini(&b);
}

static void
test_draw_frame__nothing_when_nothing_changed(void **state)
{
	const struct draw_options options = { .has_colour = true, .is_synchronized = true };
	struct fake_app *f = open_app(140, 40, NULL);
	struct draw *d = draw_new("xterm-256color", &options, NULL);

	(void)state;
	frame_bytes(d, f);
	for (unsigned i = 0; i < 5; i++) {
		fake_feed_step(f->feed, 0);
		app_tick(f->app);
		assert_int_equal(frame_bytes(d, f), 0);
	}
	draw_free(&d);
	fake_app_close(&f);
}

/* A row at the hosts of the VirtualService, as wide as the lists show it. */
static void
test_yaml__marks_lines_that_are_wrong(void **state)
{
	struct fake_app *f = open_app(80, 24, NULL);
	const struct object *vs = snapshot_find(f->model.mesh->snapshot, KIND_VIRTUAL_SERVICE, "travel-agency",
						"travels");

	(void)state;
	problem_add(&f->model.problems, vs, value_path(vs->spec, "hosts"), "MT0026", SEVERITY_ERROR, "spec.hosts",
		    "wrong here");
	problem_add(&f->model.problems, vs, value_path(vs->spec, "http"), "MT2103", SEVERITY_INFO, "spec.http",
		    "a hint");
	app_press(f->app, ":config Enter", NULL);
	assert_app_shows(f->app, "x MT0026");
	app_press(f->app, "q :validations Enter Enter", NULL);
	assert_app_shows(f->app, "wrong here");
	app_press(f->app, "Tab", NULL);
	assert_app_shows(f->app, "^ MT0026 wrong here");
	app_press(f->app, "q q :services Enter", NULL);
	assert_app_shows(f->app, "healthy    x MT0026");	/* of travels alone */
	app_press(f->app, "q :yaml_vs_travels.travel-agency Enter", NULL);
	assert_app_shows(f->app, "\nx  hosts: [travels");
	assert_app_shows(f->app, "\n          ^ MT0026 wrong here\n");
	assert_app_shows(f->app, "\ni  - route:");
	app_press(f->app, "e e", NULL);
	assert_app_shows(f->app, "MT0026");
	app_press(f->app, "c", NULL);
	assert_null(strstr(buf_str(&f->copied), "MT0026"));
	assert_non_null(strstr(buf_str(&f->copied), "  hosts: [travels"));
	fake_app_close(&f);
}

/* Pasted, typed or yanked: it ends with a whole character. */
static void
test_prompt__a_line_has_a_maximum(void **state)
{
	static const char *const ways[] = {
		"Enter", "Ctrl-A abc Enter", "Ctrl-A Ctrl-K Ctrl-Y Ctrl-Y Ctrl-Y Enter",
	};
	struct buf paste = BUF_INIT;

	(void)state;
	buf_putc(&paste, 'x');
	for (unsigned i = 0; i < 30000; i++)
		buf_puts(&paste, "é");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char dir[] = "/tmp/meshtop-test-XXXXXX", *file, *clean;
		struct buf line = BUF_INIT;
		struct fake_app *f;

		assert_non_null(mkdtemp(dir));
		file = xasprintf("%s/lines", dir);
		f = open_app(80, 24, file);
		app_press(f->app, ":", NULL);
		app_paste(f->app, paste.data, paste.len);
		assert_app_shows(f->app, "ééé\n");
		app_press(f->app, ways[i], NULL);
		assert_int_equal(file_read(file, 200000, &line, NULL), 0);
		assert_in_range(line.len, 4000, 4097);
		line.data[line.len - 1] = ' ';		/* the newline */
		clean = text_clean(buf_str(&line));
		assert_string_equal(clean, buf_str(&line));
		free(clean);
		buf_fini(&line);
		fake_app_close(&f);
		unlink(file);
		rmdir(dir);
		free(file);
	}
	buf_fini(&paste);
}

static void
test_prompt__writes_nothing_itself_and_keeps_its_history(void **state)
{
	char dir[] = "/tmp/meshtop-test-XXXXXX", *file;
	struct stat st;
	struct fake_app *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/lines", dir);
	f = open_app(80, 24, file);
	app_press(f->app, ": services Enter : Up", NULL);
	assert_app_shows(f->app, ":services");
	app_press(f->app, "Esc : valida Tab", NULL);
	assert_app_shows(f->app, ":validations");
	app_press(f->app, "Ctrl-A Ctrl-K Ctrl-R serv", NULL);
	assert_app_shows(f->app, "services");
	app_press(f->app, "Esc", NULL);		/* out of the search, the line stays open */
	assert_true(app_line_is_open(f->app));
	app_press(f->app, "Esc : Ctrl-R serv Ctrl-C", NULL);
	assert_false(app_line_is_open(f->app));
	app_press(f->app, ":apps Ctrl-L", NULL);	/* nothing of the search is left */
	assert_int_equal(f->repaints, 1);		/* also while the line is open */
	app_press(f->app, "Ctrl-Z", NULL);
	assert_int_equal(f->suspends, 1);
	assert_app_shows(f->app, "\n :apps\n");
	app_press(f->app, "Esc q q", NULL);
	assert_app_shows(f->app, "leave meshtop?");
	app_press(f->app, "Ctrl-L Ctrl-Z", NULL);	/* no answers */
	assert_int_equal(f->repaints, 2);
	assert_int_equal(f->suspends, 2);
	assert_app_shows(f->app, "leave meshtop?");
	app_press(f->app, "n :apps", NULL);
	app_press(f->app, "Esc :services Enter", NULL);
	assert_int_equal(app_prompt_stray_bytes(f->app), 0);
	assert_int_equal(stat(file, &st), 0);	/* before the console ends; no line twice */
	assert_int_equal(st.st_size, strlen("services\n"));
	fake_app_close(&f);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = open_app(80, 24, file);
	app_press(f->app, ": Up", NULL);
	assert_app_shows(f->app, ":services");
	fake_app_close(&f);
	assert_null(getenv("LINES"));
	unlink(file);
	rmdir(dir);
	free(file);
}

/* A screen that writes down what it is told. */
struct witness {
	struct screen screen;
	unsigned told, changes;
};

static void
witness_update(struct screen *s, unsigned changes)
{
	struct witness *w = (struct witness *)s;

	w->told++;
	w->changes = changes;
}

static void
witness_draw(struct screen *s, struct area a)
{
	(void)s;
	(void)a;
}

static void
witness_free(struct screen *s)
{
	free(s);
}

/* Under a menu it is still seen, under a page no more. */
static void
test_app__tells_covered_screens_when_they_are_seen_again(void **state)
{
	static const struct screen_ops ops = {
		.name = "witness", .scope = SCOPE_LIST, .update = witness_update,
		.draw = witness_draw, .free = witness_free,
	};
	struct fake_app *f = open_app(140, 40, NULL);
	struct witness *w = xcalloc(1, sizeof(*w));

	(void)state;
	w->screen.ops = &ops;
	app_push(f->app, &w->screen);
	assert_int_equal(w->told, 1);
	app_run(f->app, "window");
	fake_feed_step(f->feed, 1);
	assert_int_equal(w->told, 2);
	app_key(f->app, K_ESC);
	app_push(f->app, help_open(f->app, SCOPE_LIST, "witness"));
	fake_feed_step(f->feed, 2);
	fake_feed_step(f->feed, 3);
	assert_int_equal(w->told, 2);
	app_key(f->app, K_ESC);
	assert_int_equal(w->told, 3);
	assert_true((w->changes & MODEL_GRAPH) != 0);
	app_push(f->app, help_open(f->app, SCOPE_LIST, "witness"));
	app_key(f->app, K_ESC);
	assert_int_equal(w->told, 3);		/* nothing was missed */
	fake_app_close(&f);
}

/* A hint names keys; what went wrong is told as it is. */
static void
test_app__commits_end_with_a_hint(void **state)
{
	struct fake_app *f = fake_app_open(&(struct app_options){ .cols = 100, .rows = 30 });
	const struct feed_sink *sink = &f->feed->sink;

	(void)state;
	sink->on_committed(sink->arg, false, "/srv/{undo}/{und}.yaml: refused", NULL);
	assert_app_shows(f->app, "/srv/{undo}/{und}.yaml: refused");
	sink->on_committed(sink->arg, true, "1 object stored", "{undo} takes it back, {und} does not");
	assert_app_shows(f->app, "1 object stored; u takes it back, {und} does not");
	fake_app_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_app_key__leads_to_the_screen),
		cmocka_unit_test(test_app_key__errors_are_walked),
		cmocka_unit_test(test_app_copy__takes_the_name),
		cmocka_unit_test(test_menu__shows_values_on_narrow_terminals),
		cmocka_unit_test(test_app_key__q_leaves_by_line),
		cmocka_unit_test(test_wizard__is_not_left_unasked),
		cmocka_unit_test(test_wizard__takes_command_lines),
		cmocka_unit_test(test_wizard__a_line_answers_no),
		cmocka_unit_test(test_app_ask__the_answer_is_in_sight),
		cmocka_unit_test(test_wizard__the_step_is_in_sight),
		cmocka_unit_test(test_app_edit__checks_before_it_stores),
		cmocka_unit_test(test_app_edit__goes_on_with_a_draft),
		cmocka_unit_test(test_wizard_preview__tries_recent_requests),
		cmocka_unit_test(test_app_key__quit_needs_a_yes),
		cmocka_unit_test(test_app__lost_engine_is_said),
		cmocka_unit_test(test_app_paste__never_runs_keys),
		cmocka_unit_test(test_app_resize__any_size_is_drawn),
		cmocka_unit_test(test_app__nothing_unsafe_reaches_a_cell),
		cmocka_unit_test(test_yaml__marks_lines_that_are_wrong),
		cmocka_unit_test(test_prompt__a_line_has_a_maximum),
		cmocka_unit_test(test_prompt__writes_nothing_itself_and_keeps_its_history),
		cmocka_unit_test(test_topology__new_figures_are_shown),
		cmocka_unit_test(test_draw_frame__refresh_fits_in_a_kilobyte),
		cmocka_unit_test(test_draw_frame__nothing_when_nothing_changed),
		cmocka_unit_test(test_app__tells_covered_screens_when_they_are_seen_again),
		cmocka_unit_test(test_app__commits_end_with_a_hint),
	};

	unsetenv("LINES");
	unsetenv("COLUMNS");
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
