/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel knows of the other end of a connection on this host: whose
 * it is, and whether its program still holds it.
 *
 * A program that has closed its socket and one that has only ended its
 * sending side look alike on the wire; the socket's own entry (netlink,
 * sock_diag) tells them apart.
 */
#ifndef MESHTOP_PROXY_PEER_H
#define MESHTOP_PROXY_PEER_H

#include <stdbool.h>
#include <stdint.h>

struct peer_lookup;

struct peer_lookup *peer_lookup_new(void);
void peer_lookup_free(struct peer_lookup **pp);

/* Does a program still hold the other end of fd?  True when that cannot be
 * told (another host, no permission). */
bool peer_is_open(struct peer_lookup *p, int fd);
/* Has it taken every byte that was sent?  Of another host only its kernel is
 * known.  True where nothing is told (no TCP): there a peer that leaves bytes
 * behind is a reset. */
bool peer_has_taken_all(struct peer_lookup *p, int fd);
/* The user who owns the other end; false when it is not known. */
bool peer_uid(struct peer_lookup *p, int fd, uint32_t *uid);

#endif
