/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person's own configuration: what is read, refused and printed; saved views. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/app/app.h"
#include "tui/config/config.h"
#include "tui/feed/model.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/term/theme.h"

static const char good[] =
	"options:\n"
	"  theme: tritanopia\n"
	"  refresh: 5s\n"
	"  type: workload\n"
	"  labels: rate,time:p95\n"
	"display:\n"
	"  ranks: on\n"
	"keys:\n"
	"  find-next: [F3, n]\n"
	"  edges: Ctrl-G\n"
	"  freeze: \"\"\n"
	"  play triage: [F5, Alt-t]\n"
	"  since 5m: F6\n"
	"finds:\n"
	"  mine: app = travels AND NOT idle\n"
	"views:\n"
	"  agency:\n"
	"  - namespace travel-agency\n"
	"  - since 5m\n";

static const struct {
	const char *text, *part;
	unsigned line, col;
} refused[] = {
	{ "options:\n  colour: red\n", "no option \"colour\"", 2, 11 },
	{ "options:\n  type: pods\n", "app, versionedApp", 2, 9 },
	{ "options: 3\n", "names and values", 1, 10 },
	{ "display:\n  badges: maybe\n", "on or off", 2, 11 },
	{ "display:\n  sounds: on\n", "no display option", 2, 11 },
	{ "keys:\n  nosuch: x\n", "no command \"nosuch\"", 2, 11 },
	{ "keys:\n  find: Hyper-Q\n", "is no key", 2, 9 },
	{ "keys:\n  find-next: e\n", "claim the same key", 2, 14 },
	{ "keys:\n  edges: q\n", "claim the same key", 2, 10 },
	{ "keys:\n  nosuch x: F5\n", "no command \"nosuch x\"", 2, 13 },
	{ "keys:\n  since 5m: F5\n  since 1m: F5\n", "claim the same key", 3, 13 },
	{ "keys:\n  freeze: Ctrl-C\n", "always interrupts", 2, 11 },
	{ "options:\n  refresh: 0s\n", "how often", 2, 12 },
	{ "options:\n  since: 31d\n", "a time window", 2, 10 },
	{ "options:\n  since: 500ms\n", "a time window", 2, 10 },
	{ "options:\n  refresh: 500ms\n", "how often", 2, 12 },
	{ "finds:\n  a b: healthy\n", "a name of one word", 2, 8 },
	{ "keys:\n  play x: q\n", "claim the same key", 2, 11 },
	{ "options:\n  glyphs: braille\n", "unicode, light or ascii", 2, 11 },
	{ "options:\n  mouse: perhaps\n", "on or off", 2, 10 },
	{ "finds:\n  x: app =\n", "column 6", 2, 6 },
	{ "views:\n  x: []\n", "list of command lines", 2, 6 },
	{ "views:\n  x: [nonsense 3]\n", "not a command line", 2, 7 },
	{ "windows: {}\n", "no section", 1, 10 },
	{ "- a\n", "belong here", 1, 1 },
	{ "keys: {a: 1, a: 2}\n", "", 1, 0 },
};

static void
test_config_parse__refuses_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct error err = ERROR_INIT;
		struct config c;

		if (config_parse(&c, refused[i].text, strlen(refused[i].text), "c.yaml", &err) == 0)
			fail_msg("not refused: %s", refused[i].text);
		if (strstr(err.msg, refused[i].part) == NULL || err.line != refused[i].line ||
		    (refused[i].col != 0 && err.col != refused[i].col) ||
		    strcmp(err.file, "c.yaml") != 0)
			fail_msg("%s: got %s:%u:%u: %s", refused[i].text, err.file, err.line, err.col,
				 err.msg);
	}
}

static void
print(const struct config *c, struct buf *out)
{
	struct error err = ERROR_INIT;
	struct keymap *m = config_keymap(c, &err);

	assert_non_null(m);
	config_print(c, m, out);
	keymap_free(&m);
}

static void
test_config_print__reads_back_as_it_is(void **state)
{
	struct error err = ERROR_INIT;
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct config c, again;

	(void)state;
	assert_int_equal(config_parse(&c, good, strlen(good), "c.yaml", &err), 0);
	print(&c, &once);
	assert_non_null(strstr(buf_str(&once), "find-next: \"F3 n\""));
	assert_non_null(strstr(buf_str(&once), "freeze: \"\""));
	assert_non_null(strstr(buf_str(&once), "\"play triage\": \"F5 Alt-t\""));
	assert_non_null(strstr(buf_str(&once), "# Freeze the picture"));
	if (config_parse(&again, once.data, once.len, "c.yaml", &err) < 0)
		fail_msg("%u:%u: %s", err.line, err.col, err.msg);
	print(&again, &twice);
	assert_string_equal(buf_str(&once), buf_str(&twice));
	config_fini(&c);
	config_fini(&again);
	buf_fini(&once);
	buf_fini(&twice);
}

static void
test_config_keymap__keys_stand_for_whole_lines(void **state)
{
	struct error err = ERROR_INIT;
	struct config c;
	struct keymap *m;

	(void)state;
	assert_int_equal(config_parse(&c, good, strlen(good), "c.yaml", &err), 0);
	m = config_keymap(&c, &err);
	assert_non_null(m);
	assert_string_equal(keymap_line(m, SCOPE_LIST, K_F6), "since 5m");
	assert_string_equal(keymap_line(m, SCOPE_GRAPH, K_ALT | 't'), "play triage");
	assert_null(keymap_line(m, SCOPE_FORM, K_F6));
	assert_null(keymap_line(m, SCOPE_LIST, 'q'));
	keymap_free(&m);
	config_fini(&c);
}

static void
test_config_set__is_before_the_file(void **state)
{
	struct error err = ERROR_INIT;
	struct config c;

	(void)state;
	assert_int_equal(config_parse(&c, good, strlen(good), "c.yaml", &err), 0);
	assert_string_equal(config_option(&c, "theme"), "tritanopia");
	assert_string_equal(config_option(&c, "mouse"), "off");
	assert_int_equal(config_set(&c, "theme", "mono", &err), 0);
	assert_string_equal(config_option(&c, "theme"), "mono");
	assert_int_equal(config_set(&c, "color", "sometimes", &err), -1);
	assert_non_null(strstr(err.msg, "auto (not under NO_COLOR), always or never"));
	assert_string_equal(config_option(NULL, "background"), "auto");
	config_fini(&c);
}

static struct fake_app *
open_app(const struct config *c, const char *saved)
{
	struct fake_app *f = fake_app_open(&(struct app_options){
		.cols = 140, .rows = 40, .config = c, .saved_file = saved });

	app_canvas(f->app);
	return f;
}

static void
test_config__is_in_force_in_the_app(void **state)
{
	struct error err = ERROR_INIT;
	struct fake_app *f;
	struct config c;

	(void)state;
	assert_int_equal(config_parse(&c, good, strlen(good), "c.yaml", &err), 0);
	f = open_app(&c, NULL);
	assert_int_equal(f->model.query.type, GRAPH_WORKLOAD);
	assert_true(f->model.query.shows_ranks);
	assert_int_equal(f->model.query.refresh_s, 5);
	app_key(f->app, K_CTRL('g'));
	assert_true(app_shows(f->app, "FROM"));		/* the list of edges */
	app_key(f->app, K_ESC);
	app_key(f->app, '?');
	app_run(f->app, "find Ctrl-G");
	assert_true(app_shows(f->app, "Ctrl-G                     The picture as a list of edges"));
	app_run(f->app, "find Freeze the picture");
	assert_true(app_shows(f->app, "nothing here matches"));
	app_key(f->app, K_ESC);
	assert_true(app_shows(f->app, "t time"));
	assert_false(app_shows(f->app, "z freeze"));	/* keys at the bottom are those that work */
	app_key(f->app, 'z');			/* has no key any more */
	assert_false(f->model.query.is_frozen);
	app_run(f->app, "view agency");
	assert_true(app_shows(f->app, "last 5m"));
	assert_true(app_shows(f->app, "travel-agency"));
	app_run(f->app, "find @mine");
	assert_true(app_shows(f->app, "match"));
	fake_app_close(&f);
	config_fini(&c);
}

/* A character that stands for a command is text on the command line; what is
 * said about keys names those that work. */
static void
test_config__keys_of_ones_own_are_told_from_text(void **state)
{
	static const char text[] = "keys:\n  redraw: \"%\"\n  namespaces: F9\n  freeze: \"\"\n";
	struct error err = ERROR_INIT;
	struct fake_app *f;
	struct config c;

	(void)state;
	assert_int_equal(config_parse(&c, text, strlen(text), "c.yaml", &err), 0);
	f = open_app(&c, NULL);
	app_run(f->app, "namespace nosuch");
	assert_app_shows(f->app, "\"nosuch\"; F9 chooses");
	app_run(f->app, "freeze");
	assert_app_shows(f->app, "the figures stay; :freeze goes on");
	app_press(f->app, ":a%b", NULL);
	assert_app_shows(f->app, "\n :a%b");
	fake_app_close(&f);
	config_fini(&c);
}

/* What follows a question in a view, or would drop work, is not run. */
static void
test_view__stops_at_a_question(void **state)
{
	struct fake_app *f;

	(void)state;
	f = open_app(NULL, NULL);
	model_save_view(&f->model, "asks", "delete vs travels.travel-agency\nsince 5m");
	model_save_view(&f->model, "list", "since 5m\nservices");
	app_run(f->app, "view asks");
	assert_app_shows(f->app, "delete VirtualService travels");
	app_key(f->app, 'n');
	app_tick(f->app);
	assert_int_equal(f->model.query.window_s, 60);
	app_press(f->app, ":wizard_request-routing_travels.travel-agency Enter n portal", NULL);
	app_run(f->app, "view list");
	assert_app_shows(f->app, "drop what you entered?");
	assert_int_equal(f->model.query.window_s, 60);
	app_key(f->app, 'n');
	assert_int_equal(f->model.query.window_s, 60);
	fake_app_close(&f);
}

static void
test_save__a_page_is_kept_with_its_namespace(void **state)
{
	struct fake_app *f;

	(void)state;
	f = open_app(NULL, NULL);
	app_run(f->app, "service travels traffic");
	app_run(f->app, "save mine");
	assert_non_null(strstr(model_saved_view(&f->model, "mine"), "\nservice travels.travel-agency traffic"));
	fake_app_close(&f);
}

static void
test_save__views_outlive_the_console(void **state)
{
	char dir[] = "/tmp/meshtop-views-XXXXXX";
	char *file;
	struct fake_app *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/views.yaml", dir);
	f = open_app(NULL, file);
	app_run(f->app, "since 10m");
	app_run(f->app, "labels time:p99,rate");
	app_run(f->app, "hide node = service");
	app_run(f->app, "save-find slow-ones rt > 500");
	app_run(f->app, "fold namespace");
	app_canvas(f->app);
	app_run(f->app, "save wide: \"x\"");
	assert_true(app_shows(f->app, "under which name"));
	app_run(f->app, "save mine");
	fake_app_close(&f);

	f = open_app(NULL, file);
	assert_true(app_shows(f->app, "last 1m"));
	app_run(f->app, "view mine");
	assert_int_equal(f->model.query.window_s, 600);
	assert_int_equal(f->model.query.labels, EDGE_LABEL_RATE | EDGE_LABEL_TIME_P99);
	assert_string_equal(f->model.query.hide, "node = service");
	assert_true(app_shows(f->app, "by namespace"));
	assert_string_equal(model_saved_find(&f->model, "slow-ones"), "rt > 500");
	app_run(f->app, "view nothing");
	assert_true(app_shows(f->app, "no view is saved as"));
	app_run(f->app, "services travel-agency");
	app_run(f->app, "save list");
	app_run(f->app, "graph all");
	app_run(f->app, "view list");
	assert_true(app_shows(f->app, "Services │ travel-agency"));
	assert_false(app_shows(f->app, "nothing to work on"));
	fake_app_close(&f);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
	free(file);
}

/* A file that cannot be read is not written over: it holds somebody's work. */
static void
test_save__a_broken_file_is_left_alone(void **state)
{
	static const char broken[] = "views:\n  mine: [graph]\n oops";
	char dir[] = "/tmp/meshtop-views-XXXXXX", text[64] = "";
	struct fake_app *f;
	FILE *out;
	char *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/views.yaml", dir);
	out = fopen(file, "we");
	assert_non_null(out);
	fputs(broken, out);
	fclose(out);
	f = open_app(NULL, file);
	app_run(f->app, "save other");
	assert_true(app_shows(f->app, "not kept"));
	fake_app_close(&f);
	out = fopen(file, "re");
	assert_non_null(out);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, out), strlen(broken));
	fclose(out);
	assert_string_equal(text, broken);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
	free(file);
}

static void
test_theme__states_differ_in_every_theme(void **state)
{
	static const unsigned states[] = { STYLE_GOOD, STYLE_WARN, STYLE_BAD };
	enum theme theme;

	(void)state;
	assert_false(theme_parse("red", &theme));
	for (unsigned t = 0; t < THEME_COUNT; t++) {
		assert_true(theme_parse(theme_name((enum theme)t), &theme));
		assert_int_equal(theme, t);
		for (size_t i = 0; i < 3; i++) {
			struct look a = theme_look_in(theme, states[i], true);
			struct look b = theme_look_in(theme, states[(i + 1) % 3], true);

			assert_false(a.fg == b.fg && a.attrs == b.attrs);
		}
	}
}

static bool
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static void
make_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Lines and views that lie elsewhere, behind a link, are kept there. */
static void
test_state_file__follows_links_to_files(void **state)
{
	char dir[] = "/tmp/meshtop-links-XXXXXX";
	char *lines, *views, *lines_link, *views_link, *text;
	struct error err = ERROR_INIT;
	struct fake_app *f;
	struct buf b = BUF_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	lines = xasprintf("%s/lines", dir);
	views = xasprintf("%s/views.yaml", dir);
	lines_link = xasprintf("%s/lines-link", dir);
	views_link = xasprintf("%s/views-link", dir);
	make_file(lines, "apps\n");
	make_file(views, "views:\n  old: [since 5m]\n");
	assert_int_equal(symlink("lines", lines_link), 0);
	assert_int_equal(symlink(views, views_link), 0);
	f = fake_app_open(&(struct app_options){ .cols = 100, .rows = 30, .history_file = lines_link,
						 .saved_file = views_link });
	app_press(f->app, ":view_old Enter :save_new Enter : Up", NULL);
	assert_app_shows(f->app, ":save new");
	fake_app_close(&f);
	assert_true(is_link(lines_link) && is_link(views_link));
	assert_int_equal(file_read(lines, 1000, &b, &err), 0);
	assert_string_equal(buf_str(&b), "apps\nview old\nsave new\n");
	buf_clear(&b);
	assert_int_equal(file_read(views, 10000, &b, &err), 0);
	assert_non_null(strstr(buf_str(&b), "old:"));
	assert_non_null(strstr(buf_str(&b), "new:"));
	buf_fini(&b);
	text = xasprintf("rm -r %s", dir);
	assert_int_equal(system(text), 0);
	free(text);
	free(lines);
	free(views);
	free(lines_link);
	free(views_link);
}

/* What cannot be kept is said once, at the start, and nothing is made. */
static void
test_state_file__says_why_nothing_is_kept(void **state)
{
	static const struct { const char *target, *said; } rows[] = {
		{ "nowhere", "a link: No such file or directory" },
		{ ".", "is no file" },
		{ "link", "a link: Too many levels of symbolic links" },
	};
	char dir[] = "/tmp/meshtop-links-XXXXXX";
	char *link;

	(void)state;
	assert_non_null(mkdtemp(dir));
	link = xasprintf("%s/link", dir);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f;

		assert_int_equal(symlink(rows[i].target, link), 0);
		f = fake_app_open(&(struct app_options){ .cols = 140, .rows = 30, .history_file = link });
		assert_app_shows(f->app, "nothing is kept in");
		assert_app_shows(f->app, rows[i].said);
		app_press(f->app, ":services Enter", NULL);
		assert_false(app_shows(f->app, "nothing is kept"));
		fake_app_close(&f);
		assert_true(is_link(link));
		unlink(link);
	}
	assert_int_equal(rmdir(dir), 0);	/* empty */
	free(link);
}

/* Each view is left by another page; what it was comes back. */
static void
test_save__keeps_orders_filters_and_zoom(void **state)
{
	static const struct { const char *lines[4], *saved, *shown; } rows[] = {
		{ { "services", "sort -in", "filter hot" }, "\nservices\nsort -IN\nfilter hot", "/hot  1 of 2" },
		{ { "services", "sort -in", "filter hot" }, "\nsort -IN", "IN▲" },
		{ { "workloads", "sort name" }, "\nworkloads\nsort NAMESPACE", "NAMESPACE▼" },
		{ { "service travels.travel-agency traffic", "sort 2" }, "\ntab traffic\nsort ", "▼" },
		{ { "service travels.travel-agency", "filter v2" }, "\ntab overview\nfilter v2", "/v2" },
		{ { "matrix", "sort -rate" }, "\nmatrix\nsort -rate", "rate" },
		{ { "graph", "zoom line" }, "\nzoom line", "voyages" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f = open_app(NULL, NULL);
		char *before, *after;

		for (size_t l = 0; rows[i].lines[l] != NULL; l++)
			app_run(f->app, rows[i].lines[l]);
		app_run(f->app, "save mine");
		if (strstr(model_saved_view(&f->model, "mine"), rows[i].saved) == NULL)
			fail_msg("%zu: %s", i, model_saved_view(&f->model, "mine"));
		app_key(f->app, K_CTRL('l'));			/* no message */
		assert_app_shows(f->app, rows[i].shown);
		before = app_text(f->app);
		app_run(f->app, "graph");
		app_run(f->app, "zoom box");
		app_canvas(f->app);
		app_run(f->app, "view mine");
		app_key(f->app, K_CTRL('l'));
		after = app_text(f->app);
		assert_string_equal(before, after);
		free(before);
		free(after);
		fake_app_close(&f);
	}
}

static void
test_sort__says_what_it_does_not_know(void **state)
{
	static const struct { const char *page, *line, *said; } rows[] = {
		{ "services", "sort colour", "no column begins with \"colour\"" },
		{ "services", "sort -colour", "no column begins with \"colour\"" },
		{ "services", "sort 99", "no column" },
		{ "matrix", "sort colour", "sort by name, rate, errors or edges" },
		{ "graph", "zoom wide", "zoom to box or line" },
		{ "graph", "filter x", "no rows to leave out" },
	};
	struct fake_app *f = open_app(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		app_run(f->app, rows[i].page);
		app_run(f->app, rows[i].line);
		assert_app_shows(f->app, rows[i].said);
	}
	fake_app_close(&f);
}

/* Hints, messages and menus alike; what has no key is typed. */
static void
test_config__texts_name_the_keys_that_work(void **state)
{
	static const char text[] = "keys:\n  window: F2\n  namespaces: F3\n  back: F4\n  sort-prev: F5\n"
		"  sort-invert: \"\"\n  describe: \"\"\n  focus: F6\n  wizards: F7\n  find-next: F8\n  diff: F9\n";
	static const struct { const char *lines[3], *shown, *hidden; } rows[] = {
		{ { "graph", "hide name contains -" }, "hide shows all again", NULL },
		{ { "hide", "namespace nosuch" }, "F2 widens the time window, F3 chooses namespaces", "t widens" },
		{ { "namespace all", "services", "filter hot" }, "F4 drops it", "Esc drops" },
		{ { "services" }, "s F5 sort", "s S" },
		{ { "services", "filter zzz" }, "no row matches; F4 shows all", NULL },
		{ { "graph", "find v1" }, "F8 and N step", "n and N" },
		{ { "select voyages-v1.travel-portal", "actions" }, "around it  F6", NULL },
		{ { "graph", "select voyages-v1.travel-portal", "actions" }, ":describe", NULL },
		{ { "graph", "focus 1" }, "F6 one more, F4 all", NULL },
		{ { "graph", "focus off", "fold app" }, "", NULL },
		{ { "zoom-out" }, "Enter opens one", NULL },
	};
	struct error err = ERROR_INIT;
	struct fake_app *f;
	struct config c;

	(void)state;
	assert_int_equal(config_parse(&c, text, strlen(text), "c.yaml", &err), 0);
	f = open_app(&c, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		app_key(f->app, K_CTRL('l'));		/* the message before goes */
		for (size_t l = 0; l < 3 && rows[i].lines[l] != NULL; l++)
			app_run(f->app, rows[i].lines[l]);
		assert_app_shows(f->app, rows[i].shown);
		if (rows[i].hidden != NULL && app_shows(f->app, rows[i].hidden))
			fail_msg("%zu: \"%s\" is shown", i, rows[i].hidden);
	}
	fake_app_close(&f);
	config_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_parse__refuses_with_the_place),
		cmocka_unit_test(test_config_keymap__keys_stand_for_whole_lines),
		cmocka_unit_test(test_config_set__is_before_the_file),
		cmocka_unit_test(test_config_print__reads_back_as_it_is),
		cmocka_unit_test(test_config__is_in_force_in_the_app),
		cmocka_unit_test(test_config__keys_of_ones_own_are_told_from_text),
		cmocka_unit_test(test_view__stops_at_a_question),
		cmocka_unit_test(test_save__a_page_is_kept_with_its_namespace),
		cmocka_unit_test(test_theme__states_differ_in_every_theme),
		cmocka_unit_test(test_save__views_outlive_the_console),
		cmocka_unit_test(test_save__a_broken_file_is_left_alone),
		cmocka_unit_test(test_state_file__says_why_nothing_is_kept),
		cmocka_unit_test(test_state_file__follows_links_to_files),
		cmocka_unit_test(test_save__keeps_orders_filters_and_zoom),
		cmocka_unit_test(test_sort__says_what_it_does_not_know),
		cmocka_unit_test(test_config__texts_name_the_keys_that_work),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
