/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tapes: the language of scripted sessions (VHS's, plus ours; meshtop-tape(5)).
 */
#ifndef MESHTOP_TAPE_TAPE_H
#define MESHTOP_TAPE_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/topology/layout.h"

struct arena;
struct error;
struct regex;

/* One row each in commands.tbl: id, word, form of arguments, help. */
enum tape_op {
#define TAPE_COMMAND(id, word, form, help) TAPE_##id,
#include "src/tape/commands.tbl"
#undef TAPE_COMMAND
	TAPE_OP_COUNT,
};

struct tape_command {
	enum tape_op op;
	unsigned line;
	const char *text;		/* typed text, file, name, caption */
	const char *bytes;		/* what a key sends; NULL */
	unsigned count;			/* repetitions; screen line of Expect+Line */
	uint64_t duration_ns;		/* @TIME, Sleep */
	bool has_duration;
	bool is_negated;		/* Expect not */
	bool on_line;			/* +Line; else the whole screen */
	struct regex *pattern;		/* owned by the tape */
	/* edges */
	const char *from, *to, *reporter, *protocol, *field;
	enum { COMPARE_NONE, COMPARE_LT, COMPARE_LE, COMPARE_EQ, COMPARE_NE, COMPARE_GE,
	       COMPARE_GT } compare;
	double number, over_s;
	/* ExpectYaml */
	const char *kind, *name, *path, *value;
	unsigned cols, rows;
};

struct tape {
	struct arena *arena;
	const char *file;
	VEC(struct tape_command) commands;
	VEC(const char *) notes;	/* settings that were ignored, "LINE: ..." */
	/* from Set and Output */
	const char *target;		/* NULL: fresh demo */
	double pace;			/* 0: not set */
	unsigned cols, rows;		/* 80x24 */
	enum glyph_level glyphs;
	uint64_t typing_ns, wait_timeout_ns;
	const char *wait_pattern;
	VEC(const char *) outputs;
};

/* NULL and err with line and column when it is not a tape (ERROR_SYNTAX), or
 * names one with Source that cannot be read. */
struct tape *tape_parse(const char *file, const char *text, size_t len, struct error *err);
struct tape *tape_read(const char *file, struct error *err);
void tape_free(struct tape **tp);

#endif
