/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forms of one rule: which requests, where to, faults, timeouts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/slice.h"
#include "src/base/xalloc.h"
#include "src/http/redact.h"
#include "src/mesh/mesh.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/wizard_screen.h"

enum field_id {
	MATCH_WHERE = 1, MATCH_NAME, MATCH_HOW, MATCH_VALUE_, MATCH_DROP, MATCH_AND, MATCH_OR,
	ROUTE_ENTRY, ROUTE_WEIGHT, ROUTE_EVEN, ROUTE_SUM,
	FAULT_DELAY, FAULT_DELAY_PERCENT, FAULT_DELAY_TIME,
	FAULT_ABORT, FAULT_ABORT_PERCENT, FAULT_ABORT_STATUS,
	TIME_TIMEOUT, TIME_TIMEOUT_VALUE, TIME_RETRY, TIME_ATTEMPTS, TIME_PER_TRY,
};

static const char *const subjects[] = { "header", "uri", "scheme", "method", "authority" };
static const char *const header_ops[] = { "exact", "prefix", "regex", "present" };
#define PLAIN_OPS 3		/* without "present" */

static struct form_field *
add(struct form *f, enum field_kind kind, int id, size_t row, size_t sub, const char *label)
{
	struct form_field *field = form_add(f, kind, id, label);

	field->row = row;
	field->sub = sub;
	return field;
}

static struct form_field *
add_inline(struct form *f, enum field_kind kind, int id, size_t row, size_t sub,
	   const char *label)
{
	struct form_field *field = add(f, kind, id, row, sub, label);

	field->is_inline = true;
	return field;
}

static void
set_choices(struct form_field *field, const char *const *words, size_t count, size_t choice)
{
	field->choices = words;
	field->choice_count = count;
	field->choice = choice < count ? choice : 0;
}

/* The names whose values are left out of records of requests, too. */
static bool
is_secret(const struct wizard_condition *c)
{
	return c->subject == MATCH_HEADER && c->header != NULL &&
	       redact_is_secret_name(slice_of(c->header));
}

static void
build_condition(struct form *f, const struct wizard_condition *c, size_t row, size_t sub)
{
	struct form_field *field = add(f, FIELD_CHOICE, MATCH_WHERE, row, sub, "");

	set_choices(field, subjects, 5, (size_t)c->subject);
	field->spoken = "part of the request";
	if (c->subject == MATCH_HEADER) {
		field = add_inline(f, FIELD_TEXT, MATCH_NAME, row, sub, "");
		field->cells = 16;
		field->spoken = "name of the header";
		field_set(field, c->header);
	}
	field = add_inline(f, FIELD_CHOICE, MATCH_HOW, row, sub, "");
	set_choices(field, header_ops, c->subject == MATCH_HEADER ? PLAIN_OPS + 1 : PLAIN_OPS,
		    (size_t)c->op);
	field->spoken = "comparison";
	if (c->op != MATCH_PRESENT) {
		field = add_inline(f, FIELD_TEXT, MATCH_VALUE_, row, sub, "");
		field->cells = c->subject == MATCH_HEADER ? 22 : 34;
		field->spoken = "value";
		field->is_masked = is_secret(c);
		field_set(field, c->value);
	}
	add_inline(f, FIELD_BUTTON, MATCH_DROP, row, sub, "remove")->spoken =
		"remove this condition";
}

static void
build_match(struct wizard_screen *w, struct form *f)
{
	const struct wizard_rule *r = wizard_current_rule(w);

	f->label_cells = 2;
	if (r->matches.len == 0)
		add(f, FIELD_NOTE, 0, 0, 0, "Every request meets this rule.");
	for (size_t i = 0; i < r->matches.len; i++) {
		const struct wizard_match *m = &r->matches.items[i];

		add(f, FIELD_NOTE, 0, i, 0, i == 0 ? "A request meets this rule when all of "
		    "these hold:" : "or when all of these hold:");
		for (size_t k = 0; k < m->conditions.len; k++)
			build_condition(f, &m->conditions.items[k], i, k);
		if (m->foreign != NULL)
			add(f, FIELD_NOTE, 0, i, 1, "  (it has further fields, which are kept)");
		add(f, FIELD_BUTTON, MATCH_AND, i, 0, "and another condition");
		add(f, FIELD_NOTE, 0, i, 2, "");
	}
	add(f, FIELD_BUTTON, MATCH_OR, 0, 0, r->matches.len == 0 ? "add a condition" :
	    "or another set of conditions");
}

static void
put_sum(const struct wizard_rule *r, struct form *f)
{
	struct form_field *sum = form_find(f, ROUTE_SUM, 0, 0);
	unsigned total = weights_sum(r->targets.items, r->targets.len);
	char text[48];

	snprintf(text, sizeof(text), total == 100 ? "Sum %u %%" : "Sum %u %%: must be 100 %%", total);
	free(sum->label);
	sum->label = xstrdup(text);
	sum->note_style = total == 100 ? STYLE_GOOD : STYLE_BAD;
}

static void
put_weight(const struct wizard_target *t, struct form_field *field)
{
	char text[24];

	snprintf(text, sizeof(text), "%.0f", t->is_mirrored ? t->mirror_percent :
		 (double)t->weight);
	field_set(field, text);
	field->is_on = t->is_locked;
	free(field->note);
	field->note = NULL;
	if (t->is_mirrored)
		field_note(field, STYLE_MIRROR, "gets a copy of this share");
	else if (t->is_gone)
		field_note(field, STYLE_WARN, "no such workload now");
}

static void
build_route(struct wizard_screen *w, struct form *f)
{
	const struct wizard_rule *r = wizard_current_rule(w);

	f->label_cells = 24;
	if (r->has_no_route) {
		add(f, FIELD_NOTE, 0, 0, 0, "This rule redirects, answers itself or delegates; "
		    "that is kept as it is.");
		return;
	}
	for (size_t i = 0; i < r->targets.len; i++)
		put_weight(&r->targets.items[i],
			   add(f, FIELD_WEIGHT, ROUTE_WEIGHT, i, 0, r->targets.items[i].workload));
	add(f, FIELD_NOTE, ROUTE_SUM, 0, 0, "");
	put_sum(r, f);
	add(f, FIELD_NOTE, 0, 0, 1, "");
	add(f, FIELD_BUTTON, ROUTE_EVEN, 0, 0, "distribute evenly");
}

static struct form_field *
add_percent(struct form *f, int id, const char *label, double percent)
{
	struct form_field *field = add(f, FIELD_INTEGER, id, 0, 0, label);
	char text[24];

	snprintf(text, sizeof(text), "%.0f", percent);
	field_set(field, text);
	field_note(field, STYLE_DIM, "%% of the requests");
	return field;
}

static struct form_field *
add_duration(struct form *f, int id, const char *label, const char *value)
{
	struct form_field *field = add(f, FIELD_TEXT, id, 0, 0, label);

	field->cells = 10;
	field_set(field, value);
	field_note(field, STYLE_DIM, "like 5s, 250ms, 1m");
	return field;
}

static void
add_toggle(struct form *f, int id, const char *label, bool is_on)
{
	add(f, FIELD_TOGGLE, id, 0, 0, label)->is_on = is_on;
}

static void
build_fault(struct wizard_screen *w, struct form *f)
{
	const struct wizard_rule *r = wizard_current_rule(w);
	char text[24];

	f->label_cells = 24;
	add_toggle(f, FAULT_DELAY, "Delay requests", r->has_delay);
	if (r->has_delay) {
		add_percent(f, FAULT_DELAY_PERCENT, "  share", r->delay_percent);
		add_duration(f, FAULT_DELAY_TIME, "  delay", r->delay);
	}
	add(f, FIELD_NOTE, 0, 0, 0, "");
	add_toggle(f, FAULT_ABORT, "Abort requests", r->has_abort);
	if (r->has_abort) {
		struct form_field *field;

		add_percent(f, FAULT_ABORT_PERCENT, "  share", r->abort_percent);
		field = add(f, FIELD_INTEGER, FAULT_ABORT_STATUS, 0, 0, "  HTTP status");
		snprintf(text, sizeof(text), "%lld", (long long)r->abort_status);
		field_set(field, text);
		field_note(field, STYLE_DIM, "100 to 599");
	}
}

static void
build_timeouts(struct wizard_screen *w, struct form *f)
{
	const struct wizard_rule *r = wizard_current_rule(w);
	char text[24];

	f->label_cells = 24;
	add_toggle(f, TIME_TIMEOUT, "Limit the time", r->has_timeout);
	if (r->has_timeout)
		add_duration(f, TIME_TIMEOUT_VALUE, "  timeout", r->timeout);
	add(f, FIELD_NOTE, 0, 0, 0, "");
	add_toggle(f, TIME_RETRY, "Retry failed requests", r->has_retries);
	if (r->has_retries) {
		struct form_field *field = add(f, FIELD_INTEGER, TIME_ATTEMPTS, 0, 0, "  attempts");

		snprintf(text, sizeof(text), "%lld", (long long)r->retry_attempts);
		field_set(field, text);
		add_duration(f, TIME_PER_TRY, "  time for each try", r->per_try_timeout);
	}
}

void
wizard_rule_build(struct wizard_screen *w, enum wizard_step step, struct form *f)
{
	if (wizard_current_rule(w) == NULL) {
		form_add(f, FIELD_NOTE, 0, "There is no rule yet: the list of rules makes one.");
		return;
	}
	switch (step) {
	case STEP_MATCH: build_match(w, f); break;
	case STEP_ROUTE: build_route(w, f); break;
	case STEP_FAULT: build_fault(w, f); break;
	case STEP_TIMEOUTS: build_timeouts(w, f); break;
	default: break;
	}
}

static void
rebuild(struct wizard_screen *w, enum wizard_step step, struct form *f)
{
	struct form_old *old = form_begin(f);

	wizard_rule_build(w, step, f);
	form_end(f, old);
}

void
wizard_focus_condition(struct form *f)
{
	form_focus(f, MATCH_NAME, 0, 0);
}

static void
new_condition(struct wizard_screen *w, struct wizard_match *m)
{
	vec_push(&m->conditions, ((struct wizard_condition){
		MATCH_HEADER, MATCH_EXACT, wizard_text(w->state, ""), wizard_text(w->state, "") }));
}

static void
drop_condition(struct wizard_rule *r, size_t row, size_t sub)
{
	struct wizard_match *m = &r->matches.items[row];

	vec_remove(&m->conditions, sub);
	if (m->conditions.len > 0 || m->foreign != NULL)
		return;
	vec_fini(&m->conditions);
	vec_remove(&r->matches, row);
}

static void
change_subject(struct wizard_screen *w, struct wizard_condition *c, size_t choice)
{
	c->subject = (enum match_subject)choice;
	if (c->subject != MATCH_HEADER && c->op == MATCH_PRESENT)
		c->op = MATCH_EXACT;
	if (c->value == NULL)
		c->value = wizard_text(w->state, "");
	if (c->header == NULL)
		c->header = wizard_text(w->state, "");
}

static bool
take_match(struct wizard_screen *w, struct form *f, struct form_field *field)
{
	struct wizard_rule *r = wizard_current_rule(w);
	struct wizard_match *m = field->row < r->matches.len ? &r->matches.items[field->row] : NULL;
	struct wizard_condition *c = m != NULL && field->sub < m->conditions.len ?
		&m->conditions.items[field->sub] : NULL;
	size_t row = field->row, sub = field->sub;

	switch (field->id) {
	case MATCH_WHERE:
		change_subject(w, c, field->choice);
		return true;
	case MATCH_HOW:
		c->op = (enum match_op)field->choice;
		return true;
	case MATCH_NAME:
		c->header = wizard_text(w->state, buf_str(&field->value));
		if ((field = form_find(f, MATCH_VALUE_, row, sub)) != NULL)
			field->is_masked = is_secret(c);
		return false;
	case MATCH_VALUE_:
		c->value = wizard_text(w->state, buf_str(&field->value));
		return false;
	case MATCH_DROP:
		drop_condition(r, row, sub);
		return true;
	case MATCH_AND:
		new_condition(w, m);
		sub = m->conditions.len - 1;
		break;
	case MATCH_OR:
		vec_push(&r->matches, ((struct wizard_match){ .foreign = NULL }));
		row = r->matches.len - 1;
		sub = 0;
		new_condition(w, &r->matches.items[row]);
		break;
	default: return false;
	}
	rebuild(w, STEP_MATCH, f);
	form_focus(f, MATCH_NAME, row, sub);
	return false;
}

static void
refresh_weights(struct wizard_screen *w, struct form *f, const struct form_field *except)
{
	const struct wizard_rule *r = wizard_current_rule(w);

	for (size_t i = 0; i < r->targets.len; i++) {
		struct form_field *field = form_find(f, ROUTE_WEIGHT, i, 0);

		if (field != NULL && field != except)
			put_weight(&r->targets.items[i], field);
	}
	put_sum(r, f);
}

static bool
take_route(struct wizard_screen *w, struct form *f, struct form_field *field)
{
	struct wizard_rule *r = wizard_current_rule(w);

	if (field->id == ROUTE_EVEN) {
		weights_even(r->targets.items, r->targets.len);
		r->weights_touched = true;
		refresh_weights(w, f, NULL);
	} else if (field->id == ROUTE_WEIGHT) {
		unsigned long value = strtoul(buf_str(&field->value), NULL, 10);

		weights_set(r->targets.items, r->targets.len, field->row,
			    value > 100 ? 100 : (unsigned)value);
		r->weights_touched = true;
		refresh_weights(w, f, field);
	}
	return false;
}

void
wizard_weights_show(struct wizard_screen *w, struct form *f)
{
	struct form_field *field;

	if (wizard_current_rule(w) == NULL || wizard_current_rule(w)->has_no_route)
		return;
	refresh_weights(w, f, NULL);
	field = form_focused(f);
	f->cursor = field != NULL ? field->value.len : 0;
}

bool
wizard_weight_command(struct wizard_screen *w, struct form *f, enum command_id id)
{
	struct form_field *field = form_focused(f);
	struct wizard_rule *r = wizard_current_rule(w);
	struct wizard_target *t;

	if (field == NULL || field->id != ROUTE_WEIGHT || r == NULL)
		return false;
	t = &r->targets.items[field->row];
	if (id == CMD_WEIGHT_LOCK && r->targets.len > 2)
		t->is_locked = !t->is_locked;
	else if (id == CMD_WEIGHT_MIRROR && r->targets.len > 1 &&
		 w->state->kind != WIZARD_TCP_TRAFFIC_SHIFTING)
		weights_mirror(r->targets.items, r->targets.len, field->row, !t->is_mirrored);
	else if (id == CMD_WEIGHT_EVEN)
		weights_even(r->targets.items, r->targets.len);
	else
		return true;
	r->weights_touched = true;
	wizard_weights_show(w, f);
	f->is_fresh = true;
	return true;
}

static void
take_percent(struct form_field *field, double *out)
{
	unsigned long value = strtoul(buf_str(&field->value), NULL, 10);

	field_error(field, field->value.len == 0 ? "a number from 0 to 100" :
		    value > 100 ? "at most 100" : NULL);
	if (field->error == NULL)
		*out = (double)value;
}

static void
take_duration(struct wizard_screen *w, struct form_field *field, const char **out)
{
	field_error(field, wizard_duration_error(buf_str(&field->value)));
	if (field->error == NULL)
		*out = wizard_text(w->state, buf_str(&field->value));
}

static void
take_number(struct form_field *field, int64_t low, int64_t high, int64_t *out)
{
	long long value = strtoll(buf_str(&field->value), NULL, 10);
	char text[48];

	snprintf(text, sizeof(text), "%lld to %lld", (long long)low, (long long)high);
	field_error(field, field->value.len == 0 || value < low || value > high ? text : NULL);
	if (field->error == NULL)
		*out = value;
}

/* Defaults are Kiali's; a switch that goes off forgets nothing. */
static bool
take_fault(struct wizard_screen *w, struct form_field *field, struct wizard_rule *r)
{
	switch (field->id) {
	case FAULT_DELAY:
		r->has_delay = field->is_on;
		if (r->delay == NULL) {
			r->delay = "5s";
			r->delay_percent = 100;
		}
		return true;
	case FAULT_DELAY_PERCENT: take_percent(field, &r->delay_percent); return false;
	case FAULT_DELAY_TIME: take_duration(w, field, &r->delay); return false;
	case FAULT_ABORT:
		r->has_abort = field->is_on;
		if (r->abort_status == 0) {
			r->abort_status = 503;
			r->abort_percent = 100;
		}
		return true;
	case FAULT_ABORT_PERCENT: take_percent(field, &r->abort_percent); return false;
	case FAULT_ABORT_STATUS: take_number(field, 100, 599, &r->abort_status); return false;
	case TIME_TIMEOUT:
		r->has_timeout = field->is_on;
		r->timeout = r->timeout != NULL ? r->timeout : "2s";
		return true;
	case TIME_TIMEOUT_VALUE: take_duration(w, field, &r->timeout); return false;
	case TIME_RETRY:
		r->has_retries = field->is_on;
		if (r->per_try_timeout == NULL) {
			r->per_try_timeout = "2s";
			r->retry_attempts = 3;
		}
		return true;
	case TIME_ATTEMPTS: take_number(field, 0, 100, &r->retry_attempts); return false;
	case TIME_PER_TRY: take_duration(w, field, &r->per_try_timeout); return false;
	default: return false;
	}
}

bool
wizard_rule_take(struct wizard_screen *w, enum wizard_step step, struct form *f,
		 struct form_field *field, enum form_event event)
{
	bool every = w->state->kind != WIZARD_REQUEST_ROUTING, anew = false;

	if (wizard_current_rule(w) == NULL)
		return false;
	if (step == STEP_MATCH)
		return (event != FORM_PRESSED || field->kind == FIELD_BUTTON) && take_match(w, f, field);
	if (step == STEP_ROUTE)
		return take_route(w, f, field);
	/* wizards of one purpose act on every stored entry */
	for (size_t i = 0; i < w->state->rules.len; i++) {
		if (every || i == w->rule)
			anew = take_fault(w, field, &w->state->rules.items[i]) || anew;
	}
	return anew;
}

struct seen_names {
	struct buf *out;
	const char *prefix;
	unsigned count;
};

static void
put_seen(void *arg, const char *name)
{
	struct seen_names *s = arg;

	if (strncasecmp(name, s->prefix, strlen(s->prefix)) != 0 || s->count >= 6)
		return;
	buf_printf(s->out, "%s%s", s->count++ > 0 ? ", " : "seen: ", name);
}

/* For a header's value its name, for a name "", NULL for other fields. */
const char *
wizard_seen_header(struct wizard_screen *w, const struct form_field *field)
{
	const struct wizard_rule *r = wizard_current_rule(w);
	const struct wizard_condition *c;

	if (r == NULL || (field->id != MATCH_NAME && field->id != MATCH_VALUE_))
		return NULL;
	if (field->id == MATCH_NAME)
		return "";
	c = &r->matches.items[field->row].conditions.items[field->sub];
	return c->subject == MATCH_HEADER && c->header != NULL && c->header[0] != '\0' ?
		c->header : NULL;
}

void
wizard_field_help(struct wizard_screen *w, struct form_field *field, struct buf *out)
{
	struct seen_names seen = { out, buf_str(&field->value), 0 };
	const char *header = wizard_seen_header(w, field);

	if (field->id == ROUTE_WEIGHT)
		buf_puts(out, "0-9 set\t+ - by one\tl lock\tm mirror\t= evenly\tPgDn next step");
	if (header == NULL)
		return;
	wizard_each_seen(w, header, put_seen, &seen);
	if (seen.count > 0)
		buf_puts(out, "\tCtrl-N takes the next one");
}

bool
wizard_condition_problem(struct wizard_screen *w, const struct form_field *field, struct buf *out)
{
	const struct wizard_rule *r = wizard_current_rule(w);
	const struct wizard_condition *c;
	struct error err = ERROR_INIT;
	struct regex *re;

	if (r == NULL || (field->id != MATCH_NAME && field->id != MATCH_VALUE_) ||
	    field->row >= r->matches.len || field->sub >= r->matches.items[field->row].conditions.len)
		return false;
	c = &r->matches.items[field->row].conditions.items[field->sub];
	if (field->value.len == 0 &&
	    (field->id == MATCH_NAME || c->subject != MATCH_URI || c->op != MATCH_PREFIX)) {
		buf_puts(out, "must not be empty");
	} else if (field->id == MATCH_VALUE_ && c->op == MATCH_REGEX) {
		re = regex_new(buf_str(&field->value), &err);
		if (re == NULL)
			buf_puts(out, err.msg);
		regex_free(&re);
	}
	return out->len > 0;
}

void
wizard_each_seen(struct wizard_screen *w, const char *header,
		 void (*fn)(void *arg, const char *text), void *arg)
{
	char *service;

	if (w->screen.app == NULL)
		return;
	service = xasprintf("%s.%s", w->state->service->name, w->state->service->ns);

	model_each_seen(app_model(w->screen.app), service, header[0] != '\0' ? header : NULL,
			fn, arg);
	free(service);
}
