/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Service names as a pod writes them, to the address that it dials.
 */
#ifndef MESHTOP_PLATFORM_NAMES_H
#define MESHTOP_PLATFORM_NAMES_H

#include <stdbool.h>
#include <stdint.h>

struct address;
struct mesh;

/* The service that name means in namespace ns: NAME, NAME.NS, NAME.NS.svc, the
 * full name, or a host of a ServiceEntry.  False when there is none, or it
 * does not serve that port. */
bool name_resolve(const struct mesh *m, const char *ns, const char *name, uint16_t port,
		  struct address *out);

#endif
