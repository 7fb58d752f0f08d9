/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sidecars: which one a workload's proxies obey, and what its egress lets
 * them see (spec/dataplane.md 1.6; istio/istio pilot/pkg/model/sidecar.go).
 *
 * A port has one egress listener: that of its number, else the one without a
 * port; without either nothing is seen there.  Destinations of rules that are
 * seen need not be seen themselves.
 */
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/compile.h"

/* The oldest of a namespace that selects the workload (NULL: none does), else
 * the oldest that selects nobody in particular; NULL: none. */
static const struct object *
best_in(const struct snapshot *s, const char *ns, const struct mesh_workload *selected)
{
	const struct object *best = NULL;
	unsigned best_rank = 0;
	size_t count;
	const struct object *const *list = snapshot_kind_in(s, KIND_SIDECAR, ns, &count);

	for (size_t i = 0; i < count; i++) {
		const struct value *labels = value_path(list[i]->spec, "workloadSelector.labels");
		unsigned rank = 1;

		if (labels != NULL && labels->count > 0)
			rank = selected != NULL && labels_match(selected->labels, labels) ? 2 : 0;
		if (rank > best_rank ||
		    (rank > 0 && rank == best_rank && list[i]->age_rank < best->age_rank)) {
			best = list[i];
			best_rank = rank;
		}
	}
	return best;
}

/* Of the workload, its namespace, the mesh; NULL: none. */
const struct object *
sidecar_of(const struct compile *c, const struct mesh_workload *w)
{
	const struct object *own = best_in(c->snapshot, w->ns, w);

	return own != NULL ? own : best_in(c->snapshot, c->mesh->settings.root_namespace, NULL);
}

bool
sidecar_allows_any(const struct compile *c, const struct object *sidecar)
{
	const char *mode = sidecar != NULL
		? value_text(value_path(sidecar->spec, "outboundTrafficPolicy.mode")) : NULL;

	if (mode == NULL)
		return c->mesh->settings.allow_any;
	return strcmp(mode, "REGISTRY_ONLY") != 0;
}

const struct value *
sidecar_egress(const struct object *sidecar)
{
	const struct value *egress = sidecar != NULL ? value_get(sidecar->spec, "egress") : NULL;

	return egress != NULL && egress->count > 0 ? egress : NULL;
}

void
sidecar_enter(struct view *v, uint16_t port)
{
	v->listener = NULL;
	VALUE_EACH(e, v->egress) {
		int64_t number = 0;

		value_to_int(value_get(value_get(e, "port"), "number"), &number);
		if (number == port) {
			v->listener = e;
			return;
		}
		if (number == 0)
			v->listener = e;
	}
}

/* The namespace part of "NS/HOST". */
static bool
is_of_namespace(const struct view *v, struct slice part, const char *ns)
{
	if (slice_is(part, "."))
		return strcmp(v->ns, ns) == 0;
	return slice_is(part, "*") || slice_is(part, ns);
}

/* covers: does the second host belong to the first? */
static bool
is_listed(const struct view *v, const char *ns, const char *host,
	  bool (*covers)(const char *pattern, const char *host))
{
	bool is_seen = false;

	VALUE_EACH(h, value_get(v->listener, "hosts")) {
		const char *text = value_text(h), *slash = text != NULL ? strchr(text, '/') : NULL;
		struct slice part = { text, slash != NULL ? (size_t)(slash - text) : 0 };
		bool excludes = part.len > 1 && text[0] == '~';
		char pattern[HOST_MAX_BYTES + 1];

		if (excludes) {
			part.ptr++;
			part.len--;
		}
		if (part.len == 0 || !is_of_namespace(v, part, ns) ||
		    !host_resolve_into(pattern, slash + 1, ns) || !covers(pattern, host))
			continue;
		if (excludes)
			return false;
		is_seen = true;
	}
	return is_seen;
}

bool
sidecar_shows_service(const struct view *v, const struct mesh_service *s)
{
	return v->egress == NULL || is_listed(v, s->ns, s->fqdn, host_matches);
}

/* By any of its hosts. */
static bool
shows_rule(const struct view *v, const struct object *vs)
{
	if (v->egress == NULL)
		return true;
	VALUE_EACH(h, value_get(vs->spec, "hosts")) {
		char host[HOST_MAX_BYTES + 1];

		if (value_text(h) != NULL && host_resolve_into(host, value_text(h), vs->ns) &&
		    is_listed(v, vs->ns, host, host_overlaps))
			return true;
	}
	return false;
}

enum reach
sidecar_reach(const struct view *v, const struct object *vs)
{
	enum reach reach = reach_of(vs, v->ns);

	return reach != REACH_NONE && shows_rule(v, vs) ? reach : REACH_NONE;
}
