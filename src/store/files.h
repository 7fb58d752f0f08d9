/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files below a root directory, handled so that no name leads out of it:
 * every component is opened without following links, only regular files are
 * read, and what is written is on the disk when a function returns.
 */
#ifndef MESHTOP_STORE_FILES_H
#define MESHTOP_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "src/base/vec.h"

struct buf;
struct error;
struct problems;

#define FILES_MAX_DEPTH 32
#define FILES_MAX_COUNT 100000

/* A document file of the tree. */
struct found_file {
	char *path;		/* below the root */
	struct stat st;
};

struct file_list {
	VEC(struct found_file) files;	/* sorted by path */
	VEC(char *) folders;		/* "" is the root itself */
	VEC(char *) unseen;		/* what rows tell of: there may be documents in these folders */
};

#define FILE_LIST_INIT { VEC_INIT, VEC_INIT, VEC_INIT }

/* Opens a folder below root ("" = root again); missing ones are made with
 * mode when it is not 0.  -1 with err and errno. */
int files_open_folder(int root, const char *path, mode_t mode, struct error *err);
/* Folder of path, and *name points at the last component. */
int files_open_parent(int root, const char *path, mode_t mode, const char **name,
		      struct error *err);

/* Appends the content.  1 when there is no such file, -1 with err when it is
 * not a regular file, larger than max (errno is 0 then), or cannot be read
 * (errno).  st may be NULL. */
int files_read(int root, const char *path, size_t max, struct buf *out, struct stat *st,
	       struct error *err);

/* As files_read(), but of a long file only the last bytes, most of them or a
 * few more; *begin: what stands before them. */
int files_read_end(int root, const char *path, size_t most, struct buf *out, size_t *begin,
		   struct error *err);

/* Makes a new file in folder, written and synced.  like (may be NULL) gives
 * mode and, where allowed, owner.  On failure nothing of it stays. */
int files_write(int folder, const char *name, const char *data, size_t len, mode_t mode,
		const struct stat *like, struct error *err);
int files_sync_folder(int folder, struct error *err);

/* All documents (*.yaml, *.yml, *.json; no name that begins with a dot) and
 * all folders but lost+found.  What may not be entered becomes a row, and so do names that
 * are not UTF-8: nothing could write them down.  -1 when the root cannot
 * be read, or something in it for another reason than that: it is there. */
int files_find(int root, struct file_list *out, struct problems *problems, struct error *err);
/* Adds the files that the unseen folders have below good, a tree of the same
 * shape; their st is all zeros. */
void files_add_copies(int good, struct file_list *l);
void file_list_fini(struct file_list *l);
bool files_is_document(const char *name);

#endif
