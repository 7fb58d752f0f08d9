/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Since when clusters have their endpoints, for those that warm new ones up
 * (spec/dataplane.md 4.1).  Other clusters have no entry.
 *
 * As in Envoy an endpoint is new when the cluster gets it, also with the first
 * configuration, and when the cluster's settings change; it stays what it is
 * while configurations come and go that name both.
 */
#ifndef MESHTOP_PROXY_ARRIVALS_H
#define MESHTOP_PROXY_ARRIVALS_H

#include <stdint.h>

struct arrivals;		/* opaque */
struct mesh;
struct mesh_cluster;
struct mesh_endpoint;

struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals **ap);
/* A configuration comes into force; no other thread may be reading. */
void arrivals_update(struct arrivals *a, const struct mesh *m, uint64_t now_ns);
/* now_ns for what no configuration has named. */
uint64_t arrivals_find(const struct arrivals *a, const struct mesh_cluster *c,
		       const struct mesh_endpoint *e, uint64_t now_ns);

#endif
