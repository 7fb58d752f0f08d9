/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The feed of an embedded mesh: its directory through the store, its traffic
 * through the engine's telemetry.
 */
#ifndef MESHTOP_TUI_FEED_MESH_H
#define MESHTOP_TUI_FEED_MESH_H

#include "tui/feed/supervisor.h"

struct error;
struct feed;
struct loop;
struct model;

struct feed_mesh_options {
	const char *mesh_dir;		/* absolute or relative */
	const char *admin_socket;	/* NULL: MESH_DIR/.meshtop/admin.sock */
	const char *title;		/* NULL: the directory's name */
	struct feed_supervisor supervisor;
};

/* NULL and err when the directory cannot be read.  Strings of options are
 * borrowed until the feed is closed. */
struct feed *feed_mesh_open(struct loop *loop, struct model *model,
			    const struct feed_mesh_options *options, struct error *err);

#endif
