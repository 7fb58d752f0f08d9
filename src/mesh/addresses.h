/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which loopback address each service and pod has.
 *
 * Addresses come from the mesh's own block 127.B.0.0/16: services from
 * 127.B.0.1, pods from 127.B.64.1.  They are remembered by name in
 * .meshtop/addresses.json, so that they survive restarts.  Explicit
 * addresses (spec.clusterIP, spec.address, spec.addresses) never come here.
 */
#ifndef MESHTOP_MESH_ADDRESSES_H
#define MESHTOP_MESH_ADDRESSES_H

#include <stdbool.h>

#include "src/base/address.h"

struct buf;
struct error;
struct addresses;

/* block 0: none claimed yet, nothing can be assigned. */
struct addresses *addresses_new(unsigned block);
void addresses_free(struct addresses **ap);
unsigned addresses_block(const struct addresses *a);	/* B, 64..255 */
/* {"block": B, "services": {"NAME.NS": "127.B.0.1"}, "pods": {...}}.  The
 * text's block is taken when none was claimed; otherwise the names keep their
 * places in the claimed block.  A host of a ServiceEntry is remembered as
 * "HOST/NAME.NS".  On failure a may hold a part of the names. */
int addresses_parse(struct addresses *a, const char *json, size_t len, struct error *err);
void addresses_put_json(struct addresses *a, struct buf *out);
/* Looks the name up ("NAME.NS"); when may_assign, a free address is given to
 * a new name.  False when it has none. Port of *out is 0. */
bool addresses_service(struct addresses *a, const char *name, bool may_assign,
		       struct address *out);
bool addresses_pod(struct addresses *a, const char *name, bool may_assign,
		   struct address *out);
/* An address that somebody has explicitly: never assigned from now on.
 * Nothing happens when it is not of the block or has an owner already. */
void addresses_reserve(struct addresses *a, const struct address *taken);
/* Names not asked for since addresses_begin() lose their address at
 * addresses_end() once the block is three quarters full. */
void addresses_begin(struct addresses *a);
void addresses_end(struct addresses *a);
bool addresses_changed(const struct addresses *a);	/* since parse or put_json */
/* Reading programs (console, platform, get) never assign: */
void addresses_set_read_only(struct addresses *a, bool read_only);
bool addresses_is_read_only(const struct addresses *a);

#endif
