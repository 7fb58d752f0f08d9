/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recorded session's data (FILE.data) as a feed: figures and configuration
 * as they were, to be walked through again at any speed with any keys.
 *
 * A line each: {"t": MS, "source": "telemetry", "body": "..."} as the engine
 * answered, {"t": MS, "source": "config", "body": "..."} all documents.
 */
#ifndef MESHTOP_TUI_FEED_DATA_H
#define MESHTOP_TUI_FEED_DATA_H

struct error;
struct feed;
struct loop;
struct model;

/* NULL and err when the file cannot be read or holds nothing of the kind. */
struct feed *feed_data_open(struct loop *loop, struct model *m, const char *path,
			    struct error *err);

#endif
