/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with the configuration: one row each, as `validate` prints
 * it and as the console shows it beside the object.
 */
#ifndef MESHTOP_MODEL_PROBLEM_H
#define MESHTOP_MODEL_PROBLEM_H

#include <stdbool.h>

#include "src/base/vec.h"

struct arena;
struct buf;
struct object;
struct value;

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

struct problem {
	const char *file;	/* "" when it stands in no file */
	unsigned line, col;	/* 0 when not known */
	const char *kind, *ns, *name;	/* "" when no object could be made */
	const char *code;	/* "KIA1107", "MT0003" */
	enum severity severity;
	const char *path;	/* spec.http[0].route[0].weight; "" for the whole */
	const char *message;
};

struct problems {
	struct arena *arena;	/* made on first use; owns all texts */
	VEC(struct problem) rows;
};

#define PROBLEMS_INIT { NULL, VEC_INIT }

/* Codes of our own with their severity and text are rows of codes.tbl. */
void problem_add(struct problems *p, const struct object *o, const struct value *at,
		 const char *code, enum severity severity, const char *path,
		 const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* Where no object exists. */
void problem_add_file(struct problems *p, const char *file, unsigned line, unsigned col,
		      const char *code, enum severity severity, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* Copies all rows; out may be NULL. */
void problems_append(struct problems *out, const struct problems *in);
void problems_fini(struct problems *p);
bool problems_have_errors(const struct problems *p);
void problems_sort(struct problems *p);		/* by file, line, column, code */
const char *severity_name(enum severity s);
/* Rows "FILE:LINE:COL: error: CODE KIND NAME.NS path: message". */
void problems_put_text(const struct problems *p, struct buf *out);
void problems_put_json(const struct problems *p, struct buf *out);	/* design.md 4 */

#endif
