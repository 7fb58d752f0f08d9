/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a child process of a console learns that nobody needs it any more.
 *
 * Its parent holds the other end of a pipe; the pipe's end of file says that
 * the parent is gone.  Every console that is attached to the mesh directory
 * holds a shared lock on .meshtop/attached; while one does, the child stays,
 * and ends with the last one.  Until a child that ends is gone it holds
 * .meshtop/leaving, so that a console which comes meanwhile waits for it
 * instead of finding it half dead.
 */
#ifndef MESHTOP_BASE_LEASH_H
#define MESHTOP_BASE_LEASH_H

#include "src/base/loop.h"

struct error;
struct leash;

/* Takes over parent_fd.  on_gone is called once.  -1 and err when the
 * descriptor cannot be watched. */
struct leash *leash_new(struct loop *l, int parent_fd, const char *attached_path,
			void (*on_gone)(void *arg), void *arg, struct error *err);
void leash_free(struct leash **lp);

/* The console's side: waits for children that are about to end (3 s at most),
 * and holds the shared lock until the descriptor that is
 * returned is closed (or its process dies).  -1 with err. */
int leash_attach(const char *attached_path, struct error *err);

#endif
