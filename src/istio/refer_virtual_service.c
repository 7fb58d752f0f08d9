/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What VirtualServices name: gateways, hosts, subsets, ports; and hosts that
 * several of them claim (Kiali's KIA11xx).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

#define TWINS_MAX 200		/* destinations of one route that are compared by pairs */

/* What a destination is for decides what is said of it. */
struct use {
	const char *host_code, *subset_code;
	enum severity host_severity;
	const char *result;
};

static void
check_destination(const struct known *k, struct checker *c, const struct value *d, const char *at,
		  const struct use *use)
{
	const char *host = member_text(d, "host"), *subset = member_text(d, "subset");
	const char *port = member_text(member(d, "port"), "number");
	char fqdn[HOST_MAX_BYTES + 1], below[128], hint[2 * HOST_MAX_BYTES];
	const struct known_host *known;

	if (host == NULL || host[0] == '\0' || strcmp(host, "*") == 0 ||
	    !host_resolve_into(fqdn, host, c->object->ns))
		return;
	known = known_find_host(k, fqdn);
	if (known == NULL) {
		snprintf(below, sizeof(below), "%s.host", at);
		complain_as(c, use->host_severity, member(d, "host"), below, use->host_code,
			    "no service and no ServiceEntry has the host %.100s%s%s", fqdn, use->result,
			    known_hint(k, host, hint));
	} else if (port != NULL && fqdn[0] != '*' && !known_port(known, port)) {
		snprintf(below, sizeof(below), "%s.port.number", at);
		complain(c, member(member(d, "port"), "number"), below, "MT1013",
			 "%.100s has no port %.20s%s", fqdn, port, use->result);
	}
	if (subset == NULL || subset[0] == '\0')
		return;
	if (!known_subset(k, fqdn, subset))
		complain(c, member(d, "subset"), at, use->subset_code,
			 "no DestinationRule of %.100s defines the subset %.63s%s", fqdn, subset,
			 use->result);
	else if (known != NULL)
		refer_hidden(k, c, known, fqdn, d, at);
}

/* Of the same name, one perhaps completed. */
static bool
is_same_host(const struct object *o, const struct value *a, const struct value *b)
{
	char x[HOST_MAX_BYTES + 1], y[HOST_MAX_BYTES + 1];

	return value_text(a) != NULL && value_text(b) != NULL &&
	       host_resolve_into(x, a->text, o->ns) && host_resolve_into(y, b->text, o->ns) &&
	       strcmp(x, y) == 0;
}

/* A single destination with a share; the same destination twice. */
static void
check_shares(struct checker *c, const struct value *routes, const char *at)
{
	const struct value *weight = member(routes->first, "weight");
	char below[96];
	int64_t n = 0;
	size_t index = 0;

	if (routes->count == 1 && value_to_int(weight, &n) && n > 0 && n < 100) {
		snprintf(below, sizeof(below), "%s.route[0].weight", at);
		complain(c, weight, below, "KIA1104", "a single destination gets all: its weight %lld has "
			 "no effect", (long long)n);
	}
	VALUE_EACH(r, routes) {
		const struct value *d = member(r, "destination");

		for (const struct value *q = routes->first; q != r && index < TWINS_MAX; q = q->next) {
			const struct value *e = member(q, "destination");

			if (!is_same_host(c->object, member(d, "host"), member(e, "host")) ||
			    !value_equal(member(d, "subset"), member(e, "subset")))
				continue;
			snprintf(below, sizeof(below), "%s.route[%zu].destination.host", at, index);
			complain(c, member(d, "host"), below, "KIA1105", "the same host and subset stand "
				 "in this route twice: add the weights up");
			break;
		}
		index++;
	}
}

static void
check_routes(const struct known *k, struct checker *c, const struct value *rule, const char *at)
{
	const struct value *routes = member(rule, "route");
	const struct use use = { "KIA1101", "KIA1107",
				 k->allows_any ? SEVERITY_WARNING : SEVERITY_ERROR,
				 ": requests get 503 (NC)" };
	size_t index = 0;

	if (!value_is_list(routes) || routes->count == 0)
		return;
	VALUE_EACH(r, routes) {
		char below[80];

		snprintf(below, sizeof(below), "%s.route[%zu].destination", at, index++);
		check_destination(k, c, member(r, "destination"), below, &use);
	}
	check_shares(c, routes, at);
	refer_hashes(k, c, routes, at);
}

static void
check_mirrors(const struct known *k, struct checker *c, const struct value *rule, const char *at)
{
	static const struct use use = { "MT1011", "MT1012", SEVERITY_WARNING,
					": nothing is mirrored" };
	size_t index = 0;
	char below[80];

	snprintf(below, sizeof(below), "%s.mirror", at);
	check_destination(k, c, member(rule, "mirror"), below, &use);
	VALUE_EACH(m, member(rule, "mirrors")) {
		snprintf(below, sizeof(below), "%s.mirrors[%zu].destination", at, index++);
		check_destination(k, c, member(m, "destination"), below, &use);
	}
}

/* NAME, NS/NAME, "mesh", or a host form that only Kiali's code speaks of. */
static void
check_gateways(const struct known *k, struct checker *c, const struct value *list, const char *at)
{
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		const char *text = value_text(v), *slash = text != NULL ? strchr(text, '/') : NULL;
		const char *name = slash != NULL ? slash + 1 : text;
		char below[96], ns[HOST_MAX_BYTES];

		snprintf(below, sizeof(below), "%s[%zu]", at, index++);
		if (text == NULL || text[0] == '\0' || strcmp(text, "mesh") == 0)
			continue;
		snprintf(ns, sizeof(ns), "%.*s", slash != NULL ? (int)(slash - text) : 200,
			 slash != NULL ? text : c->object->ns);
		if (slash == NULL && strchr(text, '.') != NULL) {
			size_t len = strcspn(text, ".");

			complain(c, v, below, "KIA1108", "write NAMESPACE/NAME: %.*s/%.*s",
				 (int)strcspn(text + len + 1, "."), text + len + 1, (int)len, text);
			continue;
		}
		if (strcmp(ns, ".") == 0)
			snprintf(ns, sizeof(ns), "%.200s", c->object->ns);
		if (snapshot_find(k->snapshot, KIND_GATEWAY, ns, name) == NULL)
			complain_as(c, known_missing(k, KNOWN_GATEWAY), v, below, "KIA1102",
				    "there is no Gateway %.80s in namespace %.80s: no request comes this way",
				    name, ns);
	}
}

static void
check_rules(const struct known *k, struct checker *c, const char *section)
{
	size_t index = 0;

	VALUE_EACH(rule, member(c->object->spec, section)) {
		size_t n = 0;
		char at[40], below[80];

		snprintf(at, sizeof(at), "%s[%zu]", section, index++);
		check_routes(k, c, rule, at);
		check_mirrors(k, c, rule, at);
		VALUE_EACH(m, member(rule, "match")) {
			snprintf(below, sizeof(below), "%s.match[%zu].gateways", at, n++);
			check_gateways(k, c, member(m, "gateways"), below);
		}
	}
}

/* Rules of the sidecars for "a.b", which is no service's name. */
static void
check_hosts(const struct known *k, struct checker *c)
{
	const struct value *hosts = member(c->object->spec, "hosts");
	const struct value *gateways = member(c->object->spec, "gateways");
	size_t index = 0;

	if (gateways != NULL && gateways->count > 0)
		return;
	VALUE_EACH(h, value_is_list(hosts) ? hosts : NULL) {
		const char *host = value_text(h), *hint;
		char fqdn[HOST_MAX_BYTES + 1], below[40], room[2 * HOST_MAX_BYTES];

		snprintf(below, sizeof(below), "hosts[%zu]", index++);
		if (host == NULL || !host_resolve_into(fqdn, host, c->object->ns) ||
		    known_find_host(k, fqdn) != NULL)
			continue;
		hint = known_hint(k, host, room);
		if (hint[0] != '\0')
			complain(c, h, below, "MT1014", "no service has the name %.100s%s", host, hint);
	}
}

/* Who claims a host at a gateway, or hosts of a namespace there. */
struct claim {
	const struct object *first, *second;	/* of different VirtualServices */
	const struct object *wild;		/* one that claims all of them */
};

struct claims {
	const struct known *known;
	struct arena *arena;
	struct strmap map;
};

static struct claim *
claim_of(struct claims *x, const char *gateway, char kind, const char *what)
{
	void **place = strmap_put(&x->map, slice_of(arena_printf(x->arena, "%s%c%s", gateway, kind,
								 what)));

	if (*place == NULL)
		*place = arena_alloc(x->arena, sizeof(struct claim));
	return *place;
}

static void
stake(struct claim *c, const struct object *o)
{
	if (c->first == NULL)
		c->first = o;
	else if (c->first != o && c->second == NULL)
		c->second = o;
}

/* The namespace of *.NS.svc.cluster.local or of a service; else the own. */
static const char *
area_of(struct claims *x, const struct object *o, const char *fqdn)
{
	struct slice name, ns;
	const char *probe = fqdn[0] == '*' && fqdn[1] == '.' ? fqdn + 2 : NULL;

	if (host_split(fqdn, &name, &ns))
		return arena_strndup(x->arena, ns.ptr, ns.len);
	if (probe != NULL && host_split(arena_printf(x->arena, "x.%s", probe), &name, &ns))
		return arena_strndup(x->arena, ns.ptr, ns.len);
	return o->ns;
}

static bool
is_area(struct claims *x, const char *fqdn)
{
	struct slice name, ns;

	return strcmp(fqdn, "*") == 0 ||
	       (fqdn[0] == '*' && fqdn[1] == '.' &&
		host_split(arena_printf(x->arena, "x.%s", fqdn + 2), &name, &ns));
}

typedef bool (*claim_visit)(struct claims *x, const struct object *o, const char *gateway,
			    const char *fqdn, struct problems *out);

/* Each host at each gateway, until visit says that it is enough. */
static void
each_claim(struct claims *x, const struct object *o, claim_visit visit, struct problems *out)
{
	static const struct value mesh = { .kind = VALUE_STRING, .text = "mesh", .len = 4 };
	const struct value *hosts = member(o->spec, "hosts"), *gateways = member(o->spec, "gateways");
	bool has_gateways = value_is_list(gateways) && gateways->count > 0;

	for (const struct value *g = has_gateways ? gateways->first : &mesh; g != NULL; g = g->next) {
		const char *name = value_text(g);

		if (name == NULL)
			continue;
		if (strcmp(name, "mesh") == 0 && known_is_private(o))
			name = arena_printf(x->arena, "mesh of %s", o->ns);
		else if (strcmp(name, "mesh") != 0 && strchr(name, '/') == NULL)
			name = arena_printf(x->arena, "%s/%s", o->ns, name);
		VALUE_EACH(h, value_is_list(hosts) ? hosts : NULL)
			if (value_text(h) != NULL &&
			    visit(x, o, name, host_resolve(x->arena, value_text(h), o->ns), out))
				return;
	}
}

static bool
collect(struct claims *x, const struct object *o, const char *gateway, const char *fqdn,
	struct problems *out)
{
	struct claim *area = claim_of(x, gateway, '@', area_of(x, o, fqdn));

	(void)out;
	stake(claim_of(x, gateway, '=', fqdn), o);
	stake(area, o);
	if (is_area(x, fqdn))
		area->wild = o;
	return false;
}

static bool
report(struct claims *x, const struct object *o, const char *gateway, const char *fqdn,
       struct problems *out)
{
	const struct claim *same = claim_of(x, gateway, '=', fqdn);
	const struct claim *area = claim_of(x, gateway, '@', area_of(x, o, fqdn));
	const struct object *other = same->first != o ? same->first : same->second;
	struct checker c;

	if (other == NULL && area->wild != NULL && area->second != NULL)
		other = area->wild != o ? area->wild : area->first != o ? area->first : area->second;
	if (other == NULL)
		return false;
	c = checker_at_spec(o, out);
	complain(&c, member(o->spec, "hosts"), "hosts", "KIA1106", "%.100s is ruled by %s.%s, too (%.100s)",
		 fqdn, other->name, other->ns, gateway);
	checker_fini(&c);
	return true;
}

void
refer_virtual_services(const struct known *k, struct problems *out)
{
	struct claims claims = { k, arena_new(), STRMAP_INIT };

	SNAPSHOT_EACH(o, k->snapshot, KIND_VIRTUAL_SERVICE) {
		struct checker c = checker_at_spec(o, out);

		each_claim(&claims, o, collect, NULL);
		check_gateways(k, &c, member(o->spec, "gateways"), "gateways");
		check_hosts(k, &c);
		check_rules(k, &c, "http");
		check_rules(k, &c, "tls");
		check_rules(k, &c, "tcp");
		refer_export_to(k, &c);
		checker_fini(&c);
	}
	SNAPSHOT_EACH(p, k->snapshot, KIND_VIRTUAL_SERVICE)
		each_claim(&claims, p, report, out);
	strmap_fini(&claims.map);
	arena_free(&claims.arena);
}
