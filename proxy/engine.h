/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine of one mesh directory: configuration, listeners, workers, and
 * what the admin socket may know about them.
 *
 * One thread, the main worker's, runs everything here: the configuration is
 * followed, listeners are opened and closed, and readers (admin) run on the
 * same loop, so that nothing below needs a lock.
 */
#ifndef MESHTOP_PROXY_ENGINE_H
#define MESHTOP_PROXY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cluster/outlier.h"
#include "src/base/address.h"
#include "src/mesh/mesh.h"

struct access_log;
struct engine;
struct error;
struct loop;
struct problems;
struct requests;
struct sink;
struct stats_set;

struct engine_options {
	const char *dir;		/* the mesh directory */
	const char *admin;		/* "ADDR:PORT" for a TCP admin listener; NULL: none */
	const char *access_log;		/* file, "-" or ""; NULL: as the mesh says */
	int access_log_json;		/* 1 JSON, 0 text, -1 as the mesh says */
	unsigned workers;		/* 1 */
	bool has_seed;
	uint64_t seed;
};

/* Claims the address block, compiles the directory and opens the listeners.
 * NULL and err when the directory cannot be used at all; bad documents and
 * addresses in use are problems, not errors. */
struct engine *engine_open(const struct engine_options *options, struct error *err);
/* Serves until engine_stop() or the end of a drain. */
void engine_run(struct engine *e);
void engine_close(struct engine **ep);

/* Stops accepting, closes idle connections, says "connection: close" on
 * answers; engine_run() returns when the last exchange has ended or after
 * limit_ms.  A second call may only shorten the limit. */
void engine_drain(struct engine *e, uint64_t limit_ms);
void engine_stop(struct engine *e);		/* at once; from signal handlers too */

/* What the engine listens on, not the engine itself (Envoy's /drain_listeners):
 * closed now and for good; or gracefully: answers end their connections from now
 * on, and after 45 s, Istio's drainDuration, it is closed, unless stays; inbound and
 * outbound ones have their own 45 s. */
struct engine_listener_drain {
	bool inbound_only, is_graceful, stays;
};
void engine_drain_listeners(struct engine *e, const struct engine_listener_drain *how);

/* For the admin socket.  Everything borrowed is valid until the end of the
 * turn; mesh_get() keeps a mesh. */
struct loop *engine_loop(struct engine *e);
const struct mesh *engine_mesh(const struct engine *e);		/* never NULL */
const struct problems *engine_problems(const struct engine *e);	/* of the last reading */
const char *engine_state_path(const struct engine *e);		/* DIR/.meshtop */
struct stats_set *engine_stats(struct engine *e);
struct requests *engine_requests(struct engine *e);
uint64_t engine_uptime_ms(const struct engine *e);
int64_t engine_start_wall_ms(const struct engine *e);
bool engine_is_draining(const struct engine *e);
bool engine_is_live(const struct engine *e);	/* neither draining nor told to look so */
void engine_set_health(struct engine *e, bool is_healthy);
/* Figures of clusters and readings of stats_each_http() begin anew. */
void engine_reset_counters(struct engine *e);
unsigned engine_worker_count(const struct engine *e);
struct sink *engine_sink(struct engine *e, unsigned worker);
/* Around readings of what workers write without atomics (figures, requests,
 * access log): the other workers stand still between two turns.  Calls nest. */
void engine_pause_workers(struct engine *e);
void engine_resume_workers(struct engine *e);
/* Configurations taken over since the start; bad ones are not counted. */
uint64_t engine_generation(const struct engine *e);

enum listener_kind { LISTENER_SERVICE, LISTENER_INBOUND, LISTENER_EGRESS, LISTENER_GATEWAY };

struct engine_listener {
	enum listener_kind kind;
	struct address address;			/* with the port of the mesh */
	uint16_t bound_port;			/* differs where a privileged port is shown elsewhere */
	bool is_open;
	const char *error;			/* why it is not open; "" else */
	const struct mesh_service *service;	/* NULL for LISTENER_EGRESS, LISTENER_GATEWAY */
	const struct mesh_port *port;		/* of the service; NULL likewise */
	const struct mesh_instance *instance;	/* whose address it is; NULL for LISTENER_SERVICE */
	const struct mesh_workload *workload;	/* LISTENER_EGRESS: the program;
						 * LISTENER_GATEWAY: the gateway */
	unsigned connections;			/* open now */
};

/* Visits the caller of each request that an injected delay holds now; it may be
 * of an earlier mesh. */
void engine_each_delayed(struct engine *e,
			 void (*visit)(void *arg, const struct mesh_workload *caller), void *arg);

/* Visits every route of every worker that has been counted, see route_stats.h. */
struct route_stat;
void engine_each_route(struct engine *e, void (*visit)(void *arg, const struct route_stat *r),
		       void *arg);

size_t engine_listener_count(const struct engine *e);
void engine_listener_at(const struct engine *e, size_t index, struct engine_listener *out);

/* What one endpoint of a cluster does for one caller. */
struct engine_endpoint_figures {
	const struct mesh_endpoint *endpoint;
	unsigned active_connections, idle_connections, active_requests;
	uint64_t connections, connect_failures, requests, errors, timeouts; /* since the start */
	/* Outlier detection of this caller's proxy. */
	bool is_ejected;
	uint64_t ejected_until_ms;	/* of engine_uptime_ms(): the sweep that brings it back */
	uint64_t ejections;		/* since the start */
	uint32_t errors_in_a_row;	/* 5xx, as it counts */
};

/* What a cluster does for one caller's proxy, now and since the start. */
struct engine_cluster_figures {
	const struct mesh_instance *caller;
	const struct mesh_cluster *cluster;
	unsigned active_connections, active_requests, pending_requests;
	uint64_t connections, connect_failures, connect_timeouts, connections_closed;
	uint64_t requests, by_class[6];		/* by_class[2]: 2xx; [0]: no answer */
	uint64_t retries, timeouts, try_timeouts;
	uint64_t retry_successes, retry_exhaustions;	/* by another try; URX */
	uint64_t pendings;		/* requests that had to wait for a connection, or open one */
	/* Refused by limits (UO), waiting for a limit, retries not made. */
	uint64_t pending_overflows, connection_overflows, retry_overflows;
	unsigned active_retries;
	unsigned ejected;		/* endpoints, now */
	uint64_t ejections, ejection_overflows;	/* overflows: held back by maxEjectionPercent */
	struct outlier_ejections ejections_by[OUTLIER_CAUSES];
	bool is_panic;			/* so few are left that ejections are not looked at */
	uint64_t panics;		/* choices made so */
	const struct engine_endpoint_figures *endpoints;
	size_t endpoint_count;
};

/* Visits every caller and cluster that has been used under the present mesh,
 * in no order that means anything. */
void engine_each_cluster(struct engine *e,
			 void (*visit)(void *arg, const struct engine_cluster_figures *f),
			 void *arg);

#endif
