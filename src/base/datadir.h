/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the program's shared files are: demo manifests, tapes, themes.
 */
#ifndef MESHTOP_BASE_DATADIR_H
#define MESHTOP_BASE_DATADIR_H

/*
 * Path of the shared file (or folder) with that name below the data folder,
 * such as "demo/travels/loadtester.yaml".  Looked for in MESHTOP_DATADIR,
 * else beside the program's own file (share, as in the source tree), in
 * ../share/meshtop and ../share from there, then where it was installed.
 * NULL when it is nowhere; the caller frees.
 */
char *datadir_find(const char *name);

#endif
