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
#include "src/base/strmap.h"
#include "src/base/xalloc.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/object.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/wizard/wizard.h"
#include "tui/app/app_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"

#define NAMED_SERVICES 3u		/* of more only their number is told */

/* What waits for the answer; owns all texts. */
struct deletion {
	struct app *app;
	struct screen *shown;		/* what goes */
	struct arena *arena;
	struct transaction t;
	struct strmap objects, services;	/* that were taken in */
	size_t routed;			/* services that lose their routing */
	struct buf names;		/* of the first of these */
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
	strmap_fini(&d->objects);
	strmap_fini(&d->services);
	buf_fini(&d->names);
	buf_fini(&d->what);
	buf_fini(&d->title);
	arena_free(&d->arena);
	free(d);
}

/* Has the map no such key yet?  It is copied. */
static bool
is_first(struct deletion *d, struct strmap *seen, const char *key)
{
	if (strmap_find(seen, slice_of(key)) != NULL)
		return false;
	*strmap_put(seen, slice_of(arena_strdup(d->arena, key))) = d;
	return true;
}

static void
put_what_goes(struct deletion *d, const struct object *o)
{
	buf_clear(&d->title);
	object_title(o, &d->title);
	buf_printf(&d->what, "%s  %s\n  %s:%u\n", d->what.len > 0 ? "\n" : "", buf_str(&d->title),
		   o->file, o->line);
}

/* Once each: services may share what routes to them. */
static void
add_object(struct deletion *d, const struct object *o)
{
	char *key = xasprintf("%s/%s %s/%s", o->kind->group, o->kind_name, o->ns, o->name);

	if (is_first(d, &d->objects, key)) {
		const struct change c = {
			.op = CHANGE_DELETE, .has_precondition = true, .expected_hash = o->hash,
			.group = arena_strdup(d->arena, o->kind->group),
			.kind = arena_strdup(d->arena, o->kind_name),
			.ns = arena_strdup(d->arena, o->ns), .name = arena_strdup(d->arena, o->name),
		};

		vec_push(&d->t.changes, c);
		put_what_goes(d, o);
	}
	free(key);
}

/* What the wizard of that name deletes: all that is stored for the service. */
static void
add_routing(struct deletion *d, const struct mesh_service *s)
{
	char *name = xasprintf("%s.%s", s->name, s->ns);

	if (is_first(d, &d->services, name)) {
		struct wizard_state *w = wizard_open(WIZARD_DELETE, d->app->model->mesh, s, NULL);

		for (size_t i = 0; i < w->stored.len; i++)
			add_object(d, w->stored.items[i]);
		if (w->stored.len > 0 && d->routed++ < NAMED_SERVICES)
			buf_printf(&d->names, "%s%s", d->names.len > 0 ? ", " : "", name);
		wizard_free(&w);
	}
	free(name);
}

static struct snapshot *
without(const struct deletion *d, const struct snapshot *now)
{
	size_t count = d->t.changes.len;
	struct overlay_removal *removals = xcalloc(count, sizeof(*removals));
	struct snapshot *after;

	for (size_t i = 0; i < count; i++) {
		const struct change *c = &d->t.changes.items[i];

		removals[i] = (struct overlay_removal){ c->group, c->kind, c->ns, c->name };
	}
	after = snapshot_overlay(now, NULL, 0, removals, count);
	free(removals);
	return after;
}

/* Is it told of for the first time? */
static bool
is_new_problem(struct deletion *d, struct strmap *told, const struct problem *row)
{
	char *key = xasprintf("%s %s %s/%s %s", row->code, row->kind, row->ns, row->name,
			      row->message);
	bool is_new = is_first(d, told, key);

	free(key);
	return is_new;
}

/* What would be wrong without the objects and is not now. */
static void
put_consequences(struct deletion *d, struct buf *out)
{
	const struct snapshot *now = d->app->model->mesh->snapshot;
	struct snapshot *after = without(d, now);
	struct problems before = PROBLEMS_INIT, then = PROBLEMS_INIT;
	struct strmap told = STRMAP_INIT;
	size_t begin = out->len;

	check_references(now, &before);
	check_references(after, &then);
	for (size_t i = 0; i < before.rows.len; i++)
		is_new_problem(d, &told, &before.rows.items[i]);
	for (size_t i = 0; i < then.rows.len; i++) {
		const struct problem *row = &then.rows.items[i];

		if (row->severity == SEVERITY_INFO || !is_new_problem(d, &told, row))
			continue;
		if (out->len == begin)
			buf_puts(out, "\nWhat would be wrong then\n\n");
		buf_printf(out, "  %s %s %s.%s\n    %s\n", row->code, row->kind, row->name, row->ns,
			   row->message);
	}
	strmap_fini(&told);
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

/* Takes d over. */
static void
ask_routing(struct deletion *d)
{
	char *count = xasprintf("%zu service%s", d->routed, d->routed == 1 ? "" : "s");

	d->t.note = arena_printf(d->arena, "%s%s%s", wizard_kind_name(WIZARD_DELETE),
				 d->routed > NAMED_SERVICES ? " of " : " ",
				 d->routed > NAMED_SERVICES ? count : buf_str(&d->names));
	ask(d, wizard_kind_title(WIZARD_DELETE),
	    arena_printf(d->arena, "delete the traffic routing of %s: %zu object%s?", count,
			 d->t.changes.len, d->t.changes.len == 1 ? "" : "s"));
	free(count);
}

void
app_delete_routing(struct app *a, const char *args)
{
	struct deletion *d;
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
			add_routing(d, s);
	}
	if (d->routed > 0 && !is_wrong) {
		ask_routing(d);
		return;
	}
	if (!is_wrong)
		app_say(a, SEVERITY_INFO, "no traffic routing is stored there");
	deletion_free(d);
}
