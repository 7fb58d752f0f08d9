/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of Kubernetes objects meshtop knows by name (kinds.tbl).
 */
#ifndef MESHTOP_MODEL_KIND_H
#define MESHTOP_MODEL_KIND_H

#include <stdbool.h>

#include "src/base/slice.h"

struct error;

enum kind_id {
	KIND_NONE,		/* kept and listed, otherwise ignored */
#define KIND(id, name, plural, shorts, group, versions, namespaced, strictness) KIND_##id,
#include "src/model/kinds.tbl"
#undef KIND
	KIND_COUNT,
};

enum kind_strictness { KIND_LOOSE, KIND_STRICT };

struct kind {
	enum kind_id id;
	const char *name, *plural, *shorts, *group, *versions;
	bool is_namespaced;
	enum kind_strictness strictness;
};

/* One that is known not to be obeyed (ignored.tbl). */
struct ignored_kind {
	const char *group, *name;
	bool is_guard;			/* something gets through that it would stop */
	const char *effect;
};

/* NULL: the kind is obeyed, or not known at all. */
const struct ignored_kind *kind_ignored(struct slice group, const char *name);
const struct kind *kind_by_id(enum kind_id id);
/* By apiVersion ("networking.istio.io/v1") and kind as in a document; NULL
 * when unknown.  Any version of a known group is accepted; *known_version
 * (may be NULL) tells whether it is one of the table's. */
const struct kind *kind_of_document(const char *api_version, const char *kind,
				    bool *known_version);
/* By the word of a user: any case, singular, plural or short name, optionally
 * ".GROUP".  Bare "gateway" is Istio's.  NULL and err (ERROR_USAGE) naming
 * the word. */
const struct kind *kind_by_word(const char *word, struct error *err);
/* Group part of an apiVersion; "" for "v1". */
struct slice kind_group(const char *api_version);
/* "networking.istio.io/v1"; static text. */
const char *kind_api_version(const struct kind *k);

#endif
