/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities, localities and warm-up as balancers see them: what is ejected
 * and what time it is are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/cluster/arrivals.h"
#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/cluster/levels.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/lib/still_clock.h"

#define CLUSTER "outbound|80||svc.shop.svc.cluster.local"
#define PICKS 10000

struct bench {
	struct still_clock time;
	struct worker *worker;
	struct runtime *runtime;
	struct binding *binding;
};

static void
bench_open(struct bench *b)
{
	struct error err = ERROR_INIT;

	memset(b, 0, sizeof(*b));
	b->time = STILL_CLOCK(1000 * NS_PER_S, 0);
	b->worker = worker_new(&b->time.clock, 7, &err);
	if (b->worker == NULL)
		fail_msg("%s", err.msg);
}

/* A client in r1 and endpoints in the regions named: one for each letter. */
static void
bench_use(struct bench *b, const char *regions, const char *policy)
{
	struct error err = ERROR_INIT;
	struct buf yaml = BUF_INIT;
	struct snapshot *s;
	struct mesh *m;
	struct runtime *rt;

	buf_printf(&yaml, "---\n{apiVersion: v1, kind: Service, metadata: {name: svc, namespace: shop}, "
		   "spec: {clusterIP: 127.9.1.1, selector: {app: svc}, ports: [{name: http, port: 80}]}}\n"
		   "---\n{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: svc, namespace: shop}, "
		   "spec: {host: svc, trafficPolicy: {%s}}}\n---\n{apiVersion: networking.istio.io/v1, "
		   "kind: WorkloadEntry, metadata: {name: client, namespace: shop}, "
		   "spec: {address: 127.9.0.1, locality: ra, labels: {app: client}}}\n", policy);
	for (size_t i = 0; regions[i] != '\0'; i++)
		buf_printf(&yaml, "---\n{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, "
			   "metadata: {name: e%zu, namespace: shop}, spec: {address: 127.9.2.%zu, "
			   "locality: r%c, labels: {app: svc}}}\n", i, i + 1, regions[i]);
	s = snapshot_of_text("mesh.yaml", buf_str(&yaml), NULL, &err);
	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, NULL, NULL);
	arrivals_update(commons_arrivals(b->worker->commons), m, b->time.now_ns);
	rt = runtime_new(b->worker, m, b->runtime);
	if (b->runtime != NULL)
		runtime_put(&b->runtime);
	b->runtime = rt;
	for (size_t i = 0; i < m->instance_count; i++)
		if (strcmp(m->instances[i]->name, "client") == 0)
			b->binding = runtime_bind(rt, m->instances[i],
						  mesh_find_cluster(m, CLUSTER));
	mesh_put(&m);
	snapshot_put(&s);
	buf_fini(&yaml);
}

static void
bench_close(struct bench *b)
{
	runtime_put(&b->runtime);
	worker_free(&b->worker);
}

/* x: is ejected. */
static void
eject(struct bench *b, const char *marks)
{
	struct outlier *o = &b->binding->state->common->outlier;

	for (size_t i = 0; marks[i] != '\0'; i++) {
		struct common_host *h = b->binding->endpoints[i]->common;

		if (h == NULL)
			continue;	/* left out: it never fails */
		o->ejected += (marks[i] == 'x') - (unsigned)h->outlier.is_ejected;
		h->outlier.is_ejected = marks[i] == 'x';
	}
	o->generation++;
}

static void
count_picks(struct bench *b, unsigned counts[16])
{
	memset(counts, 0, 16 * sizeof(*counts));
	for (int i = 0; i < PICKS; i++) {
		size_t at = balance_pick(b->binding, &b->worker->rng);

		if (at != BALANCE_NONE)
			counts[at]++;
	}
}

/* --- priorities --- */

static const struct {
	const char *regions, *ejected;
	unsigned least;			/* minHealthPercent */
	unsigned loads[3];
	const char *panic;		/* a letter for each priority */
} loads[] = {
	{ "aabb", "....", 0, { 100, 0 }, ".." },
	{ "aabb", "..xx", 0, { 100, 0 }, ".." },
	{ "aaaaaaabb", "xx.......", 0, { 100, 0 }, ".." },		/* 71 % are enough */
	{ "aaabb", "x....", 0, { 93, 7 }, ".." },
	{ "aabb", "x...", 0, { 70, 30 }, ".." },
	{ "aaaabb", "xxx...", 0, { 35, 65 }, ".." },
	{ "aabb", "xx..", 0, { 0, 100 }, ".." },
	{ "aaaabbbb", "xxx.xxx.", 0, { 50, 50 }, ".." },
	{ "aabb", "xxxx", 0, { 100, 0 }, ".." },			/* and nobody there */
	{ "aaaabbbb", "xxx.xxx.", 50, { 50, 50 }, "xx" },		/* by size */
	{ "aaaabb", "xxx.xx", 50, { 67, 33 }, "xx" },
	{ "aaaabb", "xxx...", 50, { 35, 65 }, ".." },			/* together enough */
	{ "aabb", "xxx.", 50, { 0, 100 }, "x." },
	{ "aabb", "xxxx", 50, { 50, 50 }, "xx" },
};

static void
test_levels_refresh__table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
		struct bench b;
		char policy[256];
		const struct levels *l;

		snprintf(policy, sizeof(policy), "outlierDetection: {maxEjectionPercent: 100, minHealthPercent: %u}",
			 loads[i].least);
		bench_open(&b);
		bench_use(&b, loads[i].regions, policy);
		eject(&b, loads[i].ejected);
		l = b.binding->levels;
		assert_non_null(l);
		levels_refresh(b.binding->levels, b.binding);
		for (size_t p = 0; loads[i].panic[p] != '\0'; p++)
			if (l->loads[p] != loads[i].loads[p] ||
			    l->levels[p].is_panic != (loads[i].panic[p] == 'x'))
				fail_msg("%zu: priority %zu: %u%s", i, p, l->loads[p],
					 l->levels[p].is_panic ? ", panic" : "");
		bench_close(&b);
	}
}

static void
test_balance_pick__by_priority_and_health(void **state)
{
	static const char *const balancers[] = { "ROUND_ROBIN", "LEAST_REQUEST", "RANDOM" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(balancers); i++) {
		struct bench b;
		char policy[256];
		unsigned counts[16];

		snprintf(policy, sizeof(policy), "outlierDetection: {}, loadBalancer: {simple: %s}", balancers[i]);
		bench_open(&b);
		bench_use(&b, "aabb", policy);
		count_picks(&b, counts);
		assert_in_range(counts[0], 4700, 5300);
		assert_in_range(counts[1], 4700, 5300);
		eject(&b, "x...");
		count_picks(&b, counts);
		assert_int_equal(counts[0], 0);
		assert_in_range(counts[1], 6700, 7300);
		assert_in_range(counts[2], 1300, 1700);
		eject(&b, "xxxx");
		assert_true(balance_pick(b.binding, &b.worker->rng) == BALANCE_NONE);
		eject(&b, "....");
		count_picks(&b, counts);
		assert_int_equal(counts[2] + counts[3], 0);
		bench_close(&b);
	}
}

static void
test_balance_pick__in_panic_all_of_the_priority(void **state)
{
	struct bench b;
	unsigned counts[16];

	(void)state;
	bench_open(&b);
	bench_use(&b, "aaaabb", "outlierDetection: {minHealthPercent: 50}");
	count_picks(&b, counts);
	assert_int_equal(b.binding->state->panics, 0);
	eject(&b, "xxx.xx");
	count_picks(&b, counts);
	assert_int_equal(b.binding->state->panics, PICKS);
	for (int i = 0; i < 6; i++)
		assert_in_range(counts[i], 1500, 1850);
	bench_close(&b);
}

/* A locality in the middle that distribute leaves out stays out, whatever is ejected. */
static void
test_runtime_bind__outliers_do_not_count_what_is_left_out(void **state)
{
	static const struct { const char *regions; unsigned hosts; } steps[] = {
		{ "abc", 2 }, { "aac", 3 }, { "abb", 1 }, { "bbb", 0 }, { "cbab", 2 },
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		bench_use(&b, steps[i].regions, "outlierDetection: {}, loadBalancer: {localityLbSetting: "
			  "{distribute: [{from: '*', to: {ra: 50, rc: 50}}]}}");
		if (b.binding->state->common->outlier.hosts != steps[i].hosts)
			fail_msg("%s: %u", steps[i].regions, b.binding->state->common->outlier.hosts);
	}
	bench_close(&b);
}

static void
test_balance_pick__not_where_distribute_leaves_out(void **state)
{
	static const struct { const char *ejected; unsigned least; bool takes[3]; } cases[] = {
		{ "...", 0, { true, false, true } }, { "x..", 0, { false, false, true } },
		{ "x.x", 0, { false, false, false } }, { "x.x", 50, { true, false, true } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench b;
		char policy[256];
		unsigned counts[16];

		snprintf(policy, sizeof(policy), "outlierDetection: {minHealthPercent: %u}, loadBalancer: "
			 "{localityLbSetting: {distribute: [{from: '*', to: {ra: 50, rc: 50}}]}}",
			 cases[i].least);
		bench_open(&b);
		bench_use(&b, "abc", policy);
		eject(&b, cases[i].ejected);
		count_picks(&b, counts);
		for (int k = 0; k < 3; k++)
			if ((counts[k] > 0) != cases[i].takes[k])
				fail_msg("%zu: endpoint %d: %u", i, k, counts[k]);
		bench_close(&b);
	}
}

static void
test_balance_pick_outside__unless_nothing_else_is_well(void **state)
{
	static const struct { const char *ejected; uint64_t left_out; unsigned shares[3]; } cases[] = {
		{ "......", 0, { 100, 0, 0 } }, { "......", 1, { 0, 100, 0 } }, { "......", 3, { 0, 0, 100 } },
		{ "......", 2, { 100, 0, 0 } }, { "......", 7, { 100, 0, 0 } }, { "..x...", 1, { 0, 70, 30 } },
		{ "..xx..", 1, { 0, 0, 100 } }, { "..xxxx", 1, { 100, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench b;
		unsigned counts[3] = { 0 };

		bench_open(&b);
		bench_use(&b, "aabbcc", "outlierDetection: {}, loadBalancer: {localityLbSetting: "
			  "{failover: [{from: ra, to: rb}]}}");
		eject(&b, cases[i].ejected);
		for (int k = 0; k < PICKS; k++)
			counts[balance_pick_outside(b.binding, cases[i].left_out, &b.worker->rng) / 2]++;
		for (int p = 0; p < 3; p++)
			if (counts[p] + 300 < cases[i].shares[p] * 100 ||
			    counts[p] > cases[i].shares[p] * 100 + 300)
				fail_msg("%zu: priority %d: %u", i, p, counts[p]);
		bench_close(&b);
	}
}

/* --- weights of localities --- */

static void
test_balance_pick__by_weight_of_localities(void **state)
{
	struct bench b;
	unsigned counts[16];

	(void)state;
	bench_open(&b);
	bench_use(&b, "aabbc", "outlierDetection: {}, loadBalancer: {simple: ROUND_ROBIN, localityLbSetting: "
		  "{distribute: [{from: ra, to: {ra: 20, rb: 80}}]}}");
	count_picks(&b, counts);
	assert_in_range(counts[0] + counts[1], 1990, 2010);
	assert_in_range(counts[0], 990, 1010);
	assert_in_range(counts[2], 3990, 4010);
	assert_int_equal(counts[4], 0);

	/* Half of it is 0.7 of its weight: 56 to 20. */
	eject(&b, "...x.");
	count_picks(&b, counts);
	assert_in_range(counts[2], 7340, 7400);
	assert_int_equal(counts[3], 0);
	assert_in_range(counts[0] + counts[1], 2600, 2660);
	eject(&b, "..xx.");
	count_picks(&b, counts);
	assert_int_equal(counts[0] + counts[1], PICKS);
	bench_close(&b);
}

/* --- hashing --- */

static void
test_hash_pick__within_the_priority(void **state)
{
	static const char *const tables[] = { "", ", maglev: {}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		struct bench b;
		char policy[256];
		unsigned counts[4] = { 0 };

		snprintf(policy, sizeof(policy), "outlierDetection: {}, loadBalancer: {consistentHash: {httpHeaderName: x%s}}",
			 tables[i]);
		bench_open(&b);
		bench_use(&b, "aabb", policy);
		for (uint64_t k = 0; k < PICKS; k++)
			counts[hash_pick(b.binding, hash_bytes(&k, sizeof(k), 0))]++;
		assert_in_range(counts[0], 3500, 6500);
		assert_int_equal(counts[0] + counts[1], PICKS);
		eject(&b, "x...");
		memset(counts, 0, sizeof(counts));
		for (uint64_t k = 0; k < PICKS; k++)
			counts[hash_pick(b.binding, hash_bytes(&k, sizeof(k), 0))]++;
		assert_int_equal(counts[0], 0);
		assert_in_range(counts[1], 6700, 7300);
		bench_close(&b);
	}
}

static void
test_hash_pick__by_weight_of_localities(void **state)
{
	struct bench b;
	unsigned counts[4] = { 0 };

	(void)state;
	bench_open(&b);
	bench_use(&b, "aab", "loadBalancer: {consistentHash: {httpHeaderName: x}, localityLbSetting: "
		  "{distribute: [{from: ra, to: {ra: 20, rb: 80}}]}}");
	for (uint64_t k = 0; k < PICKS; k++)
		counts[hash_pick(b.binding, hash_bytes(&k, sizeof(k), 0))]++;
	assert_in_range(counts[2], 7500, 8500);
	bench_close(&b);
}

/* --- warm-up --- */

static const struct {
	const char *warmup;
	double age;			/* of the window */
	double share;			/* of its weight */
} ages[] = {
	{ "warmup: {duration: 100s}", 0, .1 },
	{ "warmup: {duration: 100s}", .05, .1 },
	{ "warmup: {duration: 100s}", .5, .5 },
	{ "warmup: {duration: 100s}", .9, .9 },
	{ "warmup: {duration: 100s}", 1, 1 },
	{ "warmup: {duration: 100s, minimumPercent: 30}", .2, .3 },
	{ "warmup: {duration: 100s, minimumPercent: 0}", .02, .02 },
	{ "warmup: {duration: 100s, aggression: 2}", .25, .5 },
	{ "warmup: {duration: 100s, aggression: 0.5}", .5, .25 },
	{ "warmupDurationSecs: 100s", .5, .5 },
};

static void
test_balance_pick__new_endpoints_warm_up(void **state)
{
	static const char *const balancers[] = { "ROUND_ROBIN", "LEAST_REQUEST" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ages) * ARRAY_LEN(balancers); i++) {
		struct bench b;
		char policy[256];
		unsigned counts[16], wanted;
		double share = ages[i / 2].share;

		snprintf(policy, sizeof(policy), "loadBalancer: {simple: %s, %s}", balancers[i % 2],
			 ages[i / 2].warmup);
		bench_open(&b);
		bench_use(&b, "aaa", policy);
		b.time.now_ns += 500 * NS_PER_S;
		loop_turn(b.worker->loop, 0);
		bench_use(&b, "aaaa", policy);
		b.time.now_ns += (uint64_t)(ages[i / 2].age * 100) * NS_PER_S;
		loop_turn(b.worker->loop, 0);
		count_picks(&b, counts);
		wanted = (unsigned)(PICKS * share / (3 + share));
		if (counts[3] + 250 < wanted || counts[3] > wanted + 250)
			fail_msg("%zu: %u, not %u", i, counts[3], wanted);
		bench_close(&b);
	}
}

static void
test_balance_pick__all_new_are_alike(void **state)
{
	struct bench b;
	unsigned counts[16];

	(void)state;
	bench_open(&b);
	bench_use(&b, "aaaa", "loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 100s}}");
	count_picks(&b, counts);
	for (int i = 0; i < 4; i++)
		assert_in_range(counts[i], 2499, 2501);
	bench_close(&b);
}

/* Only two balancers know of it. */
static void
test_balance_pick__random_does_not_warm_up(void **state)
{
	struct bench b;
	unsigned counts[16];

	(void)state;
	bench_open(&b);
	bench_use(&b, "aaa", "loadBalancer: {simple: RANDOM, warmup: {duration: 100s}}");
	b.time.now_ns += 500 * NS_PER_S;
	loop_turn(b.worker->loop, 0);
	bench_use(&b, "aaaa", "loadBalancer: {simple: RANDOM, warmup: {duration: 100s}}");
	count_picks(&b, counts);
	assert_in_range(counts[3], 2300, 2700);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_refresh__table),
		cmocka_unit_test(test_balance_pick__by_priority_and_health),
		cmocka_unit_test(test_balance_pick__in_panic_all_of_the_priority),
		cmocka_unit_test(test_runtime_bind__outliers_do_not_count_what_is_left_out),
		cmocka_unit_test(test_balance_pick__not_where_distribute_leaves_out),
		cmocka_unit_test(test_balance_pick_outside__unless_nothing_else_is_well),
		cmocka_unit_test(test_balance_pick__by_weight_of_localities),
		cmocka_unit_test(test_hash_pick__within_the_priority),
		cmocka_unit_test(test_hash_pick__by_weight_of_localities),
		cmocka_unit_test(test_balance_pick__new_endpoints_warm_up),
		cmocka_unit_test(test_balance_pick__all_new_are_alike),
		cmocka_unit_test(test_balance_pick__random_does_not_warm_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
