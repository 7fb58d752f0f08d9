/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a graph that was read anew has in common with the one that is laid
 * out: whether its picture may stay, with only the digits in it changed.
 */
#ifndef MESHTOP_TUI_SCREENS_SAME_PICTURE_H
#define MESHTOP_TUI_SCREENS_SAME_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

struct graph;

/* The same nodes and edges?  Figures do not matter. */
bool picture_same_shape(const struct graph *a, const struct graph *b);
/* As well as before, and as idle?  Both graphs have the same shape. */
bool picture_same_looks(const struct graph *a, const struct graph *b);

/* Texts of nodes or edges, count of each; NULL: none at all. */
bool picture_same_texts(const char *const *a, const char *const *b, size_t count);
/* Texts of the same length can take each other's place. */
bool picture_same_lengths(const char *const *a, const char *const *b, size_t count);
/* Writes texts over old ones of the same lengths, which the caller has made
 * and a layout borrows. */
void picture_put_texts(const char *const *old, const char *const *texts, size_t count);

#endif
