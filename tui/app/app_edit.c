/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Editing a stored document in the person's editor.
 *
 * The text lies in a draft file from the first moment until it is stored, so
 * a mistake, a conflict or a lost connection costs nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "tui/app/app_priv.h"
#include "tui/config/state_dir.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"

#define DRAFT_MAX (1u << 20)

struct app_edit {
	char *draft;			/* file */
	char *title;			/* "VirtualService travels.travel-agency" */
	char *group, *kind, *ns, *name;
	char *stored;			/* the text that the draft began as */
	uint64_t hash;			/* of the object it is based on */
	bool is_waiting;		/* being stored */
};

static void
free_edit(struct app_edit *e)
{
	free(e->draft);
	free(e->title);
	free(e->group);
	free(e->kind);
	free(e->ns);
	free(e->name);
	free(e->stored);
	free(e);
}

void
app_edit_free(struct app *a)
{
	if (a->edit != NULL)
		free_edit(a->edit);
	a->edit = NULL;
}

static int
write_draft(const struct app_edit *e, struct error *err)
{
	int fd = open(e->draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(e->stored);
	ssize_t n = fd >= 0 ? write(fd, e->stored, len) : -1;

	if (n < 0)
		error_errnof(err, "%s", e->draft);
	else if ((size_t)n < len)
		error_setf(err, ERROR_IO, "%s: not all was written", e->draft);
	if (fd >= 0)
		close(fd);
	return n >= 0 && (size_t)n == len ? 0 : -1;
}

static void
open_editor(struct app *a)
{
	struct error err = ERROR_INIT;

	if (a->host.edit(a->host.arg, a->edit->draft, &err) < 0) {
		app_say_error(a, &err);
		app_edit_free(a);
	}
}

static const struct object *
current_object(const struct app *a)
{
	const struct app_edit *e = a->edit;

	return a->model->mesh == NULL ? NULL :
		snapshot_find_named(a->model->mesh->snapshot, e->group, e->kind, e->ns, e->name);
}

static void
on_again(void *arg, bool yes)
{
	struct app *a = arg;
	const struct object *now;

	if (a->edit == NULL)
		return;
	if (yes) {
		now = current_object(a);	/* what stands there now was shown to the person */
		a->edit->hash = now != NULL ? now->hash : 0;
		open_editor(a);
		return;
	}
	app_say(a, SEVERITY_INFO, "not stored; the draft is kept: %s", a->edit->draft);
	app_edit_free(a);
}

static void __attribute__((format(printf, 2, 3)))
ask_again(struct app *a, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	buf_puts(&b, ": edit again?");
	app_ask(a, buf_str(&b), on_again, a);
	buf_fini(&b);
}

static int
refuse(const struct problem *row, struct error *err)
{
	error_setf(err, ERROR_REFUSED, "%s %s%s%s", row->code, row->path, row->path[0] ? ": " : "",
		   row->message);
	return error_at(err, "", row->line, row->col);
}

static int
refuse_errors(const struct problems *rows, struct error *err)
{
	for (size_t i = 0; i < rows->rows.len; i++)
		if (rows->rows.items[i].severity == SEVERITY_ERROR)
			return refuse(&rows->rows.items[i], err);
	return 0;
}

static bool
is_about(const struct problem *row, const struct app_edit *e)
{
	return row->severity == SEVERITY_ERROR && strcmp(row->name, e->name) == 0 &&
	       strcmp(row->ns, e->ns) == 0 && strcmp(row->kind, e->kind) == 0;
}

static bool
has_row(const struct problems *rows, const struct problem *row)
{
	for (size_t i = 0; i < rows->rows.len; i++)
		if (strcmp(rows->rows.items[i].code, row->code) == 0 &&
		    strcmp(rows->rows.items[i].message, row->message) == 0)
			return true;
	return false;
}

/* Errors about the object that it would bring along. */
static int
check_in_place(struct app *a, struct source_file *f, struct error *err)
{
	struct snapshot *after = snapshot_overlay(a->model->mesh->snapshot, &f, 1, NULL, 0);
	struct problems now = PROBLEMS_INIT, then = PROBLEMS_INIT;
	int status = 0;

	check_all(a->model->mesh->snapshot, &now);
	check_all(after, &then);
	for (size_t i = 0; i < then.rows.len && status == 0; i++) {
		const struct problem *row = &then.rows.items[i];

		if (is_about(row, a->edit) && !has_row(&now, row))
			status = refuse(row, err);
	}
	problems_fini(&now);
	problems_fini(&then);
	snapshot_put(&after);
	return status;
}

/* The one document of the text, when it may take the object's place. */
static int
check_text(struct app *a, const struct buf *text, struct snapshot **out, struct error *err)
{
	const struct app_edit *e = a->edit;
	struct problems rows = PROBLEMS_INIT;
	struct source_file *f = NULL;
	const struct object *o;
	int status = -1;

	*out = snapshot_of_text("(draft)", buf_str(text), &rows, err);
	if (*out == NULL || refuse_errors(&rows, err) < 0) {
		problems_fini(&rows);
		return -1;
	}
	o = (*out)->count == 1 ? (*out)->objects[0] : NULL;
	if (o == NULL)
		error_setf(err, ERROR_REFUSED, "one document is needed, there are %zu", (*out)->count);
	else if (strcmp(o->kind_name, e->kind) != 0 || strcmp(o->ns, e->ns) != 0 ||
		 strcmp(o->name, e->name) != 0)
		error_setf(err, ERROR_REFUSED, "kind, name and namespace must stay (%s)", e->title);
	else
		f = source_file_new("(draft)", buf_str(text), text->len, NULL, &rows, err);
	if (f != NULL)
		status = check_in_place(a, f, err);
	source_file_put(&f);
	problems_fini(&rows);
	return status;
}

static int
commit(struct app *a, const struct object *o, const char *text, struct error *err)
{
	struct app_edit *e = a->edit;
	struct transaction t = { .via = VIA_EDIT };
	struct change c = {
		.op = CHANGE_UPDATE, .group = e->group, .kind = e->kind, .ns = e->ns,
		.name = e->name, .after = o->root, .after_text = text,
		.has_precondition = true, .expected_hash = e->hash,
	};
	int status;

	vec_push(&t.changes, c);
	e->is_waiting = true;
	status = a->feed->ops->commit(a->feed, &t, err);
	vec_fini(&t.changes);
	return status;
}

static void
store_draft(struct app *a, const struct buf *text)
{
	struct error err = ERROR_INIT;
	struct snapshot *s = NULL;
	struct buf why = BUF_INIT;

	if (check_text(a, text, &s, &err) < 0 || commit(a, s->objects[0], buf_str(text), &err) < 0) {
		if (a->edit != NULL)
			a->edit->is_waiting = false;
		error_text(&why, &err);
		ask_again(a, "%s", buf_str(&why));
	}
	buf_fini(&why);
	if (s != NULL)
		snapshot_put(&s);
}

void
app_edited(struct app *a, int status)
{
	struct app_edit *e = a->edit;
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT;

	app_dirty(a);
	if (e == NULL)
		return;
	if (status != 0) {
		ask_again(a, "the editor ended with %d, nothing is stored", status);
	} else if (file_read(e->draft, DRAFT_MAX, &text, &err) < 0) {
		app_say_error(a, &err);
		app_edit_free(a);
	} else if (strcmp(buf_str(&text), e->stored) == 0) {
		unlink(e->draft);
		app_say(a, SEVERITY_INFO, "%s: nothing was changed", e->title);
		app_edit_free(a);
	} else {
		store_draft(a, &text);
	}
	buf_fini(&text);
}

bool
app_edit_committed(struct app *a, bool ok, const char *text)
{
	struct app_edit *e = a->edit;
	const struct object *now;

	if (e == NULL || !e->is_waiting)
		return false;
	e->is_waiting = false;
	if (ok) {
		unlink(e->draft);
		app_edit_free(a);
		return false;		/* said as for any other change */
	}
	now = current_object(a);
	if (now == NULL || now->hash != e->hash)
		ask_again(a, "%s was changed meanwhile (:diff shows how); the draft would replace that",
			  e->title);
	else
		ask_again(a, "%s", text);
	return true;
}

static void
on_old_draft(void *arg, bool yes)
{
	struct app *a = arg;
	struct error err = ERROR_INIT;

	if (a->edit == NULL)
		return;
	if (!yes && write_draft(a->edit, &err) < 0) {
		app_say_error(a, &err);
		app_edit_free(a);
		return;
	}
	open_editor(a);
}

static struct app_edit *
new_edit(const struct app *a, const struct object *o)
{
	struct app_edit *e = xcalloc(1, sizeof(*e));
	struct buf title = BUF_INIT, text = BUF_INIT;
	char *drafts = state_dir_path("drafts"), *file;

	object_title(o, &title);
	app_object_text(a->model, o, &text);
	if (text.len > 0 && text.data[text.len - 1] != '\n')
		buf_putc(&text, '\n');
	if (drafts != NULL && (mkdir(drafts, 0700) == 0 || errno == EEXIST)) {
		file = xasprintf("%s-%s.%s", o->kind_name, o->name, o->ns);
		e->draft = xasprintf("%s/%s.yaml", drafts, file);
		free(file);
	}
	free(drafts);
	e->title = buf_steal(&title);
	e->stored = buf_steal(&text);
	e->group = xstrdup(o->kind != NULL ? o->kind->group : "");
	e->kind = xstrdup(o->kind_name);
	e->ns = xstrdup(o->ns);
	e->name = xstrdup(o->name);
	e->hash = o->hash;
	return e;
}

static void
begin(struct app *a)
{
	struct app_edit *e = a->edit;
	struct error err = ERROR_INIT;
	struct buf old = BUF_INIT;

	if (e->draft == NULL) {
		app_say(a, SEVERITY_ERROR, "there is no place for a draft: HOME or XDG_STATE_HOME names it");
		app_edit_free(a);
	} else if (access(e->draft, F_OK) == 0 && file_read(e->draft, DRAFT_MAX, &old, &err) == 0 &&
		   strcmp(buf_str(&old), e->stored) != 0) {
		app_ask(a, "a draft of it was not stored: go on with that one?", on_old_draft, a);
	} else {
		on_old_draft(a, false);
	}
	buf_fini(&old);
}

void
app_edit(struct app *a, const char *args)
{
	const struct object *o;

	if (a->feed->ops->commit == NULL || a->host.edit == NULL) {
		app_say(a, SEVERITY_WARNING, "nothing can be edited here");
		return;
	}
	if (a->edit != NULL) {
		app_say(a, SEVERITY_WARNING, "%s is being edited", a->edit->title);
		return;
	}
	if (args[0] == '\0') {
		app_open_line(a, "edit ");
		return;
	}
	o = app_find_object(a, args);
	if (o == NULL)
		return;
	a->edit = new_edit(a, o);
	begin(a);
}
