/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing documents inside the text of a file, byte for byte careful with
 * everything else.  Pure.
 */
#ifndef MESHTOP_STORE_SPLICE_H
#define MESHTOP_STORE_SPLICE_H

#include <stddef.h>

#include "src/base/vec.h"

struct buf;
struct error;
struct source_file;
struct value;

/* What happens to one document (or List item). */
struct splice_edit {
	size_t doc_index, list_index;	/* as in struct object; doc_index SIZE_MAX: append */
	const struct value *after;	/* NULL: remove */
	const char *text;		/* to be stored as written; NULL: emitted */
};

struct splice_edits {
	VEC(struct splice_edit) items;
};

/*
 * Appends the new text of the file to out.  file NULL: a file that does not
 * exist yet.  is_json keeps the file JSON.  The result is parsed again:
 * edited documents must read as wished and all others as before, else -1
 * with err.  Nothing is appended when no document is left.
 */
int splice_file(const struct source_file *file, const char *path,
		const struct splice_edits *edits, struct buf *out, struct error *err);

#endif
