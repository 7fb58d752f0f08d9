/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a caller's requests spread over the localities of a cluster: priorities
 * and weights as Istio makes them of localityLbSetting, without regard to
 * what is ejected (spec/dataplane.md 4.3).  Pure.
 *
 * Priorities need outlier detection, for without it nothing ever fails over,
 * but those of a Service's trafficDistribution; distribute makes weights, and
 * leaves out what it does not name.
 */
#ifndef MESHTOP_MESH_SPREAD_H
#define MESHTOP_MESH_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mesh;
struct mesh_cluster;
struct mesh_instance;
struct mesh_locality;

/* Endpoints of one locality and priority. */
struct spread_group {
	const struct mesh_locality *locality;
	unsigned priority;		/* 0 is the first; none is skipped */
	uint64_t weight;		/* of the locality: its endpoints' are summed */
	size_t first, count;		/* in members */
};

struct mesh_spread {
	unsigned priority_count;
	bool is_weighted;		/* localities are chosen by weight; else they are one */
	struct spread_group *groups;	/* by priority */
	size_t group_count;
	uint32_t *members;		/* indexes of the cluster's endpoints, by group, no gaps */
	int *priorities;		/* by endpoint; see spread_priority() */
};

/* NULL when all endpoints are alike for the caller (which may be NULL). */
struct mesh_spread *spread_new(const struct mesh *m, const struct mesh_cluster *c,
			       const struct mesh_instance *caller);
void spread_free(struct mesh_spread **sp);	/* accepts NULL inside */
/* The priority of an endpoint; -1 when it is left out.  s may be NULL. */
int spread_priority(const struct mesh_spread *s, size_t endpoint);
/* Never NULL. */
const struct mesh_locality *spread_locality(const struct mesh_cluster *c, size_t endpoint);

#endif
