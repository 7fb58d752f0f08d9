/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mTLS as policy between proxies of this engine, until there is TLS: who
 * would be refused, is refused.
 */
#ifndef MESHTOP_PROXY_MTLS_H
#define MESHTOP_PROXY_MTLS_H

#include <stdbool.h>

#include "src/mesh/mesh.h"

/* A DestinationRule says DISABLE, the endpoint's PeerAuthentication STRICT. */
static inline bool
mtls_refuses_plain(const struct mesh *m, const struct cluster_policy *p,
		   const struct mesh_endpoint *endpoint)
{
	return p->tls == TLS_DISABLE && endpoint->instance != NULL &&
	       endpoint->instance->workload->has_proxy &&
	       mesh_mtls_mode(m, endpoint->instance->workload,
			      address_port(&endpoint->address)) == MTLS_STRICT;
}

#endif
