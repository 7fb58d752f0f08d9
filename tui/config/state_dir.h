/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the console keeps what outlives it. */
#ifndef MESHTOP_TUI_STATE_DIR_H
#define MESHTOP_TUI_STATE_DIR_H

struct error;

/* $XDG_STATE_HOME/meshtop/NAME (else ~/.local/state/meshtop/NAME), its folder
 * made with 0700 where absent; NULL when there is no home.  Caller frees. */
char *state_dir_path(const char *name);
/* The file to read and write for a path of the console's: itself, or what a symbolic
 * link there leads to, so that what is kept may lie in a repository of one's own.
 * NULL and err, which says why, when that is no regular file of this user's.
 * Caller frees. */
char *state_file(const char *path, struct error *err);

#endif
