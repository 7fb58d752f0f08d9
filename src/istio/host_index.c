/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host patterns to values.
 */
#include "src/istio/host_index.h"

void
host_index_fini(struct host_index *x)
{
	strmap_fini(&x->exact);
	strmap_fini(&x->suffixes);
	x->any = NULL;
}

void **
host_index_put(struct host_index *x, const char *pattern)
{
	if (pattern[0] != '*')
		return strmap_put(&x->exact, slice_of(pattern));
	if (pattern[1] == '\0')
		return &x->any;
	return strmap_put(&x->suffixes, slice_of(pattern + 1));
}

void *
host_index_exact(const struct host_index *x, struct slice host)
{
	return strmap_find(&x->exact, host);
}

void *
host_index_wildcard(const struct host_index *x, struct slice host, size_t *suffix_len)
{
	size_t limit = *suffix_len < host.len ? *suffix_len : host.len;

	if (x->suffixes.count > 0) {
		/* The "*" stands for one character at least. */
		for (size_t len = limit; len-- > 1;) {
			struct slice suffix = { host.ptr + host.len - len, len };
			void *value = strmap_find(&x->suffixes, suffix);

			if (value != NULL) {
				*suffix_len = len;
				return value;
			}
		}
	}
	if (x->any != NULL && *suffix_len > 0) {
		*suffix_len = 0;
		return x->any;
	}
	return NULL;
}
