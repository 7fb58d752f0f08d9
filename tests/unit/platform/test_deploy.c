/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents to pods: which run, with what, and what changes replace. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/mesh/addresses.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/platform/deploy.h"
#include "src/platform/names.h"
#include "src/platform/pod.h"
#include "src/platform/pod_spec.h"

#define TURNS 5000

struct town {
	struct loop *loop;
	struct host host;
	char dir[64];
	int dir_fd;
	struct deploy *deploy;
};

static bool
resolve(void *arg, const char *ns, const char *name, uint16_t port, struct address *out)
{
	(void)arg;
	(void)ns;
	(void)name;
	(void)port;
	(void)out;
	return false;
}

static int
setup(void **state)
{
	struct town *t = calloc(1, sizeof(*t));

	log_hold(true);
	snprintf(t->dir, sizeof(t->dir), "/tmp/meshtop-deploy-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	t->dir_fd = open(t->dir, O_RDONLY | O_DIRECTORY);
	t->loop = loop_new(&clock_system, NULL);
	t->host = (struct host){ .loop = t->loop, .pace = 1, .resolve = resolve };
	rng_seed(&t->host.rng, 1);
	t->deploy = deploy_new(&t->host, t->dir_fd);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct town *t = *state;

	deploy_stop_all(t->deploy);
	for (int i = 0; i < TURNS && t->host.pod_count > 0; i++)
		loop_turn(t->loop, 5);
	assert_int_equal(t->host.pod_count, 0);
	deploy_free(&t->deploy);
	loop_turn(t->loop, 0);
	loop_free(&t->loop);
	close(t->dir_fd);
	assert_int_equal(rmdir(t->dir), 0);	/* no socket is left */
	free(t);
	return 0;
}

static bool
has_socket(const struct town *t, const char *name)
{
	struct stat st;

	return fstatat(t->dir_fd, name, &st, 0) == 0 && S_ISSOCK(st.st_mode);
}

static ino_t
socket_inode(const struct town *t, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(t->dir_fd, name, &st, 0), 0);
	return st.st_ino;
}

static struct mesh *
compile(const struct town *t, const char *text, unsigned block)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("t.yaml", text, NULL, &err);
	struct addresses *a = addresses_new(block);
	struct mesh *m;

	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, a, t->dir, NULL);
	snapshot_put(&s);
	addresses_free(&a);
	return m;
}

static struct deploy_state
apply(struct town *t, const char *text, unsigned block)
{
	struct mesh *m = compile(t, text, block);
	struct deploy_state state;

	deploy_apply(t->deploy, m, &state);
	mesh_put(&m);
	return state;
}

#define SERVICE "apiVersion: v1\nkind: Service\nmetadata: {name: discounts, namespace: a}\n" \
		"spec: {selector: {app: d}, ports: [{name: http, port: 8000}]}\n---\n"
#define DEPLOYMENT(image, replicas, env) \
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: discounts-v1, namespace: a}\n" \
	"spec:\n  replicas: " replicas "\n  selector: {matchLabels: {app: d}}\n" \
	"  template:\n    metadata: {labels: {app: d}}\n    spec:\n      containers:\n" \
	"        - name: d\n          image: " image "\n          ports: [{containerPort: 8000}]\n" \
	"          env: [" env "]\n"
#define IMAGE_NAME "quay.io/kiali/demo_travels_discounts:v1"
#define FIRST "discounts-v1-0.a-8000.sock"
#define SECOND "discounts-v1-1.a-8000.sock"

static void
test_deploy__follows_replicas(void **state)
{
	struct town *t = *state;

	assert_int_equal(apply(t, SERVICE DEPLOYMENT(IMAGE_NAME, "2", ""), 99).serving, 2);
	assert_true(has_socket(t, FIRST) && has_socket(t, SECOND));
	assert_int_equal(apply(t, SERVICE DEPLOYMENT(IMAGE_NAME, "1", ""), 99).serving, 1);
	for (int i = 0; i < TURNS && t->host.pod_count > 1; i++)
		loop_turn(t->loop, 5);
	assert_true(has_socket(t, FIRST));
	assert_false(has_socket(t, SECOND));
	assert_int_equal(apply(t, SERVICE, 99).serving, 0);
}

static void
test_deploy__a_changed_environment_replaces_the_pod(void **state)
{
	struct town *t = *state;
	ino_t before, after;

	apply(t, SERVICE DEPLOYMENT(IMAGE_NAME, "1", ""), 99);
	before = socket_inode(t, FIRST);
	apply(t, SERVICE DEPLOYMENT(IMAGE_NAME, "1", ""), 99);
	assert_int_equal(socket_inode(t, FIRST), before);	/* nothing has changed */
	apply(t, SERVICE DEPLOYMENT(IMAGE_NAME, "1", "{name: A, value: b}"), 99);
	after = socket_inode(t, FIRST);
	assert_int_not_equal(after, before);
	for (int i = 0; i < TURNS && t->host.pod_count > 1; i++)
		loop_turn(t->loop, 5);
	assert_int_equal(t->host.pod_count, 1);
	assert_int_equal(socket_inode(t, FIRST), after);	/* the old one left it alone */
}

static void
test_deploy__listens_where_the_environment_says(void **state)
{
	struct town *t = *state;

	apply(t, DEPLOYMENT(IMAGE_NAME, "1", "{name: LISTEN_ADDRESS, value: \":9090\"}"), 99);
	assert_true(has_socket(t, "discounts-v1-0.a-9090.sock"));
}

static const struct { const char *text; size_t serving, waiting; unsigned block; } images[] = {
	{ DEPLOYMENT("kiali/demo_travels_discounts", "1", ""), 1, 0, 99 },
	{ DEPLOYMENT("localhost:5000/kiali/demo_travels_discounts:v1.2", "1", ""), 1, 0, 99 },
	{ DEPLOYMENT("nginx:1.25", "1", ""), 0, 0, 99 },
	{ DEPLOYMENT(IMAGE_NAME, "0", ""), 0, 0, 99 },
	{ DEPLOYMENT(IMAGE_NAME, "1", ""), 0, 1, 0 },	/* no addresses yet */
};

static void
test_deploy__runs_known_images_with_an_address(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct deploy_state s = apply(*state, images[i].text, images[i].block);

		if (s.serving != images[i].serving || s.waiting != images[i].waiting)
			fail_msg("row %zu: %zu serve, %zu wait", i, s.serving, s.waiting);
	}
}

#define SECRET "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\n" \
	       "data: {k: cGFzc3dvcmQ=, odd: aGV5bw==}\nstringData: {plain: as is}\n---\n" \
	       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: a}\n" \
	       "data: {k: from map}\n---\n"
#define FROM(var, kind, name, key) "{name: " var ", valueFrom: {" kind ": {name: " name ", key: " key "}}}"

static void
test_pod_spec__reads_secrets_and_config_maps(void **state)
{
	static const struct { const char *name, *value; } want[] = {
		{ "A", "password" }, { "B", "heyo" }, { "C", "as is" }, { "D", "from map" },
		{ "E", "" }, { "F", "plain value" },
	};
	struct town *t = *state;
	struct mesh *m = compile(t, SECRET DEPLOYMENT(IMAGE_NAME, "1",
		FROM("A", "secretKeyRef", "s", "k") ", " FROM("B", "secretKeyRef", "s", "odd") ", "
		FROM("C", "secretKeyRef", "s", "plain") ", " FROM("D", "configMapKeyRef", "c", "k") ", "
		FROM("E", "secretKeyRef", "none", "k") ", {name: F, value: plain value}"), 99);
	struct pod_spec s;

	assert_int_equal(m->instance_count, 1);
	assert_true(pod_spec_init(&s, m->instances[0], m->snapshot));
	assert_int_equal(s.env.len, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_string_equal(s.env.items[i].name, want[i].name);
		assert_string_equal(s.env.items[i].value, want[i].value);
	}
	pod_spec_fini(&s);
	mesh_put(&m);
}

static const struct { const char *ns, *name; uint16_t port; bool found; } names[] = {
	{ "a", "discounts", 8000, true },
	{ "b", "discounts", 8000, false },
	{ "b", "discounts.a", 8000, true },
	{ "b", "discounts.a.svc", 8000, true },
	{ "b", "discounts.a.svc.cluster.local", 8000, true },
	{ "b", "discounts.a.example", 8000, false },
	{ "a", "discounts", 8001, false },
	{ "a", "", 8000, false },
	{ "a", ".", 8000, false },
};

static void
test_name_resolve__as_a_pod_would(void **state)
{
	struct mesh *m = compile(*state, SERVICE DEPLOYMENT(IMAGE_NAME, "1", ""), 99);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct address at;
		bool found = name_resolve(m, names[i].ns, names[i].name, names[i].port, &at);

		if (found != names[i].found)
			fail_msg("%s in %s: %d", names[i].name, names[i].ns, found);
		if (found)
			assert_int_equal(address_port(&at), names[i].port);
	}
	mesh_put(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(test_deploy__follows_replicas),
		CASE(test_deploy__a_changed_environment_replaces_the_pod),
		CASE(test_deploy__listens_where_the_environment_says),
		CASE(test_deploy__runs_known_images_with_an_address),
		CASE(test_pod_spec__reads_secrets_and_config_maps),
		CASE(test_name_resolve__as_a_pod_would),
#undef CASE
	};

	return cmocka_run_group_tests_name("deploy", tests, NULL, NULL);
}
