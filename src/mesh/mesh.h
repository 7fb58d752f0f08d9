/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compiled mesh: services, workloads, endpoints, clusters and routes of
 * one snapshot.  Immutable after mesh_compile(), shared by reference between
 * engine, wizards, explain and screens.
 *
 * All structs may be read directly and are never written by users.  Strings
 * and arrays live as long as the mesh.  Rules of resolution: spec/dataplane.md
 * section 2 (Istio pilot); of clusters: section 4.
 */
#ifndef MESHTOP_MESH_MESH_H
#define MESHTOP_MESH_MESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/slice.h"
#include "src/model/object.h"

struct addresses;
struct problems;
struct regex;
struct snapshot;
struct value;

enum port_protocol {			/* spec/dataplane.md 2.8 */
	PORT_SNIFFED, PORT_HTTP, PORT_HTTP2, PORT_GRPC, PORT_TCP, PORT_TLS, PORT_HTTPS,
};

struct mesh_port {
	uint16_t number;		/* the service's port */
	const char *name;
	enum port_protocol protocol;
	const char *target_name;	/* named targetPort, else NULL */
	uint16_t target_number;		/* 0 when named; else where endpoints serve */
	struct address *listen;		/* one per address of the service */
	size_t listen_count;
};

enum service_resolution { RESOLVE_STATIC, RESOLVE_DNS, RESOLVE_NONE };

/* Kubernetes' spec.trafficDistribution, or the annotation that stands for it. */
enum service_distribution { DISTRIBUTE_ANYWHERE, DISTRIBUTE_SAME_ZONE, DISTRIBUTE_SAME_NODE };

struct mesh_service {
	size_t index;
	const struct object *object;	/* Service or ServiceEntry */
	const char *ns, *name;		/* of the object */
	const char *fqdn;		/* NAME.NS.svc.cluster.local, or a ServiceEntry host */
	bool is_entry;			/* ServiceEntry */
	bool shares_tls;		/* an address and a port of TLS, with other entries */
	bool is_headless;
	enum service_resolution resolution;
	enum service_distribution distribution;
	struct mesh_port *ports;
	size_t port_count;
	const struct mesh_instance **instances;	/* selected, in order of name */
	size_t instance_count;
};

/* Where something runs; "" where that is not known. */
struct mesh_locality {
	const char *region, *zone, *sub_zone;
};

/* One running copy: a Pod, a pod of a Deployment or a WorkloadEntry. */
struct mesh_instance {
	size_t index;
	const char *ns, *name;		/* of the pod or entry */
	const struct mesh_workload *workload;
	const struct value *labels;
	struct address address;		/* port 0; unset: not (yet) addressed */
	/* The engine is its inbound proxy: it listens on address and forwards;
	 * when the workload has no proxy, bytes only, without any report.
	 * forward_unix_dir set: to the platform's socket
	 * FORWARD_UNIX_DIR/NAME.NS-PORT.sock; else forward_host is set. */
	bool is_proxied_inbound;
	const char *forward_unix_dir;
	struct address forward_host;	/* port 0: same port as dialled */
	const struct value *ports_map;	/* WorkloadEntry spec.ports: name -> number */
	unsigned weight;		/* WorkloadEntry spec.weight, 1 by default */
	struct mesh_locality locality;
	const char *node;		/* spec.nodeName; "" where that is not known */
};

/* A workload is what Kiali shows: all replicas of one Deployment or of equal
 * service.istio.io/workload-name.  A proxy in Istio's sense is one instance
 * of a workload; rules, clusters and metrics are the same for all of them. */
struct mesh_workload {
	size_t index;
	const struct object *object;	/* Deployment, Pod or WorkloadEntry */
	const char *ns, *name;
	const struct value *labels;	/* of the pods */
	const char *app, *version;	/* labels app, version; NULL when absent */
	const char *canonical_service, *canonical_revision;
	const char *service_account;
	const char *image;		/* first container's; NULL */
	bool has_proxy;			/* injected (design.md 3) */
	bool is_gateway;		/* annotation meshtop.io/role: gateway */
	unsigned trusted_proxies;	/* of a gateway: that stand before it and are believed */
	struct address egress;		/* annotation meshtop.io/egress; unset: none */
	unsigned desired;		/* replicas asked for */
	const struct mesh_instance **instances;
	size_t instance_count;
	const struct route_table *routes;	/* outbound view of its proxies (route.h);
						 * NULL without a proxy: no rule applies */
};

enum balancer { BALANCE_LEAST_REQUEST, BALANCE_ROUND_ROBIN, BALANCE_RANDOM,
		BALANCE_CONSISTENT_HASH, BALANCE_PASSTHROUGH };

#define MESH_UNLIMITED UINT32_MAX

struct mesh_keepalive {			/* of TCP; 0: the kernel's own */
	bool is_on;
	uint32_t probes, idle_s, interval_s;
};

/* Effective client-side policy of a cluster: defaults filled in. */
struct cluster_policy {
	enum balancer balancer;
	struct {			/* BALANCE_CONSISTENT_HASH */
		const char *header, *query, *cookie, *cookie_path;
		const struct value *cookie_attributes;	/* list of {name, value}; NULL */
		int64_t cookie_ttl_ms;	/* -1: never generated */
		bool source_ip, maglev;
		uint32_t ring_size;
	} hash;
	uint32_t max_connections, max_pending, max_requests, max_retries;
	uint32_t max_requests_per_connection;	/* 0: no limit */
	uint64_t connect_timeout_ms;	/* 10 s */
	uint64_t idle_timeout_ms;	/* 1 h; 0: off */
	uint64_t tcp_idle_timeout_ms;	/* 1 h; 0: off */
	uint64_t max_duration_ms;	/* 0: none */
	struct mesh_keepalive keepalive;
	struct {			/* localityLbSetting, the mesh's where there is none */
		bool is_on;
		const struct value *setting;	/* NULL: an empty one */
		const char *const *order;	/* instead, of trafficDistribution: labels as in
						 * failoverPriority, up to NULL; else NULL */
	} locality;
	struct {			/* slow start; of two balancers only */
		uint64_t duration_ms;	/* 0: off */
		double least, aggression;	/* share of the weight to begin with */
	} warmup;
	struct {			/* instead of max_retries */
		bool is_on;
		uint32_t min_concurrency;
		double percent;		/* of active and pending requests */
		uint64_t interval_ms;	/* also of those begun in it; 0: of none but these */
	} retry_budget;
	struct {
		bool is_on;
		bool splits_local;
		const struct value *error_codes;	/* list of statuses; NULL: 5xx */
		uint32_t consecutive_5xx, consecutive_gateway, consecutive_local;
		uint64_t interval_ms, base_ejection_ms;
		uint32_t max_ejection_percent, min_health_percent;
	} outlier;
	enum { TLS_UNSET, TLS_DISABLE, TLS_SIMPLE, TLS_MUTUAL, TLS_ISTIO_MUTUAL } tls;
	uint64_t hash_of_all;		/* equal settings, equal number */
};

struct mesh_endpoint {
	struct address address;		/* with port; 0.0.0.0 when host is set; unset
					 * where a reading program knows none yet */
	const struct mesh_instance *instance;	/* NULL: outside the mesh */
	const char *host;		/* to be resolved (RESOLVE_DNS); else NULL */
	const struct value *labels;	/* NULL: none */
	const struct mesh_locality *locality;	/* NULL: not known */
	unsigned weight;
};

/* One upstream cluster: direction outbound; the same for every caller except
 * that each caller's proxy has its own pools, limits and ejections. */
struct mesh_cluster {
	size_t index;
	const char *name;		/* "outbound|8000|v1|travels.travel-agency.svc.cluster.local" */
	const struct mesh_service *service;	/* NULL for PassthroughCluster, BlackHoleCluster */
	const struct mesh_port *port;
	const char *subset;		/* "" for none */
	const struct object *rule;	/* DestinationRule in force, NULL */
	struct cluster_policy policy;
	struct mesh_endpoint *endpoints;
	size_t endpoint_count;
	uint64_t identity;		/* hash of name + policy: state is kept while it is equal */
};

/* A port on which a workload's instance serves. */
struct mesh_inbound {
	uint16_t port;			/* of the instance */
	enum port_protocol protocol;
	const struct mesh_service *service;	/* first that selects it there; NULL: only
						 * a containerPort */
	const struct mesh_port *service_port;	/* NULL likewise */
};

/* MeshConfig (ConfigMap istio in istio-system) with defaults filled in. */
struct mesh_settings {
	const char *root_namespace, *trust_domain, *cluster_domain, *cluster_id;
	bool allow_any;				/* outboundTrafficPolicy */
	const struct value *locality;		/* localityLbSetting; NULL: the default */
	const struct value *keepalive;		/* tcpKeepalive; NULL: none */
	const struct value *retries;		/* defaultHttpRetryPolicy; NULL: Istio's */
	uint64_t connect_ms;			/* connectTimeout, 10 s */
	bool http10;				/* ISTIO_META_HTTP10 */
	bool adds_shadow_suffix;
	const char *access_log_file;		/* "" off */
	bool access_log_json;
	const char *access_log_format;		/* "" Istio's default */
	enum { NORMALIZE_NONE, NORMALIZE_BASE, NORMALIZE_MERGE, NORMALIZE_DECODE_MERGE } normalize;
	unsigned trusted_proxies;		/* gatewayTopology.numTrustedProxies */
	uint64_t downstream_idle_ms;		/* ISTIO_META_IDLE_TIMEOUT, 1 h */
	uint64_t request_head_ms;		/* MESHTOP_REQUEST_HEAD_TIMEOUT, 10 s */
	uint64_t request_body_idle_ms;		/* MESHTOP_REQUEST_BODY_IDLE_TIMEOUT, 60 s */
	const uint32_t *allowed_uids;
	size_t allowed_uid_count;		/* 0: everybody */
};

/* Are forwarding headers of the requests to its proxy believed? */
static inline bool
mesh_trusts_client(const struct mesh_workload *w)
{
	return !w->is_gateway || w->trusted_proxies > 0;
}

struct mesh {
	const struct snapshot *snapshot;	/* referenced */
	struct mesh_settings settings;
	struct mesh_service **services;		/* by namespace, name */
	size_t service_count;
	struct mesh_workload **workloads;	/* by namespace, name */
	size_t workload_count;
	struct mesh_instance **instances;
	size_t instance_count;
	/* All that any route may name.  Where callers choose different
	 * DestinationRules, there is one cluster per choice, all of one name. */
	struct mesh_cluster **clusters;
	size_t cluster_count;
	const struct mesh_cluster *passthrough;
	const struct mesh_cluster *black_hole;
	struct mesh_priv *priv;
};

/*
 * Never fails on a valid snapshot: what cannot be compiled is left out with
 * a problem row (MT1xxx, MT2xxx; problems may be NULL).  addresses gives
 * every service and pod its effective address (addresses.h); NULL leaves
 * what has none unaddressed.  run_dir is the folder of the platform's
 * sockets, for pods of known images (images.h).
 */
struct mesh *mesh_compile(struct snapshot *s, struct addresses *addresses,
			  const char *run_dir, struct problems *problems);
struct mesh *mesh_get(struct mesh *m);		/* atomic count */
void mesh_put(struct mesh **mp);

const struct mesh_service *mesh_find_service(const struct mesh *m, const char *ns,
					     const char *name);
const struct mesh_service *mesh_service_of_host(const struct mesh *m, const char *fqdn);
const struct mesh_workload *mesh_find_workload(const struct mesh *m, const char *ns,
					       const char *name);
/* The instance that owns a source address (its port does not matter). */
const struct mesh_instance *mesh_instance_of_address(const struct mesh *m,
						     const struct address *a);
/* The first of that name. */
const struct mesh_cluster *mesh_find_cluster(const struct mesh *m, const char *name);
/*
 * Nothing redirects connections here, so the original destination that a
 * ServiceEntry of resolution NONE (or DYNAMIC_DNS) means is the host that the
 * request or the ClientHello names.  True when the cluster is of such an
 * entry and the host one of its names.
 */
bool mesh_cluster_takes_host(const struct mesh_cluster *c, struct slice host);
/* Where the instances of a service's port serve, without rules and subsets:
 * for callers outside the mesh and for passthrough to a service's address. */
const struct mesh_endpoint *mesh_port_endpoints(const struct mesh *m,
						const struct mesh_service *s,
						const struct mesh_port *p, size_t *count);
/* By port; one row a port. */
const struct mesh_inbound *mesh_instance_inbound(const struct mesh *m,
						 const struct mesh_instance *i,
						 size_t *count);
static inline bool
port_speaks_http(enum port_protocol p)
{
	return p == PORT_HTTP || p == PORT_HTTP2 || p == PORT_GRPC;
}
static inline bool
port_speaks_tls(enum port_protocol p)
{
	return p == PORT_TLS || p == PORT_HTTPS;
}
const struct mesh_port *mesh_service_port(const struct mesh_service *s, uint16_t number);
/* Workloads whose instances the service selects, in order of name. */
size_t mesh_service_workloads(const struct mesh_service *s,
			      const struct mesh_workload **out, size_t max);
/* Mode that PeerAuthentication gives to a workload's port (spec 1.5). */
enum mtls_mode { MTLS_PERMISSIVE, MTLS_STRICT, MTLS_DISABLE };
enum mtls_mode mesh_mtls_mode(const struct mesh *m, const struct mesh_workload *w,
			      uint16_t port);
/* Is the caller refused?  Its DestinationRule says DISABLE, the endpoint's
 * PeerAuthentication STRICT. */
bool mesh_mtls_refuses(const struct mesh *m, const struct cluster_policy *p,
		       const struct mesh_endpoint *endpoint);

#endif
