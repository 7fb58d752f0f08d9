/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One Kubernetes-style object: identity, document tree and origin.
 */
#ifndef MESHTOP_MODEL_OBJECT_H
#define MESHTOP_MODEL_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/model/kind.h"

struct buf;
struct error;
struct value;

struct object {
	const struct kind *kind;	/* NULL: a kind that meshtop does not know */
	const char *kind_name;		/* as written */
	const char *api_version;	/* as written */
	const char *ns;			/* effective namespace; "" for cluster-wide kinds */
	const char *name;
	const struct value *root;	/* the whole document */
	const struct value *metadata;	/* never NULL for a valid object */
	const struct value *spec;	/* NULL when absent */
	int64_t created_ms;		/* metadata.creationTimestamp, 0 when absent */
	uint64_t hash;			/* of the content: precondition of a write */
	/* origin in a directory */
	const char *file;		/* path below the directory; "" when built */
	size_t doc_index;		/* document in that file */
	size_t list_index;		/* item in a kind: List document, SIZE_MAX else */
	size_t begin, end;		/* byte range of the document in the file */
	unsigned line;
	uint64_t age_rank;		/* smaller is older: created_ms, then name.ns, then origin */
};

/* Label or annotation; NULL when absent. */
const char *object_label(const struct object *o, const char *key);
const char *object_annotation(const struct object *o, const char *key);
/* "VirtualService travels.travel-agency" for messages and rows. */
void object_title(const struct object *o, struct buf *out);

/* Is it of a kind that no table knows and that word means: its name or that
 * with an s, optionally .GROUP, in any case? */
bool object_is_of_word(const struct object *o, const char *word);

/* Do labels (a map of strings, NULL = none) contain all of selector?  An
 * absent or empty selector selects everything. */
bool labels_match(const struct value *labels, const struct value *selector);

/* Names of objects as Kubernetes allows them: DNS subdomain (RFC 1123), at
 * most 253 bytes; labels at most 63. */
bool name_is_dns_label(const char *s);
bool name_is_dns_subdomain(const char *s);

#endif
