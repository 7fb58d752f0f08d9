/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which mTLS mode PeerAuthentication gives to a workload's port
 * (spec/dataplane.md 1.5): mesh, namespace, workload, port; in each level
 * the oldest object counts.
 */
#include <stdio.h>
#include <string.h>

#include "src/mesh/compile.h"

void
compile_peer_auths(struct compile *c)
{
	size_t count = 0;
	const struct object *const *all = snapshot_kind(c->snapshot, KIND_PEER_AUTH, &count);

	if (count == 0)
		return;
	c->priv->peer_auths = compile_keep(c, all, count);
	c->priv->peer_auth_count = count;
	sort_by_age(c->priv->peer_auths, count);
}

/* False for UNSET and for what is no mode: the level above counts. */
static bool
read_mode(const struct value *mtls, enum mtls_mode *out)
{
	const char *text = value_get_text(mtls, "mode");

	if (text == NULL)
		return false;
	if (strcmp(text, "PERMISSIVE") == 0)
		*out = MTLS_PERMISSIVE;
	else if (strcmp(text, "STRICT") == 0)
		*out = MTLS_STRICT;
	else if (strcmp(text, "DISABLE") == 0)
		*out = MTLS_DISABLE;
	else
		return false;
	return true;
}

static const struct value *
selector_of(const struct object *o)
{
	const struct value *labels = value_path(o->spec, "selector.matchLabels");

	return labels != NULL && labels->count > 0 ? labels : NULL;
}

/* The oldest of the namespace without selector (w NULL), or that selects w. */
static const struct object *
oldest(const struct mesh *m, const char *ns, const struct mesh_workload *w)
{
	for (size_t i = 0; i < m->priv->peer_auth_count; i++) {
		const struct object *o = m->priv->peer_auths[i];
		const struct value *selector = selector_of(o);

		if (strcmp(o->ns, ns) != 0 || (selector != NULL) != (w != NULL))
			continue;
		if (w == NULL || labels_match(w->labels, selector))
			return o;
	}
	return NULL;
}

enum mtls_mode
mesh_mtls_mode(const struct mesh *m, const struct mesh_workload *w, uint16_t port)
{
	const char *root = m->settings.root_namespace;
	const struct object *of_mesh = oldest(m, root, NULL);
	const struct object *of_ns = strcmp(w->ns, root) != 0 ? oldest(m, w->ns, NULL) : NULL;
	const struct object *of_workload = oldest(m, w->ns, w);
	enum mtls_mode mode = MTLS_PERMISSIVE;
	char key[8];

	if (of_mesh != NULL)
		read_mode(value_get(of_mesh->spec, "mtls"), &mode);
	if (of_ns != NULL)
		read_mode(value_get(of_ns->spec, "mtls"), &mode);
	if (of_workload != NULL) {
		read_mode(value_get(of_workload->spec, "mtls"), &mode);
		snprintf(key, sizeof(key), "%u", port);
		read_mode(value_get(value_get(of_workload->spec, "portLevelMtls"), key), &mode);
	}
	return mode;
}

bool
mesh_mtls_refuses(const struct mesh *m, const struct cluster_policy *p,
		  const struct mesh_endpoint *endpoint)
{
	return p->tls == TLS_DISABLE && endpoint->instance != NULL &&
	       endpoint->instance->workload->has_proxy &&
	       mesh_mtls_mode(m, endpoint->instance->workload,
			      address_port(&endpoint->address)) == MTLS_STRICT;
}
