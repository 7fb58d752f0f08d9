/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deleting objects, one or several, and the traffic routing of services: what
 * goes is shown, one question is asked, and all of it is one change, which one
 * undo takes back.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/wizard/wizard.h"
#include "tui/app/app_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"

/* What waits for the answer; owns all texts. */
struct deletion {
	struct app *app;
	struct screen *shown;		/* what goes */
	struct arena *arena;
	struct transaction t;
	struct buf what;		/* for people, one paragraph an object */
	struct buf title;		/* of the only one */
};

static struct deletion *
deletion_new(struct app *a, enum change_via via)
{
	struct deletion *d = xcalloc(1, sizeof(*d));

	d->app = a;
	d->arena = arena_new();
	d->t.via = via;
	return d;
}

static void
deletion_free(struct deletion *d)
{
	vec_fini(&d->t.changes);
	buf_fini(&d->what);
	buf_fini(&d->title);
	arena_free(&d->arena);
	free(d);
}

static bool
has_change(const struct deletion *d, const struct change *c)
{
	for (size_t i = 0; i < d->t.changes.len; i++) {
		const struct change *other = &d->t.changes.items[i];

		if (strcmp(other->group, c->group) == 0 && strcmp(other->kind, c->kind) == 0 &&
		    strcmp(other->ns, c->ns) == 0 && strcmp(other->name, c->name) == 0)
			return true;
	}
	return false;
}

/* Once each: services may share what routes to them. */
static void
add_change(struct deletion *d, const struct change *from)
{
	const struct mesh *m = d->app->model->mesh;
	struct error unknown = ERROR_INIT;
	const struct kind *kind = kind_by_word(from->kind, &unknown);
	const struct object *o = kind != NULL ? snapshot_find(m->snapshot, kind->id, from->ns, from->name) : NULL;
	struct change c = *from;

	if (has_change(d, from))
		return;
	c.group = arena_strdup(d->arena, from->group);
	c.kind = arena_strdup(d->arena, from->kind);
	c.ns = arena_strdup(d->arena, from->ns);
	c.name = arena_strdup(d->arena, from->name);
	c.after = from->after != NULL ? value_copy(d->arena, from->after) : NULL;
	vec_push(&d->t.changes, c);
	buf_clear(&d->title);
	if (o != NULL)
		object_title(o, &d->title);
	else
		buf_printf(&d->title, "%s %s.%s", c.kind, c.name, c.ns);
	buf_printf(&d->what, "%s  %s%s\n", d->what.len > 0 ? "\n" : "", buf_str(&d->title),
		   c.op != CHANGE_DELETE ? ", changed" : "");
	if (o != NULL)
		buf_printf(&d->what, "  %s:%u\n", o->file, o->line);
}

static void
add_object(struct deletion *d, const struct object *o)
{
	const struct change c = {
		.op = CHANGE_DELETE, .group = o->kind->group, .kind = o->kind_name, .ns = o->ns,
		.name = o->name, .has_precondition = true, .expected_hash = o->hash,
	};

	add_change(d, &c);
}

/* What the wizard would delete; false when that is nothing. */
static bool
add_routing(struct deletion *d, const struct mesh_service *s)
{
	struct wizard_state *w = wizard_open(WIZARD_DELETE, d->app->model->mesh, s, NULL);
	struct wizard_preview *p = w != NULL ? wizard_preview(w, NULL) : NULL;
	struct transaction t = { .via = VIA_WIZARD };
	bool has_any;

	if (p != NULL)
		wizard_transaction(p, w, &t);
	for (size_t i = 0; i < t.changes.len; i++)
		add_change(d, &t.changes.items[i]);
	has_any = t.changes.len > 0;
	vec_fini(&t.changes);
	wizard_preview_free(&p);
	wizard_free(&w);
	return has_any;
}

static struct snapshot *
without(const struct deletion *d, const struct snapshot *now)
{
	size_t count = d->t.changes.len, gone = 0;
	struct overlay_removal *removals = xcalloc(count + 1, sizeof(*removals));
	struct snapshot *after;

	for (size_t i = 0; i < count; i++) {
		const struct change *c = &d->t.changes.items[i];

		if (c->op == CHANGE_DELETE)
			removals[gone++] = (struct overlay_removal){ c->group, c->kind, c->ns, c->name };
	}
	after = snapshot_overlay(now, NULL, 0, removals, gone);
	free(removals);
	return after;
}

/* What would be wrong without the objects and is not now. */
static void
put_consequences(const struct deletion *d, struct buf *out)
{
	const struct snapshot *now = d->app->model->mesh->snapshot;
	struct snapshot *after = without(d, now);
	struct problems before = PROBLEMS_INIT, then = PROBLEMS_INIT;
	bool is_first = true;

	check_references(now, &before);
	check_references(after, &then);
	for (size_t i = 0; i < then.rows.len; i++) {
		const struct problem *row = &then.rows.items[i];
		bool is_old = row->severity == SEVERITY_INFO;

		for (size_t k = 0; k < before.rows.len && !is_old; k++)
			is_old = strcmp(before.rows.items[k].code, row->code) == 0 &&
				 strcmp(before.rows.items[k].message, row->message) == 0;
		if (is_old)
			continue;
		if (is_first)
			buf_puts(out, "\nWhat would be wrong then\n\n");
		is_first = false;
		buf_printf(out, "  %s %s %s.%s\n    %s\n", row->code, row->kind, row->name, row->ns,
			   row->message);
	}
	problems_fini(&before);
	problems_fini(&then);
	snapshot_put(&after);
}

static void
delete_now(void *arg, bool yes)
{
	struct deletion *d = arg;
	struct error err = ERROR_INIT;

	app_pop(d->app, d->shown);
	if (yes && d->app->feed->ops->commit(d->app->feed, &d->t, &err) < 0)
		app_say_error(d->app, &err);
	deletion_free(d);
}

/* Below the question: what goes. */
static void
show_what_goes(struct deletion *d, const char *title)
{
	struct viewer *v = viewer_new(title);
	struct buf text = BUF_INIT;

	buf_printf(&text, "What goes\n\n%s", buf_str(&d->what));
	put_consequences(d, &text);
	viewer_add(v, "delete", buf_str(&text), TEXT_TITLED);
	buf_fini(&text);
	d->shown = viewer_screen(v);
	app_push(d->app, d->shown);
}

/* Takes d over. */
static void
ask(struct deletion *d, const char *title, const char *question)
{
	show_what_goes(d, title);
	app_ask(d->app, question, delete_now, d);
}

static bool
can_change(struct app *a)
{
	if (a->feed->ops->commit != NULL && a->model->mesh != NULL)
		return true;
	app_say(a, SEVERITY_WARNING, "nothing can be changed here");
	return false;
}

/* The next of words with commas between, without blanks around; NULL: no more. */
static char *
next_word(const char **at)
{
	size_t len, end;
	char *word;

	*at += strspn(*at, ", ");
	if (**at == '\0')
		return NULL;
	len = end = strcspn(*at, ",");
	while (end > 0 && (*at)[end - 1] == ' ')
		end--;
	word = xstrndup(*at, end);
	*at += len;
	return word;
}

void
app_delete(struct app *a, const char *args)
{
	struct deletion *d;
	const struct object *o = NULL;
	char *word;

	if (!can_change(a))
		return;
	if (args[strspn(args, ", ")] == '\0') {
		app_say(a, SEVERITY_ERROR, "delete which object? write KIND NAME.NAMESPACE");
		return;
	}
	d = deletion_new(a, VIA_DELETE);
	for (const char *at = args; (word = next_word(&at)) != NULL; free(word)) {
		o = app_find_object(a, word);
		if (o == NULL)
			break;		/* has said so */
		add_object(d, o);
	}
	if (o == NULL) {
		free(word);
		deletion_free(d);
	} else if (d->t.changes.len == 1) {
		ask(d, buf_str(&d->title), arena_printf(d->arena, "delete %s?", buf_str(&d->title)));
	} else {
		d->t.note = arena_printf(d->arena, "%zu objects", d->t.changes.len);
		ask(d, d->t.note, arena_printf(d->arena, "delete these %s?", d->t.note));
	}
}

void
app_delete_routing(struct app *a, const char *args)
{
	struct deletion *d;
	size_t services = 0;
	bool is_wrong = args[strspn(args, ", ")] == '\0';
	char *word;

	if (!can_change(a))
		return;
	if (is_wrong)
		app_say(a, SEVERITY_ERROR, "of which service? write NAME.NAMESPACE");
	d = deletion_new(a, VIA_WIZARD);
	for (const char *at = args; !is_wrong && (word = next_word(&at)) != NULL; free(word)) {
		const struct mesh_service *s = model_find_service(a->model, word);

		is_wrong = s == NULL;
		if (is_wrong)
			app_say_no_service(a, word);
		else
			services += add_routing(d, s);
	}
	if (!is_wrong && services > 0) {
		d->t.note = arena_printf(d->arena, "delete-traffic-routing of %zu service%s", services,
					 services == 1 ? "" : "s");
		ask(d, "Delete Traffic Routing",
		    arena_printf(d->arena, "delete the traffic routing of %zu service%s: %zu object%s?",
				 services, services == 1 ? "" : "s", d->t.changes.len,
				 d->t.changes.len == 1 ? "" : "s"));
		return;
	}
	if (!is_wrong)
		app_say(a, SEVERITY_INFO, "no traffic routing is stored there");
	deletion_free(d);
}
