/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of lists: marking them, what is done to all that are, those in error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_app.h"
#include "tui/term/key.h"

#define CONFIG ":config Enter / Deploy Enter "		/* two rows: travels-v1, travels-v2 */

static const struct {
	const char *name, *keys;
	const char *shown, *hidden;	/* NULL: nothing */
} walks[] = {
	{ "a mark", ":services Enter Space", "*hotels", "*travels" },
	{ "described is opened", ":services Enter d", "Service hotels.travel-agency", NULL },
	{ "nothing in error", ":services Enter e", "nothing is in error or warning", NULL },
	{ "the next one in error", ":services Enter $ e Space", "*travels", "*hotels" },
	{ "round to it", ":services Enter Down $ E Space", "*travels", "*hotels" },
	{ "it counts", ":services Enter Space Space", "2 marked  a acts  Esc unmarks", NULL },
	{ "and goes again", ":services Enter Space Up Space", "hotels", "marked" },
	{ "a range", ":services Enter v Down v", "2 marked", NULL },
	{ "under way", ":services Enter v", "v ends the range", NULL },
	{ "backwards", ":services Enter Down v Up v", "*hotels", NULL },
	{ "a marked range is unmarked", ":services Enter v Down v Up v Down v", "hotels", "marked" },
	{ "Esc ends a range", ":services Enter v Esc", "hotels", "ends the range" },
	{ "Esc unmarks", ":services Enter Space Esc", "hotels", "marked" },
	{ "then drops the filter", ":services Enter / hot Enter Space Esc", "/hot", "marked" },
	{ "hidden ones stay", ":services Enter Space / trav Enter", "1 marked", NULL },
	{ "over refreshes", ":services Enter Space !", "*hotels", NULL },
	{ "and sorting", ":services Enter Space s I", "*hotels", NULL },
	{ "not where nothing can be done", ":edges Enter Space", "nothing to work on here", "marked" },
	{ "what can be done to services", ":services Enter v Down v a", "2 marked rows", NULL },
	{ "routing of those", ":services Enter v Down v a", "Delete the traffic routing of 2 services", NULL },
	{ "not of workloads", ":workloads Enter Space a", "Copy the names", "Delete" },
	{ "objects", CONFIG "v Down v a", "Delete 2 objects", NULL },
	{ "of one object", CONFIG "a", "Edit", "marked" },
	{ "it is deleted", CONFIG "a Down Down Enter", "delete Deployment travels-v1", NULL },
	{ "documents", CONFIG "v Down v y", "name: travels-v2", NULL },
	{ "as many", CONFIG "v Down v y", "2 documents", NULL },
	{ "one question", CONFIG "v Down v a Down Down Down Enter", "delete these 2 objects?", NULL },
	{ "what goes", CONFIG "v Down v a Down Down Down Enter", "Deployment travels-v2", NULL },
	{ "no", CONFIG "v Down v a Down Down Down Enter n", "left as it is", NULL },
	{ "typed", ":delete_deployment_travels-v1.travel-agency,_deployment_travels-v2.travel-agency Enter",
	  "delete these 2 objects?", NULL },
	{ "the same twice", ":delete_deployment_travels-v1.travel-agency,deploy_travels-v1.travel-agency Enter",
	  "delete Deployment travels-v1", NULL },
	{ "one of them wrong", ":delete_deployment_travels-v1.travel-agency,deployment_x.y Enter",
	  "there is no Deployment \"x.y\"", "delete Dep" },
	{ "nothing", ":delete Enter", "write KIND NAME.NAMESPACE", NULL },
	{ "routing", ":delete-routing_travels.travel-agency,hotels.travel-agency Enter",
	  "delete the traffic routing of 1 service: 1 object?", NULL },
	{ "no routing", ":delete-routing_hotels.travel-agency Enter", "no traffic routing is stored there", NULL },
	{ "no service", ":delete-routing_x.y Enter", "there is no service \"x.y\"", NULL },
	{ "no word", ":delete-routing Enter", "of which service?", NULL },
};

/* "!" is a second that passes; from "$" on requests to travels-v2 fail. */
static bool
take_word(void *arg, const char *word)
{
	struct fake_app *f = arg;

	if (strcmp(word, "!") == 0)
		fake_feed_step(f->feed, 1);
	else if (strcmp(word, "$") == 0)
		fake_feed_break(f->feed, true);
	else
		return false;
	return true;
}

static void
paint(void *arg, const char *keys)
{
	(void)keys;
	app_canvas(((struct fake_app *)arg)->app);
}

static struct fake_app *
open_app(const char *keys)
{
	struct fake_app *f = fake_app_open(&(struct app_options){ .cols = 120, .rows = 30 });
	const struct app_words own = { take_word, paint, f };

	app_press(f->app, keys, &own);
	return f;
}

static void
test_marks__walks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		struct fake_app *f = open_app(walks[i].keys);

		if (!app_shows(f->app, walks[i].shown))
			fail_msg("%s: \"%s\" is not in\n%s", walks[i].name, walks[i].shown, app_text(f->app));
		if (walks[i].hidden != NULL && app_shows(f->app, walks[i].hidden))
			fail_msg("%s: \"%s\" is in\n%s", walks[i].name, walks[i].hidden, app_text(f->app));
		fake_app_close(&f);
	}
}

/* All of them are one change: one undo takes it back. */
static void
test_marks__are_deleted_in_one_change(void **state)
{
	struct fake_app *f = open_app(CONFIG "v Down v a Down Down Down Enter");

	(void)state;
	assert_string_equal(fake_feed_last(f->feed), "");
	app_key(f->app, 'y');
	assert_string_equal(fake_feed_last(f->feed), "commit 2 travels-v1: 2 objects");
	assert_app_shows(f->app, "Configuration");		/* what was asked about is gone */
	fake_app_close(&f);
}

static void
test_marks__are_copied_a_line_each(void **state)
{
	struct fake_app *f = open_app(":services Enter v Down v c");

	(void)state;
	assert_string_equal(buf_str(&f->copied), "hotels\ntravels");
	fake_app_close(&f);
}

/* Over a configuration of its own. */
static struct fake_app *
open_app_on(const char *text, const char *keys)
{
	struct fake_app *f = open_app("");
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("n.yaml", text, NULL, &err);

	assert_non_null(s);
	mesh_put(&f->model.mesh);
	f->model.mesh = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	app_press(f->app, keys, NULL);
	return f;
}

/* The marked rows' documents as `:export` writes them; text owned by the caller. */
static char *
export_marked(struct fake_app *f)
{
	char dir[] = "/tmp/meshtop-marks-XXXXXX";
	struct error err = ERROR_INIT;
	struct buf b = BUF_INIT;
	char *path, *line;

	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/both.yaml", dir);
	line = xasprintf("export %s", path);
	app_run(f->app, line);
	assert_app_shows(f->app, "bytes written");
	if (file_read(path, 100000, &b, &err) < 0)
		fail_msg("%s", err.msg);
	unlink(path);
	rmdir(dir);
	free(line);
	free(path);
	return buf_steal(&b);
}

static void
test_marks__are_written_as_documents(void **state)
{
	struct fake_app *f = open_app(CONFIG "v Down v");
	char *text = export_marked(f);

	(void)state;
	assert_non_null(strstr(text, "travels-v1"));
	assert_non_null(strstr(text, "\n---\n"));
	assert_non_null(strstr(text, "travels-v2"));
	free(text);
	fake_app_close(&f);
}

/* Each item is a document of its own, without the others. */
static void
test_marks__are_written_without_their_list(void **state)
{
	static const char list[] =
		"apiVersion: v1\nkind: List\nitems:\n"
		"- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}\n"
		"- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}\n"
		"- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}\n";
	static const char a[] = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: shop\n";
	static const char b[] = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: shop\n";
	char *both = xasprintf("%s---\n%s", a, b);
	const struct { const char *keys, *want; } rows[] = {
		{ ":config Enter Space", a }, { ":config Enter v Down v", both },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f = open_app_on(list, rows[i].keys);
		char *text = export_marked(f);

		assert_string_equal(text, rows[i].want);
		free(text);
		fake_app_close(&f);
	}
	free(both);
}

static void
test_config__objects_without_a_namespace_are_found(void **state)
{
	static const char text[] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";
	static const struct { const char *keys, *shown; } opened[] = {
		{ ":config Enter Enter", "kind: Namespace" }, { ":config Enter Space y", "kind: Namespace" },
		{ ":config Enter Space a Down Down Down Enter", "delete Namespace n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		struct fake_app *f = open_app_on(text, opened[i].keys);

		assert_app_shows(f->app, opened[i].shown);
		fake_app_close(&f);
	}
}

/* The one that is asked about, not one of another group with its name. */
static void
test_delete__tells_where_the_object_stands(void **state)
{
	static const char text[] =
		"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: shop}\n"
		"---\n"
		"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
		"metadata: {name: gw, namespace: shop}\n";
	struct fake_app *f = open_app_on(text, ":delete_gateway.gateway.networking.k8s.io_gw.shop Enter");

	(void)state;
	assert_app_shows(f->app, "n.yaml:5");
	fake_app_close(&f);
}

#define SERVICE(name) \
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: n}\n" \
	"spec: {ports: [{port: 80, name: http}]}\n"
#define RULE(name) \
	"---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n" \
	"metadata: {name: " name ", namespace: n}\n" \
	"spec: {hosts: [" name "], http: [{route: [{destination: {host: " name "}}]}]}\n"

static void
test_delete_routing__is_noted_by_services(void **state)
{
	static const char text[] = SERVICE("a") SERVICE("b") SERVICE("c") SERVICE("d") RULE("a") RULE("b")
		RULE("c") RULE("d");
	static const struct { const char *line, *last; } rows[] = {
		{ "delete-routing a.n", "commit 1 a: delete-traffic-routing a.n" },
		{ "delete-routing a.n,a.n", "commit 1 a: delete-traffic-routing a.n" },
		{ "delete-routing b.n, a.n", "commit 2 b: delete-traffic-routing b.n, a.n" },
		{ "delete-routing a.n,b.n,c.n,d.n", "commit 4 a: delete-traffic-routing of 4 services" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_app *f = open_app_on(text, "");

		app_run(f->app, rows[i].line);
		app_key(f->app, 'y');
		assert_string_equal(fake_feed_last(f->feed), rows[i].last);
		fake_app_close(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks__walks),
		cmocka_unit_test(test_marks__are_deleted_in_one_change),
		cmocka_unit_test(test_marks__are_copied_a_line_each),
		cmocka_unit_test(test_marks__are_written_as_documents),
		cmocka_unit_test(test_marks__are_written_without_their_list),
		cmocka_unit_test(test_config__objects_without_a_namespace_are_found),
		cmocka_unit_test(test_delete__tells_where_the_object_stands),
		cmocka_unit_test(test_delete_routing__is_noted_by_services),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
