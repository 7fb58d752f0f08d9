/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Workloads and their running copies, from Deployments, Pods and
 * WorkloadEntries.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/error.h"
#include "src/istio/syntax.h"
#include "src/mesh/addresses.h"
#include "src/mesh/compile.h"
#include "src/mesh/images.h"

#define LABEL_WORKLOAD "service.istio.io/workload-name"
#define KEY_INJECT "sidecar.istio.io/inject"
#define KEY_FORWARD "meshtop.io/forward-to"
#define KEY_EGRESS "meshtop.io/egress"
#define KEY_ROLE "meshtop.io/role"
#define KEY_CONFIG "proxy.istio.io/config"
#define MAX_REPLICAS 1000

/* What a Deployment's template, a Pod or a WorkloadEntry says. */
struct source {
	const struct object *object;
	const struct value *labels, *annotations;
	const struct value *containers;
	const char *name;		/* of the workload */
	const char *service_account;
};

static const char *
annotation(const struct source *s, const char *key)
{
	const char *text = value_get_text(s->annotations, key);

	return text != NULL ? text : object_annotation(s->object, key);
}

static bool
is_false(const char *text)
{
	return text != NULL && strcmp(text, "false") == 0;
}

static bool
is_injected(struct compile *c, const struct source *s)
{
	const struct object *ns =
		snapshot_find(c->snapshot, KIND_NAMESPACE, "", s->object->ns);
	const char *label = ns != NULL ? object_label(ns, "istio-injection") : NULL;

	if (label != NULL && strcmp(label, "disabled") == 0)
		return false;
	return !is_false(value_get_text(s->labels, KEY_INJECT)) &&
	       !is_false(annotation(s, KEY_INJECT)) &&
	       !is_false(object_label(s->object, KEY_INJECT));
}

/* The first of the labels that is set, else fallback. */
static const char *
first_label(const struct value *labels, const char *const keys[3], const char *fallback)
{
	for (size_t i = 0; i < 3; i++) {
		const char *text = value_get_text(labels, keys[i]);

		if (text != NULL && text[0] != '\0')
			return text;
	}
	return fallback;
}

static void
read_egress(struct compile *c, const struct source *s, struct mesh_workload *w)
{
	const char *text = annotation(s, KEY_EGRESS);
	struct error err = ERROR_INIT;

	if (text == NULL)
		return;
	if (address_parse(&w->egress, text, &err) < 0 || address_port(&w->egress) == 0) {
		w->egress = (struct address){ .len = 0 };
		compile_problem(c, "MT1006", s->object, s->object->metadata,
				"metadata.annotations[\"" KEY_EGRESS "\"]",
				"needs ADDRESS:PORT, not \"%.120s\"", text);
	}
}

/* The workload of that name, made from s when it is new. */
static struct mesh_workload *
workload_of(struct compile *c, const struct source *s)
{
	static const char *const service_keys[3] = {
		"service.istio.io/canonical-name", "app.kubernetes.io/name", "app" };
	static const char *const revision_keys[3] = {
		"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version" };
	const char *role = annotation(s, KEY_ROLE);
	struct mesh_workload *w;
	void **place = strmap_put(&c->priv->workloads,
				  name_key(c->arena, s->object->ns, s->name));

	if (*place != NULL)
		return *place;
	w = arena_alloc(c->arena, sizeof(*w));
	*place = w;
	w->object = s->object;
	w->ns = s->object->ns;
	w->name = s->name;
	w->labels = s->labels;
	w->app = value_get_text(s->labels, "app");
	w->version = value_get_text(s->labels, "version");
	w->canonical_service = first_label(s->labels, service_keys, s->name);
	w->canonical_revision = first_label(s->labels, revision_keys, "latest");
	w->service_account = s->service_account != NULL ? s->service_account : "default";
	w->image = value_get_text(value_at(s->containers, 0), "image");
	w->has_proxy = is_injected(c, s);
	w->is_gateway = role != NULL && strcmp(role, "gateway") == 0;
	if (w->is_gateway)
		w->trusted_proxies = compile_trusted_proxies(c, annotation(s, KEY_CONFIG));
	read_egress(c, s, w);
	vec_push(&c->workloads, w);
	return w;
}

static bool
read_forward(struct compile *c, const struct source *s, struct mesh_instance *i)
{
	const char *text = annotation(s, KEY_FORWARD);

	if (text == NULL)
		return false;
	if (strncmp(text, "localhost", 9) == 0 && (text[9] == '\0' || text[9] == ':'))
		text = arena_printf(c->scratch, "127.0.0.1%s", text + 9);
	if (address_parse(&i->forward_host, text, NULL) < 0) {
		compile_problem(c, "MT1006", s->object, s->object->metadata,
				"metadata.annotations[\"" KEY_FORWARD "\"]",
				"needs ADDRESS or ADDRESS:PORT, not \"%.120s\"", text);
		return false;
	}
	return true;
}

static void
assign_address(struct compile *c, struct mesh_instance *i, const struct object *o)
{
	const char *name = arena_printf(c->scratch, "%s.%s", i->name, i->ns);

	if (c->addresses == NULL || addresses_pod(c->addresses, name, true, &i->address))
		return;
	if (!addresses_is_read_only(c->addresses))
		compile_problem(c, "MT1004", o, NULL, "",
				"%s gets no address: the mesh's block is full", i->name);
}

static void
read_address(struct compile *c, const struct source *s, struct mesh_instance *i,
	     const struct value *at, const char *path)
{
	const char *text = value_text(at);
	struct error err = ERROR_INIT;

	if (text == NULL || text[0] == '\0')
		assign_address(c, i, s->object);
	else if ((strncmp(text, "unix:", 5) == 0 ? address_parse(&i->address, text, &err)
						 : address_parse_host(&i->address, text, 0, &err)) < 0)
		compile_problem(c, syntax_is_fqdn(text) ? "MT1008" : "MT1002", s->object, at, path, "%s",
				err.msg);
}

static struct mesh_instance *
add_instance(struct compile *c, const struct source *s, struct mesh_workload *w,
	     const char *name)
{
	struct mesh_instance *i = arena_alloc(c->arena, sizeof(*i));

	i->ns = s->object->ns;
	i->name = name;
	i->workload = w;
	i->labels = s->labels;
	i->weight = 1;
	i->is_proxied_inbound = read_forward(c, s, i);
	w->desired++;
	vec_push(&c->instances, i);
	return i;
}

/* Pods that the platform runs forward to its sockets. */
static void
run_on_platform(struct compile *c, struct mesh_instance *i)
{
	if (i->is_proxied_inbound || i->workload->is_gateway || c->run_dir == NULL ||
	    image_lookup(i->workload->image) == IMAGE_UNKNOWN)
		return;
	i->is_proxied_inbound = true;
	i->forward_unix_dir = c->run_dir;
}

static void
add_deployment(struct compile *c, const struct object *o)
{
	const struct value *template = value_get(o->spec, "template");
	const struct value *pod = value_get(template, "spec");
	const struct value *meta = value_get(template, "metadata");
	struct source s = { .object = o, .labels = value_get(meta, "labels"),
			    .annotations = value_get(meta, "annotations"),
			    .containers = value_get(pod, "containers"), .name = o->name,
			    .service_account = value_get_text(pod, "serviceAccountName") };
	struct mesh_workload *w = workload_of(c, &s);
	int64_t replicas = 1;
	size_t desired;

	value_to_int(value_get(o->spec, "replicas"), &replicas);
	if (replicas > MAX_REPLICAS)
		compile_problem(c, "MT1015", o, value_get(o->spec, "replicas"), "spec.replicas",
				"%lld copies are wanted, %d are run", (long long)replicas, MAX_REPLICAS);
	desired = w->desired +
		  (size_t)(replicas < 0 ? 0 : replicas > MAX_REPLICAS ? MAX_REPLICAS : replicas);
	if (image_lookup(w->image) == IMAGE_UNKNOWN && !w->is_gateway &&
	    annotation(&s, KEY_FORWARD) == NULL) {
		compile_problem(c, "MT1001", o,
				value_get(value_at(s.containers, 0), "image"),
				"spec.template.spec.containers[0].image",
				"no program for image %.200s: the workload has no pods",
				w->image != NULL ? w->image : "(none)");
		w->desired = (unsigned)desired;
		return;
	}
	for (size_t n = 0; w->desired < desired; n++) {
		struct mesh_instance *i =
			add_instance(c, &s, w, arena_printf(c->arena, "%s-%zu", o->name, n));

		locality_of_instance(c, i, NULL, pod);
		assign_address(c, i, o);
		run_on_platform(c, i);
	}
}

/* Label, owner's name (a ReplicaSet's without its hash), or own name. */
static const char *
workload_of_pod(struct compile *c, const struct object *o, const struct value *labels)
{
	const struct value *owner = value_at(value_get(o->metadata, "ownerReferences"), 0);
	const char *name = value_get_text(labels, LABEL_WORKLOAD);
	const char *kind = value_get_text(owner, "kind");
	const char *dash;

	if (name != NULL)
		return name;
	name = value_get_text(owner, "name");
	if (name == NULL)
		return o->name;
	dash = strrchr(name, '-');
	if (kind != NULL && strcmp(kind, "ReplicaSet") == 0 && dash != NULL && dash != name)
		return arena_strndup(c->arena, name, (size_t)(dash - name));
	return name;
}

static void
add_pod(struct compile *c, const struct object *o)
{
	const struct value *labels = value_get(o->metadata, "labels");
	struct source s = { .object = o, .labels = labels,
			    .containers = value_get(o->spec, "containers"),
			    .name = workload_of_pod(c, o, labels),
			    .service_account = value_get_text(o->spec, "serviceAccountName") };
	struct mesh_workload *w = workload_of(c, &s);
	struct mesh_instance *i = add_instance(c, &s, w, o->name);
	const struct value *ip = value_path(o->root, "status.podIP");

	locality_of_instance(c, i, NULL, o->spec);
	read_address(c, &s, i, ip, "status.podIP");
	if (value_text(ip) == NULL)
		run_on_platform(c, i);
}

/* metadata.labels and spec.labels as one; spec's win. */
static const struct value *
merged_labels(struct compile *c, const struct object *o)
{
	const struct value *outer = value_get(o->metadata, "labels");
	const struct value *inner = value_get(o->spec, "labels");
	struct value *both;

	if (!value_is_map(inner) || inner->count == 0)
		return outer;
	if (!value_is_map(outer) || outer->count == 0 || value_equal(outer, inner))
		return inner;
	both = value_copy(c->arena, outer);
	MEMBER_EACH(v, inner)
		value_set(c->arena, both, v->key, value_copy(c->arena, v));
	return both;
}

static void
add_entry(struct compile *c, const struct object *o)
{
	const struct value *labels = merged_labels(c, o);
	const char *name = value_get_text(labels, LABEL_WORKLOAD);
	struct source s = { .object = o, .labels = labels,
			    .name = name != NULL ? name : o->name,
			    .service_account = value_get_text(o->spec, "serviceAccount") };
	struct mesh_workload *w = workload_of(c, &s);
	struct mesh_instance *i = add_instance(c, &s, w, o->name);
	int64_t weight;

	locality_of_instance(c, i, value_get_text(o->spec, "locality"), NULL);
	read_address(c, &s, i, value_get(o->spec, "address"), "spec.address");
	i->ports_map = value_get(o->spec, "ports");
	if (value_to_int(value_get(o->spec, "weight"), &weight) && weight > 0 &&
	    weight <= UINT32_MAX)
		i->weight = (unsigned)weight;
}

static int
compare_workloads(const void *a, const void *b)
{
	const struct mesh_workload *x = *(struct mesh_workload *const *)a;
	const struct mesh_workload *y = *(struct mesh_workload *const *)b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->name, y->name);
}

static int
compare_instances(const void *a, const void *b)
{
	const struct mesh_instance *x = *(struct mesh_instance *const *)a;
	const struct mesh_instance *y = *(struct mesh_instance *const *)b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* Who calls from which address.  The first keeps it. */
static void
index_address(struct compile *c, struct mesh_instance *i)
{
	char text[ADDRESS_TEXT_BYTES];
	const struct mesh_instance *owner = mesh_instance_of_address(c->mesh, &i->address);
	struct slice key = { (const char *)&i->address.in.sin_addr,
			     sizeof(i->address.in.sin_addr) };

	if (i->address.sa.sa_family == AF_INET6)
		key = (struct slice){ (const char *)&i->address.in6.sin6_addr,
				      sizeof(i->address.in6.sin6_addr) };
	else if (i->address.sa.sa_family != AF_INET)
		return;
	if (owner == NULL) {
		*strmap_put(&c->priv->instances, key) = i;
		return;
	}
	if (owner->workload == i->workload)
		return;
	address_host_text(&i->address, text);
	compile_problem(c, "MT1003", i->workload->object, NULL, "spec.address",
			"address %s of %s is also that of %s.%s: calls from it count as %s's",
			text, i->name, owner->name, owner->ns, owner->name);
}

static void
index_labels(struct compile *c, const struct mesh_instance *i)
{
	MEMBER_EACH(v, i->labels) {
		struct instance_list *list;
		void **place;

		if (value_text(v) == NULL)
			continue;
		place = strmap_put(&c->labelled,
				   slice_of(arena_printf(c->scratch, "%s/%s=%s", i->ns, v->key,
							 value_text(v))));
		if (*place == NULL)
			*place = arena_alloc(c->scratch, sizeof(*list));
		list = *place;
		vec_push(&list->items, i);
	}
}

/* The instances of each workload, as an array in the arena. */
static void
group_instances(struct compile *c)
{
	size_t *counts = xcalloc(c->workloads.len + 1, sizeof(*counts));

	for (size_t i = 0; i < c->instances.len; i++)
		counts[c->instances.items[i]->workload->index]++;
	for (size_t i = 0; i < c->workloads.len; i++)
		if (counts[i] > 0)
			c->workloads.items[i]->instances =
				arena_alloc(c->arena, counts[i] * sizeof(struct mesh_instance *));
	for (size_t i = 0; i < c->instances.len; i++) {
		struct mesh_workload *w =
			c->workloads.items[c->instances.items[i]->workload->index];

		w->instances[w->instance_count++] = c->instances.items[i];
	}
	free(counts);
}

void
compile_workloads(struct compile *c)
{
	struct mesh *m = c->mesh;

	SNAPSHOT_EACH(o, c->snapshot, KIND_DEPLOYMENT)
		add_deployment(c, o);
	SNAPSHOT_EACH(o, c->snapshot, KIND_POD)
		add_pod(c, o);
	SNAPSHOT_EACH(o, c->snapshot, KIND_WORKLOAD_ENTRY)
		add_entry(c, o);
	if (c->workloads.len > 0)
		qsort(c->workloads.items, c->workloads.len, sizeof(*c->workloads.items),
		      compare_workloads);
	if (c->instances.len > 0)
		qsort(c->instances.items, c->instances.len, sizeof(*c->instances.items),
		      compare_instances);
	for (size_t i = 0; i < c->workloads.len; i++)
		c->workloads.items[i]->index = i;
	for (size_t i = 0; i < c->instances.len; i++) {
		c->instances.items[i]->index = i;
		index_address(c, c->instances.items[i]);
		index_labels(c, c->instances.items[i]);
	}
	group_instances(c);
	m->workload_count = c->workloads.len;
	m->instance_count = c->instances.len;
	m->workloads = compile_keep(c, c->workloads.items, c->workloads.len);
	m->instances = compile_keep(c, c->instances.items, c->instances.len);
}
