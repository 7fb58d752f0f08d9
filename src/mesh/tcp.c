/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spec.tcp[]: all of its conditions are settled per caller and service port,
 * so that exactly one rule is left (spec/dataplane.md 5.1).  What spec.tls[]
 * shares with it stands here, too.
 */
#include "src/mesh/table.h"

/* The original destination is an address of the service. */
static bool
subnets_hold(const struct value *subnets, const struct mesh_port *p)
{
	struct subnet subnet;

	if (subnets == NULL || subnets->count == 0)
		return true;
	VALUE_EACH(v, subnets) {
		if (value_text(v) == NULL || !subnet_read(value_text(v), &subnet))
			continue;
		for (size_t i = 0; i < p->listen_count; i++)
			if (subnet_holds(&subnet, &p->listen[i]))
				return true;
	}
	return false;
}

static bool
rule_holds(const struct view *v, const struct value *tcp, const struct mesh_port *p)
{
	const struct value *matches = value_get(tcp, "match");

	if (matches == NULL || matches->count == 0)
		return true;
	VALUE_EACH(match, matches)
		if (static_match(v, match, p->number, false) &&
		    subnets_hold(value_get(match, "destinationSubnets"), p))
			return true;
	return false;
}

const struct tcp_rule *
compile_stream_rule(struct compile *c, struct view *v, const struct object *vs, size_t index,
		    const struct value *entry, uint16_t port)
{
	struct destination_context x = { .c = c, .v = v, .vs = vs, .port = port };
	struct tcp_rule *rule;
	void **place;

	buf_clear(&c->key);
	buf_append(&c->key, "tcp", 3);
	buf_append(&c->key, &entry, sizeof(entry));
	VALUE_EACH(route, value_get(entry, "route")) {
		const struct mesh_cluster *cluster = cluster_of_destination(
			c, v, value_get(route, "destination"), vs->ns, port);

		buf_append(&c->key, &cluster, sizeof(cluster));
	}
	place = compile_shared(c, c->key.data, c->key.len);
	if (*place != NULL)
		return *place;
	*place = rule = arena_alloc(c->arena, sizeof(*rule));
	rule->object = vs;
	rule->index = index;
	rule->destinations = compile_destinations(&x, value_get(entry, "route"), &rule->count,
						  &rule->total_weight);
	return rule;
}

const struct tcp_rule *
compile_tcp_rule(struct compile *c, struct view *v, const struct object *vs,
		 const struct mesh_port *p)
{
	size_t index = 0;

	v->rules_ns = vs->ns;
	VALUE_EACH(tcp, value_get(vs->spec, "tcp")) {
		if (rule_holds(v, tcp, p))
			return compile_stream_rule(c, v, vs, index, tcp, p->number);
		index++;
	}
	return NULL;
}

const struct tcp_rule *
compile_tcp_default(struct compile *c, const struct mesh_cluster *cluster)
{
	struct {
		const void *cluster;
		char what[8];
	} key = { cluster, "tcp" };
	void **place = compile_shared(c, &key, sizeof(key));
	struct tcp_rule *rule;

	if (*place != NULL)
		return *place;
	*place = rule = arena_alloc(c->arena, sizeof(*rule));
	rule->destinations = arena_alloc(c->arena, sizeof(*rule->destinations));
	rule->count = 1;
	rule->total_weight = 100;
	*rule->destinations = (struct route_destination){
		.cluster = cluster, .host = cluster->service->fqdn, .subset = cluster->subset,
		.port = cluster->port->number, .weight = 100 };
	return rule;
}
