/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of two files at once that are numbered, and what a mesh directory must be
 * like after such a change, however it ended. */
#ifndef MESHTOP_TESTS_GENERATIONS_H
#define MESHTOP_TESTS_GENERATIONS_H

struct error;
struct mesh_dir;
struct store;

/* Both documents, in two files, say generation n. */
int save_generation(struct store *s, unsigned n, struct error *err);

/*
 * Both documents are of one generation, last or the next; there are as many
 * changes in the history, all of them ours, and nothing is left over.  Returns
 * it; when and where say in a failure what had been done.
 */
unsigned assert_whole(const struct mesh_dir *d, unsigned last, const char *when, unsigned where);

#endif
