/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/wizard/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/snapshot.h"

#define DEPLOYMENT(name, labels) \
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name \
	", namespace: travel-agency}\nspec:\n  selector: {matchLabels: {" labels "}}\n" \
	"  template: {metadata: {labels: {" labels "}}, spec: {containers: [{name: a, image: b}]}}\n"
#define SERVICE(name, port) \
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: " name \
	", namespace: travel-agency}\nspec: {selector: {app: " name "}, ports: [" port "]}\n"

static const char base[] =
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: travel-agency}\n"
	SERVICE("travels", "{name: http, port: 8000}")
	DEPLOYMENT("travels-v1", "app: travels, version: v1")
	DEPLOYMENT("travels-v2", "app: travels, version: v2")
	DEPLOYMENT("travels-v3", "app: travels, version: v3")
	SERVICE("hotels", "{name: http, port: 8000}")
	DEPLOYMENT("hotels", "app: hotels")
	SERVICE("mysqldb", "{name: tcp, port: 3306}")
	DEPLOYMENT("mysqldb-v1", "app: mysqldb, version: v1")
	DEPLOYMENT("mysqldb-v2", "app: mysqldb, version: v2")
	DEPLOYMENT("mysqldb-v3", "app: mysqldb, version: v3")
	SERVICE("bare", "{name: http, port: 8000}")
	DEPLOYMENT("bare-a", "app: bare")
	DEPLOYMENT("bare-b", "app: bare");

struct value *
bench_parse(struct arena *a, const char *text)
{
	struct yaml_stream s = { VEC_INIT };
	struct error err = ERROR_INIT;
	struct value *root;

	if (yaml_parse(a, text, strlen(text), "test", &s, &err) < 0)
		fail_msg("%u:%u: %s", err.line, err.col, err.msg);
	root = s.docs.len > 0 ? s.docs.items[0].root : NULL;
	yaml_stream_fini(&s);
	return root;
}

static void
open_mesh(struct bench *b, const char *kind, const char *service, const char *text)
{
	const char *dot = strrchr(service, '.');
	const struct mesh_service *s;
	struct error err = ERROR_INIT;
	enum wizard_kind k;
	struct problems bad = PROBLEMS_INIT;

	assert_true(wizard_kind_parse(kind, &k));
	b->snapshot = snapshot_of_text("mesh.yaml", text, &bad, &err);
	if (b->snapshot == NULL)
		fail_msg("%u:%u: %s", err.line, err.col, err.msg);
	if (problems_have_errors(&bad))
		fail_msg("%s: %s", bad.rows.items[0].code, bad.rows.items[0].message);
	problems_fini(&bad);
	b->mesh = mesh_compile(b->snapshot, NULL, NULL, NULL);
	s = mesh_find_service(b->mesh, dot + 1,
			      arena_strndup(b->arena, service, (size_t)(dot - service)));
	assert_non_null(s);
	b->wizard = wizard_open(k, b->mesh, s, &err);
	if (b->wizard == NULL)
		memcpy(b->error, err.msg, sizeof(b->error));
}

void
bench_open_text(struct bench *b, const char *kind, const char *service, const char *stored)
{
	struct buf text = BUF_INIT;

	memset(b, 0, sizeof(*b));
	b->arena = arena_new();
	buf_puts(&text, base);
	if (stored != NULL)
		buf_printf(&text, "---\n%s", stored);
	open_mesh(b, kind, service, buf_str(&text));
	buf_fini(&text);
}

void
bench_open(struct bench *b, const char *kind, const char *service, const struct value *stored)
{
	struct buf text = BUF_INIT;

	VALUE_EACH(o, stored) {
		buf_puts(&text, "---\n");
		yaml_emit(&text, o);
	}
	bench_open_text(b, kind, service, buf_str(&text));
	buf_fini(&text);
}

void
bench_close(struct bench *b)
{
	wizard_preview_free(&b->preview);
	wizard_free(&b->wizard);
	mesh_put(&b->mesh);
	snapshot_put(&b->snapshot);
	problems_fini(&b->problems);
	arena_free(&b->arena);
}

int
bench_answer(struct bench *b, const struct value *answers)
{
	if (b->wizard == NULL)
		fail_msg("did not open: %s", b->error);
	return wizard_answer(b->wizard, answers, &b->problems);
}

int
bench_answer_text(struct bench *b, const char *answers)
{
	return bench_answer(b, bench_parse(b->arena, answers));
}

void
bench_preview(struct bench *b)
{
	struct error err = ERROR_INIT;

	wizard_preview_free(&b->preview);
	b->preview = wizard_preview(b->wizard, &err);
	if (b->preview == NULL)
		fail_msg("no preview: %s", err.msg);
}

bool
bench_has(const struct problems *p, const char *code, const char *path)
{
	for (size_t i = 0; i < p->rows.len; i++)
		if (strcmp(p->rows.items[i].code, code) == 0 &&
		    (path == NULL || strcmp(p->rows.items[i].path, path) == 0))
			return true;
	return false;
}
