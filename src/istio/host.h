/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host names in Istio's objects: short names, wildcards, specificity
 * (spec/dataplane.md 2.1).  Names are compared without case.
 */
#ifndef MESHTOP_ISTIO_HOST_H
#define MESHTOP_ISTIO_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct arena;

#define HOST_CLUSTER_DOMAIN "cluster.local"
#define HOST_MAX_BYTES 255

bool host_is_ip(const char *host);
bool host_is_wildcard(const char *host);	/* "*" or "*suffix" */
/* Lower-cased, short names expanded to NAME.NS.svc.cluster.local, without a
 * trailing dot.  Lives in a. */
char *host_resolve(struct arena *a, const char *host, const char *ns);
/* The same into a buffer; false when it does not fit. */
bool host_resolve_into(char out[HOST_MAX_BYTES + 1], const char *host, const char *ns);
/* NAME.NS.svc.cluster.local */
char *host_of_service(struct arena *a, const char *name, const char *ns);
/* Splits NAME.NS.svc.cluster.local; false for any other name. */
bool host_split(const char *fqdn, struct slice *name, struct slice *ns);

/* Is host equal to pattern, or does it end in what follows the pattern's
 * "*"?  "*.foo.com" holds for a.b.foo.com, not for foo.com.  host may itself
 * be a wildcard: then all of its names must be covered. */
bool host_matches(const char *pattern, const char *host);
/* Do the two share a name? */
bool host_overlaps(const char *a, const char *b);
/* Parts between dots; 3: three or more. */
unsigned host_label_count(struct slice host);
/* "a:80" -> "a", "[::1]:80" -> "::1", "a" -> "a". */
struct slice host_without_port(struct slice authority);

#endif
