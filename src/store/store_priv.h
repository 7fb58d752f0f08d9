/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of a mesh directory's store: what its files share.
 *
 * State folder PATH/.meshtop:
 *   lock            flock()ed: exclusively to write, shared to read
 *   pending/N       new contents of a transaction
 *   pending/list    its list; the rename that makes it is the commit point
 *   good/PATH       last good content of each document file: what serves while
 *                   the file is bad, and what an outside edit is compared with
 *   history.jsonl   one line a change
 */
#ifndef MESHTOP_STORE_STORE_PRIV_H
#define MESHTOP_STORE_STORE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "src/base/error.h"
#include "src/base/vec.h"
#include "src/model/problem.h"
#include "src/store/store.h"

struct arena;
struct buf;
struct history_change;
struct object;
struct source_file;

#define STATE_DIR ".meshtop"
#define PENDING_DIR ".meshtop/pending"
#define GOOD_DIR ".meshtop/good"
#define LOCK_FILE ".meshtop/lock"
#define HISTORY_FILE ".meshtop/history.jsonl"
#define STATE_MODE 0700
#define STATE_FILE_MODE 0600

/* An object of the last good content, kept for a document that does not say any
 * more which object it is. */
struct stand_in {
	const struct object *object;	/* of the last good file, which serving[1] keeps alive */
	size_t doc_index, list_index;	/* of that document */
};

/* A document file as last read. */
struct entry {
	char *path;
	struct stat st;
	bool is_settled;		/* st was old enough to be trusted next time */
	char *bad_text;			/* content that does not parse; NULL */
	bool is_unknown;		/* it cannot be read at present, and there is no good content */
	struct source_file *file;	/* what the file holds; NULL when it does not parse */
	struct source_file *good;	/* last good content, each document (and List item) in its place
					 * in the file; null where none was ever good; may equal file;
					 * NULL: none */
	struct timespec good_mtim;	/* of the file, when it was good as a whole; 0: not seen */
	struct source_file *serving[2];	/* parts of file and good that count; may be NULL */
	VEC(struct stand_in) nameless;
	struct problems problems;	/* of this file */
};

/* Good content that a store may have in memory alone: its file went bad before
 * anybody could keep a copy. */
struct served_file {
	struct source_file *file;
	struct timespec mtim;		/* see entry.good_mtim */
};

struct served_files {
	VEC(struct served_file) items;
};

/* Work beside the owner of the store, in a store of its own. */
struct store_job {
	int (*work)(struct store *s, struct store_job *job);	/* in a store of its own */
	pthread_t thread;
	bool is_running;		/* started and not yet joined */
	atomic_bool is_done;
	atomic_bool is_cancelled;	/* up to the point of no return */
	atomic_bool is_abandoned;	/* while it waits for the lock */
	const char *path;		/* of the owner, which outlives the job */
	store_check check;
	struct served_files served;	/* by the owner, when the job began */
	struct arena *arena;		/* holds the transaction's texts */
	struct transaction transaction;
	struct change_result *results;
	uint64_t undo_of;		/* of an undo: the entry, 0 the newest */
	bool is_forced;
	int status;
	struct error err;
};

struct watched_folder {
	int wd;
	char *path;
};

struct store {
	char *path, *state_path;
	int root;
	bool is_read_only;		/* never writes anything */
	store_check check;
	uint64_t generation;
	bool is_reloaded;		/* load_entries() found something new */
	char *unseen;			/* a folder that may hold more documents; NULL: there is none */
	VEC(struct entry) entries;	/* sorted by path */
	/* watching */
	int inotify;			/* -1 */
	VEC(struct watched_folder) watched;
	bool is_changed, needs_record, is_polling;
	bool is_lost;			/* the path leads to no directory at present */
	uint64_t changed_ns, event_ns;	/* first and last event of this change */
	struct store_job commit, record;
	struct store_job *job;		/* that runs in this store; NULL: its owner's */
};

/* Patience with a lock that another process holds, which may be stopped. */
#define LOCK_PATIENT (-1)
#define LOCK_PATIENCE_MS 1000

/* lock.c.  Waits for the lock.  A shared lock without a state folder, or in one that may not be
 * written, or that is not had in time, is no lock: *fd is -1 then.  -1 only for
 * an exclusive lock. */
int lock_take(struct store *s, bool exclusive, int patience_ms, int *fd, struct error *err);
/* As a shared lock_take(), but 1 when a writer is at work. */
int lock_try_shared(struct store *s, int *fd);
void lock_give(int *fd);

/* store.c */
/* Completes what a dead writer left, loads, records: the lock is taken here. */
int store_bring_up_to_date(struct store *s, int patience_ms, struct error *err);

/* watch.c */
void watch_folders(struct store *s);
void watch_close(struct store *s);

/* load.c */
/* Did a file come, go or change since the last load?  For directories that
 * cannot be watched. */
bool load_is_stale(struct store *s);
/* Reads what changed; the lock is held by the caller.  A row for each bad
 * file and document goes to problems (may be NULL). */
int load_entries(struct store *s, struct problems *problems, struct error *err);
void entry_fini(struct entry *e);
/* Gives a new entry (path set) its content; old (may be NULL) is the last
 * good one. */
void entry_take(struct store *s, struct entry *e, const char *text, size_t len,
		struct source_file *old);
struct entry *entry_find(struct store *s, const char *path);
/* Is the object in what the file itself holds of good documents? */
bool entry_serves(const struct entry *e, const struct object *o);

/* job.c */
void job_start_record(struct store *s);
bool job_reap(struct store_job *job);		/* true once, when it has ended */
void job_fini(struct store_job *job);		/* waits for it */
/* Did the owner give up the job that runs in s?  Then err says so. */
bool job_is_cancelled(const struct store *s, struct error *err);

/* pending.c: a transaction on files. */
struct pending_file {
	const char *path;		/* below the mesh directory */
	const char *text;		/* NULL: the file goes away */
	size_t len;
};

struct pending {
	VEC(struct pending_file) files;	/* documents first, then copies under good/ */
	const char *history;		/* line for history.jsonl with its newline; NULL */
	uint64_t history_n;
};

/* Under an exclusive lock.  -1 with err: nothing happened. */
int pending_run(struct store *s, const struct pending *p, struct error *err);
/* Completes or clears what a dead writer left; under an exclusive lock. */
int pending_complete(struct store *s, struct error *err);
bool pending_exists(const struct store *s);

/* record.c: edits by others. */
/* Under an exclusive lock and after load_entries(): brings the good copies
 * and the history up to what stands in the files. */
int record_outside_edits(struct store *s, struct error *err);

/* history_write.c */
/* Number of the last whole line (0: none) and the length up to its end. */
int history_tail(struct store *s, uint64_t *last_n, size_t *whole_bytes, struct error *err);
/* Cuts a torn tail and appends the line, synced. */
int history_append(struct store *s, const char *line, size_t whole_bytes, struct error *err);
/* The line of an entry with its newline. */
struct history_entry;
void history_put_line(const struct history_entry *e, struct buf *out);
char *history_user(uid_t uid);		/* caller frees */

/* The document's text as it stands in its file (a List item is emitted). */
void object_put_text(const struct object *o, const struct source_file *f, struct buf *out);

#endif
