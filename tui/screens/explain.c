/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the rules of now would do with a request: `:explain FROM METHOD URL
 * "NAME: VALUE" ...`, as the list of requests asks it.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/explain.h"
#include "src/mesh/mesh.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"

struct words {
	VEC(char *) items;
};

/* Words at blanks; what stands in quotes is one word. */
static void
split_words(struct words *w, const char *s)
{
	while (*(s += strspn(s, " ")) != '\0') {
		bool is_quoted = *s == '"';
		size_t len;

		s += is_quoted;
		len = strcspn(s, is_quoted ? "\"" : " ");
		vec_push(&w->items, xstrndup(s, len));
		s += len + (is_quoted && s[len] == '"');
	}
}

static void
free_words(struct words *w)
{
	while (w->items.len > 0)
		free(w->items.items[--w->items.len]);
	vec_fini(&w->items);
}

static const struct mesh_workload *
find_caller(struct app *a, const char *word)
{
	const struct mesh *m = app_model(a)->mesh;
	const struct mesh_workload *w = NULL;
	char *ns = NULL, *name = page_split_name(word, &ns);

	if (m != NULL && name != NULL)
		w = mesh_find_workload(m, ns, name);
	if (w == NULL)
		app_say(a, SEVERITY_ERROR, "there is no workload \"%s\"; write NAME.NAMESPACE", word);
	free(name);
	free(ns);
	return w;
}

static void
show(struct app *a, const struct words *w, const struct buf *json)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT;
	struct viewer *v = viewer_new("Explain");

	buf_printf(&text, "%s %s\n\nfrom     %s\n", w->items.items[1], w->items.items[2],
		   w->items.items[0]);
	for (size_t i = 3; i < w->items.len; i++)
		buf_printf(&text, "header   %s\n", w->items.items[i]);
	explain_put_text(json_parse(arena, buf_str(json), json->len, NULL), &text);
	buf_puts(&text, "\nBy the rules that are in force now; nothing was sent.\n");
	viewer_add(v, "now", buf_str(&text), TEXT_PLAIN);
	viewer_add(v, "JSON", buf_str(json), TEXT_YAML);
	app_push(a, viewer_screen(v));
	buf_fini(&text);
	arena_free(&arena);
}

void
explain_show(struct app *a, const char *args)
{
	struct words w = { VEC_INIT };
	struct error err = ERROR_INIT;
	const struct mesh_workload *from;
	struct buf json = BUF_INIT;

	split_words(&w, args);
	if (w.items.len < 3) {
		app_say(a, SEVERITY_ERROR, "write: explain WORKLOAD.NAMESPACE METHOD URL [\"NAME: VALUE\"]");
		free_words(&w);
		return;
	}
	from = find_caller(a, w.items.items[0]);
	if (from != NULL) {
		struct explain_question q = {
			.method = w.items.items[1], .url = w.items.items[2],
			.headers = (const char *const *)&w.items.items[3],
			.header_count = w.items.len - 3,
		};

		if (explain_put_json(app_model(a)->mesh, from, &q, &json, &err) < 0)
			app_say_error(a, &err);
		else
			show(a, &w, &json);
	}
	buf_fini(&json);
	free_words(&w);
}
