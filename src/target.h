/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TARGET: which mesh a command is about (design.md section 4).
 */
#ifndef MESHTOP_TARGET_H
#define MESHTOP_TARGET_H

#include <stdbool.h>

#include "src/base/vec.h"

struct addresses;
struct cli;
struct error;
struct mesh;
struct problems;
struct snapshot;
struct source_file;
struct store;

enum target_kind { TARGET_DIRECTORY, TARGET_DOCUMENTS };

struct target {
	enum target_kind kind;
	char *dir;			/* TARGET_DIRECTORY; absolute once opened */
	const struct cli *cli;		/* -f words of TARGET_DOCUMENTS */
	struct store *store;		/* opened on demand */
};

enum target_need {
	TARGET_READS,			/* without words: the kubeconfig's context */
	TARGET_READS_FILES,		/* -f is a target, too */
	TARGET_DEMANDED,		/* must be named */
};

/* From the words of a command line.  ERROR_USAGE for contradictory or missing
 * words, ERROR_UNREACHABLE for clusters. */
int target_choose(struct target *t, const struct cli *c, enum target_need need,
		  struct error *err);
void target_fini(struct target *t);

/* $XDG_STATE_HOME/meshtop/demo; caller frees. */
char *target_demo_dir(void);

/* The directory's store; reader: nothing will be written.  NULL and err
 * (ERROR_UNREACHABLE) when there is no such directory.  Owned by t. */
struct store *target_store(struct target *t, bool reader, struct error *err);

/* Its objects.  Bad documents are rows; -f files that cannot be read, or do
 * not parse while problems is NULL, are errors. */
int target_load(struct target *t, struct snapshot **out, struct problems *problems,
		struct error *err);
/* The compiled mesh with the addresses that the engine gave (never assigns);
 * reference for the caller. */
struct mesh *target_compile(struct target *t, struct snapshot *s, struct problems *problems);

/* The files that -f words name. */
struct documents {
	VEC(struct source_file *) files;
};
/* ns: for documents without one (NULL: default).  With is_strict a file that
 * does not parse is an error, else a row. */
int documents_read(const struct cli *c, const char *ns, bool is_strict,
		   struct documents *out, struct problems *problems, struct error *err);
void documents_fini(struct documents *d);

/* NAME.NS, split at the last dot; without a dot ns (NULL: default).  The
 * texts are the caller's to free. */
void target_split_name(const char *word, const char *ns, char **name, char **name_ns);

#endif
