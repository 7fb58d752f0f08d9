/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which rows the text behind `/` leaves: by a part of what they say, by its
 * letters, by labels of what they stand for, or all others.
 */
#include "tui/screens/table_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/search.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/kind.h"
#include "src/model/snapshot.h"
#include "src/topology/mark.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"

/* By "yaml KIND NAME.NS", or "yaml KIND NAME" of what has no namespace. */
const struct object *
table_row_object(const struct table *t, const struct table_row *r)
{
	const struct mesh *m = app_model(t->app)->mesh;
	const char *kind_word = r->yaml != NULL ? strchr(r->yaml, ' ') : NULL;
	const char *name = kind_word != NULL ? strchr(++kind_word, ' ') : NULL, *dot;
	const struct object *o = NULL;
	const struct kind *kind;
	char *copy;

	if (m == NULL || name++ == NULL)
		return NULL;
	copy = xstrndup(kind_word, strcspn(kind_word, " "));
	kind = kind_by_word(copy, NULL);
	free(copy);
	if (kind == NULL)
		return NULL;
	dot = kind->is_namespaced ? strrchr(name, '.') : NULL;
	copy = xstrndup(name, dot != NULL ? (size_t)(dot - name) : strlen(name));
	o = snapshot_find(m->snapshot, kind->id, dot != NULL ? dot + 1 : "", copy);
	free(copy);
	return o;
}

static const char *
label_of_object(void *arg, const char *name)
{
	return mark_label(arg, name);
}

bool
table_row_matches(const struct table *t, const struct table_row *r, const char *text)
{
	const struct search s = search_of(text);
	size_t columns = s.kind == SEARCH_FUZZY ? 1 : t->spec->column_count;	/* of names */
	bool fits = false;

	if (s.kind == SEARCH_LABELS)
		return search_fits_labels(&s, label_of_object, (void *)(uintptr_t)table_row_object(t, r));
	for (size_t c = 0; c < columns && !fits; c++)
		fits = search_fits(&s, table_row_text(r, c));
	return fits != s.is_inverse;
}

bool
table_row_is_shown(const struct table *t, const struct table_row *r)
{
	return t->filter == NULL || r->is_heading || table_row_matches(t, r, t->filter);
}
