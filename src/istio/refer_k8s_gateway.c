/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gateways of the Gateway API against each other and their classes (Kiali's
 * KIA15xx), and the namespaces of ReferenceGrants (KIA1601).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

/* The first two Gateways that have a thing. */
struct pair {
	const struct object *first, *second;
};

struct things {
	struct arena *arena;
	struct strmap map;
};

static struct pair *
pair_of(struct things *x, const char *key)
{
	void **place = strmap_put(&x->map, slice_of(key));

	if (*place == NULL)
		*place = arena_alloc(x->arena, sizeof(struct pair));
	return *place;
}

static const char *
text_of(const struct value *map, const char *name)
{
	const char *text = member_text(map, name);

	return text != NULL ? text : "";
}

/* NULL for what two Gateways may have: a listener for all hosts. */
static const char *
key_of_listener(struct things *x, const struct value *l)
{
	char *key;

	if (text_of(l, "hostname")[0] == '\0')
		return NULL;
	key = arena_printf(x->arena, "l%s %s %s", text_of(l, "hostname"), text_of(l, "port"),
			   text_of(l, "protocol"));
	for (char *p = key; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return key;
}

static const char *
key_of_address(struct things *x, const struct value *a)
{
	const char *type = member_text(a, "type"), *value = member_text(a, "value");

	if (value == NULL || value[0] == '\0')
		return NULL;
	return arena_printf(x->arena, "a%s %s", type != NULL ? type : "IPAddress", value);
}

typedef const char *(*key_maker)(struct things *x, const struct value *item);

static void
collect(struct things *x, const struct object *o, const char *list, key_maker key_of)
{
	VALUE_EACH(v, member(o->spec, list)) {
		const char *key = key_of(x, v);
		struct pair *p = key != NULL ? pair_of(x, key) : NULL;

		if (p == NULL || p->first == o)
			continue;
		if (p->first == NULL)
			p->first = o;
		else if (p->second == NULL)
			p->second = o;
	}
}

/* A Gateway's list against those of others. */
static void
check_clashes(struct things *x, struct checker *c, const char *list, key_maker key_of,
	      const char *name, const char *code)
{
	size_t index = 0;

	VALUE_EACH(v, member(c->object->spec, list)) {
		const char *key = key_of(x, v);
		const struct pair *p = key != NULL ? pair_of(x, key) : NULL;
		const struct object *other = p == NULL ? NULL : p->first != c->object ? p->first : p->second;
		char below[48];

		snprintf(below, sizeof(below), "%s[%zu].%s", list, index++, name);
		if (other != NULL)
			complain(c, member(v, name), below, code, "Gateway %s.%s has the same %s, too", other->name,
				 other->ns, strcmp(name, "value") == 0 ? "address" : "hostname, port and protocol");
	}
}

static bool
is_same_listener(const struct value *a, const struct value *b)
{
	return strcasecmp(text_of(a, "hostname"), text_of(b, "hostname")) == 0 &&
	       strcmp(text_of(a, "port"), text_of(b, "port")) == 0 &&
	       strcasecmp(text_of(a, "protocol"), text_of(b, "protocol")) == 0;
}

#define LISTENERS_MAX 64	/* of a Gateway, by its specification */

static void
check_listeners(struct checker *c)
{
	const struct value *list = member(c->object->spec, "listeners");
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		char below[40];

		snprintf(below, sizeof(below), "listeners[%zu].name", index);
		for (const struct value *w = list->first; w != v && index < LISTENERS_MAX; w = w->next) {
			if (!is_same_listener(v, w))
				continue;
			complain(c, member(v, "name"), below, "KIA1503",
				 "listener '%.60s' has the same hostname, port and protocol", text_of(w, "name"));
			break;
		}
		index++;
	}
}

/* Istio's own, and what the documents define. */
static void
check_class(const struct known *k, struct checker *c)
{
	static const char *const classes[] = { "istio", "istio-remote", "istio-waypoint",
					       "istio-east-west" };
	const char *name = member_text(c->object->spec, "gatewayClassName");

	for (size_t i = 0; i < ARRAY_LEN(classes) && name != NULL; i++)
		if (strcmp(name, classes[i]) == 0)
			return;
	for (size_t i = 0; i < k->snapshot->count && name != NULL; i++) {
		const struct object *o = k->snapshot->objects[i];

		if (o->kind == NULL && strcmp(o->kind_name, "GatewayClass") == 0 && strcmp(o->name, name) == 0)
			return;
	}
	if (name != NULL && name[0] != '\0')
		complain(c, member(c->object->spec, "gatewayClassName"), "gatewayClassName", "KIA1504",
			 "there is no GatewayClass '%.60s', and it is none of Istio's: nobody serves this Gateway",
			 name);
}

void
refer_k8s_gateways(const struct known *k, struct problems *out)
{
	struct things x = { arena_new(), STRMAP_INIT };

	SNAPSHOT_EACH(o, k->snapshot, KIND_K8S_GATEWAY) {
		collect(&x, o, "listeners", key_of_listener);
		collect(&x, o, "addresses", key_of_address);
	}
	SNAPSHOT_EACH(p, k->snapshot, KIND_K8S_GATEWAY) {
		struct checker c = checker_at_spec(p, out);

		check_class(k, &c);
		check_listeners(&c);
		check_clashes(&x, &c, "listeners", key_of_listener, "hostname", "KIA1501");
		check_clashes(&x, &c, "addresses", key_of_address, "value", "KIA1502");
		checker_fini(&c);
	}
	strmap_fini(&x.map);
	arena_free(&x.arena);
}

void
refer_grants(const struct known *k, struct problems *out)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_REFERENCE_GRANT) {
		struct checker c = checker_at_spec(o, out);
		size_t index = 0;

		VALUE_EACH(f, member(o->spec, "from")) {
			const struct value *ns = member(f, "namespace");
			char below[48];

			snprintf(below, sizeof(below), "from[%zu].namespace", index++);
			if (value_text(ns) != NULL && !known_namespace(k, ns->text))
				complain_as(&c, known_missing(k, KNOWN_NAMESPACE), ns, below, "KIA1601",
					    "there is no namespace '%.80s'", ns->text);
		}
		checker_fini(&c);
	}
}
