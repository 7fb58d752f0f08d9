/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mesh directory of a test's own, and short ways to change it. */
#ifndef MESHTOP_TESTS_MESH_DIR_H
#define MESHTOP_TESTS_MESH_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "src/store/store.h"

struct error;
struct problems;
struct snapshot;

#define CONFIG(name, value) \
	"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " name "\ndata:\n  v: \"" value "\"\n"

/* For tests that include cmocka.h and stdlib.h. */
#define VALUE_IS(d, name, want) do { \
	char *v_ = mesh_dir_value((d), (name)); \
	assert_string_equal(v_, (want)); \
	free(v_); \
} while (0)

#define STORE_VALUE_IS(s, name, want) do { \
	char *v_ = store_value((s), (name)); \
	assert_string_equal(v_, (want)); \
	free(v_); \
} while (0)

#define FILE_IS(d, name, want) do { \
	char *v_ = mesh_dir_read((d), (name)); \
	assert_non_null(v_); \
	assert_string_equal(v_, (want)); \
	free(v_); \
} while (0)

struct mesh_dir {
	char path[64];
};

int mesh_dir_setup(void **state);	/* *state: struct mesh_dir */
/* Where syncing costs nothing, if there is such a place: for many saves. */
int mesh_dir_setup_in_memory(void **state);
int mesh_dir_teardown(void **state);
void mesh_dir_clear(const struct mesh_dir *d);		/* with all that is in it */

/* Below the directory; folders are made. */
void mesh_dir_write(const struct mesh_dir *d, const char *name, const char *text);
char *mesh_dir_read(const struct mesh_dir *d, const char *name);	/* NULL: absent */
bool mesh_dir_has(const struct mesh_dir *d, const char *name);
void mesh_dir_remove(const struct mesh_dir *d, const char *name);

struct store *mesh_dir_open(const struct mesh_dir *d);
/* Value of ConfigMap NAME.default; "" when it is not there.  A fresh store. */
char *mesh_dir_value(const struct mesh_dir *d, const char *name);
/* Of a store that is open. */
char *store_value(struct store *s, const char *name);

/* Puts the documents of text (NULL after the op: delete NAME) through
 * store_commit(). */
int commit_text(struct store *s, const char *text, struct error *err);
int commit_delete(struct store *s, const char *name, struct error *err);

#endif
