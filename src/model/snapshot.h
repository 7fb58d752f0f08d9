/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An immutable set of objects: one state of the mesh's configuration.
 *
 * Built from files of documents.  Files are reference-counted units, so that
 * re-reading one file leaves the trees of all others in place.  A snapshot
 * is shared by reference; the last put frees it.  Reference counts are
 * atomic.
 */
#ifndef MESHTOP_MODEL_SNAPSHOT_H
#define MESHTOP_MODEL_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/model/object.h"
#include "src/model/problem.h"

struct error;

/* The text of one file and what it holds. */
struct source_file;

/*
 * Parses the text.  Objects without metadata.namespace get default_ns
 * ("default" when NULL); kind: List is unfolded.  Problems of single
 * documents (no kind, invalid name, wrong group: MT0xxx) go to problems (may
 * be NULL) and leave that document out; NULL and err only when the text does
 * not parse.
 */
struct source_file *source_file_new(const char *path, const char *text, size_t len,
				    const char *default_ns, struct problems *problems,
				    struct error *err);
struct source_file *source_file_get(struct source_file *f);
void source_file_put(struct source_file **fp);
const char *source_file_text(const struct source_file *f, size_t *len);
const char *source_file_path(const struct source_file *f);

struct snapshot {
	uint64_t generation;
	size_t count;
	const struct object *const *objects;	/* by kind id, namespace, name */
	struct snapshot_priv *priv;
};

/* Takes references to the files.  The second document of one identity
 * (group, kind, namespace, name) is left out with an MT0xxx problem that
 * names both places. */
struct snapshot *snapshot_new(struct source_file *const *files, size_t count,
			      uint64_t generation, struct problems *problems);
struct snapshot *snapshot_get(struct snapshot *s);
void snapshot_put(struct snapshot **sp);
/* Of one text: for tests and -f files. */
struct snapshot *snapshot_of_text(const char *path, const char *text,
				  struct problems *problems, struct error *err);

/* NULL when absent. */
const struct object *snapshot_find(const struct snapshot *s, enum kind_id kind,
				   const char *ns, const char *name);
/* Also kinds that are not in the table. */
const struct object *snapshot_find_named(const struct snapshot *s, const char *group,
					 const char *kind_name, const char *ns,
					 const char *name);
/* First object of the kind and how many follow each other; those of one
 * namespace are adjacent. */
const struct object *const *snapshot_kind(const struct snapshot *s, enum kind_id kind,
					  size_t *count);
/* Likewise of a kind (not KIND_NONE) in one namespace. */
const struct object *const *snapshot_kind_in(const struct snapshot *s, enum kind_id kind,
					     const char *ns, size_t *count);
/* The files it was made of. */
size_t snapshot_file_count(const struct snapshot *s);
const struct source_file *snapshot_file(const struct snapshot *s, size_t index);
/* Borrowed, for making another snapshot of it. */
struct source_file *snapshot_file_ref(const struct snapshot *s, size_t index);

#define SNAPSHOT_EACH(o, s, kind_) \
	for (size_t o##_n = 0, o##_i = 0, o##_once = 1; o##_once; o##_once = 0) \
		for (const struct object *const *o##_v = snapshot_kind((s), (kind_), &o##_n), \
		     *o = NULL; o##_i < o##_n && (o = o##_v[o##_i], 1); o##_i++)

#endif
