/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demo's extras; see extras.h. */
#include "src/extras.h"

#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/vec.h"
#include "src/model/snapshot.h"
#include "src/platform/manifests.h"
#include "src/store/store.h"

static struct snapshot *
read_extra(const char *name, struct error *err)
{
	struct buf text = BUF_INIT;
	struct snapshot *s = NULL;

	if (demo_manifest(name, &text, err) == 0)
		s = snapshot_of_text(name, buf_str(&text), NULL, err);
	buf_fini(&text);
	return s;
}

void
extra_each(void (*fn)(void *arg, const char *name), void *arg)
{
	for (const char *const *name = demo_extras(); *name != NULL; name++)
		fn(arg, *name);
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
