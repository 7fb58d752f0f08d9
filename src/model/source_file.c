/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the text of a file to its objects; see snapshot.h, source_file.h. */
#include "src/model/source_file.h"

#include <stdatomic.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/snapshot.h"

struct source_file {
	atomic_size_t refs;
	struct source_file *whole;	/* of a subset: what it was taken from */
	struct arena *arena;		/* NULL in a subset */
	const char *path, *text;
	size_t len;
	VEC(struct object) objects;
	VEC(struct source_document) documents;
	VEC(struct source_reject) rejects;
};

/* One document or List item on its way to an object. */
struct reading {
	struct source_file *file;
	const char *default_ns;
	struct problems *problems;
	const struct value *root;
	struct object o;
	bool is_identified;		/* group, kind, namespace and name are read and valid */
};

/* Adds a row at v (or at the document) with what is known of the object. */
#define COMPLAIN(r, v, code, severity, path, ...) \
	problem_add((r)->problems, &(r)->o, (v) != NULL ? (v) : (r)->root, code, severity, \
		    path, __VA_ARGS__)

/* Text of a scalar that is a string; NULL for anything else. */
static const char *
string_of(const struct value *v)
{
	return v != NULL && v->kind == VALUE_STRING ? v->text : NULL;
}

/* The row of the table that has this kind in another group. */
static const struct kind *
kind_elsewhere(const char *kind_name)
{
	for (int id = KIND_NONE + 1; id < KIND_COUNT; id++) {
		const struct kind *k = kind_by_id((enum kind_id)id);

		if (strcmp(k->name, kind_name) == 0)
			return k;
	}
	return NULL;
}

static bool
group_is_known(struct slice group)
{
	for (int id = KIND_NONE + 1; id < KIND_COUNT; id++)
		if (slice_is(group, kind_by_id((enum kind_id)id)->group))
			return true;
	return slice_is(group, "extensions");
}

/* False: it is none that is known to be ignored. */
static bool
complain_ignored_kind(struct reading *r, const struct value *kind)
{
	const struct ignored_kind *k = kind_ignored(kind_group(r->o.api_version), r->o.kind_name);

	if (k == NULL)
		return false;
	COMPLAIN(r, kind, k->is_guard ? "MT0016" : "MT0011",
		 k->is_guard ? SEVERITY_WARNING : SEVERITY_INFO, "kind",
		 "%s is not %s by this version: %s", k->name, k->is_guard ? "enforced" : "obeyed",
		 k->effect);
	return true;
}

/* A slip of one letter, or of case, in a kind of this group is named. */
static void
complain_unknown_kind(struct reading *r, const struct value *kind)
{
	struct slice group = kind_group(r->o.api_version);
	const char *near = NULL;
	size_t best = 2;

	if (complain_ignored_kind(r, kind))
		return;

	for (int id = KIND_NONE + 1; id < KIND_COUNT; id++) {
		const struct kind *k = kind_by_id((enum kind_id)id);

		if (slice_is(group, k->group))
			nearest_try(r->o.kind_name, k->name, &near, &best);
	}
	COMPLAIN(r, kind, "MT0011", SEVERITY_INFO, "kind",
		 "kind %s (%s) is not known: kept, listed and ignored%s%s%s", r->o.kind_name,
		 r->o.api_version, near != NULL ? "; did you mean " : "", near != NULL ? near : "",
		 near != NULL ? "?" : "");
}

static bool
read_kind(struct reading *r)
{
	const struct value *api = value_get(r->root, "apiVersion");
	const struct value *kind = value_get(r->root, "kind");
	const struct kind *other;
	bool known_version = true;

	r->o.api_version = string_of(api);
	r->o.kind_name = string_of(kind);
	if (r->o.kind_name == NULL || r->o.kind_name[0] == '\0') {
		r->o.kind_name = "";
		COMPLAIN(r, kind, "MT0004", SEVERITY_ERROR, "kind", "kind is missing or not a text");
		return false;
	}
	if (r->o.api_version == NULL || r->o.api_version[0] == '\0') {
		r->o.api_version = "";
		COMPLAIN(r, api, "MT0003", SEVERITY_ERROR, "apiVersion",
			 "apiVersion is missing or not a text");
		return false;
	}
	r->o.kind = kind_of_document(r->o.api_version, r->o.kind_name, &known_version);
	if (r->o.kind != NULL && !known_version)
		COMPLAIN(r, api, "MT0008", SEVERITY_WARNING, "apiVersion",
			 "version '%s' of %s is not known; read as %s", r->o.api_version,
			 r->o.kind_name, kind_api_version(r->o.kind));
	other = r->o.kind == NULL ? kind_elsewhere(r->o.kind_name) : NULL;
	if (other != NULL && group_is_known(kind_group(r->o.api_version))) {
		COMPLAIN(r, api, "MT0007", SEVERITY_ERROR, "apiVersion",
			 "%s has apiVersion %s, not '%s'", r->o.kind_name, kind_api_version(other),
			 r->o.api_version);
		return false;
	}
	if (other != NULL)
		COMPLAIN(r, api, "MT0012", SEVERITY_WARNING, "apiVersion",
			 "%s of '%s' is kept and ignored; the one that is obeyed has apiVersion %s",
			 r->o.kind_name, r->o.api_version, kind_api_version(other));
	else if (r->o.kind == NULL)
		complain_unknown_kind(r, kind);
	return true;
}

/* Namespaces and Services become parts of host names, so they are labels. */
static bool
name_is_valid(const struct kind *k, const char *name)
{
	if (k != NULL && (k->id == KIND_NAMESPACE || k->id == KIND_SERVICE))
		return name_is_dns_label(name);
	return name_is_dns_subdomain(name);
}

/* Objects of unknown kinds are ignored anyway: files for other programs. */
static enum severity
severity_of_name(const struct reading *r)
{
	return r->o.kind != NULL ? SEVERITY_ERROR : SEVERITY_INFO;
}

static bool
read_name(struct reading *r)
{
	const struct value *name = value_get(r->o.metadata, "name");
	const char *text = string_of(name);

	if (text == NULL) {
		COMPLAIN(r, name != NULL ? name : r->o.metadata, "MT0005", severity_of_name(r),
			 "metadata.name", name == NULL ? "metadata.name is missing" :
			 "metadata.name must be a text (quote it)");
		return false;
	}
	r->o.name = text;
	if (!name_is_valid(r->o.kind, text)) {
		COMPLAIN(r, name, "MT0005", severity_of_name(r), "metadata.name",
			 "'%.60s' is not a DNS name: lower-case letters, digits, '-'%s", text,
			 name_is_dns_subdomain(text) ? " (no '.' in this kind)" : " and '.'");
		return false;
	}
	return true;
}

static bool
read_namespace(struct reading *r)
{
	const struct value *ns = value_get(r->o.metadata, "namespace");
	const char *text = string_of(ns);
	bool is_absent = ns == NULL || ns->kind == VALUE_NULL || (text != NULL && *text == '\0');

	if (r->o.kind != NULL && !r->o.kind->is_namespaced) {
		r->o.ns = "";
		return true;
	}
	r->o.ns = is_absent ? r->default_ns : text != NULL ? text : "";
	if (name_is_dns_label(r->o.ns))
		return true;
	COMPLAIN(r, ns, "MT0006", SEVERITY_ERROR, "metadata.namespace",
		 "'%.60s' is not a DNS label: lower-case letters, digits and '-'", r->o.ns);
	return false;
}

/* labels and annotations: maps of texts. */
static bool
check_texts(struct reading *r, const char *key)
{
	const struct value *map = value_get(r->o.metadata, key);
	struct buf path = BUF_INIT;
	bool is_good = true;

	buf_printf(&path, "metadata.%s", key);
	if (map != NULL && map->kind != VALUE_MAP && map->kind != VALUE_NULL) {
		COMPLAIN(r, map, "MT0009", SEVERITY_ERROR, buf_str(&path), "%s must be a map", key);
		is_good = false;
	}
	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		if (v->kind == VALUE_STRING || v->kind == VALUE_NULL)
			continue;
		COMPLAIN(r, v, "MT0009", SEVERITY_ERROR, buf_str(&path),
			 "the value of '%.80s' must be a text (quote it)", v->key);
		is_good = false;
	}
	buf_fini(&path);
	return is_good;
}

static void
push_reject(struct reading *r)
{
	struct source_reject x = {
		.kind_name = r->o.kind_name, .ns = r->o.ns, .name = r->o.name,
		.is_identified = r->is_identified,
		.doc_index = r->o.doc_index, .list_index = r->o.list_index,
	};
	const char *version = r->o.api_version != NULL ? r->o.api_version : "";
	struct slice group;

	/* Files for other programs are nobody's last good version. */
	if (r->o.kind == NULL && r->o.kind_name[0] != '\0' && version[0] != '\0' &&
	    r->o.name[0] == '\0')
		return;
	group = kind_group(version);
	x.group = arena_strndup(r->file->arena, group.len > 0 ? group.ptr : "", group.len);
	vec_push(&r->file->rejects, x);
}

/* Name and namespace as far as they can be told, for rows and rejects. */
static void
guess_identity(struct reading *r)
{
	const char *name = string_of(value_get(r->o.metadata, "name"));
	const char *ns = string_of(value_get(r->o.metadata, "namespace"));

	r->o.name = name != NULL ? name : "";
	r->o.ns = ns != NULL ? ns : r->default_ns;
}

static void
note_ambient(struct reading *r)
{
	const struct value *v = value_get(value_get(r->o.metadata, "labels"), "istio.io/dataplane-mode");
	const char *mode = value_text(v);

	if (mode != NULL && strcmp(mode, "ambient") == 0)
		COMPLAIN(r, v, "MT0017", SEVERITY_INFO, "metadata.labels",
			 "ambient mode is not there in this version: workloads have sidecars");
}

static bool
read_object(struct reading *r)
{
	const struct value *spec;

	if (!value_is_map(r->root)) {
		COMPLAIN(r, r->root, "MT0002", SEVERITY_ERROR, "",
			 "the document is not an object: it must be a map with apiVersion and kind");
		return false;
	}
	r->o.metadata = value_get(r->root, "metadata");
	guess_identity(r);
	if (!read_kind(r))
		return false;
	if (!value_is_map(r->o.metadata)) {
		COMPLAIN(r, r->o.metadata, "MT0005", severity_of_name(r), "metadata",
			 "metadata with a name is missing");
		return false;
	}
	if (!read_name(r) || !read_namespace(r))
		return false;
	r->is_identified = true;
	if (!check_texts(r, "labels") || !check_texts(r, "annotations"))
		return false;
	note_ambient(r);
	spec = value_get(r->root, "spec");
	r->o.spec = spec != NULL && spec->kind != VALUE_NULL ? spec : NULL;
	r->o.created_ms = clock_parse_iso(value_get_text(r->o.metadata, "creationTimestamp"));
	r->o.hash = value_hash(r->root);
	return true;
}

static void
read_item(struct reading *r, const struct value *root, size_t list_index)
{
	struct object kept = r->o;

	r->root = root;
	r->o.root = root;
	r->o.list_index = list_index;
	r->o.line = root->line;
	r->o.kind_name = r->o.api_version = r->o.ns = r->o.name = "";
	r->is_identified = false;
	if (read_object(r))
		vec_push(&r->file->objects, r->o);
	else
		push_reject(r);
	r->o = kept;
}

/* "List", or that of one kind: "VirtualServiceList". */
static bool
is_list(const struct value *root)
{
	const char *kind = string_of(value_get(root, "kind"));
	size_t len = kind != NULL ? strlen(kind) : 0;

	if (len < 4 || strcmp(kind + len - 4, "List") != 0)
		return false;
	for (int id = KIND_NONE + 1; id < KIND_COUNT && len > 4; id++) {
		const char *name = kind_by_id((enum kind_id)id)->name;

		if (strlen(name) == len - 4 && strncmp(name, kind, len - 4) == 0)
			return true;
	}
	return len == 4;
}

static void
read_document(struct reading *r, const struct yaml_document *doc, size_t index)
{
	const struct value *items;
	size_t i = 0;

	if (doc->root == NULL || doc->root->kind == VALUE_NULL)
		return;
	r->o = (struct object){
		.file = r->file->path, .doc_index = index, .list_index = SIZE_MAX,
		.begin = doc->begin, .end = doc->end,
	};
	if (!is_list(doc->root)) {
		read_item(r, doc->root, SIZE_MAX);
		return;
	}
	items = value_get(doc->root, "items");
	r->root = doc->root;
	r->o.line = doc->root->line;
	r->o.kind_name = "List";
	r->o.ns = r->o.name = "";
	if (items != NULL && items->kind != VALUE_LIST && items->kind != VALUE_NULL) {
		COMPLAIN(r, items, "MT0013", SEVERITY_ERROR, "items",
			 "items of a List must be a list of objects");
		return;
	}
	VALUE_EACH(item, items)
		read_item(r, item, i++);
}

struct source_file *
source_file_new(const char *path, const char *text, size_t len, const char *default_ns,
		struct problems *problems, struct error *err)
{
	struct source_file *f = xcalloc(1, sizeof(*f));
	struct reading r = { .file = f, .problems = problems };
	struct yaml_stream stream = { .docs = VEC_INIT };

	atomic_init(&f->refs, 1);
	f->arena = arena_new();
	f->path = arena_strdup(f->arena, path != NULL ? path : "");
	f->text = arena_strndup(f->arena, text, len);
	f->len = len;
	r.default_ns = arena_strdup(f->arena, default_ns != NULL ? default_ns : "default");
	if (yaml_parse(f->arena, f->text, len, f->path, &stream, err) < 0) {
		yaml_stream_fini(&stream);
		source_file_put(&f);
		return NULL;
	}
	for (size_t i = 0; i < stream.docs.len; i++) {
		const struct yaml_document *d = &stream.docs.items[i];
		struct source_document doc = { d->root, d->begin, d->end };

		vec_push(&f->documents, doc);
		read_document(&r, d, i);
	}
	yaml_stream_fini(&stream);
	return f;
}

struct source_file *
source_file_subset(struct source_file *f, const size_t *indexes, size_t count)
{
	struct source_file *part = xcalloc(1, sizeof(*part));

	atomic_init(&part->refs, 1);
	part->whole = source_file_get(f);
	part->path = f->path;
	part->text = f->text;
	part->len = f->len;
	for (size_t i = 0; i < count; i++)
		vec_push(&part->objects, f->objects.items[indexes[i]]);
	return part;
}

struct source_file *
source_file_get(struct source_file *f)
{
	atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
	return f;
}

void
source_file_put(struct source_file **fp)
{
	struct source_file *f = *fp;

	*fp = NULL;
	if (f == NULL || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) > 1)
		return;
	vec_fini(&f->objects);
	vec_fini(&f->documents);
	vec_fini(&f->rejects);
	source_file_put(&f->whole);
	arena_free(&f->arena);
	free(f);
}

const char *
source_file_text(const struct source_file *f, size_t *len)
{
	if (len != NULL)
		*len = f->len;
	return f->text;
}

const char *
source_file_path(const struct source_file *f)
{
	return f->path;
}

const struct object *
source_file_objects(const struct source_file *f, size_t *count)
{
	*count = f->objects.len;
	return f->objects.items;
}

const struct source_document *
source_file_documents(const struct source_file *f, size_t *count)
{
	*count = f->documents.len;
	return f->documents.items;
}

const struct source_reject *
source_file_rejects(const struct source_file *f, size_t *count)
{
	*count = f->rejects.len;
	return f->rejects.items;
}
