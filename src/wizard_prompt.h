/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wizard as plain lines: one question after the other, for terminals that
 * cannot draw and for screen readers.
 *
 * The questions are the fields of the console's forms, in their order, with
 * their defaults and checks; nothing is drawn, moved or printed twice.
 */
#ifndef MESHTOP_WIZARD_PROMPT_H
#define MESHTOP_WIZARD_PROMPT_H

#include <stdbool.h>
#include <stdio.h>

struct mesh;
struct wizard_prompt;
struct wizard_state;

enum prompt_answer {
	PROMPT_GIVEN,		/* yes, or all questions were answered */
	PROMPT_KEPT,		/* an empty line: what is there stays */
	PROMPT_NO,
	PROMPT_BACK,		/* the question before */
	PROMPT_LEFT,		/* quit, or the answers ended */
};

/* Should questions be asked?  ACCESSIBLE=1 says so, and TERM=dumb where in and
 * out are a terminal. */
bool wizard_prompt_is_wanted(void);

/* Takes the state and the mesh over. */
struct wizard_prompt *wizard_prompt_new(struct wizard_state *state, struct mesh *mesh,
					FILE *in, FILE *out);
void wizard_prompt_free(struct wizard_prompt **pp);
/* Asks everything; a second time it begins at the last step.  PROMPT_GIVEN or
 * PROMPT_LEFT. */
enum prompt_answer wizard_prompt_ask(struct wizard_prompt *p);
/* As it is now; valid until the next question. */
struct wizard_state *wizard_prompt_state(struct wizard_prompt *p);
/* A question for y or n that has no default. */
enum prompt_answer wizard_prompt_confirm(struct wizard_prompt *p, const char *question);

#endif
