/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wizard as plain lines, from step to step; see wizard_prompt.h. */
#include "src/wizard_prompt_priv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/wizard/wizard.h"

bool
wizard_prompt_is_wanted(void)
{
	const char *accessible = getenv("ACCESSIBLE"), *type = getenv("TERM");

	if (accessible != NULL && accessible[0] != '\0' && strcmp(accessible, "0") != 0)
		return true;
	return type != NULL && strcmp(type, "dumb") == 0 && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO);
}

struct wizard_prompt *
wizard_prompt_new(struct wizard_state *state, struct mesh *mesh, FILE *in, FILE *out)
{
	struct wizard_prompt *p = xcalloc(1, sizeof(*p));

	wizard_screen_init(&p->w, state, mesh);
	p->in = in;
	p->out = out;
	return p;
}

void
wizard_prompt_free(struct wizard_prompt **pp)
{
	struct wizard_prompt *p = *pp;

	if (p == NULL)
		return;
	wizard_screen_fini(&p->w);
	buf_fini(&p->answer);
	free(p);
	*pp = NULL;
}

struct wizard_state *
wizard_prompt_state(struct wizard_prompt *p)
{
	return p->w.state;
}

enum prompt_answer
wizard_prompt_confirm(struct wizard_prompt *p, const char *question)
{
	return wizard_ask_yes(p, question, PROMPT_KEPT);
}

static void
say_rules(struct wizard_prompt *p)
{
	const struct wizard_state *s = p->w.state;

	if (s->rules.len == 0)
		wizard_say(p, "There are no rules.\n");
	for (size_t i = 0; i < s->rules.len; i++) {
		struct buf match = BUF_INIT, effect = BUF_INIT;

		wizard_rule_text(&s->rules.items[i], &match);
		wizard_rule_effect(&s->rules.items[i], &effect);
		wizard_say(p, "Rule %zu: %s: %s\n", i + 1, buf_str(&match), buf_str(&effect));
		buf_fini(&match);
		buf_fini(&effect);
	}
}

static const struct {
	const char *word;
	enum command_id id;
	bool has_number;
} rule_words[] = {
	{ "new", CMD_RULE_NEW, false }, { "others", CMD_RULE_OTHERS, false },
	{ "edit", CMD_RULE_EDIT, true }, { "copy", CMD_RULE_COPY, true },
	{ "up", CMD_RULE_UP, true }, { "down", CMD_RULE_DOWN, true },
	{ "remove", CMD_RULE_REMOVE, true },
};

/* "edit 2"; false and a line when it is none of them. */
static bool
take_rule_word(struct wizard_prompt *p)
{
	const char *text = buf_str(&p->answer);
	size_t word = strcspn(text, " "), count = p->w.state->rules.len;
	unsigned long number = strtoul(text + word, NULL, 10);

	for (size_t i = 0; i < ARRAY_LEN(rule_words); i++) {
		if (strlen(rule_words[i].word) != word ||
		    strncasecmp(text, rule_words[i].word, word) != 0)
			continue;
		if (rule_words[i].has_number && (number < 1 || number > count)) {
			wizard_say(p, "  Not accepted: %s needs the number of a rule.\n", rule_words[i].word);
			return false;
		}
		if (rule_words[i].has_number) {
			p->w.rules.chosen = number - 1;
			wizard_choose_rule(&p->w, number - 1);
		}
		wizard_rules_command(&p->w, rule_words[i].id);
		return true;
	}
	wizard_say(p, "  Not accepted: done, new, others, or edit, copy, up, down, remove and a number.\n");
	return false;
}

/* PROMPT_GIVEN: the step is another one now; PROMPT_KEPT: the list is done. */
static enum prompt_answer
ask_rules(struct wizard_prompt *p)
{
	for (;;) {
		bool any = p->w.state->rules.len > 0;
		char *question = xasprintf("new, others (all other requests), edit N, copy N, up N, "
					   "down N, remove N, done [%s]", any ? "done" : "new");
		enum prompt_answer answer;

		say_rules(p);
		answer = wizard_read_answer(p, question);
		free(question);
		if (answer == PROMPT_LEFT || answer == PROMPT_BACK)
			return answer;
		if (answer == PROMPT_KEPT && !any) {
			wizard_rules_command(&p->w, CMD_RULE_NEW);
			return PROMPT_GIVEN;
		}
		if (answer == PROMPT_KEPT || strcmp(buf_str(&p->answer), "done") == 0)
			return PROMPT_KEPT;
		take_rule_word(p);
		if (p->w.step != STEP_RULES)
			return PROMPT_GIVEN;
	}
}

static enum prompt_answer
ask_advanced(struct wizard_prompt *p, bool from_end)
{
	enum prompt_answer answer = PROMPT_GIVEN;

	for (;;) {
		if (!from_end || !p->wants_advanced) {
			answer = wizard_ask_yes(p, "Hosts, gateway, traffic policy, circuit breaker?",
						p->wants_advanced ? PROMPT_GIVEN : PROMPT_NO);
			if (answer == PROMPT_LEFT || answer == PROMPT_BACK)
				return answer;
			p->wants_advanced = answer == PROMPT_GIVEN;
		}
		if (!p->wants_advanced)
			return PROMPT_GIVEN;
		answer = wizard_ask_form(p, from_end);
		if (answer != PROMPT_BACK)
			return answer;
		from_end = false;
	}
}

static bool
has_step(const struct wizard_prompt *p, unsigned step)
{
	return (p->w.steps & 1u << step) != 0;
}

/* The step by before or behind this one; a rule's steps lead to the list. */
static enum wizard_step
step_beside(const struct wizard_prompt *p, int by)
{
	int step = (int)p->w.step + by;

	if (has_step(p, STEP_RULES) && p->w.step == STEP_TIMEOUTS && by > 0)
		return STEP_RULES;
	if (has_step(p, STEP_RULES) && p->w.step == STEP_ADVANCED && by < 0)
		return STEP_RULES;
	if (p->w.step == STEP_RULES)
		return by > 0 ? STEP_ADVANCED : STEP_RULES;
	while (step >= 0 && step < STEP_PREVIEW && !has_step(p, (unsigned)step))
		step += by;
	return step < 0 ? p->w.step : (enum wizard_step)step;
}

static void
say_step(struct wizard_prompt *p)
{
	if (p->w.step >= STEP_MATCH && p->w.step <= STEP_TIMEOUTS && has_step(p, STEP_RULES))
		wizard_say(p, "\n%s, rule %zu of %zu\n", wizard_step_names[p->w.step], p->w.rule + 1,
			   p->w.state->rules.len);
	else
		wizard_say(p, "\n%s\n", wizard_step_names[p->w.step]);
}

static enum prompt_answer
ask_step(struct wizard_prompt *p, bool from_end)
{
	say_step(p);
	if (p->w.step == STEP_RULES)
		return ask_rules(p);
	return p->w.step == STEP_ADVANCED ? ask_advanced(p, from_end) : wizard_ask_form(p, from_end);
}

static void
begin(struct wizard_prompt *p)
{
	if (p->was_asked) {
		if (has_step(p, STEP_ADVANCED))
			wizard_go_to(&p->w, STEP_ADVANCED);
		return;
	}
	wizard_say(p, "%s (%s)\n", p->w.title, p->w.state->is_update ? "changes what is stored" : "new");
	wizard_help(p);
	p->was_asked = true;
}

enum prompt_answer
wizard_prompt_ask(struct wizard_prompt *p)
{
	bool from_end = p->was_asked;

	begin(p);
	while (p->w.step != STEP_PREVIEW) {
		enum wizard_step was = p->w.step;
		enum prompt_answer answer = ask_step(p, from_end);

		if (answer == PROMPT_LEFT)
			return answer;
		from_end = answer == PROMPT_BACK;
		if (from_end || was != STEP_RULES || answer == PROMPT_KEPT)
			wizard_go_to(&p->w, step_beside(p, from_end ? -1 : 1));
		if (from_end && p->w.step == was)
			from_end = false;	/* there is nothing before */
	}
	return PROMPT_GIVEN;
}
