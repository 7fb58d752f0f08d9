/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the wizard's screen share: wizard.c (steps, keys),
 * wizard_rules.c (list of rules), wizard_rule.c (forms of one rule),
 * wizard_advanced.c (form of what concerns the whole service: hosts, gateway),
 * wizard_policy.c (its traffic policy and circuit breaker),
 * wizard_preview.c (what would be stored).  The line prompts of
 * src/wizard_prompt.c ask the fields of the same forms; then there is no app.
 */
#ifndef MESHTOP_TUI_SCREENS_WIZARD_SCREEN_H
#define MESHTOP_TUI_SCREENS_WIZARD_SCREEN_H

#include "src/wizard/wizard.h"
#include "tui/app/screen.h"
#include "tui/widgets/form.h"
#include "tui/widgets/list.h"

enum wizard_step {
	STEP_RULES, STEP_MATCH, STEP_ROUTE, STEP_FAULT, STEP_TIMEOUTS, STEP_ADVANCED,
	STEP_PREVIEW, STEP_COUNT,
};

struct wizard_screen {
	struct screen screen;
	struct mesh *mesh;		/* referenced: the state borrows from it */
	struct wizard_state *state;
	enum wizard_step step;
	unsigned steps;			/* bits: those that this kind has */
	unsigned visited;		/* bits */
	struct form forms[STEP_COUNT];
	struct arena *choices;		/* that the forms borrow */
	size_t rule;			/* the one the forms show */
	struct list rules;
	struct problems checks;		/* of the state as it is */
	struct wizard_preview *preview;	/* NULL: to be made */
	struct mesh *after;		/* as the preview would make it; NULL */
	struct forecast *forecast;	/* recent requests under it; NULL: to be made */
	char *preview_error;		/* why there is none */
	size_t preview_tab;
	struct list preview_list;
	unsigned shows_more;		/* parts of the policy with every field: bits */
	bool shows_yaml;		/* instead of the difference */
	bool is_touched, is_leaving;
	char *title;
};

extern const char *const wizard_step_names[STEP_COUNT];

/* w: zeros but for the screen, whose app may be NULL.  Takes both over. */
void wizard_screen_init(struct wizard_screen *w, struct wizard_state *state,
			struct mesh *mesh);
void wizard_screen_fini(struct wizard_screen *w);
void wizard_go_to(struct wizard_screen *w, enum wizard_step step);
void wizard_choose_rule(struct wizard_screen *w, size_t rule);
/* The focused field of the step's form was edited: takes it over, builds the
 * form anew where fields come and go. */
void wizard_take(struct wizard_screen *w, enum form_event event);
bool wizard_step_has_error(const struct wizard_screen *w, enum wizard_step step);
/* True when the problem belongs to the step. */
bool wizard_problem_is_of(const struct problem *p, enum wizard_step step);

bool wizard_rules_command(struct wizard_screen *w, enum command_id id);
void wizard_rules_draw(struct wizard_screen *w, struct area a);

/* The state changed: checks anew, the preview is out of date. */
void wizard_touched(struct wizard_screen *w);
/* Forgets the preview and all that was made from it. */
void wizard_preview_forget(struct wizard_screen *w);
struct wizard_rule *wizard_current_rule(struct wizard_screen *w);	/* NULL: none */

/* Fills the step's form from the state. */
void wizard_rule_build(struct wizard_screen *w, enum wizard_step step, struct form *f);
void wizard_advanced_build(struct wizard_screen *w, struct form *f);
/* Takes a field's new value over; true when the form must be built anew. */
bool wizard_rule_take(struct wizard_screen *w, enum wizard_step step, struct form *f,
		      struct form_field *field, enum form_event event);
bool wizard_advanced_take(struct wizard_screen *w, struct form_field *field);
/* Fields of wizard_rule.c have smaller ids, those of wizard_advanced.c and of
 * wizard_policy.c ids from here on. */
#define WIZARD_ADVANCED_IDS 50
#define WIZARD_POLICY_IDS 100
void wizard_policy_build(const struct wizard_screen *w, struct form *f);
/* Puts what the field says into answers: root, and first, which is answered
 * before it; false: another file's field. */
bool wizard_policy_answer(struct wizard_screen *w, struct arena *a, struct value *first,
			  struct value *root, const struct form_field *field);
bool wizard_policy_may_be_empty(const struct form_field *field);
/* Sets a leaf below maps; path as in "a.b.c". */
void wizard_put_answer(struct arena *a, struct value *root, const char *path,
		       struct value *leaf);
/* Puts the focus on the first condition's header. */
void wizard_focus_condition(struct form *f);
/* Lock, mirror, even out; false when the focus is on no weight. */
bool wizard_weight_command(struct wizard_screen *w, struct form *f, enum command_id id);
void wizard_weights_show(struct wizard_screen *w, struct form *f);
/* A line of help for the focused field: what was seen in traffic, or how to
 * write it.  Appended. */
void wizard_field_help(struct wizard_screen *w, struct form_field *field, struct buf *out);

/* What is wrong with a condition's name or value; false: nothing. */
bool wizard_condition_problem(struct wizard_screen *w, const struct form_field *field,
			      struct buf *out);

/* For a header's value its name, for a name "", NULL for other fields. */
const char *wizard_seen_header(struct wizard_screen *w, const struct form_field *field);

void wizard_each_seen(struct wizard_screen *w, const char *header,
		      void (*fn)(void *arg, const char *text), void *arg);

void wizard_preview_draw(struct wizard_screen *w, struct area a);
bool wizard_preview_command(struct wizard_screen *w, enum command_id id);

#endif
