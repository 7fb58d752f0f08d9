/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent requests under new rules: shares, refusals, what cannot be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/wizard/forecast.h"

#define MESH \
	"apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: back}\n" \
	"spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: api-v1, namespace: back}\nspec: {address: 127.9.9.1, labels: {app: api, version: v1}}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: api-v2, namespace: back}\nspec: {address: 127.9.9.2, labels: {app: api, version: v2}}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n" \
	"metadata: {name: web, namespace: shop}\nspec: {address: 127.9.9.3, labels: {app: web, version: v1}}\n---\n" \
	"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api, namespace: back}\n" \
	"spec: {host: api, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}\n"

#define RULES(http) "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n" \
	"metadata: {name: api, namespace: back}\nspec:\n  hosts: [api]\n  http:\n" http

#define REQUEST(time, headers, redacted) \
	"{\"time\":\"2026-11-25T10:00:" time "Z\",\"source\":\"web.shop\",\"method\":\"GET\"," \
	"\"path\":\"/x\",\"query\":\"\",\"host\":\"api.back\",\"cluster\":\"outbound|80||api\"," \
	"\"request_headers\":{" headers "},\"redacted\":[" redacted "]}"

static const char *const requests =
	"[" REQUEST("00.000", "", "") "," REQUEST("05.000", "\"user\":\"jason\"", "") ","
	REQUEST("10.000", "\"cookie\":\"[redacted]\"", "\"cookie\"") "]";

static struct mesh *
compile(const char *text)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = snapshot_of_text("t.yaml", text, NULL, &err);
	struct mesh *m;

	if (s == NULL)
		fail_msg("%s", err.msg);
	m = mesh_compile(s, NULL, "", NULL);
	snapshot_put(&s);
	return m;
}

static const struct { const char *name, *after, *want; } cases[] = {
	{ "shares are counted, not drawn",
	  MESH RULES("  - route: [{destination: {host: api, subset: v1}, weight: 90},"
		     " {destination: {host: api, subset: v2}, weight: 10}]\n"),
	  "3 recent requests of 10 s tried on the new rules\n"
	  "shop/web -> back/api-v1  0.15 -> 0.27/s\n"
	  "shop/web -> back/api-v2  0.15 -> 0.03/s\n" },
	{ "a header rule without catch-all refuses the rest",
	  MESH RULES("  - match: [{headers: {user: {exact: jason}}}]\n"
		     "    route: [{destination: {host: api, subset: v2}}]\n"),
	  "3 recent requests of 10 s tried on the new rules\n"
	  "shop/web -> 404 NR: no rule takes it  0.00 -> 0.20/s\n"
	  "shop/web -> back/api-v1  0.15 -> 0.00/s\n"
	  "shop/web -> back/api-v2  0.15 -> 0.10/s\n" },
	{ "a missing subset is told",
	  MESH RULES("  - route: [{destination: {host: api, subset: v9}}]\n"),
	  "3 recent requests of 10 s tried on the new rules\n"
	  "shop/web -> 503 NC: the host, port or subset is not known  0.00 -> 0.30/s\n"
	  "shop/web -> back/api-v1  0.15 -> 0.00/s\n"
	  "shop/web -> back/api-v2  0.15 -> 0.00/s\n" },
	{ "a rule on a redacted field cannot be told",
	  MESH RULES("  - match: [{headers: {cookie: {exact: a=b}}}]\n"
		     "    route: [{destination: {host: api, subset: v2}}]\n"
		     "  - route: [{destination: {host: api, subset: v1}}]\n"),
	  "3 recent requests of 10 s tried on the new rules; for 1 one cannot tell (a redacted field decides)\n"
	  "shop/web -> back/api-v1  0.10 -> 0.20/s\n"
	  "shop/web -> back/api-v2  0.10 -> 0.00/s\n" },
	{ "aborted requests are refused, the rest goes on",
	  MESH RULES("  - fault: {abort: {httpStatus: 503, percentage: {value: 50}}}\n"
		     "    route: [{destination: {host: api, subset: v1}}]\n"),
	  "3 recent requests of 10 s tried on the new rules\n"
	  "shop/web -> 503 FI: aborted  0.00 -> 0.15/s\n"
	  "shop/web -> back/api-v2  0.15 -> 0.00/s\n" },
	{ "copies are counted beside the requests",
	  MESH RULES("  - route: [{destination: {host: api, subset: v1}}]\n"
		     "    mirror: {host: api, subset: v2}\n    mirrorPercentage: {value: 50}\n"),
	  "3 recent requests of 10 s tried on the new rules\n"
	  "shop/web -> back/api-v1  0.15 -> 0.30/s\n"
	  "shop/web -> back/api-v2  0.15 -> 0.00/s\n"
	  "shop/web -> back/api-v2 (copy)  0.00 -> 0.15/s\n" },
	{ "nothing changes", MESH, "3 recent requests of 10 s tried on the new rules\nno edge would change\n" },
};

static void
test_forecast__tells_what_would_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mesh *before = compile(MESH), *after = compile(cases[i].after);
		struct arena *a = arena_new();
		struct forecast *f = forecast_new(before, after,
						  json_parse(a, requests, strlen(requests), NULL));
		struct buf out = BUF_INIT;

		forecast_put_text(f, &out);
		if (strcmp(buf_str(&out), cases[i].want) != 0)
			fail_msg("%s:\n%s", cases[i].name, buf_str(&out));
		buf_fini(&out);
		forecast_free(&f);
		arena_free(&a);
		mesh_put(&before);
		mesh_put(&after);
	}
}

static void
test_forecast__no_requests(void **state)
{
	struct mesh *m = compile(MESH);
	struct forecast *f = forecast_new(m, m, NULL);
	struct buf out = BUF_INIT;

	(void)state;
	forecast_put_text(f, &out);
	assert_string_equal(buf_str(&out), "no recent requests to try the rules on\n");
	buf_fini(&out);
	forecast_free(&f);
	mesh_put(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forecast__tells_what_would_change),
		cmocka_unit_test(test_forecast__no_requests),
	};

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
