/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages by their words, with what is said behind them, and the way back
 * through those that were seen.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/app/app_priv.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/screens.h"

#define VIEWS_MAX 50

void
app_remember_view(struct app *a, const char *line)
{
	if (a->is_going_back)
		return;
	if (a->views.len > 0 && strcmp(a->views.items[a->view], line) == 0)
		return;
	while (a->views.len > a->view + 1)
		free(a->views.items[--a->views.len]);
	if (a->views.len == VIEWS_MAX) {
		free(a->views.items[0]);
		vec_remove(&a->views, 0);
	}
	vec_push(&a->views, xstrdup(line));
	a->view = a->views.len - 1;
}

static void
go_to_view(struct app *a, size_t view)
{
	char *line;

	if (!app_may_pop_all(a))
		return;
	line = xstrdup(a->views.items[view]);
	a->view = view;
	a->is_going_back = true;
	app_run(a, line);
	a->is_going_back = false;
	free(line);
}

struct namespace_search {
	const char *name;
	bool is_found;
};

static void
compare_namespace(void *arg, const char *name)
{
	struct namespace_search *search = arg;

	search->is_found = search->is_found || strcmp(name, search->name) == 0;
}

static void
say_no_namespace(struct app *a, const char *name)
{
	app_say_how(a, SEVERITY_WARNING, "{namespaces} chooses",
		    "nothing is known of a namespace \"%s\"", name);
}

void
app_choose_namespaces(struct app *a, const char *words)
{
	struct model *m = a->model;

	model_choose_namespaces(m, words);
	app_query(a);
	for (size_t i = 0; m->mesh != NULL && i < m->query.namespaces.len; i++) {
		struct namespace_search search = { m->query.namespaces.items[i], false };

		model_each_namespace(m, compare_namespace, &search);
		if (!search.is_found)
			say_no_namespace(a, search.name);
	}
}

struct page_words {
	struct buf namespaces;		/* with commas between */
	struct buf text;		/* that is searched for */
	unsigned window_s;		/* 0: as it is */
};

static void
page_words_fini(struct page_words *w)
{
	buf_fini(&w->namespaces);
	buf_fini(&w->text);
}

/* One word behind a page's but "last" and its window. */
static bool
take_word(struct app *a, const char *word, struct page_words *out)
{
	if (word[0] == '@') {
		app_say(a, SEVERITY_ERROR, "%s: this version knows no contexts; it cannot work on clusters yet",
			word);
		return false;
	}
	if (word[0] == '/') {
		buf_clear(&out->text);
		buf_puts(&out->text, word + 1);
	} else {
		buf_printf(&out->namespaces, "%s%s", out->namespaces.len > 0 ? "," : "", word);
	}
	return true;
}

/* "[NAMESPACE ...] [/TEXT] [last WINDOW]" in any order; false and a message for
 * anything else. */
static bool
parse_page_words(struct app *a, const char *words, struct page_words *out)
{
	bool is_window = false, is_good = true;

	for (const char *s = words; is_good && *(s += strspn(s, " ")) != '\0';) {
		size_t len = strcspn(s, " ");
		char *word = xstrndup(s, len);

		if (is_window)
			is_good = (out->window_s = app_parse_window(a, word)) > 0;
		else if (strcmp(word, "last") != 0)
			is_good = take_word(a, word, out);
		is_window = !is_window && strcmp(word, "last") == 0;
		free(word);
		s += len;
	}
	if (is_good && is_window)
		app_say(a, SEVERITY_ERROR, "last: which window? write last 90s, 1m, 2h or 1d");
	return is_good && !is_window;
}

/* The text is of the screen that is still to open. */
static void
ask_for_page(struct app *a, const struct page_words *w)
{
	if (w->window_s > 0) {
		a->model->query.window_s = w->window_s;
		app_query(a);
	}
	if (w->namespaces.len > 0)
		app_choose_namespaces(a, buf_str(&w->namespaces));
}

static void
leave_only(struct app *a, const char *text)
{
	struct screen *s = app_top(a);
	char *line;

	if (text[0] == '\0')
		return;
	if (s->ops->filter != NULL) {
		app_filter_text(a, text);
		return;
	}
	line = xasprintf("find %s", text);
	app_run_when_settled(a, line);
	free(line);
}

/* False when the words are none of a page's, or what is open cannot be closed
 * yet. */
static bool
go_to_page(struct app *a, const char *line, const char *words, struct screen *(*open)(struct app *))
{
	struct page_words w = { BUF_INIT, BUF_INIT, 0 };
	bool may_go = parse_page_words(a, words, &w) && app_may_pop_all(a);

	if (may_go) {
		app_pop_all(a);
		ask_for_page(a, &w);
		if (open != NULL)
			app_push(a, open(a));
		app_remember_view(a, line);
		leave_only(a, buf_str(&w.text));
	}
	page_words_fini(&w);
	return may_go;
}

/* On top of what is open, so that Esc leads back there. */
static void
open_detail(struct app *a, enum detail_kind kind, const char *args)
{
	struct screen *s = detail_open(a, kind, args);
	const struct detail *d;
	char *line;

	if (s == NULL)
		return;
	d = (const struct detail *)s;
	line = xasprintf("%s %s.%s%s", detail_word(kind), d->name, d->ns, args + strcspn(args, " "));
	if (a->is_going_back)
		app_pop_all(a);
	app_push(a, s);
	app_remember_view(a, line);
	free(line);
}

static bool
open_page(struct app *a, enum command_id id, const char *args)
{
	static const struct { enum command_id id; const char *line; struct screen *(*open)(struct app *); } pages[] = {
		{ CMD_GRAPH, "graph", NULL }, { CMD_OVERVIEW, "overview", overview_open },
		{ CMD_APPS, "apps", apps_open }, { CMD_EDGES, "edges", edges_open },
		{ CMD_MATRIX, "matrix", matrix_open }, { CMD_SERVICES, "services", services_open },
		{ CMD_WORKLOADS, "workloads", workloads_open }, { CMD_CONFIG, "config", config_open },
		{ CMD_VALIDATIONS, "validations", validations_open },
		{ CMD_REQUESTS, "requests", requests_open }, { CMD_HISTORY, "history", history_open },
	};

	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (pages[i].id != id)
			continue;
		go_to_page(a, pages[i].line, args, pages[i].open);
		return true;
	}
	return false;
}

bool
app_page_command(struct app *a, enum command_id id, const char *args)
{
	if (open_page(a, id, args))
		return true;
	switch (id) {
	case CMD_SERVICE: open_detail(a, DETAIL_SERVICE, args); return true;
	case CMD_WORKLOAD: open_detail(a, DETAIL_WORKLOAD, args); return true;
	case CMD_APP: open_detail(a, DETAIL_APP, args); return true;
	case CMD_HELP:
		app_push(a, help_open(a, screen_scope(app_top(a)), screen_name(app_top(a))));
		return true;
	case CMD_VIEW_BACK:
		if (a->view > 0)
			go_to_view(a, a->view - 1);
		return true;
	case CMD_VIEW_FORWARD:
		if (a->view + 1 < a->views.len)
			go_to_view(a, a->view + 1);
		return true;
	case CMD_VIEW_LAST:
		go_to_view(a, a->view > 0 ? a->view - 1 : a->views.len - 1);
		return true;
	case CMD_EXPLAIN: explain_show(a, args); return true;
	case CMD_SELECT:
		return !go_to_page(a, "graph", "", NULL) ||
		       app_top(a)->ops->command(app_top(a), id, args);
	default: return false;
	}
}
