/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was changed, when and by whom: .meshtop/history.jsonl, one line a
 * change (design.md section 3, Store).
 */
#ifndef MESHTOP_STORE_HISTORY_H
#define MESHTOP_STORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/store/store.h"

struct arena;
struct buf;
struct snapshot;

struct history_change {
	enum change_op op;
	const char *group, *kind, *ns, *name, *file;
	const char *before, *after;	/* document texts; NULL when there was none */
};

struct history_entry {
	uint64_t n;			/* from 1 */
	int64_t time_ms;
	const char *user;
	enum change_via via;
	const char *note;
	uint64_t undo_of;		/* the entry that this one took back; 0 */
	VEC(struct history_change) changes;
};

struct history {
	struct arena *arena;
	VEC(struct history_entry) entries;	/* oldest first */
};

/* Reads all entries; a torn last line is left out (and cut at the next write).
 * Edits that others made to the files are recorded first. */
int history_read(struct store *s, struct history *out, struct error *err);
void history_fini(struct history *h);

/* How many entries had been made at that moment. */
size_t history_count_at(const struct history *h, int64_t at_ms);
/* The objects as they were after the first count entries, from the newest
 * snapshot: what later entries changed is what it was before the first of
 * them.  Reference for the caller; shares now's trees. */
struct snapshot *history_snapshot(const struct history *h, const struct snapshot *now,
				  size_t count);

/*
 * Takes entry n back (0: the newest that is not itself undone).  Refused with
 * ERROR_CONFLICT when an object is no longer as that change left it, unless
 * force; *diff (may be NULL) then gets the difference.  Undoing an undo
 * redoes.
 */
int history_undo(struct store *s, uint64_t n, bool force, struct buf *diff,
		 uint64_t *undone, struct error *err);
/* The same beside the caller: store_progress() tells its end and no results,
 * store_cancel() gives it up.  What differs is not told. */
int history_begin_undo(struct store *s, uint64_t n, bool force, struct error *err);
uint64_t history_undone(const struct store *s);	/* n of it, once it has ended well */

const char *change_via_name(enum change_via via);
const char *change_op_name(enum change_op op);

#endif
