/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who called, by what proxies before a gateway say (Envoy's xff_num_trusted_hops).
 */
#ifndef MESHTOP_PROXY_FORWARDED_H
#define MESHTOP_PROXY_FORWARDED_H

#include <stdbool.h>

#include "src/base/address.h"
#include "src/http/head.h"

/*
 * The client's address, without port, into text: the entry of x-forwarded-for that the
 * outermost of so many trusted proxies has added.  False when none is trusted, when the list
 * is shorter, or when no address stands there.
 */
bool forwarded_client(const struct http_head *h, unsigned trusted_proxies,
		      char text[ADDRESS_TEXT_BYTES]);

#endif
