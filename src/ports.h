/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a port is served when ports below the kernel's limit may not be
 * bound (design.md section 3).
 */
#ifndef MESHTOP_PORTS_H
#define MESHTOP_PORTS_H

#include <stdint.h>

/* PORT, or PORT + 20000 where this user may not bind PORT. */
uint16_t port_as_bound(uint16_t port);

#endif
