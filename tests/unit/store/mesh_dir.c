/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See mesh_dir.h. */
#include "tests/unit/store/mesh_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/tree.h"
#include "src/base/value.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"

static bool
make_in(struct mesh_dir *d, const char *folder)
{
	snprintf(d->path, sizeof(d->path), "%s/meshtop-test-XXXXXX", folder);
	return mkdtemp(d->path) != NULL;
}

int
mesh_dir_setup(void **state)
{
	struct mesh_dir *d = xcalloc(1, sizeof(*d));

	*state = d;
	return make_in(d, "/tmp") ? 0 : -1;
}

int
mesh_dir_setup_in_memory(void **state)
{
	struct mesh_dir *d = xcalloc(1, sizeof(*d));

	*state = d;
	return make_in(d, "/dev/shm") || make_in(d, "/tmp") ? 0 : -1;
}

void
mesh_dir_clear(const struct mesh_dir *d)
{
	tree_remove(d->path);
}

int
mesh_dir_teardown(void **state)
{
	mesh_dir_clear(*state);
	free(*state);
	return 0;
}

static char *
full_path(const struct mesh_dir *d, const char *name)
{
	return xasprintf("%s/%s", d->path, name);
}

void
mesh_dir_write(const struct mesh_dir *d, const char *name, const char *text)
{
	char *path = full_path(d, name);
	FILE *f;

	for (char *p = path + strlen(d->path) + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		ASSERT(mkdir(path, 0700) == 0 || errno == EEXIST);
		*p = '/';
	}
	f = fopen(path, "w");
	ASSERT(f != NULL);
	fputs(text, f);
	ASSERT(fclose(f) == 0);
	free(path);
}

char *
mesh_dir_read(const struct mesh_dir *d, const char *name)
{
	char *path = full_path(d, name);
	struct buf text = BUF_INIT;
	int status = file_read(path, SIZE_MAX, &text, NULL);

	free(path);
	return status == 0 ? buf_steal(&text) : NULL;
}

bool
mesh_dir_has(const struct mesh_dir *d, const char *name)
{
	char *path = full_path(d, name);
	bool has = access(path, F_OK) == 0;

	free(path);
	return has;
}

void
mesh_dir_remove(const struct mesh_dir *d, const char *name)
{
	char *path = full_path(d, name);

	ASSERT(unlink(path) == 0);
	free(path);
}

struct store *
mesh_dir_open(const struct mesh_dir *d)
{
	struct error err = ERROR_INIT;
	struct store *s = store_open_directory(d->path, false, &err);

	ASSERT(s != NULL);
	return s;
}

char *
store_value(struct store *s, const char *name)
{
	struct snapshot *now = NULL;
	const struct object *o;
	const char *v;
	char *copy;

	ASSERT(store_load(s, &now, NULL, NULL) == 0);
	o = snapshot_find(now, KIND_CONFIG_MAP, "default", name);
	v = o != NULL ? value_get_text(value_get(o->root, "data"), "v") : NULL;
	copy = xstrdup(v != NULL ? v : "");
	snapshot_put(&now);
	return copy;
}

char *
mesh_dir_value(const struct mesh_dir *d, const char *name)
{
	struct store *s = mesh_dir_open(d);
	char *v = store_value(s, name);

	store_close(&s);
	return v;
}

int
commit_text(struct store *s, const char *text, struct error *err)
{
	struct source_file *f = source_file_new("new.yaml", text, strlen(text), NULL, NULL, err);
	struct transaction t = { .via = VIA_APPLY };
	struct change_result *results;
	const struct object *o;
	size_t count;
	int status;

	ASSERT(f != NULL);
	o = source_file_objects(f, &count);
	for (size_t i = 0; i < count; i++) {
		struct change c = { .op = CHANGE_UPDATE, .group = "", .kind = o[i].kind_name,
				    .ns = o[i].ns, .name = o[i].name, .after = o[i].root };

		vec_push(&t.changes, c);
	}
	results = xcalloc(count + 1, sizeof(*results));
	status = store_commit(s, &t, results, err);
	free(results);
	vec_fini(&t.changes);
	source_file_put(&f);
	return status;
}

int
commit_delete(struct store *s, const char *name, struct error *err)
{
	struct transaction t = { .via = VIA_DELETE };
	struct change c = { .op = CHANGE_DELETE, .group = "", .kind = "ConfigMap",
			    .ns = "default", .name = name };
	struct change_result result;
	int status;

	vec_push(&t.changes, c);
	status = store_commit(s, &t, &result, err);
	vec_fini(&t.changes);
	return status;
}
