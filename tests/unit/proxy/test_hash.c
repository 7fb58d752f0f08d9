/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consistent hashing: the hash itself, shares, and what moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proxy/cluster/balance.h"
#include "proxy/cluster/hash.h"
#include "proxy/http/hash_key.h"
#include "proxy/runtime.h"
#include "src/base/assert.h"
#include "src/http/parse.h"
#include "src/mesh/mesh.h"

/* Published values of xxHash64 with seed 0. */
static const struct { const char *text; uint64_t hash; } vectors[] = {
	{ "", 0xef46db3751d8e999u },
	{ "a", 0xd24ec4f1a98c6e5bu },
	{ "abc", 0x44bc2cf5ad770999u },
	{ "Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1u },
};

static void
test_hash_bytes__published_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
		if (hash_bytes(vectors[i].text, strlen(vectors[i].text), 0) != vectors[i].hash)
			fail_msg("%s", vectors[i].text);
	assert_true(hash_bytes("a", 1, 1) != hash_bytes("a", 1, 0));
}

static const struct {
	const char *fields;
	const char *values[3];		/* in the order in which they are hashed */
} headers[] = {
	{ "x-user: jane\r\n", { "jane" } },
	{ "x-user: b\r\nX-User: a\r\n", { "a", "b" } },
	{ "x-user: a\r\nother: 1\r\nX-User: b\r\n", { "a", "b" } },
	{ "x-user: ab\r\nx-user:\r\nx-user: a\r\n", { "", "a", "ab" } },
	{ "x-users: a\r\n", { NULL } },
};

static void
test_hash_of_header__all_lines_in_any_order(void **state)
{
	static struct http_head h;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		char text[256];
		const char *why;
		uint64_t want = 0, hash;
		size_t used, n = 0;

		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nhost: a\r\n%s\r\n", headers[i].fields);
		assert_int_equal(http_parse_request(&h, text, strlen(text), &HTTP_LIMITS_DEFAULT, &used,
						    &why), HTTP_DONE);
		for (; n < 3 && headers[i].values[n] != NULL; n++)
			want = hash_bytes(headers[i].values[n], strlen(headers[i].values[n]), want);
		if (hash_of_header(&h, "X-User", &hash) != (n > 0) || (n > 0 && hash != want))
			fail_msg("row %zu", i);
	}
}

#define HOSTS 4
#define KEYS 20000

struct bench {
	struct mesh_endpoint targets[HOSTS];
	struct endpoint states[HOSTS], *of_binding[HOSTS];
	struct mesh_cluster cluster;
	struct cluster_state state;
	struct common_cluster common;
	struct common_host hosts[HOSTS];
	struct binding b;
};

static void
bench_init(struct bench *x, bool maglev, unsigned first_weight)
{
	memset(x, 0, sizeof(*x));
	for (int i = 0; i < HOSTS; i++) {
		x->targets[i].weight = i == 0 ? first_weight : 1;
		assert_int_equal(address_parse_host(&x->targets[i].address, "10.0.0.1",
						    (uint16_t)(8000 + i), NULL), 0);
		x->of_binding[i] = &x->states[i];
		x->states[i].common = &x->hosts[i];
		outlier_add_host(&x->common.outlier);
	}
	x->cluster.endpoints = x->targets;
	x->cluster.endpoint_count = HOSTS;
	x->cluster.policy.balancer = BALANCE_CONSISTENT_HASH;
	x->cluster.policy.hash.maglev = maglev;
	x->cluster.policy.hash.ring_size = maglev ? 65537 : 1024;
	x->b.cluster = &x->cluster;
	x->state.common = &x->common;
	x->b.state = &x->state;
	x->b.endpoints = x->of_binding;
}

static uint64_t
key(unsigned i)
{
	return hash_bytes(&i, sizeof(i), 0);
}

static void
eject(struct bench *x, unsigned host, bool is_ejected)
{
	x->hosts[host].outlier.is_ejected = is_ejected;
	x->common.outlier.ejected += is_ejected ? 1u : -1u;
	x->common.outlier.generation++;
}

static void
check_shares(bool maglev)
{
	struct bench x;
	unsigned count[HOSTS] = { 0 };
	unsigned slack = maglev ? 5 : 25;	/* percent */

	bench_init(&x, maglev, 2);
	for (unsigned i = 0; i < KEYS; i++)
		count[hash_pick(&x.b, key(i))]++;
	for (int i = 0; i < HOSTS; i++) {
		unsigned fair = KEYS / 5 * (i == 0 ? 2 : 1);

		if (count[i] * 100 < fair * (100 - slack) || count[i] * 100 > fair * (100 + slack))
			fail_msg("maglev %d, endpoint %d: %u of %u", maglev, i, count[i], fair);
	}
	hash_table_free(&x.b.hash);
}

static void
test_hash_pick__shares_follow_weights(void **state)
{
	(void)state;
	check_shares(false);
	check_shares(true);
}

/* An endpoint that goes takes its own keys along and few others (the rest share
 * the points of the ring anew), and all come back. */
static void
check_moves(bool maglev)
{
	static size_t before[KEYS];
	struct bench x;
	unsigned moved = 0;

	bench_init(&x, maglev, 1);
	for (unsigned i = 0; i < KEYS; i++)
		before[i] = hash_pick(&x.b, key(i));
	eject(&x, 2, true);
	for (unsigned i = 0; i < KEYS; i++) {
		size_t now = hash_pick(&x.b, key(i));

		assert_true(now != 2);
		moved += before[i] != 2 && now != before[i];
	}
	if (moved > KEYS / 8)
		fail_msg("maglev %d: %u moved", maglev, moved);
	eject(&x, 2, false);
	for (unsigned i = 0; i < KEYS; i++)
		assert_int_equal(hash_pick(&x.b, key(i)), before[i]);
	hash_table_free(&x.b.hash);
}

static void
test_hash_pick__moves_little(void **state)
{
	(void)state;
	check_moves(false);
	check_moves(true);
}

/* The only point of the lightest endpoint owns what lies before it on the ring,
 * the longer the fewer points there are; its hash is known. */
static bool
owns(struct bench *x, uint64_t distance)
{
	const char *first = "10.0.0.1:8000_0";

	return hash_pick(&x->b, hash_bytes(first, strlen(first), 0) - distance) == 0;
}

static void
test_hash_pick__weights_alone_make_no_huge_ring(void **state)
{
	static const struct { uint32_t heavy, least_size; bool is_coarse; } rows[] = {
		{ UINT32_MAX, 1024, true }, { 2000000, 1024, true }, { 2000000, 4u << 20, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench x;

		bench_init(&x, false, 1);
		x.cluster.policy.hash.ring_size = rows[i].least_size;
		for (int k = 1; k < HOSTS; k++)
			x.targets[k].weight = rows[i].heavy;
		assert_true(owns(&x, 0));
		if (owns(&x, UINT64_MAX >> 20) != rows[i].is_coarse)
			fail_msg("row %zu", i);
		hash_table_free(&x.b.hash);
	}
}

static void
test_hash_pick__none_is_left(void **state)
{
	struct bench x;

	(void)state;
	bench_init(&x, false, 1);
	for (unsigned i = 0; i < HOSTS; i++)
		eject(&x, i, true);
	assert_true(hash_pick(&x.b, 1) == BALANCE_NONE);
	hash_table_free(&x.b.hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_bytes__published_values),
		cmocka_unit_test(test_hash_of_header__all_lines_in_any_order),
		cmocka_unit_test(test_hash_pick__shares_follow_weights),
		cmocka_unit_test(test_hash_pick__moves_little),
		cmocka_unit_test(test_hash_pick__weights_alone_make_no_huge_ring),
		cmocka_unit_test(test_hash_pick__none_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
