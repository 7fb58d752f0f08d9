/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mesh of a replay is the one that was configured at its moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/unit/store/mesh_dir.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define SERVICE(name) "apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\n" \
	"spec: {selector: {app: " name "}, ports: [{name: http, port: 80}]}\n"

/* Three changes at 1, 2 and 3 s: service a, service b, b is gone. */
static struct feed_mesh *
feed_with_history(struct mesh_dir *d, struct model *m)
{
	static const char *const texts[] = { SERVICE("a"), SERVICE("b") };
	struct feed_mesh *f = xcalloc(1, sizeof(*f));
	struct error err = ERROR_INIT;
	struct transaction t = { .via = VIA_DELETE };
	struct change_result result;
	struct snapshot *s;

	model_init(m);
	f->feed.model = m;
	f->store = mesh_dir_open(d);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (commit_text(f->store, texts[i], &err) < 0)
			fail_msg("%s", err.msg);
	vec_push(&t.changes, ((struct change){ .op = CHANGE_DELETE, .group = "", .kind = "Service",
					       .ns = "default", .name = "b" }));
	assert_int_equal(store_commit(f->store, &t, &result, &err), 0);
	vec_fini(&t.changes);
	assert_int_equal(history_read(f->store, &f->history, &err), 0);
	for (size_t i = 0; i < f->history.entries.len; i++)
		f->history.entries.items[i].time_ms = 1000 * (int64_t)(i + 1);
	assert_int_equal(store_load(f->store, &s, NULL, &err), 0);
	m->mesh = mesh_compile(s, NULL, NULL, NULL);
	snapshot_put(&s);
	return f;
}

static void
test_feed_mesh_then__is_the_mesh_of_its_moment(void **state)
{
	static const struct { int64_t at_ms, change_ms; size_t services; } rows[] = {
		{ 500, 0, 0 }, { 1000, 1000, 1 }, { 1999, 1000, 1 }, { 2500, 2000, 2 },
		{ 9000, 3000, 1 }, { 2500, 2000, 2 }, { 500, 0, 0 },
	};
	struct model m;
	struct feed_mesh *f = feed_with_history(*state, &m);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m.query.at_ms = rows[i].at_ms;
		if (feed_mesh_then(f, rows[i].at_ms)->service_count != rows[i].services ||
		    feed_mesh_change_ms(f) != rows[i].change_ms)
			fail_msg("row %zu", i);
	}
	m.query.at_ms = 0;
	assert_true(feed_mesh_change_ms(f) == 3000);
	assert_ptr_equal(feed_mesh_then(f, 9000), m.mesh);
	feed_mesh_forget_then(f);
	history_fini(&f->history);
	store_close(&f->store);
	model_fini(&m);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_feed_mesh_then__is_the_mesh_of_its_moment,
						mesh_dir_setup, mesh_dir_teardown),
	};

	return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
