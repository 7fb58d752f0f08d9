/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands and the keys that stand for them (commands.tbl).
 */
#ifndef MESHTOP_TUI_KEYMAP_H
#define MESHTOP_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum command_scope {		/* bits */
	SCOPE_GRAPH = 1, SCOPE_LIST = 2, SCOPE_TEXT = 4, SCOPE_FORM = 8, SCOPE_MENU = 16,
	SCOPE_TYPED = 32,	/* only behind `:` */
	SCOPE_RULES = 64, SCOPE_WEIGHT = 128, SCOPE_PREVIEW = 256,	/* parts of a wizard */
	SCOPE_PAGE = 512, SCOPE_CHARTS = 1024,	/* pages of one thing: lists, charts */
	SCOPE_MATRIX = 8192,
	SCOPE_ANY = SCOPE_GRAPH | SCOPE_MATRIX | SCOPE_LIST | SCOPE_TEXT | SCOPE_PAGE | SCOPE_CHARTS,
	SCOPE_STEP = SCOPE_RULES | SCOPE_PREVIEW,
	SCOPE_WIZARD = SCOPE_FORM | SCOPE_RULES | SCOPE_WEIGHT | SCOPE_PREVIEW,
};

enum command_args {		/* what stands behind the word, for help and completion */
	ARG_NONE, ARG_NAMESPACES, ARG_PAGE, ARG_WINDOW, ARG_TYPE, ARG_LABELS, ARG_TEXT, ARG_WIZARD,
	ARG_FILE, ARG_EXPLAIN, ARG_SERVICE, ARG_SERVICES, ARG_WORKLOAD, ARG_APP, ARG_OBJECT, ARG_NUMBER, ARG_EXTRA,
	ARG_SETTING, ARG_SCALE, ARG_SORT, ARG_ZOOM,
	ARG_FOLD, ARG_FIND, ARG_SAVE_FIND, ARG_HOPS, ARG_VIEW, ARG_MOMENT, ARG_REPLAY, ARG_MACRO,
	ARG_COUNT,
};

enum command_id {
	CMD_NONE,
#define COMMAND(id, ID, keys, scope, args, help) CMD_##ID,
#include "tui/config/commands.tbl"
#undef COMMAND
	CMD_COUNT,
};

struct command {
	enum command_id id;
	const char *word;	/* "view_back" */
	const char *keys;	/* default keys, separated by blanks */
	unsigned scope;
	enum command_args args;
	const char *help;
};

/* Row of the table; id must not be CMD_NONE. */
const struct command *command_row(enum command_id id);
/* By the word behind `:`, or a prefix of only one word.  CMD_NONE when
 * unknown; *is_ambiguous (may be NULL) tells when several begin like it. */
enum command_id command_by_word(const char *word, size_t len, bool *is_ambiguous);
/* Its word as it is typed: "view-back". */
void command_put_word(enum command_id id, struct buf *out);
/* "[NAMESPACE,...]"; "" for none. */
const char *command_args_text(enum command_args args);

/* Where its keys apply: what is only typed has no scope of its own, with a key
 * it has all. */
unsigned command_key_scope(enum command_id id);

struct keymap;

/* The default keys.  A key twice in one scope is a bug in the table. */
struct keymap *keymap_new(void);
void keymap_free(struct keymap **mp);
/* These keys (names separated by blanks, "" for none) instead of the default
 * ones.  A command that is only typed then applies on all of SCOPE_ANY. */
void keymap_bind(struct keymap *m, enum command_id id, const char *keys);
enum command_id keymap_find(const struct keymap *m, unsigned scope, uint32_t key);
/* A whole line, as typed behind `:`, on these keys; its command is known.  It
 * applies where a command with a key does (SCOPE_ANY when only typed). */
void keymap_bind_line(struct keymap *m, const char *line, const char *keys);
/* The line that the key stands for; NULL: a command alone, or nothing. */
const char *keymap_line(const struct keymap *m, unsigned scope, uint32_t key);
/* Tells every line and its keys. */
void keymap_each_line(const struct keymap *m,
		      void (*fn)(void *arg, const char *line, const char *keys), void *arg);
/* Keys of a command for people: "Left h". */
void keymap_keys(const struct keymap *m, enum command_id id, struct buf *out);
/* The first of them; false when it has none. */
bool keymap_put_first_key(const struct keymap *m, enum command_id id, struct buf *out);
/* The name of a default key, or of the first one that its command has instead;
 * false when that has none. */
bool keymap_put_key_for(const struct keymap *m, unsigned scope, const char *name, struct buf *out);
/* First pair of commands that claim one key in one scope, false when none. */
bool keymap_conflict(const struct keymap *m, enum command_id *a, enum command_id *b);

#endif
