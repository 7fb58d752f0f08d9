/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of wizard prompts share: wizard_prompt.c goes from step to
 * step, wizard_prompt_form.c asks for the fields of one, wizard_prompt_line.c
 * says and reads lines.
 */
#ifndef MESHTOP_WIZARD_PROMPT_PRIV_H
#define MESHTOP_WIZARD_PROMPT_PRIV_H

#include <stdbool.h>
#include <stdio.h>

#include "src/base/buf.h"
#include "src/wizard_prompt.h"
#include "tui/screens/wizard_screen.h"

struct wizard_prompt {
	struct wizard_screen w;		/* without an app: state and forms */
	FILE *in, *out;
	struct buf answer;		/* the line given last */
	bool wants_advanced;
	bool was_asked;
};

/* Sanitized, with its newlines. */
void wizard_say(struct wizard_prompt *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void wizard_help(struct wizard_prompt *p);
/* Asks until there is something other than a plea for help; PROMPT_GIVEN: it
 * is p->answer.  "=" in front takes the rest as it is. */
enum prompt_answer wizard_read_answer(struct wizard_prompt *p, const char *question);
/* y or n; an empty line is otherwise: PROMPT_GIVEN, PROMPT_NO, or neither. */
enum prompt_answer wizard_ask_yes(struct wizard_prompt *p, const char *question,
				  enum prompt_answer otherwise);
/* All fields of the present step's form; from_end: begins at the last one. */
enum prompt_answer wizard_ask_form(struct wizard_prompt *p, bool from_end);

#endif
