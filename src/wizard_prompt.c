/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wizard as plain lines; see wizard_prompt.h. */
#include "src/wizard_prompt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/wizard/wizard.h"
#include "tui/screens/wizard_screen.h"

#define ANSWER_MAX 4096

struct wizard_prompt {
	struct wizard_screen w;		/* without an app: state and forms */
	FILE *in, *out;
	struct buf answer;		/* the line given last */
	bool wants_advanced;
	bool was_asked;
};

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

static void __attribute__((format(printf, 2, 3)))
say(struct wizard_prompt *p, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_sanitize_lines(&clean, buf_str(&raw), raw.len);
	fwrite(buf_str(&clean), 1, clean.len, p->out);
	buf_fini(&raw);
	buf_fini(&clean);
}

/* One line into p->answer; false at the end. */
static bool
read_line(struct wizard_prompt *p)
{
	char line[ANSWER_MAX];
	size_t len;

	fflush(p->out);
	if (fgets(line, sizeof(line), p->in) == NULL) {
		say(p, "\n");
		return false;
	}
	if (!isatty(fileno(p->in)))
		say(p, "\n");
	len = strlen(line);
	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	buf_clear(&p->answer);
	buf_puts(&p->answer, line + strspn(line, " \t"));
	return true;
}

static void
help(struct wizard_prompt *p)
{
	say(p, "An empty line keeps what stands in brackets.  back: the question before.\n"
	    "quit: leave, nothing is written.  =TEXT: TEXT itself, even when it is one of these words.\n");
}

/* Reads until there is an answer other than a plea for help.  "=" in front
 * takes the rest as it is. */
static enum prompt_answer
read_answer(struct wizard_prompt *p, const char *question)
{
	for (;;) {
		const char *text;

		say(p, "%s: ", question);
		if (!read_line(p))
			return PROMPT_LEFT;
		text = buf_str(&p->answer);
		if (strcmp(text, "?") == 0) {
			help(p);
			continue;
		}
		if (strcmp(text, "quit") == 0)
			return PROMPT_LEFT;
		if (strcmp(text, "back") == 0)
			return PROMPT_BACK;
		if (text[0] == '\0')
			return PROMPT_KEPT;
		if (text[0] == '=') {
			char *rest = xstrdup(text + 1);

			buf_clear(&p->answer);
			buf_puts(&p->answer, rest);
			free(rest);
		}
		return PROMPT_GIVEN;
	}
}

static bool
is_word(const char *answer, const char *word)
{
	return strcasecmp(answer, word) == 0 || (strlen(answer) == 1 && answer[0] == word[0]);
}

/* y or n; an empty line is otherwise: PROMPT_GIVEN, PROMPT_NO, or neither. */
static enum prompt_answer
ask_yes(struct wizard_prompt *p, const char *question, enum prompt_answer otherwise)
{
	const char *shown = otherwise == PROMPT_GIVEN ? " [y]" : otherwise == PROMPT_NO ? " [n]" : "";
	char *line = xasprintf("%s y/n%s", question, shown);
	enum prompt_answer answer;

	for (;;) {
		answer = read_answer(p, line);
		if (answer == PROMPT_KEPT && otherwise != PROMPT_KEPT) {
			answer = otherwise;
			break;
		}
		if (answer == PROMPT_BACK || answer == PROMPT_LEFT ||
		    (answer == PROMPT_GIVEN && is_word(buf_str(&p->answer), "yes")))
			break;
		if (answer == PROMPT_GIVEN && is_word(buf_str(&p->answer), "no")) {
			answer = PROMPT_NO;
			break;
		}
		say(p, "  Not accepted: y or n.\n");
	}
	free(line);
	return answer;
}

enum prompt_answer
wizard_prompt_confirm(struct wizard_prompt *p, const char *question)
{
	return ask_yes(p, question, PROMPT_KEPT);
}

static struct form *
current_form(struct wizard_prompt *p)
{
	return &p->w.forms[p->w.step];
}

static bool
is_question(const struct form_field *field)
{
	return field->kind != FIELD_HEADING && field->kind != FIELD_NOTE && !field->is_disabled;
}

static const char *
name_of(const struct form_field *field)
{
	return field->spoken != NULL ? field->spoken : field->label + strspn(field->label, " ");
}

/* "share (% of the requests) [100]" */
static char *
question_of(const struct form_field *field)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, name_of(field));
	if (field->kind == FIELD_CHOICE) {
		buf_puts(&b, " (");
		for (size_t i = 0; i < field->choice_count; i++)
			buf_printf(&b, "%s%s", i > 0 ? ", " : "", field->choices[i]);
		buf_printf(&b, ") [%s]", field->choices[field->choice]);
		return buf_steal(&b);
	}
	if (field->kind == FIELD_WEIGHT)
		buf_puts(&b, field->is_on ? " (%, locked)" : " (%)");
	if (field->note != NULL)
		buf_printf(&b, " (%s)", field->note);
	buf_printf(&b, " [%s]", field->is_masked && field->value.len > 0 ? "kept secret" :
		   buf_str(&field->value));
	return buf_steal(&b);
}

/* By its whole name, else by a beginning that only one has; SIZE_MAX: none. */
static size_t
find_choice(const struct form_field *field, const char *text)
{
	size_t found = SIZE_MAX, count = 0;

	for (size_t i = 0; i < field->choice_count; i++) {
		if (strcasecmp(field->choices[i], text) == 0)
			return i;
		if (strncasecmp(field->choices[i], text, strlen(text)) == 0) {
			found = i;
			count++;
		}
	}
	return count == 1 ? found : SIZE_MAX;
}

/* lock, mirror, even; false: another word. */
static bool
weight_word(struct wizard_prompt *p, const char *text)
{
	static const struct {
		const char *word;
		enum command_id id;
	} words[] = {
		{ "lock", CMD_WEIGHT_LOCK }, { "unlock", CMD_WEIGHT_LOCK },
		{ "mirror", CMD_WEIGHT_MIRROR }, { "even", CMD_WEIGHT_EVEN },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(text, words[i].word) != 0)
			continue;
		wizard_weight_command(&p->w, current_form(p), words[i].id);
		wizard_touched(&p->w);
		return true;
	}
	return false;
}

static bool
is_number(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* The field by its name: a form that is built anew has other fields. */
struct place {
	int id;
	size_t row, sub;
};

static struct place
place_of(const struct form_field *field)
{
	return (struct place){ field->id, field->row, field->sub };
}

static struct form_field *
at_place(struct wizard_prompt *p, struct place at)
{
	return form_find(current_form(p), at.id, at.row, at.sub);
}

/* Sets the field; false and a line when the answer is not accepted. */
static bool
take_answer(struct wizard_prompt *p, struct place at)
{
	struct form_field *field = at_place(p, at);
	const char *text = buf_str(&p->answer);
	struct buf why = BUF_INIT;
	bool is_good;

	if (field->kind == FIELD_CHOICE) {
		size_t choice = find_choice(field, text);

		if (choice == SIZE_MAX) {
			say(p, "  Not accepted: one of the words in parentheses.\n");
			return false;
		}
		field->choice = choice;
		wizard_take(&p->w, FORM_CHANGED);
		return true;
	}
	if (field->kind == FIELD_WEIGHT && weight_word(p, text))
		return false;		/* asked again, with the new figure */
	if ((field->kind == FIELD_WEIGHT && (!is_number(text) || strtoul(text, NULL, 10) > 100)) ||
	    (field->kind == FIELD_INTEGER && !is_number(text))) {
		say(p, field->kind == FIELD_WEIGHT ?
		    "  Not accepted: 0 to 100, or one of lock, mirror, even.\n" :
		    "  Not accepted: must be a whole number.\n");
		return false;
	}
	field_set(field, text);
	wizard_take(&p->w, FORM_EDITED);
	field = at_place(p, at);
	if (field != NULL && field->error != NULL)
		buf_puts(&why, field->error);
	else if (field != NULL)
		wizard_condition_problem(&p->w, field, &why);
	is_good = why.len == 0;
	if (!is_good)
		say(p, "  Not accepted: %s.\n", buf_str(&why));
	else if (field != NULL && field->kind == FIELD_WEIGHT &&
		 strcmp(buf_str(&field->value), text) != 0)
		wizard_weights_show(&p->w, current_form(p));
	buf_fini(&why);
	return is_good;
}

/* What an empty line keeps must be good, too. */
static bool
may_be_kept(struct wizard_prompt *p, struct form_field *field)
{
	struct buf why = BUF_INIT;
	bool is_good;

	if (field->error != NULL)
		buf_puts(&why, field->error);
	else
		wizard_condition_problem(&p->w, field, &why);
	is_good = why.len == 0;
	if (!is_good)
		say(p, "  Not accepted: %s.\n", buf_str(&why));
	buf_fini(&why);
	return is_good;
}

/* Index of the first field of a condition: where its questions begin. */
static size_t
group_start(const struct form *f, size_t at)
{
	const struct form_field *field = &f->fields.items[at];

	while (at > 0 && field->is_inline) {
		at--;
		field = &f->fields.items[at];
	}
	return at;
}

/* Pressed; *at is where the questions go on. */
static void
press(struct wizard_prompt *p, size_t *at)
{
	struct form *f = current_form(p);
	struct place place = place_of(&f->fields.items[*at]);
	size_t start = group_start(f, *at), count = f->fields.len;
	struct form_field *focused;

	wizard_take(&p->w, FORM_PRESSED);
	focused = form_focused(f);
	if (f->fields.len < count) {		/* something went away: what stands there now */
		*at = start;
	} else if (focused != NULL && f->fields.len > count) {
		*at = group_start(f, (size_t)(focused - f->fields.items));
	} else {
		focused = form_find(f, place.id, place.row, place.sub);
		*at = focused != NULL ? (size_t)(focused - f->fields.items) + 1 : start;
	}
}

/* Asks field *at; PROMPT_GIVEN: *at is where to go on. */
static enum prompt_answer
ask_field(struct wizard_prompt *p, size_t *at)
{
	struct form *f = current_form(p);
	struct place place = place_of(&f->fields.items[*at]);

	for (;;) {
		struct form_field *field = at_place(p, place);
		enum prompt_answer answer;
		char *question;

		form_focus(f, place.id, place.row, place.sub);
		if (field->kind == FIELD_BUTTON || field->kind == FIELD_TOGGLE) {
			question = xasprintf("%s?", name_of(field));
			answer = ask_yes(p, question, field->kind == FIELD_TOGGLE && field->is_on ?
					 PROMPT_GIVEN : PROMPT_NO);
			free(question);
			if (answer == PROMPT_BACK || answer == PROMPT_LEFT)
				return answer;
			if (field->kind == FIELD_BUTTON && answer == PROMPT_GIVEN) {
				press(p, at);
				return PROMPT_GIVEN;
			}
			if (field->kind == FIELD_TOGGLE && field->is_on != (answer == PROMPT_GIVEN)) {
				field->is_on = answer == PROMPT_GIVEN;
				wizard_take(&p->w, FORM_CHANGED);
			}
			break;
		}
		question = question_of(field);
		answer = read_answer(p, question);
		free(question);
		if (answer == PROMPT_BACK || answer == PROMPT_LEFT)
			return answer;
		if (answer == PROMPT_KEPT ? may_be_kept(p, field) : take_answer(p, place))
			break;
		if (at_place(p, place) == NULL)
			break;
	}
	if (at_place(p, place) != NULL)
		*at = (size_t)(at_place(p, place) - f->fields.items) + 1;
	return PROMPT_GIVEN;
}

/* SIZE_MAX: there is none before. */
static size_t
question_before(const struct form *f, size_t at)
{
	while (at > 0)
		if (is_question(&f->fields.items[--at]))
			return at;
	return SIZE_MAX;
}

/* What is wrong with the step as a whole; PROMPT_NO: ask it again. */
static enum prompt_answer
judge_step(struct wizard_prompt *p)
{
	if (!wizard_step_has_error(&p->w, p->w.step))
		return PROMPT_GIVEN;
	for (size_t i = 0; i < p->w.checks.rows.len; i++) {
		const struct problem *row = &p->w.checks.rows.items[i];

		if (row->severity == SEVERITY_ERROR && wizard_problem_is_of(row, p->w.step))
			say(p, "  Not right: %s%s%s.\n", row->path, row->path[0] ? ": " : "",
			    row->message);
	}
	return ask_yes(p, "Go on all the same?", PROMPT_NO);
}

/* All fields of a form; from_end: begins at the last one. */
static enum prompt_answer
ask_form(struct wizard_prompt *p, bool from_end)
{
	struct form *f = current_form(p);
	size_t at = from_end ? question_before(f, f->fields.len) : 0;
	enum prompt_answer answer;

	if (at == SIZE_MAX)
		return PROMPT_BACK;
	for (;;) {
		if (at >= f->fields.len) {
			answer = judge_step(p);
			if (answer == PROMPT_GIVEN || answer == PROMPT_LEFT)
				return answer;
			at = answer == PROMPT_NO ? 0 : question_before(f, f->fields.len);
			continue;
		}
		if (!is_question(&f->fields.items[at])) {
			if (f->fields.items[at].label[0] != '\0')
				say(p, "%s\n", name_of(&f->fields.items[at]));
			at++;
			continue;
		}
		answer = ask_field(p, &at);
		if (answer == PROMPT_LEFT)
			return answer;
		if (answer == PROMPT_BACK) {
			at = question_before(f, at);
			if (at == SIZE_MAX)
				return answer;
		}
	}
}

static void
say_rules(struct wizard_prompt *p)
{
	const struct wizard_state *s = p->w.state;

	if (s->rules.len == 0)
		say(p, "There are no rules.\n");
	for (size_t i = 0; i < s->rules.len; i++) {
		struct buf match = BUF_INIT, effect = BUF_INIT;

		wizard_rule_text(&s->rules.items[i], &match);
		wizard_rule_effect(&s->rules.items[i], &effect);
		say(p, "Rule %zu: %s: %s\n", i + 1, buf_str(&match), buf_str(&effect));
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
			say(p, "  Not accepted: %s needs the number of a rule.\n", rule_words[i].word);
			return false;
		}
		if (rule_words[i].has_number) {
			p->w.rules.chosen = number - 1;
			wizard_choose_rule(&p->w, number - 1);
		}
		wizard_rules_command(&p->w, rule_words[i].id);
		return true;
	}
	say(p, "  Not accepted: done, new, others, or edit, copy, up, down, remove and a number.\n");
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
		answer = read_answer(p, question);
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
			answer = ask_yes(p, "Hosts, gateway, traffic policy, circuit breaker?",
					 p->wants_advanced ? PROMPT_GIVEN : PROMPT_NO);
			if (answer == PROMPT_LEFT || answer == PROMPT_BACK)
				return answer;
			p->wants_advanced = answer == PROMPT_GIVEN;
		}
		if (!p->wants_advanced)
			return PROMPT_GIVEN;
		answer = ask_form(p, from_end);
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
		say(p, "\n%s, rule %zu of %zu\n", wizard_step_names[p->w.step], p->w.rule + 1,
		    p->w.state->rules.len);
	else
		say(p, "\n%s\n", wizard_step_names[p->w.step]);
}

static enum prompt_answer
ask_step(struct wizard_prompt *p, bool from_end)
{
	say_step(p);
	if (p->w.step == STEP_RULES)
		return ask_rules(p);
	return p->w.step == STEP_ADVANCED ? ask_advanced(p, from_end) : ask_form(p, from_end);
}

static void
begin(struct wizard_prompt *p)
{
	if (p->was_asked) {
		if (has_step(p, STEP_ADVANCED))
			wizard_go_to(&p->w, STEP_ADVANCED);
		return;
	}
	say(p, "%s (%s)\n", p->w.title, p->w.state->is_update ? "changes what is stored" : "new");
	help(p);
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
