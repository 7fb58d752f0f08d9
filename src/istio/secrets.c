/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents without their secrets; see secrets.h. */
#include "src/istio/secrets.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/http/redact.h"

/* Members of these are named by people. */
static const char *const free_maps[] = {
	"headers", "withoutHeaders", "queryParams", "set", "add", "annotations", "data", "proxyMetadata",
};

static bool
has_free_names(const char *key)
{
	for (size_t i = 0; key != NULL && i < ARRAY_LEN(free_maps); i++)
		if (strcmp(key, free_maps[i]) == 0)
			return true;
	return false;
}

static bool
is_secret(const char *name)
{
	return name != NULL && redact_is_secret_name(slice_of(name));
}

/* The value, or each scalar inside. */
static void
hide(struct value *v)
{
	if (value_is_map(v) || value_is_list(v)) {
		for (struct value *child = v->first; child != NULL; child = child->next)
			hide(child);
		return;
	}
	v->kind = VALUE_STRING;
	v->text = REDACTED;
	v->len = strlen(REDACTED);
}

/* Returns how many were hidden. */
static unsigned
scrub(struct value *v, bool is_named_by_people)
{
	struct value *own = is_secret(value_get_text(v, "name")) ? value_get(v, "value") : NULL;
	unsigned count = 0;

	for (struct value *child = v->first; child != NULL; child = child->next) {
		if (child == own || (is_named_by_people && is_secret(child->key))) {
			hide(child);
			count++;
		} else {
			count += scrub(child, has_free_names(child->key));
		}
	}
	return count;
}

struct value *
secrets_removed(struct arena *a, const struct value *document)
{
	struct value *copy = value_copy(a, document);

	return scrub(copy, false) > 0 ? copy : NULL;
}
