/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form of what concerns the whole service: hosts, gateway, traffic
 * policy, circuit breaker.  It edits the words of an answers file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/screens/wizard_screen.h"

enum field_id {
	ADV_HOSTS = WIZARD_ADVANCED_IDS, ADV_GATEWAY, ADV_GATEWAY_USE, ADV_GATEWAY_PORT, ADV_GATEWAY_HOSTS,
	ADV_MESH,
};

static const char *const gateway_words[] = { "none", "create", "use" };

static size_t
word_index(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; word != NULL && i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

static void
add_choice(struct form *f, int id, const char *label, const char *const *words, size_t count,
	   const char *now)
{
	struct form_field *field = form_add(f, FIELD_CHOICE, id, label);

	field->choices = words;
	field->choice_count = count;
	field->choice = word_index(words, count, now);
}

static struct form_field *
add_list(struct form *f, int id, const char *label, const struct value *list)
{
	struct form_field *field = form_add(f, FIELD_TEXT, id, label);
	struct buf b = BUF_INIT;

	VALUE_EACH(item, list) {
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			   value_text(item) != NULL ? value_text(item) : "");
	}
	field_set(field, buf_str(&b));
	field->cells = 44;
	buf_fini(&b);
	return field;
}

static void
add_integer(struct form *f, int id, const char *label, const struct value *at, const char *other)
{
	const char *text = value_text(at);

	field_set(form_add(f, FIELD_INTEGER, id, label), text != NULL ? text : other);
}

/* Names of the gateways there are, which live as long as the screen: a form
 * borrows them while the state is replaced.  *count of them. */
static const char **
gateway_names(const struct wizard_screen *w, const char *use, size_t *count)
{
	const struct snapshot *s = w->state->mesh->snapshot;
	struct arena *a = w->choices;
	const char **names = arena_alloc(a, (s->count + 1) * sizeof(*names));
	bool is_there = use == NULL;

	*count = 0;
	SNAPSHOT_EACH(o, s, KIND_GATEWAY) {
		names[*count] = arena_printf(a, "%s/%s", o->ns, o->name);
		is_there = is_there || strcmp(names[*count], use) == 0;
		(*count)++;
	}
	if (!is_there)
		names[(*count)++] = arena_strdup(a, use);	/* stored, but not there */
	return names;
}

static void
add_gateways(const struct wizard_screen *w, const char *use, struct form *f)
{
	size_t count;
	const char **names = gateway_names(w, use, &count);

	add_choice(f, ADV_GATEWAY_USE, "  which", names, count, use);
}

static void
build_gateway(const struct wizard_screen *w, const struct value *a, struct form *f)
{
	const struct value *g = value_get(a, "gateway"), *create = value_get(g, "create");
	const char *use = value_get_text(g, "use");
	bool with_mesh = false;

	value_to_bool(value_get(g, "includeMesh"), &with_mesh);
	add_choice(f, ADV_GATEWAY, "Gateway", gateway_words, ARRAY_LEN(gateway_words),
		   create != NULL ? "create" : use != NULL ? "use" : "none");
	if (create != NULL) {
		add_integer(f, ADV_GATEWAY_PORT, "  port", value_get(create, "port"), "80");
		add_list(f, ADV_GATEWAY_HOSTS, "  hosts", value_get(create, "hosts"));
	} else if (use != NULL) {
		add_gateways(w, use, f);
	}
	if (create != NULL || use != NULL)
		form_add(f, FIELD_TOGGLE, ADV_MESH, "  callers in the mesh, too")->is_on = with_mesh;
}

void
wizard_advanced_build(struct wizard_screen *w, struct form *f)
{
	const struct value *a = w->state->advanced;

	f->label_cells = 26;
	add_list(f, ADV_HOSTS, "Hosts", value_get(a, "hosts"));
	build_gateway(w, a, f);
	form_add(f, FIELD_NOTE, 0, "");
	wizard_policy_build(w, f);
}

static struct value *
make_list(struct arena *a, const char *text)
{
	struct value *list = value_new_list(a);

	while (*text != '\0') {
		size_t len;

		text += strspn(text, ", ");
		len = strcspn(text, ", ");
		if (len > 0)
			value_append(list, value_new_string(a, arena_strndup(a, text, len)));
		text += len;
	}
	return list;
}

void
wizard_put_answer(struct arena *a, struct value *root, const char *path, struct value *leaf)
{
	struct value *at = root;
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		at = value_ensure_map(a, at, arena_strndup(a, path, (size_t)(dot - path)));
		path = dot + 1;
	}
	value_set(a, at, path, leaf);
}

static void
answer_gateway(const struct wizard_screen *w, struct arena *a, struct value *root,
	       const struct form_field *field)
{
	const char **names;
	size_t count;

	switch (field->choice) {
	case 0:
		value_set(a, root, "gateway", value_new_bool(a, false));
		break;
	case 1:
		wizard_put_answer(a, root, "gateway.create.port", value_new_int(a, 80));
		wizard_put_answer(a, root, "gateway.create.hosts", make_list(a, "*"));
		wizard_put_answer(a, root, "gateway.includeMesh", value_new_bool(a, false));
		break;
	default:
		names = gateway_names(w, NULL, &count);
		wizard_put_answer(a, root, "gateway.use", value_new_string(a, count > 0 ? names[0] :
				  "istio-system/ingressgateway"));
		break;
	}
}

/* The gateway is answered as a whole, so what it has goes along. */
static void
change_gateway(struct arena *a, struct value *root, const struct value *now, const char *path,
	       struct value *leaf)
{
	const struct value *g = value_get(now, "gateway");

	value_set(a, root, "gateway", g != NULL ? value_copy(a, g) : value_new_map(a));
	wizard_put_answer(a, root, path, leaf);
}

static void
answer(const struct wizard_screen *w, struct arena *a, struct value *root,
       const struct form_field *field)
{
	const struct value *now = w->state->advanced;
	const char *text = buf_str(&field->value);
	struct value *number = value_new_int(a, strtoll(text, NULL, 10));

	switch (field->id) {
	case ADV_HOSTS: value_set(a, root, "hosts", make_list(a, text)); break;
	case ADV_GATEWAY: answer_gateway(w, a, root, field); break;
	case ADV_GATEWAY_USE:
		change_gateway(a, root, now, "gateway.use",
			       value_new_string(a, field->choices[field->choice]));
		break;
	case ADV_GATEWAY_PORT: change_gateway(a, root, now, "gateway.create.port", number); break;
	case ADV_GATEWAY_HOSTS:
		change_gateway(a, root, now, "gateway.create.hosts", make_list(a, text));
		break;
	case ADV_MESH:
		change_gateway(a, root, now, "gateway.includeMesh", value_new_bool(a, field->is_on));
		break;
	default: break;
	}
}

/* On a copy first: a refused answer leaves the state as it was. */
bool
wizard_advanced_take(struct wizard_screen *w, struct form_field *field)
{
	struct arena *a = arena_new();
	struct value *first = value_new_map(a), *root = value_new_map(a);
	struct problems problems = PROBLEMS_INIT;
	struct wizard_state *copy;
	bool is_good;

	if (field->kind == FIELD_INTEGER && field->value.len == 0 &&
	    !wizard_policy_may_be_empty(field)) {
		field_error(field, "a number");
		arena_free(&a);
		return false;
	}
	if (!wizard_policy_answer(w, a, first, root, field))
		answer(w, a, root, field);
	copy = wizard_dup(w->state);
	is_good = wizard_answer_advanced(copy, first, &problems) == 0 &&
		  wizard_answer_advanced(copy, root, &problems) == 0;
	field_error(field, is_good ? NULL : problems.rows.len > 0 ?
		    problems.rows.items[0].message : "not accepted");
	if (is_good) {
		wizard_free(&w->state);
		w->state = copy;
	} else {
		wizard_free(&copy);
	}
	problems_fini(&problems);
	arena_free(&a);
	return is_good && field->kind != FIELD_TEXT && field->kind != FIELD_INTEGER;
}
