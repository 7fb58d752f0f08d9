/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded session: three files, and no secret in any of them. */
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

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/app_keys.h"
#include "tests/lib/fake_feed.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/console/console_priv.h"
#include "tui/feed/feed.h"

#define SECRET "s3cr3t"

static const char documents[] =
	"apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: n}\nstringData: {a: " SECRET "}\n"
	"---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: n}\n"
	"spec:\n  hosts: [v]\n  http:\n"
	"  - match: [{headers: {authorization: {exact: " SECRET "}, portal: {exact: kept-header}}}]\n"
	"    headers: {request: {set: {x-api-key: " SECRET ", x-kept: kept-set}}}\n"
	"    route: [{destination: {host: v}}]\n"
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n,\n"
	"  annotations: {example.com/token: " SECRET "}}\n"
	"spec: {template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: kept-image, env: [\n"
	"  {name: DB_PASSWORD, value: " SECRET "}, {name: MODE, value: kept-env}]}]}}}\n"
	"---\n# kept-comment\napiVersion: v1\nkind: Service\nmetadata: {name: v, namespace: n}\n"
	"spec: {selector: {app: d}, ports: [{name: http, port: 80}]}\n";

/* A console with an empty folder to record in. */
struct session {
	struct model model;
	struct loop *loop;
	struct console *console;
	char dir[40];
	char *text;			/* of the file that was read last */
};

static int
open_session(void **state)
{
	struct session *s = *state = xcalloc(1, sizeof(*s));
	struct error err = ERROR_INIT;
	struct console_parts parts = { .clock = &clock_system, .is_headless = true, .cols = 100, .rows = 30 };
	struct snapshot *snapshot;

	strcpy(s->dir, "/tmp/meshtop-record-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	parts.feed = fake_feed_open(&s->model);
	parts.model = &s->model;
	mesh_put(&s->model.mesh);
	snapshot = snapshot_of_text("mesh.yaml", documents, NULL, &err);
	assert_non_null(snapshot);
	s->model.mesh = mesh_compile(snapshot, NULL, NULL, NULL);
	snapshot_put(&snapshot);
	parts.loop = s->loop = loop_new(&clock_system, &err);
	s->console = console_new(&parts, &err);
	assert_non_null(s->console);
	return 0;
}

static int
close_session(void **state)
{
	struct session *s = *state;
	char *line = xasprintf("rm -r %s", s->dir);

	console_free(&s->console);
	model_fini(&s->model);
	loop_free(&s->loop);
	assert_int_equal(system(line), 0);
	free(line);
	free(s->text);
	free(s);
	return 0;
}

static void
begin(struct session *s)
{
	char *path = xasprintf("%s/x.tape", s->dir);
	struct error err = ERROR_INIT;

	if (console_record(s->console, path, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

static void
end(struct session *s)
{
	struct error err = ERROR_INIT;

	if (console_record_end(s->console, false, &err) < 0)
		fail_msg("%s", err.msg);
}

static void
type(struct session *s, const char *bytes)
{
	console_feed_bytes(s->console, bytes, strlen(bytes));
	app_canvas(s->console->app);
	console_record_frame(s->console);
}

/* What is in the file, which is its owner's alone; until the next one is read. */
static const char *
recorded(struct session *s, const char *name)
{
	char *path = xasprintf("%s/%s", s->dir, name);
	struct buf b = BUF_INIT;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(path, SIZE_MAX, &b, NULL), 0);
	free(path);
	free(s->text);
	s->text = buf_steal(&b);
	return s->text;
}

/* A file of an earlier time that everybody may read. */
static void
leave_open(const struct session *s, const char *name)
{
	char *path = xasprintf("%s/%s", s->dir, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0644), 0);
	fclose(f);
	free(path);
}

static bool
is_masked(const struct screen *s)
{
	(void)s;
	return true;
}

static void
draw_stars(struct screen *s, struct area a)
{
	(void)s;
	area_put(a, 0, 0, STYLE_PLAIN, "Password: ******");
}

static void
free_nothing(struct screen *s)
{
	(void)s;
}

static void
test_record__holds_no_secret(void **state)
{
	static const struct screen_ops masked_ops = {
		.name = "masked", .is_masked = is_masked, .draw = draw_stars, .free = free_nothing,
	};
	static const char *const files[] = { "x.tape", "x.cast", "x.data" };
	static const char *const kept[] = { "kept-header", "kept-set", "kept-image", "kept-env",
					    "kept-comment" };
	struct screen masked = { .ops = &masked_ops };
	struct session *s = *state;

	leave_open(s, "x.cast");
	leave_open(s, "x.data");
	begin(s);
	type(s, ":yaml secret s.n\r");
	type(s, "q:mark \"half\" way\r");
	app_push(s->console->app, &masked);
	type(s, SECRET);
	type(s, "\033[200~" SECRET "\033[201~");
	app_pop(s->console->app, &masked);
	end(s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strstr(recorded(s, files[i]), SECRET) != NULL)
			fail_msg("%s: %s", files[i], s->text);
	recorded(s, "x.data");
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		assert_non_null(strstr(s->text, kept[i]));
	assert_null(strstr(s->text, "kind: Secret"));
	assert_non_null(strstr(recorded(s, "x.cast"), "Password: ******"));
}

/* A rule that looks at a header whose name says that it is secret. */
static void
test_record__values_of_secret_headers_are_masked(void **state)
{
	static const char *const files[] = { "x.tape", "x.cast" };
	struct session *s = *state;

	begin(s);
	type(s, ":wizard request-routing v.n\r");
	assert_app_shows(s->console->app, "headers[authorization] exact [redacted]");
	type(s, "nx-api-key\t\t" SECRET);
	assert_app_shows(s->console->app, "******");
	type(s, "\033[200~" SECRET "\033[201~");
	assert_app_shows(s->console->app, "************");
	end(s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (strstr(recorded(s, files[i]), SECRET) != NULL)
			fail_msg("%s: %s", files[i], s->text);
		assert_non_null(strstr(s->text, "x-api-key"));
	}
}

static void
test_record__a_mark_is_written_once(void **state)
{
	struct session *s = *state;
	const char *at;

	begin(s);
	type(s, "j:mark here\rk");
	end(s);
	assert_non_null(strstr(recorded(s, "x.tape"), "\nMark \"here\"\n"));
	assert_null(strstr(s->text, ":mark"));
	at = strstr(recorded(s, "x.cast"), "\"m\", \"here\"");
	assert_non_null(at);
	assert_null(strstr(at + 1, "\"m\", \"here\""));
}

/* Deltas of counters mean nothing before the counters themselves. */
static void
test_record__data_begins_with_the_past(void **state)
{
	struct session *s = *state;
	struct feed *f = app_feed(s->console->app);

	begin(s);
	f->on_data(f->data_arg, "early", 5);
	fake_feed_answer(f);
	f->on_data(f->data_arg, "late", 4);
	end(s);
	assert_null(strstr(recorded(s, "x.data"), "early"));
	assert_non_null(strstr(s->text, "late"));
}

/* What was recorded is there although nobody ends the recording. */
static void
test_record__files_are_whole_at_any_second(void **state)
{
	static const struct { const char *file, *has; } whole[] = {
		{ "x.tape", ":services\"\nEnter\n" }, { "x.data", "told" }, { "x.cast", "Services" },
	};
	struct session *s = *state;
	struct feed *f = app_feed(s->console->app);

	begin(s);
	fake_feed_answer(f);
	type(s, "j:services\r");
	f->on_data(f->data_arg, "told", 4);
	console_record_tick(s->console);
	for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
		assert_non_null(strstr(recorded(s, whole[i].file), whole[i].has));
		assert_int_equal(s->text[strlen(s->text) - 1], '\n');
	}
	type(s, ":record\r");		/* taken back: the tape is shorter again */
	assert_null(s->console->recording);
	assert_null(strstr(recorded(s, "x.tape"), ":record"));
}

/* A full disk has room again: nobody needs to press a key for it. */
static void
test_record__a_failed_write_is_tried_again(void **state)
{
	struct session *s = *state;
	char *fresh = xasprintf("%s/x.tape.new", s->dir);

	begin(s);
	console_record_tick(s->console);
	type(s, "j:services\r");
	assert_int_equal(mkdir(fresh, 0700), 0);
	console_record_tick(s->console);
	assert_null(strstr(recorded(s, "x.tape"), ":services"));	/* the old one is whole */
	assert_non_null(strstr(s->text, "Set "));
	assert_int_equal(rmdir(fresh), 0);
	console_record_tick(s->console);
	assert_non_null(strstr(recorded(s, "x.tape"), ":services"));
	free(fresh);
}

#define IN_SESSION(test) cmocka_unit_test_setup_teardown(test, open_session, close_session)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SESSION(test_record__holds_no_secret),
		IN_SESSION(test_record__values_of_secret_headers_are_masked),
		IN_SESSION(test_record__data_begins_with_the_past),
		IN_SESSION(test_record__files_are_whole_at_any_second),
		IN_SESSION(test_record__a_mark_is_written_once),
		IN_SESSION(test_record__a_failed_write_is_tried_again),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
