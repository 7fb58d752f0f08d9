/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder with all that is in it.
 */
#ifndef MESHTOP_BASE_TREE_H
#define MESHTOP_BASE_TREE_H

/* Removes it, without following links.  -1 with errno when something stays. */
int tree_remove(const char *path);

#endif
