/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where configuration lives: a mesh directory or (later) Kubernetes, behind
 * one asynchronous interface.
 *
 * A store is driven by its owner: descriptors to wait for, and store_work()
 * when they are ready or time has passed.  Nothing here blocks longer than a
 * lock that another writer holds; store_commit() is the blocking form for
 * commands.
 */
#ifndef MESHTOP_STORE_STORE_H
#define MESHTOP_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/model/object.h"

struct error;
struct problems;
struct snapshot;
struct store;
struct value;

enum change_op { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE };
enum change_via { VIA_WIZARD, VIA_APPLY, VIA_DELETE, VIA_EDIT, VIA_EXTERNAL, VIA_UNDO };

/* One document of a transaction. */
struct change {
	enum change_op op;
	const char *group, *kind, *ns, *name;
	const struct value *after;	/* whole document; NULL for delete */
	const char *after_text;		/* its text when it shall be stored as written; NULL: emitted */
	bool has_precondition;
	uint64_t expected_hash;		/* object.hash that the change was based on; 0: absent */
	const char *file;		/* where a new object goes; NULL: NAMESPACE/KIND-NAME.yaml */
};

enum change_state {
	CHANGE_PENDING, CHANGE_DONE, CHANGE_UNCHANGED, CHANGE_CONFLICT,
	CHANGE_FORBIDDEN, CHANGE_INVALID, CHANGE_UNREACHABLE,
};

struct change_result {
	enum change_state state;
	char cause[400];
};

struct transaction {
	enum change_via via;
	const char *note;		/* one line, may be NULL */
	bool is_dry_run;
	uint64_t undo_of;		/* number of the history entry; 0 */
	VEC(struct change) changes;
};

/* A mesh directory.  With create it is made when absent.  Opening completes
 * or clears what a dead writer left behind. */
struct store *store_open_directory(const char *path, bool create, struct error *err);
/* For programs that only look: makes and records nothing (a dead writer's
 * transaction is completed all the same, where that is allowed). */
struct store *store_open_reader(const char *path, struct error *err);
/* Tells whether an object is good; rows for a bad one go to out.  The last
 * good version of a bad object keeps serving.  Set before the first load. */
typedef bool (*store_check)(const struct object *o, struct problems *out);
void store_set_check(struct store *s, store_check check);
void store_close(struct store **sp);

/* The current state: last good one of each file.  Reference for the caller
 * (snapshot_put).  problems (may be NULL) gets a row for each bad document or
 * file.  -1 only when the directory cannot be read at all. */
int store_load(struct store *s, struct snapshot **out, struct problems *problems,
	       struct error *err);

/* Watching.  store_fd() is readable when something may have changed. */
int store_watch(struct store *s, struct error *err);
int store_fd(const struct store *s);
/* True when files changed since the last call and no writer is in the middle
 * of a transaction: load again.  Also records outside edits in the history. */
bool store_poll_changed(struct store *s);
/* Milliseconds until store_poll_changed() should be asked again although
 * the descriptor is quiet; -1: not needed. */
int store_poll_delay_ms(const struct store *s);

/*
 * All or nothing: the documents are spliced into their files (new ones go to
 * NAMESPACE/KIND-NAME.yaml), prepared under .meshtop/pending, renamed, synced,
 * and recorded in the history, under the lock.  Blocking; the lock is waited
 * for.  results has one entry per change.  0 when every change is DONE or
 * UNCHANGED; -1 with err else, and then nothing was written.
 */
int store_commit(struct store *s, const struct transaction *t,
		 struct change_result *results, struct error *err);

/* The asynchronous form: runs store_commit() beside the caller.  One at a
 * time.  store_progress() is true when it has ended; results are then valid. */
int store_begin(struct store *s, const struct transaction *t, struct error *err);
bool store_progress(struct store *s, const struct change_result **results,
		    int *status, struct error *err);
void store_cancel(struct store *s);	/* before anything was renamed; else it completes */

const char *store_path(const struct store *s);		/* absolute */
const char *store_state_path(const struct store *s);	/* PATH/.meshtop */

#endif
