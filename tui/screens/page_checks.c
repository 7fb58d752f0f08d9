/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worst of what is wrong with each object, and with what each service is
 * concerned by: looked up once for a whole list; see pages.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/strmap.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/istio/host.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"

/* Services of one host: a name may stand in several ServiceEntries. */
struct host {
	const struct mesh_service *service;
	struct host *next;
};

struct page_checks {
	const struct model *model;
	struct arena *arena;
	struct strmap objects;		/* "KIND\nNS\nNAME" -> struct problem */
	struct strmap hosts;		/* whole name -> struct host */
	const struct problem **services;	/* by index; NULL: not asked for yet */
};

static const struct problem *
worse(const struct problem *a, const struct problem *b)
{
	return a == NULL || (b != NULL && b->severity > a->severity) ? b : a;
}

static const char *
key_of(struct page_checks *x, const char *kind, const char *ns, const char *name)
{
	return arena_printf(x->arena, "%s\n%s\n%s", kind, ns, name);
}

static void
index_problems(struct page_checks *x, const struct model *m)
{
	for (size_t i = 0; i < m->problems.rows.len; i++) {
		const struct problem *p = &m->problems.rows.items[i];
		void **place = strmap_put(&x->objects, slice_of(key_of(x, p->kind, p->ns, p->name)));

		*place = (void *)(uintptr_t)worse(*place, p);
	}
}

static void
index_hosts(struct page_checks *x, const struct mesh *mesh)
{
	for (size_t i = 0; i < mesh->service_count; i++) {
		const struct mesh_service *s = mesh->services[i];
		void **place = strmap_put(&x->hosts, slice_of(s->fqdn));
		struct host *h = arena_alloc(x->arena, sizeof(*h));

		h->service = s;
		h->next = *place;
		*place = h;
	}
}

/* Every text of a rule that is a host names services; "NAME.NS" is meant to. */
static void
blame_host(struct page_checks *x, const char *text, const char *ns, const struct problem *p)
{
	static const char suffix[] = ".svc." HOST_CLUSTER_DOMAIN;
	const char *dot = strchr(text, '.');
	char fqdn[HOST_MAX_BYTES + 1];
	size_t len;

	if (text[0] == '\0' || !host_resolve_into(fqdn, text, ns))
		return;
	len = strlen(fqdn);
	if (dot != NULL && strchr(dot + 1, '.') == NULL &&
	    strmap_find(&x->hosts, slice_of(fqdn)) == NULL && len + sizeof(suffix) <= sizeof(fqdn))
		snprintf(fqdn + len, sizeof(fqdn) - len, "%s", suffix);
	for (const struct host *h = strmap_find(&x->hosts, slice_of(fqdn)); h != NULL; h = h->next)
		x->services[h->service->index] = worse(x->services[h->service->index], p);
}

static void
blame_all(struct page_checks *x, const struct value *v, const char *ns, const struct problem *p)
{
	if (v->kind == VALUE_STRING)
		blame_host(x, v->text, ns, p);
	else if (value_is_map(v) || value_is_list(v))
		VALUE_EACH(child, v)
			blame_all(x, child, ns, p);
}

struct page_checks *
page_checks_new(const struct model *m)
{
	struct page_checks *x = xcalloc(1, sizeof(*x));

	x->model = m;
	x->arena = arena_new();
	index_problems(x, m);
	return x;
}

const struct problem *
page_checks_object(struct page_checks *x, const struct object *o)
{
	return strmap_find(&x->objects, slice_of(key_of(x, o->kind_name, o->ns, o->name)));
}

static void
blame_services(struct page_checks *x, const struct mesh *mesh)
{
	index_hosts(x, mesh);
	x->services = xcalloc(mesh->service_count + 1, sizeof(*x->services));
	for (size_t i = 0; i < mesh->service_count; i++)
		x->services[i] = page_checks_object(x, mesh->services[i]->object);
	for (size_t i = 0; i < mesh->snapshot->count; i++) {
		const struct object *o = mesh->snapshot->objects[i];
		bool is_rule = o->kind != NULL && (o->kind->id == KIND_VIRTUAL_SERVICE ||
						   o->kind->id == KIND_DESTINATION_RULE);
		const struct problem *p = is_rule ? page_checks_object(x, o) : NULL;

		if (p != NULL && o->spec != NULL)
			blame_all(x, o->spec, o->ns, p);
	}
}

const struct problem *
page_checks_service(struct page_checks *x, const struct mesh_service *s)
{
	if (x->services == NULL)
		blame_services(x, x->model->mesh);
	return x->services[s->index];
}

void
page_checks_free(struct page_checks **xp)
{
	struct page_checks *x = *xp;

	*xp = NULL;
	if (x == NULL)
		return;
	strmap_fini(&x->objects);
	strmap_fini(&x->hosts);
	free(x->services);
	arena_free(&x->arena);
	free(x);
}
