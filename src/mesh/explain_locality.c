/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities and weights of localities in answers of explain. */
#include "src/mesh/explain_priv.h"

#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"
#include "src/mesh/spread.h"

static void
put_group(struct json_writer *w, const struct mesh_cluster *c, const struct mesh_spread *s,
	  const struct spread_group *g)
{
	json_open(w, NULL, '{');
	json_string(w, "region", g->locality->region);
	json_string(w, "zone", g->locality->zone);
	json_string(w, "subZone", g->locality->sub_zone);
	if (s->is_weighted)
		json_uint(w, "weight", g->weight);
	else
		json_null(w, "weight");
	json_open(w, "endpoints", '[');
	for (size_t k = 0; k < g->count; k++) {
		char address[ADDRESS_TEXT_BYTES];

		address_text(&c->endpoints[s->members[g->first + k]].address, address);
		json_string(w, NULL, address);
	}
	json_close(w, ']');
	json_close(w, '}');
}

void
explain_put_localities(struct json_writer *w, const struct mesh *m,
		       const struct mesh_workload *from, const struct route_destination *d)
{
	const struct mesh_cluster *c = d != NULL ? d->cluster : NULL;
	const struct mesh_instance *caller = from->instance_count > 0 ? from->instances[0] : NULL;
	struct mesh_spread *s = c != NULL ? spread_new(m, c, caller) : NULL;

	if (s == NULL) {
		json_null(w, "localities");
		return;
	}
	json_open(w, "localities", '[');
	for (unsigned p = 0; p < s->priority_count; p++) {
		json_open(w, NULL, '{');
		json_uint(w, "priority", p);
		json_open(w, "localities", '[');
		for (size_t i = 0; i < s->group_count; i++)
			if (s->groups[i].priority == p)
				put_group(w, c, s, &s->groups[i]);
		json_close(w, ']');
		json_close(w, '}');
	}
	json_close(w, ']');
	spread_free(&s);
}

void
explain_put_localities_text(const struct value *priorities, struct buf *out)
{
	VALUE_EACH(p, priorities) {
		VALUE_EACH(l, value_get(p, "localities")) {
			const char *weight = value_get_text(l, "weight");
			size_t count = value_get(l, "endpoints")->count;

			buf_printf(out, "locality priority %s, %s/%s/%s%s%s: %zu endpoint%s\n",
				   value_get_text(p, "priority"), value_get_text(l, "region"),
				   value_get_text(l, "zone"), value_get_text(l, "subZone"),
				   weight != NULL ? ", weight " : "", weight != NULL ? weight : "",
				   count, count == 1 ? "" : "s");
		}
	}
}
