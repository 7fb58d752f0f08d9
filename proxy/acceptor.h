/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A listening socket as one worker sees it: connections are taken in batches,
 * judged by where they come from, and become a downstream or a relay.
 */
#ifndef MESHTOP_PROXY_ACCEPTOR_H
#define MESHTOP_PROXY_ACCEPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/engine.h"
#include "proxy/worker.h"
#include "src/base/address.h"
#include "src/base/loop.h"

struct endpoint;
struct runtime;

/* What a listening address stands for in one mesh. */
struct listener_spec {
	enum listener_kind kind;
	struct address address;			/* with the port of the mesh */
	enum port_protocol protocol;		/* PORT_HTTP for LISTENER_EGRESS */
	bool has_tls;				/* of a gateway's server */
	const struct mesh_service *service;	/* NULL for LISTENER_EGRESS, LISTENER_GATEWAY
						 * and a pod's port that no service names */
	const struct mesh_port *port;		/* of the service; NULL likewise */
	const struct mesh_instance *instance;	/* NULL for LISTENER_SERVICE */
	const struct mesh_workload *workload;	/* LISTENER_EGRESS, LISTENER_GATEWAY */
};

struct acceptor {
	struct acceptor *next;			/* of the worker */
	struct worker *worker;
	struct watch watch;
	struct listener_spec spec;		/* points into the runtime's mesh */
	struct runtime *runtime;		/* referenced */
	struct endpoint *target;		/* LISTENER_INBOUND: where to forward */
	size_t cursor;				/* of callers without a proxy */
	unsigned connections;
	bool is_closed;				/* takes no more */
	bool is_draining;			/* what is open ends with its next answer */
};

/* fd is borrowed; it must outlive acceptor_close(). */
struct acceptor *acceptor_open(struct worker *w, int fd, const struct listener_spec *spec,
			       struct runtime *rt);
/* The same socket under a new configuration. */
void acceptor_update(struct acceptor *a, const struct listener_spec *spec,
		     struct runtime *rt);
void acceptor_close(struct acceptor *a);	/* what is open drains */

/* Requests that it takes are those of its instance's own proxy, whoever sends
 * them. */
static inline bool
acceptor_has_own_caller(const struct acceptor *a)
{
	return a->spec.kind == LISTENER_EGRESS || a->spec.kind == LISTENER_GATEWAY;
}

/* What its answers say in the Server field. */
static inline const char *
acceptor_server_name(const struct acceptor *a)
{
	return a->spec.kind == LISTENER_INBOUND || a->spec.kind == LISTENER_GATEWAY ?
		       "istio-envoy" : "envoy";
}

/* Does the next answer end a connection of it? */
static inline bool
acceptor_drains(const struct acceptor *a)
{
	return a->is_draining || a->worker->is_draining;
}

struct acceptor *acceptor_ref(struct acceptor *a);	/* a connection of it */
void acceptor_unref(struct acceptor *a);

/* Those of the worker that stopped when descriptors ran out and now have room. */
void acceptors_resume(struct worker *w);

#endif
