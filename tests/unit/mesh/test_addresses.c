/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mesh's block of addresses, and what is remembered of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/mesh/addresses.h"
#include "src/mesh/images.h"

static const char *
text_of(const struct address *a)
{
	static char text[ADDRESS_TEXT_BYTES];

	address_text(a, text);
	return text;
}

static void
test_addresses__are_assigned_once_and_kept(void **state)
{
	struct addresses *a = addresses_new(70);
	struct address x;

	(void)state;
	assert_true(addresses_service(a, "web.a", true, &x));
	assert_string_equal(text_of(&x), "127.70.0.1:0");
	assert_true(addresses_service(a, "api.a", true, &x));
	assert_string_equal(text_of(&x), "127.70.0.2:0");
	assert_true(addresses_pod(a, "web.a", true, &x));
	assert_string_equal(text_of(&x), "127.70.64.1:0");
	assert_true(addresses_service(a, "web.a", true, &x));
	assert_string_equal(text_of(&x), "127.70.0.1:0");
	assert_false(addresses_service(a, "new.a", false, &x));
	addresses_set_read_only(a, true);
	assert_false(addresses_service(a, "new.a", true, &x));
	assert_true(addresses_pod(a, "web.a", true, &x));
	addresses_free(&a);
	assert_null(a);
}

static void
test_addresses_parse__reads_what_put_json_wrote(void **state)
{
	struct addresses *a = addresses_new(71), *b = addresses_new(0), *c = addresses_new(99);
	struct buf json = BUF_INIT;
	struct error err = ERROR_INIT;
	struct address x;

	(void)state;
	assert_false(addresses_service(b, "web.a", true, &x));	/* no block yet */
	for (int i = 0; i < 600; i++) {
		char name[32];

		snprintf(name, sizeof(name), "w%d.a", i);
		assert_true(addresses_pod(a, name, true, &x));
	}
	assert_true(addresses_changed(a));
	addresses_put_json(a, &json);
	assert_false(addresses_changed(a));
	assert_int_equal(addresses_parse(b, json.data, json.len, &err), 0);
	assert_int_equal(addresses_block(b), 71);
	assert_false(addresses_changed(b));
	assert_true(addresses_pod(b, "w599.a", false, &x));
	assert_string_equal(text_of(&x), "127.71.66.88:0");
	assert_true(addresses_pod(b, "fresh.a", true, &x));
	assert_string_equal(text_of(&x), "127.71.66.89:0");
	/* Another block: the same places in it. */
	assert_int_equal(addresses_parse(c, json.data, json.len, &err), 0);
	assert_true(addresses_changed(c));
	assert_true(addresses_pod(c, "w599.a", false, &x));
	assert_string_equal(text_of(&x), "127.99.66.88:0");
	buf_fini(&json);
	addresses_free(&a);
	addresses_free(&b);
	addresses_free(&c);
}

static void
test_addresses_parse__refuses_what_cannot_be(void **state)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"block\": 63}", "{\"block\": 256}", "{\"block\": \"70\"}",
		"{\"block\": 70, \"services\": {\"a.b\": \"127.71.0.1\"}}",
		"{\"block\": 70, \"services\": {\"a.b\": \"127.70.64.1\"}}",
		"{\"block\": 70, \"services\": {\"a.b\": \"127.70.0.0\"}}",
		"{\"block\": 70, \"services\": {\"a.b\": 5}}",
		"{\"block\": 70, \"pods\": {\"a.b\": \"127.70.64.1\", \"c.d\": \"127.70.64.1\"}}",
		"{\"block\": 70, \"pods\": {\"a.b\": \"127.70.128.1\"}}",
		"{\"block\": 70, \"pods\": [\"127.70.64.1\"]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct addresses *a = addresses_new(0);
		struct error err = ERROR_INIT;

		if (addresses_parse(a, texts[i], strlen(texts[i]), &err) != -1)
			fail_msg("accepted: %s", texts[i]);
		assert_true(err.msg[0] != '\0');
		addresses_free(&a);
	}
}

static void
test_addresses_end__forgets_only_when_the_block_fills_up(void **state)
{
	struct addresses *a = addresses_new(64);
	struct address x;
	char name[32];

	(void)state;
	assert_true(addresses_service(a, "old.a", true, &x));
	addresses_begin(a);
	addresses_end(a);
	assert_true(addresses_service(a, "old.a", false, &x));
	addresses_begin(a);
	for (int i = 0; i < 16382; i++) {
		snprintf(name, sizeof(name), "w%d.a", i);
		assert_true(addresses_service(a, name, true, &x));
	}
	assert_false(addresses_service(a, "one-more.a", true, &x));
	addresses_end(a);
	assert_false(addresses_service(a, "old.a", false, &x));
	assert_true(addresses_service(a, "w0.a", false, &x));
	assert_string_equal(text_of(&x), "127.64.0.2:0");
	assert_true(addresses_service(a, "one-more.a", true, &x));
	assert_string_equal(text_of(&x), "127.64.0.1:0");
	addresses_free(&a);
}

static void
test_image_lookup__ignores_registry_and_tag(void **state)
{
	static const struct {
		const char *image;
		enum image_app want;
	} rows[] = {
		{ "quay.io/kiali/demo_travels_travels:v1", IMAGE_TRAVELS },
		{ "kiali/demo_travels_hotels", IMAGE_HOTELS },
		{ "localhost:5000/kiali/demo_travels_cars:latest", IMAGE_CARS },
		{ "registry:5000/x/kiali/demo_travels_cars", IMAGE_CARS },
		{ "quay.io/kiali/demo_travels_mysqldb:v1@sha256:0123", IMAGE_MYSQLDB },
		{ "quay.io/xkiali/demo_travels_cars:v1", IMAGE_UNKNOWN },
		{ "quay.io/kiali/demo_travels_carsx:v1", IMAGE_UNKNOWN },
		{ "nginx", IMAGE_UNKNOWN },
		{ "", IMAGE_UNKNOWN },
		{ NULL, IMAGE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (image_lookup(rows[i].image) != rows[i].want)
			fail_msg("%s", rows[i].image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses__are_assigned_once_and_kept),
		cmocka_unit_test(test_addresses_parse__reads_what_put_json_wrote),
		cmocka_unit_test(test_addresses_parse__refuses_what_cannot_be),
		cmocka_unit_test(test_addresses_end__forgets_only_when_the_block_fills_up),
		cmocka_unit_test(test_image_lookup__ignores_registry_and_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
