/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The feed of an embedded mesh: its directory through the store, its traffic
 * through the engine's telemetry.
 */
#ifndef MESHTOP_TUI_FEED_MESH_H
#define MESHTOP_TUI_FEED_MESH_H

struct console_options;
struct error;
struct feed;
struct loop;
struct model;

/* NULL and err when the directory cannot be read.  Strings of options are
 * borrowed until the feed is closed. */
struct feed *feed_mesh_open(struct loop *loop, struct model *model,
			    const struct console_options *options, struct error *err);

#endif
