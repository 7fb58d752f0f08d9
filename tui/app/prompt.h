/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The `:` and `/` lines: readline through its callback interface, with every
 * hook to the terminal replaced, so that it never writes a byte itself.
 *
 * One at a time in a process (readline is global).
 */
#ifndef MESHTOP_TUI_PROMPT_H
#define MESHTOP_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/term/canvas.h"

struct prompt;

struct prompt_sink {
	/* Enter: the line, without newline. */
	void (*on_line)(void *arg, char kind, const char *line);
	/* Each change of the text while typing ('/' searches as one types). */
	void (*on_change)(void *arg, char kind, const char *line);
	void (*on_cancel)(void *arg, char kind);
	/* Candidates for the word that begins at start of line, told through add. */
	void (*complete)(void *arg, const char *line, size_t start,
			 void (*add)(void *to, const char *word), void *to);
	void *arg;
};

/* history_file may be NULL; else made with mode 0600. */
struct prompt *prompt_new(const struct prompt_sink *sink, const char *history_file);
void prompt_free(struct prompt **pp);

/* kind is ':' or '/', each with a history of its own. */
void prompt_open(struct prompt *p, char kind, const char *text);
bool prompt_is_open(const struct prompt *p);
void prompt_close(struct prompt *p);
void prompt_key(struct prompt *p, uint32_t key);
void prompt_paste(struct prompt *p, const char *text);	/* sanitized, one line */
/* Draws the line and, above it in area's upper rows, completion candidates;
 * the last row of the area is the line's. */
void prompt_draw(struct prompt *p, struct area a);
/* Bytes readline wrote on its stream: 0, or something is wrong. */
long prompt_stray_bytes(const struct prompt *p);

#endif
