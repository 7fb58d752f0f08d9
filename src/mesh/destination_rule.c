/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which DestinationRule a caller obeys for a service (spec/dataplane.md 2.4):
 * the first level (caller's namespace, service's namespace, root namespace)
 * with any match, in it the most specific host, and equal hosts of one
 * namespace as one rule.
 */
#include <stdint.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/compile.h"

const struct dr_group dr_unknown = { .object = NULL };

static struct host_index *
index_of_ns(struct compile *c, const char *ns)
{
	void **place = strmap_put(&c->rules_by_ns, slice_of(ns));

	if (*place == NULL) {
		struct host_index *x = arena_alloc(c->scratch, sizeof(*x));

		vec_push(&c->indexes, x);
		*place = x;
	}
	return *place;
}

/* Keeps the list by age. */
static void
insert_by_age(struct object_list *list, const struct object *o)
{
	size_t at = list->items.len;

	vec_push(&list->items, o);
	for (; at > 0 && list->items.items[at - 1]->age_rank > o->age_rank; at--)
		list->items.items[at] = list->items.items[at - 1];
	list->items.items[at] = o;
}

static const struct value *
selector_of(const struct object *o)
{
	const struct value *labels = value_path(o->spec, "workloadSelector.matchLabels");

	return labels != NULL && labels->count > 0 ? labels : NULL;
}

void
compile_destination_rules(struct compile *c)
{
	SNAPSHOT_EACH(o, c->snapshot, KIND_DESTINATION_RULE) {
		const char *host = value_get_text(o->spec, "host");
		const struct value *selector = selector_of(o);

		if (host == NULL || host[0] == '\0')
			continue;
		insert_by_age(compile_list(c, host_index_put(index_of_ns(c, o->ns),
							     host_resolve(c->scratch, host, o->ns))),
			      o);
		if (selector != NULL)
			vec_push(&c->selectors, selector);
	}
}

enum level { LEVEL_CALLER, LEVEL_SERVICE, LEVEL_ROOT };

struct choice {
	const struct object *items[64];	/* of one host, oldest first */
	size_t count;
};

static bool
is_private(const struct object *o)
{
	const struct value *list = value_get(o->spec, "exportTo");

	return list != NULL && list->count > 0 && !list_has(list, "*") &&
	       (list_has(list, ".") || list_has(list, o->ns)) && list->count == 1;
}

static bool
is_candidate(const struct compile *c, const struct view *v, enum level level,
	     const struct object *o)
{
	const struct value *selector = selector_of(o);
	bool in_root = strcmp(v->ns, c->mesh->settings.root_namespace) == 0;

	if (selector != NULL && (strcmp(o->ns, v->ns) != 0 || !labels_match(v->labels, selector)))
		return false;
	if (level == LEVEL_CALLER && in_root && !is_private(o))
		return false;
	return exports_to(value_get(o->spec, "exportTo"), o->ns, v->ns);
}

/* The rules of one host that count; a selector's beat the plain ones, of
 * several selectors the oldest. */
static void
filter(const struct compile *c, const struct view *v, enum level level,
       const struct object_list *list, struct choice *out)
{
	bool with_selector = false;

	out->count = 0;
	for (size_t i = 0; i < list->items.len; i++) {
		const struct object *o = list->items.items[i];
		bool has_selector = selector_of(o) != NULL;

		if (!is_candidate(c, v, level, o))
			continue;
		if (has_selector && !with_selector) {
			with_selector = true;
			out->count = 0;
		}
		if (has_selector == with_selector && out->count < 64 &&
		    (out->count == 0 || value_equal(selector_of(out->items[0]), selector_of(o))))
			out->items[out->count++] = o;
	}
}

static bool
choose_in(struct compile *c, const struct view *v, enum level level, const char *ns,
	  const char *host, struct choice *out)
{
	const struct host_index *x = strmap_find(&c->rules_by_ns, slice_of(ns));
	const struct object_list *list;
	size_t suffix_len = SIZE_MAX;

	if (x == NULL)
		return false;
	if (host[0] == '*')
		list = strmap_find(&x->suffixes, slice_of(host + 1));
	else
		list = host_index_exact(x, slice_of(host));
	for (;;) {
		if (list != NULL) {
			filter(c, v, level, list, out);
			if (out->count > 0)
				return true;
		}
		list = host_index_wildcard(x, slice_of(host), &suffix_len);
		if (list == NULL)
			return false;
	}
}

static bool
has_subset(const struct dr_group *g, const char *name)
{
	for (size_t i = 0; i < g->subset_count; i++)
		if (strcmp(g->subsets[i].name, name) == 0)
			return true;
	return false;
}

static void
add_subsets(struct dr_group *g, const struct object *o)
{
	VALUE_EACH(v, value_get(o->spec, "subsets")) {
		const char *name = value_get_text(v, "name");

		if (name == NULL || has_subset(g, name))
			continue;
		g->subsets[g->subset_count++] = (struct dr_subset){
			name, value_get(v, "labels"), value_get(v, "trafficPolicy") };
	}
}

static const struct dr_group *
group_of(struct compile *c, const struct choice *choice)
{
	void **place = compile_shared(c, choice->items,
				      choice->count * sizeof(choice->items[0]));
	struct dr_group *g = *place;
	size_t subsets = 0;

	if (g != NULL)
		return g;
	g = arena_alloc(c->scratch, sizeof(*g));
	*place = g;
	g->object = choice->items[0];
	for (size_t i = 0; i < choice->count; i++) {
		const struct value *list = value_get(choice->items[i]->spec, "subsets");

		subsets += list != NULL ? list->count : 0;
		if (g->policy == NULL)
			g->policy = value_get(choice->items[i]->spec, "trafficPolicy");
	}
	g->subsets = arena_alloc(c->scratch, (subsets + 1) * sizeof(*g->subsets));
	for (size_t i = 0; i < choice->count; i++)
		add_subsets(g, choice->items[i]);
	return g;
}

const struct dr_group *
dr_choose(struct compile *c, struct view *v, const struct mesh_service *s)
{
	const struct dr_group **place = &v->groups[s->index];
	struct choice choice;

	if (*place != &dr_unknown)
		return *place;
	*place = NULL;
	if (choose_in(c, v, LEVEL_CALLER, v->ns, s->fqdn, &choice) ||
	    choose_in(c, v, LEVEL_SERVICE, s->ns, s->fqdn, &choice) ||
	    choose_in(c, v, LEVEL_ROOT, c->mesh->settings.root_namespace, s->fqdn, &choice))
		*place = group_of(c, &choice);
	return *place;
}
