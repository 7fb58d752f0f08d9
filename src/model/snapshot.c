/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted sets of objects, shared by reference; see snapshot.h. */
#include "src/model/snapshot.h"

#include <stdatomic.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/slice.h"
#include "src/model/source_file.h"

struct snapshot_priv {
	atomic_size_t refs;
	struct source_file **files;
	size_t file_count;
	struct object *objects;		/* copies: age ranks differ by snapshot */
	const struct object **sorted;
	size_t first[KIND_COUNT + 1];	/* of each kind in sorted */
};

/* What a search compares; kind_name and group only count for KIND_NONE. */
struct identity {
	enum kind_id id;
	struct slice group;
	const char *kind_name, *ns, *name;
};

static enum kind_id
id_of(const struct object *o)
{
	return o->kind != NULL ? o->kind->id : KIND_NONE;
}

static struct identity
identity_of(const struct object *o)
{
	return (struct identity){ id_of(o), kind_group(o->api_version), o->kind_name, o->ns, o->name };
}

static int
compare_slices(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int
compare_identities(const struct identity *a, const struct identity *b)
{
	int order;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->id == KIND_NONE) {
		order = compare_slices(a->group, b->group);
		if (order == 0)
			order = strcmp(a->kind_name, b->kind_name);
		if (order != 0)
			return order;
	}
	order = strcmp(a->ns, b->ns);
	return order != 0 ? order : strcmp(a->name, b->name);
}

static int
compare_origins(const struct object *a, const struct object *b)
{
	int order = strcmp(a->file, b->file);

	if (order != 0)
		return order;
	if (a->doc_index != b->doc_index)
		return a->doc_index < b->doc_index ? -1 : 1;
	if (a->list_index != b->list_index)
		return a->list_index < b->list_index ? -1 : 1;
	return 0;
}

static int
by_identity(const void *x, const void *y)
{
	const struct object *const *a = x, *const *b = y;
	struct identity ia = identity_of(*a), ib = identity_of(*b);
	int order = compare_identities(&ia, &ib);

	return order != 0 ? order : compare_origins(*a, *b);
}

/* NAME.NS as texts, which is how Istio orders objects of one age. */
static int
compare_dotted(const struct object *a, const struct object *b)
{
	size_t i = 0;
	unsigned char x, y;

	while (a->name[i] != '\0' && a->name[i] == b->name[i])
		i++;
	if (a->name[i] == b->name[i])
		return strcmp(a->ns, b->ns);
	x = (unsigned char)(a->name[i] != '\0' ? a->name[i] : '.');
	y = (unsigned char)(b->name[i] != '\0' ? b->name[i] : '.');
	return x != y ? (x > y) - (x < y) : strcmp(a->name, b->name);
}

static int
by_age(const void *x, const void *y)
{
	const struct object *const *a = x, *const *b = y;
	int order;

	if ((*a)->created_ms != (*b)->created_ms)
		return (*a)->created_ms < (*b)->created_ms ? -1 : 1;
	order = compare_dotted(*a, *b);
	return order != 0 ? order : compare_origins(*a, *b);
}

/* Copies all objects of the files and sorts pointers to the copies. */
static size_t
collect(struct snapshot_priv *p)
{
	size_t total = 0, count, at = 0;

	for (size_t i = 0; i < p->file_count; i++) {
		source_file_objects(p->files[i], &count);
		total += count;
	}
	p->objects = xcalloc(total + 1, sizeof(*p->objects));
	p->sorted = xcalloc(total + 1, sizeof(*p->sorted));
	for (size_t i = 0; i < p->file_count; i++) {
		const struct object *o = source_file_objects(p->files[i], &count);

		for (size_t n = 0; n < count; n++, at++) {
			p->objects[at] = o[n];
			p->sorted[at] = &p->objects[at];
		}
	}
	return total;
}

static void
rank_by_age(struct snapshot_priv *p, size_t total)
{
	qsort(p->sorted, total, sizeof(*p->sorted), by_age);
	for (size_t i = 0; i < total; i++)
		p->objects[p->sorted[i] - p->objects].age_rank = i;
}

/* Leaves the first of each identity; returns how many stay. */
static size_t
drop_duplicates(struct snapshot_priv *p, size_t total, struct problems *problems)
{
	size_t kept = 0;

	for (size_t i = 0; i < total; i++) {
		const struct object *o = p->sorted[i], *first = kept > 0 ? p->sorted[kept - 1] : NULL;
		struct identity a = identity_of(o), b;

		if (first != NULL) {
			b = identity_of(first);
			if (compare_identities(&a, &b) == 0) {
				problem_add(problems, o, o->root, "MT0010", SEVERITY_ERROR, "",
					    "left out: the same object stands at %s:%u",
					    first->file, first->line);
				continue;
			}
		}
		p->sorted[kept++] = o;
	}
	return kept;
}

static void
index_kinds(struct snapshot *s)
{
	size_t at = 0;

	for (int id = 0; id <= KIND_COUNT; id++) {
		while (at < s->count && (int)id_of(s->objects[at]) < id)
			at++;
		s->priv->first[id] = at;
	}
}

struct snapshot *
snapshot_new(struct source_file *const *files, size_t count, uint64_t generation,
	     struct problems *problems)
{
	struct snapshot *s = xcalloc(1, sizeof(*s));
	struct snapshot_priv *p = xcalloc(1, sizeof(*p));
	size_t total;

	s->priv = p;
	s->generation = generation;
	atomic_init(&p->refs, 1);
	p->files = xcalloc(count + 1, sizeof(struct source_file *));
	p->file_count = count;
	for (size_t i = 0; i < count; i++)
		p->files[i] = source_file_get(files[i]);
	total = collect(p);
	rank_by_age(p, total);
	qsort(p->sorted, total, sizeof(*p->sorted), by_identity);
	s->count = drop_duplicates(p, total, problems);
	s->objects = p->sorted;
	index_kinds(s);
	return s;
}

struct snapshot *
snapshot_get(struct snapshot *s)
{
	atomic_fetch_add_explicit(&s->priv->refs, 1, memory_order_relaxed);
	return s;
}

void
snapshot_put(struct snapshot **sp)
{
	struct snapshot *s = *sp;

	*sp = NULL;
	if (s == NULL || atomic_fetch_sub_explicit(&s->priv->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < s->priv->file_count; i++)
		source_file_put(&s->priv->files[i]);
	free(s->priv->files);
	free(s->priv->objects);
	free(s->priv->sorted);
	free(s->priv);
	free(s);
}

struct snapshot *
snapshot_of_text(const char *path, const char *text, struct problems *problems,
		 struct error *err)
{
	struct source_file *f = source_file_new(path, text, strlen(text), NULL, problems, err);
	struct snapshot *s;

	if (f == NULL)
		return NULL;
	s = snapshot_new(&f, 1, 1, problems);
	source_file_put(&f);
	return s;
}

/* In [low, high) of the sorted objects, the first that does not come before. */
static size_t
lower_bound(const struct snapshot *s, const struct identity *want, size_t low, size_t high)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct identity have = identity_of(s->objects[middle]);

		if (compare_identities(want, &have) <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static const struct object *
search(const struct snapshot *s, const struct identity *want, size_t low, size_t high)
{
	size_t at = lower_bound(s, want, low, high);
	struct identity have;

	if (at == high)
		return NULL;
	have = identity_of(s->objects[at]);
	return compare_identities(want, &have) == 0 ? s->objects[at] : NULL;
}

const struct object *
snapshot_find(const struct snapshot *s, enum kind_id kind, const char *ns, const char *name)
{
	const struct kind *k = kind_by_id(kind);
	struct identity want = { .id = kind, .kind_name = "", .ns = ns, .name = name };

	if (k == NULL)
		return NULL;
	if (!k->is_namespaced)
		want.ns = "";
	return search(s, &want, s->priv->first[kind], s->priv->first[kind + 1]);
}

const struct object *
snapshot_find_named(const struct snapshot *s, const char *group, const char *kind_name,
		    const char *ns, const char *name)
{
	struct identity want = { KIND_NONE, slice_of(group), kind_name, ns, name };

	for (int id = KIND_NONE + 1; id < KIND_COUNT; id++) {
		const struct kind *k = kind_by_id((enum kind_id)id);

		if (strcmp(k->name, kind_name) == 0 && strcmp(k->group, group) == 0)
			return snapshot_find(s, k->id, ns, name);
	}
	return search(s, &want, s->priv->first[KIND_NONE], s->priv->first[KIND_NONE + 1]);
}

const struct object *const *
snapshot_kind(const struct snapshot *s, enum kind_id kind, size_t *count)
{
	*count = s->priv->first[kind + 1] - s->priv->first[kind];
	return s->objects + s->priv->first[kind];
}

const struct object *const *
snapshot_kind_in(const struct snapshot *s, enum kind_id kind, const char *ns, size_t *count)
{
	const struct identity want = { .id = kind, .kind_name = "", .ns = ns, .name = "" };
	size_t end = s->priv->first[kind + 1];
	size_t first = lower_bound(s, &want, s->priv->first[kind], end), at = first;

	while (at < end && strcmp(s->objects[at]->ns, ns) == 0)
		at++;
	*count = at - first;
	return s->objects + first;
}

size_t
snapshot_file_count(const struct snapshot *s)
{
	return s->priv->file_count;
}

const struct source_file *
snapshot_file(const struct snapshot *s, size_t index)
{
	return s->priv->files[index];
}

struct source_file *
snapshot_file_ref(const struct snapshot *s, size_t index)
{
	return s->priv->files[index];
}
