/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PeerAuthentication that belongs to a wizard's DestinationRule. */
#include <string.h>

#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

const struct object *
peer_auth_before(const struct wizard_state *w)
{
	return w->peer_auth != NULL ? w->peer_auth
		: snapshot_find(w->mesh->snapshot, KIND_PEER_AUTH, w->service->ns,
				w->service->name);
}

const char *
peer_auth_name(const struct wizard_state *w)
{
	return w->peer_auth != NULL ? w->peer_auth->name : w->service->name;
}

struct value *
peer_auth_make(const struct wizard_state *w, struct arena *a, const char *label)
{
	const char *mode = value_text(value_path(w->advanced, "trafficPolicy.peerAuthentication"));
	const struct object *before = peer_auth_before(w);
	struct value *root, *spec, *mtls;

	if (mode == NULL)
		return NULL;
	if (before != NULL) {
		root = value_copy(a, before->root);
		document_label(a, root, label);
		spec = value_ensure_map(a, root, "spec");
	} else {
		root = document_new(a, KIND_PEER_AUTH, w->service->ns, w->service->name, label);
		spec = value_get(root, "spec");
		value_set_string(a, value_ensure_map(a, value_ensure_map(a, spec, "selector"),
						     "matchLabels"), w->app_label, w->app);
	}
	mtls = value_ensure_map(a, spec, "mtls");
	if (value_get_text(mtls, "mode") == NULL || strcmp(value_get_text(mtls, "mode"), mode) != 0)
		value_set_string(a, mtls, "mode", mode);
	return root;
}
