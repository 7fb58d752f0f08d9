/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demo's extras; see extras.h. */
#include "src/extras.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/datadir.h"
#include "src/base/error.h"
#include "src/base/vec.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"

#define EXTRAS "demo/travels"
#define ENDING ".yaml"

static int
is_extra(const struct dirent *e)
{
	size_t len = strlen(e->d_name), tail = strlen(ENDING);

	return e->d_name[0] != '.' && len > tail && strcmp(e->d_name + len - tail, ENDING) == 0;
}

void
extra_each(void (*fn)(void *arg, const char *name), void *arg)
{
	char *folder = datadir_find(EXTRAS);
	struct dirent **entries;
	int n = folder != NULL ? scandir(folder, &entries, is_extra, alphasort) : -1;

	free(folder);
	for (int i = 0; i < n; i++) {
		entries[i]->d_name[strlen(entries[i]->d_name) - strlen(ENDING)] = '\0';
		fn(arg, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void
add_name(void *arg, const char *name)
{
	struct buf *all = arg;

	buf_printf(all, "%s%s", all->len > 0 ? ", " : "", name);
}

static struct snapshot *
read_extra(const char *name, struct error *err)
{
	char *file = strchr(name, '/') == NULL && name[0] != '.' ?
		     xasprintf(EXTRAS "/%s" ENDING, name) : NULL;
	char *path = file != NULL ? datadir_find(file) : NULL;
	FILE *f = path != NULL ? fopen(path, "re") : NULL;
	struct buf text = BUF_INIT;
	struct snapshot *s = NULL;
	char chunk[4096];
	size_t got;

	if (f == NULL) {
		struct buf all = BUF_INIT;

		extra_each(add_name, &all);
		error_setf(err, ERROR_USAGE, "%s: no such extra of the demo; there are %s", name,
			   buf_str(&all));
		buf_fini(&all);
	} else {
		while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
			buf_append(&text, chunk, got);
		fclose(f);
		s = snapshot_of_text(path, buf_str(&text), NULL, err);
	}
	buf_fini(&text);
	free(file);
	free(path);
	return s;
}

static void
make_changes(const struct snapshot *extra, const struct snapshot *now, bool undeploy,
	     struct transaction *t)
{
	for (size_t i = 0; i < extra->count; i++) {
		const struct object *o = extra->objects[i];
		bool exists = snapshot_find_named(now, o->kind != NULL ? o->kind->group : "",
						  o->kind_name, o->ns, o->name) != NULL;
		struct change c = {
			.op = undeploy ? CHANGE_DELETE : exists ? CHANGE_UPDATE : CHANGE_CREATE,
			.group = o->kind != NULL ? o->kind->group : "",
			.kind = o->kind_name, .ns = o->ns, .name = o->name,
			.after = undeploy ? NULL : o->root,
		};

		if (exists || !undeploy)
			vec_push(&t->changes, c);
	}
}

int
extra_deploy(const char *dir, const char *name, bool undeploy, struct error *err)
{
	struct snapshot *extra = read_extra(name, err), *now = NULL;
	char *note = xasprintf("%s %s", undeploy ? "undeploy" : "deploy", name);
	struct transaction t = { .via = undeploy ? VIA_DELETE : VIA_APPLY, .note = note,
				 .changes = VEC_INIT };
	struct change_result *results;
	struct store *store = NULL;
	int result = -1;

	if (extra != NULL && (store = store_open_directory(dir, false, err)) != NULL &&
	    store_load(store, &now, NULL, err) == 0) {
		make_changes(extra, now, undeploy, &t);
		results = xcalloc(t.changes.len + 1, sizeof(*results));
		if (undeploy && t.changes.len == 0)
			error_setf(err, ERROR_REFUSED, "%s is not deployed", name);
		else
			result = store_commit(store, &t, results, err);
		free(results);
	}
	vec_fini(&t.changes);
	snapshot_put(&now);
	snapshot_put(&extra);
	store_close(&store);
	free(note);
	return result;
}
