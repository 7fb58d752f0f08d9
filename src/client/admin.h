/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to the engine of a mesh directory, over DIR/.meshtop/admin.sock.
 */
#ifndef MESHTOP_CLIENT_ADMIN_H
#define MESHTOP_CLIENT_ADMIN_H

struct arena;
struct buf;
struct error;
struct value;

/* Appends the answer to GET path.  -1 with err: ERROR_UNREACHABLE when no
 * engine runs there, ERROR_REFUSED when its answer is not 200.  Paths longer
 * than a socket's name may be are dialled through /proc/self/fd. */
int admin_get(const char *dir, const char *path, struct buf *out, struct error *err);
/* The answer as a tree in a; NULL and err likewise. */
struct value *admin_get_json(struct arena *a, const char *dir, const char *path,
			     struct error *err);

#endif
