/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DestinationRules and PeerAuthentications of a namespace or of the mesh
 * that disagree about mutual TLS (Kiali's KIA0204 to 0208, 04xx, 05xx).
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

static bool
takes_mutual(const struct wide *w)
{
	return is_mode(w->peer, "STRICT") || is_mode(w->peer, "PERMISSIVE");
}

/* A rule for the mesh (area "") or a namespace against the policies there. */
static void
check_area(struct view *v, struct checker *c, const char *area)
{
	const struct wide *mesh = wide_of(v, ""), *own = wide_of(v, area);
	const struct value *mode = member(member(member(c->object->spec, "trafficPolicy"), "tls"), "mode");
	static const char below[] = "trafficPolicy.tls.mode";
	enum tls_wish wish = wish_of(c->object);

	if (wish == TLS_SAYS_OFF) {
		if (area[0] != '\0' && is_mode(own->peer, "STRICT"))
			complain(c, mode, below, "KIA0207", "callers are told to send plain text, but the "
				 "PeerAuthentication of %s is STRICT", area);
		else if (is_mode(mesh->peer, "STRICT") && !is_mode(own->peer, "DISABLE"))
			complain(c, mode, below, "KIA0208", "callers are told to send plain text, but the "
				 "PeerAuthentication of the mesh is STRICT");
	}
	if (v->known->is_auto_mtls || !is_mode(value_text(mode), "ISTIO_MUTUAL"))
		return;
	if (area[0] == '\0' && !takes_mutual(mesh))
		complain(c, mode, below, "KIA0205", "callers are told to use mutual TLS, but no "
			 "PeerAuthentication of the mesh takes it (enableAutoMtls is off)");
	else if (area[0] != '\0' && !takes_mutual(own) && !takes_mutual(mesh))
		complain(c, mode, below, "KIA0206", "callers are told to use mutual TLS, but no "
			 "PeerAuthentication of %s or of the mesh takes it (enableAutoMtls is off)", area);
}

/* Some trafficPolicy.tls, or that of a port. */
static bool
says_tls(const struct value *policy)
{
	if (member(policy, "tls") != NULL)
		return true;
	VALUE_EACH(p, member(policy, "portLevelSettings"))
		if (member(p, "tls") != NULL)
			return true;
	return false;
}

/* Another rule of the same host that asks for Istio's TLS. */
static bool
has_mutual_rival(const struct known *k, const struct object *o)
{
	const char *host = member_text(o->spec, "host");
	const struct known_rule *r = NULL;
	char fqdn[HOST_MAX_BYTES + 1];

	if (host != NULL && host[0] != '\0' && host_resolve_into(fqdn, host, o->ns))
		r = host_index_exact(&k->rules, slice_of(fqdn));
	for (size_t n = 0; r != NULL && n < 64; r = r->next, n++)
		if (r->object != o && wish_of(r->object) == TLS_SAYS_MUTUAL)
			return true;
	return false;
}

static void
check_rule(struct view *v, const struct object *o, struct problems *out)
{
	const char *area = area_of(v->known, o);
	const struct value *policy = member(o->spec, "trafficPolicy");
	struct checker c = checker_at_spec(o, out);
	const char *of = NULL;

	if (area != NULL) {
		check_area(v, &c, area);
	} else if (!says_tls(policy)) {
		of = wide_of(v, o->ns)->rule == TLS_SAYS_MUTUAL ? "whole namespace" :
		     wide_of(v, "")->rule == TLS_SAYS_MUTUAL ? "whole mesh" :
		     has_mutual_rival(v->known, o) ? "same host" : NULL;
		if (of != NULL)
			complain(&c, policy != NULL ? policy : member(o->spec, "host"), "trafficPolicy", "KIA0204",
				 "rules do not add up: the mutual TLS of the rule for the %s is not inherited; "
				 "set trafficPolicy.tls here, too", of);
	}
	checker_fini(&c);
}

/* A policy that takes mutual TLS only, while nobody makes callers use it. */
static void
check_strict(struct view *v, struct checker *c, const struct value *mode, const struct wide *own)
{
	const struct wide *mesh = wide_of(v, "");

	if (v->known->is_auto_mtls || own->rule == TLS_SAYS_MUTUAL || mesh->rule == TLS_SAYS_MUTUAL)
		return;
	complain(c, mode, "mtls", own == mesh ? "KIA0401" : "KIA0501", "servers take mutual TLS only, but no "
		 "DestinationRule %s makes callers use it (enableAutoMtls is off)",
		 own == mesh ? "for *.local" : "for this namespace or *.local");
}

static void
check_disabled(struct view *v, struct checker *c, const struct value *mode, const struct wide *own)
{
	const struct wide *mesh = wide_of(v, "");

	if (own == mesh && mesh->rule == TLS_SAYS_MUTUAL)
		complain(c, mode, "mtls", "KIA0506", "servers take plain text only, but a DestinationRule "
			 "for the mesh makes callers use mutual TLS");
	else if (own != mesh && (own->rule == TLS_SAYS_MUTUAL ||
				 (mesh->rule == TLS_SAYS_MUTUAL && own->rule != TLS_SAYS_OFF)))
		complain(c, mode, "mtls", "KIA0505", "servers take plain text only, but a DestinationRule "
			 "makes callers use mutual TLS");
}

static void
check_peer(struct view *v, const struct object *o, struct problems *out)
{
	const struct value *mode = member(member(o->spec, "mtls"), "mode");
	const struct wide *own = wide_of(v, strcmp(o->ns, v->known->root_ns) == 0 ? "" : o->ns);
	struct checker c;

	if (!is_for_all(o))
		return;
	c = checker_at_spec(o, out);
	if (is_mode(value_text(mode), "DISABLE"))
		check_disabled(v, &c, mode, own);
	else if (is_mode(value_text(mode), "STRICT"))
		check_strict(v, &c, mode, own);
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
