/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of routes that have a statPrefix, up to their maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/telemetry/route_stats.h"
#include "src/base/log.h"
#include "src/mesh/mesh.h"

static const struct mesh_workload caller = { .name = "gw", .ns = "in" };
static const struct route_counts one = { .by_class = { 0, 0, 1 }, .completed = 1, .tries = 1 };

static void
add(struct route_stats **sp, unsigned host)
{
	char text[32];

	snprintf(text, sizeof(text), "h%u.example", host);
	route_stats_add(sp, &caller, slice_of(text), 80, "p", &one);
}

struct sought {
	const char *name;
	uint64_t completed;		/* of it; 0: it is not there */
	unsigned all;			/* routes */
};

static void
on_route(void *arg, const struct route_stat *r)
{
	struct sought *s = arg;

	assert_string_equal(r->workload, "gw");
	assert_string_equal(r->ns, "in");
	s->all++;
	if (strcmp(r->name, s->name) == 0)
		s->completed += r->counts.completed;
}

static uint64_t
completed_of(const struct route_stats *s, const char *name)
{
	struct sought sought = { .name = name };

	route_stats_each(s, on_route, &sought);
	return sought.completed;
}

static unsigned
count_of(const struct route_stats *s)
{
	struct sought sought = { .name = "" };

	route_stats_each(s, on_route, &sought);
	return sought.all;
}

static void
test_route_stats_add__counts_by_name(void **state)
{
	struct route_stats *s = NULL;

	(void)state;
	assert_int_equal(count_of(s), 0);
	assert_int_equal(completed_of(s, "vhost.h1.example:80.route.p"), 0);
	add(&s, 1);
	add(&s, 2);
	add(&s, 1);
	assert_int_equal(count_of(s), 2);
	assert_int_equal(completed_of(s, "vhost.h1.example:80.route.p"), 2);
	route_stats_renew(s);
	add(&s, 1);
	assert_int_equal(completed_of(s, "vhost.h1.example:80.route.p"), 3);
	route_stats_free(&s);
	assert_null(s);
	route_stats_free(&s);
}

static void
test_route_stats_add__makes_room_for_another_configuration(void **state)
{
	struct route_stats *s = NULL;

	(void)state;
	log_set_level(LOGGER_CONFIG, LEVEL_OFF);
	for (unsigned i = 0; i < ROUTE_STATS_MAX; i++)
		add(&s, i);
	add(&s, ROUTE_STATS_MAX);
	assert_int_equal(count_of(s), ROUTE_STATS_MAX);
	assert_int_equal(completed_of(s, "vhost.h1024.example:80.route.p"), 0);

	route_stats_renew(s);
	add(&s, 7);
	assert_int_equal(count_of(s), ROUTE_STATS_MAX);
	add(&s, ROUTE_STATS_MAX);
	assert_int_equal(count_of(s), 2);
	assert_int_equal(completed_of(s, "vhost.h7.example:80.route.p"), 2);
	assert_int_equal(completed_of(s, "vhost.h1024.example:80.route.p"), 1);
	route_stats_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route_stats_add__counts_by_name),
		cmocka_unit_test(test_route_stats_add__makes_room_for_another_configuration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("route_stats", tests, NULL, NULL);
}
