/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See generations.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/store/generations.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/store/history.h"
#include "tests/unit/store/mesh_dir.h"

int
save_generation(struct store *s, unsigned n, struct error *err)
{
	char *text = xasprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
			       "data: {v: \"%u\"}\n---\n"
			       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
			       "data: {v: \"%u\"}\n", n, n);
	int status = commit_text(s, text, err);

	free(text);
	return status;
}

static void
assert_no_strays(const struct mesh_dir *d, const char *when, unsigned where)
{
	char path[100];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/.meshtop/pending", d->path);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			fail_msg("%s %u: stray %s", when, where, e->d_name);
	if (dir != NULL)
		closedir(dir);
}

static void
assert_history(struct store *s, unsigned found, const char *when, unsigned where)
{
	struct history h;

	assert_int_equal(history_read(s, &h, NULL), 0);
	if (h.entries.len != found)
		fail_msg("%s %u: generation %u, %zu changes", when, where, found, h.entries.len);
	for (size_t i = 0; i < h.entries.len; i++)
		if (h.entries.items[i].via != VIA_APPLY)
			fail_msg("%s %u: change %zu is not ours", when, where, i + 1);
	history_fini(&h);
}

unsigned
assert_whole(const struct mesh_dir *d, unsigned last, const char *when, unsigned where)
{
	struct store *s = mesh_dir_open(d);
	char *a = store_value(s, "a"), *b = store_value(s, "b");
	unsigned found = (unsigned)atoi(a);

	if (strcmp(a, b) != 0 || (found != last && found != last + 1))
		fail_msg("%s %u: saved %u, found '%s' and '%s'", when, where, last, a, b);
	assert_history(s, found, when, where);
	assert_no_strays(d, when, where);
	free(a);
	free(b);
	store_close(&s);
	return found;
}
