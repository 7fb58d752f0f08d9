/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spec.tcp[]: all of its conditions are settled per caller and service port,
 * so that exactly one rule is left (spec/dataplane.md 5.1).
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "src/mesh/table.h"

/* Does "10.0.0.0/8" or "10.1.2.3" hold the address? */
static bool
subnet_holds(const char *subnet, const struct address *a)
{
	const char *slash = strchr(subnet, '/');
	char host[INET6_ADDRSTRLEN];
	size_t len = slash != NULL ? (size_t)(slash - subnet) : strlen(subnet);
	struct address net;
	const unsigned char *x, *y;
	unsigned bits, size;

	if (len >= sizeof(host))
		return false;
	memcpy(host, subnet, len);
	host[len] = '\0';
	if (address_parse_host(&net, host, 0, NULL) < 0 ||
	    net.sa.sa_family != a->sa.sa_family)
		return false;
	x = net.sa.sa_family == AF_INET ? (const unsigned char *)&net.in.sin_addr
					: (const unsigned char *)&net.in6.sin6_addr;
	y = a->sa.sa_family == AF_INET ? (const unsigned char *)&a->in.sin_addr
				       : (const unsigned char *)&a->in6.sin6_addr;
	size = net.sa.sa_family == AF_INET ? 32 : 128;
	bits = slash != NULL ? (unsigned)strtoul(slash + 1, NULL, 10) : size;
	if (bits > size || memcmp(x, y, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || (x[bits / 8] ^ y[bits / 8]) >> (8 - bits % 8) == 0;
}

/* The original destination is an address of the service. */
static bool
subnets_hold(const struct value *subnets, const struct mesh_port *p)
{
	if (subnets == NULL || subnets->count == 0)
		return true;
	VALUE_EACH(v, subnets)
		for (size_t i = 0; i < p->listen_count; i++)
			if (value_text(v) != NULL && subnet_holds(value_text(v), &p->listen[i]))
				return true;
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

static const struct tcp_rule *
rule_of(struct compile *c, struct view *v, const struct object *vs, size_t index,
	const struct value *tcp, uint16_t port)
{
	struct destination_context x = { .c = c, .v = v, .vs = vs, .port = port };
	struct tcp_rule *rule;
	void **place;

	buf_clear(&c->key);
	buf_append(&c->key, "tcp", 3);
	buf_append(&c->key, &tcp, sizeof(tcp));
	VALUE_EACH(route, value_get(tcp, "route")) {
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
	rule->destinations = compile_destinations(&x, value_get(tcp, "route"), &rule->count,
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
			return rule_of(c, v, vs, index, tcp, p->number);
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
		.cluster = cluster, .host = cluster->service->fqdn, .subset = "",
		.port = cluster->port->number, .weight = 100 };
	return rule;
}
