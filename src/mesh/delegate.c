/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The http entries of a VirtualService with its delegates put in
 * (spec/dataplane.md 2.5): matches of both are combined, and the root
 * supplies what the delegate's rule lacks.
 */
#include <stdio.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/table.h"

struct growing_entries {
	VEC(struct http_entry) items;
};

static const char *
text_of(const struct value *string_match, const char *kind)
{
	const char *text = value_get_text(string_match, kind);

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static bool
starts(const char *s, const char *prefix)
{
	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Istio's rule: the leaf must be inside the root, which patterns and bare
 * presence (on either side) never are. */
static bool
strings_conflict(const struct value *root, const struct value *leaf)
{
	const char *exact = text_of(root, "exact"), *prefix = text_of(root, "prefix");
	const char *leaf_exact = text_of(leaf, "exact");
	const char *leaf_prefix = text_of(leaf, "prefix");

	if (!value_is_map(root) || !value_is_map(leaf))
		return false;
	if (exact != NULL)
		return leaf_exact == NULL || strcmp(exact, leaf_exact) != 0;
	return prefix == NULL ||
	       !starts(leaf_exact != NULL ? leaf_exact : leaf_prefix, prefix);
}

static bool
maps_conflict(const struct value *root, const struct value *leaf)
{
	MEMBER_EACH(v, leaf)
		if (strings_conflict(value_get(root, v->key), v))
			return true;
	return false;
}

static bool
scalars_conflict(const struct value *root, const struct value *leaf)
{
	const char *a = value_text(root), *b = value_text(leaf);

	return a != NULL && b != NULL && a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* Does the leaf name a gateway that the root does not? */
static bool
gateways_conflict(const struct value *root, const struct value *leaf)
{
	if (root == NULL || root->count == 0)
		return false;
	VALUE_EACH(g, leaf)
		if (value_text(g) != NULL && !list_has(root, value_text(g)))
			return true;
	return false;
}

/* A root's namespace is not taken over by a leaf that names none. */
static bool
namespaces_conflict(const struct value *root, const struct value *leaf)
{
	const char *a = value_text(root), *b = value_text(leaf);

	return a != NULL && a[0] != '\0' && (b == NULL || strcmp(a, b) != 0);
}

static bool
ignores_case(const struct value *match)
{
	bool ignores = false;

	value_to_bool(value_get(match, "ignoreUriCase"), &ignores);
	return ignores;
}

static bool
matches_conflict(const struct value *root, const struct value *leaf)
{
	static const char *const strings[] = { "uri", "scheme", "method", "authority" };
	static const char *const maps[] = { "headers", "withoutHeaders", "queryParams" };

	if (ignores_case(root) != ignores_case(leaf))
		return true;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strings_conflict(value_get(root, strings[i]), value_get(leaf, strings[i])))
			return true;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (maps_conflict(value_get(root, maps[i]), value_get(leaf, maps[i])))
			return true;
	MEMBER_EACH(v, value_get(leaf, "sourceLabels"))
		if (scalars_conflict(value_get(value_get(root, "sourceLabels"), v->key), v))
			return true;
	return scalars_conflict(value_get(root, "port"), value_get(leaf, "port")) ||
	       namespaces_conflict(value_get(root, "sourceNamespace"),
				   value_get(leaf, "sourceNamespace")) ||
	       gateways_conflict(value_get(root, "gateways"), value_get(leaf, "gateways"));
}

/* Names of both, joined: that is what logs show. */
static void
join_names(struct arena *a, struct value *out, const struct value *root)
{
	const char *name = text_of(root, "name"), *own = text_of(out, "name");

	if (name != NULL && own != NULL)
		value_set_string(a, out, "name", arena_printf(a, "%s-%s", name, own));
	else if (name != NULL)
		value_set_string(a, out, "name", name);
}

/* Everything of the leaf, and what only the root has; maps are unioned. */
static struct value *
merge_maps(struct arena *a, const struct value *root, const struct value *leaf)
{
	struct value *out = value_copy(a, value_is_map(leaf) ? leaf : root);

	MEMBER_EACH(v, root) {
		struct value *own = value_get(out, v->key);

		if (own == NULL)
			value_set(a, out, v->key, value_copy(a, v));
		else if (value_is_map(own) && value_is_map(v) && strcmp(v->key, "uri") != 0 &&
			 strcmp(v->key, "scheme") != 0 && strcmp(v->key, "method") != 0 &&
			 strcmp(v->key, "authority") != 0)
			value_set(a, out, v->key, merge_maps(a, v, own));
	}
	return out;
}

static struct value *
merge_match(struct arena *a, const struct value *root, const struct value *leaf)
{
	struct value *out = value_copy(a, leaf);

	join_names(a, out, root);
	return merge_maps(a, root, out);
}

/* Combined matches; NULL when one of the leaf's is in none of the root's. */
static struct value *
merge_matches(struct arena *a, struct value *root, struct value *leaf)
{
	struct value *out;

	if (root->count == 0)
		return leaf;
	if (leaf->count == 0)
		return root;
	out = value_new_list(a);
	VALUE_EACH(l, leaf) {
		bool found = false;

		VALUE_EACH(r, root) {
			if (matches_conflict(r, l))
				continue;
			value_append(out, merge_match(a, r, l));
			found = true;
		}
		if (!found)
			return NULL;
	}
	return out;
}

static struct value *
complete_gateways(struct arena *a, const struct value *names, const char *ns)
{
	struct value *out = value_new_list(a);

	VALUE_EACH(g, names) {
		const char *text = value_text(g);

		if (text != NULL && strcmp(text, "mesh") != 0 && strchr(text, '/') == NULL)
			text = arena_printf(a, "%s/%s", ns, text);
		if (text != NULL)
			value_append(out, value_new_string(a, text));
	}
	return out;
}

/* A copy of matches whose gateways carry their namespace: root and leaf may
 * be of different ones. */
static struct value *
complete_matches(struct arena *a, const struct value *matches, const char *ns)
{
	struct value *out = value_new_list(a);

	VALUE_EACH(m, matches) {
		struct value *one = value_append(out, value_copy(a, m));
		const struct value *names = value_get(m, "gateways");

		if (names != NULL && names->count > 0)
			value_set(a, one, "gateways", complete_gateways(a, names, ns));
	}
	return out;
}

/* Short hosts of the root's mirrors belong to the root's namespace. */
static void
complete_mirrors(struct compile *c, struct value *http, const char *ns)
{
	struct value *one = value_get(http, "mirror");

	if (value_get_text(one, "host") != NULL)
		value_set_string(c->arena, one, "host",
				 host_resolve(c->arena, value_get_text(one, "host"), ns));
	VALUE_EACH(m, value_get(http, "mirrors")) {
		struct value *to = value_get(m, "destination");

		if (value_get_text(to, "host") != NULL)
			value_set_string(c->arena, to, "host",
					 host_resolve(c->arena, value_get_text(to, "host"), ns));
	}
}

static void
add_leaf(struct compile *c, const struct object *root_vs, const struct value *root,
	 const struct object *vs, const struct value *leaf, size_t index,
	 struct growing_entries *out)
{
	static const char *const supplied[] = {
		"timeout", "retries", "fault", "rewrite", "headers", "corsPolicy", "mirror",
		"mirrorPercentage", "mirrorPercent", "mirrors" };
	struct value *matches =
		merge_matches(c->arena, complete_matches(c->arena, value_get(root, "match"), root_vs->ns),
			      complete_matches(c->arena, value_get(leaf, "match"), vs->ns));
	bool has_mirror = value_get(leaf, "mirror") != NULL || value_get(leaf, "mirrors") != NULL;
	struct value *http, *from_root;

	if (matches == NULL) {
		compile_problem(c, "MT2004", vs, value_get(leaf, "match"),
				arena_printf(c->scratch, "spec.http[%zu].match", index),
				"outside every match of %s.%s that delegates to it: the rule is "
				"dropped there", root_vs->name, root_vs->ns);
		return;
	}
	http = value_copy(c->arena, leaf);
	join_names(c->arena, http, root);
	from_root = value_copy(c->arena, root);
	complete_mirrors(c, from_root, root_vs->ns);
	for (size_t i = 0; i < sizeof(supplied) / sizeof(supplied[0]); i++) {
		const struct value *v = value_get(from_root, supplied[i]);

		if (v != NULL && value_get(http, supplied[i]) == NULL &&
		    !(has_mirror && strncmp(supplied[i], "mirror", 6) == 0))
			value_set(c->arena, http, supplied[i], value_copy(c->arena, v));
	}
	if (matches->count > 0)
		value_set(c->arena, http, "match", matches);
	vec_push(&out->items, ((struct http_entry){ http, vs, index }));
}

/* The VirtualService that an entry delegates to; NULL with a problem. */
static const struct object *
delegate_of(struct compile *c, const struct object *vs, const struct value *http,
	    size_t index)
{
	const struct value *d = value_get(http, "delegate");
	const char *name = value_get_text(d, "name");
	const char *ns = value_get_text(d, "namespace");
	const struct object *o;
	const struct value *hosts;
	const char *why = NULL;

	if (ns == NULL || ns[0] == '\0')
		ns = vs->ns;
	o = name != NULL ? snapshot_find(c->snapshot, KIND_VIRTUAL_SERVICE, ns, name) : NULL;
	hosts = o != NULL ? value_get(o->spec, "hosts") : NULL;
	if (o == NULL || !exports_to(value_get(o->spec, "exportTo"), o->ns, vs->ns))
		why = "is not there";
	else if (hosts != NULL && hosts->count > 0)
		why = "has hosts of its own";
	if (why == NULL)
		return o;
	compile_problem(c, "MT2004", vs, d,
			arena_printf(c->scratch, "spec.http[%zu].delegate", index),
			"VirtualService %.60s.%.60s %s: the rule is dropped",
			name != NULL ? name : "?", ns, why);
	return NULL;
}

static void
add_delegate(struct compile *c, const struct object *vs, const struct value *http,
	     size_t index, struct growing_entries *out)
{
	const struct object *o = delegate_of(c, vs, http, index);
	size_t n = 0;

	if (o == NULL)
		return;
	VALUE_EACH(leaf, value_get(o->spec, "http")) {
		if (!value_is_map(leaf))
			continue;
		if (value_get(leaf, "delegate") != NULL)
			compile_problem(c, "MT2004", o, leaf,
					arena_printf(c->scratch, "spec.http[%zu].delegate", n),
					"a delegate cannot delegate: the rule is dropped");
		else
			add_leaf(c, vs, http, o, leaf, n, out);
		n++;
	}
}

const struct http_entries *
compile_entries(struct compile *c, const struct object *vs)
{
	struct {
		const void *vs;
		char what[8];
	} key = { vs, "entries" };
	void **place = compile_shared(c, &key, sizeof(key));
	struct growing_entries grown = { VEC_INIT };
	struct http_entries *out = *place;
	size_t index = 0;

	if (out != NULL)
		return out;
	out = arena_alloc(c->scratch, sizeof(*out));
	*place = out;
	VALUE_EACH(http, value_get(vs->spec, "http")) {
		if (value_is_map(value_get(http, "delegate")))
			add_delegate(c, vs, http, index, &grown);
		else
			vec_push(&grown.items, ((struct http_entry){ http, vs, index }));
		index++;
	}
	out->count = grown.items.len;
	if (out->count > 0) {
		out->items = arena_alloc(c->scratch, out->count * sizeof(*out->items));
		memcpy(out->items, grown.items.items, out->count * sizeof(*out->items));
	}
	vec_fini(&grown.items);
	return out;
}
