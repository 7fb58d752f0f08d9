/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One worker's working state beside an immutable mesh.
 *
 * A runtime goes with one compiled mesh and is held by the exchanges that
 * began under it.  It binds each caller and cluster that is used to a
 * cluster_state, which outlives the mesh: a new configuration takes over the
 * states of those callers and clusters whose identity is equal, with pools
 * and counters.
 */
#ifndef MESHTOP_PROXY_RUNTIME_H
#define MESHTOP_PROXY_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cluster/breaker.h"
#include "proxy/cluster/commons.h"
#include "proxy/cluster/handover.h"
#include "proxy/cluster/levels.h"
#include "proxy/cluster/places.h"
#include "src/base/address.h"
#include "src/base/loop.h"
#include "src/mesh/mesh.h"

struct hash_table;
struct pool_wait;
struct resolution;
struct upstream;
struct worker;

/* What one caller's proxy knows of one cluster, whatever the configuration. */
struct cluster_state {
	struct worker *worker;
	uint64_t key;			/* caller and cluster identity */
	struct address source;		/* upstream connections come from there; may be unset */
	unsigned refs;			/* bindings, endpoints, work at the end of the turn */
	struct turns turns;		/* of the balancer, among all endpoints */
	struct mesh_keepalive keepalive;
	struct endpoint *endpoints;	/* all, also retired ones in use */
	struct places places;		/* of them */
	struct breaker breaker;
	struct common_cluster *common;	/* of all workers; NULL: no limits, no outliers */
	struct timer sweep_timer;	/* armed while a sweep has something to do */
	unsigned waiting;		/* requests, for a connection of the pool */
	struct deferred serve;
	bool is_serve_queued;
	bool is_target;			/* of endpoint_new_single() */
	struct timer room_timer;	/* armed while descriptors are short here */
	unsigned active_mirrors;
	/* figures: see engine.h */
	unsigned active_connections, active_requests, pending_requests;
	uint64_t connections, connect_failures, connect_timeouts, connections_closed;
	uint64_t requests, by_class[6], retries, timeouts, try_timeouts;
	uint64_t retry_successes, retry_exhaustions, pendings, panics;
};

/* One address of a cluster (or the target of an inbound listener) and its
 * pool of connections. */
struct endpoint {
	struct endpoint *next, **prev;	/* of the same cluster_state */
	struct place place;
	struct cluster_state *cluster;
	struct address address;		/* with host set: the one to dial next, see resolve.h */
	struct resolution *resolution;	/* of a host name; NULL: address stands */
	struct upstream *idle;		/* the last used first */
	struct upstream *idle_mirrors;	/* of copies; see mirror.h */
	struct pool_wait *first_wait;	/* requests that wait for a connection */
	struct pool_wait **last_wait;	/* where the next one goes; NULL: first_wait */
	struct common_host *common;	/* while a balancer may choose it; NULL likewise */
	unsigned refs;			/* bindings and connections */
	unsigned bindings;		/* 0: retired, keeps no idle connection */
	unsigned choices;		/* bindings that do not leave it out; see levels.h */
	struct taker taker;		/* takes part while common is set, if connections are limited */
	unsigned pooled;		/* connections that the limit counts */
	unsigned kept;			/* of them, since one was left to another worker */
	unsigned active_connections, idle_connections, active_requests;
	unsigned ordinary_connections;	/* of them, those that may carry any request but a copy */
	uint64_t short_ns;		/* since when those that wait lack a descriptor */
	double turn;			/* weighted balancing: when it is next */
	uint64_t arrived_ns;		/* where new ones warm up */
	uint64_t connections, connect_failures, requests, errors, timeouts;
};

/* Caller and cluster under one mesh. */
struct binding {
	const struct mesh_instance *caller;
	const struct mesh_cluster *cluster;
	struct cluster_state *state;
	struct endpoint **endpoints;	/* as cluster->endpoints */
	struct hash_table *hash;	/* of a consistent balancer, made on first use */
	bool has_weights;		/* endpoints' weights differ */
	struct levels *levels;		/* NULL: neither priorities nor weighted localities */
	uint64_t warm_ns;		/* when the last endpoint has warmed up; 0: none is new */
};

struct runtime {
	unsigned refs;
	uint32_t serial;		/* of the worker's runtimes, from 1 */
	struct worker *worker;
	struct mesh *mesh;		/* referenced */
	struct binding **slots;		/* open addressing by caller and cluster */
	size_t slot_count, binding_count;
};

/* Takes a reference to the mesh; before (may be NULL) is the runtime whose
 * states are taken over. */
struct runtime *runtime_new(struct worker *w, struct mesh *mesh, const struct runtime *before);
static inline struct runtime *
runtime_get(struct runtime *rt)
{
	rt->refs++;
	return rt;
}
void runtime_put(struct runtime **rp);

/* Made on first use. */
struct binding *runtime_bind(struct runtime *rt, const struct mesh_instance *caller,
			     const struct mesh_cluster *cluster);

/* NULL when it has not been used. */
const struct binding *runtime_find(const struct runtime *rt, const struct mesh_instance *caller,
				   const struct mesh_cluster *cluster);
/* Figures that count since the start, of all that it binds, count from now. */
void runtime_reset_figures(struct runtime *rt);
void cluster_state_ref(struct cluster_state *s);
void cluster_state_unref(struct cluster_state *s);
/* What came of a try, for outlier detection. */
void cluster_state_note(struct cluster_state *s, struct endpoint *ep, enum outlier_event event,
			unsigned status);

/* A state without a mesh behind it: what an inbound listener forwards to.
 * One endpoint; released by endpoint_unbind(). */
struct endpoint *endpoint_new_single(struct worker *w, const struct address *address);
/* One that no binding names: referenced, and keeps no idle connection.  host
 * (may be NULL) is to be resolved; address then has the port. */
struct endpoint *endpoint_for(struct cluster_state *s, const struct address *address,
			      const char *host);
/* The same for the host of a request or ClientHello at the cluster's port; NULL
 * unless mesh_cluster_takes_host(). */
struct endpoint *endpoint_by_name(struct cluster_state *s, const struct mesh_cluster *c,
				  struct slice host);
/* Is a name's address that one?  The listener's own is nobody to be dialled: the
 * name would lead back to it for ever. */
bool endpoint_leads_to(const struct endpoint *ep, const struct address *address);
void endpoint_ref(struct endpoint *ep);
void endpoint_unref(struct endpoint *ep);
/* Of endpoint_new_single(): idle connections are closed. */
void endpoint_unbind(struct endpoint *ep);

#endif
