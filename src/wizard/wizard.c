/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a wizard: opening, copying, editing rules; see wizard.h. */
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/istio/duration.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

#define NS_PER_MS 1000000u

bool
wizard_is_tcp(const struct wizard_state *w)
{
	return w->kind == WIZARD_TCP_TRAFFIC_SHIFTING;
}

const char *
wizard_list(const struct wizard_state *w)
{
	return wizard_is_tcp(w) ? "tcp" : "http";
}

static void
read_rules(struct wizard_state *w)
{
	const struct value *list = w->virtual_service != NULL
		? value_get(w->virtual_service->spec, wizard_list(w)) : NULL;
	size_t index = 0;

	VALUE_EACH(entry, list) {
		struct wizard_rule r;

		wizard_rule_read(w, w->arena, entry, index++, &r);
		vec_push(&w->rules, r);
	}
	if (w->rules.len == 0 && w->kind != WIZARD_REQUEST_ROUTING)
		wizard_rule_add(w);
}

/* Is the namespace itself STRICT?  Mesh-wide alone does not count. */
static bool
namespace_is_strict(const struct wizard_state *w)
{
	const struct object *first = NULL;
	const char *mode;

	SNAPSHOT_EACH(o, w->mesh->snapshot, KIND_PEER_AUTH) {
		const struct value *labels = value_path(o->spec, "selector.matchLabels");

		if (strcmp(o->ns, w->service->ns) != 0 || (labels != NULL && labels->count > 0))
			continue;
		if (first == NULL || o->age_rank < first->age_rank)
			first = o;
	}
	mode = first != NULL ? value_get_text(value_get(first->spec, "mtls"), "mode") : NULL;
	return mode != NULL && strcmp(mode, "STRICT") == 0;
}

static void
read_advanced(struct wizard_state *w)
{
	static const char *const mode[] = { "trafficPolicy", "tls", "mode" };
	struct value *advanced = advanced_read(w);

	if (w->destination_rule == NULL && namespace_is_strict(w))
		value_put_path(w->arena, advanced, mode, ARRAY_LEN(mode),
			       value_new_string(w->arena, "ISTIO_MUTUAL"));
	w->advanced = advanced;
}

struct wizard_state *
wizard_open(enum wizard_kind kind, const struct mesh *m, const struct mesh_service *service,
	    struct error *err)
{
	struct wizard_state *w = xcalloc(1, sizeof(*w));

	w->arena = arena_new();
	w->kind = kind;
	w->mesh = m;
	w->service = service;
	stored_find(w);
	w->is_update = w->stored.len > 0;
	if (kind == WIZARD_DELETE) {
		w->advanced = value_new_map(w->arena);
		return w;
	}
	if (targets_find(w, err) < 0) {
		wizard_free(&w);
		return NULL;
	}
	read_rules(w);
	read_advanced(w);
	return w;
}

void
wizard_free(struct wizard_state **wp)
{
	struct wizard_state *w = *wp;

	if (w == NULL)
		return;
	for (size_t i = 0; i < w->rules.len; i++)
		wizard_rule_fini(&w->rules.items[i]);
	vec_fini(&w->rules);
	vec_fini(&w->rows);
	vec_fini(&w->stored);
	arena_free(&w->arena);
	free(w);
	*wp = NULL;
}

struct wizard_state *
wizard_dup(const struct wizard_state *from)
{
	struct wizard_state *w = xcalloc(1, sizeof(*w));
	struct error err = ERROR_INIT;

	w->arena = arena_new();
	w->kind = from->kind;
	w->mesh = from->mesh;
	w->service = from->service;
	w->is_update = from->is_update;
	stored_find(w);
	if (from->rows.len > 0) {
		int found = targets_find(w, &err);

		ASSERT(found == 0);	/* the mesh is immutable */
	}
	for (size_t i = 0; i < from->rules.len; i++) {
		struct wizard_rule r;

		wizard_rule_dup(w->arena, &from->rules.items[i], &r);
		vec_push(&w->rules, r);
	}
	w->advanced = value_copy(w->arena, from->advanced);
	w->has_hosts = from->has_hosts;
	return w;
}

struct wizard_rule *
wizard_rule_add(struct wizard_state *w)
{
	struct wizard_rule r;

	wizard_rule_init(w, &r);
	vec_push(&w->rules, r);
	return &w->rules.items[w->rules.len - 1];
}

void
wizard_rule_copy(struct wizard_state *w, size_t index)
{
	struct wizard_rule r;

	ASSERT(index < w->rules.len);
	wizard_rule_dup(w->arena, &w->rules.items[index], &r);
	vec_push(&w->rules, r);
	wizard_rule_move(w, w->rules.len - 1, (int)(index + 1) - (int)(w->rules.len - 1));
}

void
wizard_rule_move(struct wizard_state *w, size_t index, int by)
{
	struct wizard_rule *rules = w->rules.items;
	int step = by < 0 ? -1 : 1;

	ASSERT(index < w->rules.len);
	for (; by != 0; by -= step) {
		struct wizard_rule moved = rules[index];

		if (step < 0 ? index == 0 : index + 1 >= w->rules.len)
			return;
		rules[index] = rules[index + (size_t)step];
		index += (size_t)step;
		rules[index] = moved;
	}
}

void
wizard_rule_remove(struct wizard_state *w, size_t index)
{
	ASSERT(index < w->rules.len);
	wizard_rule_fini(&w->rules.items[index]);
	vec_remove(&w->rules, index);
}

const char *
wizard_text(struct wizard_state *w, const char *s)
{
	return arena_strdup(w->arena, s);
}

bool
wizard_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

const char *
wizard_duration_error(const char *s)
{
	uint64_t ns;

	if (!duration_parse(s, &ns))
		return "must be a duration such as 2s, 0.5s, 250ms or 1h30m";
	if (ns < NS_PER_MS)
		return "must be at least 1ms";
	if (ns % NS_PER_MS != 0)
		return "must be a whole number of milliseconds";
	return NULL;
}
