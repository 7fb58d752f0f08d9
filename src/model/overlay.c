/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting objects over a snapshot; see overlay.h. */
#include "src/model/overlay.h"

#include <string.h>

#include "src/base/slice.h"
#include "src/base/vec.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/model/source_file.h"

struct overlay {
	struct source_file *const *files;
	size_t count;
	const struct overlay_removal *removals;
	size_t removal_count;
};

static bool
is_object(const struct object *o, struct slice group, const char *kind, const char *ns,
	  const char *name)
{
	return strcmp(o->name, name) == 0 && strcmp(o->ns, ns) == 0 &&
	       strcmp(o->kind_name, kind) == 0 && slice_eq(kind_group(o->api_version), group);
}

static bool
is_hidden(const struct object *o, const struct overlay *v)
{
	for (size_t i = 0; i < v->removal_count; i++) {
		const struct overlay_removal *r = &v->removals[i];

		if (is_object(o, slice_of(r->group), r->kind, r->ns, r->name))
			return true;
	}
	for (size_t i = 0; i < v->count; i++) {
		size_t n;
		const struct object *new = source_file_objects(v->files[i], &n);

		for (size_t k = 0; k < n; k++)
			if (is_object(o, kind_group(new[k].api_version), new[k].kind_name, new[k].ns,
				      new[k].name))
				return true;
	}
	return false;
}

/* The file without its hidden objects. */
static struct source_file *
remaining(struct source_file *f, const struct overlay *v)
{
	VEC(size_t) keep = VEC_INIT;
	struct source_file *part;
	size_t n;
	const struct object *o = source_file_objects(f, &n);

	for (size_t i = 0; i < n; i++)
		if (!is_hidden(&o[i], v))
			vec_push(&keep, i);
	part = source_file_subset(f, keep.items, keep.len);
	vec_fini(&keep);
	return part;
}

struct snapshot *
snapshot_overlay(const struct snapshot *before, struct source_file *const *files, size_t count,
		 const struct overlay_removal *removals, size_t removal_count)
{
	const struct overlay v = { files, count, removals, removal_count };
	VEC(struct source_file *) all = VEC_INIT;
	struct snapshot *after;

	for (size_t i = 0; i < snapshot_file_count(before); i++) {
		struct source_file *f = remaining(snapshot_file_ref(before, i), &v);

		vec_push(&all, f);
	}
	for (size_t i = 0; i < count; i++)
		vec_push(&all, source_file_get(files[i]));
	after = snapshot_new(all.items, all.len, before->generation + 1, NULL);
	for (size_t i = 0; i < all.len; i++)
		source_file_put(&all.items[i]);
	vec_fini(&all);
	return after;
}
