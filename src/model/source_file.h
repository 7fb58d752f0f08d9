/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a source file gives to the snapshot and to the store beyond
 * snapshot.h: its objects with their places, and the range of each document.
 */
#ifndef MESHTOP_MODEL_SOURCE_FILE_H
#define MESHTOP_MODEL_SOURCE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/model/object.h"

struct source_file;
struct value;

/* One document of the file, also one that holds no object. */
struct source_document {
	const struct value *root;	/* NULL: empty */
	size_t begin, end;		/* as in yaml.h */
};

/* In order of their place; borrowed. */
const struct object *source_file_objects(const struct source_file *f, size_t *count);
const struct source_document *source_file_documents(const struct source_file *f,
						    size_t *count);

/* A file with some of the objects only, by index, on the same text.  Holds a
 * reference to f. */
struct source_file *source_file_subset(struct source_file *f, const size_t *indexes,
				       size_t count);

/* A document that is not an object, with what it says of the one that it is meant
 * to be ("" where it does not say): what the store needs to keep its last good
 * version serving. */
struct source_reject {
	const char *group, *kind_name, *ns, *name;
	bool is_identified;		/* they are those of an object: something else is wrong */
	size_t doc_index, list_index;	/* as in struct object */
};
const struct source_reject *source_file_rejects(const struct source_file *f, size_t *count);

#endif
