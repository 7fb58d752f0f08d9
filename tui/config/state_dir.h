/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the console keeps what outlives it. */
#ifndef MESHTOP_TUI_STATE_DIR_H
#define MESHTOP_TUI_STATE_DIR_H

/* $XDG_STATE_HOME/meshtop/NAME (else ~/.local/state/meshtop/NAME), its folder
 * made with 0700 where absent; NULL when there is no home.  Caller frees. */
char *state_dir_path(const char *name);

#endif
