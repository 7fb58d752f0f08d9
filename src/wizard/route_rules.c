/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules of a route of the Gateway API: which stored rule an answer means,
 * what of it stays, and the services that it leads to.
 */
#include <string.h>

#include "src/wizard/route_priv.h"

#define DEFAULT_PORT 80		/* of a service without ports */

/* Services that serve with the same pods: one for each version, and the one
 * of all. */
static bool
shares_pods(const struct mesh_service *a, const struct mesh_service *b)
{
	for (size_t i = 0; i < a->instance_count; i++)
		for (size_t k = 0; k < b->instance_count; k++)
			if (a->instances[i] == b->instances[k])
				return true;
	return false;
}

bool
route_may_lead_to(const struct mesh_service *service, const struct mesh_service *to)
{
	return !to->is_entry && (to == service ||
	       (strcmp(to->ns, service->ns) == 0 && shares_pods(to, service)));
}

static uint16_t
port_of(const struct mesh_service *s)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (port_speaks_http(s->ports[i].protocol))
			return s->ports[i].number;
	return s->port_count > 0 ? s->ports[0].number : DEFAULT_PORT;
}

static struct value *
ref_new(struct routing *x, const struct mesh_service *s)
{
	struct value *ref = value_new_map(x->arena);

	value_set_string(x->arena, ref, "name", s->name);
	value_set_int(x->arena, ref, "port", port_of(s));
	return ref;
}

/* Even weights; what is left over goes to the last. */
static struct value *
even_refs(struct routing *x)
{
	struct value *list = value_new_list(x->arena);
	int64_t count = 0, index = 0;

	for (size_t i = 0; i < x->mesh->service_count; i++)
		if (route_may_lead_to(x->service, x->mesh->services[i])) {
			value_append(list, ref_new(x, x->mesh->services[i]));
			count++;
		}
	for (struct value *ref = list->first; ref != NULL; ref = ref->next)
		value_set_int(x->arena, ref, "weight", 100 / count + (++index == count ? 100 % count : 0));
	return list;
}

static const struct value *
find_ref(const struct routing *x, const struct value *refs, const char *name)
{
	VALUE_EACH(ref, refs)
		if (wizard_same_text(value_get_text(ref, "name"), name) &&
		    strcmp(route_ref_namespace(x->service, ref), x->service->ns) == 0)
			return ref;
	return NULL;
}

/* backends: {SERVICE: weight}.  A stored reference keeps its port and filters. */
static void
write_backends(struct routing *x, const struct value *backends, const char *path,
	       struct value *rule)
{
	const struct value *before = value_get(rule, "backendRefs");
	struct value *list = value_new_list(x->arena);

	VALUE_EACH(weight, backends) {
		const struct mesh_service *s = mesh_find_service(x->mesh, x->service->ns, weight->key);
		const struct value *stored = find_ref(x, before, weight->key);
		struct value *ref;

		if ((s == NULL || s->is_entry) && stored == NULL) {
			answer_refuse(&x->answering, weight, CODE_REFERENCE,
				      answer_path(&x->answering, path, weight->key),
				      "%s is no service of namespace %s", weight->key, x->service->ns);
			continue;
		}
		ref = stored != NULL ? value_copy(x->arena, stored) : ref_new(x, s);
		value_set(x->arena, ref, "weight", value_copy(x->arena, weight));
		value_append(list, ref);
	}
	if (list->count == 0 && !x->answering.is_bad)
		answer_refuse(&x->answering, backends, CODE_VALUE, path, "needs at least one service");
	value_set(x->arena, rule, "backendRefs", list);
}

static bool
has_redirect(const struct value *rule)
{
	VALUE_EACH(filter, value_get(rule, "filters"))
		if (value_get(filter, "requestRedirect") != NULL)
			return true;
	return false;
}

/* A list that is given replaces the stored one; an empty one and false remove it. */
static void
write_list(struct routing *x, const struct value *given, const char *name, struct value *rule)
{
	if (value_is_null(given))
		return;
	if (value_is_false(given) || given->count == 0)
		value_remove(rule, name);
	else
		value_set(x->arena, rule, name, value_stored_form(x->arena, given));
}

static bool
same_matches(const struct value *a, const struct value *b)
{
	if (a == NULL || b == NULL || a->count == 0 || b->count == 0)
		return (a == NULL || a->count == 0) && (b == NULL || b->count == 0);
	return value_equal(a, b);
}

/* An answer on a copy of the stored rule, or on a new one. */
static struct value *
make_rule(struct routing *x, const struct value *answer, const struct value *source,
	  const char *path)
{
	struct value *rule = source != NULL ? value_copy(x->arena, source) : value_new_map(x->arena);
	const struct value *backends = value_get(answer, "backends");

	if (!same_matches(value_get(answer, "match"), value_get(rule, "matches")))
		write_list(x, value_get(answer, "match"), "matches", rule);
	write_list(x, value_get(answer, "filters"), "filters", rule);
	if (!value_is_null(backends))
		write_backends(x, backends, answer_path(&x->answering, path, "backends"), rule);
	else if (has_redirect(rule))
		value_remove(rule, "backendRefs");
	else if (value_get(rule, "backendRefs") == NULL)
		value_set(x->arena, rule, "backendRefs", even_refs(x));
	return rule;
}

/* The stored rules, and which of them an answer has taken. */
struct old_rules {
	const struct value **items;
	size_t len;
	bool *taken;
};

static void
old_rules_read(struct routing *x, struct old_rules *old)
{
	const struct value *list = x->stored != NULL ? value_get(x->stored->spec, "rules") : NULL;
	size_t count = value_is_list(list) ? list->count : 0;

	*old = (struct old_rules){
		.items = arena_alloc(x->arena, (count + 1) * sizeof(*old->items)),
		.taken = arena_alloc(x->arena, count + 1),
	};
	memset(old->taken, 0, count + 1);
	VALUE_EACH(rule, count > 0 ? list : NULL)
		old->items[old->len++] = rule;
}

static const struct value *
take_existing(struct routing *x, struct old_rules *old, const struct value *existing,
	      const char *path)
{
	int64_t n = 0;

	value_to_int(existing, &n);
	if ((uint64_t)n > old->len)
		answer_refuse(&x->answering, existing, CODE_REFERENCE, path, "there is no stored rule %d",
			      (int)n);
	else if (old->taken[n - 1])
		answer_refuse(&x->answering, existing, CODE_REFERENCE, path, "stored rule %d is named twice",
			      (int)n);
	else
		old->taken[n - 1] = true;
	return x->answering.is_bad ? NULL : old->items[n - 1];
}

static const struct value *
take_equal(struct old_rules *old, const struct value *match)
{
	for (size_t i = 0; i < old->len; i++)
		if (!old->taken[i] && same_matches(match, value_get(old->items[i], "matches"))) {
			old->taken[i] = true;
			return old->items[i];
		}
	return NULL;
}

/* Those that are named come first, so that no equal match takes them away. */
static const struct value **
find_sources(struct routing *x, const struct value *rules, struct old_rules *old)
{
	const struct value **sources = arena_alloc(x->arena, (rules->count + 1) * sizeof(*sources));
	size_t i = 0;

	VALUE_EACH(answer, rules) {
		const struct value *existing = value_get(answer, "existing");

		sources[i] = value_is_null(existing) ? NULL :
			     take_existing(x, old, existing,
					   arena_printf(x->arena, "rules[%zu].existing", i));
		i++;
	}
	i = 0;
	VALUE_EACH(answer, rules) {
		if (sources[i] == NULL && value_is_null(value_get(answer, "existing")))
			sources[i] = take_equal(old, value_get(answer, "match"));
		i++;
	}
	return sources;
}

static void
note_removed(struct routing *x, const struct old_rules *old)
{
	for (size_t i = 0; i < old->len; i++)
		if (!old->taken[i])
			problem_add(x->notes, x->stored, old->items[i], CODE_REMOVED, SEVERITY_INFO,
				    arena_printf(x->arena, "spec.rules[%zu]", i), "stored rule %zu is removed",
				    i + 1);
}

void
route_rules_write(struct routing *x, struct value *spec)
{
	static const struct value any_request = { .kind = VALUE_MAP };
	const struct value *rules = value_get(x->answers, "rules"), **sources;
	struct value *list = value_new_list(x->arena);
	struct old_rules old;
	size_t i = 0;

	old_rules_read(x, &old);
	if (value_is_null(rules)) {
		if (old.len > 0)
			return;
		value_append(list, make_rule(x, &any_request, NULL, "rules[0]"));
	} else if (rules->count == 0) {
		answer_refuse(&x->answering, rules, CODE_VALUE, "rules", "needs at least one rule");
		return;
	} else {
		sources = find_sources(x, rules, &old);
		VALUE_EACH(answer, rules) {
			value_append(list, make_rule(x, answer, sources[i],
						     arena_printf(x->arena, "rules[%zu]", i)));
			i++;
		}
		note_removed(x, &old);
	}
	value_set(x->arena, spec, "rules", list);
}
