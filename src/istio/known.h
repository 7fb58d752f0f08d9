/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a snapshot holds, by the names that other objects say: hosts,
 * workloads by label, subsets, namespaces.  For the checks of references;
 * only the files of this folder include it.
 */
#ifndef MESHTOP_ISTIO_KNOWN_H
#define MESHTOP_ISTIO_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/strmap.h"
#include "src/istio/host.h"
#include "src/istio/host_index.h"
#include "src/istio/schema.h"

struct arena;
struct snapshot;

/* A Service or ServiceEntry of a host. */
struct known_host {
	const struct object *object;
	const struct known_host *next;
};

struct known_workload {
	const struct object *object;	/* Deployment, Pod or WorkloadEntry */
	const struct value *labels;	/* of the pods; NULL */
	bool has_proxy;
};

struct known_link {
	const struct known_workload *workload;
	const struct known_link *next;
};

/* DestinationRules of one host, in the snapshot's order. */
struct known_rule {
	const struct object *object;
	struct known_rule *next;
};

struct known {
	const struct snapshot *snapshot;
	struct arena *arena;
	struct host_index hosts;	/* struct known_host */
	struct host_index rules;	/* struct known_rule */
	struct strmap labels;		/* "NS/KEY=VALUE", "/KEY=VALUE" for all, "NS/": links */
	struct strmap subsets;		/* "HOST|SUBSET" that some DestinationRule defines */
	struct strmap used;		/* "HOST|SUBSET" that some VirtualService names */
	struct strmap namespaces;
	const char *root_ns;
	bool allows_any;		/* outboundTrafficPolicy */
	bool is_auto_mtls;		/* enableAutoMtls */
	/* Is there anything of the kind?  Documents may come without the mesh
	 * they are for: that a name is missing there says little. */
	bool has_services, has_gateways, has_namespaces;
};

/* What a name is one of. */
enum known_what { KNOWN_SERVICE, KNOWN_GATEWAY, KNOWN_NAMESPACE };

/* Borrows s. */
void known_init(struct known *k, const struct snapshot *s);
void known_fini(struct known *k);

/* fqdn as host_resolve() makes it.  NULL when nobody has it; wildcards of
 * ServiceEntries cover. */
const struct known_host *known_find_host(const struct known *k, const char *fqdn);
/* Does any DestinationRule of the host have the subset? */
bool known_subset(const struct known *k, const char *fqdn, const char *subset);
bool known_subset_is_used(const struct known *k, const char *fqdn, const char *subset);
/* Of a name that does not exist: an error, a warning where that says little. */
enum severity known_missing(const struct known *k, enum known_what what);
bool known_namespace(const struct known *k, const char *ns);
/* Is it exported to its own namespace only? */
bool known_is_private(const struct object *o);
/*
 * "a.b" is not completed to a service's whole name: a text that says so, to
 * follow a message, where such a service exists; else "".
 */
const char *known_hint(const struct known *k, const char *host, char out[2 * HOST_MAX_BYTES]);
bool known_port(const struct known_host *h, const char *number);
/*
 * Workloads in ns ("" for all namespaces) among which those are that have
 * all labels of selector: still to be filtered by labels_match().  With an
 * empty selector all of ns.
 */
const struct known_link *known_candidates(const struct known *k, const char *ns,
					  const struct value *selector);
bool known_any_workload(const struct known *k, const char *ns, const struct value *selector);

/* One kind's references; c is fresh for each object. */
void refer_virtual_services(const struct known *k, struct problems *out);
void refer_destination_rules(const struct known *k, struct problems *out);
void refer_mtls(const struct known *k, struct problems *out);
void refer_gateways(const struct known *k, struct problems *out);
void refer_service_entries(const struct known *k, struct problems *out);
void refer_services(const struct known *k, struct problems *out);
void refer_policies(const struct known *k, struct problems *out);
void refer_routes(const struct known *k, struct problems *out);
void refer_k8s_gateways(const struct known *k, struct problems *out);
void refer_grants(const struct known *k, struct problems *out);
/* What DestinationRules do to a destination of c's VirtualService (host is
 * known's) and to a list of routes; at is their path below spec. */
void refer_hidden(const struct known *k, struct checker *c, const struct known_host *known,
		  const char *fqdn, const struct value *destination, const char *at);
void refer_hashes(const struct known *k, struct checker *c, const struct value *routes,
		  const char *at);
/* Shared: KIA0005 and KIA0601. */
void refer_export_to(const struct known *k, struct checker *c);
bool port_name_is_known(const char *name);

/* A checker that stands at the spec of o. */
struct checker checker_at_spec(const struct object *o, struct problems *out);
void checker_fini(struct checker *c);

#endif
