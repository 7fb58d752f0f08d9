/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that must never reach a terminal, and very long ones, wherever a feed has texts. */
#include "tests/lib/fake_feed_priv.h"

#include <stdio.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/mesh/checks.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/topology/graph.h"

#define POISON "\033[2J\033]0;x\007\r\n\t\b\302\233\342\200\256\342\200\213\377\355\240\200" \
	"a\314\200\314\200\314\200\314\200\314\200\314\200\342\201\246\356\200\200\363\240\201\201"
#define FAKE_LONG_BYTES 102400

const char *
fake_long_text(struct arena *a)
{
	struct buf b = BUF_INIT;
	const char *text;

	while (b.len < FAKE_LONG_BYTES)
		buf_puts(&b, "long " POISON);
	text = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	return text;
}

void
fake_poison_graph(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.len; i++) {
		g->nodes.items[i].label = arena_printf(g->arena, "%zu" POISON, i);
		g->nodes.items[i].ns = POISON;
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		g->edges.items[i].responses[0].code = POISON;
		g->edges.items[i].responses[0].flags = POISON;
		g->edges.items[i].responses[0].host = POISON;
	}
}

/* Puts poison behind every text of an answer but the names that screens look
 * things up by; one of them is very long. */
const char *
fake_poison_answer(struct fake_feed *f, const char *text)
{
	static const char *const kept[] = { "service", "cluster", "workload", "namespace", "kind",
					    "name", "time", "eds_health_status", "type", "address" };
	static const char poison[] = "\\u001b[2J\\u001b]0;x\\u0007\\r\\n\\t\\b\\u009b\\u202e\\u200b\\u00ad"
		"a\\u0300\\u0300\\u0300\\u0300\\u0300\\u0300\\ue000\\u2028\\ufeff";
	const char *key = "";
	size_t key_len = 0;
	bool is_first = true;

	buf_clear(&f->poisoned);
	while (*text != '\0') {
		const char *end = *text == '"' ? strchr(text + 1, '"') : NULL;
		bool is_value = end != NULL && text[-1] == ':', is_kept = false;

		if (end == NULL) {
			buf_putc(&f->poisoned, *text++);
			continue;
		}
		if (end[1] == ':') {
			key = text + 1;
			key_len = (size_t)(end - key);
		}
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			is_kept |= strlen(kept[i]) == key_len && memcmp(kept[i], key, key_len) == 0;
		buf_append(&f->poisoned, text, (size_t)(end - text));
		if (is_value && !is_kept) {
			buf_puts(&f->poisoned, poison);
			buf_fill(&f->poisoned, 'A', is_first ? FAKE_LONG_BYTES : 0);
			is_first = false;
		}
		buf_putc(&f->poisoned, '"');
		text = end + 1;
	}
	return buf_str(&f->poisoned);
}

/* As the store would hand it out, with everything in it that a name's rules
 * do not forbid. */
#define YAML_POISON "\\e[2J\\e]0;x\\a\\r\\n\\t\\b\\x9b\\u202e\\u200b\\ua000a\\u0300\\u0300\\u0300\\u0300\\u0300\\u0300\\ue000"
static const char poisoned_documents[] =
	"---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
	"metadata:\n  name: hostile\n  namespace: travel-agency\n"
	"  labels: {team: \"" YAML_POISON "\"}\n  annotations: {note: \"" YAML_POISON "\"}\n"
	"spec:\n  hosts: [travels.travel-agency.svc.cluster.local, \"" YAML_POISON "\"]\n  http:\n"
	"  - name: \"" YAML_POISON "\"\n    match:\n    - uri: {exact: \"" YAML_POISON "\"}\n"
	"      headers: {\"" YAML_POISON "\": {regex: \"" YAML_POISON "\"}}\n"
	"    route:\n    - destination: {host: \"" YAML_POISON "\", subset: \"" YAML_POISON "\"}\n"
	"---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"
	"metadata: {name: hostile, namespace: travel-agency}\n"
	"spec:\n  selector: {\"" YAML_POISON "\": \"" YAML_POISON "\"}\n"
	"  servers: [{port: {number: 80, name: \"" YAML_POISON "\", protocol: HTTP}, hosts: [\"" YAML_POISON "\"]}]\n"
	"---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\n"
	"metadata: {name: hostile, namespace: travel-agency}\n"
	"spec: {hosts: [\"" YAML_POISON "\"], ports: [{number: 80, name: http, protocol: HTTP}]}\n"
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: hostile-v1, namespace: travel-agency}\n"
	"spec:\n  selector: {matchLabels: {app: hostile}}\n  template:\n"
	"    metadata: {labels: {app: hostile, version: \"" YAML_POISON "\"}, annotations: {a: \"" YAML_POISON "\"}}\n"
	"    spec: {containers: [{name: a, image: \"" YAML_POISON "\", env: [{name: B, value: \"" YAML_POISON "\"}]}]}\n";

static void
poison_documents(struct fake_feed *f)
{
	struct model *m = f->feed.model;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;
	struct snapshot *s;

	buf_puts(&text, fake_town_documents);
	buf_puts(&text, poisoned_documents);
	s = snapshot_of_text("mesh.yaml", buf_str(&text), NULL, &err);
	ASSERT(s != NULL);
	mesh_put(&m->mesh);
	m->mesh = mesh_compile(s, NULL, NULL, NULL);
	checks_run(s, &m->problems);
	snapshot_put(&s);
	buf_fini(&text);
}

static void
poison_history(struct fake_feed *f)
{
	struct history_change change = { .op = CHANGE_UPDATE, .group = "networking.istio.io",
		.kind = "VirtualService", .ns = "travel-agency", .name = "travels", .file = POISON,
		.before = "a: " POISON "\n", .after = "b: " POISON "\n" };
	struct history_entry entry = { .n = 1, .time_ms = FAKE_NOW_MS, .user = POISON, .note = POISON,
		.changes = VEC_INIT };

	f->history.arena = arena_new();
	vec_push(&entry.changes, change);
	vec_push(&f->history.entries, entry);
	f->feed.model->history = &f->history;
}

static struct value *
one_item(struct arena *a, struct value *item)
{
	struct value *list = value_new_list(a);

	value_append(list, item);
	return list;
}

void
fake_feed_poison(struct feed *feed)
{
	struct model *m = feed->model;
	struct arena *a = m->graph->arena;
	struct value *request;

	fake_poison_graph(m->graph);
	problem_add_file(&m->problems, POISON, 1, 1, "MT0003", SEVERITY_ERROR, "%s", POISON);
	snprintf(m->state_text, sizeof(m->state_text), "%s", POISON);
	request = value_new_map(a);
	value_set_string(a, request, "service", "travels.travel-agency");
	value_set_string(a, request, "method", POISON);
	value_set_string(a, request, "path", POISON);
	value_set_string(a, request, "source", POISON);
	value_set_string(a, value_ensure_map(a, request, "request_headers"), POISON, POISON);
	value_set_string(a, value_ensure_map(a, request, "headers"), POISON, POISON);
	m->requests = one_item(a, request);
	poison_documents((struct fake_feed *)feed);
	poison_history((struct fake_feed *)feed);
	((struct fake_feed *)feed)->is_poisoned = true;
	fake_feed_tell(feed, ~0u);
}
