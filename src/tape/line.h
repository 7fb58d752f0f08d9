/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of a tape while it is read, and what all forms of arguments need.
 * What is wrong is said with the line's command and the column of a word.
 */
#ifndef MESHTOP_TAPE_LINE_H
#define MESHTOP_TAPE_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct tape;
struct tape_command;
struct word;
struct words;

struct tape_line {
	struct tape *tape;
	struct tape_command *cmd;
	const struct words *words;	/* items[0] is the command */
	const char *suffix;		/* behind the command's word: "+Screen@5s" */
	size_t next;			/* first word that was not used */
	bool is_included;		/* inside Source */
	bool is_started;		/* a command that is not Set, Output, Require came before */
	struct error *err;
};

/* The next word, which counts as used; NULL: no more. */
const struct word *line_word(struct tape_line *l);
/* -1, with err about the next word, or the last one. */
int line_bad(struct tape_line *l, const char *what);
/* "@TIME" into the command's duration; "" is fine too. */
int line_time(struct tape_line *l, const char *suffix);
/* For commands that take no suffix. */
int line_plain(struct tape_line *l);
/* One word into the command's text, no suffix. */
int line_text(struct tape_line *l);
/* "WHAT is noted and ignored", among the tape's notes. */
void line_note(struct tape_line *l, const char *what);

#endif
