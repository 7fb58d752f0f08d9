/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wizard's form of traffic policy and circuit breaker, without a screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "src/base/error.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/screens/wizard_screen.h"

#define MESH									\
	"apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: a}\n"	\
	"spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n"	\
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n"		\
	"metadata: {name: api-v1, namespace: a}\n"				\
	"spec: {address: 127.9.9.1, labels: {app: api, version: v1}}\n---\n"	\
	"apiVersion: networking.istio.io/v1\nkind: Gateway\n"			\
	"metadata: {name: front, namespace: a}\nspec: {selector: {istio: ingressgateway}}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"		\
	"metadata: {name: api, namespace: a}\n"					\
	"spec: {host: api, trafficPolicy: {outlierDetection: {"			\
	"consecutiveErrors: 4, interval: 10s, baseEjectionTime: 1m}}}\n"

static void
open_screen(struct wizard_screen *w)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("mesh.yaml", MESH, NULL, &err);
	struct mesh *m = mesh_compile(s, NULL, NULL, NULL);
	struct wizard_state *state = wizard_open(WIZARD_TRAFFIC_SHIFTING, m,
						 mesh_find_service(m, "a", "api"), &err);

	snapshot_put(&s);
	assert_non_null(state);
	*w = (struct wizard_screen){ .state = NULL };
	wizard_screen_init(w, state, m);
	wizard_go_to(w, STEP_ADVANCED);
}

/* The field with that label, with the focus. */
static struct form_field *
focus(struct wizard_screen *w, const char *label)
{
	struct form *f = &w->forms[STEP_ADVANCED];

	for (size_t i = 0; i < f->fields.len; i++) {
		struct form_field *field = &f->fields.items[i];

		if (strcmp(field->label + strspn(field->label, " "), label) == 0) {
			f->focus = i;
			return field;
		}
	}
	fail_msg("there is no field \"%s\"", label);
	return NULL;
}

static void
type(struct wizard_screen *w, const char *label, const char *text)
{
	field_set(focus(w, label), text);
	wizard_take(w, FORM_EDITED);
}

static void
turn(struct wizard_screen *w, const char *label, bool on)
{
	focus(w, label)->is_on = on;
	wizard_take(w, FORM_CHANGED);
}

static void
choose(struct wizard_screen *w, const char *label, const char *word)
{
	struct form_field *field = focus(w, label);

	for (size_t i = 0; i < field->choice_count; i++)
		if (strcmp(field->choices[i], word) == 0)
			field->choice = i;
	assert_string_equal(field->choices[field->choice], word);
	wizard_take(w, FORM_CHANGED);
}

static const char *
now(const struct wizard_screen *w, const char *path)
{
	const char *text = value_text(value_path(w->state->advanced, path));

	return text != NULL ? text : "";
}

#define OUTLIER "circuitBreaker.outlierDetection."

static void
test_wizard_policy__makes_the_old_field_count(void **state)
{
	struct wizard_screen w;

	(void)state;
	open_screen(&w);
	assert_string_equal(now(&w, OUTLIER "consecutiveErrors"), "4");
	focus(&w, "make it consecutive5xxErrors");
	wizard_take(&w, FORM_PRESSED);
	assert_string_equal(now(&w, OUTLIER "consecutiveErrors"), "");
	assert_string_equal(now(&w, OUTLIER "consecutive5xxErrors"), "4");
	assert_string_equal(now(&w, OUTLIER "interval"), "10s");
	wizard_screen_fini(&w);
}

static void
test_wizard_policy__removes_what_is_emptied(void **state)
{
	struct wizard_screen w;

	(void)state;
	open_screen(&w);
	turn(&w, "every field", true);
	assert_string_equal(buf_str(&focus(&w, "looked at every")->value), "10s");
	type(&w, "looked at every", "soon");
	assert_non_null(focus(&w, "looked at every")->error);
	assert_string_equal(now(&w, OUTLIER "interval"), "10s");
	type(&w, "looked at every", "");
	assert_null(focus(&w, "looked at every")->error);
	assert_string_equal(now(&w, OUTLIER "interval"), "");
	assert_string_equal(now(&w, OUTLIER "baseEjectionTime"), "1m");
	wizard_screen_fini(&w);
}

static void
test_wizard_policy__one_kind_of_balancer(void **state)
{
	struct wizard_screen w;

	(void)state;
	open_screen(&w);
	choose(&w, "Load balancer", "consistent hash");
	choose(&w, "by", "cookie");
	type(&w, "name of the cookie", "user");
	type(&w, "its life", "30m");
	assert_string_equal(now(&w, "trafficPolicy.loadBalancer.consistentHash.httpCookie.ttl"),
			    "30m");
	choose(&w, "by", "query parameter");
	assert_string_equal(now(&w, "trafficPolicy.loadBalancer.consistentHash.httpCookie.ttl"), "");
	choose(&w, "Load balancer", "RANDOM");
	assert_string_equal(now(&w, "trafficPolicy.loadBalancer.simple"), "RANDOM");
	assert_null(value_path(w.state->advanced, "trafficPolicy.loadBalancer.consistentHash"));
	assert_string_equal(now(&w, OUTLIER "baseEjectionTime"), "1m");
	wizard_screen_fini(&w);
}

static void
test_wizard_policy__gateways_are_offered(void **state)
{
	struct wizard_screen w;

	(void)state;
	open_screen(&w);
	choose(&w, "Gateway", "use");
	assert_string_equal(now(&w, "gateway.use"), "a/front");
	choose(&w, "which", "a/front");
	turn(&w, "callers in the mesh, too", true);
	assert_string_equal(now(&w, "gateway.includeMesh"), "true");
	wizard_screen_fini(&w);
}

/* Each letter replaces the state: what a form shows does not go with it. */
static void
test_wizard_advanced__choices_outlive_the_state(void **state)
{
	struct canvas *c = canvas_new(80, 24);
	struct buf text = BUF_INIT;
	struct wizard_screen w;

	(void)state;
	open_screen(&w);
	choose(&w, "Gateway", "use");
	type(&w, "Hosts", "api, other.example");
	form_draw(&w.forms[STEP_ADVANCED], canvas_area(c));
	canvas_text(c, &text);
	assert_non_null(strstr(buf_str(&text), "< a/front >"));
	buf_fini(&text);
	canvas_free(&c);
	wizard_screen_fini(&w);
}

/* Headers that were seen are for conditions alone. */
static void
test_wizard_advanced__no_field_is_a_condition(void **state)
{
	struct wizard_screen w;
	struct form *f;

	(void)state;
	open_screen(&w);
	choose(&w, "Gateway", "create");
	f = &w.forms[STEP_ADVANCED];
	for (size_t i = 0; i < f->fields.len; i++)
		assert_null(wizard_seen_header(&w, &f->fields.items[i]));
	wizard_screen_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wizard_policy__makes_the_old_field_count),
		cmocka_unit_test(test_wizard_policy__removes_what_is_emptied),
		cmocka_unit_test(test_wizard_policy__one_kind_of_balancer),
		cmocka_unit_test(test_wizard_policy__gateways_are_offered),
		cmocka_unit_test(test_wizard_advanced__choices_outlive_the_state),
		cmocka_unit_test(test_wizard_advanced__no_field_is_a_condition),
	};

	return cmocka_run_group_tests_name("wizard_policy", tests, NULL, NULL);
}
