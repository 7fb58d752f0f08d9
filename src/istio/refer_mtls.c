/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DestinationRules and PeerAuthentications of a namespace or of the mesh
 * that disagree about mutual TLS (Kiali's KIA0204 to 0208, 0505, 0506).
 * Automatic mutual TLS is on, as it is by default.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

enum tls_wish { TLS_SAYS_NOTHING, TLS_SAYS_OFF, TLS_SAYS_MUTUAL };

/* By namespace; the mesh's stands under "". */
struct wide {
	enum tls_wish rule;	/* of a DestinationRule *.NS.svc.cluster.local or *.local */
	const char *peer;	/* mode of a PeerAuthentication without selector; NULL */
};

struct view {
	const struct known *known;
	struct strmap map;
};

static struct wide *
wide_of(struct view *v, const char *ns)
{
	void **place = strmap_put(&v->map, slice_of(ns));

	if (*place == NULL)
		*place = xcalloc(1, sizeof(struct wide));
	return *place;
}

static enum tls_wish
wish_of(const struct object *o)
{
	const char *mode = member_text(member(member(o->spec, "trafficPolicy"), "tls"), "mode");

	if (mode == NULL)
		return TLS_SAYS_NOTHING;
	return strcmp(mode, "DISABLE") == 0 ? TLS_SAYS_OFF :
	       strcmp(mode, "ISTIO_MUTUAL") == 0 || strcmp(mode, "MUTUAL") == 0 ? TLS_SAYS_MUTUAL :
	       TLS_SAYS_NOTHING;
}

/* The namespace that *.NS.svc.cluster.local is for, "" for *.local and all
 * above; NULL for other hosts.  Lives in the arena. */
static const char *
area_of(const struct known *k, const struct object *o)
{
	const char *host = member_text(o->spec, "host");
	struct slice name, ns;
	char probe[HOST_MAX_BYTES + 1];

	if (host == NULL || host[0] != '*' || strlen(host) > HOST_MAX_BYTES)
		return NULL;
	if (strcmp(host, "*.local") == 0 || strcmp(host, "*") == 0 ||
	    strcmp(host, "*." HOST_CLUSTER_DOMAIN) == 0)
		return "";
	snprintf(probe, sizeof(probe), "x%s", host + 1);
	if (!host_split(probe, &name, &ns))
		return NULL;
	return arena_strndup(k->arena, ns.ptr, ns.len);
}

static bool
is_for_all(const struct object *o)
{
	const struct value *labels = member(member(o->spec, "selector"), "matchLabels");

	return labels == NULL || labels->count == 0;
}

static void
collect(struct view *v)
{
	const struct known *k = v->known;

	SNAPSHOT_EACH(o, k->snapshot, KIND_DESTINATION_RULE) {
		const char *area = area_of(k, o);

		if (area != NULL && wish_of(o) != TLS_SAYS_NOTHING)
			wide_of(v, area)->rule = wish_of(o);
	}
	SNAPSHOT_EACH(p, k->snapshot, KIND_PEER_AUTH)
		if (is_for_all(p))
			wide_of(v, strcmp(p->ns, k->root_ns) == 0 ? "" : p->ns)->peer =
				member_text(member(p->spec, "mtls"), "mode");
}

static bool
is_mode(const char *mode, const char *want)
{
	return mode != NULL && strcmp(mode, want) == 0;
}

static void
check_rule(struct view *v, const struct object *o, struct problems *out)
{
	const char *area = area_of(v->known, o);
	const struct wide *mesh = wide_of(v, ""), *own = wide_of(v, area != NULL ? area : o->ns);
	const struct value *policy = member(o->spec, "trafficPolicy");
	struct checker c = checker_at_spec(o, out);
	const struct value *mode = member(member(policy, "tls"), "mode");

	if (area != NULL && wish_of(o) == TLS_SAYS_OFF) {
		if (area[0] != '\0' && is_mode(own->peer, "STRICT"))
			complain(&c, mode, "trafficPolicy.tls.mode", "KIA0207", "callers are told to send "
				 "plain text, but the PeerAuthentication of %s is STRICT", area);
		else if (is_mode(mesh->peer, "STRICT") && !is_mode(own->peer, "DISABLE"))
			complain(&c, mode, "trafficPolicy.tls.mode", "KIA0208", "callers are told to send "
				 "plain text, but the PeerAuthentication of the mesh is STRICT");
	}
	if (area == NULL && member(policy, "tls") == NULL &&
	    (own->rule == TLS_SAYS_MUTUAL || mesh->rule == TLS_SAYS_MUTUAL))
		complain(&c, policy != NULL ? policy : member(o->spec, "host"), "trafficPolicy", "KIA0204",
			 "rules do not add up: the mutual TLS of the rule for the whole %s is not inherited; "
			 "set trafficPolicy.tls here, too", own->rule == TLS_SAYS_MUTUAL ? "namespace" : "mesh");
	checker_fini(&c);
}

static void
check_peer(struct view *v, const struct object *o, struct problems *out)
{
	const struct value *mode = member(member(o->spec, "mtls"), "mode");
	bool is_mesh = strcmp(o->ns, v->known->root_ns) == 0;
	const struct wide *mesh = wide_of(v, ""), *own = wide_of(v, is_mesh ? "" : o->ns);
	struct checker c;

	if (!is_for_all(o) || !is_mode(value_text(mode), "DISABLE"))
		return;
	c = checker_at_spec(o, out);
	if (is_mesh && mesh->rule == TLS_SAYS_MUTUAL)
		complain(&c, mode, "mtls", "KIA0506", "servers take plain text only, but a DestinationRule "
			 "for the mesh makes callers use mutual TLS");
	else if (!is_mesh && (own->rule == TLS_SAYS_MUTUAL ||
			      (mesh->rule == TLS_SAYS_MUTUAL && own->rule != TLS_SAYS_OFF)))
		complain(&c, mode, "mtls", "KIA0505", "servers take plain text only, but a DestinationRule "
			 "makes callers use mutual TLS");
	checker_fini(&c);
}

void
refer_mtls(const struct known *k, struct problems *out)
{
	struct view v = { k, STRMAP_INIT };

	collect(&v);
	SNAPSHOT_EACH(o, k->snapshot, KIND_DESTINATION_RULE)
		check_rule(&v, o, out);
	SNAPSHOT_EACH(p, k->snapshot, KIND_PEER_AUTH)
		check_peer(&v, p, out);
	for (size_t i = 0; v.map.slots != NULL && i <= v.map.mask; i++)
		free(v.map.slots[i].value);
	strmap_fini(&v.map);
}
