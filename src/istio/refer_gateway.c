/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gateways and the workloads they select, hosts that several of them serve
 * (Kiali's KIA03xx); ServiceEntries of equal host and port (KIA12xx).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

/* Hosts that Gateways of equal selector serve on one port. */
struct host_group {
	struct host_index hosts;	/* struct serving */
};

/* One host of one server; those of equal host are a list. */
struct serving {
	const struct object *object;
	const struct value *host;
	size_t server, index;
	const char *pattern;
	struct slice ns;		/* of VirtualServices that may bind; "*" for all */
	struct host_group *group;
	const struct object *rival;	/* another Gateway that serves it, too */
	struct serving *next;
};

struct servings {
	struct arena *arena;
	struct strmap groups;
	VEC(struct serving *) all;
	VEC(struct host_group *) made;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "k=v,k=v" in order of keys, and the port. */
static const char *
group_key(struct servings *x, const struct value *selector, const char *port)
{
	VEC(const char *) pairs = VEC_INIT;
	struct buf key = BUF_INIT;
	const char *kept;

	VALUE_EACH(l, value_is_map(selector) ? selector : NULL)
		vec_push(&pairs, arena_printf(x->arena, "%s=%s", l->key,
					      value_text(l) != NULL ? value_text(l) : ""));
	if (pairs.len > 1)
		qsort(pairs.items, pairs.len, sizeof(*pairs.items), by_text);
	for (size_t i = 0; i < pairs.len; i++)
		buf_printf(&key, "%s,", pairs.items[i]);
	buf_printf(&key, "|%s", port);
	kept = arena_strdup(x->arena, buf_str(&key));
	buf_fini(&key);
	vec_fini(&pairs);
	return kept;
}

static struct host_group *
group_of(struct servings *x, const struct object *o, const char *port)
{
	void **place = strmap_put(&x->groups, slice_of(group_key(x, member(o->spec, "selector"), port)));
	struct host_group *g = *place;

	if (g == NULL) {
		*place = g = arena_alloc(x->arena, sizeof(*g));
		vec_push(&x->made, g);
	}
	return g;
}

static void
add_server(struct servings *x, const struct object *o, const struct value *server, size_t number)
{
	const char *port = member_text(member(server, "port"), "number");
	struct host_group *g = group_of(x, o, port != NULL ? port : "");
	size_t index = 0;

	VALUE_EACH(h, member(server, "hosts")) {
		struct serving *s = arena_alloc(x->arena, sizeof(*s));
		const char *text = value_text(h), *slash = text != NULL ? strchr(text, '/') : NULL;
		void **place;

		*s = (struct serving){ .object = o, .host = h, .server = number, .index = index++,
				       .group = g };
		if (text == NULL || text[0] == '\0' || (slash != NULL && slash[1] == '\0'))
			continue;
		s->ns = slash == NULL ? SLICE("*") : slash == text + 1 && text[0] == '.' ? slice_of(o->ns) :
			(struct slice){ text, (size_t)(slash - text) };
		s->pattern = host_resolve(x->arena, slash != NULL ? slash + 1 : text, o->ns);
		place = host_index_put(&g->hosts, s->pattern);
		s->next = *place;
		*place = s;
		vec_push(&x->all, s);
	}
}

static bool
share_namespace(const struct serving *a, const struct serving *b)
{
	return slice_is(a->ns, "*") || slice_is(b->ns, "*") || slice_eq(a->ns, b->ns);
}

static void
meet(struct serving *a, struct serving *list)
{
	if (a->rival != NULL && list->rival != NULL)
		return;
	for (size_t n = 0; list != NULL && n < 64; list = list->next, n++) {
		if (list->object == a->object || !share_namespace(a, list))
			continue;
		if (list->rival == NULL)
			list->rival = a->object;
		a->rival = list->object;
		return;
	}
}

static void
find_rivals(struct serving *s)
{
	struct host_index *hosts = &s->group->hosts;
	struct slice host = slice_of(s->pattern);
	size_t suffix = SIZE_MAX;
	struct serving *list = *host_index_put(hosts, s->pattern);

	if (list != NULL)
		meet(s, list);
	while ((list = host_index_wildcard(hosts, host, &suffix)) != NULL)
		meet(s, list);
}

static void
report(const struct serving *s, struct problems *out)
{
	struct checker c = checker_at_spec(s->object, out);
	char below[64];

	snprintf(below, sizeof(below), "servers[%zu].hosts[%zu]", s->server, s->index);
	complain(&c, s->host, below, "KIA0301", "Gateway %s.%s serves this host on the same port and "
		 "workloads, too", s->rival->name, s->rival->ns);
	checker_fini(&c);
}

/* The name of a port with a protocol of its own: TCP and UDP have any. */
static void
check_port_name(struct checker *c, const struct value *port, const char *below)
{
	const struct value *name = member(port, "name");
	const char *protocol = member_text(port, "protocol");

	if (protocol != NULL && (strcasecmp(protocol, "TCP") == 0 || strcasecmp(protocol, "UDP") == 0))
		return;
	if (value_text(name) != NULL && name->len > 0 && !port_name_is_known(name->text))
		complain(c, name, below, "KIA0601", "'%.60s' is not PROTOCOL or PROTOCOL-SUFFIX, such as http "
			 "or http-web", name->text);
}

static void
check_port_names(struct checker *c, const struct value *spec)
{
	size_t index = 0;

	VALUE_EACH(server, member(spec, "servers")) {
		char below[48];

		snprintf(below, sizeof(below), "servers[%zu].port", index++);
		check_port_name(c, member(server, "port"), below);
	}
}

void
refer_gateways(const struct known *k, struct problems *out)
{
	struct servings x = { .arena = arena_new(), .groups = STRMAP_INIT };

	SNAPSHOT_EACH(o, k->snapshot, KIND_GATEWAY) {
		const struct value *selector = member(o->spec, "selector");
		struct checker c = checker_at_spec(o, out);
		size_t number = 0;

		if (selector != NULL && selector->count > 0 && !known_any_workload(k, "", selector))
			complain(&c, selector, "selector", "KIA0302", "no workload has these labels: nobody "
				 "serves this Gateway");
		VALUE_EACH(server, member(o->spec, "servers"))
			add_server(&x, o, server, number++);
		check_port_names(&c, o->spec);
		checker_fini(&c);
	}
	for (size_t i = 0; i < x.all.len; i++)
		find_rivals(x.all.items[i]);
	for (size_t i = 0; i < x.all.len; i++)
		if (x.all.items[i]->rival != NULL)
			report(x.all.items[i], out);
	for (size_t i = 0; i < x.made.len; i++)
		host_index_fini(&x.made.items[i]->hosts);
	strmap_fini(&x.groups);
	vec_fini(&x.all);
	vec_fini(&x.made);
	arena_free(&x.arena);
}

/* The first two ServiceEntries of a host and port. */
struct entry_pair {
	const struct object *first, *second;
	const char *first_protocol, *second_protocol;
};

typedef void (*entry_visit)(struct checker *c, struct entry_pair *p, const struct value *port,
			    size_t index);

static void
each_entry_port(struct arena *a, struct strmap *map, struct checker *c, entry_visit visit)
{
	const struct object *o = c->object;
	size_t index = 0;

	VALUE_EACH(port, member(o->spec, "ports")) {
		const char *number = member_text(port, "number");

		VALUE_EACH(h, member(o->spec, "hosts")) {
			void **place;

			if (value_text(h) == NULL || number == NULL)
				continue;
			place = strmap_put(map, slice_of(arena_printf(a, "%s:%s",
								      host_resolve(a, value_text(h), o->ns), number)));
			if (*place == NULL)
				*place = arena_alloc(a, sizeof(struct entry_pair));
			visit(c, *place, port, index);
		}
		index++;
	}
}

static void
collect_entry(struct checker *c, struct entry_pair *p, const struct value *port, size_t index)
{
	(void)index;
	if (p->first == NULL) {
		p->first = c->object;
		p->first_protocol = member_text(port, "protocol");
	} else if (p->first != c->object && p->second == NULL) {
		p->second = c->object;
		p->second_protocol = member_text(port, "protocol");
	}
}

static void
report_entry(struct checker *c, struct entry_pair *p, const struct value *port, size_t index)
{
	const struct object *other = p->first != c->object ? p->first : p->second;
	const char *a = p->first_protocol != NULL ? p->first_protocol : "";
	const char *b = p->second_protocol != NULL ? p->second_protocol : "";
	char below[40];

	if (other == NULL)
		return;
	snprintf(below, sizeof(below), "ports[%zu]", index);
	complain(c, port, below, strcasecmp(a, b) == 0 ? "KIA1211" : "KIA1212",
		 "ServiceEntry %s.%s has the same host and port%s", other->name, other->ns,
		 strcasecmp(a, b) == 0 ? "" : " with another protocol");
}

void
refer_service_entries(const struct known *k, struct problems *out)
{
	struct arena *a = arena_new();
	struct strmap map = STRMAP_INIT;

	SNAPSHOT_EACH(o, k->snapshot, KIND_SERVICE_ENTRY) {
		struct checker c = checker_at_spec(o, out);
		size_t index = 0;

		each_entry_port(a, &map, &c, collect_entry);
		VALUE_EACH(port, member(o->spec, "ports")) {
			char below[40];

			snprintf(below, sizeof(below), "ports[%zu]", index++);
			check_port_name(&c, port, below);
		}
		refer_export_to(k, &c);
		checker_fini(&c);
	}
	SNAPSHOT_EACH(e, k->snapshot, KIND_SERVICE_ENTRY) {
		struct checker c = checker_at_spec(e, out);

		each_entry_port(a, &map, &c, report_entry);
		checker_fini(&c);
	}
	strmap_fini(&map);
	arena_free(&a);
}
