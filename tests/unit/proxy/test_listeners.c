/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When listeners stop that somebody has drained, by a clock that a test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "proxy/listeners.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/model/snapshot.h"
#include "tests/lib/still_clock.h"

static const char mesh_text[] =
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"
	"metadata: {name: svc-1, namespace: shop, annotations: {meshtop.io/forward-to: 127.9.2.21}}\n"
	"spec: {address: 127.9.0.21, labels: {app: svc}}\n---\n"
	"apiVersion: v1\nkind: Service\nmetadata: {name: svc, namespace: shop}\n"
	"spec: {clusterIP: 127.9.1.21, selector: {app: svc}, ports: [{name: http, port: 8080}]}\n";

struct bench {
	struct still_clock time;
	struct worker *worker;
	struct listeners *listeners;
};

static int
setup(void **state)
{
	static struct bench b;
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", mesh_text, NULL, &err);
	struct mesh *m;
	struct runtime *rt;

	b.time = STILL_CLOCK(NS_PER_S, 0);
	b.worker = worker_new(&b.time.clock, 1, &err);
	if (s == NULL || b.worker == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	rt = runtime_new(b.worker, m, NULL);
	worker_configure(b.worker, rt);
	runtime_put(&rt);
	b.listeners = listeners_new(&b.worker, 1);
	listeners_apply(b.listeners, m, NULL);
	mesh_put(&m);
	snapshot_put(&s);
	*state = &b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	listeners_free(&b->listeners);
	worker_free(&b->worker);
	return 0;
}

/* Whether or not its address could be had. */
static bool
is_stopped(const struct bench *b, enum listener_kind kind)
{
	struct engine_listener l;

	for (size_t i = 0; i < listeners_count(b->listeners); i++) {
		listeners_at(b->listeners, i, &l);
		if (l.kind == kind)
			return strcmp(l.error, "stopped by request") == 0;
	}
	fail_msg("no listener of kind %d", kind);
	return false;
}

/* A drain of all, or of inbound ones; stays; then what is stopped since, s. */
struct drain_step {
	unsigned at_s;
	char what[4];			/* "i" inbound, "a" all, "s" it stays; "": none */
	bool inbound, outbound;
};

static const struct drain_case {
	const char *name;
	struct drain_step steps[5];
} drain_cases[] = {
	{ "all", { { 1, "a", 0, 0 }, { 45, "", 0, 0 }, { 47, "", 1, 1 } } },
	{ "inbound ones", { { 1, "i", 0, 0 }, { 47, "", 1, 0 }, { 200, "", 1, 0 } } },
	{ "inbound ones first", { { 1, "i", 0, 0 }, { 45, "a", 0, 0 }, { 47, "", 1, 0 },
				  { 91, "", 1, 1 } } },
	{ "all first", { { 1, "a", 0, 0 }, { 40, "i", 0, 0 }, { 47, "", 1, 1 } } },
	{ "the same again", { { 1, "a", 0, 0 }, { 40, "a", 0, 0 }, { 47, "", 1, 1 } } },
	{ "stays", { { 1, "as", 0, 0 }, { 200, "a", 0, 0 }, { 300, "", 0, 0 } } },
	{ "inbound ones stay at first", { { 1, "is", 0, 0 }, { 100, "a", 0, 0 },
					  { 146, "", 1, 1 } } },
};

static void
test_listeners_drain__stops_each_side_in_time(void **state)
{
	for (size_t k = 0; k < ARRAY_LEN(drain_cases); k++) {
		const struct drain_case *c = &drain_cases[k];
		struct bench *b;

		setup(state);
		b = *state;
		for (const struct drain_step *s = c->steps; s->at_s > 0; s++) {
			b->time.now_ns = (1 + s->at_s) * NS_PER_S;
			for (int turn = 0; turn < 3; turn++)
				loop_turn(b->worker->loop, 0);
			if (s->what[0] != '\0')
				listeners_drain(b->listeners, s->what[0] == 'i', s->what[1] == 's');
			if (is_stopped(b, LISTENER_INBOUND) != s->inbound ||
			    is_stopped(b, LISTENER_SERVICE) != s->outbound)
				fail_msg("%s: at %u s", c->name, s->at_s);
		}
		teardown(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners_drain__stops_each_side_in_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}
