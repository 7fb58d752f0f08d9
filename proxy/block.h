/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mesh's own block of loopback addresses, 127.B.0.0/16: claimed by
 * listening exclusively on 127.B.255.254:1024, so that two meshes on one host
 * never share one.
 */
#ifndef MESHTOP_PROXY_BLOCK_H
#define MESHTOP_PROXY_BLOCK_H

struct error;

/* The wanted block (0: none) when it is free, else the first free one from 64
 * up.  Returns the descriptor that holds the claim, or -1 with err. */
int block_claim(unsigned wanted, unsigned *block, struct error *err);

#endif
