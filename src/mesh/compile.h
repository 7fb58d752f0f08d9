/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of this folder share while a mesh is compiled.  Nobody
 * outside includes it.
 */
#ifndef MESHTOP_MESH_COMPILE_H
#define MESHTOP_MESH_COMPILE_H

#include <stdatomic.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/codes.h"
#include "src/istio/host_index.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"

struct http_rules;
struct regex;
struct tcp_rule;

/* Members of a map; nothing for a value of another kind, whose children have
 * no keys. */
#define MEMBER_EACH(child, map) VALUE_EACH(child, value_is_map(map) ? (map) : NULL)

struct endpoint_list {			/* of a service's port */
	struct mesh_endpoint *items;
	size_t count;
};

/* Services of one host: a name may stand in several ServiceEntries. */
struct host_services {
	const struct mesh_service *service;
	struct host_services *next;
	/* Copies, so that a lookup needs not touch the service. */
	uint32_t first_slot, port_count;
	uint16_t first_number;		/* of its first port; 0: none */
};

struct service_priv {
	uint32_t first_slot;			/* of its ports, in tables by slot */
	const struct endpoint_list **endpoints;	/* by port */
	const struct value *export_to;		/* list, or NULL */
	const char *export_text;		/* Service's annotation, or NULL */
	const struct mesh_service *alias_of;	/* what an ExternalName leads to; NULL */
};

struct inbound_list {
	struct mesh_inbound *items;
	size_t count;
};

struct mesh_priv {
	atomic_uint refs;
	struct arena *arena;
	struct host_index hosts;	/* lower case -> struct host_services */
	struct strmap services;		/* NS/NAME -> struct mesh_service */
	struct strmap workloads;	/* NS/NAME -> struct mesh_workload */
	struct strmap instances;	/* address bytes -> struct mesh_instance */
	struct strmap clusters;		/* name -> struct mesh_cluster */
	struct service_priv *service_privs;	/* by service index */
	struct inbound_list *inbounds;	/* by instance index */
	size_t slot_count;		/* ports of all services */
	VEC(struct regex *) regexes;
	VEC(struct strmap *) maps;	/* of tables and rules, to be freed */
	const struct object **peer_auths;	/* oldest first */
	size_t peer_auth_count;
	bool has_headless;
	unsigned host_labels;		/* bit n: some host has n labels; 3: or more */
};

/* DestinationRules of one host in one namespace, as one (spec 2.4). */
struct dr_subset {
	const char *name;
	const struct value *labels, *policy;
};

struct dr_group {
	const struct object *object;	/* the oldest */
	const struct value *policy;	/* top-level trafficPolicy; NULL */
	struct dr_subset *subsets;
	size_t subset_count;
};

/* What one class of callers sees; callers that cannot be told apart by any
 * rule share it. */
struct view {
	const char *ns;
	const struct value *labels;
	const struct dr_group **groups;	/* by service index; &dr_unknown: not looked up */
	const struct object *gateway;	/* whose rules are being compiled; NULL: mesh */
	const char *rules_ns;		/* of the VirtualService being compiled */
	const struct value *egress;	/* of its Sidecar; NULL: it sees everything */
	const struct value *listener;	/* of egress, for the port being compiled; NULL:
					 * nothing is seen there */
};

struct object_list {
	VEC(const struct object *) items;
};

struct compile {
	struct mesh *mesh;
	struct mesh_priv *priv;
	struct arena *arena;		/* the mesh's */
	struct arena *scratch;		/* dies with the compilation */
	struct snapshot *snapshot;
	struct addresses *addresses;	/* may be NULL */
	const char *run_dir;
	struct problems *problems;	/* may be NULL */
	struct strmap shared;		/* equal things made once; keys in scratch */
	struct strmap labelled;		/* NS/KEY=VALUE -> struct instance_list */
	struct strmap rules_by_ns;	/* NS -> struct host_index of object_list (DR) */
	struct host_index mesh_routes;	/* host -> object_list (VS), oldest first */
	struct strmap regexes;		/* pattern -> struct regex */
	struct buf key;			/* for compile_shared() */
	VEC(const struct object *) virtual_services;	/* of sidecars, oldest first */
	VEC(const struct object *) tls_services;	/* those with spec.tls */
	VEC(const struct value *) selectors;	/* that tell callers apart */
	VEC(struct object_list *) lists;	/* to be freed */
	VEC(struct host_index *) indexes;	/* to be freed */
	VEC(struct mesh_service *) services;
	VEC(struct host_services *) host_services;
	VEC(struct mesh_workload *) workloads;
	VEC(struct mesh_instance *) instances;
	VEC(struct mesh_cluster *) clusters;
};

/* compile.c */
void compile_problem(struct compile *c, const char *code, const struct object *o,
		     const struct value *at, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Place of the shared thing with these key bytes, NULL at first. */
void **compile_shared(struct compile *c, const void *key, size_t len);
/* An array of pointers, copied into the mesh's arena. */
void *compile_keep(struct compile *c, const void *pointers, size_t count);
/* Place of the list under a host. */
struct object_list *compile_list(struct compile *c, void **place);
/* NULL with a problem when the pattern is bad. */
const struct regex *compile_regex(struct compile *c, const struct object *o,
				  const struct value *at, const char *path);
/* Is what o exports seen in ns?  list is its exportTo, NULL = everywhere. */
bool exports_to(const struct value *list, const char *own_ns, const char *ns);
/* How near a VirtualService is to a namespace: Istio looks at private ones first, then at
 * those exported to it by name, then at public ones, each oldest first. */
enum reach { REACH_PRIVATE, REACH_NAMED, REACH_PUBLIC, REACH_NONE };
enum reach reach_of(const struct object *vs, const char *ns);
void sort_by_age(const struct object **list, size_t count);	/* oldest first */
bool list_has(const struct value *list, const char *text);
/* Key "A/B" for the maps of names; lives in a. */
struct slice name_key(struct arena *a, const char *ns, const char *name);

/* settings.c */
void compile_settings(struct compile *c);
/* Of a gateway whose annotation proxy.istio.io/config says so (may be NULL). */
unsigned compile_trusted_proxies(struct compile *c, const char *proxy_config);

/* workload.c: workloads and instances */
void compile_workloads(struct compile *c);

struct instance_list {
	VEC(const struct mesh_instance *) items;
};

/* service.c: services, their addresses, instances and endpoints */
void compile_services(struct compile *c);
bool service_is_visible(const struct mesh *m, const struct mesh_service *s, const char *ns);

/* locality.c */
enum service_distribution distribution_of(struct compile *c, const struct object *service);
/* REGION/ZONE/SUB_ZONE, or with dots instead of slashes. */
void locality_read(struct compile *c, struct mesh_locality *out, const char *text);
/* By its labels, by what is given (may be NULL), by the node it runs on. */
void locality_of_instance(struct compile *c, struct mesh_instance *i, const char *given,
			  const struct value *pod);

/* endpoint.c */
/* The port of what an ExternalName leads to, which *s becomes; p itself where
 * that has none, or *s is no such name. */
const struct mesh_port *service_behind(const struct compile *c, const struct mesh_service **s,
				       const struct mesh_port *p);
void compile_endpoints(struct compile *c, struct mesh_service *s, struct service_priv *sp);
void compile_inbounds(struct compile *c);

/* destination_rule.c: which DestinationRule a caller obeys */
void compile_destination_rules(struct compile *c);
extern const struct dr_group dr_unknown;
const struct dr_group *dr_choose(struct compile *c, struct view *v,
				 const struct mesh_service *s);

/* sidecar.c */
const struct object *sidecar_of(const struct compile *c, const struct mesh_workload *w);
bool sidecar_allows_any(const struct compile *c, const struct object *sidecar);
const struct value *sidecar_egress(const struct object *sidecar);
/* From now on the view is of this port. */
void sidecar_enter(struct view *v, uint16_t port);
bool sidecar_shows_service(const struct view *v, const struct mesh_service *s);
/* reach_of() for what the view's proxies see. */
enum reach sidecar_reach(const struct view *v, const struct object *vs);

/* policy.c */
void policy_defaults(struct cluster_policy *p);
void policy_compile(struct cluster_policy *p, const struct mesh_settings *settings,
		    const struct value *top, const struct value *subset,
		    const struct mesh_service *s, uint16_t port);

/* cluster.c */
void compile_fixed_clusters(struct compile *c);
const struct mesh_cluster *cluster_of_port(struct compile *c, struct view *v,
					   const struct mesh_service *s,
					   const struct mesh_port *p, const char *subset);
/* destination: {host, subset, port}, of an object in ns; NULL when unknown. */
const struct mesh_cluster *cluster_of_destination(struct compile *c, struct view *v,
						  const struct value *destination,
						  const char *ns, uint16_t dialled);

/* mtls.c */
void compile_peer_auths(struct compile *c);

#endif
