/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a snapshot to a mesh: the order of the steps, and what they share.
 */
#include "src/mesh/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/mesh/addresses.h"
#include "src/mesh/table.h"

#define PROBLEM_TEXT_BYTES 512

/* What is compiled for several callers is reported once. */
static bool
is_new_problem(struct compile *c, const struct object *o, const char *code,
	       const char *path, const char *text)
{
	const char *key = arena_printf(c->scratch, "problem %p %s %s %s", (const void *)o,
				       code, path, text);
	void **place = compile_shared(c, key, strlen(key));
	bool is_new = *place == NULL;

	*place = c;
	return is_new;
}

void
compile_problem(struct compile *c, const char *code, const struct object *o,
		const struct value *at, const char *path, const char *fmt, ...)
{
	char text[PROBLEM_TEXT_BYTES];
	va_list ap;

	if (c->problems == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_new_problem(c, o, code, path, text))
		problem_add(c->problems, o, at, code, code_severity(code), path, "%s", text);
}

void **
compile_shared(struct compile *c, const void *key, size_t len)
{
	struct slice k = { key, len };
	void *found = strmap_find(&c->shared, k);

	if (found == NULL)
		k.ptr = arena_strndup(c->scratch, key, len);
	return strmap_put(&c->shared, k);
}

struct object_list *
compile_list(struct compile *c, void **place)
{
	struct object_list *list = *place;

	if (list == NULL) {
		list = arena_alloc(c->scratch, sizeof(*list));
		vec_push(&c->lists, list);
		*place = list;
	}
	return list;
}

const struct regex *
compile_regex(struct compile *c, const struct object *o, const struct value *at,
	      const char *path)
{
	const char *pattern = value_text(at);
	struct error err = ERROR_INIT;
	struct regex *re;

	if (pattern == NULL)
		return NULL;
	re = strmap_find(&c->regexes, slice_of(pattern));
	if (re != NULL)
		return re;
	re = regex_new(pattern, &err);
	if (re == NULL) {
		compile_problem(c, "MT2003", o, at, path, "%s", err.msg);
		return NULL;
	}
	vec_push(&c->priv->regexes, re);
	*strmap_put(&c->regexes, slice_of(pattern)) = re;
	return re;
}

bool
list_has(const struct value *list, const char *text)
{
	VALUE_EACH(v, list) {
		const char *t = value_text(v);

		if (t != NULL && strcmp(t, text) == 0)
			return true;
	}
	return false;
}

bool
exports_to(const struct value *list, const char *own_ns, const char *ns)
{
	if (list == NULL || list->count == 0)
		return true;
	if (list_has(list, "*") || list_has(list, ns))
		return true;
	return strcmp(own_ns, ns) == 0 && list_has(list, ".");
}

enum reach
reach_of(const struct object *vs, const char *ns)
{
	const struct value *list = value_get(vs->spec, "exportTo");

	if (list == NULL || list->count == 0 || list_has(list, "*"))
		return REACH_PUBLIC;
	if (strcmp(vs->ns, ns) == 0 && list_has(list, "."))
		return REACH_PRIVATE;
	return list_has(list, ns) ? REACH_NAMED : REACH_NONE;
}

static int
compare_age(const void *a, const void *b)
{
	const struct object *x = *(const struct object *const *)a;
	const struct object *y = *(const struct object *const *)b;

	return (x->age_rank > y->age_rank) - (x->age_rank < y->age_rank);
}

void
sort_by_age(const struct object **list, size_t count)
{
	if (count > 1)
		qsort(list, count, sizeof(const struct object *), compare_age);
}

struct slice
name_key(struct arena *a, const char *ns, const char *name)
{
	return slice_of(arena_printf(a, "%s/%s", ns, name));
}

static void
fini_labelled(struct compile *c)
{
	for (size_t i = 0; c->labelled.slots != NULL && i <= c->labelled.mask; i++) {
		struct instance_list *list = c->labelled.slots[i].value;

		if (list != NULL)
			vec_fini(&list->items);
	}
	strmap_fini(&c->labelled);
}

static void
fini(struct compile *c)
{
	for (size_t i = 0; i < c->lists.len; i++)
		vec_fini(&c->lists.items[i]->items);
	for (size_t i = 0; i < c->indexes.len; i++)
		host_index_fini(c->indexes.items[i]);
	vec_fini(&c->lists);
	vec_fini(&c->indexes);
	vec_fini(&c->selectors);
	vec_fini(&c->virtual_services);
	vec_fini(&c->tls_services);
	buf_fini(&c->key);
	fini_labelled(c);
	strmap_fini(&c->shared);
	strmap_fini(&c->rules_by_ns);
	strmap_fini(&c->regexes);
	host_index_fini(&c->mesh_routes);
	vec_fini(&c->services);
	vec_fini(&c->host_services);
	vec_fini(&c->workloads);
	vec_fini(&c->instances);
	vec_fini(&c->clusters);
	arena_free(&c->scratch);
}

void *
compile_keep(struct compile *c, const void *pointers, size_t count)
{
	if (count == 0)
		return NULL;
	return memcpy(arena_alloc(c->arena, count * sizeof(void *)), pointers,
		      count * sizeof(void *));
}

static void
keep_clusters(struct compile *c)
{
	struct mesh *m = c->mesh;

	m->cluster_count = c->clusters.len;
	m->clusters = compile_keep(c, c->clusters.items, c->clusters.len);
	for (size_t i = 0; i < m->cluster_count; i++) {
		struct mesh_cluster *cluster = m->clusters[i];
		void **place = strmap_put(&c->priv->clusters, slice_of(cluster->name));

		cluster->index = i;
		if (*place == NULL)
			*place = cluster;
	}
}

static void
reserve(struct compile *c, const struct value *address)
{
	struct address a;

	if (value_text(address) != NULL &&
	    address_parse_host(&a, value_text(address), 0, NULL) == 0)
		addresses_reserve(c->addresses, &a);
}

/* What is written in a document is never assigned to anyone else. */
static void
reserve_explicit(struct compile *c)
{
	if (c->addresses == NULL)
		return;
	SNAPSHOT_EACH(o, c->snapshot, KIND_SERVICE)
		reserve(c, value_get(o->spec, "clusterIP"));
	SNAPSHOT_EACH(o, c->snapshot, KIND_POD)
		reserve(c, value_path(o->root, "status.podIP"));
	SNAPSHOT_EACH(o, c->snapshot, KIND_WORKLOAD_ENTRY)
		reserve(c, value_get(o->spec, "address"));
	SNAPSHOT_EACH(o, c->snapshot, KIND_SERVICE_ENTRY) {
		VALUE_EACH(address, value_get(o->spec, "addresses"))
			reserve(c, address);
	}
}

struct mesh *
mesh_compile(struct snapshot *s, struct addresses *addresses, const char *run_dir,
	     struct problems *problems)
{
	struct arena *arena = arena_new();
	struct mesh *m = arena_alloc(arena, sizeof(*m));
	struct compile c = { .mesh = m, .arena = arena, .scratch = arena_new(),
			     .snapshot = s, .addresses = addresses, .problems = problems };

	m->snapshot = snapshot_get(s);
	m->priv = c.priv = arena_alloc(arena, sizeof(*m->priv));
	atomic_init(&c.priv->refs, 1);
	c.priv->arena = arena;
	c.run_dir = run_dir != NULL ? arena_strdup(arena, run_dir) : NULL;
	if (addresses != NULL)
		addresses_begin(addresses);
	compile_settings(&c);
	reserve_explicit(&c);
	compile_workloads(&c);
	compile_services(&c);
	compile_inbounds(&c);
	compile_peer_auths(&c);
	compile_destination_rules(&c);
	compile_fixed_clusters(&c);
	compile_tables(&c);
	keep_clusters(&c);
	if (addresses != NULL)
		addresses_end(addresses);
	fini(&c);
	return m;
}
