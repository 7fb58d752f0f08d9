/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Indexes of a snapshot for the checks of references; see known.h. */
#include "src/istio/known.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/istio/host.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

#define ROOT_NAMESPACE "istio-system"

/* Head of a list of links, with its length. */
struct link_list {
	struct known_link *first;
	size_t count;
};

static void
add_host(struct known *k, const char *host, const struct object *o)
{
	struct known_host *h = arena_alloc(k->arena, sizeof(*h));
	void **place = host_index_put(&k->hosts, host_resolve(k->arena, host, o->ns));

	h->object = o;
	h->next = *place;
	*place = h;
}

static void
add_hosts(struct known *k)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_SERVICE)
		add_host(k, o->name, o);
	SNAPSHOT_EACH(e, k->snapshot, KIND_SERVICE_ENTRY) {
		const struct value *hosts = member(e->spec, "hosts");

		VALUE_EACH(h, value_is_list(hosts) ? hosts : NULL)
			if (value_text(h) != NULL)
				add_host(k, value_text(h), e);
	}
}

static void
add_link(struct known *k, const char *key, const struct known_workload *w)
{
	void **place = strmap_put(&k->labels, slice_of(key));
	struct known_link *link = arena_alloc(k->arena, sizeof(*link));
	struct link_list *list = *place;

	if (list == NULL)
		*place = list = arena_alloc(k->arena, sizeof(*list));
	link->workload = w;
	link->next = list->first;
	list->first = link;
	list->count++;
}

static bool
is_injected(const struct known *k, const struct object *o, const struct value *labels,
	    const struct value *annotations)
{
	static const char key[] = "sidecar.istio.io/inject";
	const struct object *ns = snapshot_find(k->snapshot, KIND_NAMESPACE, "", o->ns);
	const char *mode = ns != NULL ? object_label(ns, "istio-injection") : NULL;
	const char *label = value_get_text(labels, key), *note = value_get_text(annotations, key);

	if (mode != NULL && strcmp(mode, "disabled") == 0)
		return false;
	return !(label != NULL && strcmp(label, "false") == 0) &&
	       !(note != NULL && strcmp(note, "false") == 0);
}

static void
add_workload(struct known *k, const struct object *o, const struct value *metadata,
	     const struct value *more)
{
	struct known_workload *w = arena_alloc(k->arena, sizeof(*w));
	const struct value *labels = value_get(metadata, "labels");

	w->object = o;
	w->labels = more != NULL ? more : labels;
	w->has_proxy = is_injected(k, o, w->labels, value_get(metadata, "annotations"));
	add_link(k, arena_printf(k->arena, "%s/", o->ns), w);
	VALUE_EACH(l, value_is_map(w->labels) ? w->labels : NULL) {
		const char *text = value_text(l);

		if (text == NULL)
			continue;
		add_link(k, arena_printf(k->arena, "%s/%s=%s", o->ns, l->key, text), w);
		add_link(k, arena_printf(k->arena, "/%s=%s", l->key, text), w);
	}
}

/* The labels of a WorkloadEntry stand in spec and in metadata. */
static const struct value *
entry_labels(struct known *k, const struct object *o)
{
	const struct value *own = value_get(o->metadata, "labels"), *spec = member(o->spec, "labels");
	struct value *all;

	if (!value_is_map(spec) || !value_is_map(own))
		return value_is_map(spec) ? spec : own;
	all = value_copy(k->arena, own);
	VALUE_EACH(l, spec)
		value_set(k->arena, all, l->key, value_copy(k->arena, l));
	return all;
}

static void
add_workloads(struct known *k)
{
	SNAPSHOT_EACH(d, k->snapshot, KIND_DEPLOYMENT)
		add_workload(k, d, value_path(d->spec, "template.metadata"), NULL);
	SNAPSHOT_EACH(p, k->snapshot, KIND_POD)
		add_workload(k, p, p->metadata, NULL);
	SNAPSHOT_EACH(e, k->snapshot, KIND_WORKLOAD_ENTRY)
		add_workload(k, e, e->metadata, entry_labels(k, e));
}

static void
add_subset(struct known *k, struct strmap *map, const char *host, const char *subset)
{
	if (subset != NULL && subset[0] != '\0')
		*strmap_put(map, slice_of(arena_printf(k->arena, "%s|%s", host, subset))) = k;
}

bool
known_is_private(const struct object *o)
{
	const struct value *list = member(o->spec, "exportTo");
	const char *ns = list != NULL && list->count == 1 ? value_text(list->first) : NULL;

	return ns != NULL && (strcmp(ns, ".") == 0 || strcmp(ns, o->ns) == 0);
}

static void
add_rules(struct known *k)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_DESTINATION_RULE) {
		const char *host = member_text(o->spec, "host");
		const struct value *subsets = member(o->spec, "subsets");
		struct known_rule *r = arena_alloc(k->arena, sizeof(*r)), **end;
		char *fqdn;

		if (host == NULL)
			continue;
		fqdn = host_resolve(k->arena, host, o->ns);
		r->object = o;
		end = (struct known_rule **)host_index_put(&k->rules, fqdn);
		r->next = *end;
		*end = r;
		VALUE_EACH(s, value_is_list(subsets) ? subsets : NULL)
			add_subset(k, &k->subsets, fqdn, member_text(s, "name"));
	}
}

static void
use_destination(struct known *k, const struct object *o, const struct value *d)
{
	const char *host = member_text(d, "host");

	if (host != NULL)
		add_subset(k, &k->used, host_resolve(k->arena, host, o->ns), member_text(d, "subset"));
}

static void
add_uses(struct known *k)
{
	static const char *const sections[] = { "http", "tls", "tcp" };

	SNAPSHOT_EACH(o, k->snapshot, KIND_VIRTUAL_SERVICE)
		for (size_t i = 0; i < 3; i++)
			VALUE_EACH(rule, member(o->spec, sections[i])) {
				VALUE_EACH(r, member(rule, "route"))
					use_destination(k, o, member(r, "destination"));
				use_destination(k, o, member(rule, "mirror"));
				VALUE_EACH(m, member(rule, "mirrors"))
					use_destination(k, o, member(m, "destination"));
			}
}

/* MeshConfig: what is not there has Istio's default. */
static void
read_settings(struct known *k)
{
	const struct object *o = snapshot_find(k->snapshot, KIND_CONFIG_MAP, ROOT_NAMESPACE, "istio");
	const char *text = o != NULL ? value_get_text(value_get(o->root, "data"), "mesh") : NULL;
	struct yaml_stream stream = { .docs = VEC_INIT };
	const char *mode, *root;

	k->root_ns = ROOT_NAMESPACE;
	k->allows_any = true;
	k->is_auto_mtls = true;
	if (text == NULL || yaml_parse(k->arena, text, strlen(text), NULL, &stream, NULL) < 0)
		return;
	if (stream.docs.len > 0) {
		mode = value_text(value_path(stream.docs.items[0].root, "outboundTrafficPolicy.mode"));
		root = value_get_text(stream.docs.items[0].root, "rootNamespace");
		k->allows_any = mode == NULL || strcmp(mode, "REGISTRY_ONLY") != 0;
		if (root != NULL && root[0] != '\0')
			k->root_ns = root;
		value_to_bool(value_get(stream.docs.items[0].root, "enableAutoMtls"), &k->is_auto_mtls);
	}
	yaml_stream_fini(&stream);
}

static bool
has_any(const struct snapshot *s, const enum kind_id *kinds, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found == 0; i++)
		snapshot_kind(s, kinds[i], &found);
	return found > 0;
}

static void
look_around(struct known *k)
{
	static const enum kind_id services[] = { KIND_SERVICE, KIND_SERVICE_ENTRY, KIND_DEPLOYMENT,
						 KIND_POD, KIND_WORKLOAD_ENTRY };
	static const enum kind_id gateways[] = { KIND_GATEWAY, KIND_K8S_GATEWAY };
	static const enum kind_id namespaces[] = { KIND_NAMESPACE };

	k->has_services = has_any(k->snapshot, services, ARRAY_LEN(services));
	k->has_gateways = has_any(k->snapshot, gateways, ARRAY_LEN(gateways));
	k->has_namespaces = has_any(k->snapshot, namespaces, ARRAY_LEN(namespaces));
}

enum severity
known_missing(const struct known *k, enum known_what what)
{
	bool is_whole = k->has_services;

	if (what != KNOWN_SERVICE)
		is_whole |= k->has_namespaces;
	if (what == KNOWN_GATEWAY)
		is_whole |= k->has_gateways;
	return is_whole ? SEVERITY_ERROR : SEVERITY_WARNING;
}

void
known_init(struct known *k, const struct snapshot *s)
{
	*k = (struct known){ .snapshot = s, .arena = arena_new(), .hosts = HOST_INDEX_INIT,
			     .rules = HOST_INDEX_INIT, .labels = STRMAP_INIT,
			     .subsets = STRMAP_INIT, .used = STRMAP_INIT,
			     .namespaces = STRMAP_INIT };
	read_settings(k);
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = s->objects[i];
		bool is_ns = o->kind != NULL && o->kind->id == KIND_NAMESPACE;

		*strmap_put(&k->namespaces, slice_of(is_ns ? o->name : o->ns)) = k;
	}
	look_around(k);
	add_hosts(k);
	add_workloads(k);
	add_rules(k);
	add_uses(k);
}

void
known_fini(struct known *k)
{
	host_index_fini(&k->hosts);
	host_index_fini(&k->rules);
	strmap_fini(&k->labels);
	strmap_fini(&k->subsets);
	strmap_fini(&k->used);
	strmap_fini(&k->namespaces);
	arena_free(&k->arena);
}

const struct known_host *
known_find_host(const struct known *k, const char *fqdn)
{
	size_t suffix = SIZE_MAX;
	const struct known_host *h = fqdn[0] == '*' ?
		strmap_find(&k->hosts.suffixes, slice_of(fqdn + 1)) :
		host_index_exact(&k->hosts, slice_of(fqdn));

	return h != NULL ? h : host_index_wildcard(&k->hosts, slice_of(fqdn), &suffix);
}

static bool
has_subset(const struct strmap *map, const char *host, size_t len, bool is_wild,
	   const char *subset)
{
	char key[HOST_MAX_BYTES + 80];
	int n = snprintf(key, sizeof(key), "%s%.*s|%s", is_wild ? "*" : "", (int)len, host, subset);

	return n > 0 && (size_t)n < sizeof(key) &&
	       strmap_find(map, (struct slice){ key, (size_t)n }) != NULL;
}

bool
known_subset(const struct known *k, const char *fqdn, const char *subset)
{
	size_t len = strlen(fqdn), suffix = SIZE_MAX;

	if (has_subset(&k->subsets, fqdn, len, false, subset))
		return true;
	while (host_index_wildcard(&k->rules, (struct slice){ fqdn, len }, &suffix) != NULL)
		if (has_subset(&k->subsets, fqdn + len - suffix, suffix, true, subset))
			return true;
	return false;
}

bool
known_subset_is_used(const struct known *k, const char *fqdn, const char *subset)
{
	return has_subset(&k->used, fqdn, strlen(fqdn), false, subset);
}

bool
known_namespace(const struct known *k, const char *ns)
{
	return strmap_find(&k->namespaces, slice_of(ns)) != NULL;
}

const char *
known_hint(const struct known *k, const char *host, char out[2 * HOST_MAX_BYTES])
{
	static const char lead[] = ": names with a dot are not completed, write ";
	const char *dot = strchr(host, '.');
	char *full = out + sizeof(lead) - 1;

	if (dot != NULL && strlen(host) <= 200) {
		snprintf(full, HOST_MAX_BYTES, "%.*s.svc." HOST_CLUSTER_DOMAIN,
			 (int)strcspn(dot + 1, ".") + (int)(dot + 1 - host), host);
		if (known_find_host(k, full) != NULL) {
			memcpy(out, lead, sizeof(lead) - 1);
			return out;
		}
	}
	return "";
}

bool
known_port(const struct known_host *h, const char *number)
{
	for (; h != NULL; h = h->next) {
		bool is_service = h->object->kind->id == KIND_SERVICE;

		VALUE_EACH(p, member(h->object->spec, "ports")) {
			const char *text = member_text(p, is_service ? "port" : "number");

			if (text != NULL && strcmp(text, number) == 0)
				return true;
		}
	}
	return false;
}

const struct known_link *
known_candidates(const struct known *k, const char *ns, const struct value *selector)
{
	const struct link_list *best = NULL;
	struct buf key = BUF_INIT;

	if (selector == NULL || selector->count == 0) {
		buf_printf(&key, "%s/", ns);
		best = strmap_find(&k->labels, (struct slice){ buf_str(&key), key.len });
	}
	VALUE_EACH(l, value_is_map(selector) ? selector : NULL) {
		const struct link_list *list;

		buf_clear(&key);
		buf_printf(&key, "%s/%s=%s", ns, l->key, value_text(l) != NULL ? value_text(l) : "");
		list = strmap_find(&k->labels, (struct slice){ buf_str(&key), key.len });
		if (list == NULL) {
			best = NULL;
			break;
		}
		if (best == NULL || list->count < best->count)
			best = list;
	}
	buf_fini(&key);
	return best != NULL ? best->first : NULL;
}

bool
known_any_workload(const struct known *k, const char *ns, const struct value *selector)
{
	for (const struct known_link *l = known_candidates(k, ns, selector); l != NULL; l = l->next)
		if (labels_match(l->workload->labels, selector))
			return true;
	return false;
}

struct checker
checker_at_spec(const struct object *o, struct problems *out)
{
	struct checker c = { .object = o, .out = out, .path = BUF_INIT };

	buf_puts(&c.path, "spec");
	return c;
}

void
checker_fini(struct checker *c)
{
	buf_fini(&c->path);
}
