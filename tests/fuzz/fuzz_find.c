/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The find and hide language: refused with a place, or marked on a graph.
 * NOT marks the rest; what is hidden and what stays have nothing in common.
 * Lines behind the first are saved expressions, @a the first of them.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/topology/find.h"
#include "src/topology/graph.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/graph_samples.h"

#define MOST 16
#define MOST_SAVED 3

struct marks {
	bool nodes[MOST], edges[MOST];
};

struct saved {
	const char *texts[MOST_SAVED];
};

static struct graph *
graph_to_search(void)
{
	struct graph *g = sample_parse("web api 3;api api-v1 2;api api-v2 1;api api-v3 0.5 mirror;"
				       "api-v1 db 130 tcp;api-v2 db 1e9 tcp;idle");
	struct graph_edge *e = &g->edges.items[0];

	ASSERT(g->nodes.len <= MOST && g->edges.len <= MOST);
	g->nodes.items[0].is_root = true;
	g->nodes.items[1].app = g->nodes.items[1].service = "api";
	g->nodes.items[1].badges = BADGE_CIRCUIT_BREAKER;
	e->errors = 0.5;
	e->share = 1;
	e->mtls = 1;
	e->times.p95 = 1500;
	e->response_count = 1;
	e->responses = arena_alloc(g->arena, sizeof(*e->responses));
	e->responses[0] = (struct graph_response){ "503", "UO,URX", "api", 0.5 };
	return g;
}

static const char *
saved_text(void *arg, const char *name)
{
	const struct saved *s = arg;
	size_t at = (unsigned char)name[0] - (size_t)'a';

	return name[0] >= 'a' && at < MOST_SAVED && name[1] == '\0' ? s->texts[at] : NULL;
}

static const char *
label_of(void *arg, const struct graph_node *n, const char *name)
{
	(void)arg;
	return strcmp(name, "tier") == 0 && n->is_root ? "front" : NULL;
}

static struct marks
mark(const struct find *f, const struct graph *g)
{
	const struct find_data data = { .label = label_of };
	struct marks m = { { false }, { false } };

	find_mark(f, g, &data, m.nodes, m.edges);
	return m;
}

/* f, made of text, marks some; its negation, if it can be made, the others. */
static void
check_negation(const char *text, struct saved *saved, const struct graph *g,
	       const struct marks *m)
{
	struct buf b = BUF_INIT;
	struct find *f;
	struct marks not;

	buf_printf(&b, "NOT (%s)", text);
	f = find_parse(buf_str(&b), saved_text, saved, NULL);
	if (f != NULL) {
		not = mark(f, g);
		ASSERT(not.nodes[0] != m->nodes[0] || not.edges[0] != m->edges[0]);
		for (size_t i = 0; i < g->nodes.len; i++)
			ASSERT(!(not.nodes[i] && m->nodes[i]));
		for (size_t i = 0; i < g->edges.len; i++)
			ASSERT(!(not.edges[i] && m->edges[i]));
	}
	find_free(&f);
	buf_fini(&b);
}

static void
check_kept(const struct graph *g, const struct marks *hidden)
{
	struct marks kept = *hidden;

	find_keep(g, kept.nodes, kept.edges);
	for (size_t i = 0; i < g->nodes.len; i++)
		ASSERT(!(kept.nodes[i] && hidden->nodes[i]));
	for (size_t i = 0; i < g->edges.len; i++)
		ASSERT(!kept.edges[i] || (!hidden->edges[i] && kept.nodes[g->edges.items[i].from] &&
					  kept.nodes[g->edges.items[i].to]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size), *rest = text;
	const char *expression = strsep(&rest, "\n");
	struct saved saved = { { NULL } };
	struct error err = ERROR_INIT;
	struct graph *g = graph_to_search();
	struct find *f;

	for (size_t i = 0; i < MOST_SAVED && rest != NULL; i++)
		saved.texts[i] = strsep(&rest, "\n");
	f = find_parse(expression, saved_text, &saved, &err);
	find_is_expression(expression);
	if (f != NULL) {
		struct marks m = mark(f, g);

		check_negation(expression, &saved, g, &m);
		check_kept(g, &m);
	} else {
		ASSERT(err.code == ERROR_SYNTAX && err.msg[0] != '\0' && err.col > 0);
	}
	find_free(&f);
	graph_free(&g);
	free(text);
	return 0;
}
