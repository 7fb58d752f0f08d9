/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A form as questions: each field that takes an answer is asked for, judged
 * at once and asked for again while it is not good.
 */
#include "src/wizard_prompt_priv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/xalloc.h"

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
			wizard_say(p, "  Not accepted: one of the words in parentheses.\n");
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
		wizard_say(p, field->kind == FIELD_WEIGHT ?
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
		wizard_say(p, "  Not accepted: %s.\n", buf_str(&why));
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
		wizard_say(p, "  Not accepted: %s.\n", buf_str(&why));
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
			answer = wizard_ask_yes(p, question, field->kind == FIELD_TOGGLE && field->is_on ?
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
		answer = wizard_read_answer(p, question);
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
			wizard_say(p, "  Not right: %s%s%s.\n", row->path, row->path[0] ? ": " : "",
				   row->message);
	}
	return wizard_ask_yes(p, "Go on all the same?", PROMPT_NO);
}

enum prompt_answer
wizard_ask_form(struct wizard_prompt *p, bool from_end)
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
				wizard_say(p, "%s\n", name_of(&f->fields.items[at]));
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
