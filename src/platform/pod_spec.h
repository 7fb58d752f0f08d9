/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a pod is started with: app, environment, ports, address.  Taken from
 * an instance of the compiled mesh and the documents that it came from.
 */
#ifndef MESHTOP_PLATFORM_POD_SPEC_H
#define MESHTOP_PLATFORM_POD_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/buf.h"
#include "src/base/vec.h"

struct app;
struct mesh_instance;
struct pod;
struct snapshot;

struct pod_spec {
	const struct app *app;
	VEC(struct env) env;
	struct address address;
	uint16_t port;		/* 0: none */
	bool is_proxied;	/* its server is behind the mesh, on a Unix socket */
	struct buf text;	/* all of the above; equal texts, equal pods */
};

/* False when the instance runs no app that is known. */
bool pod_spec_init(struct pod_spec *s, const struct mesh_instance *i,
		   const struct snapshot *documents);
void pod_spec_fini(struct pod_spec *s);

#endif
