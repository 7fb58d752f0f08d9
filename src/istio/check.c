/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of objects; see check.h. */
#include "src/istio/check.h"

#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/obeyed.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/model/object.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"

/* Unknown members beside spec of a kind whose fields are all known. */
static void
check_root(struct checker *c)
{
	static const char *const known[] = { "apiVersion", "kind", "metadata", "spec", "status" };

	VALUE_EACH(v, c->object->root) {
		struct value at = *v;
		bool is_known = false;

		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			is_known |= strcmp(known[i], v->key) == 0;
		if (is_known)
			continue;
		at.line = v->key_line;
		at.col = v->key_col;
		complain(c, &at, v->key, "MT0020", "a document has no field '%.60s': should it stand "
			 "under spec?", v->key);
	}
}

/* Names and values that Kubernetes would refuse. */
static void
check_own_labels(struct checker *c)
{
	const struct value *labels = value_get(c->object->metadata, "labels");

	if (!value_is_map(labels))
		return;
	buf_puts(&c->path, "metadata.labels");
	check_labels(c, labels);
	buf_clear(&c->path);
}

void
check_object(const struct object *o, struct problems *out)
{
	struct checker c = { .object = o, .out = out, .path = BUF_INIT };
	const struct schema *s = o->kind != NULL ? schema_of_kind(o->kind->id) : NULL;

	if (o->kind != NULL)
		check_own_labels(&c);
	if (s == NULL) {
		buf_fini(&c.path);
		return;
	}
	if (o->kind->strictness == KIND_STRICT)
		check_root(&c);
	if (o->spec == NULL) {
		if (o->kind->id != KIND_PEER_AUTH)
			complain(&c, NULL, "spec", "MT0022", "%s needs a spec", s->name);
	} else {
		buf_puts(&c.path, "spec");
		c.is_noted = !field_is_obeyed(o->kind->id, "spec");
		if (c.is_noted)
			complain(&c, o->spec, NULL, "MT2110", "not obeyed by this version");
		schema_walk(&c, o->spec, s);
	}
	buf_fini(&c.path);
}

bool
check_object_is_good(const struct object *o, struct problems *out)
{
	struct problems own = PROBLEMS_INIT;
	bool is_good;

	check_object(o, &own);
	is_good = !problems_have_errors(&own);
	problems_append(out, &own);
	problems_fini(&own);
	return is_good;
}

void
check_all(const struct snapshot *s, struct problems *out)
{
	for (size_t i = 0; i < s->count; i++)
		check_object(s->objects[i], out);
	check_references(s, out);
}
