/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of one thing: its title, its tabs, and what is the same on all of
 * them.
 */
#include "tui/screens/detail.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/key.h"
#include "tui/widgets/health.h"
#include "tui/widgets/tabs.h"

static const struct detail_tab_ops *const all_tabs[] = {
	&detail_overview, &detail_traffic, &detail_inbound, &detail_outbound, &detail_requests,
	&detail_logs, &detail_proxy, &detail_versions, &detail_graph,
};

static const struct { const char *word, *title; } kinds[] = {
	[DETAIL_SERVICE] = { "service", "Service" },
	[DETAIL_WORKLOAD] = { "workload", "Workload" },
	[DETAIL_APP] = { "app", "Application" },
};

const char *
detail_word(enum detail_kind kind)
{
	ASSERT((unsigned)kind < ARRAY_LEN(kinds));
	return kinds[kind].word;
}

const struct mesh_service *
detail_service(const struct detail *d)
{
	const struct mesh *m = app_model(d->screen.app)->mesh;

	return m != NULL && d->kind == DETAIL_SERVICE ? mesh_find_service(m, d->ns, d->name) : NULL;
}

const struct mesh_workload *
detail_workload(const struct detail *d)
{
	const struct mesh *m = app_model(d->screen.app)->mesh;

	return m != NULL && d->kind == DETAIL_WORKLOAD ? mesh_find_workload(m, d->ns, d->name) : NULL;
}

static size_t
workloads_of_app(const struct detail *d, const struct mesh *m,
		 const struct mesh_workload *out[DETAIL_WORKLOADS])
{
	size_t count = 0;

	for (size_t i = 0; i < m->workload_count && count < DETAIL_WORKLOADS; i++) {
		const struct mesh_workload *w = m->workloads[i];

		if (strcmp(w->ns, d->ns) == 0 && strcmp(w->canonical_service, d->name) == 0)
			out[count++] = w;
	}
	return count;
}

size_t
detail_workloads(const struct detail *d, const struct mesh_workload *out[DETAIL_WORKLOADS])
{
	const struct mesh *m = app_model(d->screen.app)->mesh;
	const struct mesh_service *s = detail_service(d);
	size_t count;

	if (m == NULL)
		return 0;
	if (d->kind == DETAIL_APP)
		return workloads_of_app(d, m, out);
	if (d->kind == DETAIL_WORKLOAD) {
		out[0] = detail_workload(d);
		return out[0] != NULL;
	}
	count = s != NULL ? mesh_service_workloads(s, out, DETAIL_WORKLOADS) : 0;
	return count < DETAIL_WORKLOADS ? count : DETAIL_WORKLOADS;
}

/* The service that wizards are for; NULL. */
static const struct mesh_service *
detail_main_service(const struct detail *d)
{
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];

	if (d->kind == DETAIL_SERVICE)
		return detail_service(d);
	return detail_workloads(d, workloads) > 0 ?
		page_service_of(app_model(d->screen.app)->mesh, workloads[0]) : NULL;
}

static void
open_tab(struct detail *d, size_t tab)
{
	if (tab >= d->tab_count)
		return;
	d->open = tab;
	d->screen.scope = d->tabs[tab]->ops->scope;
	if (d->tabs[tab]->ops->update != NULL)
		d->tabs[tab]->ops->update(d->tabs[tab], ~0u);
	app_dirty(d->screen.app);
}

static bool
open_tab_named(struct detail *d, const char *word)
{
	for (size_t i = 0; i < d->tab_count; i++) {
		if (word[0] != '\0' && strncasecmp(d->tabs[i]->ops->word, word, strlen(word)) == 0) {
			open_tab(d, i);
			return true;
		}
	}
	return false;
}

static void
detail_update(struct screen *s, unsigned changes)
{
	struct detail *d = (struct detail *)s;

	if (d->tabs[d->open]->ops->update != NULL)
		d->tabs[d->open]->ops->update(d->tabs[d->open], changes);
}

static bool
is_there(const struct detail *d)
{
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];

	return d->kind == DETAIL_SERVICE ? detail_service(d) != NULL :
		detail_workloads(d, workloads) > 0;
}

static void
detail_draw(struct screen *s, struct area a)
{
	struct detail *d = (struct detail *)s;
	struct detail_tab *open = d->tabs[d->open];
	struct buf names[DETAIL_TABS] = { BUF_INIT };
	const char *texts[DETAIL_TABS];

	for (size_t i = 0; i < d->tab_count; i++) {
		buf_printf(&names[i], "%zu %s", i + 1, d->tabs[i]->ops->name);
		texts[i] = buf_str(&names[i]);
	}
	tabs_draw(area_sub(a, 1, 0, a.cols > 2 ? a.cols - 2 : 0, 1), texts, d->tab_count, d->open);
	for (size_t i = 0; i < d->tab_count; i++)
		buf_fini(&names[i]);
	area_rule(a, 1);
	if (!is_there(d)) {
		char *gone = xasprintf("%s is no longer configured; its past figures stay below ",
				       d->title);

		area_put_cut(a, 2, 1, a.cols > 4 ? a.cols - 4 : 0, STYLE_WARN, gone);
		free(gone);
	}
	a = area_sub(a, 0, 2, a.cols, UINT32_MAX);
	if (open->ops->draw != NULL)
		open->ops->draw(open, a);
	else
		table_draw(open->ops->table(open), a);
}

/* Digits open tabs; the keymap cannot say which one was typed. */
static bool
detail_key(struct screen *s, uint32_t key)
{
	struct detail *d = (struct detail *)s;

	if (key < '1' || key > '9')
		return false;
	if (key - '1' < d->tab_count)
		open_tab(d, key - '1');
	else
		app_say(s->app, SEVERITY_INFO, "there are %zu tabs here", d->tab_count);
	return true;
}

static void
run(struct detail *d, const char *line)
{
	app_run(d->screen.app, line);
}

static bool
run_for_service(struct detail *d, const char *command)
{
	const struct mesh_service *s = detail_main_service(d);
	char *line;

	if (s == NULL) {
		app_say(d->screen.app, SEVERITY_INFO, "no service selects this");
		return true;
	}
	line = xasprintf("%s %s.%s", command, s->name, s->ns);
	run(d, line);
	free(line);
	return true;
}

static bool
show_in_picture(struct detail *d)
{
	char *line = xasprintf("select %s.%s", d->name, d->ns);

	run(d, line);
	free(line);
	return true;
}

/* On this page, else on that of the workload's app. */
static bool
show_versions(struct detail *d)
{
	const struct mesh_workload *w = detail_workload(d);
	char *line;

	if (open_tab_named(d, detail_versions.word) || w == NULL)
		return true;
	line = xasprintf("app %s.%s versions", w->canonical_service, w->ns);
	run(d, line);
	free(line);
	return true;
}

static bool
show_yaml(struct detail *d)
{
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	const struct mesh_service *s = detail_service(d);
	const struct object *o = s != NULL ? s->object : NULL;
	char *line;

	if (o == NULL && detail_workloads(d, workloads) > 0)
		o = workloads[0]->object;
	if (o == NULL)
		return false;
	line = xasprintf("yaml %s %s.%s", o->kind_name, o->name, o->ns);
	run(d, line);
	free(line);
	return true;
}

static bool
open_number(struct detail *d, const char *args)
{
	unsigned long n = strtoul(args, NULL, 10);

	if (n > 0)
		open_tab(d, n - 1);
	else
		open_tab_named(d, args);
	return true;
}

/* NULL when the open tab is none. */
static struct table *
open_table(const struct detail *d)
{
	struct detail_tab *t = d->tabs[d->open];

	return t->ops->table != NULL ? t->ops->table(t) : NULL;
}

static bool
tab_command(struct detail *d, enum command_id id, const char *args)
{
	struct table *table = open_table(d);

	return table != NULL ? table_command(table, id, args)
			     : d->tabs[d->open]->ops->command(d->tabs[d->open], id, args);
}

static bool
detail_command(struct screen *s, enum command_id id, const char *args)
{
	struct detail *d = (struct detail *)s;

	if (tab_command(d, id, args))
		return true;
	switch (id) {
	case CMD_TAB_NEXT: open_tab(d, (d->open + 1) % d->tab_count); return true;
	case CMD_TAB_PREV: open_tab(d, (d->open + d->tab_count - 1) % d->tab_count); return true;
	case CMD_TAB: return open_number(d, args);
	case CMD_VERSIONS: return args[0] == '\0' && show_versions(d);
	case CMD_WIZARDS: return args[0] == '\0' && run_for_service(d, "wizards");
	case CMD_ACTIONS: return args[0] == '\0' && run_for_service(d, "actions");
	case CMD_SHOW: return show_in_picture(d);
	case CMD_YAML: return args[0] == '\0' && show_yaml(d);
	case CMD_COPY: app_copy(s->app, d->name); return true;
	default: return false;
	}
}

static bool
detail_find(struct screen *s, const char *text, int direction)
{
	struct table *t = open_table((struct detail *)s);

	return t != NULL && table_find(t, text, direction);
}

static void
detail_filter(struct screen *s, const char *text)
{
	struct table *t = open_table((struct detail *)s);

	if (t != NULL)
		table_filter(t, text);
}

static void
detail_hint(struct screen *s, struct buf *out)
{
	struct detail *d = (struct detail *)s;

	d->tabs[d->open]->ops->hint(d->tabs[d->open], out);
	buf_printf(out, "%sTab next tab\tq back", out->len > 0 ? "\t" : "");
}

/* The tab, and the order and filter of its rows. */
static void
detail_save(struct screen *s, struct buf *lines)
{
	struct detail *d = (struct detail *)s;
	const struct table *t = open_table(d);

	buf_printf(lines, "\ntab %s", d->tabs[d->open]->ops->word);
	if (t != NULL)
		table_save(t, lines);
}

static void
detail_free(struct screen *s)
{
	struct detail *d = (struct detail *)s;

	for (size_t i = 0; i < d->tab_count; i++) {
		if (d->tabs[i]->ops->fini != NULL)
			d->tabs[i]->ops->fini(d->tabs[i]);
		free(d->tabs[i]);
	}
	free(d->ns);
	free(d->name);
	free(d->title);
	free(d);
}

static const struct screen_ops detail_ops = {
	.name = "page",
	.scope = SCOPE_PAGE,
	.update = detail_update,
	.draw = detail_draw,
	.key = detail_key,
	.command = detail_command,
	.find = detail_find,
	.filter = detail_filter,
	.hint = detail_hint,
	.save = detail_save,
	.free = detail_free,
};

static bool
is_tab_of(const struct detail_tab_ops *ops, enum detail_kind kind)
{
	return (ops->kinds & 1u << kind) != 0;
}

void
detail_each_tab(enum detail_kind kind, void (*fn)(void *arg, const char *word), void *arg)
{
	for (size_t i = 0; i < ARRAY_LEN(all_tabs); i++) {
		if (is_tab_of(all_tabs[i], kind))
			fn(arg, all_tabs[i]->word);
	}
}

static void
add_tabs(struct detail *d)
{
	for (size_t i = 0; i < ARRAY_LEN(all_tabs); i++) {
		struct detail_tab *t;

		if (!is_tab_of(all_tabs[i], d->kind))
			continue;
		t = xcalloc(1, all_tabs[i]->size);
		t->ops = all_tabs[i];
		t->detail = d;
		if (t->ops->init != NULL)
			t->ops->init(t);
		d->tabs[d->tab_count++] = t;
	}
	d->screen.scope = d->tabs[0]->ops->scope;
}

struct screen *
detail_open(struct app *a, enum detail_kind kind, const char *word)
{
	size_t len = strcspn(word, " "), skip = len + strspn(word + len, " ");
	char *full = xstrndup(word, len), *ns, *name = page_split_name(full, &ns);
	const struct mesh_service *s = name != NULL || kind != DETAIL_SERVICE ? NULL :
		model_find_service(app_model(a), full);
	struct detail *d;

	if (s != NULL) {		/* the only one of that name */
		name = xstrdup(s->name);
		ns = xstrdup(s->ns);
	}
	if (name == NULL) {
		app_say(a, SEVERITY_ERROR, "\"%s\": write NAME.NAMESPACE", full);
		free(full);
		return NULL;
	}
	d = xcalloc(1, sizeof(*d));
	d->screen.ops = &detail_ops;
	d->screen.app = a;
	d->kind = kind;
	d->ns = text_clean(ns);
	d->name = text_clean(name);
	d->title = xasprintf("%s %s.%s", kinds[kind].title, d->name, d->ns);
	d->screen.name = d->title;
	free(full);
	free(name);
	free(ns);
	if (!is_there(d)) {
		app_say(a, SEVERITY_ERROR, "there is no %s %s.%s", kinds[kind].word, d->name, d->ns);
		detail_free(&d->screen);
		return NULL;
	}
	add_tabs(d);
	if (word[skip] != '\0' && !open_tab_named(d, word + skip))
		app_say(a, SEVERITY_INFO, "this page has no tab \"%s\"", word + skip);
	return &d->screen;
}
