/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host patterns to values: exact names, and "*suffix" wildcards from the
 * longest to the shortest.  Patterns are lower case and borrowed.  There are
 * no "prefix*" patterns: no object of Istio may hold one.
 */
#ifndef MESHTOP_ISTIO_HOST_INDEX_H
#define MESHTOP_ISTIO_HOST_INDEX_H

#include "src/base/strmap.h"

struct host_index {
	struct strmap exact;
	struct strmap suffixes;		/* key: what follows the "*" */
	void *any;			/* of "*" */
};

#define HOST_INDEX_INIT { STRMAP_INIT, STRMAP_INIT, NULL }

void host_index_fini(struct host_index *x);
/* Place of the pattern's value, NULL at first. */
void **host_index_put(struct host_index *x, const char *pattern);
void *host_index_exact(const struct host_index *x, struct slice host);
/*
 * The longest wildcard that covers host and whose suffix is shorter than
 * *suffix_len; *suffix_len becomes its length.  Start with SIZE_MAX, repeat
 * for the next one.  NULL at the end.
 */
void *host_index_wildcard(const struct host_index *x, struct slice host,
			  size_t *suffix_len);

#endif
