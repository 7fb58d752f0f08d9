/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels of Istio's standard metrics (spec/dataplane.md 7; istio/proxy's
 * istio_stats filter).  Runs once for each new series.
 */
#include <stdio.h>
#include <string.h>

#include "proxy/telemetry/record.h"
#include "proxy/telemetry/stats_priv.h"
#include "src/model/response_flags.h"

#define HOST_MAX_BYTES 253

/* Where the two parties of an exchange stand among the labels. */
static const struct party {
	enum metric_label workload, ns, canonical_service, canonical_revision, principal, app,
		version, cluster;
} parties[] = {
	{ LABEL_SOURCE_WORKLOAD, LABEL_SOURCE_WORKLOAD_NAMESPACE, LABEL_SOURCE_CANONICAL_SERVICE,
	  LABEL_SOURCE_CANONICAL_REVISION, LABEL_SOURCE_PRINCIPAL, LABEL_SOURCE_APP,
	  LABEL_SOURCE_VERSION, LABEL_SOURCE_CLUSTER },
	{ LABEL_DESTINATION_WORKLOAD, LABEL_DESTINATION_WORKLOAD_NAMESPACE,
	  LABEL_DESTINATION_CANONICAL_SERVICE, LABEL_DESTINATION_CANONICAL_REVISION,
	  LABEL_DESTINATION_PRINCIPAL, LABEL_DESTINATION_APP, LABEL_DESTINATION_VERSION,
	  LABEL_DESTINATION_CLUSTER },
};

static void
put(struct stats_set *set, struct series_key *key, enum metric_label l, const char *text)
{
	if (text == NULL)
		text = "unknown";
	key->labels[l] = stats_intern(set, text, strlen(text));
}

static void
put_principal(struct stats_set *set, struct series_key *key, enum metric_label l,
	      const struct mesh_workload *w)
{
	char text[700];

	snprintf(text, sizeof(text), "spiffe://%s/ns/%s/sa/%s", set->trust_domain, w->ns,
		 w->service_account != NULL ? w->service_account : "default");
	put(set, key, l, text);
}

static void
put_unknown_party(struct stats_set *set, struct series_key *key, const struct party *p)
{
	const enum metric_label all[] = { p->workload, p->ns, p->canonical_service,
		p->canonical_revision, p->principal, p->app, p->version, p->cluster };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		put(set, key, all[i], NULL);
}

/* absent: what an app or version label that is not there reads as; a proxy
 * leaves its own empty and calls the other side's unknown. */
static void
put_party(struct stats_set *set, struct series_key *key, const struct party *p,
	  const struct mesh_workload *w, const char *absent, bool is_mutual_tls)
{
	put(set, key, p->workload, w->name);
	put(set, key, p->ns, w->ns);
	put(set, key, p->canonical_service,
	    w->canonical_service != NULL ? w->canonical_service : w->name);
	put(set, key, p->canonical_revision,
	    w->canonical_revision != NULL ? w->canonical_revision : "latest");
	put(set, key, p->app, w->app != NULL ? w->app : absent);
	put(set, key, p->version, w->version != NULL ? w->version : absent);
	put(set, key, p->cluster, set->cluster_id);
	if (is_mutual_tls)
		put_principal(set, key, p->principal, w);
	else
		put(set, key, p->principal, NULL);
}

/* A caller without a proxy tells nobody who it is. */
static const struct mesh_workload *
peer_workload(const struct record *r)
{
	if (r->peer == NULL || (r->side == SIDE_INBOUND && !r->peer->workload->has_proxy))
		return NULL;
	return r->peer->workload;
}

static void
put_parties(struct stats_set *set, const struct record *r, struct series_key *key)
{
	const struct party *own = &parties[r->side == SIDE_OUTBOUND ? 0 : 1];
	const struct party *other = &parties[r->side == SIDE_OUTBOUND ? 1 : 0];
	const struct mesh_workload *peer = peer_workload(r);

	put_party(set, key, own, r->self, "", r->is_mutual_tls);
	if (peer != NULL)
		put_party(set, key, other, peer, "unknown", r->is_mutual_tls);
	else
		put_unknown_party(set, key, other);
}

/* The Host field as a label, as long as there are not too many of them:
 * clients choose it. */
static const char *
host_text(struct stats_set *set, const struct record *r)
{
	struct label_text *host;

	if (r->authority.len == 0 || r->authority.len > HOST_MAX_BYTES)
		return NULL;
	HASH_FIND(hh, set->hosts, r->authority.ptr, r->authority.len, host);
	if (host != NULL)
		return host->text;
	if (set->host_count >= STATS_MAX_HOSTS)
		return NULL;
	host = xcalloc(1, sizeof(*host) + r->authority.len + 1);
	memcpy(host->text, r->authority.ptr, r->authority.len);
	HASH_ADD_KEYPTR(hh, set->hosts, host->text, r->authority.len, host);
	set->host_count++;
	return host->text;
}

/* Names of the clusters that stand for no service. */
static const char *
target_name(const struct record *r)
{
	if (r->target == TARGET_BLACK_HOLE)
		return "BlackHoleCluster";
	if (r->target == TARGET_PASSTHROUGH)
		return r->side == SIDE_OUTBOUND ? "PassthroughCluster"
						: "InboundPassthroughCluster";
	return NULL;
}

static void
put_service(struct stats_set *set, const struct record *r, struct series_key *key)
{
	const struct mesh_service *service = r->service;
	const struct mesh_workload *destination =
		r->side == SIDE_INBOUND ? r->self : peer_workload(r);
	const char *special = target_name(r), *host;

	if (service == NULL && r->cluster != NULL)
		service = r->cluster->service;
	if (service != NULL && special == NULL) {
		put(set, key, LABEL_DESTINATION_SERVICE, service->fqdn);
		/* A ServiceEntry's service is called by its host. */
		put(set, key, LABEL_DESTINATION_SERVICE_NAME,
		    service->is_entry ? service->fqdn : service->name);
	} else {
		host = host_text(set, r);
		put(set, key, LABEL_DESTINATION_SERVICE, host);
		put(set, key, LABEL_DESTINATION_SERVICE_NAME, special != NULL ? special : host);
	}
	put(set, key, LABEL_DESTINATION_SERVICE_NAMESPACE,
	    destination != NULL ? destination->ns : NULL);
}

static const char *
protocol_text(const struct record *r)
{
	static const char *const names[] = {
		[RECORD_HTTP] = "http", [RECORD_GRPC] = "grpc", [RECORD_TCP] = "tcp",
	};

	return names[r->protocol];
}

static void
put_outcome(struct stats_set *set, const struct record *r, struct series_key *key)
{
	char flags[RESPONSE_FLAGS_BYTES], code[16] = "", grpc[16] = "";

	if (r->protocol != RECORD_TCP) {
		snprintf(code, sizeof(code), "%u", r->status);
		if (r->grpc_status >= 0)
			snprintf(grpc, sizeof(grpc), "%d", r->grpc_status);
	}
	put(set, key, LABEL_RESPONSE_CODE, code);
	put(set, key, LABEL_GRPC_RESPONSE_STATUS, grpc);
	response_flags_text(r->flags, flags);
	put(set, key, LABEL_RESPONSE_FLAGS, flags);
	/* The source cannot tell, says Istio. */
	if (r->side == SIDE_OUTBOUND)
		put(set, key, LABEL_CONNECTION_SECURITY_POLICY, NULL);
	else
		put(set, key, LABEL_CONNECTION_SECURITY_POLICY,
		    r->is_mutual_tls ? "mutual_tls" : "none");
}

static void
begin(struct stats_set *set, const struct record *r, struct series_key *key)
{
	memset(key, 0, sizeof(*key));
	key->is_tcp = r->protocol == RECORD_TCP;
	key->is_mirrored = r->is_mirrored;
	put(set, key, LABEL_REPORTER, r->side == SIDE_OUTBOUND ? "source" : "destination");
	put(set, key, LABEL_REQUEST_PROTOCOL, protocol_text(r));
}

void
stats_labels(struct stats_set *set, const struct record *r, struct series_key *key)
{
	begin(set, r, key);
	put_parties(set, r, key);
	put_service(set, r, key);
	put_outcome(set, r, key);
}

void
stats_labels_overflow(struct stats_set *set, const struct record *r, struct series_key *key)
{
	begin(set, r, key);
	for (unsigned l = 0; l < LABEL_COUNT; l++)
		if (key->labels[l] == NULL)
			put(set, key, l, key->is_tcp && !metric_label_on_tcp(l) ? "" : NULL);
}
