/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot with some objects put over it or taken out: what a change would
 * lead to.
 */
#ifndef MESHTOP_MODEL_OVERLAY_H
#define MESHTOP_MODEL_OVERLAY_H

#include <stddef.h>

struct snapshot;
struct source_file;

/* An object to take out. */
struct overlay_removal {
	const char *group, *kind, *ns, *name;
};

/* before with the files' objects put over its own and without the removals.
 * Reference for the caller; trees of before are shared. */
struct snapshot *snapshot_overlay(const struct snapshot *before,
				  struct source_file *const *files, size_t count,
				  const struct overlay_removal *removals, size_t removal_count);

#endif
