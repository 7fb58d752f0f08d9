/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The admin socket: a small HTTP server on DIR/.meshtop/admin.sock, and on a
 * TCP address when asked (design.md section 3; paths: admin_pages.h).
 *
 * The socket is 0600 and serves its own user and root, who may also reset
 * counters and health (POST).  The TCP listener serves whoever reaches it, by
 * address only (a name in Host may be a web page's doing), and only reads.
 * Everything is bounded: connections, head, and the time in which a reader
 * must make progress.
 */
#ifndef MESHTOP_PROXY_ADMIN_H
#define MESHTOP_PROXY_ADMIN_H

struct admin;
struct engine;
struct error;

#define ADMIN_MAX_CONNECTIONS 32

/* Serves on the engine's loop from now on.  tcp: "ADDR:PORT" or NULL.  NULL
 * and err when an address is in use, also by another engine's socket. */
struct admin *admin_open(struct engine *e, const char *tcp, struct error *err);
void admin_close(struct admin **ap);		/* removes the socket */
/* Where the TCP listener is, "" without one: with port 0 the kernel chose. */
const char *admin_tcp_address(const struct admin *a);

#endif
