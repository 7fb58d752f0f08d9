/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `get`: objects as stored, with the addresses that are in force. */
#include <stdlib.h>
#include <string.h>

#include "src/base/address.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/commands.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/ports.h"
#include "src/target.h"

#define MAX_COLUMNS 6
#define COLUMN_GAP 3

/* One object to print. */
struct item {
	const char *ns, *name;
	const struct value *root;
	const struct mesh_service *service;	/* Services */
	const struct mesh_instance *instance;	/* Pods */
	const struct mesh_workload *workload;	/* Deployments */
};

struct getting {
	const struct cli *cli;
	struct arena *arena;
	struct target target;
	struct snapshot *snapshot;
	struct mesh *mesh;
	const char *kind_word;
	enum kind_id kind;		/* KIND_NONE: by kind_name */
	const char *kind_name;
	const char *ns;			/* -n; NULL: all */
	const char *name;		/* NULL: all */
	VEC(struct item) items;
};

/* Columns of text output beyond NAMESPACE and NAME. */
struct column {
	const char *title;
	void (*put)(const struct item *it, struct buf *out);
};

static void
put_list(const struct value *list, struct buf *out)
{
	size_t start = out->len;

	VALUE_EACH(v, list) {
		const char *text = value_text(v);

		if (text != NULL)
			buf_printf(out, "%s%s", out->len > start ? "," : "", text);
	}
}

static void
put_service_address(const struct item *it, struct buf *out)
{
	char text[ADDRESS_TEXT_BYTES];

	if (it->service == NULL || it->service->port_count == 0 ||
	    it->service->ports[0].listen_count == 0 ||
	    !address_is_set(&it->service->ports[0].listen[0]))
		return;
	address_host_text(&it->service->ports[0].listen[0], text);
	buf_puts(out, text);
}

/* "8000/http,80->20080/http": where a port is served elsewhere, both. */
static void
put_service_ports(const struct item *it, struct buf *out)
{
	for (size_t i = 0; it->service != NULL && i < it->service->port_count; i++) {
		const struct mesh_port *p = &it->service->ports[i];
		uint16_t bound = port_as_bound(p->number);

		buf_printf(out, "%s%u", i > 0 ? "," : "", (unsigned)p->number);
		if (bound != p->number)
			buf_printf(out, "->%u", (unsigned)bound);
		if (p->name != NULL && p->name[0] != '\0')
			buf_printf(out, "/%s", p->name);
	}
}

static void
put_pod_address(const struct item *it, struct buf *out)
{
	char text[ADDRESS_TEXT_BYTES];

	if (it->instance == NULL || !address_is_set(&it->instance->address))
		return;
	address_host_text(&it->instance->address, text);
	buf_puts(out, text);
}

static void
put_pod_workload(const struct item *it, struct buf *out)
{
	if (it->instance != NULL)
		buf_puts(out, it->instance->workload->name);
}

static void
put_deployment_pods(const struct item *it, struct buf *out)
{
	if (it->workload != NULL)
		buf_printf(out, "%zu/%u", it->workload->instance_count, it->workload->desired);
}

static void
put_deployment_image(const struct item *it, struct buf *out)
{
	if (it->workload != NULL && it->workload->image != NULL)
		buf_puts(out, it->workload->image);
}

static void
put_hosts(const struct item *it, struct buf *out)
{
	put_list(value_path(it->root, "spec.hosts"), out);
}

static void
put_gateways(const struct item *it, struct buf *out)
{
	put_list(value_path(it->root, "spec.gateways"), out);
}

static void
put_host(const struct item *it, struct buf *out)
{
	const char *host = value_text(value_path(it->root, "spec.host"));

	buf_puts(out, host != NULL ? host : "");
}

static void
put_subsets(const struct item *it, struct buf *out)
{
	size_t start = out->len;

	VALUE_EACH(v, value_path(it->root, "spec.subsets")) {
		const char *name = value_get_text(v, "name");

		if (name != NULL)
			buf_printf(out, "%s%s", out->len > start ? "," : "", name);
	}
}

static void
put_entry_address(const struct item *it, struct buf *out)
{
	const char *address = value_text(value_path(it->root, "spec.address"));

	buf_puts(out, address != NULL ? address : "");
}

static const struct {
	enum kind_id kind;
	struct column columns[MAX_COLUMNS];
} tables[] = {
	{ KIND_SERVICE, { { "ADDRESS", put_service_address }, { "PORTS", put_service_ports } } },
	{ KIND_POD, { { "WORKLOAD", put_pod_workload }, { "ADDRESS", put_pod_address } } },
	{ KIND_DEPLOYMENT, { { "PODS", put_deployment_pods }, { "IMAGE", put_deployment_image } } },
	{ KIND_VIRTUAL_SERVICE, { { "GATEWAYS", put_gateways }, { "HOSTS", put_hosts } } },
	{ KIND_DESTINATION_RULE, { { "HOST", put_host }, { "SUBSETS", put_subsets } } },
	{ KIND_SERVICE_ENTRY, { { "HOSTS", put_hosts }, { "ADDRESS", put_service_address },
				{ "PORTS", put_service_ports } } },
	{ KIND_WORKLOAD_ENTRY, { { "ADDRESS", put_entry_address } } },
};

static const struct column *
columns_of(enum kind_id kind, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].kind != kind)
			continue;
		while (*count < MAX_COLUMNS && tables[i].columns[*count].title != NULL)
			(*count)++;
		return tables[i].columns;
	}
	return NULL;
}

/* Rows of cells, each column as wide as its widest cell. */
static void
put_table(char *const *cells, size_t rows, size_t columns, struct buf *out)
{
	size_t widths[MAX_COLUMNS + 2] = { 0 };

	for (size_t i = 0; i < rows * columns; i++) {
		size_t width = text_width(cells[i], strlen(cells[i]));

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	for (size_t i = 0; i < rows * columns; i++) {
		bool is_last = i % columns + 1 == columns;
		size_t width = text_width(cells[i], strlen(cells[i]));

		buf_puts(out, cells[i]);
		if (is_last)
			buf_putc(out, '\n');
		else
			buf_fill(out, ' ', widths[i % columns] - width + COLUMN_GAP);
	}
}

static char *
safe_cell(const char *text)
{
	struct buf out = BUF_INIT;

	text_sanitize(&out, text, strlen(text));
	if (out.len == 0)
		buf_puts(&out, "-");
	return buf_steal(&out);
}

static void
put_text(struct getting *g, struct buf *out)
{
	size_t extra, columns;
	const struct column *table = columns_of(g->kind, &extra);
	VEC(char *) cells = VEC_INIT;

	columns = extra + 2;
	vec_push(&cells, xstrdup("NAMESPACE"));
	vec_push(&cells, xstrdup("NAME"));
	for (size_t i = 0; i < extra; i++)
		vec_push(&cells, xstrdup(table[i].title));
	for (size_t n = 0; n < g->items.len; n++) {
		const struct item *it = &g->items.items[n];

		vec_push(&cells, safe_cell(it->ns));
		vec_push(&cells, safe_cell(it->name));
		for (size_t i = 0; i < extra; i++) {
			struct buf text = BUF_INIT;

			table[i].put(it, &text);
			vec_push(&cells, safe_cell(buf_str(&text)));
			buf_fini(&text);
		}
	}
	put_table(cells.items, g->items.len + 1, columns, out);
	for (size_t i = 0; i < cells.len; i++)
		free(cells.items[i]);
	vec_fini(&cells);
}

/* spec.clusterIP and status.podIP as they are in force. */
static const struct value *
effective(struct getting *g, const struct item *it)
{
	struct buf address = BUF_INIT;
	struct value *copy = value_copy(g->arena, it->root);
	const char *ip = value_text(value_path(it->root, "spec.clusterIP"));

	if (g->kind == KIND_SERVICE && (ip == NULL || ip[0] == '\0')) {
		put_service_address(it, &address);
		if (address.len > 0)
			value_set_string(g->arena, value_ensure_map(g->arena, copy, "spec"),
					 "clusterIP", buf_str(&address));
	} else if (g->kind == KIND_POD) {
		put_pod_address(it, &address);
		if (address.len > 0)
			value_set_string(g->arena, value_ensure_map(g->arena, copy, "status"), "podIP",
					 buf_str(&address));
	}
	if (it->ns[0] != '\0')
		value_set_string(g->arena, value_ensure_map(g->arena, copy, "metadata"), "namespace",
				 it->ns);
	buf_fini(&address);
	return copy;
}

static void
put_data(struct getting *g, enum cli_output form, struct buf *out)
{
	struct value *list = value_new_list(g->arena);

	for (size_t i = 0; i < g->items.len; i++) {
		const struct value *v = effective(g, &g->items.items[i]);

		if (form == OUTPUT_YAML) {
			buf_puts(out, i > 0 ? "---\n" : "");
			yaml_emit(out, v);
		} else if (g->name != NULL && g->items.len == 1) {
			json_emit(out, v, true);
		} else {
			value_append(list, value_copy(g->arena, v));
		}
	}
	if (form == OUTPUT_JSON && (g->name == NULL || g->items.len != 1))
		json_emit(out, list, true);
	if (form == OUTPUT_JSON)
		buf_putc(out, '\n');
}

/* A pod that a Deployment makes, as Kubernetes would list it. */
static const struct value *
pod_document(struct getting *g, const struct mesh_instance *in)
{
	struct arena *a = g->arena;
	struct value *pod = value_new_map(a), *meta, *owners, *owner;
	const struct value *spec = value_path(in->workload->object->root, "spec.template.spec");

	value_set_string(a, pod, "apiVersion", "v1");
	value_set_string(a, pod, "kind", "Pod");
	meta = value_ensure_map(a, pod, "metadata");
	value_set_string(a, meta, "name", in->name);
	value_set_string(a, meta, "namespace", in->ns);
	if (in->labels != NULL)
		value_set(a, meta, "labels", value_copy(a, in->labels));
	owners = value_new_list(a);
	owner = value_new_map(a);
	value_set_string(a, owner, "apiVersion", in->workload->object->api_version);
	value_set_string(a, owner, "kind", in->workload->object->kind_name);
	value_set_string(a, owner, "name", in->workload->object->name);
	value_append(owners, owner);
	value_set(a, meta, "ownerReferences", owners);
	if (spec != NULL)
		value_set(a, pod, "spec", value_copy(a, spec));
	return pod;
}

static bool
is_wanted(const struct getting *g, const char *ns, const char *name)
{
	char *split_name, *split_ns;
	bool is_match = ns[0] == '\0' || (g->ns != NULL && strcmp(g->ns, ns) == 0);

	if (g->name == NULL)
		return g->ns == NULL || is_match;
	if (ns[0] == '\0' || (is_match && strcmp(g->name, name) == 0))
		return strcmp(g->name, name) == 0;
	target_split_name(g->name, g->ns, &split_name, &split_ns);
	is_match = strcmp(split_name, name) == 0 && strcmp(split_ns, ns) == 0;
	free(split_name);
	free(split_ns);
	return is_match;
}

static void
add_object(struct getting *g, const struct object *o)
{
	struct item it = { .ns = o->ns, .name = o->name, .root = o->root };

	if (!is_wanted(g, o->ns, o->name))
		return;
	for (size_t i = 0; i < g->mesh->service_count; i++)
		if (g->mesh->services[i]->object == o)
			it.service = g->mesh->services[i];
	for (size_t i = 0; i < g->mesh->workload_count; i++)
		if (g->mesh->workloads[i]->object == o)
			it.workload = g->mesh->workloads[i];
	if (g->kind == KIND_POD)
		for (size_t i = 0; i < g->mesh->instance_count; i++)
			if (strcmp(g->mesh->instances[i]->name, o->name) == 0 &&
			    strcmp(g->mesh->instances[i]->ns, o->ns) == 0)
				it.instance = g->mesh->instances[i];
	vec_push(&g->items, it);
}

static void
add_deployment_pods(struct getting *g)
{
	for (size_t i = 0; i < g->mesh->instance_count; i++) {
		const struct mesh_instance *in = g->mesh->instances[i];
		struct item it = { .ns = in->ns, .name = in->name, .instance = in };

		if (in->workload->object->kind == NULL ||
		    in->workload->object->kind->id != KIND_DEPLOYMENT || !is_wanted(g, in->ns, in->name))
			continue;
		it.root = pod_document(g, in);
		vec_push(&g->items, it);
	}
}

static int
choose_kind(struct getting *g, struct error *err)
{
	const struct kind *k = kind_by_word(g->kind_word, err);

	if (k != NULL) {
		g->kind = k->id;
		g->kind_name = k->name;
		return 0;
	}
	for (size_t i = 0; i < g->snapshot->count; i++)
		if (object_is_of_word(g->snapshot->objects[i], g->kind_word))
			g->kind_name = g->snapshot->objects[i]->kind_name;
	return g->kind_name != NULL ? 0 : -1;
}

/* A namespace that objects name exists, whether or not it has a document. */
static void
add_implied_namespaces(struct getting *g)
{
	for (size_t i = 0; i < g->snapshot->count; i++) {
		const struct object *o = g->snapshot->objects[i];
		struct value *root;
		bool is_known = o->ns[0] == '\0' || !is_wanted(g, "", o->ns);

		for (size_t n = 0; n < g->items.len && !is_known; n++)
			is_known = strcmp(g->items.items[n].name, o->ns) == 0;
		if (is_known)
			continue;
		root = value_new_map(g->arena);
		value_set_string(g->arena, root, "apiVersion", "v1");
		value_set_string(g->arena, root, "kind", "Namespace");
		value_set_string(g->arena, value_ensure_map(g->arena, root, "metadata"), "name", o->ns);
		vec_push(&g->items, ((struct item){ .ns = "", .name = o->ns, .root = root }));
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* In the namespace of -n a name with dots goes before the same NAME.NS. */
static void
prefer_whole_name(struct getting *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->items.len; i++)
		if (strcmp(g->items.items[i].name, g->name) == 0)
			g->items.items[kept++] = g->items.items[i];
	if (kept > 0)
		g->items.len = kept;
}

static int
collect(struct getting *g, struct error *err)
{
	if (choose_kind(g, err) < 0)
		return -1;
	for (size_t i = 0; i < g->snapshot->count; i++) {
		const struct object *o = g->snapshot->objects[i];

		if (g->kind != KIND_NONE ? o->kind != NULL && o->kind->id == g->kind :
		    object_is_of_word(o, g->kind_word))
			add_object(g, o);
	}
	if (g->kind == KIND_POD)
		add_deployment_pods(g);
	if (g->kind == KIND_NAMESPACE)
		add_implied_namespaces(g);
	if (g->items.len > 1)
		qsort(g->items.items, g->items.len, sizeof(*g->items.items), by_name);
	if (g->name != NULL)
		prefer_whole_name(g);
	if (g->items.len == 0 && g->name != NULL)
		return error_setf(err, ERROR_REFUSED, "%s %s not found", g->kind_name, g->name);
	return 0;
}

static int
get(struct getting *g, struct buf *out, struct error *err)
{
	enum cli_output form;

	if (cli_output(g->cli, &form, err) < 0 || cli_namespace(g->cli, &g->ns, err) < 0 ||
	    target_choose(&g->target, g->cli, TARGET_READS_FILES, err) < 0 ||
	    target_load(&g->target, &g->snapshot, NULL, err) < 0)
		return -1;
	g->mesh = target_compile(&g->target, g->snapshot, NULL);
	if (collect(g, err) < 0)
		return -1;
	if (form != OUTPUT_TEXT)
		put_data(g, form, out);
	else if (g->items.len > 0)
		put_text(g, out);
	else
		log_printf("no %s found", g->kind_name);
	return 0;
}

int
cmd_get(struct cli *c)
{
	struct getting g = { .cli = c, .kind_word = cli_operand(c, 0), .name = cli_operand(c, 1) };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	int status;

	g.arena = arena_new();
	status = get(&g, &out, &err) < 0 ? cli_fail(&err) : cli_print(&out, EXIT_YES);
	vec_fini(&g.items);
	mesh_put(&g.mesh);
	snapshot_put(&g.snapshot);
	target_fini(&g.target);
	arena_free(&g.arena);
	buf_fini(&out);
	return status;
}
